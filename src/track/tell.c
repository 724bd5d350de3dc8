/* From an error about a part to a warning about the document. */
#include "track/tell.h"

#include <stdio.h>

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

void ps_track_tell_voice(void *user, const char *where, const ps_error *why)
{
    const ps_step_teller *teller = user;
    char whole[WHERE_BYTES];

    snprintf(whole, sizeof whole, "progression[%u].%s", teller->step, where);
    ps_track_tell(teller->options, whole, why, "this voice is silent");
}

void ps_track_tell_clip(const ps_track_options *options, size_t index, const ps_error *why)
{
    char where[WHERE_BYTES];

    snprintf(where, sizeof where, "overlay_clips[%zu]", index);
    ps_track_tell(options, where, why, "this clip is left out");
}
