/* The voice with two tones, against its equations and the values of the specification. */
#include "carrier_reference.h"

#define VOICE "binaural_beat"

static const test_request one_second = {.function = VOICE, .duration_sec = 1.0, .rate_hz = 44100.0};

static void static_check_values_are_met(void **state)
{
    static const test_point points[] = {
        {0, 0.1579887, -0.3296688},     {1, 0.1669452, -0.3247892},
        {777, 0.3557860, 0.2087145},    {12345, -0.3943825, -0.3951013},
        {22049, 0.3403752, -0.1864104}, {44099, -0.1281789, -0.3985279},
    };
    static const test_point turned[] = {
        {0, 0.1580728, -0.3295336},     {1, 0.1671114, -0.3245055},
        {777, 0.3205991, 0.3391504},    {12345, -0.0425129, -0.1166128},
        {22049, 0.3578214, -0.0191768}, {44099, 0.6947876, -0.1379988},
    };
    test_request q = one_second;

    (void)state;
    q.params = "{" SET_B "}";
    check_points(q, points, 6, 2e-6);
    q.params = "{" SET_B ", \"leftHigh\": true, \"freqOscShape\": \"Triangle\"}";
    check_points(q, turned, 6, 2e-6);
}

static void transition_check_values_are_met(void **state)
{
    static const test_point points[] = {
        {0, 0.1579887, -0.3296689},    {1, 0.1669452, -0.3247893},
        {777, 0.3557922, 0.2086827},   {12345, -0.4343646, -0.2777853},
        {22049, 0.0524890, 0.5565158}, {44099, -0.1555869, 0.3611394},
    };
    test_request q = one_second;
    char *params = moving_set(SET_B, SET_TM ", \"transition_curve\": \"logarithmic\"");

    (void)state;
    q.params = params;
    q.is_transition = true;
    check_points(q, points, 6, 2e-6);
    free(params);
}

/* Compares with the equations on every row. */
static void check_equations(test_request q, double tolerance)
{
    reference r = reference_open(&q);
    test_sound right = reference_binaural(&r, 1.0);

    check_reference(q, &right, NULL, tolerance);
    test_sound_free(&right);
    reference_close(&r);
}

/* The same parameters with a level of 0; free() them. */
static char *without_glitches(const char *params)
{
    json_t *json = json_loads(params, 0, NULL);

    json_object_set_new(json, "startGlitchNoiseLevel", json_integer(0));
    json_object_set_new(json, "endGlitchNoiseLevel", json_integer(0));
    char *text = json_dumps(json, JSON_REAL_PRECISION(17));
    json_decref(json);
    return text;
}

static void the_equations_are_followed(void **state)
{
    ps_voice_info info;

    (void)state;
    assert_true(ps_voice_find(VOICE, &info));
    for (uint32_t i = 0; i < 24; i++) {
        test_chance c = {ps_random_key(7, i), 0};
        const bool transition = i % 2 == 1;
        char *all = chance_params(&info, transition, &c, i < 2 ? 0.0 : i < 12 ? 0.4 : 1.0, 1.0);
        char *params = without_glitches(all);
        test_request q = {.function = VOICE,
                          .is_transition = transition,
                          .params = params,
                          .duration_sec = 0.3 + 0.5 * chance(&c),
                          .rate_hz = rate_of_round(i)};

        check_equations(q, 3e-6);
        free(params);
        free(all);
    }
}

static void negative_sidebands_freeze_the_phase(void **state)
{
    test_request q = one_second;

    (void)state;
    q.duration_sec = 0.5;
    q.params = "{\"baseFreq\": 1.0, \"beatFreq\": 40, \"freqOscRangeL\": 100, \"freqOscFreqL\": 3}";
    check_equations(q, 3e-6);
    q.params = "{\"baseFreq\": -100, \"beatFreq\": -7, \"startPhaseR\": 1.5}";
    check_equations(q, 3e-6);
}

static void a_modulator_at_rest_still_acts(void **state)
{
    test_request q = one_second;

    (void)state;
    q.duration_sec = 0.25;
    q.params = "{\"ampOscDepthL\": 0.6, \"freqOscRangeR\": 7, \"freqOscShape\": \"triangle\","
               " \"phaseOscRange\": 2}";
    check_equations(q, 3e-6);
}

/* Switches, ramps that end, and ramps that never begin: alpha stands still for whole runs. */
static void changes_of_any_length_are_followed(void **state)
{
    static const char *const timings[] = {
        "\"transition_duration\": 0.0",
        "\"initial_offset\": 0.21, \"transition_duration\": 0.0",
        "\"initial_offset\": 0.1, \"transition_duration\": 0.1",
        "\"initial_offset\": 3",
        "\"initial_offset\": 0.2, \"transition_duration\": 9",
    };

    (void)state;
    for (size_t i = 0; i < 5; i++) {
        char *params = moving_set(SET_B, timings[i]);
        test_request q = one_second;

        q.duration_sec = 0.5;
        q.is_transition = true;
        q.params = params;
        check_equations(q, 3e-6);
        check_skipping(q);
        free(params);
    }
}

/* A vibrato that is 0 until the change goes on turning meanwhile. */
static void a_resting_vibrato_keeps_time(void **state)
{
    test_request q = one_second;

    (void)state;
    q.duration_sec = 0.6;
    q.is_transition = true;
    q.params = "{\"freqOscFreqL\": 3, \"startFreqOscRangeL\": 0, \"endFreqOscRangeL\": 20,"
               " \"initial_offset\": 0.2}";
    check_equations(q, 3e-6);
    check_skipping(q);
}

static void minutes_later_it_is_still_right(void **state)
{
    test_request q = one_second;
    test_voice v;
    double worst = 0.0;

    (void)state;
    q.duration_sec = 600.0;
    q.rate_hz = 8000.0;
    q.params = "{\"baseFreq\": 433.7, \"beatFreq\": 7.3, \"freqOscRangeL\": 30, \"freqOscFreqL\": "
               "3.1, \"freqOscSkewL\": 0.8, \"ampOscDepthL\": 0.7, \"ampOscFreqL\": 2.3}";
    reference r = reference_open(&q);
    test_voice_open(&v, &q);
    ps_voice_skip(v.voice, (v.setup.frames - 600) / PS_VOICE_FRAMES * PS_VOICE_FRAMES);
    const uint64_t first = v.voice->frame;
    test_sound s = test_voice_rest(&v);
    double cycles[2] = {0.0, 0.0}, rest[2] = {0.0, 0.0};
    for (uint64_t i = 0; i < r.frames; i++) {
        const double u = 3.1 * ((double)i * r.dt);

        for (uint32_t ear = 0; ear < 2; ear++) {
            /* Whole cycles are taken off and what is lost is kept, so that the sum stays exact. */
            const double f =
                ear == 0 ? 433.7 - 3.65 + 15.0 * reference_wave(u, 0.8, false) : 433.7 + 3.65;
            const double step = f * r.dt + rest[ear], sum = cycles[ear] + step;

            rest[ear] = step - (sum - cycles[ear]);
            cycles[ear] = sum - floor(sum);
        }
        if (i < first)
            continue;
        const double left =
            sin(TWO_PI * cycles[0]) * 0.5 *
            (1.0 - 0.35 * (1.0 + reference_wave(2.3 * ((double)i * r.dt), 0.0, false)));
        const double right = sin(TWO_PI * cycles[1]) * 0.5;
        worst = fmax(worst, fabs((double)s.left[i - first] - left));
        worst = fmax(worst, fabs((double)s.right[i - first] - right));
    }
    if (worst > 3e-6)
        fail_msg("%g wrong", worst);
    test_sound_free(&s);
    test_voice_free(&v);
    reference_close(&r);
}

/* ---- Glitches -------------------------------------------------------------------------------- */

#define GLITCHES                                                                                   \
    "\"ampL\": 0, \"ampR\": 0, \"startGlitchInterval\": 0.1, \"endGlitchInterval\": 0.3, "         \
    "\"glitchDur\": 0.05, \"startGlitchNoiseLevel\": 0.2, \"endGlitchNoiseLevel\": 0.4"

static test_request glitching(const char *params, uint64_t seed)
{
    return (test_request){.function = VOICE,
                          .is_transition = true,
                          .params = params,
                          .duration_sec = 1.0,
                          .rate_hz = 22050.0,
                          .seed = seed};
}

/* Interval 0.2 s, 1102 frames each, level 0.3. */
static void glitches_swell_and_stop_after_each_interval(void **state)
{
    const test_request q = glitching("{" GLITCHES "}", 3);
    const uint64_t length = 1102;
    test_sound s = test_render(&q);
    uint64_t at = 0;

    (void)state;
    for (uint64_t i = 0; i < s.frames; i++)
        assert_true(s.left[i] == s.right[i]);
    for (uint64_t k = 1; k <= 5; k++) {
        const uint64_t begin = (uint64_t)((0.2 * (double)k - 0.05) * 22050.0);
        double peak = 0.0;

        for (; at < begin; at++)
            assert_true(s.left[at] == 0.0f);
        for (; at < begin + length; at++) {
            const double rise = (double)(at - begin) / (double)(length - 1);

            if (at > begin)
                peak = fmax(peak, fabs((double)s.left[at]) / rise);
        }
        assert_true(fabs(peak - 0.3) < 1e-6);
    }
    for (; at < s.frames; at++)
        assert_true(s.left[at] == 0.0f);
    test_sound_free(&s);
}

/* Mean and spread of the power of all bursts' noise over frequency. */
static void measure_noise(const test_sound *s, double *mean_hz, double *spread_hz)
{
    const uint32_t length = 1102;
    double power = 0.0, first = 0.0, second = 0.0;

    for (uint32_t k = 1; k <= 5; k++) {
        const float *x = s->left + (uint64_t)((0.2 * k - 0.05) * 22050.0);

        for (uint32_t m = 0; m <= length / 2; m++) {
            const double hz = m * 22050.0 / length;
            double re = 0.0, im = 0.0;

            for (uint32_t i = 1; i < length; i++) {
                const double y = (double)x[i] / i;

                re += y * cos(TWO_PI * m * i / length);
                im += y * sin(TWO_PI * m * i / length);
            }
            power += re * re + im * im;
            first += hz * (re * re + im * im);
            second += hz * hz * (re * re + im * im);
        }
    }
    *mean_hz = first / power;
    *spread_hz = sqrt(second / power - *mean_hz * *mean_hz);
}

/* Weights exp(-1/2 (away / width)^2) make a power with the spread width / sqrt(2). */
static void glitch_noise_has_the_spectrum_asked_for(void **state)
{
    const test_request bell =
        glitching("{" GLITCHES ", \"startBaseFreq\": 2500, \"endBaseFreq\": 3500,"
                  " \"glitchFocusWidth\": 700, \"glitchFocusExp\": 2}",
                  5);
    const test_request white = glitching("{" GLITCHES "}", 5);
    double mean, spread;
    test_sound s = test_render(&bell);

    (void)state;
    measure_noise(&s, &mean, &spread);
    assert_true(fabs(mean - 3000.0) < 60.0 && fabs(spread - 495.0) < 40.0);
    test_sound_free(&s);
    s = test_render(&white);
    measure_noise(&s, &mean, &spread);
    assert_true(fabs(mean - 5512.0) < 200.0 && fabs(spread - 3182.0) < 120.0);
    test_sound_free(&s);
}

static void glitches_depend_on_the_seed_alone(void **state)
{
    const test_request q = glitching("{" GLITCHES "}", 3), other = glitching("{" GLITCHES "}", 4);
    test_sound a = test_render(&q), b = test_render(&q), c = test_render(&other);
    const uint64_t first = (uint64_t)(0.15 * 22050.0), second = (uint64_t)(0.35 * 22050.0);

    (void)state;
    assert_true(same_bits(a.left, b.left, a.frames));
    assert_false(same_bits(a.left + first, c.left + first, 1102));
    assert_false(same_bits(a.left + first, a.left + second, 1102));
    test_sound_free(&a);
    test_sound_free(&b);
    test_sound_free(&c);
    check_skipping(q);
    check_rows(q, 1e-6);
}

static void glitches_that_overlap_add_up(void **state)
{
    /* Bursts of 0.25 s end after each 0.1 s: of the third, nothing has begun before 0.05 s. */
    const test_request q = glitching("{\"ampL\": 0, \"ampR\": 0, \"glitchInterval\": 0.1,"
                                     " \"glitchDur\": 0.25, \"glitchNoiseLevel\": 1}",
                                     3);
    const test_request single = glitching("{\"ampL\": 0, \"ampR\": 0, \"glitchInterval\": 0.5,"
                                          " \"glitchDur\": 0.25, \"glitchNoiseLevel\": 1}",
                                          3);
    test_sound s = test_render(&q), t = test_render(&single);
    double power = 0.0, single_power = 0.0;

    (void)state;
    for (uint64_t i = 11100; i < 16500; i++) /* where two to three sound */
        power += (double)s.left[i] * (double)s.left[i];
    for (uint64_t i = 5600; i < 11000; i++)
        single_power += (double)t.left[i] * (double)t.left[i];
    assert_true(power > 1.8 * single_power && power < 3.2 * single_power);
    check_skipping(q);
    check_bound(q);
    test_sound_free(&s);
    test_sound_free(&t);
}

static void glitches_that_cannot_be_are_none_or_refused(void **state)
{
    static const char *const none[] = {
        "\"glitchInterval\": 0",
        "\"glitchDur\": 0.00001",
        "\"glitchDur\": 2",
        "\"glitchInterval\": 1.5",
        "\"startGlitchNoiseLevel\": -1, \"endGlitchNoiseLevel\": 1",
    };
    char text[400];
    test_request q = glitching(text, 3);
    ps_error err;
    test_voice v;

    (void)state;
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++) {
        snprintf(text, sizeof text,
                 "{\"ampL\": 0, \"ampR\": 0, \"glitchInterval\": 0.2, \"glitchDur\": 0.05,"
                 " \"glitchNoiseLevel\": 0.3, %s}",
                 none[i]);
        test_sound s = test_render(&q);
        for (uint64_t f = 0; f < s.frames; f++)
            assert_true(s.left[f] == 0.0f && s.right[f] == 0.0f);
        test_sound_free(&s);
    }
    snprintf(text, sizeof text,
             "{\"glitchInterval\": 0.001, \"glitchDur\": 0.05, \"glitchNoiseLevel\": 1}");
    assert_int_equal(test_voice_try(&v, &q, NULL, &err), PS_UNSUPPORTED);
    assert_string_equal(err.text, "more than 64 glitches sound at once");
    q.duration_sec = 1000.0;
    snprintf(text, sizeof text,
             "{\"glitchInterval\": 300, \"glitchDur\": 300, \"glitchNoiseLevel\": 1}");
    assert_int_equal(test_voice_try(&v, &q, NULL, &err), PS_UNSUPPORTED);
    assert_string_equal(err.text, "glitches of 300 s are too long");
}

static void a_static_voice_has_no_glitches(void **state)
{
    test_request q =
        glitching("{" GLITCHES ", \"glitchInterval\": 0.2, \"glitchNoiseLevel\": 1}", 3);

    (void)state;
    q.is_transition = false;
    test_sound s = test_render(&q);
    for (uint64_t f = 0; f < s.frames; f++)
        assert_true(s.left[f] == 0.0f && s.right[f] == 0.0f);
    test_sound_free(&s);
}

/* The vibrato of a long transition, whose skew moves: what is added up stays right. */
static void minutes_of_gliding_are_right(void **state)
{
    test_request q = {
        .function = VOICE, .is_transition = true, .duration_sec = 200.0, .rate_hz = 8000.0};
    double cycles = 0.0, rest = 0.0, turns = 0.0, worst = 0.0;

    (void)state;
    q.params = "{\"startBaseFreq\": 300, \"endBaseFreq\": 250, \"beatFreq\": 0,"
               " \"startFreqOscRangeL\": 30, \"endFreqOscRangeL\": 20, \"startFreqOscFreqL\": 2,"
               " \"endFreqOscFreqL\": 5, \"startFreqOscSkewL\": 0.9, \"endFreqOscSkewL\": 0.7}";
    test_sound s = test_render(&q);
    for (uint64_t i = 0; i < s.frames; i++) {
        const double a = (double)i / (double)s.frames;

        turns += (2.0 + 3.0 * a) / 8000.0;
        const double f =
            300.0 - 50.0 * a + (15.0 - 5.0 * a) * reference_wave(turns, 0.9 - 0.2 * a, false);
        const double step = f / 8000.0 + rest, sum = cycles + step;
        rest = step - (sum - cycles);
        cycles = sum - floor(sum);
        worst = fmax(worst, fabs((double)s.left[i] - 0.5 * sin(TWO_PI * cycles)));
    }
    if (worst > 1e-5)
        fail_msg("%g wrong", worst);
    test_sound_free(&s);
}

static void it_is_a_good_voice(void **state)
{
    (void)state;
    check_voice(VOICE, 4e-6);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(static_check_values_are_met),
        cmocka_unit_test(transition_check_values_are_met),
        cmocka_unit_test(the_equations_are_followed),
        cmocka_unit_test(negative_sidebands_freeze_the_phase),
        cmocka_unit_test(a_modulator_at_rest_still_acts),
        cmocka_unit_test(changes_of_any_length_are_followed),
        cmocka_unit_test(a_resting_vibrato_keeps_time),
        cmocka_unit_test(minutes_later_it_is_still_right),
        cmocka_unit_test(minutes_of_gliding_are_right),
        cmocka_unit_test(glitches_swell_and_stop_after_each_interval),
        cmocka_unit_test(glitch_noise_has_the_spectrum_asked_for),
        cmocka_unit_test(glitches_depend_on_the_seed_alone),
        cmocka_unit_test(glitches_that_overlap_add_up),
        cmocka_unit_test(glitches_that_cannot_be_are_none_or_refused),
        cmocka_unit_test(a_static_voice_has_no_glitches),
        cmocka_unit_test(it_is_a_good_voice),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
