/*
 * Between the samples: a signal at four times its rate, and how far it swings there (ITU-R
 * BS.1770-4, annex 2). Interpolation in two steps, each symmetric: first the points half-way
 * between two frames, from 44 frames around; then those at one and three quarters, from 10 of both
 * kinds around.
 *
 * Up to 0.4535 of the rate (20 kHz at 44.1 kHz) the points are right within 0.009 dB, up to 0.4
 * within 0.005 dB; above that they fall, to -0.8 dB at 0.47. A sine of frequency f may pass its
 * peak up to 1/8 frame beside a point and is then read low by cos(pi f / 4 rate): 0.04 dB at an
 * eighth of the rate, 0.17 dB at a quarter, 0.56 dB at 0.4535.
 */
#ifndef PLAINSONG_DSP_TRUE_PEAK_H
#define PLAINSONG_DSP_TRUE_PEAK_H

#include <stdint.h>

#include "dsp/level_row.h"

/* What comes out is this many frames behind what goes in. */
#define PS_TRUE_PEAK_LATE 24u

/* out[i] of ps_true_peak_follow is at most the largest of the samples i - 47..i, times this: the
   sum of the magnitudes of the weights. */
#define PS_TRUE_PEAK_MOST 2.6617f

/* One channel. */
typedef struct ps_true_peak {
    const ps_level_row *row;
    float past[PS_BETWEEN_PAST]; /* the last frames, oldest first */
} ps_true_peak;

/* As if there had been silence. kernel_row as in ps_level_row_find. */
void ps_true_peak_init(ps_true_peak *t, const char *kernel_row);

/* Forgets the past. */
void ps_true_peak_reset(ps_true_peak *t);

/*
 * out[i]: the largest magnitude of the four points from frame i - PS_TRUE_PEAK_LATE up to, not
 * including, the next frame: the frame itself is one of them. In place is allowed. The samples must
 * be finite. Real-time safe; the size of the blocks does not matter.
 */
void ps_true_peak_follow(ps_true_peak *t, const float *in, float *out, uint32_t frames);

/* out[4 i..4 i + 3]: the same four points themselves. Not in place. */
void ps_true_peak_oversample(ps_true_peak *t, const float *in, float *out, uint32_t frames);

/* The largest number that ps_true_peak_follow would give, or `least` if that is larger; runs whose
   samples are too small to matter cost little. */
float ps_true_peak_most(ps_true_peak *t, const float *in, uint32_t frames, float least);

#endif
