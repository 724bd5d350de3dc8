/* `plainsong list voices`: the voices of tracks and the tables of their parameters. */
#include <string.h>

#include "json_out.h"
#include "plainsong/track.h"
#include "track.h"

#define NAME_BYTES 128u

typedef struct voices_values {
    bool json;
} voices_values;

static const cli_option voices_options[] = {
    {"json", 'j', NULL, CLI_FLAG, offsetof(voices_values, json), NULL, "print JSON"},
    CLI_OPTIONS_END,
};

/* The parameters that voices have in common. */
static const struct {
    ps_common_group group;
    const char *name, *words;
} groups[] = {
    {PS_COMMON_TRANSITION, "transition", "when the change of a transition happens"},
    {PS_COMMON_FLANGER, "flanger", "a flanger behind the voice"},
    {PS_COMMON_SPATIAL, "spatial", "a place in the room, of voices that have one"},
};

#define GROUPS (sizeof groups / sizeof groups[0])

/* ---- Words --------------------------------------------------------------------------------- */

static const char *kind_name(ps_parameter_kind kind)
{
    static const char *const names[] = {"number", "flag", "switch", "text", "value"};

    return names[kind];
}

static const char *glide_name(ps_glide glide)
{
    static const char *const names[] = {"none", "chain", "start", "own", "absent", "only", "apart"};

    return names[glide];
}

/* The name of one end of a transition, as ps_parameter says it is made. */
static void end_name(char *name, const ps_parameter *row, bool start)
{
    const char *own = start ? row->start : row->end;

    if (own)
        snprintf(name, NAME_BYTES, "%s", own);
    else
        snprintf(name, NAME_BYTES, "%s%c%s", start ? "start" : "end",
                 row->name[0] >= 'a' && row->name[0] <= 'z' ? row->name[0] - 'a' + 'A'
                                                            : row->name[0],
                 row->name + 1);
}

/* Whether they are called otherwise than startX and endX. */
static bool names_its_ends(const ps_parameter *row)
{
    const ps_parameter plain = {.name = row->name};
    char start[NAME_BYTES], end[NAME_BYTES], plain_start[NAME_BYTES], plain_end[NAME_BYTES];

    end_name(start, row, true);
    end_name(end, row, false);
    end_name(plain_start, &plain, true);
    end_name(plain_end, &plain, false);
    return strcmp(start, plain_start) != 0 || strcmp(end, plain_end) != 0;
}

static bool glides(const ps_parameter *row)
{
    return row->glide == PS_GLIDE_CHAIN || row->glide == PS_GLIDE_START ||
           row->glide == PS_GLIDE_OWN || row->glide == PS_GLIDE_APART;
}

/* ---- For people ---------------------------------------------------------------------------- */

/* "200", "yes", "sine" */
static void preset_words(char *words, const ps_parameter *row)
{
    switch (row->kind) {
    case PS_PARAMETER_NUMBER:
        snprintf(words, NAME_BYTES, "%.6g", row->preset);
        break;
    case PS_PARAMETER_FLAG:
    case PS_PARAMETER_SWITCH:
        snprintf(words, NAME_BYTES, "%s", row->preset != 0.0 ? "yes" : "no");
        break;
    case PS_PARAMETER_TEXT:
        snprintf(words, NAME_BYTES, "%.*s", (int)(row->choices ? strcspn(row->choices, " ") : 0),
                 row->choices ? row->choices : "");
        break;
    case PS_PARAMETER_VALUE:
        words[0] = '\0';
        break;
    }
}

static void range_words(char *words, const ps_parameter *row)
{
    words[0] = '\0';
    if (row->kind == PS_PARAMETER_NUMBER && row->low < row->high)
        snprintf(words, NAME_BYTES, "%.6g..%.6g", row->low, row->high);
}

/* How a transition reads it, where that is not "startX to endX". */
static void print_glide(const ps_parameter *row)
{
    char start[NAME_BYTES], end[NAME_BYTES];

    switch (row->glide) {
    case PS_GLIDE_OWN:
        end_name(start, row, true);
        end_name(end, row, false);
        printf("; in a transition %s %.6g, %s %.6g", start, row->start_preset, end,
               row->end_preset);
        break;
    case PS_GLIDE_START:
        printf("; a transition keeps it at its start");
        break;
    case PS_GLIDE_ABSENT:
        printf("; not in a transition");
        break;
    case PS_GLIDE_ONLY:
        printf("; only in a transition");
        break;
    case PS_GLIDE_CHAIN:
        if (names_its_ends(row)) {
            end_name(start, row, true);
            end_name(end, row, false);
            printf("; in a transition %s, %s", start, end);
        }
        break;
    case PS_GLIDE_APART:
        printf("; each end of a transition falls back on it");
        break;
    case PS_GLIDE_NONE:
        break;
    }
}

static void print_rows(const ps_parameter *rows, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        const ps_parameter *row = &rows[i];
        char preset[NAME_BYTES], range[NAME_BYTES];

        preset_words(preset, row);
        range_words(range, row);
        printf("  %-24s %-10s %-14s %-7s %s", row->name, preset, range, row->unit ? row->unit : "",
               row->meaning);
        print_glide(row);
        if (row->choices)
            printf(" (%s)", row->choices);
        putchar('\n');
    }
}

static void print_voice(const ps_voice_info *info)
{
    printf("%s: %s\n", info->name, info->summary);
    if (info->transition)
        printf("%s_transition moves it from start... to end... values\n", info->name);
    printf("\n  %-24s %-10s %-14s %-7s %s\n", "parameter", "preset", "range", "unit", "meaning");
    print_rows(info->parameters, info->parameter_count);
    for (size_t i = 0; i < GROUPS; i++) {
        uint32_t count;
        const ps_parameter *rows = ps_common_parameters(groups[i].group, &count);

        printf("\n  %s:\n", groups[i].words);
        print_rows(rows, count);
    }
}

static void print_names(void)
{
    ps_voice_info info;

    for (size_t i = 0; ps_voice_nth(i, &info); i++)
        printf("%-40s %s\n", info.name, info.summary);
}

/* ---- For programs -------------------------------------------------------------------------- */

static void put_choices(json_out *j, const char *choices)
{
    json_array(j, "choices");
    while (*choices) {
        const size_t length = strcspn(choices, " ");
        char word[NAME_BYTES];

        snprintf(word, sizeof word, "%.*s", (int)length, choices);
        if (length > 0)
            json_text(j, NULL, word);
        choices += length + (choices[length] == ' ');
    }
    json_end(j);
}

static void put_preset(json_out *j, const ps_parameter *row)
{
    char words[NAME_BYTES];

    preset_words(words, row);
    if (row->kind == PS_PARAMETER_NUMBER)
        json_number(j, "preset", row->preset);
    else if (row->kind == PS_PARAMETER_FLAG || row->kind == PS_PARAMETER_SWITCH)
        json_bool(j, "preset", row->preset != 0.0);
    else
        json_text(j, "preset", row->choices ? words : NULL);
}

static void put_row(json_out *j, const ps_parameter *row)
{
    char name[NAME_BYTES];

    json_object(j, NULL);
    json_text(j, "name", row->name);
    json_text(j, "kind", kind_name(row->kind));
    json_text(j, "unit", row->unit ? row->unit : "");
    put_preset(j, row);
    if (row->kind == PS_PARAMETER_NUMBER && row->low < row->high) {
        json_number(j, "low", row->low);
        json_number(j, "high", row->high);
    }
    if (row->choices)
        put_choices(j, row->choices);
    json_text(j, "meaning", row->meaning);
    json_text(j, "glide", glide_name(row->glide));
    if (glides(row)) {
        end_name(name, row, true);
        json_text(j, "start", name);
        end_name(name, row, false);
        json_text(j, "end", name);
    }
    if (row->glide == PS_GLIDE_OWN) {
        json_number(j, "start_preset", row->start_preset);
        json_number(j, "end_preset", row->end_preset);
    }
    json_end(j);
}

static void put_rows(json_out *j, const char *key, const ps_parameter *rows, uint32_t count)
{
    json_array(j, key);
    for (uint32_t i = 0; i < count; i++)
        put_row(j, &rows[i]);
    json_end(j);
}

/* The voice of a name, or all of them when it is NULL. */
static void put_voices(const char *name)
{
    ps_voice_info info, wanted = {0};
    json_out j;

    if (name)
        ps_voice_find(name, &wanted);
    json_begin(&j, stdout);
    json_object(&j, NULL);
    json_array(&j, "voices");
    for (size_t i = 0; ps_voice_nth(i, &info); i++) {
        if (name && strcmp(info.name, wanted.name) != 0)
            continue;
        json_object(&j, NULL);
        json_text(&j, "name", info.name);
        json_text(&j, "summary", info.summary);
        json_bool(&j, "transition", info.transition);
        put_rows(&j, "parameters", info.parameters, info.parameter_count);
        json_end(&j);
    }
    json_end(&j);
    json_object(&j, "common");
    for (size_t i = 0; i < GROUPS; i++) {
        uint32_t count;
        const ps_parameter *rows = ps_common_parameters(groups[i].group, &count);

        put_rows(&j, groups[i].name, rows, count);
    }
    json_end(&j);
    json_end(&j);
    json_finish(&j);
}

static int list_voices(cli *c, const void *values)
{
    const voices_values *v = values;
    const char *name = c->argument_count > 0 ? c->arguments[0] : NULL;
    ps_voice_info info;

    if (name && !ps_voice_find(name, &info)) {
        ps_error err;

        ps_fail(&err, PS_NOT_FOUND, "there is no voice %s", name);
        ps_hint(&err, "plainsong list voices shows all");
        return cli_fail(c, NULL, &err);
    }
    if (v->json)
        put_voices(name);
    else if (name)
        print_voice(&info);
    else
        print_names();
    return CLI_DONE;
}

const cli_command cli_list_voices = {
    .name = "voices",
    .arguments = "[NAME]",
    .summary = "the voices of tracks, or the parameters of one",
    .details = "Tracks are JSON files; docs/tracks.md says how they are written.",
    .examples = "plainsong list voices\nplainsong list voices binaural_beat\n"
                "plainsong list voices --json",
    .options = voices_options,
    .options_bytes = sizeof(voices_values),
    .most = 1,
    .run = list_voices,
};
