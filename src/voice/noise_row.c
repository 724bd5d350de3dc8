/* The loops of noise for one instruction set. */
#include "dsp/colour_shape.h"
#include "voice/noise_rows.h"

static void finish(float *restrict to, const float *restrict from, float gain, uint32_t frames)
{
    for (uint32_t i = 0; i < frames; i++) {
        const float x = from[i] * gain;
        const float low = x < -PS_NOISE_PEAK ? -PS_NOISE_PEAK : x;

        to[i] = low > PS_NOISE_PEAK ? PS_NOISE_PEAK : low;
    }
}

const ps_noise_row PS_ROW(ps_noise_row) = {
    .colour = &PS_ROW(ps_colour_row),
    .notches = PS_ROW(ps_notch_run),
    .respond = PS_ROW(ps_notch_respond),
    .finish = finish,
};
