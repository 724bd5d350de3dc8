/*
 * The conductor: the events of a score in order with their exact frames, loops played again.
 */
#ifndef PLAINSONG_SYNTH_CONDUCTOR_H
#define PLAINSONG_SYNTH_CONDUCTOR_H

#include "plainsong/score.h"

#include "synth/inside.h"

typedef struct ps_conductor {
    const ps_score *score;
    const ps_event *events;
    size_t count, next;
    uint32_t rate_hz;
    uint32_t loops_left;
    size_t loop_first, loop_stop; /* events first..stop-1 are played again */
    uint64_t loop_frames;         /* length of the loop */
    uint64_t loop_end_frame;      /* without repeats */
    uint64_t offset_frames;       /* added to frames by the repeats so far */
    uint64_t next_frame;          /* of the next message; UINT64_MAX after the last */
    uint64_t end_frame;           /* of the piece, repeats included */
    bool jumping;                 /* the next message is the jump back */
    bool ended;                   /* the last message, the release of all, has been given */
    uint32_t loops;
} ps_conductor;

void ps_conductor_init(ps_conductor *conductor, const ps_score *score, uint32_t rate_hz,
                       uint32_t loops);

/* Back to the first event. */
void ps_conductor_restart(ps_conductor *conductor);

/* As a feed for ps_synth_control. */
ps_feed ps_conductor_feed(ps_conductor *conductor);

#endif
