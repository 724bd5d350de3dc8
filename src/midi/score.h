/* A score from the inside, and how one is put together. */
#ifndef PLAINSONG_MIDI_SCORE_H
#define PLAINSONG_MIDI_SCORE_H

#include "plainsong/score.h"

#include "base/arena.h"
#include "midi/tempo.h"

/* The last tick an event may have: far beyond any piece, far below where sums overflow. */
#define PS_LAST_TICK (UINT64_C(1) << 60)

#define PS_META_COPYRIGHT      0x02u
#define PS_META_TRACK_NAME     0x03u
#define PS_META_PORT           0x21u
#define PS_META_END_OF_TRACK   0x2fu
#define PS_META_TIME_SIGNATURE 0x58u
#define PS_META_KEY_SIGNATURE  0x59u

/* Keys and channels as one number: note = channel * 128 + key. */
#define PS_SCORE_NOTES (PS_SCORE_CHANNELS * 128u)

/*
 * Events lie in the order of tick, then track, then place in the track. Every track ends with
 * exactly one end-of-track event.
 */
struct ps_score {
    ps_arena arena; /* holds all, this struct too */
    ps_event *events;
    size_t count;
    ps_tempo_map tempo;
    uint16_t division; /* as in a file header */
    ps_score_info info;
};

static inline bool ps_event_is_meta(const ps_event *event, uint8_t type)
{
    return event->kind == PS_EVENT_META && event->a == type;
}

static inline bool ps_event_is_note(const ps_event *event)
{
    return event->kind == PS_EVENT_NOTE_ON || event->kind == PS_EVENT_NOTE_OFF;
}

/* Takes the port that a port event names from *port, or leaves it. */
static inline void ps_event_port(const ps_event *event, uint8_t *port)
{
    if (ps_event_is_meta(event, PS_META_PORT) && event->data_bytes > 0)
        *port = event->data[0] & 15u;
}

static inline const ps_allocator *ps_score_allocator(const ps_score_options *options)
{
    return options ? options->allocator : NULL;
}

/* An empty score with room for `capacity` events; division, format and tracks are still to set. */
ps_status ps_score_begin(ps_score **out, size_t capacity, const ps_allocator *allocator,
                         ps_error *err);

/* A NUL-ended copy in the score's arena of a text up to its first NUL; NULL when memory runs out.
 */
const char *ps_score_text(ps_score *score, const uint8_t *text, size_t size_bytes);

/*
 * Makes a score of the events that were put in, in any order: sorts them, gives every track its
 * end, copies their data into the arena, settles. Needs division, format, tracks and room for one
 * more event per track. On failure the score is destroyed.
 */
ps_status ps_score_finish(ps_score **out, ps_score *score, ps_error *err);

/* The last step alone, for events in order that have ends and whose data is the score's: tempo map
 * and info. Texts of the info that are set stay. On failure the score is destroyed. */
ps_status ps_score_settle(ps_score **out, ps_score *score, ps_error *err);

#endif
