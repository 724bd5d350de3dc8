#include "plainsong/level.h"

#include <math.h>

#include "support.h"

#include "base/random.h"

#ifdef HAVE_EBUR128
#include <ebur128.h>
#endif

typedef struct take {
    double rate_hz;
    uint32_t frames, capacity;
    float *left, *right;
} take;

static take take_make(double rate_hz, double most_sec)
{
    take t = {rate_hz, 0, (uint32_t)(most_sec * rate_hz + 16.0), NULL, NULL};

    t.left = calloc(2 * (size_t)t.capacity, sizeof *t.left);
    assert_non_null(t.left);
    t.right = t.left + t.capacity;
    return t;
}

/* Appends a sine of one peak level on both sides. */
static void sine(take *t, double sec, double hz, double level_db)
{
    const uint32_t end = t->frames + (uint32_t)(sec * t->rate_hz + 0.5);
    const double gain = pow(10.0, level_db / 20.0);

    for (; t->frames < end && t->frames < t->capacity; t->frames++) {
        const double x = gain * sin(2.0 * acos(-1.0) * hz * t->frames / t->rate_hz);

        t->left[t->frames] = t->right[t->frames] = (float)x;
    }
}

/* Appends white noise, each side its own, the right one quieter by some factor. */
static void noise(take *t, double sec, double level_db, double right)
{
    const uint32_t end = t->frames + (uint32_t)(sec * t->rate_hz + 0.5);
    const double gain = pow(10.0, level_db / 20.0) * 0x1p-31;

    for (; t->frames < end && t->frames < t->capacity; t->frames++) {
        const uint64_t bits = ps_random_bits(5, t->frames);

        t->left[t->frames] = (float)(gain * (int32_t)bits);
        t->right[t->frames] = (float)(gain * right * (int32_t)(bits >> 32));
    }
}

/* In blocks of one size; 0: of changing sizes. */
static ps_levels measure(const take *t, uint32_t block_frames)
{
    ps_engine *engine = NULL;
    ps_meter *meter = NULL;
    ps_levels levels;
    uint32_t size = block_frames, at = 0;

    assert_int_equal(ps_engine_create(&engine, NULL, NULL), PS_OK);
    assert_int_equal(ps_meter_create(&meter, engine, t->rate_hz, NULL), PS_OK);
    while (at < t->frames) {
        ps_block block = {t->left + at, t->right + at, 0};

        if (block_frames == 0)
            size = size * 3 % 8191 + 1;
        block.frames = size < t->frames - at ? size : t->frames - at;
        ps_meter_add(meter, block);
        at += block.frames;
    }
    ps_meter_read(meter, &levels);
    ps_meter_destroy(meter);
    ps_engine_destroy(engine);
    return levels;
}

static void assert_near(double a, double b, double tolerance)
{
    if (!(fabs(a - b) <= tolerance))
        fail_msg("%.6f is not within %g of %.6f", a, tolerance, b);
}

/* The loudness conditions 1 to 5 of EBU Tech 3341 (the sixth has five channels). */
static void the_conditions_of_ebu_tech_3341_are_met(void **state)
{
    static const struct {
        double sec, level_db;
    } parts[5][5] = {
        {{20, -23}},
        {{20, -33}},
        {{10, -36}, {60, -23}, {10, -36}},
        {{10, -72}, {10, -36}, {60, -23}, {10, -36}, {10, -72}},
        {{20, -26}, {20.1, -20}, {20, -26}},
    };
    static const double expected[5] = {-23, -33, -23, -23, -23};

    (void)state;
    for (uint32_t i = 0; i < 5; i++) {
        take t = take_make(48000.0, 101.0);

        for (uint32_t k = 0; k < 5; k++)
            sine(&t, parts[i][k].sec, 1000.0, parts[i][k].level_db);
        assert_near(measure(&t, 4096).integrated_lufs, expected[i], 0.1);
        free(t.left);
    }
}

static void a_tone_of_full_scale_on_one_side_is_at_minus_three_at_any_rate(void **state)
{
    static const double rates_hz[] = {8000, 11025, 22050, 32000, 44100, 48000, 96000, 192000};

    (void)state;
    for (uint32_t i = 0; i < 8; i++) {
        take t = take_make(rates_hz[i], 2.0);
        ps_levels levels;

        sine(&t, 2.0, 997.0, 0.0);
        memset(t.right, 0, t.frames * sizeof *t.right);
        levels = measure(&t, 512);
        assert_near(levels.integrated_lufs, -3.01, 0.05);
        assert_near(levels.max_momentary_lufs, -3.01, 0.1);
        assert_near(levels.rms, 0.5, 1e-5);
        assert_near(levels.peak, 1.0, 0.01);
        assert_int_equal(levels.frames, t.frames);
        free(t.left);
    }
}

#ifdef HAVE_EBUR128

static void compare(take *t)
{
    const ps_levels ours = measure(t, 0);
    float *both = malloc(2 * (size_t)t->frames * sizeof *both);
    ebur128_state *theirs =
        ebur128_init(2, (unsigned long)t->rate_hz, EBUR128_MODE_I | EBUR128_MODE_SAMPLE_PEAK);
    double lufs, left, right;

    assert_non_null(both);
    assert_non_null(theirs);
    for (uint32_t i = 0; i < t->frames; i++) {
        both[2 * i] = t->left[i];
        both[2 * i + 1] = t->right[i];
    }
    assert_int_equal(ebur128_add_frames_float(theirs, both, t->frames), EBUR128_SUCCESS);
    assert_int_equal(ebur128_loudness_global(theirs, &lufs), EBUR128_SUCCESS);
    ebur128_sample_peak(theirs, 0, &left);
    ebur128_sample_peak(theirs, 1, &right);
    if (isinf(lufs))
        assert_true(isinf(ours.integrated_lufs));
    else
        assert_near(ours.integrated_lufs, lufs, 0.01);
    assert_near(ours.peak, fmax(left, right), 0.0);
    ebur128_destroy(&theirs);
    free(both);
    free(t->left);
}

static void libebur128_agrees(void **state)
{
    static const double rates_hz[] = {8000,  11025, 16000, 22050, 32000,
                                      44100, 48000, 88200, 192000};

    (void)state;
    for (uint32_t i = 0; i < 9; i++) {
        take steady = take_make(rates_hz[i], 3.0), stairs = take_make(rates_hz[i], 10.0);
        take low = take_make(rates_hz[i], 3.0), gaps = take_make(rates_hz[i], 10.0);

        noise(&steady, 2.77, -20.0, 0.5);
        compare(&steady);
        for (uint32_t k = 0; k < 24; k++) /* every level from -14 to -83, about both gates */
            noise(&stairs, 0.35, -14.0 - 3.0 * k, 1.0);
        compare(&stairs);
        sine(&low, 1.5, 40.0, -6.0);
        sine(&low, 1.5, 2500.0, -30.0);
        compare(&low);
        for (uint32_t k = 0; k < 5; k++) {
            noise(&gaps, 0.1, -3.0, 0.1);
            noise(&gaps, 1.3, -120.0, 1.0);
            sine(&gaps, 0.4, 440.0, -12.0 - k);
        }
        compare(&gaps);
    }
}

static void libebur128_agrees_about_nearly_nothing(void **state)
{
    take silence = take_make(48000.0, 3.0), brief = take_make(48000.0, 1.0);
    take faint = take_make(48000.0, 3.0), block = take_make(48000.0, 1.0);

    (void)state;
    silence.frames = 96000;
    compare(&silence);
    noise(&brief, 0.399, -10.0, 1.0);
    compare(&brief);
    noise(&block, 0.4, -10.0, 1.0);
    compare(&block);
    noise(&faint, 2.0, -72.0, 1.0);
    compare(&faint);
}

#else

static void libebur128_agrees(void **state)
{
    (void)state;
    print_message("built without libebur128\n");
    skip();
}

#define libebur128_agrees_about_nearly_nothing libebur128_agrees

#endif

static void the_size_of_blocks_does_not_matter(void **state)
{
    take t = take_make(44100.0, 3.0);
    ps_levels whole, parts;

    (void)state;
    noise(&t, 2.9, -10.0, 0.7);
    whole = measure(&t, t.frames);
    parts = measure(&t, 0);
    assert_memory_equal(&whole, &parts, sizeof whole);
    parts = measure(&t, 1);
    assert_memory_equal(&whole, &parts, sizeof whole);
    free(t.left);
}

static void silence_and_brevity_have_no_loudness(void **state)
{
    take t = take_make(44100.0, 10.0);
    ps_levels levels = measure(&t, 64);

    (void)state;
    assert_int_equal(levels.frames, 0);
    assert_true(levels.peak == 0.0 && levels.rms == 0.0);
    assert_true(isinf(levels.integrated_lufs) && levels.integrated_lufs < 0.0);
    t.frames = t.capacity;
    levels = measure(&t, 64);
    assert_true(levels.peak == 0.0 && levels.rms == 0.0);
    assert_true(isinf(levels.integrated_lufs) && isinf(levels.max_momentary_lufs));
    t.frames = 0;
    noise(&t, 0.399, -6.0, 1.0);
    levels = measure(&t, 64);
    assert_true(levels.peak > 0.4);
    assert_true(isinf(levels.integrated_lufs) && isinf(levels.max_momentary_lufs));
    free(t.left);
}

static void the_loudest_moment_is_found(void **state)
{
    take t = take_make(48000.0, 10.0);
    ps_levels levels;

    (void)state;
    sine(&t, 3.0, 1000.0, -40.0);
    sine(&t, 0.5, 1000.0, -20.0);
    sine(&t, 3.0, 1000.0, -40.0);
    levels = measure(&t, 1000);
    assert_near(levels.max_momentary_lufs, -20.0, 0.1);
    free(t.left);
}

static void poison_is_taken_for_silence(void **state)
{
    take clean = take_make(44100.0, 2.0), poisoned = take_make(44100.0, 2.0);
    ps_levels a, b;

    (void)state;
    noise(&clean, 1.9, -10.0, 1.0);
    noise(&poisoned, 1.9, -10.0, 1.0);
    clean.left[1000] = clean.right[2000] = clean.left[3000] = 0.0f;
    poisoned.left[1000] = NAN;
    poisoned.right[2000] = INFINITY;
    poisoned.left[3000] = -INFINITY;
    a = measure(&clean, 64);
    b = measure(&poisoned, 64);
    assert_memory_equal(&a, &b, sizeof a);
    free(clean.left);
    free(poisoned.left);
}

static void create_gives_back_everything_when_memory_runs_out(void **state)
{
    long allowed = 0;
    ps_status status;

    (void)state;
    do {
        ps_engine_options options = {NULL, NULL, NULL};
        ps_engine *engine = NULL;
        ps_meter *meter = NULL;
        failing_allocator f;

        failing_init(&f, allowed++);
        options.allocator = &f.base;
        status = ps_engine_create(&engine, &options, NULL);
        if (status == PS_OK)
            status = ps_meter_create(&meter, engine, 44100.0, NULL);
        assert_true(status == PS_OK || status == PS_NO_MEMORY);
        ps_meter_destroy(meter);
        ps_engine_destroy(engine);
        assert_int_equal(f.live, 0);
    } while (status != PS_OK);
    assert_true(allowed > 1);
}

static void rates_out_of_range_are_refused(void **state)
{
    ps_engine *engine = NULL;
    ps_meter *meter = NULL;
    ps_error error;

    (void)state;
    assert_int_equal(ps_engine_create(&engine, NULL, NULL), PS_OK);
    assert_int_equal(ps_meter_create(&meter, engine, 7999.0, &error), PS_BAD_ARGUMENT);
    assert_int_equal(ps_meter_create(&meter, engine, (double)NAN, NULL), PS_BAD_ARGUMENT);
    assert_null(meter);
    assert_string_equal(error.text, "meter: no sample rate of 7999 Hz");
    ps_engine_destroy(engine);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_conditions_of_ebu_tech_3341_are_met),
        cmocka_unit_test(a_tone_of_full_scale_on_one_side_is_at_minus_three_at_any_rate),
        cmocka_unit_test(libebur128_agrees),
        cmocka_unit_test(libebur128_agrees_about_nearly_nothing),
        cmocka_unit_test(the_size_of_blocks_does_not_matter),
        cmocka_unit_test(silence_and_brevity_have_no_loudness),
        cmocka_unit_test(the_loudest_moment_is_found),
        cmocka_unit_test(poison_is_taken_for_silence),
        cmocka_unit_test(create_gives_back_everything_when_memory_runs_out),
        cmocka_unit_test(rates_out_of_range_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
