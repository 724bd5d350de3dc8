/*
 * The course of a transition: a factor alpha that goes from 0 to 1 over a part of the step, bent by
 * a named curve or by an expression in `alpha`.
 */
#ifndef PLAINSONG_VOICE_CURVE_H
#define PLAINSONG_VOICE_CURVE_H

#include <stdbool.h>
#include <stdint.h>

#include "plainsong/memory.h"
#include "plainsong/status.h"

#define PS_CURVE_TEXT_MAX    4096u /* bytes of an expression */
#define PS_CURVE_STEPS_MAX   512u  /* operations of the compiled form */
#define PS_CURVE_DEPTH_MAX   32u   /* numbers that wait for an operation */
#define PS_CURVE_NESTING_MAX 64u   /* parentheses and signs inside each other */
#define PS_CURVE_COST_MAX    1024u /* sum of ps_operation.cost, about a nanosecond a frame each */
#define PS_CURVE_LIMIT       1e3   /* no curve goes beyond: what it bends stays finite */

typedef enum ps_curve_kind {
    PS_CURVE_LINEAR,
    PS_CURVE_LOGARITHMIC, /* 1 - (1 - a)^2 */
    PS_CURVE_EXPONENTIAL, /* a^2 */
    PS_CURVE_EXPRESSION,
} ps_curve_kind;

/* One operation of a compiled expression: a machine with a stack of doubles. */
typedef struct ps_curve_step {
    uint8_t operation; /* index in ps_operations */
    double number;     /* of PS_OPERATION_NUMBER */
} ps_curve_step;

typedef struct ps_curve {
    ps_curve_kind kind;
    const ps_curve_step *steps; /* owned */
    uint32_t step_count;
    double low, high; /* between these it stays: an expression is held inside what 4097 evenly
                         spread values of it reach, give or take a thousandth */
} ps_curve;

/*
 * Compiles a curve: "linear", "logarithmic", "exponential" exactly, else an expression of the safe
 * grammar (docs/tracks.md): arithmetic on `alpha`, constants and the listed functions; it never
 * runs code. PS_BAD_DATA with the column in the text when it is not in the grammar, has no `alpha`
 * in it, or is too long or too deep.
 */
ps_status ps_curve_compile(ps_curve *curve, const char *text, const ps_allocator *allocator,
                           ps_error *err);
void ps_curve_free(ps_curve *curve, const ps_allocator *allocator);

/* The curve at a (0..1); not clamped to 0..1. NaN and infinities of an expression become 0. */
double ps_curve_at(const ps_curve *curve, double a);

/* The value of an expression in place of each a. */
void ps_curve_express(const ps_curve *curve, double *a, uint32_t count);

/* The curve in place of each a; inline, as are the loops of ps_ramp_fill, to be compiled for the
   row of the voice that asks. */
static inline void ps_curve_bend(const ps_curve *curve, double *restrict a, uint32_t count)
{
    switch (curve->kind) {
    case PS_CURVE_LINEAR:
        break;
    case PS_CURVE_LOGARITHMIC:
        for (uint32_t i = 0; i < count; i++)
            a[i] = 1.0 - (1.0 - a[i]) * (1.0 - a[i]);
        break;
    case PS_CURVE_EXPONENTIAL:
        for (uint32_t i = 0; i < count; i++)
            a[i] = a[i] * a[i];
        break;
    case PS_CURVE_EXPRESSION:
        ps_curve_express(curve, a, count);
        break;
    }
}

/* When a transition happens, and how. */
typedef struct ps_ramp {
    const ps_curve *curve;
    double start_sec, span_sec; /* of the change, cut to the step; span 0: a switch */
    double frame_sec;           /* t of frame i is i * frame_sec */
    bool never;                 /* the start lies at or after the end of the step */
} ps_ramp;

/*
 * offset and transition length as a document gives them (seconds; negative counts as 0).
 * has_span false: to the end of the step.
 */
void ps_ramp_init(ps_ramp *ramp, const ps_curve *curve, double offset_sec, bool has_span,
                  double span_sec, double duration_sec, double frame_sec);

/* Whether alpha is surely the same in `count` frames from `first` on, and then what it is. */
bool ps_ramp_stands(const ps_ramp *ramp, uint64_t first, uint32_t count, double *alpha);

/* alpha of `count` (under 2^31) frames from `first` on. True: it is the same in all of them. */
static inline bool ps_ramp_fill(const ps_ramp *ramp, double *restrict alpha, uint64_t first,
                                uint32_t count)
{
    const double base = (double)first, frame_sec = ramp->frame_sec, start = ramp->start_sec;
    const double scale = 1.0 / ramp->span_sec;
    double same;

    if (ps_ramp_stands(ramp, first, count, &same)) {
        for (uint32_t i = 0; i < count; i++)
            alpha[i] = same;
        return true;
    }
    if (ramp->span_sec <= 0.0) {
        for (uint32_t i = 0; i < count; i++)
            alpha[i] = (base + (double)(int32_t)i) * frame_sec >= start ? 1.0 : 0.0;
        return false;
    }
    for (uint32_t i = 0; i < count; i++) {
        const double a = ((base + (double)(int32_t)i) * frame_sec - start) * scale;
        const double low = a > 0.0 ? a : 0.0;

        alpha[i] = low < 1.0 ? low : 1.0;
    }
    ps_curve_bend(ramp->curve, alpha, count);
    return false;
}

/* For how many frames from `first` on alpha is surely the same; UINT64_MAX: for ever. */
uint64_t ps_ramp_still(const ps_ramp *ramp, uint64_t first);

/* Mean of alpha over the frames 0..frames-1: exact for the named curves (closed form), else by
   summing at most 2^16 evenly spread frames. */
double ps_ramp_mean(const ps_ramp *ramp, uint64_t frames);

/* The smallest and largest alpha can get over the step (for bounds). */
void ps_ramp_range(const ps_ramp *ramp, double *low, double *high);

#endif
