/*
 * Sums of tones: the voices of tracks that are nothing but sines. What costs is the sines, not
 * memory: a device is worth it from a handful of voices on.
 */
#ifndef PLAINSONG_EDGE_GPU_TONES_H
#define PLAINSONG_EDGE_GPU_TONES_H

#include <stdbool.h>

#include "opencl.h"
#include "plainsong/accelerator.h"

typedef struct ps_gpu ps_gpu;

/* Made when the first such job is taken. */
typedef struct ps_gpu_tones_kernel {
    cl_program program;
    cl_kernel kernel;
    double per_sec; /* sines, of the device; 0 before it is asked for */
} ps_gpu_tones_kernel;

/* The text of kernels/tones.cl, made into an array while the library is built. */
extern const char ps_tones_source[];

/* Of a middling card, for when it cannot be measured. */
#define PS_TONES_USUAL_PER_SEC 2e10

/* The job, for the table, and whether it would be taken. user: the ps_gpu. */
ps_job_outcome ps_gpu_tones(void *user, ps_tones *items, uint32_t count);
bool ps_gpu_wants_tones(void *user, const ps_tones *items, uint32_t count);

/* Sines a second, transfers included: some tenths of a second. */
cl_int ps_gpu_tones_measure(double *per_sec, ps_gpu *gpu);

/* Gives back the kernel. */
void ps_gpu_tones_clear(ps_gpu *gpu);

#endif
