#include "voice_support.h"

#define VOICE "noise_swept_notch"

static test_sound rendered(const char *function, bool transition, const char *params)
{
    return test_render(&(test_request){.function = function,
                                       .is_transition = transition,
                                       .params = params,
                                       .duration_sec = 1.0,
                                       .rate_hz = 44100.0,
                                       .seed = 5});
}

/* The same noise in the words of both generations. */
static void it_says_the_same_in_other_words(void **state)
{
    static const struct {
        bool transition;
        const char *here, *there;
    } rows[] = {
        {false, "{}", "{\"lfo_freq\": 0.1, \"lfo_phase_offset_deg\": 0}"},
        {false,
         "{\"lfo_freq\": 2, \"sweeps\": [[500, 900], [2000, 3000]], \"notch_q\": [12], \"casc\": "
         "[3,"
         "4], \"start_lfo_phase_offset_deg\": 40, \"start_intra_phase_offset_deg\": 9, \"volume\":"
         "0.5, \"noise_type\": \"brown\", \"lfo_waveform\": \"triangle\"}",
         "{\"lfo_freq\": 2, \"filter_sweeps\": [[500, 900], [2000, 3000]], \"notch_q\": 12,"
         "\"cascade_count\": [3, 4], \"lfo_phase_offset_deg\": 40, \"intra_phase_offset_deg\": 9,"
         "\"amp\": 0.5, \"noise_type\": \"brown\", \"lfo_waveform\": \"triangle\"}"},
        {true,
         "{\"start_lfo_freq\": 2, \"end_sweeps\": [[500, 900]], \"start_q\": 9, \"end_casc\": 2,"
         "\"end_lfo_phase_offset_deg\": 80}",
         "{\"start_lfo_freq\": 2, \"end_lfo_freq\": 0.1, \"end_filter_sweeps\": [[500, 900]],"
         "\"start_notch_q\": 9, \"end_notch_q\": 25, \"end_cascade_count\": 2,"
         "\"lfo_phase_offset_deg\": 0, \"end_lfo_phase_offset_deg\": 80}"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        test_sound here = rendered(VOICE, rows[i].transition, rows[i].here);
        test_sound there =
            rendered("generate_swept_notch_pink_sound", rows[i].transition, rows[i].there);

        if (!same_bits(here.left, there.left, here.frames))
            fail_msg("row %zu differs by %g", i, test_difference(&here, &there));
        assert_true(same_bits(here.right, there.right, here.frames));
        test_sound_free(&here);
        test_sound_free(&there);
    }
}

static void standing_notches_change_the_sound(void **state)
{
    test_sound without = rendered(VOICE, false, "{\"sweeps\": []}");
    test_sound with =
        rendered(VOICE, false, "{\"sweeps\": [], \"static_notches\": [{\"freq\": 300, \"q\": 1}]}");

    (void)state;
    assert_true(test_difference(&without, &with) > 0.01);
    test_sound_free(&without);
    test_sound_free(&with);
}

static void it_is_a_voice_like_others(void **state)
{
    (void)state;
    check_voice(VOICE, 2e-5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_says_the_same_in_other_words),
        cmocka_unit_test(standing_notches_change_the_sound),
        cmocka_unit_test(it_is_a_voice_like_others),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
