/* Errors: their words, their place, their file. */
#include "support.h"

#include "plainsong/status.h"

static void every_status_has_words(void **state)
{
    (void)state;
    for (int i = PS_OK; i <= PS_CANCELLED; i++)
        assert_string_not_equal(ps_status_text((ps_status)i), "unknown status");
    assert_string_equal(ps_status_text((ps_status)99), "unknown status");
}

static void a_line_names_file_and_byte(void **state)
{
    ps_error err;
    char line[640];

    (void)state;
    assert_int_equal(ps_fail_at(&err, PS_BAD_DATA, 14, "track %d ends", 3), PS_BAD_DATA);
    ps_error_line(&err, "", line, sizeof line);
    assert_string_equal(line, "byte 14: track 3 ends");
    ps_error_in(&err, "song.mid");
    ps_error_in(&err, "later.mid"); /* the first to name it knew best */
    ps_error_line(&err, "warning: ", line, sizeof line);
    assert_string_equal(line, "song.mid: warning: byte 14: track 3 ends");
}

static void a_line_names_line_and_column(void **state)
{
    ps_error err;
    char line[640];

    (void)state;
    ps_fail(&err, PS_BAD_DATA, "a comma is missing");
    ps_error_line(&err, "", line, sizeof line);
    assert_string_equal(line, "a comma is missing");
    err.line = 3;
    err.column = 7;
    ps_error_in(&err, "track.json");
    ps_error_line(&err, "", line, sizeof line);
    assert_string_equal(line, "track.json:3:7: a comma is missing");
}

static void an_error_without_words_says_its_status(void **state)
{
    const ps_error err = {.status = PS_NO_MEMORY, .offset_bytes = PS_NOWHERE};
    char line[64];

    (void)state;
    ps_error_line(&err, "", line, sizeof line);
    assert_string_equal(line, "out of memory");
}

static void of_a_long_path_the_end_is_kept(void **state)
{
    char path[600];
    ps_error err;

    (void)state;
    memset(path, 'x', sizeof path);
    strcpy(path + sizeof path - 10, "/song.mid");
    ps_fail(&err, PS_NOT_FOUND, "no such file");
    ps_error_in(&err, path);
    assert_int_equal(strlen(err.path), sizeof err.path - 1);
    assert_memory_equal(err.path, "...x", 4);
    assert_string_equal(err.path + strlen(err.path) - 9, "/song.mid");
    ps_error_in(NULL, path); /* allowed */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_status_has_words),
        cmocka_unit_test(a_line_names_file_and_byte),
        cmocka_unit_test(a_line_names_line_and_column),
        cmocka_unit_test(an_error_without_words_says_its_status),
        cmocka_unit_test(of_a_long_path_the_end_is_kept),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
