/*
 * Coloured noise: normal random numbers shaped by the colour, a low-pass at 10 kHz and a high-pass
 * at 50 Hz, as tracks have it behind them. Two ways to the same spectrum:
 *
 * ps_colour streams. Recursive filters have the magnitudes that the zero-phase ones of the other
 * way have. Its level is fixed, from the spectrum. A frame depends on seed, stream and its own
 * number alone: chunks on a fixed grid are filtered in eight lanes, each from rest and from so far
 * ahead that less than 1e-5 of the level is missing when its own frames begin.
 *
 * ps_colour_whole makes a whole clip exactly as the old renderer does, but for the random numbers.
 */
#ifndef PLAINSONG_DSP_COLOUR_H
#define PLAINSONG_DSP_COLOUR_H

#include <stdbool.h>
#include <stdint.h>

#include "base/row.h"
#include "dsp/notch.h"
#include "plainsong/memory.h"

#define PS_COLOUR_LOWPASS_HZ  10000.0
#define PS_COLOUR_HIGHPASS_HZ 50.0
#define PS_COLOUR_STAGES      32u /* most notches, cascades counted, that stand in a colour */

/* Slope of the power spectrum; measured shapes are in the tests. */
typedef enum ps_colour_kind {
    PS_COLOUR_WHITE,
    PS_COLOUR_PINK,       /* a bank of one-poles; its curve moves with the sample rate */
    PS_COLOUR_BROWN,      /* a running sum: -6 dB per octave */
    PS_COLOUR_DEEP_BROWN, /* -9 */
    PS_COLOUR_BLUE,       /* +3 */
    PS_COLOUR_PURPLE,     /* +6 */
    PS_COLOUR_GREEN,      /* -3, from 100 to 1000 Hz */
} ps_colour_kind;

/* By name, ignoring case: white, pink, brown, red (is brown), deep brown, blue, purple, green.
   False when there is none of that name; the old renderer then takes white. */
bool ps_colour_find(ps_colour_kind *kind, const char *name);

typedef struct ps_colour_plan {
    ps_colour_kind kind;
    double rate_hz; /* > 0 */
    double rms;     /* of what comes out */
    uint64_t seed, stream;
    const ps_notch *notches; /* that stand still, each in effect twice, or NULL */
    uint32_t notch_count;    /* twice their cascades add up to PS_COLOUR_STAGES at most */
    const ps_allocator *allocator;
} ps_colour_plan;

typedef struct ps_colour ps_colour;
typedef struct ps_colour_shape ps_colour_shape;

/* The inner loops of a kernel row. */
typedef struct ps_colour_row {
    const char *name;
    /* Independent normal numbers, mean 0, variance 1, of the frames from an even `first` on. */
    void (*normal)(float *out, uint64_t key, uint64_t first, uint32_t frames);
    /*
     * Shapes eight stretches side by side in place: lane i begins at rest at
     * samples[i * lane_frames], and replaces lane_frames of them from ahead_frames later on. Both
     * are multiples of 64, and lane_frames at least ahead_frames.
     */
    void (*run)(const ps_colour_shape *shape, float *samples, uint32_t ahead_frames,
                uint32_t lane_frames);
    /* The squared magnitude of the chain, 0 < cycles per frame < 1/2. */
    void (*power)(const ps_colour_shape *shape, const double *cycles, double *power,
                  uint32_t count);
} ps_colour_row;

/* By the name of a kernel row. */
const ps_colour_row *ps_colour_row_find(const char *kernel_row);

ps_status ps_colour_create(ps_colour **out, const ps_colour_plan *plan, const ps_colour_row *row,
                           ps_error *err);
void ps_colour_destroy(ps_colour *colour);

/* Any frames, at best in order. Does not allocate. */
void ps_colour_read(ps_colour *colour, float *out, uint64_t first, uint32_t frames);

/* Share of the power of what comes out in each of `count` bands that lie evenly on a logarithmic
   scale up to half the rate; centre_hz gets their middles. */
void ps_colour_powers(const ps_colour *colour, double *centre_hz, double *share, uint32_t count);

/*
 * A whole clip: raw noise of a colour, at any level.
 *
 * samples: `frames` numbers to fill. PS_NO_MEMORY, or PS_BAD_ARGUMENT beyond 2^28 frames.
 */
ps_status ps_colour_whole(float *samples, uint64_t frames, const ps_colour_plan *plan,
                          const ps_colour_row *row, ps_error *err);

/*
 * What a clip, noise or recording, goes through before the sweeps: the low-pass and the high-pass,
 * the notches of the plan, each forwards and backwards; then its peak becomes 0.8.
 *
 * rms: receives the level after that
 *
 * PS_UNSUPPORTED for rates up to 20 kHz and for less than 10 frames.
 */
ps_status ps_colour_condition(float *samples, uint64_t frames, const ps_colour_plan *plan,
                              double *rms, ps_error *err);

#endif
