/* Sums of tones: nothing but their descriptions goes up, and sound comes down. */
#include "tones.h"

#include <math.h>
#include <string.h>
#include <time.h>

#include "disk_cache.h"
#include "job.h"
#include "measure.h"
#include "plainsong/memory.h"
#include "program.h"

#define TILE         2048u /* frames of a list, as in kernels/tones.cl */
#define CHUNK_FRAMES 131072u
#define FRAMES_MOST  (1u << 30) /* of a mix */
#define TONE_FRAMES  (1u << 24)
#define COUNT_MOST   (1u << 16)
#define TURNS_MOST   64.0
#define LAUNCHES     1.0 /* of a chunk */

/* What a tone uses, as in kernels/tones.cl. */
enum { USES_SWING = 1, USES_TREMOLO = 4, USES_SKEW = 8, USES_PULSE = 16 };

/* As `tone` in kernels/tones.cl, which says what the members are. */
typedef struct gpu_tone {
    ps_tone_phase tone, swing[2], tremolo, pulse;
    int64_t turns_at[2], turns_by[2];
    int64_t audible_at, audible_by;
    float level_at[2], level_by[2];
    float depth_at, depth_by, skew_at, skew_by, ramp_at, ramp_by;
    float left, right;
    uint32_t first, end;
    uint32_t uses, spare;
} gpu_tone;

#define TONE_NUMBERS (sizeof(gpu_tone) / sizeof(float))

_Static_assert(sizeof(gpu_tone) == 232, "the kernel has the same struct");

typedef struct task {
    ps_gpu *gpu;
    ps_tones *items;
    uint32_t count;

    /* Of the item being done: */
    ps_tones *item;
    uint32_t at;               /* of the items */
    uint32_t next, chunk_most; /* frames */
    gpu_tone *tones;           /* all of it */
    size_t blob_most;
    uint32_t *blob; /* what goes up for a chunk */

    /* Of the chunk filled last: */
    uint32_t first, frames, heard;
} task;

static uint32_t smaller(uint64_t a, uint64_t b)
{
    return (uint32_t)(a < b ? a : b);
}

/* ---- Tones as the kernel wants them ---------------------------------------------------------- */

static bool is_there(ps_tone_line line)
{
    return line.at != 0.0 || line.by != 0.0;
}

/* Both ends of a line are between two numbers. */
static bool is_within(ps_tone_line line, uint64_t frames, double low, double high)
{
    const double end = line.at + line.by * (double)frames;

    return line.at >= low && line.at <= high && end >= low && end <= high;
}

/* 1e-3 beyond their limits is what roundings may do to lines. */
static bool is_sound(const ps_tone *tone)
{
    const uint64_t n = tone->frames;
    bool sound = n <= TONE_FRAMES && isfinite(tone->left) && isfinite(tone->right);

    for (uint32_t k = 0; k < 2; k++)
        sound = sound && is_within(tone->level[k], n, -1e30, 1e30) &&
                is_within(tone->turns[k], n, -TURNS_MOST - 1e-3, TURNS_MOST + 1e-3);
    sound = sound && is_within(tone->depth, n, -1e30, 1e30) && is_within(tone->skew, n, -2.0, 2.0);
    if (!tone->pulsed)
        return sound;
    return sound && is_within(tone->audible, n, -1e-3, 1.001) &&
           is_within(tone->ramp, n, -1e-3, 0.501);
}

static int64_t fixed(double x, double unit)
{
    return (int64_t)(x * unit);
}

static uint32_t uses_of(const ps_tone *tone)
{
    uint32_t uses = tone->pulsed ? USES_PULSE : 0;

    for (uint32_t k = 0; k < 2; k++)
        uses |= is_there(tone->turns[k]) ? (uint32_t)USES_SWING << k : 0u;
    if (is_there(tone->depth))
        uses |= is_there(tone->skew) ? USES_TREMOLO | USES_SKEW : USES_TREMOLO;
    return uses;
}

static gpu_tone converted(const ps_tone *tone, uint64_t frames)
{
    gpu_tone t = {
        .tone = tone->phase,
        .swing = {tone->swing[0], tone->swing[1]},
        .tremolo = tone->tremolo,
        .pulse = tone->pulse,
        .audible_at = fixed(tone->audible.at, 0x1p61),
        .audible_by = fixed(tone->audible.by, 0x1p61),
        .depth_at = (float)tone->depth.at,
        .depth_by = (float)tone->depth.by,
        .skew_at = (float)tone->skew.at,
        .skew_by = (float)tone->skew.by,
        .ramp_at = (float)tone->ramp.at,
        .ramp_by = (float)tone->ramp.by,
        .left = tone->left,
        .right = tone->right,
        .first = smaller(tone->first, frames),
        .end = tone->first < frames ? smaller(tone->first + tone->frames, frames) : 0,
        .uses = uses_of(tone),
    };

    for (uint32_t k = 0; k < 2; k++) {
        t.turns_at[k] = fixed(tone->turns[k].at, 0x1p48);
        t.turns_by[k] = fixed(tone->turns[k].by, 0x1p48);
        t.level_at[k] = (float)tone->level[k].at;
        t.level_by[k] = (float)tone->level[k].by;
    }
    return t;
}

static bool can_be_done(const ps_tones *item)
{
    if (item->frames > FRAMES_MOST || item->count > COUNT_MOST)
        return false;
    for (uint32_t i = 0; i < item->count; i++) {
        if (!is_sound(&item->tones[i]))
            return false;
    }
    return true;
}

/* ---- Chunks ---------------------------------------------------------------------------------- */

static uint32_t tiles_of(uint32_t frames)
{
    return (frames + TILE - 1) / TILE;
}

/* The tones that are heard in the chunk, one behind the other from the beginning of the blob. */
static void pick_tones(task *t)
{
    gpu_tone *picked = (gpu_tone *)(void *)t->blob;

    t->heard = 0;
    for (uint32_t i = 0; i < t->item->count; i++) {
        const gpu_tone *tone = &t->tones[i];

        if (tone->first < t->first + t->frames && tone->end > t->first)
            picked[t->heard++] = *tone;
    }
}

/* First and last tile of the chunk in which a tone is heard. */
static void tiles_of_tone(const task *t, const gpu_tone *tone, uint32_t *from, uint32_t *to)
{
    const uint32_t last = t->first + t->frames, end = tone->end < last ? tone->end : last;

    *from = (tone->first > t->first ? tone->first - t->first : 0) / TILE;
    *to = (end - 1 - t->first) / TILE;
}

/* For each tile where its list begins, and the lists; returns the numbers of all the blob. */
static size_t list_tones(task *t)
{
    const gpu_tone *picked = (const gpu_tone *)(const void *)t->blob;
    const uint32_t tiles = tiles_of(t->frames);
    uint32_t *begins = t->blob + t->heard * TONE_NUMBERS, *lists = begins + tiles + 1;
    uint32_t from, to;

    memset(begins, 0, (tiles + 1) * sizeof *begins);
    for (uint32_t i = 0; i < t->heard; i++) {
        tiles_of_tone(t, &picked[i], &from, &to);
        for (uint32_t k = from; k <= to; k++)
            begins[k + 1]++;
    }
    for (uint32_t k = 0; k < tiles; k++)
        begins[k + 1] += begins[k];
    const uint32_t all = begins[tiles];
    for (uint32_t i = t->heard; i-- > 0;) { /* from behind: begins[k + 1] goes down to where k's
                                               list begins, which is where it belongs one further */
        tiles_of_tone(t, &picked[i], &from, &to);
        for (uint32_t k = from; k <= to; k++)
            lists[--begins[k + 1]] = i;
    }
    memmove(begins, begins + 1, tiles * sizeof *begins);
    begins[tiles] = all;
    return t->heard * TONE_NUMBERS + tiles + 1 + all;
}

static bool fill(void *job, ps_gpu_chunk *chunk)
{
    task *t = job;
    const uint32_t left = (uint32_t)t->item->frames - t->next;
    size_t numbers;

    if (left == 0)
        return false;
    t->first = t->next;
    t->frames = left < t->chunk_most ? left : t->chunk_most;
    t->next += t->frames;
    pick_tones(t);
    numbers = list_tones(t);
    chunk->segments[0] = (ps_gpu_segment){.from = (const float *)(const void *)t->blob,
                                          .to = t->item->out[0] + t->first,
                                          .up = numbers,
                                          .down = t->frames};
    chunk->segments[1] = (ps_gpu_segment){.to = t->item->out[1] + t->first,
                                          .down = t->frames,
                                          .in_at = numbers,
                                          .out_at = t->frames,
                                          .item = t->at,
                                          .done_then = t->next};
    chunk->segment_count = 2;
    chunk->row_count = 1; /* not looked at */
    chunk->in_count = numbers;
    chunk->out_count = 2 * (size_t)t->frames;
    return true;
}

static cl_int work(void *job, ps_gpu *gpu, ps_gpu_slot *slot)
{
    const task *t = job;
    const size_t local = gpu->group, global = (t->frames + local - 1) / local * local;
    cl_kernel kernel = gpu->tones.kernel;
    cl_int code = clSetKernelArg(kernel, 0, sizeof(cl_mem), &slot->in.memory);

    if (code == CL_SUCCESS)
        code = clSetKernelArg(kernel, 1, sizeof t->heard, &t->heard);
    if (code == CL_SUCCESS)
        code = clSetKernelArg(kernel, 2, sizeof(cl_mem), &slot->out.memory);
    if (code == CL_SUCCESS)
        code = clSetKernelArg(kernel, 3, sizeof t->first, &t->first);
    if (code == CL_SUCCESS)
        code = clSetKernelArg(kernel, 4, sizeof t->frames, &t->frames);
    gpu->usage.work_bytes += 2 * (uint64_t)t->frames * sizeof(float);
    return code == CL_SUCCESS
               ? clEnqueueNDRangeKernel(gpu->queues[PS_QUEUE_WORK], kernel, 1, NULL, &global,
                                        &local, 1, &slot->went_up, &slot->worked)
               : code;
}

static void done(void *job, const ps_gpu_segment *segment)
{
    ((task *)job)->items[segment->item].done_frames = segment->done_then;
}

/* ---- An item --------------------------------------------------------------------------------- */

static cl_int make_kernel(ps_gpu *gpu)
{
    cl_int code = CL_SUCCESS;

    if (!gpu->tones.program)
        code = ps_gpu_program_build(&gpu->tones.program, gpu, "tones", ps_tones_source);
    if (code == CL_SUCCESS && !gpu->tones.kernel)
        gpu->tones.kernel = clCreateKernel(gpu->tones.program, "sum", &code);
    return code;
}

void ps_gpu_tones_clear(ps_gpu *gpu)
{
    if (gpu->tones.kernel)
        clReleaseKernel(gpu->tones.kernel);
    if (gpu->tones.program)
        clReleaseProgram(gpu->tones.program);
    gpu->tones.kernel = NULL;
    gpu->tones.program = NULL;
}

/* What is left of an item goes in chunks of a power of two, down to what there is memory for. */
static uint32_t chunk_of(const ps_gpu *gpu, uint64_t left)
{
    uint32_t frames = CHUNK_FRAMES;

    while (frames > TILE && frames * 2 * sizeof(float) > gpu->chunk_bytes)
        frames /= 2;
    return left < frames ? (uint32_t)left : frames;
}

static cl_int run_chunks(task *t)
{
    const ps_gpu_chunks chunks = {
        .row_room = 2,
        .in_most = t->blob_most,
        .out_most = 2 * (size_t)t->chunk_most,
        .work_bytes = sizeof(float), /* none is needed, but buffers have a size */
        .fill = fill,
        .work = work,
        .done = done,
        .job = t,
    };

    for (uint32_t i = 0; i < t->item->count; i++)
        t->tones[i] = converted(&t->item->tones[i], t->item->frames);
    return ps_gpu_chunks_run(t->gpu, &chunks);
}

static cl_int run_item(task *t, uint32_t at)
{
    ps_tones *item = &t->items[at];
    const uint64_t left = item->frames - item->done_frames;
    cl_int code = CL_SUCCESS;

    if (left == 0)
        return CL_SUCCESS;
    t->item = item;
    t->at = at;
    t->next = (uint32_t)item->done_frames;
    t->chunk_most = chunk_of(t->gpu, left);
    t->blob_most =
        item->count * (TONE_NUMBERS + tiles_of(t->chunk_most)) + tiles_of(t->chunk_most) + 1;
    t->tones = ps_alloc(NULL, item->count + 1, sizeof *t->tones);
    t->blob = ps_alloc(NULL, t->blob_most, sizeof *t->blob);
    code = t->tones && t->blob ? run_chunks(t) : CL_OUT_OF_HOST_MEMORY;
    ps_free(NULL, t->tones);
    ps_free(NULL, t->blob);
    return code;
}

static cl_int run_items(task *t)
{
    cl_int code = make_kernel(t->gpu);

    for (uint32_t i = 0; i < t->count && code == CL_SUCCESS; i++)
        code = run_item(t, i);
    return code;
}

/* ---- How fast a device is at this ------------------------------------------------------------ */

#define TRIED_TONES  256u
#define TRIED_FRAMES CHUNK_FRAMES
#define TRIES        4

static double now_sec(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

/* Plain tones, each heard all the time: the first try, which builds the kernel, does not count. */
static cl_int time_tones(ps_gpu *gpu, const ps_tone *tones, float *out, double *sec)
{
    ps_tones item = {.tones = tones,
                     .count = TRIED_TONES,
                     .out = {out, out + TRIED_FRAMES},
                     .frames = TRIED_FRAMES};
    task t = {.gpu = gpu, .items = &item, .count = 1};
    cl_int code = CL_SUCCESS;

    *sec = 1e9;
    for (int i = 0; i <= TRIES && code == CL_SUCCESS; i++) {
        const double start = now_sec();

        item.done_frames = 0;
        code = run_items(&t);
        if (i > 0)
            *sec = fmin(*sec, now_sec() - start);
    }
    return code;
}

cl_int ps_gpu_tones_measure(double *per_sec, ps_gpu *gpu)
{
    ps_tone *tones = ps_alloc(NULL, TRIED_TONES, sizeof *tones);
    float *out = ps_alloc(NULL, 2 * TRIED_FRAMES, sizeof *out);
    cl_int code = CL_OUT_OF_HOST_MEMORY;
    double sec = 1.0;

    for (uint32_t i = 0; tones && i < TRIED_TONES; i++)
        tones[i] = (ps_tone){.frames = TRIED_FRAMES,
                             .left = 1.0f,
                             .phase = {.by = (i + 1) * (UINT64_C(1) << 48)},
                             .level = {{1e-3, 0.0}, {1.0, 0.0}}};
    if (tones && out)
        code = time_tones(gpu, tones, out, &sec);
    ps_free(NULL, tones);
    ps_free(NULL, out);
    *per_sec = TRIED_TONES * (double)TRIED_FRAMES / fmax(sec, 1e-9);
    return code;
}

/* Sines a second; measured once, then from disk, so that it does not change from run to run. */
static double speed_of(ps_gpu *gpu)
{
    char key[PS_GPU_KEY_BYTES];
    size_t bytes = 0;
    double measured;
    void *kept;

    if (gpu->tones.per_sec > 0.0)
        return gpu->tones.per_sec;
    gpu->tones.per_sec = PS_TONES_USUAL_PER_SEC;
    if (gpu->folder[0] == '\0')
        return gpu->tones.per_sec;
    ps_gpu_key(key, gpu, "tones a second 1", ps_tones_source);
    kept = ps_disk_cache_load(gpu->folder, key, &bytes);
    if (kept && bytes == sizeof measured) {
        memcpy(&gpu->tones.per_sec, kept, bytes);
    } else if (ps_gpu_tones_measure(&measured, gpu) == CL_SUCCESS) {
        ps_disk_cache_store(gpu->folder, key, &measured, sizeof measured);
        gpu->tones.per_sec = measured;
    }
    ps_free(NULL, kept);
    return gpu->tones.per_sec;
}

/* ---- Whether to ------------------------------------------------------------------------------ */

static ps_gpu_load load_of(ps_gpu *gpu, const ps_tones *items, uint32_t count)
{
    /* Time spent on sines is told as bytes of work, of which the cost model knows the speed. */
    const double bytes_per_sine = ps_gpu_speeds_of(gpu)->work / speed_of(gpu);
    ps_gpu_load load = {0};

    for (uint32_t i = 0; i < count; i++) {
        const double chunks = ceil((double)items[i].frames / CHUNK_FRAMES);

        load.up += chunks * items[i].count * sizeof(gpu_tone);
        load.down += 2.0 * (double)items[i].frames * sizeof(float);
        load.work += ps_sines_of_tones(&items[i]) * bytes_per_sine;
        load.chunks += chunks;
    }
    load.launches = load.chunks * LAUNCHES;
    return load;
}

/* One thread of the processor makes one voice. */
static uint32_t threads_for(const ps_gpu *gpu, const ps_tones *items, uint32_t count)
{
    const uint32_t threads = ps_gpu_threads(gpu);
    uint64_t tones = 0;

    for (uint32_t i = 0; i < count; i++)
        tones += items[i].count;
    return tones < threads ? (uint32_t)tones : threads;
}

/* Whether the open device does it faster. */
static bool is_worth_it(ps_gpu *gpu, const ps_tones *items, uint32_t count)
{
    if (gpu->mode == PS_GPU_ON)
        return true;
    const ps_gpu_load load = load_of(gpu, items, count);

    return ps_gpu_job_is_worth_it(
        gpu, &load, ps_cost_of_tones(items, count, false, threads_for(gpu, items, count)));
}

/* Enters and opens the device, unless it is not even worth looking for one. */
static bool begin(ps_gpu *gpu, const ps_tones *items, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        if (!can_be_done(&items[i]))
            return false;
    }
    return count > 0 && ps_gpu_job_begin(gpu, ps_cost_of_tones(items, count, true,
                                                               threads_for(gpu, items, count)));
}

bool ps_gpu_wants_tones(void *user, const ps_tones *items, uint32_t count)
{
    ps_gpu *gpu = user;
    bool wanted;

    if (!begin(gpu, items, count))
        return false;
    wanted = is_worth_it(gpu, items, count);
    ps_gpu_leave(gpu);
    return wanted;
}

/* ---- The job --------------------------------------------------------------------------------- */

ps_job_outcome ps_gpu_tones(void *user, ps_tones *items, uint32_t count)
{
    task t = {.gpu = user, .items = items, .count = count};
    cl_int code;

    if (!begin(t.gpu, items, count))
        return PS_JOB_DECLINED;
    if (!is_worth_it(t.gpu, items, count))
        return ps_gpu_job_decline(t.gpu);
    do
        code = run_items(&t);
    while (ps_gpu_job_try_again(t.gpu, code));
    return ps_gpu_job_end(t.gpu, code);
}
