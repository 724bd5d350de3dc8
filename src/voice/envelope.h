/*
 * The volume envelope of a voice over its step: a few straight lines, of which any frame can be
 * computed alone. A voice without one is faded in and out over 10 ms.
 */
#ifndef PLAINSONG_VOICE_ENVELOPE_H
#define PLAINSONG_VOICE_ENVELOPE_H

#include <stdbool.h>
#include <stdint.h>

#include "plainsong/status.h"
#include "plainsong/value.h"

#define PS_ENVELOPE_PIECES 4u

typedef struct ps_voice_envelope_piece {
    uint64_t first, frames;
    double from, to; /* `to` is the gain of the last frame, or of the one after it */
    double step;     /* per frame */
    bool reaches;    /* the last frame has `to` itself */
} ps_voice_envelope_piece;

typedef struct ps_voice_envelope {
    ps_voice_envelope_piece pieces[PS_ENVELOPE_PIECES]; /* one behind the other from frame 0 on */
    uint32_t count;                                     /* 0: flat, but for the fades */
    uint64_t frames;                                    /* of the step */
    uint64_t fade_frames;                               /* at both ends; under 2: none */
} ps_voice_envelope;

/*
 * Reads {"type": ..., "params": {...}}. Types and their parameters (times in seconds; below 0 they
 * count as 0):
 *
 *     linear_fade  fade_duration, start_amp, end_amp; fade_type "in" (from the start on) or "out"
 *                  (up to the end)
 *     adsr         attack 0.01, decay 0.1, sustain_level 0.8 (held to 0..1), release 0.1
 *     linen        attack 0.1, release 0.1
 *
 * What is longer than the step is shortened in proportion. A missing, null or empty value is the
 * fade of 10 ms. What cannot be used makes the envelope flat, without a fade, and is told as
 * PS_BAD_DATA: the envelope is good all the same.
 *
 * value:     not needed afterwards
 * frames:    of the step, trunc(duration_sec * rate_hz), > 0
 * reference: as the old renderer, for which fade_type is always "in"
 */
ps_status ps_voice_envelope_read(ps_voice_envelope *envelope, const ps_value *value,
                                 uint64_t frames, double rate_hz, double duration_sec,
                                 bool reference, ps_error *err);

/* The gains of `count` frames from `first` on; false when all are 1, and then
   `gain` may not have been written. */
bool ps_voice_envelope_fill(const ps_voice_envelope *envelope, float *gain, uint64_t first,
                            uint32_t count);

/* Multiplies `count` frames (at most PS_VOICE_FRAMES), the step's frame `first` being the first. */
void ps_voice_envelope_apply(const ps_voice_envelope *envelope, float *left, float *right,
                             uint64_t first, uint32_t count);

/* Whether it is made of straight lines: not where both fades meet in a short step. */
bool ps_voice_envelope_is_lines(const ps_voice_envelope *envelope);

/* The line from a frame on, as the gain of that frame and its growth per frame; returns the frame
   at which another one begins, or that behind the step. */
uint64_t ps_voice_envelope_line(const ps_voice_envelope *envelope, uint64_t first, double *at,
                                double *by);

/* The largest magnitude of a gain. */
double ps_voice_envelope_peak(const ps_voice_envelope *envelope);

#endif
