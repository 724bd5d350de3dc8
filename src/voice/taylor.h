/*
 * How strongly a signal made of sines can bend: bounds of its Taylor coefficients.
 *
 * of[k] >= |f^(k)(n)| / k! at every frame n in question, in units of 1 / frame^k. A product of
 * signals has the product of their series at most (Leibniz), and so
 *
 *      1 + d cos(w n + c)             1 + |d|, |d| w, |d| w^2 / 2!, ...
 *      cos(w n + r sin(s n + c) + b)  the series of exp(w t + r (exp(s t) - 1)): of exp(i ...), the
 *                                     exponent's own series with every term made positive
 *      1 + d |sin(w n)|^p             where w n is x or more away from a zero: with c = cot(w n),
 *                                     f^(k) = d w^k |sin|^p P_k(c), where P_0 = 1 and
 *                                     P_{k+1} = p c P_k - (1 + c^2) P_k'; and |sin|^p |c|^j is at
 *                                     most 1 for j <= p, at most (sin x)^(p - j) above.
 */
#ifndef PLAINSONG_VOICE_TAYLOR_H
#define PLAINSONG_VOICE_TAYLOR_H

#include <stdint.h>

#include "kernel/math.h"

#define PS_TAYLOR_TERMS 9u /* up to t^8 */

typedef struct ps_taylor {
    double of[PS_TAYLOR_TERMS];
} ps_taylor;

static inline ps_taylor ps_taylor_constant(double largest)
{
    return (ps_taylor){{largest}};
}

static inline ps_taylor ps_taylor_sum(ps_taylor a, ps_taylor b)
{
    for (uint32_t k = 0; k < PS_TAYLOR_TERMS; k++)
        a.of[k] += b.of[k];
    return a;
}

static inline ps_taylor ps_taylor_product(ps_taylor a, ps_taylor b)
{
    ps_taylor c = {{0.0}};

    for (uint32_t i = 0; i < PS_TAYLOR_TERMS; i++)
        for (uint32_t j = 0; i + j < PS_TAYLOR_TERMS; j++)
            c.of[i + j] += a.of[i] * b.of[j];
    return c;
}

/* 1 + depth cos(...); depth and step are not below 0. */
static inline ps_taylor ps_taylor_tremolo(double depth, double step_rad)
{
    ps_taylor t = {{1.0 + depth}};
    double term = depth;

    for (uint32_t k = 1; k < PS_TAYLOR_TERMS; k++)
        t.of[k] = term *= step_rad / k;
    return t;
}

/* cos(... + swing sin(...)); none is below 0. */
static inline ps_taylor ps_taylor_tone(double step_rad, double swing_rad, double swing_step_rad)
{
    ps_taylor exponent = ps_taylor_tremolo(swing_rad, swing_step_rad), t = {{1.0}};

    exponent.of[1] += step_rad;
    for (uint32_t k = 1; k < PS_TAYLOR_TERMS; k++) { /* y' = g' y */
        for (uint32_t i = 1; i <= k; i++)
            t.of[k] += i * exponent.of[i] * t.of[k - i];
        t.of[k] /= k;
    }
    return t;
}

/* 1 + depth |sin(...)|^power, at least `apart_rad` (up to pi / 2) from its zeros; power > 0. */
static inline ps_taylor ps_taylor_bent(double depth, double step_rad, double power,
                                       double apart_rad)
{
    const double sine = ps_sin_cycles(apart_rad * 0.15915494309189533577);
    double p[PS_TAYLOR_TERMS + 1] = {1.0}; /* P_k */
    ps_taylor t = {{1.0 + depth}};
    double scale = depth;

    for (uint32_t k = 1; k < PS_TAYLOR_TERMS; k++) {
        double next[PS_TAYLOR_TERMS + 1] = {0.0}, sum = 0.0;

        for (uint32_t j = 0; j < k; j++) {
            next[j + 1] += (power - j) * p[j];
            if (j > 0)
                next[j - 1] -= j * p[j];
        }
        scale *= step_rad / k;
        for (uint32_t j = 0; j <= k; j++) {
            const double size = p[j] = next[j];
            const double most = j > power ? ps_exp2((power - j) * ps_log2(sine)) : 1.0;

            sum += (size < 0.0 ? -size : size) * most;
        }
        t.of[k] = scale * sum;
    }
    return t;
}

#endif
