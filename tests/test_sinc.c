#include "support.h"

#include <math.h>

#include "kernel/kernel.h"
#include "kernel/sinc.h"

#define PI     3.14159265358979323846
#define SOURCE 140000u
#define FRAMES 16384u
#define MARGIN 64u

static ps_sinc_set *sinc_set(uint32_t taps)
{
    ps_sinc_set *set;

    assert_int_equal(ps_sinc_set_create(&set, taps, NULL, NULL), PS_OK);
    return set;
}

/* Weight k at t of the way through a phase. */
static double weight_at(const float *table, uint32_t taps, uint32_t phase, double t, uint32_t k)
{
    const float *row = table + (size_t)phase * 2 * taps;

    return (double)row[k] + t * (double)row[taps + k];
}

static void every_phase_passes_a_constant_unchanged(void **state)
{
    (void)state;
    for (uint32_t taps = 8; taps <= 32; taps += 24) {
        ps_sinc_set *set = sinc_set(taps);

        for (double step = 0.1; step < 40.0; step *= 1.07) {
            const float *table = ps_sinc_table(set, (uint64_t)(step * 0x1p32));

            for (uint32_t phase = 0; phase < PS_SINC_PHASES; phase++) {
                double first = 0.0, last = 0.0;

                for (uint32_t k = 0; k < taps; k++) {
                    first += weight_at(table, taps, phase, 0.0, k);
                    last += weight_at(table, taps, phase, 1.0, k);
                }
                assert_true(fabs(first - 1.0) < 1e-6 && fabs(last - 1.0) < 1e-6);
            }
        }
        ps_sinc_set_destroy(set);
    }
}

/* Kaiser's window of side lobes beta, x = -1..1: the quotient of two power series. */
static double kaiser(double beta, double x)
{
    const double z = x * x < 1.0 ? beta * sqrt(1.0 - x * x) : 0.0;
    double term = 1.0, above = 1.0, below = 1.0;

    for (int k = 1; k < 60; k++) {
        term *= z * z / (4.0 * k * k);
        above += term;
    }
    term = 1.0;
    for (int k = 1; k < 60; k++) {
        term *= beta * beta / (4.0 * k * k);
        below += term;
    }
    return above / below;
}

/* The largest distance of a phase's weights from the windowed sinc at t. */
static double farthest(const float *table, uint32_t taps, double cutoff, uint32_t phase, double t)
{
    double right[32], sum = 0.0, far = 0.0;

    for (uint32_t k = 0; k < taps; k++) {
        const double at = k - (taps / 2.0 - 1.0) - (phase + t) / PS_SINC_PHASES;
        const double angle = PI * at * cutoff;

        right[k] = kaiser(taps == 8 ? 5.0 : 9.0, at / (taps / 2.0)) *
                   (fabs(angle) < 1e-9 ? 1.0 : sin(angle) / angle);
        sum += right[k];
    }
    for (uint32_t k = 0; k < taps; k++)
        far = fmax(far, fabs(weight_at(table, taps, phase, t, k) - right[k] / sum));
    return far;
}

/* The sinc's curvature is pi^2 / 3 at most, so that lines through two points of 1/128 of a frame
   stay within 2e-5 of it; the first phase, whose points lie less well, within 3e-5. */
static void weights_are_a_windowed_sinc(void **state)
{
    double far = 0.0;

    (void)state;
    for (uint32_t taps = 8; taps <= 32; taps += 24) {
        ps_sinc_set *set = sinc_set(taps);

        for (uint32_t phase = 0; phase < PS_SINC_PHASES; phase++) {
            for (double t = 0.0; t <= 1.0; t += 0.0625) {
                far = fmax(far, farthest(ps_sinc_table(set, 1), taps, 1.0, phase, t));
                far =
                    fmax(far, farthest(ps_sinc_table(set, UINT64_C(2) << 32), taps, 0.5, phase, t));
            }
        }
        ps_sinc_set_destroy(set);
    }
    printf("farthest from the windowed sinc: %.3g\n", far);
    assert_true(far < 3e-5);
}

static void whole_positions_pass_exactly(void **state)
{
    (void)state;
    for (uint32_t taps = 8; taps <= 32; taps += 24) {
        ps_sinc_set *set = sinc_set(taps);
        const float *table = ps_sinc_table(set, UINT64_C(1) << 32);

        for (uint32_t k = 0; k < taps; k++)
            assert_true(table[k] == (k == taps / 2 - 1 ? 1.0f : 0.0f));
        ps_sinc_set_destroy(set);
    }
}

static void a_steeper_step_never_gets_a_wider_table(void **state)
{
    ps_sinc_set *set = sinc_set(32);
    double last = 2.0;

    (void)state;
    for (double step = 0.05; step < 200.0; step *= 1.01) {
        /* the middle tap of phase 0 is the cutoff, nearly */
        const double cutoff = (double)ps_sinc_table(set, (uint64_t)(step * 0x1p32))[15];

        assert_true(cutoff <= last);
        assert_true(step <= 1.0 || step > 4.0 || cutoff < 1.05 / step);
        last = cutoff;
    }
    ps_sinc_set_destroy(set);
}

/* A tone read by some steps through a kernel row; double amplitude 0.5 of full scale. */
static void read_tone(float *out, const ps_kernels *row, const ps_sinc_set *set, uint32_t taps,
                      double cycles, double step, bool floats)
{
    static float source[SOURCE];
    static int16_t source16[SOURCE];
    ps_reading reading = {NULL, 0x12345678u, (uint64_t)(step * 0x1p32), 0, NULL};
    const ps_interpolation mode = taps == 8 ? PS_INTERPOLATE_SINC8 : PS_INTERPOLATE_SINC32;

    for (uint32_t i = 0; i < SOURCE; i++) {
        source[i] = (float)(16384.0 * sin(2.0 * PI * fmod(cycles * i, 1.0)));
        source16[i] = (int16_t)lrintf(source[i]);
    }
    reading.sinc = ps_sinc_table(set, reading.step);
    reading.window =
        floats ? (const uint8_t *)(source + MARGIN) : (const uint8_t *)(source16 + MARGIN);
    (floats ? row->read_float : row->read16)[mode](out, &reading, FRAMES);
}

/* Power of the sinusoid of some cycles per frame in x, and of everything else (least squares: the
   frequency is known). */
static void split(const float *x, double cycles, double *tone, double *rest)
{
    double ss = 0.0, sc = 0.0, cc = 0.0, xs = 0.0, xc = 0.0, xx = 0.0, a, b, det;

    for (uint32_t i = 0; i < FRAMES; i++) {
        const double s = sin(2.0 * PI * fmod(cycles * i, 1.0));
        const double c = cos(2.0 * PI * fmod(cycles * i, 1.0)), v = (double)x[i];

        ss += s * s;
        sc += s * c;
        cc += c * c;
        xs += v * s;
        xc += v * c;
        xx += v * v;
    }
    det = ss * cc - sc * sc;
    a = (xs * cc - xc * sc) / det;
    b = (xc * ss - xs * sc) / det;
    *tone = a * xs + b * xc;
    *rest = xx - *tone;
}

static double sinad_db(const ps_kernels *row, const ps_sinc_set *set, uint32_t taps, double hz,
                       double semitones, bool floats)
{
    static float out[FRAMES];
    /* the step as the reading knows it */
    const double step = floor(exp2(semitones / 12.0) * 0x1p32) * 0x1p-32;
    double tone, rest;

    read_tone(out, row, set, taps, hz / 44100.0, step, floats);
    split(out, hz / 44100.0 * step, &tone, &rest);
    return 10.0 * log10(tone / rest);
}

static void thirty_two_points_keep_a_tone_clean_to_85_db(void **state)
{
    ps_sinc_set *set = sinc_set(32);

    (void)state;
    for (uint32_t i = 0; ps_kernels_row(i); i++) {
        for (int semitones = -7; semitones <= 7; semitones += 7) {
            const double of_floats = sinad_db(ps_kernels_row(i), set, 32, 5512.0, semitones, true);
            const double of_16_bits =
                sinad_db(ps_kernels_row(i), set, 32, 5512.0, semitones, false);

            printf("%s, %+d semitones: %.1f dB, of 16 bits %.1f dB\n", ps_kernels_row(i)->name,
                   semitones, of_floats, of_16_bits);
            assert_true(of_floats >= 110.0);
            assert_true(of_16_bits >= 85.0);
        }
    }
    ps_sinc_set_destroy(set);
}

static void eight_points_keep_a_low_tone_clean_to_60_db(void **state)
{
    ps_sinc_set *set = sinc_set(8);

    (void)state;
    for (int semitones = -7; semitones <= 0; semitones += 7) {
        const double db = sinad_db(&ps_kernels_c, set, 8, 5512.0, semitones, true);

        printf("8 points, %+d semitones: %.1f dB\n", semitones, db);
        assert_true(db >= 60.0);
    }
    ps_sinc_set_destroy(set);
}

static void what_is_pitched_beyond_nyquist_does_not_fold_back(void **state)
{
    static const struct {
        double hz, octaves;
    } tones[] = {{15000.0, 1.0}, {20000.0, 0.5}, {9000.0, 2.0}, {21000.0, 3.0}};
    static float out[FRAMES];
    ps_sinc_set *set = sinc_set(32);

    (void)state;
    for (size_t i = 0; i < sizeof tones / sizeof *tones; i++) {
        double power = 0.0, db;

        read_tone(out, &ps_kernels_c, set, 32, tones[i].hz / 44100.0, exp2(tones[i].octaves), true);
        for (uint32_t n = 0; n < FRAMES; n++)
            power += (double)out[n] * (double)out[n];
        db = 10.0 * log10(power / (FRAMES * 0.5 * 16384.0 * 16384.0));
        printf("%.0f Hz up %.1f octaves: %.1f dB\n", tones[i].hz, tones[i].octaves, db);
        if (i == 0)
            assert_true(db < -60.0);
    }
    ps_sinc_set_destroy(set);
}

static void create_gives_back_everything_when_memory_runs_out(void **state)
{
    failing_allocator f;
    ps_sinc_set *set = NULL;
    ps_status status = PS_NO_MEMORY;

    (void)state;
    for (long allowed = 0; status != PS_OK; allowed++) {
        failing_init(&f, allowed);
        status = ps_sinc_set_create(&set, 8, &f.base, NULL);
        assert_true(status == PS_OK || (status == PS_NO_MEMORY && f.live == 0));
    }
    ps_sinc_set_destroy(set);
    assert_int_equal(f.live, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_phase_passes_a_constant_unchanged),
        cmocka_unit_test(weights_are_a_windowed_sinc),
        cmocka_unit_test(whole_positions_pass_exactly),
        cmocka_unit_test(a_steeper_step_never_gets_a_wider_table),
        cmocka_unit_test(thirty_two_points_keep_a_tone_clean_to_85_db),
        cmocka_unit_test(eight_points_keep_a_low_tone_clean_to_60_db),
        cmocka_unit_test(what_is_pitched_beyond_nyquist_does_not_fold_back),
        cmocka_unit_test(create_gives_back_everything_when_memory_runs_out),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
