/* Callers served together. */
#include "batch.h"

#include <stddef.h>

void ps_batch_init(ps_batch *batch)
{
    *batch = (ps_batch){0};
    batch->place = &batch->first;
    pthread_mutex_init(&batch->mutex, NULL);
    pthread_cond_init(&batch->over, NULL);
}

void ps_batch_destroy(ps_batch *batch)
{
    pthread_cond_destroy(&batch->over);
    pthread_mutex_destroy(&batch->mutex);
}

static void add(ps_batch *batch, ps_batch_ticket *mine)
{
    *mine = (ps_batch_ticket){0};
    *batch->place = mine;
    batch->place = &mine->next;
    batch->waiting++;
}

static ps_batch_ticket *take_all(ps_batch *batch)
{
    ps_batch_ticket *first = batch->first;

    batch->first = NULL;
    batch->place = &batch->first;
    batch->waiting = 0;
    return first;
}

/* The mutex is held, but not while they are served. */
static void serve_all(ps_batch *batch, ps_batch_serve *serve, void *user)
{
    ps_batch_ticket *first = take_all(batch);

    batch->busy = true;
    pthread_mutex_unlock(&batch->mutex);
    serve(user, first);
    pthread_mutex_lock(&batch->mutex);
    batch->busy = false;
    while (first) {
        ps_batch_ticket *next = first->next;

        first->served = true;
        first = next;
    }
    pthread_cond_broadcast(&batch->over);
}

void ps_batch_join(ps_batch *batch, ps_batch_ticket *mine, ps_batch_serve *serve, void *user)
{
    pthread_mutex_lock(&batch->mutex);
    add(batch, mine);
    while (batch->busy && !mine->served)
        pthread_cond_wait(&batch->over, &batch->mutex);
    if (!mine->served)
        serve_all(batch, serve, user);
    pthread_mutex_unlock(&batch->mutex);
}

uint32_t ps_batch_waiting(ps_batch *batch)
{
    uint32_t waiting;

    pthread_mutex_lock(&batch->mutex);
    waiting = batch->waiting;
    pthread_mutex_unlock(&batch->mutex);
    return waiting;
}
