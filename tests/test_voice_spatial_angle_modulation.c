#include "naive_voice.h"

#include "voice/kemar.h"

#define TAPS ((int64_t)PS_KEMAR_TAPS)

/* A number of the path at frame i: a straight line that jumps to its end at the last frame. */
static double *define_line(naive *n, const char *name, const char *start, const char *end,
                           double preset)
{
    const double first = naive_number(n, n->transition ? start : name, preset);
    const double last = n->transition ? naive_number(n, end, preset) : first;
    double *x = naive_array(n);

    for (uint64_t i = 0; i < n->frames; i++)
        x[i] = i + 1 == n->frames ? last : first + (last - first) * (double)i / (double)n->frames;
    return x;
}

static double *define_sum(naive *n, const double *hz)
{
    double *rad = naive_array(n);
    long double sum = 0.0L;

    for (uint64_t i = 0; i < n->frames; i++) {
        sum += 2.0L * 3.14159265358979323846L * (long double)fmax(0.0, hz[i]) /
               (long double)n->rate_hz;
        rad[i] = (double)sum;
    }
    return rad;
}

static const char *define_shape(const naive *n, uint64_t i)
{
    const char *name = !n->transition       ? "pathShape"
                       : i + 1 == n->frames ? "endPathShape"
                                            : "startPathShape";
    const char *shape = json_string_value(json_object_get(n->json, name));

    return shape ? shape : "circle";
}

/* Azimuth in degrees, by way of a position. */
static double define_azimuth(const char *shape, double psi, double hz, double r, double from,
                             double to)
{
    const double turn = psi / (2.0 * PI) - floor(psi / (2.0 * PI));
    const double larger = fmax(fabs(cos(psi)), fabs(sin(psi)));
    const double xs = r * cos(psi) / larger, ys = r * sin(psi) / larger;
    double theta = from + (to - from) * (1.0 - cos(psi)) / 2.0, x = r * sin(psi), y = r * cos(psi);

    if (strcmp(shape, "oscillating_arc") == 0)
        theta = from + (to - from) * (1.0 - 2.0 * fabs(turn - 0.5));
    if (strcmp(shape, "linear") == 0) {
        x = 0.0;
        y = r * sin(psi);
    } else if (strstr(shape, "arc")) {
        x = r * sin(theta * PI / 180.0);
        y = r * cos(theta * PI / 180.0);
    } else if (strcmp(shape, "square") == 0) {
        x = xs;
        y = ys;
    } else if (strcmp(shape, "diamond") == 0) {
        x = (xs + ys) / sqrt(2.0);
        y = (ys - xs) / sqrt(2.0);
    }
    if (hz < 1e-6) {
        x = 0.0;
        y = r;
    }
    return r == 0.0 ? 0.0 : atan2(x, y) * 180.0 / PI;
}

static uint32_t define_nearest(double azimuth)
{
    double best = 1e9;
    uint32_t nearest = 0;

    for (uint32_t k = 0; k < 72; k++) {
        const double apart = fabs(remainder(azimuth - 5.0 * k, 360.0));

        if (apart < best) {
            best = apart;
            nearest = k;
        }
    }
    return nearest;
}

/* Adds a frame's sound through the left ear's response to a direction. */
static void define_heard(naive *n, double *out, const double *sound, int64_t start, int64_t length,
                         uint32_t direction)
{
    for (int64_t i = 0; i < length + TAPS - 1 && start + i < (int64_t)n->frames; i++) {
        double sum = 0.0;

        for (int64_t k = i - length + 1 > 0 ? i - length + 1 : 0; k < TAPS && k <= i; k++)
            sum += ps_kemar_left[direction][k] / 32768.0 * sound[i - k];
        out[start + i] += sum;
    }
}

static void define(naive *n, double *left, double *right)
{
    const double amp = fmin(fmax(naive_number(n, "amp", 0.7), 0.0), 1.0);
    const double *hz = define_line(n, "carrierFreq", "startCarrierFreq", "endCarrierFreq", 440.0);
    const double *beat = define_line(n, "beatFreq", "startBeatFreq", "endBeatFreq", 4.0);
    const double *radius = define_line(n, "pathRadius", "startPathRadius", "endPathRadius", 1.0);
    const double *from = define_line(n, "arcStartDeg", "startArcStartDeg", "endArcStartDeg", 0.0);
    const double *to = define_line(n, "arcEndDeg", "startArcEndDeg", "endArcEndDeg", 360.0);
    const double *phi = define_sum(n, hz), *psi = define_sum(n, beat);
    const double overlap = trunc(naive_number(n, "overlap_factor", 8.0));
    const int64_t length =
        (int64_t)rint(naive_number(n, "frame_dur_ms", 46.4) / 1000.0 * n->rate_hz);
    const int64_t hop = (int64_t)floor((double)length / overlap), frames = (int64_t)n->frames;
    double *sound = calloc((size_t)length, sizeof *sound), peak = 0.0;

    for (int64_t s = 0; s < frames; s += hop) {
        const int64_t m = s + hop / 2 < frames - 1 ? s + hop / 2 : frames - 1;
        const uint32_t k = define_nearest(define_azimuth(define_shape(n, (uint64_t)m), psi[m],
                                                         beat[m], radius[m], from[m], to[m]));

        for (int64_t i = 0; i < length; i++) {
            const double w = 0.5 - 0.5 * cos(2.0 * PI * (double)i / ((double)length - 1.0));

            sound[i] = s + i >= frames ? 0.0 : amp * sin(phi[s + i]);
            sound[i] *= overlap == 2.0 || overlap == 4.0 ? sqrt(w) : w;
        }
        define_heard(n, left, sound, s, length, k);
        define_heard(n, right, sound, s, length, (72 - k) % 72);
    }
    for (int64_t i = 0; i < frames; i++)
        peak = fmax(peak, fmax(fabs(left[i]), fabs(right[i])));
    for (int64_t i = 0; i < frames && peak > 1.0; i++) {
        left[i] *= 0.98 / peak;
        right[i] *= 0.98 / peak;
    }
    free(sound);
}

static const struct example {
    bool is_transition;
    const char *params;
} examples[] = {
    {false, "{\"amp\": 0.1, \"beatFreq\": 7.3}"},
    {false, "{\"pathShape\": \"square\", \"carrierFreq\": 1333.3, \"pathRadius\": -2}"},
    {false, "{\"pathShape\": \"linear\", \"beatFreq\": 11, \"overlap_factor\": 2.9}"},
    {false,
     "{\"pathShape\": \"arc\", \"arcStartDeg\": -70, \"arcEndDeg\": 80, \"overlap_factor\": 4}"},
    {false, "{\"pathShape\": \"diamond\", \"frame_dur_ms\": 11.3, \"overlap_factor\": 5}"},
    {false, "{\"pathShape\": \"oscillating_arc\", \"arcStartDeg\": 30, \"arcEndDeg\": 333}"},
    {false, "{\"pathShape\": \"Circle\", \"pathRadius\": 0, \"carrierFreq\": 90}"},
    {true, "{\"startCarrierFreq\": 200, \"endCarrierFreq\": 530, \"startBeatFreq\": 3, "
           "\"endBeatFreq\": 9}"},
    {true, "{\"startCarrierFreq\": 700, \"endCarrierFreq\": 0, \"startPathShape\": \"arc\", "
           "\"endPathShape\": \"square\", \"startArcStartDeg\": -20, \"endArcEndDeg\": 90}"},
    {true, "{\"carrierFreq\": 1, \"startPathRadius\": 1, \"endPathRadius\": -1, "
           "\"initial_offset\": 0.05, \"transition_duration\": 0.01}"},
};

#define EXAMPLES (sizeof examples / sizeof *examples)

static void it_is_what_the_equations_say(void **state)
{
    (void)state;
    for (size_t e = 0; e < EXAMPLES; e++) {
        test_request q = {.function = "spatial_angle_modulation",
                          .is_transition = examples[e].is_transition,
                          .params = examples[e].params,
                          .duration_sec = 0.08,
                          .rate_hz = 44100.0,
                          .reference = true};
        naive n;

        naive_open(&n, &q);
        double *left = naive_array(&n), *right = naive_array(&n);
        define(&n, left, right);
        naive_compare(q, left, right, 2e-6);
        naive_close(&n);
    }
}

static void the_specifications_check_values_come_out(void **state)
{
    static const test_point s1[] = {
        {500, -0.0119169, -0.0119169}, {1000, -0.0463683, -0.0461397}, {5000, 0.0987933, 0.1003655},
        {20000, 0.0626817, 0.0940033}, {44099, 0.0170243, -0.0721128},
    };
    static const test_point s2[] = {
        {500, -0.0171492, -0.0981452},   {1000, -0.0636193, -0.4464606},
        {5000, 0.1704017, -0.9600711},   {20000, 0.6337523, 0.5904540},
        {66149, -0.1810027, -0.7535383},
    };
    static const test_point s3[] = {
        {500, 0.0668428, 0.0668428},     {1000, -0.2257637, -0.2257637},
        {5000, 0.5908362, 0.4454036},    {20000, 0.1787820, 0.5878802},
        {88199, -0.6265052, -0.5357437},
    };
    test_request q = {.function = "spatial_angle_modulation", .rate_hz = 44100.0};

    (void)state;
    q.reference = true;
    q.duration_sec = 1.0;
    q.params = "{\"carrierFreq\": 250, \"beatFreq\": 0.37, \"amp\": 0.1}";
    check_points(q, s1, 5, 2e-6);
    q.reference = false; /* nothing to bring down */
    check_points(q, s1, 5, 2e-6);
    q.reference = true;
    q.duration_sec = 1.5;
    q.params =
        "{\"pathShape\": \"arc\", \"arcStartDeg\": -70, \"arcEndDeg\": 80, \"beatFreq\": 0.7}";
    check_points(q, s2, 5, 2e-6);
    q.duration_sec = 2.0;
    q.is_transition = true;
    q.params = "{\"startCarrierFreq\": 200, \"endCarrierFreq\": 330, \"startBeatFreq\": 0.3, "
               "\"endBeatFreq\": 1.7}";
    check_points(q, s3, 5, 2e-6);
}

/* The estimate of the level against the level. */
static void the_peak_is_brought_near_0_98(void **state)
{
    (void)state;
    for (size_t e = 0; e < EXAMPLES; e++) {
        test_request q = {.function = "spatial_angle_modulation",
                          .is_transition = examples[e].is_transition,
                          .params = examples[e].params,
                          .duration_sec = 0.8,
                          .rate_hz = 44100.0,
                          .reference = true};
        test_sound right = test_render(&q), sound;

        q.reference = false;
        sound = test_render(&q);
        const double is = test_peak(&sound), should = test_peak(&right);
        if (fabs(is - should) > 0.02 * should)
            fail_msg("%g instead of %g: %s", is, should, q.params);
        test_sound_free(&sound);
        test_sound_free(&right);
    }
}

/* Square of an ear's level away from the start. */
static double power_of(const float *x, uint64_t frames)
{
    double sum = 0.0;

    for (uint64_t i = frames / 2; i < frames; i++)
        sum += (double)x[i] * (double)x[i];
    return sum;
}

static void pitch_and_ears_do_not_depend_on_the_rate(void **state)
{
    const double rates[] = {22050.0, 44100.0, 48000.0, 96000.0};
    double apart_db[4];

    (void)state;
    for (uint32_t r = 0; r < 4; r++) {
        test_request q = {.function = "spatial_angle_modulation",
                          .params = "{\"pathShape\": \"arc\", \"arcStartDeg\": 60, "
                                    "\"arcEndDeg\": 60, \"carrierFreq\": 1500, \"amp\": 0.05}",
                          .duration_sec = 1.0,
                          .rate_hz = rates[r]};
        test_sound s = test_render(&q);
        uint64_t crossings = 0;

        for (uint64_t i = s.frames / 2; i + 1 < s.frames; i++)
            crossings += (s.left[i] < 0.0f) != (s.left[i + 1] < 0.0f);
        assert_true(crossings >= 1499 && crossings <= 1501);
        apart_db[r] = 10.0 * log10(power_of(s.left, s.frames) / power_of(s.right, s.frames));
        assert_true(fabs(apart_db[r] - apart_db[0]) < 0.05);
        test_sound_free(&s);
    }
    assert_true(apart_db[0] > 5.0); /* 60 degrees is left */
}

static void nothing_to_frame_is_silence(void **state)
{
    const char *params[] = {"{\"overlap_factor\": 1.9}", "{\"frame_dur_ms\": 0}",
                            "{\"frame_dur_ms\": -3}", "{\"frame_dur_ms\": 0.05}"};

    (void)state;
    for (size_t p = 0; p < sizeof params / sizeof *params; p++) {
        test_request q = {.function = "spatial_angle_modulation",
                          .params = params[p],
                          .duration_sec = 0.1,
                          .rate_hz = 44100.0};
        test_sound s = test_render(&q);

        assert_true(test_peak(&s) == 0.0);
        test_sound_free(&s);
    }
}

static void windows_without_end_are_refused(void **state)
{
    const char *params[] = {"{\"overlap_factor\": 1e9}", "{\"frame_dur_ms\": 1e9}"};
    test_voice v;
    ps_error err;

    (void)state;
    for (size_t p = 0; p < sizeof params / sizeof *params; p++) {
        test_request q = {.function = "spatial_angle_modulation",
                          .params = params[p],
                          .duration_sec = 0.1,
                          .rate_hz = 44100.0};

        assert_int_equal(test_voice_try(&v, &q, NULL, &err), PS_UNSUPPORTED);
    }
}

static void skipping_leads_to_the_samples_of_rendering(void **state)
{
    (void)state;
    for (size_t e = 0; e < EXAMPLES; e++)
        check_skipping((test_request){.function = "spatial_angle_modulation",
                                      .is_transition = examples[e].is_transition,
                                      .params = examples[e].params,
                                      .duration_sec = 0.3,
                                      .rate_hz = 44100.0,
                                      .reference = e % 3 == 0});
}

/* Parameters by chance; wild ones, where windows are refused, are the tests above. */
static void it_does_what_every_voice_must(void **state)
{
    ps_voice_info info;

    (void)state;
    assert_true(ps_voice_find("spatial_angle_modulation", &info));
    for (uint32_t i = 0; i < 12; i++) {
        test_chance c = {ps_random_key(1, i), 0};
        char *params = chance_params(&info, i % 2, &c, i < 2 ? 0.0 : 0.8, 1.0);
        test_request q = {.function = "spatial_angle_modulation",
                          .is_transition = i % 2,
                          .params = params,
                          .duration_sec = 0.1 + 0.3 * chance(&c),
                          .rate_hz = 22050.0,
                          .reference = i % 5 == 4};

        check_skipping(q);
        check_bound(q);
        check_rows(q, 2e-6);
        if (i < 4)
            check_failing_allocations(q);
        free(params);
    }
}

static void absurd_numbers_stay_finite(void **state)
{
    const char *params[] = {
        "{\"amp\": 1e300, \"carrierFreq\": 1e300, \"beatFreq\": 1e300, \"pathRadius\": -1e300}",
        "{\"amp\": -1e300, \"carrierFreq\": -1e300, \"beatFreq\": -1e300}",
        "{\"pathShape\": \"arc\", \"arcStartDeg\": -1e300, \"arcEndDeg\": 1e300}",
        "{\"startCarrierFreq\": 1e300, \"endCarrierFreq\": -1e300, \"startBeatFreq\": 1e300}",
    };

    (void)state;
    for (size_t p = 0; p < sizeof params / sizeof *params; p++)
        check_bound((test_request){.function = "spatial_angle_modulation",
                                   .is_transition = p == 3,
                                   .params = params[p],
                                   .duration_sec = 0.2,
                                   .rate_hz = 22050.0});
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_is_what_the_equations_say),
        cmocka_unit_test(the_specifications_check_values_come_out),
        cmocka_unit_test(the_peak_is_brought_near_0_98),
        cmocka_unit_test(pitch_and_ears_do_not_depend_on_the_rate),
        cmocka_unit_test(nothing_to_frame_is_silence),
        cmocka_unit_test(windows_without_end_are_refused),
        cmocka_unit_test(skipping_leads_to_the_samples_of_rendering),
        cmocka_unit_test(it_does_what_every_voice_must),
        cmocka_unit_test(absurd_numbers_stay_finite),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
