/*
 * Pairs of doubles, one or as many as fit a register, for recursions that run side by side: with
 * the vector types of gcc and clang, because compilers keep arrays of recursions in memory.
 */
#ifndef PLAINSONG_KERNEL_DOUBLES_H
#define PLAINSONG_KERNEL_DOUBLES_H

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

#endif
