/*
 * Spectra of responses that stay on the device, known again by what is in the response. They fill
 * one buffer from its beginning; when it is full and cannot grow, all are given up.
 */
#ifndef PLAINSONG_EDGE_GPU_RESIDENT_H
#define PLAINSONG_EDGE_GPU_RESIDENT_H

#include "digest.h"
#include "pipeline.h"

typedef struct ps_gpu_resident {
    ps_digest digest; /* of the samples */
    uint64_t frames;
    uint32_t size;  /* of the transform */
    uint32_t place; /* in the buffer, in complex numbers */
} ps_gpu_resident;

typedef struct ps_gpu_residents {
    ps_gpu_resident *entries;
    uint32_t count, room;
    uint32_t made; /* of them are on the device, the others have a place */
    ps_gpu_buffer buffer;
    uint64_t used;         /* of the buffer, in complex numbers */
    const float **samples; /* of the entries to be made, borrowed for one job */
} ps_gpu_residents;

/*
 * The place of a response's spectrum for transforms of `size` points; one that is not there yet
 * gets a place, to be filled by ps_gpu_residents_make. CL_MEM_OBJECT_ALLOCATION_FAILURE when there
 * is no room: then what has a place must be used, and all cleared.
 */
cl_int ps_gpu_resident_place(uint32_t *place, ps_gpu *gpu, const float *samples, uint64_t frames,
                             uint32_t size);

/* Makes the spectra that only have a place, `rows` at a time; all are of `size`. */
cl_int ps_gpu_residents_make(ps_gpu *gpu, uint32_t size, uint32_t rows);

/* Gives up all spectra; keeps the buffer. */
void ps_gpu_residents_clear(ps_gpu_residents *residents);

/* Gives up the buffer too. */
void ps_gpu_residents_free(ps_gpu_residents *residents);

#endif
