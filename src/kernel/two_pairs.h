/*
 * Two pairs of doubles, for two recursions on left and right at once, whatever the row: one vector
 * where it fits a register, else two - compilers would keep a vector of four in memory.
 */
#ifndef PLAINSONG_KERNEL_TWO_PAIRS_H
#define PLAINSONG_KERNEL_TWO_PAIRS_H

#include <string.h>

#include "kernel/doubles.h"

#if defined(__AVX__) && defined(__FMA__)
typedef double ps_two_pairs __attribute__((vector_size(32)));

static inline ps_two_pairs ps_two_pairs_times(ps_two_pairs a, ps_two_pairs b)
{
    return a * b;
}

/* a b + c */
static inline ps_two_pairs ps_two_pairs_madd(ps_two_pairs a, ps_two_pairs b, ps_two_pairs c)
{
    return (ps_two_pairs)_mm256_fmadd_pd((__m256d)a, (__m256d)b, (__m256d)c);
}

/* c - a b */
static inline ps_two_pairs ps_two_pairs_nmadd(ps_two_pairs a, ps_two_pairs b, ps_two_pairs c)
{
    return (ps_two_pairs)_mm256_fnmadd_pd((__m256d)a, (__m256d)b, (__m256d)c);
}

/* The same pair twice. */
static inline ps_two_pairs ps_two_pairs_of(ps_pair x)
{
    return __builtin_shufflevector(x, x, 0, 1, 0, 1);
}

static inline ps_pair ps_two_pairs_sum(ps_two_pairs x)
{
    return __builtin_shufflevector(x, x, 0, 1) + __builtin_shufflevector(x, x, 2, 3);
}
#else
typedef struct ps_two_pairs {
    ps_pair one, other;
} ps_two_pairs;

static inline ps_two_pairs ps_two_pairs_times(ps_two_pairs a, ps_two_pairs b)
{
    return (ps_two_pairs){a.one * b.one, a.other * b.other};
}

static inline ps_two_pairs ps_two_pairs_madd(ps_two_pairs a, ps_two_pairs b, ps_two_pairs c)
{
    return (ps_two_pairs){a.one * b.one + c.one, a.other * b.other + c.other};
}

static inline ps_two_pairs ps_two_pairs_nmadd(ps_two_pairs a, ps_two_pairs b, ps_two_pairs c)
{
    return (ps_two_pairs){c.one - a.one * b.one, c.other - a.other * b.other};
}

static inline ps_two_pairs ps_two_pairs_of(ps_pair x)
{
    return (ps_two_pairs){x, x};
}

static inline ps_pair ps_two_pairs_sum(ps_two_pairs x)
{
    return x.one + x.other;
}
#endif

static inline ps_two_pairs ps_two_pairs_read(const double from[4])
{
    ps_two_pairs x;

    memcpy(&x, from, sizeof x);
    return x;
}

static inline ps_pair ps_pair_read(const double from[2])
{
    ps_pair x;

    memcpy(&x, from, sizeof x);
    return x;
}

#endif
