/* JSON written as it comes, without building it first. */
#include "json_out.h"

#include <assert.h>
#include <inttypes.h>
#include <string.h>

#include "plainsong/value.h"

static void indent(json_out *j)
{
    if (j->compact)
        return;
    fputc('\n', j->file);
    for (int i = 0; i < j->depth; i++)
        fputs("  ", j->file);
}

/* Length of the UTF-8 character at s, 0 when it is none (RFC 3629: no surrogates, no overlong). */
static size_t utf8_length(const unsigned char *s)
{
    const unsigned lead = s[0];
    const size_t length = lead < 0x80                   ? 1
                          : lead >= 0xc2 && lead < 0xe0 ? 2
                          : lead >= 0xe0 && lead < 0xf0 ? 3
                          : lead >= 0xf0 && lead < 0xf5 ? 4
                                                        : 0;

    for (size_t i = 1; i < length; i++) {
        if ((s[i] & 0xc0) != 0x80)
            return 0;
    }
    if ((lead == 0xe0 && s[1] < 0xa0) || (lead == 0xed && s[1] > 0x9f) ||
        (lead == 0xf0 && s[1] < 0x90) || (lead == 0xf4 && s[1] > 0x8f))
        return 0;
    return length;
}

static void write_string(json_out *j, const char *text)
{
    const unsigned char *s = (const unsigned char *)text;

    fputc('"', j->file);
    while (*s) {
        const size_t length = utf8_length(s);

        if (length == 0)
            fputs("\\ufffd", j->file);
        else if (*s == '"' || *s == '\\')
            fprintf(j->file, "\\%c", *s);
        else if (*s == '\n')
            fputs("\\n", j->file);
        else if (*s < 0x20 || *s == 0x7f)
            fprintf(j->file, "\\u%04x", (unsigned)*s);
        else
            fwrite(s, 1, length, j->file);
        s += length ? length : 1;
    }
    fputc('"', j->file);
}

/* Comma, line and key in front of a value. */
static void lead_in(json_out *j, const char *key)
{
    if (j->depth > 0) {
        struct json_level *level = &j->levels[j->depth - 1];

        assert(level->array == !key);
        if (level->started)
            fputs(j->compact ? ", " : ",", j->file);
        level->started = true;
        indent(j);
    }
    if (key) {
        write_string(j, key);
        fputs(": ", j->file);
    }
}

static void open_level(json_out *j, const char *key, bool array)
{
    assert(j->depth < JSON_DEPTH_MOST);
    lead_in(j, key);
    fputc(array ? '[' : '{', j->file);
    j->levels[j->depth].array = array;
    j->levels[j->depth].started = false;
    j->depth++;
}

void json_begin(json_out *j, FILE *file)
{
    j->file = file;
    j->depth = 0;
    j->compact = false;
}

void json_begin_compact(json_out *j, FILE *file)
{
    json_begin(j, file);
    j->compact = true;
}

void json_object(json_out *j, const char *key)
{
    open_level(j, key, false);
}

void json_array(json_out *j, const char *key)
{
    open_level(j, key, true);
}

void json_end(json_out *j)
{
    const struct json_level *level = &j->levels[j->depth - 1];

    j->depth--;
    if (level->started)
        indent(j);
    fputc(level->array ? ']' : '}', j->file);
}

void json_finish(json_out *j)
{
    assert(j->depth == 0);
    fputc('\n', j->file);
}

void json_text(json_out *j, const char *key, const char *text)
{
    if (!text) {
        json_null(j, key);
        return;
    }
    lead_in(j, key);
    write_string(j, text);
}

void json_number(json_out *j, const char *key, double number)
{
    char digits[PS_NUMBER_BYTES];

    ps_number_text(digits, number);
    lead_in(j, key);
    fputs(digits, j->file);
}

void json_integer(json_out *j, const char *key, int64_t number)
{
    lead_in(j, key);
    fprintf(j->file, "%" PRId64, number);
}

void json_bool(json_out *j, const char *key, bool value)
{
    lead_in(j, key);
    fputs(value ? "true" : "false", j->file);
}

void json_null(json_out *j, const char *key)
{
    lead_in(j, key);
    fputs("null", j->file);
}
