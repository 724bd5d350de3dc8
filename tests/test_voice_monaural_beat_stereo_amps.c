#include "naive_monaural.h"

static void define(naive *n, double *left, double *right)
{
    static const naive_monaural_names names = {
        .lower = "startStartPhaseL",
        .upper = "startStartPhaseU",
        .swing_hz = {"phaseOscFreq", "startPhaseOscFreq", "endPhaseOscFreq"},
        .swing = {"phaseOscRange", "startPhaseOscRange", "endPhaseOscRange"},
        .depth = {"ampOscDepth", "startAmpOscDepth", "endAmpOscDepth"},
        .hz = {"ampOscFreq", "startAmpOscFreq", "endAmpOscFreq"},
        .offset = {"ampOscPhaseOffset", "startAmpOscPhaseOffset", "endAmpOscPhaseOffset"},
    };

    naive_monaural(n, &names, left, right);
}

static void it_is_what_the_equations_say(void **state)
{
    (void)state;
    naive_check("monaural_beat_stereo_amps", define, 2e-6);
}

static void the_specifications_check_values_come_out(void **state)
{
    static const test_point fixed[] = {
        {0, 0.5399460, 0.2112667},      {1, 0.5529961, 0.2182960},
        {777, -0.4299745, -0.2397444},  {12345, -0.3311902, -0.1939005},
        {22049, -0.0044337, 0.0092958}, {44099, 0.0782205, -0.0546226},
    };
    static const char fixed_params[] =
        "{\"amp_lower_L\": 0.5, \"amp_upper_L\": 0.6, \"amp_lower_R\": 0.3, "
        "\"amp_upper_R\": 0.2, \"baseFreq\": 210.0, \"beatFreq\": 6.5, "
        "\"startPhaseL\": 0.3, \"startPhaseR\": 1.3, \"phaseOscFreq\": 0.8, "
        "\"phaseOscRange\": 1.1, \"ampOscDepth\": 0.9, \"ampOscFreq\": 1.3, "
        "\"ampOscPhaseOffset\": 0.4}";

    (void)state;
    naive_check_points("monaural_beat_stereo_amps", false, fixed_params, fixed, 6);
}

static void those_of_the_transition_too(void **state)
{
    static const test_point moving[] = {
        {0, 0.5399460, 0.2112667},     {1, 0.5529961, 0.2182960},
        {777, -0.4299745, -0.2397444}, {12345, 0.0035688, -0.0470561},
        {22049, 0.0172269, 0.0044326}, {44099, 0.3531053, 0.2621088},
    };
    static const char moving_params[] =
        "{\"start_amp_lower_L\": 0.5, \"end_amp_lower_L\": 0.65, "
        "\"start_amp_upper_L\": 0.6, \"end_amp_upper_L\": 0.7, "
        "\"start_amp_lower_R\": 0.3, \"end_amp_lower_R\": 0.55, "
        "\"start_amp_upper_R\": 0.2, \"end_amp_upper_R\": 0.5, "
        "\"startBaseFreq\": 210.0, \"endBaseFreq\": 294.1, \"startBeatFreq\": 6.5, "
        "\"endBeatFreq\": 9.2, \"startStartPhaseL\": 0.3, \"endStartPhaseL\": 0.52, "
        "\"startStartPhaseU\": 1.3, \"endStartPhaseU\": 9, \"startPhaseOscFreq\": 0.8, "
        "\"endPhaseOscFreq\": 1.22, \"startPhaseOscRange\": 1.1, "
        "\"endPhaseOscRange\": 1.64, \"startAmpOscDepth\": 0.9, "
        "\"endAmpOscDepth\": 1.36, \"startAmpOscFreq\": 1.3, \"endAmpOscFreq\": 1.92, "
        "\"startAmpOscPhaseOffset\": 0.4, \"endAmpOscPhaseOffset\": 0.66, "
        "\"initial_offset\": 0.25, \"transition_duration\": 0.5}";

    (void)state;
    naive_check_points("monaural_beat_stereo_amps", true, moving_params, moving, 6);
}

static void it_is_as_exact_after_minutes(void **state)
{
    (void)state;
    naive_check_late("monaural_beat_stereo_amps", define, "{}", 4e-6);
}

static void a_tremolo_that_stands_still_is_none(void **state)
{
    static const test_point points[] = {{12345, 0.5, 0.0}, {22049, 0.5, 0.0}};

    (void)state;
    /* Two constant tones: at 0 Hz only the start phases are left. The tremolo begins at the frame
       its frequency does. */
    naive_check_points("monaural_beat_stereo_amps", false,
                       "{\"baseFreq\": -5, \"beatFreq\": 0, \"startPhaseL\": 1.5707963267948966,"
                       " \"amp_upper_L\": 0, \"amp_lower_R\": 0, \"ampOscDepth\": 1,"
                       " \"ampOscPhaseOffset\": -1.5}",
                       points, 2);
    naive_check_points("monaural_beat_stereo_amps", true,
                       "{\"baseFreq\": -5, \"beatFreq\": 0, \"startPhaseL\": 1.5707963267948966,"
                       " \"amp_upper_L\": 0, \"amp_lower_R\": 0, \"ampOscDepth\": 1,"
                       " \"ampOscPhaseOffset\": -1.5, \"endAmpOscFreq\": 3,"
                       " \"initial_offset\": 0.6}",
                       points, 2);
}

static void it_does_what_every_voice_must(void **state)
{
    (void)state;
    check_voice("monaural_beat_stereo_amps", 2e-6);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_is_what_the_equations_say),
        cmocka_unit_test(the_specifications_check_values_come_out),
        cmocka_unit_test(those_of_the_transition_too),
        cmocka_unit_test(it_is_as_exact_after_minutes),
        cmocka_unit_test(a_tremolo_that_stands_still_is_none),
        cmocka_unit_test(it_does_what_every_voice_must),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
