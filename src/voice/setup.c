/* Reads what a voice is started with. */
#include "voice/setup.h"

#include <string.h>

#include "base/ascii.h"
#include "base/row.h"

static const char suffix[] = "_transition";

/* What a setup points to and owns, in one allocation with its settings behind it. */
struct ps_voice_own {
    ps_curve curve;
    ps_value params;
    ps_value *members; /* of params, one allocation with their names */
    ps_setting settings[];
};

const ps_voice_kind *ps_voice_resolve(const ps_voice_row *row, const char *function,
                                      bool is_transition, bool *transition)
{
    const size_t length = strlen(function), tail = sizeof suffix - 1;
    const bool says = length > tail && strcmp(function + length - tail, suffix) == 0;
    const size_t stem = says ? length - tail : length;

    for (size_t i = 0; row->kinds[i]; i++) {
        const ps_voice_info *info = &row->kinds[i]->info;

        if (strlen(info->name) != stem || strncmp(info->name, function, stem) != 0)
            continue;
        if (says && is_transition && !info->transition)
            return NULL;
        *transition = is_transition && info->transition;
        return row->kinds[i];
    }
    return NULL;
}

static bool is_flanger_name(const char *name)
{
    static const char word[] = "flange";

    for (; *name; name++) {
        size_t same = 0;

        while (word[same] && ps_ascii_lower(name[same]) == word[same])
            same++;
        if (!word[same])
            return true;
    }
    return false;
}

static bool is_for_voice(const char *name)
{
    return strcmp(name, "duration") != 0 && strcmp(name, "sample_rate") != 0 &&
           !is_flanger_name(name);
}

/* The map without what is not the voice's; the members' contents are borrowed. */
static ps_status take_params(struct ps_voice_own *own, const ps_value *params,
                             const ps_allocator *allocator)
{
    const size_t count = params && params->kind == PS_VALUE_MAP ? params->count : 0;
    size_t kept = 0;

    own->params.kind = PS_VALUE_MAP;
    if (count == 0)
        return PS_OK;
    own->members = ps_alloc(allocator, count, sizeof *own->members + sizeof(const char *));
    if (!own->members)
        return PS_NO_MEMORY;
    const char **names = (const char **)(own->members + count);
    for (size_t i = 0; i < count; i++) {
        if (!is_for_voice(params->names[i]))
            continue;
        own->members[kept] = params->members[i];
        names[kept++] = params->names[i];
    }
    own->params.count = kept;
    own->params.members = own->members;
    own->params.names = names;
    return PS_OK;
}

/* A number of the transition; `given` says whether it was there. */
static ps_status read_seconds(double *seconds, bool *given, const ps_value *params,
                              const char *wanted, const char **name, ps_error *err)
{
    const ps_value *value = ps_value_member(params, wanted);

    *given = !ps_value_is_null(value);
    if (!*given || ps_value_number(value, seconds))
        return PS_OK;
    *name = wanted;
    return ps_fail(err, PS_BAD_DATA, "%s is not a number", wanted);
}

static ps_status read_curve(ps_curve *curve, const ps_value *params, const ps_allocator *allocator,
                            const char **name, ps_error *err)
{
    static const char wanted[] = "transition_curve";
    const ps_value *value = ps_value_member(params, wanted);
    ps_error why;

    if (ps_value_is_null(value))
        return ps_curve_compile(curve, "linear", allocator, err);
    *name = wanted;
    if (value->kind != PS_VALUE_TEXT)
        return ps_fail(err, PS_BAD_DATA, "%s is not a text", wanted);
    const ps_status status = ps_curve_compile(curve, value->text, allocator, &why);
    if (status != PS_OK)
        return ps_fail(err, status, "%s: %s", wanted, why.text);
    *name = NULL;
    return PS_OK;
}

static ps_status read_ramp(ps_voice_setup *setup, const char **name, ps_error *err)
{
    struct ps_voice_own *own = setup->own;
    double offset_sec = 0.0, span_sec = 0.0;
    bool has_offset, has_span;
    ps_status status =
        read_seconds(&offset_sec, &has_offset, &own->params, "initial_offset", name, err);

    if (status == PS_OK)
        status = read_seconds(&span_sec, &has_span, &own->params, "transition_duration", name, err);
    if (status == PS_OK)
        status = read_curve(&own->curve, &own->params, setup->allocator, name, err);
    if (status == PS_OK)
        ps_ramp_init(&setup->ramp, &own->curve, offset_sec, has_span, span_sec, setup->duration_sec,
                     setup->frame_sec);
    return status;
}

/* Counts the frames of the step. */
static ps_status read_length(ps_voice_setup *setup, ps_error *err)
{
    const double frames = setup->duration_sec * setup->rate_hz;

    if (!(frames >= 1.0 && frames <= 0x1p53))
        return ps_fail(err, PS_BAD_ARGUMENT, "a step of %g seconds cannot be made",
                       setup->duration_sec);
    setup->frames = (uint64_t)frames;
    setup->frame_sec = setup->duration_sec / (double)setup->frames;
    return PS_OK;
}

ps_status ps_voice_setup_read(ps_voice_setup *setup, const ps_voice_kind *kind, bool transition,
                              const ps_value *params, const char **name, ps_error *err)
{
    const uint32_t count = kind->info.parameter_count;
    const size_t own_bytes = sizeof(struct ps_voice_own) + count * sizeof(ps_setting);
    ps_status status = read_length(setup, err);

    *name = NULL;
    setup->transition = transition;
    setup->own = NULL;
    if (status != PS_OK)
        return status;
    setup->own = ps_alloc(setup->allocator, 1, own_bytes);
    if (!setup->own || take_params(setup->own, params, setup->allocator) != PS_OK) {
        ps_voice_setup_free(setup);
        return ps_fail(err, PS_NO_MEMORY, "no memory for the settings of a voice");
    }
    setup->params = &setup->own->params;
    setup->settings = setup->own->settings;
    status = ps_settings_read(setup->own->settings, kind->info.parameters, count, setup->params,
                              transition, name, err);
    if (status == PS_OK && transition)
        status = read_ramp(setup, name, err);
    if (status != PS_OK)
        ps_voice_setup_free(setup);
    return status;
}

void ps_voice_setup_free(ps_voice_setup *setup)
{
    if (!setup->own)
        return;
    ps_curve_free(&setup->own->curve, setup->allocator);
    ps_free(setup->allocator, setup->own->members);
    ps_free(setup->allocator, setup->own);
    setup->own = NULL;
    setup->params = NULL;
    setup->settings = NULL;
}
