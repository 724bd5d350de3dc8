/*
 * Turns down what is louder than a threshold (dsp/compress.h). Both sides alike, or each by its own
 * level.
 */
#include <string.h>

#include "dsp/compress.h"
#include "dsp/lookahead.h"
#include "effect/effect.h"
#include "kernel/math.h"

#define RMS_MS 5.0 /* time constant of the mean square */

enum {
    THRESHOLD,
    RATIO,
    ATTACK,
    RELEASE,
    KNEE,
    MAKEUP,
    MIX,
    AUTO,
    DETECTOR,
    LINK,
    LOOKAHEAD,
    SLOTS
};
enum { PEAK, RMS };

/* clang-format off */
static const ps_effect_parameter table[SLOTS] = {
    [THRESHOLD] = {"threshold", PS_EFFECT_NUMBER, 0, "dB", -18.0, -80.0, 0.0, NULL, "level from which on it acts", false},
    [RATIO]     = {"ratio", PS_EFFECT_NUMBER, 0, "", 3.0, 1.0, 100.0, NULL, "dB more at the input for one more at the output", false},
    [ATTACK]    = {"attack", PS_EFFECT_NUMBER, 0, "ms", 10.0, 0.0, 500.0, NULL, "time to do 63 % of turning down", false},
    [RELEASE]   = {"release", PS_EFFECT_NUMBER, 0, "ms", 100.0, 1.0, 5000.0, NULL, "time to do 63 % of coming back", false},
    [KNEE]      = {"knee", PS_EFFECT_NUMBER, 0, "dB", 6.0, 0.0, 40.0, NULL, "width of the bend around the threshold", false},
    [MAKEUP]    = {"makeup", PS_EFFECT_NUMBER, 0, "dB", 0.0, -30.0, 30.0, NULL, "gain of what was compressed", false},
    [MIX]       = {"mix", PS_EFFECT_NUMBER, 0, "", 1.0, 0.0, 1.0, NULL, "share of what was compressed; the rest is as it came", false},
    [AUTO]      = {"auto", PS_EFFECT_FLAG, 0, "", 0.0, 0.0, 1.0, NULL, "makes up for half of what a level of 0 dB loses", false},
    [DETECTOR]  = {"detector", PS_EFFECT_CHOICE, 0, "", PEAK, PEAK, RMS, "peak rms", "level is the magnitude, or the root of the mean square over 5 ms", true},
    [LINK]      = {"link", PS_EFFECT_FLAG, 0, "", 1.0, 0.0, 1.0, NULL, "both sides are turned down alike", true},
    [LOOKAHEAD] = {"lookahead", PS_EFFECT_NUMBER, 0, "ms", 0.0, 0.0, 20.0, NULL, "time it acts before the sound comes, which is late by it", true},
};
/* clang-format on */

typedef struct compressor {
    ps_effect effect;
    double values[SLOTS];
    bool linked, rms;
    ps_compress sides[2]; /* linked: the first is of both */
    ps_smooth dry, wet;
    double share; /* of a new square in the mean */
    double mean[2];
    ps_lookahead ahead;
} compressor;

/* ---- Values ---- */

static double wet_gain(const double *v)
{
    const double loses = ps_compress_curve(0.0, v[THRESHOLD], v[RATIO], v[KNEE]);
    const double db = v[MAKEUP] + (v[AUTO] != 0.0 ? 0.5 * loses : 0.0);

    return v[MIX] * ps_exp2(PS_OCTAVES_OF_DB * db);
}

static ps_status start(ps_effect *effect, const ps_effect_setup *setup, ps_error *err)
{
    compressor *c = (compressor *)effect;
    const double *v = memcpy(c->values, setup->values, sizeof c->values);

    c->linked = v[LINK] != 0.0;
    c->rms = v[DETECTOR] == RMS;
    c->share = ps_compress_share(RMS_MS, setup->rate_hz);
    for (uint32_t side = 0; side < 2; side++) {
        ps_compress_init(&c->sides[side], c->rms, v[THRESHOLD], v[RATIO], v[KNEE]);
        ps_compress_times(&c->sides[side], v[ATTACK], v[RELEASE], setup->rate_hz);
    }
    ps_smooth_init(&c->dry, 1.0 - v[MIX]);
    ps_smooth_init(&c->wet, wet_gain(v));
    if (!ps_lookahead_init(&c->ahead, (uint32_t)(1e-3 * v[LOOKAHEAD] * setup->rate_hz),
                           setup->allocator))
        return ps_fail(err, PS_NO_MEMORY, "no memory for compressor");
    return PS_OK;
}

static void set(ps_effect *effect, uint32_t slot, double value)
{
    compressor *c = (compressor *)effect;
    const uint32_t frames = (uint32_t)(PS_EFFECT_GLIDE_SEC * effect->rate_hz);

    c->values[slot] = value;
    for (uint32_t side = 0; side < 2; side++) {
        ps_compress *s = &c->sides[side];

        if (slot == THRESHOLD)
            ps_compress_threshold(s, value, frames);
        else if (slot == RATIO)
            ps_compress_ratio(s, value, frames);
        else if (slot == KNEE)
            ps_compress_knee(s, value, frames);
        else if (slot == ATTACK || slot == RELEASE)
            ps_compress_times(s, c->values[ATTACK], c->values[RELEASE], effect->rate_hz);
    }
    if (slot != ATTACK && slot != RELEASE) {
        ps_smooth_to(&c->dry, 1.0 - c->values[MIX], frames);
        ps_smooth_to(&c->wet, wet_gain(c->values), frames);
    }
}

static void reset(ps_effect *effect)
{
    compressor *c = (compressor *)effect;

    ps_compress_reset(&c->sides[0]);
    ps_compress_reset(&c->sides[1]);
    ps_smooth_arrive(&c->dry);
    ps_smooth_arrive(&c->wet);
    c->mean[0] = c->mean[1] = 0.0;
    ps_lookahead_reset(&c->ahead);
}

static uint32_t latency(const ps_effect *effect)
{
    return ((const compressor *)effect)->ahead.frames;
}

static void finish(ps_effect *effect)
{
    ps_lookahead_finish(&((compressor *)effect)->ahead);
}

/* ---- Running ---- */

/* What one side, or both, are multiplied by. */
static void gains(compressor *c, uint32_t side, const float *a, const float *b, float *gain,
                  uint32_t frames)
{
    float level[PS_EFFECT_FRAMES];

    if (c->rms)
        PS_ROW(ps_compress_mean)(level, a, b, c->share, &c->mean[side], frames);
    else
        PS_ROW(ps_compress_peak)(level, a, b, frames);
    PS_ROW(ps_compress_run)(&c->sides[side], level, gain, frames);
}

static void apply(float *x, const float *gain, const float *dry, const float *wet, uint32_t frames)
{
    for (uint32_t i = 0; i < frames; i++)
        x[i] *= dry[i] + wet[i] * gain[i];
}

static void process(ps_effect *effect, float *left, float *right, uint32_t frames)
{
    compressor *c = (compressor *)effect;
    float gain[2][PS_EFFECT_FRAMES], dry[PS_EFFECT_FRAMES], wet[PS_EFFECT_FRAMES];

    if (c->linked) {
        gains(c, 0, left, right, gain[0], frames);
    } else {
        gains(c, 0, left, left, gain[0], frames);
        gains(c, 1, right, right, gain[1], frames);
    }
    ps_lookahead_pass(&c->ahead, left, right, frames);
    ps_smooth_fill(&c->dry, dry, frames);
    ps_smooth_fill(&c->wet, wet, frames);
    apply(left, gain[0], dry, wet, frames);
    apply(right, gain[c->linked ? 0 : 1], dry, wet, frames);
}

const ps_effect_kind PS_ROW(ps_effect_compressor) = {
    .info = {"compressor", "turns down what is loud", NULL, table, SLOTS},
    .effect_bytes = sizeof(compressor),
    .start = start,
    .process = process,
    .set = set,
    .reset = reset,
    .latency = latency,
    .finish = finish,
};
