/* The tanh waveshaper: tanh(x a) / tanh(a), which bends what is near 1 and leaves 0 and 1 where
 * they are. An amount a of 1e-6 or less is silence. */
#ifndef PLAINSONG_VOICE_SHAPER_H
#define PLAINSONG_VOICE_SHAPER_H

#include "voice/oscillator.h"

/* The reference asks whether tanh(a) > 1e-6, and tanh(a) is a - a^3 / 3. */
#define PS_SHAPER_SILENT (1e-6 + 3.34e-19)

typedef struct ps_shaper {
    ps_setting amount;
} ps_shaper;

/* tanh(a) for a >= 1e-6, to the precision of a double. */
static inline double ps_tanh_of_amount(double a)
{
    const double e = ps_exp2(a * -2.88539008177792681);

    return a < 1e-4 ? a - a * a * a / 3.0 : (1.0 - e) / (1.0 + e);
}

static inline void ps_shaper_init(ps_shaper *s, const ps_setting *amount)
{
    s->amount = ps_amount(amount);
}

/* In place, by an amount that glides. */
static inline void ps_shape_glide(const ps_shaper *s, float *restrict x,
                                  const double *restrict alpha, uint32_t count)
{
    const double start = s->amount.start, change = s->amount.end - s->amount.start;

    for (uint32_t i = 0; i < count; i++) {
        const double amount = start + change * alpha[i];
        const bool silent = !(amount > PS_SHAPER_SILENT);
        const float a = silent ? 1.0f : (float)amount;
        const float y = ps_tanh_float(x[i] * a) / ps_tanh_float(a);

        x[i] = silent ? 0.0f : y;
    }
}

/* In place. */
static inline void ps_shape(const ps_shaper *s, float *restrict x, const ps_course *course,
                            uint32_t count)
{
    if (ps_moves(&s->amount) && !course->still) {
        ps_shape_glide(s, x, course->alpha, count);
        return;
    }
    const double amount = ps_value_in(&s->amount, course);
    const bool silent = !(amount > PS_SHAPER_SILENT);
    const float a = silent ? 0.0f : (float)amount;
    const float gain = silent ? 0.0f : (float)(1.0 / ps_tanh_of_amount(amount));

    for (uint32_t i = 0; i < count; i++)
        x[i] = ps_tanh_float(x[i] * a) * gain;
}

/* The largest magnitude that comes of inputs up to one. */
static inline double ps_shaper_bound(const ps_shaper *s, const ps_ramp *ramp, double input)
{
    double low, high;

    /* Up to 1 it stays up to 1; beyond, it grows by as much at most, the more the less it bends. */
    ps_extremes(&s->amount, ramp, &low, &high);
    const double most = low > PS_SHAPER_SILENT ? 1.0 / ps_tanh_of_amount(low) : input;

    return input <= 1.0 ? 1.0 : most < input ? most : input;
}

#endif
