/*
 * The moving pan of the second generation: ears are turned down by equal-power gains of a position
 * between two limits, which stands in their middle or sweeps from one to the other.
 *
 *      linear    (high + low) / 2 + (high - low) / 2 * sin(2 pi x)     x = cycles so far + phase
 *      inward    from a limit to the middle (0), the two limits in turns, once a cycle
 *      outward   from the middle to a limit, likewise
 */
#ifndef PLAINSONG_VOICE_PAN_H
#define PLAINSONG_VOICE_PAN_H

#include "base/row.h"
#include "voice/lines.h"

typedef enum ps_pan_type {
    PS_PAN_LINEAR,
    PS_PAN_INWARD,
    PS_PAN_OUTWARD,
} ps_pan_type;

/* What a voice's settings say: values at the start and the end. */
typedef struct ps_pan_settings {
    double low[2], high[2]; /* -1..1, low <= high */
    ps_pan_type type;
    const ps_setting *freq_hz, *phase_rad;
} ps_pan_settings;

enum { PS_PAN_LOW, PS_PAN_HIGH, PS_PAN_HZ, PS_PAN_CYCLES, PS_PAN_LINES };

typedef struct ps_pan {
    ps_line lines[PS_PAN_LINES];
    ps_pan_type type;
    bool active; /* else nothing is done, not even the 3 dB of the middle */
    bool sweeps;
    uint64_t sum; /* of half cycles: the upper half is the other limit's turn */
    double step_sec;
} ps_pan;

void PS_ROW(ps_pan_start)(ps_pan *pan, const ps_pan_settings *settings,
                          const ps_voice_setup *setup);

/* In place, the next frames; alpha as ps_alpha_of gives it. */
void PS_ROW(ps_pan_apply)(ps_pan *pan, float *left, float *right, const double *alpha, double at,
                          uint32_t count);

/* A ps_skip_run. */
void PS_ROW(ps_pan_skip)(void *pan, const double *alpha, double at, uint64_t frames);

#endif
