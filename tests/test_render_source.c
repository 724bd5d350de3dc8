/* Any source into a file: level, excerpt, fades, one thread or several, all of it or nothing. */
#define _GNU_SOURCE
#include "failing_heap.h"

#include "edge_support.h"

#include <math.h>

#include "plainsong/render.h"
#include "plainsong/threads.h"

#define RATE   8000u
#define FRAMES 40000u /* five seconds, several blocks and a part of one */

static float sound_left[FRAMES], sound_right[FRAMES];
static ps_engine *engine;

static int prepare(void **state)
{
    for (uint32_t i = 0; i < FRAMES; i++) {
        sound_left[i] = 0.5f * (float)sin(0.3 * i);
        sound_right[i] = 0.25f * (float)sin(0.2 * i + 1.0);
    }
    sound_left[30000] = 0.75f; /* the peak */
    return ps_engine_create(&engine, NULL, NULL) == PS_OK ? in_folder(state) : -1;
}

static int finish(void **state)
{
    ps_engine_destroy(engine);
    return out_of_folder(state);
}

static ps_source *sound(void)
{
    ps_source *source = NULL;

    assert_int_equal(
        ps_memory_source_create(&source, sound_left, sound_right, FRAMES, RATE, NULL, NULL), PS_OK);
    return source;
}

/* A float file: what is in it is what was rendered. */
static ps_render_request float_request(const char *path)
{
    ps_render_request request = ps_render_defaults();

    request.output_path = path;
    request.file.samples = PS_SAMPLE_FLOAT32;
    request.level_mode = PS_LEVEL_NONE;
    return request;
}

static ps_render_report render(const ps_render_request *request)
{
    ps_source *source = sound();
    ps_render_report report;
    ps_error err = {0};

    if (ps_render_source(source, engine, request, &report, &err) != PS_OK)
        fail_msg("%s", err.text);
    ps_source_destroy(source);
    return report;
}

/* The samples of a WAV file, interleaved; *count of them. Remember to free. */
static float *samples_of(const char *path, size_t *count)
{
    size_t size_bytes, at = 12;
    uint8_t *bytes = read_whole(path, &size_bytes);
    float *samples = NULL;

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

static void without_a_level_the_file_holds_the_source(void **state)
{
    const ps_render_request request = float_request("x.wav");
    const ps_render_report report = render(&request);
    size_t count;
    float *samples = samples_of("x.wav", &count);

    (void)state;
    assert_int_equal(report.frames, FRAMES);
    assert_true(report.gain == 1.0 && report.seconds == (double)FRAMES / RATE);
    assert_true(report.levels.peak == 0.75 && report.clipped == 0);
    assert_int_equal(count, 2 * FRAMES);
    for (uint32_t i = 0; i < FRAMES; i++)
        assert_true(samples[2 * i] == sound_left[i] && samples[2 * i + 1] == sound_right[i]);
    free(samples);
    assert_int_equal(files_here(), 1);
    remove_files_here();
}

static void an_excerpt_is_the_middle_of_the_whole(void **state)
{
    static const double lengths_sec[] = {0.001, 1.0, 8192.0 / RATE, 2.5, 100.0};
    ps_render_request request = float_request("x.wav");

    (void)state;
    request.start_sec = 1.5;
    for (size_t l = 0; l < sizeof lengths_sec / sizeof *lengths_sec; l++) {
        const uint32_t first = RATE * 3 / 2;
        uint32_t frames = (uint32_t)lround(lengths_sec[l] * RATE);
        ps_render_report report;
        size_t count;
        float *samples;

        request.duration_sec = lengths_sec[l];
        report = render(&request);
        frames = frames > FRAMES - first ? FRAMES - first : frames;
        samples = samples_of("x.wav", &count);
        assert_int_equal(report.frames, frames);
        assert_int_equal(count, 2 * frames);
        for (uint32_t i = 0; i < frames; i++)
            assert_true(samples[2 * i] == sound_left[first + i]);
        free(samples);
    }
    remove_files_here();
}

static void a_start_behind_the_end_is_refused_and_leaves_nothing(void **state)
{
    ps_render_request request = float_request("x.wav");
    ps_source *source = sound();
    ps_error err;

    (void)state;
    request.start_sec = 5.0;
    assert_int_equal(ps_render_source(source, engine, &request, NULL, &err), PS_BAD_ARGUMENT);
    assert_string_equal(err.text, "start of 5 s lies behind the end at 5.000 s");
    assert_int_equal(files_here(), 0);
    ps_source_destroy(source);
}

static void peak_and_loudness_come_out_as_asked(void **state)
{
    ps_render_request request = float_request("x.wav");
    ps_render_report report;

    (void)state;
    request.level_mode = PS_LEVEL_PEAK;
    request.level_db = -6.0;
    report = render(&request);
    assert_true(fabs(20.0 * log10(report.levels.peak) + 6.0) < 1e-5);
    assert_true(fabs(report.gain - pow(10.0, -0.3) / 0.75) < 1e-6);
    request.level_mode = PS_LEVEL_LUFS;
    request.level_db = -23.0;
    report = render(&request);
    assert_true(fabs(report.levels.integrated_lufs + 23.0) < 0.01);
    request.level_mode = PS_LEVEL_TRUE_PEAK;
    request.level_db = -1.0;
    request.measures = PS_MEASURE_TRUE_PEAK;
    report = render(&request);
    assert_true(fabs(20.0 * log10(report.levels.true_peak) + 1.0) < 1e-5);
    assert_true(report.levels.peak <= report.levels.true_peak);
    remove_files_here();
}

static void only_what_is_asked_for_is_measured(void **state)
{
    ps_render_request request = float_request("x.wav");
    ps_render_report all, some;

    (void)state;
    request.measures = PS_MEASURE_ALL;
    all = render(&request);
    assert_true(all.levels.rms > 0.0 && isfinite(all.levels.integrated_lufs));
    assert_true(isfinite(all.levels.max_momentary_lufs) && all.levels.true_peak >= 0.75);
    assert_true(all.levels.not_finite == 0);
    for (uint32_t measures = 0; measures < PS_MEASURE_ALL; measures++) {
        request.measures = measures;
        some = render(&request);
        assert_true(some.levels.peak == all.levels.peak && some.frames == all.frames);
        assert_true(isnan(some.levels.rms) == !(measures & PS_MEASURE_RMS));
        assert_true(isnan(some.levels.true_peak) == !(measures & PS_MEASURE_TRUE_PEAK));
        assert_true(isnan(some.levels.integrated_lufs) == !(measures & PS_MEASURE_LOUDNESS));
        assert_true(isnan(some.levels.loudness_range_lu) == !(measures & PS_MEASURE_LOUDNESS));
    }
    remove_files_here();
}

static void a_level_is_measured_over_what_is_written(void **state)
{
    ps_render_request request = float_request("x.wav");
    ps_render_report report;

    (void)state;
    request.level_mode = PS_LEVEL_PEAK;
    request.level_db = 0.0;
    request.duration_sec = 2.0; /* before the peak */
    report = render(&request);
    assert_true(fabs(report.gain - 2.0) < 1e-4);
    remove_files_here();
}

static void auto_turns_down_only_what_would_clip(void **state)
{
    static const struct {
        float scale;
        ps_sample_format samples;
        bool second_pass;
    } rows[] = {
        {1.0f, PS_SAMPLE_INT16, false},
        {4.0f, PS_SAMPLE_INT16, true},
        {4.0f, PS_SAMPLE_INT24, true},
        {4.0f, PS_SAMPLE_FLOAT32, false},
    };
    static float loud_left[FRAMES], loud_right[FRAMES];

    (void)state;
    for (size_t r = 0; r < sizeof rows / sizeof *rows; r++) {
        ps_render_request request = float_request("x.wav");
        ps_render_report report;
        ps_source *source;

        for (uint32_t i = 0; i < FRAMES; i++) {
            loud_left[i] = rows[r].scale * sound_left[i];
            loud_right[i] = rows[r].scale * sound_right[i];
        }
        assert_int_equal(
            ps_memory_source_create(&source, loud_left, loud_right, FRAMES, RATE, NULL, NULL),
            PS_OK);
        request.level_mode = PS_LEVEL_AUTO;
        request.file.samples = rows[r].samples;
        assert_int_equal(ps_render_source(source, engine, &request, &report, NULL), PS_OK);
        assert_int_equal(report.prevented_clipping, rows[r].second_pass);
        assert_int_equal(report.clipped, 0);
        assert_int_equal(report.frames, FRAMES);
        if (rows[r].second_pass)
            assert_true(fabs(20.0 * log10(report.levels.peak) + 1.0) < 1e-4);
        else
            assert_true(report.gain == 1.0);
        ps_source_destroy(source);
    }
    remove_files_here();
}

static void samples_beyond_full_scale_are_counted(void **state)
{
    static const float beyond[4] = {1.5f, -1.25f, 1.0f, -1.0f};
    ps_render_request request = float_request("x.wav");
    ps_render_report report;
    ps_source *source;

    (void)state;
    request.file.samples = PS_SAMPLE_INT16;
    assert_int_equal(ps_memory_source_create(&source, beyond, beyond, 4, RATE, NULL, NULL), PS_OK);
    assert_int_equal(ps_render_source(source, engine, &request, &report, NULL), PS_OK);
    assert_int_equal(report.clipped, 4);
    ps_source_destroy(source);
    remove_files_here();
}

/* 0 to 1: the sin^2 of a quarter cycle. */
static double rising(double share)
{
    const double sine = sin(share * 1.57079632679489662);

    return share >= 1.0 ? 1.0 : sine * sine;
}

static void fades_begin_and_end_in_silence(void **state)
{
    static float ones[FRAMES];
    static const double fades_sec[] = {0.01, 1.0, 3.0, 600.0};

    (void)state;
    for (uint32_t i = 0; i < FRAMES; i++)
        ones[i] = 1.0f;
    for (size_t f = 0; f < sizeof fades_sec / sizeof *fades_sec; f++) {
        ps_render_request request = float_request("x.wav");
        const double fade_frames = fades_sec[f] * RATE;
        const double out_frames = fade_frames < FRAMES ? fade_frames : FRAMES;
        ps_source *source;
        size_t count;
        float *samples;

        request.fade_in_sec = fades_sec[f] > 2.0 ? 0.0 : fades_sec[f];
        request.fade_out_sec = fades_sec[f];
        assert_int_equal(ps_memory_source_create(&source, ones, ones, FRAMES, RATE, NULL, NULL),
                         PS_OK);
        assert_int_equal(ps_render_source(source, engine, &request, NULL, NULL), PS_OK);
        samples = samples_of("x.wav", &count);
        assert_int_equal(count, 2 * FRAMES);
        for (uint32_t i = 0; i < FRAMES; i++) {
            const double in = request.fade_in_sec > 0.0 ? rising(i / fade_frames) : 1.0;
            const double expected = in * rising((FRAMES - i) / out_frames);

            assert_true(fabs(samples[2 * i] - expected) < 1e-6);
        }
        free(samples);
        ps_source_destroy(source);
    }
    remove_files_here();
}

static void mono_is_the_mean_and_measured_as_one_channel(void **state)
{
    ps_render_request request = float_request("x.wav");
    ps_render_report report, stereo;
    double peak = 0.0, sum = 0.0;
    size_t count;
    float *samples;

    (void)state;
    stereo = render(&request);
    request.file.channels = 1;
    report = render(&request);
    samples = samples_of("x.wav", &count);
    assert_int_equal(count, FRAMES);
    for (uint32_t i = 0; i < FRAMES; i++) {
        const double mean = 0.5 * ((double)sound_left[i] + (double)sound_right[i]);

        assert_true(fabs(samples[i] - mean) < 1e-6);
        peak = fabs(mean) > peak ? fabs(mean) : peak;
        sum += mean * mean;
    }
    assert_true(fabs(report.levels.peak - peak) < 1e-6);
    assert_true(fabs(report.levels.rms - sqrt(sum / FRAMES)) < 1e-6);
    assert_true(report.levels.integrated_lufs < stereo.levels.integrated_lufs - 3.0);
    free(samples);
    remove_files_here();
}

static void threads_change_nothing(void **state)
{
    ps_render_request request = float_request("one.wav");
    ps_engine_options options = {0};
    ps_threads *threads = NULL;
    ps_engine *many = NULL;
    ps_source *source = sound();
    ps_render_report one, four;
    size_t size_bytes;
    uint8_t *bytes;

    (void)state;
    request.level_mode = PS_LEVEL_LUFS;
    request.level_db = -20.0;
    request.fade_out_sec = 2.0;
    request.file.samples = PS_SAMPLE_INT16;
    one = render(&request);
    assert_int_equal(ps_threads_create(&threads, 4, NULL), PS_OK);
    options.workers = ps_threads_workers(threads);
    assert_int_equal(ps_engine_create(&many, &options, NULL), PS_OK);
    request.output_path = "four.wav";
    assert_int_equal(ps_render_source(source, many, &request, &four, NULL), PS_OK);
    bytes = read_whole("one.wav", &size_bytes);
    holds("four.wav", bytes, size_bytes);
    assert_true(one.gain == four.gain && one.levels.peak == four.levels.peak &&
                one.levels.integrated_lufs == four.levels.integrated_lufs);
    free(bytes);
    ps_source_destroy(source);
    ps_engine_destroy(many);
    ps_threads_destroy(threads);
    remove_files_here();
}

/* An endless source: a ramp that wraps, its own position known only to itself. */
static uint32_t endless_render(ps_source *source, ps_block block)
{
    (void)source;
    for (uint32_t i = 0; i < block.frames; i++)
        block.left[i] = block.right[i] = 0.1f;
    return block.frames;
}

static ps_status endless_seek(ps_source *source, uint64_t frame)
{
    (void)source;
    (void)frame;
    return PS_OK;
}

static ps_length endless_length(const ps_source *source)
{
    (void)source;
    return (ps_length){PS_LENGTH_ENDLESS, UINT64_MAX};
}

static void endless_destroy(ps_source *source)
{
    (void)source;
}

static void an_endless_source_needs_a_duration(void **state)
{
    static const ps_source_kind kind = {"endless",      endless_render, endless_seek,
                                        endless_length, NULL,           endless_destroy};
    ps_render_request request = float_request("x.wav");
    ps_render_report report;
    ps_source source;

    (void)state;
    ps_source_init(&source, &kind, RATE);
    assert_int_equal(ps_render_source(&source, engine, &request, &report, NULL), PS_UNSUPPORTED);
    assert_int_equal(files_here(), 0);
    request.duration_sec = 1.0;
    assert_int_equal(ps_render_source(&source, engine, &request, &report, NULL), PS_OK);
    assert_int_equal(report.frames, RATE);
    remove_files_here();
}

static void silence_stays_silence_at_every_level(void **state)
{
    static const float nothing[FRAMES];
    static const ps_level_mode modes[] = {PS_LEVEL_AUTO, PS_LEVEL_NONE, PS_LEVEL_PEAK,
                                          PS_LEVEL_TRUE_PEAK, PS_LEVEL_LUFS};

    (void)state;
    for (size_t m = 0; m < sizeof modes / sizeof *modes; m++) {
        ps_render_request request = float_request("x.wav");
        ps_render_report report;
        ps_source *source;

        request.level_mode = modes[m];
        request.level_db = -10.0;
        assert_int_equal(
            ps_memory_source_create(&source, nothing, nothing, FRAMES, RATE, NULL, NULL), PS_OK);
        assert_int_equal(ps_render_source(source, engine, &request, &report, NULL), PS_OK);
        assert_true(report.gain == 1.0 && report.levels.peak == 0.0);
        assert_true(isinf(report.levels.integrated_lufs));
        ps_source_destroy(source);
    }
    remove_files_here();
}

typedef struct watcher {
    int calls, stop_after;
    double last;
} watcher;

static bool watch(void *user, double done, const char *stage)
{
    watcher *w = user;

    assert_non_null(stage);
    assert_true(done >= w->last && done <= 1.0);
    w->last = done;
    return ++w->calls < w->stop_after;
}

static void a_cancelled_render_leaves_nothing(void **state)
{
    ps_render_request request = float_request("x.wav");
    ps_source *source = sound();
    watcher w = {0, 1, 0.0};
    ps_error err;

    (void)state;
    make_file("x.wav", "old", 3);
    request.progress = watch;
    request.progress_user = &w;
    assert_int_equal(ps_render_source(source, engine, &request, NULL, &err), PS_CANCELLED);
    assert_int_equal(w.calls, 1);
    assert_int_equal(files_here(), 1);
    holds("x.wav", "old", 3);
    ps_source_destroy(source);
    remove_files_here();
}

static void what_cannot_be_is_refused_before_anything_is_written(void **state)
{
    ps_source *source = sound();

    (void)state;
    for (int i = 0; i < 8; i++) {
        ps_render_request request = float_request(i == 7 ? "x.unknown" : "x.wav");
        ps_error err = {0};

        request.start_sec = i == 0 ? -1.0 : i == 1 ? (double)NAN : 0.0;
        request.duration_sec = i == 2 ? 0.0 : i == 3 ? (double)NAN : -1.0;
        request.fade_in_sec = i == 4 ? 601.0 : 0.0;
        request.fade_out_sec = i == 5 ? -1.0 : 0.0;
        if (i == 6) {
            request.level_mode = PS_LEVEL_PEAK;
            request.level_db = (double)NAN;
        }
        assert_int_equal(ps_render_source(source, engine, &request, NULL, &err), PS_BAD_ARGUMENT);
        assert_string_not_equal(err.text, "");
        assert_int_equal(files_here(), 0);
    }
    ps_source_destroy(source);
}

static void a_failing_allocation_leaves_nothing(void **state)
{
    ps_render_request request = float_request("x.wav");
    ps_source *source = sound();
    const int descriptors = open_descriptors();
    ps_status status = PS_NO_MEMORY;

    (void)state;
    request.level_mode = PS_LEVEL_PEAK;
    request.level_db = -3.0;
    for (long allowed = 0; status != PS_OK; allowed++) {
        assert_true(allowed < 1000);
        assert_int_equal(ps_source_seek(source, 0), PS_OK);
        heap_allowed = allowed;
        status = ps_render_source(source, engine, &request, NULL, NULL);
        heap_allowed = -1;
        assert_true(status == PS_OK || status == PS_NO_MEMORY);
        assert_int_equal(files_here(), status == PS_OK);
        assert_int_equal(open_descriptors(), descriptors);
    }
    ps_source_destroy(source);
    remove_files_here();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_a_level_the_file_holds_the_source),
        cmocka_unit_test(an_excerpt_is_the_middle_of_the_whole),
        cmocka_unit_test(a_start_behind_the_end_is_refused_and_leaves_nothing),
        cmocka_unit_test(peak_and_loudness_come_out_as_asked),
        cmocka_unit_test(only_what_is_asked_for_is_measured),
        cmocka_unit_test(a_level_is_measured_over_what_is_written),
        cmocka_unit_test(auto_turns_down_only_what_would_clip),
        cmocka_unit_test(samples_beyond_full_scale_are_counted),
        cmocka_unit_test(fades_begin_and_end_in_silence),
        cmocka_unit_test(mono_is_the_mean_and_measured_as_one_channel),
        cmocka_unit_test(threads_change_nothing),
        cmocka_unit_test(an_endless_source_needs_a_duration),
        cmocka_unit_test(silence_stays_silence_at_every_level),
        cmocka_unit_test(a_cancelled_render_leaves_nothing),
        cmocka_unit_test(what_cannot_be_is_refused_before_anything_is_written),
        cmocka_unit_test(a_failing_allocation_leaves_nothing),
    };

    return cmocka_run_group_tests(tests, prepare, finish);
}
