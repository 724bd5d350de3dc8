/* Voices of noise: from the settings of a table to those of noise, and the level. */
#include "voice/noise_voice.h"

#include <math.h>

#define GAIN_MOST 1e6 /* 120 dB */

/* ---- Lists ---- */

static ps_status read_pair(double *low, double *high, const ps_value *pair, ps_error *err)
{
    if (pair->kind != PS_VALUE_LIST || pair->count != 2 ||
        !ps_value_number(&pair->members[0], low) || !ps_value_number(&pair->members[1], high))
        return ps_fail(err, PS_BAD_DATA, "a sweep is not a list of two numbers");
    return PS_OK;
}

/* One end of the sweeps' ranges; nothing there: one sweep as it is. */
static ps_status read_ranges(ps_noise_settings *s, bool end, const ps_value *list, ps_error *err)
{
    uint32_t count = 1;

    if (list && list->kind != PS_VALUE_LIST)
        return ps_fail(err, PS_BAD_DATA, "the sweeps are not a list");
    if (list && list->count > PS_NOTCH_SWEEPS)
        return ps_fail(err, PS_UNSUPPORTED, "%zu sweeps are more than %u", list->count,
                       PS_NOTCH_SWEEPS);
    if (list)
        count = (uint32_t)list->count;
    if (end && count != s->sweep_count)
        return ps_fail(err, PS_BAD_DATA, "%u sweeps at the start, but %u at the end",
                       (unsigned)s->sweep_count, (unsigned)count);
    s->sweep_count = count;
    for (uint32_t i = 0; i < count && list; i++) {
        ps_noise_sweep *sweep = &s->sweeps[i];
        const ps_status status =
            read_pair(end ? &sweep->min_hz.end : &sweep->min_hz.start,
                      end ? &sweep->max_hz.end : &sweep->max_hz.start, &list->members[i], err);
        if (status != PS_OK)
            return status;
    }
    return PS_OK;
}

/* The i-th of a list, or the same number for all. */
static ps_status read_one(double *number, const ps_value *value, uint32_t i, uint32_t count,
                          const char *what, ps_error *err)
{
    const ps_value *one = value;

    if (!value)
        return PS_OK;
    if (value->kind == PS_VALUE_LIST) {
        if (value->count != count && value->count != 1)
            return ps_fail(err, PS_BAD_DATA, "%zu values of %s for %u sweeps", value->count, what,
                           (unsigned)count);
        one = &value->members[value->count == 1 ? 0 : i];
    }
    if (!ps_value_number(one, number))
        return ps_fail(err, PS_BAD_DATA, "the %s of a sweep is not a number", what);
    return PS_OK;
}

static ps_status read_sweeps(ps_noise_settings *s, const ps_setting *settings, ps_error *err)
{
    const ps_setting *q = &settings[PS_NOISE_Q], *cascade = &settings[PS_NOISE_CASCADE];
    const ps_setting *ranges = &settings[PS_NOISE_SWEEPS];
    ps_status status;

    for (uint32_t i = 0; i < PS_NOTCH_SWEEPS; i++)
        s->sweeps[i] = ps_noise_default_sweep(25.0);
    status = read_ranges(s, false, ranges->value, err);
    if (status == PS_OK)
        status = read_ranges(s, true, ranges->end_value, err);
    for (uint32_t i = 0; i < s->sweep_count && status == PS_OK; i++) {
        ps_noise_sweep *sweep = &s->sweeps[i];

        status = read_one(&sweep->q.start, q->value, i, s->sweep_count, "quality", err);
        if (status == PS_OK)
            status = read_one(&sweep->q.end, q->end_value, i, s->sweep_count, "quality", err);
        if (status == PS_OK)
            status =
                read_one(&sweep->cascade.start, cascade->value, i, s->sweep_count, "cascade", err);
        if (status == PS_OK)
            status = read_one(&sweep->cascade.end, cascade->end_value, i, s->sweep_count, "cascade",
                              err);
    }
    return status;
}

/* ---- The voice ---- */

static ps_noise_course course_of(const ps_setting *setting)
{
    return (ps_noise_course){setting->start, setting->end};
}

static ps_status read_settings(ps_noise_settings *s, const ps_voice_setup *setup, bool has_standing,
                               ps_error *err)
{
    const ps_setting *settings = setup->settings;
    const ps_value *input = settings[PS_NOISE_INPUT].value;

    *s = ps_noise_defaults();
    s->transition = setup->transition;
    s->lfo_hz = course_of(&settings[PS_NOISE_LFO]);
    s->channel_deg = course_of(&settings[PS_NOISE_CHANNEL]);
    s->intra_deg = course_of(&settings[PS_NOISE_INTRA]);
    ps_noise_read_colour(s, settings[PS_NOISE_COLOUR].value, setup->warnings);
    if (has_standing)
        ps_noise_read_notches(s, settings[PS_NOISE_STANDING].value, setup->warnings);
    if (input && input->kind == PS_VALUE_TEXT && input->text[0] != '\0')
        s->input_path = input->text;
    const ps_status status = ps_noise_read_wave(&s->triangle, settings[PS_NOISE_WAVE].value, err);
    if (status != PS_OK && setup->about)
        *setup->about = "lfo_waveform";
    return status == PS_OK ? read_sweeps(s, settings, err) : status;
}

static ps_status create(ps_noise_voice *v, const ps_noise_settings *settings,
                        const ps_noise_row *row, const ps_recording *input, ps_error *err)
{
    const ps_voice_setup *setup = v->base.setup;
    const ps_noise_plan plan = {
        .settings = settings,
        .rate_hz = setup->rate_hz,
        .duration_sec = setup->duration_sec,
        .frames = setup->frames,
        .ramp = setup->transition ? &setup->ramp : NULL,
        .input = input,
        .seed = setup->seed,
        .stream = setup->stream,
        .reference = setup->reference,
        .allocator = setup->allocator,
    };

    return ps_noise_create(&v->noise, &plan, row, err);
}

ps_status ps_noise_voice_start(ps_voice *voice, const ps_noise_row *row, bool has_standing,
                               ps_error *err)
{
    const ps_voice_setup *setup = voice->setup;
    const ps_track_media *media = setup->media;
    ps_noise_voice *v = (ps_noise_voice *)voice;
    const double gain = setup->settings[PS_NOISE_LEVEL].start;
    ps_noise_settings settings;
    ps_recording input;

    ps_status status = read_settings(&settings, setup, has_standing, err);
    if (status != PS_OK)
        return status;
    v->gain = (float)(gain > GAIN_MOST ? GAIN_MOST : gain < -GAIN_MOST ? -GAIN_MOST : gain);
    if (!settings.input_path)
        return create(v, &settings, row, NULL, err);
    if (!media || !media->load)
        return ps_fail(err, PS_NOT_FOUND, "no recording \"%.100s\" here", settings.input_path);
    status = media->load(media->user, settings.input_path, &input, err);
    if (status != PS_OK)
        return status;
    status = create(v, &settings, row, &input, err);
    if (media->release)
        media->release(media->user, &input);
    return status;
}

void ps_noise_voice_render(ps_voice *voice, float *left, float *right, uint32_t frames)
{
    const ps_noise_voice *v = (const ps_noise_voice *)voice;
    const float gain = v->gain;

    ps_noise_render(v->noise, left, right, frames);
    for (uint32_t i = 0; i < frames && gain != 1.0f; i++) {
        left[i] *= gain;
        right[i] *= gain;
    }
}

void ps_noise_voice_skip(ps_voice *voice, uint64_t frame)
{
    ps_noise_skip(((ps_noise_voice *)voice)->noise, frame);
}

double ps_noise_voice_bound(const ps_voice *voice)
{
    return (double)(PS_NOISE_PEAK * fabsf(((const ps_noise_voice *)voice)->gain));
}

void ps_noise_voice_finish(ps_voice *voice)
{
    ps_noise_destroy(((ps_noise_voice *)voice)->noise);
}
