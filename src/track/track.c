/* A track built by hand: parts are checked, copied and kept in order. */
#include "track/model.h"

#include <string.h>

#include "plainsong/audio.h"
#include "track/hold.h"

#define FIRST_ROOM 8u

ps_track_settings ps_track_default_settings(void)
{
    return (ps_track_settings){
        .rate_hz = 44100,
        .crossfade_sec = 1.0,
        .equal_power = false,
        .output_name = "generated_track.wav",
    };
}

ps_status ps_track_create(ps_track **out, const ps_allocator *allocator, ps_error *err)
{
    ps_track *track = ps_alloc(allocator, 1, sizeof *track);

    if (!track)
        return ps_fail(err, PS_NO_MEMORY, "no memory for a track");
    track->allocator = allocator;
    track->settings = ps_track_default_settings();
    ps_arena_init(&track->held, allocator);
    ps_arena_init(&track->written, allocator);
    *out = track;
    return PS_OK;
}

void ps_track_destroy(ps_track *track)
{
    if (!track)
        return;
    ps_arena_clear(&track->held);
    ps_arena_clear(&track->written);
    ps_free(track->allocator, track->steps);
    ps_free(track->allocator, track->clips);
    ps_free(track->allocator, track);
}

static ps_status check_finite(double number, const char *name, ps_error *err)
{
    if (isfinite(number))
        return PS_OK;
    return ps_fail(err, PS_BAD_ARGUMENT, "%s is not a finite number", name);
}

/* ---- Settings ------------------------------------------------------------------------------ */

ps_status ps_track_set_settings(ps_track *track, const ps_track_settings *settings, ps_error *err)
{
    ps_track_settings copy = *settings;
    ps_status status = check_finite(settings->crossfade_sec, "crossfade_sec", err);

    if (status != PS_OK)
        return status;
    if (settings->rate_hz < PS_RATE_MIN_HZ || settings->rate_hz > PS_RATE_MAX_HZ)
        return ps_fail(err, PS_BAD_ARGUMENT, "rate of %u Hz is outside %.0f..%.0f",
                       (unsigned)settings->rate_hz, (double)PS_RATE_MIN_HZ, (double)PS_RATE_MAX_HZ);
    if (!copy.output_name)
        copy.output_name = ps_track_default_settings().output_name;
    status = ps_hold_text(&track->held, &copy.output_name, copy.output_name, err);
    if (status == PS_OK)
        status = ps_hold_value(&track->held, &copy.effects, &settings->effects, err);
    if (status == PS_OK)
        track->settings = copy;
    return status;
}

ps_status ps_track_effects(ps_chain **out, const ps_track *track, const ps_chain_options *options,
                           ps_error *err)
{
    if (!ps_value_is_null(&track->settings.effects))
        return ps_chain_read_value(out, &track->settings.effects, options, err);
    *out = NULL;
    return PS_OK;
}

/* ---- Steps --------------------------------------------------------------------------------- */

/* Room for one more of the parts at *items. */
static ps_status make_room(ps_track *track, void **items, size_t item_bytes, size_t count,
                           size_t *room, ps_error *err)
{
    const size_t wanted = *room > 0 ? 2 * *room : FIRST_ROOM;
    void *larger;

    if (count < *room)
        return PS_OK;
    larger = ps_alloc(track->allocator, wanted, item_bytes);
    if (!larger)
        return ps_fail(err, PS_NO_MEMORY, "no memory for %zu parts of a track", wanted);
    if (count > 0)
        memcpy(larger, *items, count * item_bytes);
    ps_free(track->allocator, *items);
    *items = larger;
    *room = wanted;
    return PS_OK;
}

static ps_status hold_voice(ps_track *track, ps_track_voice *out, const ps_track_voice *voice,
                            ps_error *err)
{
    ps_arena *held = &track->held;
    ps_track_voice copy = {.is_transition = voice->is_transition};
    ps_status status =
        ps_hold_text(held, &copy.function, voice->function ? voice->function : "", err);

    if (status == PS_OK)
        status = ps_hold_value(held, &copy.params, &voice->params, err);
    if (status == PS_OK)
        status = ps_hold_value(held, &copy.envelope, &voice->envelope, err);
    if (status == PS_OK)
        status = ps_hold_text(held, &copy.description, voice->description, err);
    if (status == PS_OK)
        status = ps_hold_text(held, &copy.category, voice->category, err);
    if (status == PS_OK)
        status = ps_hold_value(held, &copy.rest, &voice->rest, err);
    if (status == PS_OK)
        status = ps_hold_value(held, &copy.told, &voice->told, err);
    *out = copy;
    return status;
}

static ps_status hold_voices(ps_track *track, ps_track_step *copy, const ps_track_step *step,
                             ps_error *err)
{
    ps_track_voice *voices = NULL;
    ps_status status = PS_OK;

    copy->voice_count = step->voice_count;
    if (step->voice_count > 0) {
        voices = ps_arena_alloc(&track->held, step->voice_count, sizeof *voices);
        if (!voices)
            return ps_fail(err, PS_NO_MEMORY, "no memory for %zu voices", step->voice_count);
    }
    for (size_t i = 0; i < step->voice_count && status == PS_OK; i++)
        status = hold_voice(track, &voices[i], &step->voices[i], err);
    copy->voices = voices;
    return status;
}

ps_status ps_track_add_step(ps_track *track, const ps_track_step *step, ps_error *err)
{
    ps_track_step copy = {.start_sec = step->start_sec, .duration_sec = step->duration_sec};
    void *items = track->steps;
    ps_status status = check_finite(step->duration_sec, "duration_sec", err);

    if (status == PS_OK && isinf(step->start_sec))
        status = check_finite(step->start_sec, "start_sec", err);
    if (status == PS_OK)
        status = make_room(track, &items, sizeof copy, track->step_count, &track->step_room, err);
    track->steps = items;
    if (status == PS_OK)
        status = hold_voices(track, &copy, step, err);
    if (status == PS_OK)
        status = ps_hold_text(&track->held, &copy.description, step->description, err);
    if (status == PS_OK)
        status = ps_hold_value(&track->held, &copy.rest, &step->rest, err);
    if (status == PS_OK)
        track->steps[track->step_count++] = copy;
    return status;
}

void ps_track_place_step(ps_track_step *step, double crossfade_sec, double *running_sec)
{
    double advance_sec = step->duration_sec;

    if (!isnan(step->start_sec)) {
        *running_sec = fmax(*running_sec, step->start_sec + step->duration_sec);
        return;
    }
    if (crossfade_sec > 0.0)
        advance_sec = fmax(0.0, step->duration_sec - crossfade_sec);
    step->start_sec = *running_sec;
    *running_sec += advance_sec;
}

/* ---- Clips and noise ----------------------------------------------------------------------- */

static ps_status check_clip(const ps_track_clip *clip, ps_error *err)
{
    ps_status status = check_finite(clip->start_sec, "start_sec", err);

    if (status == PS_OK)
        status = check_finite(clip->gain, "gain", err);
    if (status == PS_OK)
        status = check_finite(clip->pan, "pan", err);
    if (status == PS_OK)
        status = check_finite(clip->fade_in_sec, "fade_in_sec", err);
    if (status == PS_OK)
        status = check_finite(clip->fade_out_sec, "fade_out_sec", err);
    if (status == PS_OK)
        status = check_finite(clip->duration_sec, "duration_sec", err);
    return status;
}

ps_status ps_track_add_clip(ps_track *track, const ps_track_clip *clip, ps_error *err)
{
    ps_track_clip copy = *clip;
    void *items = track->clips;
    ps_status status = check_clip(clip, err);

    if (status == PS_OK)
        status = make_room(track, &items, sizeof copy, track->clip_count, &track->clip_room, err);
    track->clips = items;
    if (status == PS_OK)
        status = ps_hold_text(&track->held, &copy.path, clip->path, err);
    if (status == PS_OK)
        status = ps_hold_text(&track->held, &copy.description, clip->description, err);
    if (status == PS_OK)
        status = ps_hold_value(&track->held, &copy.effects, &clip->effects, err);
    if (status == PS_OK)
        status = ps_hold_value(&track->held, &copy.rest, &clip->rest, err);
    if (status == PS_OK)
        track->clips[track->clip_count++] = copy;
    return status;
}

static ps_status check_noise(const ps_track_noise *noise, ps_error *err)
{
    ps_status status = check_finite(noise->gain, "gain", err);

    if (status == PS_OK)
        status = check_finite(noise->pan, "pan", err);
    if (status == PS_OK)
        status = check_finite(noise->start_sec, "start_sec", err);
    if (status == PS_OK)
        status = check_finite(noise->fade_in_sec, "fade_in_sec", err);
    if (status == PS_OK)
        status = check_finite(noise->fade_out_sec, "fade_out_sec", err);
    return status;
}

ps_status ps_track_set_noise(ps_track *track, const ps_track_noise *noise, ps_error *err)
{
    ps_track_noise copy = *noise;
    ps_status status = check_noise(noise, err);

    if (status == PS_OK)
        status = ps_hold_text(&track->held, &copy.path, noise->path, err);
    if (status == PS_OK)
        status = ps_hold_value(&track->held, &copy.params, &noise->params, err);
    if (status == PS_OK)
        status = ps_hold_value(&track->held, &copy.envelope, &noise->envelope, err);
    if (status == PS_OK)
        status = ps_hold_value(&track->held, &copy.rest, &noise->rest, err);
    if (status == PS_OK) {
        track->noise = copy;
        track->has_noise = true;
    }
    return status;
}

/* ---- Questions ----------------------------------------------------------------------------- */

const ps_track_settings *ps_track_get_settings(const ps_track *track)
{
    return &track->settings;
}

const ps_track_step *ps_track_get_steps(const ps_track *track, size_t *count)
{
    *count = track->step_count;
    return track->steps;
}

const ps_track_clip *ps_track_get_clips(const ps_track *track, size_t *count)
{
    *count = track->clip_count;
    return track->clips;
}

const ps_track_noise *ps_track_get_noise(const ps_track *track)
{
    return track->has_noise ? &track->noise : NULL;
}
