/* From a document's map of parameters to the settings of a voice, as its table says. */
#include <string.h>

#include "base/ascii.h"
#include "voice/voice.h"

#define NAME_BYTES 96u

void ps_parameter_name(char *name, size_t bytes, const char *prefix, const char *parameter)
{
    size_t used = 0;

    for (const char *c = prefix; *c && used + 1 < bytes; c++)
        name[used++] = *c;
    for (const char *c = parameter; *c && used + 1 < bytes; c++)
        name[used++] = c == parameter ? ps_ascii_upper(*c) : *c;
    name[used] = '\0';
}

static bool same_word(const char *text, const char *word)
{
    while (*text && *word && ps_ascii_lower(*text) == ps_ascii_lower(*word))
        text++, word++;
    return *text == '\0' && *word == '\0';
}

bool ps_setting_is(const ps_setting *setting, const char *word)
{
    return setting->value && setting->value->kind == PS_VALUE_TEXT &&
           same_word(setting->value->text, word);
}

/* "true", " Yes ", 1, true, ... */
static double switch_of(const ps_value *value)
{
    static const char *const on[] = {"true", "1", "yes", "on"};
    char word[8] = "";
    size_t length = 0;

    if (value->kind != PS_VALUE_TEXT)
        return (value->kind == PS_VALUE_NUMBER || value->kind == PS_VALUE_FLAG) &&
                       value->number != 0.0
                   ? 1.0
                   : 0.0;
    for (const char *c = value->text; *c; c++) {
        if (ps_ascii_is_blank(*c) && (length == 0 || c[strspn(c, " \t\r\n\f\v")] == '\0'))
            continue;
        if (length + 1 == sizeof word)
            return 0.0;
        word[length++] = *c;
    }
    for (size_t i = 0; i < sizeof on / sizeof on[0]; i++) {
        if (same_word(word, on[i]))
            return 1.0;
    }
    return 0.0;
}

/* What a reading needs besides its row. */
typedef struct reading {
    const ps_value *params;
    const char **name; /* of what failed */
    ps_error *err;
} reading;

/* The last member of that name, as ps_value_member finds it; NULL when it is absent or null. */
static const ps_value *find_member(const ps_value *params, const char *name)
{
    const ps_value *value = ps_value_member(params, name);

    return ps_value_is_null(value) ? NULL : value;
}

/* Reads one value as its row's kind. */
static ps_status read_value(double *number, const ps_value **kept, const ps_parameter *row,
                            const ps_value *value, const reading *r)
{
    switch (row->kind) {
    case PS_PARAMETER_NUMBER:
        if (!ps_value_number(value, number)) {
            *r->name = r->params->names[value - r->params->members];
            return ps_fail(r->err, PS_BAD_DATA, "%s is not a number", *r->name);
        }
        return PS_OK;
    case PS_PARAMETER_FLAG:
        *number = ps_value_truth(value) ? 1.0 : 0.0;
        return PS_OK;
    case PS_PARAMETER_SWITCH:
        *number = switch_of(value);
        return PS_OK;
    case PS_PARAMETER_TEXT:
    case PS_PARAMETER_VALUE:
        *kept = value;
        return PS_OK;
    }
    return PS_OK;
}

static ps_status read_static(ps_setting *setting, const ps_parameter *row, const reading *r)
{
    const ps_value *value = find_member(r->params, row->name);

    setting->start = setting->end = row->preset;
    if (!value)
        return PS_OK;
    setting->given = true;
    const ps_status status = read_value(&setting->start, &setting->value, row, value, r);
    setting->end = setting->start;
    setting->end_value = setting->value;
    return status;
}

/* One end of a transition: the value under its own name, if there. */
static ps_status read_end(double *number, const ps_value **kept, bool *given,
                          const ps_parameter *row, const char *prefix, const char *own,
                          const reading *r)
{
    char built[NAME_BYTES];
    const char *name = own;

    if (!name) {
        ps_parameter_name(built, sizeof built, prefix, row->name);
        name = built;
    }
    const ps_value *value = find_member(r->params, name);
    if (!value)
        return PS_OK;
    *given = true;
    return read_value(number, kept, row, value, r);
}

static ps_status read_glide(ps_setting *setting, const ps_parameter *row, const reading *r)
{
    const bool own = row->glide == PS_GLIDE_OWN;
    ps_status status;

    setting->start = own ? row->start_preset : row->preset;
    status = read_end(&setting->start, &setting->value, &setting->start_given, row, "start",
                      row->start, r);
    if (status == PS_OK && !setting->start_given && !own)
        status = read_static(setting, row, r);
    setting->end = own ? row->end_preset : setting->start;
    setting->end_value = own ? NULL : setting->value;
    if (status == PS_OK)
        status = read_end(&setting->end, &setting->end_value, &setting->end_given, row, "end",
                          row->end, r);
    if (row->glide == PS_GLIDE_START) {
        setting->end = setting->start;
        setting->end_value = setting->value;
    }
    setting->given = setting->given || setting->start_given || setting->end_given;
    return status;
}

/* Both ends begin with what stands under the plain name. */
static ps_status read_apart(ps_setting *setting, const ps_parameter *row, const reading *r)
{
    ps_status status = read_static(setting, row, r);

    if (status == PS_OK)
        status = read_end(&setting->start, &setting->value, &setting->start_given, row, "start",
                          row->start, r);
    if (status == PS_OK)
        status = read_end(&setting->end, &setting->end_value, &setting->end_given, row, "end",
                          row->end, r);
    setting->given = setting->given || setting->start_given || setting->end_given;
    return status;
}

ps_status ps_settings_read(ps_setting *settings, const ps_parameter *parameters, uint32_t count,
                           const ps_value *params, bool transition, const char **name,
                           ps_error *err)
{
    const reading r = {params, name, err};

    memset(settings, 0, count * sizeof *settings);
    for (uint32_t i = 0; i < count; i++) {
        const ps_parameter *row = &parameters[i];
        ps_status status = PS_OK;

        settings[i].start = settings[i].end = row->preset;
        if (row->glide == (transition ? PS_GLIDE_ABSENT : PS_GLIDE_ONLY))
            continue;
        if (transition && row->glide == PS_GLIDE_APART)
            status = read_apart(&settings[i], row, &r);
        else if (transition && row->glide != PS_GLIDE_NONE && row->glide != PS_GLIDE_ONLY)
            status = read_glide(&settings[i], row, &r);
        else
            status = read_static(&settings[i], row, &r);
        if (status != PS_OK)
            return status;
    }
    return PS_OK;
}
