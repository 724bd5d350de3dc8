/*
 * Stereo width by middle and sides: m = (l + r) / 2, s = (l - r) / 2, and l, r = m +- width s. The
 * sum of both channels stays what it was. Below a frequency the sides can be taken out, with a
 * one-pole high-pass, s / (s + 1), by the bilinear transform: above, nothing is lost.
 */
#include "dsp/smooth.h"
#include "effect/effect.h"
#include "kernel/math.h"

enum { WIDTH, MONO_BELOW, SLOTS };

/* clang-format off */
static const ps_effect_parameter table[SLOTS] = {
    [WIDTH] = {"width", PS_EFFECT_NUMBER, 0, "", 1.3, 0.0, 4.0, NULL, "0 mono, 1 as it is, 2 sides twice as loud", false},
    [MONO_BELOW] = {"mono-below", PS_EFFECT_NUMBER, 0, "Hz", 0.0, 0.0, 1000.0, NULL, "sides are taken out below; 0: nowhere", true},
};
/* clang-format on */

typedef struct widener {
    ps_effect effect;
    ps_smooth width;
    double share; /* t / (1 + t), t = tan(pi f / rate); 0: there is no high-pass */
    double low;   /* state of the low-pass that is taken away */
} widener;

static ps_status start(ps_effect *effect, const ps_effect_setup *setup, ps_error *err)
{
    widener *w = (widener *)effect;
    const double half_cycles = 0.5 * setup->values[MONO_BELOW] / effect->rate_hz;
    const double t = ps_sin_cycles(half_cycles) / ps_cos_cycles(half_cycles);

    (void)err;
    ps_smooth_init(&w->width, setup->values[WIDTH]);
    w->share = t / (1.0 + t);
    return PS_OK;
}

/* Takes the lows out of the sides. */
static void thin(widener *w, float *sides, uint32_t frames)
{
    for (uint32_t i = 0; i < frames; i++) {
        const double way = w->share * ((double)sides[i] - w->low);
        const double low = w->low + way; /* the mean of the state before and after */

        w->low = low + way;
        sides[i] -= (float)low;
    }
    if (w->low > -1e-15 && w->low < 1e-15 && (w->effect.frame + frames) % PS_EFFECT_FRAMES == 0)
        w->low = 0.0; /* denormals are slow */
}

static void process(ps_effect *effect, float *left, float *right, uint32_t frames)
{
    widener *w = (widener *)effect;
    float width[PS_EFFECT_FRAMES], sides[PS_EFFECT_FRAMES];

    ps_smooth_fill(&w->width, width, frames);
    for (uint32_t i = 0; i < frames; i++)
        sides[i] = 0.5f * (left[i] - right[i]);
    if (w->share > 0.0)
        thin(w, sides, frames);
    for (uint32_t i = 0; i < frames; i++) {
        const float middle = 0.5f * (left[i] + right[i]);

        left[i] = middle + width[i] * sides[i];
        right[i] = middle - width[i] * sides[i];
    }
}

static void set(ps_effect *effect, uint32_t slot, double value)
{
    (void)slot;
    ps_smooth_to(&((widener *)effect)->width, value,
                 (uint32_t)(PS_EFFECT_GLIDE_SEC * effect->rate_hz));
}

static void reset(ps_effect *effect)
{
    widener *w = (widener *)effect;

    ps_smooth_arrive(&w->width);
    w->low = 0.0;
}

/* Of each frame's state, 1 - 2 share are left in the next. */
static uint64_t tail(const ps_effect *effect)
{
    const widener *w = (const widener *)effect;

    return w->share > 0.0 ? (uint64_t)(-16.6096404744 / ps_log2(1.0 - 2.0 * w->share)) + 1 : 0;
}

const ps_effect_kind PS_ROW(ps_effect_widener) = {
    .info = {"widener", "wider or narrower between left and right", NULL, table, SLOTS},
    .effect_bytes = sizeof(widener),
    .start = start,
    .process = process,
    .set = set,
    .reset = reset,
    .tail = tail,
};
