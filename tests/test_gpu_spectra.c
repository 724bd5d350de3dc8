/* Spectra made on a device against the sum of their definition in double. */
#define _GNU_SOURCE
#include "gpu_support.h"

#include "failing_heap.h"

#define FRAMES 30011u

static float sound[FRAMES];
static float window[4096];

static void make_sound(void)
{
    for (uint32_t i = 0; i < FRAMES; i++)
        sound[i] = noise_at(3, i) * (i % 2000 < 1000 ? 1.0f : 0.001f);
}

static void make_window(uint32_t size)
{
    for (uint32_t n = 0; n < size; n++)
        window[n] = (float)(0.5 - 0.5 * cos(2.0 * M_PI * (n + 0.5) / size));
}

/* The bin k of spectrum t, in double. */
static void exact_bin(const ps_spectra *job, uint64_t t, uint32_t k, double *re, double *im)
{
    *re = *im = 0.0;
    for (uint32_t n = 0; n < job->size; n++) {
        const int64_t at = job->first + (int64_t)(t * job->hop + n);
        const double angle = 2.0 * M_PI * (double)((uint64_t)k * n % job->size) / job->size;
        const double gain = job->window ? (double)job->window[n] : 1.0;

        if (at >= 0 && at < (int64_t)job->frames) {
            *re += gain * (double)job->samples[at] * cos(angle);
            *im -= gain * (double)job->samples[at] * sin(angle);
        }
    }
}

/* How far a bin is off, of full scale: that is what a full-scale sine would make of it. */
static double off_by(const ps_spectra *job, uint64_t t, uint32_t k)
{
    const uint32_t bins = job->size / 2 + 1;
    double re, im, full = 0.0;

    for (uint32_t n = 0; n < job->size; n++)
        full += job->window ? (double)job->window[n] : 1.0;
    exact_bin(job, t, k, &re, &im);
    if (job->kind == PS_SPECTRA_COMPLEX) {
        const float *out = job->out + 2 * (t * bins + k);

        return hypot((double)out[0] - re, (double)out[1] - im) / full;
    }
    if (job->kind == PS_SPECTRA_POWER)
        return fabs((double)job->out[t * bins + k] - (re * re + im * im)) / (full * full);
    return fabs((double)job->out[t * bins + k] - hypot(re, im)) / full;
}

/* Compares all bins of the first and the last spectra and some of the others. */
static void compare(const ps_spectra *job)
{
    for (uint64_t t = 0; t < job->count; t++) {
        const uint32_t step = t < 2 || t + 2 > job->count ? 1 + job->size / 200 : 1 + job->size / 7;

        for (uint32_t k = 0; k <= job->size / 2; k += step)
            if (!(off_by(job, t, k) <= AGREE))
                fail_msg("size %u, spectrum %llu of %llu, bin %u: %g off", job->size,
                         (unsigned long long)t, (unsigned long long)job->count, k,
                         off_by(job, t, k));
    }
}

static ps_spectra make_job(uint32_t size, uint32_t hop, int64_t first, uint64_t count,
                           ps_spectra_kind kind)
{
    const size_t numbers = (size_t)(count * (size / 2 + 1) * (kind == PS_SPECTRA_COMPLEX ? 2 : 1));
    ps_spectra job = {.samples = sound,
                      .window = window,
                      .out = calloc(numbers + 1, sizeof(float)),
                      .frames = FRAMES,
                      .first = first,
                      .count = count,
                      .size = size,
                      .hop = hop,
                      .kind = kind};

    assert_non_null(job.out);
    job.out[numbers] = 99.0f;
    return job;
}

static void is_right(const ps_spectra *job)
{
    const size_t numbers =
        (size_t)(job->count * (job->size / 2 + 1) * (job->kind == PS_SPECTRA_COMPLEX ? 2 : 1));

    assert_int_equal(job->done, job->count);
    assert_true(job->out[numbers] == 99.0f);
    compare(job);
}

static void spectra_agree_with_their_definition(void **state)
{
    const uint32_t sizes[] = {2, 15, 64, 441, 1024, 2000};
    ps_gpu *gpu;

    (void)state;
    needs_a_device();
    gpu = make_gpu((ps_gpu_options){0});
    make_sound();
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        const uint32_t hops[] = {1, (sizes[i] + 3) / 4, sizes[i]};

        make_window(sizes[i]);
        for (size_t h = 0; h < 3; h++)
            for (int kind = PS_SPECTRA_MAGNITUDE; kind <= PS_SPECTRA_COMPLEX; kind++) {
                ps_spectra job = make_job(sizes[i], hops[h], 100, 1 + 2 * h, (ps_spectra_kind)kind);

                assert_int_equal(ps_accelerate_spectra(ps_gpu_accelerator(gpu), &job, 1),
                                 PS_JOB_DONE);
                is_right(&job);
                free(job.out);
            }
    }
    ps_gpu_destroy(gpu);
}

static void the_ends_of_a_sound_are_silence(void **state)
{
    const int64_t firsts[] = {-5000, -1024, -512, -1, FRAMES - 512, FRAMES, FRAMES + 5000};
    ps_gpu *gpu;

    (void)state;
    needs_a_device();
    gpu = make_gpu((ps_gpu_options){0});
    make_sound();
    make_window(1024);
    for (size_t i = 0; i < sizeof firsts / sizeof *firsts; i++) {
        ps_spectra job = make_job(1024, 256, firsts[i], 6, PS_SPECTRA_MAGNITUDE);

        job.window = i % 2 == 0 ? window : NULL;
        assert_int_equal(ps_accelerate_spectra(ps_gpu_accelerator(gpu), &job, 1), PS_JOB_DONE);
        is_right(&job);
        free(job.out);
    }
    ps_gpu_destroy(gpu);
}

static void many_sounds_go_in_one_job_in_chunks(void **state)
{
    ps_spectra jobs[4];
    ps_gpu_usage usage;
    ps_gpu *gpu;

    (void)state;
    needs_a_device();
    gpu = make_gpu((ps_gpu_options){.memory_bytes = 1 << 20});
    make_sound();
    make_window(1024);
    jobs[0] = make_job(1024, 256, 0, 115, PS_SPECTRA_MAGNITUDE);
    jobs[1] = make_job(1024, 441, -512, 69, PS_SPECTRA_COMPLEX);
    jobs[2] = make_job(1024, 512, 0, 0, PS_SPECTRA_POWER);
    jobs[3] = make_job(1024, 100, 5, 2, PS_SPECTRA_POWER);
    jobs[3].samples = NULL;
    jobs[3].frames = 0;
    assert_int_equal(ps_accelerate_spectra(ps_gpu_accelerator(gpu), jobs, 4), PS_JOB_DONE);
    ps_gpu_get_usage(gpu, &usage);
    assert_true(usage.chunks >= 15);
    for (int i = 0; i < 4; i++) {
        is_right(&jobs[i]);
        free(jobs[i].out);
    }
    ps_gpu_destroy(gpu);
}

static void what_cannot_be_is_declined(void **state)
{
    ps_gpu *gpu = make_gpu((ps_gpu_options){0});
    ps_spectra job = make_job(1024, 256, 0, 1, PS_SPECTRA_MAGNITUDE);
    const uint32_t sizes[] = {0, 1, 11, 1022, 1u << 21};

    (void)state;
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        job.size = sizes[i];
        assert_int_equal(ps_accelerate_spectra(ps_gpu_accelerator(gpu), &job, 1), PS_JOB_DECLINED);
    }
    job.size = 1024;
    job.hop = 0;
    assert_int_equal(ps_accelerate_spectra(ps_gpu_accelerator(gpu), &job, 1), PS_JOB_DECLINED);
    job.hop = 1025;
    assert_int_equal(ps_accelerate_spectra(ps_gpu_accelerator(gpu), &job, 1), PS_JOB_DECLINED);
    job.hop = 1;
    job.first = INT64_MIN;
    assert_int_equal(ps_accelerate_spectra(ps_gpu_accelerator(gpu), &job, 1), PS_JOB_DECLINED);
    assert_int_equal(ps_accelerate_spectra(NULL, &job, 1), PS_JOB_DECLINED);
    free(job.out);
    ps_gpu_destroy(gpu);
}

static void after_any_call_that_fails_what_is_done_is_right(void **state)
{
    uint64_t works = 1, partly = 0;
    ps_job_outcome outcome;
    ps_gpu *gpu;

    (void)state;
    needs_a_device();
    make_sound();
    make_window(1024);
    do {
        const ps_gpu_fault fault = {.after_calls = works, .code = -5};
        ps_spectra job = make_job(1024, 256, 0, 115, PS_SPECTRA_MAGNITUDE);
        uint64_t asked = job.count;

        gpu = make_gpu((ps_gpu_options){.memory_bytes = 1 << 20, .fault = &fault});
        outcome = ps_accelerate_spectra(ps_gpu_accelerator(gpu), &job, 1);
        assert_true(job.done <= asked && (outcome != PS_JOB_DONE || job.done == asked));
        partly += job.done > 0 && job.done < asked;
        job.count = job.done;
        compare(&job);
        free(job.out);
        ps_gpu_destroy(gpu);
        works += 7;
    } while (outcome != PS_JOB_DONE && works < 2000);
    assert_int_equal(outcome, PS_JOB_DONE);
    assert_true(partly > 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(spectra_agree_with_their_definition),
        cmocka_unit_test(the_ends_of_a_sound_are_silence),
        cmocka_unit_test(many_sounds_go_in_one_job_in_chunks),
        cmocka_unit_test(what_cannot_be_is_declined),
        cmocka_unit_test(after_any_call_that_fails_what_is_done_is_right),
    };

    return cmocka_run_group_tests(tests, in_folder, out_of_folder);
}
