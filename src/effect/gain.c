/* Louder or softer. */
#include <math.h>

#include "dsp/smooth.h"
#include "effect/effect.h"

enum { GAIN, SLOTS };

/* clang-format off */
static const ps_effect_parameter table[SLOTS] = {
    [GAIN] = {"gain", PS_EFFECT_NUMBER, 0, "dB", 0.0, -120.0, 60.0, NULL, "what is added to the level", false},
};
/* clang-format on */

typedef struct gain {
    ps_effect effect;
    ps_smooth line; /* linear */
} gain;

static double linear(double db)
{
    return pow(10.0, 0.05 * db);
}

static ps_status start(ps_effect *effect, const ps_effect_setup *setup, ps_error *err)
{
    (void)err;
    ps_smooth_init(&((gain *)effect)->line, linear(setup->values[GAIN]));
    return PS_OK;
}

static void process(ps_effect *effect, float *left, float *right, uint32_t frames)
{
    gain *g = (gain *)effect;
    float values[PS_EFFECT_FRAMES];

    ps_smooth_fill(&g->line, values, frames);
    for (uint32_t i = 0; i < frames; i++) {
        left[i] *= values[i];
        right[i] *= values[i];
    }
}

static void set(ps_effect *effect, uint32_t slot, double value)
{
    (void)slot;
    ps_smooth_to(&((gain *)effect)->line, linear(value),
                 (uint32_t)(PS_EFFECT_GLIDE_SEC * effect->rate_hz));
}

static void reset(ps_effect *effect)
{
    ps_smooth_arrive(&((gain *)effect)->line);
}

const ps_effect_kind PS_ROW(ps_effect_gain) = {
    .info = {"gain", "louder or softer", NULL, table, SLOTS},
    .effect_bytes = sizeof(gain),
    .start = start,
    .process = process,
    .set = set,
    .reset = reset,
};
