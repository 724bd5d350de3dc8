/* The pan: the law of each side at every place between them. */
#include "effect_support.h"

#define PI 3.14159265358979323846

static void each_side_follows_its_law(void **state)
{
    const fx_audio in = fx_noise(500, 0.9f, 72);

    (void)state;
    for (int place = -20; place <= 20; place++) {
        for (int linear = 0; linear < 2; linear++) {
            const double pan = place / 20.0, away = fabs(pan);
            const double softer = linear ? 1.0 - away : cos(0.5 * PI * away);
            fx_audio out = fx_copy(&in);
            char text[80];

            snprintf(text, sizeof text, "pan:%g,%s", pan, linear ? "linear" : "power");
            fx_apply(text, &out);
            for (uint32_t i = 0; i < in.frames; i++) {
                const double left = pan > 0.0 ? softer : 1.0, right = pan < 0.0 ? softer : 1.0;

                assert_near((double)out.left[i], left * (double)in.left[i], 1e-7);
                assert_near((double)out.right[i], right * (double)in.right[i], 1e-7);
                if (away == 1.0) /* nothing is left over */
                    assert_true((pan > 0.0 ? out.left[i] : out.right[i]) == 0.0f);
            }
            fx_free(&out);
        }
    }
    fx_free((fx_audio *)&in);
    fx_leaves("pan:0");
    fx_leaves("pan:0,linear");
}

static void a_new_place_is_reached_in_a_straight_line_of_20_ms(void **state)
{
    const uint32_t at = 777, way = 882;
    ps_engine *engine = fx_engine(NULL);
    ps_rack *rack = fx_rack(engine, "pan:-0.5");
    fx_audio a = fx_new(3000);

    (void)state;
    for (uint32_t i = 0; i < a.frames; i++)
        a.left[i] = a.right[i] = 1.0f;
    assert_int_equal(ps_rack_set(rack, 0, 0, 1.0, at), PS_OK);
    fx_run(rack, &a, 0);
    for (uint32_t i = 0; i < a.frames; i++) {
        const double gone = i < at ? 0.0 : fmin(1.0, (i - at + 1.0) / way);

        assert_near((double)a.left[i], 1.0 - gone, 1e-6);
        assert_near((double)a.right[i], sqrt(0.5) + (1.0 - sqrt(0.5)) * gone, 1e-6);
    }
    ps_rack_destroy(rack);
    ps_engine_destroy(engine);
    fx_free(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_side_follows_its_law),
        cmocka_unit_test(a_new_place_is_reached_in_a_straight_line_of_20_ms),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
