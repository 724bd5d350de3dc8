/*
 * Zero-phase filtering in chunks against the definition over the whole signal.
 */
#include <math.h>

#include "zero_phase_support.h"

#include "base/random.h"
#include "dsp/zero_phase.h"

#define PI 3.14159265358979323846

/* ---- Signals ---- */

typedef enum signal_kind { NOISE, TONES, STEPS, STEADY, BENDS, HIGH, RARE_NOISE } signal_kind;

typedef struct signal {
    signal_kind kind;
    uint64_t frames, at;
    double rate_hz;
    uint64_t rendered; /* frames, in all */
} signal;

static float sample_of(const signal *s, uint64_t frame, uint32_t ear)
{
    const double t = (double)frame / s->rate_hz;

    switch (s->kind) {
    case NOISE:
        return (float)((double)(int64_t)ps_random_bits(7 + ear, frame) * 0x1p-63);
    case TONES:
        return (float)(0.5 * cos(2.0 * PI * (17.0 + ear) * t) + 0.5 * cos(2.0 * PI * 203.0 * t));
    case STEPS:
        return (frame / (1000 + ear)) % 2 ? 1.0f : -1.0f;
    case STEADY:
        return 1.0f;
    case BENDS: { /* vertical tangents, 600 frames apart */
        const double wave = cos(2.0 * PI * (double)frame / (1200.0 + ear) + 0.1);

        return (float)(copysign(sqrt(fabs(wave)), wave) * cos(2.0 * PI * 203.0 * t));
    }
    case HIGH: /* nothing is smooth */
        return (float)cos(2.0 * PI * (0.44 + 0.01 * ear) * (double)frame);
    case RARE_NOISE: /* smooth chunks and others */
        return frame / 10000 % 2
                   ? 0.0f
                   : (float)((double)(int64_t)ps_random_bits(7 + ear, frame) * 0x1p-63);
    }
    return 0.0f;
}

static void signal_render(void *user, float *left, float *right, uint32_t frames)
{
    signal *s = user;

    assert_true(s->at % PS_ZERO_PHASE_RUN == 0);
    assert_true(frames == PS_ZERO_PHASE_RUN || s->at + frames == s->frames);
    for (uint32_t i = 0; i < frames; i++) {
        left[i] = sample_of(s, s->at + i, 0);
        right[i] = sample_of(s, s->at + i, 1);
    }
    s->at += frames;
    s->rendered += frames;
}

static void signal_skip(void *user, uint64_t frame)
{
    signal *s = user;

    assert_true(frame > s->at && frame % PS_ZERO_PHASE_RUN == 0 && frame < s->frames);
    s->at = frame;
}

static ps_zero_phase *make(signal *s, double highpass_hz, double lowpass_hz, bool whole)
{
    const ps_zero_phase_plan plan = {
        .input = {signal_render, signal_skip, s},
        .rate_hz = s->rate_hz,
        .frames = s->frames,
        .highpass_hz = highpass_hz,
        .lowpass_hz = lowpass_hz,
        .whole = whole,
    };
    ps_zero_phase *filter = NULL;

    s->at = s->rendered = 0;
    assert_int_equal(PS_ROW(ps_zero_phase_create)(&filter, &plan, NULL), PS_OK);
    return filter;
}

static void render_from(ps_zero_phase *filter, const signal *s, uint64_t frame, float *left,
                        float *right)
{
    while (frame < s->frames) {
        const uint64_t rest = s->frames - frame;
        const uint32_t count = rest < PS_ZERO_PHASE_RUN ? (uint32_t)rest : PS_ZERO_PHASE_RUN;

        PS_ROW(ps_zero_phase_render)(filter, left + frame, right + frame, count);
        frame += count;
    }
}

/* Largest difference from the definition. */
static double error_of(signal *s, double highpass_hz, double lowpass_hz, bool whole)
{
    float *ears[2] = {malloc(s->frames * sizeof(float)), malloc(s->frames * sizeof(float))};
    long double *right = malloc(s->frames * sizeof *right);
    ps_zero_phase *filter = make(s, highpass_hz, lowpass_hz, whole);
    double worst = 0.0;

    assert_true(ears[0] && ears[1] && right);
    render_from(filter, s, 0, ears[0], ears[1]);
    for (uint32_t ear = 0; ear < 2; ear++) {
        for (uint64_t i = 0; i < s->frames; i++)
            right[i] = (long double)sample_of(s, i, ear);
        if (highpass_hz > 0.0)
            zero_phase_filter(right, s->frames, true, highpass_hz, s->rate_hz);
        if (lowpass_hz > 0.0)
            zero_phase_filter(right, s->frames, false, lowpass_hz, s->rate_hz);
        for (uint64_t i = 0; i < s->frames; i++) {
            const double error = fabs((double)((long double)ears[ear][i] - right[i]));

            worst = error > worst ? error : worst;
        }
    }
    PS_ROW(ps_zero_phase_destroy)(filter);
    free(ears[0]);
    free(ears[1]);
    free(right);
    return worst;
}

static const struct filters {
    double rate_hz, highpass_hz, lowpass_hz;
} filters[] = {
    {44100.0, 30.0, 19845.0}, {48000.0, 30.0, 21600.0}, {8000.0, 30.0, 3600.0},
    {22050.0, 30.0, 0.0},     {44100.0, 0.0, 300.0},    {44100.0, 0.0, 90.0},
    {22050.0, 0.0, 700.0},    {44100.0, 0.0, 3000.0},   {22050.0, 0.0, 9000.0},
    {8000.0, 0.0, 10.0},      {44100.0, 0.0, 21900.0},  {96000.0, 30.0, 43200.0},
};

#define FILTERS (sizeof filters / sizeof *filters)

static void the_whole_signal_is_filtered_as_defined(void **state)
{
    const uint64_t lengths[] = {16, 17, 255, 256, 257, 5000};

    (void)state;
    for (size_t f = 0; f < FILTERS; f++) {
        for (size_t n = 0; n < sizeof lengths / sizeof *lengths; n++) {
            signal s = {.kind = NOISE, .frames = lengths[n], .rate_hz = filters[f].rate_hz};

            assert_true(error_of(&s, filters[f].highpass_hz, filters[f].lowpass_hz, true) < 4e-7);
        }
    }
}

static void chunks_come_within_4e_7_of_the_whole(void **state)
{
    (void)state;
    for (size_t f = 0; f < FILTERS; f++) {
        for (int kind = NOISE; kind <= RARE_NOISE; kind++) {
            signal s = {.kind = (signal_kind)kind,
                        .frames = 100000 + 1000 * f,
                        .rate_hz = filters[f].rate_hz};
            const double error = error_of(&s, filters[f].highpass_hz, filters[f].lowpass_hz, false);

            if (error >= 4e-7)
                printf("filter %zu, signal %d: %g\n", f, kind, error);
            assert_true(error < 4e-7);
        }
    }
}

static void skipping_leads_to_the_samples_of_rendering(void **state)
{
    enum { FRAMES = 150001 };
    static float all[2][FRAMES], part[2][FRAMES];
    const uint64_t skips[] = {256, 12288, 20480, 24576 + 512, 90112, 130048, 149760};

    (void)state;
    for (size_t i = 0; i < 3 * FILTERS; i++) {
        const signal_kind kinds[] = {NOISE, BENDS, RARE_NOISE};
        const size_t f = i / 3;
        signal s = {.kind = kinds[i % 3], .frames = FRAMES, .rate_hz = filters[f].rate_hz};
        ps_zero_phase *filter = make(&s, filters[f].highpass_hz, filters[f].lowpass_hz, false);

        render_from(filter, &s, 0, all[0], all[1]);
        PS_ROW(ps_zero_phase_destroy)(filter);
        for (size_t k = 0; k < 2 * sizeof skips / sizeof *skips; k++) {
            const uint64_t to = skips[k / 2];

            filter = make(&s, filters[f].highpass_hz, filters[f].lowpass_hz, false);
            if (k % 2) /* from somewhere, not from nowhere */
                PS_ROW(ps_zero_phase_render)(filter, part[0], part[1], PS_ZERO_PHASE_RUN);
            PS_ROW(ps_zero_phase_skip)(filter, to);
            render_from(filter, &s, to, part[0], part[1]);
            PS_ROW(ps_zero_phase_destroy)(filter);
            for (uint32_t ear = 0; ear < 2; ear++)
                assert_memory_equal(all[ear] + to, part[ear] + to, (FRAMES - to) * sizeof(float));
        }
    }
}

/* ---- What is known to be smooth ---- */

/* True of BENDS but for the surroundings of its zeros. */
static bool bends_are_smooth(void *user, uint64_t frame)
{
    bool smooth = true;

    (void)user;
    for (uint32_t ear = 0; ear < 2; ear++) {
        const double half = 0.5 * (1200.0 + ear);
        const double zero = half * (0.5 - 0.1 / PI); /* the first one */
        const double before = fmod((double)frame - 40.0 - zero + 4.0 * half, half);

        smooth = smooth && before + 256.0 + 80.0 < half;
    }
    return smooth;
}

static bool all_is_smooth(void *user, uint64_t frame)
{
    (void)user;
    (void)frame;
    return true;
}

/* Largest difference between the low-passed signal and, where it is asked, the definition. */
static double error_when_told(signal *s, bool (*smooth)(void *, uint64_t), double *differing)
{
    enum { FRAMES = 60000 };
    static float told[2][FRAMES], untold[2][FRAMES];
    ps_zero_phase_plan plan = {
        .input = {signal_render, signal_skip, s, smooth},
        .rate_hz = s->rate_hz,
        .frames = FRAMES,
        .lowpass_hz = 0.45 * s->rate_hz,
    };
    ps_zero_phase *filter = make(s, 0.0, plan.lowpass_hz, false);
    double worst = 0.0, count = 0.0;

    render_from(filter, s, 0, untold[0], untold[1]);
    PS_ROW(ps_zero_phase_destroy)(filter);
    s->at = 0;
    assert_int_equal(PS_ROW(ps_zero_phase_create)(&filter, &plan, NULL), PS_OK);
    render_from(filter, s, 0, told[0], told[1]);
    PS_ROW(ps_zero_phase_destroy)(filter);
    for (uint32_t ear = 0; ear < 2; ear++) {
        for (uint32_t i = 0; i < FRAMES; i++) {
            worst = fmax(worst, fabs((double)told[ear][i] - (double)untold[ear][i]));
            count += told[ear][i] != untold[ear][i];
        }
    }
    *differing = count;
    return worst;
}

static void what_is_known_to_be_smooth_is_left_alone(void **state)
{
    signal bends = {.kind = BENDS, .frames = 60000, .rate_hz = 44100.0};
    signal high = {.kind = HIGH, .frames = 60000, .rate_hz = 44100.0};
    double differing;

    (void)state;
    assert_true(error_when_told(&bends, bends_are_smooth, &differing) < 2.4e-7);
    /* It is believed: of what is said to be smooth, nothing is taken away, except near the ends. */
    assert_true(error_when_told(&high, all_is_smooth, &differing) > 0.1);
    assert_true(error_when_told(&bends, all_is_smooth, &differing) > 1e-3);
    assert_true(differing > 1000.0);
}

static void skipping_far_renders_little(void **state)
{
    static float left[PS_ZERO_PHASE_RUN], right[PS_ZERO_PHASE_RUN];
    signal s = {.kind = NOISE, .frames = UINT64_C(1) << 40, .rate_hz = 44100.0};
    ps_zero_phase *filter = make(&s, 30.0, 19845.0, false);

    (void)state;
    PS_ROW(ps_zero_phase_skip)(filter, UINT64_C(1) << 39);
    PS_ROW(ps_zero_phase_render)(filter, left, right, PS_ZERO_PHASE_RUN);
    assert_true(s.rendered < 44100);
    PS_ROW(ps_zero_phase_destroy)(filter);
}

static void a_steady_signal_loses_all_or_nothing(void **state)
{
    signal s = {.kind = STEADY, .frames = 60000, .rate_hz = 44100.0};
    static float left[60000], right[60000];
    ps_zero_phase *filter = make(&s, 30.0, 0.0, false);

    (void)state;
    render_from(filter, &s, 0, left, right);
    for (uint32_t i = 0; i < 60000; i++)
        assert_true(fabsf(left[i]) < 1e-6f);
    PS_ROW(ps_zero_phase_destroy)(filter);
    filter = make(&s, 0.0, 300.0, false);
    render_from(filter, &s, 0, left, right);
    for (uint32_t i = 0; i < 60000; i++)
        assert_true(fabsf(left[i] - 1.0f) < 1e-6f);
    PS_ROW(ps_zero_phase_destroy)(filter);
}

static void cutoffs_beyond_sense_do_no_harm(void **state)
{
    const double cutoffs[] = {1e-300, 1e-3, 1.9, 22049.999999, 22050.0, 1e300, -1.0};
    static float left[50000], right[50000];

    (void)state;
    for (size_t c = 0; c < sizeof cutoffs / sizeof *cutoffs; c++) {
        signal s = {.kind = NOISE, .frames = 50000, .rate_hz = 44100.0};
        ps_zero_phase *filter = make(&s, 0.0, cutoffs[c], false);

        render_from(filter, &s, 0, left, right);
        for (uint32_t i = 0; i < 50000; i++)
            assert_true(fabsf(left[i]) < 10.0f && fabsf(right[i]) < 10.0f);
        PS_ROW(ps_zero_phase_destroy)(filter);
    }
}

static void create_gives_back_everything_when_memory_runs_out(void **state)
{
    signal s = {.kind = NOISE, .frames = 100000, .rate_hz = 44100.0};
    failing_allocator allocator;
    ps_zero_phase_plan plan = {
        .input = {signal_render, signal_skip, &s},
        .rate_hz = 44100.0,
        .frames = 100000,
        .highpass_hz = 30.0,
        .lowpass_hz = 19845.0,
        .allocator = &allocator.base,
    };
    ps_zero_phase *filter;
    ps_error err;

    (void)state;
    for (long allowed = 0;; allowed++) {
        filter = NULL;
        failing_init(&allocator, allowed);
        const ps_status status = PS_ROW(ps_zero_phase_create)(&filter, &plan, &err);

        if (status == PS_OK)
            break;
        assert_int_equal(status, PS_NO_MEMORY);
        assert_int_equal(allocator.live, 0);
        assert_null(filter);
    }
    PS_ROW(ps_zero_phase_destroy)(filter);
    assert_int_equal(allocator.live, 0);
    plan.frames = 15;
    assert_int_equal(PS_ROW(ps_zero_phase_create)(&filter, &plan, &err), PS_BAD_ARGUMENT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_whole_signal_is_filtered_as_defined),
        cmocka_unit_test(chunks_come_within_4e_7_of_the_whole),
        cmocka_unit_test(skipping_leads_to_the_samples_of_rendering),
        cmocka_unit_test(what_is_known_to_be_smooth_is_left_alone),
        cmocka_unit_test(skipping_far_renders_little),
        cmocka_unit_test(a_steady_signal_loses_all_or_nothing),
        cmocka_unit_test(cutoffs_beyond_sense_do_no_harm),
        cmocka_unit_test(create_gives_back_everything_when_memory_runs_out),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
