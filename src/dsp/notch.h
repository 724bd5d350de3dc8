/*
 * Swept notches on overlapping blocks of 4096 frames (hop 2048, Hann): each block is filtered from
 * rest by notches whose frequencies stand still in it.
 *
 * Blocks do not know of each other, so several are filtered side by side in vector lanes, and a
 * block can be computed anywhere without those before it.
 */
#ifndef PLAINSONG_DSP_NOTCH_H
#define PLAINSONG_DSP_NOTCH_H

#include <stdint.h>

#include "base/row.h"

#define PS_NOTCH_BLOCK  4096u
#define PS_NOTCH_HOP    2048u
#define PS_NOTCH_SWEEPS 16u /* most notches at a time */

/* One notch of one block; a frequency of 0 leaves the block as it is. */
typedef struct ps_notch {
    double frequency_hz, q;
    uint32_t cascade; /* how many times */
} ps_notch;

/* A block to filter, from rest: `out` gets PS_NOTCH_BLOCK values of window * in, filtered. */
typedef struct ps_notch_block {
    const float *in;         /* PS_NOTCH_BLOCK values, zeros where the signal is over */
    float *out;              /* PS_NOTCH_BLOCK values */
    const ps_notch *notches; /* `sweeps` of them, applied in order */
} ps_notch_block;

typedef struct ps_notch_job {
    const ps_notch_block *blocks;
    uint32_t count;
    uint32_t sweeps;
    double rate_hz;
} ps_notch_job;

void PS_ROW(ps_notch_run)(const ps_notch_job *job);

#endif
