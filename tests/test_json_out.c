/* JSON as it comes: escapes, numbers, nesting. */
#define _GNU_SOURCE /* open_memstream */
#include "support.h"

#include <locale.h>
#include <math.h>

#include "../cli/json_out.h"
#include "comma_locale.h"

static char *text;
static size_t size;

static json_out begin(void)
{
    json_out j;

    free(text);
    text = NULL;
    json_begin_compact(&j, open_memstream(&text, &size));
    return j;
}

static const char *finished(json_out *j)
{
    json_finish(j);
    fclose(j->file);
    return text;
}

static void objects_and_arrays_nest(void **state)
{
    json_out j = begin();

    (void)state;
    json_object(&j, NULL);
    json_integer(&j, "a", INT64_MIN);
    json_array(&j, "b");
    json_bool(&j, NULL, true);
    json_null(&j, NULL);
    json_object(&j, NULL);
    json_end(&j);
    json_end(&j);
    json_text(&j, "c", NULL);
    json_end(&j);
    assert_string_equal(finished(&j),
                        "{\"a\": -9223372036854775808, \"b\": [true, null, {}], \"c\": null}\n");
}

static void text_is_escaped_and_made_utf8(void **state)
{
    static const struct {
        const char *in, *out;
    } rows[] = {
        {"plain", "\"plain\"\n"},
        {"a\"b\\c\n\t\x01\x7f", "\"a\\\"b\\\\c\\n\\u0009\\u0001\\u007f\"\n"},
        {"\xc3\xa4\xe2\x82\xac\xf0\x9f\x8e\xb5", "\"\xc3\xa4\xe2\x82\xac\xf0\x9f\x8e\xb5\"\n"},
        {"\xe4x", "\"\\ufffdx\"\n"},                                /* Latin-1 */
        {"\xc0\xaf", "\"\\ufffd\\ufffd\"\n"},                       /* overlong */
        {"\xed\xa0\x80", "\"\\ufffd\\ufffd\\ufffd\"\n"},            /* a surrogate */
        {"\xf4\x90\x80\x80", "\"\\ufffd\\ufffd\\ufffd\\ufffd\"\n"}, /* beyond U+10FFFF */
        {"end\xe2\x82", "\"end\\ufffd\\ufffd\"\n"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        json_out j = begin();

        json_text(&j, NULL, rows[i].in);
        assert_string_equal(finished(&j), rows[i].out);
    }
}

static void numbers_read_back_the_same_with_a_point(void **state)
{
    static const double numbers[] = {0.0, -0.5, 0.1, 1e300, 4.9e-324, 44100.0, 1.0 / 3.0};
    const bool had = use_comma_locale();

    (void)state;
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        json_out j = begin();

        json_number(&j, NULL, numbers[i]);
        assert_null(strchr(finished(&j), ','));
        setlocale(LC_NUMERIC, "C");
        assert_true(strtod(text, NULL) == numbers[i]);
        if (had)
            use_comma_locale();
    }
    setlocale(LC_NUMERIC, "C");
}

static void what_is_no_number_is_null(void **state)
{
    json_out j = begin();

    (void)state;
    json_array(&j, NULL);
    json_number(&j, NULL, (double)NAN);
    json_number(&j, NULL, -(double)INFINITY);
    json_number(&j, NULL, 0.1);
    json_end(&j);
    assert_string_equal(finished(&j), "[null, null, 0.1]\n");
}

static int clean(void **state)
{
    (void)state;
    free(text);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(objects_and_arrays_nest),
        cmocka_unit_test(text_is_escaped_and_made_utf8),
        cmocka_unit_test(numbers_read_back_the_same_with_a_point),
        cmocka_unit_test(what_is_no_number_is_null),
    };

    return cmocka_run_group_tests(tests, NULL, clean);
}
