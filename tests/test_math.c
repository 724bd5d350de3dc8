#include "support.h"

#include <math.h>

#include "kernel/math.h"

#define PI 3.14159265358979323846

static void double_exp2_is_right_to_1e_15(void **state)
{
    double worst = 0.0;

    (void)state;
    for (double x = -1020.0; x < 1020.0; x += 0.00737)
        worst = fmax(worst, fabs(ps_exp2(x) / exp2(x) - 1.0));
    assert_true(worst < 1e-15);
    for (int i = -1022; i <= 1023; i++)
        assert_true(ps_exp2(i) == ldexp(1.0, i));
}

static void float_exp2_is_right_to_1_5e_7(void **state)
{
    double worst = 0.0;

    (void)state;
    for (float x = -125.0f; x < 126.0f; x += 0.00137f)
        worst = fmax(worst, fabs((double)ps_exp2_float(x) / exp2((double)x) - 1.0));
    assert_true(worst < 1.5e-7);
    for (int i = -126; i <= 127; i++)
        assert_true((double)ps_exp2_float((float)i) == ldexp(1.0, i));
}

static void exp2_stays_finite_beyond_its_range(void **state)
{
    (void)state;
    assert_true(ps_exp2(-1e300) == 0.0);
    assert_true(ps_exp2(-(double)INFINITY) == 0.0);
    assert_true(ps_exp2(1e300) == 0x1p1023);
    assert_true(ps_exp2_float(-1e30f) == 0.0f);
    assert_true(ps_exp2_float(1e30f) == 0x1p127f);
    assert_true(isnan(ps_exp2((double)NAN)));
    assert_true(isnan(ps_exp2_float(NAN)));
}

static void log2_is_right_over_the_whole_range(void **state)
{
    double worst = 0.0, worst_float = 0.0;

    (void)state;
    for (double e = -1021.0; e < 1023.0; e += 0.0091) {
        const double x = exp2(e), right = log2(x);

        worst = fmax(worst, fabs(ps_log2(x) - right) / (1.0 + fabs(right)));
    }
    for (double e = -125.0; e < 127.0; e += 0.0031) {
        const float x = (float)exp2(e);
        const double right = log2((double)x);

        worst_float =
            fmax(worst_float, fabs((double)ps_log2_float(x) - right) / (2.0 + fabs(right)));
    }
    assert_true(worst < 1e-15);
    assert_true(worst_float < 1e-7);
    for (int i = -1021; i <= 1023; i++)
        assert_true(ps_log2(ldexp(1.0, i)) == i);
}

static void log2_of_what_has_none_is_the_least(void **state)
{
    (void)state;
    assert_true(ps_log2(0.0) == -1022.0);
    assert_true(ps_log2(-3.0) == -1022.0);
    assert_true(ps_log2_float(0.0f) == -126.0f);
    assert_true(ps_log2_float(-1e9f) == -126.0f);
}

static void sine_and_cosine_are_right_to_1e_15(void **state)
{
    double worst = 0.0;

    (void)state;
    for (double x = -2.0; x < 2.0; x += 0.0000137) {
        const double t = x - rint(x); /* libm's argument must be exact too */

        worst = fmax(worst, fabs(ps_sin_cycles(x) - sin(2.0 * PI * t)));
        worst = fmax(worst, fabs(ps_cos_cycles(x) - cos(2.0 * PI * t)));
    }
    assert_true(worst < 1e-15);
    assert_true(ps_sin_cycles(0x1p50 + 0.25) == ps_sin_cycles(0.25));
    assert_true(ps_cos_cycles(-0x1p50 - 0.25) == 0.0);
}

static void float_sine_and_cosine_are_right_to_2e_7(void **state)
{
    double worst = 0.0;

    (void)state;
    for (float x = -4.0f; x < 4.0f; x += 0.000137f) {
        worst = fmax(worst, fabs((double)ps_sin_cycles_float(x) - sin(2.0 * PI * (double)x)));
        worst = fmax(worst, fabs((double)ps_cos_cycles_float(x) - cos(2.0 * PI * (double)x)));
    }
    assert_true(worst < 2e-7);
}

static void sine_is_odd_and_cosine_even(void **state)
{
    (void)state;
    for (double x = 0.0; x < 3.0; x += 0.00123) {
        assert_true(ps_sin_cycles(-x) == -ps_sin_cycles(x));
        assert_true(ps_cos_cycles(-x) == ps_cos_cycles(x));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(double_exp2_is_right_to_1e_15),
        cmocka_unit_test(float_exp2_is_right_to_1_5e_7),
        cmocka_unit_test(exp2_stays_finite_beyond_its_range),
        cmocka_unit_test(log2_is_right_over_the_whole_range),
        cmocka_unit_test(log2_of_what_has_none_is_the_least),
        cmocka_unit_test(sine_and_cosine_are_right_to_1e_15),
        cmocka_unit_test(float_sine_and_cosine_are_right_to_2e_7),
        cmocka_unit_test(sine_is_odd_and_cosine_even),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
