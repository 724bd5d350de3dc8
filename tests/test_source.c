#include "support.h"

#include <math.h>

#include "plainsong/source.h"

#define FRAMES 1000u

static void fill(float *samples)
{
    for (uint32_t i = 0; i < FRAMES; i++)
        samples[i] = (float)i + 1.0f;
}

static void any_block_size_gives_the_same_samples(void **state)
{
    float in[FRAMES], left[2000], right[2000];

    (void)state;
    fill(in);
    for (uint32_t size = 1; size < 1500; size += size < 200 ? 1 : 97) {
        ps_source *source;
        uint32_t total = 0, got;

        assert_int_equal(ps_memory_source_create(&source, in, in, FRAMES, 44100.0, NULL, NULL),
                         PS_OK);
        do {
            const ps_block block = {left, right, size};

            memset(left, 0xff, sizeof left);
            assert_int_equal(ps_source_position(source), total);
            got = ps_source_pull(source, block);
            for (uint32_t i = 0; i < size; i++)
                assert_true(left[i] == (i < got ? in[total + i] : 0.0f) && right[i] == left[i]);
            total += got;
        } while (got == size);
        assert_int_equal(total, FRAMES);
        assert_int_equal(ps_source_pull(source, (ps_block){left, right, size}), 0);
        assert_int_equal(ps_source_position(source), FRAMES);
        ps_source_destroy(source);
    }
}

static void seeking_equals_playing(void **state)
{
    float in[FRAMES], left[128], right[128];
    ps_source *source;

    (void)state;
    fill(in);
    assert_int_equal(ps_memory_source_create(&source, in, in, FRAMES, 44100.0, NULL, NULL), PS_OK);
    for (uint32_t frame = 0; frame < 1100; frame += 37) {
        assert_int_equal(ps_source_seek(source, frame), PS_OK);
        assert_int_equal(ps_source_position(source), frame);
        ps_source_pull(source, (ps_block){left, right, 128});
        for (uint32_t i = 0; i < 128; i++)
            assert_true(left[i] == (frame + i < FRAMES ? in[frame + i] : 0.0f));
    }
    ps_source_destroy(source);
}

static void what_is_no_normal_number_comes_out_as_zero(void **state)
{
    float in[4] = {NAN, -INFINITY, 1e-40f, 0.5f};
    float left[4], right[4];
    ps_source *source;

    (void)state;
    assert_int_equal(ps_memory_source_create(&source, in, in, 4, 44100.0, NULL, NULL), PS_OK);
    assert_int_equal(ps_source_pull(source, (ps_block){left, right, 4}), 4);
    assert_true(left[0] == 0.0f && left[1] == 0.0f && left[2] == 0.0f && left[3] == 0.5f);
    ps_source_destroy(source);
}

static void create_gives_back_everything_when_memory_runs_out(void **state)
{
    failing_allocator f;
    ps_source *source;
    float in[1] = {0.0f};

    (void)state;
    failing_init(&f, 0);
    assert_int_equal(ps_memory_source_create(&source, in, in, 1, 44100.0, &f.base, NULL),
                     PS_NO_MEMORY);
    assert_int_equal(f.live, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_block_size_gives_the_same_samples),
        cmocka_unit_test(seeking_equals_playing),
        cmocka_unit_test(what_is_no_normal_number_comes_out_as_zero),
        cmocka_unit_test(create_gives_back_everything_when_memory_runs_out),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
