/*
 * The top band of signals with kinks, against the zero-phase low-pass as it is defined.
 */
#include <math.h>

#include "zero_phase_support.h"

#include "base/random.h"
#include "dsp/top_band.h"

#define PI 3.14159265358979323846

enum { RUN = PS_TOP_BAND_RUN, CHUNK = 8 * RUN, AROUND = 8 * RUN, ALL = CHUNK + 2 * AROUND };

/* Both ears, with the chunk in the middle. */
typedef struct signal {
    float ears[2][ALL];
} signal;

typedef float (*shape)(double frame, uint32_t ear);

static float tones(double frame, uint32_t ear)
{
    return (float)(0.6 * cos(0.03 * frame + ear) + 0.4 * cos(0.2 * frame));
}

static float steps(double frame, uint32_t ear)
{
    return fmod(frame, 2100.0 + ear) < 900.0 ? 1.0f : -0.5f;
}

static float bends(double frame, uint32_t ear)
{
    const double wave = sin(0.002 * frame + ear);

    return (float)(copysign(pow(fabs(wave), 0.4), wave) * cos(0.03 * frame));
}

/* A hat whose corners lie outside the chunk, near its ends. */
static float hats(double frame, uint32_t ear)
{
    const double from_end = fabs(frame - ALL / 2) - CHUNK / 2 - 30.0 - ear;

    return (float)(from_end > 0.0 ? 0.0004 * from_end : 0.0);
}

static float noise(double frame, uint32_t ear)
{
    return (float)((double)(int64_t)ps_random_bits(3 + ear, (uint64_t)frame) * 0x1p-63);
}

static void fill(signal *s, shape at)
{
    for (uint32_t ear = 0; ear < 2; ear++)
        for (uint32_t i = 0; i < ALL; i++)
            s->ears[ear][i] = at((double)i, ear);
}

/* Takes the top band out of the chunk; false when it is given up. */
static bool take(const signal *s, double band_hz, double rate_hz, float out[2][CHUNK])
{
    ps_top_band *top = PS_ROW(ps_top_band_create)(band_hz, rate_hz, CHUNK, NULL);
    bool good = true;

    assert_non_null(top);
    const int32_t reach = (int32_t)PS_ROW(ps_top_band_reach)(top);
    assert_true(reach % RUN == 0 && reach < AROUND);
    PS_ROW(ps_top_band_begin)(top);
    for (int32_t first = -reach; good && first < CHUNK + reach; first += RUN)
        good = PS_ROW(ps_top_band_add)(top, first, s->ears[0] + AROUND + first,
                                       s->ears[1] + AROUND + first);
    for (uint32_t run = 0; good && run < CHUNK / RUN; run++)
        PS_ROW(ps_top_band_take)
    (top, run, s->ears[0] + AROUND + run * RUN, s->ears[1] + AROUND + run * RUN, out[0] + run * RUN,
     out[1] + run * RUN);
    PS_ROW(ps_top_band_destroy)(top);
    return good;
}

static double error_of(shape at, double band_hz, double rate_hz)
{
    static signal s;
    static float out[2][CHUNK];
    static long double right[ALL];
    double worst = 0.0;

    fill(&s, at);
    assert_true(take(&s, band_hz, rate_hz, out));
    for (uint32_t ear = 0; ear < 2; ear++) {
        for (uint32_t i = 0; i < ALL; i++)
            right[i] = (long double)s.ears[ear][i];
        zero_phase_filter(right, ALL, false, 0.5 * rate_hz - band_hz, rate_hz);
        for (uint32_t i = 0; i < CHUNK; i++)
            worst = fmax(worst, fabs((double)((long double)out[ear][i] - right[AROUND + i])));
    }
    return worst;
}

static void kinks_lose_what_a_low_pass_takes(void **state)
{
    const double bands[] = {1000.0, 2205.0, 5000.0};

    (void)state;
    for (size_t b = 0; b < sizeof bands / sizeof *bands; b++) {
        assert_true(error_of(steps, bands[b], 44100.0) < 4e-7);
        assert_true(error_of(bends, bands[b], 44100.0) < 4e-7);
        assert_true(error_of(hats, bands[b], 44100.0) < 4e-7);
        assert_true(error_of(tones, bands[b], 44100.0) < 4e-7);
    }
}

static void smooth_signals_are_left_alone(void **state)
{
    static signal s;
    static float out[2][CHUNK];

    (void)state;
    fill(&s, tones);
    assert_true(take(&s, 2205.0, 44100.0, out));
    for (uint32_t ear = 0; ear < 2; ear++)
        assert_memory_equal(out[ear], s.ears[ear] + AROUND, sizeof out[ear]);
}

static void where_nothing_is_smooth_it_gives_up(void **state)
{
    static signal s;
    static float out[2][CHUNK];

    (void)state;
    fill(&s, noise);
    assert_false(take(&s, 2205.0, 44100.0, out));
}

/* max |d| of a tone that is just within the limit, times the sum of the answer. */
static void the_limit_keeps_its_promise(void **state)
{
    const double bands[] = {330.0, 2205.0, 11025.0};

    (void)state;
    for (size_t b = 0; b < sizeof bands / sizeof *bands; b++) {
        ps_top_band *top = PS_ROW(ps_top_band_create)(bands[b], 44100.0, CHUNK, NULL);

        assert_non_null(top);
        const double limit = (double)PS_ROW(ps_top_band_limit)(top);
        PS_ROW(ps_top_band_destroy)(top);
        /* The filter passes half the rate with a gain of 1 at most, and the eighth difference
           there is 256 times as large. */
        assert_true(limit > 0.0 && limit / 256.0 < 2.4e-7);
    }
}

static void create_gives_back_everything_when_memory_runs_out(void **state)
{
    failing_allocator allocator;

    (void)state;
    for (long allowed = 0;; allowed++) {
        failing_init(&allocator, allowed);
        ps_top_band *top = PS_ROW(ps_top_band_create)(2205.0, 44100.0, CHUNK, &allocator.base);

        if (top) {
            PS_ROW(ps_top_band_destroy)(top);
            assert_int_equal(allocator.live, 0);
            break;
        }
        assert_int_equal(allocator.live, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(kinks_lose_what_a_low_pass_takes),
        cmocka_unit_test(smooth_signals_are_left_alone),
        cmocka_unit_test(where_nothing_is_smooth_it_gives_up),
        cmocka_unit_test(the_limit_keeps_its_promise),
        cmocka_unit_test(create_gives_back_everything_when_memory_runs_out),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
