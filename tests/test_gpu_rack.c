/* Convolvers whose work a device takes, against those that do it themselves. */
#define _GNU_SOURCE
#include "gpu_support.h"
#include "room_support.h"

#define FRAMES 9001u

static const char *const rooms[] = {
    "convolver:\"1:1\",1",         "convolver:\"1:701\",0.5",
    "convolver:\"2:4001\",1,zero", "convolver:\"4:1733\",0.7,predelay=3,gain=-3",
    "convolver:\"4:5003\",1",      "convolver:old-room,wet=0.3 | convolver:\"2:97\",0.4",
};

/* Told that the piece is shorter than it is, for many chunks. */
static void agree(const char *text, ps_gpu *gpu)
{
    ps_engine *engine = fx_engine(NULL);
    ps_rack *rack = room_rack(engine, text, ps_gpu_accelerator(gpu), 3000);
    ps_rack *plain = room_rack(engine, text, NULL, 0);
    fx_audio wet = fx_noise(FRAMES, 0.7f, 1), dry = fx_copy(&wet);

    room_run(rack, &wet, 0);
    room_run(plain, &dry, 512);
    room_agrees(text, &wet, &dry);
    ps_rack_destroy(rack);
    ps_rack_destroy(plain);
    ps_engine_destroy(engine);
    fx_free(&wet);
    fx_free(&dry);
}

static void a_rack_sounds_the_same_on_a_device(void **state)
{
    ps_gpu_usage usage;
    ps_gpu *gpu;

    (void)state;
    needs_a_device();
    gpu = make_gpu((ps_gpu_options){0});
    for (size_t i = 0; i < sizeof rooms / sizeof *rooms; i++)
        agree(rooms[i], gpu);
    ps_gpu_get_usage(gpu, &usage);
    assert_true(usage.done >= 3 * sizeof rooms / sizeof *rooms);
    assert_int_equal(usage.declined + usage.broken_off, 0);
    ps_gpu_destroy(gpu);
}

/* The device fails before, between and within the jobs of the rack, while it is made, or never. */
static void a_rack_sounds_the_same_when_the_device_fails(void **state)
{
    uint64_t lost = 0, kept = 0;

    (void)state;
    needs_a_device();
    for (uint64_t works = 10; works < 1200; works += works / 4) {
        const ps_gpu_fault fault = {.after_calls = works, .code = -5};
        ps_gpu_usage usage;
        ps_gpu *gpu = make_gpu((ps_gpu_options){.memory_bytes = 4 << 20, .fault = &fault});

        agree(rooms[3], gpu);
        ps_gpu_get_usage(gpu, &usage);
        lost += usage.done > 0 && usage.broken_off > 0;
        kept += usage.done > 0 && usage.broken_off == 0;
        ps_gpu_destroy(gpu);
    }
    assert_true(lost > 0 && kept > 0);
}

/* Where there is no GPU but a processor, nothing changes: not one sample, no latency. */
static void nothing_changes_where_it_is_not_wanted(void **state)
{
    const ps_gpu_mode modes[] = {PS_GPU_AUTO, PS_GPU_OFF};

    (void)state;
    for (size_t m = 0; m < 2; m++) {
        ps_gpu *gpu = NULL;
        ps_engine *engine = fx_engine(NULL);
        ps_rack *rack, *plain = room_rack(engine, rooms[3], NULL, 0);
        fx_audio wet = fx_noise(FRAMES, 0.7f, 1), dry = fx_copy(&wet);

        assert_int_equal(ps_gpu_create(&gpu, &(ps_gpu_options){.mode = modes[m]}, NULL), PS_OK);
        rack = room_rack(engine, rooms[3], ps_gpu_accelerator(gpu), 3000);
        assert_int_equal(ps_rack_latency(rack), ps_rack_latency(plain));
        fx_run(rack, &wet, 512);
        fx_run(plain, &dry, 512);
        assert_memory_equal(wet.left, dry.left, FRAMES * sizeof(float));
        assert_memory_equal(wet.right, dry.right, FRAMES * sizeof(float));
        ps_rack_destroy(rack);
        ps_rack_destroy(plain);
        ps_engine_destroy(engine);
        ps_gpu_destroy(gpu);
        fx_free(&wet);
        fx_free(&dry);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_rack_sounds_the_same_on_a_device),
        cmocka_unit_test(a_rack_sounds_the_same_when_the_device_fails),
        cmocka_unit_test(nothing_changes_where_it_is_not_wanted),
    };

    return cmocka_run_group_tests(tests, in_folder, out_of_folder);
}
