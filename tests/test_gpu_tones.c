/* Sums of tones made on a device against their definition in double. */
#define _GNU_SOURCE
#include "gpu_support.h"

#include "../edge/gpu/inside.h"
#include "failing_heap.h"
#include "tones_support.h"

#define CHUNK 131072u /* frames that go to the device at a time */
#define KINDS 64u

/* A mix with room of its own; what stands behind its ends is seen when it changes. */
typedef struct mix {
    ps_tones item;
    ps_tone *tones;
    float *out[2];
} mix;

static mix make_mix(uint32_t count, uint64_t frames)
{
    mix m = {.tones = calloc(count + 1, sizeof *m.tones)};

    for (int side = 0; side < 2; side++) {
        m.out[side] = malloc((frames + 1) * sizeof(float));
        assert_non_null(m.out[side]);
        for (uint64_t i = 0; i <= frames; i++)
            m.out[side][i] = 99.0f;
    }
    assert_non_null(m.tones);
    m.item =
        (ps_tones){.tones = m.tones, .count = count, .out = {m.out[0], m.out[1]}, .frames = frames};
    return m;
}

static void free_mix(mix *m)
{
    free(m->tones);
    free(m->out[0]);
    free(m->out[1]);
}

static void agrees_between(const mix *m, uint64_t from, uint64_t to)
{
    const double worst = worst_of_tones(&m->item, from, to);

    if (!(worst <= AGREE))
        fail_msg("%u tones, frames %llu to %llu of %llu: %g off", m->item.count,
                 (unsigned long long)from, (unsigned long long)to,
                 (unsigned long long)m->item.frames, worst);
    assert_true(m->out[0][m->item.frames] == 99.0f && m->out[1][m->item.frames] == 99.0f);
}

static ps_job_outcome offer(ps_gpu *gpu, ps_tones *items, uint32_t count)
{
    return ps_accelerate_tones(ps_gpu_accelerator(gpu), items, count);
}

/* ---- Results --------------------------------------------------------------------------------- */

static void every_kind_of_tone_is_as_defined(void **state)
{
    static const uint64_t lengths[] = {1, 2, 63, 2047, 2048, 2049, 5001};
    ps_gpu *gpu = make_gpu((ps_gpu_options){0});
    test_dice dice = {7, 0};

    (void)state;
    needs_a_device();
    for (unsigned kind = 0; kind < 2 * KINDS; kind++) {
        const uint64_t frames = lengths[kind % (sizeof lengths / sizeof *lengths)];
        mix m = make_mix(1, frames);

        m.tones[0] = any_tone(&dice, kind % KINDS, 0, frames);
        assert_int_equal(offer(gpu, &m.item, 1), PS_JOB_DONE);
        assert_int_equal(m.item.done_frames, frames);
        agrees_between(&m, 0, frames);
        free_mix(&m);
    }
    ps_gpu_destroy(gpu);
}

/* Beginnings and ends lie anywhere, in several chunks; so do those beyond the end of the mix. */
static void tones_begin_and_end_anywhere(void **state)
{
    const uint64_t frames = 2 * CHUNK + 777;
    ps_gpu *gpu = make_gpu((ps_gpu_options){0});
    mix m = make_mix(61, frames);
    test_dice dice = {11, 0};

    (void)state;
    needs_a_device();
    for (uint32_t i = 0; i < m.item.count; i++) {
        const uint64_t first = (uint64_t)between(&dice, 0.0, 1.2 * (double)frames);
        const uint64_t length = (uint64_t)between(&dice, 0.0, heads(&dice) ? 5000.0 : 400000.0);

        m.tones[i] = any_tone(&dice, i % KINDS, first, length);
        m.tones[i].level[0].at *= 0.1;
        m.tones[i].level[0].by *= 0.1;
    }
    assert_int_equal(offer(gpu, &m.item, 1), PS_JOB_DONE);
    agrees_between(&m, 0, 3000);
    agrees_between(&m, CHUNK - 1500, CHUNK + 1500);
    agrees_between(&m, 2 * CHUNK - 1500, frames);
    for (uint32_t i = 0; i < m.item.count; i++) {
        const ps_tone *t = &m.tones[i];
        const uint64_t end = t->first + t->frames;

        if (t->first + 5 < frames && t->first > 5)
            agrees_between(&m, t->first - 5, t->first + 5);
        if (end + 5 < frames && end > 5)
            agrees_between(&m, end - 5, end + 5);
    }
    free_mix(&m);
    ps_gpu_destroy(gpu);
}

/* Whole numbers wrap around as often as they like: the end of a long glide is as precise as its
 * beginning. */
static void phases_do_not_drift(void **state)
{
    const uint64_t frames = 1u << 22; /* a minute and a half */
    ps_gpu *gpu = make_gpu((ps_gpu_options){0});
    mix m = make_mix(2, frames);
    test_dice dice = {13, 0};

    (void)state;
    needs_a_device();
    for (uint32_t i = 0; i < 2; i++) {
        m.tones[i] = any_tone(&dice, 7, 0, frames);
        m.tones[i].phase.bend = i == 0 ? UINT64_C(0x123456789abc) : 0 - UINT64_C(0x123456789abc);
    }
    assert_int_equal(offer(gpu, &m.item, 1), PS_JOB_DONE);
    agrees_between(&m, 0, 2000);
    agrees_between(&m, frames / 2, frames / 2 + 2000);
    agrees_between(&m, frames - 2000, frames);
    free_mix(&m);
    ps_gpu_destroy(gpu);
}

static void several_mixes_go_at_once(void **state)
{
    static const uint64_t lengths[] = {3001, 0, 1, CHUNK + 1};
    ps_gpu *gpu = make_gpu((ps_gpu_options){.profile = true});
    test_dice dice = {17, 0};
    ps_gpu_usage usage;
    ps_tones items[4];
    mix m[4];

    (void)state;
    needs_a_device();
    for (uint32_t k = 0; k < 4; k++) {
        m[k] = make_mix(k, lengths[k]); /* the first one is silence */
        for (uint32_t i = 0; i < k; i++)
            m[k].tones[i] = any_tone(&dice, 21, i, lengths[k]);
        items[k] = m[k].item;
    }
    assert_int_equal(offer(gpu, items, 4), PS_JOB_DONE);
    for (uint32_t k = 0; k < 4; k++) {
        assert_int_equal(items[k].done_frames, lengths[k]);
        agrees_between(&m[k], 0, lengths[k] < 5000 ? lengths[k] : 5000);
        free_mix(&m[k]);
    }
    ps_gpu_get_usage(gpu, &usage);
    assert_int_equal(usage.done, 1);
    assert_int_equal(usage.chunks, 1 + 1 + 2);
    assert_int_equal(usage.down_bytes, 2 * sizeof(float) * (3001 + 1 + CHUNK + 1));
    assert_true(usage.work_sec > 0.0);
    ps_gpu_destroy(gpu);
}

/* ---- What is left to the processor ----------------------------------------------------------- */

static void what_is_no_tone_is_declined(void **state)
{
    ps_gpu *gpu = make_gpu((ps_gpu_options){0});
    mix m = make_mix(1, 100);
    test_dice dice = {19, 0};
    const ps_tone good = any_tone(&dice, 31, 0, 100);
    ps_tone bad[9];

    (void)state;
    needs_a_device();
    for (uint32_t i = 0; i < 9; i++)
        bad[i] = good;
    bad[0].level[1].at = (double)NAN;
    bad[1].left = INFINITY;
    bad[2].turns[1].at = 65.0;
    bad[3].turns[0].by = 1.0; /* 100 turns at its end */
    bad[4].audible.by = 0.02;
    bad[5].ramp.at = -0.1;
    bad[6].frames = (UINT64_C(1) << 24) + 1;
    bad[7].depth.by = (double)INFINITY;
    bad[8].skew.at = 2.5;
    for (uint32_t i = 0; i < 9; i++) {
        m.tones[0] = bad[i];
        assert_int_equal(offer(gpu, &m.item, 1), PS_JOB_DECLINED);
        assert_true(m.out[0][0] == 99.0f);
    }
    m.tones[0] = good;
    assert_int_equal(offer(gpu, &m.item, 1), PS_JOB_DONE);
    assert_int_equal(offer(gpu, NULL, 0), PS_JOB_DECLINED);
    free_mix(&m);
    ps_gpu_destroy(gpu);
}

/* Nothing is looked for, and no device is opened, for what the processor does in a moment. */
static void little_work_is_declined_unless_it_is_part_of_much(void **state)
{
    const ps_gpu_options options = {.mode = PS_GPU_AUTO, .cache_folder = "."};
    mix m = make_mix(4, 1000);
    test_dice dice = {23, 0};
    ps_gpu_usage usage;
    ps_gpu *gpu;

    (void)state;
    assert_int_equal(ps_gpu_create(&gpu, &options, NULL), PS_OK);
    for (uint32_t i = 0; i < 4; i++)
        m.tones[i] = any_tone(&dice, i, 0, 1000);
    assert_int_equal(offer(gpu, &m.item, 1), PS_JOB_DECLINED);
    ps_gpu_get_usage(gpu, &usage);
    assert_int_equal(usage.declined, 0); /* it did not come to that */
    free_mix(&m);
    ps_gpu_destroy(gpu);
}

static void how_fast_a_device_is_can_be_measured(void **state)
{
    double per_sec = 0.0;
    ps_gpu *gpu;

    (void)state;
    needs_a_device();
    gpu = make_gpu((ps_gpu_options){0});
    assert_true(ps_gpu_enter(gpu) && ps_gpu_open(gpu));
    assert_int_equal(ps_gpu_tones_measure(&per_sec, gpu), 0);
    ps_gpu_leave(gpu);
    assert_true(per_sec > 1e5 && per_sec < 1e15);
    ps_gpu_destroy(gpu);
}

/* ---- Failures -------------------------------------------------------------------------------- */

typedef struct told {
    int count;
} told;

static void tell(void *user, const ps_error *warning)
{
    (void)warning;
    ((told *)user)->count++;
}

/* Lets all calls after the first `works` fail. Returns whether the job was done all the same. */
static bool fail_after(uint64_t works, mix *m, uint64_t *most_done)
{
    const ps_gpu_fault fault = {.after_calls = works, .code = -5};
    told t = {0};
    const ps_warnings warnings = {tell, &t};
    ps_gpu *gpu =
        make_gpu((ps_gpu_options){.memory_bytes = 4 << 20, .warnings = &warnings, .fault = &fault});
    const ps_job_outcome outcome = offer(gpu, &m->item, 1);
    const uint64_t done = m->item.done_frames;

    agrees_between(m, 0, done < 300 ? done : 300);
    if (done > 300)
        agrees_between(m, done - 300, done);
    if (outcome == PS_JOB_PARTLY) {
        assert_int_equal(t.count, 1);
        assert_int_equal(offer(gpu, &m->item, 1), PS_JOB_DECLINED); /* it is used no more */
        *most_done = done > *most_done ? done : *most_done;
    }
    ps_gpu_destroy(gpu);
    return outcome == PS_JOB_DONE;
}

static void what_is_said_to_be_done_is_right_whenever_it_fails(void **state)
{
    mix m = make_mix(5, 200001); /* in small chunks */
    test_dice dice = {29, 0};
    uint64_t works = 1, most_done = 0;

    (void)state;
    needs_a_device();
    for (uint32_t i = 0; i < 5; i++)
        m.tones[i] = any_tone(&dice, 31, 100 * i, 190000);
    ps_gpu *gpu = make_gpu((ps_gpu_options){.memory_bytes = 4 << 20});
    assert_int_equal(offer(gpu, &m.item, 1), PS_JOB_DONE); /* builds what is needed */
    ps_gpu_destroy(gpu);
    while (!fail_after(works, &m, &most_done)) {
        works += works < 40 ? 3 : works < 100 ? 5 : 7;
        assert_true(works < 1000);
    }
    print_message("%llu calls, up to %llu frames were done\n", (unsigned long long)works,
                  (unsigned long long)most_done);
    assert_true(works > 50 && most_done > 0 && most_done < 200001);
    free_mix(&m);
}

static void a_lack_of_memory_is_not_the_end(void **state)
{
    mix m = make_mix(3, 50001);
    test_dice dice = {31, 0};
    uint32_t done = 0, tries = 0;

    (void)state;
    needs_a_device();
    for (uint32_t i = 0; i < 3; i++)
        m.tones[i] = any_tone(&dice, 21, 0, 50001);
    for (uint64_t works = 20; works < 90; works += 7, tries++) {
        const ps_gpu_fault fault = {.after_calls = works, .count = 1, .code = -4};
        ps_gpu *gpu = make_gpu((ps_gpu_options){.memory_bytes = 4 << 20, .fault = &fault});

        done += offer(gpu, &m.item, 1) == PS_JOB_DONE;
        agrees_between(&m, 0, m.item.done_frames < 2000 ? m.item.done_frames : 2000);
        ps_gpu_destroy(gpu);
    }
    print_message("%u of %u jobs were done all the same\n", done, tries);
    assert_true(2 * done > tries);
    free_mix(&m);
}

static void a_failing_allocation_is_left_to_the_processor(void **state)
{
    mix m = make_mix(3, 3001);
    test_dice dice = {37, 0};
    ps_job_outcome outcome;
    long allowed = 0;

    (void)state;
    needs_a_device();
    for (uint32_t i = 0; i < 3; i++)
        m.tones[i] = any_tone(&dice, 21, 0, 3001);
    do {
        ps_gpu *gpu = make_gpu((ps_gpu_options){0});
        ps_gpu_device_info info;

        ps_gpu_device(gpu, 0, &info); /* finds devices */
        heap_allowed = allowed++;
        outcome = offer(gpu, &m.item, 1);
        heap_allowed = -1;
        agrees_between(&m, 0, m.item.done_frames);
        assert_int_equal(offer(gpu, &m.item, 1), PS_JOB_DONE); /* now there is memory */
        agrees_between(&m, 0, m.item.done_frames);
        ps_gpu_destroy(gpu);
    } while (outcome != PS_JOB_DONE && allowed < 100);
    assert_true(allowed > 3 && outcome == PS_JOB_DONE);
    free_mix(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_kind_of_tone_is_as_defined, in_folder, out_of_folder),
        cmocka_unit_test_setup_teardown(tones_begin_and_end_anywhere, in_folder, out_of_folder),
        cmocka_unit_test_setup_teardown(phases_do_not_drift, in_folder, out_of_folder),
        cmocka_unit_test_setup_teardown(several_mixes_go_at_once, in_folder, out_of_folder),
        cmocka_unit_test_setup_teardown(what_is_no_tone_is_declined, in_folder, out_of_folder),
        cmocka_unit_test_setup_teardown(little_work_is_declined_unless_it_is_part_of_much,
                                        in_folder, out_of_folder),
        cmocka_unit_test_setup_teardown(how_fast_a_device_is_can_be_measured, in_folder,
                                        out_of_folder),
        cmocka_unit_test_setup_teardown(what_is_said_to_be_done_is_right_whenever_it_fails,
                                        in_folder, out_of_folder),
        cmocka_unit_test_setup_teardown(a_lack_of_memory_is_not_the_end, in_folder, out_of_folder),
        cmocka_unit_test_setup_teardown(a_failing_allocation_is_left_to_the_processor, in_folder,
                                        out_of_folder),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
