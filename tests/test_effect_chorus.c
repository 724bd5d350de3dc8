/* The chorus: where its copies lie at every frame, who hears them, how loud they are. */
#include "filter_support.h"

#define PI 3.14159265358979323846

static double frames_of(double ms)
{
    return 1e-3 * ms * FX_RATE_HZ;
}

/* Delay of a copy in frames, by definition. */
static double delay_at(double frame, double rate_hz, double depth_ms, double delay_ms,
                       double cycles)
{
    const double depth = fmin(frames_of(depth_ms), frames_of(delay_ms) - 3.0);

    return frames_of(delay_ms) + depth * sin(2.0 * PI * (rate_hz * frame / FX_RATE_HZ + cycles));
}

static void the_delay_moves_as_its_parameters_say(void **state)
{
    static const double rows[][3] = {/* Hz, ms, ms */
                                     {0.8, 2.5, 12.0},
                                     {5.0, 1.0, 5.0},
                                     {10.0, 20.0, 50.0},
                                     {2.0, 0.0, 20.0},
                                     {3.0, 5.0, 1.0} /* less depth */};

    (void)state;
    for (size_t n = 0; n < sizeof rows / sizeof rows[0]; n++) {
        fx_audio a = fx_ramp(32000, true, true);
        double least = 1e9, most = 0.0;
        char text[120];

        snprintf(text, sizeof text, "chorus:%g,%g,%g,voices=1,wet=1", rows[n][0], rows[n][1],
                 rows[n][2]);
        fx_apply(text, &a);
        for (uint32_t i = 4000; i < a.frames; i++) {
            const double delay = i - (double)a.left[i];

            least = fmin(least, delay);
            most = fmax(most, delay);
            if (!(fabs(delay - delay_at(i, rows[n][0], rows[n][1], rows[n][2], 0.0)) < 0.02))
                fail_msg("%s: frame %u: %g frames late, not %g", text, i, delay,
                         delay_at(i, rows[n][0], rows[n][1], rows[n][2], 0.0));
            assert_true(a.right[i] == a.left[i]);
        }
        if (rows[n][0] >= 2.0) { /* at least one whole cycle */
            assert_near(0.5 * (most + least), frames_of(rows[n][2]), 0.02);
            assert_near(0.5 * (most - least),
                        fmin(frames_of(rows[n][1]), frames_of(rows[n][2]) - 3.0), 0.02);
        }
        fx_free(&a);
    }
}

static void copies_are_parts_of_a_cycle_apart_and_take_turns_on_the_sides(void **state)
{
    (void)state;
    for (int voices = 2; voices <= 4; voices++) {
        fx_audio a = fx_ramp(24000, true, false);
        char text[80];

        snprintf(text, sizeof text, "chorus:3,2,10,%d,1,1", voices);
        fx_apply(text, &a);
        for (uint32_t i = 2000; i < a.frames; i++) {
            double sums[2] = {0.0, 0.0};

            for (int v = 0; v < voices; v++)
                sums[v % 2] += i - delay_at(i, 3.0, 2.0, 10.0, (double)v / voices);
            assert_near((double)a.left[i], sums[0] / sqrt(voices), 0.03);
            assert_near((double)a.right[i], sums[1] / sqrt(voices), 0.03);
        }
        fx_free(&a);
    }
}

/* Two low sines, which any good interpolation gives back to 1e-5, at any time. */
static double sound_at(double frame, int side)
{
    return frame < 0.0 ? 0.0
                       : 0.4 * sin(2.0 * PI * (side == 0 ? 110.0 : 130.0) * frame / FX_RATE_HZ) +
                             0.3 * cos(2.0 * PI * (side == 0 ? 170.0 : 90.0) * frame / FX_RATE_HZ);
}

static void what_comes_out_is_the_sum_of_the_definition(void **state)
{
    static const struct {
        int voices;
        double width, wet;
    } rows[] = {{1, 1.0, 0.4}, {2, 1.0, 0.5}, {2, 0.0, 1.0}, {3, 0.6, 0.3}, {4, 0.3, 0.8}};

    (void)state;
    for (size_t n = 0; n < sizeof rows / sizeof rows[0]; n++) {
        const int voices = rows[n].voices;
        const double near = 0.5 + 0.5 * rows[n].width, far = 1.0 - near;
        fx_audio a = fx_new(20000);
        char text[120];

        for (uint32_t i = 0; i < a.frames; i++) {
            a.left[i] = (float)sound_at(i, 0);
            a.right[i] = (float)sound_at(i, 1);
        }
        snprintf(text, sizeof text, "chorus:0.9,2.5,12,%d,%g,%g", voices, rows[n].width,
                 rows[n].wet);
        fx_apply(text, &a);
        for (uint32_t i = 2000; i < a.frames; i++) {
            double copies[2] = {0.0, 0.0};

            for (int v = 0; v < voices; v++) {
                const double at = i - delay_at(i, 0.9, 2.5, 12.0, (double)v / voices);

                for (int side = 0; side < 2; side++) {
                    const int own = v % 2 == 0 ? side : 1 - side;

                    copies[side] += near * sound_at(at, own) + far * sound_at(at, 1 - own);
                }
            }
            for (int side = 0; side < 2; side++) {
                const double wanted = (1.0 - rows[n].wet) * sound_at(i, side) +
                                      rows[n].wet * copies[side] / sqrt(voices);
                const double got = (double)(side == 0 ? a.left[i] : a.right[i]);

                if (!(fabs(got - wanted) < 2e-5))
                    fail_msg("%s: frame %u: %.7g, not %.7g", text, i, got, wanted);
            }
        }
        fx_free(&a);
    }
}

static void a_change_of_rate_goes_on_from_where_the_delay_is(void **state)
{
    const uint32_t at = 10007;
    ps_engine *engine = fx_engine(NULL);
    ps_rack *rack = fx_rack(engine, "chorus:1,2,10,1,1,1");
    fx_audio a = fx_ramp(30000, true, true);

    (void)state;
    assert_int_equal(ps_rack_set(rack, 0, 0, 4.0, at), PS_OK);
    fx_run(rack, &a, 0);
    for (uint32_t i = 2000; i < a.frames; i++) {
        const double cycles = i < at ? 0.0 : 3.0 * (i - (double)at) / FX_RATE_HZ;

        assert_near(i - (double)a.left[i], delay_at(i, 1.0, 2.0, 10.0, cycles), 0.02);
    }
    ps_rack_destroy(rack);
    ps_engine_destroy(engine);
    fx_free(&a);
}

/* Half-way between two frames, where an interpolation is worst; its formula in double. */
static void between_frames_the_response_is_that_of_a_cubic(void **state)
{
    fx_audio a = fx_impulse(2048, 0, 1.0f);
    char text[80];

    (void)state;
    snprintf(text, sizeof text, "chorus:1,0,%.17g,1,1,1", 1e3 * 600.5 / FX_RATE_HZ);
    fx_apply(text, &a);
    for (uint32_t i = 0; i < FX_POINTS; i++) {
        const double w = 2.0 * PI * point_hz(i) / FX_RATE_HZ;
        const double wanted = fabs(1.125 * cos(0.5 * w) - 0.125 * cos(1.5 * w));
        double re, im;

        dft_at(a.left, a.frames, point_hz(i), &re, &im);
        assert_near(hypot(re, im), wanted, 1e-5);
        if (point_hz(i) < 0.125 * FX_RATE_HZ)
            assert_true(20.0 * log10(hypot(re, im)) > -0.1);
    }
    fx_free(&a);
}

static void without_wet_it_leaves_every_bit(void **state)
{
    (void)state;
    fx_leaves("chorus:wet=0");
    fx_leaves("chorus:voices=4,wet=0");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_delay_moves_as_its_parameters_say),
        cmocka_unit_test(copies_are_parts_of_a_cycle_apart_and_take_turns_on_the_sides),
        cmocka_unit_test(what_comes_out_is_the_sum_of_the_definition),
        cmocka_unit_test(a_change_of_rate_goes_on_from_where_the_delay_is),
        cmocka_unit_test(between_frames_the_response_is_that_of_a_cubic),
        cmocka_unit_test(without_wet_it_leaves_every_bit),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
