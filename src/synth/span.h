/*
 * A span: what a group of lanes does in at most PS_GRID_FRAMES frames, in the words in which
 * control tells it to whoever makes the sound, now or later, here or on another thread. A group
 * has one, which goes on from span to span: what its flags and masks do not name is as it was.
 */
#ifndef PLAINSONG_SYNTH_SPAN_H
#define PLAINSONG_SYNTH_SPAN_H

#include <stdbool.h>
#include <stdint.h>

#include "kernel/kernel.h"
#include "synth/lane.h"

/* Beside PS_MIX_FILTER and PS_MIX_FILTER_MOVES, for which a span's cutoffs are read: */
#define PS_SPAN_STRIDES 8u /* strides are not as they were */

/* What changes seldom in a lane. */
typedef struct ps_lane_news {
    ps_lane lane;        /* of a note that begins: where it does */
    float pan[PS_BUSES]; /* gain on each bus at amplitude 1 */
    float begin_level;   /* of a note that begins: its amplitude in the first frame */
    float half_damping, dc_gain;
    bool filtered; /* has a low-pass */
    bool looping;
} ps_lane_news;

typedef struct ps_group_span {
    uint32_t mask;       /* lanes that sound */
    uint32_t begun;      /* of these, lanes whose note begins here */
    uint32_t told;       /* lanes of which there is news, those that begin included */
    uint32_t at_once;    /* lanes whose low-pass begins here */
    uint32_t ended;      /* lanes whose note ends here */
    uint32_t lane_count; /* one more than the highest lane that sounds */
    uint32_t flags;
    uint32_t offset; /* first frame, counted from where control was asked to begin */
    uint32_t frames;
    ps_group_aims aims;
    ps_stride strides[PS_GROUP_LANES];
    ps_lane_news news[PS_GROUP_LANES];
} ps_group_span;

/* Spans written down take this many bytes at most. */
#define PS_SPAN_BYTES_MOST ((uint32_t)sizeof(ps_group_span))

/* Writes what a span tells, which mostly is little, moved on by some frames; returns its bytes. */
uint32_t ps_span_write(uint8_t *to, const ps_group_span *span, uint32_t moved_frames);

/* Reads what has been written; the rest of the span stays as it was. */
void ps_span_read(ps_group_span *span, const uint8_t *from);

#endif
