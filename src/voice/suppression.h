/*
 * Harmonic suppression: what lies above 1.5 times the tone is filtered out of a finished voice, by
 * a zero-phase low-pass of order 4.
 */
#ifndef PLAINSONG_VOICE_SUPPRESSION_H
#define PLAINSONG_VOICE_SUPPRESSION_H

#include "dsp/zero_phase.h"
#include "voice/voice.h"

#define PS_SUPPRESSION_GAIN 1.5 /* how much larger a sample can come out: dsp/zero_phase.h */

/* The cutoff for a tone. */
static inline double ps_suppression_hz(double tone_hz, const ps_voice_setup *setup)
{
    const double highest_hz = 0.5 * setup->rate_hz - 1.0;

    return 1.5 * tone_hz < highest_hz ? 1.5 * tone_hz : highest_hz;
}

/* input: the voice before it. The cutoff is above 0. */
static inline ps_status ps_suppression_start(ps_zero_phase **filter, double tone_hz,
                                             const ps_zero_phase_input *input,
                                             const ps_voice_setup *setup, ps_error *err)
{
    const ps_zero_phase_plan plan = {
        .input = *input,
        .rate_hz = setup->rate_hz,
        .frames = setup->frames,
        .lowpass_hz = ps_suppression_hz(tone_hz, setup),
        .whole = setup->reference,
        .allocator = setup->allocator,
    };

    if (setup->frames < PS_ZERO_PHASE_FRAMES_MIN)
        return ps_fail(err, PS_BAD_DATA, "harmonicSuppression needs more than 15 frames");
    return PS_ROW(ps_zero_phase_create)(filter, &plan, err);
}

#endif
