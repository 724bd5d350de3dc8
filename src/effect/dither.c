/*
 * Rounds to fewer bits, with noise that makes the error independent of the sound: triangular, two
 * steps wide (Lipshitz, Wannamaker and Vanderkooy, "Quantization and dither", JAES 40, 1992). The
 * noise depends on seed, channel and frame alone. Shaped, the error of a frame is taken from the
 * next, which moves it to where ears are dull: 1 - z^-1.
 */
#include "base/random.h"
#include "effect/effect.h"

enum { BITS, SHAPE, SLOTS };
enum { FLAT, SHAPED };

/* clang-format off */
static const ps_effect_parameter table[SLOTS] = {
    [BITS] = {"bits", PS_EFFECT_NUMBER, 0, "bits", 16.0, 4.0, 24.0, NULL, "size of a sample", true},
    [SHAPE] = {"shape", PS_EFFECT_CHOICE, 0, "", FLAT, FLAT, SHAPED, "flat high", "spectrum of the error: flat, or moved to high frequencies", true},
};
/* clang-format on */

typedef struct dither {
    ps_effect effect;
    double steps; /* in 1 */
    bool shaped;
    uint64_t keys[2];
    double errors[2];
} dither;

static ps_status start(ps_effect *effect, const ps_effect_setup *setup, ps_error *err)
{
    dither *d = (dither *)effect;

    d->steps = (double)(1u << ((uint32_t)setup->values[BITS] - 1));
    d->shaped = setup->values[SHAPE] != FLAT;
    for (uint32_t side = 0; side < 2; side++)
        d->keys[side] = ps_random_key(setup->seed, 2 * (setup->stream + 1000) + side);
    return ps_effect_whole(effect->kind, BITS, setup->values[BITS], err);
}

/* -1..1, triangular */
static double noise(uint64_t key, uint64_t frame)
{
    const uint64_t bits = ps_random_bits(key, frame);

    return ((double)(int32_t)(bits >> 32) + (double)(int32_t)bits) * 0x1p-32;
}

static double nearest(double x)
{
    return x + 0x1.8p52 - 0x1.8p52;
}

static void round_side(dither *d, uint32_t side, float *samples, uint32_t frames)
{
    double error = d->errors[side];

    for (uint32_t i = 0; i < frames; i++) {
        const double wanted = (double)samples[i] * d->steps - (d->shaped ? error : 0.0);
        const double low = -d->steps, high = d->steps - 1.0;
        double rounded = nearest(wanted + noise(d->keys[side], d->effect.frame + i));

        rounded = rounded < low ? low : rounded > high ? high : rounded;
        error = rounded - wanted;
        error = error > -2.0 && error < 2.0 ? error : 0.0; /* of clipping nothing is owed */
        samples[i] = (float)(rounded / d->steps);
    }
    d->errors[side] = error;
}

static void process(ps_effect *effect, float *left, float *right, uint32_t frames)
{
    round_side((dither *)effect, 0, left, frames);
    round_side((dither *)effect, 1, right, frames);
}

static void reset(ps_effect *effect)
{
    dither *d = (dither *)effect;

    d->errors[0] = d->errors[1] = 0.0;
}

const ps_effect_kind PS_ROW(ps_effect_dither) = {
    .info = {"dither", "rounds to fewer bits", NULL, table, SLOTS},
    .effect_bytes = sizeof(dither),
    .start = start,
    .process = process,
    .reset = reset,
};
