/*
 * The 72 files of jazz-soft's test-midi-files (MIT, tests/data/torture/LICENSE.md). What each
 * should give was found with a separate decoder written for this table, and by hand where a file is
 * damaged.
 */
#include "midi_support.h"

typedef struct torture_row {
    const char *name;
    uint32_t format, tracks;
    size_t events, notes;
    uint32_t channels;
    double seconds, music_seconds;
    size_t warnings;
    uint64_t warning_at; /* byte of the first one */
    const char *warning; /* words in it */
} torture_row;

/* clang-format off */
static const torture_row rows[] = {
    /* name, format, tracks, events, notes, channels, seconds, seconds of music, warnings */
    {"2-tracks-type-0", 0, 2, 40, 16, 2, 4.5, 4.5, 1, 10, "format 0"},
    {"2-tracks-type-1", 1, 2, 40, 16, 2, 4.5, 4.5, 0, 0, NULL},
    {"2-tracks-type-2", 2, 2, 40, 16, 2, 9.0, 9.0, 0, 0, NULL},
    {"all-gm-percussion", 0, 1, 433, 183, 1, 137.25, 137.25, 0, 0, NULL},
    {"all-gm-sounds", 0, 1, 1285, 512, 1, 352.0, 352.0, 0, 0, NULL},
    {"all-gm2-sounds", 0, 1, 3186, 1060, 1, 728.75, 728.75, 0, 0, NULL},
    {"all-gs-sounds", 0, 1, 15138, 5044, 1, 3467.75, 3467.75, 0, 0, NULL},
    {"all-microsoft-gs-wavetable-synth-sounds", 0, 1, 2718, 904, 1, 621.5, 621.5, 0, 0, NULL},
    {"all-xg-sounds", 0, 1, 13686, 4560, 1, 3135.0, 3135.0, 0, 0, NULL},
    {"c-major-scale", 0, 1, 30, 8, 1, 4.0, 4.0, 0, 0, NULL},
    {"control-00-20-bank-select", 0, 1, 35, 8, 2, 5.5, 5.0, 0, 0, NULL},
    {"control-40-damper", 0, 1, 26, 8, 1, 8.0, 6.5, 0, 0, NULL},
    {"control-41-portamento", 0, 1, 26, 8, 1, 7.0, 6.5, 0, 0, NULL},
    {"control-54-portamento-control", 0, 1, 11, 1, 1, 3.0, 2.5, 0, 0, NULL},
    {"control-7c-omni-mode-off", 0, 1, 7, 0, 0, 0.5, 0.0, 0, 0, NULL},
    {"control-7d-omni-mode-on", 0, 1, 7, 0, 0, 0.5, 0.0, 0, 0, NULL},
    {"control-7e-mono-mode-on", 0, 1, 7, 0, 0, 0.5, 0.0, 0, 0, NULL},
    {"control-7f-poly-mode-on", 0, 1, 7, 0, 0, 0.5, 0.0, 0, 0, NULL},
    {"corrupt-file-extra-byte", 0, 1, 22, 8, 1, 4.0, 4.0, 1, 275, "1 stray byte ignored"},
    {"corrupt-file-missing-byte", 0, 1, 22, 8, 1, 4.0, 4.0, 2, 18, "245 bytes, not 246"},
    {"empty", 0, 1, 1, 0, 0, 0.0, 0.0, 0, 0, NULL},
    {"gm2-doggy-78-00-38-4c", 0, 1, 16, 3, 1, 1.5, 1.5, 0, 0, NULL},
    {"gm2-doggy-79-01-7b", 0, 1, 16, 3, 1, 1.5, 1.5, 0, 0, NULL},
    {"gs-doggy-01-00-7b", 0, 1, 16, 3, 1, 1.5, 1.5, 0, 0, NULL},
    {"illegal-message-all", 0, 1, 22, 8, 1, 4.0, 4.0, 13, 187, "message F1"},
    {"illegal-message-f1-xx", 0, 1, 22, 8, 1, 4.0, 4.0, 1, 216, "message F1"},
    {"illegal-message-f2-xx-xx", 0, 1, 22, 8, 1, 4.0, 4.0, 1, 221, "message F2"},
    {"illegal-message-f3-xx", 0, 1, 22, 8, 1, 4.0, 4.0, 1, 213, "message F3"},
    {"illegal-message-f4", 0, 1, 22, 8, 1, 4.0, 4.0, 1, 205, "message F4"},
    {"illegal-message-f5", 0, 1, 22, 8, 1, 4.0, 4.0, 1, 205, "message F5"},
    {"illegal-message-f6", 0, 1, 22, 8, 1, 4.0, 4.0, 1, 208, "message F6"},
    {"illegal-message-f8", 0, 1, 22, 8, 1, 4.0, 4.0, 1, 208, "message F8"},
    {"illegal-message-f9", 0, 1, 22, 8, 1, 4.0, 4.0, 1, 205, "message F9"},
    {"illegal-message-fa", 0, 1, 22, 8, 1, 4.0, 4.0, 1, 201, "message FA"},
    {"illegal-message-fb", 0, 1, 22, 8, 1, 4.0, 4.0, 1, 204, "message FB"},
    {"illegal-message-fc", 0, 1, 22, 8, 1, 4.0, 4.0, 1, 200, "message FC"},
    {"illegal-message-fd", 0, 1, 22, 8, 1, 4.0, 4.0, 1, 205, "message FD"},
    {"illegal-message-fe", 0, 1, 22, 8, 1, 4.0, 4.0, 1, 210, "message FE"},
    {"karaoke-kar", 1, 3, 94, 29, 1, 10.6000053, 10.6000053, 0, 0, NULL},
    {"multichannel-chords-0", 0, 1, 61, 24, 3, 4.0, 4.0, 0, 0, NULL},
    {"multichannel-chords-1", 1, 3, 63, 24, 3, 4.0, 4.0, 0, 0, NULL},
    {"multichannel-chords-2", 1, 2, 62, 24, 3, 4.0, 4.0, 0, 0, NULL},
    {"multichannel-chords-3", 1, 3, 63, 24, 2, 4.0, 4.0, 0, 0, NULL},
    {"non-midi-track", 0, 1, 30, 8, 1, 4.0, 4.0, 1, 14, "'Junk'"},
    {"note-on-velocity", 0, 1, 33, 9, 1, 4.5, 4.5, 0, 0, NULL},
    {"rpn-00-00-pitch-bend-range", 0, 1, 3885, 5, 1, 29.5, 29.5, 0, 0, NULL},
    {"rpn-00-01-fine-tuning", 0, 1, 68, 25, 2, 12.5, 12.5, 0, 0, NULL},
    {"rpn-00-02-coarse-tuning", 0, 1, 49, 8, 1, 4.0, 4.0, 0, 0, NULL},
    {"rpn-00-05-modulation-depth-range", 0, 1, 1975, 5, 1, 17.0, 17.0, 0, 0, NULL},
    {"running-status-metaevent", 0, 1, 22, 8, 1, 4.0, 4.0, 1, 234, "running status"},
    {"running-status-sysex", 0, 1, 22, 8, 1, 4.0, 4.0, 1, 225, "running status"},
    {"silence-all-notes-off", 0, 1, 6, 0, 0, 5.0, 0.0, 0, 0, NULL},
    {"silence-end-of-track", 0, 1, 4, 0, 0, 5.0, 0.0, 0, 0, NULL},
    {"silence-text-metaevent", 0, 1, 5, 0, 0, 5.0, 0.0, 0, 0, NULL},
    {"smpte-offset", 0, 1, 23, 8, 1, 4.0, 4.0, 0, 0, NULL},
    {"sysex-7e-06-01-id-request", 0, 1, 7, 0, 0, 0.5, 0.0, 0, 0, NULL},
    {"sysex-7e-09-01-gm1-enable", 0, 1, 7, 0, 0, 0.5, 0.0, 0, 0, NULL},
    {"sysex-7e-09-02-gm-disable", 0, 1, 7, 0, 0, 0.5, 0.0, 0, 0, NULL},
    {"sysex-7e-09-03-gm2-enable", 0, 1, 7, 0, 0, 0.5, 0.0, 0, 0, NULL},
    {"sysex-7f-04-03-master-fine-tuning", 0, 1, 23, 5, 1, 2.5, 2.5, 0, 0, NULL},
    {"sysex-7f-04-04-master-coarse-tuning", 0, 1, 32, 8, 8, 4.0, 4.0, 0, 0, NULL},
    {"sysex-7x-08-0x-scale-tuning", 0, 1, 149, 65, 1, 34.5, 34.0, 0, 0, NULL},
    {"sysex-gs-40-1x-15-drum-part-change", 0, 1, 26, 8, 2, 6.0, 5.0, 0, 0, NULL},
    {"sysex-gs-40-1x-4x-scale-tuning", 0, 1, 19, 3, 1, 1.5, 1.5, 0, 0, NULL},
    {"track-length", 0, 1, 8, 1, 1, 1.5, 0.5, 0, 0, NULL},
    {"vlq-2-byte", 0, 1, 22, 8, 1, 4.0, 4.0, 0, 0, NULL},
    {"vlq-3-byte", 0, 1, 22, 8, 1, 4.0, 4.0, 0, 0, NULL},
    {"vlq-4-byte", 0, 1, 22, 8, 1, 4.0, 4.0, 0, 0, NULL},
    {"xg-doggy-40-00-30", 0, 1, 16, 3, 1, 1.5, 1.5, 0, 0, NULL},
    {"xg-doggy-7e-00-00-54", 0, 1, 16, 3, 1, 1.5, 1.5, 0, 0, NULL},
};
/* clang-format on */

#define ROWS (sizeof rows / sizeof *rows)

static uint8_t *read_torture(const char *name, size_t *size_bytes)
{
    char path[1024], file[128];
    uint8_t *bytes;

    snprintf(file, sizeof file, "data/torture/test-%s.mid", name);
    bytes = read_whole(tests_path(path, sizeof path, file), size_bytes);
    assert_non_null(bytes);
    return bytes;
}

static ps_score *read_row(const torture_row *row, warning_list *list)
{
    const ps_score_options options = listing(list);
    ps_score *score = NULL;
    size_t size_bytes;
    uint8_t *bytes = read_torture(row->name, &size_bytes);
    ps_error err;

    if (ps_score_read(&score, bytes, size_bytes, &options, &err) != PS_OK)
        fail_msg("%s: %s", row->name, err.text);
    free(bytes);
    return score;
}

static void every_file_has_the_notes_and_length_it_should(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS; i++) {
        const torture_row *row = &rows[i];
        warning_list list;
        ps_score *score = read_row(row, &list);
        ps_score_info info;
        size_t count;

        ps_score_events(score, &count);
        ps_score_get_info(score, &info);
        if (info.format != row->format || info.tracks != row->tracks || count != row->events ||
            info.notes != row->notes || info.channels_used != row->channels ||
            info.seconds - row->seconds > 1e-9 || row->seconds - info.seconds > 1e-9 ||
            info.music_seconds - row->music_seconds > 1e-9 ||
            row->music_seconds - info.music_seconds > 1e-9)
            fail_msg("%s: format %u, %u tracks, %zu events, %zu notes, %u channels, %.9g s, %.9g s",
                     row->name, (unsigned)info.format, (unsigned)info.tracks, count, info.notes,
                     (unsigned)info.channels_used, info.seconds, info.music_seconds);
        ps_score_destroy(score);
    }
}

static void damage_is_told_with_its_byte(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS; i++) {
        const torture_row *row = &rows[i];
        warning_list list;
        ps_score *score = read_row(row, &list);

        if (list.count != row->warnings ||
            (row->warning && (list.items[0].offset_bytes != row->warning_at ||
                              !strstr(list.items[0].text, row->warning))))
            fail_msg("%s: %zu warnings, the first at %lu: %s", row->name, list.count,
                     (unsigned long)list.items[0].offset_bytes, list.items[0].text);
        ps_score_destroy(score);
    }
}

static void strict_refuses_exactly_what_is_damaged(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS; i++) {
        const torture_row *row = &rows[i];
        ps_score_options options = {.strict = true};
        ps_score *score = NULL;
        size_t size_bytes;
        uint8_t *bytes = read_torture(row->name, &size_bytes);
        ps_error err = {0};
        const ps_status status = ps_score_read(&score, bytes, size_bytes, &options, &err);

        if (status != (row->warnings ? PS_BAD_DATA : PS_OK))
            fail_msg("%s: status %d", row->name, status);
        if (row->warnings) {
            assert_int_equal(err.offset_bytes, row->warning_at);
            assert_non_null(strstr(err.text, row->warning));
            assert_null(score);
        }
        ps_score_destroy(score);
        free(bytes);
    }
}

static void damaged_scales_are_still_scales(void **state)
{
    static const char *const kinds[] = {"corrupt", "illegal",  "running", "vlq",
                                        "c-major", "non-midi", "smpte"};
    static const uint8_t scale[] = {60, 62, 64, 65, 67, 69, 71, 72};

    (void)state;
    for (size_t i = 0; i < ROWS; i++) {
        bool is_scale = false;
        warning_list list;
        ps_score *score;
        const ps_event *events;
        size_t count, at = 0;

        for (size_t kind = 0; kind < sizeof kinds / sizeof *kinds; kind++)
            is_scale = is_scale || strncmp(rows[i].name, kinds[kind], strlen(kinds[kind])) == 0;
        if (!is_scale)
            continue;
        score = read_row(&rows[i], &list);
        events = ps_score_events(score, &count);
        for (size_t e = 0; e < count; e++) {
            if (events[e].kind != PS_EVENT_NOTE_ON)
                continue;
            assert_int_equal(events[e].a, scale[at]);
            assert_int_equal(events[e].tick, at * 96);
            at++;
        }
        assert_int_equal(at, 8);
        ps_score_destroy(score);
    }
}

static void fails_with(const char *name, const char *words)
{
    ps_score *score = NULL;
    size_t size_bytes;
    uint8_t *bytes = read_torture(name, &size_bytes);
    ps_error err;

    assert_int_equal(ps_score_read(&score, bytes, size_bytes, NULL, &err), PS_BAD_DATA);
    assert_null(score);
    assert_string_equal(err.text, words);
    assert_int_equal(err.offset_bytes, 0);
    free(bytes);
}

static void what_is_no_midi_file_fails_in_one_clear_line(void **state)
{
    (void)state;
    fails_with("empty-file", "midi: the file is empty");
    fails_with("not-a-midi-file", "midi: not a MIDI file: begins with 'not ', not with 'MThd'");
}

static void there_are_seventy_two_files(void **state)
{
    (void)state;
    assert_int_equal(ROWS + 2, 72);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_file_has_the_notes_and_length_it_should),
        cmocka_unit_test(damage_is_told_with_its_byte),
        cmocka_unit_test(strict_refuses_exactly_what_is_damaged),
        cmocka_unit_test(damaged_scales_are_still_scales),
        cmocka_unit_test(what_is_no_midi_file_fails_in_one_clear_line),
        cmocka_unit_test(there_are_seventy_two_files),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
