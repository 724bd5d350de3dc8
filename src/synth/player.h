/*
 * The sound side of a group of lanes: it follows spans, in their order, and adds what the lanes
 * play to the buses. Nothing here knows of notes, and nothing of other groups.
 */
#ifndef PLAINSONG_SYNTH_PLAYER_H
#define PLAINSONG_SYNTH_PLAYER_H

#include "kernel/sinc.h"
#include "synth/span.h"

typedef struct ps_player {
    ps_group_course course;
    ps_group_state state;
    ps_stride strides[PS_GROUP_LANES];
    ps_lane lanes[PS_GROUP_LANES];
} ps_player;

/* How all players play. */
typedef struct ps_playing {
    const ps_kernels *kernels;
    const ps_sinc_set *sinc; /* for the sinc interpolations, else NULL */
    ps_lane_reader reader;
} ps_playing;

/* What playing needs besides: one for each thread that plays. Zeroed at first. */
typedef struct ps_desk {
    float strips[PS_GROUP_LANES * PS_GRID_FRAMES];
    ps_window window;
} ps_desk;

void ps_playing_init(ps_playing *playing, const ps_kernels *kernels, ps_interpolation interpolation,
                     const ps_sinc_set *sinc);

/* All lanes at rest. */
void ps_player_reset(ps_player *player);

/* Plays a span: adds it to buses, from the frame of its offset on. */
void ps_player_play(ps_player *player, const ps_group_span *span, const ps_playing *playing,
                    ps_desk *desk, float *buses);

/* Goes by a span that nobody hears. */
void ps_player_pass(ps_player *player, const ps_group_span *span, const ps_playing *playing);

#endif
