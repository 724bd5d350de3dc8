/*
 * Counter-based randomness: a number depends on (seed, stream, index) alone, so that any frame can
 * be computed without those before it. The mixing is SplitMix64's finalizer (Steele, Lea, Flood
 * 2014, "Fast splittable pseudorandom number generators", variant 13 of Stafford).
 */
#ifndef PLAINSONG_BASE_RANDOM_H
#define PLAINSONG_BASE_RANDOM_H

#include <stdint.h>

static inline uint64_t ps_random_mix(uint64_t x)
{
    x ^= x >> 30;
    x *= UINT64_C(0xbf58476d1ce4e5b9);
    x ^= x >> 27;
    x *= UINT64_C(0x94d049bb133111eb);
    x ^= x >> 31;
    return x;
}

/* The key of one stream; compute it once, outside the loop over frames. */
static inline uint64_t ps_random_key(uint64_t seed, uint64_t stream)
{
    return ps_random_mix(seed + UINT64_C(0x9e3779b97f4a7c15) * (stream + 1));
}

/* 64 random bits for an index. */
static inline uint64_t ps_random_bits(uint64_t key, uint64_t index)
{
    return ps_random_mix(key + UINT64_C(0x9e3779b97f4a7c15) * (index + 1));
}

#endif
