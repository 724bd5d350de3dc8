/* Launching what is in kernels/rows.cl. */
#include "kernels.h"

#define COMPLEX_BYTES (2 * sizeof(float))

typedef struct argument {
    size_t bytes;
    const void *value;
} argument;

#define ARGUMENT(x)                                                                                \
    (argument)                                                                                     \
    {                                                                                              \
        sizeof(x), &(x)                                                                            \
    }

static cl_int set(cl_kernel kernel, const argument *arguments, cl_uint count)
{
    cl_int code = CL_SUCCESS;

    for (cl_uint i = 0; i < count && code == CL_SUCCESS; i++)
        code = clSetKernelArg(kernel, i, arguments[i].bytes, arguments[i].value);
    return code;
}

/* `along` work items for each of `rows` rows, in whole groups. */
static cl_int launch(ps_gpu *gpu, cl_kernel kernel, size_t along, size_t rows,
                     const cl_event *after, cl_event *event)
{
    const size_t local[2] = {gpu->group, 1};
    const size_t global[2] = {(along + gpu->group - 1) / gpu->group * gpu->group, rows};

    return clEnqueueNDRangeKernel(gpu->queues[PS_QUEUE_WORK], kernel, 2, NULL, global, local,
                                  after ? 1 : 0, after, event);
}

/* Adds what a kernel reads and writes of the device's memory. */
static void count_bytes(ps_gpu *gpu, uint64_t rows, uint64_t numbers, uint32_t times)
{
    gpu->usage.work_bytes += rows * numbers * times * COMPLEX_BYTES;
}

cl_int ps_gpu_gather(ps_gpu *gpu, ps_gpu_slot *slot, uint32_t size, cl_mem window)
{
    cl_kernel kernel = gpu->rows[window ? PS_ROWS_GATHER_WINDOWED : PS_ROWS_GATHER];
    const argument arguments[] = {ARGUMENT(slot->in.memory), ARGUMENT(slot->rows.memory),
                                  ARGUMENT(gpu->pipeline.work.memory), ARGUMENT(size),
                                  ARGUMENT(window)};
    const cl_int code = set(kernel, arguments, window ? 5 : 4);

    count_bytes(gpu, slot->chunk.row_count, size, 2);
    return code == CL_SUCCESS
               ? launch(gpu, kernel, size, slot->chunk.row_count, &slot->went_up, &slot->began)
               : code;
}

cl_int ps_gpu_transform(ps_gpu *gpu, ps_gpu_plan *plan, bool inverse)
{
    const uint32_t passes = ps_gpu_plan_passes(plan);
    ps_gpu_pipeline *p = &gpu->pipeline;
    cl_int code = CL_SUCCESS;

    gpu->usage.work_bytes += ps_gpu_plan_bytes(plan) * passes * 2;
    if (passes > 1)
        code = ps_gpu_buffer_reserve(&p->spare, gpu, p->work.bytes);
    if (code == CL_SUCCESS)
        code = ps_gpu_plan_run(plan, gpu, p->work.memory, p->spare.memory, inverse);
    return code;
}

cl_int ps_gpu_multiply(ps_gpu *gpu, const ps_gpu_slot *slot, uint32_t size, bool stereo)
{
    cl_kernel kernel = gpu->rows[stereo ? PS_ROWS_MULTIPLY_STEREO : PS_ROWS_MULTIPLY];
    const size_t rows = stereo ? slot->chunk.row_count / 2 : slot->chunk.row_count;
    const argument arguments[] = {ARGUMENT(gpu->pipeline.work.memory), ARGUMENT(slot->rows.memory),
                                  ARGUMENT(gpu->residents.buffer.memory), ARGUMENT(size)};
    const cl_int code = set(kernel, arguments, 4);

    count_bytes(gpu, slot->chunk.row_count, size, 2);
    return code == CL_SUCCESS ? launch(gpu, kernel, size, rows, NULL, NULL) : code;
}

cl_int ps_gpu_keep(ps_gpu *gpu, ps_gpu_slot *slot, uint32_t size)
{
    const float scale = 1.0f / (float)size;
    const argument arguments[] = {ARGUMENT(gpu->pipeline.work.memory), ARGUMENT(slot->rows.memory),
                                  ARGUMENT(gpu->residents.buffer.memory), ARGUMENT(size),
                                  ARGUMENT(scale)};
    const cl_int code = set(gpu->rows[PS_ROWS_KEEP], arguments, 5);

    count_bytes(gpu, slot->chunk.row_count, size, 1);
    return code == CL_SUCCESS ? launch(gpu, gpu->rows[PS_ROWS_KEEP], size / 2 + 1,
                                       slot->chunk.row_count, NULL, &slot->worked)
                              : code;
}

cl_int ps_gpu_scatter(ps_gpu *gpu, ps_gpu_slot *slot, uint32_t size, uint32_t step_most)
{
    const argument arguments[] = {ARGUMENT(gpu->pipeline.work.memory), ARGUMENT(slot->rows.memory),
                                  ARGUMENT(slot->out.memory), ARGUMENT(size)};
    const cl_int code = set(gpu->rows[PS_ROWS_SCATTER], arguments, 4);

    count_bytes(gpu, slot->chunk.row_count, step_most, 2);
    return code == CL_SUCCESS ? launch(gpu, gpu->rows[PS_ROWS_SCATTER], step_most,
                                       slot->chunk.row_count, NULL, &slot->worked)
                              : code;
}

cl_int ps_gpu_split(ps_gpu *gpu, ps_gpu_slot *slot, uint32_t size, uint32_t kind)
{
    const argument arguments[] = {ARGUMENT(gpu->pipeline.work.memory), ARGUMENT(slot->rows.memory),
                                  ARGUMENT(slot->out.memory), ARGUMENT(size), ARGUMENT(kind)};
    const cl_int code = set(gpu->rows[PS_ROWS_SPLIT], arguments, 5);

    count_bytes(gpu, slot->chunk.row_count, size, 2);
    return code == CL_SUCCESS ? launch(gpu, gpu->rows[PS_ROWS_SPLIT], size / 2 + 1,
                                       slot->chunk.row_count, NULL, &slot->worked)
                              : code;
}
