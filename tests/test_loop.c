/* Loop marks of game music. */
#include "midi_support.h"

static void expect_loop(ps_score *score, uint64_t start_tick, uint64_t end_tick)
{
    ps_score_loop loop = {0, 0};

    assert_true(ps_score_find_loop(score, &loop));
    assert_int_equal(loop.start_tick, start_tick);
    assert_int_equal(loop.end_tick, end_tick);
    ps_score_destroy(score);
}

static void expect_none(ps_score *score)
{
    ps_score_loop loop = {7, 9};

    assert_false(ps_score_find_loop(score, &loop));
    assert_true(loop.start_tick == 7 && loop.end_tick == 9);
    ps_score_destroy(score);
}

static void texts_mark_a_loop(void **state)
{
    (void)state;
    expect_loop(SCORE_OF("\x10\xff\x06\x09loopStart\x20\xff\x06\x07loopEnd\x10\xff\x01\x00"), 16,
                48);
    expect_loop(SCORE_OF("\x10\xff\x01\x0bLOOPSTART \n\x20\xff\x07\x07LoopEnd\x10\xff\x01\x00"), 16,
                48);
    expect_loop(SCORE_OF("\x10\xff\x06\x09loopStart\x20\xff\x01\x00"), 16, 48);
    expect_none(SCORE_OF("\x10\xff\x06\x07loopEnd\x20\xff\x01\x00"));
    expect_none(SCORE_OF("\x10\xff\x06\x0aloopStarts\x20\xff\x01\x00"));
}

static void a_controller_111_marks_the_start(void **state)
{
    (void)state;
    expect_loop(SCORE_OF("\x10\xb3\x6f\x00\x20\xff\x01\x00"), 16, 48);
    expect_none(SCORE_OF("\x10\xff\x01\x00\x20\xb3\x6f\x00")); /* nothing comes after it */
}

static void the_outermost_pair_of_116_and_117_marks_a_loop(void **state)
{
    (void)state;
    expect_loop(SCORE_OF("\x10\xb0\x74\x00\x10\x74\x02\x10\x75\x7f\x10\x75\x7f\x10\xff\x01\x00"),
                16, 64);
    expect_loop(SCORE_OF("\x10\xb0\x74\x00\x20\xff\x01\x00"), 16, 48);
    expect_none(SCORE_OF("\x10\xb0\x75\x7f\x20\xff\x01\x00"));
}

static void texts_come_before_controllers(void **state)
{
    (void)state;
    expect_loop(SCORE_OF("\x08\xb0\x6f\x00\x08\x74\x00\x10\xff\x06\x09loopStart\x20\xff\x01\x00"),
                32, 64);
    expect_none(SCORE_OF("\x00\x90\x3c\x40\x60\x3c\x00"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_mark_a_loop),
        cmocka_unit_test(a_controller_111_marks_the_start),
        cmocka_unit_test(the_outermost_pair_of_116_and_117_marks_a_loop),
        cmocka_unit_test(texts_come_before_controllers),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
