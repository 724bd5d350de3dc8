/*
 * Keeps a stereo signal back by some frames, so that what looks at it now acts on it in time.
 */
#ifndef PLAINSONG_DSP_LOOKAHEAD_H
#define PLAINSONG_DSP_LOOKAHEAD_H

#include <string.h>

#include "plainsong/memory.h"

typedef struct ps_lookahead {
    const ps_allocator *allocator;
    uint32_t frames; /* 0: nothing is kept */
    uint32_t at;     /* of the ring, which is `frames` long: the oldest */
    float *ring[2];
} ps_lookahead;

/* Into a zeroed struct, silent; false when memory runs out. ps_lookahead_finish either way. */
static inline bool ps_lookahead_init(ps_lookahead *l, uint32_t frames,
                                     const ps_allocator *allocator)
{
    l->allocator = allocator;
    l->frames = frames;
    for (uint32_t side = 0; side < 2 && frames > 0; side++) {
        l->ring[side] = ps_alloc(allocator, frames, sizeof(float));
        if (!l->ring[side])
            return false;
    }
    return true;
}

static inline void ps_lookahead_finish(ps_lookahead *l)
{
    ps_free(l->allocator, l->ring[0]);
    ps_free(l->allocator, l->ring[1]);
}

static inline void ps_lookahead_reset(ps_lookahead *l)
{
    l->at = 0;
    for (uint32_t side = 0; side < 2 && l->frames > 0; side++)
        memset(l->ring[side], 0, l->frames * sizeof(float));
}

/* Stretches that neither end of the ring divides are exchanged: in come new frames, out go those
   of `frames` ago. */
static inline void ps_lookahead_exchange(float *ring, float *x, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        const float old = ring[i];

        ring[i] = x[i];
        x[i] = old;
    }
}

/* In place: what comes out is what went in `frames` ago. */
static inline void ps_lookahead_pass(ps_lookahead *l, float *left, float *right, uint32_t frames)
{
    for (uint32_t done = 0; l->frames > 0 && done < frames;) {
        const uint32_t to_end = l->frames - l->at, left_over = frames - done;
        const uint32_t count = to_end < left_over ? to_end : left_over;

        ps_lookahead_exchange(l->ring[0] + l->at, left + done, count);
        ps_lookahead_exchange(l->ring[1] + l->at, right + done, count);
        l->at = l->at + count < l->frames ? l->at + count : 0;
        done += count;
    }
}

#endif
