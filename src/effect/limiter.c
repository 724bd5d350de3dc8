/* Nothing goes above the ceiling, between the samples either (dsp/limit.h). */
#include "dsp/limit.h"
#include "effect/effect.h"

enum { CEILING, RELEASE, LOOKAHEAD, SLOTS };

/* clang-format off */
static const ps_effect_parameter table[SLOTS] = {
    [CEILING]   = {"ceiling", PS_EFFECT_NUMBER, 0, "dB", -1.0, -60.0, 0.0, NULL, "true peak that nothing passes", false},
    [RELEASE]   = {"release", PS_EFFECT_NUMBER, 0, "ms", 100.0, 1.0, 5000.0, NULL, "time to do 63 % of coming back", false},
    [LOOKAHEAD] = {"lookahead", PS_EFFECT_NUMBER, 0, "ms", 2.0, 1.0, 20.0, NULL, "time to turn down before a peak; the sound is late by it and a little more", true},
};
/* clang-format on */

typedef struct limiter {
    ps_effect effect;
    ps_limit limit;
} limiter;

static ps_status start(ps_effect *effect, const ps_effect_setup *setup, ps_error *err)
{
    const double *v = setup->values;

    if (!ps_limit_init(&((limiter *)effect)->limit, v[CEILING], v[RELEASE], v[LOOKAHEAD],
                       setup->rate_hz, setup->allocator))
        return ps_fail(err, PS_NO_MEMORY, "no memory for limiter");
    return PS_OK;
}

static void process(ps_effect *effect, float *left, float *right, uint32_t frames)
{
    limiter *l = (limiter *)effect;

    PS_ROW(ps_limit_run)(&l->limit, left, right, frames);
    if ((effect->frame + frames) % PS_EFFECT_FRAMES == 0)
        ps_limit_rest(&l->limit);
}

static void set(ps_effect *effect, uint32_t slot, double value)
{
    limiter *l = (limiter *)effect;

    if (slot == CEILING)
        ps_limit_ceiling(&l->limit, value, (uint32_t)(PS_EFFECT_GLIDE_SEC * effect->rate_hz));
    else
        ps_limit_release(&l->limit, value, effect->rate_hz);
}

static void reset(ps_effect *effect)
{
    ps_limit_reset(&((limiter *)effect)->limit);
}

static uint32_t latency(const ps_effect *effect)
{
    return ps_limit_latency(&((const limiter *)effect)->limit);
}

static void finish(ps_effect *effect)
{
    ps_limit_finish(&((limiter *)effect)->limit);
}

const ps_effect_kind PS_ROW(ps_effect_limiter) = {
    .info = {"limiter", "keeps true peaks below a ceiling", NULL, table, SLOTS},
    .effect_bytes = sizeof(limiter),
    .start = start,
    .process = process,
    .set = set,
    .reset = reset,
    .latency = latency,
    .finish = finish,
};
