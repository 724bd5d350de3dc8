/* The compressor: its static curve, its times, its two sides. */
#include "effect_support.h"

static double to_db(double gain)
{
    return 20.0 * log10(gain);
}

/* A steady level, then another from a frame on, on both sides. */
static fx_audio steps(uint32_t frames, double first_db, uint32_t at, double then_db)
{
    fx_audio a = fx_new(frames);

    for (uint32_t i = 0; i < frames; i++)
        a.left[i] = a.right[i] = (float)pow(10.0, 0.05 * (i < at ? first_db : then_db));
    return a;
}

/* By definition: what comes out of a level. */
static double curve(double level, double threshold, double ratio, double knee)
{
    const double over = level - threshold;

    if (2.0 * over < -knee)
        return level;
    if (2.0 * over <= knee && knee > 0.0)
        return level + (1.0 / ratio - 1.0) * pow(over + 0.5 * knee, 2.0) / (2.0 * knee);
    return threshold + over / ratio;
}

static void the_static_curve_is_met_at_40_levels(void **state)
{
    static const double settings[][3] = {{-18, 3, 6}, {-40, 20, 0}, {-30, 1.5, 20}, {-5, 100, 2}};
    static const char *const detectors[] = {"peak", "rms"};

    (void)state;
    for (int n = 0; n < 8; n++) {
        const double *s = settings[n / 2];

        for (int k = 0; k < 40; k++) {
            const double level = -75.0 + 2.0 * k;
            fx_audio a = steps(12000, level, 12000, level);
            char text[120];

            snprintf(text, sizeof text, "compressor:%g,%g,knee=%g,attack=5,release=20,detector=%s",
                     s[0], s[1], s[2], detectors[n % 2]);
            fx_apply(text, &a);
            const double wanted = curve(level, s[0], s[1], s[2]);
            if (!(fabs(to_db((double)a.left[11999]) - wanted) < 0.01))
                fail_msg("%s: %g dB becomes %g, not %g", text, level, to_db((double)a.left[11999]),
                         wanted);
            assert_true(a.left[11999] == a.right[11999]);
            fx_free(&a);
        }
    }
}

/* Frames until the reduction, which goes from one value to another, has gone 63.2 % of its way. */
static double measured_frames(const fx_audio *in, const fx_audio *out, uint32_t at, double from_db,
                              double to)
{
    const double wanted = from_db + (to - from_db) * (1.0 - exp(-1.0));
    double before = from_db;

    for (uint32_t i = at; i < in->frames; i++) {
        const double now = -to_db((double)(out->left[i] / in->left[i]));

        if ((now - wanted) * (to - wanted) >= 0.0)
            return i - at + (wanted - before) / (now - before);
        before = now;
    }
    return INFINITY;
}

static void attack_and_release_take_their_time_constants(void **state)
{
    static const double times_ms[][2] = {{10, 100}, {0.5, 50}, {30, 1000}, {100, 10}, {5, 3000}};
    const double down = 24.0 * (1.0 - 1.0 / 4.0); /* dB, of -6 over -30 by 4:1 */

    (void)state;
    for (size_t n = 0; n < sizeof times_ms / sizeof times_ms[0]; n++) {
        const uint32_t slow = (uint32_t)(0.012 * FX_RATE_HZ * times_ms[n][0]);
        const uint32_t frames = slow + (uint32_t)(0.0015 * FX_RATE_HZ * times_ms[n][1]) + 2000;
        const fx_audio up_in = steps(frames, -60, 1000, -6);
        const fx_audio down_in = steps(frames, -6, slow, -60);
        fx_audio rises = fx_copy(&up_in), falls = fx_copy(&down_in);
        char text[120];

        snprintf(text, sizeof text, "compressor:-30,4,knee=0,attack=%g,release=%g", times_ms[n][0],
                 times_ms[n][1]);
        fx_apply(text, &rises);
        fx_apply(text, &falls);
        const double attack = measured_frames(&up_in, &rises, 1000, 0.0, down);
        const double release = measured_frames(&down_in, &falls, slow, down, 0.0);
        if (!(fabs(attack - 1e-3 * times_ms[n][0] * FX_RATE_HZ) <
              0.02 * 1e-3 * times_ms[n][0] * FX_RATE_HZ))
            fail_msg("%s: attack of %g ms", text, 1e3 * attack / FX_RATE_HZ);
        if (!(fabs(release - 1e-3 * times_ms[n][1] * FX_RATE_HZ) <
              0.02 * 1e-3 * times_ms[n][1] * FX_RATE_HZ))
            fail_msg("%s: release of %g ms", text, 1e3 * release / FX_RATE_HZ);
        fx_free(&rises);
        fx_free(&falls);
        fx_free((fx_audio *)&up_in);
        fx_free((fx_audio *)&down_in);
    }
}

static void a_sine_has_the_level_of_its_root_mean_square(void **state)
{
    fx_audio a = fx_sine(44100, 1000.0, 0.5);

    (void)state;
    fx_apply("compressor:-30,2,knee=0,attack=50,release=50,detector=rms", &a);
    const double level = to_db(0.5 / sqrt(2.0)), down = 0.5 * (level + 30.0);
    assert_true(fabs(to_db((double)fx_peak(&a, 40000, 44100) / 0.5) + down) < 0.1);
    fx_free(&a);
}

static void what_is_soft_leaves_every_bit(void **state)
{
    const fx_audio in = fx_noise(5000, 0.05f, 3);
    fx_audio out = fx_copy(&in);

    (void)state;
    fx_apply("compressor:-20,4,knee=10", &out);
    assert_memory_equal(in.left, out.left, 5000 * sizeof(float));
    assert_memory_equal(in.right, out.right, 5000 * sizeof(float));
    fx_free(&out);
    fx_free((fx_audio *)&in);
}

static void sides_are_turned_down_alike_or_each_by_itself(void **state)
{
    fx_audio linked = steps(8000, -6, 8000, 0), own;

    (void)state;
    for (uint32_t i = 0; i < linked.frames; i++)
        linked.right[i] = 0.01f;
    own = fx_copy(&linked);
    fx_apply("compressor:-26,2,knee=0", &linked);
    fx_apply("compressor:-26,2,knee=0,link=off", &own);
    assert_true(fabs(to_db((double)linked.left[7999]) + 16.0) < 0.01);
    assert_true(fabs(to_db((double)linked.right[7999] / 0.01) + 10.0) < 0.01);
    assert_true(own.left[7999] == linked.left[7999]);
    assert_true(own.right[7999] == 0.01f);
    fx_free(&linked);
    fx_free(&own);
}

static void makeup_and_mix_are_gains_around_it(void **state)
{
    static const struct {
        const char *text;
        double out_db; /* of -6 dB; without any: -16 */
    } rows[] = {
        {"compressor:-26,2,knee=0", -16.0},
        {"compressor:-26,2,knee=0,makeup=4", -12.0},
        {"compressor:-26,2,knee=0,auto=on", -9.5},
        {"compressor:-26,2,knee=0,auto=on,makeup=-1", -10.5},
        {"compressor:-26,2,knee=0,mix=0", -6.0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        fx_audio a = steps(8000, -6, 8000, 0);

        fx_apply(rows[i].text, &a);
        if (!(fabs(to_db((double)a.left[7999]) - rows[i].out_db) < 0.01))
            fail_msg("%s: %g dB", rows[i].text, to_db((double)a.left[7999]));
        fx_free(&a);
    }
    fx_audio half = steps(8000, -6, 8000, 0);
    fx_apply("compressor:-26,2,knee=0,mix=50%", &half);
    assert_true(fabs((double)half.left[7999] - 0.5 * (pow(10.0, -0.3) + pow(10.0, -0.8))) < 1e-4);
    fx_free(&half);
}

static void a_lookahead_is_a_latency_and_acts_in_time(void **state)
{
    const uint32_t late = 220; /* 5 ms, whole frames of them */
    const fx_audio in = fx_noise(9000, 0.9f, 8);
    fx_audio a = steps(9000, -60, 3000, -6), delayed = fx_copy(&in);
    ps_engine *engine = fx_engine(NULL);
    ps_rack *rack = fx_rack(engine, "compressor:-30,1,lookahead=5");

    (void)state;
    assert_int_equal(ps_rack_latency(rack), late);
    fx_run(rack, &delayed, 0);
    assert_memory_equal(delayed.left + late, in.left, (9000 - late) * sizeof(float));
    assert_memory_equal(delayed.right + late, in.right, (9000 - late) * sizeof(float));
    fx_apply("compressor:-30,100,knee=0,attack=1,lookahead=5", &a);
    assert_true(to_db((double)a.left[3000 + late]) < -29.0);
    ps_rack_destroy(rack);
    ps_engine_destroy(engine);
    fx_free(&a);
    fx_free(&delayed);
    fx_free((fx_audio *)&in);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_static_curve_is_met_at_40_levels),
        cmocka_unit_test(attack_and_release_take_their_time_constants),
        cmocka_unit_test(a_sine_has_the_level_of_its_root_mean_square),
        cmocka_unit_test(what_is_soft_leaves_every_bit),
        cmocka_unit_test(sides_are_turned_down_alike_or_each_by_itself),
        cmocka_unit_test(makeup_and_mix_are_gains_around_it),
        cmocka_unit_test(a_lookahead_is_a_latency_and_acts_in_time),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
