/* What the flange parameters of a voice mean, as JSON texts. */
#include "voice_support.h"

#include "stage_support.h"
#include "voice/common.h"
#include "voice/flange.h"

#define RATE_HZ 22050.0
#define SECONDS 0.5
#define FRAMES  11025u

/* A flanger read from a text; the setup and the value live as long. */
typedef struct reader {
    test_params params;
    ps_voice_setup setup;
    ps_flange *flange;
    const char *name;
    ps_error err;
} reader;

static ps_status read_text(reader *r, const char *text, bool transition, const ps_allocator *heap)
{
    memset(r, 0, sizeof *r);
    test_params_read(&r->params, text);
    r->setup = setup_of_step(RATE_HZ, FRAMES, heap);
    return ps_flange_create(&r->flange, &r->setup, &r->params.value, transition, &r->name, &r->err);
}

static void release(reader *r)
{
    ps_flange_destroy(r->flange);
    test_params_free(&r->params);
}

/* Noise through the flanger of a text; unchanged when there is none. */
static stereo through(const char *text, bool transition, const char *row)
{
    stereo s = stereo_noise(FRAMES);
    reader r;

    if (read_text(&r, text, transition, NULL) != PS_OK)
        fail_msg("%s: %s %s", text, r.name ? r.name : "", r.err.text);
    const double bound = r.flange ? ps_flange_bound(r.flange, 0.4) : 0.4;
    for (uint32_t at = 0; r.flange && at < FRAMES; at += PS_VOICE_FRAMES)
        ps_flange_process(r.flange, ps_voice_row_find(row), s.left + at, s.right + at, at,
                          FRAMES - at < PS_VOICE_FRAMES ? FRAMES - at : PS_VOICE_FRAMES);
    assert_true(stereo_peak(&s) <= bound);
    release(&r);
    return s;
}

/* Noise through a flanger of these settings. */
static stereo set_to(const ps_flanger_settings *settings)
{
    stereo s = stereo_noise(FRAMES);
    ps_flanger *flanger = NULL;

    assert_int_equal(ps_flanger_create(&flanger, settings, RATE_HZ, NULL, NULL), PS_OK);
    ps_flanger_process_c(flanger, s.left, s.right, FRAMES);
    ps_flanger_destroy(flanger);
    return s;
}

static ps_flanger_settings presets(void)
{
    ps_flanger_settings s;

    ps_flanger_defaults(&s);
    return s;
}

/* The text sounds like the second sound, which is given back. */
static void sounds_like(const char *text, bool transition, stereo wanted)
{
    stereo s = through(text, transition, "c");
    const double difference = stereo_difference(&s, &wanted);

    if (!(difference < 1e-7))
        fail_msg("%s: off by %g", text, difference);
    stereo_free(&s);
    stereo_free(&wanted);
}

static void off_leaves_the_sound_alone(void **state)
{
    static const char *const off[] = {
        "{}",
        "{\"flangeEnable\": false, \"startFlangeEnable\": true, \"endFlangeEnable\": true}",
        "{\"startFlangeEnable\": true, \"flangeMix\": 1}",
        "{\"flangeEnable\": null}",
        "{\"flangeEnable\": 0}",
        "{\"flangeEnable\": \"\"}",
        "{\"flangeEnable\": true, \"startFlangeEnable\": false, \"endFlangeEnable\": false}",
    };

    (void)state;
    for (size_t i = 0; i < sizeof off / sizeof off[0]; i++) {
        sounds_like(off[i], false, stereo_noise(FRAMES));
        sounds_like(off[i], true, stereo_noise(FRAMES));
    }
}

static void every_parameter_arrives(void **state)
{
    const ps_flanger_settings wanted = {
        .delay_ms = 3.0,
        .depth_ms = 1.5,
        .rate_hz = 2.5,
        .triangle = true,
        .feedback = -0.6,
        .mix = 0.8,
        .loop_lpf_hz = 5000.0,
        .loop_hpf_hz = 60.0,
        .stereo = PS_FLANGER_SIDE,
        .law = PS_FLANGER_RECIPROCAL,
        .four_taps = true,
        .min_delay_ms = 1.0,
        .max_delay_ms = 4.0,
        .smooth_delay_ms = 10.0,
        .smooth_depth_ms = 20.0,
        .match_loudness = true,
        .loudness_ms = 15.0,
        .loudness_min_gain = 0.9,
        .loudness_max_gain = 1.3,
    };

    (void)state;
    sounds_like("{\"flangeEnable\": true, \"flangeDelayMs\": 3, \"flangeDepthMs\": 1.5,"
                "\"flangeRateHz\": 2.5, \"flangeShape\": \"triangle\", \"flangeFeedback\": -0.6,"
                "\"flangeMix\": 0.8, \"flangeLoopLpfHz\": 5000, \"flangeLoopHpfHz\": 60,"
                "\"flangeStereoMode\": 3, \"flangeSpreadDeg\": 90, \"flangeDelayLaw\": true,"
                "\"flangeInterp\": 1, \"flangeMinDelayMs\": \"1\", \"flangeMaxDelayMs\": 4,"
                "\"flangeDezipperDelayMs\": 10, \"flangeDezipperDepthMs\": 20,"
                "\"flangeLoudnessMode\": 1, \"flangeLoudnessTcMs\": 15,"
                "\"flangeLoudnessMinGain\": 0.9, \"flangeLoudnessMaxGain\": 1.3, \"flangeX\": []}",
                false, set_to(&wanted));
}

static void absent_and_null_are_the_presets(void **state)
{
    const ps_flanger_settings wanted = presets();

    (void)state;
    sounds_like("{\"flangeEnable\": \"false\"}", false, set_to(&wanted));
    sounds_like("{\"flangeEnable\": 1, \"flangeRateHz\": null, \"flangeShape\": null}", false,
                set_to(&wanted));
}

static void choices_out_of_range_are_what_the_specification_says(void **state)
{
    ps_flanger_settings wanted = presets();

    (void)state;
    sounds_like("{\"flangeEnable\": true, \"flangeStereoMode\": 1}", false, set_to(&wanted));
    sounds_like("{\"flangeEnable\": true, \"flangeStereoMode\": 9}", false, set_to(&wanted));
    wanted.stereo = PS_FLANGER_MID;
    sounds_like("{\"flangeEnable\": true, \"flangeStereoMode\": 2.9}", false, set_to(&wanted));
    wanted = presets();
    wanted.law = PS_FLANGER_EXPONENTIAL;
    sounds_like("{\"flangeEnable\": true, \"flangeDelayLaw\": -1}", false, set_to(&wanted));
    sounds_like("{\"flangeEnable\": true, \"flangeDelayLaw\": 1e300}", false, set_to(&wanted));
    wanted = presets();
    wanted.four_taps = true;
    sounds_like("{\"flangeEnable\": true, \"flangeInterp\": -3}", false, set_to(&wanted));
    wanted = presets();
    wanted.triangle = true;
    sounds_like("{\"flangeEnable\": true, \"flangeShape\": \"Sine\"}", false, set_to(&wanted));
    wanted = presets();
    wanted.match_loudness = false;
    sounds_like("{\"flangeEnable\": true, \"flangeLoudnessMode\": 0}", false, set_to(&wanted));
}

/* A static voice listens to the start values, and to an end that is on. */
static void a_static_voice_has_the_start_set(void **state)
{
    ps_flanger_settings wanted = presets();

    (void)state;
    wanted.mix = 0.9;
    sounds_like("{\"flangeEnable\": true, \"flangeMix\": 0.2, \"startFlangeMix\": 0.9,"
                "\"endFlangeMix\": 0.1}",
                false, set_to(&wanted));
    sounds_like("{\"flangeEnable\": true, \"startFlangeEnable\": false, \"startFlangeMix\": 0.9}",
                false, set_to(&wanted));
}

/* alpha of the specification, by frames; linear. */
static void blend(stereo *a, const stereo *b, double offset, double span)
{
    for (uint32_t i = 0; i < FRAMES; i++) {
        const double t = i * (SECONDS / FRAMES);
        const double alpha =
            span > 0.0 ? fmin(1.0, fmax(0.0, (t - offset) / span)) : (t >= offset ? 1.0 : 0.0);

        a->left[i] = (float)((double)a->left[i] * (1.0 - alpha) + (double)b->left[i] * alpha);
        a->right[i] = (float)((double)a->right[i] * (1.0 - alpha) + (double)b->right[i] * alpha);
    }
}

static void blends_like(const char *text, const ps_flanger_settings *start,
                        const ps_flanger_settings *end, double offset, double span)
{
    stereo a = start ? set_to(start) : stereo_noise(FRAMES);
    stereo b = end ? set_to(end) : stereo_noise(FRAMES);

    blend(&a, &b, offset, span);
    stereo_free(&b);
    sounds_like(text, true, a);
}

static void a_transition_blends_two_flangers(void **state)
{
    ps_flanger_settings start = presets(), end = presets();

    (void)state;
    start.mix = 0.9;
    end.mix = 0.2; /* its own name, not where the start is */
    blends_like("{\"flangeEnable\": true, \"flangeMix\": 0.2, \"startFlangeMix\": 0.9}", &start,
                &end, 0.0, SECONDS);
    end.rate_hz = 5.0;
    blends_like("{\"flangeEnable\": true, \"flangeMix\": 0.2, \"startFlangeMix\": 0.9,"
                "\"endFlangeRateHz\": 5, \"initial_offset\": 0.1, \"transition_duration\": 0.2}",
                &start, &end, 0.1, 0.2);
    blends_like("{\"flangeEnable\": true, \"flangeMix\": 0.2, \"startFlangeMix\": 0.9,"
                "\"endFlangeRateHz\": 5, \"initial_offset\": 0.1, \"transition_duration\": 0}",
                &start, &end, 0.1, 0.0);
    /* Only here post_offset counts, and only when there is no length. */
    blends_like("{\"flangeEnable\": true, \"flangeMix\": 0.2, \"startFlangeMix\": 0.9,"
                "\"endFlangeRateHz\": 5, \"initial_offset\": 0.1, \"post_offset\": 0.15}",
                &start, &end, 0.1, SECONDS - 0.25);
    blends_like("{\"flangeEnable\": true, \"flangeMix\": 0.2, \"startFlangeMix\": 0.9,"
                "\"endFlangeRateHz\": 5, \"transition_duration\": 0.3, \"post_offset\": 0.15}",
                &start, &end, 0.0, 0.3);
}

static void a_transition_turns_it_on_and_off(void **state)
{
    const ps_flanger_settings on = presets();

    (void)state;
    blends_like("{\"flangeEnable\": true, \"startFlangeEnable\": false}", NULL, &on, 0.0, SECONDS);
    blends_like("{\"flangeEnable\": true, \"endFlangeEnable\": 0}", &on, NULL, 0.0, SECONDS);
    sounds_like("{\"flangeEnable\": true, \"endFlangeMix\": 0.3}", true, set_to(&on));
}

static void the_blend_follows_the_curve(void **state)
{
    const ps_flanger_settings on = presets();
    stereo wet = set_to(&on), s = stereo_noise(FRAMES);

    (void)state;
    for (uint32_t i = 0; i < FRAMES; i++) {
        const double a = i / (double)FRAMES, alpha = 1.0 - (1.0 - a) * (1.0 - a);

        s.left[i] = (float)((double)s.left[i] * (1.0 - alpha) + (double)wet.left[i] * alpha);
        s.right[i] = (float)((double)s.right[i] * (1.0 - alpha) + (double)wet.right[i] * alpha);
    }
    stereo_free(&wet);
    sounds_like("{\"flangeEnable\": true, \"startFlangeEnable\": false,"
                "\"transition_curve\": \"logarithmic\"}",
                true, s);
}

static void rows_agree(void **state)
{
    static const char text[] = "{\"flangeEnable\": true, \"startFlangeMix\": 0.9,"
                               "\"endFlangeLoopHpfHz\": 100, \"endFlangeDelayLaw\": 2}";
    stereo right = through(text, true, "c");

    (void)state;
    for (uint32_t i = 1; ps_kernel_row_name(i); i++) {
        stereo s = through(text, true, ps_kernel_row_name(i));

        assert_true(stereo_difference(&s, &right) < 2e-6);
        stereo_free(&s);
    }
    stereo_free(&right);
}

static void refuses(const char *text, ps_status status, const char *name)
{
    reader r;

    assert_int_equal(read_text(&r, text, true, NULL), status);
    assert_null(r.flange);
    assert_true(r.err.text[0] != '\0');
    if (name)
        assert_string_equal(r.name, name);
    release(&r);
}

static void what_cannot_be_used_is_refused(void **state)
{
    (void)state;
    refuses("{\"flangeEnable\": true, \"flangeStereoMode\": \"mid\"}", PS_BAD_DATA,
            "flangeStereoMode");
    refuses("{\"flangeEnable\": true, \"flangeMix\": []}", PS_BAD_DATA, "flangeMix");
    refuses("{\"flangeEnable\": true, \"endFlangeMix\": 1, \"transition_curve\": \"f(x)\"}",
            PS_BAD_DATA, "transition_curve");
    refuses("{\"flangeEnable\": true, \"flangeMaxDelayMs\": 1e9}", PS_UNSUPPORTED, NULL);
    refuses("{\"flangeEnable\": true, \"endFlangeMinDelayMs\": 1e9}", PS_UNSUPPORTED, NULL);
}

static void create_gives_back_everything_when_memory_runs_out(void **state)
{
    (void)state;
    for (long allowed = 0;; allowed++) {
        failing_allocator heap;
        reader r;

        failing_init(&heap, allowed);
        const ps_status status = read_text(&r,
                                           "{\"flangeEnable\": true, \"endFlangeMix\": 1,"
                                           "\"transition_curve\": \"alpha**3\"}",
                                           true, &heap.base);
        release(&r);
        assert_int_equal(heap.live, 0);
        if (status == PS_OK) {
            assert_true(allowed >= 6); /* the blend, its curve, twice a flanger and its lines */
            return;
        }
        assert_int_equal(status, PS_NO_MEMORY);
        assert_true(r.err.text[0] != '\0');
    }
}

static void the_table_has_the_presets(void **state)
{
    uint32_t count;
    const ps_parameter *rows = ps_common_parameters(PS_COMMON_FLANGER, &count);

    (void)state;
    assert_int_equal(count, 25);
    for (uint32_t i = 0; i < count; i++) {
        assert_true(strncmp(rows[i].name, "flange", 6) == 0);
        assert_true(rows[i].meaning[0] != '\0');
        assert_true(rows[i].kind == PS_PARAMETER_TEXT ||
                    (rows[i].low <= rows[i].preset && rows[i].preset <= rows[i].high));
    }
}

/* What the table says of a transition's ends is what a_transition_blends_two_flangers hears. */
static void the_table_tells_how_the_ends_are_read(void **state)
{
    json_t *json = json_loads(
        "{\"flangeMix\": 0.2, \"startFlangeMix\": 0.4, \"endFlangeDelayMs\": 3}", 0, NULL);
    ps_value params = value_of(json);
    uint32_t count;
    const ps_parameter *rows = ps_common_parameters(PS_COMMON_FLANGER, &count);
    ps_setting settings[PS_FLANGE_ROWS];
    const char *name = NULL;

    (void)state;
    assert_int_equal(ps_settings_read(settings, rows, count, &params, true, &name, NULL), PS_OK);
    assert_true(settings[PS_FLANGE_MIX].start == 0.4 && settings[PS_FLANGE_MIX].end == 0.2);
    assert_true(settings[PS_FLANGE_DELAY].start == 1.2 && settings[PS_FLANGE_DELAY].end == 3.0);
    value_free(&params);
    json_decref(json);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(off_leaves_the_sound_alone),
        cmocka_unit_test(every_parameter_arrives),
        cmocka_unit_test(absent_and_null_are_the_presets),
        cmocka_unit_test(choices_out_of_range_are_what_the_specification_says),
        cmocka_unit_test(a_static_voice_has_the_start_set),
        cmocka_unit_test(a_transition_blends_two_flangers),
        cmocka_unit_test(a_transition_turns_it_on_and_off),
        cmocka_unit_test(the_blend_follows_the_curve),
        cmocka_unit_test(rows_agree),
        cmocka_unit_test(what_cannot_be_used_is_refused),
        cmocka_unit_test(create_gives_back_everything_when_memory_runs_out),
        cmocka_unit_test(the_table_has_the_presets),
        cmocka_unit_test(the_table_tells_how_the_ends_are_read),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
