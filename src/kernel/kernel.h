/*
 * The kernels: inner loops that exist once in plain C (kernel.c, the definition) and again per
 * instruction set. An engine chooses one row when it is created.
 */
#ifndef PLAINSONG_KERNEL_KERNEL_H
#define PLAINSONG_KERNEL_KERNEL_H

#include <stdbool.h>
#include <stdint.h>

#include "plainsong/audio.h"
#include "plainsong/synth.h"

#define PS_INTERPOLATIONS 5u

/* Notes are mixed side by side in groups of this many lanes, whatever the instruction set: the
   order of summation is part of the sound. */
#define PS_GROUP_LANES 16u

/* Buses of a group, interleaved per frame: bus[frame * PS_BUSES + ...]. */
enum { PS_BUS_LEFT, PS_BUS_RIGHT, PS_BUS_REVERB, PS_BUS_CHORUS, PS_BUSES };

/* Taps before and after the frame at a position's integer part that an interpolation reads: the
   window must hold them. nearest reads frame floor(position + 1/2). */
uint32_t ps_taps_before(ps_interpolation interpolation); /* 0 0 1 3 15 */
uint32_t ps_taps_after(ps_interpolation interpolation);  /* 1 1 2 4 16 */

/* Bytes beyond the outermost taps, on either side, that a kernel may load (and does not use).
   Memory there must be readable: near the ends of a file, copy the window. */
#define PS_WINDOW_SLACK_BYTES 64u

/* One note reading its sample for some frames. Positions are 32.32 fixed point in source frames. */
typedef struct ps_reading {
    const uint8_t *window; /* source frame 0; any alignment; taps may lie before it */
    uint64_t position;     /* of the first output frame */
    uint64_t step;         /* from one output frame to the next, < 2^40 */
    int64_t step_change;   /* added to step after each frame; steps read stay in 0 up to 2^40 */
    const float *sinc;     /* the table for this step, sinc modes only */
} ps_reading;

/* A sinc table has PS_SINC_PHASES phases. Each is a row of 8 or 32 weights and a row of their
   slopes: at t of the way through a phase (0 up to 1), tap k weighs weight[k] + t * slope[k]. The
   upper bits of a fraction are its phase, those under PS_SINC_SHIFT the way through it. */
#define PS_SINC_PHASES 128u
#define PS_SINC_SHIFT  25u

/*
 * out[i] = the sample at the position of frame i, in units of the source: int16 or float windows
 * give -32768..32767. A float window's `window` points to floats.
 */
typedef void ps_read_kernel(float *out, const ps_reading *reading, uint32_t frames);

/* What a group of notes does in one stretch of at most PS_GRID_FRAMES frames. Per lane: */
typedef struct ps_group_shape {
    /* The low-pass b0 (1 + 2 z^-1 + z^-2) / (1 + a1 z^-1 + a2 z^-2) and its change per frame. A
       lane without filter has b0 = 1, a1 = 2, a2 = 1 and zero memory: poles on the zeros, an exact
       identity. */
    float b0[PS_GROUP_LANES], a1[PS_GROUP_LANES], a2[PS_GROUP_LANES];
    float b0_change[PS_GROUP_LANES], a1_change[PS_GROUP_LANES], a2_change[PS_GROUP_LANES];
    float gain[PS_BUSES][PS_GROUP_LANES]; /* at frame i: gain + i * gain_change */
    float gain_change[PS_BUSES][PS_GROUP_LANES];
} ps_group_shape;

/* Filter memory of a group: transposed direct form II. */
typedef struct ps_group_state {
    float s1[PS_GROUP_LANES], s2[PS_GROUP_LANES];
} ps_group_state;

/* Where the notes of a group are to be at the end of a stretch. Per lane: */
typedef struct ps_group_aims {
    float level[PS_GROUP_LANES];          /* amplitude */
    float cutoff_octaves[PS_GROUP_LANES]; /* of the low-pass: log2 of its cutoff over the rate */
} ps_group_aims;

/* What the lanes of a group keep from stretch to stretch. One that rests has zeros, but the
   coefficients of no filter. Per lane: */
typedef struct ps_group_course {
    float pan[PS_BUSES][PS_GROUP_LANES];  /* gain on each bus at amplitude 1, not negative */
    float gain[PS_BUSES][PS_GROUP_LANES]; /* where the next stretch begins */
    float half_damping[PS_GROUP_LANES];   /* of the low-pass: 1 / (2 Q) */
    float dc_gain[PS_GROUP_LANES];        /* and its gain at 0 Hz */
    uint32_t filtered[PS_GROUP_LANES];    /* all bits set where there is a low-pass, else none */
    float b0[PS_GROUP_LANES], a1[PS_GROUP_LANES], a2[PS_GROUP_LANES]; /* as gain */
} ps_group_course;

enum {
    PS_MIX_FILTER = 1,       /* some lane has a filter; without it s1 and s2 are not touched */
    PS_MIX_FILTER_MOVES = 2, /* some coefficient changes */
    PS_MIX_SENDS = 4,        /* some send is not zero; without it those two buses are not touched */
};

typedef struct ps_kernels {
    const char *name;
    ps_read_kernel *read16[PS_INTERPOLATIONS]; /* little-endian 16-bit windows */
    ps_read_kernel *read_float[PS_INTERPOLATIONS];
    /*
     * The shape of a stretch of `frames` frames, in straight lines from where the course is to the
     * aims, where the course is then. flags are PS_MIX_FILTER, and PS_MIX_FILTER_MOVES when a
     * cutoff is a new one; low-passes of the lanes in the mask at_once are there from the first
     * frame. Returns the flags for mix; what these do not ask for is not written.
     */
    uint32_t (*steer)(ps_group_shape *shape, ps_group_course *course, const ps_group_aims *aims,
                      uint32_t at_once, uint32_t frames, uint32_t flags);
    /*
     * Filters, scales and adds the lanes of a group to the buses.
     *
     * strips: PS_GROUP_LANES strips of PS_GRID_FRAMES samples; lanes from `lanes` on are not read
     * frames: 1..PS_GRID_FRAMES
     */
    void (*mix)(float *buses, const float *strips, const ps_group_shape *shape,
                ps_group_state *state, uint32_t lanes, uint32_t frames, uint32_t flags);
} ps_kernels;

/* Plain C, then the vector rows that a build may have (rows.c knows). */
extern const ps_kernels ps_kernels_c;
extern const ps_kernels ps_kernels_avx2;
extern const ps_kernels ps_kernels_avx512;
extern const ps_kernels ps_kernels_neon;
extern const ps_kernels ps_kernels_simd128;

/* The i-th row this processor can run, slowest first; NULL after the last. */
const ps_kernels *ps_kernels_row(uint32_t index);

/* The row with a name, or the fastest for NULL; NULL when there is none. */
const ps_kernels *ps_kernels_find(const char *name);

#endif
