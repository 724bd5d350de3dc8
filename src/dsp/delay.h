/*
 * A delay line read and written in runs of PS_GRID_FRAMES: the delay is at least one run, so what
 * a run reads was written before it, and loops over a run have no dependence the compiler must
 * mind. The first run of the ring is kept twice, so that every read is contiguous.
 */
#ifndef PLAINSONG_DSP_DELAY_H
#define PLAINSONG_DSP_DELAY_H

#include <string.h>

#include "plainsong/audio.h"

typedef struct ps_delay {
    float *samples; /* ps_delay_samples(delay_frames) of them, borrowed */
    uint32_t ring_frames;
    uint32_t delay_frames;
    uint32_t at; /* where the next run is written, a multiple of PS_GRID_FRAMES */
} ps_delay;

/* Size of the memory a delay needs, a multiple of PS_GRID_FRAMES. */
static inline uint32_t ps_delay_samples(uint32_t delay_frames)
{
    return (delay_frames / PS_GRID_FRAMES + 2) * PS_GRID_FRAMES;
}

/* samples: all zero; delay_frames >= PS_GRID_FRAMES. */
static inline void ps_delay_init(ps_delay *d, float *samples, uint32_t delay_frames)
{
    d->samples = samples;
    d->ring_frames = ps_delay_samples(delay_frames) - PS_GRID_FRAMES;
    d->delay_frames = delay_frames;
    d->at = 0;
}

/* The run that went in delay_frames ago. Read it before the next one is written over it. */
static inline const float *ps_delay_read(const ps_delay *d)
{
    const uint32_t from = d->at + d->ring_frames - d->delay_frames;

    return d->samples + (from < d->ring_frames ? from : from - d->ring_frames);
}

static inline void ps_delay_write(ps_delay *d, const float run[PS_GRID_FRAMES])
{
    memcpy(d->samples + d->at, run, PS_GRID_FRAMES * sizeof *run);
    if (d->at == 0)
        memcpy(d->samples + d->ring_frames, run, PS_GRID_FRAMES * sizeof *run);
    d->at += PS_GRID_FRAMES;
    if (d->at == d->ring_frames)
        d->at = 0;
}

#endif
