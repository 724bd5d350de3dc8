/* What the chorus remembers, for the files that make and run it. */
#ifndef PLAINSONG_DSP_CHORUS_STATE_H
#define PLAINSONG_DSP_CHORUS_STATE_H

#include "dsp/chorus.h"
#include "dsp/send_row.h"

#define PS_CHORUS_TAPS   4u
#define PS_CHORUS_POINTS 6u
#define PS_CHORUS_TERMS  4u

#define PS_CHORUS_SWING_SEC 0.0022

/* Sides differ in the middle of the swing and are half a cycle apart. */
static const struct {
    double middle_sec, hz, start_cycles;
} ps_chorus_taps[PS_CHORUS_TAPS] = {
    {0.0110, 0.31, 0.00}, /* left */
    {0.0190, 0.43, 0.25},
    {0.0135, 0.31, 0.50}, /* right */
    {0.0220, 0.43, 0.75},
};

struct ps_chorus {
    const ps_allocator *allocator;
    ps_send_run *process; /* a row's */
    double rate_hz;
    float recent[PS_CHORUS_POINTS - 1 +
                 PS_GRID_FRAMES];  /* the run, and the frames before it that it needs */
    float *terms[PS_CHORUS_TERMS]; /* rings: the polynomial around 2.5 frames ago */
    size_t sample_count;           /* of all four rings with their guards */
    uint32_t ring_frames;          /* without the guard: its first run, kept twice */
    uint32_t at;                   /* where the next run is written */
    uint64_t frame;                /* frames since reset */
    uint32_t quiet_frames;         /* for how long all input has been zero */
    bool silent;                   /* the rings are all zero */
};

#endif
