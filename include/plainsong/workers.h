/*
 * Threads, lent to the core by whoever has some.
 *
 * The core never makes a thread. Where work splits, it asks the workers to run a number of
 * independent tasks and waits until all are done; without workers it runs them itself, one after
 * the other. The samples are the same either way.
 */
#ifndef PLAINSONG_WORKERS_H
#define PLAINSONG_WORKERS_H

#include <stdint.h>

#include "plainsong/status.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef void ps_task(void *argument, uint32_t index);

typedef struct ps_workers {
    /**
     * Calls task(argument, i) once for every i in 0..count-1, on any threads, in any order, and
     * returns when all calls have returned. Tasks may call run again (nested): an implementation
     * must not dead-lock on that. May be called from several threads at once.
     */
    void (*run)(void *user, ps_task *task, void *argument, uint32_t count);
    void *user;
    uint32_t threads; /* how many tasks can run at the same time, the caller's thread included */
} ps_workers;

/** Runs tasks on workers, or here when workers is NULL or count is 1. */
PS_API void ps_workers_run(const ps_workers *workers, ps_task *task, void *argument,
                           uint32_t count);

#ifdef __cplusplus
}
#endif

#endif
