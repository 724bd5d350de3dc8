/*
 * Ears: convolution of short stretches of sound with the KEMAR impulse responses (voice/kemar.h),
 * brought to the rate of a session.
 */
#ifndef PLAINSONG_VOICE_EARS_H
#define PLAINSONG_VOICE_EARS_H

#include "plainsong/memory.h"

#include "voice/kemar.h"

typedef struct ps_ears ps_ears;

/*
 * stretch: frames of every sound to come
 * kernel_row: of the transforms inside
 */
ps_status ps_ears_create(ps_ears **out, double rate_hz, uint32_t stretch, const char *kernel_row,
                         const ps_allocator *allocator, ps_error *err);

/* NULL allowed. */
void ps_ears_destroy(ps_ears *ears);

/* Frames of what comes out: those of a stretch and of an impulse response, less one. */
uint32_t ps_ears_frames(const ps_ears *ears);

/* Takes a stretch of sound. */
void ps_ears_take(ps_ears *ears, const float *sound);

/* What the left ear hears of it from a direction (0..71); the right ear hears what the left one
   hears from 72 - direction. */
void ps_ears_hear(ps_ears *ears, uint32_t direction, float *heard);

/* The left ear's response to a steady tone, within 1 percent: real and imaginary part. */
void ps_ears_response(const ps_ears *ears, uint32_t direction, double hz, double response[2]);

/* Largest sum of the magnitudes of an impulse response. */
double ps_ears_most(const ps_ears *ears);

#endif
