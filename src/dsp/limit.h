/*
 * A look-ahead limiter: the gain that keeps two sides below a ceiling, between the samples too
 * (true_peak.h, at eight times the rate).
 *
 *      wanted   ceiling / true peak, 1 where that is below
 *      minimum  the least of the wanted ones over a window
 *      release  goes down at once, comes up with a time constant
 *      smooth   two running means of `box` frames each
 *
 * The window is longer than both means together. So all of what they see of a peak is at most what
 * it wants, and so is their mean when the peak comes out, with no overshoot however short it is.
 * The gain stands still for some frames around it, because what lies between samples is a sum of
 * samples of which each has a gain of its own.
 */
#ifndef PLAINSONG_DSP_LIMIT_H
#define PLAINSONG_DSP_LIMIT_H

#include <stdbool.h>

#include "base/row.h"
#include "dsp/lookahead.h"
#include "dsp/smooth.h"

#define PS_LIMIT_RUN  256u /* most frames at a time */
#define PS_LIMIT_PAST 64u  /* frames that true peaks are made of, at least */

typedef struct ps_limit {
    const ps_allocator *allocator;
    ps_smooth ceiling;                           /* linear */
    double release;                              /* share of the way that is gone in a frame */
    float past[2][PS_LIMIT_PAST + PS_LIMIT_RUN]; /* the last frames, then those of the run */
    /* The window, in stretches of its own length: up to `at` the wanted gains of this one, behind
       it the least of each gain of the last one and those after it; 1 at the end. */
    uint32_t window, at;
    float *least;
    float least_here; /* of this stretch */
    double released;
    /* What is in the means, in shares of 2^40: sums of whole numbers do not drift. */
    uint32_t box, in_box;
    int64_t *boxes[2], sums[2];
    ps_lookahead ahead;
} ps_limit;

/* Into a zeroed struct; false when memory runs out. ps_limit_finish either way. */
bool ps_limit_init(ps_limit *l, double ceiling_db, double release_ms, double lookahead_ms,
                   double rate_hz, const ps_allocator *allocator);
void ps_limit_finish(ps_limit *l);

/* From the next frame on, within `frames`. */
void ps_limit_ceiling(ps_limit *l, double ceiling_db, uint32_t frames);
void ps_limit_release(ps_limit *l, double release_ms, double rate_hz);

/* As if there had been silence; changes under way are made at once. */
void ps_limit_reset(ps_limit *l);

/* Frames that the sound comes out late. */
uint32_t ps_limit_latency(const ps_limit *l);

/* In place, at most PS_LIMIT_RUN frames; how they are cut is not heard. */
void PS_ROW(ps_limit_run)(ps_limit *l, float *left, float *right, uint32_t frames);

/* Rests what has all but come back to 1. Every 256 frames or so. */
void ps_limit_rest(ps_limit *l);

#endif
