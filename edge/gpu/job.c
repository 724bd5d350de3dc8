/* What jobs have in common: taking or declining, and what comes after an error. */
#include "job.h"

#include "measure.h"

#define CHUNK_LEAST_BYTES ((uint64_t)1 << 16)

/* Below this a chunk keeps a device busy for less than its launches take. */
#define CHUNK_GOOD_BYTES ((uint64_t)4 << 20)

#define COMPLEX_BYTES (2 * sizeof(float))

uint32_t ps_gpu_threads(const ps_gpu *gpu)
{
    return gpu->workers ? gpu->workers->threads : 1;
}

bool ps_gpu_job_begin(ps_gpu *gpu, double processor_sec)
{
    if (gpu->mode == PS_GPU_OFF ||
        (gpu->mode == PS_GPU_AUTO && processor_sec < PS_COST_LEAST_SEC) || !ps_gpu_enter(gpu))
        return false;
    if (ps_gpu_open(gpu))
        return true;
    ps_gpu_leave(gpu);
    return false;
}

bool ps_gpu_job_is_worth_it(ps_gpu *gpu, const ps_gpu_load *load, double processor_sec)
{
    if (gpu->mode == PS_GPU_ON)
        return true;
    return ps_cost_on_gpu(load, ps_gpu_speeds_of(gpu), ps_gpu_threads(gpu)) < processor_sec;
}

bool ps_gpu_job_try_again(ps_gpu *gpu, cl_int code)
{
    if (!ps_gpu_wants_memory(code) || gpu->chunk_bytes / 2 < CHUNK_LEAST_BYTES)
        return false;
    gpu->chunk_bytes /= 2;
    ps_gpu_pipeline_clear(gpu);
    ps_gpu_residents_free(&gpu->residents);
    ps_gpu_plans_clear(&gpu->plans);
    return true;
}

ps_job_outcome ps_gpu_job_end(ps_gpu *gpu, cl_int code)
{
    const ps_job_outcome outcome = code == CL_SUCCESS ? PS_JOB_DONE : PS_JOB_PARTLY;

    if (outcome == PS_JOB_DONE)
        gpu->usage.done++;
    else
        gpu->usage.broken_off++;
    if (code != CL_SUCCESS)
        ps_gpu_lose(gpu, code);
    ps_gpu_leave(gpu);
    return outcome;
}

ps_job_outcome ps_gpu_job_decline(ps_gpu *gpu)
{
    gpu->usage.declined++;
    ps_gpu_leave(gpu);
    return PS_JOB_DECLINED;
}

uint32_t ps_gpu_rows_of_chunk(const ps_gpu *gpu, uint64_t total, uint32_t size, uint32_t least)
{
    const uint64_t row_bytes = size * COMPLEX_BYTES, most = gpu->chunk_bytes / row_bytes;
    uint64_t wanted = total, rows = least;

    if (total * row_bytes > CHUNK_GOOD_BYTES)
        wanted = total / 4 + 1;
    if (wanted * row_bytes < CHUNK_GOOD_BYTES && wanted < total)
        wanted = CHUNK_GOOD_BYTES / row_bytes;
    if (most < least)
        return 0;
    while (rows < wanted && rows * 4 <= most)
        rows *= 4;
    return (uint32_t)rows;
}
