/* The gain: 10^(dB / 20) on both sides, in a straight line from one to the next. */
#include "effect_support.h"

static void a_level_is_ten_to_the_twentieth_of_it(void **state)
{
    static const double db[] = {-120.0, -60.0, -20.0, -6.0, -0.1, 0.1, 3.0, 6.0, 20.0, 60.0};
    const fx_audio in = fx_noise(3000, 0.9f, 71);

    (void)state;
    for (size_t n = 0; n < sizeof db / sizeof db[0]; n++) {
        const double gain = pow(10.0, db[n] / 20.0);
        fx_audio out = fx_copy(&in);
        char text[80];

        snprintf(text, sizeof text, "gain:%g", db[n]);
        fx_apply(text, &out);
        for (uint32_t i = 0; i < in.frames; i++) {
            assert_near((double)out.left[i], gain * (double)in.left[i], 2e-7 * gain);
            assert_near((double)out.right[i], gain * (double)in.right[i], 2e-7 * gain);
        }
        fx_free(&out);
    }
    fx_free((fx_audio *)&in);
    fx_leaves("gain:0");
}

static void a_new_level_is_reached_in_a_straight_line_of_20_ms(void **state)
{
    const uint32_t at = 777, way = 882;
    ps_engine *engine = fx_engine(NULL);
    ps_rack *rack = fx_rack(engine, "gain:-20");
    fx_audio a = fx_new(3000);

    (void)state;
    for (uint32_t i = 0; i < a.frames; i++)
        a.left[i] = 1.0f, a.right[i] = -0.5f;
    assert_int_equal(ps_rack_set(rack, 0, 0, 0.0, at), PS_OK);
    fx_run(rack, &a, 0);
    for (uint32_t i = 0; i < a.frames; i++) {
        const double gone = i < at ? 0.0 : fmin(1.0, (i - at + 1.0) / way);

        assert_near((double)a.left[i], 0.1 + 0.9 * gone, 1e-6);
        assert_true(a.right[i] == -0.5f * a.left[i]);
    }
    ps_rack_destroy(rack);
    ps_engine_destroy(engine);
    fx_free(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_level_is_ten_to_the_twentieth_of_it),
        cmocka_unit_test(a_new_level_is_reached_in_a_straight_line_of_20_ms),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
