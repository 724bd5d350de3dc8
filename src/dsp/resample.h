/*
 * Another sample rate for a signal as a whole, by its spectrum: exact for what is periodic in the
 * signal's length and band-limited to the lower of both rates. What sound would fold back is cut
 * off sharply; both ends of the signal see each other.
 */
#ifndef PLAINSONG_DSP_RESAMPLE_H
#define PLAINSONG_DSP_RESAMPLE_H

#include <stdint.h>

#include "plainsong/memory.h"

/* Frames that a signal has at another rate: rounded down. Rates > 0. */
uint64_t ps_resample_frames(uint64_t frames, double from_hz, double to_hz);

/*
 * out: out_frames samples that last as long as the in_frames samples in[0], in[stride], ...
 *
 * In double, with about 80 bytes of memory per frame of the longer side (ten times that where
 * frames have prime factors over 7). PS_BAD_ARGUMENT beyond 2^28 frames.
 */
ps_status ps_resample_whole(float *out, uint64_t out_frames, const float *in, uint64_t in_frames,
                            uint32_t stride, const char *kernel_row, const ps_allocator *allocator,
                            ps_error *err);

#endif
