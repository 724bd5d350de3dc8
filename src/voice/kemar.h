/*
 * How a sound from each direction around the head reaches the ears: impulse responses measured on
 * the KEMAR dummy head, elevation 0, a direction every 5 degrees.
 *
 * W. G. Gardner, K. D. Martin: "HRTF measurements of a KEMAR dummy-head microphone", MIT Media
 * Laboratory Perceptual Computing Technical Report 280, 1994. Copyright 1994 MIT Media Laboratory;
 * free for any use, provided that the authors are cited.
 */
#ifndef PLAINSONG_VOICE_KEMAR_H
#define PLAINSONG_VOICE_KEMAR_H

#include <stdint.h>

#define PS_KEMAR_DIRECTIONS 72u
#define PS_KEMAR_TAPS       512u
#define PS_KEMAR_RATE_HZ    44100.0

/* The left ear for direction k: 5 k degrees counter-clockwise from straight ahead, so that 18 is
   its own side. In units of 1/32768. The right ear for k is the left ear for 72 - k. */
extern const int16_t ps_kemar_left[PS_KEMAR_DIRECTIONS][PS_KEMAR_TAPS];

#endif
