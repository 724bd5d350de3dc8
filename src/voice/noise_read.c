/* Noise as documents say it: .noise files of either generation, and what voices share with them. */
#include <string.h>

#include "voice/noise.h"

#define TRACK_Q 30.0 /* of a sweep in a file that does not say */

ps_noise_sweep ps_noise_default_sweep(double q)
{
    return (ps_noise_sweep){{1000.0, 1000.0}, {10000.0, 10000.0}, {q, q}, {10.0, 10.0}};
}

ps_noise_settings ps_noise_defaults(void)
{
    return (ps_noise_settings){
        .colour = PS_COLOUR_PINK,
        .lfo_hz = {1.0 / 12.0, 1.0 / 12.0},
    };
}

static bool same_word(const char *text, const char *word)
{
    while (*word && (*text == *word || (*text >= 'A' && *text <= 'Z' && *text + 32 == *word)))
        text++, word++;
    return *text == '\0' && *word == '\0';
}

ps_status ps_noise_read_wave(bool *triangle, const ps_value *value, ps_error *err)
{
    const char *text = value && value->kind == PS_VALUE_TEXT ? value->text : "";

    if (ps_value_is_null(value) || same_word(text, "sine") ||
        (value->kind == PS_VALUE_TEXT && text[0] == '\0'))
        *triangle = false;
    else if (same_word(text, "triangle"))
        *triangle = true;
    else
        return ps_fail(err, PS_BAD_DATA, "lfo_waveform is neither sine nor triangle");
    return PS_OK;
}

void ps_noise_read_colour(ps_noise_settings *settings, const ps_value *value,
                          const ps_warnings *warnings)
{
    const char *text = value && value->kind == PS_VALUE_TEXT ? value->text : NULL;

    if (ps_value_is_null(value) || (text && text[0] == '\0'))
        return;
    settings->colour = PS_COLOUR_WHITE;
    if (!text || !ps_colour_find(&settings->colour, text))
        ps_warn_at(warnings, PS_BAD_DATA, PS_NOWHERE, "no noise is called \"%.40s\": it is white",
                   text ? text : "");
}

/* A number, where there is one; what stands there instead is told. */
static bool read_number(double *number, const ps_value *value, const char *name,
                        const ps_warnings *warnings)
{
    if (ps_value_is_null(value))
        return false;
    if (ps_value_number(value, number))
        return true;
    ps_warn_at(warnings, PS_BAD_DATA, PS_NOWHERE, "%s is not a number", name);
    return false;
}

/* ---- Notches that stand still ---- */

/* The first of some names that a map has, or the item of a list. */
static const ps_value *item_of(const ps_value *value, uint32_t index, const char *const *names)
{
    if (value->kind == PS_VALUE_LIST)
        return index < value->count ? &value->members[index] : NULL;
    for (uint32_t i = 0; names[i]; i++) {
        const ps_value *found = ps_value_member(value, names[i]);

        if (!ps_value_is_null(found))
            return found;
    }
    return NULL;
}

void ps_noise_read_notches(ps_noise_settings *settings, const ps_value *value,
                           const ps_warnings *warnings)
{
    static const char *const hz_names[] = {"freq", "frequency", "hz", NULL};
    static const char *const q_names[] = {"q", "quality", NULL};
    static const char *const cascade_names[] = {"cascade", "count", NULL};
    uint32_t stages = 0;

    settings->notch_count = 0;
    if (ps_value_is_null(value))
        return;
    if (value->kind != PS_VALUE_LIST)
        ps_warn_at(warnings, PS_BAD_DATA, PS_NOWHERE, "static_notches is not a list");
    for (size_t i = 0; i < value->count && value->kind == PS_VALUE_LIST; i++) {
        const ps_value *entry = &value->members[i];
        ps_notch notch = {1000.0, 25.0, 1};
        double cascade = 1.0;

        if (entry->kind != PS_VALUE_LIST && entry->kind != PS_VALUE_MAP) {
            ps_warn_at(warnings, PS_BAD_DATA, PS_NOWHERE, "static_notches[%zu] is no notch", i);
            continue;
        }
        read_number(&notch.frequency_hz, item_of(entry, 0, hz_names), "a notch's freq", warnings);
        read_number(&notch.q, item_of(entry, 1, q_names), "a notch's q", warnings);
        read_number(&cascade, item_of(entry, 2, cascade_names), "a notch's cascade", warnings);
        notch.cascade = (uint32_t)(cascade < 1.0                ? 1.0
                                   : cascade < PS_COLOUR_STAGES ? cascade
                                                                : PS_COLOUR_STAGES);
        stages += 2 * notch.cascade;
        if (settings->notch_count == PS_NOISE_NOTCHES || stages > PS_COLOUR_STAGES) {
            ps_warn_at(warnings, PS_UNSUPPORTED, PS_NOWHERE,
                       "static_notches from the one with number %zu on are too many", i);
            return;
        }
        settings->notches[settings->notch_count++] = notch;
    }
}

/* ---- Files ---- */

static void read_end(double *number, const ps_value *entry, const char *name,
                     const ps_warnings *warnings)
{
    read_number(number, ps_value_member(entry, name), name, warnings);
}

static ps_noise_sweep read_sweep(const ps_value *entry, const ps_warnings *warnings)
{
    ps_noise_sweep sweep = ps_noise_default_sweep(TRACK_Q);

    read_end(&sweep.min_hz.start, entry, "start_min", warnings);
    read_end(&sweep.min_hz.end, entry, "end_min", warnings);
    read_end(&sweep.max_hz.start, entry, "start_max", warnings);
    read_end(&sweep.max_hz.end, entry, "end_max", warnings);
    read_end(&sweep.q.start, entry, "start_q", warnings);
    read_end(&sweep.q.end, entry, "end_q", warnings);
    read_end(&sweep.cascade.start, entry, "start_casc", warnings);
    read_end(&sweep.cascade.end, entry, "end_casc", warnings);
    return sweep;
}

static void read_sweeps(ps_noise_settings *settings, const ps_value *value,
                        const ps_warnings *warnings)
{
    if (ps_value_is_null(value))
        return;
    if (value->kind != PS_VALUE_LIST) {
        ps_warn_at(warnings, PS_BAD_DATA, PS_NOWHERE, "sweeps is not a list");
        return;
    }
    for (size_t i = 0; i < value->count; i++) {
        if (settings->sweep_count == PS_NOTCH_SWEEPS) {
            ps_warn_at(warnings, PS_UNSUPPORTED, PS_NOWHERE, "more than %u sweeps",
                       PS_NOTCH_SWEEPS);
            return;
        }
        if (value->members[i].kind != PS_VALUE_MAP)
            ps_warn_at(warnings, PS_BAD_DATA, PS_NOWHERE, "sweeps[%zu] is no sweep", i);
        else
            settings->sweeps[settings->sweep_count++] = read_sweep(&value->members[i], warnings);
    }
}

/*
 * When the transition ends. post_offset, of the oldest files, and transition_duration (`duration`
 * in the newest) are taken in the order they stand in the file; what is not given lasts to the
 * end of the file's own duration, which also limits it.
 */
static void read_span(ps_noise_settings *settings, const ps_value *file,
                      const ps_warnings *warnings)
{
    double duration = 60.0, offset = 0.0, span = 0.0, post;
    bool given = false;

    read_number(&duration, ps_value_member(file, "duration_seconds"), "duration_seconds", warnings);
    read_number(&offset, ps_value_member(file, "initial_offset"), "initial_offset", warnings);
    const double most = duration > offset ? duration - offset : 0.0;
    for (size_t i = 0; i < file->count; i++) {
        const char *name = file->names[i];
        const ps_value *value = &file->members[i];

        if (strcmp(name, "transition_duration") == 0 ||
            (strcmp(name, "duration") == 0 && !ps_value_member(file, "transition_duration")))
            given = read_number(&span, value, name, warnings);
        else if (strcmp(name, "post_offset") == 0 && read_number(&post, value, name, warnings)) {
            span = most > post ? most - post : 0.0;
            given = true;
        }
    }
    settings->offset_sec = offset;
    settings->span_sec = !given || span > most ? most : span > 0.0 ? span : 0.0;
}

static void read_courses(ps_noise_settings *settings, const ps_value *file,
                         const ps_warnings *warnings)
{
    double steady = 1.0 / 12.0;

    read_number(&steady, ps_value_member(file, "lfo_freq"), "lfo_freq", warnings);
    read_end(&settings->lfo_hz.start, file, "start_lfo_freq", warnings);
    read_end(&settings->lfo_hz.end, file, "end_lfo_freq", warnings);
    if (!settings->transition)
        settings->lfo_hz = (ps_noise_course){steady, steady};
    read_end(&settings->channel_deg.start, file, "start_lfo_phase_offset_deg", warnings);
    read_end(&settings->channel_deg.end, file, "end_lfo_phase_offset_deg", warnings);
    read_end(&settings->intra_deg.start, file, "start_intra_phase_offset_deg", warnings);
    read_end(&settings->intra_deg.end, file, "end_intra_phase_offset_deg", warnings);
}

void ps_noise_read_spectrum(ps_noise_settings *settings, const ps_value *value,
                            const ps_warnings *warnings)
{
    static const char *const ignored[] = {"exponent", "high_exponent", "distribution_curve",
                                          "lowcut", "highcut"};

    ps_noise_read_colour(settings, ps_value_member(value, "name"), warnings);
    for (size_t i = 0; i < sizeof ignored / sizeof ignored[0]; i++) {
        if (!ps_value_is_null(ps_value_member(value, ignored[i]))) {
            ps_warn_at(warnings, PS_UNSUPPORTED, PS_NOWHERE,
                       "noise_parameters.%s is not used: the colour has the spectrum of its name",
                       ignored[i]);
            return;
        }
    }
}

ps_status ps_noise_read(ps_noise_settings *settings, const ps_value *file,
                        const ps_warnings *warnings, ps_error *err)
{
    const ps_value *path, *spectrum;

    if (!file || file->kind != PS_VALUE_MAP)
        return ps_fail(err, PS_BAD_DATA, "noise is not described by a map");
    *settings = ps_noise_defaults();
    settings->transition = ps_value_truth(ps_value_member(file, "transition"));
    ps_noise_read_colour(settings, ps_value_member(file, "noise_type"), warnings);
    spectrum = ps_value_member(file, "noise_parameters");
    if (ps_value_is_null(spectrum))
        spectrum = ps_value_member(file, "color_params");
    ps_noise_read_spectrum(settings, spectrum, warnings);
    read_sweeps(settings, ps_value_member(file, "sweeps"), warnings);
    ps_noise_read_notches(settings, ps_value_member(file, "static_notches"), warnings);
    read_courses(settings, file, warnings);
    read_span(settings, file, warnings);
    path = ps_value_member(file, "input_audio_path");
    if (path && path->kind == PS_VALUE_TEXT && path->text[0] != '\0')
        settings->input_path = path->text;
    return ps_noise_read_wave(&settings->triangle, ps_value_member(file, "lfo_waveform"), err);
}
