/*
 * The engine: what all objects of one user share. Nothing in Plainsong is global; tables, the
 * choice of vector instructions, lent threads and memory hang on a ps_engine the caller owns.
 */
#ifndef PLAINSONG_ENGINE_H
#define PLAINSONG_ENGINE_H

#include "plainsong/memory.h"
#include "plainsong/status.h"
#include "plainsong/workers.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct ps_engine ps_engine;

typedef struct ps_engine_options {
    const ps_allocator *allocator; /* NULL: the C library's */
    const ps_workers *workers;     /* NULL: everything on the calling thread */
    const char *kernel_row; /* "c", "avx2", "avx512", "neon", "simd128"; NULL: the fastest here */
} ps_engine_options;

/**
 * Makes an engine.
 *
 * @param out     receives the engine, which the caller now owns
 * @param options NULL for the defaults; the allocator and workers in it must outlive the engine
 *
 * PS_NOT_FOUND when the kernel row does not exist in this build or on this processor.
 * An engine may be used from several threads at once.
 */
PS_API ps_status ps_engine_create(ps_engine **out, const ps_engine_options *options, ps_error *err);

/** NULL allowed. Everything made with the engine must be gone. */
PS_API void ps_engine_destroy(ps_engine *engine);

/** Name of the kernel row in use, e.g. "avx2". */
PS_API const char *ps_engine_kernel_row(const ps_engine *engine);

/** The i-th kernel row this processor can run ("c" is the first), or NULL after the last. */
PS_API const char *ps_kernel_row_name(uint32_t index);

/** As given at creation; for objects that want to share them. */
PS_API const ps_allocator *ps_engine_allocator(const ps_engine *engine);
PS_API const ps_workers *ps_engine_workers(const ps_engine *engine);

/** "0.1.0" */
PS_API const char *ps_version(void);

#ifdef __cplusplus
}
#endif

#endif
