/*
 * Callers who come while somebody is served wait, and are served together as soon as that is over:
 * by one of them, for all who wait by then. Nothing here touches a device.
 */
#ifndef PLAINSONG_EDGE_GPU_BATCH_H
#define PLAINSONG_EDGE_GPU_BATCH_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

/* What a caller wants; first member of whatever says it. On the caller's stack. */
typedef struct ps_batch_ticket {
    struct ps_batch_ticket *next; /* who came after */
    bool served;
} ps_batch_ticket;

typedef struct ps_batch {
    pthread_mutex_t mutex;
    pthread_cond_t over;     /* a batch is */
    ps_batch_ticket *first;  /* of those who wait */
    ps_batch_ticket **place; /* for the next one */
    uint32_t waiting;
    bool busy;
} ps_batch;

/* Serves a list, in the order in which they came. */
typedef void ps_batch_serve(void *user, ps_batch_ticket *first);

/* For a batch that stays where it is. */
void ps_batch_init(ps_batch *batch);
void ps_batch_destroy(ps_batch *batch);

/* Returns when `mine` has been served, by this call or by another caller's. Never two at a time. */
void ps_batch_join(ps_batch *batch, ps_batch_ticket *mine, ps_batch_serve *serve, void *user);

/* How many wait. */
uint32_t ps_batch_waiting(ps_batch *batch);

#endif
