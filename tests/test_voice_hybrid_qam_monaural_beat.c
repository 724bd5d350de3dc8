#include "naive_voice.h"
#include "zero_phase_support.h"

static double *chain(naive *n, const char *name, double preset)
{
    char start[64], end[64];

    snprintf(start, sizeof start, "start%c%s", name[0] - 'a' + 'A', name + 1);
    snprintf(end, sizeof end, "end%c%s", name[0] - 'a' + 'A', name + 1);
    return naive_chain(n, name, start, end, preset);
}

static void define_left(naive *n, double *out)
{
    const double *amp = chain(n, "ampL", 0.5), *hz = chain(n, "qamCarrierFreqL", 100.0);
    const double *am_hz = chain(n, "qamAmFreqL", 4.0), *depth = chain(n, "qamAmDepthL", 0.5);
    const double *offset = chain(n, "qamAmPhaseOffsetL", 0.0);
    long double phase = (long double)chain(n, "qamStartPhaseL", 0.0)[0];

    for (uint64_t i = 0; i < n->frames; i++) {
        const double t = (double)i * n->dt;
        double e = 1.0;

        if (am_hz[i] != 0.0 && depth[i] != 0.0)
            e += depth[i] * cos(2.0 * PI * am_hz[i] * t + offset[i]);
        out[i] = (double)(float)(e * cos((double)phase) * amp[i]);
        phase += 2.0L * 3.14159265358979323846L * (long double)(hz[i] * n->dt);
    }
}

/* Frequency of a tone of the right ear, `side` beats from the centre. */
static double *define_pitch(naive *n, double side)
{
    const double *centre = chain(n, "monoCarrierFreqR", 100.0);
    const double *beat = chain(n, "monoBeatFreqInChannelR", 4.0);
    const double *range = chain(n, "monoFmRangeR", 0.0), *fm_hz = chain(n, "monoFmFreqR", 0.0);
    const double *offset = chain(n, "monoFmPhaseOffsetR", 0.0);
    double *hz = naive_array(n);

    for (uint64_t i = 0; i < n->frames; i++) {
        const double t = (double)i * n->dt;
        double f = centre[i];

        if (fm_hz[i] != 0.0 && range[i] != 0.0)
            f += range[i] / 2.0 * sin(2.0 * PI * fm_hz[i] * t + offset[i]);
        hz[i] = fmax(0.0, fmax(0.0, f) + side * beat[i]);
    }
    return hz;
}

static double *define_tone(naive *n, const char *start, double side)
{
    const double *hz = define_pitch(n, side);
    const double *swing_hz = chain(n, "monoPhaseOscFreqR", 0.0);
    const double *range = chain(n, "monoPhaseOscRangeR", 0.0);
    const double *offset = chain(n, "monoPhaseOscPhaseOffsetR", 0.0);
    long double phase = (long double)chain(n, start, 0.0)[0];
    double *tone = naive_array(n);

    for (uint64_t i = 0; i < n->frames; i++) {
        const double t = (double)i * n->dt;
        const double d = range[i] / 2.0 * sin(2.0 * PI * swing_hz[i] * t + offset[i]);

        tone[i] = sin((double)phase + (side < 0.0 ? -d : d));
        phase += 2.0L * 3.14159265358979323846L * (long double)(hz[i] * n->dt);
    }
    return tone;
}

static void define_right(naive *n, double *out)
{
    const double *amp = chain(n, "ampR", 0.5);
    const double *depth = chain(n, "monoAmDepthR", 0.0), *am_hz = chain(n, "monoAmFreqR", 0.0);
    const double *offset = chain(n, "monoAmPhaseOffsetR", 0.0);
    const double *lower = define_tone(n, "monoStartPhaseR_Tone1", -0.5);
    const double *upper = define_tone(n, "monoStartPhaseR_Tone2", 0.5);

    for (uint64_t i = 0; i < n->frames; i++) {
        const double t = (double)i * n->dt;
        double a = 1.0;

        if (am_hz[i] != 0.0 && depth[i] != 0.0)
            a -= fmin(fmax(depth[i], 0.0), 1.0) * 0.5 *
                 (1.0 + sin(2.0 * PI * am_hz[i] * t + offset[i]));
        out[i] = (double)(float)((lower[i] + upper[i]) * a * amp[i]);
    }
}

static void define(naive *n, double *left, double *right)
{
    define_left(n, left);
    define_right(n, right);
    zero_phase_voice(left, n->frames, n->rate_hz);
    zero_phase_voice(right, n->frames, n->rate_hz);
}

static void it_is_what_the_equations_say(void **state)
{
    (void)state;
    naive_check("hybrid_qam_monaural_beat", define, 4e-6);
}

#define SET_B                                                                                      \
    "\"ampL\": 0.7, \"ampR\": 0.35, \"qamCarrierFreqL\": 140, \"qamAmFreqL\": 3.3, "               \
    "\"qamAmDepthL\": 0.8, \"qamAmPhaseOffsetL\": 0.3, \"qamStartPhaseL\": 0.9, "                  \
    "\"monoCarrierFreqR\": 155, \"monoBeatFreqInChannelR\": 7.1, \"monoAmDepthR\": 0.6, "          \
    "\"monoAmFreqR\": 2.2, \"monoAmPhaseOffsetR\": 0.5, \"monoFmRangeR\": 22, "                    \
    "\"monoFmFreqR\": 1.7, \"monoFmPhaseOffsetR\": 0.8, \"monoStartPhaseR_Tone1\": 0.2, "          \
    "\"monoStartPhaseR_Tone2\": 1.4, \"monoPhaseOscFreqR\": 0.6, \"monoPhaseOscRangeR\": 1.1, "    \
    "\"monoPhaseOscPhaseOffsetR\": 0.7"

/* x falls back on set B; the ends are 1.3 x + 0.1. */
static const char set_b_moving[] =
    "{" SET_B ", \"initial_offset\": 0.4, \"transition_duration\": 0.9, \"endAmpL\": 1.01, "
    "\"endAmpR\": 0.555, \"endQamCarrierFreqL\": 182.1, \"endQamAmFreqL\": 4.39, "
    "\"endQamAmDepthL\": 1.14, \"endQamAmPhaseOffsetL\": 0.49, \"endQamStartPhaseL\": 1.27, "
    "\"endMonoCarrierFreqR\": 201.6, \"endMonoBeatFreqInChannelR\": 9.33, "
    "\"endMonoAmDepthR\": 0.88, \"endMonoAmFreqR\": 2.96, \"endMonoAmPhaseOffsetR\": 0.75, "
    "\"endMonoFmRangeR\": 28.7, \"endMonoFmFreqR\": 2.31, \"endMonoFmPhaseOffsetR\": 1.14, "
    "\"endMonoStartPhaseR_Tone1\": 0.36, \"endMonoStartPhaseR_Tone2\": 1.92, "
    "\"endMonoPhaseOscFreqR\": 0.88, \"endMonoPhaseOscRangeR\": 1.53, "
    "\"endMonoPhaseOscPhaseOffsetR\": 1.01}";

static void the_specifications_check_values_come_out(void **state)
{
    static const test_point h1[] = {
        {0, 0.3666732, 0.0017896},      {1, 0.3677183, 0.0156576},
        {50, 0.2397379, 0.6415821},     {1000, -0.0523782, 0.9613643},
        {20000, -0.3558908, 0.6702555}, {44099, 0.0847622, -0.1236199},
    };
    static const test_point h2[] = {
        {0, 0.3096411, 0.0897120},     {50, -0.6890696, 0.1426087},
        {1000, 1.0814658, -0.0020539}, {20000, -0.2025245, 0.1818616},
        {59258, 0.0835261, 0.1199827},
    };
    static const test_point h3[] = {
        {0, 0.2962707, 0.0908788},      {50, -0.7901481, 0.1367182},
        {1000, -0.4286679, -0.0161094}, {20000, -0.0574134, 0.0159133},
        {88199, -0.2892568, 0.0535413},
    };
    test_request q = {.function = "hybrid_qam_monaural_beat"};

    (void)state;
    for (int reference = 0; reference < 2; reference++) {
        q.reference = reference;
        q.is_transition = false;
        q.params = "{}";
        q.duration_sec = 1.0;
        q.rate_hz = 44100.0;
        check_points(q, h1, 6, 2e-6);
        q.params = "{" SET_B "}";
        q.duration_sec = 1.23457;
        q.rate_hz = 48000.0;
        check_points(q, h2, 5, 2e-6);
        q.params = set_b_moving;
        q.is_transition = true;
        q.duration_sec = 2.0;
        q.rate_hz = 44100.0;
        check_points(q, h3, 5, 2e-6);
    }
}

/* Long enough for chunks between the ends. */
static void long_steps_are_what_the_equations_say(void **state)
{
    (void)state;
    for (int transition = 0; transition < 2; transition++) {
        test_request q = {.function = "hybrid_qam_monaural_beat",
                          .is_transition = transition,
                          .params = set_b_moving,
                          .duration_sec = 4.3,
                          .rate_hz = 22050.0};
        naive n;

        naive_open(&n, &q);
        double *left = naive_array(&n), *right = naive_array(&n);
        define(&n, left, right);
        naive_compare(q, left, right, 3e-6);
        naive_close(&n);
        check_skipping(q);
    }
}

static void it_does_what_every_voice_must(void **state)
{
    (void)state;
    check_voice("hybrid_qam_monaural_beat", 4e-6);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_is_what_the_equations_say),
        cmocka_unit_test(the_specifications_check_values_come_out),
        cmocka_unit_test(long_steps_are_what_the_equations_say),
        cmocka_unit_test(it_does_what_every_voice_must),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
