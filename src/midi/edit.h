/* What the edits share: a draft of the new score, and which note-off ends which note. */
#ifndef PLAINSONG_MIDI_EDIT_H
#define PLAINSONG_MIDI_EDIT_H

#include "midi/score.h"

#define PS_NO_EVENT SIZE_MAX

/*
 * A draft with the division and titles of `from`, made of `tracks` tracks, without events and with
 * room for `events` of them, ends of tracks not counted.
 */
ps_status ps_edit_begin(ps_score **draft, const ps_score *from, uint32_t tracks, size_t events,
                        const ps_score_options *options, ps_error *err);

static inline void ps_edit_add(ps_score *draft, ps_event event)
{
    draft->events[draft->count++] = event;
}

/* Adds all events of `from` as they are. */
void ps_edit_add_all(ps_score *draft, const ps_score *from);

/* A tempo event of the draft's own at the start of its first track. False: out of memory. */
bool ps_edit_add_tempo(ps_score *draft, uint32_t tempo);

/* A copy of data in the draft's arena that may be written to; NULL: out of memory. */
uint8_t *ps_edit_data(ps_score *draft, const uint8_t *data, size_t size_bytes);

/* Gives a draft up for want of memory. */
ps_status ps_edit_no_memory(ps_score *draft, ps_error *err);

/* All channels when there is no set. */
static inline bool ps_edit_about(const ps_channel_set *channels, uint32_t channel)
{
    return !channels || ps_channels_has(channels, channel);
}

static inline uint32_t ps_event_note(const ps_event *event)
{
    return event->channel * 128u + event->a;
}

/* Tempo, time and key signature: what holds for all tracks. */
static inline bool ps_event_is_common(const ps_event *event)
{
    return event->kind == PS_EVENT_META &&
           (event->a == PS_META_TEMPO || event->a == PS_META_TIME_SIGNATURE ||
            event->a == PS_META_KEY_SIGNATURE);
}

/* What lies beyond PS_LAST_TICK becomes PS_LAST_TICK. */
static inline uint64_t ps_tick_within(uint64_t tick)
{
    return tick < PS_LAST_TICK ? tick : PS_LAST_TICK;
}

/*
 * partner[i] becomes the index of the note-off that ends note-on i, or of the note-on that note-off
 * i ends, or PS_NO_EVENT. A note-off ends the latest note of its key, so that a note without end
 * does not spoil those after it. Give it back with ps_free.
 */
ps_status ps_note_partners(size_t **partner, const ps_score *score, const ps_allocator *allocator,
                           ps_error *err);

#endif
