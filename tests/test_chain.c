/* Chains of effects as text and as documents. */
#include "voice_support.h"

#include "effect_support.h"

static void write(const ps_chain *chain, char *text)
{
    assert_true(ps_chain_write(chain, text, 512) < 512);
}

static void texts_are_read(void **state)
{
    static const struct {
        const char *text, *written;
    } rows[] = {
        {"gain", "gain"},
        {"gain:-6", "gain:gain=-6"},
        {" gain : -6dB ", "gain:gain=-6"},
        {"gain:gain=-6 dB", NULL},
        {"gain:gain = 3.5", "gain:gain=3.5"},
        {"pan:-50%", "pan:pan=-0.5"},
        {"pan:0.25,linear", "pan:pan=0.25,law=linear"},
        {"pan:law=LINEAR", "pan:law=linear"},
        {"pan:law=\"linear\"|mono", "pan:law=linear | mono"},
        {"gain:1 | gain:2|gain:3", "gain:gain=1 | gain:gain=2 | gain:gain=3"},
    };
    char text[512];

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        ps_error err = {0};
        ps_chain *chain;
        const ps_status status = ps_chain_read(&chain, rows[i].text, NULL, &err);

        if ((status == PS_OK) != (rows[i].written != NULL))
            fail_msg("%s: %s", rows[i].text, err.text);
        if (status != PS_OK)
            continue;
        write(chain, text);
        assert_string_equal(text, rows[i].written);
        ps_chain_destroy(chain);
    }
}

static void what_is_wrong_is_said_with_its_column(void **state)
{
    static const struct {
        const char *text;
        uint32_t column;
        const char *words, *hint;
    } rows[] = {
        {"", 1, "the name of an effect is missing", ""},
        {"gain |", 7, "the name of an effect is missing", ""},
        {"| gain", 1, "the name of an effect is missing", ""},
        {"gian:3", 1, "no effect \"gian\"", "did you mean \"gain\"?"},
        {"mono | gain:loud", 13, "gain \"loud\" is not a number", ""},
        {"gain:3x", 6, "gain \"3x\" is not a number in dB", ""},
        {"gain:3hz", 6, "gain \"3hz\" is not a number in dB", ""},
        {"gain:99", 6, "gain 99 is outside -120..60 dB", ""},
        {"gain:nan", 6, "gain \"nan\" is not a number", ""},
        {"gain:1e999", 6, "gain \"1e999\" is not a number", ""},
        {"gain:1,2", 8, "gain has no more than 1 parameters", ""},
        {"gain:", 6, "a value is missing", ""},
        {"gain:gain=", 11, "a value is missing", ""},
        {"gain:lvl=3", 6, "gain has no parameter \"lvl\"", ""},
        {"pan:pann=3", 5, "pan has no parameter \"pann\"", ""},
        {"pan:0,curved", 7, "law \"curved\" is none of: power linear", ""},
        {"gain:\"3", 6, "a quote that does not end", ""},
        {"gain:\"3\" x", 10, "\"x\" where \"|\" or the end should be", ""},
        {"preset:x", 1, "no preset \"x\"", ""},
        {"gain=3", 5, "\"=\" where \"|\" or the end should be", ""},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        ps_error err = {0};
        ps_chain *chain = NULL;

        assert_int_not_equal(ps_chain_read(&chain, rows[i].text, NULL, &err), PS_OK);
        assert_null(chain);
        if (strcmp(err.text, rows[i].words) != 0 || err.column != rows[i].column ||
            strcmp(err.hint, rows[i].hint) != 0)
            fail_msg("\"%s\": column %u: %s (%s)", rows[i].text, err.column, err.text, err.hint);
    }
}

static ps_status read_json(const char *text, ps_chain **chain, const ps_chain_options *options,
                           ps_error *err)
{
    json_t *json = json_loads(text, JSON_DECODE_ANY, NULL);
    ps_value value;
    ps_status status;

    assert_non_null(json);
    value = value_of(json);
    status = ps_chain_read_value(chain, &value, options, err);
    value_free(&value);
    json_decref(json);
    return status;
}

static void documents_are_read(void **state)
{
    static const struct {
        const char *json, *written;
    } rows[] = {
        {"\"gain:-6 | mono\"", "gain:gain=-6 | mono"},
        {"null", ""},
        {"[]", ""},
        {"[\"gain:-6\", {\"effect\": \"pan\", \"pan\": 0.5, \"law\": \"linear\"}]",
         "gain:gain=-6 | pan:pan=0.5,law=linear"},
        {"{\"effects\": [{\"effect\": \"gain\", \"gain\": \"3dB\"}], \"name\": \"x\"}",
         "gain:gain=3"},
        {"[{\"effect\": \"gain\", \"gain\": 3, \"bypass\": true}, {\"effect\": \"mono\"}]", "mono"},
        {"{\"effect\": \"pan\", \"law\": 1}", "pan:law=linear"},
    };
    char text[512];

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        ps_error err = {0};
        ps_chain *chain;

        if (read_json(rows[i].json, &chain, NULL, &err) != PS_OK)
            fail_msg("%s: %s", rows[i].json, err.text);
        write(chain, text);
        assert_string_equal(text, rows[i].written);
        ps_chain_destroy(chain);
    }
}

static void what_is_wrong_in_a_document_is_said_with_its_place(void **state)
{
    static const struct {
        const char *json, *words;
    } rows[] = {
        {"3", "effects: neither text nor list nor map"},
        {"[\"mono\", 3]", "effects[1]: neither text nor list nor map"},
        {"{}", "effects: no \"effect\" with the name of one"},
        {"[\"mono | gian\"]", "effects[0], column 8: no effect \"gian\""},
        {"[{\"effect\": \"gain\", \"gain\": 99}]",
         "effects[0].gain: gain 99 is outside -120..60 dB"},
        {"[{\"effect\": \"gain\", \"gain\": []}]", "effects[0].gain: gain is no number"},
        {"[{\"effect\": \"gain\", \"loud\": 1}]",
         "effects[0].loud: gain has no parameter \"loud\""},
        {"[{\"effect\": \"pan\", \"law\": 0.5}]", "effects[0].law: law 0.5 is not a whole number"},
        {"[{\"preset\": \"gain\"}]", "effects[0]: no preset \"gain\""},
        {"{\"effects\": {\"effects\": {\"effects\": {\"effects\": []}}}}", "effects: too deep"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        ps_error err = {0};
        ps_chain *chain = NULL;

        assert_int_not_equal(read_json(rows[i].json, &chain, NULL, &err), PS_OK);
        assert_null(chain);
        assert_string_equal(err.text, rows[i].words);
    }
}

static ps_status find_preset(void *user, const char *name, ps_chain *chain, ps_error *err)
{
    (void)user;
    if (strcmp(name, "soft") == 0)
        return ps_chain_append(chain, "gain:-20 | mono", err);
    if (strcmp(name, "endless") == 0)
        return ps_chain_append(chain, "endless", err);
    if (strcmp(name, "broken") == 0)
        return ps_chain_append(chain, "gain:loud", err);
    return PS_NOT_FOUND;
}

static void presets_are_put_in(void **state)
{
    const ps_chain_options options = {.preset = find_preset};
    char text[512];
    ps_chain *chain;
    ps_error err = {0};

    (void)state;
    assert_int_equal(ps_chain_read(&chain, "pan:1 | soft | preset:soft", &options, &err), PS_OK);
    write(chain, text);
    assert_string_equal(text, "pan:pan=1 | gain:gain=-20 | mono | gain:gain=-20 | mono");
    assert_int_not_equal(ps_chain_append(chain, "mono | endless", &err), PS_OK);
    assert_string_equal(err.text, "preset \"endless\" within too many presets");
    assert_int_not_equal(ps_chain_append(chain, "mono | broken", &err), PS_OK);
    assert_int_equal(err.column, 8);
    assert_int_equal(ps_chain_count(chain), 5); /* as it was */
    assert_int_not_equal(ps_chain_append(chain, "nobody", &err), PS_OK);
    assert_string_equal(err.text, "no effect or preset \"nobody\"");
    ps_chain_destroy(chain);
}

static void too_many_effects_are_refused(void **state)
{
    ps_chain *chain;
    ps_error err = {0};

    (void)state;
    assert_int_equal(ps_chain_create(&chain, NULL, NULL), PS_OK);
    for (uint32_t i = 0; i < PS_CHAIN_MOST; i++)
        assert_int_equal(ps_chain_add(chain, "mono", NULL), PS_OK);
    assert_int_equal(ps_chain_add(chain, "mono", &err), PS_BAD_ARGUMENT);
    assert_string_equal(err.text, "more than 64 effects");
    ps_chain_destroy(chain);
}

static void values_are_set_and_read_back(void **state)
{
    ps_chain *chain;
    ps_effect_info info;

    (void)state;
    assert_int_equal(ps_chain_read(&chain, "mono | pan", NULL, NULL), PS_OK);
    assert_true(ps_chain_nth(chain, 1, &info));
    assert_int_equal(ps_chain_set(chain, 1, "pan", -1.0, NULL), PS_OK);
    assert_int_equal(ps_chain_set_text(chain, 1, "law", "linear", NULL), PS_OK);
    assert_true(ps_chain_get(chain, 1, ps_effect_slot(&info, "pan")) == -1.0);
    assert_true(ps_chain_get(chain, 1, ps_effect_slot(&info, "law")) == 1.0);
    assert_true(isnan(ps_chain_get(chain, 1, 99)) && isnan(ps_chain_get(chain, 2, 0)));
    assert_int_equal(ps_chain_set(chain, 1, "pan", 2.0, NULL), PS_BAD_ARGUMENT);
    assert_int_equal(ps_chain_set(chain, 1, "pan", NAN, NULL), PS_BAD_ARGUMENT);
    assert_int_equal(ps_chain_set(chain, 1, "gain", 0.0, NULL), PS_NOT_FOUND);
    assert_int_equal(ps_chain_set(chain, 2, "pan", 0.0, NULL), PS_NOT_FOUND);
    ps_chain_destroy(chain);
}

static void a_failing_allocation_leaves_the_chain_as_it_was(void **state)
{
    (void)state;
    for (long allowed = 0;; allowed++) {
        failing_allocator f;
        ps_chain *chain;

        failing_init(&f, -1);
        const ps_chain_options options = {.allocator = &f.base};
        assert_int_equal(ps_chain_read(&chain, "gain:3", &options, NULL), PS_OK);
        f.allowed = allowed;
        const ps_status status = ps_chain_append(chain, "mono | pan:1,linear | gain", NULL);
        assert_int_equal(ps_chain_count(chain), status == PS_OK ? 4 : 1);
        ps_chain_destroy(chain);
        assert_int_equal(f.live, 0);
        if (status == PS_OK)
            break;
        assert_int_equal(status, PS_NO_MEMORY);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_are_read),
        cmocka_unit_test(what_is_wrong_is_said_with_its_column),
        cmocka_unit_test(documents_are_read),
        cmocka_unit_test(what_is_wrong_in_a_document_is_said_with_its_place),
        cmocka_unit_test(presets_are_put_in),
        cmocka_unit_test(too_many_effects_are_refused),
        cmocka_unit_test(values_are_set_and_read_back),
        cmocka_unit_test(a_failing_allocation_leaves_the_chain_as_it_was),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
