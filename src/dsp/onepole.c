/* Smoothing over runs: what the inputs of four frames add first, which nothing waits for; then the
   recursion, in an order that compilers make vectors of. */
#include "dsp/onepole.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

/* a * b + c, in one step where the row has it. */
#ifdef __FMA__
#define MADD(a, b, c) __builtin_fma(a, b, c)
#else
#define MADD(a, b, c) ((a) * (b) + (c))
#endif

#define PAST PS_ONEPOLE_PAST

static void gather(double a, double *restrict y, const double *restrict x, uint32_t count)
{
    const double c0 = 1.0 - a, c1 = c0 * a, c2 = c1 * a, c3 = c2 * a;
    const double *restrict before = x - 3;

    for (size_t i = 0; i < count; i++)
        y[i] = MADD(c0, before[i + 3],
                    MADD(c1, before[i + 2], MADD(c2, before[i + 1], c3 * before[i])));
}

/* Adds the past to fours of frames. */
static void recur(ps_onepole *restrict f, double *restrict y, double *restrict z, size_t count)
{
    const double a = f[0].a * f[0].a * (f[0].a * f[0].a);
    const double b = f[1].a * f[1].a * (f[1].a * f[1].a);
    double y0 = f[0].y[0], y1 = f[0].y[1], y2 = f[0].y[2], y3 = f[0].y[3];
    double z0 = f[1].y[0], z1 = f[1].y[1], z2 = f[1].y[2], z3 = f[1].y[3];

    for (size_t i = 0; i + 4 <= count; i += 4) {
        y0 = MADD(a, y0, y[i + 0]);
        y1 = MADD(a, y1, y[i + 1]);
        y2 = MADD(a, y2, y[i + 2]);
        y3 = MADD(a, y3, y[i + 3]);
        y[i + 0] = y0;
        y[i + 1] = y1;
        y[i + 2] = y2;
        y[i + 3] = y3;
        z0 = MADD(b, z0, z[i + 0]);
        z1 = MADD(b, z1, z[i + 1]);
        z2 = MADD(b, z2, z[i + 2]);
        z3 = MADD(b, z3, z[i + 3]);
        z[i + 0] = z0;
        z[i + 1] = z1;
        z[i + 2] = z2;
        z[i + 3] = z3;
    }
    f[0].y[0] = y0;
    f[0].y[1] = y1;
    f[0].y[2] = y2;
    f[0].y[3] = y3;
    f[1].y[0] = z0;
    f[1].y[1] = z1;
    f[1].y[2] = z2;
    f[1].y[3] = z3;
}

/* Adds it to the last frames, of which there are fewer than four. */
static void recur_rest(ps_onepole *f, double *y, uint32_t count)
{
    const double a = f->a * f->a * (f->a * f->a);

    for (uint32_t i = 0; i < count; i++) {
        y[i] = MADD(a, f->y[0], y[i]);
        memmove(f->y, f->y + 1, (PAST - 1) * sizeof *f->y);
        f->y[PAST - 1] = y[i];
    }
}

/* Goes to 0 where going on would end in slow denormals. */
static void rest(ps_onepole *f)
{
    for (uint32_t i = 0; i < PAST; i++)
        f->y[i] = fabs(f->y[i]) < 1e-100 ? 0.0 : f->y[i];
}

void PS_ROW(ps_onepole_run)(ps_onepole f[2], double *restrict y0, double *restrict y1,
                            double *restrict x0, double *restrict x1, uint32_t count)
{
    const uint32_t fours = count - count % 4;

    memcpy(x0 - PAST, f[0].x, sizeof f[0].x);
    memcpy(x1 - PAST, f[1].x, sizeof f[1].x);
    memcpy(f[0].x, x0 + count - PAST, sizeof f[0].x);
    memcpy(f[1].x, x1 + count - PAST, sizeof f[1].x);
    gather(f[0].a, y0, x0, count);
    gather(f[1].a, y1, x1, count);
    recur(f, y0, y1, fours);
    recur_rest(&f[0], y0 + fours, count % 4);
    recur_rest(&f[1], y1 + fours, count % 4);
    rest(&f[0]);
    rest(&f[1]);
}
