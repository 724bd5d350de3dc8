/* From a document to a track: the layer of noise, and the clips. */
#include "track/read.h"

#include <math.h>
#include <string.h>

#include "voice/noise.h"

/* Notes a number that is not one, or that no length or time can be, and leaves the preset. */
static void read_seconds(ps_reading *r, const ps_found *found, size_t field, double *seconds)
{
    const ps_where where = ps_found_where(found, field);
    const double preset = *seconds;

    ps_found_number(r, found, field, seconds);
    if (fabs(*seconds) <= PS_TRACK_SECONDS_MAX)
        return;
    ps_note(r, &where, NULL, "is %g, which is more than %g: %g is taken", *seconds,
            PS_TRACK_SECONDS_MAX, preset);
    *seconds = preset;
}

static void read_pan(ps_reading *r, const ps_found *found, size_t field, double *pan)
{
    const ps_where where = ps_found_where(found, field);

    ps_found_number(r, found, field, pan);
    if (fabs(*pan) <= 1.0)
        return;
    ps_note(r, &where, NULL, "is outside -1..1: %g is taken", copysign(1.0, *pan));
    *pan = copysign(1.0, *pan);
}

/* ---- What is in a .noise file -------------------------------------------------------------- */

enum { NOISE_TYPE, SPECTRUM, LFO_WAVEFORM, SWEEPS, NOTCHES, INPUT, FIRST_NUMBER };

static const ps_field preset_fields[] = {
    [NOISE_TYPE] = {"noise_type"},
    [SPECTRUM] = {"noise_parameters color_params"},
    [LFO_WAVEFORM] = {"lfo_waveform"},
    [SWEEPS] = {"sweeps"},
    [NOTCHES] = {"static_notches"},
    [INPUT] = {"input_audio_path"},
    [FIRST_NUMBER] = {"lfo_freq"},
    {"start_lfo_freq"},
    {"end_lfo_freq"},
    {"start_lfo_phase_offset_deg"},
    {"end_lfo_phase_offset_deg"},
    {"start_intra_phase_offset_deg"},
    {"end_intra_phase_offset_deg"},
    {"initial_offset"},
    {"transition_duration duration"},
    {"post_offset"},
    {"duration_seconds"},
    {"transition", .kept_only = true},
    /* What a preset says of these is the track's to say. */
    {"sample_rate", .kept_only = true},
    {"start_time", .kept_only = true},
    {"fade_in", .kept_only = true},
    {"fade_out", .kept_only = true},
    {"amp_envelope", .kept_only = true},
};

static const ps_field sweep_fields[] = {
    {"start_min"}, {"end_min"}, {"start_max"},  {"end_max"},
    {"start_q"},   {"end_q"},   {"start_casc"}, {"end_casc"},
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Tells of those fields that are there and no numbers. */
static void check_numbers(ps_reading *r, const ps_found *found, size_t first, size_t end)
{
    for (size_t i = first; i < end; i++) {
        const ps_where where = ps_found_where(found, i);
        double number;

        if (!ps_value_is_null(found->values[i]) && !ps_value_number(found->values[i], &number))
            ps_note(r, &where, NULL, "is %s where a number belongs",
                    ps_value_words(found->values[i]));
    }
}

static void check_sweeps(ps_reading *r, const ps_found *preset)
{
    const ps_where list = ps_found_where(preset, SWEEPS);
    const ps_value *sweeps = ps_found_kind(r, preset, SWEEPS, PS_VALUE_LIST);

    for (size_t i = 0; sweeps && i < sweeps->count && ps_reading_on(r); i++) {
        const ps_where where = {.up = &list, .index = i};
        const ps_value *sweep = &sweeps->members[i];
        ps_found found;

        if (i == PS_NOTCH_SWEEPS) {
            ps_note(r, &where, NULL, "is left out: there are more than %u", PS_NOTCH_SWEEPS);
            return;
        }
        if (sweep->kind != PS_VALUE_MAP) {
            ps_note(r, &where, NULL, "is %s where an object belongs", ps_value_words(sweep));
            continue;
        }
        ps_fields_find(r, &found, sweep, &where, sweep_fields, COUNT(sweep_fields));
        check_numbers(r, &found, 0, COUNT(sweep_fields));
    }
}

/* What the noise's own reading warns of, put where it stands. */
typedef struct placing {
    ps_reading *reading;
    ps_where where;
} placing;

static void place(void *user, const ps_error *warning)
{
    const placing *p = user;

    ps_note(p->reading, &p->where, NULL, "%s", warning->text);
}

typedef void read_part(ps_noise_settings *settings, const ps_value *value,
                       const ps_warnings *warnings);

static void check_part(ps_reading *r, const ps_found *found, size_t field, read_part *read)
{
    placing p = {r, ps_found_where(found, field)};
    const ps_warnings warnings = {place, &p};
    ps_noise_settings settings;

    read(&settings, found->values[field], &warnings);
}

static void check_wave(ps_reading *r, const ps_found *found)
{
    const ps_where where = ps_found_where(found, LFO_WAVEFORM);
    ps_error why;
    bool triangle;

    if (ps_noise_read_wave(&triangle, found->values[LFO_WAVEFORM], &why) != PS_OK)
        ps_note(r, &where, NULL, "%s: there is no noise", why.text);
}

/* Tells of everything that ps_noise_read would: who plays the noise is then silent about it. */
static void check_preset(ps_reading *r, const ps_value *params, const ps_where *where)
{
    ps_found found;

    ps_fields_find(r, &found, params, where, preset_fields, COUNT(preset_fields));
    if (!ps_reading_on(r))
        return;
    check_part(r, &found, NOISE_TYPE, ps_noise_read_colour);
    check_part(r, &found, SPECTRUM, ps_noise_read_spectrum);
    check_part(r, &found, NOTCHES, ps_noise_read_notches);
    check_wave(r, &found);
    ps_found_text(r, &found, INPUT);
    check_sweeps(r, &found);
    check_numbers(r, &found, FIRST_NUMBER, COUNT(preset_fields));
}

/* ---- Noise --------------------------------------------------------------------------------- */

enum { PATH, AMP, PARAMS, START, FADE_IN, FADE_OUT, ENVELOPE, PAN, TYPE, NOISE_COUNT };

static const ps_field noise_fields[NOISE_COUNT] = {
    [PATH] = {"file_path file params_path noise_file"},
    [AMP] = {"amp gain"},
    [PARAMS] = {"params"},
    [START] = {"start_time"},
    [FADE_IN] = {"fade_in"},
    [FADE_OUT] = {"fade_out"},
    [ENVELOPE] = {"amp_envelope"},
    [PAN] = {"pan"},
    [TYPE] = {"type", .kept_only = true},
};

/* A point [sec, gain] that does not lie before the last one. */
static bool read_point(ps_reading *r, double *seconds, double *gain, double last_sec,
                       const ps_value *value, const ps_where *where)
{
    if (value->kind != PS_VALUE_LIST || value->count < 2 ||
        !ps_value_number(&value->members[0], seconds) ||
        !ps_value_number(&value->members[1], gain)) {
        ps_note(r, where, NULL, "is no point [seconds, gain]: it is left out");
        return false;
    }
    if (*seconds < last_sec) {
        ps_note(r, where, NULL, "lies before the point in front of it: it is left out");
        return false;
    }
    return true;
}

/* The points that are good, as numbers. */
static ps_value read_envelope(ps_reading *r, const ps_found *found)
{
    const ps_where list = ps_found_where(found, ENVELOPE);
    const ps_value *points = ps_found_kind(r, found, ENVELOPE, PS_VALUE_LIST);
    ps_value good = {.kind = PS_VALUE_LIST}, *made, *numbers;
    double last_sec = -(double)INFINITY;

    if (!points || points->count == 0)
        return (ps_value){.kind = PS_VALUE_NULL};
    made = ps_arena_alloc(&r->scratch, points->count, sizeof *made);
    numbers = ps_arena_alloc(&r->scratch, points->count, 2 * sizeof *numbers);
    if (!made || !numbers) {
        ps_refuse_memory(r);
        return (ps_value){.kind = PS_VALUE_NULL};
    }
    for (size_t i = 0; i < points->count && ps_reading_on(r); i++) {
        const ps_where where = {.up = &list, .index = i};
        ps_value *pair = &numbers[2 * good.count];

        pair[0].kind = pair[1].kind = PS_VALUE_NUMBER;
        if (!read_point(r, &pair[0].number, &pair[1].number, last_sec, &points->members[i], &where))
            continue;
        last_sec = pair[0].number;
        made[good.count++] = (ps_value){.kind = PS_VALUE_LIST, .count = 2, .members = pair};
    }
    good.members = made;
    return good.count > 0 ? good : (ps_value){.kind = PS_VALUE_NULL};
}

/* A path wins over parameters that stand beside it; those are then kept unread. */
static void read_preset(ps_reading *r, ps_track_noise *noise, ps_found *found)
{
    const ps_where where = ps_found_where(found, PARAMS);
    const ps_value *params = ps_found_kind(r, found, PARAMS, PS_VALUE_MAP);

    noise->path = ps_found_text(r, found, PATH);
    if (!params)
        return;
    if (noise->path) {
        ps_note(r, &where, NULL, "is not looked at: %s is given", found->names[PATH]);
        ps_fields_keep(r, found, PARAMS);
        return;
    }
    check_preset(r, params, &where);
    noise->params = *params;
    noise->told = ps_notes_wanted(r);
}

bool ps_read_noise(ps_reading *r, ps_track_noise *noise, const ps_value *value,
                   const ps_where *where)
{
    ps_found found;

    memset(noise, 0, sizeof *noise);
    noise->gain = 1.0;
    if (value->count == 0)
        return false;
    ps_fields_find(r, &found, value, where, noise_fields, NOISE_COUNT);
    if (!ps_reading_on(r))
        return false;
    read_preset(r, noise, &found);
    ps_found_number(r, &found, AMP, &noise->gain);
    read_pan(r, &found, PAN, &noise->pan);
    read_seconds(r, &found, START, &noise->start_sec);
    read_seconds(r, &found, FADE_IN, &noise->fade_in_sec);
    read_seconds(r, &found, FADE_OUT, &noise->fade_out_sec);
    noise->envelope = read_envelope(r, &found);
    noise->rest = found.rest;
    return true;
}

/* ---- Clips --------------------------------------------------------------------------------- */

enum {
    CLIP_PATH,
    CLIP_START,
    CLIP_AMP,
    CLIP_DURATION,
    CLIP_PAN,
    CLIP_FADE_IN,
    CLIP_FADE_OUT,
    CLIP_DESCRIPTION,
    CLIP_EFFECTS,
    CLIP_COUNT
};

static const ps_field clip_fields[CLIP_COUNT] = {
    [CLIP_PATH] = {"file_path path file"},
    [CLIP_START] = {"start start_time"},
    [CLIP_AMP] = {"amp gain"},
    [CLIP_DURATION] = {"duration"},
    [CLIP_PAN] = {"pan"},
    [CLIP_FADE_IN] = {"fade_in"},
    [CLIP_FADE_OUT] = {"fade_out"},
    [CLIP_DESCRIPTION] = {"description"},
    [CLIP_EFFECTS] = {"effects"},
};

/* One that begins too late is never heard: at its preset it would be heard at once. */
static bool read_clip_start(ps_reading *r, ps_track_clip *clip, const ps_found *found)
{
    const ps_where where = ps_found_where(found, CLIP_START);

    ps_found_number(r, found, CLIP_START, &clip->start_sec);
    if (fabs(clip->start_sec) <= PS_TRACK_SECONDS_MAX)
        return true;
    ps_note(r, &where, NULL, "is %g, which is more than %g: the clip is left out", clip->start_sec,
            PS_TRACK_SECONDS_MAX);
    return false;
}

bool ps_read_clip(ps_reading *r, ps_track_clip *clip, const ps_value *value, const ps_where *where)
{
    ps_found found;

    memset(clip, 0, sizeof *clip);
    clip->gain = 1.0;
    if (value->kind != PS_VALUE_MAP) {
        ps_note(r, where, NULL, "is %s where a clip belongs: it is left out",
                ps_value_words(value));
        return false;
    }
    ps_fields_find(r, &found, value, where, clip_fields, CLIP_COUNT);
    if (!ps_reading_on(r) || !read_clip_start(r, clip, &found))
        return false;
    clip->path = ps_found_text(r, &found, CLIP_PATH);
    if (!clip->path)
        ps_note(r, where, NULL, "names no file: it sounds only if samples are pushed");
    ps_found_number(r, &found, CLIP_AMP, &clip->gain);
    read_pan(r, &found, CLIP_PAN, &clip->pan);
    read_seconds(r, &found, CLIP_FADE_IN, &clip->fade_in_sec);
    read_seconds(r, &found, CLIP_FADE_OUT, &clip->fade_out_sec);
    read_seconds(r, &found, CLIP_DURATION, &clip->duration_sec);
    clip->description = ps_found_text(r, &found, CLIP_DESCRIPTION);
    if (found.values[CLIP_EFFECTS])
        clip->effects = *found.values[CLIP_EFFECTS];
    clip->rest = found.rest;
    return true;
}
