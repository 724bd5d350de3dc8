/*
 * Reading JSON: jansson parses, and its tree becomes values in one block of memory. What jansson
 * does not bound - depth of memory, number of values - is counted in the text before.
 */
#include "json.h"

#include <jansson.h>
#include <stdbool.h>
#include <string.h>

#include "json_where.h"
#include "plainsong/memory.h"

/* U+FFFD, for what a text of ours cannot hold. */
static const char replacement[] = "\xef\xbf\xbd";
#define REPLACEMENT_BYTES (sizeof replacement - 1)

struct ps_json {
    ps_value *values; /* behind this struct; then names, then texts */
    const char **names;
    char *texts;
};

/* ---- The text ------------------------------------------------------------------------------ */

static ps_status fail_at(ps_error *err, const char *text, size_t at, const char *words)
{
    const ps_status status = ps_fail(err, PS_BAD_DATA, "json: %s", words);

    if (err)
        ps_json_place(text, at, &err->line, &err->column);
    return status;
}

/* Counts brackets and commas outside of strings: no value is without one before or after it. */
static ps_status check_shape(const char *text, size_t bytes, ps_error *err)
{
    size_t values = 1, depth = 0;
    bool quoted = false;

    for (size_t i = 0; i < bytes; i++) {
        const char c = text[i];

        if (quoted) {
            i += c == '\\';
            quoted = c != '"';
            continue;
        }
        quoted = c == '"';
        depth += c == '[' || c == '{';
        depth -= (c == ']' || c == '}') && depth > 0;
        values += c == ',' || c == '[' || c == '{';
        if (depth > PS_JSON_DEPTH_MAX)
            return fail_at(err, text, i, "lists and objects are nested too deep");
        if (values > PS_JSON_VALUES_MAX)
            return fail_at(err, text, i, "too many values");
    }
    return PS_OK;
}

/* ---- Parsing ------------------------------------------------------------------------------- */

/* "'}' expected near ','": jansson's words are ours but for a capital. */
static ps_status fail_parsing(ps_error *err, const char *text, size_t bytes,
                              const json_error_t *failed)
{
    ps_status status;

    if (json_error_code(failed) == json_error_out_of_memory)
        return ps_fail(err, PS_NO_MEMORY, "out of memory");
    status = ps_fail(err, PS_BAD_DATA, "json: %s", failed->text);
    if (!err)
        return status;
    err->line = failed->line > 0 ? (uint32_t)failed->line : 1;
    err->column = failed->column > 0 ? (uint32_t)failed->column : 1;
    if (bytes >= 2 && (text[0] == '\0' || text[1] == '\0' || memcmp(text, "\xff\xfe", 2) == 0 ||
                       memcmp(text, "\xfe\xff", 2) == 0))
        ps_hint(err, "this looks like UTF-16: save it as UTF-8");
    return status;
}

static void warn_of_duplicate(const ps_warnings *warnings, const json_error_t *failed)
{
    ps_error warning;

    if (!warnings || !warnings->add)
        return;
    ps_fail(&warning, PS_BAD_DATA, "json: %s: the last one counts", failed->text);
    warning.line = failed->line > 0 ? (uint32_t)failed->line : 1;
    warning.column = failed->column > 0 ? (uint32_t)failed->column : 1;
    warnings->add(warnings->user, &warning);
}

static ps_status parse(json_t **root, const char *text, size_t bytes, const ps_warnings *warnings,
                       ps_error *err)
{
    const size_t flags = JSON_DECODE_ANY | JSON_DECODE_INT_AS_REAL | JSON_ALLOW_NUL;
    json_error_t failed;

    *root = json_loadb(text, bytes, flags | JSON_REJECT_DUPLICATES, &failed);
    if (!*root && json_error_code(&failed) == json_error_duplicate_key) {
        warn_of_duplicate(warnings, &failed);
        *root = json_loadb(text, bytes, flags, &failed);
    }
    return *root ? PS_OK : fail_parsing(err, text, bytes, &failed);
}

/* ---- From jansson's tree to values --------------------------------------------------------- */

typedef struct sizes {
    size_t values, names, text_bytes;
} sizes;

static size_t text_bytes_of(const char *text, size_t length)
{
    size_t bytes = length + 1;

    for (size_t i = 0; i < length; i++)
        bytes += text[i] == '\0' ? REPLACEMENT_BYTES - 1 : 0;
    return bytes;
}

static void measure(sizes *s, json_t *node)
{
    const char *name;
    json_t *member;
    size_t i;

    s->values++;
    switch (json_typeof(node)) {
    case JSON_STRING:
        s->text_bytes += text_bytes_of(json_string_value(node), json_string_length(node));
        break;
    case JSON_ARRAY:
        json_array_foreach(node, i, member) measure(s, member);
        break;
    case JSON_OBJECT:
        json_object_foreach(node, name, member)
        {
            s->names++;
            s->text_bytes += strlen(name) + 1;
            measure(s, member);
        }
        break;
    default:
        break;
    }
}

static const char *put_text(ps_json *json, const char *text, size_t length)
{
    const char *start = json->texts;

    for (size_t i = 0; i < length; i++) {
        if (text[i] != '\0') {
            *json->texts++ = text[i];
            continue;
        }
        memcpy(json->texts, replacement, REPLACEMENT_BYTES);
        json->texts += REPLACEMENT_BYTES;
    }
    *json->texts++ = '\0';
    return start;
}

static void convert(ps_json *json, ps_value *value, json_t *node);

static void convert_list(ps_json *json, ps_value *value, json_t *node)
{
    ps_value *members = json->values;
    json_t *member;
    size_t i;

    value->kind = PS_VALUE_LIST;
    value->count = json_array_size(node);
    value->members = members;
    json->values += value->count;
    json_array_foreach(node, i, member) convert(json, &members[i], member);
}

static void convert_map(ps_json *json, ps_value *value, json_t *node)
{
    ps_value *members = json->values;
    const char **names = json->names;
    const char *name;
    json_t *member;
    size_t i = 0;

    value->kind = PS_VALUE_MAP;
    value->count = json_object_size(node);
    value->members = members;
    value->names = names;
    json->values += value->count;
    json->names += value->count;
    json_object_foreach(node, name, member)
    {
        names[i] = put_text(json, name, strlen(name));
        convert(json, &members[i++], member);
    }
}

static void convert(ps_json *json, ps_value *value, json_t *node)
{
    switch (json_typeof(node)) {
    case JSON_NULL:
        value->kind = PS_VALUE_NULL;
        break;
    case JSON_TRUE:
    case JSON_FALSE:
        value->kind = PS_VALUE_FLAG;
        value->number = json_is_true(node) ? 1.0 : 0.0;
        break;
    case JSON_INTEGER:
    case JSON_REAL:
        value->kind = PS_VALUE_NUMBER;
        value->number = json_number_value(node);
        break;
    case JSON_STRING:
        value->kind = PS_VALUE_TEXT;
        value->text = put_text(json, json_string_value(node), json_string_length(node));
        break;
    case JSON_ARRAY:
        convert_list(json, value, node);
        break;
    case JSON_OBJECT:
        convert_map(json, value, node);
        break;
    }
}

static ps_status convert_tree(ps_json **out, json_t *root, ps_error *err)
{
    sizes s = {0};
    ps_json *json;

    measure(&s, root);
    const size_t values_bytes = s.values * sizeof(ps_value);
    const size_t names_bytes = s.names * sizeof(const char *);
    json = ps_alloc(NULL, 1, sizeof *json + values_bytes + names_bytes + s.text_bytes);
    if (!json)
        return ps_fail(err, PS_NO_MEMORY, "out of memory");
    json->values = (ps_value *)(json + 1);
    json->names = (const char **)(json->values + s.values);
    json->texts = (char *)(json->names + s.names);
    convert(json, json->values++, root);
    *out = json;
    return PS_OK;
}

ps_status ps_json_read(ps_json **out, const char *text, size_t text_bytes,
                       const ps_warnings *warnings, ps_error *err)
{
    const size_t mark = ps_json_mark_bytes(text, text_bytes);
    json_t *root = NULL;
    ps_status status;

    if (text_bytes > PS_JSON_TEXT_MAX)
        return ps_fail(err, PS_BAD_DATA, "json: more than %zu bytes", PS_JSON_TEXT_MAX);
    text += mark;
    text_bytes -= mark;
    status = check_shape(text, text_bytes, err);
    if (status == PS_OK)
        status = parse(&root, text, text_bytes, warnings, err);
    if (status == PS_OK)
        status = convert_tree(out, root, err);
    json_decref(root);
    return status;
}

const ps_value *ps_json_value(const ps_json *json)
{
    return (const ps_value *)(json + 1);
}

void ps_json_free(ps_json *json)
{
    ps_free(NULL, json);
}
