/*
 * A delay line read anywhere between its samples, for delays that move: cubic Hermite (Catmull-Rom)
 * between four samples. Half-way between two of them it loses 0.1 dB at an eighth of the rate and
 * 1.1 dB at a quarter.
 */
#ifndef PLAINSONG_DSP_TAP_LINE_H
#define PLAINSONG_DSP_TAP_LINE_H

#include <stdint.h>
#include <string.h>

#include "plainsong/memory.h"

typedef struct ps_tap_line {
    float *samples; /* a power of two of them */
    uint32_t mask;
    uint32_t at; /* of the next sample to be written */
} ps_tap_line;

/* Room for delays of up to `most` frames. */
static inline ps_status ps_tap_line_create(ps_tap_line *line, uint32_t most,
                                           const ps_allocator *allocator, ps_error *err)
{
    uint32_t size = 8;

    while (size < most + 4)
        size *= 2;
    line->samples = ps_alloc(allocator, size, sizeof *line->samples);
    line->mask = size - 1;
    line->at = 0;
    return line->samples ? PS_OK : ps_fail(err, PS_NO_MEMORY, "no memory for a delay");
}

static inline void ps_tap_line_reset(ps_tap_line *line)
{
    memset(line->samples, 0, ((size_t)line->mask + 1) * sizeof *line->samples);
    line->at = 0;
}

/* Feedback would end in denormals, which are slow: below -300 dB is silence. */
static inline void ps_tap_line_write(ps_tap_line *line, float sample)
{
    line->samples[line->at++ & line->mask] = sample > -1e-15f && sample < 1e-15f ? 0.0f : sample;
}

/* What was written `delay` frames before the one to be written next; delay >= 2, up to the most. */
static inline float ps_tap_line_read(const ps_tap_line *line, float delay)
{
    const uint32_t whole = (uint32_t)delay;
    const float t = 1.0f - (delay - (float)whole); /* from x1 to x2, which is the newer one */
    const uint32_t first = line->at - whole - 2;
    const float x0 = line->samples[first & line->mask];
    const float x1 = line->samples[(first + 1) & line->mask];
    const float x2 = line->samples[(first + 2) & line->mask];
    const float x3 = line->samples[(first + 3) & line->mask];
    const float a = 0.5f * (3.0f * (x1 - x2) + x3 - x0);
    const float b = x0 - 2.5f * x1 + 2.0f * x2 - 0.5f * x3;

    return x1 + t * (0.5f * (x2 - x0) + t * (b + t * a));
}

#endif
