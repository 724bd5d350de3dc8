/* What the reverb's and the chorus's tests share: signals, and the properties both must have. Each
   test names its effect by the macro EFFECT (ps_reverb, ps_chorus) before including this. */
#ifndef TESTS_SENDING_H
#define TESTS_SENDING_H

#include <math.h>

#include "support.h"

#include "base/random.h"
#include "kernel/kernel.h"

#define JOIN2(a, b) a##b
#define JOIN(a, b)  JOIN2(a, b)
#define CREATE      JOIN(EFFECT, _create)
#define DESTROY     JOIN(EFFECT, _destroy)
#define RESET       JOIN(EFFECT, _reset)
#define PROCESS     JOIN(EFFECT, _process)
#define USE_ROW     JOIN(EFFECT, _use_row)
#define SILENT      JOIN(EFFECT, _silent)

typedef struct sound {
    uint32_t frames;
    float *in, *left, *right; /* one allocation, in */
} sound;

static inline sound sound_make(uint32_t frames)
{
    sound s = {frames / 64 * 64, NULL, NULL, NULL};

    s.in = calloc(3 * (size_t)s.frames, sizeof *s.in);
    assert_non_null(s.in);
    s.left = s.in + s.frames;
    s.right = s.left + s.frames;
    return s;
}

/* White, -1..1, for the frames [from, to). */
static inline void sound_noise(sound *s, uint32_t from, uint32_t to, uint64_t seed)
{
    const uint64_t key = ps_random_key(seed, 0);

    for (uint32_t i = from; i < to; i++)
        s->in[i] = (float)(int32_t)(ps_random_bits(key, i) >> 32) * 0x1p-31f;
}

/* Through a fresh effect, in one call. */
static inline void sound_through(sound *s, double rate_hz)
{
    EFFECT *effect = NULL;

    assert_int_equal(CREATE(&effect, rate_hz, NULL, NULL), PS_OK);
    PROCESS(effect, s->in, s->left, s->right, s->frames);
    DESTROY(effect);
}

static inline double rms_db(const float *x, uint32_t frames)
{
    double sum = 0.0;

    for (uint32_t i = 0; i < frames; i++)
        sum += (double)x[i] * (double)x[i];
    return 10.0 * log10(sum / frames + 1e-30);
}

static inline double peak_of(const float *x, uint32_t frames)
{
    double peak = 0.0;

    for (uint32_t i = 0; i < frames; i++)
        peak = fmax(peak, fabs(x[i]));
    return peak;
}

static void the_size_of_calls_is_not_audible(void **state)
{
    static const uint32_t sizes[] = {64, 128, 640, 64, 4096, 192};
    sound whole = sound_make(20000), parts = sound_make(20000);
    EFFECT *effect = NULL;
    uint32_t k = 0;

    (void)state;
    sound_noise(&whole, 100, 9000, 1);
    sound_noise(&parts, 100, 9000, 1);
    sound_through(&whole, 44100.0);
    assert_int_equal(CREATE(&effect, 44100.0, NULL, NULL), PS_OK);
    for (uint32_t at = 0; at < parts.frames; k++) {
        const uint32_t left = parts.frames - at, size = sizes[k % 6];
        const uint32_t frames = size < left ? size : left;

        PROCESS(effect, parts.in + at, parts.left + at, parts.right + at, frames);
        at += frames;
    }
    assert_true(peak_of(whole.left, whole.frames) > 0.1);
    assert_memory_equal(whole.left, parts.left, 2 * sizeof(float) * whole.frames);
    DESTROY(effect);
    free(whole.in);
    free(parts.in);
}

static void a_reset_makes_it_new(void **state)
{
    sound first = sound_make(10000), again = sound_make(10000);
    EFFECT *effect = NULL;

    (void)state;
    sound_noise(&first, 0, first.frames, 1);
    sound_noise(&again, 0, again.frames, 1);
    assert_int_equal(CREATE(&effect, 48000.0, NULL, NULL), PS_OK);
    PROCESS(effect, first.in, first.left, first.right, first.frames);
    assert_false(SILENT(effect));
    RESET(effect);
    assert_true(SILENT(effect));
    PROCESS(effect, again.in, again.left, again.right, again.frames);
    assert_memory_equal(first.left, again.left, 2 * sizeof(float) * first.frames);
    DESTROY(effect);
    free(first.in);
    free(again.in);
}

static void it_adds_to_what_is_there(void **state)
{
    sound alone = sound_make(6400), added = sound_make(6400);

    (void)state;
    sound_noise(&alone, 0, alone.frames, 1);
    sound_noise(&added, 0, added.frames, 1);
    for (uint32_t i = 0; i < added.frames; i++) {
        added.left[i] = 0.25f;
        added.right[i] = -0.5f;
    }
    sound_through(&alone, 44100.0);
    sound_through(&added, 44100.0);
    for (uint32_t i = 0; i < added.frames; i++) {
        assert_true(added.left[i] == 0.25f + alone.left[i]);
        assert_true(added.right[i] == -0.5f + alone.right[i]);
    }
    free(alone.in);
    free(added.in);
}

static void poison_is_taken_for_silence(void **state)
{
    static const float poisons[] = {NAN, -NAN, INFINITY, -INFINITY, 3e38f, -3e38f};
    sound clean = sound_make(30000), poisoned = sound_make(30000);

    (void)state;
    sound_noise(&clean, 0, 20000, 1);
    sound_noise(&poisoned, 0, 20000, 1);
    for (uint32_t i = 0; i < 6; i++) {
        clean.in[1000 + 77 * i] = 0.0f;
        poisoned.in[1000 + 77 * i] = poisons[i];
    }
    sound_through(&clean, 44100.0);
    sound_through(&poisoned, 44100.0);
    assert_memory_equal(clean.left, poisoned.left, 2 * sizeof(float) * clean.frames);
    for (uint32_t i = 0; i < clean.frames; i++)
        assert_true(isfinite(poisoned.left[i]) && isfinite(poisoned.right[i]));
    free(clean.in);
    free(poisoned.in);
}

static void no_denormal_comes_out(void **state)
{
    sound s = sound_make(44100 * 4);

    (void)state;
    s.in[0] = 1.0f;
    for (uint32_t i = 1; i < 1000; i++)
        s.in[i] = s.in[i - 1] * 0.9f; /* ends among the denormals */
    sound_through(&s, 44100.0);
    for (uint32_t i = 0; i < s.frames; i++)
        assert_true(fpclassify(s.left[i]) != FP_SUBNORMAL &&
                    fpclassify(s.right[i]) != FP_SUBNORMAL);
    free(s.in);
}

static void rates_out_of_range_are_refused(void **state)
{
    static const double bad_hz[] = {0.0, -44100.0, 7999.0, 192001.0, NAN, INFINITY};
    static const double good_hz[] = {8000.0, 11025.0, 16000.0, 96000.0, 192000.0};

    (void)state;
    for (uint32_t i = 0; i < 6; i++) {
        EFFECT *effect = NULL;
        ps_error error;

        assert_int_equal(CREATE(&effect, bad_hz[i], NULL, &error), PS_BAD_ARGUMENT);
        assert_int_equal(error.status, PS_BAD_ARGUMENT);
        assert_null(effect);
    }
    for (uint32_t i = 0; i < 5; i++) {
        sound s = sound_make(40000);

        sound_noise(&s, 0, s.frames, 1);
        sound_through(&s, good_hz[i]);
        assert_true(rms_db(s.left + 20000, 19000) > -20.0);
        free(s.in);
    }
}

static void create_gives_back_everything_when_memory_runs_out(void **state)
{
    long allowed = 0;
    ps_status status;

    (void)state;
    do {
        EFFECT *effect = NULL;
        failing_allocator f;

        failing_init(&f, allowed++);
        status = CREATE(&effect, 44100.0, &f.base, NULL);
        assert_true(status == PS_OK || status == PS_NO_MEMORY);
        assert_true((status == PS_OK) == (effect != NULL));
        DESTROY(effect);
        assert_int_equal(f.live, 0);
    } while (status != PS_OK);
    assert_true(allowed > 2);
}

/* Each row this processor can run, against plain C; only where the compiler may join a product and
   a sum into one step (aarch64) do they differ at all. */
static inline void each_row_computes_the_same(void **state)
{
    const ps_kernels *kernels;
    sound plain = sound_make(44100);

    (void)state;
    sound_noise(&plain, 0, 22050, 1);
    sound_through(&plain, 44100.0);
    for (uint32_t row = 0; (kernels = ps_kernels_row(row)) != NULL; row++) {
        sound s = sound_make(44100);
        EFFECT *effect = NULL;

        sound_noise(&s, 0, 22050, 1);
        assert_int_equal(CREATE(&effect, 44100.0, NULL, NULL), PS_OK);
        USE_ROW(effect, kernels->name);
        PROCESS(effect, s.in, s.left, s.right, s.frames);
        for (uint32_t i = 0; i < s.frames; i++) {
            assert_true(fabs((double)s.left[i] - (double)plain.left[i]) < 1e-5);
            assert_true(fabs((double)s.right[i] - (double)plain.right[i]) < 1e-5);
        }
#if defined(__x86_64__)
        assert_memory_equal(s.left, plain.left, s.frames * sizeof *s.left);
        assert_memory_equal(s.right, plain.right, s.frames * sizeof *s.right);
#endif
        DESTROY(effect);
        free(s.in);
    }
    free(plain.in);
}

#define SENDING_TESTS                                                                              \
    cmocka_unit_test(each_row_computes_the_same),                                                  \
        cmocka_unit_test(the_size_of_calls_is_not_audible),                                        \
        cmocka_unit_test(a_reset_makes_it_new), cmocka_unit_test(it_adds_to_what_is_there),        \
        cmocka_unit_test(poison_is_taken_for_silence), cmocka_unit_test(no_denormal_comes_out),    \
        cmocka_unit_test(rates_out_of_range_are_refused),                                          \
        cmocka_unit_test(create_gives_back_everything_when_memory_runs_out)

#endif
