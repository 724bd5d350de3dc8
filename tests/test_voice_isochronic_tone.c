/* The pulsing tone, against its equations and the values of the specification. */
#include "carrier_reference.h"

#define VOICE "isochronic_tone"
#define SET_I SET_B ", \"beatFreq\": 5.3, \"rampPercent\": 0.3, \"gapPercent\": 0.2"

static const test_request one_second = {.function = VOICE, .duration_sec = 1.0, .rate_hz = 44100.0};

static void static_check_values_are_met(void **state)
{
    static const test_point points[] = {
        {0, 0.0000792, -0.0001651},     {1, 0.0001676, -0.0003255},
        {777, 0.1221726, 0.0311299},    {12345, -0.4131772, -0.3932922},
        {22049, 0.3451722, -0.0547369}, {44099, 0.6307865, 0.2318194},
    };
    static const test_point filtered[] = {
        {0, 0.0000241, 0.0000393},     {1, 0.0000724, 0.0001182},
        {777, 0.0385121, 0.0628460},   {12345, -0.2009941, -0.3279925},
        {22049, 0.0737913, 0.1204164}, {44099, -0.1534227, -0.2503632},
    };
    test_request q = one_second;

    (void)state;
    q.params = "{" SET_I "}";
    check_points(q, points, 6, 2e-6);
    q.params = "{" SET_I ", \"pan\": 0.3, \"harmonicSuppression\": true}";
    check_points(q, filtered, 6, 2e-6);
    q.reference = true;
    check_points(q, filtered, 6, 2e-6);
}

static void transition_check_values_are_met(void **state)
{
    static const test_point points[] = {
        {0, 0.0000390, -0.0001427},     {1, 0.0000827, -0.0002816},
        {777, 0.0647389, 0.0235781},    {12345, -0.2156265, -0.3358981},
        {22049, -0.0232605, 0.0526607}, {44099, 0.0253713, -0.1811765},
    };
    static const test_point filtered[] = {
        {0, 0.0005983, -0.0013459},     {1, 0.0007641, -0.0013970},
        {777, 0.1221609, 0.0278670},    {12345, -0.4340614, -0.3912443},
        {22049, 0.0000005, -0.0000002}, {44099, 0.2442750, 0.1447482},
    };
    char *panned =
        moving_set(SET_I, SET_TM ", \"transition_curve\": \"exponential\", \"pan\": 0.3");
    char *suppressed = moving_set(SET_I, SET_TM ", \"harmonicSuppression\": true");
    test_request q = one_second;

    (void)state;
    q.is_transition = true;
    q.params = panned;
    check_points(q, points, 6, 2e-6);
    q.params = suppressed;
    check_points(q, filtered, 6, 2e-6);
    free(panned);
    free(suppressed);
}

/* The pulse of section 2.4, tau and length in seconds. */
static double trapezoid(double tau, double length, double ramp, double gap, bool clamped)
{
    const double a = (1.0 - gap) * length;
    double r = fmin(a * ramp * 2.0, a);

    if (length <= 0.0 || a <= 0.0)
        return 0.0;
    if (clamped)
        r = fmax(r, 0.0);
    const double u = r / 2.0, e = u + (a - r);
    if (tau >= a)
        return 0.0;
    return tau < u ? tau / u : tau < e ? 1.0 : u == 0.0 ? 0.0 : 1.0 - (tau - e) / u;
}

/* S-chain without the static name for tone and rate. */
static double own_at(const reference *r, const char *name, double preset, uint64_t i)
{
    char start[96], end[96];

    if (!r->transition)
        return reference_number(r, name, preset);
    ps_parameter_name(start, sizeof start, "start", name);
    ps_parameter_name(end, sizeof end, "end", name);
    const double from = reference_number(r, start, preset), to = reference_number(r, end, from);
    return from + (to - from) * r->alpha[i];
}

/* Sections 5.2 and 5.4 up to the pan. `edges` receives 1 where a sharp pulse may be either way. */
static test_sound equations(const reference *r, char *edges)
{
    test_sound s = {calloc(r->frames, sizeof(float)), calloc(r->frames, sizeof(float)), r->frames};
    const double step = r->transition ? 1.0 / r->rate : r->dt;
    const double pan = fmin(fmax(reference_number(r, "pan", 0.0), -1.0), 1.0);
    const double angle = (pan + 1.0) * TWO_PI / 8.0;
    double sum[2] = {0.0, 0.0}, turns[2] = {0.0, 0.0}, cycles = 0.0;

    for (uint64_t i = 0; i < r->frames; i++) {
        const double base = own_at(r, "baseFreq", 200.0, i), rate = own_at(r, "beatFreq", 4.0, i);
        const bool mono = reference_at(r, "forceMono", 0.0, i) > (r->transition ? 0.5 : 0.0);
        double ramp = reference_at(r, "rampPercent", 0.2, i);
        double gap = reference_at(r, "gapPercent", 0.15, i), out[2];

        cycles += fmax(0.0, rate) * step;
        if (r->transition) {
            ramp = fmin(fmax(ramp, 0.0), 1.0);
            gap = fmin(fmax(gap, 0.0), 1.0);
        }
        const double length = rate > 1e-9 ? 1.0 / rate : 0.0, u = cycles - floor(cycles);
        const double gate = trapezoid(u * length, length, ramp, gap, r->transition);
        edges[i] = ramp <= 0.0 && fmin(fmin(u, 1.0 - u), fabs(u - 1.0 + gap)) < 1e-7;
        for (uint32_t ear = 0; ear < 2; ear++) {
            turns[ear] += reference_ear(r, "freqOscFreq", ear, 0.0, i) * step;
            const double v = mono ? 0.0 : reference_vibrato(r, ear, i, turns[ear], false);
            const double f = fmax(0.0, (r->transition ? fmax(0.0, base) : base) + v);
            const double before = sum[ear];

            sum[ear] += TWO_PI * f * step;
            const double d = reference_wobble(r, i) * (ear == 0 ? -1.0 : 1.0);
            out[ear] = sin(reference_ear(r, "startPhase", ear, 0.0, i) + d +
                           (r->transition ? before : sum[ear])) *
                       gate * reference_tremolo(r, ear, i) * reference_ear(r, "amp", ear, 0.5, i);
        }
        if (pan != 0.0) {
            const double middle = 0.5 * (out[0] + out[1]);

            out[0] = cos(angle) * (r->transition ? out[0] : middle);
            out[1] = sin(angle) * (r->transition ? out[1] : middle);
        }
        s.left[i] = (float)out[0];
        s.right[i] = (float)out[1];
    }
    return s;
}

static void check_equations(test_request q, double tolerance)
{
    reference r = reference_open(&q);
    char *edges = calloc(r.frames, 1);
    test_sound right = equations(&r, edges);

    check_reference(q, &right, edges, tolerance);
    test_sound_free(&right);
    reference_close(&r);
    free(edges);
}

static void the_equations_are_followed(void **state)
{
    ps_voice_info info;

    (void)state;
    assert_true(ps_voice_find(VOICE, &info));
    for (uint32_t i = 0; i < 24; i++) {
        test_chance c = {ps_random_key(8, i), 0};
        const bool transition = i % 2 == 1;
        char *all = chance_params(&info, transition, &c, i < 2 ? 0.0 : i < 12 ? 0.4 : 1.0, 1.0);
        char *params = without_suppression(all);
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

static void odd_pulses_are_as_the_reference_makes_them(void **state)
{
    static const char *const pulses[] = {
        "\"rampPercent\": 0",
        "\"rampPercent\": -0.3",
        "\"rampPercent\": 0.5",
        "\"rampPercent\": 7",
        "\"gapPercent\": 0",
        "\"gapPercent\": 1",
        "\"gapPercent\": 1.5",
        "\"gapPercent\": -0.3",
        "\"gapPercent\": -0.3, \"rampPercent\": 0.4",
        "\"gapPercent\": -1.5, \"rampPercent\": 0.45",
        "\"gapPercent\": -9, \"rampPercent\": 0.45",
        "\"gapPercent\": 0.99, \"rampPercent\": 0.01",
        "\"beatFreq\": 0, \"startBeatFreq\": 0",
        "\"beatFreq\": -3, \"startBeatFreq\": -3",
        "\"beatFreq\": 1e-10, \"startBeatFreq\": 1e-10",
    };

    (void)state;
    for (size_t i = 0; i < sizeof pulses / sizeof pulses[0]; i++) {
        char text[160];
        test_request q = {
            .function = VOICE, .params = text, .duration_sec = 0.7, .rate_hz = 8000.0};

        snprintf(text, sizeof text, "{\"beatFreq\": 7.1, \"startBeatFreq\": 7.1, %s}", pulses[i]);
        check_equations(q, 3e-6);
        q.is_transition = true;
        check_equations(q, 3e-6);
    }
}

static void force_mono_switches_at_one_half(void **state)
{
    test_request q = {.function = VOICE,
                      .is_transition = true,
                      .duration_sec = 0.5,
                      .rate_hz = 22050.0,
                      .params = "{\"startForceMono\": false, \"endForceMono\": 1.0,"
                                " \"freqOscRangeL\": 20, \"freqOscFreqL\": 5}"};

    (void)state;
    check_equations(q, 3e-6);
    check_skipping(q);
    q.params = "{\"forceMono\": true, \"freqOscRangeL\": 20, \"freqOscFreqL\": 5}";
    check_equations(q, 3e-6);
    q.is_transition = false;
    check_equations(q, 3e-6);
}

static void expect_failure(test_request q, const char *what)
{
    ps_error err = {0};
    test_voice v;

    assert_int_equal(test_voice_try(&v, &q, NULL, &err), PS_BAD_DATA);
    if (!strstr(err.text, what))
        fail_msg("%s", err.text);
}

static void what_cannot_be_made_is_said(void **state)
{
    test_request q = one_second;

    (void)state;
    q.params = "{\"harmonicSuppression\": true, \"baseFreq\": 0}";
    expect_failure(q, "harmonicSuppression needs a baseFreq above 0");
    q.params = "{\"harmonicSuppression\": \"yes\"}";
    q.duration_sec = 15.0 / 44100.0;
    expect_failure(q, "harmonicSuppression needs more than 15 frames");
    q = one_second;
    q.is_transition = true;
    q.params = "{\"startForceMono\": \"true\"}";
    expect_failure(q, "startForceMono is not a number");
    q.params = "{\"forceMono\": \"true\"}";
    expect_failure(q, "forceMono is not a number");
    q.params = "{\"forceMono\": \"true\", \"startForceMono\": 0, \"endForceMono\": []}";
    expect_failure(q, "endForceMono is not a number");
}

static void the_cutoff_follows_the_mean_of_the_tone(void **state)
{
    /* A tone that is below 0 half of the time: the mean is a quarter of its end, 100 Hz. */
    test_request q = {.function = VOICE,
                      .is_transition = true,
                      .duration_sec = 1.0,
                      .rate_hz = 8000.0,
                      .reference = true,
                      .params = "{\"startBaseFreq\": -400, \"endBaseFreq\": 400,"
                                " \"harmonicSuppression\": true, \"startBeatFreq\": 6}"};
    double before = 0.0, after = 0.0;

    (void)state;
    test_sound s = test_render(&q);
    for (uint64_t i = 5200; i < 5700; i++) /* 120 to 170 Hz */
        before = fmax(before, fabs((double)s.left[i]));
    for (uint64_t i = 7000; i < 8000; i++) /* 300 to 400 Hz */
        after = fmax(after, fabs((double)s.left[i]));
    assert_true(before > 0.2 && after < 0.01);
    test_sound_free(&s);
}

static void it_is_a_good_voice(void **state)
{
    (void)state;
    check_voice(VOICE, 6e-6);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(static_check_values_are_met),
        cmocka_unit_test(transition_check_values_are_met),
        cmocka_unit_test(the_equations_are_followed),
        cmocka_unit_test(odd_pulses_are_as_the_reference_makes_them),
        cmocka_unit_test(force_mono_switches_at_one_half),
        cmocka_unit_test(what_cannot_be_made_is_said),
        cmocka_unit_test(the_cutoff_follows_the_mean_of_the_tone),
        cmocka_unit_test(it_is_a_good_voice),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
