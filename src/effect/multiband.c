/* A compressor for each of two to four bands (dsp/crossover.h, dsp/compress.h). */
#include <string.h>

#include "dsp/compress.h"
#include "dsp/crossover.h"
#include "effect/effect.h"
#include "kernel/math.h"

#define MOST PS_CROSSOVER_BANDS

enum { BANDS, SPLIT1, SPLIT2, SPLIT3, THRESHOLD, RATIO, GAIN, ATTACK, RELEASE, KNEE, ROWS };

/* Slots: the families have one for each band. */
enum {
    SLOT_THRESHOLD = THRESHOLD,
    SLOT_RATIO = SLOT_THRESHOLD + MOST,
    SLOT_GAIN = SLOT_RATIO + MOST,
    SLOT_ATTACK = SLOT_GAIN + MOST,
    SLOT_RELEASE,
    SLOT_KNEE,
    SLOTS
};

/* clang-format off */
static const ps_effect_parameter table[ROWS] = {
    [BANDS]     = {"bands", PS_EFFECT_CHOICE, 0, "", 1, 0, 2, "2 3 4", "how many", true},
    [SPLIT1]    = {"split1", PS_EFFECT_NUMBER, 0, "Hz", 150.0, 20.0, 16000.0, NULL, "where the second band begins", false},
    [SPLIT2]    = {"split2", PS_EFFECT_NUMBER, 0, "Hz", 1500.0, 20.0, 16000.0, NULL, "where the third band begins", false},
    [SPLIT3]    = {"split3", PS_EFFECT_NUMBER, 0, "Hz", 6000.0, 20.0, 16000.0, NULL, "where the fourth band begins", false},
    [THRESHOLD] = {"threshold", PS_EFFECT_NUMBER, MOST, "dB", -24.0, -80.0, 0.0, NULL, "level from which on the band is turned down", false},
    [RATIO]     = {"ratio", PS_EFFECT_NUMBER, MOST, "", 2.0, 1.0, 100.0, NULL, "dB more at the input for one more at the output", false},
    [GAIN]      = {"gain", PS_EFFECT_NUMBER, MOST, "dB", 0.0, -60.0, 30.0, NULL, "of the band afterwards", false},
    [ATTACK]    = {"attack", PS_EFFECT_NUMBER, 0, "ms", 20.0, 0.0, 500.0, NULL, "time to do 63 % of turning down", false},
    [RELEASE]   = {"release", PS_EFFECT_NUMBER, 0, "ms", 200.0, 1.0, 5000.0, NULL, "time to do 63 % of coming back", false},
    [KNEE]      = {"knee", PS_EFFECT_NUMBER, 0, "dB", 6.0, 0.0, 40.0, NULL, "width of the bend around the threshold", false},
};
/* clang-format on */

typedef struct multiband {
    ps_effect effect;
    uint32_t count; /* of bands */
    double attack_ms, release_ms;
    ps_crossover crossover;
    ps_compress compress[MOST];
    ps_smooth gain[MOST]; /* linear */
} multiband;

static double linear(double db)
{
    return ps_exp2(PS_OCTAVES_OF_DB * db);
}

static ps_status start(ps_effect *effect, const ps_effect_setup *setup, ps_error *err)
{
    multiband *m = (multiband *)effect;
    const double *v = setup->values;

    (void)err;
    m->count = 2 + (uint32_t)v[BANDS];
    m->attack_ms = v[SLOT_ATTACK];
    m->release_ms = v[SLOT_RELEASE];
    ps_crossover_init(&m->crossover, m->count, v + SPLIT1, setup->rate_hz);
    for (uint32_t band = 0; band < MOST; band++) {
        ps_compress_init(&m->compress[band], false, v[SLOT_THRESHOLD + band], v[SLOT_RATIO + band],
                         v[SLOT_KNEE]);
        ps_compress_times(&m->compress[band], m->attack_ms, m->release_ms, setup->rate_hz);
        ps_smooth_init(&m->gain[band], linear(v[SLOT_GAIN + band]));
    }
    return PS_OK;
}

static void run_band(multiband *m, uint32_t band, const ps_crossover_band *in, float *left,
                     float *right, uint32_t frames)
{
    float level[PS_EFFECT_FRAMES], gain[PS_EFFECT_FRAMES], own[PS_EFFECT_FRAMES];

    PS_ROW(ps_compress_peak)(level, in->left, in->right, frames);
    PS_ROW(ps_compress_run)(&m->compress[band], level, gain, frames);
    ps_smooth_fill(&m->gain[band], own, frames);
    for (uint32_t i = 0; i < frames; i++) {
        const float g = gain[i] * own[i];

        left[i] += g * in->left[i];
        right[i] += g * in->right[i];
    }
}

static void process(ps_effect *effect, float *left, float *right, uint32_t frames)
{
    multiband *m = (multiband *)effect;
    ps_crossover_band bands[MOST];

    PS_ROW(ps_crossover_run)(&m->crossover, left, right, bands, frames);
    memset(left, 0, frames * sizeof *left);
    memset(right, 0, frames * sizeof *right);
    for (uint32_t band = 0; band < m->count; band++)
        run_band(m, band, &bands[band], left, right, frames);
    if ((effect->frame + frames) % PS_EFFECT_FRAMES == 0)
        ps_crossover_rest(&m->crossover);
}

static void set_all(multiband *m, uint32_t slot, double value, uint32_t frames)
{
    if (slot == SLOT_ATTACK)
        m->attack_ms = value;
    else if (slot == SLOT_RELEASE)
        m->release_ms = value;
    for (uint32_t band = 0; band < MOST; band++) {
        if (slot == SLOT_KNEE)
            ps_compress_knee(&m->compress[band], value, frames);
        else
            ps_compress_times(&m->compress[band], m->attack_ms, m->release_ms, m->effect.rate_hz);
    }
}

static void set(ps_effect *effect, uint32_t slot, double value)
{
    multiband *m = (multiband *)effect;
    const uint32_t frames = (uint32_t)(PS_EFFECT_GLIDE_SEC * effect->rate_hz);

    if (slot < SLOT_THRESHOLD)
        ps_crossover_move(&m->crossover, slot - SPLIT1, value, frames);
    else if (slot < SLOT_RATIO)
        ps_compress_threshold(&m->compress[slot - SLOT_THRESHOLD], value, frames);
    else if (slot < SLOT_GAIN)
        ps_compress_ratio(&m->compress[slot - SLOT_RATIO], value, frames);
    else if (slot < SLOT_ATTACK)
        ps_smooth_to(&m->gain[slot - SLOT_GAIN], linear(value), frames);
    else
        set_all(m, slot, value, frames);
}

static void reset(ps_effect *effect)
{
    multiband *m = (multiband *)effect;

    ps_crossover_reset(&m->crossover);
    for (uint32_t band = 0; band < MOST; band++) {
        ps_compress_reset(&m->compress[band]);
        ps_smooth_arrive(&m->gain[band]);
    }
}

static uint64_t tail(const ps_effect *effect)
{
    return ps_crossover_tail(&((const multiband *)effect)->crossover);
}

const ps_effect_kind PS_ROW(ps_effect_multiband) = {
    .info = {"multiband", "a compressor for each of two to four bands", NULL, table, ROWS},
    .effect_bytes = sizeof(multiband),
    .start = start,
    .process = process,
    .set = set,
    .reset = reset,
    .tail = tail,
};
