/* The loops of a mix for one row. */
#include <float.h>
#include <math.h>
#include <string.h>

#include "dsp/mix.h"

static void add(float *restrict sum, const float *restrict samples, float gain, uint32_t frames)
{
    for (uint32_t i = 0; i < frames; i++)
        sum[i] += samples[i] * gain;
}

static void join(float *out, const float *a, const float *b, float gain, uint32_t frames)
{
    for (uint32_t i = 0; i < frames; i++)
        out[i] = (a[i] + b[i]) * gain;
}

/* Of floats without their sign the bits compare like the numbers, and the largest of whole numbers
   is found by vectors. */
static float amplify(float *out, const float *samples, float gain, uint32_t frames)
{
    int32_t largest = 0;
    float peak;

    for (uint32_t i = 0; i < frames; i++) {
        const float sample = samples[i] * gain;
        int32_t bits;

        out[i] = sample;
        memcpy(&bits, &sample, sizeof bits);
        bits &= INT32_MAX;
        largest = bits > largest ? bits : largest;
    }
    memcpy(&peak, &largest, sizeof peak);
    return peak;
}

static void clean(float *samples, float most, uint32_t frames)
{
    for (uint32_t i = 0; i < frames; i++) {
        const float magnitude = fabsf(samples[i]);

        samples[i] = ((magnitude >= FLT_MIN) & (magnitude <= most)) ? samples[i] : 0.0f;
    }
}

const ps_mix_row PS_ROW(ps_mix_row) = {add, join, amplify, clean};
