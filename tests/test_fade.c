#include "plainsong/audio.h"

#include <math.h>

#include "support.h"

#define FRAMES 3000u

typedef struct pair {
    float left[FRAMES], right[FRAMES];
} pair;

/* Ones, faded, in blocks of one size, as the frames from `first` on. */
static void fade_ones(pair *p, uint32_t block_frames, uint64_t first, uint64_t start,
                      uint64_t frames, bool out)
{
    for (uint32_t i = 0; i < FRAMES; i++) {
        p->left[i] = 1.0f;
        p->right[i] = -1.0f;
    }
    for (uint32_t at = 0; at < FRAMES; at += block_frames) {
        const uint32_t left = FRAMES - at;
        const ps_block block = {p->left + at, p->right + at,
                                block_frames < left ? block_frames : left};

        ps_fade(block, first + at, start, frames, out);
    }
}

static void a_fade_is_the_square_of_a_sine(void **state)
{
    static pair in, out;

    (void)state;
    fade_ones(&in, FRAMES, 0, 500, 2000, false);
    fade_ones(&out, FRAMES, 0, 500, 2000, true);
    for (uint32_t i = 0; i < FRAMES; i++) {
        const double t = i < 500 ? 0.0 : i < 2500 ? (i - 500) / 2000.0 : 1.0;
        const double gain = pow(sin(0.5 * acos(-1.0) * t), 2.0);

        assert_true(fabs((double)in.left[i] - gain) < 1e-7);
        assert_true(fabs((double)out.left[i] - (1.0 - gain)) < 1e-7);
        assert_true(in.right[i] == -in.left[i] && out.right[i] == -out.left[i]);
    }
    assert_true(in.left[500] == 0.0f && in.left[2500] == 1.0f);
    assert_true(out.left[500] == 1.0f && out.left[2500] == 0.0f);
}

static void the_size_of_blocks_is_not_audible(void **state)
{
    static pair whole, parts;

    (void)state;
    for (int out = 0; out < 2; out++) {
        fade_ones(&whole, FRAMES, 7000, 7500, 2000, out);
        fade_ones(&parts, 37, 7000, 7500, 2000, out);
        assert_memory_equal(&whole, &parts, sizeof whole);
    }
}

static void a_fade_of_no_length_is_a_switch(void **state)
{
    static pair p;

    (void)state;
    fade_ones(&p, 64, 0, 100, 0, false);
    assert_true(p.left[99] == 0.0f && p.left[100] == 1.0f);
    fade_ones(&p, 64, 0, 100, 0, true);
    assert_true(p.left[99] == 1.0f && p.left[100] == 0.0f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_fade_is_the_square_of_a_sine),
        cmocka_unit_test(the_size_of_blocks_is_not_audible),
        cmocka_unit_test(a_fade_of_no_length_is_a_switch),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
