/* Moving keys by semitones, and key signatures with them when everything moves. */
#include "midi/edit.h"

static bool is_drum(uint32_t channel)
{
    return channel % 16 == 9;
}

static bool has_key(const ps_event *event)
{
    return event->kind <= PS_EVENT_POLY_PRESSURE;
}

static bool moves(const ps_event *event, const ps_channel_set *channels)
{
    return has_key(event) && !is_drum(event->channel) && ps_edit_about(channels, event->channel);
}

static bool is_within(int key)
{
    return key >= 0 && key <= 127;
}

/* Does every melody note move? */
static bool all_move(const ps_score *score, const ps_channel_set *channels)
{
    for (size_t i = 0; i < score->count; i++)
        if (score->events[i].kind == PS_EVENT_NOTE_ON && !is_drum(score->events[i].channel) &&
            !moves(&score->events[i], channels))
            return false;
    return true;
}

static size_t notes_leaving(const ps_score *score, int semitones, const ps_channel_set *channels)
{
    size_t notes = 0;

    for (size_t i = 0; i < score->count; i++)
        notes += score->events[i].kind == PS_EVENT_NOTE_ON && moves(&score->events[i], channels) &&
                 !is_within(score->events[i].a + semitones);
    return notes;
}

/* A semitone is seven fifths; of the spellings, the one with few signs: -5..6 sharps. */
static bool move_signature(ps_score *draft, ps_event *event, int semitones)
{
    int sharps;
    uint8_t *data;

    if (event->data_bytes < 2 || semitones % 12 == 0)
        return true;
    sharps = event->data[0] < 128 ? event->data[0] : event->data[0] - 256;
    if (sharps < -7 || sharps > 7)
        return true;
    data = ps_edit_data(draft, event->data, event->data_bytes);
    if (!data)
        return false;
    sharps = ((sharps + 7 * semitones) % 12 + 12) % 12;
    data[0] = (uint8_t)(sharps > 6 ? sharps - 12 : sharps);
    event->data = data;
    return true;
}

static bool add_moved(ps_score *draft, const ps_score *score, int semitones,
                      const ps_channel_set *channels)
{
    const bool all = all_move(score, channels);

    for (size_t i = 0; i < score->count; i++) {
        ps_event event = score->events[i];

        if (all && ps_event_is_meta(&event, PS_META_KEY_SIGNATURE) &&
            !move_signature(draft, &event, semitones))
            return false;
        if (moves(&event, channels)) {
            if (!is_within(event.a + semitones))
                continue;
            event.a = (uint8_t)(event.a + semitones);
        }
        ps_edit_add(draft, event);
    }
    return true;
}

ps_status ps_score_transpose(ps_score **out, const ps_score *score, int semitones,
                             const ps_channel_set *channels, const ps_score_options *options,
                             ps_error *err)
{
    ps_score *draft = NULL;
    ps_status status;
    size_t leaving;

    if (semitones < -127 || semitones > 127)
        return ps_fail(err, PS_BAD_ARGUMENT, "%d semitones are not within -127..127", semitones);
    leaving = notes_leaving(score, semitones, channels);
    if (leaving > 0 && options && options->strict)
        return ps_fail(err, PS_BAD_ARGUMENT,
                       "moved by %d semitones, %zu notes leave the keys 0..127", semitones,
                       leaving);
    if (leaving > 0 && options)
        ps_warn_at(&options->warnings, PS_BAD_ARGUMENT, PS_NOWHERE,
                   "moved by %d semitones, %zu notes leave the keys 0..127 and are dropped",
                   semitones, leaving);
    status = ps_edit_begin(&draft, score, score->info.tracks, score->count, options, err);
    if (status != PS_OK)
        return status;
    if (!add_moved(draft, score, semitones, channels))
        return ps_edit_no_memory(draft, err);
    return ps_score_finish(out, draft, err);
}
