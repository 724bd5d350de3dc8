/* Which voice a name means, and what its parameters are read as. */
#include "voice_support.h"

enum { NUMBER, WORD, SWITCH, FLAG, OWN, START, FIXED, STATIC, MOVING, NAMED, APART, ROWS };

/* clang-format off */
static const ps_parameter table[ROWS] = {
    [NUMBER] = {"ampL", PS_PARAMETER_NUMBER, PS_GLIDE_CHAIN, "", 0.5, 0.0, 1.0, NULL, "a number", NULL, NULL, 0.0, 0.0},
    [WORD]   = {"shape", PS_PARAMETER_TEXT, PS_GLIDE_CHAIN, "", 0.0, 0.0, 0.0, "sine triangle", "a word", NULL, NULL, 0.0, 0.0},
    [SWITCH] = {"suppress", PS_PARAMETER_SWITCH, PS_GLIDE_CHAIN, "", 0.0, 0.0, 1.0, NULL, "a switch", NULL, NULL, 0.0, 0.0},
    [FLAG]   = {"leftHigh", PS_PARAMETER_FLAG, PS_GLIDE_NONE, "", 0.0, 0.0, 1.0, NULL, "a flag", NULL, NULL, 0.0, 0.0},
    [OWN]    = {"freq", PS_PARAMETER_NUMBER, PS_GLIDE_OWN, "Hz", 200.0, 0.0, 1.0, NULL, "of its own", NULL, NULL, 100.0, 80.0},
    [START]  = {"phase", PS_PARAMETER_NUMBER, PS_GLIDE_START, "rad", 0.25, 0.0, 1.0, NULL, "a start", NULL, NULL, 0.0, 0.0},
    [FIXED]  = {"pan", PS_PARAMETER_NUMBER, PS_GLIDE_NONE, "", 0.125, 0.0, 1.0, NULL, "fixed", NULL, NULL, 0.0, 0.0},
    [STATIC] = {"still", PS_PARAMETER_NUMBER, PS_GLIDE_ABSENT, "", 1.5, 0.0, 1.0, NULL, "static only", NULL, NULL, 0.0, 0.0},
    [MOVING] = {"moving", PS_PARAMETER_NUMBER, PS_GLIDE_ONLY, "", 2.5, 0.0, 1.0, NULL, "moving only", NULL, NULL, 0.0, 0.0},
    [NAMED]  = {"low_L", PS_PARAMETER_NUMBER, PS_GLIDE_CHAIN, "", 3.5, 0.0, 1.0, NULL, "odd names", "start_low_L", "end_low_L", 0.0, 0.0},
    [APART]  = {"mix", PS_PARAMETER_NUMBER, PS_GLIDE_APART, "", 0.375, 0.0, 1.0, NULL, "two ends", NULL, NULL, 0.0, 0.0},
};
static const ps_voice_kind both = {.info = {"both", "has two forms", true, table, ROWS}};
static const ps_voice_kind one = {.info = {"one", "has one form", false, table, ROWS}};
static const ps_voice_kind *const kinds[] = {&both, &one, NULL};
/* clang-format on */
static const ps_voice_row row = {kinds};

static void names_are_resolved_by_the_table(void **state)
{
    static const struct {
        const char *name;
        bool is_transition;
        const ps_voice_kind *kind;
        bool transition;
    } cases[] = {
        {"both", false, &both, false},
        {"both", true, &both, true},
        {"both_transition", true, &both, true},
        {"both_transition", false, &both, false},
        {"one", false, &one, false},
        {"one", true, &one, false},
        {"one_transition", true, NULL, false},
        {"one_transition", false, &one, false},
        {"bot", false, NULL, false},
        {"bothx", false, NULL, false},
        {"", true, NULL, false},
        {"_transition", false, NULL, false},
        {"BOTH", false, NULL, false},
        {"both_transition_transition", true, NULL, false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        bool transition = false;

        assert_ptr_equal(ps_voice_resolve(&row, cases[i].name, cases[i].is_transition, &transition),
                         cases[i].kind);
        assert_int_equal(transition, cases[i].transition);
    }
}

/* A setup read from JSON text. */
typedef struct reading {
    json_t *json;
    ps_value params;
    ps_voice_setup setup;
    const char *name;
    ps_error err;
    ps_status status;
} reading;

static void read_again(reading *r, bool transition, const char *text)
{
    memset(r, 0, sizeof *r);
    r->json = json_loads(text, 0, NULL);
    assert_non_null(r->json);
    r->params = value_of(r->json);
    r->setup.rate_hz = 44100.0;
    r->setup.duration_sec = 2.3;
    r->status = ps_voice_setup_read(&r->setup, &both, transition, &r->params, &r->name, &r->err);
}

static void give_back(reading *r)
{
    ps_voice_setup_free(&r->setup);
    value_free(&r->params);
    json_decref(r->json);
}

static void check_ends(bool transition, const char *text, uint32_t index, double start, double end)
{
    reading r;

    read_again(&r, transition, text);
    if (r.status != PS_OK)
        fail_msg("%s: %s", text, r.err.text);
    if (r.setup.settings[index].start != start || r.setup.settings[index].end != end)
        fail_msg("%s: %s is %g to %g", text, table[index].name, r.setup.settings[index].start,
                 r.setup.settings[index].end);
    give_back(&r);
}

static void static_values_stand_under_their_names(void **state)
{
    (void)state;
    check_ends(false, "{}", NUMBER, 0.5, 0.5);
    check_ends(false, "{\"ampL\": 0.75}", NUMBER, 0.75, 0.75);
    check_ends(false, "{\"ampL\": null}", NUMBER, 0.5, 0.5);
    check_ends(false, "{\"ampL\": \" 1e2 \"}", NUMBER, 100.0, 100.0);
    check_ends(false, "{\"ampL\": true}", NUMBER, 1.0, 1.0);
    check_ends(false, "{\"startAmpL\": 3, \"endAmpL\": \"x\"}", NUMBER, 0.5, 0.5);
    check_ends(false, "{\"freq\": 3}", OWN, 3.0, 3.0);
    check_ends(false, "{\"still\": 4}", STATIC, 4.0, 4.0);
    check_ends(false, "{\"moving\": \"no number\"}", MOVING, 2.5, 2.5);
    check_ends(false, "{\"low_L\": 4}", NAMED, 4.0, 4.0);
}

static void transitions_follow_their_chains(void **state)
{
    (void)state;
    check_ends(true, "{}", NUMBER, 0.5, 0.5);
    check_ends(true, "{\"ampL\": 0.75}", NUMBER, 0.75, 0.75);
    check_ends(true, "{\"ampL\": 0.75, \"startAmpL\": 0.25}", NUMBER, 0.25, 0.25);
    check_ends(true, "{\"ampL\": 0.75, \"endAmpL\": 0.25}", NUMBER, 0.75, 0.25);
    check_ends(true, "{\"startAmpL\": 0, \"endAmpL\": null}", NUMBER, 0.0, 0.0);
    check_ends(true, "{\"ampL\": \"never asked\", \"startAmpL\": 1}", NUMBER, 1.0, 1.0);
    check_ends(true, "{\"freq\": 3}", OWN, 100.0, 80.0);
    check_ends(true, "{\"startFreq\": 3}", OWN, 3.0, 80.0);
    check_ends(true, "{\"startPhase\": 3, \"endPhase\": 4}", START, 3.0, 3.0);
    check_ends(true, "{\"startPan\": 3, \"pan\": 4}", FIXED, 4.0, 4.0);
    check_ends(true, "{\"still\": \"no number\"}", STATIC, 1.5, 1.5);
    check_ends(true, "{\"moving\": 4, \"startMoving\": 5}", MOVING, 4.0, 4.0);
    check_ends(true, "{\"start_low_L\": 1, \"end_low_L\": 2, \"startLow_L\": 9}", NAMED, 1.0, 2.0);
    check_ends(true, "{}", APART, 0.375, 0.375);
    check_ends(true, "{\"mix\": 0.25}", APART, 0.25, 0.25);
    check_ends(true, "{\"mix\": 0.25, \"startMix\": 1}", APART, 1.0, 0.25);
    check_ends(true, "{\"mix\": 0.25, \"endMix\": 1}", APART, 0.25, 1.0);
    check_ends(true, "{\"startMix\": 1}", APART, 1.0, 0.375);
    check_ends(false, "{\"mix\": 0.25, \"startMix\": 1}", APART, 0.25, 0.25);
}

static void flags_and_switches_differ_in_words(void **state)
{
    static const struct {
        const char *json;
        double as_flag, as_switch;
    } cases[] = {
        {"true", 1, 1},
        {"false", 0, 0},
        {"\"false\"", 1, 0},
        {"\"true\"", 1, 1},
        {"\" Yes \"", 1, 1},
        {"\"on\"", 1, 1},
        {"\"o n\"", 1, 0},
        {"\"1\"", 1, 1},
        {"\"2\"", 1, 0},
        {"\"\"", 0, 0},
        {"0", 0, 0},
        {"-2.5", 1, 1},
        {"[]", 0, 0},
        {"[0]", 1, 0},
        {"{}", 0, 0},
        {"null", 0, 0},
        {"\"trueeeeeeeee\"", 1, 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char text[96];

        snprintf(text, sizeof text, "{\"leftHigh\": %s, \"suppress\": %s}", cases[i].json,
                 cases[i].json);
        check_ends(false, text, FLAG, cases[i].as_flag, cases[i].as_flag);
        check_ends(true, text, SWITCH, cases[i].as_switch, cases[i].as_switch);
    }
    check_ends(true, "{\"suppress\": true, \"endSuppress\": \"off\"}", SWITCH, 1.0, 0.0);
}

static void words_are_kept_as_they_stand(void **state)
{
    reading r;

    (void)state;
    read_again(&r, true, "{\"shape\": \"Triangle\", \"endShape\": \"sine\"}");
    assert_int_equal(r.status, PS_OK);
    assert_true(ps_setting_is(&r.setup.settings[WORD], "triangle"));
    assert_false(ps_setting_is(&r.setup.settings[WORD], "triangl"));
    assert_false(ps_setting_is(&r.setup.settings[WORD], "triangles"));
    assert_string_equal(r.setup.settings[WORD].end_value->text, "sine");
    assert_true(r.setup.settings[WORD].given && r.setup.settings[WORD].end_given);
    assert_false(r.setup.settings[WORD].start_given);
    give_back(&r);
    read_again(&r, true, "{\"shape\": 3}");
    assert_false(ps_setting_is(&r.setup.settings[WORD], "sine"));
    give_back(&r);
}

static void what_is_not_the_voices_is_taken_out(void **state)
{
    reading r;

    (void)state;
    read_again(&r, false,
               "{\"flangeMix\": 1, \"startFLANGEx\": 2, \"duration\": 5, \"sample_rate\": 8000,"
               " \"flang\": 3, \"note\": null}");
    assert_int_equal(r.status, PS_OK);
    assert_int_equal(r.setup.params->count, 2);
    assert_non_null(ps_value_member(r.setup.params, "flang"));
    assert_true(ps_value_is_null(ps_value_member(r.setup.params, "note")));
    assert_int_equal(r.setup.frames, 101429); /* not rounded */
    assert_true(r.setup.frame_sec == 2.3 / 101429.0);
    give_back(&r);
}

static void the_ramp_is_read_from_its_three_names(void **state)
{
    reading r;

    (void)state;
    read_again(&r, true, "{}");
    assert_true(r.setup.ramp.start_sec == 0.0 && r.setup.ramp.span_sec == 2.3);
    assert_int_equal(r.setup.ramp.curve->kind, PS_CURVE_LINEAR);
    give_back(&r);
    read_again(&r, true,
               "{\"initial_offset\": \"0.5\", \"transition_duration\": 1,"
               " \"transition_curve\": \"alpha**3\", \"post_offset\": \"ignored\"}");
    assert_int_equal(r.status, PS_OK);
    assert_true(r.setup.ramp.start_sec == 0.5 && r.setup.ramp.span_sec == 1.0);
    assert_true(ps_curve_at(r.setup.ramp.curve, 0.5) == 0.125);
    give_back(&r);
    read_again(&r, false, "{\"initial_offset\": \"abc\", \"transition_curve\": 3}");
    assert_int_equal(r.status, PS_OK); /* a static voice does not look */
    give_back(&r);
}

static void what_cannot_be_read_is_named(void **state)
{
    static const struct {
        bool transition;
        const char *json, *name, *text;
    } cases[] = {
        {false, "{\"ampL\": \"loud\"}", "ampL", "ampL is not a number"},
        {false, "{\"ampL\": [1]}", "ampL", "ampL is not a number"},
        {true, "{\"startAmpL\": \"loud\"}", "startAmpL", "startAmpL is not a number"},
        {true, "{\"end_low_L\": {}}", "end_low_L", "end_low_L is not a number"},
        {true, "{\"ampL\": \"loud\"}", "ampL", "ampL is not a number"},
        {true, "{\"endPhase\": \"x\"}", "endPhase", "endPhase is not a number"},
        {true, "{\"initial_offset\": \"abc\"}", "initial_offset", "initial_offset is not a number"},
        {true, "{\"transition_duration\": []}", "transition_duration",
         "transition_duration is not a number"},
        {true, "{\"transition_curve\": 3}", "transition_curve", "transition_curve is not a text"},
        {true, "{\"transition_curve\": \"alpha +\"}", "transition_curve",
         "transition_curve: column 8: the curve ends too early"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        reading r;

        read_again(&r, cases[i].transition, cases[i].json);
        assert_int_equal(r.status, PS_BAD_DATA);
        assert_non_null(r.name);
        assert_string_equal(r.name, cases[i].name);
        assert_string_equal(r.err.text, cases[i].text);
        assert_null(r.setup.own);
        give_back(&r);
    }
}

static void a_step_without_frames_cannot_be_set_up(void **state)
{
    static const double lengths[] = {0.0, -1.0, 1e-9, 1e300, (double)NAN, (double)INFINITY};

    (void)state;
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        ps_voice_setup setup = {.rate_hz = 44100.0, .duration_sec = lengths[i]};
        const char *name = "";
        ps_error err;

        assert_int_equal(ps_voice_setup_read(&setup, &both, true, NULL, &name, &err),
                         PS_BAD_ARGUMENT);
        assert_null(name);
    }
}

static void failing_allocations_come_back(void **state)
{
    json_t *json = json_loads("{\"ampL\": 1, \"transition_curve\": \"alpha**2\"}", 0, NULL);
    ps_value params = value_of(json);
    ps_status status = PS_NO_MEMORY;

    (void)state;
    for (long allowed = 0; status != PS_OK; allowed++) {
        failing_allocator heap;
        const char *name;
        ps_error err;

        failing_init(&heap, allowed);
        ps_voice_setup setup = {.rate_hz = 44100.0, .duration_sec = 1.0, .allocator = &heap.base};
        status = ps_voice_setup_read(&setup, &both, true, &params, &name, &err);
        assert_true(status == PS_OK ? allowed == 3 : status == PS_NO_MEMORY);
        ps_voice_setup_free(&setup);
        assert_int_equal(heap.live, 0);
    }
    value_free(&params);
    json_decref(json);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_resolved_by_the_table),
        cmocka_unit_test(static_values_stand_under_their_names),
        cmocka_unit_test(transitions_follow_their_chains),
        cmocka_unit_test(flags_and_switches_differ_in_words),
        cmocka_unit_test(words_are_kept_as_they_stand),
        cmocka_unit_test(what_is_not_the_voices_is_taken_out),
        cmocka_unit_test(the_ramp_is_read_from_its_three_names),
        cmocka_unit_test(what_cannot_be_read_is_named),
        cmocka_unit_test(a_step_without_frames_cannot_be_set_up),
        cmocka_unit_test(failing_allocations_come_back),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
