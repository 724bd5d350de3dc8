/* Fields of a document's maps, places, and words about both. */
#include "track/fields.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/nearest.h"

/* A hostile document has room for millions of mistakes; nobody reads more than these. */
#define NOTES_MAX 1000u
#define DEPTH_MAX 16u /* of places: what lies deeper is named by its surroundings */

/* ---- Places -------------------------------------------------------------------------------- */

/* Appends as much as there is room for. */
static void append(char *text, size_t bytes, size_t *used, const char *more)
{
    while (*more && *used + 1 < bytes)
        text[(*used)++] = *more++;
    text[*used] = '\0';
}

static bool is_plain(const char *name)
{
    for (const char *c = name; *c; c++) {
        if (!((*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z') || (*c >= '0' && *c <= '9') ||
              *c == '_' || *c == '-'))
            return false;
    }
    return name[0] != '\0';
}

static void append_quoted(char *text, size_t bytes, size_t *used, const char *name)
{
    append(text, bytes, used, "[\"");
    for (; *name; name++) {
        char escaped[8] = {*name};

        if (*name == '"' || *name == '\\')
            snprintf(escaped, sizeof escaped, "\\%c", *name);
        else if ((unsigned char)*name < 0x20 || *name == 0x7f)
            snprintf(escaped, sizeof escaped, "\\u%04x", (unsigned)(unsigned char)*name);
        append(text, bytes, used, escaped);
    }
    append(text, bytes, used, "\"]");
}

void ps_where_text(const ps_where *where, char *text, size_t bytes)
{
    const ps_where *way[DEPTH_MAX];
    size_t depth = 0, used = 0;

    for (; where && depth < DEPTH_MAX; where = where->up)
        way[depth++] = where;
    text[0] = '\0';
    while (depth > 0) {
        const ps_where *at = way[--depth];
        char index[24];

        if (!at->name) {
            snprintf(index, sizeof index, "[%zu]", at->index);
            append(text, bytes, &used, index);
        } else if (is_plain(at->name)) {
            append(text, bytes, &used, used > 0 ? "." : "");
            append(text, bytes, &used, at->name);
        } else {
            append_quoted(text, bytes, &used, at->name);
        }
    }
}

/* ---- Words --------------------------------------------------------------------------------- */

/* An error with its place: in words before the colon, and as a line if the locator can tell. */
static void compose(const ps_reading *r, ps_error *told, const ps_where *where, const char *format,
                    va_list arguments)
{
    char place[160], words[200];

    ps_where_text(where, place, sizeof place);
    vsnprintf(words, sizeof words, format, arguments);
    ps_fail(told, PS_BAD_DATA, "%s%s%s", place, place[0] != '\0' ? ": " : "", words);
    if (r->options->locator.locate)
        r->options->locator.locate(r->options->locator.user, place, told);
}

void ps_refuse(ps_reading *r, const ps_where *where, const char *format, ...)
{
    ps_error told;
    va_list arguments;

    if (!ps_reading_on(r))
        return;
    va_start(arguments, format);
    compose(r, &told, where, format, arguments);
    va_end(arguments);
    r->status = PS_BAD_DATA;
    if (r->err)
        *r->err = told;
}

void ps_refuse_memory(ps_reading *r)
{
    if (ps_reading_on(r))
        r->status = ps_fail(r->err, PS_NO_MEMORY, "no memory for a track");
}

bool ps_notes_wanted(const ps_reading *r)
{
    return r->options->strict || (r->options->warnings.add && r->notes <= NOTES_MAX);
}

bool ps_told_since(const ps_reading *r, uint32_t notes)
{
    return r->notes > notes && ps_notes_wanted(r);
}

static void tell(ps_reading *r, const ps_error *note)
{
    if (r->options->warnings.add)
        r->options->warnings.add(r->options->warnings.user, note);
}

void ps_note(ps_reading *r, const ps_where *where, const char *nearest, const char *format, ...)
{
    ps_error note;
    va_list arguments;

    if (!ps_reading_on(r) || !ps_notes_wanted(r))
        return;
    if (r->notes++ == NOTES_MAX && !r->options->strict) {
        ps_fail(&note, PS_BAD_DATA, "more than %u warnings: no more are told", NOTES_MAX);
        tell(r, &note);
        return;
    }
    va_start(arguments, format);
    compose(r, &note, where, format, arguments);
    va_end(arguments);
    if (nearest && nearest[0] != '\0')
        ps_hint(&note, "did you mean %s?", nearest);
    if (!r->options->strict) {
        tell(r, &note);
        return;
    }
    r->status = PS_BAD_DATA;
    if (r->err)
        *r->err = note;
}

const char *ps_value_words(const ps_value *value)
{
    if (!value)
        return "nothing";
    switch (value->kind) {
    case PS_VALUE_NULL:
        return "null";
    case PS_VALUE_FLAG:
        return value->number != 0.0 ? "true" : "false";
    case PS_VALUE_NUMBER:
        return "a number";
    case PS_VALUE_TEXT:
        return "text";
    case PS_VALUE_LIST:
        return "a list";
    case PS_VALUE_MAP:
        return "an object";
    }
    return "nothing";
}

/* ---- Finding fields ------------------------------------------------------------------------ */

/* The next word of a list of words; false after the last. */
static bool next_word(const char **words, char *word)
{
    size_t length;

    *words += strspn(*words, " ");
    length = strcspn(*words, " ");
    if (length == 0 || length >= PS_NEAREST_BYTES)
        return false;
    memcpy(word, *words, length);
    word[length] = '\0';
    *words += length;
    return true;
}

/* Place of a name among spellings, counted from 0; SIZE_MAX when it is none of them. */
static size_t rank_of(const char *spellings, const char *name)
{
    char word[PS_NEAREST_BYTES];

    for (size_t i = 0; next_word(&spellings, word); i++) {
        if (strcmp(word, name) == 0)
            return i;
    }
    return SIZE_MAX;
}

static const ps_field *field_of(const ps_field *fields, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++) {
        if (rank_of(fields[i].spellings, name) != SIZE_MAX)
            return &fields[i];
    }
    return NULL;
}

static void note_unknown(ps_reading *r, const ps_where *map, const char *name,
                         const ps_field *fields, size_t count)
{
    const ps_where where = {.up = map, .name = name};
    ps_nearest nearest;
    char word[PS_NEAREST_BYTES];

    if (!ps_notes_wanted(r))
        return;
    ps_nearest_init(&nearest, name);
    for (size_t i = 0; i < count; i++) {
        const char *words = fields[i].spellings;

        while (next_word(&words, word))
            ps_nearest_offer(&nearest, word);
    }
    ps_note(r, &where, nearest.best, "unknown name: it means nothing here");
}

/* Takes a member as a field: unless a better spelling was seen, with a value that is not null. */
static void take(ps_reading *r, ps_found *found, size_t field, const char *spellings,
                 const char *name, const ps_value *value)
{
    const char *other = found->names[field];

    if (other && strcmp(other, name) != 0) {
        const bool better = rank_of(spellings, name) < rank_of(spellings, other);
        const bool was_null = ps_value_is_null(found->values[field]);
        const bool wins = ps_value_is_null(value) == was_null ? better : was_null;
        const ps_where where = {.up = found->where, .name = wins ? other : name};

        ps_note(r, &where, NULL, "is not looked at: %s says the same", wins ? name : other);
        if (!wins)
            return;
    }
    found->names[field] = name;
    found->values[field] = value;
}

/* Room for all of the map: most maps have no rest at all. */
static bool prepare_rest(ps_reading *r, ps_found *found)
{
    const size_t count = found->map_count;

    if (found->rest.kind == PS_VALUE_MAP)
        return true;
    found->rest_members = ps_arena_alloc(&r->scratch, count, sizeof *found->rest_members);
    found->rest_names = ps_arena_alloc(&r->scratch, count, sizeof *found->rest_names);
    if (!found->rest_members || !found->rest_names) {
        ps_refuse_memory(r);
        return false;
    }
    found->rest.kind = PS_VALUE_MAP;
    found->rest.members = found->rest_members;
    found->rest.names = found->rest_names;
    return true;
}

static void add_rest(ps_found *found, const char *name, const ps_value *value)
{
    found->rest_members[found->rest.count] = *value;
    found->rest_names[found->rest.count++] = name;
}

void ps_fields_find(ps_reading *r, ps_found *found, const ps_value *map, const ps_where *where,
                    const ps_field *fields, size_t count)
{
    memset(found, 0, sizeof *found);
    found->where = where;
    found->map_count = map->count;
    for (size_t i = 0; i < map->count && ps_reading_on(r); i++) {
        const char *name = map->names[i];
        const ps_field *field = field_of(fields, count, name);

        if (field && !field->kept_only) {
            take(r, found, (size_t)(field - fields), field->spellings, name, &map->members[i]);
            continue;
        }
        if (!field)
            note_unknown(r, where, name, fields, count);
        if (prepare_rest(r, found))
            add_rest(found, name, &map->members[i]);
    }
}

void ps_fields_keep(ps_reading *r, ps_found *found, size_t field)
{
    if (prepare_rest(r, found))
        add_rest(found, found->names[field], found->values[field]);
}

/* ---- Values of fields ---------------------------------------------------------------------- */

ps_where ps_found_where(const ps_found *found, size_t field)
{
    return (ps_where){.up = found->where, .name = found->names[field]};
}

void ps_found_number(ps_reading *r, const ps_found *found, size_t field, double *number)
{
    const ps_where where = ps_found_where(found, field);

    if (!ps_value_is_null(found->values[field]) && !ps_value_number(found->values[field], number))
        ps_note(r, &where, NULL, "is %s where a number belongs: %g is taken",
                ps_value_words(found->values[field]), *number);
}

void ps_found_needed(ps_reading *r, const ps_found *found, size_t field, double *number,
                     double most)
{
    const ps_where where = ps_found_where(found, field);

    if (!found->values[field])
        return;
    if (!ps_value_number(found->values[field], number))
        ps_refuse(r, &where, "is %s where a number belongs", ps_value_words(found->values[field]));
    else if (fabs(*number) > most)
        ps_refuse(r, &where, "is %g, which is more than %g", *number, most);
}

const char *ps_found_text(ps_reading *r, const ps_found *found, size_t field)
{
    const ps_where where = ps_found_where(found, field);
    const ps_value *value = found->values[field];

    if (ps_value_is_null(value))
        return NULL;
    if (value->kind == PS_VALUE_TEXT)
        return value->text[0] != '\0' ? value->text : NULL;
    ps_note(r, &where, NULL, "is %s where text belongs: it is left out", ps_value_words(value));
    return NULL;
}

const ps_value *ps_found_kind(ps_reading *r, const ps_found *found, size_t field,
                              ps_value_kind kind)
{
    const ps_where where = ps_found_where(found, field);
    const ps_value *value = found->values[field];

    if (ps_value_is_null(value))
        return NULL;
    if (value->kind == kind)
        return value;
    ps_note(r, &where, NULL, "is %s where %s belongs: it is left out", ps_value_words(value),
            kind == PS_VALUE_LIST ? "a list" : "an object");
    return NULL;
}
