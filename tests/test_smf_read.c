/* Reading MIDI files: what is right is read as it is, what is damaged is mended and told. */
#include "midi_support.h"

#define NOTE      "\x00\x90\x3c\x40\x60\x80\x3c\x40"
#define END       "\x00\xff\x2f\x00"
#define NOTE_SAID "0 on 0 60 64, 96 off 0 60 64"

/* Reads what was made: the events, and per warning its byte and words that must be in it. */
static void expect(const maker *m, const char *events, size_t warnings, const uint64_t *at,
                   const char *const *words)
{
    warning_list list;
    ps_score *score = read_made(m, &list), *refused = NULL;
    const ps_score_options strict = {.strict = true};
    ps_error err = {0};

    assert_string_equal(describe(score), events);
    for (size_t i = 0; i < list.count && i < 64; i++)
        if (i >= warnings || list.items[i].offset_bytes != at[i] ||
            !strstr(list.items[i].text, words[i]) || list.items[i].status != PS_BAD_DATA)
            fail_msg("warning %zu at %lu: %s", i, (unsigned long)list.items[i].offset_bytes,
                     list.items[i].text);
    assert_int_equal(list.count, warnings);
    ps_score_destroy(score);
    assert_int_equal(ps_score_read(&refused, m->bytes, m->size_bytes, &strict, &err),
                     warnings ? PS_BAD_DATA : PS_OK);
    if (warnings) {
        assert_int_equal(err.offset_bytes, at[0]);
        assert_non_null(strstr(err.text, words[0]));
    }
    ps_score_destroy(refused);
}

#define EXPECT_CLEAN(m, events) expect(m, events, 0, NULL, NULL)
#define EXPECT_ONE(m, events, byte, text)                                                          \
    expect(m, events, 1, (const uint64_t[]){byte}, (const char *const[]){text})
#define EXPECT_TWO(m, events, byte, text, byte2, text2)                                            \
    expect(m, events, 2, (const uint64_t[]){byte, byte2}, (const char *const[]){text, text2})

/* A file of one track, whose bytes begin at byte 22. */
#define WITH_TRACK(m, events)                                                                      \
    do {                                                                                           \
        make_header(m, 0, 1, 96);                                                                  \
        MAKE_TRACK(m, events);                                                                     \
    } while (0)

static void every_kind_of_event_is_read(void **state)
{
    maker m;

    (void)state;
    WITH_TRACK(&m, "\x00\x81\x01\x02\x01\x92\x03\x04\x01\xa3\x05\x06\x01\xb4\x07\x08\x01\xc5\x09"
                   "\x01\xd6\x0a\x01\xe7\x0b\x0c\x01\xf0\x03\x7e\x01\xf7\x01\xff\x01\x02hi" END);
    EXPECT_CLEAN(&m,
                 "0 off 1 1 2, 1 on 2 3 4, 2 poly 3 5 6, 3 cc 4 7 8, 4 program 5 9, 5 press 6 10, "
                 "6 bend 7 11 12, 7 sysex f0 7e 01 f7, 8 meta 1 hi, 8 end");
}

static void running_status_repeats_and_velocity_zero_is_an_off(void **state)
{
    maker m;

    (void)state;
    WITH_TRACK(&m, "\x00\x90\x3c\x40\x60\x3c\x00\x00\xc0\x01\x00\x02" END);
    EXPECT_CLEAN(&m, "0 on 0 60 64, 96 off 0 60 64, 96 program 0 1, 96 program 0 2, 96 end");
}

static void packets_of_a_sysex_are_joined_and_escapes_stand_alone(void **state)
{
    maker m;

    (void)state;
    WITH_TRACK(&m, "\x00\xf0\x02\x43\x12\x10\xf7\x01\x10\x10\xf7\x02\x20\xf7\x00\xf7\x01\xf8" END);
    EXPECT_CLEAN(&m, "32 sysex f0 43 12 10 20 f7, 32 sysex f8, 32 end");
    WITH_TRACK(&m, "\x00\xf0\x01\x43" NOTE END);
    EXPECT_CLEAN(&m, "0 sysex f0 43, " NOTE_SAID ", 96 end");
}

static void tracks_play_together_in_the_order_of_the_file(void **state)
{
    maker m;

    (void)state;
    make_header(&m, 1, 3, 96);
    MAKE_TRACK(&m, "\x60\xc0\x01" END);
    MAKE_TRACK(&m, "\x00\xc1\x02\x60\xc1\x03" END);
    MAKE_TRACK(&m, "\x60\xc2\x04" END);
    EXPECT_CLEAN(&m, "0 t1 program 1 2, 96 program 0 1, 96 end, 96 t1 program 1 3, 96 t1 end, "
                     "96 t2 program 2 4, 96 t2 end");
}

static void patterns_of_format_2_follow_one_another_with_their_own_tempo(void **state)
{
    maker m;
    warning_list list;
    ps_score *score;

    (void)state;
    make_header(&m, 2, 3, 96);
    MAKE_TRACK(&m, "\x00\xff\x51\x03\x0f\x42\x40" NOTE "\x60\xff\x2f\x00");
    MAKE_TRACK(&m, NOTE END);
    MAKE_TRACK(&m, "\x00\xff\x51\x03\x03\xd0\x90" NOTE END);
    EXPECT_CLEAN(&m, "0 tempo 15 66 64, " NOTE_SAID ", 192 end, 192 t1 tempo 7 161 32, "
                     "192 t1 on 0 60 64, 288 t1 off 0 60 64, 288 t1 end, 288 t2 tempo 7 161 32, "
                     "288 t2 tempo 3 208 144, 288 t2 on 0 60 64, 384 t2 off 0 60 64, 384 t2 end");
    score = read_made(&m, &list);
    /* Two quarters of 1 s, one of 0.5 s, one of 0.25 s. */
    assert_int_equal(ps_score_frame(score, 384, 48000), 132000);
    ps_score_destroy(score);
}

static void port_events_move_the_channels_of_their_track(void **state)
{
    maker m;

    (void)state;
    make_header(&m, 1, 2, 96);
    MAKE_TRACK(&m, "\x00\xff\x21\x01\x02\x00\xc1\x05\x00\xff\x21\x01\x00\x00\xc1\x06" END);
    MAKE_TRACK(&m, "\x00\xff\x21\x01\x0f\x00\xcf\x07\x00\xf0\x01\xf7" END);
    EXPECT_CLEAN(&m, "0 meta 33 \x02, 0 program 33 5, 0 meta 33 , 0 program 1 6, 0 end, "
                     "0 t1 meta 33 \x0f, 0 t1 program 255 7, 0 t1 sysex f0 f7, 0 t1 end");
    WITH_TRACK(&m, "\x00\xff\x21\x01\x11\x00\xc0\x05" END);
    EXPECT_ONE(&m, "0 meta 33 \x11, 0 program 16 5, 0 end", 26, "port 18 becomes port 2");
}

static void running_status_survives_metas_and_sysex(void **state)
{
    maker m;

    (void)state;
    WITH_TRACK(&m, "\x00\x90\x3c\x40\x00\xff\x01\x00\x60\x3c\x00\x00\xff\x01\x00\x00\x3e\x40" END);
    EXPECT_ONE(&m, "0 on 0 60 64, 0 meta 1 , 96 off 0 60 64, 96 meta 1 , 96 on 0 62 64, 96 end", 31,
               "track 1: running status");
}

static void data_bytes_without_a_status_are_skipped(void **state)
{
    maker m;

    (void)state;
    WITH_TRACK(&m, "\x05\x11\x22\x33\x90\x3c\x40\x60\x3c\x00" END);
    EXPECT_ONE(&m, "5 on 0 60 64, 101 off 0 60 64, 101 end", 23, "3 data bytes");
}

static void data_bytes_above_127_are_limited(void **state)
{
    maker m;

    (void)state;
    WITH_TRACK(&m, "\x00\x90\x3c\xc8\x60\x80\x3c\x40" END);
    EXPECT_ONE(&m, "0 on 0 60 127, 96 off 0 60 64, 96 end", 25, "data byte 200");
}

static void system_messages_are_skipped_with_their_data(void **state)
{
    maker m;

    (void)state;
    WITH_TRACK(&m, "\x10\xf2\x01\x02\x10\xf1\x01\x10\xfe" NOTE END);
    expect(&m, "48 on 0 60 64, 144 off 0 60 64, 144 end", 3, (const uint64_t[]){23, 27, 30},
           (const char *const[]){"message F2", "message F1", "message FE"});
}

static void long_numbers_are_read(void **state)
{
    maker m;

    (void)state;
    WITH_TRACK(&m, "\x80\x80\x80\x80\x05\x90\x3c\x40\x81\x80\x80\x80\x00\x80\x3c\x40" END);
    EXPECT_TWO(&m, "5 on 0 60 64, 268435460 off 0 60 64, 268435460 end", 22, "number of 5 bytes",
               30, "number of 5 bytes");
}

static void a_missing_end_of_track_is_made(void **state)
{
    maker m;

    (void)state;
    make_header(&m, 1, 2, 96);
    MAKE_TRACK(&m, NOTE);
    MAKE_TRACK(&m, NOTE END);
    EXPECT_ONE(
        &m, "0 on 0 60 64, 0 t1 on 0 60 64, 96 off 0 60 64, 96 end, 96 t1 off 0 60 64, 96 t1 end",
        30, "track 1 has no end of track");
}

static void events_after_the_end_of_track_are_told(void **state)
{
    maker m;

    (void)state;
    WITH_TRACK(&m, NOTE END NOTE);
    EXPECT_ONE(&m, NOTE_SAID ", 96 end", 34, "8 bytes after its end");
}

static void two_tracks_with_length(maker *m, uint32_t said_bytes)
{
    make_header(m, 1, 2, 96);
    MAKE(m, "MTrk");
    make_u32(m, said_bytes);
    MAKE(m, NOTE END);
    MAKE_TRACK(m, "\x00\xc1\x05" END);
}

static void wrong_lengths_of_tracks_lose_nothing(void **state)
{
    /* 12 is right; 27 is all that is left; zero and all ones are left by writers that crashed. */
    static const uint32_t lengths[] = {0, 1, 5, 11, 13, 14, 20, 26, 27, 28, 1000, 0xffffffffu};
    maker m;

    (void)state;
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        two_tracks_with_length(&m, lengths[i]);
        EXPECT_ONE(&m, "0 on 0 60 64, 0 t1 program 1 5, 0 t1 end, 96 off 0 60 64, 96 end", 18,
                   "track 1 has 12 bytes");
    }
    two_tracks_with_length(&m, 12);
    EXPECT_CLEAN(&m, "0 on 0 60 64, 0 t1 program 1 5, 0 t1 end, 96 off 0 60 64, 96 end");
}

static void a_file_cut_anywhere_keeps_what_came_before(void **state)
{
    static const char track[] =
        NOTE "\x00\xff\x01\x05hello\x00\xf0\x03\x01\x02\xf7\x00\xc0\x05" END;
    static const struct {
        size_t from_bytes; /* of the track, up to the next row's */
        const char *events;
    } rows[] = {
        {0, "0 end"},
        {4, "0 on 0 60 64, 0 end"},
        {8, NOTE_SAID ", 96 end"},
        {17, NOTE_SAID ", 96 meta 1 hello, 96 end"},
        {23, NOTE_SAID ", 96 meta 1 hello, 96 sysex f0 01 02 f7, 96 end"},
        {26, NOTE_SAID ", 96 meta 1 hello, 96 sysex f0 01 02 f7, 96 program 0 5, 96 end"},
    };
    maker m;
    size_t row = 0;

    (void)state;
    for (size_t cut = 0; cut < sizeof track - 1; cut++) {
        const size_t border =
            row + 1 < sizeof rows / sizeof *rows ? rows[row + 1].from_bytes : sizeof track;
        warning_list list;
        ps_score *score;

        row += cut == border;
        make_header(&m, 0, 1, 96);
        MAKE_TRACK(&m, track);
        m.size_bytes = 22 + cut;
        score = read_made(&m, &list);
        assert_string_equal(describe(score), rows[row].events);
        assert_int_equal(list.count, 2);
        assert_int_equal(list.items[0].offset_bytes, 18);
        assert_non_null(strstr(list.items[1].text, cut == rows[row].from_bytes
                                                       ? "no end of track"
                                                       : "ends within an event"));
        ps_score_destroy(score);
    }
}

static void wrong_counts_of_tracks_are_told(void **state)
{
    maker m;

    (void)state;
    make_header(&m, 1, 5, 96);
    MAKE_TRACK(&m, NOTE END);
    EXPECT_ONE(&m, NOTE_SAID ", 96 end", 10, "says 5 tracks, but there are 1");
    make_header(&m, 1, 1, 96);
    MAKE_TRACK(&m, NOTE END);
    MAKE_TRACK(&m, END);
    EXPECT_ONE(&m, "0 on 0 60 64, 0 t1 end, 96 off 0 60 64, 96 end", 10, "says 1 tracks");
}

static void chunks_of_other_kinds_and_garbage_are_stepped_over(void **state)
{
    maker m;

    (void)state;
    make_header(&m, 1, 2, 96);
    MAKE(&m, "XFIH\x00\x00\x00\x02..");
    MAKE_TRACK(&m, NOTE END);
    MAKE(&m, "\x00\x01\x02MTr garbage");
    MAKE_TRACK(&m, END);
    EXPECT_TWO(&m, "0 on 0 60 64, 0 t1 end, 96 off 0 60 64, 96 end", 14, "'XFIH'", 44,
               "14 stray bytes");
}

static void headers_of_other_lengths_are_read(void **state)
{
    maker m;

    (void)state;
    m.size_bytes = 0;
    MAKE(&m, "MThd\x00\x00\x00\x08\x00\x00\x00\x01\x00\x60..");
    MAKE_TRACK(&m, NOTE END);
    EXPECT_ONE(&m, NOTE_SAID ", 96 end", 4, "header of 8 bytes");
    m.size_bytes = 0;
    MAKE(&m, "MThd\x00\x00\x00\xff\x00\x00\x00\x01\x00\x60");
    MAKE_TRACK(&m, NOTE END);
    EXPECT_ONE(&m, NOTE_SAID ", 96 end", 4, "header of 255 bytes");
    m.size_bytes = 0;
    MAKE(&m, "MacBinary........");
    MAKE(&m, "MThd\x00\x00\x00\x06\x00\x00\x00\x01\x00\x60");
    MAKE_TRACK(&m, NOTE END);
    EXPECT_ONE(&m, NOTE_SAID ", 96 end", 0, "17 bytes before the header");
}

static void odd_divisions_and_formats_are_told(void **state)
{
    maker m;
    warning_list list;
    ps_score *score;
    ps_score_info info;

    (void)state;
    make_header(&m, 0, 1, 0);
    MAKE_TRACK(&m, NOTE END);
    EXPECT_ONE(&m, NOTE_SAID ", 96 end", 12, "division 0000");
    make_header(&m, 0, 1, 0xe700);
    MAKE_TRACK(&m, NOTE END);
    EXPECT_ONE(&m, NOTE_SAID ", 96 end", 12, "division E700");
    make_header(&m, 0, 1, 0xc404);
    MAKE_TRACK(&m, NOTE END);
    EXPECT_ONE(&m, NOTE_SAID ", 96 end", 12, "60 frames per second");
    make_header(&m, 7, 1, 96);
    MAKE_TRACK(&m, NOTE END);
    EXPECT_ONE(&m, NOTE_SAID ", 96 end", 8, "format 7");
    score = read_made(&m, &list);
    ps_score_get_info(score, &info);
    assert_int_equal(info.format, 1);
    ps_score_destroy(score);
}

static void what_holds_no_track_is_refused(void **state)
{
    maker m;
    ps_score *score = NULL;
    ps_error err;

    (void)state;
    make_header(&m, 0, 1, 96);
    assert_int_equal(ps_score_read(&score, m.bytes, m.size_bytes, NULL, &err), PS_BAD_DATA);
    assert_string_equal(err.text, "midi: there is no track in the file");
    assert_int_equal(err.offset_bytes, 14);
    assert_int_equal(ps_score_read(&score, m.bytes, 9, NULL, &err), PS_BAD_DATA);
    assert_string_equal(err.text, "midi: the file ends within its header");
    assert_int_equal(ps_score_read(&score, NULL, 0, NULL, NULL), PS_BAD_DATA);
    assert_null(score);
}

static void there_may_be_hundreds_of_tracks(void **state)
{
    static uint8_t bytes[65536];
    maker m;
    size_t size_bytes;
    ps_score *score = NULL;
    ps_score_info info;

    (void)state;
    make_header(&m, 1, 380, 96);
    memcpy(bytes, m.bytes, m.size_bytes);
    size_bytes = m.size_bytes;
    for (int i = 0; i < 380; i++) {
        m.size_bytes = 0;
        MAKE_TRACK(&m, NOTE END);
        memcpy(bytes + size_bytes, m.bytes, m.size_bytes);
        size_bytes += m.size_bytes;
    }
    assert_int_equal(ps_score_read(&score, bytes, size_bytes, NULL, NULL), PS_OK);
    ps_score_get_info(score, &info);
    assert_int_equal(info.tracks, 380);
    assert_int_equal(info.notes, 380);
    ps_score_destroy(score);
}

static void info_says_what_the_first_events_say(void **state)
{
    ps_score *score = SCORE_OF("\x00\xff\x03\x04Song\x00\xff\x02\x02me\x00\xff\x51\x03\x0f\x42\x40"
                               "\x00\xff\x58\x04\x06\x03\x18\x08\x00\xff\x59\x02\xfd\x01" NOTE
                               "\x60\xff\x58\x04\x03\x02\x18\x08");
    ps_score_info info;

    (void)state;
    ps_score_get_info(score, &info);
    assert_string_equal(info.title, "Song");
    assert_string_equal(info.copyright, "me");
    assert_true(info.first_bpm == 60.0);
    assert_int_equal(info.numerator, 6);
    assert_int_equal(info.denominator, 8);
    assert_int_equal(info.sharps, -3);
    assert_true(info.minor);
    assert_int_equal(info.ticks_per_quarter, 96);
    assert_int_equal(info.tempo_changes, 1);
    assert_int_equal(info.last_tick, 192);
    assert_true(info.seconds == 2.0 && info.music_seconds == 1.0);
    assert_false(info.karaoke || info.rmid || info.smpte);
    ps_score_destroy(score);

    score = SCORE_OF("\x00\xff\x03\x05Words\x00\xff\x01\x06@TLamb\x00\xff\x01\x02la");
    ps_score_get_info(score, &info);
    assert_string_equal(info.title, "Lamb");
    assert_true(info.karaoke);
    assert_true(info.numerator == 4 && info.denominator == 4 && info.first_bpm == 120.0);
    ps_score_destroy(score);
}

/* Everything the reader allocates, with some of each kind of event. */
static ps_status read_with(failing_allocator *f)
{
    const ps_score_options options = {.allocator = &f->base};
    maker m;
    ps_score *score = NULL;
    ps_status status;

    make_header(&m, 1, 2, 96);
    MAKE_TRACK(&m, "\x00\xff\x51\x03\x0f\x42\x40\x00\xff\x03\x01x\x00\xff\x02\x01y" END);
    MAKE_TRACK(&m, "\x00\xf0\x03\x01\x02\xf7" NOTE END);
    status = ps_score_read(&score, m.bytes, m.size_bytes, &options, NULL);
    ps_score_destroy(score);
    return status;
}

static void reading_gives_everything_back_when_memory_runs_out(void **state)
{
    failing_allocator f;
    long needed;

    (void)state;
    failing_init(&f, -1);
    assert_int_equal(read_with(&f), PS_OK);
    assert_int_equal(f.live, 0);
    needed = f.asked;
    assert_true(needed >= 2);
    for (long allowed = 0; allowed < needed; allowed++) {
        failing_init(&f, allowed);
        assert_int_equal(read_with(&f), PS_NO_MEMORY);
        assert_int_equal(f.live, 0);
    }
}

/* ---- Memory and time --------------------------------------------------------------------------
 */

typedef struct counting_allocator {
    ps_allocator base;
    size_t bytes; /* taken in all */
} counting_allocator;

static void *counting_take(void *user, size_t size_bytes)
{
    ((counting_allocator *)user)->bytes += size_bytes;
    return aligned_alloc(PS_ALIGN_BYTES, (size_bytes + 63) / 64 * 64);
}

static void counting_give(void *user, void *memory)
{
    (void)user;
    free(memory);
}

static void hostile_files_take_memory_in_proportion_to_their_size(void **state)
{
    /* What makes the most of few bytes: program changes by running status, empty tracks, garbage.
     */
    static const struct {
        const char *bytes;
        size_t size_bytes;
    } rows[] = {{"\x00\x01", 2},
                {"MTrk\0\0\0\0", 8},
                {"MTrk\xff\xff\xff\xff", 8},
                {"M", 1},
                {"\xff", 1},
                {"\x80", 1},
                {"\x00\xff\x51\x03\x01\x01\x01", 7},
                {"\x00\xf0\x00", 3},
                {"\xf0\x00\xf7", 3}};
    const size_t size_bytes = 1 << 20;
    uint8_t *bytes = malloc(size_bytes);
    maker m;

    (void)state;
    make_header(&m, 0, 1, 96);
    MAKE(&m, "MTrk\x7f\xff\xff\xff\x00\xc0\x01");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        counting_allocator c = {{counting_take, counting_give, &c}, 0};
        const ps_score_options options = {.allocator = &c.base};
        ps_score *score = NULL;

        memcpy(bytes, m.bytes, m.size_bytes);
        for (size_t at = m.size_bytes; at < size_bytes; at++)
            bytes[at] = (uint8_t)rows[i].bytes[(at - m.size_bytes) % rows[i].size_bytes];
        assert_int_equal(ps_score_read(&score, bytes, size_bytes, &options, NULL), PS_OK);
        if (c.bytes > 32 * size_bytes)
            fail_msg("row %zu: %zu bytes of memory for %zu", i, c.bytes, size_bytes);
        ps_score_destroy(score);
    }
    free(bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_of_event_is_read),
        cmocka_unit_test(running_status_repeats_and_velocity_zero_is_an_off),
        cmocka_unit_test(packets_of_a_sysex_are_joined_and_escapes_stand_alone),
        cmocka_unit_test(tracks_play_together_in_the_order_of_the_file),
        cmocka_unit_test(patterns_of_format_2_follow_one_another_with_their_own_tempo),
        cmocka_unit_test(port_events_move_the_channels_of_their_track),
        cmocka_unit_test(running_status_survives_metas_and_sysex),
        cmocka_unit_test(data_bytes_without_a_status_are_skipped),
        cmocka_unit_test(data_bytes_above_127_are_limited),
        cmocka_unit_test(system_messages_are_skipped_with_their_data),
        cmocka_unit_test(long_numbers_are_read),
        cmocka_unit_test(a_missing_end_of_track_is_made),
        cmocka_unit_test(events_after_the_end_of_track_are_told),
        cmocka_unit_test(wrong_lengths_of_tracks_lose_nothing),
        cmocka_unit_test(a_file_cut_anywhere_keeps_what_came_before),
        cmocka_unit_test(wrong_counts_of_tracks_are_told),
        cmocka_unit_test(chunks_of_other_kinds_and_garbage_are_stepped_over),
        cmocka_unit_test(headers_of_other_lengths_are_read),
        cmocka_unit_test(odd_divisions_and_formats_are_told),
        cmocka_unit_test(what_holds_no_track_is_refused),
        cmocka_unit_test(there_may_be_hundreds_of_tracks),
        cmocka_unit_test(info_says_what_the_first_events_say),
        cmocka_unit_test(reading_gives_everything_back_when_memory_runs_out),
        cmocka_unit_test(hostile_files_take_memory_in_proportion_to_their_size),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
