/*
 * Chorus: up to four copies of the sound, each late by a delay that a slow sine moves, a part of a
 * cycle from one to the next, in turns on the left and on the right.
 */
#include <math.h>

#include "dsp/lfo.h"
#include "dsp/smooth.h"
#include "dsp/tap_line.h"
#include "effect/effect.h"

enum { RATE, DEPTH, DELAY, VOICES, WIDTH, WET, SLOTS };

#define VOICES_MOST 4u
#define DELAY_MS    50.0
#define DEPTH_MS    20.0

/* clang-format off */
static const ps_effect_parameter table[SLOTS] = {
    [RATE] = {"rate", PS_EFFECT_NUMBER, 0, "Hz", 0.8, 0.01, 10.0, NULL, "how often the delay goes to and fro", false},
    [DEPTH] = {"depth", PS_EFFECT_NUMBER, 0, "ms", 2.5, 0.0, DEPTH_MS, NULL, "how far it goes, each way", false},
    [DELAY] = {"delay", PS_EFFECT_NUMBER, 0, "ms", 12.0, 1.0, DELAY_MS, NULL, "its middle; the depth is less where it would get under 0", false},
    [VOICES] = {"voices", PS_EFFECT_NUMBER, 0, "", 2.0, 1.0, VOICES_MOST, NULL, "copies of the sound", true},
    [WIDTH] = {"width", PS_EFFECT_NUMBER, 0, "", 1.0, 0.0, 1.0, NULL, "how far apart the copies are: 0 in the middle, 1 on the sides", false},
    [WET] = {"wet", PS_EFFECT_NUMBER, 0, "", 0.4, 0.0, 1.0, NULL, "share of the copies; the rest is the sound itself", false},
};
/* clang-format on */

typedef struct chorus {
    ps_effect effect;
    ps_tap_line lines[2];
    ps_lfo lfo;
    uint32_t voices;
    ps_smooth depth, delay; /* frames */
    ps_smooth width, wet;
} chorus;

static double frames_of(const ps_effect *effect, double ms)
{
    return 0.001 * ms * effect->rate_hz;
}

static ps_status start(ps_effect *effect, const ps_effect_setup *setup, ps_error *err)
{
    chorus *c = (chorus *)effect;
    const uint32_t most = (uint32_t)frames_of(effect, DELAY_MS + DEPTH_MS) + 4;
    ps_status status = ps_effect_whole(effect->kind, VOICES, setup->values[VOICES], err);

    if (status == PS_OK)
        status = ps_tap_line_create(&c->lines[0], most, effect->allocator, err);
    if (status == PS_OK)
        status = ps_tap_line_create(&c->lines[1], most, effect->allocator, err);
    c->voices = (uint32_t)setup->values[VOICES];
    ps_lfo_set_rate(&c->lfo, setup->values[RATE], effect->rate_hz);
    ps_smooth_init(&c->depth, frames_of(effect, setup->values[DEPTH]));
    ps_smooth_init(&c->delay, frames_of(effect, setup->values[DELAY]));
    ps_smooth_init(&c->width, setup->values[WIDTH]);
    ps_smooth_init(&c->wet, setup->values[WET]);
    return status;
}

/* Where the copies are read: `delay` +- `depth`, never under three frames. */
static void fill_delays(chorus *c, uint32_t voice, const float *delay, const float *depth,
                        float *out, uint32_t frames)
{
    ps_lfo_fill(&c->lfo, ps_lfo_cycles((double)voice / c->voices), out, frames);
    for (uint32_t i = 0; i < frames; i++) {
        const float room = delay[i] - 3.0f;
        const float swing = depth[i] < room ? depth[i] : room > 0.0f ? room : 0.0f;

        out[i] = (delay[i] > 3.0f ? delay[i] : 3.0f) + swing * out[i];
    }
}

static void process(ps_effect *effect, float *left, float *right, uint32_t frames)
{
    chorus *c = (chorus *)effect;
    float delay[PS_EFFECT_FRAMES], depth[PS_EFFECT_FRAMES], width[PS_EFFECT_FRAMES];
    float wet[PS_EFFECT_FRAMES], at[VOICES_MOST][PS_EFFECT_FRAMES];
    const float share = 1.0f / sqrtf((float)c->voices);

    ps_smooth_fill(&c->delay, delay, frames);
    ps_smooth_fill(&c->depth, depth, frames);
    ps_smooth_fill(&c->width, width, frames);
    ps_smooth_fill(&c->wet, wet, frames);
    for (uint32_t voice = 0; voice < c->voices; voice++)
        fill_delays(c, voice, delay, depth, at[voice], frames);
    ps_lfo_pass(&c->lfo, frames);
    for (uint32_t i = 0; i < frames; i++) {
        float sums[2] = {0.0f, 0.0f};

        for (uint32_t voice = 0; voice < c->voices; voice++) {
            const float l = ps_tap_line_read(&c->lines[0], at[voice][i]);
            const float r = ps_tap_line_read(&c->lines[1], at[voice][i]);
            const float near = 0.5f + 0.5f * width[i], far = 1.0f - near;

            /* In turns, the copy of one side goes to its own side more than to the other. */
            sums[0] += voice % 2 == 0 || c->voices == 1 ? near * l + far * r : far * l + near * r;
            sums[1] += voice % 2 == 0 || c->voices == 1 ? far * l + near * r : near * l + far * r;
        }
        ps_tap_line_write(&c->lines[0], left[i]);
        ps_tap_line_write(&c->lines[1], right[i]);
        left[i] += wet[i] * (share * sums[0] - left[i]);
        right[i] += wet[i] * (share * sums[1] - right[i]);
    }
}

static void set(ps_effect *effect, uint32_t slot, double value)
{
    chorus *c = (chorus *)effect;
    const uint32_t frames = (uint32_t)(PS_EFFECT_GLIDE_SEC * effect->rate_hz);

    if (slot == RATE)
        ps_lfo_set_rate(&c->lfo, value, effect->rate_hz);
    else if (slot == DEPTH)
        ps_smooth_to(&c->depth, frames_of(effect, value), 10 * frames);
    else if (slot == DELAY)
        ps_smooth_to(&c->delay, frames_of(effect, value), 10 * frames);
    else
        ps_smooth_to(slot == WIDTH ? &c->width : &c->wet, value, frames);
}

static void reset(ps_effect *effect)
{
    chorus *c = (chorus *)effect;

    ps_tap_line_reset(&c->lines[0]);
    ps_tap_line_reset(&c->lines[1]);
    c->lfo.phase = 0;
    ps_smooth_arrive(&c->depth);
    ps_smooth_arrive(&c->delay);
    ps_smooth_arrive(&c->width);
    ps_smooth_arrive(&c->wet);
}

static uint64_t tail(const ps_effect *effect)
{
    return (uint64_t)frames_of(effect, DELAY_MS + DEPTH_MS);
}

static void finish(ps_effect *effect)
{
    ps_free(effect->allocator, ((chorus *)effect)->lines[0].samples);
    ps_free(effect->allocator, ((chorus *)effect)->lines[1].samples);
}

const ps_effect_kind PS_ROW(ps_effect_chorus) = {
    .info = {"chorus", "slightly moving copies beside the sound", NULL, table, SLOTS},
    .effect_bytes = sizeof(chorus),
    .start = start,
    .process = process,
    .set = set,
    .reset = reset,
    .tail = tail,
    .finish = finish,
};
