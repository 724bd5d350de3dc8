/*
 * Effects for tests: racks made of text, signals, and the questions that every effect is asked
 * (test_effects.c asks them of all; the test of one effect adds its own).
 */
#ifndef TESTS_EFFECT_SUPPORT_H
#define TESTS_EFFECT_SUPPORT_H

#include "support.h"

#include <math.h>

#include "base/random.h"
#include "plainsong/effect.h"

#define FX_RATE_HZ 44100.0

#define assert_near(a, b, most) assert_true(fabs((a) - (b)) <= (most))

typedef struct fx_audio {
    uint32_t frames;
    float *left, *right;
} fx_audio;

static inline fx_audio fx_new(uint32_t frames)
{
    fx_audio a = {frames, calloc(frames + 1u, sizeof(float)), calloc(frames + 1u, sizeof(float))};

    assert_true(a.left && a.right);
    return a;
}

static inline void fx_free(fx_audio *a)
{
    free(a->left);
    free(a->right);
}

static inline fx_audio fx_copy(const fx_audio *a)
{
    fx_audio copy = fx_new(a->frames);

    memcpy(copy.left, a->left, a->frames * sizeof(float));
    memcpy(copy.right, a->right, a->frames * sizeof(float));
    return copy;
}

static inline ps_block fx_block(const fx_audio *a)
{
    return (ps_block){a->left, a->right, a->frames};
}

/* White noise, different on both sides, -level up to level. */
static inline fx_audio fx_noise(uint32_t frames, float level, uint64_t seed)
{
    fx_audio a = fx_new(frames);

    for (uint32_t i = 0; i < frames; i++) {
        a.left[i] = level * (float)((double)(int64_t)ps_random_bits(seed, 2ull * i) * 0x1p-63);
        a.right[i] = level * (float)((double)(int64_t)ps_random_bits(seed, 2ull * i + 1) * 0x1p-63);
    }
    return a;
}

/* The same sine on both sides. */
static inline fx_audio fx_sine(uint32_t frames, double hz, double amplitude)
{
    fx_audio a = fx_new(frames);

    for (uint32_t i = 0; i < frames; i++)
        a.left[i] = a.right[i] = (float)(amplitude * sin(6.283185307179586 * hz * i / FX_RATE_HZ));
    return a;
}

/*
 * Counts the frames on one side or both. What comes out of a delay is the frame that it shows, to
 * some hundredths: any interpolation that is worth the name gives a straight line back.
 */
static inline fx_audio fx_ramp(uint32_t frames, bool left, bool right)
{
    fx_audio a = fx_new(frames);

    for (uint32_t i = 0; i < frames; i++) {
        a.left[i] = left ? (float)i : 0.0f;
        a.right[i] = right ? (float)i : 0.0f;
    }
    return a;
}

/* 1 on the left at a frame; on the right `right`. */
static inline fx_audio fx_impulse(uint32_t frames, uint32_t at, float right)
{
    fx_audio a = fx_new(frames);

    a.left[at] = 1.0f;
    a.right[at] = right;
    return a;
}

/* An engine with a kernel row (NULL: the fastest). */
static inline ps_engine *fx_engine(const char *row)
{
    const ps_engine_options options = {.kernel_row = row};
    ps_engine *engine;

    assert_int_equal(ps_engine_create(&engine, &options, NULL), PS_OK);
    return engine;
}

static inline ps_rack *fx_rack_at(ps_engine *engine, const char *text, double rate_hz)
{
    ps_error err = {0};
    ps_chain *chain;
    ps_rack *rack;

    if (ps_chain_read(&chain, text, NULL, &err) != PS_OK)
        fail_msg("%s: column %u: %s", text, err.column, err.text);
    if (ps_rack_create(&rack, engine, chain, rate_hz, NULL, &err) != PS_OK)
        fail_msg("%s: %s", text, err.text);
    ps_chain_destroy(chain);
    return rack;
}

static inline ps_rack *fx_rack(ps_engine *engine, const char *text)
{
    return fx_rack_at(engine, text, FX_RATE_HZ);
}

/* Through a rack in blocks of a size; 0: of changing sizes, 1 to 700. */
static inline void fx_run(ps_rack *rack, const fx_audio *a, uint32_t size)
{
    uint32_t noise = 1;

    for (uint32_t done = 0; done < a->frames;) {
        uint32_t count = size;

        if (size == 0) {
            noise = noise * 1664525u + 1013904223u;
            count = 1 + (noise >> 8) % 700;
        }
        if (count > a->frames - done)
            count = a->frames - done;
        ps_rack_process(rack, ps_block_part(fx_block(a), done, count));
        done += count;
    }
}

/* A chain as text over audio, in place, with the fastest row. */
static inline void fx_apply(const char *text, const fx_audio *a)
{
    ps_engine *engine = fx_engine(NULL);
    ps_rack *rack = fx_rack(engine, text);

    fx_run(rack, a, 512);
    ps_rack_destroy(rack);
    ps_engine_destroy(engine);
}

/* Asks that a chain leaves every bit of noise as it came. */
static inline void fx_leaves(const char *text)
{
    const fx_audio in = fx_noise(5000, 0.9f, 11);
    fx_audio out = fx_copy(&in);

    fx_apply(text, &out);
    if (memcmp(in.left, out.left, in.frames * sizeof(float)) != 0 ||
        memcmp(in.right, out.right, in.frames * sizeof(float)) != 0)
        fail_msg("%s changes something", text);
    fx_free(&out);
    fx_free((fx_audio *)&in);
}

static inline float fx_difference(const fx_audio *a, const fx_audio *b)
{
    float most = 0.0f;

    for (uint32_t i = 0; i < a->frames; i++) {
        most = fmaxf(most, fabsf(a->left[i] - b->left[i]));
        most = fmaxf(most, fabsf(a->right[i] - b->right[i]));
    }
    return most;
}

static inline float fx_peak(const fx_audio *a, uint32_t from, uint32_t to)
{
    float most = 0.0f;

    for (uint32_t i = from; i < to; i++)
        most = fmaxf(most, fmaxf(fabsf(a->left[i]), fabsf(a->right[i])));
    return most;
}

#endif
