/* Jobs of several threads that go to the device together. */
#define _GNU_SOURCE
#include "gpu_support.h"

#include <pthread.h>
#include <sched.h>

#include "../edge/gpu/inside.h"
#include "failing_heap.h"

#define CALLERS 6u

typedef struct caller {
    const ps_accelerator *accelerator;
    sounds *s;
    pthread_t thread;
    ps_job_outcome outcome;
} caller;

static void *call(void *argument)
{
    caller *c = argument;

    c->outcome = ps_accelerate_convolve(c->accelerator, &c->s->job, 1);
    return NULL;
}

/* While the device is busy with us, one comes to it and all others wait. */
static void call_all(ps_gpu *gpu, caller callers[CALLERS], sounds *const pieces[CALLERS])
{
    assert_true(ps_gpu_enter(gpu));
    for (uint32_t i = 0; i < CALLERS; i++) {
        callers[i] = (caller){.accelerator = ps_gpu_accelerator(gpu), .s = pieces[i]};
        assert_int_equal(pthread_create(&callers[i].thread, NULL, call, &callers[i]), 0);
        while (ps_batch_waiting(&gpu->convolutions) != i)
            sched_yield();
    }
    ps_gpu_leave(gpu);
    for (uint32_t i = 0; i < CALLERS; i++)
        pthread_join(callers[i].thread, NULL);
}

static void make_pieces(sounds *pieces[CALLERS])
{
    pieces[0] = make_sounds(1, 2, 2, 5001, 800, 5800);
    pieces[1] = make_sounds(2, 2, 1, 333, 800, 1132);
    pieces[2] = make_sounds(3, 2, 4, 7919, 1500, 9418);
    pieces[3] = make_sounds(4, 1, 1, 1, 1, 1);
    pieces[4] = make_sounds(5, 2, 4, 4099, 1500, 5598);
    pieces[5] = make_sounds(6, 2, 1, 60013, 997, 61009);
}

static void free_pieces(sounds *pieces[CALLERS])
{
    for (uint32_t i = 0; i < CALLERS; i++)
        free_sounds(pieces[i]);
}

static void who_comes_while_it_is_busy_goes_with_the_others(void **state)
{
    sounds *pieces[CALLERS];
    caller callers[CALLERS];
    ps_gpu_usage usage;
    ps_gpu *gpu;

    (void)state;
    needs_a_device();
    make_pieces(pieces);
    gpu = make_gpu((ps_gpu_options){0});
    call_all(gpu, callers, pieces);
    ps_gpu_get_usage(gpu, &usage);
    assert_int_equal(usage.submissions, 2);
    assert_int_equal(usage.done, CALLERS);
    for (uint32_t i = 0; i < CALLERS; i++) {
        assert_int_equal(callers[i].outcome, PS_JOB_DONE);
        is_done(pieces[i]);
    }
    ps_gpu_destroy(gpu);
    free_pieces(pieces);
}

/* A response that the device has no room for; the sound does not matter, for it is not read. */
static void what_cannot_be_done_is_declined_alone(void **state)
{
    sounds *pieces[CALLERS];
    caller callers[CALLERS];
    ps_gpu_usage usage;
    ps_gpu *gpu;

    (void)state;
    needs_a_device();
    make_pieces(pieces);
    pieces[2]->job.response_frames = (uint64_t)1 << 40;
    gpu = make_gpu((ps_gpu_options){0});
    call_all(gpu, callers, pieces);
    pieces[2]->job.response_frames = 1500;
    ps_gpu_get_usage(gpu, &usage);
    assert_int_equal(usage.declined, 1);
    assert_int_equal(usage.done, CALLERS - 1);
    for (uint32_t i = 0; i < CALLERS; i++) {
        assert_int_equal(callers[i].outcome, i == 2 ? PS_JOB_DECLINED : PS_JOB_DONE);
        if (i != 2)
            is_done(pieces[i]);
    }
    assert_int_equal(pieces[2]->job.done_frames, 0);
    ps_gpu_destroy(gpu);
    free_pieces(pieces);
}

static void tell(void *user, const ps_error *warning)
{
    (void)warning;
    ++*(int *)user;
}

/* Lets all calls after the first `works` fail; returns how many jobs were done all the same. */
static uint32_t fail_after(uint64_t works, uint32_t *partly)
{
    const ps_gpu_fault fault = {.after_calls = works, .code = -5};
    int told = 0;
    const ps_warnings warnings = {tell, &told};
    sounds *pieces[CALLERS];
    caller callers[CALLERS];
    uint32_t done = 0;
    ps_gpu *gpu =
        make_gpu((ps_gpu_options){.memory_bytes = 1 << 20, .fault = &fault, .warnings = &warnings});

    make_pieces(pieces);
    call_all(gpu, callers, pieces);
    for (uint32_t i = 0; i < CALLERS; i++) {
        const ps_convolution *job = &pieces[i]->job;

        agrees(pieces[i]);
        if (callers[i].outcome == PS_JOB_DECLINED)
            assert_int_equal(job->done_frames, 0);
        else
            assert_int_equal(job->done_frames == job->out_frames,
                             callers[i].outcome == PS_JOB_DONE);
        done += callers[i].outcome == PS_JOB_DONE;
        *partly += callers[i].outcome == PS_JOB_PARTLY && job->done_frames > 0;
    }
    assert_true(told <= 1);
    ps_gpu_destroy(gpu);
    free_pieces(pieces);
    return done;
}

static void a_failure_leaves_every_job_as_it_says(void **state)
{
    uint32_t done = 0, some = 0, partly = 0;

    (void)state;
    needs_a_device();
    assert_int_equal(fail_after(1 << 30, &partly), CALLERS); /* builds what is needed */
    for (uint64_t works = 40; done < CALLERS; works += 29) {
        assert_true(works < 10000);
        done = fail_after(works, &partly);
        some += done > 0 && done < CALLERS;
    }
    print_message("%u batches were done in part, %u jobs\n", some, partly);
    assert_true(some > 0 && partly > 0);
}

/* ---- What is wanted -------------------------------------------------------------------------- */

static ps_convolution sizes(uint64_t frames, uint64_t response_frames, uint64_t piece_frames)
{
    return (ps_convolution){.in_frames = frames,
                            .out_frames = frames + response_frames - 1,
                            .response_frames = response_frames,
                            .piece_frames = piece_frames,
                            .channels = 2,
                            .responses = 4};
}

static bool is_wanted(ps_gpu_mode mode, ps_convolution job, bool *looked)
{
    const ps_gpu_options options = {.mode = mode, .cache_folder = "."};
    ps_gpu_usage usage;
    ps_gpu *gpu;
    bool wanted;

    assert_int_equal(ps_gpu_create(&gpu, &options, NULL), PS_OK);
    wanted = ps_accelerate_wants_convolution(ps_gpu_accelerator(gpu), &job, 1);
    ps_gpu_get_usage(gpu, &usage);
    *looked = usage.looked;
    ps_gpu_destroy(gpu);
    return wanted;
}

static void only_what_is_large_makes_it_look_for_devices(void **state)
{
    const uint64_t hour = 3600 * 44100;
    bool looked;

    (void)state;
    assert_false(ps_accelerate_wants_convolution(NULL, NULL, 0));
    assert_false(is_wanted(PS_GPU_OFF, sizes(hour, 132300, 0), &looked));
    assert_false(looked);
    assert_false(is_wanted(PS_GPU_AUTO, sizes(1 << 20, 4410, 0), &looked));
    assert_false(looked);
    assert_false(is_wanted(PS_GPU_AUTO, sizes(1 << 20, 4410, 300 * 44100), &looked));
    assert_false(looked);
    is_wanted(PS_GPU_AUTO, sizes(1 << 20, 132300, hour), &looked);
    assert_true(looked);
    is_wanted(PS_GPU_AUTO, sizes(hour, 132300, 0), &looked);
    assert_true(looked);
}

static void turned_on_it_wants_what_it_can_do(void **state)
{
    bool looked;

    (void)state;
    needs_a_device();
    assert_true(is_wanted(PS_GPU_ON, sizes(256, 1, 0), &looked));
    assert_true(is_wanted(PS_GPU_ON, sizes(1 << 20, 132300, 0), &looked));
    assert_false(is_wanted(PS_GPU_ON, sizes(256, (uint64_t)1 << 40, 0), &looked));
    assert_true(looked);
    assert_false(is_wanted(PS_GPU_ON, (ps_convolution){.channels = 3, .responses = 2}, &looked));
    assert_false(looked);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_comes_while_it_is_busy_goes_with_the_others),
        cmocka_unit_test(what_cannot_be_done_is_declined_alone),
        cmocka_unit_test(a_failure_leaves_every_job_as_it_says),
        cmocka_unit_test(only_what_is_large_makes_it_look_for_devices),
        cmocka_unit_test(turned_on_it_wants_what_it_can_do),
    };

    return cmocka_run_group_tests(tests, in_folder, out_of_folder);
}
