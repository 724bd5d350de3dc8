/*
 * From a document to a track: the top, the settings and the steps with their start times. Both
 * generations of documents and all spellings are taken, in any mixture; of two spellings of one
 * field the first of its list counts.
 */
#include "track/read.h"

#include <math.h>
#include <string.h>

#include "plainsong/audio.h"
#include "track/hold.h"
#include "track/model.h"
#include "base/nearest.h"

/* ---- What a document may be instead of a track --------------------------------------------- */

static const ps_value *member_of_first(const ps_value *list, const char *name)
{
    return list && list->kind == PS_VALUE_LIST && list->count > 0
               ? ps_value_member(&list->members[0], name)
               : NULL;
}

/* Words for what else the same people keep in JSON files; NULL when it is nothing known. */
static const char *known_kind(const ps_value *document)
{
    const ps_value *steps = ps_value_member(document, "steps");

    if (document->kind == PS_VALUE_LIST)
        return member_of_first(document, "synth_function_name") ? "a list of voice presets" : NULL;
    if (ps_value_member(document, "audio_settings") || member_of_first(steps, "oscillators") ||
        member_of_first(steps, "strobe_sets"))
        return "a visual strobe program";
    if (member_of_first(steps, "binaural_preset_id"))
        return "a session plan";
    if (ps_value_member(document, "synth_function_name"))
        return "a voice preset";
    if (ps_value_member(document, "noise_type") || ps_value_member(document, "sweeps"))
        return "a noise preset";
    return NULL;
}

static void refuse_document(ps_reading *r, const ps_value *document)
{
    const char *kind = known_kind(document);

    if (kind)
        ps_refuse(r, NULL, "this is %s, not a track", kind);
    else if (document->kind != PS_VALUE_MAP)
        ps_refuse(r, NULL, "not a track: the document is %s", ps_value_words(document));
    else if (ps_value_member(document, "steps"))
        ps_refuse(r, NULL, "not a track: it has steps, but no global_settings");
    else
        ps_refuse(r, NULL, "not a track: it has neither global nor progression");
    if (r->status == PS_BAD_DATA && document->kind == PS_VALUE_MAP)
        ps_hint(r->err, "a track has \"global\" and \"progression\", or \"global_settings\" and "
                        "\"steps\"");
}

/* ---- Settings ------------------------------------------------------------------------------ */

enum { RATE, CROSSFADE, CURVE, OUTPUT, EFFECTS, SETTINGS_COUNT };

static const ps_field settings_fields[SETTINGS_COUNT] = {
    [RATE] = {"sample_rate sampleRate"},
    [CROSSFADE] = {"crossfade_duration crossfadeDuration"},
    [CURVE] = {"crossfade_curve crossfadeCurve"},
    [OUTPUT] = {"output_filename outputFilename"},
    [EFFECTS] = {"effects"},
};

static void read_rate(ps_reading *r, ps_track_settings *settings, const ps_found *found)
{
    const ps_where where = ps_found_where(found, RATE);
    double rate_hz = settings->rate_hz;

    ps_found_needed(r, found, RATE, &rate_hz, PS_TRACK_SECONDS_MAX);
    if (!(rate_hz >= PS_RATE_MIN_HZ && rate_hz <= PS_RATE_MAX_HZ)) {
        ps_refuse(r, &where, "is %g, but rates are %g to %g Hz", rate_hz, PS_RATE_MIN_HZ,
                  PS_RATE_MAX_HZ);
        return;
    }
    if (rate_hz != trunc(rate_hz))
        ps_note(r, &where, NULL, "is not a whole number: %g is taken", trunc(rate_hz));
    settings->rate_hz = (uint32_t)rate_hz;
}

static void read_curve(ps_reading *r, ps_track_settings *settings, const ps_found *found)
{
    static const char *const known[] = {"linear", "equal_power"};
    const ps_where where = ps_found_where(found, CURVE);
    const char *curve = ps_found_text(r, found, CURVE);
    ps_nearest nearest;

    settings->equal_power = curve && strcmp(curve, "equal_power") == 0;
    if (!curve || settings->equal_power || strcmp(curve, "linear") == 0)
        return;
    ps_nearest_init(&nearest, curve);
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        ps_nearest_offer(&nearest, known[i]);
    ps_note(r, &where, nearest.best, "is neither linear nor equal_power: linear is taken");
}

static void read_settings(ps_reading *r, ps_track *track, const ps_value *value,
                          const ps_where *where)
{
    ps_track_settings settings = ps_track_default_settings();
    const char *output;
    ps_found found;

    if (ps_value_is_null(value))
        return;
    if (value->kind != PS_VALUE_MAP) {
        ps_refuse(r, where, "is %s where an object belongs", ps_value_words(value));
        return;
    }
    ps_fields_find(r, &found, value, where, settings_fields, SETTINGS_COUNT);
    read_rate(r, &settings, &found);
    ps_found_needed(r, &found, CROSSFADE, &settings.crossfade_sec, PS_TRACK_SECONDS_MAX);
    read_curve(r, &settings, &found);
    output = ps_found_text(r, &found, OUTPUT);
    if (output)
        settings.output_name = output;
    if (found.values[EFFECTS])
        settings.effects = *found.values[EFFECTS];
    if (ps_reading_on(r))
        r->status = ps_track_set_settings(track, &settings, r->err);
    if (ps_reading_on(r))
        r->status = ps_hold_value(&track->held, &track->settings_rest, &found.rest, r->err);
}

/* ---- Steps --------------------------------------------------------------------------------- */

enum { DURATION, START, VOICES, DESCRIPTION, STEP_COUNT };

static const ps_field step_fields[STEP_COUNT] = {
    [DURATION] = {"duration Duration durationSeconds stepDuration"},
    [START] = {"start start_time"},
    [VOICES] = {"voices"},
    [DESCRIPTION] = {"description"},
};

static void read_voices(ps_reading *r, ps_track_step *step, const ps_found *found)
{
    const ps_where list = ps_found_where(found, VOICES);
    const ps_value *voices = ps_found_kind(r, found, VOICES, PS_VALUE_LIST);
    ps_track_voice *made;

    if (!voices || voices->count == 0)
        return;
    made = ps_arena_alloc(&r->scratch, voices->count, sizeof *made);
    if (!made) {
        ps_refuse_memory(r);
        return;
    }
    for (size_t i = 0; i < voices->count && ps_reading_on(r); i++) {
        const ps_where where = {.up = &list, .index = i};

        if (ps_read_voice(r, &made[step->voice_count], &voices->members[i], &where))
            step->voice_count++;
    }
    step->voices = made;
}

static void read_step(ps_reading *r, ps_track_step *step, const ps_value *value,
                      const ps_where *where)
{
    ps_found found;

    memset(step, 0, sizeof *step);
    if (value->kind != PS_VALUE_MAP) {
        ps_refuse(r, where, "is %s where a step belongs", ps_value_words(value));
        return;
    }
    ps_fields_find(r, &found, value, where, step_fields, STEP_COUNT);
    step->start_sec = (double)NAN;
    ps_found_needed(r, &found, START, &step->start_sec, PS_TRACK_SECONDS_MAX);
    if (!found.values[DURATION])
        ps_note(r, where, NULL, "has no duration: it is not played");
    ps_found_needed(r, &found, DURATION, &step->duration_sec, PS_TRACK_SECONDS_MAX);
    step->description = ps_found_text(r, &found, DESCRIPTION);
    step->rest = found.rest;
    read_voices(r, step, &found);
}

static void read_steps(ps_reading *r, ps_track *track, const ps_value *steps, const ps_where *list)
{
    const double crossfade_sec = track->settings.crossfade_sec;
    double running_sec = 0.0;

    if (ps_value_is_null(steps))
        return;
    if (steps->kind != PS_VALUE_LIST) {
        ps_refuse(r, list, "is %s where a list of steps belongs", ps_value_words(steps));
        return;
    }
    for (size_t i = 0; i < steps->count && ps_reading_on(r); i++) {
        const ps_where where = {.up = list, .index = i};
        ps_track_step step;

        read_step(r, &step, &steps->members[i], &where);
        if (!ps_reading_on(r))
            return;
        ps_track_place_step(&step, crossfade_sec, &running_sec);
        r->status = ps_track_add_step(track, &step, r->err);
    }
}

/* ---- The whole ----------------------------------------------------------------------------- */

enum { GLOBAL, STEPS, CLIPS, NOISE, TOP_COUNT };

static const ps_field top_fields[TOP_COUNT] = {
    [GLOBAL] = {"global_settings globalSettings global"},
    [STEPS] = {"steps progression"},
    [CLIPS] = {"clips overlay_clips"},
    [NOISE] = {"background_noise noise"},
};

static void read_clips(ps_reading *r, ps_track *track, const ps_found *top)
{
    const ps_where list = ps_found_where(top, CLIPS);
    const ps_value *clips = ps_found_kind(r, top, CLIPS, PS_VALUE_LIST);

    for (size_t i = 0; clips && i < clips->count && ps_reading_on(r); i++) {
        const ps_where where = {.up = &list, .index = i};
        ps_track_clip clip;

        if (ps_read_clip(r, &clip, &clips->members[i], &where) && ps_reading_on(r))
            r->status = ps_track_add_clip(track, &clip, r->err);
    }
}

static void read_noise(ps_reading *r, ps_track *track, const ps_found *top)
{
    const ps_where where = ps_found_where(top, NOISE);
    const ps_value *value = ps_found_kind(r, top, NOISE, PS_VALUE_MAP);
    ps_track_noise noise;

    if (value && ps_read_noise(r, &noise, value, &where) && ps_reading_on(r))
        r->status = ps_track_set_noise(track, &noise, r->err);
}

/* A track shows by its settings or, in the second generation, by its progression alone. */
static bool is_track(const ps_value *document)
{
    return document->kind == PS_VALUE_MAP &&
           (ps_value_member(document, "global") || ps_value_member(document, "progression") ||
            ps_value_member(document, "global_settings") ||
            ps_value_member(document, "globalSettings"));
}

static void read_document(ps_reading *r, ps_track *track, const ps_value *document)
{
    ps_where global, steps;
    ps_found top;

    if (!is_track(document)) {
        refuse_document(r, document);
        return;
    }
    ps_fields_find(r, &top, document, NULL, top_fields, TOP_COUNT);
    if (!ps_reading_on(r))
        return;
    global = ps_found_where(&top, GLOBAL);
    steps = ps_found_where(&top, STEPS);
    read_settings(r, track, top.values[GLOBAL], &global);
    if (!top.values[STEPS])
        ps_note(r, NULL, NULL, "has no steps");
    if (ps_reading_on(r))
        read_steps(r, track, top.values[STEPS], &steps);
    read_noise(r, track, &top);
    read_clips(r, track, &top);
    if (ps_reading_on(r))
        r->status = ps_hold_value(&track->held, &track->rest, &top.rest, r->err);
}

ps_status ps_track_read(ps_track **out, const ps_value *document,
                        const ps_track_read_options *options, ps_error *err)
{
    static const ps_track_read_options none = {0};
    ps_reading r = {.options = options ? options : &none, .err = err};
    ps_track *track = NULL;

    ps_arena_init(&r.scratch, r.options->allocator);
    r.status = ps_track_create(&track, r.options->allocator, err);
    if (ps_reading_on(&r))
        read_document(&r, track, document);
    ps_arena_clear(&r.scratch);
    if (!ps_reading_on(&r)) {
        ps_track_destroy(track);
        return r.status;
    }
    *out = track;
    return PS_OK;
}
