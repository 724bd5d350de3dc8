/*
 * Vectors of 1, 4, 8 and 16 floats as C types, for code that is written once and compiled for each
 * width: arithmetic is + - * as usual, what C has no operator for is here. There are the widths the
 * row has registers for, up to PS_WIDE_MOST, and 1 and 4 anywhere (compilers take those apart).
 *
 * PS_WIDE(x) is x_W for a file that has defined PS_WIDTH as W.
 */
#ifndef PLAINSONG_KERNEL_WIDE_H
#define PLAINSONG_KERNEL_WIDE_H

#include <string.h>

#if defined(__AVX2__)
#include <immintrin.h>
#endif

#if defined(__AVX512F__)
#define PS_WIDE_MOST 16
#elif defined(__AVX2__)
#define PS_WIDE_MOST 8
#else
#define PS_WIDE_MOST 4
#endif

#define PS_WIDE_JOIN(x, width)   x##_##width
#define PS_WIDE_EXPAND(x, width) PS_WIDE_JOIN(x, width)
#define PS_WIDE(x)               PS_WIDE_EXPAND(x, PS_WIDTH)

typedef float ps_wide_1;
typedef float ps_wide_4 __attribute__((vector_size(16)));
#if PS_WIDE_MOST >= 8
typedef float ps_wide_8 __attribute__((vector_size(32)));
#endif
#if PS_WIDE_MOST >= 16
typedef float ps_wide_16 __attribute__((vector_size(64)));
#endif

/* From any place and to it; from a place aligned to the vector's size and to it; all the same. */
#define PS_WIDE_MOVES(W)                                                                           \
    static inline ps_wide_##W ps_wide_read_##W(const float *from)                                  \
    {                                                                                              \
        ps_wide_##W x;                                                                             \
                                                                                                   \
        memcpy(&x, from, sizeof x);                                                                \
        return x;                                                                                  \
    }                                                                                              \
                                                                                                   \
    static inline void ps_wide_write_##W(float *to, ps_wide_##W x)                                 \
    {                                                                                              \
        memcpy(to, &x, sizeof x);                                                                  \
    }                                                                                              \
                                                                                                   \
    static inline ps_wide_##W ps_wide_load_##W(const float *from)                                  \
    {                                                                                              \
        return *(const ps_wide_##W *)(const void *)from;                                           \
    }                                                                                              \
                                                                                                   \
    static inline void ps_wide_store_##W(float *to, ps_wide_##W x)                                 \
    {                                                                                              \
        *(ps_wide_##W *)(void *)to = x;                                                            \
    }

PS_WIDE_MOVES(1)
PS_WIDE_MOVES(4)
#if PS_WIDE_MOST >= 8
PS_WIDE_MOVES(8)
#endif
#if PS_WIDE_MOST >= 16
PS_WIDE_MOVES(16)
#endif

/* madd: a b + c; nmadd: c - a b; msub: a b - c; in one step where the processor has it. */
#define PS_WIDE_STEPS(W)                                                                           \
    static inline ps_wide_##W ps_wide_madd_##W(ps_wide_##W a, ps_wide_##W b, ps_wide_##W c)        \
    {                                                                                              \
        return a * b + c;                                                                          \
    }                                                                                              \
                                                                                                   \
    static inline ps_wide_##W ps_wide_nmadd_##W(ps_wide_##W a, ps_wide_##W b, ps_wide_##W c)       \
    {                                                                                              \
        return c - a * b;                                                                          \
    }                                                                                              \
                                                                                                   \
    static inline ps_wide_##W ps_wide_msub_##W(ps_wide_##W a, ps_wide_##W b, ps_wide_##W c)        \
    {                                                                                              \
        return a * b - c;                                                                          \
    }

#define PS_WIDE_FUSED_STEPS(W, type, prefix)                                                       \
    static inline ps_wide_##W ps_wide_madd_##W(ps_wide_##W a, ps_wide_##W b, ps_wide_##W c)        \
    {                                                                                              \
        return (ps_wide_##W)prefix##_fmadd_ps((type)a, (type)b, (type)c);                          \
    }                                                                                              \
                                                                                                   \
    static inline ps_wide_##W ps_wide_nmadd_##W(ps_wide_##W a, ps_wide_##W b, ps_wide_##W c)       \
    {                                                                                              \
        return (ps_wide_##W)prefix##_fnmadd_ps((type)a, (type)b, (type)c);                         \
    }                                                                                              \
                                                                                                   \
    static inline ps_wide_##W ps_wide_msub_##W(ps_wide_##W a, ps_wide_##W b, ps_wide_##W c)        \
    {                                                                                              \
        return (ps_wide_##W)prefix##_fmsub_ps((type)a, (type)b, (type)c);                          \
    }

PS_WIDE_STEPS(1)
#if PS_WIDE_MOST >= 8
PS_WIDE_FUSED_STEPS(4, __m128, _mm)
PS_WIDE_FUSED_STEPS(8, __m256, _mm256)
#else
PS_WIDE_STEPS(4)
#endif
#if PS_WIDE_MOST >= 16
PS_WIDE_FUSED_STEPS(16, __m512, _mm512)
#endif

/* All elements the same. (x - 0 is x for every x, so that nothing is left to compute.) */
static inline ps_wide_1 ps_wide_all_1(float x)
{
    return x;
}

static inline ps_wide_4 ps_wide_all_4(float x)
{
    return x - (ps_wide_4){0.0f};
}

#if PS_WIDE_MOST >= 8
static inline ps_wide_8 ps_wide_all_8(float x)
{
    return x - (ps_wide_8){0.0f};
}
#endif

#if PS_WIDE_MOST >= 16
static inline ps_wide_16 ps_wide_all_16(float x)
{
    return x - (ps_wide_16){0.0f};
}
#endif

/*
 * The elements at even places and those at odd ones of twice as many, from any place. Quarters of
 * four are loaded so that they can stay where they are.
 */
static inline void ps_wide_unzip_1(const float *from, ps_wide_1 *evens, ps_wide_1 *odds)
{
    *evens = from[0];
    *odds = from[1];
}

static inline void ps_wide_unzip_4(const float *from, ps_wide_4 *evens, ps_wide_4 *odds)
{
    const ps_wide_4 a = ps_wide_read_4(from), b = ps_wide_read_4(from + 4);

    *evens = __builtin_shufflevector(a, b, 0, 2, 4, 6);
    *odds = __builtin_shufflevector(a, b, 1, 3, 5, 7);
}

#if PS_WIDE_MOST >= 8
static inline void ps_wide_unzip_8(const float *from, ps_wide_8 *evens, ps_wide_8 *odds)
{
    const ps_wide_8 a = (ps_wide_8)_mm256_insertf128_ps(_mm256_castps128_ps256(_mm_loadu_ps(from)),
                                                        _mm_loadu_ps(from + 8), 1);
    const ps_wide_8 b = (ps_wide_8)_mm256_insertf128_ps(
        _mm256_castps128_ps256(_mm_loadu_ps(from + 4)), _mm_loadu_ps(from + 12), 1);

    *evens = __builtin_shufflevector(a, b, 0, 2, 8, 10, 4, 6, 12, 14);
    *odds = __builtin_shufflevector(a, b, 1, 3, 9, 11, 5, 7, 13, 15);
}
#endif

#if PS_WIDE_MOST >= 16
static inline void ps_wide_unzip_16(const float *from, ps_wide_16 *evens, ps_wide_16 *odds)
{
    const ps_wide_16 a = ps_wide_read_16(from), b = ps_wide_read_16(from + 16);

    *evens =
        __builtin_shufflevector(a, b, 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30);
    *odds =
        __builtin_shufflevector(a, b, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31);
}
#endif

/* And back. */
static inline void ps_wide_zip_1(float *to, ps_wide_1 evens, ps_wide_1 odds)
{
    to[0] = evens;
    to[1] = odds;
}

static inline void ps_wide_zip_4(float *to, ps_wide_4 evens, ps_wide_4 odds)
{
    ps_wide_write_4(to, __builtin_shufflevector(evens, odds, 0, 4, 1, 5));
    ps_wide_write_4(to + 4, __builtin_shufflevector(evens, odds, 2, 6, 3, 7));
}

#if PS_WIDE_MOST >= 8
static inline void ps_wide_zip_8(float *to, ps_wide_8 evens, ps_wide_8 odds)
{
    ps_wide_write_8(to, __builtin_shufflevector(evens, odds, 0, 8, 1, 9, 2, 10, 3, 11));
    ps_wide_write_8(to + 8, __builtin_shufflevector(evens, odds, 4, 12, 5, 13, 6, 14, 7, 15));
}
#endif

#if PS_WIDE_MOST >= 16
static inline void ps_wide_zip_16(float *to, ps_wide_16 evens, ps_wide_16 odds)
{
    ps_wide_write_16(to, __builtin_shufflevector(evens, odds, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5,
                                                 21, 6, 22, 7, 23));
    ps_wide_write_16(to + 16, __builtin_shufflevector(evens, odds, 8, 24, 9, 25, 10, 26, 11, 27, 12,
                                                      28, 13, 29, 14, 30, 15, 31));
}
#endif

/*
 * Within each quarter of four elements, as unpacking instructions do: a0 b0 a1 b1 and a2 b2 a3 b3.
 * Of two such results x, y: x0 x1 y0 y1 and x2 x3 y2 y3.
 */
#define PS_WIDE_LOW_1_4(a, b)  __builtin_shufflevector(a, b, 0, 4, 1, 5)
#define PS_WIDE_HIGH_1_4(a, b) __builtin_shufflevector(a, b, 2, 6, 3, 7)
#define PS_WIDE_LOW_2_4(a, b)  __builtin_shufflevector(a, b, 0, 1, 4, 5)
#define PS_WIDE_HIGH_2_4(a, b) __builtin_shufflevector(a, b, 2, 3, 6, 7)

#define PS_WIDE_LOW_1_8(a, b)  __builtin_shufflevector(a, b, 0, 8, 1, 9, 4, 12, 5, 13)
#define PS_WIDE_HIGH_1_8(a, b) __builtin_shufflevector(a, b, 2, 10, 3, 11, 6, 14, 7, 15)
#define PS_WIDE_LOW_2_8(a, b)  __builtin_shufflevector(a, b, 0, 1, 8, 9, 4, 5, 12, 13)
#define PS_WIDE_HIGH_2_8(a, b) __builtin_shufflevector(a, b, 2, 3, 10, 11, 6, 7, 14, 15)

#define PS_WIDE_LOW_1_16(a, b)                                                                     \
    __builtin_shufflevector(a, b, 0, 16, 1, 17, 4, 20, 5, 21, 8, 24, 9, 25, 12, 28, 13, 29)
#define PS_WIDE_HIGH_1_16(a, b)                                                                    \
    __builtin_shufflevector(a, b, 2, 18, 3, 19, 6, 22, 7, 23, 10, 26, 11, 27, 14, 30, 15, 31)
#define PS_WIDE_LOW_2_16(a, b)                                                                     \
    __builtin_shufflevector(a, b, 0, 1, 16, 17, 4, 5, 20, 21, 8, 9, 24, 25, 12, 13, 28, 29)
#define PS_WIDE_HIGH_2_16(a, b)                                                                    \
    __builtin_shufflevector(a, b, 2, 3, 18, 19, 6, 7, 22, 23, 10, 11, 26, 27, 14, 15, 30, 31)

/* Quarters of four elements A B C D as units. 8: A of a, A of b; B of a, B of b. */
#define PS_WIDE_LOW_4_8(a, b)  __builtin_shufflevector(a, b, 0, 1, 2, 3, 8, 9, 10, 11)
#define PS_WIDE_HIGH_4_8(a, b) __builtin_shufflevector(a, b, 4, 5, 6, 7, 12, 13, 14, 15)

/* 16: A B of both; C D of both; A C of both; B D of both. */
#define PS_WIDE_AB_16(a, b)                                                                        \
    __builtin_shufflevector(a, b, 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23)
#define PS_WIDE_CD_16(a, b)                                                                        \
    __builtin_shufflevector(a, b, 8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31)
#define PS_WIDE_AC_16(a, b)                                                                        \
    __builtin_shufflevector(a, b, 0, 1, 2, 3, 8, 9, 10, 11, 16, 17, 18, 19, 24, 25, 26, 27)
#define PS_WIDE_BD_16(a, b)                                                                        \
    __builtin_shufflevector(a, b, 4, 5, 6, 7, 12, 13, 14, 15, 20, 21, 22, 23, 28, 29, 30, 31)

#endif
