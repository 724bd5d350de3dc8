/* Louder and softer. */
#include "midi/edit.h"

#include <math.h>

static uint8_t scaled(uint8_t velocity, double factor, double offset)
{
    const double value = floor(velocity * factor + offset + 0.5);

    return value < 1.0 ? 1 : value > 127.0 ? 127 : (uint8_t)value;
}

ps_status ps_score_scale_velocity(ps_score **out, const ps_score *score, double factor,
                                  double offset, const ps_channel_set *channels,
                                  const ps_score_options *options, ps_error *err)
{
    ps_score *draft = NULL;
    ps_status status;

    if (!(factor >= 0.0 && factor <= 127.0))
        return ps_fail(err, PS_BAD_ARGUMENT, "a factor of %g is not within 0..127", factor);
    if (!(offset >= -127.0 && offset <= 127.0))
        return ps_fail(err, PS_BAD_ARGUMENT, "an offset of %g is not within -127..127", offset);
    status = ps_edit_begin(&draft, score, score->info.tracks, score->count, options, err);
    if (status != PS_OK)
        return status;
    ps_edit_add_all(draft, score);
    for (size_t i = 0; i < draft->count; i++) {
        ps_event *event = &draft->events[i];

        if (event->kind == PS_EVENT_NOTE_ON && ps_edit_about(channels, event->channel))
            event->b = scaled(event->b, factor, offset);
    }
    return ps_score_finish(out, draft, err);
}
