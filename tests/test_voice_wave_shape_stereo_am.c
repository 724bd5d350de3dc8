#include "naive_voice.h"

/* What a tremolo leaves of a sound. */
static const double *define_tremolo(naive *n, const double *hz, const double *depth,
                                    double phase_rad)
{
    const double *slow = naive_sine(n, hz, phase_rad);
    double *gain = naive_array(n);

    for (uint64_t i = 0; i < n->frames; i++)
        gain[i] = 1.0 - depth[i] * (1.0 - slow[i]) / 2.0;
    return gain;
}

static void define(naive *n, double *left, double *right)
{
    const double *carrier = naive_sine(
        n, naive_own(n, "carrierFreq", 200.0, "startCarrierFreq", 200.0, "endCarrierFreq", 100.0),
        0.0);
    const double *before = define_tremolo(
        n, naive_own(n, "shapeModFreq", 4.0, "startShapeModFreq", 4.0, "endShapeModFreq", 8.0),
        naive_own(n, "shapeModDepth", 0.8, "startShapeModDepth", 0.8, "endShapeModDepth", 0.8),
        0.0);
    const double *left_gain = define_tremolo(
        n,
        naive_own(n, "stereoModFreqL", 4.1, "startStereoModFreqL", 4.1, "endStereoModFreqL", 6.0),
        naive_own(n, "stereoModDepthL", 0.8, "startStereoModDepthL", 0.8, "endStereoModDepthL",
                  0.8),
        naive_number(n, "stereoModPhaseL", 0.0));
    const double *right_gain = define_tremolo(
        n,
        naive_own(n, "stereoModFreqR", 4.0, "startStereoModFreqR", 4.0, "endStereoModFreqR", 6.1),
        naive_own(n, "stereoModDepthR", 0.8, "startStereoModDepthR", 0.9, "endStereoModDepthR",
                  0.9),
        naive_number(n, "stereoModPhaseR", PI / 2.0));
    const double *amount =
        naive_own(n, "shapeAmount", 0.5, "startShapeAmount", 0.5, "endShapeAmount", 0.5);
    const double amp = naive_number(n, "amp", 0.15);

    for (uint64_t i = 0; i < n->frames; i++) {
        const double y = naive_shape(carrier[i] * before[i], amount[i]) * amp;

        left[i] = y * left_gain[i];
        right[i] = y * right_gain[i];
    }
}

static void it_is_what_the_equations_say(void **state)
{
    (void)state;
    naive_check("wave_shape_stereo_am", define, 2e-6);
}

static void the_specifications_check_values_come_out(void **state)
{
    static const test_point fixed[] = {
        {0, 0.0000000, 0.0000000},       {1, 0.0149117, 0.0175959},
        {777, -0.4219241, -0.4566890},   {12345, -0.0240501, -0.0166662},
        {22049, -0.0064840, -0.0099335}, {44099, -0.0225266, -0.0265877},
    };
    static const char fixed_params[] =
        "{\"amp\": 0.5, \"carrierFreq\": 150.0, \"shapeModFreq\": 3.3, "
        "\"shapeModDepth\": 0.7, \"shapeAmount\": 2.5, \"stereoModFreqL\": 3.0, "
        "\"stereoModDepthL\": 0.5, \"stereoModPhaseL\": 0.4, \"stereoModFreqR\": 2.0, "
        "\"stereoModDepthR\": 0.6}";

    (void)state;
    naive_check_points("wave_shape_stereo_am", false, fixed_params, fixed, 6);
}

static void those_of_the_transition_too(void **state)
{
    static const test_point moving[] = {
        {0, 0.0000000, 0.0000000},       {1, 0.0016659, 0.0015272},
        {777, -0.0144522, -0.0138452},   {12345, -0.0140512, -0.0130944},
        {22049, -0.0544117, -0.0449542}, {44099, 0.0125126, 0.0083252},
    };
    static const char moving_params[] = "{\"initial_offset\": 0.25, \"transition_duration\": 0.5, "
                                        "\"transition_curve\": \"exponential\"}";

    (void)state;
    naive_check_points("wave_shape_stereo_am", true, moving_params, moving, 6);
}

static void it_is_as_exact_after_minutes(void **state)
{
    (void)state;
    naive_check_late("wave_shape_stereo_am", define, "{}", 4e-6);
}

static void it_does_what_every_voice_must(void **state)
{
    (void)state;
    check_voice("wave_shape_stereo_am", 2e-6);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_is_what_the_equations_say),
        cmocka_unit_test(the_specifications_check_values_come_out),
        cmocka_unit_test(those_of_the_transition_too),
        cmocka_unit_test(it_is_as_exact_after_minutes),
        cmocka_unit_test(it_does_what_every_voice_must),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
