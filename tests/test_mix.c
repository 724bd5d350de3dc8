/* The loops of a mix, each row against what they say they do. */
#include "dsp/mix.h"

#include <float.h>
#include <math.h>

#include "support.h"

#include "base/random.h"
#include "plainsong/engine.h"
#include "plainsong/level.h"

#define MOST  68u
#define LIMIT 0x1p20f

/* Numbers of every size and sign, and what is no number. */
static void fill(float *samples, uint32_t frames, uint64_t key)
{
    static const float odd[] = {0.0f,    -0.0f,   NAN,      INFINITY,   -INFINITY,
                                1e-39f,  -1e-44f, FLT_MIN,  -FLT_MIN,   LIMIT,
                                -1.1e6f, FLT_MAX, -FLT_MAX, 1048577.0f, 0.99f};

    for (uint32_t i = 0; i < frames; i++) {
        const uint64_t bits = ps_random_bits(key, i);
        const float number = (float)(int32_t)bits * 0x1p-30f;
        const uint32_t which = (uint32_t)(bits >> 40) % 45;

        samples[i] = which < sizeof odd / sizeof odd[0] ? odd[which] : number;
    }
}

static bool same_bits(const float *a, const float *b, uint32_t frames)
{
    return memcmp(a, b, frames * sizeof *a) == 0;
}

static const ps_mix_row *row_of(uint32_t index)
{
    const char *name = ps_kernel_row_name(index);

    return name ? ps_mix_row_find(name) : NULL;
}

static void cleaning_leaves_normal_numbers_alone_and_nothing_else(void **state)
{
    float samples[MOST], before[MOST];

    (void)state;
    for (uint32_t r = 0; row_of(r); r++) {
        for (uint32_t frames = 0; frames <= MOST - 1; frames++) {
            fill(samples, MOST, frames);
            memcpy(before, samples, sizeof before);
            row_of(r)->clean(samples, LIMIT, frames);
            for (uint32_t i = 0; i < frames; i++) {
                const bool stays = isnormal(before[i]) && fabsf(before[i]) <= LIMIT;
                const float wanted = stays ? before[i] : 0.0f;

                assert_true(same_bits(&samples[i], &wanted, 1));
            }
            assert_true(same_bits(samples + frames, before + frames, MOST - frames));
        }
    }
}

static void amplifying_finds_the_largest_magnitude(void **state)
{
    float samples[MOST], before[MOST];

    (void)state;
    for (uint32_t r = 0; row_of(r); r++) {
        for (uint32_t frames = 0; frames <= MOST - 1; frames++) {
            float peak = 0.0f;

            fill(samples, MOST, frames);
            row_of(r)->clean(samples, LIMIT, MOST);
            memcpy(before, samples, sizeof before);
            const float got = row_of(r)->amplify(samples, samples, -0.7f, frames);
            for (uint32_t i = 0; i < frames; i++) {
                const float wanted = before[i] * -0.7f;

                assert_true(same_bits(&samples[i], &wanted, 1));
                peak = fmaxf(peak, fabsf(wanted));
            }
            assert_true(got == peak);
            assert_true(same_bits(samples + frames, before + frames, MOST - frames));
        }
    }
}

/* A row may do it in one step. */
static void adding_amplifies_and_adds(void **state)
{
    float sum[MOST], samples[MOST], before[MOST];

    (void)state;
    for (uint32_t r = 0; row_of(r); r++) {
        for (uint32_t frames = 0; frames <= MOST - 1; frames++) {
            fill(sum, MOST, frames);
            fill(samples, MOST, frames + 1000);
            row_of(r)->clean(sum, LIMIT, MOST);
            row_of(r)->clean(samples, LIMIT, MOST);
            memcpy(before, sum, sizeof before);
            row_of(r)->add(sum, samples, 0.3f, frames);
            for (uint32_t i = 0; i < frames; i++)
                assert_true(sum[i] == before[i] + samples[i] * 0.3f ||
                            sum[i] == fmaf(samples[i], 0.3f, before[i]));
            assert_true(same_bits(sum + frames, before + frames, MOST - frames));
        }
    }
}

static void joining_adds_two_and_amplifies(void **state)
{
    float a[MOST], b[MOST], out[MOST], in_place[MOST];

    (void)state;
    for (uint32_t r = 0; row_of(r); r++) {
        for (uint32_t frames = 0; frames <= MOST - 1; frames++) {
            fill(a, MOST, frames);
            fill(b, MOST, frames + 1000);
            row_of(r)->clean(a, LIMIT, MOST);
            row_of(r)->clean(b, LIMIT, MOST);
            memcpy(in_place, a, sizeof a);
            memset(out, 0, sizeof out);
            row_of(r)->join(out, a, b, 0.7f, frames);
            row_of(r)->join(in_place, in_place, b, 0.7f, frames);
            for (uint32_t i = 0; i < MOST; i++) {
                const float sum = (a[i] + b[i]) * 0.7f;

                assert_true(out[i] == (i < frames ? sum : 0.0f));
                assert_true(in_place[i] == (i < frames ? sum : a[i]));
            }
        }
    }
}

static void a_block_is_amplified_on_both_sides(void **state)
{
    float left[] = {0.5f, -0.25f, 0.125f}, right[] = {-2.0f, 1.0f, 0.0f};
    ps_engine *engine = NULL;

    (void)state;
    assert_int_equal(ps_engine_create(&engine, NULL, NULL), PS_OK);
    assert_true(ps_amplify(engine, (ps_block){left, right, 2}, 0.5f) == 1.0f);
    assert_true(left[0] == 0.25f && left[1] == -0.125f && left[2] == 0.125f);
    assert_true(right[0] == -1.0f && right[1] == 0.5f && right[2] == 0.0f);
    assert_true(ps_amplify(engine, (ps_block){left, NULL, 3}, 2.0f) == 0.5f);
    ps_engine_destroy(engine);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cleaning_leaves_normal_numbers_alone_and_nothing_else),
        cmocka_unit_test(amplifying_finds_the_largest_magnitude),
        cmocka_unit_test(adding_amplifies_and_adds),
        cmocka_unit_test(joining_adds_two_and_amplifies),
        cmocka_unit_test(a_block_is_amplified_on_both_sides),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
