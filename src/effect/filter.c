/*
 * One filter: a biquad, or up to four in a row. Steeper passes are Butterworth's when q is
 * sqrt(1/2); q is their gain at the corner whatever the slope. Band-passes and notches are the same
 * biquad several times, its width such that all together have the width freq / q at -3 dB.
 */
#include <math.h>
#include <string.h>

#include "dsp/cascade.h"
#include "effect/effect.h"
#include "kernel/math.h"

#define MOST 4u /* biquads in a row */

enum { TYPE, FREQ, Q, SLOPE, SLOTS };
enum { LOWPASS, HIGHPASS, BANDPASS, NOTCH, ALLPASS };
enum { SLOPE_12, SLOPE_24, SLOPE_48 };

/* clang-format off */
static const ps_effect_parameter table[SLOTS] = {
    [TYPE]  = {"type", PS_EFFECT_CHOICE, 0, "", LOWPASS, LOWPASS, ALLPASS, "lowpass highpass bandpass notch allpass", "what passes", false},
    [FREQ]  = {"freq", PS_EFFECT_NUMBER, 0, "Hz", 1000.0, 10.0, 22000.0, NULL, "corner or centre", false},
    [Q]     = {"q", PS_EFFECT_NUMBER, 0, "", 0.70710678118654752, 0.1, 40.0, NULL, "gain at the corner of a low-pass or high-pass; of others the centre over the width at -3 dB", false},
    [SLOPE] = {"slope", PS_EFFECT_CHOICE, 0, "dB/octave", SLOPE_12, SLOPE_12, SLOPE_48, "12 24 48", "one, two or four filters in a row", false},
};
/* clang-format on */

typedef struct filter {
    ps_effect effect;
    double values[SLOTS];
    ps_cascade row;
} filter;

/* Of the i-th biquad of `count` in a row. */
static double q_of(int type, double q, uint32_t i, uint32_t count)
{
    switch (type) {
    case LOWPASS:
    case HIGHPASS: {
        /* Butterworth's poles lie evenly on half a circle; the one nearest to the axis resonates.
         */
        const double own = 0.5 / ps_sin_cycles((2 * i + 1) / (8.0 * count));

        return i == 0 ? own * q * 1.41421356237309505 : own;
    }
    case BANDPASS: /* 1 / (1 + q^2)^count = 1/2 at the edges, where q (f/f0 - f0/f) is wanted 1 */
        return q * sqrt(ps_exp2(1.0 / count) - 1.0);
    case NOTCH: /* likewise with 1 / (1 + 1 / q^2) */
        return q / sqrt(ps_exp2(1.0 / count) - 1.0);
    default:
        return q;
    }
}

static void tune(filter *f, uint32_t frames)
{
    static const ps_biquad_type types[] = {
        [LOWPASS] = PS_BIQUAD_LOWPASS,   [HIGHPASS] = PS_BIQUAD_HIGHPASS,
        [BANDPASS] = PS_BIQUAD_BANDPASS, [NOTCH] = PS_BIQUAD_NOTCH,
        [ALLPASS] = PS_BIQUAD_ALLPASS,
    };
    const int type = (int)f->values[TYPE];
    const uint32_t count = 1u << (int)f->values[SLOPE];

    for (uint32_t i = 0; i < MOST; i++) {
        ps_biquad biquad;

        ps_biquad_make(&biquad, types[type], f->values[FREQ], 0.0,
                       q_of(type, f->values[Q], i < count ? i : 0, count), f->effect.rate_hz);
        if (i >= count)
            ps_biquad_open(&biquad);
        ps_cascade_set(&f->row, i, &biquad, frames);
    }
}

static ps_status start(ps_effect *effect, const ps_effect_setup *setup, ps_error *err)
{
    filter *f = (filter *)effect;

    (void)err;
    memcpy(f->values, setup->values, sizeof f->values);
    ps_cascade_init(&f->row, MOST);
    tune(f, 0);
    return PS_OK;
}

static void process(ps_effect *effect, float *left, float *right, uint32_t frames)
{
    filter *f = (filter *)effect;

    PS_ROW(ps_cascade_run)(&f->row, left, right, frames);
    if ((effect->frame + frames) % PS_EFFECT_FRAMES == 0)
        ps_cascade_rest(&f->row);
}

static void set(ps_effect *effect, uint32_t slot, double value)
{
    filter *f = (filter *)effect;

    f->values[slot] = value;
    tune(f, (uint32_t)(PS_EFFECT_GLIDE_SEC * effect->rate_hz));
}

static void reset(ps_effect *effect)
{
    ps_cascade_reset(&((filter *)effect)->row);
}

static uint64_t tail(const ps_effect *effect)
{
    return ps_cascade_tail(&((const filter *)effect)->row);
}

const ps_effect_kind PS_ROW(ps_effect_filter) = {
    .info = {"filter", "lets some frequencies pass", NULL, table, SLOTS},
    .effect_bytes = sizeof(filter),
    .start = start,
    .process = process,
    .set = set,
    .reset = reset,
    .tail = tail,
};
