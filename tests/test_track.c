/* Building a track: copies, checks, order, and every allocation that can fail. */
#include "support.h"

#include <math.h>

#include "plainsong/track.h"

static ps_value number(double value)
{
    return (ps_value){.kind = PS_VALUE_NUMBER, .number = value};
}

static ps_value text(const char *words)
{
    return (ps_value){.kind = PS_VALUE_TEXT, .text = words};
}

static void an_empty_track_has_the_settings_of_the_header(void **state)
{
    ps_track *track;
    size_t count;

    (void)state;
    assert_int_equal(ps_track_create(&track, NULL, NULL), PS_OK);
    assert_int_equal(ps_track_get_settings(track)->rate_hz, 44100);
    assert_true(ps_track_get_settings(track)->crossfade_sec == 1.0);
    assert_false(ps_track_get_settings(track)->equal_power);
    assert_string_equal(ps_track_get_settings(track)->output_name, "generated_track.wav");
    ps_track_get_steps(track, &count);
    assert_int_equal(count, 0);
    ps_track_get_clips(track, &count);
    assert_int_equal(count, 0);
    assert_null(ps_track_get_noise(track));
    ps_track_destroy(track);
    ps_track_destroy(NULL);
}

/* Everything of a track, from memory that is overwritten afterwards. */
static ps_status build(ps_track *track)
{
    char name[] = "baseFreq", words[] = "binaural_beat", path[] = "chime.wav";
    const char *names[] = {name, "trajectory"};
    ps_value points[] = {number(1.0), text("two"), {.kind = PS_VALUE_FLAG, .number = 7.0}};
    ps_value members[] = {number(200.0), {.kind = PS_VALUE_LIST, .count = 3, .members = points}};
    ps_track_voice voices[2] = {
        {.function = words,
         .is_transition = true,
         .params = {.kind = PS_VALUE_MAP, .count = 2, .members = members, .names = names},
         .description = words},
        {.function = "isochronic_tone", .category = "effects"},
    };
    const ps_track_step step = {
        .start_sec = NAN, .duration_sec = 60.0, .voices = voices, .voice_count = 2};
    const ps_track_clip clip = {.path = path, .start_sec = 3.0, .gain = 0.5, .pan = -1.0};
    const ps_track_noise noise = {.path = path, .gain = 2.0, .params = voices[0].params};
    const ps_track_settings settings = {48000, 2.5, true, path};
    ps_status status = ps_track_set_settings(track, &settings, NULL);

    for (int i = 0; i < 20 && status == PS_OK; i++)
        status = ps_track_add_step(track, &step, NULL);
    for (int i = 0; i < 20 && status == PS_OK; i++)
        status = ps_track_add_clip(track, &clip, NULL);
    if (status == PS_OK)
        status = ps_track_set_noise(track, &noise, NULL);
    memset(name, 'x', sizeof name - 1);
    memset(words, 'x', sizeof words - 1);
    memset(path, 'x', sizeof path - 1);
    memset(points, 0, sizeof points);
    memset(members, 0, sizeof members);
    memset(voices, 0, sizeof voices);
    return status;
}

static void holds_what_was_built(const ps_track *track)
{
    size_t count;
    const ps_track_step *steps = ps_track_get_steps(track, &count);
    const ps_track_voice *voice = &steps[19].voices[0];
    const ps_value *trajectory = ps_value_member(&voice->params, "trajectory");
    const ps_track_clip *clips;

    assert_int_equal(count, 20);
    assert_true(isnan(steps[19].start_sec) && steps[19].duration_sec == 60.0);
    assert_int_equal(steps[19].voice_count, 2);
    assert_string_equal(voice->function, "binaural_beat");
    assert_string_equal(voice->description, "binaural_beat");
    assert_null(voice->category);
    assert_true(voice->is_transition);
    assert_true(ps_value_member(&voice->params, "baseFreq")->number == 200.0);
    assert_int_equal(trajectory->count, 3);
    assert_string_equal(trajectory->members[1].text, "two");
    assert_true(trajectory->members[2].number == 1.0); /* a flag is 0 or 1 */
    assert_string_equal(steps[0].voices[1].category, "effects");
    clips = ps_track_get_clips(track, &count);
    assert_int_equal(count, 20);
    assert_string_equal(clips[19].path, "chime.wav");
    assert_true(clips[19].start_sec == 3.0 && clips[19].gain == 0.5 && clips[19].pan == -1.0);
    assert_string_equal(ps_track_get_noise(track)->path, "chime.wav");
    assert_int_equal(ps_track_get_noise(track)->params.count, 2);
    assert_int_equal(ps_track_get_settings(track)->rate_hz, 48000);
    assert_true(ps_track_get_settings(track)->equal_power);
    assert_string_equal(ps_track_get_settings(track)->output_name, "chime.wav");
}

static void a_track_keeps_copies_of_everything(void **state)
{
    ps_track *track;

    (void)state;
    assert_int_equal(ps_track_create(&track, NULL, NULL), PS_OK);
    assert_int_equal(build(track), PS_OK);
    holds_what_was_built(track);
    ps_track_destroy(track);
}

static void refuses(ps_status status, const ps_error *err, const char *words)
{
    assert_int_equal(status, PS_BAD_ARGUMENT);
    assert_non_null(strstr(err->text, words));
}

static void numbers_that_are_not_finite_are_refused(void **state)
{
    const ps_value endless = number(INFINITY);
    const char *const names[] = {NULL};
    ps_track_voice voice = {.function = "x", .params = endless};
    ps_track *track;
    ps_error err;
    size_t count;

    (void)state;
    assert_int_equal(ps_track_create(&track, NULL, NULL), PS_OK);
    refuses(ps_track_set_settings(track, &(ps_track_settings){44100, NAN, false, "x"}, &err), &err,
            "crossfade_sec");
    refuses(ps_track_set_settings(track, &(ps_track_settings){7999, 1.0, false, "x"}, &err), &err,
            "7999 Hz");
    refuses(ps_track_set_settings(track, &(ps_track_settings){192001, 1.0, false, "x"}, &err), &err,
            "192001 Hz");
    refuses(ps_track_add_step(track, &(ps_track_step){.duration_sec = INFINITY}, &err), &err,
            "duration_sec");
    refuses(ps_track_add_step(track, &(ps_track_step){.start_sec = -INFINITY}, &err), &err,
            "start_sec");
    refuses(ps_track_add_step(track, &(ps_track_step){.voices = &voice, .voice_count = 1}, &err),
            &err, "not finite");
    voice.params = (ps_value){PS_VALUE_MAP, .count = 1, .members = &endless, .names = names};
    refuses(ps_track_add_step(track, &(ps_track_step){.voices = &voice, .voice_count = 1}, &err),
            &err, "missing");
    refuses(ps_track_add_clip(track, &(ps_track_clip){.gain = NAN}, &err), &err, "gain");
    refuses(ps_track_add_clip(track, &(ps_track_clip){.duration_sec = NAN}, &err), &err,
            "duration_sec");
    refuses(ps_track_set_noise(track, &(ps_track_noise){.fade_out_sec = NAN}, &err), &err,
            "fade_out_sec");
    ps_track_get_steps(track, &count);
    assert_int_equal(count, 0);
    assert_null(ps_track_get_noise(track));
    ps_track_destroy(track);
}

static void values_nested_without_end_are_refused(void **state)
{
    ps_value nested[1000];
    ps_track *track;
    ps_error err;

    (void)state;
    nested[0] = number(1.0);
    for (size_t i = 1; i < 1000; i++)
        nested[i] = (ps_value){PS_VALUE_LIST, .count = 1, .members = &nested[i - 1]};
    assert_int_equal(ps_track_create(&track, NULL, NULL), PS_OK);
    refuses(ps_track_add_step(track, &(ps_track_step){.rest = nested[999]}, &err), &err, "nested");
    assert_int_equal(ps_track_add_step(track, &(ps_track_step){.rest = nested[512]}, &err), PS_OK);
    ps_track_destroy(track);
}

static void every_failing_allocation_leaves_a_whole_track(void **state)
{
    (void)state;
    for (long allowed = 0;; allowed++) {
        failing_allocator f;
        ps_track *track = NULL;
        ps_status status;

        failing_init(&f, allowed);
        status = ps_track_create(&track, &f.base, NULL);
        if (status == PS_OK)
            status = build(track);
        if (status == PS_OK) {
            holds_what_was_built(track);
            assert_true(allowed > 5);
        } else {
            assert_int_equal(status, PS_NO_MEMORY);
        }
        ps_track_destroy(track);
        assert_int_equal(f.live, 0);
        if (status == PS_OK)
            return;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_track_has_the_settings_of_the_header),
        cmocka_unit_test(a_track_keeps_copies_of_everything),
        cmocka_unit_test(numbers_that_are_not_finite_are_refused),
        cmocka_unit_test(values_nested_without_end_are_refused),
        cmocka_unit_test(every_failing_allocation_leaves_a_whole_track),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
