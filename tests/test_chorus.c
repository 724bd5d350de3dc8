#include "dsp/chorus.h"

#define EFFECT ps_chorus
#include "sending.h"

static const struct {
    double middle_sec, hz, start_cycles;
} taps[4] = {
    {0.0110, 0.31, 0.00}, {0.0190, 0.43, 0.25}, {0.0135, 0.31, 0.50}, {0.0220, 0.43, 0.75}};

/* A tap's delay at some time, by its definition. */
static double delay_sec(uint32_t tap, double t_sec)
{
    const double u = 2.0 * fmod(t_sec * taps[tap].hz + taps[tap].start_cycles, 1.0) - 1.0;

    return taps[tap].middle_sec + 0.0022 * 4.0 * u * (1.0 - fabs(u));
}

/* What is wrong about a tone, in dB of it. */
static double error_of_tone(double hz, double rate_hz)
{
    const double two_pi = 2.0 * acos(-1.0);
    sound s = sound_make((uint32_t)(3.0 * rate_hz));
    double wrong = 0.0, right = 0.0;

    for (uint32_t i = 0; i < s.frames; i++)
        s.in[i] = (float)sin(two_pi * hz * (i / rate_hz));
    sound_through(&s, rate_hz);
    for (uint32_t i = (uint32_t)(0.03 * rate_hz); i < s.frames; i++) {
        const double t = i / rate_hz;

        for (uint32_t side = 0; side < 2; side++) {
            const double y = 0.42 * (sin(two_pi * hz * (t - delay_sec(2 * side, t))) +
                                     sin(two_pi * hz * (t - delay_sec(2 * side + 1, t))));
            const double e = (double)(side ? s.right : s.left)[i] - y;

            wrong += e * e;
            right += y * y;
        }
    }
    free(s.in);
    return 10.0 * log10(wrong / right);
}

static void tones_are_delayed_as_defined(void **state)
{
    (void)state;
    assert_true(error_of_tone(100.0, 44100.0) < -78.0);
    assert_true(error_of_tone(1000.0, 44100.0) < -80.0);
    assert_true(error_of_tone(2500.0, 44100.0) < -80.0);
    assert_true(error_of_tone(4100.0, 44100.0) < -78.0);
    assert_true(error_of_tone(8000.0, 44100.0) < -45.0);
    assert_true(error_of_tone(8000.0, 96000.0) < -75.0);
    assert_true(error_of_tone(700.0, 8000.0) < -80.0);
}

static void noise_comes_out_four_decibels_down(void **state)
{
    sound s = sound_make(44100 * 2);
    double in_db;

    (void)state;
    sound_noise(&s, 0, s.frames, 1);
    /* Softened, as interpolation takes the highest octave a little. */
    for (uint32_t i = s.frames - 1; i > 0; i--)
        s.in[i] = 0.5f * (s.in[i] + s.in[i - 1]);
    sound_through(&s, 44100.0);
    in_db = rms_db(s.in, s.frames);
    assert_true(fabs(rms_db(s.left, s.frames) - in_db + 4.5) < 0.5);
    assert_true(fabs(rms_db(s.right, s.frames) - in_db + 4.5) < 0.5);
    free(s.in);
}

static void it_falls_silent_after_its_longest_delay(void **state)
{
    sound s = sound_make(6400);
    ps_chorus *chorus = NULL;

    (void)state;
    s.in[0] = 1.0f;
    assert_int_equal(ps_chorus_create(&chorus, 44100.0, NULL, NULL), PS_OK);
    assert_true(ps_chorus_silent(chorus));
    for (uint32_t at = 0; at < s.frames; at += 64) {
        ps_chorus_process(chorus, s.in + at, s.left + at, s.right + at, 64);
        assert_true(at > 1067 || !ps_chorus_silent(chorus)); /* 24.2 ms */
    }
    assert_true(ps_chorus_silent(chorus));
    assert_true(peak_of(s.left, 380) == 0.0); /* the shortest delay is 8.8 ms */
    assert_true(peak_of(s.left, 1100) > 0.2);
    assert_true(peak_of(s.left + 1100, 5000) == 0.0);
    ps_chorus_destroy(chorus);
    free(s.in);
}

static void a_pause_does_not_stop_the_swing(void **state)
{
    sound paused = sound_make(44100 * 2), whole = sound_make(44100 * 2);

    (void)state;
    sound_noise(&paused, 64000, paused.frames, 1);
    sound_noise(&whole, 64000, whole.frames, 1);
    whole.in[0] = 1.0f; /* sounds, falls silent, is woken; the other one wakes for the first time */
    sound_through(&paused, 44100.0);
    sound_through(&whole, 44100.0);
    assert_memory_equal(paused.left + 60000, whole.left + 60000,
                        (paused.frames - 60000) * sizeof(float));
    free(paused.in);
    free(whole.in);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SENDING_TESTS,
        cmocka_unit_test(tones_are_delayed_as_defined),
        cmocka_unit_test(noise_comes_out_four_decibels_down),
        cmocka_unit_test(it_falls_silent_after_its_longest_delay),
        cmocka_unit_test(a_pause_does_not_stop_the_swing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
