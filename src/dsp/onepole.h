/*
 * y[n] = a y[n-1] + (1 - a) x[n] in double, for smoothing over runs. Written out over four frames,
 *
 *      y[n] = a^4 y[n-4] + (1 - a) (x[n] + a x[n-1] + a^2 x[n-2] + a^3 x[n-3]),
 *
 * so that four neighbours do not wait for each other. Rounding apart (1e-16 of the values) it is
 * the same sequence.
 */
#ifndef PLAINSONG_DSP_ONEPOLE_H
#define PLAINSONG_DSP_ONEPOLE_H

#include <stdint.h>

#include "base/row.h"

#define PS_ONEPOLE_PAST 4u

typedef struct ps_onepole {
    double a;                                      /* 0..1 */
    double x[PS_ONEPOLE_PAST], y[PS_ONEPOLE_PAST]; /* the last in and out, oldest first */
} ps_onepole;

/* As if it had been at `rest` for ever. */
static inline void ps_onepole_init(ps_onepole *f, double a, double rest)
{
    f->a = a;
    for (uint32_t i = 0; i < PS_ONEPOLE_PAST; i++)
        f->x[i] = f->y[i] = rest;
}

/*
 * Runs two at a time, which takes no longer than one: x0, x1 into y0, y1, `count` values each.
 * Before each x there is room for PS_ONEPOLE_PAST more values, which are overwritten with the past.
 */
void PS_ROW(ps_onepole_run)(ps_onepole f[2], double *restrict y0, double *restrict y1,
                            double *restrict x0, double *restrict x1, uint32_t count);

#endif
