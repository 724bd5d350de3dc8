/* The stereo flanger of tracks: 25 parameters, a fractional delay with filtered feedback and a gain
 * that keeps the loudness. Exact after the reference's arithmetic (docs/tracks.md). */
#ifndef PLAINSONG_DSP_FLANGER_H
#define PLAINSONG_DSP_FLANGER_H

#include <stdint.h>

#include "plainsong/memory.h"

#include "base/row.h"

typedef struct ps_flanger ps_flanger;

/* In the units of the track format; defaults as its table says. */
typedef struct ps_flanger_settings {
    double delay_ms, depth_ms, rate_hz;
    int triangle; /* else sine */
    double feedback, mix, loop_lpf_hz, loop_hpf_hz;
    int stereo_mode, delay_law, interpolation;
    double min_delay_ms, max_delay_ms;
    double dezipper_delay_ms, dezipper_depth_ms, dezipper_rate_ms, dezipper_feedback_ms,
        dezipper_wet_ms, dezipper_filter_ms;
    int loudness_mode;
    double loudness_tc_ms, loudness_min_gain, loudness_max_gain;
} ps_flanger_settings;

void ps_flanger_defaults(ps_flanger_settings *settings);

/* PS_UNSUPPORTED when the delay line would be longer than a second. */
ps_status ps_flanger_create(ps_flanger **out, const ps_flanger_settings *settings, double rate_hz,
                            const ps_allocator *allocator, ps_error *err);
void ps_flanger_destroy(ps_flanger *flanger);

/* In place, the next frames in order. */
void PS_ROW(ps_flanger_process)(ps_flanger *flanger, float *left, float *right, uint32_t frames);

/* No sample comes out larger than this for input up to `peak`; INFINITY when it cannot be said. */
double ps_flanger_bound(const ps_flanger *flanger, double peak);

#endif
