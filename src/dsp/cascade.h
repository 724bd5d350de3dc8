/*
 * Up to 16 filters of second order in a row, on left and right. They may change while they run:
 * what was is blended with what will be, frame by frame, and every blend is stable (biquad.h).
 * Filters that change nothing are left out.
 *
 * A filter that stands still is the direct form II: two past values of w = x / A(z), the input
 * without its zeros; in double its noise at the lowest frequencies is far below that of rounding
 * the output to float. One on its way is two trapezoidal integrators (A. Simper, "Linear
 * trapezoidal integrated state variable filter", 2011), whose memories are levels that mean the
 * same whatever the coefficients are; that they stay stable while these change is shown by A.
 * Wishnick, "Time-varying filters for musical applications", DAFx 2014. One form's memory gives the
 * other's: with a = 1 / (1 + g (g + k)),
 *
 *      first = 2 a g (w[n] - w[n-1]),    second = 2 a g^2 (w[n] + w[n-1]).
 */
#ifndef PLAINSONG_DSP_CASCADE_H
#define PLAINSONG_DSP_CASCADE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/row.h"
#include "dsp/biquad.h"

#define PS_CASCADE_MOST 16u
#define PS_CASCADE_RUN  256u /* most frames at a time */

/* One frame of the direct form: w = x + past w[n-1] + older w[n-2], then the output. */
typedef struct ps_cascade_step {
    double past, older;
    double input, from_past, from_older; /* into the output */
} ps_cascade_step;

typedef struct ps_cascade_filter {
    ps_biquad from, to;    /* g glides evenly in octaves, the rest as it is */
    double octaves;        /* from one g to the other */
    uint32_t length, gone; /* of the way from one to the other, in frames; equal: it is there */
    bool works;            /* it changes something, or did so a while ago */
    ps_cascade_step step;  /* of `to` */
    /* Left and right. Standing: w[n-1] and w[n-2]. On the way: the integrators. */
    double first[2], second[2];
} ps_cascade_filter;

typedef struct ps_cascade {
    uint32_t count;
    ps_cascade_filter filters[PS_CASCADE_MOST];
} ps_cascade;

/* `count` filters that change nothing. */
void ps_cascade_init(ps_cascade *cascade, uint32_t count);

/* Makes a filter another: at once and at rest (frames 0), or on a way of `frames` frames from the
   next one on. */
void ps_cascade_set(ps_cascade *cascade, uint32_t index, const ps_biquad *to, uint32_t frames);

/* As if there had been silence; changes under way are made at once. */
void ps_cascade_reset(ps_cascade *cascade);

/* Frames until what rings is 100 dB down. */
uint64_t ps_cascade_tail(const ps_cascade *cascade);

/* Brings to rest what has died away, before it becomes denormal. Every 256 frames or so. */
void ps_cascade_rest(ps_cascade *cascade);

/* What a filter on its way is at a share of it. g_ratio: 2^(octaves * share). */
static inline ps_biquad ps_cascade_between(const ps_cascade_filter *f, double share, double g_ratio)
{
    const ps_biquad *a = &f->from, *b = &f->to;

    return (ps_biquad){
        a->g * g_ratio,
        a->k + (b->k - a->k) * share,
        a->n2 + (b->n2 - a->n2) * share,
        a->n1 + (b->n1 - a->n1) * share,
        a->n0 + (b->n0 - a->n0) * share,
    };
}

/* A filter has arrived: its memory becomes that of one that stands. */
void ps_cascade_arrive(ps_cascade_filter *filter);

/* In place, at most PS_CASCADE_RUN frames; how they are cut is not heard. */
void PS_ROW(ps_cascade_run)(ps_cascade *cascade, float *left, float *right, uint32_t frames);

#endif
