/* Runs tasks on lent threads, or one after the other. */
#include "plainsong/workers.h"

#include <stddef.h>

void ps_workers_run(const ps_workers *workers, ps_task *task, void *argument, uint32_t count)
{
    if (workers && workers->threads > 1 && count > 1) {
        workers->run(workers->user, task, argument, count);
        return;
    }
    for (uint32_t i = 0; i < count; i++)
        task(argument, i);
}
