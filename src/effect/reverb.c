/*
 * Reverb by a network of delays (dsp/reverb.h): the middle of the sound in, both sides out. It is
 * computed in runs of 64 frames, whose delay disappears in that of the first echo.
 */
#include <math.h>
#include <string.h>

#include "dsp/reverb.h"
#include "dsp/smooth.h"
#include "dsp/tap_line.h"
#include "effect/effect.h"

enum { DECAY, WET, SIZE, DAMPING, PREDELAY, WIDTH, SLOTS };

#define RUN         PS_GRID_FRAMES
#define PREDELAY_MS 250.0

/* clang-format off */
static const ps_effect_parameter table[SLOTS] = {
    [DECAY] = {"decay", PS_EFFECT_NUMBER, 0, "s", 1.8, 0.1, 20.0, NULL, "until 60 dB are gone, at low frequencies", true},
    [WET] = {"wet", PS_EFFECT_NUMBER, 0, "", 0.25, 0.0, 1.0, NULL, "share of the reverb; the rest is the sound itself", false},
    [SIZE] = {"size", PS_EFFECT_NUMBER, 0, "", 1.0, 0.3, 3.0, NULL, "of the room; 1 is a medium hall", true},
    [DAMPING] = {"damping", PS_EFFECT_NUMBER, 0, "", 0.65, 0.0, 0.95, NULL, "how much sooner high frequencies die", true},
    [PREDELAY] = {"predelay", PS_EFFECT_NUMBER, 0, "ms", 0.0, 0.0, PREDELAY_MS, NULL, "silence before it begins", true},
    [WIDTH] = {"width", PS_EFFECT_NUMBER, 0, "", 1.0, 0.0, 1.0, NULL, "0: the same on both sides", false},
};
/* clang-format on */

typedef struct reverb {
    ps_effect effect;
    ps_reverb *reverb;
    ps_tap_line before; /* the predelay; samples NULL: none */
    float predelay;     /* frames */
    float level;        /* so that longer decays are not louder */
    double decay_sec;
    float in[RUN];               /* of the run that is being filled */
    float left[RUN], right[RUN]; /* of the one before */
    ps_smooth wet, width;
} reverb;

static ps_status start(ps_effect *effect, const ps_effect_setup *setup, ps_error *err)
{
    reverb *r = (reverb *)effect;
    const double *v = setup->values;
    const ps_reverb_room room = {v[SIZE], v[DECAY], fmax(0.05, v[DECAY] * (1.0 - v[DAMPING])),
                                 ps_reverb_hall().crossover_hz};
    ps_status status =
        ps_reverb_create_room(&r->reverb, &room, effect->rate_hz, effect->allocator, err);

    if (status != PS_OK)
        return status;
    ps_reverb_use_row(r->reverb, ps_engine_kernel_row(setup->engine));
    r->decay_sec = v[DECAY];
    r->predelay = (float)floor(0.001 * v[PREDELAY] * effect->rate_hz + 0.5);
    /* The hall is 6 dB down; energy goes with decay over delay. */
    r->level = (float)(2.0 * sqrt(ps_reverb_hall().low_decay_sec * v[SIZE] / v[DECAY]));
    ps_smooth_init(&r->wet, v[WET]);
    ps_smooth_init(&r->width, v[WIDTH]);
    if (r->predelay > 0.0f)
        status = ps_tap_line_create(&r->before, (uint32_t)r->predelay + 2, effect->allocator, err);
    return status;
}

static float predelayed(reverb *r, float sample)
{
    if (!r->before.samples)
        return sample;
    ps_tap_line_write(&r->before, sample);
    return ps_tap_line_read(&r->before, r->predelay + 1.0f);
}

static void run(reverb *r)
{
    memset(r->left, 0, sizeof r->left);
    memset(r->right, 0, sizeof r->right);
    ps_reverb_process(r->reverb, r->in, r->left, r->right, RUN);
}

static void process(ps_effect *effect, float *left, float *right, uint32_t frames)
{
    reverb *r = (reverb *)effect;
    float wet[PS_EFFECT_FRAMES], width[PS_EFFECT_FRAMES];

    ps_smooth_fill(&r->wet, wet, frames);
    ps_smooth_fill(&r->width, width, frames);
    for (uint32_t i = 0; i < frames; i++) {
        const uint32_t at = (uint32_t)((effect->frame + i) % RUN);
        const float l = r->level * r->left[at], rr = r->level * r->right[at];
        const float middle = 0.5f * (l + rr);

        r->in[at] = predelayed(r, 0.5f * (left[i] + right[i]));
        left[i] += wet[i] * (middle + width[i] * (l - middle) - left[i]);
        right[i] += wet[i] * (middle + width[i] * (rr - middle) - right[i]);
        if (at == RUN - 1)
            run(r);
    }
}

static void set(ps_effect *effect, uint32_t slot, double value)
{
    reverb *r = (reverb *)effect;

    ps_smooth_to(slot == WET ? &r->wet : &r->width, value,
                 (uint32_t)(PS_EFFECT_GLIDE_SEC * effect->rate_hz));
}

static void reset(ps_effect *effect)
{
    reverb *r = (reverb *)effect;

    ps_reverb_reset(r->reverb);
    if (r->before.samples)
        ps_tap_line_reset(&r->before);
    memset(r->in, 0, sizeof r->in);
    memset(r->left, 0, sizeof r->left);
    memset(r->right, 0, sizeof r->right);
    ps_smooth_arrive(&r->wet);
    ps_smooth_arrive(&r->width);
}

/* 100 dB, and the way through the delays. */
static uint64_t tail(const ps_effect *effect)
{
    const reverb *r = (const reverb *)effect;

    return (uint64_t)((r->decay_sec * 100.0 / 60.0 + 0.4) * effect->rate_hz + (double)r->predelay);
}

static void finish(ps_effect *effect)
{
    reverb *r = (reverb *)effect;

    ps_reverb_destroy(r->reverb);
    ps_free(effect->allocator, r->before.samples);
}

const ps_effect_kind PS_ROW(ps_effect_reverb) = {
    .info = {"reverb", "a room by a network of delays: cheaper than a convolver", NULL, table,
             SLOTS},
    .effect_bytes = sizeof(reverb),
    .start = start,
    .process = process,
    .set = set,
    .reset = reset,
    .tail = tail,
    .finish = finish,
};
