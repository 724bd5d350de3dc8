/* Chains written as text; the grammar stands at ps_chain_read. */
#include <string.h>

#include "base/ascii.h"
#include "effect/chain.h"

#define WORD_BYTES 1024u /* of a name or a value, its end included */

typedef struct reading {
    ps_chain *chain;
    const char *text; /* the whole */
    const char *at;
    ps_error *err;
} reading;

/* Adds the column of a place to an error. */
static ps_status at_column(const reading *r, const char *place, ps_status status)
{
    if (status != PS_OK && r->err->line == 0) {
        r->err->line = 1;
        r->err->column = (uint32_t)(place - r->text) + 1;
    }
    return status;
}

static void skip_blanks(reading *r)
{
    while (ps_ascii_is_blank(*r->at))
        r->at++;
}

static ps_status read_quoted(reading *r, char *word)
{
    const char *begin = r->at++;
    const size_t length = strcspn(r->at, "\"");

    if (r->at[length] != '"')
        return at_column(r, begin, ps_fail(r->err, PS_BAD_ARGUMENT, "a quote that does not end"));
    if (length >= WORD_BYTES)
        return at_column(r, begin, ps_fail(r->err, PS_BAD_ARGUMENT, "a value that is too long"));
    memcpy(word, r->at, length);
    word[length] = '\0';
    r->at += length + 1;
    return PS_OK;
}

/* Up to one of the marks, without the blanks around it. */
static ps_status read_word(reading *r, const char *marks, char *word)
{
    size_t length;

    skip_blanks(r);
    length = strcspn(r->at, marks);
    const char *next = r->at + length;
    while (length > 0 && ps_ascii_is_blank(r->at[length - 1]))
        length--;
    if (length >= WORD_BYTES)
        return at_column(r, r->at, ps_fail(r->err, PS_BAD_ARGUMENT, "a word that is too long"));
    memcpy(word, r->at, length);
    word[length] = '\0';
    r->at = next;
    return PS_OK;
}

/* "name=" if it stands here; what follows "=" is next. */
static bool read_key(reading *r, char *key)
{
    size_t length = 0;

    while (ps_ascii_is_letter(r->at[length]) || ps_ascii_is_digit(r->at[length]) ||
           r->at[length] == '_' || r->at[length] == '-')
        length++;
    const char *after = r->at + length;
    while (ps_ascii_is_blank(*after))
        after++;
    if (length == 0 || length >= WORD_BYTES || *after != '=')
        return false;
    memcpy(key, r->at, length);
    key[length] = '\0';
    r->at = after + 1;
    skip_blanks(r);
    return true;
}

/* One value; *items counts those without a name. */
static ps_status read_value(reading *r, ps_chain_link *link, uint32_t *items)
{
    char key[WORD_BYTES], word[WORD_BYTES];
    const char *begin;
    ps_status status = PS_OK;
    uint32_t slot;

    skip_blanks(r);
    begin = r->at;
    const bool named = read_key(r, key);
    if (named)
        status = at_column(r, begin, ps_chain_find_slot(link, key, &slot, r->err));
    if (status != PS_OK)
        return status;
    begin = r->at;
    status = *r->at == '"' ? read_quoted(r, word) : read_word(r, ",|", word);
    if (status != PS_OK)
        return status;
    if (word[0] == '\0' && *begin != '"')
        return at_column(r, begin, ps_fail(r->err, PS_BAD_ARGUMENT, "a value is missing"));
    status = named ? ps_chain_read_slot(r->chain, link, slot, word, r->err)
                   : ps_chain_read_item(r->chain, link, (*items)++, word, r->err);
    return at_column(r, begin, status);
}

static ps_status read_values(reading *r, ps_chain_link *link)
{
    uint32_t items = 0;
    ps_status status;

    do {
        r->at++; /* ":" or "," */
        status = read_value(r, link, &items);
        if (status == PS_OK)
            skip_blanks(r);
    } while (status == PS_OK && *r->at == ',');
    return status;
}

/* "preset:NAME" names a preset, "preset" alone nothing. */
static ps_status read_name(reading *r, const char **wanted, char *name)
{
    ps_status status = read_word(r, ":|,=", name);

    *wanted = NULL;
    if (status == PS_OK && strcmp(name, "preset") == 0 && *r->at == ':') {
        *wanted = "preset";
        r->at++;
        status = read_word(r, ":|,=", name);
    }
    return status;
}

static ps_status read_effect(reading *r)
{
    char name[WORD_BYTES];
    const char *begin, *wanted;
    ps_chain_link *link;
    ps_status status;

    skip_blanks(r);
    begin = r->at;
    status = read_name(r, &wanted, name);
    if (status != PS_OK)
        return status;
    if (name[0] == '\0')
        return at_column(r, begin,
                         ps_fail(r->err, PS_BAD_ARGUMENT, "the name of an effect is missing"));
    status = at_column(r, begin, ps_chain_add_named(r->chain, wanted, name, &link, r->err));
    if (status == PS_OK && *r->at == ':') {
        if (!link)
            return at_column(r, r->at,
                             ps_fail(r->err, PS_BAD_ARGUMENT, "a preset takes no values"));
        status = read_values(r, link);
    }
    return status;
}

ps_status ps_chain_append(ps_chain *chain, const char *text, ps_error *err)
{
    const size_t count = chain->count;
    ps_error own = {0};
    reading r = {chain, text, text, &own};
    ps_status status;

    own.offset_bytes = PS_NOWHERE;
    do {
        status = read_effect(&r);
        skip_blanks(&r);
        if (status == PS_OK && *r.at != '\0' && *r.at != '|')
            status = at_column(
                &r, r.at,
                ps_fail(&own, PS_BAD_ARGUMENT, "\"%c\" where \"|\" or the end should be", *r.at));
    } while (status == PS_OK && *r.at++ == '|');
    if (status != PS_OK) {
        ps_chain_cut(chain, count);
        if (err)
            *err = own;
    }
    return status;
}

ps_status ps_chain_read(ps_chain **out, const char *text, const ps_chain_options *options,
                        ps_error *err)
{
    ps_chain *chain;
    ps_status status = ps_chain_create(&chain, options, err);

    if (status != PS_OK)
        return status;
    status = ps_chain_append(chain, text, err);
    if (status == PS_OK)
        *out = chain;
    else
        ps_chain_destroy(chain);
    return status;
}
