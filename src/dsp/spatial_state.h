/* What a spatialiser remembers, for the files that make and run it. */
#ifndef PLAINSONG_DSP_SPATIAL_STATE_H
#define PLAINSONG_DSP_SPATIAL_STATE_H

#include "dsp/onepole.h"
#include "dsp/spatial.h"
#include "dsp/taps.h"

#define PS_SPATIAL_RUN PS_TAPS_RUN

/* The largest magnitude of a sample that comes in, and of a gain by distance or level: far beyond
   sound, far from overflow. */
#define PS_SPATIAL_LIMIT      1e12f
#define PS_SPATIAL_LIMIT_GAIN 1e6

struct ps_spatial {
    const ps_allocator *allocator;
    ps_trajectory trajectory;
    bool foa_cardioid, use_ild, four_taps;

    double head_frames;    /* the longest delay; negative when radius or scale is */
    double ild_octaves;    /* log2 of the left ear's gain at 90 degrees */
    double ref_m, rolloff; /* of distance */
    double nearest_m;      /* a source comes no nearer */
    double roll_octaves_per_m;
    double ear_cosine, ear_sine;
    double most_deg, most_delay; /* changes per frame */
    double theta_a, distance_a;  /* poles */

    uint64_t frame;          /* next one */
    double deg;              /* azimuth within the speed limit */
    double turned_deg;       /* whole turns between the trajectory's azimuth and ours */
    ps_onepole place[2];     /* azimuth in degrees, distance */
    ps_onepole gain[2];      /* of level, left and right */
    ps_onepole ear_delay[2]; /* foa_cardioid: in frames, left and right */
    double delay;            /* else: of the farther ear */

    double ring;       /* length of the reference's ring */
    uint32_t past;     /* frames a read may reach back */
    uint32_t capacity; /* of each line */
    uint32_t at;       /* of the next sample in the lines */
    float *line[2];    /* the head needs one alone */
    float *samples;    /* of all lines */
};

#endif
