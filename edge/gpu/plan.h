/*
 * Transforms of many rows at once, by VkFFT (Tolmachev 2023, "VkFFT - A Performant, Cross-Platform
 * and Open-Source GPU FFT Library").
 */
#ifndef PLAINSONG_EDGE_GPU_PLAN_H
#define PLAINSONG_EDGE_GPU_PLAN_H

#include <stdbool.h>

#include "opencl.h"

#define PS_GPU_PLANS_MOST 24u

/* Devices that are processors say more than they can do well: PoCL keeps what the items of a group
 * hold on the stack of a thread, and a group of 4096 overflows it. */
#define PS_GPU_GROUP_MOST       1024u
#define PS_GPU_LOCAL_MOST_BYTES 65536u

typedef struct ps_gpu ps_gpu;
typedef struct ps_gpu_plan ps_gpu_plan;

/* The plans made so far, the least recently used given up for new ones. */
typedef struct ps_gpu_plans {
    ps_gpu_plan *kept[PS_GPU_PLANS_MOST];
    uint64_t turns;
} ps_gpu_plans;

/* Transforms are by 2^a 3^b 5^c 7^d points. */
bool ps_gpu_plan_size_is_good(uint32_t size);

/* The plan for `rows` rows of `size` complex numbers, which stays the GPU's. */
cl_int ps_gpu_plan_find(ps_gpu_plan **out, ps_gpu *gpu, uint32_t size, uint32_t rows);

/* How often a transform goes over its rows, and how large these are. */
uint32_t ps_gpu_plan_passes(const ps_gpu_plan *plan);
uint64_t ps_gpu_plan_bytes(const ps_gpu_plan *plan);

/*
 * Enqueues the transforms of all rows, in place and not scaled. spare: as large as the rows, and
 * used when there is more than one pass.
 */
cl_int ps_gpu_plan_run(ps_gpu_plan *plan, ps_gpu *gpu, cl_mem rows, cl_mem spare, bool inverse);

/* Gives up all plans. */
void ps_gpu_plans_clear(ps_gpu_plans *plans);

#endif
