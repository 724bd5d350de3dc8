/*
 * Flanger: a copy with a short delay that a slow sine moves, added to the sound and fed back, which
 * makes a comb of notches go up and down. Tracks have a flanger of their own, after the old one.
 */
#include "dsp/lfo.h"
#include "dsp/smooth.h"
#include "dsp/tap_line.h"
#include "effect/effect.h"

enum { RATE, DEPTH, DELAY, FEEDBACK, STEREO, WET, SLOTS };

#define DELAY_MS 20.0

/* clang-format off */
static const ps_effect_parameter table[SLOTS] = {
    [RATE] = {"rate", PS_EFFECT_NUMBER, 0, "Hz", 0.25, 0.01, 10.0, NULL, "how often the delay goes to and fro", false},
    [DEPTH] = {"depth", PS_EFFECT_NUMBER, 0, "ms", 1.5, 0.0, 10.0, NULL, "how far it goes, each way", false},
    [DELAY] = {"delay", PS_EFFECT_NUMBER, 0, "ms", 2.0, 0.1, 10.0, NULL, "its middle; it never gets under three frames", false},
    [FEEDBACK] = {"feedback", PS_EFFECT_NUMBER, 0, "", 0.4, -0.95, 0.95, NULL, "what of the copy goes in again", false},
    [STEREO] = {"stereo", PS_EFFECT_NUMBER, 0, "", 0.25, 0.0, 0.5, NULL, "how far the right side is ahead of the left, in cycles", true},
    [WET] = {"wet", PS_EFFECT_NUMBER, 0, "", 0.5, 0.0, 1.0, NULL, "share of the copy; the rest is the sound itself", false},
};
/* clang-format on */

typedef struct flanger {
    ps_effect effect;
    ps_tap_line lines[2];
    ps_lfo lfo;
    uint64_t ahead;         /* of the right side, as a phase */
    ps_smooth depth, delay; /* frames */
    ps_smooth feedback, wet;
} flanger;

static double frames_of(const ps_effect *effect, double ms)
{
    return 0.001 * ms * effect->rate_hz;
}

static ps_status start(ps_effect *effect, const ps_effect_setup *setup, ps_error *err)
{
    flanger *f = (flanger *)effect;
    const uint32_t most = (uint32_t)frames_of(effect, DELAY_MS) + 4;
    ps_status status = ps_tap_line_create(&f->lines[0], most, effect->allocator, err);

    if (status == PS_OK)
        status = ps_tap_line_create(&f->lines[1], most, effect->allocator, err);
    f->ahead = ps_lfo_cycles(setup->values[STEREO]);
    ps_lfo_set_rate(&f->lfo, setup->values[RATE], effect->rate_hz);
    ps_smooth_init(&f->depth, frames_of(effect, setup->values[DEPTH]));
    ps_smooth_init(&f->delay, frames_of(effect, setup->values[DELAY]));
    ps_smooth_init(&f->feedback, setup->values[FEEDBACK]);
    ps_smooth_init(&f->wet, setup->values[WET]);
    return status;
}

/* The copy is read before its frame is written, so the least delay is three frames. */
static void flange(ps_tap_line *line, float *samples, const float *at, const float *feedback,
                   const float *wet, uint32_t frames)
{
    for (uint32_t i = 0; i < frames; i++) {
        const float late = ps_tap_line_read(line, at[i]);

        ps_tap_line_write(line, samples[i] + feedback[i] * late);
        samples[i] += wet[i] * (late - samples[i]);
    }
}

static void process(ps_effect *effect, float *left, float *right, uint32_t frames)
{
    flanger *f = (flanger *)effect;
    float delay[PS_EFFECT_FRAMES], depth[PS_EFFECT_FRAMES], feedback[PS_EFFECT_FRAMES];
    float wet[PS_EFFECT_FRAMES], at[PS_EFFECT_FRAMES];

    ps_smooth_fill(&f->delay, delay, frames);
    ps_smooth_fill(&f->depth, depth, frames);
    ps_smooth_fill(&f->feedback, feedback, frames);
    ps_smooth_fill(&f->wet, wet, frames);
    for (uint32_t side = 0; side < 2; side++) {
        ps_lfo_fill(&f->lfo, side == 0 ? 0 : f->ahead, at, frames);
        for (uint32_t i = 0; i < frames; i++) {
            const float wanted = delay[i] + depth[i] * at[i];

            at[i] = wanted > 3.0f ? wanted : 3.0f;
        }
        flange(&f->lines[side], side == 0 ? left : right, at, feedback, wet, frames);
    }
    ps_lfo_pass(&f->lfo, frames);
}

static void set(ps_effect *effect, uint32_t slot, double value)
{
    flanger *f = (flanger *)effect;
    const uint32_t frames = (uint32_t)(PS_EFFECT_GLIDE_SEC * effect->rate_hz);

    if (slot == RATE)
        ps_lfo_set_rate(&f->lfo, value, effect->rate_hz);
    else if (slot == DEPTH)
        ps_smooth_to(&f->depth, frames_of(effect, value), 10 * frames);
    else if (slot == DELAY)
        ps_smooth_to(&f->delay, frames_of(effect, value), 10 * frames);
    else
        ps_smooth_to(slot == FEEDBACK ? &f->feedback : &f->wet, value, frames);
}

static void reset(ps_effect *effect)
{
    flanger *f = (flanger *)effect;

    ps_tap_line_reset(&f->lines[0]);
    ps_tap_line_reset(&f->lines[1]);
    f->lfo.phase = 0;
    ps_smooth_arrive(&f->depth);
    ps_smooth_arrive(&f->delay);
    ps_smooth_arrive(&f->feedback);
    ps_smooth_arrive(&f->wet);
}

/* 0.95 has lost 100 dB after 225 rounds. */
static uint64_t tail(const ps_effect *effect)
{
    const flanger *f = (const flanger *)effect;
    const double gain = f->feedback.to < 0.0 ? -f->feedback.to : f->feedback.to;
    const double rounds = gain < 0.01 ? 1.0 : 1.0 - 16.6096404744 / ps_log2(gain);

    return (uint64_t)(rounds * (f->delay.to + f->depth.to)) + 4;
}

static void finish(ps_effect *effect)
{
    ps_free(effect->allocator, ((flanger *)effect)->lines[0].samples);
    ps_free(effect->allocator, ((flanger *)effect)->lines[1].samples);
}

const ps_effect_kind PS_ROW(ps_effect_flanger) = {
    .info = {"flanger", "a comb of notches that goes up and down", NULL, table, SLOTS},
    .effect_bytes = sizeof(flanger),
    .start = start,
    .process = process,
    .set = set,
    .reset = reset,
    .tail = tail,
    .finish = finish,
};
