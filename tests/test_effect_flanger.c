/* The flanger: its comb at rest, and how its delay moves. */
#include <complex.h>

#include "filter_support.h"

#define PI 3.14159265358979323846

/* A delay of whole frames, in ms. */
static double ms_of(uint32_t frames)
{
    return 1e3 * frames / FX_RATE_HZ;
}

/* 1 - wet + wet z^-D / (1 - feedback z^-D) */
static double comb(double hz, uint32_t delay, double feedback, double wet)
{
    const double complex late = cexp(-2.0 * PI * I * hz * delay / FX_RATE_HZ);

    return cabs(1.0 - wet + wet * late / (1.0 - feedback * late));
}

static double answer_at(const fx_audio *a, double hz)
{
    double re, im;

    dft_at(a->left, a->frames, hz, &re, &im);
    return hypot(re, im);
}

static void at_rest_it_is_a_comb_at_200_frequencies(void **state)
{
    static const double feedbacks[] = {-0.9, -0.4, 0.0, 0.4, 0.9};
    static const uint32_t delays[] = {5, 44, 100, 441};

    (void)state;
    for (size_t n = 0; n < 20; n++) {
        const double feedback = feedbacks[n % 5], wet = n % 2 ? 0.5 : 0.8;
        const uint32_t delay = delays[n / 5];
        char text[120];

        snprintf(text, sizeof text, "flanger:depth=0,delay=%.17g,feedback=%g,wet=%g", ms_of(delay),
                 feedback, wet);
        fx_audio a = answer_of(text);
        for (uint32_t i = 0; i < FX_POINTS; i++) {
            const double wanted = comb(point_hz(i), delay, feedback, wet);

            if (!(fabs(answer_at(&a, point_hz(i)) - wanted) < 1e-4))
                fail_msg("%s: %g at %g Hz, not %g", text, answer_at(&a, point_hz(i)), point_hz(i),
                         wanted);
        }
        fx_free(&a);
    }
}

static void its_notches_lie_at_odd_halves_of_one_over_the_delay(void **state)
{
    static const uint32_t delays[] = {10, 88, 441};

    (void)state;
    for (size_t n = 0; n < 3; n++) {
        const double spacing_hz = FX_RATE_HZ / delays[n];
        char text[120];

        snprintf(text, sizeof text, "flanger:depth=0,delay=%.17g,feedback=0", ms_of(delays[n]));
        fx_audio a = answer_of(text);
        for (uint32_t k = 0; k < delays[n] / 2; k++) {
            assert_true(answer_at(&a, (k + 0.5) * spacing_hz) < 1e-6);
            assert_near(answer_at(&a, k * spacing_hz), 1.0, 1e-6);
        }
        fx_free(&a);
    }
}

static void the_delay_moves_as_its_parameters_say(void **state)
{
    static const struct {
        double rate_hz, depth_ms, delay_ms, stereo;
    } rows[] = {
        {0.25, 1.5, 2.0, 0.25}, {5.0, 1.0, 5.0, 0.5}, {10.0, 10.0, 10.0, 0.1},
        {2.0, 0.0, 0.5, 0.25},  {3.0, 4.0, 2.0, 0.0}, /* stops at three frames */
    };

    (void)state;
    for (size_t n = 0; n < sizeof rows / sizeof rows[0]; n++) {
        fx_audio a = fx_ramp(32000, true, true);
        char text[120];

        snprintf(text, sizeof text, "flanger:%g,%g,%g,0,%g,1", rows[n].rate_hz, rows[n].depth_ms,
                 rows[n].delay_ms, rows[n].stereo);
        fx_apply(text, &a);
        for (uint32_t i = 1000; i < a.frames; i++) {
            for (int side = 0; side < 2; side++) {
                const double cycles =
                    rows[n].rate_hz * i / FX_RATE_HZ + (side == 0 ? 0.0 : rows[n].stereo);
                const double moved = rows[n].delay_ms + rows[n].depth_ms * sin(2.0 * PI * cycles);
                const double wanted = fmax(3.0, 1e-3 * moved * FX_RATE_HZ);
                const double late = i - (double)(side == 0 ? a.left[i] : a.right[i]);

                if (!(fabs(late - wanted) < 0.02))
                    fail_msg("%s: frame %u: %g frames late, not %g", text, i, late, wanted);
            }
        }
        fx_free(&a);
    }
}

static void without_wet_it_leaves_every_bit(void **state)
{
    (void)state;
    fx_leaves("flanger:wet=0,feedback=0.9");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(at_rest_it_is_a_comb_at_200_frequencies),
        cmocka_unit_test(its_notches_lie_at_odd_halves_of_one_over_the_delay),
        cmocka_unit_test(the_delay_moves_as_its_parameters_say),
        cmocka_unit_test(without_wet_it_leaves_every_bit),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
