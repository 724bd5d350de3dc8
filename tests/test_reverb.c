#include "dsp/reverb.h"

#define EFFECT ps_reverb
#include "sending.h"

static void it_falls_silent_and_wakes_up(void **state)
{
    const double rate_hz = 44100.0;
    sound s = sound_make(44100 * 6);
    ps_reverb *reverb = NULL;
    uint32_t silent_at = 0;

    (void)state;
    sound_noise(&s, 0, 4410, 1);
    assert_int_equal(ps_reverb_create(&reverb, rate_hz, NULL, NULL), PS_OK);
    assert_true(ps_reverb_silent(reverb));
    for (uint32_t at = 0; at < s.frames; at += 64) {
        ps_reverb_process(reverb, s.in + at, s.left + at, s.right + at, 64);
        if (ps_reverb_silent(reverb) && silent_at == 0)
            silent_at = at;
    }
    /* Three seconds of decay from about 0 to -100 dB. */
    assert_true(silent_at > 2 * 44100 && silent_at < 4 * 44100);
    /* What it no longer computes was below -100 dBFS for 90 ms. */
    assert_true(peak_of(s.left + silent_at - 3969, 3969) < 1e-5);
    assert_true(peak_of(s.right + silent_at - 3969, 3969) < 1e-5);
    assert_true(peak_of(s.left + silent_at - 22050, 11025) > 1e-5);
    assert_true(peak_of(s.left + silent_at + 64, s.frames - silent_at - 64) == 0.0);
    sound_noise(&s, 0, 6400, 1);
    ps_reverb_process(reverb, s.in, s.left, s.right, 6400);
    assert_false(ps_reverb_silent(reverb));
    ps_reverb_destroy(reverb);
    free(s.in);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SENDING_TESTS,
        cmocka_unit_test(it_falls_silent_and_wakes_up),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
