/* From an error about a part to a warning about the document. */
#include "track/tell.h"

#include <stdio.h>
#include <string.h>

#define WHERE_BYTES 200u

void ps_track_tell(const ps_track_options *options, const char *where, const ps_error *why,
                   const char *consequence)
{
    ps_error warning;

    if (!options->warnings.add)
        return;
    ps_fail(&warning, why->status, "%s: %s: %s", where, why->text, consequence);
    ps_hint(&warning, "%s", why->hint);
    if (options->locator.locate)
        options->locator.locate(options->locator.user, where, &warning);
    options->warnings.add(options->warnings.user, &warning);
}

static bool was_told(const ps_value *told, const char *parameter)
{
    for (size_t i = 0; told->kind == PS_VALUE_LIST && i < told->count; i++) {
        if (told->members[i].kind == PS_VALUE_TEXT && strcmp(told->members[i].text, parameter) == 0)
            return true;
    }
    return false;
}

void ps_track_tell_voice(void *user, size_t voice, const char *parameter, const ps_error *why)
{
    const ps_step_teller *teller = user;
    char where[WHERE_BYTES];

    if (was_told(&teller->step->voices[voice].told, parameter ? parameter : ""))
        return;
    snprintf(where, sizeof where, "progression[%u].voices[%zu]%s%s", teller->index, voice,
             parameter ? ".params." : "", parameter ? parameter : "");
    ps_track_tell(teller->options, where, why, "this voice is silent");
}

void ps_track_tell_clip(const ps_track_options *options, size_t index, const ps_error *why)
{
    char where[WHERE_BYTES];

    snprintf(where, sizeof where, "overlay_clips[%zu]", index);
    ps_track_tell(options, where, why, "this clip is left out");
}

void ps_track_tell_dry_clip(const ps_track_options *options, size_t index, const ps_error *why)
{
    char where[WHERE_BYTES];

    snprintf(where, sizeof where, "overlay_clips[%zu].effects", index);
    ps_track_tell(options, where, why, "this clip plays without them");
}
