/* Pinned memory lent to callers, who keep sound in it. */
#ifndef PLAINSONG_EDGE_GPU_HOST_MEMORY_H
#define PLAINSONG_EDGE_GPU_HOST_MEMORY_H

#include "pipeline.h"
#include "plainsong/memory.h"

/* A list of what is lent. */
typedef struct ps_gpu_lent {
    ps_gpu_pinned pinned;
    struct ps_gpu_lent *next;
} ps_gpu_lent;

/* The allocator that lends, for a gpu that stays where it is. */
ps_allocator ps_gpu_lender(ps_gpu *gpu);

/* Whether `count` numbers lie in memory that is lent. */
bool ps_gpu_is_lent(const ps_gpu *gpu, const float *numbers, size_t count);

#endif
