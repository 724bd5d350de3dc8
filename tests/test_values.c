/* Option values: what is taken, what is refused, what is meant. */
#include "support.h"

#include "../cli/render.h"
#include "../cli/values.h"

static void numbers_are_plain_decimal(void **state)
{
    static const struct {
        const char *text;
        double number;
    } rows[] = {{"0", 0.0}, {"-12.5", -12.5}, {"+3", 3.0}, {".5", 0.5}, {"1e3", 1000.0}};
    static const char *const wrong[] = {"",     " 1",  "1 ",    "0x10", "nan",   "inf",
                                        "-inf", "1,5", "1e309", "--1",  "1.2.3", "e5"};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        double number = -1.0;

        assert_int_equal(cli_parse_number(rows[i].text, &number, NULL), PS_OK);
        assert_true(number == rows[i].number);
    }
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        double number = 77.0;

        assert_int_equal(cli_parse_number(wrong[i], &number, NULL), PS_BAD_ARGUMENT);
        assert_true(number == 77.0);
    }
}

static void whole_numbers_keep_every_digit(void **state)
{
    int64_t number;

    (void)state;
    assert_int_equal(cli_parse_integer("9223372036854775807", &number, NULL), PS_OK);
    assert_true(number == INT64_MAX);
    assert_int_equal(cli_parse_integer("9223372036854775808", &number, NULL), PS_BAD_ARGUMENT);
    assert_int_equal(cli_parse_integer("1.0", &number, NULL), PS_BAD_ARGUMENT);
    assert_int_equal(cli_parse_integer("", &number, NULL), PS_BAD_ARGUMENT);
    assert_int_equal(cli_parse_integer(" 1", &number, NULL), PS_BAD_ARGUMENT);
}

static void times_may_have_minutes_and_hours(void **state)
{
    static const struct {
        const char *text;
        double seconds;
    } rows[] = {{"90", 90.0}, {"90.5", 90.5}, {"1:30.5", 90.5}, {"1:02:03", 3723.0}, {"0:00", 0.0}};
    static const char *const wrong[] = {"1:75",   "1:-1", ":30",   "1:",     "1:2:3:4",
                                        "1.5:00", "a:00", "-1:00", "1:02:60"};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        double seconds = -1.0;

        assert_int_equal(cli_parse_seconds(rows[i].text, &seconds, NULL), PS_OK);
        assert_true(seconds == rows[i].seconds);
    }
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        double seconds;

        assert_int_equal(cli_parse_seconds(wrong[i], &seconds, NULL), PS_BAD_ARGUMENT);
    }
}

static void a_distance_counts_typing_errors(void **state)
{
    (void)state;
    assert_int_equal(cli_word_distance("soundfont", "soundfont"), 0);
    assert_int_equal(cli_word_distance("sound-font", "soundfont"), 1);
    assert_int_equal(cli_word_distance("rtae", "rate"), 1); /* two swapped */
    assert_int_equal(cli_word_distance("", "rate"), 4);
    assert_int_equal(cli_word_distance("kitten", "sitting"), 3);
    assert_true(cli_words_near("interp", "interpolation"));
    assert_false(cli_words_near("x", "quiet"));
}

static void a_level_is_a_word_or_a_measure(void **state)
{
    render_level level;
    ps_error err;

    (void)state;
    assert_int_equal(render_parse_level(&level, "peak:-12.04", &err), PS_OK);
    assert_true(level.mode == PS_LEVEL_PEAK && level.db == -12.04);
    assert_int_equal(render_parse_level(&level, "lufs:-16", &err), PS_OK);
    assert_true(level.mode == PS_LEVEL_LUFS && level.db == -16.0);
    assert_int_equal(render_parse_level(&level, "fixed", &err), PS_OK);
    assert_true(level.mode == PS_LEVEL_FIXED);
    assert_int_equal(render_parse_level(&level, "peak:", &err), PS_BAD_ARGUMENT);
    assert_int_equal(render_parse_level(&level, "peak:1", &err), PS_BAD_ARGUMENT);
    assert_int_equal(render_parse_level(&level, "rms:-1", &err), PS_BAD_ARGUMENT);
    assert_int_equal(render_parse_level(&level, "none:0", &err), PS_BAD_ARGUMENT);
    assert_true(level.mode == PS_LEVEL_FIXED);
}

static void a_bank_may_be_moved(void **state)
{
    static render_banks banks;

    (void)state;
    assert_int_equal(render_parse_bank(&banks, "a@b/piano.sf2@8", NULL), PS_OK);
    assert_string_equal(banks.paths[0], "a@b/piano.sf2");
    assert_int_equal(banks.offsets[0], 8);
    assert_int_equal(render_parse_bank(&banks, "gm.sf2", NULL), PS_OK);
    assert_int_equal(banks.offsets[1], 0);
    assert_int_equal(render_parse_bank(&banks, "gm.sf2@", NULL), PS_BAD_ARGUMENT);
    assert_int_equal(render_parse_bank(&banks, "gm.sf2@-1", NULL), PS_BAD_ARGUMENT);
    assert_int_equal(render_parse_bank(&banks, "gm.sf2@16384", NULL), PS_BAD_ARGUMENT);
    assert_int_equal(render_parse_bank(&banks, "", NULL), PS_BAD_ARGUMENT);
    assert_int_equal(render_parse_bank(&banks, "@5", NULL), PS_BAD_ARGUMENT);
    assert_int_equal(banks.count, 2);
    while (banks.count < PS_RENDER_BANKS)
        assert_int_equal(render_parse_bank(&banks, "gm.sf2", NULL), PS_OK);
    assert_int_equal(render_parse_bank(&banks, "gm.sf2", NULL), PS_BAD_ARGUMENT);
}

static void a_tag_has_a_known_key(void **state)
{
    render_tags tags = {.count = 0};

    (void)state;
    assert_int_equal(render_parse_tag(&tags, "title=a=b", NULL), PS_OK);
    assert_string_equal(tags.keys[0], "title");
    assert_string_equal(tags.values[0], "a=b");
    assert_int_equal(render_parse_tag(&tags, "title", NULL), PS_BAD_ARGUMENT);
    assert_int_equal(render_parse_tag(&tags, "=x", NULL), PS_BAD_ARGUMENT);
    assert_int_equal(render_parse_tag(&tags, "mood=sad", NULL), PS_BAD_ARGUMENT);
    assert_int_equal(tags.count, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_plain_decimal),
        cmocka_unit_test(whole_numbers_keep_every_digit),
        cmocka_unit_test(times_may_have_minutes_and_hours),
        cmocka_unit_test(a_distance_counts_typing_errors),
        cmocka_unit_test(a_level_is_a_word_or_a_measure),
        cmocka_unit_test(a_bank_may_be_moved),
        cmocka_unit_test(a_tag_has_a_known_key),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
