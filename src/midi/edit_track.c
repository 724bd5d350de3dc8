/* One track alone: its events, and from the others what holds for all. */
#include "midi/edit.h"

ps_status ps_score_only_track(ps_score **out, const ps_score *score, uint32_t track,
                              const ps_score_options *options, ps_error *err)
{
    ps_score *draft = NULL;
    ps_status status;

    if (track >= score->info.tracks)
        return ps_fail(err, PS_BAD_ARGUMENT, "track %u is not within 0..%u", (unsigned)track,
                       (unsigned)score->info.tracks - 1);
    status = ps_edit_begin(&draft, score, 1, score->count, options, err);
    if (status != PS_OK)
        return status;
    for (size_t i = 0; i < score->count; i++) {
        ps_event event = score->events[i];

        if (event.track != track && !ps_event_is_common(&event))
            continue;
        event.track = 0;
        ps_edit_add(draft, event);
    }
    return ps_score_finish(out, draft, err);
}
