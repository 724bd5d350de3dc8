/*
 * Pairs of doubles, one or as many as fit a register, for recursions that run side by side: with
 * the vector types of gcc and clang, because compilers keep arrays of recursions in memory.
 */
#ifndef PLAINSONG_KERNEL_DOUBLES_H
#define PLAINSONG_KERNEL_DOUBLES_H

#include <stddef.h>
#include <string.h>

#ifdef __FMA__
#include <immintrin.h>
#endif

#if defined(__AVX512F__)
#define PS_PAIRS 4
#define PS_PAIRS_LOAD(at, apart)                                                                   \
    {                                                                                              \
        (at)[0], (at)[1], (at)[(apart)], (at)[(apart) + 1], (at)[2 * (apart)],                     \
            (at)[2 * (apart) + 1], (at)[3 * (apart)], (at)[3 * (apart) + 1]                        \
    }
#elif defined(__AVX__)
#define PS_PAIRS 2
#define PS_PAIRS_LOAD(at, apart)                                                                   \
    {                                                                                              \
        (at)[0], (at)[1], (at)[(apart)], (at)[(apart) + 1]                                         \
    }
#else
#define PS_PAIRS 1
#define PS_PAIRS_LOAD(at, apart)                                                                   \
    {                                                                                              \
        (at)[0], (at)[1]                                                                           \
    }
#endif

typedef double ps_pair __attribute__((vector_size(16)));
typedef double ps_pairs __attribute__((vector_size(16 * PS_PAIRS)));

/* a * b + c of all, in one step where the row has it. */
static inline ps_pairs ps_pairs_madd(ps_pairs a, ps_pairs b, ps_pairs c)
{
#if defined(__AVX512F__)
    return (ps_pairs)_mm512_fmadd_pd((__m512d)a, (__m512d)b, (__m512d)c);
#elif defined(__AVX__) && defined(__FMA__)
    return (ps_pairs)_mm256_fmadd_pd((__m256d)a, (__m256d)b, (__m256d)c);
#else
    return a * b + c;
#endif
}

static inline ps_pair ps_pair_madd(ps_pair a, ps_pair b, ps_pair c)
{
#ifdef __FMA__
    return (ps_pair)_mm_fmadd_pd((__m128d)a, (__m128d)b, (__m128d)c);
#else
    return a * b + c;
#endif
}

/* Pairs from different places: the first from `at`, each other one `back` numbers before the one
   before it. And back there. */
static inline ps_pairs ps_pairs_gather(const double *at, ptrdiff_t back)
{
    (void)back;
    return (ps_pairs)PS_PAIRS_LOAD(at, -back);
}

static inline void ps_pairs_scatter(double *at, ptrdiff_t back, ps_pairs all)
{
    for (int pair = 0; pair < PS_PAIRS; pair++, at -= back)
        memcpy(at, (const char *)&all + 16 * pair, 16);
}

#endif
