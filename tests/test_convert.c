#include "support.h"

#include <math.h>

#include "dsp/convert.h"

#define PI     3.14159265358979323846
#define FRAMES 6000u

static const double rates[][2] = {
    {44100.0, 48000.0}, {48000.0, 44100.0}, {22050.0, 48000.0},  {48000.0, 22050.0},
    {8000.0, 192000.0}, {192000.0, 8000.0}, {44100.0, 44099.99}, {11025.0, 44100.0},
    {16000.0, 44100.0}, {37800.1, 44100.0},
};

static double tone(double hz, double rate_hz, double frame)
{
    return sin(2.0 * PI * fmod(hz / rate_hz * frame, 1.0) + 0.3);
}

/* The largest difference from a gain times the tone, away from the ends. */
static double error_of(double hz, double from_hz, double to_hz, double gain)
{
    const uint64_t frames = ps_converted_frames(FRAMES, from_hz, to_hz);
    const uint64_t margin = (uint64_t)(80.0 * fmax(1.0, to_hz / from_hz));
    float *in = malloc(FRAMES * sizeof *in), *out = malloc(frames * sizeof *out);
    double worst = 0.0;

    for (uint32_t i = 0; i < FRAMES; i++)
        in[i] = (float)tone(hz, from_hz, i);
    assert_int_equal(ps_convert_rate(out, in, FRAMES, from_hz, to_hz, NULL, NULL), PS_OK);
    assert_true(frames > 2 * margin);
    for (uint64_t i = margin; i < frames - margin; i++)
        worst = fmax(worst, fabs((double)out[i] - gain * tone(hz, to_hz, (double)i)));
    free(in);
    free(out);
    return worst;
}

static void a_tone_of_the_pass_band_is_the_same_tone(void **state)
{
    (void)state;
    for (size_t r = 0; r < sizeof rates / sizeof rates[0]; r++) {
        const double nyquist = fmin(rates[r][0], rates[r][1]) / 2.0;

        for (double share = 0.0; share <= 0.9; share += 0.45)
            assert_true(error_of(share * nyquist, rates[r][0], rates[r][1], 1.0) < 2e-5);
    }
}

static void a_tone_the_new_rate_cannot_hold_is_gone(void **state)
{
    (void)state;
    for (size_t r = 0; r < sizeof rates / sizeof rates[0]; r++) {
        const double from = rates[r][0] / 2.0, to = rates[r][1] / 2.0;

        for (double share = 1.0; share <= 0.99 * from / to; share += 0.13)
            assert_true(error_of(share * to, rates[r][0], rates[r][1], 0.0) < 2e-5);
    }
}

static void it_lasts_as_long(void **state)
{
    (void)state;
    assert_int_equal(ps_converted_frames(5000, 22050.0, 44100.0), 10000);
    assert_int_equal(ps_converted_frames(44100, 44100.0, 48000.0), 48000);
    assert_int_equal(ps_converted_frames(1, 44100.0, 48000.0), 2);
    assert_int_equal(ps_converted_frames(1, 48000.0, 44100.0), 1);
    assert_int_equal(ps_converted_frames(0, 48000.0, 44100.0), 0);
}

/* Short inputs are all edge: what lies outside counts as zero. */
static void an_impulse_is_the_filter_wherever_it_lies(void **state)
{
    float in[9] = {0.0f}, out[18], middle[18];

    (void)state;
    in[4] = 1.0f;
    assert_int_equal(ps_convert_rate(middle, in, 9, 24000.0, 48000.0, NULL, NULL), PS_OK);
    for (uint32_t i = 0; i < 18; i++)
        assert_true(fabs((double)middle[i] - (double)middle[16 - (i < 17 ? i : 16)]) < 1e-6 ||
                    i == 17);
    for (uint32_t at = 0; at < 9; at++) {
        memset(in, 0, sizeof in);
        in[at] = 1.0f;
        assert_int_equal(ps_convert_rate(out, in, 9, 24000.0, 48000.0, NULL, NULL), PS_OK);
        for (uint32_t i = 0; i < 18; i++) {
            const int64_t same = (int64_t)i + 8 - 2 * (int64_t)at;

            if (same >= 0 && same < 18)
                assert_true(fabs((double)(out[i] - middle[same])) < 1e-6);
        }
    }
}

static void rates_that_are_none_are_refused(void **state)
{
    static const double bad[][2] = {
        {0.0, 44100.0}, {44100.0, 0.0}, {-1.0, 44100.0}, {44100.0, 1e9}, {1e9, 44100.0},
    };
    const float in[1] = {1.0f};
    float out[1] = {7.0f};
    ps_error err;

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_equal(ps_convert_rate(out, in, 1, bad[i][0], bad[i][1], NULL, &err),
                         PS_UNSUPPORTED);
    assert_int_equal(ps_convert_rate(out, in, 1, (double)NAN, 44100.0, NULL, &err), PS_UNSUPPORTED);
    assert_true(out[0] == 7.0f);
}

static void failing_allocations_come_back_clean(void **state)
{
    static const float in[100];
    float out[200];

    (void)state;
    for (long allowed = 0;; allowed++) {
        failing_allocator heap;
        ps_error err;

        failing_init(&heap, allowed);
        const ps_status status = ps_convert_rate(out, in, 100, 1.0, 2.0, &heap.base, &err);
        assert_int_equal(heap.live, 0);
        if (status == PS_OK)
            break;
        assert_int_equal(status, PS_NO_MEMORY);
        assert_true(allowed < 10);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_tone_of_the_pass_band_is_the_same_tone),
        cmocka_unit_test(a_tone_the_new_rate_cannot_hold_is_gone),
        cmocka_unit_test(it_lasts_as_long),
        cmocka_unit_test(an_impulse_is_the_filter_wherever_it_lies),
        cmocka_unit_test(rates_that_are_none_are_refused),
        cmocka_unit_test(failing_allocations_come_back_clean),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
