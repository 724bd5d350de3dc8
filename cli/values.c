/* Option values: text into numbers, choices and lists. */
#include "values.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define WORD_MOST 40u

unsigned cli_word_distance(const char *one, const char *two)
{
    /* Optimal string alignment (Damerau 1964): three rows of the table of prefixes are enough. */
    unsigned rows[3][WORD_MOST + 1];
    const size_t n = strlen(one), m = strlen(two);

    if (n > WORD_MOST || m > WORD_MOST)
        return WORD_MOST;
    for (unsigned j = 0; j <= m; j++)
        rows[0][j] = j;
    for (unsigned i = 1; i <= n; i++) {
        unsigned *row = rows[i % 3];
        const unsigned *before = rows[(i + 2) % 3], *earlier = rows[(i + 1) % 3];

        row[0] = i;
        for (unsigned j = 1; j <= m; j++) {
            unsigned best = before[j - 1] + (one[i - 1] != two[j - 1]);

            best = before[j] + 1 < best ? before[j] + 1 : best;
            best = row[j - 1] + 1 < best ? row[j - 1] + 1 : best;
            if (i > 1 && j > 1 && one[i - 1] == two[j - 2] && one[i - 2] == two[j - 1] &&
                earlier[j - 2] + 1 < best)
                best = earlier[j - 2] + 1;
            row[j] = best;
        }
    }
    return rows[n % 3][m];
}

bool cli_words_near(const char *text, const char *word)
{
    const size_t length = strlen(text);
    const unsigned allowed = length < 4 ? 1 : length < 8 ? 2 : 3;

    if (length >= 3 && strncmp(text, word, length) == 0)
        return true; /* the beginning of it */
    return length > 1 && cli_word_distance(text, word) <= allowed;
}

const char *cli_nearest_choice(const char *text, const char *words, char *buffer,
                               size_t buffer_bytes)
{
    unsigned best = WORD_MOST;

    for (const char *word = words; *word;) {
        const size_t length = strcspn(word, "|");
        char copy[WORD_MOST + 1];

        if (length <= WORD_MOST) {
            memcpy(copy, word, length);
            copy[length] = '\0';
            if (cli_words_near(text, copy) && cli_word_distance(text, copy) < best) {
                best = cli_word_distance(text, copy);
                snprintf(buffer, buffer_bytes, "%s", copy);
            }
        }
        word += length + (word[length] == '|');
    }
    return best < WORD_MOST ? buffer : NULL;
}

/* Digits, one point, an exponent: what strtod takes but its hexadecimal, "nan" and "inf". */
static bool is_plain_number(const char *text)
{
    return text[0] != '\0' && strspn(text, "+-.0123456789eE") == strlen(text);
}

ps_status cli_parse_number(const char *text, double *number, ps_error *err)
{
    char *end;
    double value;

    if (!is_plain_number(text))
        return ps_fail(err, PS_BAD_ARGUMENT, "\"%.60s\" is not a number", text);
    value = strtod(text, &end);
    if (end == text || *end != '\0' || !isfinite(value))
        return ps_fail(err, PS_BAD_ARGUMENT, "\"%.60s\" is not a number", text);
    *number = value;
    return PS_OK;
}

ps_status cli_parse_integer(const char *text, int64_t *number, ps_error *err)
{
    char *end;
    long long value;

    errno = 0;
    value = strtoll(text, &end, 10);
    if (text[0] == '\0' || isspace((unsigned char)text[0]) || *end != '\0' || end == text)
        return ps_fail(err, PS_BAD_ARGUMENT, "\"%.60s\" is not a whole number", text);
    if (errno == ERANGE)
        return ps_fail(err, PS_BAD_ARGUMENT, "%.60s has too many digits", text);
    *number = value;
    return PS_OK;
}

ps_status cli_parse_seconds(const char *text, double *seconds, ps_error *err)
{
    const char *rest = text;
    double sum = 0.0, last;

    for (int parts = 0; strchr(rest, ':'); parts++) {
        const size_t digits = strspn(rest, "0123456789");

        if (digits == 0 || digits > 9 || rest[digits] != ':' || parts == 2)
            return ps_fail(err, PS_BAD_ARGUMENT, "\"%.60s\" is no time (90.5 or 1:30.5)", text);
        sum = (sum + strtod(rest, NULL)) * 60.0;
        rest += digits + 1;
    }
    if (cli_parse_number(rest, &last, NULL) != PS_OK || (rest != text && !(last >= 0 && last < 60)))
        return ps_fail(err, PS_BAD_ARGUMENT, "\"%.60s\" is no time (90.5 or 1:30.5)", text);
    *seconds = sum + last;
    return PS_OK;
}

ps_status cli_parse_choice(const char *text, const char *words, int *index, ps_error *err)
{
    const size_t length = strlen(text);
    char nearest[WORD_MOST + 1];
    int i = 0;

    for (const char *word = words; *word; i++) {
        const size_t word_length = strcspn(word, "|");

        if (word_length == length && memcmp(word, text, length) == 0) {
            *index = i;
            return PS_OK;
        }
        word += word_length + (word[word_length] == '|');
    }
    ps_fail(err, PS_BAD_ARGUMENT, "\"%.60s\" is not one of %s", text, words);
    if (cli_nearest_choice(text, words, nearest, sizeof nearest))
        ps_hint(err, "did you mean %s?", nearest);
    return PS_BAD_ARGUMENT;
}

static ps_status check_range(const cli_option *option, double value, ps_error *err)
{
    const bool any = option->low == 0.0 && option->high == 0.0;

    if (any || (value >= option->low && value <= option->high))
        return PS_OK;
    return ps_fail(err, PS_BAD_ARGUMENT, "%.15g is outside %.15g..%.15g", value, option->low,
                   option->high);
}

static ps_status parse_ranged(const cli_option *option, void *field, const char *text,
                              ps_error *err)
{
    ps_status status;
    int64_t integer = 0;
    double number = 0.0;

    if (option->kind == CLI_INTEGER) {
        status = cli_parse_integer(text, &integer, err);
        number = (double)integer;
    } else if (option->kind == CLI_SECONDS) {
        status = cli_parse_seconds(text, &number, err);
    } else {
        status = cli_parse_number(text, &number, err);
    }
    if (status == PS_OK)
        status = check_range(option, number, err);
    if (status != PS_OK)
        return status;
    if (option->kind == CLI_INTEGER)
        *(int64_t *)field = integer;
    else
        *(double *)field = number;
    return PS_OK;
}

static ps_status add_text(cli_texts *texts, const char *text, ps_error *err)
{
    if (texts->count == CLI_TEXTS_MOST)
        return ps_fail(err, PS_BAD_ARGUMENT, "given more than %u times", CLI_TEXTS_MOST);
    texts->items[texts->count++] = text;
    return PS_OK;
}

ps_status cli_parse_option(const cli_option *option, void *values, const char *text, ps_error *err)
{
    void *field = (char *)values + option->field;

    switch (option->kind) {
    case CLI_FLAG:
        *(bool *)field = true;
        return PS_OK;
    case CLI_INTEGER:
    case CLI_NUMBER:
    case CLI_SECONDS:
        return parse_ranged(option, field, text, err);
    case CLI_CHOICE:
        return cli_parse_choice(text, option->value, field, err);
    case CLI_TEXT:
    case CLI_FILE:
    case CLI_FOLDER:
        *(const char **)field = text;
        return PS_OK;
    case CLI_TEXTS:
    case CLI_FILES:
        return add_text(field, text, err);
    case CLI_CUSTOM:
        return option->parse(field, text, err);
    case CLI_END:
    case CLI_HEADING:
        break;
    }
    return PS_OK;
}
