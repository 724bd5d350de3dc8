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

static void put(void *user, const char *bytes, size_t count)
{
    fwrite(bytes, 1, count, user);
}

static void write_string(json_out *j, const char *text)
{
    ps_text_quote(text, put, j->file);
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
