/*
 * Phaser: a chain of first-order allpasses whose corner a slow sine moves between two frequencies,
 * evenly in octaves, added to the sound. Two allpasses make a notch.
 *
 * The coefficient (t - 1) / (t + 1), t = tan(pi f / rate), is computed every 16 frames counted from
 * the reset and goes straight between.
 */
#include <math.h>

#include "dsp/lfo.h"
#include "dsp/smooth.h"
#include "effect/effect.h"

enum { RATE, LOW, HIGH, STAGES, FEEDBACK, STEREO, WET, SLOTS };

#define STAGES_MOST 12u
#define STEP        16u /* frames from one coefficient to the next */

/* clang-format off */
static const ps_effect_parameter table[SLOTS] = {
    [RATE] = {"rate", PS_EFFECT_NUMBER, 0, "Hz", 0.4, 0.01, 10.0, NULL, "how often the notches go up and down", true},
    [LOW] = {"low", PS_EFFECT_NUMBER, 0, "Hz", 300.0, 20.0, 20000.0, NULL, "where they turn below", true},
    [HIGH] = {"high", PS_EFFECT_NUMBER, 0, "Hz", 3000.0, 20.0, 20000.0, NULL, "and above", true},
    [STAGES] = {"stages", PS_EFFECT_NUMBER, 0, "", 6.0, 2.0, STAGES_MOST, NULL, "allpasses, two for each notch", true},
    [FEEDBACK] = {"feedback", PS_EFFECT_NUMBER, 0, "", 0.3, -0.9, 0.9, NULL, "what of the last one goes in again: sharper notches", false},
    [STEREO] = {"stereo", PS_EFFECT_NUMBER, 0, "", 0.25, 0.0, 0.5, NULL, "how far the right side is ahead of the left, in cycles", true},
    [WET] = {"wet", PS_EFFECT_NUMBER, 0, "", 0.5, 0.0, 1.0, NULL, "share of the chain; 0.5 has the deepest notches", false},
};
/* clang-format on */

typedef struct side {
    float z[STAGES_MOST]; /* state of the allpasses */
    float last;           /* what came out of them */
    float a, slope;       /* coefficient of the next frame, and its change */
} side;

typedef struct phaser {
    ps_effect effect;
    ps_lfo lfo;
    uint64_t ahead; /* of the right side, as a phase */
    double middle, octaves;
    uint32_t stages;
    side sides[2];
    ps_smooth feedback, wet;
} phaser;

/* tan(pi f / rate) where a part of its way, -0.5 (low) to 0.5 (high), leads from the middle. */
static double corner(const phaser *p, double part)
{
    const double hz = p->middle * ps_exp2(part * p->octaves);
    const double half = 0.5 * fmin(hz / p->effect.rate_hz, 0.49);

    return ps_sin_cycles(half) / ps_cos_cycles(half);
}

/* The coefficient at a frame that is a multiple of STEP. */
static float coefficient(const phaser *p, uint32_t which, uint64_t frame)
{
    const uint64_t phase = frame * p->lfo.step + (which == 0 ? 0 : p->ahead);
    const double swing = ps_sin_cycles((double)(int64_t)phase * 0x1p-64);
    const double t = corner(p, 0.5 * swing);

    return (float)((t - 1.0) / (t + 1.0));
}

static ps_status start(ps_effect *effect, const ps_effect_setup *setup, ps_error *err)
{
    phaser *p = (phaser *)effect;
    const double *v = setup->values;

    ps_lfo_set_rate(&p->lfo, v[RATE], effect->rate_hz);
    p->ahead = ps_lfo_cycles(v[STEREO]);
    p->octaves = fabs(ps_log2(v[HIGH] / v[LOW]));
    p->middle = sqrt(v[LOW] * v[HIGH]);
    p->stages = (uint32_t)v[STAGES];
    ps_smooth_init(&p->feedback, v[FEEDBACK]);
    ps_smooth_init(&p->wet, v[WET]);
    return ps_effect_whole(effect->kind, STAGES, v[STAGES], err);
}

/* Denormals are slow. */
static float at_rest(float x)
{
    return x > -1e-15f && x < 1e-15f ? 0.0f : x;
}

static void begin_step(phaser *p, uint32_t which, uint64_t frame)
{
    side *s = &p->sides[which];

    s->a = coefficient(p, which, frame);
    s->slope = (coefficient(p, which, frame + STEP) - s->a) / STEP;
}

/* Both sides at once: a stage waits for the one before it, so they share the time. */
static void phase(phaser *p, float *const samples[2], const float *feedback, const float *wet,
                  uint32_t frames)
{
    side *l = &p->sides[0], *r = &p->sides[1];

    for (uint32_t i = 0; i < frames; i++) {
        const uint64_t frame = p->effect.frame + i;

        if (frame % STEP == 0) {
            begin_step(p, 0, frame);
            begin_step(p, 1, frame);
        }
        float x[2] = {samples[0][i] + feedback[i] * l->last, samples[1][i] + feedback[i] * r->last};
        for (uint32_t k = 0; k < p->stages; k++) {
            const float y[2] = {l->a * x[0] + l->z[k], r->a * x[1] + r->z[k]};

            l->z[k] = x[0] - l->a * y[0];
            r->z[k] = x[1] - r->a * y[1];
            x[0] = y[0];
            x[1] = y[1];
        }
        l->last = at_rest(x[0]);
        r->last = at_rest(x[1]);
        l->a += l->slope;
        r->a += r->slope;
        samples[0][i] += wet[i] * (x[0] - samples[0][i]);
        samples[1][i] += wet[i] * (x[1] - samples[1][i]);
    }
    if ((p->effect.frame + frames) % PS_EFFECT_FRAMES != 0)
        return;
    for (uint32_t k = 0; k < STAGES_MOST; k++) {
        l->z[k] = at_rest(l->z[k]);
        r->z[k] = at_rest(r->z[k]);
    }
}

static void process(ps_effect *effect, float *left, float *right, uint32_t frames)
{
    phaser *p = (phaser *)effect;
    float feedback[PS_EFFECT_FRAMES], wet[PS_EFFECT_FRAMES];

    ps_smooth_fill(&p->feedback, feedback, frames);
    ps_smooth_fill(&p->wet, wet, frames);
    phase(p, (float *const[2]){left, right}, feedback, wet, frames);
}

static void set(ps_effect *effect, uint32_t slot, double value)
{
    phaser *p = (phaser *)effect;

    ps_smooth_to(slot == FEEDBACK ? &p->feedback : &p->wet, value,
                 (uint32_t)(PS_EFFECT_GLIDE_SEC * effect->rate_hz));
}

static void reset(ps_effect *effect)
{
    phaser *p = (phaser *)effect;
    const side silent = {{0.0f}, 0.0f, 0.0f, 0.0f};

    p->sides[0] = p->sides[1] = silent;
    ps_smooth_arrive(&p->feedback);
    ps_smooth_arrive(&p->wet);
}

/*
 * The slowest stage falls as exp(-2 pi f t). With feedback the sound goes round, which takes 1 / t
 * frames in each stage at low frequencies, or t at high ones; -16.6 / log2(gain) rounds lose 100
 * dB.
 */
static uint64_t tail(const ps_effect *effect)
{
    const phaser *p = (const phaser *)effect;
    const double low = corner(p, -0.5), high = corner(p, 0.5), gain = fabs(p->feedback.to);
    const double rounds = gain < 0.01 ? 1.0 : 1.0 - 16.6096404744 / ps_log2(gain);
    const double round_frames = p->stages * fmax(1.0 / low, high) + 1.0;

    return (uint64_t)(5.8 * p->stages / low + rounds * round_frames);
}

const ps_effect_kind PS_ROW(ps_effect_phaser) = {
    .info = {"phaser", "notches that go up and down", NULL, table, SLOTS},
    .effect_bytes = sizeof(phaser),
    .start = start,
    .process = process,
    .set = set,
    .reset = reset,
    .tail = tail,
};
