/* Chains in documents: texts, lists and maps; the forms stand at ps_chain_read_value. */
#include <stdio.h>
#include <string.h>

#include "effect/chain.h"

#define PLACE_BYTES 80u
#define DEEPEST     4u /* maps with "effects" inside each other */

static ps_status append(ps_chain *chain, const ps_value *document, const char *place,
                        uint32_t depth, ps_error *err);

/* "effects[2].ratio: " in front of what is wrong. */
static ps_status with_place(ps_status status, const char *place, const char *member, ps_error *err)
{
    if (status != PS_OK && err) {
        char text[sizeof err->text];

        snprintf(text, sizeof text, "%s", err->text);
        snprintf(err->text, sizeof err->text, "%.*s%s%.60s: %.*s", (int)PLACE_BYTES, place,
                 member[0] ? "." : "", member, (int)(sizeof text - PLACE_BYTES - 70), text);
        err->line = err->column = 0; /* of the text inside, not of the document */
    }
    return status;
}

/* The same for a chain as text, whose errors have a column. */
static ps_status with_column(ps_status status, const char *place, ps_error *err)
{
    char inner[PLACE_BYTES];

    if (status == PS_OK || !err)
        return status;
    snprintf(inner, sizeof inner, "%.50s, column %u", place, (unsigned)err->column);
    return with_place(status, inner, "", err);
}

static ps_status set_member(ps_chain *chain, ps_chain_link *link, const char *name,
                            const ps_value *value, ps_error *err)
{
    const ps_effect_info *info = &link->kind->info;
    uint32_t slot, copy;
    double number;
    ps_status status = ps_chain_find_slot(link, name, &slot, err);

    if (status != PS_OK)
        return status;
    const ps_effect_parameter *row = ps_effect_slot_row(info, slot, &copy);
    if (value->kind == PS_VALUE_TEXT)
        return ps_chain_read_slot(chain, link, slot, value->text, err);
    if (row->kind == PS_EFFECT_TEXT ||
        !(value->kind == PS_VALUE_NUMBER || value->kind == PS_VALUE_FLAG))
        return ps_fail(err, PS_BAD_ARGUMENT, "%s is no %s", name,
                       row->kind == PS_EFFECT_TEXT ? "text" : "number");
    number = value->number;
    status = ps_effect_check(row, name, number, err);
    if (status == PS_OK)
        link->values[slot] = number;
    return status;
}

/* {"freq": 100, "gain": 3} as the index-th member of the families. */
static ps_status set_band(ps_chain *chain, ps_chain_link *link, size_t index, const ps_value *band,
                          const char **member, ps_error *err)
{
    ps_status status = PS_OK;

    if (band->kind == PS_VALUE_TEXT)
        return ps_chain_read_item(chain, link, (uint32_t)index, band->text, err);
    if (band->kind != PS_VALUE_MAP)
        return ps_fail(err, PS_BAD_ARGUMENT, "a band is a text or a map");
    for (size_t i = 0; i < band->count && status == PS_OK; i++) {
        char name[PS_EFFECT_NAME_BYTES];

        *member = band->names[i];
        snprintf(name, sizeof name, "%.40s%zu", band->names[i], index + 1);
        status = set_member(chain, link, name, &band->members[i], err);
    }
    return status;
}

static ps_status set_bands(ps_chain *chain, ps_chain_link *link, const ps_value *bands,
                           const char *place, ps_error *err)
{
    ps_status status = PS_OK;

    if (bands->kind != PS_VALUE_LIST)
        return with_place(ps_fail(err, PS_BAD_ARGUMENT, "is no list"), place, "bands", err);
    for (size_t i = 0; i < bands->count && status == PS_OK; i++) {
        char inner[PLACE_BYTES];
        const char *member = "";

        snprintf(inner, sizeof inner, "%.40s.bands[%zu]", place, i);
        status = set_band(chain, link, i, &bands->members[i], &member, err);
        status = with_place(status, inner, member, err);
    }
    return status;
}

static bool has_families(const ps_chain_link *link)
{
    for (uint32_t i = 0; i < link->kind->info.parameter_count; i++)
        if (link->kind->info.parameters[i].copies > 0)
            return true;
    return false;
}

static bool is_about_the_entry(const char *name)
{
    return strcmp(name, "effect") == 0 || strcmp(name, "preset") == 0 ||
           strcmp(name, "bypass") == 0 || strcmp(name, "description") == 0;
}

static ps_status set_members(ps_chain *chain, ps_chain_link *link, const ps_value *map,
                             const char *place, ps_error *err)
{
    ps_status status = PS_OK;

    for (size_t i = 0; i < map->count && status == PS_OK; i++) {
        const char *name = map->names[i];

        if (is_about_the_entry(name) || ps_value_is_null(&map->members[i]))
            continue;
        if (strcmp(name, "bands") == 0 && has_families(link))
            status = set_bands(chain, link, &map->members[i], place, err);
        else
            status =
                with_place(set_member(chain, link, name, &map->members[i], err), place, name, err);
    }
    return status;
}

/* {"effect": "eq", ...} or {"preset": "hall"}. */
static ps_status append_entry(ps_chain *chain, const ps_value *map, const char *place,
                              ps_error *err)
{
    const ps_value *effect = ps_value_member(map, "effect");
    const ps_value *preset = ps_value_member(map, "preset");
    const ps_value *named = effect ? effect : preset;
    ps_chain_link *link;
    ps_status status;

    if (!named || named->kind != PS_VALUE_TEXT)
        return with_place(ps_fail(err, PS_BAD_ARGUMENT, "no \"effect\" with the name of one"),
                          place, "", err);
    if (ps_value_truth(ps_value_member(map, "bypass")))
        return PS_OK;
    status = ps_chain_add_named(chain, effect ? "effect" : "preset", named->text, &link, err);
    if (status != PS_OK)
        return with_place(status, place, "", err);
    return link ? set_members(chain, link, map, place, err) : PS_OK;
}

static ps_status append_list(ps_chain *chain, const ps_value *list, const char *place,
                             uint32_t depth, ps_error *err)
{
    ps_status status = PS_OK;

    for (size_t i = 0; i < list->count && status == PS_OK; i++) {
        char inner[PLACE_BYTES];

        snprintf(inner, sizeof inner, "%.40s[%zu]", place, i);
        status = append(chain, &list->members[i], inner, depth, err);
    }
    return status;
}

static ps_status append(ps_chain *chain, const ps_value *document, const char *place,
                        uint32_t depth, ps_error *err)
{
    const ps_value *inside = ps_value_member(document, "effects");

    if (depth == DEEPEST)
        return with_place(ps_fail(err, PS_BAD_ARGUMENT, "too deep"), place, "", err);
    switch (document->kind) {
    case PS_VALUE_NULL:
        return PS_OK;
    case PS_VALUE_TEXT:
        return with_column(ps_chain_append(chain, document->text, err), place, err);
    case PS_VALUE_LIST:
        return append_list(chain, document, place, depth + 1, err);
    case PS_VALUE_MAP:
        if (inside)
            return append(chain, inside, place, depth + 1, err);
        return append_entry(chain, document, place, err);
    default:
        return with_place(ps_fail(err, PS_BAD_ARGUMENT, "neither text nor list nor map"), place, "",
                          err);
    }
}

ps_status ps_chain_append_value(ps_chain *chain, const ps_value *document, ps_error *err)
{
    const size_t count = chain->count;
    const ps_status status = append(chain, document, "effects", 0, err);

    if (status != PS_OK)
        ps_chain_cut(chain, count);
    return status;
}

ps_status ps_chain_read_value(ps_chain **out, const ps_value *document,
                              const ps_chain_options *options, ps_error *err)
{
    ps_chain *chain;
    ps_status status = ps_chain_create(&chain, options, err);

    if (status != PS_OK)
        return status;
    status = ps_chain_append_value(chain, document, err);
    if (status == PS_OK)
        *out = chain;
    else
        ps_chain_destroy(chain);
    return status;
}
