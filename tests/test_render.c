/* From a MIDI file to an audio file: the report, the stems, what is left behind when it fails. */
#define _GNU_SOURCE /* edge_support.h */
#include "edge_support.h"
#include "failing_heap.h"
#include "play.h"

#include "plainsong/render.h"

/* song.mid: four notes on three channels; bank.sf2: two presets and a kit. */
static int prepare(void **state)
{
    static play_list list;
    sf2_builder b;
    ps_score *score;
    size_t size_bytes;
    uint8_t *bytes;
    uint32_t sine, instrument;

    if (in_folder(state) != 0)
        return -1;
    play_program(&list, 0, 1, 40);
    play_program(&list, 0, 2, 77); /* missing */
    for (uint32_t i = 0; i < 4; i++) {
        static const uint32_t channels[4] = {0, 1, 2, 9};

        play_on(&list, 20 * i, channels[i], 60 + i, 100);
        play_off(&list, 20 * i + 100, channels[i], 60 + i);
    }
    score = play_score(&list);
    assert_int_equal(ps_score_write(score, &bytes, &size_bytes, NULL, NULL), PS_OK);
    make_file("song.mid", bytes, size_bytes);
    ps_free(NULL, bytes);
    ps_score_destroy(score);

    sf2_init(&b);
    sine = play_sine(&b);
    instrument = sf2_instrument(&b, "sine");
    sf2_zone(&b, sine);
    sf2_gen(&b, 54, 1); /* looped */
    sf2_simple_preset(&b, "Grand", 0, 0, instrument);
    sf2_simple_preset(&b, "Violin/Solo", 0, 40, instrument);
    sf2_simple_preset(&b, "Kit", 128, 0, instrument);
    bytes = sf2_build(&b, &size_bytes);
    make_file("bank.sf2", bytes, size_bytes);
    free(bytes);
    sf2_clear(&b);
    return 0;
}

#define FILES_BEFORE 2

static ps_render_request request_for(const char *output)
{
    ps_render_request request = ps_render_defaults();

    request.input_path = "song.mid";
    request.output_path = output;
    request.soundfont_paths[0] = "bank.sf2";
    request.soundfont_count = 1;
    request.threads = 1;
    return request;
}

static void the_report_tells_what_happened(void **state)
{
    const ps_render_request request = request_for("x.wav");
    static ps_render_report report;
    ps_error err = {0};

    (void)state;
    if (ps_render_file(&request, &report, &err) != PS_OK)
        fail_msg("%s: %s", err.path, err.text);
    assert_int_equal(report.synth.notes, 4);
    assert_true(report.frames > 7000); /* 0.16 s to the last note-off */
    assert_true(report.seconds == (double)report.frames / 44100.0);
    assert_true(report.levels.peak > 0.01 && report.gain == 1.0 && !report.prevented_clipping);
    assert_int_equal(report.missing_count, 1);
    assert_int_equal(report.missing[0].program, 77);
    assert_int_equal(report.missing[0].channel, 2);
    assert_string_equal(report.soundfont_path, "bank.sf2");
    assert_int_equal(remove("x.wav"), 0);
}

static void measuring_first_does_not_count_twice(void **state)
{
    ps_render_request request = request_for("null:");
    static ps_render_report once, twice;

    (void)state;
    assert_int_equal(ps_render_file(&request, &once, NULL), PS_OK);
    request.level_mode = PS_LEVEL_PEAK;
    request.level_db = -1.0;
    assert_int_equal(ps_render_file(&request, &twice, NULL), PS_OK);
    assert_int_equal(once.synth.notes, twice.synth.notes);
    assert_int_equal(once.synth.regions, twice.synth.regions);
    assert_int_equal(once.frames, twice.frames);
    assert_int_equal(files_here(), FILES_BEFORE);
}

static void stems_are_named_by_channel_and_preset(void **state)
{
    static const char *const names[] = {"stems/01-grand.flac", "stems/02-violin-solo.flac",
                                        "stems/03-program-78.flac", "stems/10-drums.flac"};
    ps_render_request request = request_for("mix.flac");
    static ps_render_report report;

    (void)state;
    request.stems_dir = "stems";
    assert_int_equal(ps_render_file(&request, &report, NULL), PS_OK);
    assert_int_equal(report.stems, 4);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        assert_int_equal(remove(names[i]), 0);
    assert_int_equal(rmdir("stems"), 0);
    assert_int_equal(remove("mix.flac"), 0);
}

static void every_failure_names_its_file(void **state)
{
    static const struct {
        const char *input, *bank, *output, *stems, *path;
        ps_status status;
    } rows[] = {
        {"none.mid", "bank.sf2", "x.wav", NULL, "none.mid", PS_NOT_FOUND},
        {"bank.sf2", "bank.sf2", "x.wav", NULL, "bank.sf2", PS_BAD_DATA},
        {"song.mid", "none.sf2", "x.wav", NULL, "none.sf2", PS_NOT_FOUND},
        {"song.mid", "song.mid", "x.wav", NULL, "song.mid", PS_BAD_DATA},
        {"song.mid", "bank.sf2", "no/x.wav", NULL, "no/x.wav", PS_CANNOT_WRITE},
        {"song.mid", "bank.sf2", "x.wav", "song.mid", "song.mid", PS_CANNOT_WRITE},
        {"song.mid", "bank.sf2", "x.wav", "no/stems", "no/stems", PS_CANNOT_WRITE},
    };

    (void)state;
    for (size_t r = 0; r < sizeof rows / sizeof *rows; r++) {
        ps_render_request request = request_for(rows[r].output);
        ps_error err = {0};

        request.input_path = rows[r].input;
        request.soundfont_paths[0] = rows[r].bank;
        request.stems_dir = rows[r].stems;
        assert_int_equal(ps_render_file(&request, NULL, &err), rows[r].status);
        assert_memory_equal(err.path, rows[r].path, strlen(rows[r].path));
        assert_string_not_equal(err.text, "");
        assert_int_equal(files_here(), FILES_BEFORE);
    }
}

static bool stop_in_stems(void *user, double done, const char *stage)
{
    (void)user;
    (void)done;
    return strcmp(stage, "stems") != 0;
}

static void a_stop_among_the_stems_leaves_no_mix_either(void **state)
{
    ps_render_request request = request_for("x.wav");
    ps_error err;

    (void)state;
    request.stems_dir = ".";
    request.progress = stop_in_stems;
    request.file.rate_hz = 192000; /* long enough for a second word of progress */
    request.performance.tail_sec = 600.0;
    assert_int_equal(ps_render_file(&request, NULL, &err), PS_CANCELLED);
    assert_int_equal(files_here(), FILES_BEFORE);
}

static void a_failing_allocation_leaves_nothing(void **state)
{
    ps_render_request request = request_for("x.wav");
    const int descriptors = open_descriptors();
    ps_status status = PS_NO_MEMORY;

    (void)state;
    request.stems_dir = ".";
    request.file.rate_hz = 8000;
    request.performance.tail_sec = 0.0;
    for (long allowed = 0; status != PS_OK; allowed++) {
        assert_true(allowed < 10000);
        heap_allowed = allowed;
        status = ps_render_file(&request, NULL, NULL);
        heap_allowed = -1;
        assert_true(status == PS_OK || status == PS_NO_MEMORY);
        assert_int_equal(files_here(), FILES_BEFORE + (status == PS_OK ? 5 : 0));
        assert_int_equal(open_descriptors(), descriptors);
    }
}

static void what_is_lent_is_used_and_stays_the_callers(void **state)
{
    ps_render_request request = request_for("own.wav");
    const ps_soundfont_file *lent;
    static ps_render_report report;
    ps_soundfont_file *file;
    ps_engine *engine;
    size_t size_bytes;
    uint8_t *bytes;

    (void)state;
    assert_int_equal(ps_render_file(&request, NULL, NULL), PS_OK);
    bytes = read_whole("own.wav", &size_bytes);
    assert_int_equal(ps_engine_create(&engine, NULL, NULL), PS_OK);
    assert_int_equal(ps_soundfont_file_open(&file, "bank.sf2", false, NULL, NULL), PS_OK);
    lent = file;
    request.engine = engine;
    request.soundfonts = &lent;
    request.soundfont_paths[0] = "no such bank";
    for (int i = 0; i < 2; i++) {
        request.output_path = "lent.wav";
        assert_int_equal(ps_render_file(&request, &report, NULL), PS_OK);
        assert_string_equal(report.soundfont_path, "no such bank");
        holds("lent.wav", bytes, size_bytes);
    }
    free(bytes);
    ps_soundfont_file_close(file);
    ps_engine_destroy(engine);
    remove("own.wav");
    remove("lent.wav");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_lent_is_used_and_stays_the_callers),
        cmocka_unit_test(the_report_tells_what_happened),
        cmocka_unit_test(measuring_first_does_not_count_twice),
        cmocka_unit_test(stems_are_named_by_channel_and_preset),
        cmocka_unit_test(every_failure_names_its_file),
        cmocka_unit_test(a_stop_among_the_stems_leaves_no_mix_either),
        cmocka_unit_test(a_failing_allocation_leaves_nothing),
    };

    return cmocka_run_group_tests(tests, prepare, out_of_folder);
}
