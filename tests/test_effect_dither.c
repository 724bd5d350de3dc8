/* The dither: its steps, the power and the spectrum of its error, what becomes of soft sounds. */
#include "filter_support.h"

#define PI     3.14159265358979323846
#define FRAMES (1u << 17)

static double step_of(int bits)
{
    return ldexp(1.0, 1 - bits);
}

/* A steady value on both sides, through the effect. */
static fx_audio steady(const char *text, double value)
{
    fx_audio a = fx_new(FRAMES);

    for (uint32_t i = 0; i < FRAMES; i++)
        a.left[i] = a.right[i] = (float)value;
    fx_apply(text, &a);
    return a;
}

static void samples_are_whole_steps_within_full_scale(void **state)
{
    static const char *const shapes[] = {"flat", "high"};

    (void)state;
    for (int bits = 4; bits <= 24; bits++) {
        for (int k = 0; k < 2; k++) {
            fx_audio a = fx_noise(5000, 1.5f, 61);
            char text[80];

            snprintf(text, sizeof text, "dither:%d,%s", bits, shapes[k]);
            fx_apply(text, &a);
            for (uint32_t i = 0; i < a.frames; i++) {
                const double steps = (double)a.left[i] / step_of(bits);

                assert_true(steps == floor(steps));
                assert_true(a.left[i] >= -1.0f && (double)a.left[i] <= 1.0 - step_of(bits));
            }
            fx_free(&a);
        }
    }
}

/* Triangular noise two steps wide has a power of 1/6 step^2, rounding adds 1/12: together 1/4, at
   every value. The mean of the error is 0 (Lipshitz, Wannamaker and Vanderkooy). */
static void the_error_has_a_power_of_a_quarter_step_whatever_the_sound(void **state)
{
    static const int bits[] = {8, 12, 16};

    (void)state;
    for (size_t n = 0; n < 3; n++) {
        const double step = step_of(bits[n]);

        for (int part = 0; part < 8; part++) {
            const double value = (0.125 * part + 3.0) * step;
            char text[80];

            snprintf(text, sizeof text, "dither:%d", bits[n]);
            fx_audio a = steady(text, value);
            double sum = 0.0, power = 0.0;
            for (uint32_t i = 0; i < FRAMES; i++) {
                const double error = ((double)a.left[i] - value) / step;

                sum += error;
                power += error * error;
            }
            /* Five deviations of the mean, and of the mean square. */
            assert_near(sum / FRAMES, 0.0, 5.0 * 0.5 / sqrt(FRAMES));
            if (!(fabs(power / FRAMES - 0.25) < 5.0 * 0.3 / sqrt(FRAMES)))
                fail_msg("%s: %g of a step: a power of %g", text, 0.125 * part, power / FRAMES);
            fx_free(&a);
        }
    }
}

/* Powers of the error in 16 bands of equal width, mean of many spectra. */
static void band_powers(const float *samples, double value, double step, double *bands)
{
    const uint32_t length = 512, bins = length / 2;

    memset(bands, 0, 16 * sizeof *bands);
    for (uint32_t first = 0; first + length <= FRAMES; first += 8 * length) {
        for (uint32_t bin = 0; bin < bins; bin++) {
            const double w = 2.0 * PI * (bin + 0.5) / length;
            double re = 0.0, im = 0.0;

            for (uint32_t i = 0; i < length; i++) {
                const double error = ((double)samples[first + i] - value) / step;

                re += error * cos(w * i);
                im += error * sin(w * i);
            }
            bands[bin * 16 / bins] += (re * re + im * im) / length / (bins / 16);
        }
    }
    for (uint32_t k = 0; k < 16; k++)
        bands[k] /= FRAMES / (8 * length);
}

static void the_error_is_white_or_goes_with_the_square_of_1_less_1_over_z(void **state)
{
    (void)state;
    for (int shaped = 0; shaped < 2; shaped++) {
        const double step = step_of(16), value = 0.3 * step;
        fx_audio a = steady(shaped ? "dither:16,high" : "dither:16", value);
        double bands[16];

        band_powers(a.left, value, step, bands);
        for (int k = 0; k < 16; k++) {
            /* |1 - e^-iw|^2 = 2 - 2 cos w, mean over the band. */
            const double low = PI * k / 16, high = PI * (k + 1) / 16;
            const double shape = 2.0 - 2.0 * (sin(high) - sin(low)) / (high - low);
            const double wanted = 0.25 * (shaped ? shape : 1.0);

            /* 32 spectra of 16 bins: the mean deviates by 4.4 %. */
            if (!(fabs(bands[k] - wanted) < 0.2 * wanted + 0.002))
                fail_msg("%s: band %d has %g, not %g", shaped ? "high" : "flat", k, bands[k],
                         wanted);
        }
        fx_free(&a);
    }
}

static void the_sides_have_noise_of_their_own(void **state)
{
    const double step = step_of(16);
    fx_audio a = steady("dither:16", 0.0);
    double both = 0.0;

    (void)state;
    for (uint32_t i = 0; i < FRAMES; i++)
        both += (double)a.left[i] * (double)a.right[i] / (step * step);
    assert_near(both / FRAMES, 0.0, 5.0 * 0.25 / sqrt(FRAMES));
    fx_free(&a);
}

/* Rounded without noise, a sine of 0.7 steps is a square wave: harmonics 10 dB below it. */
static void a_sine_of_less_than_a_step_has_no_distortion(void **state)
{
    static const char *const shapes[] = {"flat", "high"};
    const uint32_t cycles = 3001; /* whole cycles in FRAMES, some 1010 Hz */
    const double step = step_of(16), hz = FX_RATE_HZ * cycles / FRAMES;

    (void)state;
    for (int k = 0; k < 2; k++) {
        fx_audio a = fx_sine(FRAMES, hz, 0.7 * step);
        char text[80];

        snprintf(text, sizeof text, "dither:16,%s", shapes[k]);
        fx_apply(text, &a);
        for (int n = 1; n <= 20; n++) {
            const double w = 2.0 * PI * hz * n / FX_RATE_HZ;
            const double noise = 0.25 * (k == 0 ? 1.0 : 2.0 - 2.0 * cos(w));
            double re, im;

            dft_at(a.left, FRAMES, n * hz, &re, &im);
            const double power = (re * re + im * im) / FRAMES / (step * step);
            if (n == 1)
                assert_near(2.0 * hypot(re, im) / FRAMES / step, 0.7, 0.01);
            else if (!(power < 16.0 * noise)) /* by chance: one in ten million */
                fail_msg("%s: harmonic %d stands out by %g", shapes[k], n, power / noise);
        }
        fx_free(&a);
    }
}

static void a_seed_gives_the_same_noise_again_and_another_one_other_noise(void **state)
{
    fx_audio made[3];
    ps_chain *chain;

    (void)state;
    assert_int_equal(ps_chain_read(&chain, "dither:12", NULL, NULL), PS_OK);
    for (int k = 0; k < 3; k++) {
        const ps_rack_options options = {.seed = k == 2 ? 8 : 7};
        ps_engine *engine = fx_engine(NULL);
        ps_rack *rack;

        made[k] = fx_new(2000);
        assert_int_equal(ps_rack_create(&rack, engine, chain, FX_RATE_HZ, &options, NULL), PS_OK);
        fx_run(rack, &made[k], k == 0 ? 2000 : 0);
        ps_rack_destroy(rack);
        ps_engine_destroy(engine);
    }
    assert_true(fx_difference(&made[0], &made[1]) == 0.0f);
    assert_true(fx_difference(&made[0], &made[2]) > 0.0f);
    for (int k = 0; k < 3; k++)
        fx_free(&made[k]);
    ps_chain_destroy(chain);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(samples_are_whole_steps_within_full_scale),
        cmocka_unit_test(the_error_has_a_power_of_a_quarter_step_whatever_the_sound),
        cmocka_unit_test(the_error_is_white_or_goes_with_the_square_of_1_less_1_over_z),
        cmocka_unit_test(the_sides_have_noise_of_their_own),
        cmocka_unit_test(a_sine_of_less_than_a_step_has_no_distortion),
        cmocka_unit_test(a_seed_gives_the_same_noise_again_and_another_one_other_noise),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
