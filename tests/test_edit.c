/* Edits: each makes a new score of another one. */
#include "midi_support.h"

#include <math.h>

static char *words_of(ps_status status, const ps_error *err)
{
    static char text[300];

    snprintf(text, sizeof text, "%d %s", status, err->text);
    return text;
}

/* Checks what an edit made, and gives both scores back. */
static void expect(ps_status status, const ps_error *err, ps_score *from, ps_score **made,
                   const char *events)
{
    if (status != PS_OK)
        fail_msg("%s", words_of(status, err));
    assert_string_equal(describe(*made), events);
    ps_score_destroy(*made);
    ps_score_destroy(from);
}

/* Checks that an edit was refused, in words. */
static void expect_refused(ps_status status, const ps_error *err, ps_score *const *made,
                           ps_status expected, const char *words)
{
    assert_null(*made);
    if (status != expected || !strstr(err->text, words))
        fail_msg("%s", words_of(status, err));
}

static ps_score *smpte_score(void)
{
    maker m;
    warning_list list;

    make_header(&m, 0, 1, 0xe728);
    MAKE_TRACK(&m, "\x00\x90\x3c\x40\x64\x3c\x00\x00\xff\x2f\x00");
    return read_made(&m, &list);
}

/* ---- Transpose --------------------------------------------------------------------------------
 */

static void keys_move_but_drums_stay(void **state)
{
    ps_score *score = SCORE_OF("\x00\xff\x59\x02\x00\x00\x00\x90\x3c\x40\x00\x99\x24\x40"
                               "\x30\xa0\x3c\x10\x30\x80\x3c\x40\x00\x89\x24\x40");
    ps_score *made = NULL;
    ps_error err;

    (void)state;
    expect(
        ps_score_transpose(&made, score, -3, NULL, NULL, &err), &err, score, &made,
        "0 key 3 0, 0 on 0 57 64, 0 on 9 36 64, 48 poly 0 57 16, 96 off 0 57 64, 96 off 9 36 64, "
        "96 end");
}

static void key_signatures_move_by_fifths_when_everything_moves(void **state)
{
    static const struct {
        uint8_t sharps;
        int semitones;
        const char *key;
    } rows[] = {{0, 1, "key 251"}, {0, 2, "key 2"},  {0, 5, "key 255"},
                {0, 7, "key 1"},   {3, 12, "key 3"}, {252, -1, "key 1"},
                {7, 1, "key 2"},   {0, 6, "key 6"},  {99, 2, "key 99"}};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        uint8_t bytes[] = {0, 0xff, 0x59, 2, rows[i].sharps, 0};
        ps_score *score = score_of(bytes, sizeof bytes), *made = NULL;
        char expected[64];
        ps_error err;

        snprintf(expected, sizeof expected, "0 %s 0, 0 end", rows[i].key);
        expect(ps_score_transpose(&made, score, rows[i].semitones, NULL, NULL, &err), &err, score,
               &made, expected);
    }
}

static void only_the_channels_of_the_set_move(void **state)
{
    ps_score *score =
        SCORE_OF("\x00\xff\x59\x02\x00\x00\x00\x90\x3c\x40\x00\x91\x3c\x40\x10\x81\x3c\x40");
    ps_channel_set set = ps_channels_none();
    ps_score *made = NULL;
    ps_error err;

    (void)state;
    ps_channels_add(&set, 1);
    expect(ps_score_transpose(&made, score, 2, &set, NULL, &err), &err, score, &made,
           "0 key 0 0, 0 on 0 60 64, 0 on 1 62 64, 16 off 1 62 64, 16 end");
}

static void notes_that_leave_the_keyboard_are_dropped_and_told(void **state)
{
    ps_score *score = SCORE_OF("\x00\x90\x7f\x40\x00\x90\x3c\x40\x10\x80\x7f\x40\x00\x80\x3c\x40");
    ps_score *made = NULL;
    warning_list list;
    ps_score_options options = listing(&list);
    ps_error err;

    (void)state;
    assert_int_equal(ps_score_transpose(&made, score, 1, NULL, &options, &err), PS_OK);
    assert_string_equal(describe(made), "0 on 0 61 64, 16 off 0 61 64, 16 end");
    assert_int_equal(list.count, 1);
    assert_non_null(strstr(list.items[0].text, "by 1 semitones, 1 notes leave"));
    ps_score_destroy(made);
    made = NULL;
    options.strict = true;
    expect_refused(ps_score_transpose(&made, score, 1, NULL, &options, &err), &err, &made,
                   PS_BAD_ARGUMENT, "1 notes leave the keys 0..127");
    expect_refused(ps_score_transpose(&made, score, 128, NULL, NULL, &err), &err, &made,
                   PS_BAD_ARGUMENT, "-127..127");
    ps_score_destroy(score);
}

/* ---- Tempo ------------------------------------------------------------------------------------
 */

static void tempo_is_scaled_from_the_start_on(void **state)
{
    ps_score *score = SCORE_OF("\x60\xff\x51\x03\x0f\x42\x40\x60\x90\x3c\x40");
    ps_score *made = NULL;
    ps_error err;

    (void)state;
    /* 500000 / 2 = 250000 = 0x03d090, 1000000 / 2 = 500000 = 0x07a120 */
    expect(ps_score_scale_tempo(&made, score, 2.0, NULL, &err), &err, score, &made,
           "0 tempo 3 208 144, 96 tempo 7 161 32, 192 on 0 60 64, 192 end");
}

static void scaling_the_tempo_scales_the_length(void **state)
{
    static const double factors[] = {0.5, 0.7, 1.0, 1.3, 2.0, 33.0};
    ps_score *score =
        SCORE_OF("\x00\xff\x51\x03\x0f\x42\x40\x60\xff\x51\x03\x01\x42\x40\x81\x40\x90"
                 "\x3c\x40");
    ps_score *smpte = smpte_score();

    (void)state;
    for (size_t i = 0; i < sizeof factors / sizeof *factors; i++) {
        ps_score *made = NULL;
        ps_score_info info, made_info;

        assert_int_equal(ps_score_scale_tempo(&made, score, factors[i], NULL, NULL), PS_OK);
        ps_score_get_info(score, &info);
        ps_score_get_info(made, &made_info);
        assert_true(made_info.seconds * factors[i] / info.seconds > 0.9999);
        assert_true(made_info.seconds * factors[i] / info.seconds < 1.0001);
        ps_score_destroy(made);
        assert_int_equal(ps_score_scale_tempo(&made, smpte, factors[i], NULL, NULL), PS_OK);
        ps_score_get_info(made, &made_info);
        assert_int_equal(made_info.last_tick, (uint64_t)(100 / factors[i] + 0.5));
        ps_score_destroy(made);
    }
    ps_score_destroy(smpte);
    ps_score_destroy(score);
}

static void one_tempo_takes_the_place_of_all(void **state)
{
    ps_score *score =
        SCORE_OF("\x00\xff\x51\x03\x01\x02\x03\x00\x90\x3c\x40\x60\xff\x51\x03\x0f\x42"
                 "\x40\x60\x80\x3c\x40");
    ps_score *made = NULL;
    ps_score_info info;
    ps_error err;

    (void)state;
    assert_int_equal(ps_score_set_tempo(&made, score, 60.0, NULL, &err), PS_OK);
    ps_score_get_info(made, &info);
    assert_true(info.first_bpm == 60.0 && info.tempo_changes == 1 && info.seconds == 2.0);
    expect(PS_OK, &err, score, &made, "0 tempo 15 66 64, 0 on 0 60 64, 192 off 0 60 64, 192 end");
}

static void tempos_no_file_can_say_are_refused(void **state)
{
    ps_score *score = SCORE_OF("\x00\x90\x3c\x40"), *smpte = smpte_score(), *made = NULL;
    ps_error err;

    (void)state;
    expect_refused(ps_score_scale_tempo(&made, score, 0.009, NULL, &err), &err, &made,
                   PS_BAD_ARGUMENT, "0.01..100");
    expect_refused(ps_score_scale_tempo(&made, score, (double)NAN, NULL, &err), &err, &made,
                   PS_BAD_ARGUMENT, "0.01..100");
    expect_refused(ps_score_scale_tempo(&made, score, 0.01, NULL, &err), &err, &made,
                   PS_BAD_ARGUMENT, "120 bpm becomes 1.2 bpm, not within 3.576..6e+07");
    expect_refused(ps_score_set_tempo(&made, score, 3.5, NULL, &err), &err, &made, PS_BAD_ARGUMENT,
                   "3.5 bpm is not within 3.576..6e+07");
    expect_refused(ps_score_set_tempo(&made, smpte, 60, NULL, &err), &err, &made, PS_UNSUPPORTED,
                   "SMPTE");
    ps_score_destroy(smpte);
    ps_score_destroy(score);
}

/* ---- Velocity ---------------------------------------------------------------------------------
 */

static void velocities_are_scaled_and_stay_velocities(void **state)
{
    ps_score *score = SCORE_OF("\x00\x90\x3c\x01\x00\x3d\x28\x00\x3e\x7f\x00\x91\x3c\x28");
    ps_score *made = NULL;
    ps_channel_set set = ps_channels_none();
    ps_error err;

    (void)state;
    ps_channels_add(&set, 0);
    assert_int_equal(ps_score_scale_velocity(&made, score, 1.5, -10.0, &set, NULL, &err), PS_OK);
    assert_string_equal(describe(made),
                        "0 on 0 60 1, 0 on 0 61 50, 0 on 0 62 127, 0 on 1 60 40, 0 end");
    ps_score_destroy(made);
    made = NULL;
    expect_refused(ps_score_scale_velocity(&made, score, -1, 0, NULL, NULL, &err), &err, &made,
                   PS_BAD_ARGUMENT, "0..127");
    expect_refused(ps_score_scale_velocity(&made, score, 1, 128, NULL, NULL, &err), &err, &made,
                   PS_BAD_ARGUMENT, "-127..127");
    ps_score_destroy(score);
}

/* ---- Quantize ---------------------------------------------------------------------------------
 */

static void notes_go_to_the_grid_with_their_length(void **state)
{
    ps_score *score =
        SCORE_OF("\x05\x90\x3c\x40\x14\x3e\x40\x05\x3c\x00\x05\x3e\x00\x02\xb0\x01\x02");
    ps_score *made = NULL;
    ps_error err;

    (void)state;
    /* Ticks 5..30 and 25..35; the grid is 24; the controller at 37 stays. */
    assert_int_equal(ps_score_quantize(&made, score, 0.25, 1.0, 0.0, NULL, NULL, &err), PS_OK);
    assert_string_equal(describe(made),
                        "0 on 0 60 64, 24 on 0 62 64, 25 off 0 60 64, 34 off 0 62 64, "
                        "37 cc 0 1 2, 37 end");
    ps_score_destroy(made);
    /* Half of the way: 5 to 2.5, rounded up; 25 to 24.5. */
    expect(ps_score_quantize(&made, score, 0.25, 0.5, 0.0, NULL, NULL, &err), &err, score, &made,
           "3 on 0 60 64, 25 on 0 62 64, 28 off 0 60 64, 35 off 0 62 64, 37 cc 0 1 2, 37 end");
}

static void swing_moves_every_second_point_late(void **state)
{
    ps_score *score = SCORE_OF("\x00\x90\x3c\x40\x18\x3d\x40\x18\x3e\x40\x18\x3f\x40");
    ps_score *made = NULL;
    ps_error err;

    (void)state;
    expect(ps_score_quantize(&made, score, 0.25, 1.0, 0.5, NULL, NULL, &err), &err, score, &made,
           "0 on 0 60 64, 30 on 0 61 64, 48 on 0 62 64, 78 on 0 63 64, 78 end");
}

static void a_note_does_not_reach_into_the_next_of_its_key(void **state)
{
    ps_score *score = SCORE_OF("\x0d\x90\x3c\x40\x0c\x3c\x00\x00\x3c\x41\x14\x3c\x00");
    ps_score *made = NULL;
    ps_error err;

    (void)state;
    /* 13..25 goes to 24..36, 25..45 to 24..44: the first has to end where the second begins. */
    expect(ps_score_quantize(&made, score, 0.25, 1.0, 0.0, NULL, NULL, &err), &err, score, &made,
           "24 on 0 60 64, 24 off 0 60 64, 24 on 0 60 65, 44 off 0 60 64, 45 end");
}

static void quantizing_refuses_what_has_no_meaning(void **state)
{
    ps_score *score = SCORE_OF("\x00\x90\x3c\x40"), *smpte = smpte_score(), *made = NULL;
    ps_error err;

    (void)state;
    expect_refused(ps_score_quantize(&made, score, 0.01, 1, 0, NULL, NULL, &err), &err, &made,
                   PS_BAD_ARGUMENT, "0.01042 (one tick)..64");
    expect_refused(ps_score_quantize(&made, score, 1, 1.1, 0, NULL, NULL, &err), &err, &made,
                   PS_BAD_ARGUMENT, "strength of 1.1 is not within 0..1");
    expect_refused(ps_score_quantize(&made, score, 1, 1, -0.1, NULL, NULL, &err), &err, &made,
                   PS_BAD_ARGUMENT, "swing of -0.1 is not within 0..1");
    expect_refused(ps_score_quantize(&made, smpte, 1, 1, 0, NULL, NULL, &err), &err, &made,
                   PS_UNSUPPORTED, "SMPTE");
    ps_score_destroy(smpte);
    ps_score_destroy(score);
}

/* ---- Trim -------------------------------------------------------------------------------------
 */

static void what_was_set_before_the_start_is_set_at_the_start(void **state)
{
    ps_score *score = SCORE_OF(
        "\x00\xff\x03\x01n\x00\xff\x05\x02la\x00\xff\x51\x03\x07\xa1\x20\x00\xf0\x02\x01\xf7"
        "\x00\xb0\x00\x01\x00\xc0\x05\x00\xb0\x00\x02\x00\xb0\x07\x10\x00\xb0\x07\x20\x00\xe0\x01"
        "\x02"
        "\x00\xb0\x65\x00\x00\xb0\x64\x00\x00\xb0\x06\x0c\x00\xb0\x65\x7f\x00\xb0\x64\x7f"
        "\x00\xd0\x11\x00\xb0\x6f\x00\x00\xb0\x7b\x00\x81\x40\xc0\x06\x00\x90\x3c\x40\x60\x80\x3c"
        "\x40");
    ps_score *made = NULL;
    ps_error err;

    (void)state;
    /* 192 ticks are one second at 120 bpm. */
    expect(ps_score_trim(&made, score, 1.0, -1.0, NULL, &err), &err, score, &made,
           "0 meta 3 n, 0 tempo 7 161 32, 0 sysex f0 01 f7, 0 cc 0 0 1, 0 program 0 5, 0 cc 0 0 2, "
           "0 cc 0 7 32, 0 bend 0 1 2, 0 cc 0 101 0, 0 cc 0 100 0, 0 cc 0 6 12, 0 cc 0 101 127, "
           "0 cc 0 100 127, 0 press 0 17, 0 program 0 6, 0 on 0 60 64, 96 off 0 60 64, 96 end");
}

static void notes_are_cut_at_both_ends(void **state)
{
    /* 60 sounds 0..192, 62 96..192, 64 144..288, 65 from 144 without end, 67 288..384. */
    ps_score *score = SCORE_OF("\x00\x90\x3c\x40\x60\x3e\x40\x30\x40\x40\x00\x41\x40\x30\x3c\x00"
                               "\x00\x3e\x00\x60\x40\x00\x00\x43\x40\x60\x43\x00");
    ps_score *made = NULL;
    ps_error err;

    (void)state;
    expect(ps_score_trim(&made, score, 0.5, 1.25, NULL, &err), &err, score, &made,
           "0 on 0 62 64, 48 on 0 64 64, 48 on 0 65 64, 96 off 0 62 64, 144 off 0 65 64, "
           "144 off 0 64 64, 144 end");
}

static void the_whole_piece_is_left_as_it_is(void **state)
{
    ps_score *score =
        SCORE_OF("\x00\xb0\x07\x10\x00\xb0\x07\x20\x00\x90\x3c\x40\x60\x3c\x00\x60\x3e"
                 "\x00");
    ps_score *made = NULL;

    (void)state;
    assert_int_equal(ps_score_trim(&made, score, 0.0, -1.0, NULL, NULL), PS_OK);
    assert_true(same_events(score, made));
    ps_score_destroy(made);
    ps_score_destroy(score);
}

static void stretches_outside_the_piece_are_refused(void **state)
{
    ps_score *score = SCORE_OF("\x00\x90\x3c\x40\x60\x3c\x00"), *made = NULL;
    ps_error err;

    (void)state;
    expect_refused(ps_score_trim(&made, score, 0.6, -1.0, NULL, &err), &err, &made, PS_BAD_ARGUMENT,
                   "0.6 s is not within 0..0.5");
    expect_refused(ps_score_trim(&made, score, -0.1, 1.0, NULL, &err), &err, &made, PS_BAD_ARGUMENT,
                   "-0.1 s is not within 0..0.5");
    expect_refused(ps_score_trim(&made, score, 0.2, 0.2, NULL, &err), &err, &made, PS_BAD_ARGUMENT,
                   "0.2 s is not after the start");
    ps_score_destroy(score);
}

/* ---- Merge, channels, tracks ------------------------------------------------------------------
 */

static void scores_are_merged_in_the_ticks_of_the_first(void **state)
{
    ps_score *one = SCORE_OF("\x00\xff\x51\x03\x0f\x42\x40\x60\xc0\x01"), *made = NULL;
    const ps_score *scores[2];
    maker m;
    warning_list list;
    ps_error err;

    (void)state;
    make_header(&m, 0, 1, 480);
    MAKE_TRACK(&m,
               "\x00\xff\x51\x03\x01\x02\x03\x00\xff\x58\x04\x03\x02\x18\x08\x83\x62\xc1\x02\x00"
               "\xff\x2f\x00");
    scores[0] = one;
    scores[1] = read_made(&m, &list);
    /* 482 / 5 = 96.4 */
    assert_int_equal(ps_score_merge(&made, scores, 2, NULL, &err), PS_OK);
    ps_score_destroy((ps_score *)(uintptr_t)scores[1]);
    expect(PS_OK, &err, one, &made,
           "0 tempo 15 66 64, 96 program 0 1, 96 end, 96 t1 program 1 2, 96 t1 end");
}

static void seconds_and_quarters_do_not_merge(void **state)
{
    ps_score *one = SCORE_OF("\x00\x90\x3c\x40"), *smpte = smpte_score(), *made = NULL;
    const ps_score *scores[] = {one, smpte};
    ps_error err;

    (void)state;
    expect_refused(ps_score_merge(&made, scores, 2, NULL, &err), &err, &made, PS_UNSUPPORTED,
                   "score 2 and score 1");
    expect_refused(ps_score_merge(&made, scores, 0, NULL, &err), &err, &made, PS_BAD_ARGUMENT,
                   "at least 1");
    scores[0] = smpte;
    assert_int_equal(ps_score_merge(&made, scores, 2, NULL, &err), PS_OK);
    ps_score_destroy(smpte);
    expect(
        PS_OK, &err, one, &made,
        "0 on 0 60 64, 0 t1 on 0 60 64, 100 off 0 60 64, 100 end, 100 t1 off 0 60 64, 100 t1 end");
}

static void channels_are_picked_with_all_that_has_none(void **state)
{
    ps_score *score =
        SCORE_OF("\x00\xff\x01\x01x\x00\xf0\x01\xf7\x00\xc0\x01\x00\xc1\x02\x00\xb1\x07"
                 "\x01\x00\xc2\x03");
    ps_channel_set set = ps_channels_none();
    ps_score *made = NULL;
    ps_error err;

    (void)state;
    ps_channels_add(&set, 1);
    ps_channels_add(&set, 300);
    expect(ps_score_only_channels(&made, score, &set, NULL, &err), &err, score, &made,
           "0 meta 1 x, 0 sysex f0 f7, 0 program 1 2, 0 cc 1 7 1, 0 end");
}

static void sets_hold_the_channels_put_in(void **state)
{
    ps_channel_set set = ps_channels_none(), all = ps_channels_all();

    (void)state;
    for (uint32_t channel = 0; channel < PS_SCORE_CHANNELS; channel++) {
        assert_true(ps_channels_has(&all, channel));
        assert_false(ps_channels_has(&set, channel));
        ps_channels_add(&set, channel);
        assert_true(ps_channels_has(&set, channel));
    }
    assert_false(ps_channels_has(&all, PS_SCORE_CHANNELS));
}

static void a_track_alone_keeps_the_tempo_of_the_others(void **state)
{
    maker m;
    warning_list list;
    ps_score *score, *made = NULL;
    ps_error err;

    (void)state;
    make_header(&m, 1, 3, 96);
    MAKE_TRACK(&m, "\x00\xff\x51\x03\x0f\x42\x40\x00\xff\x03\x01n\x00\xff\x2f\x00");
    MAKE_TRACK(&m, "\x00\xc1\x02\x60\xff\x58\x04\x03\x02\x18\x08\x00\xff\x2f\x00");
    MAKE_TRACK(&m, "\x00\xc2\x03\x60\xff\x2f\x00");
    score = read_made(&m, &list);
    expect_refused(ps_score_only_track(&made, score, 3, NULL, &err), &err, &made, PS_BAD_ARGUMENT,
                   "track 3 is not within 0..2");
    expect(ps_score_only_track(&made, score, 2, NULL, &err), &err, score, &made,
           "0 tempo 15 66 64, 0 program 2 3, 96 time 3 2 24 8, 96 end");
}

static void channels_are_remapped(void **state)
{
    ps_score *score = SCORE_OF("\x00\xc0\x01\x00\xc1\x02\x00\xf0\x01\xf7"), *made = NULL;
    uint16_t map[PS_SCORE_CHANNELS];
    ps_error err;

    (void)state;
    for (uint16_t i = 0; i < PS_SCORE_CHANNELS; i++)
        map[i] = i;
    map[0] = 255;
    map[200] = 256;
    expect_refused(ps_score_remap(&made, score, map, NULL, &err), &err, &made, PS_BAD_ARGUMENT,
                   "channel 200 cannot become 256: not within 0..255");
    map[200] = 0;
    expect(ps_score_remap(&made, score, map, NULL, &err), &err, score, &made,
           "0 program 255 1, 0 program 1 2, 0 sysex f0 f7, 0 end");
}

/* ---- Click ------------------------------------------------------------------------------------
 */

static void a_bar_is_counted_in(void **state)
{
    ps_score *score =
        SCORE_OF("\x00\xff\x58\x04\x03\x02\x18\x08\x00\xc0\x01\x00\x90\x3c\x40\x60\x3c"
                 "\x00");
    ps_score *made = NULL;
    ps_error err;

    (void)state;
    expect(
        ps_score_add_click(&made, score, NULL, NULL, &err), &err, score, &made,
        "0 time 3 2 24 8, 0 t1 meta 3 Click, 0 t1 on 9 76 120, 48 t1 off 9 76 64, "
        "96 t1 on 9 77 90, 144 t1 off 9 77 64, 192 t1 on 9 77 90, 240 t1 off 9 77 64, 240 t1 end, "
        "288 program 0 1, 288 on 0 60 64, 384 off 0 60 64, 384 end");
}

static void the_piece_is_clicked_by_its_time_signatures(void **state)
{
    const ps_click_options click = {.whole_piece = true,
                                    .channel = 25,
                                    .accent_key = 1,
                                    .beat_key = 2,
                                    .accent_velocity = 3,
                                    .beat_velocity = 4};
    ps_score *score =
        SCORE_OF("\x00\xff\x58\x04\x02\x02\x18\x08\x82\x20\xff\x58\x04\x03\x03\x18\x08"
                 "\x81\x40\xff\x01\x00");
    ps_score *made = NULL;
    const ps_event *events;
    size_t count, at = 0;
    /* Two bars of 2/4 and a half, then 3/8. */
    static const uint64_t ticks[] = {0, 96, 192, 288, 336, 384, 432};

    (void)state;
    assert_int_equal(ps_score_add_click(&made, score, &click, NULL, NULL), PS_OK);
    events = ps_score_events(made, &count);
    for (size_t i = 0; i < count; i++) {
        if (events[i].kind != PS_EVENT_NOTE_ON)
            continue;
        assert_int_equal(events[i].tick, ticks[at]);
        assert_int_equal(events[i].a, at == 0 || at == 2 || at == 3 || at == 6 ? 1 : 2);
        assert_int_equal(events[i].b, events[i].a + 2);
        assert_int_equal(events[i].channel, 25);
        at++;
    }
    assert_int_equal(at, 7);
    ps_score_destroy(made);
    ps_score_destroy(score);
}

static void clicks_out_of_range_are_refused(void **state)
{
    static const struct {
        ps_click_options click;
        const char *words;
    } rows[] = {
        {{65, false, 9, 76, 77, 120, 90}, "count-in of 65 bars is not within 0..64"},
        {{1, false, 256, 76, 77, 120, 90}, "click channel 256 is not within 0..255"},
        {{1, false, 9, 128, 77, 120, 90}, "click keys 128, 77 are not within 0..127"},
        {{1, false, 9, 76, 77, 0, 90}, "click velocities 0, 90 are not within 1..127"},
    };
    ps_score *score = SCORE_OF("\x00\x90\x3c\x40"), *smpte = smpte_score(), *made = NULL;
    ps_score *endless = SCORE_OF("\xff\xff\xff\x7f\x90\x3c\x40");
    const ps_click_options whole = {0, true, 9, 76, 77, 120, 90};
    ps_error err;

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        expect_refused(ps_score_add_click(&made, score, &rows[i].click, NULL, &err), &err, &made,
                       PS_BAD_ARGUMENT, rows[i].words);
    expect_refused(ps_score_add_click(&made, smpte, NULL, NULL, &err), &err, &made, PS_UNSUPPORTED,
                   "SMPTE");
    expect_refused(ps_score_add_click(&made, endless, &whole, NULL, &err), &err, &made,
                   PS_UNSUPPORTED, "more than 1000000 beats");
    ps_score_destroy(endless);
    ps_score_destroy(smpte);
    ps_score_destroy(score);
}

/* ---- Memory -----------------------------------------------------------------------------------
 */

typedef ps_status edit(ps_score **out, const ps_score *score, const ps_score_options *options);

static ps_status by_transpose(ps_score **out, const ps_score *score,
                              const ps_score_options *options)
{
    return ps_score_transpose(out, score, 2, NULL, options, NULL);
}

static ps_status by_scale_tempo(ps_score **out, const ps_score *score,
                                const ps_score_options *options)
{
    return ps_score_scale_tempo(out, score, 2, options, NULL);
}

static ps_status by_set_tempo(ps_score **out, const ps_score *score,
                              const ps_score_options *options)
{
    return ps_score_set_tempo(out, score, 90, options, NULL);
}

static ps_status by_velocity(ps_score **out, const ps_score *score, const ps_score_options *options)
{
    return ps_score_scale_velocity(out, score, 2, 1, NULL, options, NULL);
}

static ps_status by_quantize(ps_score **out, const ps_score *score, const ps_score_options *options)
{
    return ps_score_quantize(out, score, 1, 1, 0, NULL, options, NULL);
}

static ps_status by_trim(ps_score **out, const ps_score *score, const ps_score_options *options)
{
    return ps_score_trim(out, score, 0.1, 0.2, options, NULL);
}

static ps_status by_merge(ps_score **out, const ps_score *score, const ps_score_options *options)
{
    const ps_score *scores[] = {score, score};

    return ps_score_merge(out, scores, 2, options, NULL);
}

static ps_status by_channels(ps_score **out, const ps_score *score, const ps_score_options *options)
{
    return ps_score_only_channels(out, score, NULL, options, NULL);
}

static ps_status by_track(ps_score **out, const ps_score *score, const ps_score_options *options)
{
    return ps_score_only_track(out, score, 0, options, NULL);
}

static ps_status by_remap(ps_score **out, const ps_score *score, const ps_score_options *options)
{
    static const uint16_t map[PS_SCORE_CHANNELS] = {3};

    return ps_score_remap(out, score, map, options, NULL);
}

static ps_status by_click(ps_score **out, const ps_score *score, const ps_score_options *options)
{
    return ps_score_add_click(out, score, NULL, options, NULL);
}

static ps_status by_build(ps_score **out, const ps_score *score, const ps_score_options *options)
{
    size_t count;
    const ps_event *events = ps_score_events(score, &count);

    return ps_score_build(out, events, count, 96, options, NULL);
}

static void edits_give_everything_back_when_memory_runs_out(void **state)
{
    static edit *const edits[] = {by_transpose, by_scale_tempo, by_set_tempo, by_velocity,
                                  by_quantize,  by_trim,        by_merge,     by_channels,
                                  by_track,     by_remap,       by_click,     by_build};
    ps_score *score =
        SCORE_OF("\x00\xff\x03\x01n\x00\xff\x59\x02\x00\x00\x00\xff\x51\x03\x0f\x42\x40"
                 "\x21\x90\x3c\x40\x01\xb0\x01\x02\x20\x90\x3c\x00\x01\x90\x3e\x40");

    (void)state;
    for (size_t i = 0; i < sizeof edits / sizeof *edits; i++) {
        failing_allocator f;
        const ps_score_options options = {.allocator = &f.base};
        ps_score *made = NULL;
        long needed;

        failing_init(&f, -1);
        assert_int_equal(edits[i](&made, score, &options), PS_OK);
        ps_score_destroy(made);
        assert_int_equal(f.live, 0);
        needed = f.asked;
        for (long allowed = 0; allowed < needed; allowed++) {
            made = NULL;
            failing_init(&f, allowed);
            assert_int_equal(edits[i](&made, score, &options), PS_NO_MEMORY);
            assert_null(made);
            assert_int_equal(f.live, 0);
        }
    }
    ps_score_destroy(score);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_move_but_drums_stay),
        cmocka_unit_test(key_signatures_move_by_fifths_when_everything_moves),
        cmocka_unit_test(only_the_channels_of_the_set_move),
        cmocka_unit_test(notes_that_leave_the_keyboard_are_dropped_and_told),
        cmocka_unit_test(tempo_is_scaled_from_the_start_on),
        cmocka_unit_test(scaling_the_tempo_scales_the_length),
        cmocka_unit_test(one_tempo_takes_the_place_of_all),
        cmocka_unit_test(tempos_no_file_can_say_are_refused),
        cmocka_unit_test(velocities_are_scaled_and_stay_velocities),
        cmocka_unit_test(notes_go_to_the_grid_with_their_length),
        cmocka_unit_test(swing_moves_every_second_point_late),
        cmocka_unit_test(a_note_does_not_reach_into_the_next_of_its_key),
        cmocka_unit_test(quantizing_refuses_what_has_no_meaning),
        cmocka_unit_test(what_was_set_before_the_start_is_set_at_the_start),
        cmocka_unit_test(notes_are_cut_at_both_ends),
        cmocka_unit_test(the_whole_piece_is_left_as_it_is),
        cmocka_unit_test(stretches_outside_the_piece_are_refused),
        cmocka_unit_test(scores_are_merged_in_the_ticks_of_the_first),
        cmocka_unit_test(seconds_and_quarters_do_not_merge),
        cmocka_unit_test(channels_are_picked_with_all_that_has_none),
        cmocka_unit_test(sets_hold_the_channels_put_in),
        cmocka_unit_test(a_track_alone_keeps_the_tempo_of_the_others),
        cmocka_unit_test(channels_are_remapped),
        cmocka_unit_test(a_bar_is_counted_in),
        cmocka_unit_test(the_piece_is_clicked_by_its_time_signatures),
        cmocka_unit_test(clicks_out_of_range_are_refused),
        cmocka_unit_test(edits_give_everything_back_when_memory_runs_out),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
