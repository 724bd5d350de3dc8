/*
 * A delay line read and written in runs of PS_GRID_FRAMES: the delay is at least one run, so what
 * a run reads was written before it, and loops over a run have no dependence the compiler must
 * mind. The first run of the ring is kept again behind its end, and the last frames before its
 * start, so that every read is contiguous.
 */
#ifndef PLAINSONG_DSP_DELAY_H
#define PLAINSONG_DSP_DELAY_H

#include <string.h>

#include "plainsong/audio.h"

/* Frames before a run that can be read with it. */
#define PS_DELAY_BEFORE 4u

typedef struct ps_delay {
    float *samples; /* of the ring, borrowed; a run lies on either side */
    uint32_t ring_frames;
    uint32_t delay_frames;
    uint32_t at; /* where the next run is written, a multiple of PS_GRID_FRAMES */
} ps_delay;

static inline uint32_t ps_delay_ring_frames(uint32_t delay_frames)
{
    return ((delay_frames + PS_DELAY_BEFORE) / PS_GRID_FRAMES + 1) * PS_GRID_FRAMES;
}

/* Size of the memory a delay needs, a multiple of PS_GRID_FRAMES. */
static inline uint32_t ps_delay_samples(uint32_t delay_frames)
{
    return ps_delay_ring_frames(delay_frames) + 2 * PS_GRID_FRAMES;
}

/* samples: all zero; delay_frames >= PS_GRID_FRAMES. */
static inline void ps_delay_init(ps_delay *d, float *samples, uint32_t delay_frames)
{
    d->samples = samples + PS_GRID_FRAMES;
    d->ring_frames = ps_delay_ring_frames(delay_frames);
    d->delay_frames = delay_frames;
    d->at = 0;
}

/* The run that went in delay_frames ago; PS_DELAY_BEFORE frames before it lie before it. Read it
   before the next one is written over it. */
static inline const float *ps_delay_read(const ps_delay *d)
{
    const uint32_t from = d->at + d->ring_frames - d->delay_frames;

    return d->samples + (from < d->ring_frames ? from : from - d->ring_frames);
}

/* Where the next run is to be written, and what is to be called when it has been. */
static inline float *ps_delay_next(ps_delay *d)
{
    return d->samples + d->at;
}

static inline void ps_delay_written(ps_delay *d)
{
    if (d->at == 0)
        memcpy(d->samples + d->ring_frames, d->samples, PS_GRID_FRAMES * sizeof *d->samples);
    d->at += PS_GRID_FRAMES;
    if (d->at < d->ring_frames)
        return;
    memcpy(d->samples - PS_DELAY_BEFORE, d->samples + d->ring_frames - PS_DELAY_BEFORE,
           PS_DELAY_BEFORE * sizeof *d->samples);
    d->at = 0;
}

#endif
