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

/* A voice behind the filter, or without one. */
typedef struct ps_suppression {
    ps_zero_phase_input input; /* the voice before it */
    ps_zero_phase *filter;     /* or NULL */
} ps_suppression;

/* Puts the filter in. input is filled in; the cutoff is above 0. */
static inline ps_status ps_suppression_start(ps_suppression *s, double tone_hz,
                                             const ps_voice_setup *setup, ps_error *err)
{
    const ps_zero_phase_plan plan = {
        .input = s->input,
        .rate_hz = setup->rate_hz,
        .frames = setup->frames,
        .lowpass_hz = ps_suppression_hz(tone_hz, setup),
        .whole = setup->reference,
        .allocator = setup->allocator,
    };

    if (setup->frames < PS_ZERO_PHASE_FRAMES_MIN)
        return ps_fail(err, PS_BAD_DATA, "harmonicSuppression needs more than 15 frames");
    return PS_ROW(ps_zero_phase_create)(&s->filter, &plan, err);
}

static inline void ps_suppression_render(const ps_suppression *s, float *left, float *right,
                                         uint32_t frames)
{
    if (s->filter)
        PS_ROW(ps_zero_phase_render)(s->filter, left, right, frames);
    else
        s->input.render(s->input.user, left, right, frames);
}

static inline void ps_suppression_skip(const ps_suppression *s, uint64_t frame)
{
    if (s->filter)
        PS_ROW(ps_zero_phase_skip)(s->filter, frame);
    else
        s->input.skip(s->input.user, frame);
}

static inline void ps_suppression_finish(const ps_suppression *s)
{
    PS_ROW(ps_zero_phase_destroy)(s->filter);
}

/* How much larger a sample can be behind it. */
static inline double ps_suppression_gain(const ps_suppression *s)
{
    return s->filter ? PS_SUPPRESSION_GAIN : 1.0;
}

#endif
