/* The filter against the analog formulas that its types stand for, at every slope. */
#include "effect_support.h"

#include "filter_support.h"

#define PI 3.14159265358979323846

enum { LOWPASS, HIGHPASS, BANDPASS, NOTCH, ALLPASS };

static const char *const types[] = {"lowpass", "highpass", "bandpass", "notch", "allpass"};

/* Squared magnitude, with x the frequency over that of the filter after warping. */
static double formula(int type, double x, double q, int count)
{
    const double off = x - 1.0 / x; /* of the centre */
    const double root = pow(2.0, 1.0 / count) - 1.0;
    /* Butterworth, but for the pole that resonates: its own q becomes q sqrt(2) times as large. */
    const double own = 0.5 / sin(PI / (4.0 * count)), wanted = own * q * sqrt(2.0);
    const double swap =
        (pow(1 - x * x, 2) + pow(x / own, 2)) / (pow(1 - x * x, 2) + pow(x / wanted, 2));

    switch (type) {
    case LOWPASS:
        return swap / (1.0 + pow(x, 4 * count));
    case HIGHPASS:
        return swap / (1.0 + pow(x, -4 * count));
    case BANDPASS:
        return pow(1.0 / (1.0 + root * q * q * off * off), count);
    case NOTCH:
        return pow(1.0 / (1.0 + root / (q * q * off * off)), count);
    default:
        return 1.0;
    }
}

static void every_type_and_slope_answers_as_its_formula_at_200_frequencies(void **state)
{
    static const double freqs_hz[] = {120.0, 6000.0}, qs[] = {0.70710678118654752, 2.5};

    (void)state;
    for (int n = 0; n < 5 * 3 * 2 * 2; n++) {
        const int type = n % 5, slope = n / 5 % 3, count = 1 << slope;
        const double hz = freqs_hz[n / 15 % 2], q = qs[n / 30];
        char text[100];

        snprintf(text, sizeof text, "filter:%s,%g,q=%.17g,slope=%d", types[type], hz, q,
                 12 << slope);
        fx_audio a = answer_of(text);
        for (uint32_t i = 0; i < FX_POINTS; i++) {
            const double x =
                tan(PI * fmin(point_hz(i) / FX_RATE_HZ, 0.4999999)) / tan(PI * hz / FX_RATE_HZ);
            const double wanted = sqrt(formula(type, x, q, count));
            double re, im;

            dft_at(a.left, a.frames, point_hz(i), &re, &im);
            if (!(fabs(hypot(re, im) - wanted) < 5e-5 * fmax(wanted, 1.0)))
                fail_msg("%s: %g at %g Hz, not %g", text, hypot(re, im), point_hz(i), wanted);
        }
        fx_free(&a);
    }
}

static void passes_fall_by_their_slope(void **state)
{
    static const char *const texts[] = {"filter:highpass,4000,slope=12",
                                        "filter:highpass,4000,slope=24",
                                        "filter:highpass,4000,slope=48"};

    (void)state;
    for (int i = 0; i < 3; i++) {
        fx_audio a = answer_of(texts[i]);
        double upper[2], lower[2];

        dft_at(a.left, a.frames, 2000.0, &upper[0], &upper[1]);
        dft_at(a.left, a.frames, 1000.0, &lower[0], &lower[1]);
        const double fall = 20.0 * log10(hypot(upper[0], upper[1]) / hypot(lower[0], lower[1]));
        assert_true(fabs(fall - 12 * (1 << i)) < 0.4 * (1 << i));
        fx_free(&a);
    }
}

static void an_allpass_turns_by_half_a_turn_per_filter(void **state)
{
    fx_audio a = answer_of("filter:allpass,1000,q=1");
    double re, im;

    (void)state;
    dft_at(a.left, a.frames, 1000.0, &re, &im);
    assert_true(fabs(re + 1.0) < 1e-4 && fabs(im) < 1e-4);
    fx_free(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_type_and_slope_answers_as_its_formula_at_200_frequencies),
        cmocka_unit_test(passes_fall_by_their_slope),
        cmocka_unit_test(an_allpass_turns_by_half_a_turn_per_filter),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
