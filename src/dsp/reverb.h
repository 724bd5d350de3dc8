/*
 * The reverb of the synthesizer's send bus: a medium hall, mono in, stereo out. What comes out
 * depends on the input since the last reset alone, never on how it was cut into calls.
 */
#ifndef PLAINSONG_DSP_REVERB_H
#define PLAINSONG_DSP_REVERB_H

#include "plainsong/audio.h"
#include "plainsong/memory.h"

typedef struct ps_reverb ps_reverb;

/* What may be different from the hall of the send bus. */
typedef struct ps_reverb_room {
    double size;                          /* of its delays, 1: the hall's */
    double low_decay_sec, high_decay_sec; /* to -60 dB, far below and above the crossover */
    double crossover_hz;
} ps_reverb_room;

/* The hall. */
ps_reverb_room ps_reverb_hall(void);

/* room NULL: the hall. rate_hz: PS_RATE_MIN_HZ..PS_RATE_MAX_HZ, else PS_BAD_ARGUMENT. */
ps_status ps_reverb_create_room(ps_reverb **out, const ps_reverb_room *room, double rate_hz,
                                const ps_allocator *allocator, ps_error *err);

/* The hall. */
ps_status ps_reverb_create(ps_reverb **out, double rate_hz, const ps_allocator *allocator,
                           ps_error *err);

/* NULL allowed. */
void ps_reverb_destroy(ps_reverb *reverb);

/* Chooses an instruction set by the name of a row of kernels; until then it is plain C. What it
   computes is the same but for the last bit. */
void ps_reverb_use_row(ps_reverb *reverb, const char *row);

/* As just created: silent, at frame 0 of its slow modulation. */
void ps_reverb_reset(ps_reverb *reverb);

/*
 * Adds the reverb of `in` to left and right. frames is a multiple of PS_GRID_FRAMES. Input that is
 * not finite, or beyond 120 dBFS, counts as silence. Costs next to nothing once the tail has died.
 * Real-time safe.
 */
void ps_reverb_process(ps_reverb *reverb, const float *in, float *left, float *right,
                       uint32_t frames);

/* Lets time pass, as processing silence does, at no cost; only while it is silent. */
void ps_reverb_rest(ps_reverb *reverb, uint64_t frames);

/* Whether the tail has died: it has been below -100 dBFS for longer than its longest delay. */
bool ps_reverb_silent(const ps_reverb *reverb);

#endif
