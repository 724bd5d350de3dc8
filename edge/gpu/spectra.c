/* Transforms of windowed stretches of sounds, in pairs. */
#include <string.h>

#include "job.h"
#include "kernels.h"

#define COMPLEX_BYTES (2 * sizeof(float))
#define SIZE_MOST     (1u << 20)
#define COUNT_MOST    ((uint64_t)1 << 40)
#define LAUNCHES      3.0 /* of a chunk */

typedef struct task {
    ps_gpu *gpu;
    ps_spectra *items;
    uint32_t count;

    /* Of the item being done: */
    uint32_t at, rows;
    uint64_t next; /* spectrum */
    size_t in_most, out_most;
    ps_gpu_plan *plan;
    ps_gpu_buffer window;
} task;

static uint32_t bins(const ps_spectra *item)
{
    return item->size / 2 + 1;
}

/* Numbers of a spectrum. */
static uint32_t numbers(const ps_spectra *item)
{
    return bins(item) * (item->kind == PS_SPECTRA_COMPLEX ? 2 : 1);
}

/* A sound job that a device can do. More than a size apart, most of what goes up would be no use.
 */
static bool can_be_done(const ps_spectra *item)
{
    return item->size > 1 && item->size <= SIZE_MOST && ps_gpu_plan_size_is_good(item->size) &&
           item->hop > 0 && item->hop <= item->size && item->count <= COUNT_MOST &&
           item->frames <= COUNT_MOST && item->first >= -(int64_t)COUNT_MOST &&
           item->first <= (int64_t)COUNT_MOST && (unsigned)item->kind <= PS_SPECTRA_COMPLEX;
}

/* ---- Chunks ---------------------------------------------------------------------------------- */

static int64_t within(int64_t at, uint64_t frames)
{
    return at < 0 ? 0 : at > (int64_t)frames ? (int64_t)frames : at;
}

/* `count` spectra from the next one on as one segment, two to a row. */
static void add_segment(task *t, ps_gpu_chunk *chunk, uint64_t count)
{
    const ps_spectra *item = &t->items[t->at];
    const int64_t begin = item->first + (int64_t)(t->next * item->hop);
    const int64_t end = begin + (int64_t)((count - 1) * item->hop + item->size);
    const int64_t from = within(begin, item->frames), to = within(end, item->frames);
    ps_gpu_segment *s = &chunk->segments[chunk->segment_count++];

    *s = (ps_gpu_segment){
        .from = to > from ? item->samples + from : NULL,
        .to = item->out + t->next * numbers(item),
        .up = (size_t)(to - from),
        .down = (size_t)(count * numbers(item)),
        .in_at = chunk->in_count,
        .out_at = chunk->out_count,
        .item = t->at,
        .done_then = t->next + count,
    };
    for (uint64_t i = 0; i < count; i += 2) {
        chunk->rows[chunk->row_count++] = (ps_gpu_row){
            .in = (int32_t)((int64_t)s->in_at + begin - from + (int64_t)(i * item->hop)),
            .low = (int32_t)s->in_at,
            .high = (int32_t)(s->in_at + s->up),
            .step = (int32_t)item->hop,
            .out = (int32_t)(s->out_at + i * numbers(item)),
            .count = i + 1 < count ? 2 : 1,
        };
    }
    chunk->in_count += s->up;
    chunk->out_count += s->down;
    t->next += count;
}

static bool fill(void *job, ps_gpu_chunk *chunk)
{
    task *t = job;
    const uint64_t left = t->items[t->at].count - t->next;
    const uint64_t room = 2 * (uint64_t)chunk->row_room;

    if (left == 0)
        return false;
    add_segment(t, chunk, left < room ? left : room);
    return true;
}

static cl_int work(void *job, ps_gpu *gpu, ps_gpu_slot *slot)
{
    const task *t = job;
    const ps_spectra *item = &t->items[t->at];
    cl_int code = ps_gpu_gather(gpu, slot, item->size, item->window ? t->window.memory : NULL);

    if (code == CL_SUCCESS)
        code = ps_gpu_transform(gpu, t->plan, false);
    if (code == CL_SUCCESS)
        code = ps_gpu_split(gpu, slot, item->size, (uint32_t)item->kind);
    return code;
}

static void done(void *job, const ps_gpu_segment *segment)
{
    ((task *)job)->items[segment->item].done = segment->done_then;
}

/* ---- The job --------------------------------------------------------------------------------- */

static cl_int send_window(task *t, const ps_spectra *item)
{
    const size_t bytes = item->size * sizeof(float);
    cl_int code = CL_SUCCESS;

    if (!item->window)
        return code;
    code = ps_gpu_buffer_reserve(&t->window, t->gpu, bytes);
    if (code == CL_SUCCESS)
        code = clEnqueueWriteBuffer(t->gpu->queues[PS_QUEUE_UP], t->window.memory, CL_TRUE, 0,
                                    bytes, item->window, 0, NULL, NULL);
    return code;
}

static cl_int run_item(task *t, uint32_t at)
{
    const ps_spectra *item = &t->items[at];
    const uint64_t left = item->count - item->done;
    const uint32_t rows = ps_gpu_rows_of_chunk(t->gpu, left / 2 + 1, item->size, 1);
    ps_gpu_chunks chunks = {
        .row_room = rows,
        .in_most = ((size_t)rows * 2 - 1) * item->hop + item->size,
        .out_most = (size_t)rows * 2 * numbers(item),
        .work_bytes = (size_t)rows * item->size * COMPLEX_BYTES,
        .fill = fill,
        .work = work,
        .done = done,
        .job = t,
    };
    cl_int code;

    if (left == 0)
        return CL_SUCCESS;
    if (rows == 0)
        return CL_MEM_OBJECT_ALLOCATION_FAILURE;
    t->at = at;
    t->next = item->done;
    code = send_window(t, item);
    if (code == CL_SUCCESS)
        code = ps_gpu_plan_find(&t->plan, t->gpu, item->size, rows);
    return code == CL_SUCCESS ? ps_gpu_chunks_run(t->gpu, &chunks) : code;
}

static ps_gpu_load load_of(const task *t)
{
    ps_gpu_load load = {0};

    for (uint32_t i = 0; i < t->count; i++) {
        const ps_spectra *item = &t->items[i];

        load.up += (double)item->count * item->hop * sizeof(float);
        load.down += (double)item->count * numbers(item) * sizeof(float);
        load.work += (double)item->count / 2.0 * item->size * COMPLEX_BYTES * 6.0;
    }
    load.chunks = t->count + load.down / (double)t->gpu->chunk_bytes;
    load.launches = load.chunks * LAUNCHES;
    return load;
}

static ps_job_outcome run(task *t, double processor_sec)
{
    const ps_gpu_load load = load_of(t);
    cl_int code;

    if (!ps_gpu_job_is_worth_it(t->gpu, &load, processor_sec))
        return ps_gpu_job_decline(t->gpu);
    do {
        code = CL_SUCCESS;
        for (uint32_t i = 0; i < t->count && code == CL_SUCCESS; i++)
            code = run_item(t, i);
    } while (ps_gpu_job_try_again(t->gpu, code));
    ps_gpu_buffer_free(&t->window);
    return ps_gpu_job_end(t->gpu, code);
}

ps_job_outcome ps_gpu_spectra(void *user, ps_spectra *items, uint32_t count)
{
    task t = {.gpu = user, .items = items, .count = count};
    const double processor_sec = ps_cost_of_spectra(items, count, ps_gpu_threads(t.gpu));

    for (uint32_t i = 0; i < count; i++) {
        if (!can_be_done(&items[i]))
            return PS_JOB_DECLINED;
    }
    if (count == 0 || !ps_gpu_job_begin(t.gpu, processor_sec))
        return PS_JOB_DECLINED;
    return run(&t, processor_sec);
}
