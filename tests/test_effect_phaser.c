/* The phaser: its notches at rest, and the chain of allpasses while it moves. */
#include <complex.h>

#include "filter_support.h"

#define PI 3.14159265358979323846

/* 1 - wet + wet C / (1 - feedback C / z), C = ((a + 1/z) / (1 + a/z))^stages. */
static double response(double hz, double corner_hz, int stages, double feedback, double wet)
{
    const double t = tan(PI * corner_hz / FX_RATE_HZ), a = (t - 1.0) / (t + 1.0);
    const double complex late = cexp(-2.0 * PI * I * hz / FX_RATE_HZ);
    const double complex chain = cpow((a + late) / (1.0 + a * late), stages);

    return cabs(1.0 - wet + wet * chain / (1.0 - feedback * late * chain));
}

static double answer_at(const fx_audio *a, double hz)
{
    double re, im;

    dft_at(a->left, a->frames, hz, &re, &im);
    return hypot(re, im);
}

static void at_rest_it_is_the_chain_of_allpasses_at_200_frequencies(void **state)
{
    static const struct {
        double corner_hz, feedback, wet;
        int stages;
    } rows[] = {
        {1000.0, 0.0, 0.5, 2},   {1000.0, 0.0, 0.5, 6},  {300.0, 0.3, 0.5, 4},
        {5000.0, -0.7, 0.8, 12}, {1000.0, 0.9, 0.5, 12}, {2000.0, 0.0, 1.0, 3},
    };

    (void)state;
    for (size_t n = 0; n < sizeof rows / sizeof rows[0]; n++) {
        char text[120];

        snprintf(text, sizeof text, "phaser:low=%g,high=%g,stages=%d,feedback=%g,wet=%g",
                 rows[n].corner_hz, rows[n].corner_hz, rows[n].stages, rows[n].feedback,
                 rows[n].wet);
        fx_audio a = answer_of(text);
        for (uint32_t i = 0; i < FX_POINTS; i++) {
            const double wanted = response(point_hz(i), rows[n].corner_hz, rows[n].stages,
                                           rows[n].feedback, rows[n].wet);

            if (!(fabs(answer_at(&a, point_hz(i)) - wanted) < 1e-4))
                fail_msg("%s: %g at %g Hz, not %g", text, answer_at(&a, point_hz(i)), point_hz(i),
                         wanted);
        }
        fx_free(&a);
    }
}

/* Each allpass turns by 2 atan(tan(w / 2) / t): a notch is where all of them together make an odd
   number of half turns. */
static void its_notches_lie_where_the_phases_say(void **state)
{
    static const double corners_hz[] = {200.0, 1000.0, 6000.0};

    (void)state;
    for (size_t n = 0; n < 3; n++) {
        for (int stages = 2; stages <= 12; stages += 2) {
            const double t = tan(PI * corners_hz[n] / FX_RATE_HZ);
            char text[120];

            snprintf(text, sizeof text, "phaser:low=%g,high=%g,stages=%d,feedback=0", corners_hz[n],
                     corners_hz[n], stages);
            fx_audio a = answer_of(text);
            for (int k = 0; k < stages / 2; k++) {
                const double turn = t * tan(0.5 * PI * (2 * k + 1) / stages);
                const double hz = FX_RATE_HZ / PI * atan(turn);

                if (!(answer_at(&a, hz) < 1e-4))
                    fail_msg("%s: %g at its notch of %g Hz", text, answer_at(&a, hz), hz);
                assert_true(answer_at(&a, 0.97 * hz) > 0.005 && answer_at(&a, 1.03 * hz) > 0.005);
            }
            fx_free(&a);
        }
    }
}

/* By definition, in double: the corner of each frame moves evenly in octaves from low to high. */
static void define(float *samples, uint32_t frames, double rate_hz, double low_hz, double high_hz,
                   int stages, double feedback, double ahead, double wet)
{
    double z[12] = {0.0}, last = 0.0;

    for (uint32_t i = 0; i < frames; i++) {
        const double swing = sin(2.0 * PI * (rate_hz * i / FX_RATE_HZ + ahead));
        const double hz = sqrt(low_hz * high_hz) * pow(high_hz / low_hz, 0.5 * swing);
        const double t = tan(PI * fmin(hz / FX_RATE_HZ, 0.49)), a = (t - 1.0) / (t + 1.0);
        double x = (double)samples[i] + feedback * last;

        for (int k = 0; k < stages; k++) {
            const double y = a * x + z[k];

            z[k] = x - a * y;
            x = y;
        }
        last = x;
        samples[i] = (float)((1.0 - wet) * (double)samples[i] + wet * x);
    }
}

static void while_it_moves_every_sample_is_that_of_the_definition(void **state)
{
    static const struct {
        double rate_hz, low_hz, high_hz, feedback, stereo, wet, most;
        int stages;
    } rows[] = {
        {0.4, 300.0, 3000.0, 0.3, 0.25, 0.5, 1e-5, 6},
        {2.0, 100.0, 8000.0, -0.6, 0.5, 1.0, 5e-4, 4},
        {10.0, 300.0, 3000.0, 0.0, 0.1, 0.5, 1e-3, 12},
    };
    const fx_audio in = fx_noise(40000, 0.5f, 51);

    (void)state;
    for (size_t n = 0; n < sizeof rows / sizeof rows[0]; n++) {
        fx_audio a = fx_copy(&in), wanted = fx_copy(&in);
        char text[120];

        snprintf(text, sizeof text, "phaser:%g,%g,%g,%d,%g,%g,%g", rows[n].rate_hz, rows[n].low_hz,
                 rows[n].high_hz, rows[n].stages, rows[n].feedback, rows[n].stereo, rows[n].wet);
        fx_apply(text, &a);
        for (int side = 0; side < 2; side++)
            define(side == 0 ? wanted.left : wanted.right, in.frames, rows[n].rate_hz,
                   rows[n].low_hz, rows[n].high_hz, rows[n].stages, rows[n].feedback,
                   side == 0 ? 0.0 : rows[n].stereo, rows[n].wet);
        if (!((double)fx_difference(&a, &wanted) < rows[n].most))
            fail_msg("%s: %g away", text, (double)fx_difference(&a, &wanted));
        fx_free(&a);
        fx_free(&wanted);
    }
    fx_free((fx_audio *)&in);
}

static void without_wet_it_leaves_every_bit(void **state)
{
    (void)state;
    fx_leaves("phaser:wet=0,feedback=0.9");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(at_rest_it_is_the_chain_of_allpasses_at_200_frequencies),
        cmocka_unit_test(its_notches_lie_where_the_phases_say),
        cmocka_unit_test(while_it_moves_every_sample_is_that_of_the_definition),
        cmocka_unit_test(without_wet_it_leaves_every_bit),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
