/* Butterworth design against the analog formula, and the two-sided answer against filtering. */
#include <math.h>

#include "support.h"

#include "dsp/butterworth.h"

#define PI 3.14159265358979323846

static const double rates_hz[] = {8000.0, 22050.0, 44100.0, 192000.0};
static const double shares[] = {0.0007, 0.01, 0.1, 0.25, 0.4, 0.45, 0.4999}; /* of rate */

/* Squared magnitude of the sections at a frequency. */
static double power_at(const ps_butterworth *filter, double cycles)
{
    const double w = 2.0 * PI * cycles;
    double power = 1.0;

    for (uint32_t i = 0; i < PS_BUTTERWORTH_SECTIONS; i++) {
        const ps_section *s = &filter->sections[i];
        const double br = s->b0 + s->b1 * cos(w) + s->b2 * cos(2.0 * w);
        const double bi = s->b1 * sin(w) + s->b2 * sin(2.0 * w);
        const double ar = 1.0 + s->a1 * cos(w) + s->a2 * cos(2.0 * w);
        const double ai = s->a1 * sin(w) + s->a2 * sin(2.0 * w);

        power *= (br * br + bi * bi) / (ar * ar + ai * ai);
    }
    return power;
}

static void the_magnitude_is_the_formulas(void **state)
{
    (void)state;
    for (size_t r = 0; r < sizeof rates_hz / sizeof *rates_hz; r++) {
        for (size_t c = 0; c < sizeof shares / sizeof *shares; c++) {
            ps_butterworth low, high;

            ps_butterworth_lowpass(&low, shares[c] * rates_hz[r], rates_hz[r]);
            ps_butterworth_highpass(&high, shares[c] * rates_hz[r], rates_hz[r]);
            for (int i = 1; i < 100; i++) {
                const double cycles = 0.005 * i;
                const double x = tan(PI * cycles) / tan(PI * shares[c]);
                const double right = 1.0 / (1.0 + pow(x, 8.0));

                assert_true(fabs(power_at(&low, cycles) - right) < 1e-9);
                assert_true(fabs(power_at(&high, cycles) - (1.0 - right)) < 1e-9);
            }
        }
    }
}

static void sections_pass_what_is_steady_or_nothing_of_it(void **state)
{
    ps_butterworth low, high;

    (void)state;
    ps_butterworth_lowpass(&low, 300.0, 44100.0);
    ps_butterworth_highpass(&high, 300.0, 44100.0);
    for (uint32_t i = 0; i < PS_BUTTERWORTH_SECTIONS; i++) {
        const ps_section *s = &low.sections[i], *t = &high.sections[i];

        assert_true(fabs((s->b0 + s->b1 + s->b2) / (1.0 + s->a1 + s->a2) - low.steady_gain) < 1e-9);
        assert_true(fabs((t->b0 + t->b1 + t->b2) / (1.0 + t->a1 + t->a2) - high.steady_gain) <
                    1e-9);
    }
}

/* One direction over a signal that begins with silence. */
static void run(const ps_butterworth *filter, double *x, long count, long stride)
{
    for (uint32_t i = 0; i < PS_BUTTERWORTH_SECTIONS; i++) {
        const ps_section *s = &filter->sections[i];
        double z0 = 0.0, z1 = 0.0;

        for (long n = 0; n < count; n++) {
            double *at = x + n * stride;
            const double y = s->b0 * *at + z0;

            z0 = s->b1 * *at - s->a1 * y + z1;
            z1 = s->b2 * *at - s->a2 * y;
            *at = y;
        }
    }
}

static double answer_at(const ps_two_sided *a, long n)
{
    double h = n == 0 ? a->direct : 0.0;

    for (uint32_t i = 0; i < PS_BUTTERWORTH_SECTIONS; i++) {
        const double radius = hypot(a->pole[i].re, a->pole[i].im);
        const double angle = atan2(a->pole[i].im, a->pole[i].re);
        const double size = pow(radius, (double)labs(n));

        h += 2.0 * size *
             (a->share[i].re * cos(angle * (double)labs(n)) -
              a->share[i].im * sin(angle * (double)labs(n)));
    }
    return h;
}

static void the_two_sided_answer_is_that_of_filtering(void **state)
{
    enum { HALF = 20000 };
    static double x[2 * HALF + 1];
    const double cutoffs[] = {30.0, 300.0, 3000.0, 11025.0, 19845.0, 22000.0};

    (void)state;
    for (size_t c = 0; c < sizeof cutoffs / sizeof *cutoffs; c++) {
        ps_butterworth filter;
        ps_two_sided answer;
        double peak = 0.0;

        ps_butterworth_lowpass(&filter, cutoffs[c], 44100.0);
        ps_two_sided_lowpass(&answer, cutoffs[c], 44100.0);
        memset(x, 0, sizeof x);
        x[HALF] = 1.0;
        run(&filter, x, 2 * HALF + 1, 1);
        run(&filter, x + 2 * HALF, 2 * HALF + 1, -1);
        for (long n = -9000; n <= 9000; n++) {
            const double size = fabs(x[HALF + n]);

            peak = size > peak ? size : peak;
            assert_true(fabs(answer_at(&answer, n) - x[HALF + n]) < 1e-9 * x[HALF]);
            assert_true(size <= 4.0 * pow(answer.radius, (double)labs(n)) + 1e-9 * x[HALF]);
        }
        assert_true(peak == x[HALF]);
    }
}

/* h[n] = sum over k of C(8, k) a[n + 4 - k]. */
static void the_zeros_make_the_answer_of_the_poles_the_whole_answer(void **state)
{
    const double choose[] = {1.0, 8.0, 28.0, 56.0, 70.0, 56.0, 28.0, 8.0, 1.0};
    const double cutoffs[] = {330.0, 3000.0, 8000.0, 11025.0};

    (void)state;
    for (size_t c = 0; c < sizeof cutoffs / sizeof *cutoffs; c++) {
        ps_two_sided answer, poles;

        ps_two_sided_lowpass(&answer, cutoffs[c], 44100.0);
        ps_two_sided_poles(&poles, cutoffs[c], 44100.0);
        assert_true(poles.direct == 0.0);
        for (long n = -300; n <= 300; n++) {
            double sum = 0.0;

            for (long k = 0; k <= 8; k++)
                sum += choose[k] * answer_at(&poles, n + 4 - k);
            assert_true(fabs(sum - answer_at(&answer, n)) < 1e-12);
        }
    }
}

static void a_table_of_the_answer_holds_the_answer(void **state)
{
    float table[400];
    ps_two_sided answer;

    (void)state;
    ps_two_sided_lowpass(&answer, 2205.0, 44100.0);
    ps_two_sided_fill(&answer, table, 400);
    for (long n = 0; n < 400; n++)
        assert_true(fabs((double)table[n] - answer_at(&answer, n)) < 1e-8);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_magnitude_is_the_formulas),
        cmocka_unit_test(sections_pass_what_is_steady_or_nothing_of_it),
        cmocka_unit_test(the_two_sided_answer_is_that_of_filtering),
        cmocka_unit_test(the_zeros_make_the_answer_of_the_poles_the_whole_answer),
        cmocka_unit_test(a_table_of_the_answer_holds_the_answer),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
