/* The widener: the sum of both sides stays, the sides are scaled, low ones are taken out. */
#include "filter_support.h"

#define PI 3.14159265358979323846

static const double widths[] = {0.0, 0.3, 1.0, 1.3, 2.0, 4.0};
static const double mono_below_hz[] = {0.0, 120.0, 1000.0};

#define WIDTHS (sizeof widths / sizeof widths[0])

static void set_width(ps_rack *rack, double width, uint64_t frame)
{
    ps_effect_info info;

    assert_true(ps_effect_find("widener", &info));
    assert_int_equal(ps_rack_set(rack, 0, ps_effect_slot(&info, "width"), width, frame), PS_OK);
}

/* At every width, also while it moves, and whatever is done to the sides. */
static void the_sum_of_both_sides_stays_within_a_millionth(void **state)
{
    const fx_audio in = fx_noise(24000, 0.9f, 21);

    (void)state;
    for (size_t k = 0; k < 3; k++) {
        ps_engine *engine = fx_engine(NULL);
        fx_audio out = fx_copy(&in);
        char text[80];

        snprintf(text, sizeof text, "widener:1,mono-below=%g", mono_below_hz[k]);
        ps_rack *rack = fx_rack(engine, text);
        for (uint32_t i = 0; i < WIDTHS; i++)
            set_width(rack, widths[i], 2000 + 3500 * i);
        fx_run(rack, &out, 0);
        for (uint32_t i = 0; i < in.frames; i++) {
            const double before = (double)in.left[i] + (double)in.right[i];
            const double after = (double)out.left[i] + (double)out.right[i];

            if (!(fabs(after - before) < 1e-6))
                fail_msg("%s: frame %u: %.9g, not %.9g", text, i, after, before);
        }
        ps_rack_destroy(rack);
        ps_engine_destroy(engine);
        fx_free(&out);
    }
    fx_free((fx_audio *)&in);
}

static void what_is_in_the_middle_leaves_every_bit(void **state)
{
    fx_audio in = fx_noise(4000, 0.9f, 22);

    (void)state;
    memcpy(in.right, in.left, in.frames * sizeof(float));
    for (size_t i = 0; i < WIDTHS; i++) {
        fx_audio out = fx_copy(&in);
        char text[80];

        snprintf(text, sizeof text, "widener:%g,mono-below=%g", widths[i], mono_below_hz[i % 3]);
        fx_apply(text, &out);
        assert_memory_equal(out.left, in.left, in.frames * sizeof(float));
        assert_memory_equal(out.right, in.left, in.frames * sizeof(float));
        fx_free(&out);
    }
    fx_free(&in);
}

static void the_difference_of_both_sides_is_scaled(void **state)
{
    const fx_audio in = fx_noise(4000, 0.9f, 23);

    (void)state;
    for (size_t n = 0; n < WIDTHS; n++) {
        fx_audio out = fx_copy(&in);
        char text[80];

        snprintf(text, sizeof text, "widener:%g", widths[n]);
        fx_apply(text, &out);
        for (uint32_t i = 0; i < in.frames; i++) {
            const double before = (double)in.left[i] - (double)in.right[i];
            const double after = (double)out.left[i] - (double)out.right[i];

            assert_near(after, widths[n] * before, 1e-6);
            if (widths[n] == 0.0)
                assert_true(out.left[i] == out.right[i]);
        }
        fx_free(&out);
    }
    fx_free((fx_audio *)&in);
}

/* Magnitude of s / (s + 1), s = i tan(pi f / rate) / tan(pi corner / rate): the definition. */
static double high_pass(double hz, double corner_hz)
{
    const double s = tan(PI * fmin(hz / FX_RATE_HZ, 0.4999999)) / tan(PI * corner_hz / FX_RATE_HZ);

    return s / hypot(s, 1.0);
}

static void low_sides_are_taken_out_at_200_frequencies(void **state)
{
    static const double corners_hz[] = {20.0, 120.0, 300.0, 1000.0};

    (void)state;
    for (size_t n = 0; n < 4; n++) {
        for (size_t k = 0; k < 2; k++) { /* of the sides, of the middle */
            fx_audio a = fx_impulse(16384, 0, k == 0 ? -1.0f : 1.0f);
            char text[80];

            snprintf(text, sizeof text, "widener:1.7,mono-below=%g", corners_hz[n]);
            fx_apply(text, &a);
            for (uint32_t i = 0; i < FX_POINTS; i++) {
                const double hz = point_hz(i);
                const double wanted = k == 0 ? 1.7 * high_pass(hz, corners_hz[n]) : 1.0;
                double re, im;

                dft_at(a.left, a.frames, hz, &re, &im);
                if (!(fabs(hypot(re, im) - wanted) < 1e-4))
                    fail_msg("%s: %g at %g Hz, not %g", text, hypot(re, im), hz, wanted);
            }
            fx_free(&a);
        }
    }
}

static void a_new_width_is_reached_in_a_straight_line_of_20_ms(void **state)
{
    const uint32_t at = 1001, way = 882;
    ps_engine *engine = fx_engine(NULL);
    ps_rack *rack = fx_rack(engine, "widener:0.5");
    fx_audio a = fx_new(3000);

    (void)state;
    for (uint32_t i = 0; i < a.frames; i++)
        a.left[i] = 0.5f, a.right[i] = -0.5f;
    set_width(rack, 3.0, at);
    fx_run(rack, &a, 0);
    for (uint32_t i = 0; i < a.frames; i++) {
        const double gone = i < at ? 0.0 : fmin(1.0, (i - at + 1.0) / way);

        assert_near((double)a.left[i], 0.5 * (0.5 + 2.5 * gone), 1e-6);
        assert_true(a.right[i] == -a.left[i]);
    }
    ps_rack_destroy(rack);
    ps_engine_destroy(engine);
    fx_free(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_sum_of_both_sides_stays_within_a_millionth),
        cmocka_unit_test(what_is_in_the_middle_leaves_every_bit),
        cmocka_unit_test(the_difference_of_both_sides_is_scaled),
        cmocka_unit_test(low_sides_are_taken_out_at_200_frequencies),
        cmocka_unit_test(a_new_width_is_reached_in_a_straight_line_of_20_ms),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
