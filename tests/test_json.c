/* JSON to values and back, and the places of things in a text. */
#define _GNU_SOURCE /* posix_memalign: before every header */
#include "support.h"

#include <float.h>
#include <locale.h>
#include <math.h>

#include "../edge/json.h"
#include "../edge/json_where.h"
#include "comma_locale.h"
#include "failing_heap.h"

typedef struct noted {
    size_t count;
    ps_error last;
} noted;

static void note(void *user, const ps_error *warning)
{
    noted *n = user;

    n->count++;
    n->last = *warning;
}

static ps_json *read_text(const char *text)
{
    ps_json *json = NULL;
    ps_error err = {0};

    if (ps_json_read(&json, text, strlen(text), NULL, &err) != PS_OK)
        fail_msg("%s: %s", text, err.text);
    return json;
}

static void every_kind_of_value_is_read(void **state)
{
    ps_json *json = read_text(" {\"a\": null, \"b\": [true, false], \"c\": -12.5e1, \"d\": 3,"
                              " \"\": \"x\\n\\u00e9\\ud83c\\udfb5\", \"e\": {}, \"f\": []} ");
    const ps_value *v = ps_json_value(json);

    (void)state;
    assert_int_equal(v->kind, PS_VALUE_MAP);
    assert_int_equal(v->count, 7);
    assert_string_equal(v->names[1], "b");
    assert_true(ps_value_is_null(ps_value_member(v, "a")));
    assert_int_equal(v->members[1].count, 2);
    assert_int_equal(v->members[1].members[0].kind, PS_VALUE_FLAG);
    assert_true(v->members[1].members[0].number == 1.0);
    assert_true(v->members[1].members[1].number == 0.0);
    assert_true(v->members[2].number == -125.0 && v->members[3].number == 3.0);
    assert_string_equal(ps_value_member(v, "")->text, "x\n\xc3\xa9\xf0\x9f\x8e\xb5");
    assert_int_equal(ps_value_member(v, "e")->kind, PS_VALUE_MAP);
    assert_int_equal(ps_value_member(v, "f")->kind, PS_VALUE_LIST);
    ps_json_free(json);
    ps_json_free(NULL);
}

static void a_mark_is_skipped_and_a_nul_is_replaced(void **state)
{
    ps_json *json = read_text("\xef\xbb\xbf[\"a\\u0000b\"]");

    (void)state;
    assert_string_equal(ps_json_value(json)->members[0].text, "a\xef\xbf\xbd"
                                                              "b");
    ps_json_free(json);
}

static void mistakes_are_refused_with_their_place(void **state)
{
    static const struct {
        const char *text;
        uint32_t line, column;
    } cases[] = {
        {"", 1, 1},
        {"{\"a\": 1,\n}", 2, 1},
        {"{\"a\": NaN}", 1, 9},
        {"[Infinity]", 1, 9},
        {"[1e400]", 1, 6},
        {"{} {}", 1, 4},
        {"// no\n{}", 1, 1},
        {"{\"a\": \"b", 1, 8},
        {"[\"\xff\"]", 1, 2},
        {"[\"\\ud800\"]", 1, 9},
        {"[01]", 1, 2},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        ps_json *json = NULL;
        ps_error err = {0};

        assert_int_equal(ps_json_read(&json, cases[i].text, strlen(cases[i].text), NULL, &err),
                         PS_BAD_DATA);
        assert_null(json);
        assert_int_equal(strncmp(err.text, "json: ", 6), 0);
        if (err.line != cases[i].line || err.column != cases[i].column)
            fail_msg("%s: %u:%u: %s", cases[i].text, err.line, err.column, err.text);
    }
}

static void utf_16_is_named(void **state)
{
    ps_json *json;
    ps_error err;

    (void)state;
    assert_int_equal(ps_json_read(&json, "{\0}\0", 4, NULL, &err), PS_BAD_DATA);
    assert_non_null(strstr(err.hint, "UTF-16"));
}

static void a_name_given_twice_counts_the_last_time(void **state)
{
    const char *text = "{\"a\": 1,\n \"b\": {\"x\": 1, \"x\": 2}}";
    noted n = {0};
    const ps_warnings warnings = {note, &n};
    ps_json *json;

    (void)state;
    assert_int_equal(ps_json_read(&json, text, strlen(text), &warnings, NULL), PS_OK);
    assert_true(ps_value_member(ps_value_member(ps_json_value(json), "b"), "x")->number == 2.0);
    assert_int_equal(n.count, 1);
    assert_int_equal(n.last.line, 2);
    assert_non_null(strstr(n.last.text, "duplicate"));
    ps_json_free(json);
}

static void depth_and_number_of_values_are_bounded(void **state)
{
    static char text[2 * PS_JSON_VALUES_MAX + 8];
    const size_t most = PS_JSON_VALUES_MAX + 2;
    ps_json *json;
    ps_error err;

    (void)state;
    memset(text, '[', PS_JSON_DEPTH_MAX);
    memset(text + PS_JSON_DEPTH_MAX, ']', PS_JSON_DEPTH_MAX);
    assert_int_equal(ps_json_read(&json, text, 2 * PS_JSON_DEPTH_MAX, NULL, &err), PS_OK);
    ps_json_free(json);
    memset(text, '[', PS_JSON_DEPTH_MAX + 1);
    assert_int_equal(ps_json_read(&json, text, 2 * PS_JSON_DEPTH_MAX, NULL, &err), PS_BAD_DATA);
    assert_non_null(strstr(err.text, "deep"));
    assert_int_equal(err.column, PS_JSON_DEPTH_MAX + 1);
    memcpy(text, "[\"", 2); /* brackets inside strings are none */
    memset(text + 2, '[', 1000);
    memcpy(text + 1002, "\"]", 2);
    assert_int_equal(ps_json_read(&json, text, 1004, NULL, &err), PS_OK);
    ps_json_free(json);
    text[0] = '[';
    for (size_t i = 0; i < most; i++)
        memcpy(text + 1 + 2 * i, "1,", 2);
    text[2 * most] = ']';
    assert_int_equal(ps_json_read(&json, text, 2 * most + 1, NULL, &err), PS_BAD_DATA);
    assert_non_null(strstr(err.text, "too many values"));
}

static void writes_as(const ps_value *value, const char *wanted)
{
    char *text;
    size_t bytes;

    assert_int_equal(ps_json_write(&text, &bytes, value, 4, NULL), PS_OK);
    assert_string_equal(text, wanted);
    assert_int_equal(bytes, strlen(wanted));
    ps_free(NULL, text);
}

static void values_are_written_for_people(void **state)
{
    ps_json *json =
        read_text("{\"a\":[],\"b\":{},\"c\":[1,2.5,true,null,\"\\u0001\\\"\\\\\\n\\u00e9\"]}");

    (void)state;
    writes_as(ps_json_value(json), "{\n"
                                   "    \"a\": [],\n"
                                   "    \"b\": {},\n"
                                   "    \"c\": [\n"
                                   "        1,\n"
                                   "        2.5,\n"
                                   "        true,\n"
                                   "        null,\n"
                                   "        \"\\u0001\\\"\\\\\\n\xc3\xa9\"\n"
                                   "    ]\n"
                                   "}\n");
    ps_json_free(json);
    writes_as(&(ps_value){.kind = PS_VALUE_TEXT, .text = "a\xff\xed\xa0\x80z"},
              "\"a\\ufffd\\ufffd\\ufffd\\ufffdz\"\n");
}

static void numbers_read_back_the_same(void **state)
{
    const double numbers[] = {0.0,     -0.0,   0.1,    1.0 / 3.0, -1e-320, DBL_MAX,
                              DBL_MIN, 1e15,   0x1p53, 0x1p60,    44100.0, -0.25,
                              1e21,    5e-324, 123.45, 1.0e100,   2.0 / 3, 0.30000000000000004};
    ps_value value = {.kind = PS_VALUE_NUMBER};

    (void)state;
    if (!use_comma_locale())
        print_message("%s\n", NO_COMMA_LOCALE);
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        ps_json *json;
        char *text;
        size_t bytes;

        value.number = numbers[i];
        assert_int_equal(ps_json_write(&text, &bytes, &value, 4, NULL), PS_OK);
        json = read_text(text);
        assert_memory_equal(&ps_json_value(json)->number, &numbers[i], sizeof(double));
        ps_json_free(json);
        ps_free(NULL, text);
    }
    setlocale(LC_ALL, "C");
    value.number = 44100.0;
    writes_as(&value, "44100\n");
    value.number = 0.1;
    writes_as(&value, "0.1\n");
}

static const char document[] =
    "\xef\xbb\xbf{\n"
    "  \"steps\": [ {\"a\": \"}]\\\"\"},\n"
    "    { \"voices\": [{\"params\": {\"beat freq\": 1, \"x\": 2,\n"
    "\t\"x\": [3, {\"\\u0061b\": 4}], \"\xc3\xa9\": 1, \"last\": 5}}] } ],\n"
    "  \"global\": 7 }";

static void stands_at(const char *where, uint32_t line, uint32_t column)
{
    static const char *const aliases[] = {"progression steps", "params parameters", NULL};
    uint32_t found_line = 0, found_column = 0;

    ps_json_where(document, strlen(document), where, aliases, &found_line, &found_column);
    if (found_line != line || found_column != column)
        fail_msg("%s is at %u:%u", where, found_line, found_column);
}

static void a_path_leads_to_line_and_column(void **state)
{
    (void)state;
    stands_at("", 1, 1);
    stands_at("global", 5, 3);
    stands_at("steps", 2, 3);
    stands_at("steps[0]", 2, 14);
    stands_at("steps[0].a", 2, 15);
    stands_at("progression[1]", 3, 5);
    stands_at("progression[1].voices[0].parameters[\"beat freq\"]", 3, 30);
    stands_at("steps[1].voices[0].params.x", 4, 2); /* the last of its name */
    stands_at("steps[1].voices[0].params.x[1].ab", 4, 12);
    stands_at("steps[1].voices[0].params.last", 4, 36); /* characters, not bytes */
    /* What is not there is at what is around it. */
    stands_at("steps[7]", 2, 3);
    stands_at("steps[1].voices[0].params.none.of.it", 3, 19);
    stands_at("steps[1].voices[0].params[\"cut o", 3, 19);
    stands_at("global.x", 5, 3);
}

static void a_text_that_is_no_json_gives_some_place(void **state)
{
    static const char *const texts[] = {"",     "{",       "[",        "[}",    "{\"a\"",
                                        "{\"a", "{\"a\":", "{\"a\":[", "[1,2}", "{\"a\\"};
    uint32_t line, column;

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        ps_json_where(texts[i], strlen(texts[i]), "a[1].b", NULL, &line, &column);
        ps_json_where(texts[i], strlen(texts[i]), "[1].b", NULL, &line, &column);
        assert_int_equal(line, 1);
        assert_true(column >= 1 && column <= strlen(texts[i]) + 1);
    }
}

static void memory_that_runs_out_is_said(void **state)
{
    const char *text = "{\"a\": [1, \"two\"]}";
    ps_json *json = NULL;
    ps_error err = {0};
    char *written;
    size_t bytes;

    (void)state;
    heap_allowed = 0;
    assert_int_equal(ps_json_read(&json, text, strlen(text), NULL, &err), PS_NO_MEMORY);
    assert_null(json);
    assert_int_equal(ps_json_write(&written, &bytes, &(ps_value){0}, 4, &err), PS_NO_MEMORY);
    heap_allowed = -1;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_of_value_is_read),
        cmocka_unit_test(a_mark_is_skipped_and_a_nul_is_replaced),
        cmocka_unit_test(mistakes_are_refused_with_their_place),
        cmocka_unit_test(utf_16_is_named),
        cmocka_unit_test(a_name_given_twice_counts_the_last_time),
        cmocka_unit_test(depth_and_number_of_values_are_bounded),
        cmocka_unit_test(values_are_written_for_people),
        cmocka_unit_test(numbers_read_back_the_same),
        cmocka_unit_test(a_path_leads_to_line_and_column),
        cmocka_unit_test(a_text_that_is_no_json_gives_some_place),
        cmocka_unit_test(memory_that_runs_out_is_said),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
