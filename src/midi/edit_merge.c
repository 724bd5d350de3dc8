/* Several scores into one: tracks side by side, ticks in the measure of the first. */
#include "midi/edit.h"

static ps_status check(const ps_score *const *scores, size_t count, uint32_t *tracks,
                       size_t *events, ps_error *err)
{
    *tracks = 0;
    *events = 0;
    if (count < 1)
        return ps_fail(err, PS_BAD_ARGUMENT, "no scores to merge: at least 1 is needed");
    for (size_t i = 0; i < count; i++) {
        if (scores[i]->info.smpte != scores[0]->info.smpte)
            return ps_fail(err, PS_UNSUPPORTED,
                           "midi: score %zu and score 1 do not both have quarter notes: one has "
                           "SMPTE time",
                           i + 1);
        if (scores[i]->info.tracks > UINT32_MAX - *tracks)
            return ps_fail(err, PS_UNSUPPORTED, "midi: too many tracks to merge");
        *tracks += scores[i]->info.tracks;
        *events += scores[i]->count;
    }
    return PS_OK;
}

/* Ticks of `from` in those of `to`. */
static uint64_t converted(uint64_t tick, const ps_score *from, const ps_score *to)
{
    const ps_tempo_map *a = &from->tempo, *b = &to->tempo;

    if (from->division == to->division)
        return tick;
    if (!from->info.smpte)
        return ps_tick_within(ps_scale_u64(tick, to->division, from->division));
    return ps_tick_within(ps_scale_u64(tick, a->points[0].units_per_tick * b->units_per_sec,
                                       b->points[0].units_per_tick * a->units_per_sec));
}

ps_status ps_score_merge(ps_score **out, const ps_score *const *scores, size_t count,
                         const ps_score_options *options, ps_error *err)
{
    uint32_t tracks, first_track = 0;
    size_t events;
    ps_score *draft = NULL;
    ps_status status = check(scores, count, &tracks, &events, err);

    if (status == PS_OK)
        status = ps_edit_begin(&draft, scores[0], tracks, events, options, err);
    if (status != PS_OK)
        return status;
    for (size_t i = 0; i < count; i++) {
        for (size_t e = 0; e < scores[i]->count; e++) {
            ps_event event = scores[i]->events[e];

            if (i > 0 && ps_event_is_common(&event))
                continue;
            event.track += first_track;
            event.tick = converted(event.tick, scores[i], scores[0]);
            ps_edit_add(draft, event);
        }
        first_track += scores[i]->info.tracks;
    }
    return ps_score_finish(out, draft, err);
}
