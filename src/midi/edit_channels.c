/* Sets of channels, and choosing and moving events by their channel. */
#include "midi/edit.h"

#include <string.h>

ps_channel_set ps_channels_all(void)
{
    ps_channel_set set;

    memset(&set, 0xff, sizeof set);
    return set;
}

ps_channel_set ps_channels_none(void)
{
    ps_channel_set set;

    memset(&set, 0, sizeof set);
    return set;
}

void ps_channels_add(ps_channel_set *set, uint32_t channel)
{
    if (channel < PS_SCORE_CHANNELS)
        set->bits[channel / 64] |= UINT64_C(1) << channel % 64;
}

void ps_channels_remove(ps_channel_set *set, uint32_t channel)
{
    if (channel < PS_SCORE_CHANNELS)
        set->bits[channel / 64] &= ~(UINT64_C(1) << channel % 64);
}

bool ps_channels_has(const ps_channel_set *set, uint32_t channel)
{
    return channel < PS_SCORE_CHANNELS && (set->bits[channel / 64] >> channel % 64 & 1) != 0;
}

ps_status ps_score_only_channels(ps_score **out, const ps_score *score,
                                 const ps_channel_set *channels, const ps_score_options *options,
                                 ps_error *err)
{
    ps_score *draft = NULL;
    const ps_status status =
        ps_edit_begin(&draft, score, score->info.tracks, score->count, options, err);

    if (status != PS_OK)
        return status;
    for (size_t i = 0; i < score->count; i++) {
        const ps_event *event = &score->events[i];

        if (event->kind >= PS_EVENT_SYSEX || ps_edit_about(channels, event->channel))
            ps_edit_add(draft, *event);
    }
    return ps_score_finish(out, draft, err);
}

ps_status ps_score_remap(ps_score **out, const ps_score *score, const uint16_t *map,
                         const ps_score_options *options, ps_error *err)
{
    ps_score *draft = NULL;
    ps_status status;

    for (uint32_t channel = 0; channel < PS_SCORE_CHANNELS; channel++)
        if (map[channel] >= PS_SCORE_CHANNELS)
            return ps_fail(err, PS_BAD_ARGUMENT, "channel %u cannot become %u: not within 0..%u",
                           (unsigned)channel, map[channel], PS_SCORE_CHANNELS - 1);
    status = ps_edit_begin(&draft, score, score->info.tracks, score->count, options, err);
    if (status != PS_OK)
        return status;
    ps_edit_add_all(draft, score);
    for (size_t i = 0; i < draft->count; i++)
        if (draft->events[i].kind < PS_EVENT_SYSEX)
            draft->events[i].channel = map[draft->events[i].channel];
    return ps_score_finish(out, draft, err);
}
