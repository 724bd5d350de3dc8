#include "dsp/true_peak.h"

#include <math.h>

#include "support.h"

#include "base/random.h"
#include "kernel/kernel.h"
#include "plainsong/engine.h"

#define LATE   PS_TRUE_PEAK_LATE
#define FRAMES 4096u

static const double turn = 6.283185307179586;

/* -1..1 */
static void fill_noise(float *x, uint32_t frames, uint64_t seed)
{
    for (uint32_t i = 0; i < frames; i++)
        x[i] = (float)(int32_t)(ps_random_bits(seed, i) >> 32) * 0x1p-31f;
}

static ps_true_peak make(const char *row)
{
    ps_true_peak t;

    memset(&t, 0x5a, sizeof t);
    ps_true_peak_init(&t, row);
    return t;
}

/* ---- Against the definitions ---------------------------------------------------------------- */

/* A sine of a frequency in cycles per frame, at all four points of every frame but the first. */
static double worst_error(const char *row, double hz, double phase)
{
    static float in[FRAMES], out[4 * FRAMES];
    ps_true_peak t = make(row);
    double worst = 0.0;

    for (uint32_t i = 0; i < FRAMES; i++)
        in[i] = (float)sin(turn * (hz * i + phase));
    ps_true_peak_oversample(&t, in, out, FRAMES);
    for (uint32_t i = 4 * 64; i < 4 * FRAMES; i++) {
        const double at = 0.25 * i - LATE;
        const double error = fabs((double)out[i] - sin(turn * (hz * at + phase)));

        worst = error > worst ? error : worst;
    }
    return worst;
}

static void sines_go_on_between_the_samples(void **state)
{
    (void)state;
    for (uint32_t r = 0; ps_kernel_row_name(r); r++) {
        for (uint32_t i = 0; i <= 200; i++) {
            const double hz = 0.4535 * i / 200.0;
            const double allowed = hz <= 0.4 ? 0.0005 : 0.00103;

            if (!(worst_error(ps_kernel_row_name(r), hz, 0.1 * i) <= allowed))
                fail_msg("%s: %.6f at %.4f of the rate", ps_kernel_row_name(r),
                         worst_error(ps_kernel_row_name(r), hz, 0.1 * i), hz);
        }
    }
}

static double bessel_i0(double x)
{
    double term = 1.0, sum = 1.0;

    for (int k = 1; k < 60; k++) {
        term *= (0.5 * x / k) * (0.5 * x / k);
        sum += term;
    }
    return sum;
}

/* The weights of one side by the formula of true_peak_run.c. */
static void weigh(double *weight, int count, double b)
{
    double sum = 0.0;

    for (int k = 0; k < count; k++) {
        const double d = k + 0.5, x = 0.5 * turn * d;
        const double along = d / count;

        weight[k] = sin(x) / x * bessel_i0(b * sqrt(1.0 - along * along));
        sum += 2.0 * weight[k];
    }
    for (int k = 0; k < count; k++)
        weight[k] /= sum;
}

/* An impulse gives the weights back. */
static void the_weights_follow_their_formula(void **state)
{
    float in[64] = {1.0f}, out[4 * 64];
    double half[22], quarter[5], doubled[2 * 64] = {0.0};
    ps_true_peak t = make("c");

    (void)state;
    weigh(half, 22, 6.45);
    weigh(quarter, 5, 8.8);
    ps_true_peak_oversample(&t, in, out, 64);
    doubled[2 * LATE] = 1.0; /* at twice the rate */
    for (uint32_t k = 0; k < 22; k++)
        doubled[2 * LATE + 1 + 2 * k] = doubled[2 * LATE - 1 - 2 * k] = half[k];
    for (uint32_t i = 5; i < 2 * 64 - 6; i++) {
        double between = 0.0;

        for (uint32_t k = 0; k < 5; k++)
            between += quarter[k] * (doubled[i - k] + doubled[i + 1 + k]);
        assert_true(fabs((double)out[2 * i] - doubled[i]) < 1e-7);
        assert_true(fabs((double)out[2 * i + 1] - between) < 1e-7);
    }
}

static void a_constant_stays_what_it_is(void **state)
{
    float in[300], out[300];
    ps_true_peak t = make("c");

    (void)state;
    for (uint32_t i = 0; i < 300; i++)
        in[i] = -0.75f;
    ps_true_peak_follow(&t, in, out, 300);
    for (uint32_t i = 50; i < 300; i++)
        assert_true(fabs((double)out[i] - 0.75) < 1e-6);
}

/* ---- Against itself ------------------------------------------------------------------------- */

static void every_row_gives_what_plain_c_gives(void **state)
{
    (void)state;
    for (uint32_t r = 0; ps_kernel_row_name(r); r++) {
        for (uint32_t frames = 0; frames <= 67; frames++) {
            float past[48], in[68], right[4 * 68], out[4 * 68 + 1];
            ps_true_peak a = make("c"), b = make(ps_kernel_row_name(r));

            fill_noise(past, 48, frames);
            fill_noise(in, frames, 1000 + frames);
            ps_true_peak_follow(&a, past, right, 48);
            ps_true_peak_follow(&b, past, out, 48);
            for (uint32_t i = 0; i <= 4 * 68; i++)
                out[i] = 12345.678f;
            ps_true_peak_oversample(&a, in, right, frames);
            ps_true_peak_oversample(&b, in, out, frames);
            for (uint32_t i = 0; i < 4 * frames; i++)
                assert_true(fabsf(out[i] - right[i]) < 2e-6f);
            assert_true(out[4 * frames] == 12345.678f);
            ps_true_peak_follow(&a, in, right, frames);
            ps_true_peak_follow(&b, in, out, frames);
            for (uint32_t i = 0; i < frames; i++)
                assert_true(fabsf(out[i] - right[i]) < 2e-6f);
        }
    }
}

static void what_is_followed_is_the_largest_of_four(void **state)
{
    static float in[FRAMES], four[4 * FRAMES], most[FRAMES];
    ps_true_peak a = make("c"), b = make("c");

    (void)state;
    fill_noise(in, FRAMES, 3);
    ps_true_peak_oversample(&a, in, four, FRAMES);
    ps_true_peak_follow(&b, in, most, FRAMES);
    for (uint32_t i = 0; i < FRAMES; i++) {
        const float *p = four + 4 * i;
        const float largest =
            fmaxf(fmaxf(fabsf(p[0]), fabsf(p[1])), fmaxf(fabsf(p[2]), fabsf(p[3])));

        assert_true(fabsf(most[i] - largest) < 1e-6f);
        assert_true(four[4 * i] == (i < LATE ? 0.0f : in[i - LATE]));
    }
}

static void the_size_of_blocks_does_not_matter(void **state)
{
    static float in[FRAMES], whole[FRAMES], parts[FRAMES];
    uint32_t size = 1;

    (void)state;
    fill_noise(in, FRAMES, 4);
    for (uint32_t r = 0; ps_kernel_row_name(r); r++) {
        ps_true_peak a = make(ps_kernel_row_name(r)), b = make(ps_kernel_row_name(r));

        ps_true_peak_follow(&a, in, whole, FRAMES);
        memcpy(parts, in, sizeof parts);
        for (uint32_t at = 0; at < FRAMES; at += size) { /* in place, too */
            size = size * 3 % 701 + 1;
            size = size < FRAMES - at ? size : FRAMES - at;
            ps_true_peak_follow(&b, parts + at, parts + at, size);
        }
        assert_memory_equal(whole, parts, sizeof whole);
    }
}

/* Louder and quieter runs, so that some can be skipped. */
static void the_most_is_found_though_runs_are_skipped(void **state)
{
    static float in[FRAMES], out[FRAMES];

    (void)state;
    for (uint32_t seed = 0; seed < 50; seed++) {
        ps_true_peak a = make(ps_kernels_find(NULL)->name), b = a;
        float most = 0.0f, found = 0.0f;
        uint32_t size = 1 + seed;

        fill_noise(in, FRAMES, 100 + seed);
        for (uint32_t i = 0; i < FRAMES; i++)
            in[i] *= (float)fabs(sin(0.003 * i * (1 + seed % 7)));
        ps_true_peak_follow(&a, in, out, FRAMES);
        for (uint32_t i = 0; i < FRAMES; i++)
            most = out[i] > most ? out[i] : most;
        for (uint32_t at = 0; at < FRAMES; at += size) {
            size = size * 3 % 701 + 1;
            size = size < FRAMES - at ? size : FRAMES - at;
            found = ps_true_peak_most(&b, in + at, size, found);
        }
        assert_true(found == most);
        assert_true(ps_true_peak_most(&b, in, 0, 3.0f) == 3.0f);
    }
}

static void reset_forgets_the_past(void **state)
{
    float in[100], before[100], after[100];
    ps_true_peak t = make("c");

    (void)state;
    fill_noise(in, 100, 5);
    ps_true_peak_follow(&t, in, before, 100);
    ps_true_peak_reset(&t);
    ps_true_peak_follow(&t, in, after, 100);
    assert_memory_equal(before, after, sizeof before);
}

/* The worst signal for the point half-way has the signs of its weights. */
static void nothing_passes_the_stated_bound(void **state)
{
    float in[48] = {0.0f}, weights[4 * 48], out[48], noise[FRAMES], most = 0.0f;
    ps_true_peak t = make("c");

    (void)state;
    in[0] = 1.0f;
    ps_true_peak_oversample(&t, in, weights, 48);
    for (uint32_t i = 0; i < 48; i++)
        in[47 - i] = weights[4 * i + 2] < 0.0f ? -1.0f : 1.0f;
    ps_true_peak_reset(&t);
    ps_true_peak_follow(&t, in, out, 48);
    for (uint32_t i = 0; i < 48; i++)
        most = fmaxf(most, out[i]);
    assert_true(most > 0.999f * PS_TRUE_PEAK_MOST && most <= PS_TRUE_PEAK_MOST);

    fill_noise(noise, FRAMES, 6);
    for (uint32_t i = 0; i < FRAMES; i++)
        noise[i] = noise[i] < 0.0f ? -1.0f : 1.0f;
    ps_true_peak_follow(&t, noise, noise, FRAMES);
    for (uint32_t i = 0; i < FRAMES; i++)
        assert_true(noise[i] <= PS_TRUE_PEAK_MOST);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sines_go_on_between_the_samples),
        cmocka_unit_test(the_weights_follow_their_formula),
        cmocka_unit_test(a_constant_stays_what_it_is),
        cmocka_unit_test(every_row_gives_what_plain_c_gives),
        cmocka_unit_test(what_is_followed_is_the_largest_of_four),
        cmocka_unit_test(the_size_of_blocks_does_not_matter),
        cmocka_unit_test(the_most_is_found_though_runs_are_skipped),
        cmocka_unit_test(reset_forgets_the_past),
        cmocka_unit_test(nothing_passes_the_stated_bound),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
