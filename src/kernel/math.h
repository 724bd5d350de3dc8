/*
 * Our own exp2, log2, sine and cosine: the same bits on every machine, and short enough that a
 * loop over them vectorizes (no branch, no table, no call; compilers make blends of the choices).
 *
 * Each splits its argument into a whole part, which is exact, and a rest on which a polynomial
 * serves. The coefficients interpolate the function at the Chebyshev nodes of that interval.
 */
#ifndef PLAINSONG_KERNEL_MATH_H
#define PLAINSONG_KERNEL_MATH_H

#include <stdint.h>
#include <string.h>

static inline uint64_t ps_bits_of_double(double x)
{
    uint64_t bits;

    memcpy(&bits, &x, sizeof bits);
    return bits;
}

static inline double ps_double_of_bits(uint64_t bits)
{
    double x;

    memcpy(&x, &bits, sizeof x);
    return x;
}

static inline uint32_t ps_bits_of_float(float x)
{
    uint32_t bits;

    memcpy(&bits, &x, sizeof bits);
    return bits;
}

static inline float ps_float_of_bits(uint32_t bits)
{
    float x;

    memcpy(&x, &bits, sizeof x);
    return x;
}

/* Adding these pushes the fraction out of the mantissa: the sum is rounded to a whole number, which
   then stands in its low bits. */
#define PS_ROUNDER       0x1.8p52
#define PS_ROUNDER_FLOAT 0x1.8p23f

/* 2^x, relative error under 1e-15. Below -1022 it is 0, above 1023 it stays at 2^1023. */
static inline double ps_exp2(double x)
{
    const double high = x > 1023.0 ? 1023.0 : x;
    const double clamped = high < -1022.0 ? -1022.0 : high;
    const double shifted = clamped + PS_ROUNDER;
    const double t = clamped - (shifted - PS_ROUNDER); /* -1/2..1/2 */
    const double scale = ps_double_of_bits((ps_bits_of_double(shifted) + 1023) << 52);
    double p = 7.07097786650813856e-9;

    p = p * t + 1.02059054137655958e-7;
    p = p * t + 1.32154516332214344e-6;
    p = p * t + 1.52526729248507364e-5;
    p = p * t + 1.54035304247765276e-4;
    p = p * t + 1.33335582007945926e-3;
    p = p * t + 9.61812910761866557e-3;
    p = p * t + 5.55041086646516720e-2;
    p = p * t + 2.40226506959100761e-1;
    p = p * t + 6.93147180559946159e-1;
    p = (p * t + 1.0) * scale;
    return x < -1022.0 ? 0.0 : p;
}

/* The same for float, relative error under 1.5e-7; 0 below -126, at most 2^127. */
static inline float ps_exp2_float(float x)
{
    const float high = x > 127.0f ? 127.0f : x;
    const float clamped = high < -126.0f ? -126.0f : high;
    const float shifted = clamped + PS_ROUNDER_FLOAT;
    const float t = clamped - (shifted - PS_ROUNDER_FLOAT);
    const float scale = ps_float_of_bits((ps_bits_of_float(shifted) + 127) << 23);
    float p = 1.54531629e-4f;

    p = p * t + 1.33908634e-3f;
    p = p * t + 9.61808256e-3f;
    p = p * t + 5.55035711e-2f;
    p = p * t + 2.40226508e-1f;
    p = p * t + 6.93147188e-1f;
    p = (p * t + 1.0f) * scale;
    return x < -126.0f ? 0.0f : p;
}

/* Base-2 logarithm of x > 0, absolute error under 1e-15 + 1e-15 |log2 x|. What is smaller than
   2^-1022 (zero and negative numbers too) counts as 2^-1022. */
static inline double ps_log2(double x)
{
    /* x = 2^whole * m with m in sqrt(1/2)..sqrt(2); log2 m = s P(s^2), s = (m - 1) / (m + 1). */
    const uint64_t root_half = UINT64_C(0x3fe6a09e667f3bcd);
    const uint64_t bits = ps_bits_of_double(x > 0x1p-1022 ? x : 0x1p-1022);
    const uint64_t apart = bits - root_half + (UINT64_C(1023) << 52);
    const double whole =
        ps_double_of_bits(apart >> 52 | UINT64_C(0x4330000000000000)) - (0x1p52 + 1023.0);
    const double m = ps_double_of_bits((apart & UINT64_C(0x000fffffffffffff)) + root_half);
    const double s = (m - 1.0) / (m + 1.0);
    const double u = s * s;
    double p = 2.42916085420912908e-1;

    p = p * u + 2.61444249350498692e-1;
    p = p * u + 3.20616388132299419e-1;
    p = p * u + 4.12198402048274424e-1;
    p = p * u + 5.77078017246328588e-1;
    p = p * u + 9.61796693924334559e-1;
    p = p * u + 2.88539008177792731;
    return whole + s * p;
}

/* The same for float, absolute error under 2e-7 + 1e-7 |log2 x|; at least -126. */
static inline float ps_log2_float(float x)
{
    const uint32_t root_half = UINT32_C(0x3f3504f3);
    const uint32_t bits = ps_bits_of_float(x > 0x1p-126f ? x : 0x1p-126f);
    const uint32_t apart = bits - root_half + (UINT32_C(127) << 23);
    const float whole = (float)(int32_t)(apart >> 23) - 127.0f;
    const float m = ps_float_of_bits((apart & UINT32_C(0x007fffff)) + root_half);
    const float s = (m - 1.0f) / (m + 1.0f);
    const float u = s * s;
    float p = 4.31717697e-1f;

    p = p * u + 5.76715186e-1f;
    p = p * u + 9.61798839e-1f;
    p = p * u + 2.88539008f;
    return whole + s * p;
}

/* sin(2 pi x) for x in -1/4..1/4. */
static inline double ps_sin_quarter(double x)
{
    const double u = x * x;
    double p = -6.92506701072071734e-1;

    p = p * u + 3.81736563346913520;
    p = p * u + -1.50945061407342913e1;
    p = p * u + 4.20586899539509386e1;
    p = p * u + -7.67058596896286727e1;
    p = p * u + 8.16052492755797642e1;
    p = p * u + -4.13417022403982866e1;
    p = p * u + 6.28318530717958576;
    return p * x;
}

static inline float ps_sin_quarter_float(float x)
{
    const float u = x * x;
    float p = 3.97598271e1f;

    p = p * u + -7.65811726e1f;
    p = p * u + 8.16024764e1f;
    p = p * u + -4.13416807e1f;
    p = p * u + 6.28318528f;
    return p * x;
}

/* cos(2 pi x), absolute error under 1e-15, for |x| < 2^51. Whole cycles are taken off exactly. */
static inline double ps_cos_cycles(double x)
{
    const double t = x - ((x + PS_ROUNDER) - PS_ROUNDER);

    return ps_sin_quarter(0.25 - (t < 0.0 ? -t : t));
}

/* sin(2 pi x), likewise: odd in x. */
static inline double ps_sin_cycles(double x)
{
    const double t = x - ((x + PS_ROUNDER) - PS_ROUNDER); /* -1/2..1/2 */
    const double far = (t < 0.0 ? -0.5 : 0.5) - t;        /* the same sine from the other side */

    return ps_sin_quarter(t > 0.25 || t < -0.25 ? far : t);
}

/* The same for float, absolute error under 2e-7, for |x| < 2^22. */
static inline float ps_cos_cycles_float(float x)
{
    const float t = x - ((x + PS_ROUNDER_FLOAT) - PS_ROUNDER_FLOAT);

    return ps_sin_quarter_float(0.25f - (t < 0.0f ? -t : t));
}

static inline float ps_sin_cycles_float(float x)
{
    const float t = x - ((x + PS_ROUNDER_FLOAT) - PS_ROUNDER_FLOAT);
    const float far = (t < 0.0f ? -0.5f : 0.5f) - t;

    return ps_sin_quarter_float(t > 0.25f || t < -0.25f ? far : t);
}

#endif
