/* The 2-D spatialiser: moves the mid part of a stereo signal along a trajectory. Exact after the
 * reference's arithmetic (docs/tracks.md), interpolator and signs included. */
#ifndef PLAINSONG_DSP_SPATIAL_H
#define PLAINSONG_DSP_SPATIAL_H

#include <stdbool.h>
#include <stdint.h>

#include "plainsong/memory.h"

#include "base/row.h"

typedef enum ps_trajectory_mode {
    PS_TRAJECTORY_ROTATE,
    PS_TRAJECTORY_ROTATING_ARC,
    PS_TRAJECTORY_OSCILLATE,
} ps_trajectory_mode;

typedef struct ps_trajectory_segment {
    ps_trajectory_mode mode;
    double seconds, start_deg, center_deg, extent_deg;
    double speed_deg_per_s; /* NAN: by extent */
    double period_s;        /* <= 0: seconds */
    double rotate_freq_hz;
    bool ease_sine;
    double distance_from_m, distance_to_m;
} ps_trajectory_segment;

typedef struct ps_spatial_settings {
    const ps_trajectory_segment *segments; /* borrowed for as long as the spatialiser lives */
    uint32_t segment_count;
    bool foa_cardioid; /* else itd_head */
    bool use_ild;
    double ear_angle_deg, head_radius_m, itd_scale, ild_max_db;
    double ref_distance_m, rolloff, hf_roll_db_per_m;
    double dezipper_theta_ms, dezipper_dist_ms;
    double min_distance_m, max_deg_per_s, max_delay_step_samples;
    bool interpolate; /* spatialInterp: the 4-tap form */
} ps_spatial_settings;

typedef struct ps_spatial ps_spatial;

/* frames: of the whole signal, which ends the trajectory. PS_UNSUPPORTED for a head that needs more
   than a second of delay. */
ps_status ps_spatial_create(ps_spatial **out, const ps_spatial_settings *settings, double rate_hz,
                            uint64_t frames, const ps_allocator *allocator, ps_error *err);
void ps_spatial_destroy(ps_spatial *spatial);

/* In place, the next frames in order. */
void PS_ROW(ps_spatial_process)(ps_spatial *spatial, float *left, float *right, uint32_t frames);

/* How much larger than its input a sample can come out; INFINITY when it cannot be said. */
double ps_spatial_bound(const ps_spatial *spatial);

#endif
