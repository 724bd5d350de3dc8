#include "support.h"

#include <math.h>

#include "dsp/resample.h"

#define PI 3.14159265358979323846

static double noise(uint32_t *state)
{
    *state = *state * 1664525u + 1013904223u;
    return (double)*state / 2147483648.0 - 1.0;
}

/* The definition: bins by sums, those both lengths have, back by sums. */
static void naive(double *out, size_t m, const float *in, size_t n)
{
    const size_t q = n < m ? n : m;

    memset(out, 0, m * sizeof *out);
    for (size_t k = 0; k <= q / 2; k++) {
        double re = 0.0, im = 0.0;

        for (size_t j = 0; j < n; j++) {
            re += (double)in[j] * cos(2.0 * PI * (double)(j * k % n) / (double)n);
            im -= (double)in[j] * sin(2.0 * PI * (double)(j * k % n) / (double)n);
        }
        if (q % 2 == 0 && k == q / 2) {
            re *= m < n ? 2.0 : m > n ? 0.5 : 1.0;
            im *= m < n ? 2.0 : m > n ? 0.5 : 1.0;
        }
        /* A bin and its mirror image, except at 0 and at half the new rate. */
        const double both = k == 0 || 2 * k == m ? 1.0 : 2.0;
        for (size_t j = 0; j < m; j++) {
            const double angle = 2.0 * PI * (double)(j * k % m) / (double)m;

            out[j] += both * (re * cos(angle) - (both > 1.0 ? im * sin(angle) : 0.0)) / (double)n;
        }
    }
}

static void any_lengths_agree_with_the_definition(void **state)
{
    static const size_t lengths[] = {1, 2, 3, 4, 7, 10, 16, 31, 100, 101, 360};
    enum { COUNT = sizeof lengths / sizeof lengths[0] };
    float in[720], out[360];
    double right[360];
    uint32_t seed = 3;

    (void)state;
    for (size_t i = 0; i < 720; i++)
        in[i] = (float)noise(&seed);
    for (size_t i = 0; i < COUNT; i++) {
        for (size_t j = 0; j < COUNT; j++) {
            const size_t n = lengths[i], m = lengths[j];

            assert_int_equal(ps_resample_whole(out, m, in, n, 1, NULL, NULL, NULL), PS_OK);
            naive(right, m, in, n);
            for (size_t k = 0; k < m; k++)
                assert_true(fabs((double)out[k] - right[k]) < 3e-7);
        }
    }
}

static void a_tone_keeps_its_pitch_and_level(void **state)
{
    enum { FROM = 16000, TO = 44100 };
    float *in = malloc(2 * FROM * sizeof *in), *out = malloc(TO * sizeof *out);

    (void)state;
    for (size_t i = 0; i < FROM; i++) { /* the second of two channels */
        in[2 * i] = 7.0f;
        in[2 * i + 1] = (float)sin(2.0 * PI * 440.0 * (double)i / (double)FROM);
    }
    assert_int_equal(ps_resample_frames(FROM, 16000.0, 44100.0), TO);
    assert_int_equal(ps_resample_whole(out, TO, in + 1, FROM, 2, NULL, NULL, NULL), PS_OK);
    for (size_t i = 0; i < TO; i++)
        assert_true(fabs((double)out[i] - sin(2.0 * PI * 440.0 * (double)i / (double)TO)) < 2e-7);
    free(in);
    free(out);
}

static void lengths_are_rounded_down(void **state)
{
    (void)state;
    assert_int_equal(ps_resample_frames(1000, 44100.0, 48000.0), 1088);
    assert_int_equal(ps_resample_frames(3, 48000.0, 8000.0), 0);
    assert_int_equal(ps_resample_frames(UINT64_MAX, 1.0, 1e9), UINT64_C(1) << 63);
}

static void odd_lengths_of_nothing_are_fine(void **state)
{
    float out[3] = {1.0f, 1.0f, 1.0f}, in[1] = {1.0f};
    ps_error err;

    (void)state;
    assert_int_equal(ps_resample_whole(out, 3, in, 0, 1, NULL, NULL, NULL), PS_OK);
    assert_true(out[0] == 0.0f && out[1] == 0.0f && out[2] == 0.0f);
    assert_int_equal(ps_resample_whole(out, 0, in, 1, 1, NULL, NULL, NULL), PS_OK);
    assert_int_equal(ps_resample_whole(out, UINT64_MAX, in, 1, 1, NULL, NULL, &err),
                     PS_BAD_ARGUMENT);
}

static void failing_memory_is_given_back(void **state)
{
    const float in[22] = {1.0f};
    float out[26];
    ps_status status = PS_NO_MEMORY;

    (void)state;
    for (long allowed = 0; status != PS_OK; allowed++) {
        failing_allocator f;

        failing_init(&f, allowed);
        status = ps_resample_whole(out, 26, in, 22, 1, NULL, &f.base, NULL);
        assert_true(status == PS_OK || status == PS_NO_MEMORY);
        assert_int_equal(f.live, 0);
        assert_true(allowed < 20);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_lengths_agree_with_the_definition),
        cmocka_unit_test(a_tone_keeps_its_pitch_and_level),
        cmocka_unit_test(lengths_are_rounded_down),
        cmocka_unit_test(odd_lengths_of_nothing_are_fine),
        cmocka_unit_test(failing_memory_is_given_back),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
