/* Convolution on a device against the direct sum in double. */
#define _GNU_SOURCE
#include "gpu_support.h"

#include <pthread.h>
#include <sys/wait.h>

#include "failing_heap.h"
#include "plainsong/threads.h"

static ps_job_outcome offer(ps_gpu *gpu, sounds *s)
{
    return ps_accelerate_convolve(ps_gpu_accelerator(gpu), &s->job, 1);
}

static void convolve_and_compare(ps_gpu *gpu, uint32_t channels, uint32_t responses,
                                 uint64_t in_frames, uint64_t response_frames, uint64_t out_frames)
{
    sounds *s = make_sounds(7, channels, responses, in_frames, response_frames, out_frames);

    assert_int_equal(offer(gpu, s), PS_JOB_DONE);
    is_done(s);
    free_sounds(s);
}

static void odd_sizes_agree(void **state)
{
    const uint64_t lengths[] = {1, 2, 63, 4097, 10007};
    ps_gpu *gpu;

    (void)state;
    needs_a_device();
    gpu = make_gpu((ps_gpu_options){0});
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++)
        for (size_t r = 0; r < sizeof lengths / sizeof *lengths; r++) {
            const uint64_t whole = lengths[i] + lengths[r] - 1;

            convolve_and_compare(gpu, 1, 1, lengths[i], lengths[r], whole);
            convolve_and_compare(gpu, 2, 2, lengths[i], lengths[r], whole + 100);
            convolve_and_compare(gpu, 2, 4, lengths[i], lengths[r], whole);
            convolve_and_compare(gpu, 3, 1, lengths[i], lengths[r], (whole + 1) / 2);
        }
    ps_gpu_destroy(gpu);
}

static void any_number_of_channels_agrees(void **state)
{
    ps_gpu *gpu;

    (void)state;
    needs_a_device();
    gpu = make_gpu((ps_gpu_options){0});
    for (uint32_t channels = 1; channels <= 17; channels++) {
        convolve_and_compare(gpu, channels, 1, 3001, 997, 3997);
        convolve_and_compare(gpu, channels, channels, 2503, 997, 3500);
    }
    ps_gpu_destroy(gpu);
}

/* ---- Batches --------------------------------------------------------------------------------- */

#define PIECES 9u

/* Pieces of different lengths, channels and responses; some responses are shared. */
static void make_batch(sounds *pieces[PIECES], ps_convolution items[PIECES])
{
    pieces[0] = make_sounds(1, 2, 2, 5001, 800, 5800);
    pieces[1] = make_sounds(2, 1, 1, 333, 800, 1132);
    pieces[2] = make_sounds(3, 2, 4, 7919, 1500, 9418);
    pieces[3] = make_sounds(4, 2, 1, 1, 1, 1);
    pieces[4] = make_sounds(5, 2, 1, 2000, 20000, 21999);
    pieces[5] = make_sounds(6, 2, 4, 100, 1500, 1599);
    pieces[6] = make_sounds(7, 5, 5, 4999, 640, 5000);
    pieces[7] = make_sounds(8, 2, 1, 0, 100, 50);
    pieces[8] = make_sounds(9, 2, 1, 3000, 0, 3000);
    for (uint32_t i = 0; i < PIECES; i++)
        items[i] = pieces[i]->job;
    items[1].response = items[0].response; /* of the same length: the first of two */
    items[5].response = items[2].response;
}

static void take_batch(sounds *pieces[PIECES], const ps_convolution items[PIECES])
{
    for (uint32_t i = 0; i < PIECES; i++)
        pieces[i]->job = items[i];
}

static void free_batch(sounds *pieces[PIECES])
{
    for (uint32_t i = 0; i < PIECES; i++)
        free_sounds(pieces[i]);
}

static void many_pieces_go_in_one_job(void **state)
{
    const uint64_t memory[] = {0, 16 << 20, 8 << 20};
    ps_threads *threads;

    (void)state;
    needs_a_device();
    assert_int_equal(ps_threads_create(&threads, 3, NULL), PS_OK);
    for (size_t m = 0; m < sizeof memory / sizeof *memory; m++) {
        ps_gpu *gpu = make_gpu((ps_gpu_options){
            .memory_bytes = memory[m], .workers = m == 1 ? ps_threads_workers(threads) : NULL});
        ps_convolution items[PIECES];
        sounds *pieces[PIECES];

        make_batch(pieces, items);
        assert_int_equal(ps_accelerate_convolve(ps_gpu_accelerator(gpu), items, PIECES),
                         PS_JOB_DONE);
        take_batch(pieces, items);
        for (uint32_t i = 0; i < PIECES; i++)
            is_done(pieces[i]);
        free_batch(pieces);
        ps_gpu_destroy(gpu);
    }
    ps_threads_destroy(threads);
}

/* A piece that is much larger than what is on the device at a time. */
static void a_long_piece_goes_in_chunks(void **state)
{
    ps_gpu *gpu;
    ps_gpu_usage usage;

    (void)state;
    needs_a_device();
    gpu = make_gpu((ps_gpu_options){.memory_bytes = 2 << 20});
    convolve_and_compare(gpu, 2, 1, 300007, 997, 301003);
    ps_gpu_get_usage(gpu, &usage);
    assert_true(usage.chunks > 20 && usage.done == 1);
    convolve_and_compare(gpu, 2, 4, 100003, 997, 100999);
    convolve_and_compare(gpu, 17, 17, 20011, 997, 21007); /* more channels than rows of a chunk */
    ps_gpu_destroy(gpu);
}

/* Transforms of any size that a block may have, up to what goes over memory several times. */
static void long_responses_go_in_long_blocks(void **state)
{
    ps_gpu *gpu;

    (void)state;
    needs_a_device();
    gpu = make_gpu((ps_gpu_options){0});
    for (uint64_t response = 2003; response < 300000; response *= 3)
        convolve_and_compare(gpu, 2, 1, 400009, response, 400009 + response - 1);
    convolve_and_compare(gpu, 2, 4, 100003, 132300, 232302);
    ps_gpu_destroy(gpu);
}

static void responses_stay_on_the_device(void **state)
{
    sounds *s;
    ps_gpu *gpu;
    ps_gpu_usage first, second;

    (void)state;
    needs_a_device();
    s = make_sounds(3, 2, 2, 1000, 900, 1899);
    gpu = make_gpu((ps_gpu_options){0});
    assert_int_equal(offer(gpu, s), PS_JOB_DONE);
    ps_gpu_get_usage(gpu, &first);
    assert_int_equal(first.up_bytes, 2 * (1000 + 900) * sizeof(float));
    assert_int_equal(first.down_bytes, 2 * 1899 * sizeof(float));
    memset(s->out[0], 0, 1899 * sizeof(float));
    assert_int_equal(offer(gpu, s), PS_JOB_DONE);
    is_done(s);
    ps_gpu_get_usage(gpu, &second);
    assert_int_equal(second.up_bytes - first.up_bytes, 2 * 1000 * sizeof(float));
    ((float *)(uintptr_t)s->response[1])[450] += 0.5f; /* another response in the same place */
    assert_int_equal(offer(gpu, s), PS_JOB_DONE);
    is_done(s);
    ps_gpu_destroy(gpu);
    free_sounds(s);
}

/* Spectra have a quarter of the memory: here 512 KiB, for some hundred of them. */
static void more_responses_than_fit_take_turns(void **state)
{
    enum { MANY = 300 };
    static sounds *pieces[MANY];
    static ps_convolution items[MANY];
    ps_gpu *gpu;

    (void)state;
    needs_a_device();
    gpu = make_gpu((ps_gpu_options){.memory_bytes = 2 << 20});
    for (uint32_t round = 0; round < 2; round++) {
        for (uint32_t i = 0; i < MANY; i++) {
            pieces[i] = make_sounds(10 + round * MANY + i, 1, 1, 50 + i, 30, 80 + i);
            items[i] = pieces[i]->job;
        }
        assert_int_equal(ps_accelerate_convolve(ps_gpu_accelerator(gpu), items, MANY), PS_JOB_DONE);
        for (uint32_t i = 0; i < MANY; i++) {
            pieces[i]->job = items[i];
            is_done(pieces[i]);
            free_sounds(pieces[i]);
        }
    }
    ps_gpu_destroy(gpu);
}

/* ---- What comes in --------------------------------------------------------------------------- */

static void what_is_no_number_counts_as_nothing(void **state)
{
    sounds *s;
    float *in, *response;
    ps_gpu *gpu;

    (void)state;
    needs_a_device();
    s = make_sounds(5, 2, 1, 3000, 100, 3099);
    in = (float *)(uintptr_t)s->in[0];
    response = (float *)(uintptr_t)s->response[0];
    in[0] = NAN;
    in[1500] = INFINITY;
    in[2999] = -INFINITY;
    response[50] = NAN;
    gpu = make_gpu((ps_gpu_options){0});
    assert_int_equal(offer(gpu, s), PS_JOB_DONE);
    is_done(s);
    ps_gpu_destroy(gpu);
    free_sounds(s);
}

static void silence_stays_silent(void **state)
{
    sounds *s;
    ps_gpu *gpu;

    (void)state;
    needs_a_device();
    s = make_sounds(5, 2, 1, 3000, 100, 3099);
    memset((void *)(uintptr_t)s->in[1], 0, 3000 * sizeof(float));
    gpu = make_gpu((ps_gpu_options){0});
    assert_int_equal(offer(gpu, s), PS_JOB_DONE);
    is_done(s);
    for (int i = 0; i < 3099; i++)
        assert_true(s->out[1][i] == 0.0f);
    ps_gpu_destroy(gpu);
    free_sounds(s);
}

static void what_cannot_be_is_declined(void **state)
{
    sounds *s = make_sounds(5, 3, 3, 100, 100, 199);
    ps_gpu *gpu = make_gpu((ps_gpu_options){.memory_bytes = 2 << 20});

    (void)state;
    s->job.responses = 2;
    assert_int_equal(offer(gpu, s), PS_JOB_DECLINED);
    s->job.responses = 4;
    assert_int_equal(offer(gpu, s), PS_JOB_DECLINED);
    s->job.responses = 1;
    s->job.channels = 0;
    assert_int_equal(offer(gpu, s), PS_JOB_DECLINED);
    s->job.channels = 3;
    s->job.in_frames = UINT64_MAX;
    assert_int_equal(offer(gpu, s), PS_JOB_DECLINED);
    s->job.in_frames = 100;
    s->job.response_frames = 1 << 24; /* more than goes on the device: not even looked at */
    assert_int_equal(offer(gpu, s), PS_JOB_DECLINED);
    assert_int_equal(s->job.done_frames, 0);
    assert_int_equal(ps_accelerate_convolve(ps_gpu_accelerator(gpu), NULL, 0), PS_JOB_DECLINED);
    ps_gpu_destroy(gpu);
    free_sounds(s);
}

/* ---- Where sound lies ------------------------------------------------------------------------ */

static void lent_memory_is_used_as_it_is(void **state)
{
    sounds *s;
    ps_gpu *gpu;
    const ps_allocator *memory;
    float *in[2], *out[2];

    (void)state;
    needs_a_device();
    s = make_sounds(5, 2, 4, 30011, 700, 30710);
    gpu = make_gpu((ps_gpu_options){.memory_bytes = 2 << 20});
    memory = ps_gpu_memory(gpu);
    for (int c = 0; c < 2; c++) {
        in[c] = ps_alloc(memory, 30011, sizeof(float));
        out[c] = ps_alloc(memory, 30710, sizeof(float));
        assert_true(in[c] && out[c]);
        memcpy(in[c], s->in[c], 30011 * sizeof(float));
    }
    s->job.in = (const float *const[]){in[0], s->in[1]};
    s->job.out = (float *const[]){s->out[0], out[1]};
    assert_int_equal(offer(gpu, s), PS_JOB_DONE);
    memcpy(s->out[1], out[1], 30710 * sizeof(float));
    s->job.in = s->in;
    s->job.out = s->out;
    is_done(s);
    for (int c = 0; c < 2; c++) {
        ps_free(memory, in[c]);
        ps_free(memory, out[c]);
    }
    ps_gpu_destroy(gpu);
    free_sounds(s);
}

static void without_a_device_ordinary_memory_is_lent(void **state)
{
    ps_gpu *gpu = NULL;
    float *numbers;

    (void)state;
    assert_int_equal(ps_gpu_create(&gpu, &(ps_gpu_options){.mode = PS_GPU_OFF}, NULL), PS_OK);
    numbers = ps_alloc(ps_gpu_memory(gpu), 100, sizeof *numbers);
    assert_non_null(numbers);
    assert_true(numbers[99] == 0.0f);
    ps_free(ps_gpu_memory(gpu), numbers);
    ps_gpu_destroy(gpu);
}

/* ---- When to decline ------------------------------------------------------------------------- */

static void small_jobs_are_declined_unless_told(void **state)
{
    sounds *s = make_sounds(5, 2, 1, 3000, 100, 3099);
    ps_gpu *gpu = NULL;

    (void)state;
    assert_int_equal(ps_gpu_create(&gpu, NULL, NULL), PS_OK);
    assert_int_equal(offer(gpu, s), PS_JOB_DECLINED);
    ps_gpu_destroy(gpu);
    assert_int_equal(ps_gpu_create(&gpu, &(ps_gpu_options){.mode = PS_GPU_OFF}, NULL), PS_OK);
    assert_int_equal(offer(gpu, s), PS_JOB_DECLINED);
    ps_gpu_destroy(gpu);
    assert_int_equal(ps_accelerate_convolve(NULL, &s->job, 1), PS_JOB_DECLINED);
    assert_int_equal(s->job.done_frames, 0);
    free_sounds(s);
}

static void a_forked_child_is_declined(void **state)
{
    sounds *s;
    ps_gpu *gpu;
    pid_t child;
    int status;

    (void)state;
    needs_a_device();
    s = make_sounds(5, 2, 1, 3000, 100, 3099);
    gpu = make_gpu((ps_gpu_options){0});
    assert_int_equal(offer(gpu, s), PS_JOB_DONE);
    child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        void *memory = ps_alloc(ps_gpu_memory(gpu), 1, 100);

        CHILD_CHECK(offer(gpu, s) == PS_JOB_DECLINED);
        CHILD_CHECK(memory);
        ps_free(ps_gpu_memory(gpu), memory);
        ps_gpu_destroy(gpu);
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    ps_gpu_destroy(gpu);
    free_sounds(s);
}

/* ---- Threads --------------------------------------------------------------------------------- */

typedef struct caller {
    ps_gpu *gpu;
    sounds *s;
    pthread_t thread;
    ps_job_outcome outcome;
} caller;

static void *call(void *argument)
{
    caller *c = argument;

    c->outcome = PS_JOB_DONE;
    for (int i = 0; i < 5 && c->outcome == PS_JOB_DONE; i++)
        c->outcome = offer(c->gpu, c->s);
    return NULL;
}

static void several_threads_may_offer_jobs(void **state)
{
    caller callers[4];
    ps_gpu *gpu;

    (void)state;
    needs_a_device();
    gpu = make_gpu((ps_gpu_options){0});
    for (uint32_t i = 0; i < 4; i++) {
        callers[i].gpu = gpu;
        callers[i].s = make_sounds(i, 2, 1, 2000 + i, 500, 2500);
        assert_int_equal(pthread_create(&callers[i].thread, NULL, call, &callers[i]), 0);
    }
    for (uint32_t i = 0; i < 4; i++) {
        pthread_join(callers[i].thread, NULL);
        assert_int_equal(callers[i].outcome, PS_JOB_DONE);
        is_done(callers[i].s);
        free_sounds(callers[i].s);
    }
    ps_gpu_destroy(gpu);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(odd_sizes_agree),
        cmocka_unit_test(any_number_of_channels_agrees),
        cmocka_unit_test(many_pieces_go_in_one_job),
        cmocka_unit_test(a_long_piece_goes_in_chunks),
        cmocka_unit_test(long_responses_go_in_long_blocks),
        cmocka_unit_test(responses_stay_on_the_device),
        cmocka_unit_test(more_responses_than_fit_take_turns),
        cmocka_unit_test(what_is_no_number_counts_as_nothing),
        cmocka_unit_test(silence_stays_silent),
        cmocka_unit_test(what_cannot_be_is_declined),
        cmocka_unit_test(lent_memory_is_used_as_it_is),
        cmocka_unit_test(without_a_device_ordinary_memory_is_lent),
        cmocka_unit_test(small_jobs_are_declined_unless_told),
        cmocka_unit_test(a_forked_child_is_declined),
        cmocka_unit_test(several_threads_may_offer_jobs),
    };

    return cmocka_run_group_tests(tests, in_folder, out_of_folder);
}
