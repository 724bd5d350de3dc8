/*
 * A slow sine whose rate may change: its phase goes on, so that no change makes a step. The phase
 * is a whole number of 2^-64 cycles, so that it does not depend on how frames are cut.
 */
#ifndef PLAINSONG_DSP_LFO_H
#define PLAINSONG_DSP_LFO_H

#include <stdint.h>

#include "kernel/math.h"

typedef struct ps_lfo {
    uint64_t phase; /* in 2^-64 cycles */
    uint64_t step;  /* of a frame */
} ps_lfo;

/* A part of a cycle, 0 up to 1, as a phase. */
static inline uint64_t ps_lfo_cycles(double cycles)
{
    return (uint64_t)(cycles * 0x1p64);
}

static inline void ps_lfo_set_rate(ps_lfo *lfo, double hz, double rate_hz)
{
    lfo->step = ps_lfo_cycles(hz / rate_hz);
}

/* The next frames, -1..1, from a phase that is `ahead` of it; they do not pass. */
static inline void ps_lfo_fill(const ps_lfo *lfo, uint64_t ahead, float *values, uint32_t frames)
{
    for (uint32_t i = 0; i < frames; i++) {
        const uint64_t phase = lfo->phase + ahead + i * lfo->step;

        values[i] = ps_sin_cycles_float((float)(int32_t)(phase >> 33) * 0x1p-31f);
    }
}

static inline void ps_lfo_pass(ps_lfo *lfo, uint32_t frames)
{
    lfo->phase += frames * lfo->step;
}

#endif
