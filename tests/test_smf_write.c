/* Writing, and reading back what was written. */
#include "midi_support.h"

#include "plainsong/memory.h"

static ps_score *read_back(const ps_score *score)
{
    ps_score *back = NULL;
    uint8_t *bytes = NULL;
    size_t size_bytes = 0;
    const ps_score_options strict = {.strict = true};
    ps_error err = {0};

    if (ps_score_write(score, &bytes, &size_bytes, NULL, &err) != PS_OK ||
        ps_score_read(&back, bytes, size_bytes, &strict, &err) != PS_OK)
        fail_msg("%s", err.text);
    ps_free(NULL, bytes);
    return back;
}

static void every_kind_of_event_comes_back(void **state)
{
    ps_score *score = SCORE_OF("\x00\x81\x01\x02\x01\x92\x03\x04\x01\xa3\x05\x06\x01\xb4\x07\x08"
                               "\x01\xc5\x09\x01\xd6\x0a\x01\xe7\x0b\x0c\x01\xf0\x03\x7e\x01\xf7"
                               "\x01\xf0\x01\x44\x01\xf7\x01\xf8\x01\xf7\x00\x01\xff\x01\x02hi"
                               "\x01\x80\x10\x40\x01\x90\x10\x00");
    ps_score *back = read_back(score);

    (void)state;
    assert_true(same_events(score, back));
    ps_score_destroy(score);
    ps_score_destroy(back);
}

static void the_bytes_are_the_shortest_a_file_may_have(void **state)
{
    static const uint8_t expected[] = "MThd\0\0\0\6\0\0\0\1\0\x60MTrk\0\0\0\x16"
                                      "\0\x90\x3c\x40\x81\x40\x3c\0\0\x3e\x40\x60\x80\x3e\x20"
                                      "\0\xc0\x05\0\xff\x2f\0";
    ps_score *score =
        SCORE_OF("\x00\x90\x3c\x40\x81\x40\x80\x3c\x40\x00\x90\x3e\x40\x60\x80\x3e\x20"
                 "\x00\xc0\x05");
    uint8_t *bytes = NULL;
    size_t size_bytes = 0;

    (void)state;
    assert_int_equal(ps_score_write(score, &bytes, &size_bytes, NULL, NULL), PS_OK);
    assert_int_equal(size_bytes, sizeof expected - 1);
    assert_memory_equal(bytes, expected, size_bytes);
    ps_free(NULL, bytes);
    ps_score_destroy(score);
}

static void all_channels_come_back_by_port_events(void **state)
{
    ps_event events[PS_SCORE_CHANNELS];
    ps_score *score = NULL, *back;
    const ps_event *read;
    size_t count, at = 0;

    (void)state;
    memset(events, 0, sizeof events);
    for (uint32_t i = 0; i < PS_SCORE_CHANNELS; i++) {
        events[i].tick = i;
        events[i].kind = PS_EVENT_PROGRAM;
        events[i].channel = (uint16_t)(i * 37 % PS_SCORE_CHANNELS);
    }
    assert_int_equal(ps_score_build(&score, events, PS_SCORE_CHANNELS, 96, NULL, NULL), PS_OK);
    back = read_back(score);
    read = ps_score_events(back, &count);
    for (size_t i = 0; i < count; i++)
        if (read[i].kind == PS_EVENT_PROGRAM)
            assert_int_equal(read[i].channel, events[at++].channel);
    assert_int_equal(at, PS_SCORE_CHANNELS);
    ps_score_destroy(score);
    score = read_back(back); /* now that the port events are there nothing is added */
    assert_true(same_events(score, back));
    ps_score_destroy(score);
    ps_score_destroy(back);
}

static void smpte_divisions_come_back(void **state)
{
    maker m;
    warning_list list;
    ps_score *score, *back;
    ps_score_info info;

    (void)state;
    make_header(&m, 0, 1, 0xe728);
    MAKE_TRACK(&m, "\x00\x90\x3c\x40\x60\x3c\x00\x00\xff\x2f\x00");
    score = read_made(&m, &list);
    back = read_back(score);
    ps_score_get_info(back, &info);
    assert_true(info.smpte && info.ticks_per_sec == 1000.0);
    ps_score_destroy(score);
    ps_score_destroy(back);
}

static void the_torture_files_come_back(void **state)
{
    static const char *const names[] = {"2-tracks-type-1",     "all-gs-sounds",
                                        "all-xg-sounds",       "karaoke-kar",
                                        "vlq-4-byte",          "corrupt-file-missing-byte",
                                        "illegal-message-all", "multichannel-chords-2",
                                        "2-tracks-type-2",     "sysex-7x-08-0x-scale-tuning"};

    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char path[1024], file[128];
        size_t size_bytes = 0;
        uint8_t *bytes;
        ps_score *score = NULL, *back;

        snprintf(file, sizeof file, "data/torture/test-%s.mid", names[i]);
        bytes = read_whole(tests_path(path, sizeof path, file), &size_bytes);
        assert_non_null(bytes);
        assert_int_equal(ps_score_read(&score, bytes, size_bytes, NULL, NULL), PS_OK);
        back = read_back(score);
        assert_true(same_events(score, back));
        ps_score_destroy(score);
        ps_score_destroy(back);
        free(bytes);
    }
}

static void what_the_format_cannot_say_is_refused(void **state)
{
    ps_event event = {.tick = 0x10000000, .kind = PS_EVENT_PROGRAM};
    ps_score *score = NULL;
    uint8_t *bytes = NULL;
    size_t size_bytes = 0;
    ps_error err;

    (void)state;
    assert_int_equal(ps_score_build(&score, &event, 1, 96, NULL, NULL), PS_OK);
    assert_int_equal(ps_score_write(score, &bytes, &size_bytes, NULL, &err), PS_UNSUPPORTED);
    assert_non_null(strstr(err.text, "track 1: a gap of more than 268435455 ticks"));
    assert_true(bytes == NULL && size_bytes == 0);
    ps_score_destroy(score);
    event.tick--;
    assert_int_equal(ps_score_build(&score, &event, 1, 96, NULL, NULL), PS_OK);
    ps_score_destroy(read_back(score));
    ps_score_destroy(score);
}

/* ---- Building ---------------------------------------------------------------------------------
 */

static void a_score_is_built_of_events_in_any_order(void **state)
{
    static const uint8_t tempo[] = {15, 66, 64};
    const ps_event events[] = {
        {.tick = 96, .kind = PS_EVENT_NOTE_ON, .a = 60, .b = 0},
        {.tick = 300, .track = 2, .kind = PS_EVENT_META, .a = 0x2f, .data_bytes = 3, .data = tempo},
        {.tick = 0, .track = 2, .kind = PS_EVENT_PROGRAM, .channel = 3, .a = 5, .b = 9},
        {.tick = 0, .kind = PS_EVENT_NOTE_ON, .a = 60, .b = 100},
        {.tick = 0, .kind = PS_EVENT_META, .a = 0x51, .data_bytes = 3, .data = tempo, .channel = 4},
    };
    ps_score *score = NULL;

    (void)state;
    assert_int_equal(ps_score_build(&score, events, 5, 96, NULL, NULL), PS_OK);
    assert_string_equal(describe(score), "0 on 0 60 100, 0 tempo 15 66 64, 0 t1 end, "
                                         "0 t2 program 3 5, 96 off 0 60 64, 96 end, 300 t2 end");
    assert_int_equal(ps_score_frame(score, 96, 44100), 44100);
    ps_score_destroy(score);
}

static void events_that_cannot_be_are_refused_by_their_index(void **state)
{
    static const struct {
        ps_event event;
        const char *words;
    } rows[] = {
        {{.kind = 9}, "event 1: kind 9"},
        {{.kind = PS_EVENT_NOTE_ON, .channel = 256}, "event 1: channel 256"},
        {{.kind = PS_EVENT_NOTE_ON, .a = 128}, "event 1: data bytes 128, 0"},
        {{.kind = PS_EVENT_SYSEX, .data_bytes = 1}, "event 1: 1 bytes of data, but data is NULL"},
        {{.tick = (UINT64_C(1) << 60) + 1}, "event 1: its tick"},
        {{.track = 65535}, "event 1: track 65535"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        ps_event events[2] = {{.tick = 0}};
        ps_score *score = NULL;
        ps_error err;

        events[1] = rows[i].event;
        assert_int_equal(ps_score_build(&score, events, 2, 96, NULL, &err), PS_BAD_ARGUMENT);
        assert_non_null(strstr(err.text, rows[i].words));
        assert_int_equal(ps_score_build(&score, events, 1, i % 2 ? 0 : 32768, NULL, &err),
                         PS_BAD_ARGUMENT);
        assert_non_null(strstr(err.text, "1..32767"));
        assert_null(score);
    }
}

static void writing_gives_everything_back_when_memory_runs_out(void **state)
{
    ps_score *score = SCORE_OF("\x00\x90\x3c\x40\x60\x3c\x00");
    failing_allocator f;

    (void)state;
    for (long allowed = 0; allowed < 4; allowed++) {
        uint8_t *bytes = NULL;
        size_t size_bytes = 0;

        failing_init(&f, allowed);
        assert_int_equal(ps_score_write(score, &bytes, &size_bytes, &f.base, NULL),
                         allowed < 3 ? PS_NO_MEMORY : PS_OK);
        ps_free(&f.base, bytes);
        assert_int_equal(f.live, 0);
    }
    ps_score_destroy(score);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_of_event_comes_back),
        cmocka_unit_test(the_bytes_are_the_shortest_a_file_may_have),
        cmocka_unit_test(all_channels_come_back_by_port_events),
        cmocka_unit_test(smpte_divisions_come_back),
        cmocka_unit_test(the_torture_files_come_back),
        cmocka_unit_test(what_the_format_cannot_say_is_refused),
        cmocka_unit_test(a_score_is_built_of_events_in_any_order),
        cmocka_unit_test(events_that_cannot_be_are_refused_by_their_index),
        cmocka_unit_test(writing_gives_everything_back_when_memory_runs_out),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
