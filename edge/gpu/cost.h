/*
 * What jobs cost here and there, from their sizes alone: the same job is always done in the same
 * place. Nothing here touches a device.
 */
#ifndef PLAINSONG_EDGE_GPU_COST_H
#define PLAINSONG_EDGE_GPU_COST_H

#include <stdbool.h>

#include "plainsong/accelerator.h"

/* How fast a device is, in bytes and seconds. */
typedef struct ps_gpu_speeds {
    double up, down; /* transfers from and to pinned memory, bytes per second */
    double copy;     /* between two places of its memory, read and written together */
    double work;     /* of a transform, read and written together */
    double host;     /* between pinned memory and sound, by one thread */
    double launch_sec;
} ps_gpu_speeds;

/* Of a middling card, for when they cannot be measured. */
extern const ps_gpu_speeds ps_gpu_speeds_usual;

/* A job for the device. */
typedef struct ps_gpu_load {
    double up, down; /* bytes */
    double work;     /* bytes read and written on the device */
    double launches;
    double chunks; /* at least 1 */
} ps_gpu_load;

/*
 * Seconds on the device. All goes on at the same time, so that the slowest counts, and the first
 * chunk's way up and the last one's way down.
 */
double ps_cost_on_gpu(const ps_gpu_load *load, const ps_gpu_speeds *speeds, uint32_t threads);

/* Seconds on the processor with so many threads; piece: of the pieces they are stretches of. */
double ps_cost_of_convolutions(const ps_convolution *items, uint32_t count, bool piece,
                               uint32_t threads);
double ps_cost_of_spectra(const ps_spectra *items, uint32_t count, uint32_t threads);

/* piece: of all the piece that they are stretches of. */
double ps_cost_of_tones(const ps_tones *items, uint32_t count, bool piece, uint32_t threads);

/* Sines, and what takes a device as long as one, of all frames and tones together. */
double ps_sines_of_tones(const ps_tones *item);

/*
 * A job that takes the processor less than this is its own: opening a device and building what it
 * runs takes longer.
 */
#define PS_COST_LEAST_SEC 0.25

#endif
