/*
 * Convolution of any number of channels and pieces at once, by overlap-save. Callers who come while
 * the device works are served together: their pieces go to it as one job.
 */
#include <stdlib.h>
#include <string.h>

#include "blocks.h"
#include "job.h"
#include "kernels.h"
#include "plainsong/memory.h"

#define COMPLEX_BYTES (2 * sizeof(float))

/* Further launches of a chunk, besides one for each pass of a transform. */
#define LAUNCHES 4.0

typedef struct task {
    ps_gpu *gpu;
    ps_convolution *items;
    ps_blocks *blocks; /* of the items, like ones together */
    uint32_t *places;  /* of all responses of the items in that order */
    uint32_t count;

    /* Of the like ones being done: */
    uint32_t size, hop_most;
    bool stereo;
    ps_gpu_plan *plan;
    ps_blocks_cursor cursor;
} task;

/* ---- Preparing ------------------------------------------------------------------------------- */

static ps_blocks_limits limits_of(const ps_gpu *gpu)
{
    const uint64_t most = gpu->chunk_bytes / COMPLEX_BYTES / 2; /* true stereo needs two rows */

    return (ps_blocks_limits){gpu->once_most, (uint32_t)(most < (1u << 24) ? most : 1u << 24)};
}

static int by_likeness(const void *a, const void *b)
{
    const ps_blocks *x = a, *y = b;

    if (x->size != y->size)
        return x->size < y->size ? -1 : 1;
    if (x->stereo != y->stereo)
        return x->stereo ? 1 : -1;
    return x->index < y->index ? -1 : 1;
}

/* Cuts what is left of all items; false when some item cannot be done here. */
static bool cut(task *t)
{
    const ps_blocks_limits limits = limits_of(t->gpu);
    uint32_t *places = t->places;

    for (uint32_t i = 0; i < t->count; i++) {
        t->blocks[i] = ps_blocks_of(&t->items[i], i, &limits);
        if (t->blocks[i].size == 0)
            return false;
    }
    qsort(t->blocks, t->count, sizeof *t->blocks, by_likeness);
    for (uint32_t i = 0; i < t->count; i++) {
        t->blocks[i].places = places;
        places += t->blocks[i].job->responses;
    }
    return true;
}

/* The frames behind all results. */
static void complete(ps_convolution *item, uint64_t results)
{
    for (uint32_t c = 0; c < item->channels; c++)
        memset(item->out[c] + results, 0, (size_t)(item->out_frames - results) * sizeof(float));
    item->done_frames = item->out_frames;
}

/* ---- Rows in chunks -------------------------------------------------------------------------- */

static bool fill(void *job, ps_gpu_chunk *chunk)
{
    return ps_blocks_fill(&((task *)job)->cursor, chunk);
}

static cl_int work(void *job, ps_gpu *gpu, ps_gpu_slot *slot)
{
    const task *t = job;
    cl_int code = ps_gpu_gather(gpu, slot, t->size, NULL);

    if (code == CL_SUCCESS)
        code = ps_gpu_transform(gpu, t->plan, false);
    if (code == CL_SUCCESS)
        code = ps_gpu_multiply(gpu, slot, t->size, t->stereo);
    if (code == CL_SUCCESS)
        code = ps_gpu_transform(gpu, t->plan, true);
    if (code == CL_SUCCESS)
        code = ps_gpu_scatter(gpu, slot, t->size, t->hop_most);
    return code;
}

static void done(void *job, const ps_gpu_segment *segment)
{
    ((task *)job)->items[segment->item].done_frames = segment->done_then;
}

static cl_int run_rows(task *t, const ps_blocks *blocks, uint32_t count, uint32_t rows)
{
    const ps_gpu_chunks chunks = {
        .row_room = rows,
        .in_most = (size_t)rows * 2 * t->size,
        .out_most = (size_t)rows * 2 * t->size,
        .work_bytes = (size_t)rows * t->size * COMPLEX_BYTES,
        .fill = fill,
        .work = work,
        .done = done,
        .job = t,
    };

    t->cursor = ps_blocks_begin(blocks, count);
    return ps_gpu_chunks_run(t->gpu, &chunks);
}

/* ---- Like items ------------------------------------------------------------------------------ */

/* Places for the spectra of an item's responses, which often are those of the item before. */
static cl_int place(task *t, const ps_blocks *b, const ps_blocks *before)
{
    const ps_convolution *job = b->job;
    cl_int code = CL_SUCCESS;

    for (uint32_t r = 0; r < job->responses && code == CL_SUCCESS; r++) {
        if (before && before->job->responses > r && before->job->response[r] == job->response[r] &&
            before->job->response_frames == job->response_frames)
            b->places[r] = before->places[r];
        else
            code = ps_gpu_resident_place(&b->places[r], t->gpu, job->response[r],
                                         job->response_frames, b->size);
    }
    return code;
}

/* Places for as many items as there is room for, at least one. */
static cl_int place_some(task *t, const ps_blocks *blocks, uint32_t count, uint32_t *placed)
{
    bool cleared = false;
    cl_int code = CL_SUCCESS;

    *placed = 0;
    while (*placed < count) {
        code = place(t, &blocks[*placed], *placed > 0 ? &blocks[*placed - 1] : NULL);
        if (code == CL_SUCCESS)
            (*placed)++;
        else if (!ps_gpu_wants_memory(code) || *placed > 0 || cleared)
            break;
        else
            ps_gpu_residents_clear(&t->gpu->residents);
        cleared = cleared || code != CL_SUCCESS;
    }
    return *placed > 0 ? CL_SUCCESS : code;
}

static cl_int run_like(task *t, const ps_blocks *blocks, uint32_t count)
{
    uint64_t total = 0;
    uint32_t rows, placed = 0;
    cl_int code = CL_SUCCESS;

    t->size = blocks->size;
    t->stereo = blocks->stereo;
    t->hop_most = 0;
    for (uint32_t i = 0; i < count; i++) {
        total += ps_blocks_rows(&blocks[i]);
        t->hop_most = blocks[i].hop > t->hop_most ? (uint32_t)blocks[i].hop : t->hop_most;
    }
    rows = ps_gpu_rows_of_chunk(t->gpu, total, t->size, t->stereo ? 2 : 1);
    if (total == 0)
        return CL_SUCCESS;
    if (rows == 0)
        return CL_MEM_OBJECT_ALLOCATION_FAILURE;
    for (uint32_t at = 0; at < count && code == CL_SUCCESS; at += placed) {
        code = place_some(t, blocks + at, count - at, &placed);
        if (code == CL_SUCCESS)
            code = ps_gpu_residents_make(t->gpu, t->size, rows);
        if (code == CL_SUCCESS)
            code = ps_gpu_plan_find(&t->plan, t->gpu, t->size, rows);
        if (code == CL_SUCCESS)
            code = run_rows(t, blocks + at, placed, rows);
    }
    return code;
}

static cl_int run_all(task *t)
{
    cl_int code = CL_SUCCESS;

    for (uint32_t at = 0, like; at < t->count && code == CL_SUCCESS; at += like) {
        const ps_blocks *b = &t->blocks[at];

        for (like = 1;
             at + like < t->count && b[like].size == b->size && b[like].stereo == b->stereo;)
            like++;
        code = run_like(t, b, like);
    }
    return code;
}

static cl_int run(task *t)
{
    const ps_blocks_limits limits = limits_of(t->gpu);
    cl_int code;

    do
        code = cut(t) ? run_all(t) : CL_MEM_OBJECT_ALLOCATION_FAILURE;
    while (ps_gpu_job_try_again(t->gpu, code));
    for (uint32_t i = 0; i < t->count; i++) {
        const ps_blocks b = ps_blocks_of(&t->items[i], i, &limits);

        if (b.job->done_frames >= b.results)
            complete(b.job, b.results);
    }
    return code;
}

/* ---- Whether to ------------------------------------------------------------------------------ */

/* One thread of the processor does one item. */
static uint32_t threads_for(const ps_gpu *gpu, uint32_t count)
{
    const uint32_t threads = ps_gpu_threads(gpu);

    return threads < count ? threads : count;
}

/* Whether it is worth looking for a device. */
static bool is_large(const ps_gpu *gpu, const ps_convolution *items, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        if (!ps_convolution_is_sound(&items[i]))
            return false;
    if (count == 0 || gpu->mode == PS_GPU_OFF)
        return false;
    return gpu->mode == PS_GPU_ON ||
           ps_cost_of_convolutions(items, count, true, threads_for(gpu, count)) >=
               PS_COST_LEAST_SEC;
}

/* False when some item cannot be done on the device. */
static bool find_load(ps_gpu_load *load, const ps_gpu *gpu, const ps_convolution *items,
                      uint32_t count)
{
    const ps_blocks_limits limits = limits_of(gpu);

    *load = (ps_gpu_load){0};
    for (uint32_t i = 0; i < count; i++) {
        ps_convolution item = items[i];
        const ps_blocks b = ps_blocks_of(&item, i, &limits);

        if (b.size == 0)
            return false;
        load->up += (double)item.in_frames * item.channels * sizeof(float);
        load->down += (double)b.results * item.channels * sizeof(float);
        load->work += ps_blocks_traffic_bytes(&b, &limits);
    }
    load->chunks = 1.0 + 2.0 * load->up / (double)gpu->chunk_bytes;
    load->launches = load->chunks * (LAUNCHES + 4.0);
    return true;
}

/* Whether the open device does it faster. */
static bool is_worth_it(ps_gpu *gpu, const ps_convolution *items, uint32_t count)
{
    ps_gpu_load load;

    return find_load(&load, gpu, items, count) &&
           ps_gpu_job_is_worth_it(
               gpu, &load, ps_cost_of_convolutions(items, count, false, threads_for(gpu, count)));
}

bool ps_gpu_wants_convolution(void *user, const ps_convolution *items, uint32_t count)
{
    ps_gpu *gpu = user;
    bool wanted;

    if (!is_large(gpu, items, count) || !ps_gpu_enter(gpu))
        return false;
    wanted = ps_gpu_open(gpu) && is_worth_it(gpu, items, count);
    ps_gpu_leave(gpu);
    return wanted;
}

/* ---- Jobs ------------------------------------------------------------------------------------ */

/* A caller's. */
typedef struct request {
    ps_batch_ticket ticket;
    ps_convolution *items;
    uint32_t count;
    bool taken;
    ps_job_outcome outcome;
} request;

static request *after(const request *r)
{
    return (request *)r->ticket.next;
}

/* Each request is looked at by itself, so that it does not matter who else came. */
static void choose(ps_gpu *gpu, request *first, uint32_t *items, uint64_t *responses)
{
    *items = 0;
    *responses = 0;
    for (request *r = first; r; r = after(r)) {
        r->taken = r->count <= UINT32_MAX - *items && is_worth_it(gpu, r->items, r->count);
        gpu->usage.declined += !r->taken;
        for (uint32_t i = 0; r->taken && i < r->count; i++)
            *responses += r->items[i].responses;
        *items += r->taken ? r->count : 0;
    }
}

/* The items of all that are taken, there or back. */
static void copy_items(ps_convolution *all, request *first, bool back)
{
    for (request *r = first; r; r = after(r)) {
        for (uint32_t i = 0; r->taken && i < r->count; i++, all++) {
            if (back)
                r->items[i].done_frames = all->done_frames;
            else
                *all = r->items[i];
        }
    }
}

static void set_outcome(ps_gpu *gpu, request *r)
{
    bool done = true;

    for (uint32_t i = 0; i < r->count; i++)
        done = done && r->items[i].done_frames == r->items[i].out_frames;
    r->outcome = done ? PS_JOB_DONE : PS_JOB_PARTLY;
    gpu->usage.done += done;
    gpu->usage.broken_off += !done;
}

static void serve_taken(task *t, request *first)
{
    cl_int code;

    copy_items(t->items, first, false);
    t->gpu->usage.submissions++;
    code = run(t);
    copy_items(t->items, first, true);
    for (request *r = first; r; r = after(r))
        if (r->taken)
            set_outcome(t->gpu, r);
    if (code != CL_SUCCESS)
        ps_gpu_lose(t->gpu, code);
}

static void serve_open(ps_gpu *gpu, request *first)
{
    task t = {.gpu = gpu};
    uint64_t responses;

    choose(gpu, first, &t.count, &responses);
    if (t.count == 0)
        return;
    t.items = ps_alloc(NULL, t.count, sizeof *t.items);
    t.blocks = ps_alloc(NULL, t.count, sizeof *t.blocks);
    t.places = ps_alloc(NULL, responses, sizeof *t.places);
    if (t.items && t.blocks && t.places)
        serve_taken(&t, first);
    ps_free(NULL, t.items);
    ps_free(NULL, t.blocks);
    ps_free(NULL, t.places);
}

static void serve(void *user, ps_batch_ticket *first)
{
    ps_gpu *gpu = user;

    if (!ps_gpu_enter(gpu))
        return;
    if (ps_gpu_open(gpu))
        serve_open(gpu, (request *)first);
    ps_gpu_leave(gpu);
}

ps_job_outcome ps_gpu_convolve(void *user, ps_convolution *items, uint32_t count)
{
    ps_gpu *gpu = user;
    request mine = {.items = items, .count = count, .outcome = PS_JOB_DECLINED};

    if (!is_large(gpu, items, count) || !ps_gpu_is_ours(gpu))
        return PS_JOB_DECLINED;
    ps_batch_join(&gpu->convolutions, &mine.ticket, serve, gpu);
    return mine.outcome;
}
