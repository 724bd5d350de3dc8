/*
 * Where a moving source is: its azimuth and distance along a list of segments, one after the other.
 * A closed form of the time, so any frame can be asked for.
 *
 *      rotate        start + speed t
 *      rotating arc  start + 360 turns_hz t + extent (1 - cos(2 pi t / period)) / 2
 *      oscillate     center + extent sin(2 pi t / period)
 */
#ifndef PLAINSONG_DSP_TRAJECTORY_H
#define PLAINSONG_DSP_TRAJECTORY_H

#include <stdbool.h>
#include <stdint.h>

#include "plainsong/memory.h"

#include "base/row.h"

typedef enum ps_trajectory_mode {
    PS_TRAJECTORY_ROTATE,
    PS_TRAJECTORY_ROTATING_ARC,
    PS_TRAJECTORY_OSCILLATE,
} ps_trajectory_mode;

/* As a document says it; any finite numbers. */
typedef struct ps_trajectory_segment {
    ps_trajectory_mode mode;
    double seconds; /* 0 or less, or under half a frame: the segment is left out */
    double start_deg, center_deg;
    double extent_deg;      /* of the whole arc; of an oscillation to one side; of a rotation */
    double speed_deg_per_s; /* of a rotation; NAN: by extent_deg */
    double period_s;        /* 0 or less: seconds */
    double turns_hz;        /* of a rotating arc */
    bool ease_sine;         /* else linear */
    double from_m, to_m;    /* distance at the start, and at the end */
} ps_trajectory_segment;

/* A segment with all that follows from it, in frames. */
typedef struct ps_trajectory_piece {
    ps_trajectory_mode mode;
    bool ease_sine;
    uint64_t first, end; /* frames */
    double seconds_per_frame;
    double seconds;
    double base_deg, speed_deg_per_s, extent_deg;
    double cycles_per_second; /* of the arc or oscillation */
    double from_m, change_m;
} ps_trajectory_piece;

typedef struct ps_trajectory {
    ps_trajectory_piece *pieces; /* owned */
    uint32_t count;
} ps_trajectory;

/* Straight ahead at 1 m when there is no segment. */
ps_status ps_trajectory_init(ps_trajectory *trajectory, const ps_trajectory_segment *segments,
                             uint32_t count, double rate_hz, const ps_allocator *allocator);
void ps_trajectory_free(ps_trajectory *trajectory, const ps_allocator *allocator);

/* The nearest and farthest it comes. */
void ps_trajectory_range(const ps_trajectory *trajectory, double *near_m, double *far_m);

/* Azimuth and distance of `count` frames from `first` on; after the last segment they stay. Angles
   are not wrapped; their magnitude is at most 1e12. */
void PS_ROW(ps_trajectory_fill)(const ps_trajectory *trajectory, double *deg, double *m,
                                uint64_t first, uint32_t count);

#endif
