/* What a track is inside: its parts as their builders got them, with texts and values of its own.
 */
#ifndef PLAINSONG_TRACK_MODEL_H
#define PLAINSONG_TRACK_MODEL_H

#include "base/arena.h"
#include "plainsong/track.h"

struct ps_track {
    const ps_allocator *allocator;
    ps_arena held; /* texts, values and voices of the parts */
    ps_track_settings settings;
    ps_track_step *steps;
    size_t step_count, step_room;
    ps_track_clip *clips;
    size_t clip_count, clip_room;
    ps_track_noise noise;
    bool has_noise;

    /* What else stood in the document: beside `global` and the like, and inside `global`. Maps, or
       null. */
    ps_value rest, settings_rest;

    ps_arena written; /* the document that ps_track_write made last */
};

/* "generated_track.wav", ... */
ps_track_settings ps_track_default_settings(void);

/* Gives a step its start if it has none, and moves the running time (0 before the first) on, as the
   old loader did: what has a start moves it by its whole length, what has none by as much as does
   not overlap. */
void ps_track_place_step(ps_track_step *step, double crossfade_sec, double *running_sec);

#endif
