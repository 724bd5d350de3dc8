#include "naive_voice.h"

/* One ear: the carrier by half the width to its side, and its tremolo. */
static void define_ear(naive *n, double *out, double side, const double *slow_hz,
                       const double *depth, double phase_rad)
{
    const double *centre =
        naive_own(n, "carrierFreq", 200.0, "startCarrierFreq", 200.0, "endCarrierFreq", 250.0);
    const double *width =
        naive_own(n, "stereo_width_hz", 0.2, "startStereoWidthHz", 0.2, "endStereoWidthHz", 0.2);
    const double amp = naive_number(n, "amp", 0.25);
    double *hz = naive_array(n);

    for (uint64_t i = 0; i < n->frames; i++)
        hz[i] = centre[i] + side * width[i];
    const double *carrier = naive_sine(n, hz, 0.0), *slow = naive_sine(n, slow_hz, phase_rad);
    for (uint64_t i = 0; i < n->frames; i++)
        out[i] = carrier[i] * (1.0 - depth[i] * (1.0 - slow[i]) / 2.0) * amp;
}

static void define(naive *n, double *left, double *right)
{
    define_ear(n, left, -0.5,
               naive_own(n, "modFreqL", 4.0, "startModFreqL", 4.0, "endModFreqL", 6.0),
               naive_own(n, "modDepthL", 0.8, "startModDepthL", 0.8, "endModDepthL", 0.8),
               naive_number(n, "modPhaseL", 0.0));
    define_ear(n, right, 0.5,
               naive_own(n, "modFreqR", 4.0, "startModFreqR", 4.1, "endModFreqR", 5.9),
               naive_own(n, "modDepthR", 0.8, "startModDepthR", 0.8, "endModDepthR", 0.8),
               naive_number(n, "modPhaseR", 0.0));
}

static void it_is_what_the_equations_say(void **state)
{
    (void)state;
    naive_check("stereo_am_independent", define, 2e-6);
}

static void the_specifications_check_values_come_out(void **state)
{
    static const test_point fixed[] = {
        {0, 0.0000000, 0.0000000},      {1, 0.0086522, 0.0018499},
        {777, -0.3061048, -0.1053966},  {12345, -0.1397572, 0.1802971},
        {22049, 0.1514154, -0.1931732}, {44099, 0.0094186, 0.0071666},
    };
    static const char fixed_params[] =
        "{\"amp\": 0.5, \"carrierFreq\": 150.0, \"modFreqL\": 3.3, \"modDepthL\": 0.7, "
        "\"modPhaseL\": 0.5, \"modFreqR\": 2.2, \"modDepthR\": 0.9, "
        "\"modPhaseR\": -1.0, \"stereo_width_hz\": 3.0}";

    (void)state;
    naive_check_points("stereo_am_independent", false, fixed_params, fixed, 6);
}

static void those_of_the_transition_too(void **state)
{
    static const test_point moving[] = {
        {0, 0.0000000, 0.0000000},     {1, 0.0042732, 0.0042775},
        {777, -0.0359529, -0.0403463}, {12345, -0.1211092, -0.0409606},
        {22049, 0.2353178, 0.2388226}, {44099, -0.0919666, 0.0841912},
    };
    static const char moving_params[] = "{}";

    (void)state;
    naive_check_points("stereo_am_independent", true, moving_params, moving, 6);
}

static void it_is_as_exact_after_minutes(void **state)
{
    (void)state;
    naive_check_late("stereo_am_independent", define, "{\"modPhaseL\": 1.5}", 4e-6);
}

static void it_does_what_every_voice_must(void **state)
{
    (void)state;
    check_voice("stereo_am_independent", 2e-6);
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
