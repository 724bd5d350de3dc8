/* A track of one's own. */
#ifndef PLAINSONG_TRACK_COPY_H
#define PLAINSONG_TRACK_COPY_H

#include "plainsong/track.h"

ps_status ps_track_copy(ps_track **out, const ps_track *track, const ps_allocator *allocator,
                        ps_error *err);

#endif
