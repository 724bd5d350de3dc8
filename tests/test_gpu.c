#define _GNU_SOURCE
#include "gpu_support.h"

#include <sys/wait.h>

#include "failing_heap.h"

static ps_gpu *make(const ps_gpu_options *options)
{
    ps_gpu *gpu = NULL;

    assert_int_equal(ps_gpu_create(&gpu, options, NULL), PS_OK);
    return gpu;
}

static uint32_t count_used(ps_gpu *gpu, uint32_t *count)
{
    ps_gpu_device_info info;
    uint32_t used = 0;

    for (*count = 0; ps_gpu_device(gpu, *count, &info); (*count)++)
        used += info.used;
    return used;
}

/* Runs a check in a child with one more environment variable: a library is loaded only once. */
static void in_child_with(const char *name, const char *value, void (*check)(void))
{
    const pid_t child = fork();
    int status;

    assert_true(child >= 0);
    if (child == 0) {
        setenv(name, value, 1);
        check();
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

static void check_finds_nothing_and_says(const char *words)
{
    ps_gpu_device_info info;
    char state[256];
    ps_gpu *gpu;

    CHILD_CHECK(ps_gpu_create(&gpu, &(ps_gpu_options){.mode = PS_GPU_ON}, NULL) == PS_OK);
    CHILD_CHECK(!ps_gpu_device(gpu, 0, &info));
    ps_gpu_state(gpu, state, sizeof state);
    CHILD_CHECK(strstr(state, words));
    ps_gpu_destroy(gpu);
}

static void check_no_library(void)
{
    check_finds_nothing_and_says("PLAINSONG_OPENCL names no library: /nowhere/lib.so");
}

static void check_no_opencl_library(void)
{
    check_finds_nothing_and_says("the OpenCL library has no clGetPlatformIDs");
}

static void without_a_library_it_says_so(void **state)
{
    (void)state;
    in_child_with("PLAINSONG_OPENCL", "/nowhere/lib.so", check_no_library);
}

static void a_library_of_another_kind_is_not_used(void **state)
{
    (void)state;
    in_child_with("PLAINSONG_OPENCL", "libpthread.so.0", check_no_opencl_library);
}

static void check_no_driver(void)
{
    ps_gpu_device_info info;
    char state[256];
    ps_gpu *gpu;

    CHILD_CHECK(ps_gpu_create(&gpu, &(ps_gpu_options){.mode = PS_GPU_ON}, NULL) == PS_OK);
    CHILD_CHECK(!ps_gpu_device(gpu, 0, &info));
    ps_gpu_state(gpu, state, sizeof state);
    CHILD_CHECK(strstr(state, "OpenCL has no driver installed") ||
                strstr(state, "there is no OpenCL library"));
    ps_gpu_destroy(gpu);
}

static void without_a_driver_it_says_so(void **state)
{
    (void)state;
    in_child_with("OCL_ICD_VENDORS", "/nowhere", check_no_driver);
}

static void turned_off_it_looks_for_nothing(void **state)
{
    ps_gpu *gpu = make(&(ps_gpu_options){.mode = PS_GPU_OFF});
    ps_gpu_device_info info;
    char words[256];

    (void)state;
    assert_false(ps_gpu_device(gpu, 0, &info));
    ps_gpu_state(gpu, words, sizeof words);
    assert_string_equal(words, "the GPU is turned off");
    ps_gpu_destroy(gpu);
    ps_gpu_destroy(NULL);
}

static void every_device_has_a_reason(void **state)
{
    (void)state;
    needs_a_device();
    for (int mode = PS_GPU_AUTO; mode <= PS_GPU_ON; mode++) {
        ps_gpu *gpu = make(&(ps_gpu_options){.mode = (ps_gpu_mode)mode});
        ps_gpu_device_info info;
        uint32_t count = 0, used = 0;

        for (; ps_gpu_device(gpu, count, &info); count++) {
            assert_true(info.name[0] && info.platform[0] && info.version[0] && info.driver[0]);
            assert_true(info.memory_bytes > 0 && info.compute_units > 0);
            assert_int_equal(strncmp(info.reason, "used", 4) == 0, info.used);
            if (mode == PS_GPU_AUTO && info.processor)
                assert_string_equal(info.reason,
                                    "not used: it is the processor, which is faster by itself");
            used += info.used;
        }
        assert_true(count > 0 && used <= 1);
        assert_true(mode == PS_GPU_AUTO || used == 1);
        ps_gpu_destroy(gpu);
    }
}

static void a_device_can_be_asked_for_by_name(void **state)
{
    ps_gpu_device_info info;
    char part[8], words[256], long_name[200];
    ps_gpu *gpu;
    ps_error err;

    (void)state;
    needs_a_device();
    gpu = make(&(ps_gpu_options){.mode = PS_GPU_ON});
    assert_true(ps_gpu_device(gpu, 0, &info));
    ps_gpu_destroy(gpu);
    snprintf(part, sizeof part, "%.7s", info.name + 1);
    for (char *c = part; *c; c++)
        *c = (char)(*c >= 'a' && *c <= 'z' ? *c - 'a' + 'A' : *c);
    gpu = make(&(ps_gpu_options){.mode = PS_GPU_ON, .device = part});
    assert_true(ps_gpu_device(gpu, 0, &info));
    assert_true(info.used);
    ps_gpu_destroy(gpu);

    gpu = make(&(ps_gpu_options){.mode = PS_GPU_ON, .device = "no such name"});
    assert_true(ps_gpu_device(gpu, 0, &info));
    assert_false(info.used);
    assert_string_equal(info.reason, "not used: another one is asked for");
    ps_gpu_state(gpu, words, sizeof words);
    assert_non_null(strstr(words, "no such name"));
    ps_gpu_destroy(gpu);

    memset(long_name, 'x', sizeof long_name);
    long_name[sizeof long_name - 1] = '\0';
    gpu = NULL;
    assert_int_equal(ps_gpu_create(&gpu, &(ps_gpu_options){.device = long_name}, &err),
                     PS_BAD_ARGUMENT);
    assert_null(gpu);
}

/* Each call in turn, and all after it: what is not told is not used. */
static void a_driver_that_fails_while_it_is_asked_is_no_error(void **state)
{
    uint32_t all, best = 0;
    ps_gpu *gpu;

    (void)state;
    needs_a_device();
    gpu = make(&(ps_gpu_options){.mode = PS_GPU_ON});
    count_used(gpu, &all);
    ps_gpu_destroy(gpu);
    for (uint64_t works = 1; works < 64; works++) {
        const ps_gpu_fault fault = {.after_calls = works, .code = -5};
        uint32_t count, used;

        gpu = make(&(ps_gpu_options){.mode = PS_GPU_ON, .fault = &fault});
        used = count_used(gpu, &count);
        assert_true(count <= all && used <= 1);
        best = used > best ? used : best;
        ps_gpu_destroy(gpu);
    }
    assert_int_equal(best, 1);
}

static void check_child_of(ps_gpu *gpu)
{
    ps_gpu_device_info info;
    char words[256];

    CHILD_CHECK(!ps_gpu_device(gpu, 0, &info));
    ps_gpu_state(gpu, words, sizeof words);
    CHILD_CHECK(strcmp(words, "a forked process cannot use its parent's GPU") == 0);
    ps_gpu_destroy(gpu);
}

static void a_forked_child_leaves_it_alone(void **state)
{
    ps_gpu *gpu = make(&(ps_gpu_options){.mode = PS_GPU_ON});
    uint32_t count;
    pid_t child;
    int status;

    (void)state;
    count_used(gpu, &count);
    child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        check_child_of(gpu);
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    ps_gpu_destroy(gpu);
}

static void without_memory_there_is_an_error(void **state)
{
    ps_gpu *gpu = NULL;
    ps_error err;

    (void)state;
    heap_allowed = 0;
    assert_int_equal(ps_gpu_create(&gpu, NULL, &err), PS_NO_MEMORY);
    heap_allowed = -1;
    assert_null(gpu);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_a_library_it_says_so),
        cmocka_unit_test(a_library_of_another_kind_is_not_used),
        cmocka_unit_test(without_a_driver_it_says_so),
        cmocka_unit_test(turned_off_it_looks_for_nothing),
        cmocka_unit_test(every_device_has_a_reason),
        cmocka_unit_test(a_device_can_be_asked_for_by_name),
        cmocka_unit_test(a_driver_that_fails_while_it_is_asked_is_no_error),
        cmocka_unit_test(a_forked_child_leaves_it_alone),
        cmocka_unit_test(without_memory_there_is_an_error),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
