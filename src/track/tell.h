/* Warnings of a track being made ready: what is wrong, where in the document, and what follows. */
#ifndef PLAINSONG_TRACK_TELL_H
#define PLAINSONG_TRACK_TELL_H

#include "plainsong/track.h"

/* "WHERE: WHY: CONSEQUENCE", with line and column when the options' locator knows them. */
void ps_track_tell(const ps_track_options *options, const char *where, const ps_error *why,
                   const char *consequence);

/* For ps_player_warn: a voice of one step. */
typedef struct ps_step_teller {
    const ps_track_options *options;
    uint32_t step;
} ps_step_teller;

/* user: a ps_step_teller; where: the place inside the step. */
void ps_track_tell_voice(void *user, const char *where, const ps_error *why);

void ps_track_tell_clip(const ps_track_options *options, size_t index, const ps_error *why);

#endif
