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
    const ps_track_step *step;
    uint32_t index; /* of the step */
} ps_step_teller;

/* Tells of a voice, unless the reader of the document has. user: a ps_step_teller. */
void ps_track_tell_voice(void *user, size_t voice, const char *parameter, const ps_error *why);

void ps_track_tell_clip(const ps_track_options *options, size_t index, const ps_error *why);

/* Of a clip that plays without its effects. */
void ps_track_tell_dry_clip(const ps_track_options *options, size_t index, const ps_error *why);

#endif
