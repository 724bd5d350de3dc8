/* A list of growing chunks; each allocation takes the next bytes of the newest. */
#include "base/arena.h"

#include <stdbool.h>
#include <stdint.h>

struct ps_arena_chunk {
    ps_arena_chunk *older;
    size_t used_bytes, size_bytes; /* of the memory after the header */
};

#define HEADER_BYTES  ((sizeof(ps_arena_chunk) + 15) / 16 * 16)
#define FIRST_BYTES   4096u
#define LARGEST_BYTES (1024u * 1024u)

void ps_arena_init(ps_arena *arena, const ps_allocator *allocator)
{
    arena->allocator = allocator;
    arena->newest = NULL;
}

/* A chunk twice as large as the newest; or, for what does not fit in that, one of its very size,
   put behind the newest so that the rest of the newest stays in use. */
static ps_arena_chunk *grow(ps_arena *arena, size_t least_bytes)
{
    ps_arena_chunk *newest = arena->newest, *chunk;
    size_t size_bytes = newest ? 2 * newest->size_bytes : FIRST_BYTES;
    bool alone;

    if (size_bytes > LARGEST_BYTES)
        size_bytes = LARGEST_BYTES;
    alone = newest && size_bytes < least_bytes;
    if (size_bytes < least_bytes)
        size_bytes = least_bytes;
    chunk = ps_alloc(arena->allocator, 1, HEADER_BYTES + size_bytes);
    if (!chunk)
        return NULL;
    chunk->size_bytes = size_bytes;
    chunk->older = alone ? newest->older : newest;
    if (alone)
        newest->older = chunk;
    else
        arena->newest = chunk;
    return chunk;
}

void *ps_arena_alloc(ps_arena *arena, size_t count, size_t size_bytes)
{
    ps_arena_chunk *chunk = arena->newest;
    size_t total_bytes;
    void *memory;

    if (count == 0 || size_bytes == 0 || count > (SIZE_MAX / 2) / size_bytes)
        return NULL;
    total_bytes = (count * size_bytes + 15) / 16 * 16;
    if (!chunk || chunk->size_bytes - chunk->used_bytes < total_bytes) {
        chunk = grow(arena, total_bytes);
        if (!chunk)
            return NULL;
    }
    memory = (uint8_t *)chunk + HEADER_BYTES + chunk->used_bytes;
    chunk->used_bytes += total_bytes;
    return memory;
}

void ps_arena_clear(ps_arena *arena)
{
    while (arena->newest) {
        ps_arena_chunk *chunk = arena->newest;

        arena->newest = chunk->older;
        ps_free(arena->allocator, chunk);
    }
}
