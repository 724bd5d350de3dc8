/*
 * The 2-D spatialiser: moves the middle of a stereo signal along a trajectory, by delays between
 * the ears and their levels; the sides pass. Exact after the reference's arithmetic, its
 * interpolation and its contradicting signs included (docs/tracks.md): an angle above 0 delays the
 * left ear, and makes it louder.
 */
#ifndef PLAINSONG_DSP_SPATIAL_H
#define PLAINSONG_DSP_SPATIAL_H

#include <stdbool.h>
#include <stdint.h>

#include "plainsong/memory.h"

#include "base/row.h"
#include "dsp/trajectory.h"

/* In the units of the track format. Any finite numbers. */
typedef struct ps_spatial_settings {
    const ps_trajectory_segment *segments; /* copied */
    uint32_t segment_count;
    bool foa_cardioid; /* first-order ambisonics to two cardioids; else delay and level by a head */
    bool use_ild;      /* level differences; with foa_cardioid delays too */
    double ear_angle_deg; /* of the cardioids */
    double head_radius_m, itd_scale, ild_max_db;
    double ref_distance_m, rolloff; /* the gain is (ref / distance)^rolloff, 1 when nearer */
    double hf_roll_db_per_m;        /* foa_cardioid: a loss per metre beyond ref */
    double smooth_theta_ms, smooth_distance_ms;
    /* Of the head alone: */
    double min_distance_m, max_deg_per_s, max_delay_step; /* frames per frame */
    bool four_taps;
} ps_spatial_settings;

typedef struct ps_spatial ps_spatial;

/* As the table of the track format says, but for the segments, of which there are none. */
void ps_spatial_defaults(ps_spatial_settings *settings);

/* PS_UNSUPPORTED for a head that would need more than a second of delay. */
ps_status ps_spatial_create(ps_spatial **out, const ps_spatial_settings *settings, double rate_hz,
                            const ps_allocator *allocator, ps_error *err);

/* NULL allowed. */
void ps_spatial_destroy(ps_spatial *spatial);

/* In place, the next frames in order: a multiple of 256, or the last ones. What comes out is
   finite. */
void PS_ROW(ps_spatial_process)(ps_spatial *spatial, float *left, float *right, uint32_t frames);

/* How much larger than the largest input a sample can come out; INFINITY when it cannot be said. */
double ps_spatial_bound(const ps_spatial *spatial);

#endif
