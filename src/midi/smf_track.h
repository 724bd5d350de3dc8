/* One track of a MIDI file: bytes into timed events. */
#ifndef PLAINSONG_MIDI_SMF_TRACK_H
#define PLAINSONG_MIDI_SMF_TRACK_H

#include "plainsong/score.h"

/* Says what is damaged, or refuses it when the reader is strict. */
typedef struct ps_mender {
    const uint8_t *start; /* of the whole input, for offsets */
    const ps_warnings *warnings;
    ps_error *err;
    bool strict;
    bool silent;  /* the second reading of what has been told of already */
    bool refused; /* strict, and something was damaged: stop */
} ps_mender;

/* False when reading must stop. */
bool ps_mend(ps_mender *mender, const uint8_t *at, const char *format, ...) PS_PRINTF(3, 4);

/* A message as it lies in the file, status made explicit. */
typedef struct ps_smf_message {
    uint8_t status;
    uint8_t a, b;        /* data bytes; a of a meta is its type */
    const uint8_t *body; /* of metas and SysEx packets; not of this struct */
    uint32_t body_bytes;
    uint64_t tick;
} ps_smf_message;

typedef enum ps_smf_step {
    PS_SMF_EVENT,
    PS_SMF_END,     /* end of track met: its tick is in the event */
    PS_SMF_OUT,     /* no more bytes, at the border of an event */
    PS_SMF_CUT,     /* no more bytes, within an event */
    PS_SMF_REFUSED, /* see ps_mender */
} ps_smf_step;

/* Where a reader of a track stands. */
typedef struct ps_smf_track {
    const uint8_t *at, *end;
    uint64_t tick;
    uint32_t number; /* counted from 0 */
    uint8_t running; /* status, or 0 */
    uint8_t port;
    bool stale; /* a meta or SysEx came after the running status was set */
    bool stale_told;
    bool has_next; /* read ahead for a SysEx in several packets */
    ps_smf_step next_step;
    ps_smf_message next;
    const uint8_t *event_at; /* of the last event, for messages */
} ps_smf_track;

/*
 * Reads the next event. `order` is left alone.
 *
 * @param data receives the bytes of metas and SysEx and moves past them; NULL: only count
 */
ps_smf_step ps_smf_track_next(ps_smf_track *track, ps_mender *mender, ps_event *event,
                              uint8_t **data);

#endif
