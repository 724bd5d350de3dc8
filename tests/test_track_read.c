/* Documents of both generations become tracks, and tracks documents. */
#define _GNU_SOURCE /* posix_memalign: before every header */
#include "support.h"

#include <math.h>

#include "../edge/json.h"
#include "plainsong/track.h"

/* ---- Reading ------------------------------------------------------------------------------- */

#define NOTES_MOST 16u

typedef struct notes {
    size_t count;
    ps_error kept[NOTES_MOST];
} notes;

static void note(void *user, const ps_error *warning)
{
    notes *n = user;

    if (n->count < NOTES_MOST)
        n->kept[n->count] = *warning;
    n->count++;
}

/* Reads text in which ' stands for ". */
static ps_status read_status(ps_track **track, const char *text, notes *n, bool strict,
                             ps_error *err)
{
    const ps_track_read_options options = {.warnings = {n ? note : NULL, n}, .strict = strict};
    char *json_text = strdup(text);
    ps_json *json = NULL;
    ps_status status;

    for (char *c = json_text; *c; c++)
        *c = *c == '\'' ? '"' : *c;
    if (ps_json_read(&json, json_text, strlen(json_text), NULL, err) != PS_OK)
        fail_msg("%s: %s", text, err->text);
    free(json_text);
    status = ps_track_read(track, ps_json_value(json), &options, err);
    ps_json_free(json); /* the track must not need it any more */
    return status;
}

static ps_track *read_track(const char *text, notes *n)
{
    ps_track *track = NULL;
    ps_error err = {0};

    if (n)
        memset(n, 0, sizeof *n);
    if (read_status(&track, text, n, false, &err) != PS_OK)
        fail_msg("%s: %s", text, err.text);
    return track;
}

static void is_refused(const char *text, const char *words)
{
    ps_track *track = NULL;
    ps_error err = {0};

    if (read_status(&track, text, NULL, false, &err) != PS_BAD_DATA)
        fail_msg("%s is taken", text);
    assert_null(track);
    if (strcmp(err.text, words) != 0)
        fail_msg("%s: \"%s\", not \"%s\"", text, err.text, words);
}

/* Exactly these words, each with its hint ("" for none); ended by NULL. */
static void is_told_of(const char *text, const char *const *words)
{
    notes n;
    ps_track *track = read_track(text, &n), *strict = NULL;
    ps_error err = {0};
    size_t count = 0;

    for (; words[2 * count]; count++) {
        if (count >= n.count)
            fail_msg("%s: \"%s\" is not told", text, words[2 * count]);
        if (strcmp(n.kept[count].text, words[2 * count]) != 0 ||
            strcmp(n.kept[count].hint, words[2 * count + 1]) != 0)
            fail_msg("%s: \"%s\" (%s), not \"%s\"", text, n.kept[count].text, n.kept[count].hint,
                     words[2 * count]);
    }
    if (n.count > count)
        fail_msg("%s: \"%s\" is told too", text, n.kept[count].text);
    ps_track_destroy(track);
    assert_int_equal(read_status(&strict, text, NULL, true, &err), count > 0 ? PS_BAD_DATA : PS_OK);
    if (count > 0)
        assert_string_equal(err.text, words[0]);
    ps_track_destroy(strict);
}

#define IS_TOLD_OF(text, ...) is_told_of(text, (const char *const[]){__VA_ARGS__, NULL})

static const ps_track_step *step_of(const ps_track *track, size_t index)
{
    size_t count;
    const ps_track_step *steps = ps_track_get_steps(track, &count);

    assert_true(index < count);
    return &steps[index];
}

/* ---- Settings ------------------------------------------------------------------------------ */

static void has_settings(const char *text, uint32_t rate_hz, double crossfade_sec, bool equal_power,
                         const char *output)
{
    notes n;
    ps_track *track = read_track(text, &n);
    const ps_track_settings *s = ps_track_get_settings(track);

    if (s->rate_hz != rate_hz || s->crossfade_sec != crossfade_sec ||
        s->equal_power != equal_power || strcmp(s->output_name, output) != 0 || n.count > 0)
        fail_msg("%s: %u %g %d %s, %zu warnings", text, (unsigned)s->rate_hz, s->crossfade_sec,
                 s->equal_power, s->output_name, n.count);
    ps_track_destroy(track);
}

static void settings_are_read_in_every_spelling(void **state)
{
    const char *plain = "generated_track.wav";

    (void)state;
    has_settings("{'global': {}, 'progression': []}", 44100, 1.0, false, plain);
    has_settings("{'progression': []}", 44100, 1.0, false, plain);
    has_settings("{'global': null, 'progression': null}", 44100, 1.0, false, plain);
    has_settings("{'global': {'sample_rate': 48000, 'crossfade_duration': 2.5, 'crossfade_curve': "
                 "'equal_power', 'output_filename': 'x.flac'}, 'steps': []}",
                 48000, 2.5, true, "x.flac");
    has_settings("{'globalSettings': {'sampleRate': '22050', 'crossfadeDuration': '0', "
                 "'crossfadeCurve': 'linear', 'outputFilename': ''}, 'steps': []}",
                 22050, 0.0, false, plain);
    has_settings("{'global_settings': {'crossfade_duration': -1}, 'steps': []}", 44100, -1.0, false,
                 plain);
}

static void settings_without_which_nothing_can_be_played_are_refused(void **state)
{
    (void)state;
    is_refused("{'global': [1], 'steps': []}", "global: is a list where an object belongs");
    is_refused("{'global': {'sample_rate': 0}}", "global.sample_rate: is 0, but rates are 8000 to "
                                                 "192000 Hz");
    is_refused("{'global': {'sample_rate': 1e12}}",
               "global.sample_rate: is 1e+12, which is more than 1e+10");
    is_refused("{'global': {'sampleRate': null}}",
               "global.sampleRate: is null where a number belongs");
    is_refused("{'global': {'sample_rate': '44.1k'}}",
               "global.sample_rate: is text where a number belongs");
    is_refused("{'global': {'crossfade_duration': 'long'}}",
               "global.crossfade_duration: is text where a number belongs");
}

static void odd_settings_are_told(void **state)
{
    (void)state;
    IS_TOLD_OF("{'global': {'sample_rate': 22050.7}, 'steps': []}",
               "global.sample_rate: is not a whole number: 22050 is taken", "");
    IS_TOLD_OF("{'global': {'crossfade_curve': 'equal_powr'}, 'steps': []}",
               "global.crossfade_curve: is neither linear nor equal_power: linear is taken",
               "did you mean equal_power?");
    IS_TOLD_OF("{'global': {'output_filename': 3, 'samplerate': 1, 'sample rate': 2}, 'steps': []}",
               "global.samplerate: unknown name: it means nothing here", "did you mean sampleRate?",
               "global[\"sample rate\"]: unknown name: it means nothing here",
               "did you mean sample_rate?",
               "global.output_filename: is a number where text belongs: it is left out", "");
    IS_TOLD_OF("{'global': {}}", "has no steps", "");
    IS_TOLD_OF("{'global': {}, 'steps': [], 'progression': 5}",
               "progression: is not looked at: steps says the same", "");
}

/* ---- What is no track ---------------------------------------------------------------------- */

static void other_documents_are_refused_by_name(void **state)
{
    (void)state;
    is_refused("[1, 2]", "not a track: the document is a list");
    is_refused("'pink'", "not a track: the document is text");
    is_refused("null", "not a track: the document is null");
    is_refused("{}", "not a track: it has neither global nor progression");
    is_refused("{'steps': []}", "not a track: it has steps, but no global_settings");
    is_refused("{'steps': [{'duration': 60, 'oscillators': []}], 'audio_settings': {}}",
               "this is a visual strobe program, not a track");
    is_refused("{'steps': [{'strobe_sets': []}]}", "this is a visual strobe program, not a track");
    is_refused("{'steps': [{'binaural_preset_id': 'builtin:x', 'duration': 3}]}",
               "this is a session plan, not a track");
    is_refused("{'synth_function_name': 'x', 'params': {}}", "this is a voice preset, not a track");
    is_refused("[{'synth_function_name': 'x'}]", "this is a list of voice presets, not a track");
    is_refused("{'noise_type': 'pink', 'sweeps': []}", "this is a noise preset, not a track");
    is_refused("{'global': {}, 'progression': {}}",
               "progression: is an object where a list of steps belongs");
}

/* ---- Steps --------------------------------------------------------------------------------- */

static void starts_at(const char *text, const double *starts, size_t count)
{
    notes n;
    ps_track *track = read_track(text, &n);

    for (size_t i = 0; i < count; i++) {
        if (fabs(step_of(track, i)->start_sec - starts[i]) > 1e-12)
            fail_msg("%s: step %zu starts at %g", text, i, step_of(track, i)->start_sec);
    }
    assert_int_equal(n.count, 0);
    ps_track_destroy(track);
}

#define STARTS_AT(text, ...)                                                                       \
    starts_at(text, (const double[]){__VA_ARGS__},                                                 \
              sizeof((const double[]){__VA_ARGS__}) / sizeof(double))

static void starts_are_filled_in_as_the_old_loader_did(void **state)
{
    (void)state;
    STARTS_AT("{'global': {'crossfade_duration': 2}, 'progression': [{'duration': 10}, "
              "{'durationSeconds': 1}, {'Duration': 5}, {'stepDuration': 1}]}",
              0, 8, 8, 11);
    STARTS_AT("{'global': {'crossfade_duration': 0}, 'steps': [{'duration': 10}, {'duration': -3}, "
              "{'duration': 5}]}",
              0, 10, 7);
    /* A start moves the time on by the whole step; the first spelling wins. */
    STARTS_AT("{'global': {'crossfade_duration': 2}, 'steps': [{'duration': 10, 'start': 3}, "
              "{'duration': 4}, {'duration': 1, 'start_time': '1.5'}, {'duration': 1}]}",
              3, 13, 1.5, 15);
    STARTS_AT("{'progression': [{'duration': 10}, {'duration': '3'}]}", 0, 9);
}

static void steps_that_cannot_be_placed_are_refused(void **state)
{
    (void)state;
    is_refused("{'progression': [{'duration': 1}, 7]}",
               "progression[1]: is a number where a step belongs");
    is_refused("{'progression': [{'duration': null}]}",
               "progression[0].duration: is null where a number belongs");
    is_refused("{'progression': [{'duration': 1, 'start': 'soon'}]}",
               "progression[0].start: is text where a number belongs");
    is_refused("{'progression': [{'duration': 1, 'start': 1e12}]}",
               "progression[0].start: is 1e+12, which is more than 1e+10");
    is_refused("{'steps': [{'start_time': null, 'duration': 1}], 'global': {}}",
               "steps[0].start_time: is null where a number belongs");
}

static void odd_steps_are_told(void **state)
{
    (void)state;
    IS_TOLD_OF("{'progression': [{'voices': [3, {'synth_function_name': 'none_such'}, null]}, "
               "{'duration': 1, 'voices': {}, 'start': 2, 'start_time': 3, 'colour': 7}]}",
               "progression[0]: has no duration: it is not played", "",
               "progression[0].voices[0]: is a number where a voice belongs: it is left out", "",
               "progression[0].voices[1].synth_function_name: there is no voice of this name: it "
               "is silent",
               "", "progression[0].voices[2]: is null where a voice belongs: it is left out", "",
               "progression[1].start_time: is not looked at: start says the same", "",
               "progression[1].colour: unknown name: it means nothing here", "",
               "progression[1].voices: is an object where a list belongs: it is left out", "");
    IS_TOLD_OF("{'progression': [{'duration': 1, 'voices': null, 'description': null}]}", NULL);
}

/* ---- Voices -------------------------------------------------------------------------------- */

#define ONE_VOICE(fields) "{'progression': [{'duration': 1, 'voices': [{" fields "}]}]}"
#define BINAURAL          "'synth_function_name': 'binaural_beat'"
#define SILENT            "a voice that needs it is silent"
#define IN_VOICE          "progression[0].voices[0]."

static void voices_are_read_in_every_spelling(void **state)
{
    static const char *const texts[] = {
        ONE_VOICE("'synth_function_name': 'binaural_beat', 'is_transition': true, 'params': "
                  "{'baseFreq': 210}, 'volume_envelope': {'type': 'linen', 'params': {}}, "
                  "'description': 'd', 'category': 'c'"),
        ONE_VOICE("'synthFunctionName': 'binaural_beat', 'isTransition': 1, 'parameters': "
                  "{'baseFreq': 210}, 'volumeEnvelope': {'type': 'linen', 'params': {}}, "
                  "'description': 'd', 'category': 'c'"),
        ONE_VOICE("'synth_function': 'binaural_beat', 'isTransition': 2.5, 'params': null, "
                  "'parameters': {'baseFreq': 210}, 'volume_envelope': {'type': 'linen', "
                  "'params': {}}, 'description': 'd', 'category': 'c'"),
    };

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        ps_track *track = read_track(texts[i], NULL);
        const ps_track_voice *voice = step_of(track, 0)->voices;

        assert_int_equal(step_of(track, 0)->voice_count, 1);
        assert_string_equal(voice->function, "binaural_beat");
        assert_true(voice->is_transition);
        assert_true(ps_value_member(&voice->params, "baseFreq")->number == 210.0);
        assert_string_equal(ps_value_member(&voice->envelope, "type")->text, "linen");
        assert_string_equal(voice->description, "d");
        assert_string_equal(voice->category, "c");
        ps_track_destroy(track);
    }
}

static void what_is_absent_has_its_preset(void **state)
{
    ps_track *track = read_track(ONE_VOICE("'description': '', 'volume_envelope': {}"), NULL);
    const ps_track_voice *voice = step_of(track, 0)->voices;

    (void)state;
    assert_string_equal(voice->function, "");
    assert_false(voice->is_transition);
    assert_true(ps_value_is_null(&voice->params) && ps_value_is_null(&voice->envelope));
    assert_null(voice->description);
    assert_null(voice->category);
    ps_track_destroy(track);
}

static void odd_voices_are_told(void **state)
{
    (void)state;
    IS_TOLD_OF(ONE_VOICE("'params': {}"),
               "progression[0].voices[0]: has no synth_function_name: it is silent", "");
    IS_TOLD_OF(ONE_VOICE("'synth_function_name': 'binaurel_beat'"),
               IN_VOICE "synth_function_name: there is no voice of this name: it is silent",
               "did you mean binaural_beat?");
    IS_TOLD_OF(ONE_VOICE("'synth_function_name': 'binaural_beat_transition'"), NULL);
    IS_TOLD_OF(ONE_VOICE("'synth_function_name': 'subliminal_encode_transition'"), NULL);
    IS_TOLD_OF(ONE_VOICE("'synth_function_name': 'subliminal_encode_transition', "
                         "'is_transition': true"),
               IN_VOICE "synth_function_name: subliminal_encode has no transition: it is silent",
               "");
    IS_TOLD_OF(ONE_VOICE(BINAURAL ", 'is_transition': 'no', 'params': [1], 'category': 3"),
               IN_VOICE "category: is a number where text belongs: it is left out", "",
               IN_VOICE "is_transition: is text where true or false belongs: true is taken", "",
               IN_VOICE "params: is a list where an object belongs: it is left out", "");
}

static void parameters_that_mean_nothing_are_told(void **state)
{
    (void)state;
    IS_TOLD_OF(ONE_VOICE(BINAURAL ", 'params': {'baseFreq': '200.5', 'beatFreq': true, 'ampL': "
                                  "null, 'leftHigh': 'false'}"),
               NULL);
    IS_TOLD_OF(ONE_VOICE(BINAURAL ", 'params': {'beatfreq': 3, 'startBeatFrq': 2, 'wobble': 1, "
                                  "'duration': 5, 'sample_rate': 5}"),
               IN_VOICE "params.beatfreq: binaural_beat has no such parameter",
               "did you mean beatFreq?",
               IN_VOICE "params.startBeatFrq: binaural_beat has no such parameter",
               "did you mean startBeatFreq?",
               IN_VOICE "params.wobble: binaural_beat has no such parameter", "",
               IN_VOICE "params.duration: is not looked at: the track says it", "",
               IN_VOICE "params.sample_rate: is not looked at: the track says it", "");
    IS_TOLD_OF(ONE_VOICE(BINAURAL ", 'params': {'baseFreq': 'high', 'startBeatFreq': [3], "
                                  "'transition_duration': {}}"),
               IN_VOICE "params.baseFreq: is text where a number belongs: " SILENT, "",
               IN_VOICE "params.startBeatFreq: is a list where a number belongs: " SILENT, "",
               IN_VOICE "params.transition_duration: is an object where a number belongs: " SILENT,
               "");
    IS_TOLD_OF(ONE_VOICE("'synth_function_name': 'noise_swept_notch', 'params': {'lfo_waveform': "
                         "'saw'}"),
               IN_VOICE "params.lfo_waveform: is none of: sine triangle: " SILENT, "");
    IS_TOLD_OF(ONE_VOICE("'synth_function_name': 'no_such', 'params': {'wobble': 1}"),
               IN_VOICE "synth_function_name: there is no voice of this name: it is silent", "");
}

/* What editors write into every voice. */
static void what_editors_write_is_known(void **state)
{
    (void)state;
    IS_TOLD_OF(
        ONE_VOICE(
            BINAURAL
            ", 'params': {'flangeEnable': false, 'startFlangeDelayMs': 1, 'endFlangeDelayMs': "
            "2, 'flangeDelayLaw': true, 'spatialEnable': false, 'spatialUseItdIld': 1, "
            "'spatialTrajectory': [], 'spatialDecoder': 'itd_head', 'initial_offset': 0, "
            "'post_offset': 0, 'transition_duration': 0.0, 'transition_curve': 'linear'}"),
        NULL);
    IS_TOLD_OF(ONE_VOICE("'synth_function_name': 'isochronic_tone', 'is_transition': true, "
                         "'params': {'startPan': 0.374, 'endPan': 0.7, 'pan': 0}"),
               NULL);
}

static void odd_curves_and_envelopes_are_told(void **state)
{
    notes n;
    ps_track *track =
        read_track(ONE_VOICE(BINAURAL ", 'params': {'transition_curve': '__import__(1)'}"), &n);

    (void)state;
    assert_int_equal(n.count, 1);
    assert_non_null(strstr(n.kept[0].text, IN_VOICE "params.transition_curve: "));
    ps_track_destroy(track);
    IS_TOLD_OF(ONE_VOICE(BINAURAL ", 'params': {'transition_curve': 3}"),
               IN_VOICE "params.transition_curve: is a number where text belongs: " SILENT, "");
    IS_TOLD_OF(ONE_VOICE(BINAURAL ", 'volume_envelope': 'adsr'"),
               IN_VOICE "volume_envelope: is text where an object belongs: it is left out", "");
    IS_TOLD_OF(ONE_VOICE(BINAURAL ", 'volume_envelope': {'type': 'adrs', 'params': {}}"),
               IN_VOICE "volume_envelope.type: no such envelope: it is flat", "did you mean adsr?");
    IS_TOLD_OF(ONE_VOICE(BINAURAL ", 'volume_envelope': {'params': {}}"),
               IN_VOICE "volume_envelope: has no type: it is flat", "");
    IS_TOLD_OF(ONE_VOICE(BINAURAL ", 'volume_envelope': {'type': 'linear_fade', 'params': "
                                  "{'fade_duration': 1, 'start_amp': 0, 'fade_type': 'up'}}"),
               IN_VOICE "volume_envelope.params: lacks end_amp: the envelope is flat", "");
    IS_TOLD_OF(ONE_VOICE(BINAURAL ", 'volume_envelope': {'type': 'linear_fade', 'params': "
                                  "{'fade_duration': 1, 'start_amp': 0, 'end_amp': 1, 'fade_type': "
                                  "'up'}}"),
               IN_VOICE "volume_envelope.params.fade_type: is neither in nor out: in is taken", "");
    IS_TOLD_OF(ONE_VOICE(BINAURAL ", 'volume_envelope': {'type': 'adsr', 'params': {'attack': [], "
                                  "'sustain': 1}}"),
               IN_VOICE "volume_envelope.params.sustain: unknown name: it means nothing here", "",
               IN_VOICE "volume_envelope.params.attack: is a list where a number belongs", "");
}

/* ---- Noise and clips ----------------------------------------------------------------------- */

#define WITH(fields) "{'progression': [], " fields "}"

static void noise_is_read_in_every_spelling(void **state)
{
    static const char *const paths[] = {"file_path", "file", "params_path", "noise_file"};
    char text[256];

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        const ps_track_noise *noise;
        ps_track *track;
        notes n;

        snprintf(text, sizeof text,
                 WITH("'%s': {'%s': 'a.noise', '%s': 0.5, 'type': 'x', 'pan': '-1', 'start_time': "
                      "2, 'fade_in': 1, 'fade_out': 3, 'amp_envelope': [[0, 1], ['2', 0.5]]}"),
                 i % 2 ? "noise" : "background_noise", paths[i], i % 2 ? "gain" : "amp");
        track = read_track(text, &n);
        noise = ps_track_get_noise(track);
        assert_string_equal(noise->path, "a.noise");
        assert_true(noise->gain == 0.5 && noise->pan == -1.0 && noise->start_sec == 2.0);
        assert_true(noise->fade_in_sec == 1.0 && noise->fade_out_sec == 3.0);
        assert_true(ps_value_is_null(&noise->params));
        assert_int_equal(noise->envelope.count, 2);
        assert_true(noise->envelope.members[1].members[0].number == 2.0);
        assert_int_equal(n.count, 0);
        ps_track_destroy(track);
    }
}

static void noise_may_be_given_inline_or_not_at_all(void **state)
{
    ps_track *track =
        read_track(WITH("'noise': {'params': {'noise_type': 'brown'}, 'gain': 2, 'amp': 3}"), NULL);

    (void)state;
    assert_null(ps_track_get_noise(track)->path);
    assert_string_equal(ps_value_member(&ps_track_get_noise(track)->params, "noise_type")->text,
                        "brown");
    assert_true(ps_track_get_noise(track)->gain == 3.0);
    ps_track_destroy(track);
    track = read_track(WITH("'noise': {}"), NULL);
    assert_null(ps_track_get_noise(track));
    ps_track_destroy(track);
    track = read_track(WITH("'noise': {'file_path': '', 'amp': 0}"), NULL);
    assert_null(ps_track_get_noise(track)->path);
    assert_true(ps_value_is_null(&ps_track_get_noise(track)->params));
    ps_track_destroy(track);
}

static void odd_noise_is_told(void **state)
{
    (void)state;
    IS_TOLD_OF(WITH("'noise': 'pink'"), "noise: is text where an object belongs: it is left out",
               "");
    IS_TOLD_OF(WITH("'noise': {'file_path': 'a.noise', 'params': {'sweeps': 3}, 'amp': 'loud', "
                    "'pan': 3, 'volume': 1}"),
               "noise.volume: unknown name: it means nothing here", "",
               "noise.params: is not looked at: file_path is given", "",
               "noise.amp: is text where a number belongs: 1 is taken", "",
               "noise.pan: is outside -1..1: 1 is taken", "");
    IS_TOLD_OF(
        WITH("'noise': {'params': {'sweeps': [{'start_min': 'x', 'start_qq': 1}, 4], "
             "'noise_typ': 3, 'lfo_freq': [], 'transition': true}}"),
        "noise.params.noise_typ: unknown name: it means nothing here", "did you mean noise_type?",
        "noise.params.sweeps[0].start_qq: unknown name: it means nothing here",
        "did you mean start_q?", "noise.params.sweeps[0].start_min: is text where a number belongs",
        "", "noise.params.sweeps[1]: is a number where an object belongs", "",
        "noise.params.lfo_freq: is a list where a number belongs", "");
    IS_TOLD_OF(WITH("'noise': {'params': {'noise_type': 'loud', 'static_notches': 3, "
                    "'lfo_waveform': 'saw', 'noise_parameters': {'name': 'soft', 'lowcut': 1}}}"),
               "noise.params.noise_type: no noise is called \"loud\": it is white", "",
               "noise.params.noise_parameters: no noise is called \"soft\": it is white", "",
               "noise.params.noise_parameters: noise_parameters.lowcut is not used: the colour has "
               "the spectrum of its name",
               "", "noise.params.static_notches: static_notches is not a list", "",
               "noise.params.lfo_waveform: lfo_waveform is neither sine nor triangle: there is no "
               "noise",
               "");
    IS_TOLD_OF(WITH("'noise': {'params': {'noise_type': 'Pink', 'static_notches': [[400, 9, 1]], "
                    "'lfo_waveform': '', 'color_params': {'name': 'red'}, 'duration': 3}}"),
               NULL);
    IS_TOLD_OF(WITH("'noise': {'amp_envelope': [[1, 1], 3, [0, 1], [2], [2, 'x'], [3, 0]]}"),
               "noise.amp_envelope[1]: is no point [seconds, gain]: it is left out", "",
               "noise.amp_envelope[2]: lies before the point in front of it: it is left out", "",
               "noise.amp_envelope[3]: is no point [seconds, gain]: it is left out", "",
               "noise.amp_envelope[4]: is no point [seconds, gain]: it is left out", "");
}

static void clips_are_read_in_every_spelling(void **state)
{
    static const char *const texts[] = {
        WITH("'overlay_clips': [{'file_path': 'a.wav', 'start': 2, 'amp': 0.5, 'pan': -0.5, "
             "'duration': 9, 'fade_in': 1, 'fade_out': 3, 'description': 'd'}]"),
        WITH("'clips': [{'path': 'a.wav', 'start_time': 2, 'gain': '0.5', 'pan': -0.5, 'duration': "
             "9, 'fade_in': 1, 'fade_out': 3, 'description': 'd'}]"),
        WITH("'clips': [{'file': 'a.wav', 'path': null, 'start_time': 2, 'gain': 0.5, 'pan': -0.5, "
             "'duration': 9, 'fade_in': 1, 'fade_out': 3, 'description': 'd'}]"),
    };

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        ps_track *track = read_track(texts[i], NULL);
        size_t count;
        const ps_track_clip *clip = ps_track_get_clips(track, &count);

        assert_int_equal(count, 1);
        assert_string_equal(clip->path, "a.wav");
        assert_true(clip->start_sec == 2.0 && clip->gain == 0.5 && clip->pan == -0.5);
        assert_true(clip->fade_in_sec == 1.0 && clip->fade_out_sec == 3.0);
        assert_true(clip->duration_sec == 9.0);
        assert_string_equal(clip->description, "d");
        ps_track_destroy(track);
    }
}

static void odd_clips_are_told(void **state)
{
    (void)state;
    IS_TOLD_OF(WITH("'clips': {}"), "clips: is an object where a list belongs: it is left out", "");
    IS_TOLD_OF(WITH("'clips': [5, {'start': 1}, {'path': 'a', 'start': 1e300}, {'path': 'a', "
                    "'start': 'x', 'fade_in': 1e11}]"),
               "clips[0]: is a number where a clip belongs: it is left out", "",
               "clips[1]: names no file: it sounds only if samples are pushed", "",
               "clips[2].start: is 1e+300, which is more than 1e+10: the clip is left out", "",
               "clips[3].start: is text where a number belongs: 0 is taken", "",
               "clips[3].fade_in: is 1e+11, which is more than 1e+10: 0 is taken", "");
}

/* ---- Writing ------------------------------------------------------------------------------- */

static char *written(ps_track *track)
{
    const ps_value *document = ps_track_write(track);
    char *text;
    size_t bytes;

    assert_non_null(document);
    assert_int_equal(ps_json_write(&text, &bytes, document, 4, NULL), PS_OK);
    return text;
}

static void is_written_as(const char *text, const char *wanted)
{
    ps_track *track = read_track(text, NULL), *again = NULL;
    char *first = written(track), *second, *compact = strdup(first);
    size_t used = 0;

    for (const char *c = first; *c; c++) { /* without the layout */
        if (*c != '\n' && !(*c == ' ' && c > first && strchr(" \n", c[-1])))
            compact[used++] = *c == '"' ? '\'' : *c;
    }
    compact[used] = '\0';
    if (strcmp(compact, wanted) != 0)
        fail_msg("%s:\n%s\nnot\n%s", text, compact, wanted);
    again = read_track(first, NULL);
    second = written(again);
    assert_string_equal(first, second);
    ps_free(NULL, first);
    ps_free(NULL, second);
    free(compact);
    ps_track_destroy(track);
    ps_track_destroy(again);
}

static void a_track_is_written_as_the_second_generation(void **state)
{
    (void)state;
    is_written_as("{'steps': [], 'globalSettings': {'sampleRate': 48000}}",
                  "{'global': {'sample_rate': 48000,'crossfade_duration': 1,'crossfade_curve': "
                  "'linear','output_filename': 'generated_track.wav'},'progression': [],"
                  "'background_noise': {},'overlay_clips': []}");
}

static void what_is_not_known_is_written_again(void **state)
{
    (void)state;
    is_written_as(
        "{'scene': [1], 'global': {'mood': 'calm'}, 'noise': {'file': 'a', 'params': {'x': 1}, "
        "'type': 't', 'y': 2}, 'clips': [{'path': 'b', 'id': 7}], 'progression': [{'duration': "
        "5, 'noise_volume': 0.6, 'voices': [{'synth_function_name': 'f', 'voice_id': 'v', "
        "'params': {'wobble': {'deep': [null]}}}]}]}",
        "{'global': {'sample_rate': 44100,'crossfade_duration': 1,'crossfade_curve': 'linear',"
        "'output_filename': 'generated_track.wav','mood': 'calm'},"
        "'progression': [{'start': 0,'duration': 5,'description': '','voices': [{"
        "'synth_function_name': 'f','is_transition': false,'params': {'wobble': {'deep': [null]}},"
        "'volume_envelope': null,'description': '','voice_id': 'v'}],'noise_volume': 0.6}],"
        "'background_noise': {'file_path': 'a','amp': 1,'pan': 0,'start_time': 0,'fade_in': 0,"
        "'fade_out': 0,'amp_envelope': [],'type': 't','y': 2,'params': {'x': 1}},"
        "'overlay_clips': [{'file_path': 'b','start': 0,'duration': 0,'amp': 1,'pan': 0,"
        "'fade_in': 0,'fade_out': 0,'description': '','id': 7}],'scene': [1]}");
}

static void steps_without_a_start_are_written_with_one(void **state)
{
    const ps_track_step step = {.start_sec = NAN, .duration_sec = 10.0};
    const ps_value *steps;
    ps_track *track;

    (void)state;
    assert_int_equal(ps_track_create(&track, NULL, NULL), PS_OK);
    ps_track_add_step(track, &step, NULL);
    ps_track_add_step(track, &step, NULL);
    steps = ps_value_member(ps_track_write(track), "progression");
    assert_true(ps_value_member(&steps->members[1], "start")->number == 9.0);
    assert_true(isnan(step_of(track, 1)->start_sec)); /* it is left as it was */
    ps_track_destroy(track);
}

/* ---- Memory, locators, floods -------------------------------------------------------------- */

static const char everything[] =
    "{'global': {'x': 1}, 'progression': [{'duration': 1, 'voices': [{'synth_function_name': "
    "'binaural_beat', 'params': {'baseFreq': 1, 'transition_curve': 'alpha*alpha'}, 'z': [1]}]}], "
    "'noise': {'params': {'sweeps': [{'start_min': 1, 'odd': 1}]}, 'amp_envelope': [[0, 1]]}, "
    "'clips': [{'path': 'a', 'b': 1}], 'more': {}}";

static void every_failing_allocation_is_survived(void **state)
{
    char text[sizeof everything];
    ps_json *json;

    (void)state;
    for (size_t i = 0; i < sizeof everything; i++)
        text[i] = everything[i] == '\'' ? '"' : everything[i];
    assert_int_equal(ps_json_read(&json, text, strlen(text), NULL, NULL), PS_OK);
    for (long allowed = 0;; allowed++) {
        failing_allocator f;
        const ps_track_read_options options = {.allocator = &f.base};
        ps_track *track = NULL;
        ps_error err = {0};
        bool done = false;

        failing_init(&f, allowed);
        if (ps_track_read(&track, ps_json_value(json), &options, &err) == PS_OK)
            done = ps_track_write(track) != NULL;
        else
            assert_int_equal(err.status, PS_NO_MEMORY);
        ps_track_destroy(track);
        assert_int_equal(f.live, 0);
        if (done) {
            assert_true(allowed >= 5);
            break;
        }
    }
    ps_json_free(json);
}

static void locate(void *user, const char *where, ps_error *err)
{
    assert_string_equal(where, (const char *)user);
    err->line = 12;
    err->column = 34;
}

static void the_locator_is_asked(void **state)
{
    static char where[] = "progression[0].start";
    const ps_track_read_options options = {.locator = {locate, where}};
    const ps_value text = {.kind = PS_VALUE_TEXT, .text = "soon"};
    const char *const step_names[] = {"start"}, *const names[] = {"progression"};
    const ps_value step = {PS_VALUE_MAP, .count = 1, .members = &text, .names = step_names};
    const ps_value list = {PS_VALUE_LIST, .count = 1, .members = &step};
    const ps_value document = {PS_VALUE_MAP, .count = 1, .members = &list, .names = names};
    ps_track *track;
    ps_error err;

    (void)state;
    assert_int_equal(ps_track_read(&track, &document, &options, &err), PS_BAD_DATA);
    assert_int_equal(err.line, 12);
    assert_int_equal(err.column, 34);
}

static void a_flood_of_mistakes_is_cut(void **state)
{
    ps_value *clips = calloc(5000, sizeof *clips);
    const char *const names[] = {"global", "clips"};
    const ps_value members[] = {{0}, {PS_VALUE_LIST, .count = 5000, .members = clips}};
    const ps_value document = {PS_VALUE_MAP, .count = 2, .members = members, .names = names};
    notes n = {0};
    const ps_track_read_options options = {.warnings = {note, &n}};
    ps_track *track;

    (void)state;
    assert_non_null(clips);
    assert_int_equal(ps_track_read(&track, &document, &options, NULL), PS_OK);
    assert_int_equal(n.count, 1001);
    ps_track_destroy(track);
    free(clips);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(settings_are_read_in_every_spelling),
        cmocka_unit_test(settings_without_which_nothing_can_be_played_are_refused),
        cmocka_unit_test(odd_settings_are_told),
        cmocka_unit_test(other_documents_are_refused_by_name),
        cmocka_unit_test(starts_are_filled_in_as_the_old_loader_did),
        cmocka_unit_test(steps_that_cannot_be_placed_are_refused),
        cmocka_unit_test(odd_steps_are_told),
        cmocka_unit_test(voices_are_read_in_every_spelling),
        cmocka_unit_test(what_is_absent_has_its_preset),
        cmocka_unit_test(odd_voices_are_told),
        cmocka_unit_test(parameters_that_mean_nothing_are_told),
        cmocka_unit_test(what_editors_write_is_known),
        cmocka_unit_test(odd_curves_and_envelopes_are_told),
        cmocka_unit_test(noise_is_read_in_every_spelling),
        cmocka_unit_test(noise_may_be_given_inline_or_not_at_all),
        cmocka_unit_test(odd_noise_is_told),
        cmocka_unit_test(clips_are_read_in_every_spelling),
        cmocka_unit_test(odd_clips_are_told),
        cmocka_unit_test(a_track_is_written_as_the_second_generation),
        cmocka_unit_test(what_is_not_known_is_written_again),
        cmocka_unit_test(steps_without_a_start_are_written_with_one),
        cmocka_unit_test(every_failing_allocation_is_survived),
        cmocka_unit_test(the_locator_is_asked),
        cmocka_unit_test(a_flood_of_mistakes_is_cut),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
