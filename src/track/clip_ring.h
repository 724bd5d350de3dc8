/* Frames that one thread writes and another one reads. */
#ifndef PLAINSONG_TRACK_CLIP_RING_H
#define PLAINSONG_TRACK_CLIP_RING_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "plainsong/memory.h"

#define PS_CLIP_RING_FRAMES 131072u /* a power of two: some 3 s of pushed or decoded samples */

typedef struct ps_clip_ring {
    float *ear[2];                   /* PS_CLIP_RING_FRAMES each */
    _Atomic uint64_t written, taken; /* frames so far */
    _Atomic bool finished;
} ps_clip_ring;

ps_status ps_clip_ring_create(ps_clip_ring **out, const ps_allocator *allocator, ps_error *err);
void ps_clip_ring_destroy(ps_clip_ring *ring, const ps_allocator *allocator);

/* Frames that can be appended. */
uint32_t ps_clip_ring_room(const ps_clip_ring *ring);

/* Frames that can be taken. */
uint32_t ps_clip_ring_there(const ps_clip_ring *ring);

/* Takes the oldest frames, at most `frames`; returns how many there were. */
uint32_t ps_clip_ring_take(ps_clip_ring *ring, float *left, float *right, uint32_t frames);

/* Empties it, while no other thread uses it. */
void ps_clip_ring_clear(ps_clip_ring *ring);

/* Appends samples; PS_NO_MEMORY when there is no room for them. */
ps_status ps_clip_ring_push(ps_clip_ring *ring, const float *left, const float *right,
                            uint32_t frames, bool finished);

#endif
