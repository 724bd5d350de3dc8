/*
 * A track exactly as the old offline renderer made it, its defects included: whole steps, scaled by
 * their measured peak, rotated inside their fades, moved to where they overlap. Held in memory.
 */
#ifndef PLAINSONG_TRACK_REFERENCE_H
#define PLAINSONG_TRACK_REFERENCE_H

#include "track/part.h"

typedef struct ps_reference {
    float *left, *right; /* owned */
    uint64_t frames;
} ps_reference;

/* PS_UNSUPPORTED when the track is too long to be held (PS_REFERENCE_FRAMES_MAX). */
ps_status ps_reference_render(ps_reference *reference, const ps_stage *stage, const ps_track *track,
                              const ps_track_options *options, ps_error *err);
void ps_reference_free(ps_reference *reference, const ps_allocator *allocator);

#define PS_REFERENCE_FRAMES_MAX (UINT64_C(1) << 29) /* 4 GiB: 3.4 hours at 44.1 kHz */

#endif
