/* The gate: its static curve, when it opens and closes, its times. */
#include "effect_support.h"

static double to_db(double gain)
{
    return 20.0 * log10(gain);
}

static float from_db(double db)
{
    return (float)pow(10.0, 0.05 * db);
}

/* Stretches of steady levels on both sides. */
static fx_audio levels(const double *db, const uint32_t *frames, uint32_t count)
{
    uint32_t all = 0, at = 0;

    for (uint32_t k = 0; k < count; k++)
        all += frames[k];
    fx_audio a = fx_new(all);
    for (uint32_t k = 0; k < count; k++)
        for (uint32_t i = 0; i < frames[k]; i++, at++)
            a.left[at] = a.right[at] = from_db(db[k]);
    return a;
}

static void the_static_curve_is_met_at_40_levels(void **state)
{
    static const double settings[][3] = {{-30, 2, 60}, {-50, 10, 40}, {-20, 1.5, 100}, {-40, 3, 0}};

    (void)state;
    for (size_t n = 0; n < 4; n++) {
        for (int k = 0; k < 40; k++) {
            const double threshold = settings[n][0], ratio = settings[n][1], range = settings[n][2];
            const double level = -77.7 + 2.0 * k, below = (threshold - level) * (ratio - 1.0);
            const double down = below <= 0.0 ? 0.0 : fmin(below, range);
            const uint32_t frames = 20000;
            fx_audio a = levels(&level, &frames, 1);
            char text[120];

            snprintf(text, sizeof text, "gate:%g,%g,range=%g,release=20", threshold, ratio, range);
            fx_apply(text, &a);
            if (!(fabs(to_db((double)a.left[19999]) - (level - down)) < 0.01))
                fail_msg("%s: %g dB becomes %g, not %g", text, level, to_db((double)a.left[19999]),
                         level - down);
            assert_true(a.left[19999] == a.right[19999]);
            fx_free(&a);
        }
    }
}

/* The first frame from `at` on where a gain of about 1 has been left, or come to. */
static uint32_t first(const fx_audio *in, const fx_audio *out, uint32_t at, bool left)
{
    while (at < in->frames && (out->left[at] < 0.99f * in->left[at]) != left)
        at++;
    return at;
}

static void it_opens_at_the_threshold_and_closes_below_after_holding(void **state)
{
    static const double db[] = {-60, -41, -39, -43, -60};
    static const uint32_t frames[] = {3000, 3000, 3000, 8000, 20000};
    const fx_audio in = levels(db, frames, 5);
    fx_audio out = fx_copy(&in);
    const char *text = "gate:-40,10,attack=0,hold=100,release=1,hysteresis=5";

    (void)state;
    fx_apply(text, &out);
    /* Closed at -41 dB, open at -39, still open at -43. */
    for (uint32_t i = 1; i < 6000; i++)
        assert_true(out.left[i] < 0.9f * in.left[i]);
    assert_memory_equal(in.left + 6000, out.left + 6000, 11000 * sizeof(float));
    /* The level falls from -43 to -45 dB with a time constant of 10 ms, then 100 ms of holding;
       then 60 dB with a time constant of 1 ms: the first 0.09 dB in no time. */
    const double wanted = 17000.0 + FX_RATE_HZ * (0.01 * 0.1 * log(10.0) + 0.1);
    assert_true(fabs(first(&in, &out, 17000, true) - wanted) < 3.0);
    fx_free(&out);
    fx_free((fx_audio *)&in);
}

/* Frames until 63.2 % of the way in dB are done. */
static uint32_t until(const fx_audio *in, const fx_audio *out, uint32_t at, double from, double to)
{
    const double wanted = from + (to - from) * (1.0 - exp(-1.0));
    uint32_t i = at;

    while (i < in->frames &&
           (to_db((double)(out->left[i] / in->left[i])) - wanted) * (to - wanted) < 0)
        i++;
    return i - at;
}

static void opening_and_closing_take_their_time_constants(void **state)
{
    static const double times_ms[][2] = {{5, 50}, {40, 400}, {100, 1500}};
    static const double db[] = {-90, -10, -90};

    (void)state;
    for (size_t n = 0; n < 3; n++) {
        const double attack = 1e-3 * times_ms[n][0] * FX_RATE_HZ;
        const double release = 1e-3 * times_ms[n][1] * FX_RATE_HZ;
        const uint32_t frames[] = {1000, (uint32_t)(12.0 * attack),
                                   (uint32_t)(2.0 * release) + 5000};
        const fx_audio in = levels(db, frames, 3);
        fx_audio out = fx_copy(&in);
        char text[120];

        snprintf(text, sizeof text,
                 "gate:-40,100,hold=0,hysteresis=0,range=30,attack=%g,release=%g", times_ms[n][0],
                 times_ms[n][1]);
        fx_apply(text, &out);
        assert_true(fabs(until(&in, &out, 1000, -30.0, 0.0) - attack) < 0.02 * attack + 1.0);
        /* The level takes its time to fall by 30 dB. */
        const double falls = 0.01 * FX_RATE_HZ * 1.5 * log(10.0);
        const double closes = until(&in, &out, 1000 + frames[1] + (uint32_t)falls, 0.0, -30.0);
        if (!(fabs(closes - release) < 0.02 * release + 2.0))
            fail_msg("%s: closes in %g ms", text, 1e3 * closes / FX_RATE_HZ);
        fx_free(&out);
        fx_free((fx_audio *)&in);
    }
}

static void a_low_tone_does_not_make_it_flutter(void **state)
{
    const fx_audio in = fx_sine(40000, 30.0, 0.5);
    fx_audio out = fx_copy(&in);

    (void)state;
    fx_apply("gate:-20,10,hold=0,attack=0", &out);
    assert_memory_equal(in.left + 5000, out.left + 5000, 35000 * sizeof(float));
    fx_free(&out);
    fx_free((fx_audio *)&in);
}

static void sides_open_together_or_each_by_itself(void **state)
{
    const double loud = -6;
    const uint32_t frames = 12000;
    fx_audio linked = levels(&loud, &frames, 1), own;

    (void)state;
    for (uint32_t i = 0; i < frames; i++)
        linked.right[i] = 0.001f;
    own = fx_copy(&linked);
    fx_apply("gate:-30,10,range=20", &linked);
    fx_apply("gate:-30,10,range=20,link=off", &own);
    assert_true(linked.right[11999] == 0.001f);
    assert_true(fabsf(own.right[11999] - 0.0001f) < 1e-6f);
    assert_true(own.left[11999] == linked.left[11999]);
    fx_free(&linked);
    fx_free(&own);
}

static void a_lookahead_opens_before_the_sound_comes(void **state)
{
    static const double db[] = {-80, -10};
    static const uint32_t frames[] = {3000, 6000};
    const fx_audio in = levels(db, frames, 2);
    fx_audio out = fx_copy(&in);
    ps_engine *engine = fx_engine(NULL);
    ps_rack *rack = fx_rack(engine, "gate:-40,attack=0.5,lookahead=10");

    (void)state;
    assert_int_equal(ps_rack_latency(rack), 441);
    fx_run(rack, &out, 0);
    assert_true(fabs(to_db((double)(out.left[3441] / in.left[3000]))) < 0.01);
    ps_rack_destroy(rack);
    ps_engine_destroy(engine);
    fx_free(&out);
    fx_free((fx_audio *)&in);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_static_curve_is_met_at_40_levels),
        cmocka_unit_test(it_opens_at_the_threshold_and_closes_below_after_holding),
        cmocka_unit_test(opening_and_closing_take_their_time_constants),
        cmocka_unit_test(a_low_tone_does_not_make_it_flutter),
        cmocka_unit_test(sides_open_together_or_each_by_itself),
        cmocka_unit_test(a_lookahead_opens_before_the_sound_comes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
