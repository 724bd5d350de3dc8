/*
 * Transforms of many rows at once, by VkFFT. Its header is a whole library: this is the only file
 * that includes it.
 *
 * VkFFT writes programs in OpenCL C and builds them, which takes a second; what it has built is
 * kept on disk. To print numbers with points it would switch the locale of the whole process;
 * instead its locale is that of this thread for the time being, and the words it would print go
 * nowhere.
 */
#include "inside.h"

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#ifdef __APPLE__
#include <xlocale.h>
#endif

#include "plainsong/memory.h"
#include "program.h"

static char *keep_locale(int category, const char *name)
{
    static char words[] = "C";

    (void)category;
    (void)name;
    return words;
}

static int print_nothing(const char *format, ...)
{
    (void)format;
    return 0;
}

/* The GPU that this thread makes a plan for. */
static _Thread_local ps_gpu *making_for;

static cl_program create_built(cl_context context, cl_uint count, const char **texts,
                               const size_t *lengths, cl_int *error)
{
    cl_program program = NULL;

    (void)context;
    (void)lengths; /* VkFFT's text is one, and ends with a zero */
    *error = count == 1 ? ps_gpu_program_build(&program, making_for, "VkFFT", texts[0])
                        : CL_INVALID_VALUE;
    return program;
}

static cl_int is_built(cl_program program, cl_uint count, const cl_device_id *devices,
                       const char *options, void(CL_CALLBACK *notify)(cl_program, void *),
                       void *user)
{
    (void)program;
    (void)count;
    (void)devices;
    (void)options;
    (void)notify;
    (void)user;
    return CL_SUCCESS;
}

/* The device as it is to be used. */
static cl_int get_device_info(cl_device_id device, cl_device_info what, size_t bytes, void *value,
                              size_t *written)
{
    const cl_int code = clGetDeviceInfo(device, what, bytes, value, written);
    size_t *sizes = value;

    if (code != CL_SUCCESS)
        return code;
    if (what == CL_DEVICE_LOCAL_MEM_SIZE && *(cl_ulong *)value > PS_GPU_LOCAL_MOST_BYTES)
        *(cl_ulong *)value = PS_GPU_LOCAL_MOST_BYTES;
    if (what == CL_DEVICE_MAX_WORK_GROUP_SIZE || what == CL_DEVICE_MAX_WORK_ITEM_SIZES) {
        for (size_t i = 0; i < bytes / sizeof *sizes; i++)
            sizes[i] = sizes[i] < PS_GPU_GROUP_MOST ? sizes[i] : PS_GPU_GROUP_MOST;
    }
    return code;
}

#undef clGetDeviceInfo
#undef clCreateProgramWithSource
#undef clBuildProgram
#define clCreateProgramWithSource create_built
#define clBuildProgram            is_built
#define clGetDeviceInfo           get_device_info
#define VKFFT_BACKEND             3
#define setlocale                 keep_locale
#define printf                    print_nothing
#if defined(__GNUC__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wunused-function"
#pragma GCC diagnostic ignored "-Wunused-variable"
#endif
#include <vkFFT.h>
#if defined(__GNUC__)
#pragma GCC diagnostic pop
#endif
#undef setlocale
#undef printf

struct ps_gpu_plan {
    uint32_t size, rows;
    uint64_t turn; /* when it was last used */
    uint64_t bytes;
    bool made;
    cl_device_id device; /* VkFFT keeps pointers to these */
    cl_context context;
    VkFFTApplication fft;
};

bool ps_gpu_plan_size_is_good(uint32_t size)
{
    static const uint32_t primes[] = {2, 3, 5, 7};

    for (size_t i = 0; i < sizeof primes / sizeof *primes; i++) {
        while (size > 1 && size % primes[i] == 0)
            size /= primes[i];
    }
    return size == 1;
}

/* ---- The thread's locale --------------------------------------------------------------------- */

typedef struct c_locale {
    locale_t own, before;
} c_locale;

static void begin_c_locale(c_locale *l)
{
    l->own = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    l->before = l->own ? uselocale(l->own) : (locale_t)0;
}

static void end_c_locale(c_locale *l)
{
    if (!l->own)
        return;
    uselocale(l->before);
    freelocale(l->own);
}

/* ---- Making ---------------------------------------------------------------------------------- */

static void destroy(ps_gpu_plan *plan)
{
    if (!plan)
        return;
    if (plan->made)
        deleteVkFFT(&plan->fft);
    ps_free(NULL, plan);
}

/* VkFFT has error codes of its own; OpenCL's, if there was one, says more. */
static cl_int code_of(const ps_gpu *gpu, VkFFTResult result)
{
    if (result == VKFFT_SUCCESS)
        return CL_SUCCESS;
    if (gpu->watch.error != CL_SUCCESS)
        return gpu->watch.error;
    return result == VKFFT_ERROR_MALLOC_FAILED ? CL_OUT_OF_HOST_MEMORY : CL_INVALID_OPERATION;
}

static VkFFTConfiguration configuration_of(ps_gpu_plan *plan)
{
    VkFFTConfiguration c = {0};

    c.FFTdim = 1;
    c.size[0] = plan->size;
    c.numberBatches = plan->rows;
    c.device = &plan->device;
    c.context = &plan->context;
    c.bufferSize = &plan->bytes;
    c.userTempBuffer = 1;
    c.tempBufferSize = &plan->bytes;
    c.useLUT = 1; /* sines from tables in double: those of some drivers are rough */
    return c;
}

static cl_int make(ps_gpu_plan **out, ps_gpu *gpu, uint32_t size, uint32_t rows)
{
    ps_gpu_plan *plan = ps_alloc(NULL, 1, sizeof *plan);
    VkFFTResult result;
    c_locale locale;

    if (!plan)
        return CL_OUT_OF_HOST_MEMORY;
    plan->size = size;
    plan->rows = rows;
    plan->bytes = (uint64_t)size * rows * 2 * sizeof(float);
    plan->device = gpu->device;
    plan->context = gpu->context;
    gpu->watch.error = CL_SUCCESS;
    making_for = gpu;
    begin_c_locale(&locale);
    result = initializeVkFFT(&plan->fft, configuration_of(plan));
    end_c_locale(&locale);
    plan->made = result == VKFFT_SUCCESS;
    if (!plan->made) {
        destroy(plan);
        return code_of(gpu, result);
    }
    *out = plan;
    return CL_SUCCESS;
}

/* ---- Keeping --------------------------------------------------------------------------------- */

/* The place of a plan, or else an empty one, or else that of the plan to give up. */
static ps_gpu_plan **place_of(ps_gpu_plans *plans, uint32_t size, uint32_t rows)
{
    ps_gpu_plan **best = &plans->kept[0];

    for (uint32_t i = 0; i < PS_GPU_PLANS_MOST; i++) {
        ps_gpu_plan **at = &plans->kept[i];

        if (*at && (*at)->size == size && (*at)->rows == rows)
            return at;
        if (*best && (!*at || (*at)->turn < (*best)->turn))
            best = at;
    }
    return best;
}

cl_int ps_gpu_plan_find(ps_gpu_plan **out, ps_gpu *gpu, uint32_t size, uint32_t rows)
{
    ps_gpu_plan **place = place_of(&gpu->plans, size, rows);
    cl_int code = CL_SUCCESS;

    if (!*place || (*place)->size != size || (*place)->rows != rows) {
        destroy(*place);
        *place = NULL;
        code = make(place, gpu, size, rows);
    }
    if (code == CL_SUCCESS) {
        (*place)->turn = ++gpu->plans.turns;
        *out = *place;
    }
    return code;
}

void ps_gpu_plans_clear(ps_gpu_plans *plans)
{
    for (uint32_t i = 0; i < PS_GPU_PLANS_MOST; i++)
        destroy(plans->kept[i]);
    memset(plans, 0, sizeof *plans);
}

/* ---- Running --------------------------------------------------------------------------------- */

uint32_t ps_gpu_plan_passes(const ps_gpu_plan *plan)
{
    const VkFFTPlan *fft =
        plan->fft.localFFTPlan ? plan->fft.localFFTPlan : plan->fft.localFFTPlan_inverse;

    return fft ? (uint32_t)fft->numAxisUploads[0] : 1;
}

uint64_t ps_gpu_plan_bytes(const ps_gpu_plan *plan)
{
    return plan->bytes;
}

cl_int ps_gpu_plan_run(ps_gpu_plan *plan, ps_gpu *gpu, cl_mem rows, cl_mem spare, bool inverse)
{
    VkFFTLaunchParams launch = {0};

    launch.commandQueue = &gpu->queues[PS_QUEUE_WORK];
    launch.buffer = &rows;
    launch.tempBuffer = &spare;
    gpu->watch.error = CL_SUCCESS;
    return code_of(gpu, VkFFTAppend(&plan->fft, inverse ? 1 : -1, &launch));
}
