/*
 * Balance between the sides: towards one side, the other becomes softer, by the law of equal power
 * or in a straight line; the middle is unchanged.
 */
#include <math.h>

#include "dsp/smooth.h"
#include "effect/effect.h"

enum { PAN, LAW, SLOTS };
enum { POWER, LINEAR };

#define PI 3.14159265358979323846

/* clang-format off */
static const ps_effect_parameter table[SLOTS] = {
    [PAN] = {"pan", PS_EFFECT_NUMBER, 0, "", 0.0, -1.0, 1.0, NULL, "-1 the left side alone, 0 both, 1 the right side alone", false},
    [LAW] = {"law", PS_EFFECT_CHOICE, 0, "", POWER, POWER, LINEAR, "power linear", "how the other side fades: as a cosine, or in a straight line", true},
};
/* clang-format on */

typedef struct pan {
    ps_effect effect;
    bool linear;
    ps_smooth sides[2];
} pan;

/* Of the side that `towards` (0..1) leads away from. */
static double side_gain(const pan *p, double towards)
{
    if (towards <= 0.0)
        return 1.0;
    if (towards >= 1.0)
        return 0.0;
    return p->linear ? 1.0 - towards : cos(0.5 * PI * towards);
}

static ps_status start(ps_effect *effect, const ps_effect_setup *setup, ps_error *err)
{
    pan *p = (pan *)effect;

    (void)err;
    p->linear = setup->values[LAW] != POWER;
    ps_smooth_init(&p->sides[0], side_gain(p, setup->values[PAN]));
    ps_smooth_init(&p->sides[1], side_gain(p, -setup->values[PAN]));
    return PS_OK;
}

static void process(ps_effect *effect, float *left, float *right, uint32_t frames)
{
    pan *p = (pan *)effect;
    float gains[2][PS_EFFECT_FRAMES];

    ps_smooth_fill(&p->sides[0], gains[0], frames);
    ps_smooth_fill(&p->sides[1], gains[1], frames);
    for (uint32_t i = 0; i < frames; i++) {
        left[i] *= gains[0][i];
        right[i] *= gains[1][i];
    }
}

static void set(ps_effect *effect, uint32_t slot, double value)
{
    pan *p = (pan *)effect;
    const uint32_t frames = (uint32_t)(PS_EFFECT_GLIDE_SEC * effect->rate_hz);

    (void)slot;
    ps_smooth_to(&p->sides[0], side_gain(p, value), frames);
    ps_smooth_to(&p->sides[1], side_gain(p, -value), frames);
}

static void reset(ps_effect *effect)
{
    pan *p = (pan *)effect;

    ps_smooth_arrive(&p->sides[0]);
    ps_smooth_arrive(&p->sides[1]);
}

const ps_effect_kind PS_ROW(ps_effect_pan) = {
    .info = {"pan", "balance between left and right", NULL, table, SLOTS},
    .effect_bytes = sizeof(pan),
    .start = start,
    .process = process,
    .set = set,
    .reset = reset,
};
