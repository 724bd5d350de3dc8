/* The loops of noise for one instruction set. */
#include "dsp/colour_shape.h"
#include "voice/noise_rows.h"

static inline float cut(float x)
{
    const float low = x < -PS_NOISE_PEAK ? -PS_NOISE_PEAK : x;

    return low > PS_NOISE_PEAK ? PS_NOISE_PEAK : low;
}

static void finish(float *restrict to, const float *restrict from, float gain, uint32_t frames)
{
    for (uint32_t i = 0; i < frames; i++)
        to[i] = cut(from[i] * gain);
}

static void add(float *restrict sum, const float *restrict from, float gain, float scale,
                uint32_t frames)
{
    for (uint32_t i = 0; i < frames; i++)
        sum[i] += scale * cut(from[i] * gain);
}

const ps_noise_row PS_ROW(ps_noise_row) = {
    .colour = &PS_ROW(ps_colour_row),
    .notches = PS_ROW(ps_notch_run),
    .respond = PS_ROW(ps_notch_respond),
    .finish = finish,
    .add = add,
};
