/* The first taps of a response, directly: a block of outputs stays in registers for all taps. */
#include "dsp/convolve_head.h"

void PS_ROW(ps_head_add)(float *restrict out, const float *restrict taps, const float *restrict x)
{
    float sums[PS_HEAD_RUN] = {0.0f};

    for (uint32_t k = 0; k < PS_HEAD_TAPS; k++) {
        const float tap = taps[k];
        const float *late = x - k;

        for (uint32_t i = 0; i < PS_HEAD_RUN; i++)
            sums[i] += tap * late[i];
    }
    for (uint32_t i = 0; i < PS_HEAD_RUN; i++)
        out[i] += sums[i];
}
