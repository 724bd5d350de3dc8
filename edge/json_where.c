/* A scanner that knows just enough of JSON to step over values. */
#include "json_where.h"

#include <stdlib.h>
#include <string.h>

typedef struct cursor {
    const char *at, *end;
} cursor;

size_t ps_json_mark_bytes(const char *text, size_t text_bytes)
{
    return text_bytes >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
}

void ps_json_place(const char *text, size_t at, uint32_t *line, uint32_t *column)
{
    *line = *column = 1;
    for (size_t i = 0; i < at; i++) {
        if (text[i] == '\n') {
            *column = 1;
            ++*line;
        } else {
            *column += ((unsigned char)text[i] & 0xc0) != 0x80; /* not inside a character */
        }
    }
}

static bool at_char(const cursor *c, char wanted)
{
    return c->at < c->end && *c->at == wanted;
}

static void skip_blanks(cursor *c)
{
    while (c->at < c->end && strchr(" \t\r\n", *c->at) && *c->at != '\0')
        c->at++;
}

/* From a quote to behind the one that ends the string. */
static void skip_string(cursor *c)
{
    for (c->at++; c->at < c->end && *c->at != '"'; c->at++)
        c->at += *c->at == '\\' && c->at + 1 < c->end;
    c->at += c->at < c->end;
}

/* Over a whole value, to the comma or bracket behind it. */
static void skip_value(cursor *c)
{
    size_t depth = 0;

    while (c->at < c->end) {
        if (*c->at == '"') {
            skip_string(c);
            continue;
        }
        if (*c->at == '[' || *c->at == '{')
            depth++;
        else if (depth == 0 && (*c->at == ',' || *c->at == ']' || *c->at == '}'))
            return;
        else if (*c->at == ']' || *c->at == '}')
            depth--;
        c->at++;
    }
}

/* ---- Names --------------------------------------------------------------------------------- */

/* Some letters as they stand, or as escapes of JSON. */
typedef struct name {
    const char *letters;
    size_t length;
} name;

static unsigned hex4(const char *digits)
{
    const char copy[5] = {digits[0], digits[1], digits[2], digits[3]};

    return (unsigned)strtoul(copy, NULL, 16);
}

/* The next character of a name, as a number; *i moves on. UTF-8 comes byte by byte, so that only
   escapes beyond ASCII, which nobody writes in names, compare as different. */
static unsigned next_letter(const name *n, size_t *i)
{
    static const char from[] = "bfnrt", to[] = "\b\f\n\r\t";
    const char *known;

    if (n->letters[*i] != '\\' || *i + 1 >= n->length)
        return (unsigned char)n->letters[(*i)++];
    const char escape = n->letters[*i + 1];
    if (escape == 'u' && *i + 5 < n->length) {
        *i += 6;
        return hex4(n->letters + *i - 4);
    }
    *i += 2;
    known = escape != '\0' ? strchr(from, escape) : NULL;
    return (unsigned char)(known ? to[known - from] : escape);
}

static bool same_name(const name *a, const name *b)
{
    size_t i = 0, j = 0;

    while (i < a->length && j < b->length) {
        if (next_letter(a, &i) != next_letter(b, &j))
            return false;
    }
    return i == a->length && j == b->length;
}

static bool has_word(const char *words, const name *n)
{
    while (*words) {
        const name word = {words, strcspn(words, " ")};

        if (same_name(&word, n))
            return true;
        words += word.length + strspn(words + word.length, " ");
    }
    return false;
}

static bool are_aliases(const char *const *aliases, const name *a, const name *b)
{
    for (; aliases && *aliases; aliases++) {
        if (has_word(*aliases, a) && has_word(*aliases, b))
            return true;
    }
    return false;
}

/* ---- Following a path ---------------------------------------------------------------------- */

/* A step of a path: a name, or an index when the name has no letters. */
typedef struct way {
    name name;
    size_t index;
} way;

/* Takes the next step off a path; false at its end, or when it was cut off. */
static bool next_way(const char **where, way *step)
{
    const char *at = *where;

    memset(step, 0, sizeof *step);
    at += *at == '.';
    if (at[0] == '[' && at[1] == '"') {
        step->name.letters = at += 2;
        for (; *at && *at != '"'; at++)
            at += at[0] == '\\' && at[1] != '\0';
        step->name.length = (size_t)(at - step->name.letters);
        if (at[0] != '"' || at[1] != ']')
            return false;
        at += 2;
    } else if (*at == '[') {
        char *end;

        step->index = strtoull(at + 1, &end, 10);
        if (*end != ']')
            return false;
        at = end + 1;
    } else {
        step->name.letters = at;
        step->name.length = strcspn(at, ".[");
        at += step->name.length;
        if (step->name.length == 0)
            return false;
    }
    *where = at;
    return true;
}

/* Puts the cursor on the value of a member; *place is where its name stands. */
static bool enter_object(cursor *c, const way *step, const char *const *aliases, const char **place)
{
    const char *value = NULL;
    bool exact = false;

    c->at++;
    for (skip_blanks(c); at_char(c, '"'); skip_blanks(c)) {
        const char *start = c->at;

        skip_string(c);
        const name key = {start + 1, c->at - start > 2 ? (size_t)(c->at - start) - 2 : 0};
        skip_blanks(c);
        c->at += at_char(c, ':');
        skip_blanks(c);
        const bool same = same_name(&key, &step->name);
        if (same || (!exact && are_aliases(aliases, &key, &step->name))) {
            exact = exact || same;
            *place = start;
            value = c->at;
        }
        skip_value(c);
        c->at += at_char(c, ',');
    }
    if (value)
        c->at = value;
    return value != NULL;
}

static bool enter_list(cursor *c, const way *step, const char **place)
{
    c->at++;
    skip_blanks(c);
    for (size_t i = 0; c->at < c->end && *c->at != ']'; i++) {
        if (i == step->index) {
            *place = c->at;
            return true;
        }
        skip_value(c);
        if (!at_char(c, ','))
            break;
        c->at++;
        skip_blanks(c);
    }
    return false;
}

void ps_json_where(const char *text, size_t text_bytes, const char *where,
                   const char *const *aliases, uint32_t *line, uint32_t *column)
{
    const size_t mark = ps_json_mark_bytes(text, text_bytes);
    cursor c = {text + mark, text + text_bytes};
    const char *place;
    way step;

    skip_blanks(&c);
    place = c.at;
    while (next_way(&where, &step)) {
        const bool named = step.name.letters != NULL;

        if (!(named ? at_char(&c, '{') && enter_object(&c, &step, aliases, &place)
                    : at_char(&c, '[') && enter_list(&c, &step, &place)))
            break;
    }
    ps_json_place(text + mark, (size_t)(place - text) - mark, line, column);
}
