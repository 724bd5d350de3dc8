/* Spectra of responses that stay on the device, known again by what is in the response. */
#include "resident.h"

#include <string.h>

#include "inside.h"
#include "kernels.h"
#include "plainsong/memory.h"

#define COMPLEX_BYTES (2 * sizeof(float))
#define FIRST_ROOM    64u
#define FIRST_BYTES   ((uint64_t)4 << 20)
#define PLACES_MOST   (UINT32_MAX / 2)

/* ---- Places ---------------------------------------------------------------------------------- */

static bool has_room(ps_gpu_residents *r)
{
    const uint32_t room = r->room > 0 ? 2 * r->room : FIRST_ROOM;
    ps_gpu_resident *entries;
    const float **samples;

    if (r->count < r->room)
        return true;
    entries = ps_alloc(NULL, room, sizeof *entries);
    samples = ps_alloc(NULL, room, sizeof *samples);
    if (!entries || !samples) {
        ps_free(NULL, entries);
        ps_free(NULL, samples);
        return false;
    }
    if (r->count > 0) {
        memcpy(entries, r->entries, r->count * sizeof *entries);
        memcpy(samples, r->samples, r->count * sizeof *samples);
    }
    ps_free(NULL, r->entries);
    ps_free(NULL, r->samples);
    r->entries = entries;
    r->samples = samples;
    r->room = room;
    return true;
}

/* A quarter of our memory at most is for spectra; the rest is for sound. */
static uint64_t most_bytes(const ps_gpu *gpu)
{
    const uint64_t most = gpu->memory_most / 4;

    return most < gpu->alloc_most ? most : gpu->alloc_most;
}

/* A larger buffer with what was in the old one. */
static cl_int grow(ps_gpu *gpu, uint64_t numbers)
{
    ps_gpu_residents *r = &gpu->residents;
    uint64_t bytes = r->buffer.bytes > 0 ? 2 * r->buffer.bytes : FIRST_BYTES;
    ps_gpu_buffer larger = {0};
    cl_int code;

    while (bytes < numbers * COMPLEX_BYTES)
        bytes *= 2;
    if (bytes > most_bytes(gpu))
        bytes = most_bytes(gpu);
    if (bytes < numbers * COMPLEX_BYTES || numbers > PLACES_MOST)
        return CL_MEM_OBJECT_ALLOCATION_FAILURE;
    code = ps_gpu_buffer_reserve(&larger, gpu, bytes);
    if (code == CL_SUCCESS && r->used > 0)
        code = clEnqueueCopyBuffer(gpu->queues[PS_QUEUE_WORK], r->buffer.memory, larger.memory, 0,
                                   0, r->used * COMPLEX_BYTES, 0, NULL, NULL);
    if (code != CL_SUCCESS) {
        ps_gpu_buffer_free(&larger);
        return code;
    }
    ps_gpu_buffer_free(&r->buffer);
    r->buffer = larger;
    return CL_SUCCESS;
}

static const ps_gpu_resident *find(const ps_gpu_residents *r, const ps_gpu_resident *wanted)
{
    for (uint32_t i = r->count; i-- > 0;) {
        const ps_gpu_resident *e = &r->entries[i];

        if (ps_digest_equal(e->digest, wanted->digest) && e->frames == wanted->frames &&
            e->size == wanted->size)
            return e;
    }
    return NULL;
}

cl_int ps_gpu_resident_place(uint32_t *place, ps_gpu *gpu, const float *samples, uint64_t frames,
                             uint32_t size)
{
    ps_gpu_residents *r = &gpu->residents;
    const uint64_t numbers = size / 2 + 1;
    ps_gpu_resident wanted = {.frames = frames, .size = size, .place = (uint32_t)r->used};
    const ps_gpu_resident *found;
    cl_int code = CL_SUCCESS;

    wanted.digest = ps_digest_of((ps_digest){0, 0}, samples, frames * sizeof(float));
    found = find(r, &wanted);
    if (found) {
        *place = found->place;
        return CL_SUCCESS;
    }
    if (!has_room(r))
        return CL_OUT_OF_HOST_MEMORY;
    if ((r->used + numbers) * COMPLEX_BYTES > r->buffer.bytes)
        code = grow(gpu, r->used + numbers);
    if (code != CL_SUCCESS)
        return code;
    r->samples[r->count] = samples;
    r->entries[r->count++] = wanted;
    r->used += numbers;
    *place = wanted.place;
    return CL_SUCCESS;
}

void ps_gpu_residents_clear(ps_gpu_residents *residents)
{
    residents->count = residents->made = 0;
    residents->used = 0;
}

void ps_gpu_residents_free(ps_gpu_residents *residents)
{
    ps_gpu_buffer_free(&residents->buffer);
    ps_free(NULL, residents->entries);
    ps_free(NULL, residents->samples);
    *residents = (ps_gpu_residents){0};
}

/* ---- Making ---------------------------------------------------------------------------------- */

typedef struct making {
    ps_gpu_residents *residents;
    ps_gpu_plan *plan;
    uint32_t size;
    uint32_t next; /* entry */
    size_t in_most;
} making;

static bool fill(void *job, ps_gpu_chunk *chunk)
{
    making *m = job;

    for (; m->next < m->residents->count && chunk->row_count < chunk->row_room; m->next++) {
        const ps_gpu_resident *e = &m->residents->entries[m->next];
        ps_gpu_row *row = &chunk->rows[chunk->row_count];
        ps_gpu_segment *s = &chunk->segments[chunk->segment_count];

        *s = (ps_gpu_segment){.from = m->residents->samples[m->next],
                              .up = (size_t)e->frames,
                              .in_at = chunk->in_count};
        *row = (ps_gpu_row){.in = (int32_t)chunk->in_count,
                            .low = (int32_t)chunk->in_count,
                            .high = (int32_t)(chunk->in_count + e->frames),
                            .step = (int32_t)m->size, /* beyond its end: no second stretch */
                            .spectrum = {e->place, 0}};
        chunk->in_count += (size_t)e->frames;
        chunk->row_count++;
        chunk->segment_count++;
    }
    return chunk->row_count > 0;
}

static cl_int work(void *job, ps_gpu *gpu, ps_gpu_slot *slot)
{
    making *m = job;
    cl_int code = ps_gpu_gather(gpu, slot, m->size, NULL);

    if (code == CL_SUCCESS)
        code = ps_gpu_transform(gpu, m->plan, false);
    if (code == CL_SUCCESS)
        code = ps_gpu_keep(gpu, slot, m->size);
    return code;
}

cl_int ps_gpu_residents_make(ps_gpu *gpu, uint32_t size, uint32_t rows)
{
    ps_gpu_residents *r = &gpu->residents;
    making m = {.residents = r, .size = size, .next = r->made};
    const ps_gpu_chunks chunks = {
        .row_room = rows,
        .in_most = (size_t)rows * size,
        .work_bytes = (size_t)rows * size * COMPLEX_BYTES,
        .fill = fill,
        .work = work,
        .job = &m,
    };
    cl_int code;

    if (r->made == r->count)
        return CL_SUCCESS;
    code = ps_gpu_plan_find(&m.plan, gpu, size, rows);
    if (code == CL_SUCCESS)
        code = ps_gpu_chunks_run(gpu, &chunks);
    if (code == CL_SUCCESS)
        r->made = r->count;
    else
        ps_gpu_residents_clear(r); /* some have a place only: nothing may find them there */
    return code;
}
