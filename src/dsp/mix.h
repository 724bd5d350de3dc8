/*
 * What is done to whole blocks on their way through a mix, as compiled for one instruction set:
 * adding, amplifying, cleaning.
 */
#ifndef PLAINSONG_DSP_MIX_H
#define PLAINSONG_DSP_MIX_H

#include <stdint.h>

#include "base/row.h"

typedef struct ps_mix_row {
    /* sum += samples * gain; they do not overlap. */
    void (*add)(float *sum, const float *samples, float gain, uint32_t frames);
    /* out = (a + b) * gain; out may be a. */
    void (*join)(float *out, const float *a, const float *b, float gain, uint32_t frames);
    /* out = samples * gain; out may be samples. Returns the largest magnitude that comes out. */
    float (*amplify)(float *out, const float *samples, float gain, uint32_t frames);
    /* What is not a normal number of a magnitude up to `most` becomes 0. */
    void (*clean)(float *samples, float most, uint32_t frames);
} ps_mix_row;

/* The row that goes with a row of kernels; plain C for a name unknown. */
const ps_mix_row *ps_mix_row_find(const char *row);

extern const ps_mix_row ps_mix_row_c, ps_mix_row_avx2, ps_mix_row_avx512, ps_mix_row_neon,
    ps_mix_row_simd128;

#endif
