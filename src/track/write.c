/* From a track to a document of the second generation. */
#include "track/model.h"

#include <math.h>
#include <string.h>

/* A map that grows to a number of members known before. */
typedef struct map {
    ps_arena *arena;
    ps_value *members;
    const char **names;
    size_t count;
    bool *failed; /* of the whole document */
} map;

static map map_begin(ps_arena *arena, size_t room, bool *failed)
{
    map made = {.arena = arena, .failed = failed};

    made.members = ps_arena_alloc(arena, room, sizeof *made.members);
    made.names = ps_arena_alloc(arena, room, sizeof *made.names);
    if (!made.members || !made.names)
        *failed = true;
    return made;
}

static void put(map *m, const char *name, ps_value value)
{
    if (*m->failed)
        return;
    m->members[m->count] = value;
    m->names[m->count++] = name;
}

static void put_number(map *m, const char *name, double number)
{
    put(m, name, (ps_value){.kind = PS_VALUE_NUMBER, .number = number});
}

/* NULL is the empty text, as editors write it. */
static void put_text(map *m, const char *name, const char *text)
{
    put(m, name, (ps_value){.kind = PS_VALUE_TEXT, .text = text ? text : ""});
}

static void put_rest(map *m, const ps_value *rest)
{
    for (size_t i = 0; rest->kind == PS_VALUE_MAP && i < rest->count; i++)
        put(m, rest->names[i], rest->members[i]);
}

static ps_value map_end(const map *m)
{
    return (ps_value){
        .kind = PS_VALUE_MAP, .count = m->count, .members = m->members, .names = m->names};
}

static size_t rest_count(const ps_value *rest)
{
    return rest->kind == PS_VALUE_MAP ? rest->count : 0;
}

/* A null as the empty thing of its kind. */
static ps_value or_empty(ps_value value, ps_value_kind kind)
{
    return value.kind == PS_VALUE_NULL ? (ps_value){.kind = kind} : value;
}

static ps_value *new_list(ps_arena *arena, size_t count, bool *failed)
{
    ps_value *items = count > 0 ? ps_arena_alloc(arena, count, sizeof *items) : NULL;

    *failed = *failed || (count > 0 && !items);
    return items;
}

static ps_value settings_of(ps_track *track, bool *failed)
{
    const ps_track_settings *settings = &track->settings;
    map m = map_begin(&track->written, 5 + rest_count(&track->settings_rest), failed);

    put_number(&m, "sample_rate", settings->rate_hz);
    put_number(&m, "crossfade_duration", settings->crossfade_sec);
    put_text(&m, "crossfade_curve", settings->equal_power ? "equal_power" : "linear");
    put_text(&m, "output_filename", settings->output_name);
    if (!ps_value_is_null(&settings->effects))
        put(&m, "effects", settings->effects);
    put_rest(&m, &track->settings_rest);
    return map_end(&m);
}

static ps_value voice_of(ps_track *track, const ps_track_voice *voice, bool *failed)
{
    map m = map_begin(&track->written, 6 + rest_count(&voice->rest), failed);
    const ps_value transition = {.kind = PS_VALUE_FLAG, .number = voice->is_transition};

    put_text(&m, "synth_function_name", voice->function);
    put(&m, "is_transition", transition);
    put(&m, "params", or_empty(voice->params, PS_VALUE_MAP));
    put(&m, "volume_envelope", voice->envelope);
    put_text(&m, "description", voice->description);
    if (voice->category)
        put_text(&m, "category", voice->category);
    put_rest(&m, &voice->rest);
    return map_end(&m);
}

static ps_value step_of(ps_track *track, const ps_track_step *step, double start_sec, bool *failed)
{
    map m = map_begin(&track->written, 4 + rest_count(&step->rest), failed);
    ps_value *voices = new_list(&track->written, step->voice_count, failed);

    for (size_t i = 0; i < step->voice_count && !*failed; i++)
        voices[i] = voice_of(track, &step->voices[i], failed);
    put_number(&m, "start", start_sec);
    put_number(&m, "duration", step->duration_sec);
    put_text(&m, "description", step->description);
    put(&m, "voices",
        (ps_value){.kind = PS_VALUE_LIST, .count = step->voice_count, .members = voices});
    put_rest(&m, &step->rest);
    return map_end(&m);
}

/* Steps without a start get the one that reading gives them. */
static ps_value steps_of(ps_track *track, bool *failed)
{
    ps_value *steps = new_list(&track->written, track->step_count, failed);
    double running_sec = 0.0;

    for (size_t i = 0; i < track->step_count && !*failed; i++) {
        ps_track_step step = track->steps[i];

        ps_track_place_step(&step, track->settings.crossfade_sec, &running_sec);
        steps[i] = step_of(track, &step, step.start_sec, failed);
    }
    return (ps_value){.kind = PS_VALUE_LIST, .count = track->step_count, .members = steps};
}

static ps_value noise_of(ps_track *track, bool *failed)
{
    const ps_track_noise *noise = &track->noise;

    if (!track->has_noise)
        return (ps_value){.kind = PS_VALUE_MAP};
    map m = map_begin(&track->written, 8 + rest_count(&noise->rest), failed);
    put_text(&m, "file_path", noise->path);
    if (!noise->path && noise->params.kind != PS_VALUE_NULL)
        put(&m, "params", noise->params); /* of a path they are that file's */
    put_number(&m, "amp", noise->gain);
    put_number(&m, "pan", noise->pan);
    put_number(&m, "start_time", noise->start_sec);
    put_number(&m, "fade_in", noise->fade_in_sec);
    put_number(&m, "fade_out", noise->fade_out_sec);
    put(&m, "amp_envelope", or_empty(noise->envelope, PS_VALUE_LIST));
    put_rest(&m, &noise->rest);
    return map_end(&m);
}

static ps_value clip_of(ps_track *track, const ps_track_clip *clip, bool *failed)
{
    map m = map_begin(&track->written, 9 + rest_count(&clip->rest), failed);

    put_text(&m, "file_path", clip->path);
    put_number(&m, "start", clip->start_sec);
    put_number(&m, "duration", clip->duration_sec);
    put_number(&m, "amp", clip->gain);
    put_number(&m, "pan", clip->pan);
    put_number(&m, "fade_in", clip->fade_in_sec);
    put_number(&m, "fade_out", clip->fade_out_sec);
    put_text(&m, "description", clip->description);
    if (!ps_value_is_null(&clip->effects))
        put(&m, "effects", clip->effects);
    put_rest(&m, &clip->rest);
    return map_end(&m);
}

static ps_value clips_of(ps_track *track, bool *failed)
{
    ps_value *clips = new_list(&track->written, track->clip_count, failed);

    for (size_t i = 0; i < track->clip_count && !*failed; i++)
        clips[i] = clip_of(track, &track->clips[i], failed);
    return (ps_value){.kind = PS_VALUE_LIST, .count = track->clip_count, .members = clips};
}

const ps_value *ps_track_write(ps_track *track)
{
    ps_value *document;
    bool failed = false;

    ps_arena_clear(&track->written);
    map m = map_begin(&track->written, 4 + rest_count(&track->rest), &failed);
    put(&m, "global", settings_of(track, &failed));
    put(&m, "progression", steps_of(track, &failed));
    put(&m, "background_noise", noise_of(track, &failed));
    put(&m, "overlay_clips", clips_of(track, &failed));
    put_rest(&m, &track->rest);
    document = new_list(&track->written, 1, &failed);
    if (failed)
        return NULL;
    *document = map_end(&m);
    return document;
}
