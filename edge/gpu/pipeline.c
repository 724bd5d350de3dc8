/* Brings sound to the device in chunks, has it worked on and brings it back. */
#include "pipeline.h"

#include <string.h>

#include "host_memory.h"
#include "inside.h"
#include "plainsong/memory.h"

#define COPY_PIECE ((size_t)1 << 16) /* numbers that one thread copies at a time */

/* ---- Memory ---------------------------------------------------------------------------------- */

cl_int ps_gpu_buffer_reserve(ps_gpu_buffer *buffer, ps_gpu *gpu, size_t bytes)
{
    cl_int code;

    if (buffer->bytes >= bytes)
        return CL_SUCCESS;
    ps_gpu_buffer_free(buffer);
    buffer->memory = clCreateBuffer(gpu->context, CL_MEM_READ_WRITE, bytes, NULL, &code);
    buffer->bytes = buffer->memory ? bytes : 0;
    return code;
}

void ps_gpu_buffer_free(ps_gpu_buffer *buffer)
{
    if (buffer->memory)
        clReleaseMemObject(buffer->memory);
    *buffer = (ps_gpu_buffer){0};
}

void ps_gpu_pinned_free(ps_gpu_pinned *pinned, const ps_gpu *gpu)
{
    if (pinned->numbers)
        ps_cl_unmap(gpu->queues[PS_QUEUE_UP], pinned->memory, pinned->numbers);
    if (pinned->memory)
        clReleaseMemObject(pinned->memory);
    *pinned = (ps_gpu_pinned){0};
}

/* Mapped for good: what NVIDIA's and AMD's guides call pinned memory. */
cl_int ps_gpu_pinned_reserve(ps_gpu_pinned *pinned, ps_gpu *gpu, size_t bytes)
{
    cl_int code;

    if (pinned->bytes >= bytes)
        return CL_SUCCESS;
    ps_gpu_pinned_free(pinned, gpu);
    pinned->memory =
        clCreateBuffer(gpu->context, CL_MEM_READ_WRITE | CL_MEM_ALLOC_HOST_PTR, bytes, NULL, &code);
    if (!pinned->memory)
        return code;
    pinned->numbers =
        clEnqueueMapBuffer(gpu->queues[PS_QUEUE_UP], pinned->memory, CL_TRUE,
                           CL_MAP_READ | CL_MAP_WRITE, 0, bytes, 0, NULL, NULL, &code);
    if (!pinned->numbers) {
        ps_gpu_pinned_free(pinned, gpu);
        return code;
    }
    pinned->bytes = bytes;
    return CL_SUCCESS;
}

static void free_chunk(ps_gpu_chunk *chunk)
{
    ps_free(NULL, chunk->rows);
    ps_free(NULL, chunk->segments);
    *chunk = (ps_gpu_chunk){0};
}

static cl_int reserve_chunk(ps_gpu_chunk *chunk, uint32_t rows)
{
    chunk->row_room = rows;
    if (chunk->taken >= rows)
        return CL_SUCCESS;
    free_chunk(chunk);
    chunk->rows = ps_alloc(NULL, rows, sizeof *chunk->rows);
    chunk->segments = ps_alloc(NULL, rows, sizeof *chunk->segments);
    if (!chunk->rows || !chunk->segments) {
        free_chunk(chunk);
        return CL_OUT_OF_HOST_MEMORY;
    }
    chunk->row_room = chunk->taken = rows;
    return CL_SUCCESS;
}

static cl_int reserve_slot(ps_gpu_slot *slot, ps_gpu *gpu, const ps_gpu_chunks *chunks)
{
    const size_t in_bytes = chunks->in_most * sizeof(float);
    const size_t out_bytes = chunks->out_most * sizeof(float);
    cl_int code = reserve_chunk(&slot->chunk, chunks->row_room);

    if (code == CL_SUCCESS)
        code = ps_gpu_buffer_reserve(&slot->rows, gpu, chunks->row_room * sizeof(ps_gpu_row));
    if (code == CL_SUCCESS)
        code = ps_gpu_buffer_reserve(&slot->in, gpu, in_bytes);
    if (code == CL_SUCCESS && out_bytes > 0)
        code = ps_gpu_buffer_reserve(&slot->out, gpu, out_bytes);
    return code;
}

void ps_gpu_pipeline_clear(ps_gpu *gpu)
{
    ps_gpu_pipeline *pipeline = &gpu->pipeline;

    for (uint32_t i = 0; i < PS_GPU_SLOTS; i++) {
        ps_gpu_slot *slot = &pipeline->slots[i];

        free_chunk(&slot->chunk);
        ps_gpu_buffer_free(&slot->in);
        ps_gpu_buffer_free(&slot->out);
        ps_gpu_buffer_free(&slot->rows);
        ps_gpu_pinned_free(&slot->up, gpu);
        ps_gpu_pinned_free(&slot->down, gpu);
    }
    ps_gpu_buffer_free(&pipeline->work);
    ps_gpu_buffer_free(&pipeline->spare);
}

/* ---- Copies between sound and pinned memory -------------------------------------------------- */

/* A way of a chunk's segments, up or down, in numbers of the device's buffer. */
typedef struct way {
    const ps_gpu_chunk *chunk;
    float *pinned; /* beside the buffer, number by number */
    size_t count;
    bool up;
} way;

static size_t begin_of(const way *w, const ps_gpu_segment *s)
{
    return w->up ? s->in_at : s->out_at;
}

static size_t count_of(const way *w, const ps_gpu_segment *s)
{
    return w->up ? s->up : s->down;
}

static bool is_straight(const way *w, const ps_gpu_segment *s)
{
    return w->up ? s->up_straight : s->down_straight;
}

/* Segments in memory that we have lent are already pinned. */
static void find_straight(const ps_gpu *gpu, ps_gpu_chunk *chunk)
{
    for (uint32_t i = 0; i < chunk->segment_count; i++) {
        ps_gpu_segment *s = &chunk->segments[i];

        s->up_straight = ps_gpu_is_lent(gpu, s->from, s->up);
        s->down_straight = ps_gpu_is_lent(gpu, s->to, s->down);
    }
}

static bool needs_pinned(const way *w)
{
    for (uint32_t i = 0; i < w->chunk->segment_count; i++) {
        const ps_gpu_segment *s = &w->chunk->segments[i];

        if (count_of(w, s) > 0 && !is_straight(w, s))
            return true;
    }
    return false;
}

/* The part of a segment that lies between two places. */
static void copy_part(const way *w, const ps_gpu_segment *s, size_t low, size_t high)
{
    const size_t begin = begin_of(w, s), end = begin + count_of(w, s);
    const size_t first = begin > low ? begin : low, last = end < high ? end : high;

    if (first >= last || is_straight(w, s))
        return;
    if (w->up)
        memcpy(w->pinned + first, s->from + (first - begin), (last - first) * sizeof(float));
    else
        memcpy(s->to + (first - begin), w->pinned + first, (last - first) * sizeof(float));
}

/* Segments lie in order: the first one that ends behind a place. */
static uint32_t first_behind(const way *w, size_t place)
{
    uint32_t low = 0, high = w->chunk->segment_count;

    while (low < high) {
        const uint32_t middle = low + (high - low) / 2;
        const ps_gpu_segment *s = &w->chunk->segments[middle];

        if (begin_of(w, s) + count_of(w, s) > place)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

static void copy_piece(void *argument, uint32_t index)
{
    const way *w = argument;
    const size_t low = index * COPY_PIECE;
    const size_t high = low + COPY_PIECE < w->count ? low + COPY_PIECE : w->count;

    for (uint32_t i = first_behind(w, low); i < w->chunk->segment_count; i++) {
        const ps_gpu_segment *s = &w->chunk->segments[i];

        if (begin_of(w, s) >= high)
            return;
        copy_part(w, s, low, high);
    }
}

static void copy_all(const ps_gpu *gpu, way *w)
{
    ps_workers_run(gpu->workers, copy_piece, w,
                   (uint32_t)((w->count + COPY_PIECE - 1) / COPY_PIECE));
}

/* ---- Up and down ----------------------------------------------------------------------------- */

static void forget_event(cl_event *event)
{
    if (*event)
        clReleaseEvent(*event);
    *event = NULL;
}

static cl_int move(ps_gpu *gpu, ps_gpu_slot *slot, bool up, size_t at, size_t count, float *host)
{
    const size_t offset = at * sizeof(float), bytes = count * sizeof(float);

    if (up) {
        gpu->usage.up_bytes += bytes;
        return clEnqueueWriteBuffer(gpu->queues[PS_QUEUE_UP], slot->in.memory, CL_FALSE, offset,
                                    bytes, host, 0, NULL, NULL);
    }
    gpu->usage.down_bytes += bytes;
    forget_event(&slot->came_down); /* the last one's counts */
    return clEnqueueReadBuffer(gpu->queues[PS_QUEUE_DOWN], slot->out.memory, CL_FALSE, offset,
                               bytes, host, 1, &slot->worked, &slot->came_down);
}

/* In as few transfers as can be: what lies in pinned memory side by side goes at once. */
static cl_int move_all(ps_gpu *gpu, ps_gpu_slot *slot, const way *w)
{
    size_t from = 0, to = 0; /* of pinned numbers not moved yet */
    cl_int code = CL_SUCCESS;

    for (uint32_t i = 0; i < w->chunk->segment_count && code == CL_SUCCESS; i++) {
        const ps_gpu_segment *s = &w->chunk->segments[i];
        const size_t at = begin_of(w, s), count = count_of(w, s);

        if (count > 0 && !is_straight(w, s)) {
            from = from == to ? at : from;
            to = at + count;
        } else if (count > 0) {
            if (from < to)
                code = move(gpu, slot, w->up, from, to - from, w->pinned + from);
            from = to;
            if (code == CL_SUCCESS)
                code =
                    move(gpu, slot, w->up, at, count, w->up ? (float *)(uintptr_t)s->from : s->to);
        }
    }
    if (code == CL_SUCCESS && from < to)
        code = move(gpu, slot, w->up, from, to - from, w->pinned + from);
    return code;
}

static cl_int send_up(ps_gpu *gpu, ps_gpu_slot *slot)
{
    way w = {&slot->chunk, NULL, slot->chunk.in_count, true};
    cl_int code = CL_SUCCESS;

    find_straight(gpu, &slot->chunk);
    if (needs_pinned(&w))
        code = ps_gpu_pinned_reserve(&slot->up, gpu, slot->in.bytes);
    if (code != CL_SUCCESS)
        return code;
    w.pinned = slot->up.numbers;
    copy_all(gpu, &w);
    code = move_all(gpu, slot, &w);
    if (code == CL_SUCCESS) /* last: it is up when all is */
        code = clEnqueueWriteBuffer(gpu->queues[PS_QUEUE_UP], slot->rows.memory, CL_FALSE, 0,
                                    slot->chunk.row_count * sizeof(ps_gpu_row), slot->chunk.rows, 0,
                                    NULL, &slot->went_up);
    return code == CL_SUCCESS ? clFlush(gpu->queues[PS_QUEUE_UP]) : code;
}

static cl_int send_down(ps_gpu *gpu, ps_gpu_slot *slot)
{
    way w = {&slot->chunk, NULL, slot->chunk.out_count, false};
    cl_int code = CL_SUCCESS;

    if (w.count > 0 && needs_pinned(&w))
        code = ps_gpu_pinned_reserve(&slot->down, gpu, slot->out.bytes);
    w.pinned = slot->down.numbers;
    if (code == CL_SUCCESS && w.count > 0)
        code = move_all(gpu, slot, &w);
    return code == CL_SUCCESS ? clFlush(gpu->queues[PS_QUEUE_DOWN]) : code;
}

/* ---- Chunks on their way --------------------------------------------------------------------- */

static void forget_events(ps_gpu_slot *slot)
{
    forget_event(&slot->went_up);
    forget_event(&slot->began);
    forget_event(&slot->worked);
    forget_event(&slot->came_down);
}

/* Adds the time from the first kernel to the last one, which may be the same. */
static void take_time(ps_gpu *gpu, const ps_gpu_slot *slot)
{
    const cl_event began = slot->began ? slot->began : slot->worked;
    cl_ulong begin, end;

    if (gpu->profile &&
        clGetEventProfilingInfo(began, CL_PROFILING_COMMAND_START, sizeof begin, &begin, NULL) ==
            CL_SUCCESS &&
        clGetEventProfilingInfo(slot->worked, CL_PROFILING_COMMAND_END, sizeof end, &end, NULL) ==
            CL_SUCCESS &&
        end > begin)
        gpu->usage.work_sec += (double)(end - begin) * 1e-9;
}

static cl_int finish(ps_gpu *gpu, ps_gpu_slot *slot, const ps_gpu_chunks *chunks)
{
    way w = {&slot->chunk, slot->down.numbers, slot->chunk.out_count, false};
    cl_int code;

    if (!slot->busy)
        return CL_SUCCESS;
    code = clWaitForEvents(1, slot->came_down ? &slot->came_down : &slot->worked);
    if (code != CL_SUCCESS)
        return code;
    slot->busy = false;
    take_time(gpu, slot);
    forget_events(slot);
    copy_all(gpu, &w);
    for (uint32_t i = 0; i < slot->chunk.segment_count && chunks->done; i++) {
        if (slot->chunk.segments[i].done_then > 0)
            chunks->done(chunks->job, &slot->chunk.segments[i]);
    }
    return CL_SUCCESS;
}

static cl_int start(ps_gpu *gpu, ps_gpu_slot *slot, const ps_gpu_chunks *chunks)
{
    cl_int code = send_up(gpu, slot);

    slot->busy = true;
    if (code == CL_SUCCESS)
        code = chunks->work(chunks->job, gpu, slot);
    if (code == CL_SUCCESS)
        code = clFlush(gpu->queues[PS_QUEUE_WORK]);
    if (code == CL_SUCCESS)
        code = send_down(gpu, slot);
    gpu->usage.chunks += code == CL_SUCCESS;
    return code;
}

/* Whatever is on its way must end before its memory is given back. */
static void stop(ps_gpu *gpu)
{
    for (uint32_t i = 0; i < PS_QUEUES; i++)
        ps_cl_drain(gpu->queues[i]);
    for (uint32_t i = 0; i < PS_GPU_SLOTS; i++) {
        forget_events(&gpu->pipeline.slots[i]);
        gpu->pipeline.slots[i].busy = false;
    }
}

static cl_int run_one(ps_gpu *gpu, const ps_gpu_chunks *chunks, bool *more)
{
    ps_gpu_slot *slot = &gpu->pipeline.slots[gpu->pipeline.next];
    cl_int code = finish(gpu, slot, chunks);

    gpu->pipeline.next = (gpu->pipeline.next + 1) % PS_GPU_SLOTS;
    if (code != CL_SUCCESS || !*more)
        return code;
    code = reserve_slot(slot, gpu, chunks);
    if (code != CL_SUCCESS)
        return code;
    slot->chunk.row_count = slot->chunk.segment_count = 0;
    slot->chunk.in_count = slot->chunk.out_count = 0;
    *more = chunks->fill(chunks->job, &slot->chunk);
    return *more ? start(gpu, slot, chunks) : CL_SUCCESS;
}

cl_int ps_gpu_chunks_run(ps_gpu *gpu, const ps_gpu_chunks *chunks)
{
    bool more = true;
    cl_int code = ps_gpu_buffer_reserve(&gpu->pipeline.work, gpu, chunks->work_bytes);

    while (code == CL_SUCCESS && more)
        code = run_one(gpu, chunks, &more);
    for (uint32_t i = 0; i < PS_GPU_SLOTS && code == CL_SUCCESS; i++)
        code = run_one(gpu, chunks, &more);
    stop(gpu);
    return code;
}
