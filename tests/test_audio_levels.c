#define _GNU_SOURCE
#include "loudness_support.h"

#include <sndfile.h>

#include "edge_support.h"
#include "failing_heap.h"

#include "plainsong/file.h"

#define RATE   32000
#define FRAMES 100003

/* Float samples, channel c of frame i being at(c, i). */
static void write_file(const char *path, int channels, int rate_hz, float (*at)(int, uint32_t))
{
    SF_INFO info = {
        .samplerate = rate_hz, .channels = channels, .format = SF_FORMAT_WAV | SF_FORMAT_FLOAT};
    SNDFILE *file = sf_open(path, SFM_WRITE, &info);
    float frame[8];

    assert_non_null(file);
    for (uint32_t i = 0; i < FRAMES; i++) {
        for (int c = 0; c < channels; c++)
            frame[c] = at(c, i);
        assert_int_equal(sf_writef_float(file, frame, 1), 1);
    }
    sf_close(file);
}

static float noise_at(int channel, uint32_t frame)
{
    return (float)(int32_t)(ps_random_bits((uint64_t)channel, frame) >> 32) * 0x1p-33f;
}

static float poisoned_at(int channel, uint32_t frame)
{
    return frame % 1000 == 0 ? (float)NAN : noise_at(channel, frame);
}

static ps_levels levels_of(const char *path)
{
    ps_engine *engine = NULL;
    ps_levels levels;
    ps_error err = {0};

    assert_int_equal(ps_engine_create(&engine, NULL, NULL), PS_OK);
    if (ps_audio_file_levels(path, engine, PS_MEASURE_ALL, &levels, &err) != PS_OK)
        fail_msg("%s", err.text);
    ps_engine_destroy(engine);
    return levels;
}

/* What the meter says of the samples themselves. */
static ps_levels levels_of_samples(uint32_t channels, float (*at)(int, uint32_t))
{
    take t = take_make(RATE, (double)FRAMES / RATE);
    ps_engine *engine = NULL;
    ps_meter *meter = meter_make(&engine, NULL, RATE, PS_MEASURE_ALL);
    ps_levels levels;

    for (uint32_t i = 0; i < FRAMES; i++) {
        t.left[i] = at(0, i);
        t.right[i] = at(1, i);
    }
    ps_meter_add(meter, (ps_block){t.left, channels > 1 ? t.right : NULL, FRAMES});
    ps_meter_end(meter);
    ps_meter_read(meter, &levels);
    ps_meter_destroy(meter);
    ps_engine_destroy(engine);
    take_free(&t);
    return levels;
}

static void a_file_has_the_levels_of_its_samples(void **state)
{
    (void)state;
    for (uint32_t channels = 1; channels <= 3; channels++) {
        ps_levels found, right;

        write_file("x.wav", (int)channels, RATE, noise_at);
        found = levels_of("x.wav");
        right = levels_of_samples(channels, noise_at);
        assert_int_equal(found.frames, FRAMES);
        assert_memory_equal(&found, &right, sizeof found);
    }
    remove_files_here();
}

static void what_is_no_number_is_counted(void **state)
{
    (void)state;
    write_file("x.wav", 2, RATE, poisoned_at);
    assert_int_equal(levels_of("x.wav").not_finite, 2 * (FRAMES / 1000 + 1));
    remove_files_here();
}

static void what_cannot_be_measured_is_named(void **state)
{
    static const struct {
        const char *path;
        ps_status status;
        const char *words;
    } bad[] = {
        {"missing.wav", PS_NOT_FOUND, ""},
        {"text.wav", PS_BAD_DATA, "no audio file of a known format"},
        {"slow.wav", PS_UNSUPPORTED, "audio: 4000 Hz cannot be measured"},
    };
    const int descriptors = open_descriptors();
    ps_engine *engine = NULL;

    (void)state;
    assert_int_equal(ps_engine_create(&engine, NULL, NULL), PS_OK);
    make_file("text.wav", "hello", 5);
    write_file("slow.wav", 1, 4000, noise_at);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        ps_levels levels;
        ps_error err = {0};

        assert_int_equal(ps_audio_file_levels(bad[i].path, engine, 0, &levels, &err),
                         bad[i].status);
        assert_string_equal(err.path, bad[i].path);
        assert_non_null(strstr(err.text, bad[i].words));
    }
    assert_int_equal(open_descriptors(), descriptors);
    ps_engine_destroy(engine);
    remove_files_here();
}

static void measuring_gives_back_everything_when_memory_runs_out(void **state)
{
    const int descriptors = open_descriptors();
    ps_engine *engine = NULL;
    ps_status status = PS_NO_MEMORY;
    long allowed = 0;

    (void)state;
    assert_int_equal(ps_engine_create(&engine, NULL, NULL), PS_OK);
    write_file("x.wav", 2, RATE, noise_at);
    for (; status != PS_OK; allowed++) {
        ps_levels levels;

        heap_allowed = allowed;
        status = ps_audio_file_levels("x.wav", engine, PS_MEASURE_ALL, &levels, NULL);
        heap_allowed = -1;
        assert_true(status == PS_OK || status == PS_NO_MEMORY);
        assert_int_equal(open_descriptors(), descriptors);
    }
    assert_true(allowed > 5);
    ps_engine_destroy(engine);
    remove_files_here();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_has_the_levels_of_its_samples),
        cmocka_unit_test(what_is_no_number_is_counted),
        cmocka_unit_test(what_cannot_be_measured_is_named),
        cmocka_unit_test(measuring_gives_back_everything_when_memory_runs_out),
    };

    return cmocka_run_group_tests(tests, in_folder, out_of_folder);
}
