/*
 * The vocabulary of voices: operations on arrays of at most PS_VOICE_FRAMES, inline, without
 * branches inside the loops, so that the row they are compiled for vectorizes them.
 *
 * Phases are unsigned fractions of a cycle, 2^64 (accumulated) or 2^32 (to look up) being one
 * whole: they wrap by themselves, adding them is exact in any order, and no length of time makes
 * them less precise. Waveforms are float: their error is under 3e-7.
 */
#ifndef PLAINSONG_VOICE_BLOCKS_H
#define PLAINSONG_VOICE_BLOCKS_H

#include <stdint.h>

#include "kernel/math.h"
#include "voice/voice.h"

/* a * b + c, in one step where the row has it: for waveforms, whose last bits may differ between
   rows. Within a row it is the same in every loop. */
#ifdef __FMA__
#define PS_MADD(a, b, c)        __builtin_fmaf(a, b, c)
#define PS_MADD_DOUBLE(a, b, c) __builtin_fma(a, b, c)
#else
#define PS_MADD(a, b, c)        ((a) * (b) + (c))
#define PS_MADD_DOUBLE(a, b, c) ((a) * (b) + (c))
#endif

#define PS_TURN 0.15915494309189533577 /* 1 / (2 pi): radians to cycles */

typedef double ps_doubles[PS_VOICE_FRAMES];
typedef float ps_floats[PS_VOICE_FRAMES];
typedef uint32_t ps_phases[PS_VOICE_FRAMES];

/* The fraction of a number of cycles (|cycles| < 2^51) as a 64-bit phase, precise to 2^-52. */
static inline uint64_t ps_phase64(double cycles)
{
    const double whole = (cycles + PS_ROUNDER) - PS_ROUNDER;

    return ps_bits_of_double(cycles - whole + 1.5) << 12 ^ UINT64_C(1) << 63;
}

/* The same as a 32-bit phase: the fraction is pushed into the low bits of a double. */
static inline uint32_t ps_phase32(double cycles)
{
    const double whole = (cycles + PS_ROUNDER) - PS_ROUNDER;

    return (uint32_t)ps_bits_of_double((cycles - whole) + 0x1.8p20);
}

/* Radians likewise. */
static inline uint64_t ps_phase64_radians(double radians)
{
    return ps_phase64(radians * PS_TURN);
}

/* sin(2 pi x) for x in -1/4..1/4: ps_sin_quarter_float with the row's fused steps. */
static inline float ps_quarter_sine(float x)
{
    const float u = x * x;
    float p = 3.97598271e1f;

    p = PS_MADD(p, u, -7.65811726e1f);
    p = PS_MADD(p, u, 8.16024764e1f);
    p = PS_MADD(p, u, -4.13416807e1f);
    p = PS_MADD(p, u, 6.28318528f);
    return p * x;
}

/* sin(2 pi phase), of a 32-bit phase. */
static inline float ps_sine32(uint32_t phase)
{
    /* As a signed number the phase is -1/2..1/2 of a cycle; beyond a quarter the sine is that of
       the other side. */
    const int32_t x = (int32_t)phase;
    const int32_t far = (int32_t)(UINT32_C(0x80000000) - phase);
    const int32_t near = x > INT32_C(0x40000000) || x < -INT32_C(0x40000000) ? far : x;

    return ps_quarter_sine((float)near * 0x1p-32f);
}

#define PS_QUARTER UINT32_C(0x40000000) /* add to a phase: cosine */

/* cos(2 pi phase): the same as the sine a quarter on, in fewer steps. */
static inline float ps_cosine32(uint32_t phase)
{
    const uint32_t back = 0 - phase, size = phase < back ? phase : back; /* up to a half */

    return ps_quarter_sine((float)(int32_t)(PS_QUARTER - size) * 0x1p-32f);
}

/* out = sin(phase). */
static inline void ps_sines(float *restrict out, const uint32_t *restrict phase, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        out[i] = ps_sine32(phase[i]);
}

/* The phases first, first + step, first + 2 step, ...: high words, and the 24 bits below them,
   which within PS_VOICE_FRAMES carry no more than 8 bits into those. */
static inline void ps_steady(uint32_t *restrict phase, uint64_t first, uint64_t step,
                             uint32_t count)
{
    const uint32_t high_step = (uint32_t)(step >> 32), low_step = (uint32_t)step >> 8;
    uint32_t high = (uint32_t)(first >> 32), low = (uint32_t)first >> 8;

    for (uint32_t i = 0; i < count; i++) {
        phase[i] = high + (low >> 24);
        high += high_step;
        low += low_step;
    }
}

/* phase = frac(cycles), |cycles| < 2^51. */
static inline void ps_wrap(uint32_t *restrict phase, const double *restrict cycles, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        phase[i] = ps_phase32(cycles[i]);
}

/* phase += frac(cycles). */
static inline void ps_shift(uint32_t *restrict phase, const double *restrict cycles, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        phase[i] += ps_phase32(cycles[i]);
}

/*
 * Running sums of cycles per frame. after: phase[i] contains step[i] already (the first output has
 * one increment); else only those before it. *sum is the phase so far and moves on.
 */
static inline void ps_integrate(uint32_t *restrict phase, uint64_t *sum,
                                const double *restrict step, uint32_t count, bool after)
{
    uint64_t part[PS_VOICE_FRAMES];
    uint64_t s = *sum;

    for (uint32_t i = 0; i < count; i++)
        part[i] = ps_phase64(step[i]);
    if (after)
        for (uint32_t i = 0; i < count; i++) {
            s += part[i];
            phase[i] = (uint32_t)(s >> 32);
        }
    else
        for (uint32_t i = 0; i < count; i++) {
            phase[i] = (uint32_t)(s >> 32);
            s += part[i];
        }
    *sum = s;
}

/* The sum alone, for skipping. */
static inline void ps_integrate_only(uint64_t *sum, const double *restrict step, uint32_t count)
{
    uint64_t s = *sum;

    for (uint32_t i = 0; i < count; i++)
        s += ps_phase64(step[i]);
    *sum = s;
}

/* t[i] = (first + i) * frame_sec. */
static inline void ps_times(double *restrict t, uint64_t first, double frame_sec, uint32_t count)
{
    const double base = (double)first;

    for (uint32_t i = 0; i < count; i++)
        t[i] = (base + (double)(int32_t)i) * frame_sec;
}

/* out = start + (end - start) * alpha; alpha NULL: start. */
static inline void ps_glide_fill(double *restrict out, const ps_setting *setting,
                                 const double *restrict alpha, uint32_t count)
{
    const double start = setting->start, change = setting->end - setting->start;

    if (alpha == NULL || change == 0.0)
        for (uint32_t i = 0; i < count; i++)
            out[i] = start;
    else
        for (uint32_t i = 0; i < count; i++)
            out[i] = start + change * alpha[i];
}

/* The same, to float. */
static inline void ps_glide_floats(float *restrict out, const ps_setting *setting,
                                   const double *restrict alpha, uint32_t count)
{
    const double start = setting->start, change = setting->end - setting->start;

    if (alpha == NULL || change == 0.0)
        for (uint32_t i = 0; i < count; i++)
            out[i] = (float)start;
    else
        for (uint32_t i = 0; i < count; i++)
            out[i] = (float)(start + change * alpha[i]);
}

/* A setting that never differs from a value. */
static inline bool ps_stays(const ps_setting *setting, double value)
{
    return setting->start == value && setting->end == value;
}

/* The share of a cycle in which a skewed wave is positive, kept inside 0..1. */
static inline float ps_skew_share(float skew)
{
    const float k = 0.5f + 0.5f * skew;
    const float low = k <= 0.0f ? 1e-9f : k;

    return low >= 1.0f ? 1.0f - 0x1p-24f : low;
}

/* cos(pi y) for y in -1/2..1/2, absolute error under 2e-7, in the mean under 1e-9: that of skewed
   waves is added up. */
static inline float ps_half_wave(float y)
{
    const float u = y * y;
    float p = 0.219682425f;

    p = PS_MADD(p, u, -1.33187389f);
    p = PS_MADD(p, u, 4.05841017f);
    p = PS_MADD(p, u, -4.93479252f);
    return PS_MADD(p, u, 0.99999994f);
}

/* The place of a phase in its half of a skewed wave, -1/2..1/2, and which half it is. The upper one
   takes up_share of the cycle, the lower one down_share; both in 2^-31 of it, together 2^31. */
static inline float ps_skew_place32(uint32_t phase, float up_share, float down_share, bool *up)
{
    const int32_t p = (int32_t)(phase >> 1), k = (int32_t)up_share;

    *up = p < k;
    return (float)(p - (*up ? 0 : k)) / (*up ? up_share : down_share) - 0.5f;
}

/* Skewed sine of a phase: half a wave up over the share k of the cycle, half a wave down over the
   rest. */
static inline float ps_skew_sine32(uint32_t phase, float k)
{
    bool up;
    const float half = ps_half_wave(ps_skew_place32(phase, k * 0x1p31f, (1.0f - k) * 0x1p31f, &up));

    return up ? half : -half;
}

/* Skewed triangle: from -1 to 1 over the share k, and back. */
static inline float ps_skew_triangle32(uint32_t phase, float k)
{
    bool up;
    const float y = ps_skew_place32(phase, k * 0x1p31f, (1.0f - k) * 0x1p31f, &up);

    return up ? 2.0f * y : -2.0f * y;
}

#define PS_SKEW_MOST 0.9999999f /* in magnitude: neither half vanishes */

/* Keeps skews where ps_skew_sines wants them. */
static inline void ps_keep_skews(float *skew, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        const float low = skew[i] > -PS_SKEW_MOST ? skew[i] : -PS_SKEW_MOST;

        skew[i] = low < PS_SKEW_MOST ? low : PS_SKEW_MOST;
    }
}

/* out = skewed sine of each phase, each with a skew of its own, within PS_SKEW_MOST. */
static inline void ps_skew_sines(float *restrict out, const uint32_t *restrict phase,
                                 const float *restrict skew, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        const float up_share = PS_MADD(skew[i], 0x1p30f, 0x1p30f);
        const float down_share = PS_MADD(skew[i], -0x1p30f, 0x1p30f);
        bool up;
        const float half = ps_half_wave(ps_skew_place32(phase[i], up_share, down_share, &up));

        out[i] = up ? half : -half;
    }
}

/* ---- The same in double, for what is added up over minutes ----------------------------------- */

/* A phase as a fraction of a cycle, 0 up to 1. */
static inline double ps_fraction(uint64_t phase)
{
    return ps_double_of_bits(phase >> 12 | UINT64_C(0x3ff0000000000000)) - 1.0;
}

/* cos(pi y) for y in -1/2..1/2, absolute error under 3e-10, in the mean under 2e-12. */
static inline double ps_half_wave_double(double y)
{
    const double u = y * y;
    double p = -0.02439593209755045;

    p = PS_MADD_DOUBLE(p, u, 0.23493706859508651);
    p = PS_MADD_DOUBLE(p, u, -1.3352119493905503);
    p = PS_MADD_DOUBLE(p, u, 4.0587091547631342);
    p = PS_MADD_DOUBLE(p, u, -4.9348021369289459);
    return PS_MADD_DOUBLE(p, u, 0.99999999977915399);
}

/* sin(2 pi phase), error as above. */
static inline double ps_sine32_double(uint32_t phase)
{
    const int32_t y = (int32_t)(phase << 1 ^ UINT32_C(0x80000000)); /* in its half */
    const double half = ps_half_wave_double((double)y * 0x1p-32);

    return (int32_t)phase < 0 ? -half : half;
}

/* The share of the upper half, kept inside 0..1. */
static inline double ps_skew_share_double(double skew)
{
    const double k = 0.5 + 0.5 * skew, low = k > 1e-9 ? k : 1e-9;

    return low < 1.0 - 1e-9 ? low : 1.0 - 1e-9;
}

/* The place of p (0..1) in its half of a skewed wave, -1/2..1/2. */
static inline double ps_skew_place_double(double p, double k, bool *up)
{
    *up = p < k;
    return (p - (*up ? 0.0 : k)) / (*up ? k : 1.0 - k) - 0.5;
}

/* tanh(x), relative error under 1e-6. */
static inline float ps_tanh_float(float x)
{
    /* tanh x = (1 - e) / (1 + e) with e = exp(-2|x|); a series where that cancels. */
    const float a = x < 0.0f ? -x : x;
    const float e = ps_exp2_float(a * -2.88539008f);
    const float far = (1.0f - e) / (1.0f + e);
    const float u = a * a;
    const float near = a * (1.0f + u * (-0.333333333f + u * (0.133333333f + u * -0.0539682540f)));
    const float y = a < 0.15f ? near : far;

    return x < 0.0f ? -y : y;
}

#endif
