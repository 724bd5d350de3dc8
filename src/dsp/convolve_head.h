/* The first taps of a response, directly. */
#ifndef PLAINSONG_DSP_CONVOLVE_HEAD_H
#define PLAINSONG_DSP_CONVOLVE_HEAD_H

#include <stdint.h>

#include "base/row.h"

#define PS_HEAD_TAPS 256u
#define PS_HEAD_RUN  64u /* outputs are computed so many at a time */

/*
 * out[i] += sum over k < PS_HEAD_TAPS of taps[k] x[i - k], i < PS_HEAD_RUN. x may be read from
 * x[-PS_HEAD_TAPS + 1] to x[PS_HEAD_RUN - 1]. The order of the sum is the same for every i.
 */
typedef void ps_head_run(float *restrict out, const float *restrict taps, const float *restrict x);

ps_head_run PS_ROW(ps_head_add);
ps_head_run ps_head_add_c, ps_head_add_avx2, ps_head_add_avx512, ps_head_add_neon,
    ps_head_add_simd128;

/* By the name of a kernel row. */
ps_head_run *ps_head_find(const char *row);

#endif
