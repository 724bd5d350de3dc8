#include "naive_voice.h"
#include "zero_phase_support.h"

static double *chain(naive *n, const char *name, const char *ear, double preset)
{
    char own[64], start[64], end[64];

    snprintf(own, sizeof own, "%s%s", name, ear);
    snprintf(start, sizeof start, "start%c%s%s", name[0] - 'a' + 'A', name + 1, ear);
    snprintf(end, sizeof end, "end%c%s%s", name[0] - 'a' + 'A', name + 1, ear);
    return naive_chain(n, own, start, end, preset);
}

/* E of one ear. */
static double *define_modulation(naive *n, const char *ear)
{
    const double *hz = chain(n, "qamAmFreq", ear, 4.0), *depth = chain(n, "qamAmDepth", ear, 0.5);
    const double *offset = chain(n, "qamAmPhaseOffset", ear, 0.0);
    const double *hz2 = chain(n, "qamAm2Freq", ear, 0.0),
                 *depth2 = chain(n, "qamAm2Depth", ear, 0.0);
    const double *offset2 = chain(n, "qamAm2PhaseOffset", ear, 0.0);
    const double *shape = chain(n, "modShape", ear, 1.0);
    double *e = naive_array(n);

    for (uint64_t i = 0; i < n->frames; i++) {
        const double t = (double)i * n->dt;

        e[i] = 1.0;
        if (hz[i] != 0.0 && depth[i] != 0.0) {
            double q = cos(2.0 * PI * hz[i] * t + offset[i]);

            if (shape[i] != 1.0)
                q = (q < 0.0 ? -1.0 : q > 0.0 ? 1.0 : 0.0) * pow(fabs(q), 1.0 / shape[i]);
            e[i] *= 1.0 + depth[i] * q;
        }
        if (hz2[i] != 0.0 && depth2[i] != 0.0)
            e[i] *= 1.0 + depth2[i] * cos(2.0 * PI * hz2[i] * t + offset2[i]);
    }
    return e;
}

static void define_cross(naive *n, double *left, double *right)
{
    const double *depth = chain(n, "crossModDepth", "", 0.0);
    const double delay_sec = naive_number(n, "crossModDelay", 0.0);
    const int64_t delay = (int64_t)(delay_sec * n->rate_hz);
    double *was_left = naive_array(n), *was_right = naive_array(n);

    memcpy(was_left, left, n->frames * sizeof *left);
    memcpy(was_right, right, n->frames * sizeof *right);
    if (delay_sec == 0.0)
        return;
    for (int64_t i = delay > 0 ? delay : 0; i < (int64_t)n->frames; i++) {
        const int64_t from = i - delay < (int64_t)n->frames ? i - delay : (int64_t)n->frames - 1;

        left[i] *= 1.0 + depth[i] * (was_right[from] - 1.0);
        right[i] *= 1.0 + depth[i] * (was_left[from] - 1.0);
    }
}

/* Phase of an ear's tone in radians, summed up to each frame, with its swing. */
static double *define_phase(naive *n, const char *ear, double preset_hz)
{
    const double *hz = chain(n, "baseFreq", ear, preset_hz);
    const double *start = chain(n, "startPhase", ear, 0.0);
    const double *swing_hz = chain(n, "phaseOscFreq", "", 0.0);
    const double *range = chain(n, "phaseOscRange", "", 0.0);
    const double offset = naive_number(n, "phaseOscPhaseOffset", 0.0);
    double *phase = naive_array(n);
    long double sum = (long double)start[0];

    for (uint64_t i = 0; i < n->frames; i++) {
        const double d =
            range[i] / 2.0 * sin(2.0 * PI * swing_hz[i] * ((double)i * n->dt) + offset);

        phase[i] = (double)sum + (ear[0] == 'L' ? -d : d);
        sum += 2.0L * 3.14159265358979323846L * (long double)(hz[i] * n->dt);
    }
    return phase;
}

static double define_gate(const naive *n, double t)
{
    const double attack = naive_number(n, "attackTime", 0.0);
    const double release = naive_number(n, "releaseTime", 0.0);
    double gate = 1.0;

    if (attack > 0.0 && t < attack)
        gate *= t / attack;
    if (release > 0.0 && t > n->duration_sec - release)
        gate *= (n->duration_sec - t) / release;
    return gate;
}

static void define_ear(naive *n, double *out, const char *ear, double preset_hz, const double *e)
{
    const double *amp = chain(n, "amp", ear, 0.5), *phase = define_phase(n, ear, preset_hz);
    const double *partial = chain(n, "harmonicDepth", "", 0.0);
    const double *sub_hz = chain(n, "subHarmonicFreq", "", 0.0);
    const double *sub = chain(n, "subHarmonicDepth", "", 0.0);
    const double ratio = naive_number(n, "harmonicRatio", 2.0);
    const double side_hz = naive_number(n, "sidebandOffset", 1.0);
    const json_t *sides = json_object_get(n->json, "beatingSidebands");
    const bool on = json_is_true(sides) || json_number_value(sides) != 0.0;
    const double side = on ? naive_number(n, "sidebandDepth", 0.1) : 0.0;

    for (uint64_t i = 0; i < n->frames; i++) {
        const double t = (double)i * n->dt, w = 2.0 * PI * side_hz * t;
        double f = e[i];

        if (sub_hz[i] != 0.0 && sub[i] != 0.0)
            f *= 1.0 + sub[i] * cos(2.0 * PI * sub_hz[i] * t);
        const double s = f * cos(phase[i]) + partial[i] * f * cos(ratio * phase[i]) +
                         side * f * (cos(phase[i] - w) + cos(phase[i] + w));
        out[i] = (double)(float)(s * amp[i] * define_gate(n, t));
    }
}

/* Returns the peak before the filter. */
static double define(naive *n, double *left, double *right)
{
    double *e_left = define_modulation(n, "L"), *e_right = define_modulation(n, "R");
    double peak = 1.0;

    define_cross(n, e_left, e_right);
    define_ear(n, left, "L", 200.0, e_left);
    define_ear(n, right, "R", 204.0, e_right);
    for (uint64_t i = 0; i < n->frames; i++)
        peak = fmax(peak, fmax(fabs(left[i]), fabs(right[i])));
    zero_phase_voice(left, n->frames, n->rate_hz);
    zero_phase_voice(right, n->frames, n->rate_hz);
    return peak;
}

/* Error relative to the signal's peak, or to 1. */
static void check_against_definition(test_request q, double tolerance)
{
    naive n;

    naive_open(&n, &q);
    double *left = naive_array(&n), *right = naive_array(&n);
    const double peak = define(&n, left, right);
    naive_compare(q, left, right, tolerance * peak);
    naive_close(&n);
}

static void it_is_what_the_equations_say(void **state)
{
    ps_voice_info info;

    (void)state;
    assert_true(ps_voice_find("qam_beat", &info));
    for (uint32_t i = 0; i < 40; i++) {
        test_chance c = {ps_random_key(2, i), 0};
        char *params = chance_params(&info, i % 2, &c, i < 2 ? 0.0 : i < 20 ? 0.5 : 1.0, 1.0);

        check_against_definition((test_request){.function = "qam_beat",
                                                .is_transition = i % 2,
                                                .params = params,
                                                .duration_sec = 0.1 + 0.3 * chance(&c),
                                                .rate_hz = i % 3 == 0 ? 22050.0 : 44100.0,
                                                .reference = i % 4 == 0},
                                 3e-6);
        free(params);
    }
}

static const char set_a[] =
    "{\"ampL\": 0.6, \"ampR\": 0.4, \"baseFreqL\": 180.3, \"baseFreqR\": 187.9, "
    "\"qamAmFreqL\": 5.5, \"qamAmDepthL\": 0.7, \"qamAmPhaseOffsetL\": 0.4, \"qamAmFreqR\": 6.5, "
    "\"qamAmDepthR\": 0.9, \"qamAmPhaseOffsetR\": 1.1, \"qamAm2FreqL\": 1.3, \"qamAm2DepthL\": "
    "0.3, "
    "\"qamAm2PhaseOffsetL\": 0.2, \"qamAm2FreqR\": 2.1, \"qamAm2DepthR\": 0.25, "
    "\"qamAm2PhaseOffsetR\": 0.9, \"modShapeL\": 2.5, \"modShapeR\": 0.6, \"crossModDepth\": 0.3, "
    "\"crossModDelay\": 0.0153, \"harmonicDepth\": 0.2, \"harmonicRatio\": 2.37, "
    "\"subHarmonicFreq\": 0.7, \"subHarmonicDepth\": 0.35, \"startPhaseL\": 0.3, "
    "\"startPhaseR\": 1.2, \"phaseOscFreq\": 0.8, \"phaseOscRange\": 1.7, "
    "\"phaseOscPhaseOffset\": 0.5, \"beatingSidebands\": true, \"sidebandOffset\": 3.3, "
    "\"sidebandDepth\": 0.15, \"attackTime\": 0.25, \"releaseTime\": 0.4}";

/* Every number x that moves: from x to 1.37 x + 0.11. The text is the caller's to free. */
static char *set_a_moving(void)
{
    json_t *still = json_loads(set_a, 0, NULL), *moving = json_object(), *value;
    ps_voice_info info;
    const char *name;
    char built[96];

    assert_true(ps_voice_find("qam_beat", &info));
    json_object_foreach(still, name, value)
    {
        ps_glide glide = PS_GLIDE_NONE;

        for (uint32_t i = 0; i < info.parameter_count; i++) {
            if (strcmp(info.parameters[i].name, name) == 0)
                glide = info.parameters[i].glide;
        }
        if (glide == PS_GLIDE_NONE) {
            json_object_set(moving, name, value);
            continue;
        }
        ps_parameter_name(built, sizeof built, "start", name);
        json_object_set(moving, built, value);
        ps_parameter_name(built, sizeof built, "end", name);
        json_object_set_new(moving, built, json_real(1.37 * json_number_value(value) + 0.11));
    }
    json_object_set_new(moving, "initial_offset", json_real(0.3));
    json_object_set_new(moving, "transition_duration", json_real(1.1));
    json_object_set_new(moving, "transition_curve", json_string("logarithmic"));
    char *text = json_dumps(moving, JSON_REAL_PRECISION(17));
    json_decref(still);
    json_decref(moving);
    return text;
}

static void the_specifications_check_values_come_out(void **state)
{
    static const test_point q1[] = {
        {0, 0.3421715, 0.3408662},       {1, 0.3430650, 0.3417529},
        {50, -0.2413063, -0.2636263},    {1000, -0.6655545, -0.4719347},
        {20000, -0.1742063, -0.5945181}, {44099, 0.0444234, 0.0419696},
    };
    static const test_point q2[] = {
        {0, 0.0019386, -0.0002261},     {50, 0.0050637, -0.0034866},
        {1000, -0.0124579, 0.0384916},  {20000, 0.1539507, -0.3863251},
        {59258, -0.0011149, 0.0002754},
    };
    test_request q = {.function = "qam_beat", .duration_sec = 1.0, .rate_hz = 44100.0};

    (void)state;
    for (int reference = 0; reference < 2; reference++) {
        q = (test_request){.function = "qam_beat",
                           .duration_sec = 1.0,
                           .rate_hz = 44100.0,
                           .reference = reference};
        check_points(q, q1, 6, 2e-6);
        q.params = set_a;
        q.duration_sec = 1.23457;
        q.rate_hz = 48000.0;
        check_points(q, q2, 5, 2e-6);
    }
}

static void those_of_the_transition_too(void **state)
{
    static const test_point q3[] = {
        {0, 0.0020500, -0.0002590},     {50, 0.0042847, -0.0040072},
        {1000, 0.1503062, -0.0688730},  {20000, 0.3566004, 0.0111959},
        {88199, -0.0000050, 0.0001794},
    };
    char *params = set_a_moving();

    (void)state;
    for (int reference = 0; reference < 2; reference++)
        check_points((test_request){.function = "qam_beat",
                                    .is_transition = true,
                                    .params = params,
                                    .duration_sec = 2.0,
                                    .rate_hz = 44100.0,
                                    .reference = reference},
                     q3, 5, 2e-6);
    free(params);
}

/* Long enough for chunks between the ends. */
static void long_steps_are_what_the_equations_say(void **state)
{
    char *moving = set_a_moving();
    test_request q = {.function = "qam_beat", .duration_sec = 4.3, .rate_hz = 22050.0};

    (void)state;
    check_against_definition(q, 3e-6);
    check_skipping(q);
    q.params = set_a;
    check_against_definition(q, 3e-6);
    check_skipping(q);
    q.params = moving;
    q.is_transition = true;
    check_against_definition(q, 3e-6);
    check_skipping(q);
    free(moving);
}

/* ---- Short cuts ------------------------------------------------------------------------------ */

static void put(json_t *params, const char *name, const char *ear, double value)
{
    char both[64];

    snprintf(both, sizeof both, "%s%s", name, ear);
    json_object_set_new(params, both, json_real(value));
}

/* Everything that sounds, within the ranges that tracks have. The text is the caller's to free. */
static char *usual_params(test_chance *c, double highest_hz)
{
    json_t *params = json_object();

    for (uint32_t i = 0; i < 2; i++) {
        const char *ear = i == 0 ? "L" : "R";

        put(params, "baseFreq", ear, 40.0 + (highest_hz - 40.0) * chance(c));
        put(params, "qamAmFreq", ear, 12.0 * chance(c) * chance(c) - 0.5);
        put(params, "qamAmDepth", ear, chance(c));
        put(params, "qamAmPhaseOffset", ear, 6.0 * chance(c) - 3.0);
        put(params, "qamAm2Freq", ear, chance(c) < 0.3 ? 0.0 : 6.0 * chance(c));
        put(params, "qamAm2Depth", ear, 0.6 * chance(c));
        put(params, "modShape", ear, chance(c) < 0.4 ? 1.0 : 0.2 + 3.0 * chance(c));
        put(params, "startPhase", ear, 6.0 * chance(c) - 3.0);
    }
    put(params, "crossModDepth", "", chance(c) < 0.4 ? 0.0 : chance(c));
    put(params, "crossModDelay", "", chance(c) < 0.2 ? -0.3 : 0.3 * chance(c));
    put(params, "harmonicDepth", "", chance(c) < 0.4 ? 0.0 : 0.5 * chance(c));
    put(params, "harmonicRatio", "", 0.5 + 4.0 * chance(c));
    put(params, "subHarmonicFreq", "", 2.0 * chance(c));
    put(params, "subHarmonicDepth", "", chance(c) < 0.4 ? 0.0 : 0.5 * chance(c));
    put(params, "phaseOscFreq", "", 2.0 * chance(c));
    put(params, "phaseOscRange", "", chance(c) < 0.3 ? 0.0 : 3.0 * chance(c));
    put(params, "beatingSidebands", "", chance(c) < 0.5 ? 0.0 : 1.0);
    put(params, "sidebandOffset", "", 8.0 * chance(c));
    put(params, "sidebandDepth", "", 0.3 * chance(c));
    put(params, "attackTime", "", chance(c) < 0.5 ? 0.0 : 0.5 * chance(c));
    put(params, "releaseTime", "", chance(c) < 0.5 ? 0.0 : 0.5 * chance(c));
    char *text = json_dumps(params, JSON_REAL_PRECISION(17));
    json_decref(params);
    return text;
}

/* The sound of everything in full: the reference has the whole signal filtered. */
static void check_against_whole(test_request q, double tolerance)
{
    for (uint32_t i = 0; ps_kernel_row_name(i); i++) {
        q.row = ps_kernel_row_name(i);
        q.reference = false;
        test_sound usual = test_render(&q);
        q.reference = true;
        test_sound whole = test_render(&q);
        const double error = test_difference(&usual, &whole);

        if (!(error <= tolerance))
            fail_msg("%s: off by %g: %s", q.row, error, q.params);
        test_sound_free(&usual);
        test_sound_free(&whole);
    }
}

/* Slow modulators are interpolated, and what is smooth goes by the low-pass. Not so near bends,
   fades and where the other ear sets in, nor when tones are high. */
static void short_cuts_are_not_heard(void **state)
{
    static const double rates_hz[] = {8000.0, 22050.0, 44100.0};

    (void)state;
    for (uint32_t i = 0; i < 48; i++) {
        test_chance c = {ps_random_key(11, i), 0};
        const double rate_hz = rates_hz[i % 3];
        char *params = usual_params(&c, i % 2 == 0 ? 300.0 : 1900.0);
        const test_request q = {.function = "qam_beat",
                                .params = params,
                                .duration_sec = 26000.0 / rate_hz + 0.6 + 0.2 * chance(&c),
                                .rate_hz = rate_hz};

        check_against_definition(q, 1e-6);
        check_against_whole(q, 1e-6);
        if (i % 8 == 0)
            check_skipping(q);
        free(params);
    }
}

static void what_lies_near_half_the_rate_is_filtered_all_the_same(void **state)
{
    static const char *const params[] = {
        "{\"baseFreqL\": 2000, \"baseFreqR\": 1900, \"harmonicDepth\": 0.5, "
        "\"harmonicRatio\": 5.3}",
        "{\"baseFreqL\": 10500, \"baseFreqR\": 9950}",
        "{\"modShapeL\": 0.01, \"modShapeR\": 60, \"qamAmFreqL\": 0.3}",
        "{\"modShapeL\": 4, \"modShapeR\": 0.3, \"qamAmFreqL\": 40, \"qamAmFreqR\": -25}",
        "{\"attackTime\": 0.35, \"releaseTime\": 0.35, \"baseFreqL\": 20, \"ampL\": 1, "
        "\"qamAmDepthL\": 2}",
        "{\"phaseOscRange\": 6.2, \"phaseOscFreq\": 10, \"harmonicDepth\": 1, "
        "\"harmonicRatio\": 8}",
        "{\"crossModDepth\": 1, \"crossModDelay\": 0.77, \"qamAmDepthL\": 2}",
    };

    (void)state;
    for (size_t i = 0; i < 2 * sizeof params / sizeof *params; i++) {
        const test_request q = {.function = "qam_beat",
                                .params = params[i / 2],
                                .duration_sec = 1.9,
                                .rate_hz = i % 2 == 0 ? 22050.0 : 8000.0};

        check_against_definition(q, 1e-5); /* large powers */
        check_against_whole(q, 1e-6);
        check_skipping(q);
    }
}

static void shapes_and_delays_at_their_limits(void **state)
{
    static const char *const params[] = {
        "{\"modShapeL\": 0, \"modShapeR\": 0.1, \"qamAmPhaseOffsetL\": 0.01}",
        "{\"crossModDepth\": 0.5, \"crossModDelay\": 0.00001}", /* less than a frame */
        "{\"crossModDepth\": 0.5, \"crossModDelay\": 100}",     /* longer than the step */
        "{\"crossModDepth\": 0.5, \"crossModDelay\": 11.9}",    /* longer than is remembered */
        "{\"crossModDepth\": 0.5, \"crossModDelay\": -0.01}",   /* into the future */
        "{\"crossModDepth\": 0.5, \"crossModDelay\": -100}",
        "{\"phaseOscRange\": 40, \"phaseOscFreq\": 0, \"phaseOscPhaseOffset\": 0.6}",
        "{\"baseFreqL\": -150, \"baseFreqR\": 0}",
        "{\"modShapeL\": -8, \"qamAmPhaseOffsetL\": 0.01}",
    };

    (void)state;
    for (size_t i = 0; i < sizeof params / sizeof *params; i++) {
        test_request q = {
            .function = "qam_beat", .params = params[i], .duration_sec = 12.1, .rate_hz = 22050.0};

        check_against_definition(q, 2e-5);
        check_skipping(q);
    }
}

static void too_short_a_step_is_refused(void **state)
{
    test_voice v;
    ps_error err;
    test_request q = {.function = "qam_beat", .duration_sec = 0.0007, .rate_hz = 22050.0};

    (void)state;
    assert_int_equal(test_voice_try(&v, &q, NULL, &err), PS_BAD_ARGUMENT); /* 15 frames */
}

static void it_does_what_every_voice_must(void **state)
{
    (void)state;
    check_voice("qam_beat",
                0.01); /* inverse powers get large; sensible sounds agree to 3e-6 above */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_is_what_the_equations_say),
        cmocka_unit_test(the_specifications_check_values_come_out),
        cmocka_unit_test(those_of_the_transition_too),
        cmocka_unit_test(long_steps_are_what_the_equations_say),
        cmocka_unit_test(short_cuts_are_not_heard),
        cmocka_unit_test(what_lies_near_half_the_rate_is_filtered_all_the_same),
        cmocka_unit_test(shapes_and_delays_at_their_limits),
        cmocka_unit_test(too_short_a_step_is_refused),
        cmocka_unit_test(it_does_what_every_voice_must),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
