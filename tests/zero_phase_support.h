/*
 * Zero-phase filtering as it is defined, over a whole signal: with direct-form filters in long
 * double, which as one fraction they need.
 */
#ifndef TESTS_ZERO_PHASE_SUPPORT_H
#define TESTS_ZERO_PHASE_SUPPORT_H

#include <math.h>

#include "support.h"

/* Coefficients of a Butterworth filter of order 4 as one fraction: poles of the analog prototype
   through the bilinear transform, multiplied out. */
static inline void zero_phase_design(long double b[5], long double a[5], bool high,
                                     double cutoff_hz, double rate_hz)
{
    const long double edge =
        tanl(3.14159265358979323846L * (long double)cutoff_hz / (long double)rate_hz);
    const long double zeros[5] = {1.0L, 4.0L, 6.0L, 4.0L, 1.0L};
    long double top = 0.0L, bottom = 0.0L;

    memset(a, 0, 5 * sizeof *a);
    a[0] = 1.0L;
    for (int k = 0; k < 2; k++) {
        const long double damping =
            2.0L * sinl(3.14159265358979323846L * (2 * k + 1) / 8.0L) * edge;
        const long double a0 = 1.0L + damping + edge * edge;
        const long double q[3] = {1.0L, 2.0L * (edge * edge - 1.0L) / a0,
                                  (1.0L - damping + edge * edge) / a0};
        long double product[5] = {0.0L};

        for (int i = 0; i < 3; i++)
            for (int j = 0; i + j < 5; j++)
                product[i + j] += q[i] * a[j];
        memcpy(a, product, sizeof product);
    }
    for (int i = 0; i < 5; i++) {
        const long double sign = high && i % 2 ? -1.0L : 1.0L;

        b[i] = sign * zeros[i];
        top += zeros[i];
        bottom += high && i % 2 ? -a[i] : a[i]; /* gain 1 at half the rate, or at 0 */
    }
    for (int i = 0; i < 5; i++)
        b[i] *= bottom / top;
}

/* Transposed direct form II from the steady state of the first sample. */
static inline void zero_phase_direction(const long double b[5], const long double a[5],
                                        long double *x, size_t count)
{
    long double sum_b = 0.0L, sum_a = 0.0L, z[5] = {0.0L};

    for (int i = 0; i < 5; i++) {
        sum_b += b[i];
        sum_a += a[i];
    }
    for (int i = 3; i >= 0; i--)
        z[i] = b[i + 1] - a[i + 1] * sum_b / sum_a + z[i + 1];
    for (int i = 0; i < 4; i++)
        z[i] *= x[0];
    for (size_t n = 0; n < count; n++) {
        const long double y = b[0] * x[n] + z[0];

        for (int i = 0; i < 4; i++)
            z[i] = b[i + 1] * x[n] - a[i + 1] * y + z[i + 1];
        x[n] = y;
    }
}

static inline void zero_phase_turn(long double *x, size_t count)
{
    for (size_t i = 0; i < count / 2; i++) {
        const long double held = x[i];

        x[i] = x[count - 1 - i];
        x[count - 1 - i] = held;
    }
}

static inline void zero_phase_filter(long double *x, size_t count, bool high, double cutoff_hz,
                                     double rate_hz)
{
    const size_t padded = count + 30;
    long double *y = malloc(padded * sizeof *y);
    long double b[5], a[5];

    assert_non_null(y);
    zero_phase_design(b, a, high, cutoff_hz, rate_hz);
    for (size_t i = 0; i < 15; i++) {
        y[i] = 2.0L * x[0] - x[15 - i];
        y[15 + count + i] = 2.0L * x[count - 1] - x[count - 2 - i];
    }
    memcpy(y + 15, x, count * sizeof *x);
    for (int times = 0; times < 2; times++) {
        zero_phase_direction(b, a, y, padded);
        zero_phase_turn(y, padded);
    }
    memcpy(x, y + 15, count * sizeof *x);
    free(y);
}

/* What the voices that filter do at their end. */
static inline void zero_phase_voice(double *x, size_t count, double rate_hz)
{
    long double *y = malloc(count * sizeof *y);

    assert_non_null(y);
    for (size_t i = 0; i < count; i++)
        y[i] = (long double)x[i];
    zero_phase_filter(y, count, true, 30.0, rate_hz);
    zero_phase_filter(y, count, false, 0.45 * rate_hz, rate_hz);
    for (size_t i = 0; i < count; i++)
        x[i] = (double)y[i];
    free(y);
}

#endif
