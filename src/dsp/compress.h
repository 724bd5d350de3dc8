/*
 * How much a compressor turns down: the feed-forward design with a smooth branching detector in the
 * log domain of D. Giannoulis, M. Massberg, J. D. Reiss, "Digital dynamic range compressor design -
 * a tutorial and analysis", J. Audio Eng. Soc. 60, 2012. The level goes through the static curve
 *
 *                      0                                   below the knee
 *      reduction =     slope (over + knee/2)^2 / (2 knee)  within it
 *                      slope over                          above it,
 *
 * slope = 1 - 1/ratio, over = level - threshold; then it follows with the time constant of attack
 * while it grows and that of release while it falls. Levels are in octaves (of 6.02 dB).
 */
#ifndef PLAINSONG_DSP_COMPRESS_H
#define PLAINSONG_DSP_COMPRESS_H

#include <stdint.h>

#include "base/row.h"
#include "dsp/smooth.h"

#define PS_COMPRESS_RUN 256u /* most frames at a time */

/* Octaves in a decibel: log2(10) / 20. */
#define PS_OCTAVES_OF_DB 0.16609640474436811739

typedef struct ps_compress {
    double power;                     /* of the level: 1 for magnitudes, 0.5 for squares of them */
    ps_smooth threshold, knee, slope; /* octaves, octaves, 0..1 */
    double attack, release;           /* shares of the way that is gone in a frame */
    double reduction;                 /* octaves, at the last frame */
} ps_compress;

/* Silent: nothing is turned down. squares: levels will be squares of magnitudes. */
void ps_compress_init(ps_compress *c, bool squares, double threshold_db, double ratio,
                      double knee_db);

/* Times until 63 % of a step are done; 0 is at once. */
void ps_compress_times(ps_compress *c, double attack_ms, double release_ms, double rate_hz);

/* From the next frame on, within `frames`. */
void ps_compress_threshold(ps_compress *c, double threshold_db, uint32_t frames);
void ps_compress_ratio(ps_compress *c, double ratio, uint32_t frames);
void ps_compress_knee(ps_compress *c, double knee_db, uint32_t frames);

/* As if there had been silence; changes under way are made at once. */
void ps_compress_reset(ps_compress *c);

/* What the curve takes in the end from a steady level, in dB. */
double ps_compress_curve(double level_db, double threshold_db, double ratio, double knee_db);

/* The share of the way that is gone in a frame, of a time constant. */
double ps_compress_share(double ms, double rate_hz);

/* The larger magnitude of both sides. */
void PS_ROW(ps_compress_peak)(float *level, const float *left, const float *right, uint32_t frames);

/* The running mean of the squares of both sides; share: of a new one, mean: at the last frame. */
void PS_ROW(ps_compress_mean)(float *level, const float *left, const float *right, double share,
                              double *mean, uint32_t frames);

/* gain: what samples of these levels (>= 0) are multiplied by. At most PS_COMPRESS_RUN frames; how
   they are cut is not heard. */
void PS_ROW(ps_compress_run)(ps_compress *c, const float *level, float *gain, uint32_t frames);

#endif
