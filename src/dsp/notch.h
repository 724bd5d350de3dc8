/*
 * Swept notches on overlapping blocks of 4096 frames (hop 2048, Hann): each block is filtered from
 * rest by notches whose frequencies stand still in it.
 *
 * Blocks do not know of each other, so several are filtered side by side in vector lanes, and a
 * block can be computed anywhere without those before it: its samples do not depend on what it was
 * filtered together with.
 *
 *   in     |hop|hop|hop|          a hop of what comes out is the sum of two blocks' halves
 *   blocks |head tail|
 *              |head tail|
 */
#ifndef PLAINSONG_DSP_NOTCH_H
#define PLAINSONG_DSP_NOTCH_H

#include <stdint.h>

#include "base/row.h"

#define PS_NOTCH_BLOCK   4096u
#define PS_NOTCH_HOP     2048u
/* Best distance between hops: they do not fall onto each other in the cache. */
#define PS_NOTCH_PITCH   (PS_NOTCH_HOP + 16u)
#define PS_NOTCH_SWEEPS  16u /* most notches at a time */
#define PS_NOTCH_CASCADE 32u /* most times one is applied */
#define PS_NOTCH_SIDE    16u /* blocks that a job does best at a time */

/*
 * One notch of one block. What is not above 0 Hz and below 0.49 of the rate leaves the block as it
 * is.
 */
typedef struct ps_notch {
    double frequency_hz, q;
    uint32_t cascade; /* how many times; at most PS_NOTCH_CASCADE */
} ps_notch;

/* A hop of what comes out. The half that comes first is put there as it is; the other one is added,
   and the sum multiplied by the job's scale. Which comes first makes no difference. */
typedef struct ps_notch_hop {
    float *samples;  /* PS_NOTCH_HOP values; not the `in` of a block */
    uint32_t halves; /* that are there: 0 or 1; the job counts on */
} ps_notch_hop;

/* A block to filter, from rest: window * in, filtered. */
typedef struct ps_notch_block {
    const float *in[2];      /* its halves: PS_NOTCH_HOP values, zeros where the signal is over */
    ps_notch_hop *out[2];    /* where they go */
    const ps_notch *notches; /* `sweeps` of them, applied in order */
} ps_notch_block;

typedef struct ps_notch_job {
    const ps_notch_block *blocks;
    uint32_t count;
    uint32_t sweeps;
    double rate_hz;
    const float *window; /* PS_NOTCH_BLOCK values, of ps_notch_window */
    const float *scale;  /* PS_NOTCH_HOP values: 1 / the sum of both halves of the window */
} ps_notch_job;

/* The Hann window 1/2 - 1/2 cos(2 pi i / 4095). */
void ps_notch_window(float window[PS_NOTCH_BLOCK]);

/* Multiplies complex responses by that of a notch, applied as often as it says, at the frequencies
   whose tan(pi f / rate) are given. */
void PS_ROW(ps_notch_respond)(const ps_notch *notch, double rate_hz, const double *tangents,
                              double *re, double *im, uint32_t count);

void PS_ROW(ps_notch_run)(const ps_notch_job *job);

#endif
