/*
 * The stereo flanger of tracks: a delay that an LFO moves, added to the signal, with filtered
 * feedback and a gain that keeps the loudness. Exact after the reference's arithmetic, its odd
 * interpolation included (docs/tracks.md).
 *
 *   x ─┬──────────────────────────► (+) ─► loudness ─► y
 *      │                             ▲
 *      └►(+)─► delay line ─┬► wet ───┘
 *         ▲                │
 *         └─ feedback ◄─ low-pass ◄─ high-pass
 *
 * With a high-pass of 0, the preset, nothing is fed back: that is how the reference computes it.
 */
#ifndef PLAINSONG_DSP_FLANGER_H
#define PLAINSONG_DSP_FLANGER_H

#include <stdbool.h>
#include <stdint.h>

#include "plainsong/memory.h"

#include "base/row.h"

#define PS_FLANGER_DELAY_MAX_MS 1000.0

typedef enum ps_flanger_stereo {
    PS_FLANGER_LEFT_RIGHT, /* each side for itself, with the same delay */
    PS_FLANGER_MID,        /* the middle alone; the sides pass */
    PS_FLANGER_SIDE,
} ps_flanger_stereo;

/* How the LFO moves the delay between its ends. */
typedef enum ps_flanger_law {
    PS_FLANGER_LINEAR,      /* evenly in ms */
    PS_FLANGER_RECIPROCAL,  /* evenly in 1/ms: in the frequencies of the notches */
    PS_FLANGER_EXPONENTIAL, /* by even factors */
} ps_flanger_law;

/* In the units of the track format. Any finite numbers. */
typedef struct ps_flanger_settings {
    double delay_ms, depth_ms, rate_hz;
    bool triangle;                   /* the LFO; else a sine */
    double feedback, mix;            /* mix: the gain of what is delayed */
    double loop_lpf_hz, loop_hpf_hz; /* with either 0 nothing is fed back */
    ps_flanger_stereo stereo;
    ps_flanger_law law;
    bool four_taps;                          /* else two */
    double min_delay_ms, max_delay_ms;       /* keep delay and depth between them */
    double smooth_delay_ms, smooth_depth_ms; /* time constants the reference smooths with */
    bool match_loudness;                     /* to the mean square of the input */
    double loudness_ms, loudness_min_gain, loudness_max_gain;
} ps_flanger_settings;

typedef struct ps_flanger ps_flanger;

/* As the table of the track format says. */
void ps_flanger_defaults(ps_flanger_settings *settings);

/* PS_UNSUPPORTED when max_delay_ms is beyond PS_FLANGER_DELAY_MAX_MS. */
ps_status ps_flanger_create(ps_flanger **out, const ps_flanger_settings *settings, double rate_hz,
                            const ps_allocator *allocator, ps_error *err);

/* NULL allowed. */
void ps_flanger_destroy(ps_flanger *flanger);

/* In place, the next frames in order: a multiple of 256, or the last ones. What comes out is
   finite. */
void PS_ROW(ps_flanger_process)(ps_flanger *flanger, float *left, float *right, uint32_t frames);

/* No sample comes out larger than this for input up to `peak`; INFINITY when it cannot be said. */
double ps_flanger_bound(const ps_flanger *flanger, double peak);

#endif
