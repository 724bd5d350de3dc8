#include "naive_voice.h"

static void define(naive *n, double *left, double *right)
{
    const double *hz =
        naive_own(n, "carrierFreq", 200.0, "startCarrierFreq", 200.0, "endCarrierFreq", 80.0);
    const double *slow_hz = naive_own(n, "modFreq", 4.0, "startModFreq", 12.0, "endModFreq", 7.83);
    const double *depth = naive_own(n, "modDepth", 1.0, "startModDepth", 1.0, "endModDepth", 1.0);
    const double *amount =
        naive_own(n, "shapeAmount", 5.0, "startShapeAmount", 5.0, "endShapeAmount", 5.0);
    const double *carrier = naive_sine(n, hz, 0.0), *slow = naive_sine(n, slow_hz, 0.0);
    const double pan = fmin(fmax(naive_number(n, "pan", 0.0), -1.0), 1.0);
    const double amp = naive_number(n, "amp", 0.25);

    for (uint64_t i = 0; i < n->frames; i++) {
        const double m = 1.0 - depth[i] * (1.0 - slow[i]) / 2.0;
        const double y = naive_shape(carrier[i] * m, amount[i]) * amp;

        left[i] = y * cos((pan + 1.0) * PI / 4.0);
        right[i] = y * sin((pan + 1.0) * PI / 4.0);
    }
}

static void it_is_what_the_equations_say(void **state)
{
    (void)state;
    naive_check("rhythmic_waveshaping", define, 2e-6);
}

static void the_specifications_check_values_come_out(void **state)
{
    static const test_point fixed[] = {
        {0, 0.0000000, 0.0000000},       {1, 0.0156780, 0.0079884},
        {777, -0.4099148, -0.2088620},   {12345, -0.0352748, -0.0179734},
        {22049, -0.0088508, -0.0045097}, {44099, -0.0236899, -0.0120706},
    };
    static const char fixed_params[] =
        "{\"amp\": 0.5, \"carrierFreq\": 150.0, \"modFreq\": 3.3, \"modDepth\": 0.7, "
        "\"shapeAmount\": 2.5, \"pan\": -0.4}";

    (void)state;
    naive_check_points("rhythmic_waveshaping", false, fixed_params, fixed, 6);
}

static void those_of_the_transition_too(void **state)
{
    static const test_point moving[] = {
        {0, 0.0000000, 0.0000000},       {1, 0.0125928, 0.0125928},
        {777, -0.1106197, -0.1106197},   {12345, -0.1036327, -0.1036327},
        {22049, -0.0088326, -0.0088326}, {44099, -0.0043165, -0.0043165},
    };
    static const char moving_params[] = "{\"initial_offset\": 0.25, \"transition_duration\": 0.5, "
                                        "\"transition_curve\": \"0.5-0.5*np.cos(np.pi*alpha)\"}";

    (void)state;
    naive_check_points("rhythmic_waveshaping", true, moving_params, moving, 6);
}

static void it_is_as_exact_after_minutes(void **state)
{
    (void)state;
    naive_check_late("rhythmic_waveshaping", define, "{}", 4e-6);
}

static void tiny_amounts_are_silent_and_the_smallest_that_is_not_is_a_line(void **state)
{
    static const struct {
        const char *params;
        double peak;
    } cases[] = {
        {"{\"shapeAmount\": 0, \"amp\": 1, \"pan\": -1, \"modDepth\": 0}", 0.0},
        {"{\"shapeAmount\": -3, \"amp\": 1, \"pan\": -1, \"modDepth\": 0}", 0.0},
        {"{\"shapeAmount\": 1e-6, \"amp\": 1, \"pan\": -1, \"modDepth\": 0}", 0.0},
        {"{\"shapeAmount\": 1.000001e-6, \"amp\": 1, \"pan\": -1, \"modDepth\": 0}", 1.0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        test_sound s = test_render(&(test_request){.function = "rhythmic_waveshaping",
                                                   .params = cases[i].params,
                                                   .duration_sec = 0.1,
                                                   .rate_hz = 44100.0});
        double peak = 0.0;

        for (uint64_t f = 0; f < s.frames; f++)
            peak = fmax(peak, fabs((double)s.left[f]));
        assert_true(fabs(peak - cases[i].peak) < 1e-4);
        test_sound_free(&s);
    }
}

static void it_does_what_every_voice_must(void **state)
{
    (void)state;
    check_voice("rhythmic_waveshaping", 2e-6);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_is_what_the_equations_say),
        cmocka_unit_test(the_specifications_check_values_come_out),
        cmocka_unit_test(those_of_the_transition_too),
        cmocka_unit_test(it_is_as_exact_after_minutes),
        cmocka_unit_test(tiny_amounts_are_silent_and_the_smallest_that_is_not_is_a_line),
        cmocka_unit_test(it_does_what_every_voice_must),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
