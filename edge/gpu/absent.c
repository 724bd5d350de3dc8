/* The GPU of a build without OpenCL's headers and VkFFT's: there is none, and it says so. */
#include <stdio.h>

#include "plainsong/gpu.h"
#include <string.h>

#include "plainsong/memory.h"

struct ps_gpu {
    ps_gpu_mode mode;
    ps_accelerator accelerator; /* declines everything */
    ps_allocator memory;
};

static void *take(void *user, size_t size_bytes)
{
    (void)user;
    return ps_alloc(NULL, 1, size_bytes);
}

static void give(void *user, void *memory)
{
    (void)user;
    ps_free(NULL, memory);
}

ps_status ps_gpu_create(ps_gpu **out, const ps_gpu_options *options, ps_error *err)
{
    ps_gpu *gpu = ps_alloc(NULL, 1, sizeof *gpu);

    if (!gpu)
        return ps_fail(err, PS_NO_MEMORY, "no memory for a GPU");
    gpu->mode = options ? options->mode : PS_GPU_AUTO;
    gpu->memory = (ps_allocator){take, give, gpu};
    *out = gpu;
    return PS_OK;
}

void ps_gpu_destroy(ps_gpu *gpu)
{
    ps_free(NULL, gpu);
}

bool ps_gpu_device(ps_gpu *gpu, uint32_t index, ps_gpu_device_info *info)
{
    (void)gpu;
    (void)index;
    (void)info;
    return false;
}

void ps_gpu_state(ps_gpu *gpu, char *text, size_t text_bytes)
{
    snprintf(text, text_bytes, "%s",
             gpu->mode == PS_GPU_OFF ? "the GPU is turned off"
                                     : "this build of Plainsong has no GPU support");
}

const ps_accelerator *ps_gpu_accelerator(ps_gpu *gpu)
{
    return &gpu->accelerator;
}

const ps_allocator *ps_gpu_memory(ps_gpu *gpu)
{
    return &gpu->memory;
}

void ps_gpu_get_usage(ps_gpu *gpu, ps_gpu_usage *usage)
{
    (void)gpu;
    memset(usage, 0, sizeof *usage);
    usage->looked = true;
}
