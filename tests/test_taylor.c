/*
 * Bounds of Taylor coefficients against the coefficients themselves.
 */
#include <complex.h>
#include <math.h>

#include "support.h"

#include "base/random.h"
#include "voice/taylor.h"

#define PI 3.14159265358979323846

enum { TERMS = PS_TAYLOR_TERMS };

static uint64_t drawn;

static double chance(double low, double high)
{
    const double share = (double)(ps_random_bits(5, drawn++) >> 11) * 0x1p-53;

    return low + (high - low) * share;
}

static void assert_bounds(const ps_taylor *bound, const double *f)
{
    for (uint32_t k = 0; k < TERMS; k++)
        assert_true(fabs(f[k]) <= bound->of[k] * (1.0 + 1e-9));
}

static void tremolo_at(double *f, double depth, double step, double phase)
{
    double term = depth;

    for (uint32_t k = 0; k < TERMS; k++) {
        f[k] = (k == 0 ? 1.0 : 0.0) + term * cos(phase + 0.5 * PI * k);
        term *= step / (k + 1.0);
    }
}

/* cos(a + step t + swing sin(b + swing_step t)), by the series of exp(i ...). */
static void tone_at(double *f, double step, double swing, double swing_step, double a, double b)
{
    double complex y[TERMS] = {cexp(I * (a + swing * sin(b)))}, g[TERMS] = {0};
    double term = swing;

    for (uint32_t k = 1; k < TERMS; k++) {
        term *= swing_step / k;
        g[k] = term * sin(b + 0.5 * PI * k) + (k == 1 ? step : 0.0);
    }
    for (uint32_t k = 0; k < TERMS; k++) {
        for (uint32_t i = 1; i <= k; i++)
            y[k] += I * (double)i * g[i] * y[k - i] / k;
        f[k] = creal(y[k]);
    }
}

/* 1 + depth |sin(x + step t)|^power, 0 < x < pi, by Miller's recurrence for powers of series. */
static void bent_at(double *f, double depth, double step, double power, double x)
{
    double sine[TERMS], y[TERMS] = {pow(sin(x), power)};
    double factorial = 1.0;

    for (uint32_t k = 0; k < TERMS; k++) {
        factorial *= k > 0 ? k : 1;
        sine[k] = sin(x + 0.5 * PI * k) / factorial;
        for (uint32_t i = 1; i <= k; i++)
            y[k] += (power * i - k + i) * sine[i] * y[k - i] / (k * sine[0]);
        f[k] = (k == 0 ? 1.0 : 0.0) + depth * pow(step, k) * y[k];
    }
}

static void a_cosine_is_bounded(void **state)
{
    double f[TERMS];

    (void)state;
    for (uint32_t i = 0; i < 2000; i++) {
        const double depth = chance(0.0, 3.0), step = chance(0.0, 2.0);
        const ps_taylor bound = ps_taylor_tremolo(depth, step);

        tremolo_at(f, depth, step, chance(-4.0, 4.0));
        assert_bounds(&bound, f);
    }
}

static void a_swinging_tone_is_bounded(void **state)
{
    double f[TERMS];

    (void)state;
    for (uint32_t i = 0; i < 2000; i++) {
        const double step = chance(0.0, 1.0), swing = chance(0.0, 10.0);
        const double swing_step = chance(0.0, 0.1);
        const ps_taylor bound = ps_taylor_tone(step, swing, swing_step);

        tone_at(f, step, swing, swing_step, chance(-4.0, 4.0), chance(-4.0, 4.0));
        assert_bounds(&bound, f);
    }
}

static void a_power_of_a_sine_is_bounded_away_from_its_zeros(void **state)
{
    double f[TERMS];

    (void)state;
    for (uint32_t i = 0; i < 5000; i++) {
        const double depth = chance(0.0, 2.0), step = chance(0.0, 0.1);
        const double power = i % 5 == 0 ? 1.0 + i % 4 : chance(0.05, 7.0);
        const double apart = chance(0.01, 0.5 * PI);
        const ps_taylor bound = ps_taylor_bent(depth, step, power, apart);

        bent_at(f, depth, step, power, chance(apart, PI - apart));
        assert_bounds(&bound, f);
        bent_at(f, depth, step, power, apart);
        assert_bounds(&bound, f);
    }
}

/* A bound that were far too large would never let anything pass. */
static void near_a_zero_the_bound_is_no_more_than_that(void **state)
{
    double f[TERMS];

    (void)state;
    for (uint32_t i = 0; i < 100; i++) {
        const double power = chance(0.2, 0.8);
        const ps_taylor bound = ps_taylor_bent(1.0, 0.01, power, 0.001);

        bent_at(f, 1.0, 0.01, power, 0.001);
        for (uint32_t k = 2; k < TERMS; k++)
            assert_true(bound.of[k] < 1.01 * fabs(f[k]));
    }
}

static void products_and_sums_bound_products_and_sums(void **state)
{
    double a[TERMS], b[TERMS], sum[TERMS];

    (void)state;
    for (uint32_t i = 0; i < 1000; i++) {
        const double depth = chance(0.0, 2.0), step = chance(0.0, 1.0), swing = chance(0.0, 3.0);
        const ps_taylor one = ps_taylor_tremolo(depth, step);
        const ps_taylor other = ps_taylor_tone(0.5 * step, swing, 0.05);
        const ps_taylor both = ps_taylor_product(one, other), added = ps_taylor_sum(one, other);
        double product[TERMS] = {0.0};

        tremolo_at(a, depth, step, chance(-4.0, 4.0));
        tone_at(b, 0.5 * step, swing, 0.05, chance(-4.0, 4.0), chance(-4.0, 4.0));
        for (uint32_t k = 0; k < TERMS; k++) {
            sum[k] = a[k] + b[k];
            for (uint32_t j = 0; j <= k; j++)
                product[k] += a[j] * b[k - j];
        }
        assert_bounds(&both, product);
        assert_bounds(&added, sum);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_cosine_is_bounded),
        cmocka_unit_test(a_swinging_tone_is_bounded),
        cmocka_unit_test(a_power_of_a_sine_is_bounded_away_from_its_zeros),
        cmocka_unit_test(near_a_zero_the_bound_is_no_more_than_that),
        cmocka_unit_test(products_and_sums_bound_products_and_sums),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
