/*
 * Turns down what is softer than a threshold: a gate, or with a small ratio an expander. It opens
 * at the threshold and closes `hysteresis` below it, after `hold`. Closed, it turns down by
 * (ratio - 1) dB for each dB that the level lies below the threshold, by `range` at most.
 *
 * The level is the larger magnitude of both sides, and falls by 63 % in 10 ms where they fall
 * faster: between the halves of a wave it is still there.
 */
#include <math.h>
#include <string.h>

#include "dsp/compress.h"
#include "dsp/lookahead.h"
#include "effect/effect.h"
#include "kernel/math.h"

#define FALL_MS 10.0
#define FAINT   1e-30
#define SILENCE (-126.0) /* what ps_log2_float makes of 0 */

enum { THRESHOLD, RATIO, ATTACK, HOLD, RELEASE, RANGE, HYSTERESIS, LINK, LOOKAHEAD, SLOTS };

/* clang-format off */
static const ps_effect_parameter table[SLOTS] = {
    [THRESHOLD]  = {"threshold", PS_EFFECT_NUMBER, 0, "dB", -40.0, -100.0, 0.0, NULL, "level from which on it is open", false},
    [RATIO]      = {"ratio", PS_EFFECT_NUMBER, 0, "", 10.0, 1.0, 100.0, NULL, "dB less at the output for one less at the input", false},
    [ATTACK]     = {"attack", PS_EFFECT_NUMBER, 0, "ms", 1.0, 0.0, 500.0, NULL, "time to do 63 % of opening", false},
    [HOLD]       = {"hold", PS_EFFECT_NUMBER, 0, "ms", 50.0, 0.0, 2000.0, NULL, "time it stays open when the level has fallen", false},
    [RELEASE]    = {"release", PS_EFFECT_NUMBER, 0, "ms", 100.0, 1.0, 5000.0, NULL, "time to do 63 % of closing", false},
    [RANGE]      = {"range", PS_EFFECT_NUMBER, 0, "dB", 60.0, 0.0, 120.0, NULL, "the most it turns down", false},
    [HYSTERESIS] = {"hysteresis", PS_EFFECT_NUMBER, 0, "dB", 3.0, 0.0, 30.0, NULL, "how far below the threshold it closes", false},
    [LINK]       = {"link", PS_EFFECT_FLAG, 0, "", 1.0, 0.0, 1.0, NULL, "both sides are turned down alike", true},
    [LOOKAHEAD]  = {"lookahead", PS_EFFECT_NUMBER, 0, "ms", 0.0, 0.0, 20.0, NULL, "time it opens before the sound comes, which is late by it", true},
};
/* clang-format on */

/* Of one side, or of both. */
typedef struct door {
    double level;     /* with its slow fall */
    double reduction; /* octaves, at the last frame */
    uint32_t held;    /* frames that it will still be held open */
    bool open;
} door;

typedef struct gate {
    ps_effect effect;
    double values[SLOTS];
    bool linked;
    ps_smooth threshold, hysteresis, slope, range; /* octaves; slope = ratio - 1 */
    double attack, release;                        /* shares of the way that is gone in a frame */
    double keep;                                   /* of the level, in a frame */
    uint32_t hold;
    door doors[2];
    ps_lookahead ahead;
} gate;

/* The values of the frames of a call. */
typedef struct moment {
    float threshold[PS_EFFECT_FRAMES], hysteresis[PS_EFFECT_FRAMES];
    float slope[PS_EFFECT_FRAMES], range[PS_EFFECT_FRAMES];
} moment;

/* ---- Values ---- */

static void set_times(gate *g)
{
    g->attack = ps_compress_share(g->values[ATTACK], g->effect.rate_hz);
    g->release = ps_compress_share(g->values[RELEASE], g->effect.rate_hz);
    g->hold = (uint32_t)(1e-3 * g->values[HOLD] * g->effect.rate_hz);
}

/* Closed, as after a long silence. */
static void close_doors(gate *g)
{
    const double deep = (SILENCE - g->threshold.to) * -g->slope.to;

    memset(g->doors, 0, sizeof g->doors);
    for (uint32_t side = 0; side < 2; side++)
        g->doors[side].reduction = deep < g->range.to ? deep : g->range.to;
}

static ps_status start(ps_effect *effect, const ps_effect_setup *setup, ps_error *err)
{
    gate *g = (gate *)effect;
    const double *v = memcpy(g->values, setup->values, sizeof g->values);

    g->linked = v[LINK] != 0.0;
    g->keep = 1.0 - ps_compress_share(FALL_MS, setup->rate_hz);
    set_times(g);
    ps_smooth_init(&g->threshold, PS_OCTAVES_OF_DB * v[THRESHOLD]);
    ps_smooth_init(&g->hysteresis, PS_OCTAVES_OF_DB * v[HYSTERESIS]);
    ps_smooth_init(&g->slope, v[RATIO] - 1.0);
    ps_smooth_init(&g->range, PS_OCTAVES_OF_DB * v[RANGE]);
    close_doors(g);
    if (!ps_lookahead_init(&g->ahead, (uint32_t)(1e-3 * v[LOOKAHEAD] * setup->rate_hz),
                           setup->allocator))
        return ps_fail(err, PS_NO_MEMORY, "no memory for gate");
    return PS_OK;
}

static void set(ps_effect *effect, uint32_t slot, double value)
{
    gate *g = (gate *)effect;
    const uint32_t frames = (uint32_t)(PS_EFFECT_GLIDE_SEC * effect->rate_hz);

    g->values[slot] = value;
    switch (slot) {
    case THRESHOLD:
        ps_smooth_to(&g->threshold, PS_OCTAVES_OF_DB * value, frames);
        break;
    case HYSTERESIS:
        ps_smooth_to(&g->hysteresis, PS_OCTAVES_OF_DB * value, frames);
        break;
    case RATIO:
        ps_smooth_to(&g->slope, value - 1.0, frames);
        break;
    case RANGE:
        ps_smooth_to(&g->range, PS_OCTAVES_OF_DB * value, frames);
        break;
    default:
        set_times(g);
    }
}

static void reset(ps_effect *effect)
{
    gate *g = (gate *)effect;

    ps_smooth_arrive(&g->threshold);
    ps_smooth_arrive(&g->hysteresis);
    ps_smooth_arrive(&g->slope);
    ps_smooth_arrive(&g->range);
    close_doors(g);
    ps_lookahead_reset(&g->ahead);
}

static uint32_t latency(const ps_effect *effect)
{
    return ((const gate *)effect)->ahead.frames;
}

static void finish(ps_effect *effect)
{
    ps_lookahead_finish(&((gate *)effect)->ahead);
}

/* ---- Running ---- */

/* Magnitudes become levels that fall slowly. */
static void fall(door *d, double keep, float *level, uint32_t frames)
{
    double y = d->level;

    for (uint32_t i = 0; i < frames; i++) {
        const double kept = keep * y, x = (double)level[i];

        y = x > kept ? x : kept;
        level[i] = (float)y;
    }
    d->level = y < FAINT ? 0.0 : y;
}

/* Levels become octaves above the threshold. */
static void compare(const moment *m, float *level, uint32_t frames)
{
    for (uint32_t i = 0; i < frames; i++)
        level[i] = ps_log2_float(level[i]) - m->threshold[i];
}

/* Octaves above the threshold become octaves to turn down. */
static void decide(door *d, const moment *m, uint32_t hold, float *over, uint32_t frames)
{
    for (uint32_t i = 0; i < frames; i++) {
        const float wanted = -over[i] * m->slope[i];

        if (over[i] >= 0.0f || (d->open && over[i] >= -m->hysteresis[i])) {
            d->open = true;
            d->held = hold;
        } else if (d->open) {
            d->open = d->held > 0;
            d->held -= d->open ? 1 : 0;
        }
        over[i] = d->open ? 0.0f : wanted < m->range[i] ? wanted : m->range[i];
    }
}

static void follow(door *d, double opening, double closing, const float *wanted, float *gain,
                   uint32_t frames)
{
    double y = d->reduction;

    for (uint32_t i = 0; i < frames; i++) {
        const double way = (double)wanted[i] - y;

        y += way * (way < 0.0 ? opening : closing);
        gain[i] = (float)y;
    }
    for (uint32_t i = 0; i < frames; i++)
        gain[i] = ps_exp2_float(-gain[i]);
    d->reduction = y < FAINT ? 0.0 : y;
}

static void run(gate *g, uint32_t side, const moment *m, const float *a, const float *b,
                float *gain, uint32_t frames)
{
    door *d = &g->doors[side];
    float level[PS_EFFECT_FRAMES];

    PS_ROW(ps_compress_peak)(level, a, b, frames);
    fall(d, g->keep, level, frames);
    compare(m, level, frames);
    decide(d, m, g->hold, level, frames);
    follow(d, g->attack, g->release, level, gain, frames);
}

static void process(ps_effect *effect, float *left, float *right, uint32_t frames)
{
    gate *g = (gate *)effect;
    float gains[2][PS_EFFECT_FRAMES];
    moment m;

    ps_smooth_fill(&g->threshold, m.threshold, frames);
    ps_smooth_fill(&g->hysteresis, m.hysteresis, frames);
    ps_smooth_fill(&g->slope, m.slope, frames);
    ps_smooth_fill(&g->range, m.range, frames);
    run(g, 0, &m, left, g->linked ? right : left, gains[0], frames);
    if (!g->linked)
        run(g, 1, &m, right, right, gains[1], frames);
    ps_lookahead_pass(&g->ahead, left, right, frames);
    for (uint32_t i = 0; i < frames; i++) {
        left[i] *= gains[0][i];
        right[i] *= gains[g->linked ? 0 : 1][i];
    }
}

const ps_effect_kind PS_ROW(ps_effect_gate) = {
    .info = {"gate", "turns down what is soft: a gate or an expander", NULL, table, SLOTS},
    .effect_bytes = sizeof(gate),
    .start = start,
    .process = process,
    .set = set,
    .reset = reset,
    .latency = latency,
    .finish = finish,
};
