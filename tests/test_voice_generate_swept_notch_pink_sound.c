#include "voice_support.h"

#define VOICE "generate_swept_notch_pink_sound"

/* A recording of the specification's generator. */
typedef struct media {
    ps_track_media base;
    float samples[44100];
    int loaded;
} media;

static ps_status load(void *user, const char *path, ps_recording *out, ps_error *err)
{
    media *m = user;

    if (strcmp(path, "noise.wav") != 0)
        return ps_fail(err, PS_NOT_FOUND, "there is no %s", path);
    m->loaded++;
    *out = (ps_recording){m->samples, 44100, 1, 44100.0, NULL};
    return PS_OK;
}

static void release(void *user, ps_recording *recording)
{
    (void)recording;
    ((media *)user)->loaded--;
}

static void media_init(media *m)
{
    uint32_t state = 7;

    memset(m, 0, sizeof *m);
    m->base = (ps_track_media){.load = load, .release = release, .user = m};
    for (size_t i = 0; i < 44100; i++) {
        state = state * 1664525u + 1013904223u;
        m->samples[i] = (float)(((double)state / 4294967296.0 - 0.5) * 0.8);
    }
}

static void recordings_have_the_values_of_the_specification(void **state)
{
    static const struct {
        const char *params;
        test_point points[4];
    } rows[] = {
        {"{\"lfo_freq\": 0.5, \"notch_q\": 30, \"input_audio_path\": \"noise.wav\"}",
         {{1, 0.368506, 0.413941},
          {1000, 0.137018, 0.261675},
          {20000, 0.147769, 0.098391},
          {44099, -0.284718, -0.413883}}},
        {"{\"lfo_freq\": 1.3, \"filter_sweeps\": [[500, 1000], [1850, 3350]], \"notch_q\": [40, "
         "40],"
         "\"cascade_count\": 15, \"intra_phase_offset_deg\": 30, \"lfo_waveform\": \"triangle\","
         "\"input_audio_path\": \"noise.wav\"}",
         {{1, 0.435677, 0.412619},
          {1000, -0.009603, 0.053974},
          {20000, -0.039034, -0.088883},
          {44099, -0.418883, -0.403360}}},
        {"{\"start_lfo_freq\": 0.5, \"end_lfo_freq\": 2, \"end_filter_sweeps\": [[300, 2000]],"
         "\"end_notch_q\": 10, \"start_cascade_count\": [4], \"end_cascade_count\": 2,"
         "\"end_lfo_phase_offset_deg\": 180, \"initial_offset\": 0.2, \"transition_duration\": 0.5,"
         "\"input_audio_path\": \"noise.wav\"}",
         {{1, 0.401575, 0.449075},
          {1000, 0.141536, 0.277285},
          {20000, 0.084384, -0.050451},
          {44099, -0.314013, -0.407905}}},
    };
    static media m;

    (void)state;
    media_init(&m);
    for (size_t i = 0; i < 3; i++) {
        const test_request q = {.function = VOICE,
                                .is_transition = i == 2,
                                .params = rows[i].params,
                                .duration_sec = 1.0,
                                .rate_hz = 44100.0,
                                .media = &m.base};

        check_points(q, rows[i].points, 4, 1e-5);
        check_skipping(q);
    }
    assert_int_equal(m.loaded, 0);
}

static void the_level_scales_what_is_heard(void **state)
{
    test_request q = {.function = VOICE, .duration_sec = 0.5, .rate_hz = 44100.0, .seed = 3};
    double sum = 0.0;

    (void)state;
    test_sound whole = test_render(&q);
    q.params = "{\"amp\": 0.25}";
    test_sound soft = test_render(&q);
    for (uint64_t i = 0; i < whole.frames; i++) {
        assert_true(soft.left[i] == 0.25f * whole.left[i]);
        sum += (double)whole.left[i] * (double)whole.left[i];
    }
    assert_true(fabs(10.0 * log10(sum / (double)whole.frames) + 14.5) < 1.0);
    test_sound_free(&whole);
    test_sound_free(&soft);
}

static void seeds_are_other_noise_and_the_same_again(void **state)
{
    test_request q = {.function = VOICE, .duration_sec = 0.5, .rate_hz = 44100.0, .seed = 3};

    (void)state;
    test_sound a = test_render(&q), b = test_render(&q);
    q.seed = 4;
    test_sound c = test_render(&q);
    assert_true(same_bits(a.left, b.left, a.frames) && same_bits(a.right, b.right, a.frames));
    assert_true(test_difference(&a, &c) > 0.1);
    test_sound_free(&a);
    test_sound_free(&b);
    test_sound_free(&c);
}

static void what_cannot_be_is_said(void **state)
{
#define FOUR_SWEEPS "[1,1],[1,1],[1,1],[1,1]"
    static const char *const wrong[] = {
        "{\"filter_sweeps\": 5}",
        "{\"filter_sweeps\": [[1, 2], 3]}",
        "{\"filter_sweeps\": [[1, 2, 3]]}",
        "{\"filter_sweeps\": [[1, 2], [3, 4], [5, 6]], \"notch_q\": [1, 2]}",
        "{\"notch_q\": \"much\"}",
        "{\"cascade_count\": [[]]}",
        "{\"lfo_waveform\": \"square\"}",
        "{\"start_filter_sweeps\": [], \"end_filter_sweeps\": [[1, 2]]}",
        "{\"filter_sweeps\": [" FOUR_SWEEPS "," FOUR_SWEEPS "," FOUR_SWEEPS "," FOUR_SWEEPS
        ",[1,1]]}",
    };

    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        const test_request q = {.function = VOICE,
                                .is_transition = true,
                                .params = wrong[i],
                                .duration_sec = 0.1,
                                .rate_hz = 44100.0};

        if (can_be_made(&q))
            fail_msg("made: %s", wrong[i]);
    }
    const test_request missing = {.function = VOICE,
                                  .params = "{\"input_audio_path\": \"noise.wav\"}",
                                  .duration_sec = 0.1,
                                  .rate_hz = 44100.0};
    test_voice v;
    ps_error err;
    assert_int_equal(test_voice_try(&v, &missing, NULL, &err), PS_NOT_FOUND);
}

static void failing_memory_gives_back_recordings(void **state)
{
    static media m;

    (void)state;
    media_init(&m);
    check_failing_allocations((test_request){.function = VOICE,
                                             .params = "{\"input_audio_path\": \"noise.wav\"}",
                                             .duration_sec = 0.1,
                                             .rate_hz = 44100.0,
                                             .media = &m.base});
    assert_int_equal(m.loaded, 0);
}

static void no_sweeps_leave_the_noise_as_it_is(void **state)
{
    const test_request q = {.function = VOICE,
                            .params = "{\"filter_sweeps\": []}",
                            .duration_sec = 0.5,
                            .rate_hz = 44100.0};

    (void)state;
    test_sound s = test_render(&q);
    assert_true(same_bits(s.left, s.right, s.frames));
    check_skipping(q);
    test_sound_free(&s);
}

static void it_is_a_voice_like_others(void **state)
{
    (void)state;
    check_voice(VOICE, 2e-5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(recordings_have_the_values_of_the_specification),
        cmocka_unit_test(the_level_scales_what_is_heard),
        cmocka_unit_test(seeds_are_other_noise_and_the_same_again),
        cmocka_unit_test(what_cannot_be_is_said),
        cmocka_unit_test(failing_memory_gives_back_recordings),
        cmocka_unit_test(no_sweeps_leave_the_noise_as_it_is),
        cmocka_unit_test(it_is_a_voice_like_others),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
