/* Opens the chosen device: context, queues, kernels; and gives it up. */
#include <stdio.h>
#include <string.h>

#include "inside.h"
#include "kernels.h"
#include "program.h"

#define GROUP_MOST       256u
#define CHUNK_MOST_BYTES ((uint64_t)128 << 20)

/* Of the memory that we may take, a chunk of rows has a sixteenth: there are up to two of them,
 * and what goes up and down has one each for every slot; the rest is for spectra. */
#define CHUNK_SHARE 16u

#define COMPLEX_BYTES (2 * sizeof(float))

static const char *const rows_kernels[PS_ROWS_KERNELS] = {
    [PS_ROWS_GATHER] = "gather",
    [PS_ROWS_GATHER_WINDOWED] = "gather_windowed",
    [PS_ROWS_KEEP] = "keep",
    [PS_ROWS_MULTIPLY] = "multiply",
    [PS_ROWS_MULTIPLY_STEREO] = "multiply_stereo",
    [PS_ROWS_SCATTER] = "scatter",
    [PS_ROWS_SPLIT] = "split",
};

static uint64_t power_of_two_within(uint64_t most)
{
    uint64_t power = 1;

    while (power <= most / 2)
        power *= 2;
    return power;
}

static cl_int read_limits(ps_gpu *gpu)
{
    const ps_gpu_device_info *info = &gpu->devices.entries[gpu->devices.chosen].info;
    cl_ulong alloc_most = 0, local_bytes = 0;
    size_t group = 0;
    cl_int code = clGetDeviceInfo(gpu->device, CL_DEVICE_MAX_MEM_ALLOC_SIZE, sizeof alloc_most,
                                  &alloc_most, NULL);

    if (code == CL_SUCCESS)
        code = clGetDeviceInfo(gpu->device, CL_DEVICE_LOCAL_MEM_SIZE, sizeof local_bytes,
                               &local_bytes, NULL);
    if (code == CL_SUCCESS)
        code =
            clGetDeviceInfo(gpu->device, CL_DEVICE_MAX_WORK_GROUP_SIZE, sizeof group, &group, NULL);
    if (code != CL_SUCCESS)
        return code;
    gpu->memory_most = gpu->memory_wanted ? gpu->memory_wanted : info->memory_bytes / 2;
    gpu->alloc_most = alloc_most;
    gpu->group = (size_t)power_of_two_within(group < GROUP_MOST ? group : GROUP_MOST);
    if (local_bytes > PS_GPU_LOCAL_MOST_BYTES)
        local_bytes = PS_GPU_LOCAL_MOST_BYTES;
    gpu->once_most = (uint32_t)power_of_two_within(local_bytes / COMPLEX_BYTES);
    gpu->chunk_bytes = gpu->memory_most / CHUNK_SHARE;
    if (gpu->chunk_bytes > alloc_most)
        gpu->chunk_bytes = alloc_most;
    if (gpu->chunk_bytes > CHUNK_MOST_BYTES)
        gpu->chunk_bytes = CHUNK_MOST_BYTES;
    gpu->chunk_bytes = power_of_two_within(gpu->chunk_bytes);
    return CL_SUCCESS;
}

static cl_int make_queues(ps_gpu *gpu)
{
    const cl_command_queue_properties properties = gpu->profile ? CL_QUEUE_PROFILING_ENABLE : 0;
    cl_int code = CL_SUCCESS;

    for (uint32_t i = 0; i < PS_QUEUES && code == CL_SUCCESS; i++)
        gpu->queues[i] = clCreateCommandQueue(gpu->context, gpu->device, properties, &code);
    return code;
}

static cl_int make_kernels(ps_gpu *gpu)
{
    cl_int code = ps_gpu_program_build(&gpu->rows_program, gpu, "rows", ps_rows_source);

    for (uint32_t i = 0; i < PS_ROWS_KERNELS && code == CL_SUCCESS; i++)
        gpu->rows[i] = clCreateKernel(gpu->rows_program, rows_kernels[i], &code);
    return code;
}

static cl_int make_context(ps_gpu *gpu, const ps_gpu_device_entry *entry)
{
    const cl_context_properties properties[] = {CL_CONTEXT_PLATFORM,
                                                (cl_context_properties)entry->platform, 0};
    cl_int code;

    gpu->device = entry->id;
    gpu->platform = entry->platform;
    gpu->context = clCreateContext(properties, 1, &gpu->device, NULL, NULL, &code);
    return code;
}

bool ps_gpu_open(ps_gpu *gpu)
{
    cl_int code;

    if (gpu->devices.chosen < 0 || gpu->lost)
        return false;
    if (gpu->tried)
        return true;
    gpu->tried = true;
    code = make_context(gpu, &gpu->devices.entries[gpu->devices.chosen]);
    if (code == CL_SUCCESS)
        code = read_limits(gpu);
    if (code == CL_SUCCESS)
        code = make_queues(gpu);
    if (code == CL_SUCCESS)
        code = make_kernels(gpu);
    if (code == CL_SUCCESS)
        return true;
    ps_gpu_lose(gpu, code);
    ps_gpu_close(gpu);
    gpu->tried = false; /* it may have memory another time */
    return false;
}

/* What jobs need: all but the memory that is lent. */
static void clear(ps_gpu *gpu)
{
    ps_gpu_plans_clear(&gpu->plans);
    ps_gpu_pipeline_clear(gpu);
    ps_gpu_residents_free(&gpu->residents);
    ps_gpu_tones_clear(gpu);
    for (uint32_t i = 0; i < PS_ROWS_KERNELS; i++) {
        if (gpu->rows[i])
            clReleaseKernel(gpu->rows[i]);
        gpu->rows[i] = NULL;
    }
    if (gpu->rows_program)
        clReleaseProgram(gpu->rows_program);
    gpu->rows_program = NULL;
}

void ps_gpu_close(ps_gpu *gpu)
{
    clear(gpu);
    for (uint32_t i = 0; i < PS_QUEUES; i++) {
        if (gpu->queues[i])
            clReleaseCommandQueue(gpu->queues[i]);
        gpu->queues[i] = NULL;
    }
    if (gpu->context)
        clReleaseContext(gpu->context);
    gpu->context = NULL;
}

bool ps_gpu_wants_memory(cl_int code)
{
    return code == CL_MEM_OBJECT_ALLOCATION_FAILURE || code == CL_OUT_OF_HOST_MEMORY ||
           code == CL_INVALID_BUFFER_SIZE;
}

void ps_gpu_lose(ps_gpu *gpu, cl_int code)
{
    ps_gpu_device_info *info = &gpu->devices.entries[gpu->devices.chosen].info;
    const char *call = gpu->watch.error == code && gpu->watch.failed ? gpu->watch.failed : "OpenCL";
    char number[32];
    const char *words = ps_opencl_error(code, number, sizeof number);

    if (!ps_gpu_wants_memory(code)) {
        clear(gpu);
        gpu->lost = true;
        info->used = false;
        snprintf(info->reason, sizeof info->reason, "used no more: %s said %s", call, words);
        snprintf(gpu->devices.state, sizeof gpu->devices.state, "%s is used no more: %s said %s",
                 info->name, call, words);
    }
    if (!gpu->warned)
        ps_warn_at(&gpu->warnings, PS_UNSUPPORTED, PS_NOWHERE,
                   "gpu: %s failed (%s in %s), the processor goes on", info->name, words, call);
    gpu->warned = true;
}
