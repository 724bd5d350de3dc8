#include "dsp/chorus.h"

#define EFFECT ps_chorus
#include "sending.h"

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        SENDING_TESTS,
        cmocka_unit_test(it_falls_silent_after_its_longest_delay),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
