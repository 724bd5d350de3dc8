/*
 * Keeps poison out of things with a memory: a NaN, an infinity or an absurd sample that gets into
 * a feedback loop would stay there.
 */
#ifndef PLAINSONG_DSP_SCRUB_H
#define PLAINSONG_DSP_SCRUB_H

#include <math.h>

#include "plainsong/audio.h"

/* Copies a run, with silence for what is not finite or beyond 120 dBFS; false when all is zero.
   The sums of magnitudes run in lanes so that the loop vectorizes without being reordered. */
static inline bool ps_scrub_run(float out[PS_GRID_FRAMES], const float in[PS_GRID_FRAMES])
{
    float lanes[8] = {0.0f};
    float sum = 0.0f;

    for (uint32_t i = 0; i < PS_GRID_FRAMES; i += 8) {
        for (uint32_t lane = 0; lane < 8; lane++) {
            const float magnitude = fabsf(in[i + lane]);

            out[i + lane] = magnitude <= 0x1p20f ? in[i + lane] : 0.0f;
            lanes[lane] += magnitude <= 0x1p20f ? magnitude : 0.0f;
        }
    }
    for (uint32_t lane = 0; lane < 8; lane++)
        sum += lanes[lane];
    return sum > 0.0f;
}

/* Largest magnitude of a run. */
static inline float ps_peak_of_run(const float run[PS_GRID_FRAMES])
{
    float lanes[8] = {0.0f};
    float peak = 0.0f;

    for (uint32_t i = 0; i < PS_GRID_FRAMES; i += 8) {
        for (uint32_t lane = 0; lane < 8; lane++) {
            const float magnitude = fabsf(run[i + lane]);

            lanes[lane] = magnitude > lanes[lane] ? magnitude : lanes[lane];
        }
    }
    for (uint32_t lane = 0; lane < 8; lane++)
        peak = lanes[lane] > peak ? lanes[lane] : peak;
    return peak;
}

#endif
