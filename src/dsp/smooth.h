/*
 * A value on its way to another in a straight line, frame by frame, so that a change of a parameter
 * makes no step. The line depends on the frame of the change alone, not on how it is cut into runs.
 */
#ifndef PLAINSONG_DSP_SMOOTH_H
#define PLAINSONG_DSP_SMOOTH_H

#include <stdbool.h>
#include <stdint.h>

typedef struct ps_smooth {
    double from, to;
    uint32_t length; /* of the whole way, in frames */
    uint32_t gone;   /* frames of it that have passed; == length: arrived */
} ps_smooth;

/* At rest. */
static inline void ps_smooth_init(ps_smooth *smooth, double value)
{
    smooth->from = smooth->to = value;
    smooth->length = smooth->gone = 0;
}

static inline bool ps_smooth_moves(const ps_smooth *smooth)
{
    return smooth->gone < smooth->length;
}

/* After `ahead` more frames: the value of the frame 0 ahead is the next one. */
static inline double ps_smooth_ahead(const ps_smooth *smooth, uint32_t ahead)
{
    const uint32_t gone = smooth->gone + ahead;

    if (gone >= smooth->length)
        return smooth->to;
    return smooth->from + (smooth->to - smooth->from) * ((double)(gone + 1) / smooth->length);
}

/* Where it stands: the value of the frame before the next. */
static inline double ps_smooth_now(const ps_smooth *smooth)
{
    if (smooth->gone >= smooth->length)
        return smooth->to;
    return smooth->from + (smooth->to - smooth->from) * ((double)smooth->gone / smooth->length);
}

/* From where it stands to another value, arriving after `frames` frames (0: at once). */
static inline void ps_smooth_to(ps_smooth *smooth, double value, uint32_t frames)
{
    smooth->from = ps_smooth_now(smooth);
    smooth->to = value;
    smooth->length = frames;
    smooth->gone = 0;
}

/* Lets frames pass. */
static inline void ps_smooth_pass(ps_smooth *smooth, uint32_t frames)
{
    const uint32_t left = smooth->length - smooth->gone;

    smooth->gone += frames < left ? frames : left;
}

/* Arrives at once. */
static inline void ps_smooth_arrive(ps_smooth *smooth)
{
    ps_smooth_init(smooth, smooth->to);
}

/* The values of the next frames, which pass. */
static inline void ps_smooth_fill(ps_smooth *smooth, float *values, uint32_t frames)
{
    if (!ps_smooth_moves(smooth)) {
        for (uint32_t i = 0; i < frames; i++)
            values[i] = (float)smooth->to;
        return;
    }
    for (uint32_t i = 0; i < frames; i++)
        values[i] = (float)ps_smooth_ahead(smooth, i);
    ps_smooth_pass(smooth, frames);
}

#endif
