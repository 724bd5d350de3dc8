/* RMID: a MIDI file inside a RIFF file. */
#ifndef PLAINSONG_MIDI_RMID_H
#define PLAINSONG_MIDI_RMID_H

#include "midi/smf_track.h"

typedef struct ps_rmid {
    const uint8_t *data; /* the MIDI file inside; NULL when there is none */
    size_t data_bytes;
    const uint8_t *title, *copyright; /* INFO texts, or NULL */
    size_t title_bytes, copyright_bytes;
} ps_rmid;

/* True when the bytes begin like a RIFF file of form RMID. */
bool ps_is_rmid(const uint8_t *bytes, size_t size_bytes);

/* Finds what is inside. False when the mender refused. */
bool ps_rmid_read(ps_rmid *rmid, const uint8_t *bytes, size_t size_bytes, ps_mender *mender);

#endif
