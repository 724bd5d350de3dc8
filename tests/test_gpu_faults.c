/* A driver that fails: whatever is said to be done is right, and the rest is left to the caller. */
#define _GNU_SOURCE
#include "gpu_support.h"

#include "failing_heap.h"

#define OUT_OF_RESOURCES (-5)
#define NO_MEMORY        (-4)
#define FRAMES           20011u
#define RESPONSE         997u
#define CALLS_MOST       4000u

typedef struct told {
    int count;
    char text[256];
} told;

static void tell(void *user, const ps_error *warning)
{
    told *t = user;

    t->count++;
    snprintf(t->text, sizeof t->text, "%s", warning->text);
}

/* Little memory: several chunks are on their way when something fails. */
static ps_gpu *make_failing_within(uint64_t memory_bytes, const ps_gpu_fault *fault, told *t)
{
    const ps_warnings warnings = {tell, t};

    return make_gpu(
        (ps_gpu_options){.memory_bytes = memory_bytes, .warnings = &warnings, .fault = fault});
}

static ps_gpu *make_failing(const ps_gpu_fault *fault, told *t)
{
    return make_failing_within(1 << 20, fault, t);
}

static ps_job_outcome offer(ps_gpu *gpu, sounds *s)
{
    return ps_accelerate_convolve(ps_gpu_accelerator(gpu), &s->job, 1);
}

static void processor_does_the_rest(sounds *s)
{
    for (uint32_t c = 0; c < s->job.channels; c++) {
        double *sum = direct_sum(&s->job, c);

        for (uint64_t i = s->job.done_frames; i < s->job.out_frames; i++)
            s->out[c][i] = (float)sum[i];
        free(sum);
    }
    s->job.done_frames = s->job.out_frames;
}

static bool is_used(ps_gpu *gpu)
{
    ps_gpu_device_info info;
    bool used = false;

    for (uint32_t i = 0; ps_gpu_device(gpu, i, &info); i++)
        used = used || info.used;
    return used;
}

/* Lets all calls after the first `works` fail. Returns whether the job was done all the same. */
static bool fail_after(uint64_t works, sounds *s, uint64_t *most_done)
{
    const ps_gpu_fault fault = {.after_calls = works, .code = OUT_OF_RESOURCES};
    told t = {0};
    ps_gpu *gpu = make_failing(&fault, &t);
    const bool found = is_used(gpu);
    const ps_job_outcome outcome = offer(gpu, s);

    agrees(s);
    if (s->job.done_frames > *most_done && outcome == PS_JOB_PARTLY)
        *most_done = s->job.done_frames;
    if (outcome == PS_JOB_DONE) {
        assert_int_equal(t.count, 0);
        assert_int_equal(s->job.done_frames, s->job.out_frames);
    } else {
        assert_int_equal(t.count, found ? 1 : 0);
        assert_false(is_used(gpu));
        processor_does_the_rest(s);
        is_done(s);
        assert_int_equal(offer(gpu, s), PS_JOB_DECLINED); /* it is used no more */
        assert_int_equal(t.count, found ? 1 : 0);
    }
    ps_gpu_destroy(gpu);
    return outcome == PS_JOB_DONE;
}

static void after_any_call_that_fails_the_processor_goes_on(void **state)
{
    sounds *s;
    told t = {0};
    ps_gpu *gpu;
    uint64_t works = 1, most_done = 0;

    (void)state;
    needs_a_device();
    s = make_sounds(5, 2, 1, FRAMES, RESPONSE, FRAMES + RESPONSE - 1);
    gpu = make_failing(NULL, &t); /* builds what is needed: this is about the calls after that */
    assert_int_equal(offer(gpu, s), PS_JOB_DONE);
    ps_gpu_destroy(gpu);
    while (!fail_after(works, s, &most_done)) {
        works += works < 50 ? 1 : 3;
        assert_true(works < CALLS_MOST);
    }
    print_message("%llu calls, up to %llu frames were done\n", (unsigned long long)works,
                  (unsigned long long)most_done);
    assert_true(works > 100 && most_done > 0 && most_done < s->job.out_frames);
    free_sounds(s);
}

/* One call says that the device has no memory: less of it may do. */
static void a_lack_of_memory_is_not_the_end(void **state)
{
    sounds *s;
    told t = {0};
    ps_gpu *gpu;
    uint32_t done = 0, tries = 0;

    (void)state;
    needs_a_device();
    s = make_sounds(5, 2, 4, FRAMES, RESPONSE, FRAMES + RESPONSE - 1);
    gpu = make_failing_within(4 << 20, NULL, &t);
    assert_int_equal(offer(gpu, s), PS_JOB_DONE);
    ps_gpu_destroy(gpu);
    for (uint64_t works = 1; works < 250; works += 5, tries++) {
        const ps_gpu_fault fault = {.after_calls = works, .count = 1, .code = NO_MEMORY};
        ps_job_outcome outcome;

        gpu = make_failing_within(4 << 20, &fault, &t);
        if (!is_used(gpu)) { /* it could not say what it is */
            ps_gpu_destroy(gpu);
            continue;
        }
        outcome = offer(gpu, s);
        agrees(s);
        done += outcome == PS_JOB_DONE;
        assert_true(outcome == PS_JOB_DONE || outcome == PS_JOB_DECLINED);
        assert_int_equal(offer(gpu, s) == PS_JOB_DONE, is_used(gpu));
        agrees(s);
        ps_gpu_destroy(gpu);
    }
    print_message("%u of %u jobs were done all the same\n", done, tries);
    assert_true(2 * done > tries);
    free_sounds(s);
}

/* No memory at all for anything, from some call on. */
static void without_any_memory_the_processor_goes_on_and_the_device_stays(void **state)
{
    sounds *s;
    told t = {0};
    ps_gpu *gpu;

    (void)state;
    needs_a_device();
    s = make_sounds(5, 2, 1, FRAMES, RESPONSE, FRAMES + RESPONSE - 1);
    for (uint64_t works = 120; works < 200; works += 20) {
        const ps_gpu_fault fault = {.after_calls = works, .count = 400, .code = NO_MEMORY};

        t.count = 0;
        gpu = make_failing(&fault, &t);
        assert_int_equal(offer(gpu, s), PS_JOB_PARTLY);
        agrees(s);
        assert_int_equal(t.count, 1);
        assert_non_null(strstr(t.text, "CL_MEM_OBJECT_ALLOCATION_FAILURE"));
        assert_true(is_used(gpu));
        ps_gpu_destroy(gpu);
    }
    free_sounds(s);
}

static void a_failing_allocation_is_left_to_the_processor(void **state)
{
    sounds *s;
    told t = {0};
    ps_job_outcome outcome;
    long allowed = 0;

    (void)state;
    needs_a_device();
    s = make_sounds(5, 2, 1, FRAMES, RESPONSE, FRAMES + RESPONSE - 1);
    do {
        ps_gpu *gpu = make_failing(NULL, &t);

        assert_true(is_used(gpu));
        heap_allowed = allowed++;
        outcome = offer(gpu, s);
        heap_allowed = -1;
        agrees(s);
        assert_true(is_used(gpu));
        assert_int_equal(offer(gpu, s), PS_JOB_DONE); /* now there is memory */
        is_done(s);
        ps_gpu_destroy(gpu);
    } while (outcome != PS_JOB_DONE && allowed < 100);
    assert_true(allowed > 5 && outcome == PS_JOB_DONE);
    free_sounds(s);
}

/* ---- Files that are kept --------------------------------------------------------------------- */

static int only_kept(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

/* Does something to each file in turn; returns how many there are. */
static int with_each_file(void (*damage)(const char *path, uint8_t *bytes, size_t size_bytes))
{
    struct dirent **names;
    const int count = scandir(".", &names, only_kept, NULL);

    for (int i = 0; i < count; i++) {
        size_t size_bytes = 0;
        uint8_t *bytes = read_whole(names[i]->d_name, &size_bytes);

        assert_non_null(bytes);
        damage(names[i]->d_name, bytes, size_bytes);
        free(bytes);
        free(names[i]);
    }
    free(names);
    return count;
}

static void flip_a_byte(const char *path, uint8_t *bytes, size_t size_bytes)
{
    bytes[size_bytes / 2] ^= 1;
    make_file(path, bytes, size_bytes);
}

static void cut_short(const char *path, uint8_t *bytes, size_t size_bytes)
{
    make_file(path, bytes, size_bytes - 1);
}

static void make_empty(const char *path, uint8_t *bytes, size_t size_bytes)
{
    (void)size_bytes;
    make_file(path, bytes, 0);
}

static void exchange_the_key(const char *path, uint8_t *bytes, size_t size_bytes)
{
    bytes[40] ^= 0x20; /* the thing is whole, but made for something else */
    make_file(path, bytes, size_bytes);
}

static void damaged_files_are_made_anew(void **state)
{
    void (*const damages[])(const char *, uint8_t *, size_t) = {flip_a_byte, cut_short, make_empty,
                                                                exchange_the_key};
    sounds *s;
    told t = {0};
    int files = 0;

    (void)state;
    needs_a_device();
    s = make_sounds(5, 1, 1, 1000, 100, 1099);
    remove_files_here();
    for (size_t i = 0; i <= sizeof damages / sizeof *damages; i++) {
        ps_gpu *gpu = make_failing(NULL, &t);

        assert_int_equal(offer(gpu, s), PS_JOB_DONE);
        is_done(s);
        ps_gpu_destroy(gpu);
        files = files > 0 ? files : files_here();
        assert_int_equal(files_here(), files);
        if (i < sizeof damages / sizeof *damages)
            assert_int_equal(with_each_file(damages[i]), files);
    }
    assert_true(files >= 3); /* our kernels, the transforms forward and back */
    assert_int_equal(t.count, 0);
    free_sounds(s);
}

static void without_a_folder_nothing_is_kept(void **state)
{
    const char *const folders[] = {"", "/proc/nowhere"};
    sounds *s;

    (void)state;
    needs_a_device();
    s = make_sounds(5, 1, 1, 1000, 100, 1099);
    remove_files_here();
    for (int i = 0; i < 2; i++) {
        ps_gpu *gpu = make_gpu((ps_gpu_options){.cache_folder = folders[i]});

        assert_int_equal(offer(gpu, s), PS_JOB_DONE);
        is_done(s);
        ps_gpu_destroy(gpu);
        assert_int_equal(files_here(), 0);
    }
    free_sounds(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(after_any_call_that_fails_the_processor_goes_on),
        cmocka_unit_test(a_lack_of_memory_is_not_the_end),
        cmocka_unit_test(without_any_memory_the_processor_goes_on_and_the_device_stays),
        cmocka_unit_test(a_failing_allocation_is_left_to_the_processor),
        cmocka_unit_test(damaged_files_are_made_anew),
        cmocka_unit_test(without_a_folder_nothing_is_kept),
    };

    return cmocka_run_group_tests(tests, in_folder, out_of_folder);
}
