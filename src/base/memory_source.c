/* A source that plays frames already in memory. */
#include "plainsong/source.h"

#include <string.h>

typedef struct memory_source {
    ps_source base;
    const ps_allocator *allocator;
    const float *left, *right; /* borrowed */
    uint64_t frames;
    uint64_t next;
} memory_source;

static uint32_t render(ps_source *source, ps_block block)
{
    memory_source *memory = (memory_source *)source;
    const uint64_t left = memory->next < memory->frames ? memory->frames - memory->next : 0;
    const uint32_t count = left < block.frames ? (uint32_t)left : block.frames;

    if (count > 0) {
        memcpy(block.left, memory->left + memory->next, count * sizeof *block.left);
        memcpy(block.right, memory->right + memory->next, count * sizeof *block.right);
    }
    memory->next += block.frames;
    return count;
}

static ps_status seek(ps_source *source, uint64_t frame)
{
    ((memory_source *)source)->next = frame;
    return PS_OK;
}

static ps_length length(const ps_source *source)
{
    const ps_length known = {PS_LENGTH_KNOWN, ((const memory_source *)source)->frames};

    return known;
}

static void destroy(ps_source *source)
{
    ps_free(((memory_source *)source)->allocator, source);
}

static const ps_source_kind kind = {
    .name = "memory",
    .render = render,
    .seek = seek,
    .length = length,
    .destroy = destroy,
    .seeks_exactly = true,
};

ps_status ps_memory_source_create(ps_source **out, const float *left, const float *right,
                                  uint64_t frames, double rate_hz, const ps_allocator *allocator,
                                  ps_error *err)
{
    memory_source *memory;

    if (!(rate_hz >= PS_RATE_MIN_HZ && rate_hz <= PS_RATE_MAX_HZ))
        return ps_fail(err, PS_BAD_ARGUMENT, "rate of %g Hz is outside %g..%g", rate_hz,
                       PS_RATE_MIN_HZ, PS_RATE_MAX_HZ);
    memory = ps_alloc(allocator, 1, sizeof *memory);
    if (!memory)
        return ps_fail(err, PS_NO_MEMORY, "no memory for a memory source");
    ps_source_init(&memory->base, &kind, rate_hz);
    memory->allocator = allocator;
    memory->left = left;
    memory->right = right;
    memory->frames = frames;
    *out = &memory->base;
    return PS_OK;
}
