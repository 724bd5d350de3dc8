/*
 * Zero-phase filtering: Butterworth filters of order 4 run over a whole signal forwards, then
 * backwards, so that nothing is delayed. Each filter begins either direction as if the signal had
 * been steady, behind 15 frames of the signal turned around its end.
 *
 * That sees the whole signal. Here only its ends are computed that way, from their surroundings;
 * between them the answer is a convolution that reaches no farther than the filter remembers
 * (dsp/band.h, dsp/top_band.h). The result differs from the whole computation by less than 1e-6 of
 * the signal's peak (or of 1) for cutoffs from 2 Hz up to 2 Hz below half the rate. Memory does not
 * grow with the signal.
 *
 * Gains lie between 0 and 1, so no tone gets louder; but no sign pattern of samples gets louder
 * than 1.5 times (low-pass), 2.4 times (high-pass) or their product either, away from the ends.
 */
#ifndef PLAINSONG_DSP_ZERO_PHASE_H
#define PLAINSONG_DSP_ZERO_PHASE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/row.h"
#include "plainsong/memory.h"

/* The signal is asked for, and given out, in runs of this many frames counted from its start; only
   its last run may be shorter. */
#define PS_ZERO_PHASE_RUN 256u

#define PS_ZERO_PHASE_SMOOTH       0x1p-15f
#define PS_ZERO_PHASE_SMOOTH_REACH 4u

/* A signal this short cannot be filtered. */
#define PS_ZERO_PHASE_FRAMES_MIN 16u

/* Where the signal comes from. Samples are finite and below 2^64 in magnitude. */
typedef struct ps_zero_phase_input {
    /* The next run, to memory aligned to PS_ALIGN_BYTES with room for a whole run. */
    void (*render)(void *user, float *left, float *right, uint32_t frames);
    /* Makes a later run the next one. NULL: it is rendered up to there. */
    void (*skip)(void *user, uint64_t frame);
    void *user;
    /* Whether the eighth difference around every frame of the run at `frame`, which sees
       PS_ZERO_PHASE_SMOOTH_REACH frames on either side, is certain to lie within
       PS_ZERO_PHASE_SMOOTH in both ears: there a low-pass just below half the rate has nothing to
       take (dsp/top_band.h). NULL: it is never certain. */
    bool (*smooth)(void *user, uint64_t frame);
} ps_zero_phase_input;

typedef struct ps_zero_phase_plan {
    ps_zero_phase_input input;
    double rate_hz;
    uint64_t frames;    /* of the signal, at least PS_ZERO_PHASE_FRAMES_MIN */
    double highpass_hz; /* runs first; at most rate / 8. Not above 0: none */
    double
        lowpass_hz; /* with a high-pass: at least rate / 4. Not above 0 or below rate / 2: none */
    bool whole;     /* computes the whole signal at once, holding all of it */
    const ps_allocator *allocator;
} ps_zero_phase_plan;

typedef struct ps_zero_phase ps_zero_phase;

/* The input is not touched before the first render. PS_BAD_ARGUMENT when there are too few frames.
 */
ps_status PS_ROW(ps_zero_phase_create)(ps_zero_phase **out, const ps_zero_phase_plan *plan,
                                       ps_error *err);
void PS_ROW(ps_zero_phase_destroy)(ps_zero_phase *filter);

/* The next run of the filtered signal. */
void PS_ROW(ps_zero_phase_render)(ps_zero_phase *filter, float *left, float *right,
                                  uint32_t frames);

/* Makes a later run the next one; its samples are those that rendering would have led to. */
void PS_ROW(ps_zero_phase_skip)(ps_zero_phase *filter, uint64_t frame);

#endif
