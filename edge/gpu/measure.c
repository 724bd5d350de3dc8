/* How fast a device is: each thing done some times, the best time taken. */
#include "measure.h"

#include <string.h>
#include <time.h>

#include "kernels.h"
#include "plainsong/memory.h"
#include "program.h"

#define BYTES   ((size_t)8 << 20) /* of each transfer; enough for full speed over PCI Express */
#define SIZE    1024u             /* of transforms; fits any device's local memory */
#define ROWS    (uint32_t)(BYTES / SIZE / (2 * sizeof(float)))
#define REPEATS 4
#define COPIES  16 /* on the device, as it is so much faster there */

static void key_of(char key[PS_GPU_KEY_BYTES], const ps_gpu *gpu)
{
    ps_gpu_key(key, gpu, "speeds 1", "");
}

bool ps_gpu_speeds_known(ps_gpu_speeds *speeds, const ps_gpu *gpu)
{
    char key[PS_GPU_KEY_BYTES];
    size_t bytes;
    void *kept;
    bool known;

    key_of(key, gpu);
    kept = ps_disk_cache_load(gpu->folder, key, &bytes);
    known = kept && bytes == sizeof *speeds;
    if (known)
        memcpy(speeds, kept, bytes);
    ps_free(NULL, kept);
    return known;
}

const ps_gpu_speeds *ps_gpu_speeds_of(ps_gpu *gpu)
{
    char key[PS_GPU_KEY_BYTES];
    ps_gpu_speeds measured;

    if (gpu->speeds.launch_sec > 0.0)
        return &gpu->speeds;
    key_of(key, gpu);
    gpu->speeds = ps_gpu_speeds_usual;
    if (gpu->folder[0] != '\0' && !ps_gpu_speeds_known(&gpu->speeds, gpu) &&
        ps_gpu_measure(&measured, gpu) == CL_SUCCESS) {
        ps_disk_cache_store(gpu->folder, key, &measured, sizeof measured);
        ps_gpu_speeds_known(&gpu->speeds, gpu);
    }
    return &gpu->speeds;
}

/* ---- Measuring ------------------------------------------------------------------------------- */

typedef struct bench {
    ps_gpu *gpu;
    ps_gpu_buffer here, there;
    ps_gpu_pinned pinned;
    float *sound;
    ps_gpu_plan *plan;
} bench;

static double now_sec(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static cl_int go_up(bench *b)
{
    return clEnqueueWriteBuffer(b->gpu->queues[PS_QUEUE_WORK], b->here.memory, CL_FALSE, 0, BYTES,
                                b->pinned.numbers, 0, NULL, NULL);
}

static cl_int go_down(bench *b)
{
    return clEnqueueReadBuffer(b->gpu->queues[PS_QUEUE_WORK], b->here.memory, CL_FALSE, 0, BYTES,
                               b->pinned.numbers, 0, NULL, NULL);
}

static cl_int copy(bench *b)
{
    cl_int code = CL_SUCCESS;

    for (int i = 0; i < COPIES && code == CL_SUCCESS; i++)
        code = clEnqueueCopyBuffer(b->gpu->queues[PS_QUEUE_WORK], b->here.memory, b->there.memory,
                                   0, 0, BYTES, 0, NULL, NULL);
    return code;
}

static cl_int transform(bench *b)
{
    cl_int code = CL_SUCCESS;

    for (int i = 0; i < COPIES && code == CL_SUCCESS; i++)
        code = ps_gpu_plan_run(b->plan, b->gpu, b->here.memory, b->there.memory, i % 2 != 0);
    return code;
}

static cl_int launch_little(bench *b)
{
    cl_int code = CL_SUCCESS;

    for (int i = 0; i < COPIES && code == CL_SUCCESS; i++)
        code = clEnqueueCopyBuffer(b->gpu->queues[PS_QUEUE_WORK], b->here.memory, b->there.memory,
                                   0, 0, 64, 0, NULL, NULL);
    return code;
}

static cl_int copy_here(bench *b)
{
    memcpy(b->pinned.numbers, b->sound, BYTES);
    return CL_SUCCESS;
}

/* Seconds that something takes at best; the first time does not count. */
static cl_int time_it(double *sec, bench *b, cl_int (*something)(bench *b))
{
    cl_int code = CL_SUCCESS;

    *sec = 1e9;
    for (int repeat = 0; repeat <= REPEATS && code == CL_SUCCESS; repeat++) {
        double took = now_sec();

        code = something(b);
        if (code == CL_SUCCESS)
            code = clFinish(b->gpu->queues[PS_QUEUE_WORK]);
        took = now_sec() - took;
        if (repeat > 0 && took < *sec)
            *sec = took;
    }
    *sec = *sec > 1e-9 ? *sec : 1e-9;
    return code;
}

static cl_int take(bench *b)
{
    cl_int code = ps_gpu_buffer_reserve(&b->here, b->gpu, BYTES);

    if (code == CL_SUCCESS)
        code = ps_gpu_buffer_reserve(&b->there, b->gpu, BYTES);
    if (code == CL_SUCCESS)
        code = ps_gpu_pinned_reserve(&b->pinned, b->gpu, BYTES);
    if (code == CL_SUCCESS)
        code = ps_gpu_plan_find(&b->plan, b->gpu, SIZE, ROWS);
    b->sound = ps_alloc(NULL, 1, BYTES);
    return code == CL_SUCCESS && !b->sound ? CL_OUT_OF_HOST_MEMORY : code;
}

static void give_back(bench *b)
{
    ps_cl_drain(b->gpu->queues[PS_QUEUE_WORK]);
    ps_gpu_buffer_free(&b->here);
    ps_gpu_buffer_free(&b->there);
    ps_gpu_pinned_free(&b->pinned, b->gpu);
    ps_free(NULL, b->sound);
}

cl_int ps_gpu_measure(ps_gpu_speeds *speeds, ps_gpu *gpu)
{
    const double bytes = (double)BYTES;
    double up, down, host, copies, launches, transforms;
    bench b = {.gpu = gpu};
    cl_int code = take(&b);

    if (code == CL_SUCCESS)
        code = time_it(&host, &b, copy_here);
    if (code == CL_SUCCESS)
        code = time_it(&up, &b, go_up);
    if (code == CL_SUCCESS)
        code = time_it(&down, &b, go_down);
    if (code == CL_SUCCESS)
        code = time_it(&copies, &b, copy);
    if (code == CL_SUCCESS)
        code = time_it(&launches, &b, launch_little);
    if (code == CL_SUCCESS)
        code = time_it(&transforms, &b, transform);
    if (code == CL_SUCCESS)
        *speeds = (ps_gpu_speeds){
            .up = bytes / up,
            .down = bytes / down,
            .copy = COPIES * 2.0 * bytes / copies,
            .work = COPIES * 2.0 * bytes * ps_gpu_plan_passes(b.plan) / transforms,
            .host = bytes / host,
            .launch_sec = launches / COPIES,
        };
    give_back(&b);
    return code;
}
