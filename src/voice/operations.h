/* The operations of curve expressions: what each computes over arrays. */
#ifndef PLAINSONG_VOICE_OPERATIONS_H
#define PLAINSONG_VOICE_OPERATIONS_H

#include <stdint.h>

#include "voice/curve.h"

/* a = op(a, b, c) element by element; b and c are only looked at as `takes` says. */
typedef void ps_operation_run(double *restrict a, const double *restrict b,
                              const double *restrict c, uint32_t count);

typedef struct ps_operation {
    const char *name; /* operators and functions as a text spells them */
    uint8_t takes;    /* operands, 0..3 */
    uint8_t cost;     /* an addition being 1 */
    ps_operation_run *run;
} ps_operation;

enum {
    PS_OPERATION_NUMBER, /* pushes the step's number */
    PS_OPERATION_ALPHA,  /* pushes alpha */
    PS_OPERATION_NEGATE,
    PS_OPERATION_OTHERS, /* from here on they are found by name */
};

extern const ps_operation ps_operations[];
extern const uint32_t ps_operation_count;

/* Replaces a by the value of the expression, the values of alpha being in a. It may come out as NaN
   or infinite. */
void ps_operations_run(const ps_curve_step *steps, uint32_t step_count, double *a, uint32_t count);

/* The parts of a text as steps; at most PS_CURVE_STEPS_MAX. Fails as ps_curve_compile does. */
ps_status ps_expression_parse(ps_curve_step *steps, uint32_t *step_count, const char *text,
                              ps_error *err);

#endif
