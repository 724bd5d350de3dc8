/* Values as JSON text, laid out for people. */
#include <string.h>

#include "json.h"
#include "plainsong/memory.h"

#define FIRST_ROOM_BYTES 4096u
#define DEPTH_MAX        1024u

typedef struct writing {
    char *text;
    size_t bytes, room;
    unsigned indent;
    ps_status status;
} writing;

static void put(writing *w, const char *bytes, size_t count)
{
    if (w->status != PS_OK)
        return;
    if (w->room - w->bytes < count) {
        size_t room = w->room > 0 ? w->room : FIRST_ROOM_BYTES;
        char *larger;

        while (room - w->bytes < count)
            room *= 2;
        larger = ps_alloc(NULL, 1, room);
        if (!larger) {
            w->status = PS_NO_MEMORY;
            return;
        }
        if (w->bytes > 0)
            memcpy(larger, w->text, w->bytes);
        ps_free(NULL, w->text);
        w->text = larger;
        w->room = room;
    }
    memcpy(w->text + w->bytes, bytes, count);
    w->bytes += count;
}

static void put_words(writing *w, const char *words)
{
    put(w, words, strlen(words));
}

static void new_line(writing *w, unsigned depth)
{
    put_words(w, "\n");
    for (unsigned i = 0; i < depth * w->indent; i++)
        put_words(w, " ");
}

static void put_quoted(void *user, const char *bytes, size_t count)
{
    put(user, bytes, count);
}

static void put_text(writing *w, const char *text)
{
    ps_text_quote(text, put_quoted, w);
}

static void put_number(writing *w, double number)
{
    char digits[PS_NUMBER_BYTES];

    put(w, digits, ps_number_text(digits, number));
}

static void put_value(writing *w, const ps_value *value, unsigned depth);

static void put_members(writing *w, const ps_value *value, unsigned depth)
{
    const bool map = value->kind == PS_VALUE_MAP;

    if (depth >= DEPTH_MAX) {
        w->status = PS_BAD_ARGUMENT;
        return;
    }
    put_words(w, map ? "{" : "[");
    for (size_t i = 0; i < value->count && w->status == PS_OK; i++) {
        if (i > 0)
            put_words(w, ",");
        new_line(w, depth + 1);
        if (map) {
            put_text(w, value->names[i]);
            put_words(w, ": ");
        }
        put_value(w, &value->members[i], depth + 1);
    }
    if (value->count > 0)
        new_line(w, depth);
    put_words(w, map ? "}" : "]");
}

static void put_value(writing *w, const ps_value *value, unsigned depth)
{
    switch (value->kind) {
    case PS_VALUE_NULL:
        put_words(w, "null");
        break;
    case PS_VALUE_FLAG:
        put_words(w, value->number != 0.0 ? "true" : "false");
        break;
    case PS_VALUE_NUMBER:
        put_number(w, value->number);
        break;
    case PS_VALUE_TEXT:
        put_text(w, value->text);
        break;
    case PS_VALUE_LIST:
    case PS_VALUE_MAP:
        put_members(w, value, depth);
        break;
    }
}

ps_status ps_json_write(char **text, size_t *text_bytes, const ps_value *value, unsigned indent,
                        ps_error *err)
{
    writing w = {.indent = indent};

    put_value(&w, value, 0);
    put(&w, "\n", 2); /* and the NUL */
    if (w.status != PS_OK) {
        ps_free(NULL, w.text);
        return w.status == PS_NO_MEMORY ? ps_fail(err, w.status, "out of memory")
                                        : ps_fail(err, w.status, "json: nested too deep");
    }
    *text = w.text;
    *text_bytes = w.bytes - 1;
    return PS_OK;
}
