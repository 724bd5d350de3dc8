/*
 * From a document to a track: a voice, its parameters and its envelope. Parameters are kept as they
 * stand, whatever they are: what a voice makes of them is its own affair. Here is only told what it
 * will make nothing of.
 */
#include "track/read.h"

#include <string.h>

#include "base/nearest.h"
#include "voice/curve.h"
#include "voice/voice.h"

#define NAME_BYTES 96u

static const char suffix[] = "_transition";
static const char silent[] = "a voice that needs it is silent";

/* ---- Tables -------------------------------------------------------------------------------- */

/* Rows that a voice may look at. */
typedef struct table {
    const ps_parameter *rows;
    uint32_t count;
} table;

#define TABLES 4u

static void find_tables(table *tables, const ps_voice_info *info)
{
    static const ps_common_group groups[] = {PS_COMMON_TRANSITION, PS_COMMON_FLANGER,
                                             PS_COMMON_SPATIAL};

    tables[0] = (table){info->parameters, info->parameter_count};
    for (size_t i = 0; i < TABLES - 1; i++)
        tables[i + 1].rows = ps_common_parameters(groups[i], &tables[i + 1].count);
}

/* The names a row goes by: its own, then those of the ends of a transition. False after the last.
   Both kinds of voice are offered all: editors write them all. */
static bool nth_name(const ps_parameter *row, unsigned n, char *name)
{
    const bool glides = row->glide == PS_GLIDE_CHAIN || row->glide == PS_GLIDE_START ||
                        row->glide == PS_GLIDE_OWN || row->glide == PS_GLIDE_APART;
    const char *own = n == 0 ? row->name : n == 1 ? row->start : row->end;

    if (n > (glides ? 2u : 0u))
        return false;
    if (own)
        ps_parameter_name(name, NAME_BYTES, own, "");
    else
        ps_parameter_name(name, NAME_BYTES, n == 1 ? "start" : "end", row->name);
    return true;
}

static const ps_parameter *find_row(const table *tables, const char *wanted)
{
    char name[NAME_BYTES];

    for (size_t t = 0; t < TABLES; t++) {
        for (uint32_t i = 0; i < tables[t].count; i++) {
            for (unsigned n = 0; nth_name(&tables[t].rows[i], n, name); n++) {
                if (strcmp(name, wanted) == 0)
                    return &tables[t].rows[i];
            }
        }
    }
    return NULL;
}

static void find_nearest(ps_nearest *nearest, const table *tables, const char *wanted)
{
    char name[NAME_BYTES];

    ps_nearest_init(nearest, wanted);
    for (size_t t = 0; t < TABLES; t++) {
        for (uint32_t i = 0; i < tables[t].count; i++) {
            for (unsigned n = 0; nth_name(&tables[t].rows[i], n, name); n++)
                ps_nearest_offer(nearest, name);
        }
    }
}

/* ---- Parameters ---------------------------------------------------------------------------- */

static bool same_word(const char *text, const char *word, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        const char c = text[i] >= 'A' && text[i] <= 'Z' ? (char)(text[i] + 32) : text[i];

        if (c != word[i])
            return false;
    }
    return text[length] == '\0';
}

/* Whether a text is one of the words, whatever the case. */
static bool is_word_of(const char *words, const char *text)
{
    while (*words) {
        const size_t length = strcspn(words, " ");

        if (length > 0 && same_word(text, words, length))
            return true;
        words += length + (words[length] == ' ');
    }
    return false;
}

static void check_text(ps_reading *r, const ps_parameter *row, const ps_value *value,
                       const ps_where *where)
{
    /* The one text without which a voice cannot be made. */
    const bool needed = strcmp(row->name, "lfo_waveform") == 0;

    if (value->kind != PS_VALUE_TEXT)
        ps_note(r, where, NULL, "is %s where text belongs%s%s", ps_value_words(value),
                needed ? ": " : "", needed ? silent : "");
    else if (row->choices && !is_word_of(row->choices, value->text))
        ps_note(r, where, NULL, "is none of: %s%s%s", row->choices, needed ? ": " : "",
                needed ? silent : "");
}

static void check_switch(ps_reading *r, const ps_value *value, const ps_where *where)
{
    if (value->kind == PS_VALUE_TEXT &&
        !is_word_of("true yes on 1 false no off 0", value->text + strspn(value->text, " \t\r\n")))
        ps_note(r, where, NULL, "is neither yes nor no: it counts as no");
}

static void check_curve(ps_reading *r, const ps_value *value, const ps_where *where)
{
    ps_curve curve;
    ps_error err;

    if (value->kind != PS_VALUE_TEXT) {
        ps_note(r, where, NULL, "is %s where text belongs: %s", ps_value_words(value), silent);
        return;
    }
    switch (ps_curve_compile(&curve, value->text, r->options->allocator, &err)) {
    case PS_OK:
        ps_curve_free(&curve, r->options->allocator);
        break;
    case PS_NO_MEMORY:
        ps_refuse_memory(r);
        break;
    default:
        ps_note(r, where, NULL, "%s: %s", err.text, silent);
    }
}

static void check_value(ps_reading *r, const ps_parameter *row, const ps_value *value,
                        const ps_where *where)
{
    double number;

    if (ps_value_is_null(value))
        return;
    if (strcmp(row->name, "transition_curve") == 0) {
        check_curve(r, value, where);
        return;
    }
    switch (row->kind) {
    case PS_PARAMETER_NUMBER:
        if (!ps_value_number(value, &number))
            ps_note(r, where, NULL, "is %s where a number belongs: %s", ps_value_words(value),
                    silent);
        break;
    case PS_PARAMETER_SWITCH:
        check_switch(r, value, where);
        break;
    case PS_PARAMETER_TEXT:
        check_text(r, row, value, where);
        break;
    case PS_PARAMETER_FLAG:
    case PS_PARAMETER_VALUE:
        break;
    }
}

static void note_unknown(ps_reading *r, const ps_voice_info *info, const table *tables,
                         const ps_where *where)
{
    ps_nearest nearest;

    if (strcmp(where->name, "spatialUseItdIld") == 0)
        return; /* the old editor writes it into every voice */
    if (strcmp(where->name, "duration") == 0 || strcmp(where->name, "sample_rate") == 0) {
        ps_note(r, where, NULL, "is not looked at: the track says it");
        return;
    }
    find_nearest(&nearest, tables, where->name);
    ps_note(r, where, nearest.best, "%s has no such parameter", info->name);
}

/* What has been told of a voice: parameters, and "" for its function. */
typedef struct told {
    ps_value *names; /* in the reading's scratch; NULL while there are none */
    size_t count, most;
} told;

/* Adds a name if something was told since there were `notes`. */
static void remember(ps_reading *r, told *t, uint32_t notes, const char *name)
{
    if (!ps_told_since(r, notes))
        return;
    if (!t->names)
        t->names = ps_arena_alloc(&r->scratch, t->most, sizeof *t->names);
    if (!t->names)
        ps_refuse_memory(r);
    else
        t->names[t->count++] = (ps_value){.kind = PS_VALUE_TEXT, .text = name};
}

static void check_params(ps_reading *r, const ps_voice_info *info, const ps_value *params,
                         const ps_where *where, told *t)
{
    table tables[TABLES];

    find_tables(tables, info);
    for (size_t i = 0; i < params->count && ps_reading_on(r) && ps_notes_wanted(r); i++) {
        const ps_where member = {.up = where, .name = params->names[i]};
        const ps_parameter *row = find_row(tables, params->names[i]);
        const uint32_t notes = r->notes;

        if (row)
            check_value(r, row, &params->members[i], &member);
        else
            note_unknown(r, info, tables, &member);
        remember(r, t, notes, params->names[i]);
    }
}

/* ---- Envelope ------------------------------------------------------------------------------ */

typedef struct envelope_kind {
    const char *name;
    ps_field fields[4];
    size_t count;
    size_t needed; /* so many of them, from the first on, have no preset */
} envelope_kind;

static const envelope_kind envelope_kinds[] = {
    {"linear_fade", {{"fade_duration"}, {"start_amp"}, {"end_amp"}, {"fade_type"}}, 4, 3},
    {"adsr", {{"attack"}, {"decay"}, {"sustain_level"}, {"release"}}, 4, 0},
    {"linen", {{"attack"}, {"release"}}, 2, 0},
};

#define ENVELOPE_KINDS (sizeof envelope_kinds / sizeof envelope_kinds[0])

static const envelope_kind *find_envelope(ps_reading *r, const ps_found *found)
{
    const char *type = ps_found_text(r, found, 0);
    const ps_where where = ps_found_where(found, 0);
    ps_nearest nearest;

    if (!type) {
        ps_note(r, found->where, NULL, "has no type: it is flat");
        return NULL;
    }
    ps_nearest_init(&nearest, type);
    for (size_t i = 0; i < ENVELOPE_KINDS; i++) {
        if (strcmp(type, envelope_kinds[i].name) == 0)
            return &envelope_kinds[i];
        ps_nearest_offer(&nearest, envelope_kinds[i].name);
    }
    ps_note(r, &where, nearest.best, "no such envelope: it is flat");
    return NULL;
}

static void check_envelope_params(ps_reading *r, const envelope_kind *kind, const ps_value *params,
                                  const ps_where *where)
{
    static const ps_value empty = {.kind = PS_VALUE_MAP};
    ps_found found;

    ps_fields_find(r, &found, params ? params : &empty, where, kind->fields, kind->count);
    for (size_t i = 0; i < kind->count && ps_reading_on(r); i++) {
        const ps_where at = ps_found_where(&found, i);
        const ps_value *value = found.values[i];
        double number;

        if (strcmp(kind->fields[i].spellings, "fade_type") == 0) {
            if (!ps_value_is_null(value) &&
                (value->kind != PS_VALUE_TEXT || !is_word_of("in out", value->text)))
                ps_note(r, &at, NULL, "is neither in nor out: in is taken");
        } else if (!ps_value_is_null(value) && !ps_value_number(value, &number)) {
            ps_note(r, &at, NULL, "is %s where a number belongs", ps_value_words(value));
        } else if (ps_value_is_null(value) && i < kind->needed) {
            ps_note(r, where, NULL, "lacks %s: the envelope is flat", kind->fields[i].spellings);
            return;
        }
    }
}

static void check_envelope(ps_reading *r, const ps_value *envelope, const ps_where *where)
{
    static const ps_field fields[] = {{"type"}, {"params"}};
    const envelope_kind *kind;
    ps_found found;

    if (envelope->count == 0)
        return;
    ps_fields_find(r, &found, envelope, where, fields, 2);
    if (!ps_reading_on(r))
        return;
    kind = find_envelope(r, &found);
    const ps_value *params = ps_found_kind(r, &found, 1, PS_VALUE_MAP);
    const ps_where inside = {.up = where, .name = "params"};
    if (kind)
        check_envelope_params(r, kind, params, &inside);
}

/* ---- The voice ----------------------------------------------------------------------------- */

enum { FUNCTION, PARAMS, TRANSITION, ENVELOPE, DESCRIPTION, CATEGORY, VOICE_COUNT };

static const ps_field voice_fields[VOICE_COUNT] = {
    [FUNCTION] = {"synth_function_name synthFunctionName synth_function"},
    [PARAMS] = {"params parameters"},
    [TRANSITION] = {"is_transition isTransition"},
    [ENVELOPE] = {"volume_envelope volumeEnvelope"},
    [DESCRIPTION] = {"description"},
    [CATEGORY] = {"category"},
};

/* The function without "_transition"; the flag decides, not the name. */
static void stem_of(char *stem, const char *function)
{
    const size_t length = strlen(function), tail = sizeof suffix - 1;

    ps_parameter_name(stem, NAME_BYTES, function, "");
    if (length > tail && length < NAME_BYTES && strcmp(function + length - tail, suffix) == 0)
        stem[length - tail] = '\0';
}

/* The table of the voice's function; false, told, when there is none and it will be silent. */
static bool find_function(ps_reading *r, ps_voice_info *info, const ps_track_voice *voice,
                          const ps_found *found)
{
    const ps_where where = ps_found_where(found, FUNCTION);
    char stem[NAME_BYTES];
    ps_nearest nearest;

    if (!voice->function) {
        ps_note(r, found->where, NULL, "has no synth_function_name: it is silent");
        return false;
    }
    stem_of(stem, voice->function);
    if (!ps_voice_find(stem, info)) {
        ps_nearest_init(&nearest, stem);
        for (size_t i = 0; ps_voice_nth(i, info); i++)
            ps_nearest_offer(&nearest, info->name);
        ps_note(r, &where, nearest.best, "there is no voice of this name: it is silent");
        return false;
    }
    if (voice->is_transition && !info->transition && strcmp(stem, voice->function) != 0)
        ps_note(r, &where, NULL, "%s has no transition: it is silent", stem);
    return true;
}

static void read_transition(ps_reading *r, ps_track_voice *voice, const ps_found *found)
{
    const ps_where where = ps_found_where(found, TRANSITION);
    const ps_value *value = found->values[TRANSITION];

    voice->is_transition = ps_value_truth(value);
    if (!ps_value_is_null(value) && value->kind != PS_VALUE_FLAG && value->kind != PS_VALUE_NUMBER)
        ps_note(r, &where, NULL, "is %s where true or false belongs: %s is taken",
                ps_value_words(value), voice->is_transition ? "true" : "false");
}

bool ps_read_voice(ps_reading *r, ps_track_voice *voice, const ps_value *value,
                   const ps_where *where)
{
    const ps_value *params, *envelope;
    ps_voice_info info;
    ps_found found;
    uint32_t notes;

    memset(voice, 0, sizeof *voice);
    if (value->kind != PS_VALUE_MAP) {
        ps_note(r, where, NULL, "is %s where a voice belongs: it is left out",
                ps_value_words(value));
        return false;
    }
    ps_fields_find(r, &found, value, where, voice_fields, VOICE_COUNT);
    if (!ps_reading_on(r))
        return false;
    const ps_where params_where = ps_found_where(&found, PARAMS);
    const ps_where envelope_where = ps_found_where(&found, ENVELOPE);
    voice->function = ps_found_text(r, &found, FUNCTION);
    voice->description = ps_found_text(r, &found, DESCRIPTION);
    voice->category = ps_found_text(r, &found, CATEGORY);
    voice->rest = found.rest;
    read_transition(r, voice, &found);
    params = ps_found_kind(r, &found, PARAMS, PS_VALUE_MAP);
    if (params)
        voice->params = *params;
    told t = {.most = 1 + (params ? params->count : 0)};
    notes = r->notes;
    const bool known = find_function(r, &info, voice, &found);
    remember(r, &t, notes, "");
    if (known && params)
        check_params(r, &info, params, &params_where, &t);
    if (t.count > 0)
        voice->told = (ps_value){.kind = PS_VALUE_LIST, .count = t.count, .members = t.names};
    envelope = ps_found_kind(r, &found, ENVELOPE, PS_VALUE_MAP);
    if (!envelope || envelope->count == 0)
        return true;
    voice->envelope = *envelope;
    check_envelope(r, envelope, &envelope_where);
    return true;
}
