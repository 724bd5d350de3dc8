/* A chain as data: effects in order, each with its values. */
#include "effect/chain.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/ascii.h"
#include "base/nearest.h"

#define PRESETS_DEEP 4u /* a preset may name presets; one that names itself must end */

ps_status ps_chain_create(ps_chain **out, const ps_chain_options *options, ps_error *err)
{
    const ps_allocator *allocator = options ? options->allocator : NULL;
    ps_chain *chain = ps_alloc(allocator, 1, sizeof *chain);

    if (!chain)
        return ps_fail(err, PS_NO_MEMORY, "no memory for a chain of effects");
    if (options)
        chain->options = *options;
    *out = chain;
    return PS_OK;
}

static void free_link(const ps_allocator *allocator, ps_chain_link *link)
{
    for (uint32_t slot = 0; link->texts && slot < link->slots; slot++)
        ps_free(allocator, link->texts[slot]);
    ps_free(allocator, link->texts);
    ps_free(allocator, link->values);
    memset(link, 0, sizeof *link);
}

void ps_chain_cut(ps_chain *chain, size_t count)
{
    while (chain->count > count)
        free_link(chain->options.allocator, &chain->links[--chain->count]);
}

void ps_chain_destroy(ps_chain *chain)
{
    if (!chain)
        return;
    ps_chain_cut(chain, 0);
    ps_free(chain->options.allocator, chain);
}

size_t ps_chain_count(const ps_chain *chain)
{
    return chain->count;
}

bool ps_chain_nth(const ps_chain *chain, size_t index, ps_effect_info *info)
{
    if (index >= chain->count)
        return false;
    *info = chain->links[index].kind->info;
    return true;
}

/* ---- Adding --------------------------------------------------------------------------------- */

static ps_status no_memory(ps_error *err)
{
    return ps_fail(err, PS_NO_MEMORY, "no memory for a chain of effects");
}

static ps_status keep_text(const ps_chain *chain, char **kept, const char *text, ps_error *err)
{
    const size_t bytes = strlen(text) + 1;
    char *copy = ps_alloc(chain->options.allocator, 1, bytes);

    if (!copy)
        return no_memory(err);
    memcpy(copy, text, bytes);
    ps_free(chain->options.allocator, *kept);
    *kept = copy;
    return PS_OK;
}

static ps_status keep_preset_texts(const ps_chain *chain, ps_chain_link *link, ps_error *err)
{
    ps_status status = PS_OK;

    for (uint32_t slot = 0; slot < link->slots && status == PS_OK; slot++) {
        uint32_t copy;
        const ps_effect_parameter *row = ps_effect_slot_row(&link->kind->info, slot, &copy);

        if (row->kind == PS_EFFECT_TEXT)
            status = keep_text(chain, &link->texts[slot], row->choices ? row->choices : "", err);
    }
    return status;
}

static ps_status add(ps_chain *chain, const ps_effect_kind *kind, ps_error *err)
{
    const ps_allocator *allocator = chain->options.allocator;
    ps_chain_link link = {.kind = kind, .slots = ps_effect_slots(&kind->info)};
    ps_status status = PS_OK;

    if (chain->count == PS_CHAIN_MOST)
        return ps_fail(err, PS_BAD_ARGUMENT, "more than %u effects", PS_CHAIN_MOST);
    if (link.slots > 0) {
        link.values = ps_alloc(allocator, link.slots, sizeof *link.values);
        link.texts = ps_alloc(allocator, link.slots, sizeof *link.texts);
        if (link.values)
            ps_effect_presets(&kind->info, link.values);
        status = link.values && link.texts ? keep_preset_texts(chain, &link, err) : no_memory(err);
    }
    if (status != PS_OK)
        free_link(allocator, &link);
    else
        chain->links[chain->count++] = link;
    return status;
}

/* hint: what the finder of presets had to say, or "". */
static ps_status unknown(const ps_chain *chain, const char *wanted, const char *name,
                         const char *hint, ps_error *err)
{
    ps_nearest nearest;
    ps_effect_info info;

    ps_fail(err, PS_NOT_FOUND, "no %s \"%s\"",
            wanted ? wanted : (chain->options.preset ? "effect or preset" : "effect"), name);
    ps_nearest_init(&nearest, name);
    for (size_t i = 0; ps_effect_nth(i, &info); i++)
        ps_nearest_offer(&nearest, info.name);
    if (nearest.best[0])
        ps_hint(err, "did you mean \"%s\"?", nearest.best);
    else if (hint[0])
        ps_hint(err, "%s", hint);
    return PS_NOT_FOUND;
}

static ps_status add_preset(ps_chain *chain, const char *name, ps_error *err)
{
    ps_status status;

    if (chain->depth == PRESETS_DEEP)
        return ps_fail(err, PS_BAD_ARGUMENT, "preset \"%s\" within too many presets", name);
    chain->depth++;
    status = chain->options.preset(chain->options.user, name, chain, err);
    chain->depth--;
    return status;
}

ps_status ps_chain_add_named(ps_chain *chain, const char *wanted, const char *name,
                             ps_chain_link **added, ps_error *err)
{
    const bool any = wanted == NULL;
    const ps_effect_kind *kind =
        any || strcmp(wanted, "effect") == 0 ? ps_effect_kind_find("c", name) : NULL;
    ps_error own = {.offset_bytes = PS_NOWHERE};
    const size_t count = chain->count;
    ps_status status;

    *added = NULL;
    if (kind) {
        status = add(chain, kind, err);
        if (status == PS_OK)
            *added = &chain->links[count];
        return status;
    }
    if (chain->options.preset && (any || strcmp(wanted, "preset") == 0)) {
        status = add_preset(chain, name, &own);
        if (status == PS_OK)
            return PS_OK;
        ps_chain_cut(chain, count);
        if (own.text[0]) { /* it is there, but not good */
            own.line = own.column = 0;
            if (err)
                *err = own;
            return status;
        }
    }
    return unknown(chain, wanted, name, own.hint, err);
}

ps_status ps_chain_add(ps_chain *chain, const char *effect, ps_error *err)
{
    ps_chain_link *added;

    return ps_chain_add_named(chain, "effect", effect, &added, err);
}

static ps_status join_one(ps_chain *chain, const ps_chain_link *link, ps_error *err)
{
    ps_status status = add(chain, link->kind, err);

    if (status != PS_OK)
        return status;
    const ps_chain_link *copy = &chain->links[chain->count - 1];
    for (uint32_t slot = 0; slot < link->slots && status == PS_OK; slot++) {
        copy->values[slot] = link->values[slot];
        if (link->texts[slot])
            status = keep_text(chain, &copy->texts[slot], link->texts[slot], err);
    }
    return status;
}

ps_status ps_chain_join(ps_chain *chain, const ps_chain *other, ps_error *err)
{
    const size_t before = chain->count, count = other->count;
    ps_status status = PS_OK;

    for (size_t i = 0; i < count && status == PS_OK; i++)
        status = join_one(chain, &other->links[i], err);
    if (status != PS_OK)
        ps_chain_cut(chain, before);
    return status;
}

/* ---- Values --------------------------------------------------------------------------------- */

ps_status ps_chain_find_slot(const ps_chain_link *link, const char *parameter, uint32_t *slot,
                             ps_error *err)
{
    const ps_effect_info *info = &link->kind->info;
    ps_nearest nearest;

    *slot = ps_effect_slot(info, parameter);
    if (*slot != UINT32_MAX)
        return PS_OK;
    ps_fail(err, PS_NOT_FOUND, "%s has no parameter \"%s\"", info->name, parameter);
    ps_nearest_init(&nearest, parameter);
    for (uint32_t i = 0; i < link->slots; i++) {
        char name[PS_EFFECT_NAME_BYTES];

        ps_effect_slot_name(info, i, name);
        ps_nearest_offer(&nearest, name);
    }
    if (nearest.best[0])
        ps_hint(err, "did you mean \"%s\"?", nearest.best);
    return PS_NOT_FOUND;
}

static ps_status set_value(ps_chain_link *link, uint32_t slot, double value, ps_error *err)
{
    char name[PS_EFFECT_NAME_BYTES];
    uint32_t copy;
    const ps_effect_parameter *row = ps_effect_slot_row(&link->kind->info, slot, &copy);

    ps_effect_slot_name(&link->kind->info, slot, name);
    const ps_status status = ps_effect_check(row, name, value, err);
    if (status == PS_OK)
        link->values[slot] = value;
    return status;
}

static bool read_flag(const char *text, double *value)
{
    static const char *const words[] = {"off", "on", "no", "yes", "false", "true", "0", "1"};

    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (strlen(text) == strlen(words[i]) && ps_ascii_equal_n(text, words[i], strlen(text))) {
            *value = (double)(i % 2);
            return true;
        }
    }
    return false;
}

ps_status ps_chain_read_slot(const ps_chain *chain, ps_chain_link *link, uint32_t slot,
                             const char *text, ps_error *err)
{
    char name[PS_EFFECT_NAME_BYTES];
    uint32_t copy;
    const ps_effect_parameter *row = ps_effect_slot_row(&link->kind->info, slot, &copy);
    const char *end;
    double value;

    ps_effect_slot_name(&link->kind->info, slot, name);
    switch (row->kind) {
    case PS_EFFECT_TEXT:
        return keep_text(chain, &link->texts[slot], text, err);
    case PS_EFFECT_CHOICE: {
        const int choice = ps_effect_choice(row, text);

        if (choice < 0)
            return ps_fail(err, PS_BAD_ARGUMENT, "%s \"%s\" is none of: %s", name, text,
                           row->choices);
        return set_value(link, slot, choice, err);
    }
    case PS_EFFECT_FLAG:
        if (!read_flag(text, &value))
            return ps_fail(err, PS_BAD_ARGUMENT, "%s \"%s\" is neither on nor off", name, text);
        return set_value(link, slot, value, err);
    case PS_EFFECT_NUMBER:
        break;
    }
    if (!ps_effect_number(text, row->unit, &value, &end))
        return ps_fail(err, PS_BAD_ARGUMENT, "%s \"%s\" is not a number", name, text);
    if (*end != '\0')
        return ps_fail(err, PS_BAD_ARGUMENT, "%s \"%s\" is not a number in %s", name, text,
                       row->unit[0] ? row->unit : "plain figures");
    return set_value(link, slot, value, err);
}

ps_status ps_chain_read_item(const ps_chain *chain, ps_chain_link *link, uint32_t index,
                             const char *text, ps_error *err)
{
    if (link->kind->item)
        return link->kind->item(link->values, index, text, err);
    if (index >= link->slots)
        return ps_fail(err, PS_BAD_ARGUMENT, "%s has no more than %u parameters",
                       link->kind->info.name, (unsigned)link->slots);
    return ps_chain_read_slot(chain, link, index, text, err);
}

static ps_status find(ps_chain *chain, size_t index, const char *parameter, ps_chain_link **link,
                      uint32_t *slot, ps_error *err)
{
    if (index >= chain->count)
        return ps_fail(err, PS_NOT_FOUND, "no effect %zu in a chain of %zu", index, chain->count);
    *link = &chain->links[index];
    return ps_chain_find_slot(*link, parameter, slot, err);
}

ps_status ps_chain_set(ps_chain *chain, size_t index, const char *parameter, double value,
                       ps_error *err)
{
    ps_chain_link *link = NULL;
    uint32_t slot = 0;
    const ps_status status = find(chain, index, parameter, &link, &slot, err);

    return status == PS_OK ? set_value(link, slot, value, err) : status;
}

ps_status ps_chain_set_text(ps_chain *chain, size_t index, const char *parameter, const char *text,
                            ps_error *err)
{
    ps_chain_link *link = NULL;
    uint32_t slot = 0;
    const ps_status status = find(chain, index, parameter, &link, &slot, err);

    return status == PS_OK ? ps_chain_read_slot(chain, link, slot, text, err) : status;
}

double ps_chain_get(const ps_chain *chain, size_t index, uint32_t slot)
{
    if (index >= chain->count || slot >= chain->links[index].slots)
        return (double)NAN;
    return chain->links[index].values[slot];
}

const char *ps_chain_get_text(const ps_chain *chain, size_t index, uint32_t slot)
{
    if (index >= chain->count || slot >= chain->links[index].slots)
        return NULL;
    return chain->links[index].texts[slot];
}

/* ---- Writing -------------------------------------------------------------------------------- */

/* Text that may not fit: `length` counts on. */
typedef struct writing {
    char *text;
    size_t bytes, length;
} writing;

static void put(writing *w, const char *text)
{
    for (; *text; text++, w->length++)
        if (w->length + 1 < w->bytes)
            w->text[w->length] = *text;
}

static void put_number(writing *w, double value)
{
    char text[PS_NUMBER_BYTES];

    ps_number_text(text, value);
    put(w, text);
}

static void put_word(writing *w, const ps_effect_parameter *row, int choice)
{
    const char *at = row->choices;

    for (; choice > 0; choice--)
        at += strcspn(at, " ") + 1;
    char word[PS_EFFECT_NAME_BYTES];
    snprintf(word, sizeof word, "%.*s", (int)strcspn(at, " "), at);
    put(w, word);
}

static void put_value(writing *w, const ps_chain_link *link, uint32_t slot)
{
    uint32_t copy;
    const ps_effect_parameter *row = ps_effect_slot_row(&link->kind->info, slot, &copy);

    if (row->kind == PS_EFFECT_TEXT) {
        put(w, "\"");
        put(w, link->texts[slot]);
        put(w, "\"");
    } else if (row->kind == PS_EFFECT_CHOICE) {
        put_word(w, row, (int)link->values[slot]);
    } else {
        put_number(w, link->values[slot]);
    }
}

static bool is_preset(const ps_chain_link *link, uint32_t slot)
{
    uint32_t copy;
    const ps_effect_parameter *row = ps_effect_slot_row(&link->kind->info, slot, &copy);

    if (row->kind == PS_EFFECT_TEXT)
        return strcmp(link->texts[slot], row->choices ? row->choices : "") == 0;
    return link->values[slot] == row->preset;
}

size_t ps_chain_write(const ps_chain *chain, char *text, size_t text_bytes)
{
    writing w = {text, text_bytes, 0};

    for (size_t i = 0; i < chain->count; i++) {
        const ps_chain_link *link = &chain->links[i];
        const char *mark = ":";

        put(&w, i > 0 ? " | " : "");
        put(&w, link->kind->info.name);
        for (uint32_t slot = 0; slot < link->slots; slot++) {
            char name[PS_EFFECT_NAME_BYTES];

            if (is_preset(link, slot))
                continue;
            ps_effect_slot_name(&link->kind->info, slot, name);
            put(&w, mark);
            put(&w, name);
            put(&w, "=");
            put_value(&w, link, slot);
            mark = ",";
        }
    }
    if (text_bytes > 0)
        text[w.length < text_bytes ? w.length : text_bytes - 1] = '\0';
    return w.length;
}
