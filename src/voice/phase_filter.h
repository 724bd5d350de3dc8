/*
 * The way out of voices that filter what they make without phase (dsp/zero_phase.h): high-pass at
 * 30 Hz, low-pass at 0.45 of the rate.
 */
#ifndef PLAINSONG_VOICE_PHASE_FILTER_H
#define PLAINSONG_VOICE_PHASE_FILTER_H

#include "dsp/zero_phase.h"
#include "voice/voice.h"

#define PS_PHASE_HIGHPASS_HZ    30.0
#define PS_PHASE_LOWPASS_SHARE  0.45
#define PS_PHASE_FILTER_LARGEST 0x1p60 /* what is filtered is held within this */
/* Of bounds: the high-pass can make 2.4 of a signal that follows the signs of its impulse response.
   A tone begins or ends with up to 1.5 times its size. */
#define PS_PHASE_FILTER_GAIN    2.4

_Static_assert(PS_ZERO_PHASE_RUN == PS_VOICE_FRAMES, "voices are filtered run by run");

static inline ps_status ps_phase_filter_create(ps_zero_phase **out, const ps_voice_setup *setup,
                                               const ps_zero_phase_input *input, ps_error *err)
{
    const ps_zero_phase_plan plan = {
        .input = *input,
        .rate_hz = setup->rate_hz,
        .frames = setup->frames,
        .highpass_hz = PS_PHASE_HIGHPASS_HZ,
        .lowpass_hz = PS_PHASE_LOWPASS_SHARE * setup->rate_hz,
        .whole = setup->reference,
        .allocator = setup->allocator,
    };

    return PS_ROW(ps_zero_phase_create)(out, &plan, err);
}

/* Where parameters are beyond sense, so are samples: keeps them finite. */
static inline void ps_hold_within(float *x, float largest, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        const float low = x[i] > -largest ? x[i] : -largest;

        x[i] = low < largest ? low : largest;
    }
}

#endif
