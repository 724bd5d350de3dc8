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

    for (uint32_t row = 0; ps_kernel_row_name(row); row++) {
        q.row = ps_kernel_row_name(row);
        test_sound s = test_render(&q);
        const double wrong = test_difference(&s, &right);

        if (!(wrong <= tolerance))
            fail_msg("%s: %g wrong with %s", q.row, wrong, q.params);
        test_sound_free(&s);
    }
    test_sound_free(&right);
    reference_close(&r);
}

static void the_equations_are_followed(void **state)
{
    ps_voice_info info;

    (void)state;
    assert_true(ps_voice_find(VOICE, &info));
    for (uint32_t i = 0; i < 24; i++) {
        test_chance c = {ps_random_key(7, i), 0};
        const bool transition = i % 2 == 1;
        char *params = chance_params(&info, transition, &c, i < 2 ? 0.0 : i < 12 ? 0.4 : 1.0, 1.0);
        test_request q = {.function = VOICE,
                          .is_transition = transition,
                          .params = params,
                          .duration_sec = 0.3 + 0.5 * chance(&c),
                          .rate_hz = i % 3 == 0   ? 44100.0
                                     : i % 3 == 1 ? 22050.0
                                                  : 48000.0};

        check_equations(q, 3e-6);
        free(params);
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
        cmocka_unit_test(it_is_a_good_voice),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
