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
#define PS_CURVE_LIMIT       1e6   /* no curve goes beyond: what it bends stays finite */

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

/* The same in place, for an array. */
void ps_curve_bend(const ps_curve *curve, double *a, uint32_t count);

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

/* alpha of `count` frames from `first` on. True: it is the same in all of them. */
bool ps_ramp_fill(const ps_ramp *ramp, double *alpha, uint64_t first, uint32_t count);

/* Mean of alpha over the frames 0..frames-1: exact for the named curves (closed form), else by
   summing at most 2^16 evenly spread frames. */
double ps_ramp_mean(const ps_ramp *ramp, uint64_t frames);

/* The smallest and largest alpha can get over the step (for bounds). */
void ps_ramp_range(const ps_ramp *ramp, double *low, double *high);

#endif
