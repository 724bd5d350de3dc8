/* A ring between two threads, neither of which waits. */
#include "track/clip_ring.h"

ps_status ps_clip_ring_create(ps_clip_ring **out, const ps_allocator *allocator, ps_error *err)
{
    ps_clip_ring *ring = ps_alloc(allocator, 1, sizeof *ring);

    for (uint32_t ear = 0; ring && ear < 2; ear++)
        ring->ear[ear] = ps_alloc(allocator, PS_CLIP_RING_FRAMES, sizeof(float));
    if (!ring || !ring->ear[0] || !ring->ear[1]) {
        ps_clip_ring_destroy(ring, allocator);
        return ps_fail(err, PS_NO_MEMORY, "no memory for the samples of a clip");
    }
    *out = ring;
    return PS_OK;
}

void ps_clip_ring_destroy(ps_clip_ring *ring, const ps_allocator *allocator)
{
    if (!ring)
        return;
    ps_free(allocator, ring->ear[0]);
    ps_free(allocator, ring->ear[1]);
    ps_free(allocator, ring);
}

ps_status ps_clip_ring_push(ps_clip_ring *ring, const float *left, const float *right,
                            uint32_t frames, bool finished)
{
    const uint64_t taken = atomic_load_explicit(&ring->taken, memory_order_acquire);
    const uint64_t written = atomic_load_explicit(&ring->written, memory_order_relaxed);

    if (written - taken + frames > PS_CLIP_RING_FRAMES)
        return PS_NO_MEMORY;
    for (uint32_t i = 0; i < frames; i++) {
        const uint32_t at = (uint32_t)((written + i) % PS_CLIP_RING_FRAMES);

        ring->ear[0][at] = left[i];
        ring->ear[1][at] = right[i];
    }
    atomic_store_explicit(&ring->written, written + frames, memory_order_release);
    if (finished)
        atomic_store_explicit(&ring->finished, true, memory_order_release);
    return PS_OK;
}

uint32_t ps_clip_ring_room(const ps_clip_ring *ring)
{
    const uint64_t taken = atomic_load_explicit(&ring->taken, memory_order_acquire);
    const uint64_t written = atomic_load_explicit(&ring->written, memory_order_relaxed);

    return PS_CLIP_RING_FRAMES - (uint32_t)(written - taken);
}

uint32_t ps_clip_ring_there(const ps_clip_ring *ring)
{
    return PS_CLIP_RING_FRAMES - ps_clip_ring_room(ring);
}

uint32_t ps_clip_ring_take(ps_clip_ring *ring, float *left, float *right, uint32_t frames)
{
    const uint64_t written = atomic_load_explicit(&ring->written, memory_order_acquire);
    const uint64_t taken = atomic_load_explicit(&ring->taken, memory_order_relaxed);
    const uint32_t count = written - taken < frames ? (uint32_t)(written - taken) : frames;

    for (uint32_t i = 0; i < count; i++) {
        const uint32_t at = (uint32_t)((taken + i) % PS_CLIP_RING_FRAMES);

        left[i] = ring->ear[0][at];
        right[i] = ring->ear[1][at];
    }
    atomic_store_explicit(&ring->taken, taken + count, memory_order_release);
    return count;
}

void ps_clip_ring_clear(ps_clip_ring *ring)
{
    atomic_store(&ring->taken, 0);
    atomic_store(&ring->written, 0);
    atomic_store(&ring->finished, false);
}
