#include "naive_monaural.h"

#define VOICE "spatial_angle_modulation_monaural_beat"

/* A parameter of the later stages: from the first frame to the last in a straight line. */
static double *stage(naive *n, const char *name, const char *start, const char *end, double preset)
{
    const double fixed = naive_number(n, name, preset);
    const double first = n->transition ? naive_number(n, start, fixed) : fixed;
    const double last = n->transition ? naive_number(n, end, first) : fixed;
    double *x = naive_array(n);

    for (uint64_t i = 0; i < n->frames; i++)
        x[i] = first + (last - first) * (n->frames > 1 ? (double)i / (double)(n->frames - 1) : 0.0);
    return x;
}

static double other(const naive *n, const char *name)
{
    return n->transition ? 0.0 : naive_number(n, name, 0.0);
}

/* Without what brings a peak above 1 down. */
static void define_plainly(naive *n, double *left, double *right)
{
    static const naive_monaural_names names = {
        .lower = "startStartPhaseL_monaural",
        .upper = "startStartPhaseU_monaural",
        .swing_hz = {"phaseOscFreq", "startPhaseOscFreq_monaural", "endPhaseOscFreq_monaural"},
        .swing = {"phaseOscRange", "startPhaseOscRange_monaural", "endPhaseOscRange_monaural"},
        .depth = {"monaural_ampOscDepth", "startAmpOscDepth_monaural", "endAmpOscDepth_monaural"},
        .hz = {"monaural_ampOscFreq", "startAmpOscFreq_monaural", "endAmpOscFreq_monaural"},
        .offset = {"monaural_ampOscPhaseOffset", "startAmpOscPhaseOffset_monaural",
                   "endAmpOscPhaseOffset_monaural"},
    };

    naive_ramp(n, 0.0, -1.0, "linear");
    naive_monaural(n, &names, left, right);
    const double *depth = stage(n, "sam_ampOscDepth", "start_sam_ampOscDepth",
                                "end_sam_ampOscDepth", other(n, "ampOscDepth"));
    const double *hz = stage(n, "sam_ampOscFreq", "start_sam_ampOscFreq", "end_sam_ampOscFreq",
                             other(n, "ampOscFreq"));
    const double *offset = stage(n, "sam_ampOscPhaseOffset", "start_sam_ampOscPhaseOffset",
                                 "end_sam_ampOscPhaseOffset", other(n, "ampOscPhaseOffset"));
    const double *amp = stage(n, "amp", "startAmp", "endAmp", 0.7);
    for (uint64_t i = 0; i < n->frames; i++) {
        const double D = fmin(depth[i], 2.0), t = (double)i / n->rate_hz;
        const double v = D > 0.0 && hz[i] > 0.0
                             ? 1.0 - D / 2.0 + D / 2.0 * sin(2.0 * PI * hz[i] * t + offset[i])
                             : 1.0;

        left[i] = right[i] = (left[i] + right[i]) / 2.0 * v * amp[i];
    }
}

static void it_is_what_the_equations_say(void **state)
{
    (void)state;
    naive_check(VOICE, define_plainly, 2e-6);
}

static void the_specifications_check_values_come_out(void **state)
{
    static const test_point points[] = {
        {0, 0.2637095, 0.2637095},     {1, 0.2744709, 0.2744709},
        {50, 0.3817381, 0.3817381},    {1000, -0.3153293, -0.3153293},
        {20000, 0.0177322, 0.0177322}, {54443, -0.0381211, -0.0381211},
    };

    (void)state;
    check_points(
        (test_request){.function = VOICE,
                       .params =
                           "{\"amp_lower_L\": 0.7, \"amp_upper_L\": 0.6, \"amp_lower_R\": 0.3,"
                           " \"amp_upper_R\": 0.9, \"baseFreq\": 210, \"beatFreq\": 5.3,"
                           " \"startPhaseL\": 0.3, \"startPhaseR\": 0.8, \"phaseOscFreq\": 0.9,"
                           " \"phaseOscRange\": 1.1, \"monaural_ampOscDepth\": 0.5,"
                           " \"monaural_ampOscFreq\": 2, \"monaural_ampOscPhaseOffset\": 0.3,"
                           " \"sam_ampOscDepth\": 1.1, \"sam_ampOscFreq\": 1.5,"
                           " \"sam_ampOscPhaseOffset\": 0.2, \"amp\": 0.8}",
                       .duration_sec = 1.23457,
                       .rate_hz = 44100.0},
        points, 6, 2e-6);
}

static void those_of_the_transition_too_whatever_its_timing(void **state)
{
    static const test_point points[] = {
        {0, 0.0064109, 0.0064109},     {1, 0.0128194, 0.0128194},
        {50, 0.2664214, 0.2664214},    {1000, 0.1235622, 0.1235622},
        {20000, 0.4616283, 0.4616283}, {44099, -0.0021129, -0.0021129},
    };

    (void)state;
    naive_check_points(VOICE, true,
                       "{\"startBaseFreq\": 150, \"endBaseFreq\": 260, \"startBeatFreq\": 3,"
                       " \"endBeatFreq\": 9, \"start_sam_ampOscDepth\": 0,"
                       " \"end_sam_ampOscDepth\": 1.4, \"start_sam_ampOscFreq\": 2,"
                       " \"end_sam_ampOscFreq\": 4, \"startAmp\": 0.3, \"endAmp\": 0.9,"
                       " \"initial_offset\": 0.3, \"transition_duration\": 0.1,"
                       " \"transition_curve\": \"exponential\"}",
                       points, 6);
}

/* The tones come to 0.8 at most, times the gain 1.4; the tremolo keeps the peak below that. */
static const char loud_params[] = "{\"amp_upper_L\": 0.3, \"amp_upper_R\": 0.3, \"amp\": 1.75,"
                                  " \"sam_ampOscDepth\": 1, \"sam_ampOscFreq\": 0.5,"
                                  " \"sam_ampOscPhaseOffset\": -1.5}";

static void a_reference_of_it_is_brought_down_by_its_peak(void **state)
{
    test_request q = {.function = VOICE,
                      .params = loud_params,
                      .duration_sec = 1.0,
                      .rate_hz = 44100.0,
                      .reference = true};
    naive n;

    (void)state;
    naive_open(&n, &q);
    double *left = naive_array(&n), *right = naive_array(&n), peak = 0.0;
    define_plainly(&n, left, right);
    for (uint64_t i = 0; i < n.frames; i++)
        peak = fmax(peak, fabs(left[i]));
    assert_true(peak > 1.0);
    for (uint64_t i = 0; i < n.frames; i++)
        left[i] = right[i] = left[i] * 0.98 / peak;
    naive_compare(q, left, right, 2e-6);
    naive_close(&n);
}

static void otherwise_it_is_brought_down_by_its_bound(void **state)
{
    test_request q = {
        .function = VOICE, .params = loud_params, .duration_sec = 1.0, .rate_hz = 44100.0};
    naive n;

    (void)state;
    naive_open(&n, &q);
    double *left = naive_array(&n), *right = naive_array(&n);
    define_plainly(&n, left, right);
    for (uint64_t i = 0; i < n.frames; i++)
        left[i] = right[i] = left[i] * 0.98 / 1.4;
    naive_compare(q, left, right, 1e-5);
    naive_close(&n);
}

static void a_gain_that_cannot_overflow_is_left_alone(void **state)
{
    (void)state;
    for (int reference = 0; reference < 2; reference++) {
        test_sound s = test_render(&(test_request){.function = VOICE,
                                                   .params = "{\"amp\": 1}",
                                                   .duration_sec = 0.3,
                                                   .rate_hz = 44100.0,
                                                   .reference = reference});

        assert_true(fabs(test_peak(&s) - 1.0) < 1e-3);
        test_sound_free(&s);
    }
}

static void its_long_transition_stays_exact(void **state)
{
    (void)state;
    naive_check_late(VOICE, define_plainly,
                     "{\"endBaseFreq\": 300, \"endBeatFreq\": 7, \"end_sam_ampOscFreq\": 2,"
                     " \"start_sam_ampOscDepth\": 0.5, \"ampOscDepth\": 0.4, \"ampOscFreq\": 1}",
                     4e-6);
}

static void what_is_not_heard_must_still_be_a_number(void **state)
{
    test_request q = {.function = VOICE,
                      .params = "{\"pathRadius\": \"wide\"}",
                      .duration_sec = 1.0,
                      .rate_hz = 44100.0};
    ps_error err;
    char name[96];
    test_voice v;

    (void)state;
    assert_int_equal(test_voice_try(&v, &q, name, &err), PS_BAD_DATA);
    assert_string_equal(name, "pathRadius");
}

static void it_does_what_every_voice_must(void **state)
{
    (void)state;
    check_voice(VOICE, 2e-6);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_is_what_the_equations_say),
        cmocka_unit_test(the_specifications_check_values_come_out),
        cmocka_unit_test(those_of_the_transition_too_whatever_its_timing),
        cmocka_unit_test(a_reference_of_it_is_brought_down_by_its_peak),
        cmocka_unit_test(otherwise_it_is_brought_down_by_its_bound),
        cmocka_unit_test(a_gain_that_cannot_overflow_is_left_alone),
        cmocka_unit_test(its_long_transition_stays_exact),
        cmocka_unit_test(what_is_not_heard_must_still_be_a_number),
        cmocka_unit_test(it_does_what_every_voice_must),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
