/* The parts of a document, each read by its own file. */
#ifndef PLAINSONG_TRACK_READ_H
#define PLAINSONG_TRACK_READ_H

#include "track/fields.h"

/* A voice; all of it borrowed from the document or the reading's scratch. False when it is left
   out. */
bool ps_read_voice(ps_reading *r, ps_track_voice *voice, const ps_value *value,
                   const ps_where *where);

/* The layer of noise; false when there is none. */
bool ps_read_noise(ps_reading *r, ps_track_noise *noise, const ps_value *value,
                   const ps_where *where);

/* A clip; false when it is left out. */
bool ps_read_clip(ps_reading *r, ps_track_clip *clip, const ps_value *value, const ps_where *where);

#endif
