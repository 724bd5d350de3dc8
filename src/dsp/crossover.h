/*
 * Splits a stereo signal into up to four bands by crossovers of S. H. Linkwitz and R. Riley
 * ("Active crossover networks for noncoincident drivers", J. Audio Eng. Soc. 24, 1976) of order 4:
 * 24 dB per octave, -6 dB at the crossover, and low and high in phase, so that their sum is an
 * all-pass of order 2. A tree of them sums flat when each branch also passes through the all-passes
 * of the crossovers that the other branch has:
 *
 *                      .- all-pass 3 - crossover 1 --- bands 1 and 2
 *      - crossover 2 -<
 *                      `- all-pass 1 - crossover 3 --- bands 3 and 4
 *
 * Three bands do without crossover 3 and its all-pass, two are one crossover. The filters are
 * trapezoidal integrators in double (cascade.h), so the crossovers may move.
 */
#ifndef PLAINSONG_DSP_CROSSOVER_H
#define PLAINSONG_DSP_CROSSOVER_H

#include <stdint.h>

#include "base/row.h"
#include "dsp/smooth.h"

#define PS_CROSSOVER_BANDS  4u
#define PS_CROSSOVER_SPLITS 3u
#define PS_CROSSOVER_RUN    256u /* most frames at a time */

/* A filter of second order, left and right. */
typedef struct ps_crossover_filter {
    double first[2], second[2]; /* its integrators */
} ps_crossover_filter;

typedef struct ps_crossover {
    uint32_t bands; /* 2..PS_CROSSOVER_BANDS */
    double rate_hz;
    ps_smooth octaves[PS_CROSSOVER_SPLITS]; /* log2 tan(pi f / rate) */
    ps_crossover_filter splits[PS_CROSSOVER_SPLITS][2];
    ps_crossover_filter turns[2]; /* the all-passes of the lower and of the upper branch */
} ps_crossover;

/* One band's samples. */
typedef struct ps_crossover_band {
    float left[PS_CROSSOVER_RUN], right[PS_CROSSOVER_RUN];
} ps_crossover_band;

/* hz: bands - 1 crossovers in rising order; from 0.49 of the rate up they count as that. */
void ps_crossover_init(ps_crossover *c, uint32_t bands, const double *hz, double rate_hz);

/* Moves a crossover within `frames` from the next one on. */
void ps_crossover_move(ps_crossover *c, uint32_t split, double hz, uint32_t frames);

/* As if there had been silence; changes under way are made at once. */
void ps_crossover_reset(ps_crossover *c);

/* Frames until what rings is 100 dB down. */
uint64_t ps_crossover_tail(const ps_crossover *c);

/* Brings to rest what has died away, before it becomes denormal. Every 256 frames or so. */
void ps_crossover_rest(ps_crossover *c);

/* bands[i]: the i-th from below. At most PS_CROSSOVER_RUN frames; how they are cut is not heard. */
void PS_ROW(ps_crossover_run)(ps_crossover *c, const float *left, const float *right,
                              ps_crossover_band *bands, uint32_t frames);

#endif
