/*
 * Vectors of floats as C types, for recursive filters that run side by side: PS_LANES of them in
 * one ps_lanes, with + - * as usual and the fused steps below. The width is that of the row the
 * file is compiled for (base/row.h), but at most PS_LANES_MOST, which a file may define before;
 * gcc and clang take vectors apart where the processor has none.
 */
#ifndef PLAINSONG_KERNEL_LANES_H
#define PLAINSONG_KERNEL_LANES_H

#include <stdint.h>
#include <string.h>

#ifndef PS_LANES_MOST
#define PS_LANES_MOST 8
#endif

#if defined(__AVX512F__) && PS_LANES_MOST >= 16
#define PS_LANES 16u
#elif defined(__AVX2__)
#define PS_LANES 8u
#else
#define PS_LANES 4u
#endif

#if defined(__AVX2__) && defined(__FMA__)
#include <immintrin.h>
#endif

typedef float ps_lanes __attribute__((vector_size(4 * PS_LANES)));

/* From PS_LANES floats aligned to their size, and back. */
static inline ps_lanes ps_lanes_load(const float *from)
{
    return *(const ps_lanes *)(const void *)from;
}

static inline void ps_lanes_store(float *to, ps_lanes x)
{
    *(ps_lanes *)(void *)to = x;
}

/* The same from and to any place. */
static inline ps_lanes ps_lanes_read(const float *from)
{
    ps_lanes x;

    memcpy(&x, from, sizeof x);
    return x;
}

static inline void ps_lanes_write(float *to, ps_lanes x)
{
    memcpy(to, &x, sizeof x);
}

static inline ps_lanes ps_lanes_all(float x)
{
    return x - (ps_lanes){0.0f}; /* for compilers: 0 + x is not always x */
}

/* a b + c, in one step where the processor has it. */
static inline ps_lanes ps_lanes_madd(ps_lanes a, ps_lanes b, ps_lanes c)
{
#if PS_LANES == 16
    return (ps_lanes)_mm512_fmadd_ps((__m512)a, (__m512)b, (__m512)c);
#elif defined(__AVX2__) && defined(__FMA__)
    return (ps_lanes)_mm256_fmadd_ps((__m256)a, (__m256)b, (__m256)c);
#else
    return a * b + c;
#endif
}

/* a b - c */
static inline ps_lanes ps_lanes_msub(ps_lanes a, ps_lanes b, ps_lanes c)
{
#if PS_LANES == 16
    return (ps_lanes)_mm512_fmsub_ps((__m512)a, (__m512)b, (__m512)c);
#elif defined(__AVX2__) && defined(__FMA__)
    return (ps_lanes)_mm256_fmsub_ps((__m256)a, (__m256)b, (__m256)c);
#else
    return a * b - c;
#endif
}

/* c - a b */
static inline ps_lanes ps_lanes_nmadd(ps_lanes a, ps_lanes b, ps_lanes c)
{
#if PS_LANES == 16
    return (ps_lanes)_mm512_fnmadd_ps((__m512)a, (__m512)b, (__m512)c);
#elif defined(__AVX2__) && defined(__FMA__)
    return (ps_lanes)_mm256_fnmadd_ps((__m256)a, (__m256)b, (__m256)c);
#else
    return c - a * b;
#endif
}

/*
 * Turns a square of numbers: element k of vector n becomes element n of vector k. Squares of half
 * the size are exchanged across the diagonal, then quarters, down to single numbers.
 */
#if PS_LANES == 16
#define PS_LANES_LOW_8(a, b)                                                                       \
    __builtin_shufflevector(a, b, 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23)
#define PS_LANES_HIGH_8(a, b)                                                                      \
    __builtin_shufflevector(a, b, 8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31)
#define PS_LANES_LOW_4(a, b)                                                                       \
    __builtin_shufflevector(a, b, 0, 1, 2, 3, 16, 17, 18, 19, 8, 9, 10, 11, 24, 25, 26, 27)
#define PS_LANES_HIGH_4(a, b)                                                                      \
    __builtin_shufflevector(a, b, 4, 5, 6, 7, 20, 21, 22, 23, 12, 13, 14, 15, 28, 29, 30, 31)
#define PS_LANES_LOW_2(a, b)                                                                       \
    __builtin_shufflevector(a, b, 0, 1, 16, 17, 4, 5, 20, 21, 8, 9, 24, 25, 12, 13, 28, 29)
#define PS_LANES_HIGH_2(a, b)                                                                      \
    __builtin_shufflevector(a, b, 2, 3, 18, 19, 6, 7, 22, 23, 10, 11, 26, 27, 14, 15, 30, 31)
#define PS_LANES_LOW_1(a, b)                                                                       \
    __builtin_shufflevector(a, b, 0, 16, 2, 18, 4, 20, 6, 22, 8, 24, 10, 26, 12, 28, 14, 30)
#define PS_LANES_HIGH_1(a, b)                                                                      \
    __builtin_shufflevector(a, b, 1, 17, 3, 19, 5, 21, 7, 23, 9, 25, 11, 27, 13, 29, 15, 31)
#elif PS_LANES == 8
#define PS_LANES_LOW_4(a, b)  __builtin_shufflevector(a, b, 0, 1, 2, 3, 8, 9, 10, 11)
#define PS_LANES_HIGH_4(a, b) __builtin_shufflevector(a, b, 4, 5, 6, 7, 12, 13, 14, 15)
#define PS_LANES_LOW_2(a, b)  __builtin_shufflevector(a, b, 0, 1, 8, 9, 4, 5, 12, 13)
#define PS_LANES_HIGH_2(a, b) __builtin_shufflevector(a, b, 2, 3, 10, 11, 6, 7, 14, 15)
#define PS_LANES_LOW_1(a, b)  __builtin_shufflevector(a, b, 0, 8, 2, 10, 4, 12, 6, 14)
#define PS_LANES_HIGH_1(a, b) __builtin_shufflevector(a, b, 1, 9, 3, 11, 5, 13, 7, 15)
#else
#define PS_LANES_LOW_2(a, b)  __builtin_shufflevector(a, b, 0, 1, 4, 5)
#define PS_LANES_HIGH_2(a, b) __builtin_shufflevector(a, b, 2, 3, 6, 7)
#define PS_LANES_LOW_1(a, b)  __builtin_shufflevector(a, b, 0, 4, 2, 6)
#define PS_LANES_HIGH_1(a, b) __builtin_shufflevector(a, b, 1, 5, 3, 7)
#endif

#define PS_LANES_EXCHANGE(m, d)                                                                    \
    for (uint32_t i = 0; i < PS_LANES; i++) {                                                      \
        if (i & (d))                                                                               \
            continue;                                                                              \
        const ps_lanes a = m[i], b = m[i + (d)];                                                   \
        m[i] = PS_LANES_LOW_##d(a, b);                                                             \
        m[i + (d)] = PS_LANES_HIGH_##d(a, b);                                                      \
    }

static inline void ps_lanes_turn(ps_lanes m[PS_LANES])
{
#if PS_LANES >= 16
    PS_LANES_EXCHANGE(m, 8)
#endif
#if PS_LANES >= 8
    PS_LANES_EXCHANGE(m, 4)
#endif
    PS_LANES_EXCHANGE(m, 2)
    PS_LANES_EXCHANGE(m, 1)
}

#endif
