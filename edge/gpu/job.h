/* What jobs have in common: taking or declining, and what comes after an error. */
#ifndef PLAINSONG_EDGE_GPU_JOB_H
#define PLAINSONG_EDGE_GPU_JOB_H

#include "cost.h"
#include "inside.h"

/*
 * Whether to take a job that costs the processor so much: enters and opens the device, which
 * ps_gpu_job_end must leave again when this says yes.
 */
bool ps_gpu_job_begin(ps_gpu *gpu, double processor_sec);

/* Whether the device, once open, would be faster. */
bool ps_gpu_job_is_worth_it(ps_gpu *gpu, const ps_gpu_load *load, double processor_sec);

/* After an error: whether to try again what is left, with smaller chunks. */
bool ps_gpu_job_try_again(ps_gpu *gpu, cl_int code);

/* Counts the outcome; any error but a lack of memory loses the device. */
ps_job_outcome ps_gpu_job_end(ps_gpu *gpu, cl_int code);

/* The same for a job that is not taken. */
ps_job_outcome ps_gpu_job_decline(ps_gpu *gpu);

/*
 * Rows of a chunk for `total` rows of `size`: so many that there is enough to do at once, so few
 * that there are several chunks, and always one of few numbers, as each wants a plan of its own.
 * A multiple of `least`, or 0 when so many do not fit.
 */
uint32_t ps_gpu_rows_of_chunk(const ps_gpu *gpu, uint64_t total, uint32_t size, uint32_t least);

/* How many threads the caller would have. */
uint32_t ps_gpu_threads(const ps_gpu *gpu);

/* The jobs, for the table. user: the ps_gpu. */
ps_job_outcome ps_gpu_convolve(void *user, ps_convolution *items, uint32_t count);
bool ps_gpu_wants_convolution(void *user, const ps_convolution *items, uint32_t count);
ps_job_outcome ps_gpu_spectra(void *user, ps_spectra *items, uint32_t count);

#endif
