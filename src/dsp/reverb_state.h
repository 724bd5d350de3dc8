/* What the reverb remembers, for the files that make and run it. */
#ifndef PLAINSONG_DSP_REVERB_STATE_H
#define PLAINSONG_DSP_REVERB_STATE_H

#include "dsp/delay.h"
#include "dsp/reverb.h"
#include "dsp/send_row.h"

#define PS_REVERB_LINES     8u
#define PS_REVERB_DIFFUSERS 4u
#define PS_REVERB_SWINGS    2u

#define PS_DAMPING_AHEAD 4u

/*
 * y[n] = b0 x[n] + b1 x[n-1] + a y[n-1] for each line; what is read from a line is x. Put into
 * itself three times it waits for what was four frames ago only:
 *
 *   y[n] = (b0 + b1 z^-1)(1 + a z^-1 + a^2 z^-2 + a^3 z^-3) x[n] + a^4 y[n-4]
 */
typedef struct ps_damping {
    float taps[PS_REVERB_LINES][PS_DAMPING_AHEAD + 1]; /* of x */
    float feedback[PS_REVERB_LINES];
    float y[PS_REVERB_LINES][PS_DAMPING_AHEAD];
} ps_damping;

struct ps_reverb {
    const ps_allocator *allocator;
    ps_send_run *process; /* a row's */
    float *samples;       /* of all delays */
    size_t sample_count;
    ps_delay lines[PS_REVERB_LINES];
    ps_delay diffusers[PS_REVERB_DIFFUSERS];
    ps_damping damping;
    double swing_per_run[PS_REVERB_SWINGS]; /* in cycles */
    uint64_t run;                           /* runs since reset */
    uint32_t longest_frames;
    uint32_t quiet_frames; /* for how long nothing has come in and nothing stirred */
    bool silent;           /* every delay is all zero */
};

/* Silence in every delay. */
void ps_reverb_empty(ps_reverb *r);

#endif
