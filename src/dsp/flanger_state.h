/* What a flanger remembers, for the files that make and run it. */
#ifndef PLAINSONG_DSP_FLANGER_STATE_H
#define PLAINSONG_DSP_FLANGER_STATE_H

#include "dsp/flanger.h"
#include "dsp/taps.h"

#define PS_FLANGER_RUN PS_TAPS_RUN

/* The largest magnitude of a sample that comes in or is fed back, and of a gain: far beyond sound,
   and so far from overflow that a sample may pass a gain and be squared. */
#define PS_FLANGER_LIMIT      1e12f
#define PS_FLANGER_LIMIT_GAIN 1e6

/* One signal that passes the delay: left, right, or the one of mid and side that is processed. */
typedef struct ps_flanger_channel {
    float *line;         /* borrowed; `capacity` samples, the newest before `at` */
    double z, high, low; /* last delayed sample, and of the loop's high-pass and low-pass */
    double in, out;      /* mean squares */
    double makeup;
} ps_flanger_channel;

struct ps_flanger {
    const ps_allocator *allocator;
    ps_flanger_stereo stereo;
    ps_flanger_law law;
    bool triangle, four_taps, match_loudness;
    bool feeds_back; /* else the line holds the input alone */

    double rate_hz;
    double cycles_per_frame;                             /* of the LFO, -1/2..1/2 */
    double sine[PS_FLANGER_RUN], cosine[PS_FLANGER_RUN]; /* of as many frames */
    double delay_ms, depth_ms;                           /* within the limits */
    double low_ms, high_ms;                              /* the limits */
    double feedback, wet;
    double high_a, low_a; /* poles of the loop filters */
    double loudness_a, min_gain, max_gain;

    uint64_t frame;    /* next one */
    double phase;      /* of the LFO there, 0..1 cycles */
    double ring;       /* length of the reference's ring, whose seam rounds differently */
    uint32_t past;     /* samples a read may reach back */
    uint32_t capacity; /* of each line */
    uint32_t at;       /* of the next sample in the lines */
    uint32_t channels;
    ps_flanger_channel channel[2];
    float *samples; /* of all lines */
};

#endif
