/* Inside of the engine, for the layers above. */
#ifndef PLAINSONG_KERNEL_ENGINE_H
#define PLAINSONG_KERNEL_ENGINE_H

#include <stdatomic.h>

#include "plainsong/engine.h"

#include "kernel/kernel.h"

/*
 * What is costly to make and never changes is made once and kept by the engine, under a key that is
 * made of its content: the spectra of a response. First member of what is kept.
 */
typedef struct ps_kept ps_kept;
struct ps_kept {
    uint64_t key[2];
    size_t bytes;
    void (*destroy)(ps_kept *kept);
    uint32_t users; /* the rest belongs to the engine */
    ps_kept *next;
};

/* Unused things are kept up to so many bytes. */
#define PS_ENGINE_KEEPS_BYTES ((size_t)128 << 20)

struct ps_engine {
    const ps_allocator *allocator;
    const ps_workers *workers;
    const ps_kernels *kernels;
    atomic_flag busy; /* around the list; never on the way of audio */
    ps_kept *kept;
};

/* What is kept under a key, in use once more; NULL when there is nothing. */
ps_kept *ps_engine_find(ps_engine *engine, const uint64_t key[2]);

/* Keeps a thing, in use once. When another thread was faster, it is destroyed and the other's
   returned. */
ps_kept *ps_engine_keep(ps_engine *engine, ps_kept *made);

/* It is in use once less; NULL allowed. */
void ps_engine_leave(ps_engine *engine, ps_kept *kept);

/* Adds bytes to a key, which begins as {0, 0}. */
void ps_engine_key(uint64_t key[2], const void *bytes, size_t count);

#endif
