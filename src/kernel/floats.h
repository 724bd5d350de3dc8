/*
 * Four floats at once, for recursions of which several run side by side: with the vector types of
 * gcc and clang, because compilers keep arrays of recursions in memory.
 */
#ifndef PLAINSONG_KERNEL_FLOATS_H
#define PLAINSONG_KERNEL_FLOATS_H

#include <string.h>

typedef float ps_four __attribute__((vector_size(16)));

/* Any alignment. */
static inline ps_four ps_four_load(const float *from)
{
    ps_four v;

    memcpy(&v, from, sizeof v);
    return v;
}

static inline void ps_four_store(float *to, ps_four v)
{
    memcpy(to, &v, sizeof v);
}

static inline ps_four ps_four_all(float x)
{
    return (ps_four){x, x, x, x};
}

#endif
