/* Renders whose convolutions go to a device, which may fail: the file is the same. */
#define _GNU_SOURCE
#include "gpu_support.h"

#include <pthread.h>

#include "failing_heap.h"
#include "plainsong/render.h"

#define RATE   8000u
#define FRAMES 30011u
#define FILES  4u

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

/* A file of noise; its name tells its seed. */
static int prepare(void **state)
{
    if (in_folder(state) != 0)
        return -1;
    for (uint32_t file = 0; file < FILES; file++) {
        ps_audio_writer_options options = ps_audio_writer_defaults();
        const uint32_t frames = FRAMES + 501 * file;
        float *left = make_noise(file, frames, 1, 0.5),
              *right = make_noise(50 + file, frames, 1, 0.5);
        ps_audio_writer *writer = NULL;
        char path[32];

        snprintf(path, sizeof path, "in%u.wav", file);
        options.rate_hz = RATE;
        options.samples = PS_SAMPLE_FLOAT32;
        options.container = PS_CONTAINER_WAV;
        assert_int_equal(ps_audio_writer_open(&writer, path, &options, NULL), PS_OK);
        assert_int_equal(ps_audio_writer_write(writer, (ps_block){left, right, frames}, NULL),
                         PS_OK);
        assert_int_equal(ps_audio_writer_finish(writer, NULL), PS_OK);
        ps_audio_writer_close(writer);
        free(left);
        free(right);
    }
    return 0;
}

static float *samples_of(const char *path, size_t *count)
{
    size_t size_bytes, at = 12;
    uint8_t *bytes = read_whole(path, &size_bytes);
    float *samples;

    assert_non_null(bytes);
    while (at + 8 <= size_bytes && memcmp(bytes + at, "data", 4) != 0)
        at += 8 + (bytes[at + 4] | (size_t)bytes[at + 5] << 8);
    assert_true(at + 8 < size_bytes);
    *count = (size_bytes - at - 8) / sizeof *samples;
    samples = malloc(*count * sizeof *samples);
    memcpy(samples, bytes + at + 8, *count * sizeof *samples);
    free(bytes);
    return samples;
}

static void same_sound(const char *path, const char *other)
{
    size_t count, other_count;
    float *a = samples_of(path, &count), *b = samples_of(other, &other_count), full = 1.0f;

    assert_int_equal(count, other_count);
    for (size_t i = 0; i < count; i++)
        full = fmaxf(full, fabsf(b[i]));
    for (size_t i = 0; i < count; i++)
        if (!(fabsf(a[i] - b[i]) <= 1e-5f * full))
            fail_msg("%s: sample %zu is %g, not %g", path, i, (double)a[i], (double)b[i]);
    free(a);
    free(b);
}

static ps_status process(uint32_t file, const char *output, ps_gpu *gpu, uint32_t threads)
{
    ps_render_request request = ps_render_defaults();
    char input[32];
    ps_chain *chain;
    ps_status status;

    status = ps_chain_read(&chain, "convolver:hall,0.5 | convolver:plate,0.2,zero", NULL, NULL);
    if (status != PS_OK)
        return status;
    snprintf(input, sizeof input, "in%u.wav", file);
    request.input_path = input;
    request.output_path = output;
    request.file.rate_hz = 0;
    request.file.samples = PS_SAMPLE_FLOAT32;
    request.level_mode = PS_LEVEL_NONE;
    request.effects = chain;
    request.threads = threads;
    request.accelerator = gpu ? ps_gpu_accelerator(gpu) : NULL;
    status = ps_process_file(&request, NULL, NULL);
    ps_chain_destroy(chain);
    return status;
}

static void a_device_that_fails_is_not_heard(void **state)
{
    uint32_t broken = 0, whole = 0;

    (void)state;
    needs_a_device();
    assert_int_equal(process(0, "off.wav", NULL, 1), PS_OK);
    for (uint64_t works = 5; works < 1000; works += works / 3) {
        const ps_gpu_fault fault = {.after_calls = works, .code = -5};
        told t = {0};
        const ps_warnings warnings = {tell, &t};
        ps_gpu_usage usage;
        ps_gpu *gpu = make_gpu((ps_gpu_options){.fault = &fault, .warnings = &warnings});

        assert_int_equal(process(0, "on.wav", gpu, 1 + works % 2), PS_OK);
        same_sound("on.wav", "off.wav");
        ps_gpu_get_usage(gpu, &usage);
        assert_true(t.count <= 1);
        if (usage.broken_off > 0) {
            assert_int_equal(t.count, 1);
            assert_non_null(strstr(t.text, "CL_OUT_OF_RESOURCES"));
            assert_non_null(strstr(t.text, "the processor goes on"));
        }
        broken += usage.broken_off > 0;
        whole += usage.done >= 2 && t.count == 0;
        ps_gpu_destroy(gpu);
    }
    assert_true(broken > 0 && whole > 0);
}

/* ---- Several renders at once ----------------------------------------------------------------- */

typedef struct one {
    pthread_t thread;
    ps_gpu *gpu;
    uint32_t file;
    ps_status status;
} one;

static void *process_one(void *argument)
{
    one *o = argument;
    char path[32];

    snprintf(path, sizeof path, "on%u.wav", o->file);
    o->status = process(o->file, path, o->gpu, 1);
    return NULL;
}

static void several_renders_share_a_device(void **state)
{
    one all[FILES];
    ps_gpu_usage usage;
    ps_gpu *gpu;

    (void)state;
    needs_a_device();
    gpu = make_gpu((ps_gpu_options){0});
    for (uint32_t i = 0; i < FILES; i++) {
        all[i] = (one){.gpu = gpu, .file = i};
        assert_int_equal(pthread_create(&all[i].thread, NULL, process_one, &all[i]), 0);
    }
    for (uint32_t i = 0; i < FILES; i++) {
        char on[32], off[32];

        pthread_join(all[i].thread, NULL);
        assert_int_equal(all[i].status, PS_OK);
        snprintf(on, sizeof on, "on%u.wav", i);
        snprintf(off, sizeof off, "off%u.wav", i);
        assert_int_equal(process(i, off, NULL, 1), PS_OK);
        same_sound(on, off);
    }
    ps_gpu_get_usage(gpu, &usage);
    assert_true(usage.done >= 2 * FILES && usage.submissions <= usage.done);
    print_message("%llu jobs in %llu submissions\n", (unsigned long long)usage.done,
                  (unsigned long long)usage.submissions);
    assert_int_equal(usage.broken_off, 0);
    ps_gpu_destroy(gpu);
}

static void a_failing_allocation_leaves_nothing(void **state)
{
    ps_status status = PS_NO_MEMORY;
    ps_gpu *gpu;

    (void)state;
    needs_a_device();
    gpu = make_gpu((ps_gpu_options){0});
    assert_int_equal(process(0, "off.wav", NULL, 1), PS_OK);
    assert_int_equal(process(0, "on.wav", gpu, 1), PS_OK);
    for (long allowed = 0; status != PS_OK; allowed += allowed < 40 ? 1 : 7) {
        assert_int_equal(remove("on.wav"), 0);
        heap_allowed = allowed;
        status = process(0, "on.wav", gpu, 1);
        heap_allowed = -1;
        if (status != PS_OK) {
            assert_int_equal(status, PS_NO_MEMORY);
            assert_int_equal(access("on.wav", F_OK), -1);
            make_file("on.wav", "", 0);
        }
        assert_true(allowed < 3000);
    }
    same_sound("on.wav", "off.wav");
    ps_gpu_destroy(gpu);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_device_that_fails_is_not_heard),
        cmocka_unit_test(several_renders_share_a_device),
        cmocka_unit_test(a_failing_allocation_leaves_nothing),
    };

    return cmocka_run_group_tests(tests, prepare, out_of_folder);
}
