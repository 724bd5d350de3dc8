/*
 * The trapezoid pulse: of each cycle the first part is audible, with a rise and a fall of the same
 * length at its ends, and the rest is a gap.
 *
 *      u < ramp            u / ramp
 *      u < audible - ramp  1
 *      u < audible         (audible - u) / ramp            u, ramp, audible in cycles
 *
 * which is the smaller of the two slopes, between 0 and 1. The differences are taken in integers,
 * so that a steep fall is as precise as a steep rise.
 */
#ifndef PLAINSONG_VOICE_PULSE_H
#define PLAINSONG_VOICE_PULSE_H

#include "voice/blocks.h"

/* Its shares, as voices have them in their tables. */
#define PS_PULSE_RAMP_TEXT "share of the audible part in which a pulse rises, and falls"
#define PS_PULSE_GAP_TEXT  "share of the cycle that is silent"

#define PS_PULSE_CYCLE 0x1p29 /* units in a cycle: room for an audible part of two */

typedef struct ps_pulse {
    int32_t audible; /* units */
    int32_t floor;   /* of the rising slope: above all where there is no ramp */
    float slope;     /* per unit */
} ps_pulse;

/* audible and ramp in cycles, ramp <= audible / 2. */
static inline ps_pulse ps_pulse_of(double audible, double ramp)
{
    const double above = audible > 0.0 ? audible : 0.0;
    const bool sharp = !(ramp > 1e-9);

    /* In a cycle, a pulse of more than two cycles only rises. */
    return (ps_pulse){
        .audible = (int32_t)((above < 2.0 ? above : 2.0) * PS_PULSE_CYCLE),
        .floor = sharp ? INT32_C(0x40000000) : 0,
        .slope = sharp ? 1.0f : (float)(1.0 / PS_PULSE_CYCLE) / (float)ramp,
    };
}

/* A share held to 0..1. */
static inline double ps_pulse_share(double x)
{
    return x < 0.0 ? 0.0 : x > 1.0 ? 1.0 : x;
}

/* The pulse that a gap and a ramp (shares of the cycle and of its audible part) make. */
static inline ps_pulse ps_pulse_shape(double gap, double ramp)
{
    const double audible = 1.0 - gap;

    return ps_pulse_of(audible, audible * (ramp < 0.5 ? ramp : 0.5));
}

static inline float ps_pulse_at(ps_pulse pulse, uint32_t phase)
{
    const int32_t u = (int32_t)(phase >> 3), left = pulse.audible - u;
    const int32_t risen = u > pulse.floor ? u : pulse.floor;
    const float y = (float)(risen < left ? risen : left) * pulse.slope;
    const float low = y > 0.0f ? y : 0.0f;

    return low < 1.0f ? low : 1.0f;
}

#endif
