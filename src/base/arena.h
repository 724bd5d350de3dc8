/* Many small allocations that live and die together: for everything that is parsed. */
#ifndef PLAINSONG_BASE_ARENA_H
#define PLAINSONG_BASE_ARENA_H

#include "plainsong/memory.h"

typedef struct ps_arena_chunk ps_arena_chunk;

typedef struct ps_arena {
    const ps_allocator *allocator;
    ps_arena_chunk *newest;
} ps_arena;

void ps_arena_init(ps_arena *arena, const ps_allocator *allocator);

/* count * size_bytes zeroed bytes, aligned to 16; NULL when there are none or the product is 0. */
void *ps_arena_alloc(ps_arena *arena, size_t count, size_t size_bytes);

/* Gives everything back; the arena is empty and usable again. */
void ps_arena_clear(ps_arena *arena);

#endif
