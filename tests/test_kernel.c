#define _GNU_SOURCE
#include "support.h"

#include <math.h>

#include "kernel_walk.h"

static void every_row(int (*walk)(const ps_kernels *row))
{
    for (uint32_t i = 0; ps_kernels_row(i); i++)
        assert_int_equal(walk(ps_kernels_row(i)), 0);
}

static void every_row_reads_as_plain_c_at_every_length(void **state)
{
    (void)state;
    every_row(walk_reads);
}

static void every_row_mixes_as_plain_c_at_every_length(void **state)
{
    (void)state;
    every_row(walk_mixes);
}

static void a_lane_without_filter_is_left_exactly_as_it_is(void **state)
{
    (void)state;
    every_row(walk_identity);
}

static void a_filter_that_has_died_is_at_rest(void **state)
{
    (void)state;
    every_row(walk_rest);
}

static void every_row_steers_as_plain_c(void **state)
{
    (void)state;
    every_row(walk_steers);
}

/* The cookbook's low-pass with 1 - cos as it is written there, in double. */
static void a_low_pass_goes_to_the_coefficients_of_its_cutoff(void **state)
{
    static walk_steer w;

    (void)state;
    for (uint32_t round = 0; round < 50; round++) {
        walk_steer_init(&w, PS_MIX_FILTER, false);
        assert_int_equal(ps_kernels_c.steer(&w.shape, &w.course, &w.aims, 0xf0f0u, 48,
                                            PS_MIX_FILTER | PS_MIX_FILTER_MOVES),
                         PS_MIX_FILTER | PS_MIX_FILTER_MOVES);
        for (uint32_t lane = 0; lane < PS_GROUP_LANES; lane++) {
            const double share = fmin(exp2((double)w.aims.cutoff_octaves[lane]), 0.47);
            const double alpha = sin(2.0 * M_PI * share) * (double)w.course.half_damping[lane];
            const double cosine = cos(2.0 * M_PI * share);
            const double b0 = 0.5 * (1.0 - cosine) / (1.0 + alpha) * (double)w.course.dc_gain[lane];

            if (!w.course.filtered[lane]) {
                assert_true(w.course.b0[lane] == 1.0f && w.shape.b0_change[lane] == 0.0f);
                continue;
            }
            assert_true(fabs((double)w.course.b0[lane] / b0 - 1.0) < 2e-6);
            assert_true(fabs((double)w.course.a1[lane] + 2.0 * cosine / (1.0 + alpha)) < 1e-6);
            assert_true(fabs((double)w.course.a2[lane] - (1.0 - alpha) / (1.0 + alpha)) < 1e-6);
            if (0xf0f0u >> lane & 1u)
                assert_true(w.shape.a1[lane] == w.course.a1[lane] &&
                            w.shape.a1_change[lane] == 0.0f);
            assert_true(fabs((double)(w.shape.a1[lane] + 48.0f * w.shape.a1_change[lane] -
                                      w.course.a1[lane])) < 1e-6);
        }
    }
}

static void gains_go_from_where_they_are_to_level_times_pan(void **state)
{
    static walk_steer w, before;

    (void)state;
    walk_steer_init(&w, 0, true);
    before = w;
    assert_int_equal(ps_kernels_c.steer(&w.shape, &w.course, &w.aims, 0, 32, 0), PS_MIX_SENDS);
    for (uint32_t bus = 0; bus < PS_BUSES; bus++) {
        for (uint32_t lane = 0; lane < PS_GROUP_LANES; lane++) {
            const float aim = w.aims.level[lane] * w.course.pan[bus][lane];

            assert_true(w.shape.gain[bus][lane] == before.course.gain[bus][lane]);
            assert_true(w.course.gain[bus][lane] == aim);
            assert_true(fabs((double)(w.shape.gain[bus][lane] +
                                      32.0f * w.shape.gain_change[bus][lane] - aim)) < 1e-6);
        }
    }
}

static void a_row_is_found_by_its_name_and_the_last_is_the_default(void **state)
{
    uint32_t i = 0;

    (void)state;
    assert_ptr_equal(ps_kernels_row(0), &ps_kernels_c);
    for (; ps_kernels_row(i); i++)
        assert_ptr_equal(ps_kernels_find(ps_kernels_row(i)->name), ps_kernels_row(i));
    assert_ptr_equal(ps_kernels_find(NULL), ps_kernels_row(i - 1));
    assert_null(ps_kernels_find("abacus"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_reads_as_plain_c_at_every_length),
        cmocka_unit_test(every_row_mixes_as_plain_c_at_every_length),
        cmocka_unit_test(a_lane_without_filter_is_left_exactly_as_it_is),
        cmocka_unit_test(a_filter_that_has_died_is_at_rest),
        cmocka_unit_test(every_row_steers_as_plain_c),
        cmocka_unit_test(a_low_pass_goes_to_the_coefficients_of_its_cutoff),
        cmocka_unit_test(gains_go_from_where_they_are_to_level_times_pan),
        cmocka_unit_test(a_row_is_found_by_its_name_and_the_last_is_the_default),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
