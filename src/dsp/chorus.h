/*
 * The chorus of the synthesizer's send bus: four slowly moving copies, two on each side; mono in,
 * stereo out. What comes out depends on the input since the last reset alone, never on how it was
 * cut into calls.
 */
#ifndef PLAINSONG_DSP_CHORUS_H
#define PLAINSONG_DSP_CHORUS_H

#include "plainsong/audio.h"
#include "plainsong/memory.h"

typedef struct ps_chorus ps_chorus;

/* rate_hz: PS_RATE_MIN_HZ..PS_RATE_MAX_HZ, else PS_BAD_ARGUMENT. */
ps_status ps_chorus_create(ps_chorus **out, double rate_hz, const ps_allocator *allocator,
                           ps_error *err);

/* NULL allowed. */
void ps_chorus_destroy(ps_chorus *chorus);

/* Chooses an instruction set by the name of a row of kernels; until then it is plain C. What it
   computes is the same but for the last bit. */
void ps_chorus_use_row(ps_chorus *chorus, const char *row);

/* As just created: silent, at frame 0 of its slow modulation. */
void ps_chorus_reset(ps_chorus *chorus);

/*
 * Adds the chorus of `in` to left and right. frames is a multiple of PS_GRID_FRAMES. Input that is
 * not finite, or beyond 120 dBFS, counts as silence. Costs next to nothing once silent.
 * Real-time safe.
 */
void ps_chorus_process(ps_chorus *chorus, const float *in, float *left, float *right,
                       uint32_t frames);

/* Lets time pass, as processing silence does, at no cost; only while it is silent. */
void ps_chorus_rest(ps_chorus *chorus, uint64_t frames);

/* Whether nothing is left to come out. */
bool ps_chorus_silent(const ps_chorus *chorus);

#endif
