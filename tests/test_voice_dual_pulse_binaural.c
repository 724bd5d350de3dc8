/* The two tones with pulses and a moving pan, against its equations and the values of the
   specification. */
#include "carrier_reference.h"

#define VOICE "dual_pulse_binaural"
#define SET_D_NUMBERS                                                                              \
    SET_B ", \"pulseRate\": 3.3, \"pulseRateR\": 5.1, \"rampPercent\": 0.25, "                     \
          "\"rampPercentL\": 0.4, \"gapPercent\": 0.3, \"gapPercentR\": 0.1, "                     \
          "\"pulsePhaseOffset\": 0.2, \"pulsePhaseOffsetR\": 1.7, \"pulseDepth\": 0.8, "           \
          "\"pulseDepthL\": 1.0, \"pan\": 0.2, \"panRangeMin\": -0.7, \"panRangeMax\": 0.5, "      \
          "\"panFreq\": 0.9, \"panPhase\": 0.6"
#define SET_D SET_D_NUMBERS ", \"pulseShapeR\": \"hann\""

static const test_request one_second = {.function = VOICE, .duration_sec = 1.0, .rate_hz = 44100.0};

static void check_values_are_met(void **state)
{
    static const test_point points[] = {
        {0, 0.0635196, -0.2659127},     {1, 0.0671408, -0.2619262},
        {777, 0.1743720, 0.1037412},    {12345, -0.0802397, -0.2399246},
        {22049, 0.0000000, -0.1012268}, {44099, -0.0704370, -0.1353111},
    };
    static const test_point inward[] = {
        {0, 0.0615445, -0.2705795},      {1, 0.0629554, -0.2651725},
        {777, 0.1333267, 0.1034171},     {12345, -0.0853222, -0.2187484},
        {22049, -0.0000000, -0.1416129}, {44099, 0.3432467, 0.0086982},
    };
    static const test_point moving[] = {
        {0, 0.0889274, -0.2659127},    {1, 0.0939619, -0.2619262},
        {777, 0.1891395, 0.1037254},   {12345, -0.1888873, -0.2314690},
        {22049, 0.0000000, 0.0900784}, {44099, 0.0003236, -0.4067079},
    };
    char *params = moving_set(SET_D_NUMBERS, SET_TM ", \"pulseShapeR\": \"hann\", "
                                                    "\"startPulseShape\": \"square\", "
                                                    "\"endPulseShape\": \"cosine\"");
    test_request q = one_second;

    (void)state;
    q.params = "{" SET_D "}";
    check_points(q, points, 6, 2e-6);
    q.params = "{" SET_D ", \"panType\": \" Inward\", \"harmonicSuppression\": true}";
    check_points(q, inward, 6, 2e-6);
    q.reference = true;
    check_points(q, inward, 6, 2e-6);
    q.is_transition = true;
    q.params = params;
    check_points(q, moving, 6, 2e-6);
    free(params);
}

/* ---- The equations of section 10 ------------------------------------------------------------- */

static const json_t *text_of(const reference *r, const char *prefix, const char *name)
{
    char built[96];

    ps_parameter_name(built, sizeof built, prefix, name);
    return json_object_get(r->params, *prefix ? built : name);
}

/* One end of a parameter that falls back on its static name, then on `other`. */
static double end_of(const reference *r, const char *prefix, const char *name, double other)
{
    const json_t *own = r->transition ? text_of(r, prefix, name) : NULL;

    return own ? json_number_value(own) : reference_number(r, name, other);
}

static const char *text_end_of(const reference *r, const char *prefix, const char *name,
                               const char *other)
{
    const json_t *own = r->transition ? text_of(r, prefix, name) : NULL;
    const json_t *plain = json_object_get(r->params, name);

    return own ? json_string_value(own) : plain ? json_string_value(plain) : other;
}

/* A parameter of the pulses at an end: of the ear, else of both; there the end falls back on the
   start. */
static double pulse_number(const reference *r, const char *name, uint32_t ear, uint32_t end,
                           double preset)
{
    char own[96];
    double both[2];

    snprintf(own, sizeof own, "%s%c", name, ear == 0 ? 'L' : 'R');
    reference_ends(r, name, preset, both);
    return end_of(r, end == 0 ? "start" : "end", own, both[end]);
}

static double pulse_rate(const reference *r, uint32_t ear, uint32_t end)
{
    const char *prefix = end == 0 ? "start" : "end";
    double beat[2];

    reference_ends(r, "beatFreq", 4.0, beat);
    const double both = end_of(r, prefix, "pulseRate", 0.0);
    const double common = both > 0.0 ? both : beat[end];
    const double own = end_of(r, prefix, ear == 0 ? "pulseRateL" : "pulseRateR", common);
    return own > 0.0 ? own : common;
}

static double pulse(const reference *r, uint32_t ear, uint32_t end, uint64_t i)
{
    const double rate = pulse_rate(r, ear, end), length = 1.0 / rate;
    const double depth = fmin(fmax(pulse_number(r, "pulseDepth", ear, end, 1.0), 0.0), 1.0);
    const double ramp = fmin(fmax(pulse_number(r, "rampPercent", ear, end, 0.2), 0.0), 1.0);
    const double gap = fmin(fmax(pulse_number(r, "gapPercent", ear, end, 0.15), 0.0), 1.0);
    const double offset = pulse_number(r, "pulsePhaseOffset", ear, end, 0.0);
    const char *both = end == 0 || !text_of(r, "end", "pulseShape")
                           ? text_end_of(r, "start", "pulseShape", "trapezoid")
                           : text_end_of(r, "end", "pulseShape", "trapezoid");
    const char *shape =
        text_end_of(r, end == 0 ? "start" : "end", ear == 0 ? "pulseShapeL" : "pulseShapeR", both);
    double v;

    if (rate <= 0.0 || depth == 0.0)
        return 1.0;
    const double tau = fmod((double)i / r->rate + (offset - floor(offset)) * length, length);
    const double a = (1.0 - gap) * length, u = fmin(a * ramp, a / 2.0), e = a - u;
    v = tau >= a ? 0.0 : tau < u ? tau / u : tau < e ? 1.0 : 1.0 - (tau - e) / u;
    if (strcmp(shape, "square") == 0 || strcmp(shape, "pulse") == 0)
        v = v > 0.0;
    else if (strcmp(shape, "trapezoid") != 0)
        v = 0.5 - 0.5 * cos(TWO_PI / 2.0 * v);
    return 1.0 - depth + depth * v;
}

/* The limits of the pan at a frame. */
static void pan_limits(const reference *r, uint64_t i, double *low, double *high)
{
    double pan[2], lows[2], highs[2];

    reference_ends(r, "pan", 0.0, pan);
    for (uint32_t end = 0; end < 2; end++) {
        const char *prefix = end == 0 ? "start" : "end";
        const double a = fmin(fmax(end_of(r, prefix, "panRangeMin", pan[end]), -1.0), 1.0);
        const double b = fmin(fmax(end_of(r, prefix, "panRangeMax", pan[end]), -1.0), 1.0);

        lows[end] = fmin(a, b);
        highs[end] = fmax(a, b);
    }
    *low = lows[0] + (lows[1] - lows[0]) * r->alpha[i];
    *high = highs[0] + (highs[1] - highs[0]) * r->alpha[i];
}

/* Turns both ears of a clip. */
static void pan_reference(const reference *r, test_sound *s)
{
    const char *type = text_end_of(r, "start", "panType", "linear");
    double cycles = 0.0, low, high;
    bool active = false, sweeps = false;

    for (uint64_t i = 0; i < r->frames; i++) {
        const double f = reference_at(r, "panFreq", 0.0, i);

        pan_limits(r, i, &low, &high);
        active = active || fmax(fmax(fabs(low), fabs(high)), fabs(f)) > 1e-8;
        sweeps = sweeps || f > 0.0;
    }
    for (uint64_t i = 0; i < r->frames && active; i++) {
        const double x = reference_at(r, "panPhase", 0.0, i) / TWO_PI + cycles;
        const double k = floor(x), share = x - k;
        double p;

        pan_limits(r, i, &low, &high);
        const double limit = fmod(k, 2.0) == 0.0 ? high : low;
        if (!sweeps)
            p = 0.5 * (low + high);
        else if (strcmp(type, "inward") == 0)
            p = limit * (1.0 - share);
        else if (strcmp(type, "outward") == 0)
            p = limit * share;
        else
            p = 0.5 * (high + low) + 0.5 * (high - low) * sin(TWO_PI * x);
        const double angle = (fmin(fmax(p, -1.0), 1.0) + 1.0) * TWO_PI / 8.0;
        s->left[i] *= (float)cos(angle);
        s->right[i] *= (float)sin(angle);
        cycles += fabs(reference_at(r, "panFreq", 0.0, i)) / r->rate;
    }
}

static bool truth(const reference *r, const char *prefix, const char *name, bool other)
{
    const json_t *own = r->transition ? text_of(r, prefix, name) : NULL;

    return own ? json_number_value(own) != 0.0 || json_is_true(own)
               : reference_number(r, name, other) != 0.0;
}

/* The clip before suppression. */
static test_sound equations(const reference *r)
{
    const bool mono = truth(r, "start", "forceMono", false) || truth(r, "end", "forceMono", false);
    test_sound s = reference_binaural(r, mono ? 0.0 : 1.0);

    pan_reference(r, &s);
    for (uint64_t i = 0; i < r->frames; i++)
        for (uint32_t ear = 0; ear < 2; ear++) {
            const double a = r->alpha[i];
            double gain = pulse(r, ear, 0, i);

            if (r->transition)
                gain = gain * (1.0 - a) + pulse(r, ear, 1, i) * a;
            (ear == 0 ? s.left : s.right)[i] *= (float)gain;
        }
    return s;
}

static void check_equations(test_request q, double tolerance)
{
    reference r = reference_open(&q);
    test_sound right = equations(&r);

    check_reference(q, &right, NULL, tolerance);
    test_sound_free(&right);
    reference_close(&r);
}

static void the_equations_are_followed(void **state)
{
    ps_voice_info info;
    uint32_t made = 0;

    (void)state;
    assert_true(ps_voice_find(VOICE, &info));
    for (uint32_t i = 0; i < 40; i++) {
        test_chance c = {ps_random_key(9, i), 0};
        const bool transition = i % 2 == 1;
        char *all = chance_params(&info, transition, &c, i < 2 ? 0.0 : i < 20 ? 0.4 : 0.9, 1.0);
        char *params = without_suppression(all);
        test_request q = {.function = VOICE,
                          .is_transition = transition,
                          .params = params,
                          .duration_sec = 0.2 + 0.2 * chance(&c),
                          .rate_hz = rate_of_round(i)};

        if (can_be_made(&q)) { /* pan types may differ */
            made++;
            check_equations(q, 3e-6);
        }
        free(params);
        free(all);
    }
    assert_true(made > 25);
}

static void check_members(bool transition, const char *members)
{
    char text[400];
    test_request q = {.function = VOICE,
                      .is_transition = transition,
                      .params = text,
                      .duration_sec = 0.4,
                      .rate_hz = 22050.0};

    snprintf(text, sizeof text, "{%s}", members);
    check_equations(q, 3e-6);
    check_skipping(q);
}

static void fallbacks_go_their_own_ways(void **state)
{
    static const char *const moving[] = {
        "\"pulseRate\": 7, \"startPulseRate\": 5",
        "\"startPulseRate\": 5, \"endBeatFreq\": 9",
        "\"pulseRateL\": 6, \"startPulseRateL\": 3, \"endPulseRateR\": 11",
        "\"rampPercent\": 0.1, \"startRampPercentL\": 0.4, \"endRampPercent\": 0.3",
        "\"rampPercentR\": 0.1, \"startRampPercentR\": 0.4",
        "\"startGapPercent\": 0.5, \"gapPercent\": 0.1",
        "\"startPulseDepth\": 0, \"endPulseDepth\": 0.5",
        "\"pulseDepth\": 0, \"endPulseDepthL\": 1",
        "\"startPulseShape\": \"hann\", \"pulseShapeL\": \"pulse\", \"rampPercent\": 0.3",
        "\"startPulseShapeL\": \"cosine\", \"endPulseShape\": \"raised-cosine\"",
        "\"forceMono\": true, \"startForceMono\": false",
        "\"forceMono\": true, \"startForceMono\": false, \"endForceMono\": false",
        "\"startForceMono\": false, \"endForceMono\": true",
        "\"pulseRate\": -3, \"beatFreq\": -2",
    };

    (void)state;
    for (size_t i = 0; i < sizeof moving / sizeof moving[0]; i++)
        check_members(true, moving[i]);
}

static void pans_are_as_the_reference_makes_them(void **state)
{
    static const char *const pans[] = {
        "\"pan\": 0",
        "\"pan\": 0.6",
        "\"pan\": -7",
        "\"panRangeMin\": 0.8, \"panRangeMax\": -0.4",
        "\"panFreq\": 3",
        "\"panFreq\": -3, \"pan\": 0.2, \"panRangeMax\": 0.7",
        "\"panFreq\": 9, \"panRangeMin\": -1, \"panRangeMax\": 0.3, \"panPhase\": 0.7",
        "\"panFreq\": 9, \"panRangeMin\": -1, \"panRangeMax\": 0.3, \"panPhase\": -2,"
        " \"panType\": \"inward\"",
        "\"panFreq\": 9, \"panRangeMin\": -1, \"panRangeMax\": 0.3, \"panPhase\": -9,"
        " \"panType\": \"outward\"",
        "\"startPan\": -0.5, \"endPan\": 0.5",
        "\"startPanFreq\": -6, \"endPanFreq\": 6, \"panRangeMax\": 1",
        "\"startPanRangeMin\": -0.5, \"endPanRangeMin\": 0.5, \"pan\": 0.1, \"panFreq\": 4,"
        " \"endPanPhase\": 5, \"panType\": \"inward\"",
    };

    (void)state;
    for (size_t i = 0; i < sizeof pans / sizeof pans[0]; i++) {
        check_members(false, pans[i]);
        check_members(true, pans[i]);
    }
}

/* The switch of a transition lasts no time: before it one train alone, after it the other. */
static void a_switch_of_trains_is_sharp(void **state)
{
    (void)state;
    check_members(true, "\"startPulseRate\": 5, \"endPulseRate\": 8, \"initial_offset\": 0.2,"
                        " \"transition_duration\": 0, \"endPulseShape\": \"hann\"");
    check_members(true, "\"startPulseRate\": 5, \"endPulseRate\": 8, \"initial_offset\": 0.1,"
                        " \"transition_duration\": 0.1");
}

static ps_status try_params(const char *params, bool transition, uint64_t frames, ps_error *err)
{
    const test_request q = {.function = VOICE,
                            .is_transition = transition,
                            .params = params,
                            .duration_sec = (double)frames / 44100.0,
                            .rate_hz = 44100.0};
    test_voice v;
    const ps_status status = test_voice_try(&v, &q, NULL, err);

    if (status == PS_OK)
        test_voice_free(&v);
    return status;
}

static void what_cannot_be_made_is_said(void **state)
{
    ps_error err;

    (void)state;
    assert_int_equal(try_params("{\"startPanType\": \"inward\"}", true, 100, &err), PS_OK);
    assert_int_equal(
        try_params("{\"startPanType\": \"inward\", \"endPanType\": \"linear\"}", true, 100, &err),
        PS_BAD_DATA);
    assert_string_equal(err.text, "startPanType and endPanType differ");
    assert_int_equal(
        try_params("{\"startPanType\": \"inward\", \"endPanType\": \"linear\"}", false, 100, &err),
        PS_OK);
    assert_int_equal(try_params("{\"harmonicSuppression\": true}", false, 16, &err), PS_OK);
    assert_int_equal(try_params("{\"harmonicSuppression\": true}", false, 15, &err), PS_BAD_DATA);
    assert_string_equal(err.text, "harmonicSuppression needs more than 15 frames");
    /* Without a cutoff it is left out. */
    assert_int_equal(
        try_params("{\"harmonicSuppression\": \"no\", \"baseFreq\": 0}", false, 15, &err), PS_OK);
}

static void it_is_a_good_voice(void **state)
{
    (void)state;
    check_voice(VOICE, 6e-6);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(check_values_are_met),
        cmocka_unit_test(the_equations_are_followed),
        cmocka_unit_test(fallbacks_go_their_own_ways),
        cmocka_unit_test(pans_are_as_the_reference_makes_them),
        cmocka_unit_test(a_switch_of_trains_is_sharp),
        cmocka_unit_test(what_cannot_be_made_is_said),
        cmocka_unit_test(it_is_a_good_voice),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
