/*
 * Where memory comes from.
 *
 * Whoever creates an object passes an allocator (NULL means the C library's) that must outlive the
 * object. All memory is zeroed and aligned for the widest vector registers (PS_ALIGN_BYTES).
 */
#ifndef PLAINSONG_MEMORY_H
#define PLAINSONG_MEMORY_H

#include <stddef.h>

#include "plainsong/status.h"

#ifdef __cplusplus
extern "C" {
#endif

#define PS_ALIGN_BYTES 64

/** The caller's memory. Both functions may be called from any thread that uses the objects. */
typedef struct ps_allocator {
    /** size_bytes > 0 of memory aligned to PS_ALIGN_BYTES, any content; NULL when there is none. */
    void *(*take)(void *user, size_t size_bytes);
    /** Gives back what take returned; never NULL. */
    void (*give)(void *user, void *memory);
    void *user;
} ps_allocator;

/** count * size_bytes zeroed bytes; NULL when there are none, or the product overflows, or is 0. */
PS_API void *ps_alloc(const ps_allocator *allocator, size_t count, size_t size_bytes);

/** Gives back what ps_alloc returned; NULL is allowed. */
PS_API void ps_free(const ps_allocator *allocator, void *memory);

#ifdef __cplusplus
}
#endif

#endif
