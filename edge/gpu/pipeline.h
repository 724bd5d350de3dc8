/*
 * Brings sound to the device in chunks, has it worked on and brings it back, several chunks at a
 * time: while one is worked on, the next one goes up and the last one comes down.
 *
 *      sound ─► pinned memory ─► in ─► rows (kernels, transforms) ─► out ─► pinned memory ─► sound
 *
 * A chunk is a list of segments, stretches of sound that go up and come down in one piece, and of
 * rows made of them. The rows are worked on by one queue, chunk after chunk, so that one buffer of
 * rows serves all; what goes up and comes down has a buffer for each chunk on its way (a slot).
 */
#ifndef PLAINSONG_EDGE_GPU_PIPELINE_H
#define PLAINSONG_EDGE_GPU_PIPELINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "opencl.h"

typedef struct ps_gpu ps_gpu;

#define PS_GPU_SLOTS 3u /* one that goes up, one that is worked on, one that comes down */

/* As `row` in kernels/rows.cl, which says what the members are. */
typedef struct ps_gpu_row {
    int32_t in, low, high, step, out, skip, count;
    uint32_t spectrum[2];
} ps_gpu_row;

typedef struct ps_gpu_segment {
    const float *from; /* goes up, `up` numbers to in[in_at]; borrowed */
    float *to;         /* comes down, `down` numbers from out[out_at]; borrowed */
    size_t up, down, in_at, out_at;
    bool up_straight, down_straight; /* set: between the device and the caller's memory */
    uint32_t item;                   /* of the job */
    uint64_t
        done_then; /* the item is done so far when this is down; 0: that is not the end of it */
} ps_gpu_segment;

typedef struct ps_gpu_chunk {
    ps_gpu_row *rows;
    ps_gpu_segment *segments;
    uint32_t row_count, row_room; /* the job's; there is room for as many segments */
    uint32_t segment_count;
    uint32_t taken;             /* rows that memory has been taken for */
    size_t in_count, out_count; /* numbers of all segments: the next one goes behind them */
} ps_gpu_chunk;

/* Memory of the device, made larger when needed. */
typedef struct ps_gpu_buffer {
    cl_mem memory;
    size_t bytes;
} ps_gpu_buffer;

/* Pinned memory of ours, which the device reads and writes at full speed. */
typedef struct ps_gpu_pinned {
    cl_mem memory;
    float *numbers;
    size_t bytes;
} ps_gpu_pinned;

typedef struct ps_gpu_slot {
    ps_gpu_chunk chunk;
    ps_gpu_buffer in, out, rows;
    ps_gpu_pinned up, down;
    cl_event went_up, worked, came_down;
    cl_event began; /* the first kernel; with `worked` the time of the work */
    bool busy;
} ps_gpu_slot;

typedef struct ps_gpu_pipeline {
    ps_gpu_slot slots[PS_GPU_SLOTS];
    ps_gpu_buffer work, spare; /* rows of complex numbers, twice */
    uint32_t next;             /* slot */
} ps_gpu_pipeline;

/* A job in chunks. */
typedef struct ps_gpu_chunks {
    uint32_t row_room;        /* of each chunk */
    size_t in_most, out_most; /* numbers that segments of a chunk have at most */
    size_t work_bytes;        /* of all rows of a chunk, on the device */

    /* Fills an empty chunk; false when nothing is left to do. */
    bool (*fill)(void *job, ps_gpu_chunk *chunk);
    /* Enqueues kernels that make rows in gpu->pipeline.work when the slot has gone up, and then
     * what comes down; the events `began` and `worked` are their first one's and last one's, or
     * `worked` alone that of the only one. */
    cl_int (*work)(void *job, ps_gpu *gpu, ps_gpu_slot *slot);
    /* A segment is down; in order. NULL: nobody wants to know. */
    void (*done)(void *job, const ps_gpu_segment *segment);
    void *job;
} ps_gpu_chunks;

/* Runs all chunks. After an error nothing is on its way any more, and what was done is done. */
cl_int ps_gpu_chunks_run(ps_gpu *gpu, const ps_gpu_chunks *chunks);

/* Makes a buffer at least so large; what was in it is lost when it grows. */
cl_int ps_gpu_buffer_reserve(ps_gpu_buffer *buffer, ps_gpu *gpu, size_t bytes);
void ps_gpu_buffer_free(ps_gpu_buffer *buffer);

cl_int ps_gpu_pinned_reserve(ps_gpu_pinned *pinned, ps_gpu *gpu, size_t bytes);
void ps_gpu_pinned_free(ps_gpu_pinned *pinned, const ps_gpu *gpu);

/* Gives back all memory of the pipeline. */
void ps_gpu_pipeline_clear(ps_gpu *gpu);

#endif
