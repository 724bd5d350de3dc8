/* The mean of both sides on both. */
#include "effect/effect.h"

typedef struct mono {
    ps_effect effect;
} mono;

static ps_status start(ps_effect *effect, const ps_effect_setup *setup, ps_error *err)
{
    (void)effect;
    (void)setup;
    (void)err;
    return PS_OK;
}

static void process(ps_effect *effect, float *left, float *right, uint32_t frames)
{
    (void)effect;
    for (uint32_t i = 0; i < frames; i++)
        left[i] = right[i] = 0.5f * (left[i] + right[i]);
}

static void reset(ps_effect *effect)
{
    (void)effect;
}

const ps_effect_kind PS_ROW(ps_effect_mono) = {
    .info = {"mono", "the mean of both sides on both", NULL, NULL, 0},
    .effect_bytes = sizeof(mono),
    .start = start,
    .process = process,
    .reset = reset,
};
