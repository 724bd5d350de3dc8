/*
 * A pool of worker threads to lend to an engine.
 */
#ifndef PLAINSONG_THREADS_H
#define PLAINSONG_THREADS_H

#include "plainsong/workers.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct ps_threads ps_threads;

/** How many processors this process may use (affinity and cgroup quota respected). */
PS_API uint32_t ps_threads_available(void);

/**
 * Makes a pool that runs up to `threads` tasks at a time, the calling thread among them; 0 means
 * ps_threads_available(). Threads start on the first run and sleep between runs; they block all
 * signals. At most 1024.
 *
 * A forked child has none of the threads: there, runs are made by their caller alone. It should
 * make a pool of its own.
 */
PS_API ps_status ps_threads_create(ps_threads **out, uint32_t threads, ps_error *err);

/** Waits for the threads to end. NULL allowed. */
PS_API void ps_threads_destroy(ps_threads *threads);

/** The pool in the form the core takes; lives as long as the pool. */
PS_API const ps_workers *ps_threads_workers(ps_threads *threads);

#ifdef __cplusplus
}
#endif

#endif
