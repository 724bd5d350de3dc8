#include "support.h"

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
        cmocka_unit_test(a_row_is_found_by_its_name_and_the_last_is_the_default),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
