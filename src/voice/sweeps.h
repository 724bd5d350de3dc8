/* Where the notches of noise are at a block: the course of their sweeps. */
#ifndef PLAINSONG_VOICE_SWEEPS_H
#define PLAINSONG_VOICE_SWEEPS_H

#include "voice/noise.h"

/* A sweep's phase as a running sum, where it has no closed form. */
typedef struct ps_sweeps_sum {
    uint64_t frame; /* sum is that of alpha over the frames before it */
    double sum;
} ps_sweeps_sum;

typedef struct ps_sweeps {
    const ps_noise_settings *settings; /* borrowed */
    double rate_hz;
    uint64_t frames; /* of the signal */
    ps_ramp ramp;
    bool summed;
    ps_sweeps_sum sums[2]; /* of each pass: the first runs ahead */
} ps_sweeps;

/* Whether a block is long enough to be there: 100 frames. */
bool ps_sweeps_has_block(const ps_sweeps *sweeps, uint64_t block);

/* The notches of a block for an ear (0, 1) and a pass (0, 1): settings->sweep_count of them. */
void ps_sweeps_at(ps_sweeps *sweeps, uint64_t block, uint32_t ear, uint32_t pass,
                  ps_notch *notches);

#endif
