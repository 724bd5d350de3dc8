/* Deep copies: a track keeps nothing of its caller's. */
#include "track/hold.h"

#include <math.h>
#include <string.h>

static ps_status no_memory(ps_error *err)
{
    return ps_fail(err, PS_NO_MEMORY, "no memory for a part of a track");
}

ps_status ps_hold_text(ps_arena *arena, const char **out, const char *text, ps_error *err)
{
    char *copy;

    if (!text) {
        *out = NULL;
        return PS_OK;
    }
    const size_t bytes = strlen(text) + 1;
    copy = ps_arena_alloc(arena, bytes, 1);
    if (!copy)
        return no_memory(err);
    memcpy(copy, text, bytes);
    *out = copy;
    return PS_OK;
}

static ps_status hold(ps_arena *arena, ps_value *out, const ps_value *value, unsigned depth,
                      ps_error *err);

static ps_status hold_name(ps_arena *arena, const char **out, const char *name, ps_error *err)
{
    if (!name)
        return ps_fail(err, PS_BAD_ARGUMENT, "a name or text of a value is missing");
    return ps_hold_text(arena, out, name, err);
}

static ps_status hold_members(ps_arena *arena, ps_value *out, const ps_value *value, unsigned depth,
                              ps_error *err)
{
    const bool map = value->kind == PS_VALUE_MAP;
    ps_value *members = ps_arena_alloc(arena, value->count, sizeof *members);
    const char **names = map ? ps_arena_alloc(arena, value->count, sizeof *names) : NULL;
    ps_status status = PS_OK;

    if (!members || (map && !names))
        return no_memory(err);
    for (size_t i = 0; i < value->count && status == PS_OK; i++) {
        if (map)
            status = hold_name(arena, &names[i], value->names[i], err);
        if (status == PS_OK)
            status = hold(arena, &members[i], &value->members[i], depth + 1, err);
    }
    out->count = value->count;
    out->members = members;
    out->names = names;
    return status;
}

static ps_status hold(ps_arena *arena, ps_value *out, const ps_value *value, unsigned depth,
                      ps_error *err)
{
    ps_value copy = {.kind = value->kind};
    ps_status status = PS_OK;

    switch (value->kind) {
    case PS_VALUE_NULL:
        break;
    case PS_VALUE_FLAG:
        copy.number = value->number != 0.0 ? 1.0 : 0.0;
        break;
    case PS_VALUE_NUMBER:
        if (!isfinite(value->number))
            return ps_fail(err, PS_BAD_ARGUMENT, "a number of a value is not finite");
        copy.number = value->number;
        break;
    case PS_VALUE_TEXT:
        status = hold_name(arena, &copy.text, value->text, err);
        break;
    case PS_VALUE_LIST:
    case PS_VALUE_MAP:
        if (depth >= PS_VALUE_DEPTH_MAX)
            return ps_fail(err, PS_BAD_ARGUMENT, "a value is nested deeper than %u levels",
                           PS_VALUE_DEPTH_MAX);
        if (value->count > 0)
            status = hold_members(arena, &copy, value, depth, err);
        break;
    }
    if (status == PS_OK)
        *out = copy;
    return status;
}

ps_status ps_hold_value(ps_arena *arena, ps_value *out, const ps_value *value, ps_error *err)
{
    return hold(arena, out, value, 0, err);
}
