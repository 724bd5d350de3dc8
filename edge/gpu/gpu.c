/* A GPU to lend to the core: finding and choosing it when it is first needed. */
#include "inside.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "job.h"
#include "measure.h"
#include "plainsong/memory.h"

static void fill_tables(ps_gpu *gpu)
{
    gpu->accelerator = (ps_accelerator){
        .convolve = ps_gpu_convolve,
        .spectra = ps_gpu_spectra,
        .tones = ps_gpu_tones,
        .wants_convolution = ps_gpu_wants_convolution,
        .wants_tones = ps_gpu_wants_tones,
        .memory = &gpu->lender,
        .user = gpu,
    };
    gpu->lender = ps_gpu_lender(gpu);
}

static ps_status copy_options(ps_gpu *gpu, const ps_gpu_options *options, ps_error *err)
{
    if (options->device && strlen(options->device) >= sizeof gpu->wanted)
        return ps_fail(err, PS_BAD_ARGUMENT, "gpu: no device has a name of %zu bytes",
                       strlen(options->device));
    if (options->device)
        strcpy(gpu->wanted, options->device);
    gpu->mode = options->mode;
    gpu->memory_wanted = options->memory_bytes;
    gpu->workers = options->workers;
    gpu->profile = options->profile;
    if (options->warnings)
        gpu->warnings = *options->warnings;
    if (options->fault) {
        gpu->watch.fail_from = options->fault->after_calls;
        gpu->watch.fail_count = options->fault->count;
        gpu->watch.fail_code = options->fault->code;
    }
    return PS_OK;
}

ps_status ps_gpu_create(ps_gpu **out, const ps_gpu_options *options, ps_error *err)
{
    ps_gpu *gpu = ps_alloc(NULL, 1, sizeof *gpu);
    ps_status status = gpu ? PS_OK : ps_fail(err, PS_NO_MEMORY, "no memory for a GPU");

    if (gpu) {
        pthread_mutex_init(&gpu->mutex, NULL);
        ps_batch_init(&gpu->convolutions);
        fill_tables(gpu);
        ps_disk_cache_folder(gpu->folder, options ? options->cache_folder : NULL);
    }
    if (gpu && options)
        status = copy_options(gpu, options, err);
    if (status != PS_OK) {
        ps_gpu_destroy(gpu);
        return status;
    }
    *out = gpu;
    return PS_OK;
}

void ps_gpu_destroy(ps_gpu *gpu)
{
    if (!gpu)
        return;
    if (gpu->process == getpid())
        ps_gpu_close(gpu);
    if (gpu->process == 0 || gpu->process == getpid()) {
        ps_batch_destroy(&gpu->convolutions);
        pthread_mutex_destroy(&gpu->mutex);
    }
    ps_free(NULL, gpu);
}

/* The mutex of a parent may be held for ever in its child, by a thread that is not there. */
bool ps_gpu_is_ours(ps_gpu *gpu)
{
    pid_t process = 0;

    return atomic_compare_exchange_strong(&gpu->process, &process, getpid()) || process == getpid();
}

static bool lock(ps_gpu *gpu)
{
    if (!ps_gpu_is_ours(gpu))
        return false;
    pthread_mutex_lock(&gpu->mutex);
    ps_cl_watch_by(&gpu->watch);
    return true;
}

bool ps_gpu_enter(ps_gpu *gpu)
{
    if (!lock(gpu))
        return false;
    if (!gpu->usage.looked)
        ps_gpu_devices_find(&gpu->devices, gpu->mode, gpu->wanted);
    gpu->usage.looked = true;
    return true;
}

void ps_gpu_leave(ps_gpu *gpu)
{
    ps_cl_watch_by(NULL);
    pthread_mutex_unlock(&gpu->mutex);
}

bool ps_gpu_device(ps_gpu *gpu, uint32_t index, ps_gpu_device_info *info)
{
    bool found;

    if (!ps_gpu_enter(gpu))
        return false;
    found = index < gpu->devices.count;
    if (found)
        *info = gpu->devices.entries[index].info;
    ps_gpu_leave(gpu);
    return found;
}

void ps_gpu_state(ps_gpu *gpu, char *text, size_t text_bytes)
{
    if (!ps_gpu_enter(gpu)) {
        snprintf(text, text_bytes, "a forked process cannot use its parent's GPU");
        return;
    }
    snprintf(text, text_bytes, "%s", gpu->devices.state);
    ps_gpu_leave(gpu);
}

const ps_accelerator *ps_gpu_accelerator(ps_gpu *gpu)
{
    return &gpu->accelerator;
}

const ps_allocator *ps_gpu_memory(ps_gpu *gpu)
{
    return &gpu->lender;
}

void ps_gpu_get_usage(ps_gpu *gpu, ps_gpu_usage *usage)
{
    memset(usage, 0, sizeof *usage);
    if (!lock(gpu))
        return;
    *usage = gpu->usage;
    ps_gpu_leave(gpu);
}
