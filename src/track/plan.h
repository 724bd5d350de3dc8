/*
 * Where the steps of a track lie: what each needs is known from the document alone, so that a track
 * can be entered anywhere.
 */
#ifndef PLAINSONG_TRACK_PLAN_H
#define PLAINSONG_TRACK_PLAN_H

#include "plainsong/track.h"

/* Longest track: beyond it, positions would stop being exact doubles. */
#define PS_TRACK_FRAMES_MAX (UINT64_C(1) << 52)

/* A step that sounds. */
typedef struct ps_place {
    uint32_t step;   /* its index in the track */
    uint64_t begin;  /* frame of the track */
    uint64_t frames; /* of its voices, > 0 */
    uint64_t fade;   /* frames from begin on in which it replaces what sounded before; 0: added */
} ps_place;

typedef struct ps_plan {
    const ps_allocator *allocator;
    double rate_hz;
    bool equal_power;
    ps_place *places; /* in the order of the document: later ones fade over earlier ones */
    uint32_t count;
    uint64_t frames; /* end of the last step; a second when nothing sounds */
    bool empty;      /* nothing sounds */
} ps_plan;

/*
 * Lays a track out at a rate, every step where the document puts it.
 * PS_BAD_DATA when it is longer than PS_TRACK_FRAMES_MAX.
 */
ps_status ps_plan_make(ps_plan *plan, const ps_track *track, double rate_hz,
                       const ps_allocator *allocator, ps_error *err);
void ps_plan_clear(ps_plan *plan);

/* First frame after a place. */
static inline uint64_t ps_place_end(const ps_place *place)
{
    return place->begin + place->frames;
}

/* trunc(seconds * rate), 0 for negative ones; above PS_TRACK_FRAMES_MAX that. */
uint64_t ps_frames_of(double seconds, double rate_hz);

#endif
