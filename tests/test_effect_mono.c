/* Mono: the mean of both sides, on both. */
#include "effect_support.h"

static void both_sides_are_the_mean(void **state)
{
    const fx_audio in = fx_noise(5000, 0.9f, 73);
    fx_audio out = fx_copy(&in);

    (void)state;
    fx_apply("mono", &out);
    for (uint32_t i = 0; i < in.frames; i++) {
        const double mean = 0.5 * ((double)in.left[i] + (double)in.right[i]);

        assert_near((double)out.left[i], mean, 6e-8);
        assert_true(out.right[i] == out.left[i]);
    }
    fx_free(&out);
    fx_free((fx_audio *)&in);
}

static void what_cancels_is_silent_and_what_is_mono_leaves_every_bit(void **state)
{
    const fx_audio in = fx_noise(5000, 0.9f, 74);
    fx_audio same = fx_copy(&in), opposite = fx_copy(&in);

    (void)state;
    for (uint32_t i = 0; i < in.frames; i++) {
        same.right[i] = in.left[i];
        opposite.right[i] = -in.left[i];
    }
    fx_apply("mono", &same);
    fx_apply("mono", &opposite);
    assert_memory_equal(same.left, in.left, in.frames * sizeof(float));
    assert_memory_equal(same.right, in.left, in.frames * sizeof(float));
    assert_true(fx_peak(&opposite, 0, in.frames) == 0.0f);
    fx_free(&same);
    fx_free(&opposite);
    fx_free((fx_audio *)&in);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_sides_are_the_mean),
        cmocka_unit_test(what_cancels_is_silent_and_what_is_mono_leaves_every_bit),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
