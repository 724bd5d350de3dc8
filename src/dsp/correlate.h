/* How far two stretches of sound must be shifted against each other to be most alike. */
#ifndef PLAINSONG_DSP_CORRELATE_H
#define PLAINSONG_DSP_CORRELATE_H

#include <stdint.h>

#include "plainsong/memory.h"

/*
 * The lag d in -most_lag..most_lag (at most frames - 1 either way) at which
 *
 *      c[d] = sum over both channels and n of a[n + d] b[n]
 *
 * is largest: how many frames later b should sound. Among equals, which differ by no more than
 * rounding, it is the most negative; silence has the most negative lag of all.
 *
 * a, b: left and right, `frames` each. Takes O(frames) memory, O(frames log frames) time.
 */
ps_status ps_correlate_lag(int64_t *lag, const float *const a[2], const float *const b[2],
                           uint32_t frames, uint32_t most_lag, const char *kernel_row,
                           const ps_allocator *allocator, ps_error *err);

#endif
