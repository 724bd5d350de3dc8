/* Designs of second order: against the formulas they come from, and peaks against what peaks are.
 */
#include <math.h>

#include "support.h"

#include "dsp/biquad.h"

#define PI     3.14159265358979323846
#define POINTS 200u

static const double rates_hz[] = {8000.0, 44100.0, 192000.0};
static const double freqs_hz[] = {10.0, 63.0, 500.0, 3000.0, 12000.0, 22000.0};
static const double qs[] = {0.1, 0.5, 0.70710678118654752, 2.0, 40.0};
static const double gains_db[] = {-30.0, -6.0, -0.01, 0.0, 0.01, 3.0, 30.0};

#define COUNT(list) (sizeof(list) / sizeof(list)[0])

typedef void ask(ps_biquad_type type, double freq_hz, double gain_db, double q, double rate_hz);

static void walk(ps_biquad_type type, ask *question)
{
    const bool has_gain = type <= PS_BIQUAD_HIGHSHELF;

    for (size_t r = 0; r < COUNT(rates_hz); r++)
        for (size_t f = 0; f < COUNT(freqs_hz); f++)
            for (size_t q = 0; q < COUNT(qs); q++)
                for (size_t g = 0; g < (has_gain ? COUNT(gains_db) : 1); g++)
                    question(type, freqs_hz[f], gains_db[g], qs[q], rates_hz[r]);
}

/* Frequencies from 1 Hz to half the rate, evenly in octaves. */
static double point_hz(uint32_t i, double rate_hz)
{
    return pow(0.5 * rate_hz, (double)i / (POINTS - 1));
}

static double magnitude(const ps_biquad *b, double hz, double rate_hz)
{
    double re, im;

    ps_biquad_response(b, hz, rate_hz, &re, &im);
    return hypot(re, im);
}

/* ---- Passes and shelves: the cookbook's coefficients --------------------------------------------
 */

typedef struct section {
    double b[3], a[3];
} section;

static section cookbook(ps_biquad_type type, double freq_hz, double gain_db, double q,
                        double rate_hz)
{
    const double w = 2.0 * PI * fmin(freq_hz / rate_hz, PS_BIQUAD_HIGHEST);
    const double c = cos(w), alpha = sin(w) / (2.0 * q), A = pow(10.0, gain_db / 40.0);
    const double beta = 2.0 * sqrt(A) * alpha;

    switch (type) {
    case PS_BIQUAD_LOWPASS:
        return (section){{(1 - c) / 2, 1 - c, (1 - c) / 2}, {1 + alpha, -2 * c, 1 - alpha}};
    case PS_BIQUAD_HIGHPASS:
        return (section){{(1 + c) / 2, -(1 + c), (1 + c) / 2}, {1 + alpha, -2 * c, 1 - alpha}};
    case PS_BIQUAD_BANDPASS:
        return (section){{alpha, 0, -alpha}, {1 + alpha, -2 * c, 1 - alpha}};
    case PS_BIQUAD_NOTCH:
        return (section){{1, -2 * c, 1}, {1 + alpha, -2 * c, 1 - alpha}};
    case PS_BIQUAD_ALLPASS:
        return (section){{1 - alpha, -2 * c, 1 + alpha}, {1 + alpha, -2 * c, 1 - alpha}};
    case PS_BIQUAD_LOWSHELF:
        return (section){{A * ((A + 1) - (A - 1) * c + beta), 2 * A * ((A - 1) - (A + 1) * c),
                          A * ((A + 1) - (A - 1) * c - beta)},
                         {(A + 1) + (A - 1) * c + beta, -2 * ((A - 1) + (A + 1) * c),
                          (A + 1) + (A - 1) * c - beta}};
    default:
        return (section){{A * ((A + 1) + (A - 1) * c + beta), -2 * A * ((A - 1) + (A + 1) * c),
                          A * ((A + 1) + (A - 1) * c - beta)},
                         {(A + 1) - (A - 1) * c + beta, 2 * ((A - 1) - (A + 1) * c),
                          (A + 1) - (A - 1) * c - beta}};
    }
}

static void agrees(ps_biquad_type type, double freq_hz, double gain_db, double q, double rate_hz)
{
    const section s = cookbook(type, freq_hz, gain_db, q, rate_hz);
    ps_biquad b;

    ps_biquad_make(&b, type, freq_hz, gain_db, q, rate_hz);
    for (uint32_t i = 0; i < POINTS; i++) {
        const double w = 2.0 * PI * point_hz(i, rate_hz) / rate_hz;
        const double br = s.b[0] + s.b[1] * cos(w) + s.b[2] * cos(2 * w);
        const double bi = -s.b[1] * sin(w) - s.b[2] * sin(2 * w);
        const double ar = s.a[0] + s.a[1] * cos(w) + s.a[2] * cos(2 * w);
        const double ai = -s.a[1] * sin(w) - s.a[2] * sin(2 * w);
        const double square = ar * ar + ai * ai;
        double re, im;

        ps_biquad_response(&b, point_hz(i, rate_hz), rate_hz, &re, &im);
        /* The cookbook's sums cancel where frequencies are low: 1e-16 of 1 in w^2. */
        const double lost = 1e-15 * pow(10.0, fabs(gain_db) / 20.0) / sqrt(square);
        if (!(hypot(re - (br * ar + bi * ai) / square, im - (bi * ar - br * ai) / square) <
              1e-9 * (1.0 + hypot(re, im)) + 50.0 * lost * (1.0 + hypot(re, im))))
            fail_msg("type %d, %g Hz, %g dB, q %g at %g Hz: %g Hz is %g %g", (int)type, freq_hz,
                     gain_db, q, rate_hz, point_hz(i, rate_hz), re, im);
    }
}

static void passes_and_shelves_are_the_cookbooks(void **state)
{
    (void)state;
    for (int type = PS_BIQUAD_LOWSHELF; type < PS_BIQUAD_TYPES; type++)
        walk((ps_biquad_type)type, agrees);
}

/* ---- Peaks ----------------------------------------------------------------------------------- */

/* The analog peak, as the cookbook has it. */
static double analog(double x, double gain_db, double q)
{
    const double A = pow(10.0, gain_db / 40.0);

    return hypot(1 - x * x, x * A / q) / hypot(1 - x * x, x / (A * q));
}

static void is_a_peak(ps_biquad_type type, double freq_hz, double gain_db, double q, double rate_hz)
{
    const double centre_hz = fmin(freq_hz, PS_BIQUAD_HIGHEST * rate_hz);
    const double gain = pow(10.0, gain_db / 20.0), flank = sqrt(1 + 0.25 / (q * q)) - 0.5 / q;
    ps_biquad b, mirrored;

    ps_biquad_make(&b, type, freq_hz, gain_db, q, rate_hz);
    ps_biquad_make(&mirrored, type, freq_hz, -gain_db, q, rate_hz);
    assert_true(fabs(magnitude(&b, 0.0, rate_hz) - 1.0) < 1e-9);
    assert_true(fabs(magnitude(&b, centre_hz, rate_hz) / gain - 1.0) < 1e-6);
    assert_true(fabs(magnitude(&b, centre_hz * flank, rate_hz) / sqrt(gain) - 1.0) < 1e-6);
    assert_true(
        fabs(magnitude(&b, 0.5 * rate_hz, rate_hz) / analog(0.5 * rate_hz / centre_hz, gain_db, q) -
             1.0) < 1e-9);
    for (uint32_t i = 0; i < POINTS; i++) {
        const double hz = point_hz(i, rate_hz), m = magnitude(&b, hz, rate_hz);
        const double wanted = analog(hz / centre_hz, gain_db, q);

        /* The centre is where the gain is largest, and cuts undo boosts. */
        assert_true(fabs(log(m)) <= fabs(log(gain)) + 1e-9);
        assert_true(fabs(m * magnitude(&mirrored, hz, rate_hz) - 1.0) < 1e-9);
        /* Squeezed designs are off by as much as the gain itself. */
        if (!(fabs(20.0 * log10(m / wanted)) < 0.11 * fabs(gain_db) + 1e-6))
            fail_msg("%g Hz, %g dB, q %g at %g Hz: %g dB at %g Hz, not %g", freq_hz, gain_db, q,
                     rate_hz, 20.0 * log10(m), hz, 20.0 * log10(wanted));
    }
}

static void peaks_keep_their_shape_up_to_half_the_rate(void **state)
{
    (void)state;
    walk(PS_BIQUAD_PEAK, is_a_peak);
}

static void moderate_peaks_are_the_analog_ones_within_half_a_decibel(void **state)
{
    (void)state;
    for (double hz = 20.0; hz < 20000.0; hz *= 1.3) {
        for (size_t k = 0; k < COUNT(qs); k++) {
            ps_biquad b;

            ps_biquad_make(&b, PS_BIQUAD_PEAK, hz, 6.0, qs[k], 44100.0);
            for (uint32_t i = 0; i < POINTS; i++) {
                const double at = point_hz(i, 44100.0);

                assert_true(fabs(20.0 * log10(magnitude(&b, at, 44100.0) /
                                              analog(at / hz, 6.0, qs[k]))) < 0.55);
            }
        }
    }
}

/* ---- All ------------------------------------------------------------------------------------- */

static void is_stable(ps_biquad_type type, double freq_hz, double gain_db, double q, double rate_hz)
{
    ps_biquad b;

    ps_biquad_make(&b, type, freq_hz, gain_db, q, rate_hz);
    assert_true(b.g > 0.0 && b.k > 0.0 && isfinite(b.g) && isfinite(b.k));
    assert_true(isfinite(b.n2) && isfinite(b.n1) && isfinite(b.n0));
    assert_int_equal(ps_biquad_is_open(&b), type <= PS_BIQUAD_HIGHSHELF && gain_db == 0.0);
    assert_true(ps_biquad_tail(&b) < (uint64_t)(100.0 * rate_hz));
    ps_biquad_open(&b);
    assert_true(ps_biquad_is_open(&b));
    assert_true(fabs(magnitude(&b, 0.3 * rate_hz, rate_hz) - 1.0) < 1e-12);
}

static void every_design_is_stable_and_what_has_no_gain_is_open(void **state)
{
    (void)state;
    for (int type = 0; type < PS_BIQUAD_TYPES; type++)
        walk((ps_biquad_type)type, is_stable);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(passes_and_shelves_are_the_cookbooks),
        cmocka_unit_test(peaks_keep_their_shape_up_to_half_the_rate),
        cmocka_unit_test(moderate_peaks_are_the_analog_ones_within_half_a_decibel),
        cmocka_unit_test(every_design_is_stable_and_what_has_no_gain_is_open),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
