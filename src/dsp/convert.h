/*
 * Changes the sample rate of a recording by a short filter, whose memory does not grow with it:
 * what the new rate cannot hold is taken out before it could fold back. Flat to 0.9 of the lower
 * Nyquist frequency, 100 dB down beyond it; the ends do not see each other.
 */
#ifndef PLAINSONG_DSP_CONVERT_H
#define PLAINSONG_DSP_CONVERT_H

#include <stdint.h>

#include "plainsong/memory.h"

#define PS_CONVERT_MOST 256.0 /* the largest ratio of two rates */

/* Frames at the new rate, which last as long and at most one frame longer. */
uint64_t ps_converted_frames(uint64_t frames, double from_hz, double to_hz);

/*
 * One channel, frame 0 staying where it is; before its first and after its last frame the signal
 * counts as zero.
 *
 * out: ps_converted_frames(frames, from_hz, to_hz) of them; must not overlap in
 *
 * PS_UNSUPPORTED when the rates are not positive or too far apart.
 */
ps_status ps_convert_rate(float *out, const float *in, uint64_t frames, double from_hz,
                          double to_hz, const ps_allocator *allocator, ps_error *err);

#endif
