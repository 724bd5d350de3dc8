/*
 * Frames and blocks: the shape of all audio in Plainsong.
 *
 * A frame is one instant: one sample of each channel. Audio is stereo float, full scale -1..1,
 * planar (each channel its own array). Interleaving happens at the edge, once.
 */
#ifndef PLAINSONG_AUDIO_H
#define PLAINSONG_AUDIO_H

#include <stdbool.h>
#include <stdint.h>

#include "plainsong/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Sources compute in runs of this many frames, counted from frame 0 of the piece. */
#define PS_GRID_FRAMES 64u

/** Sample rates Plainsong works at. */
#define PS_RATE_MIN_HZ 8000.0
#define PS_RATE_MAX_HZ 192000.0

/** A stretch of stereo audio in somebody else's memory. The two arrays must not overlap. */
typedef struct ps_block {
    float *left;
    float *right;
    uint32_t frames;
} ps_block;

/** The part of a block from frame `first` on, `frames` long; both must lie inside. */
static inline ps_block ps_block_part(ps_block block, uint32_t first, uint32_t frames)
{
    ps_block part;

    part.left = block.left + first;
    part.right = block.right + first;
    part.frames = frames;
    return part;
}

/** A decoded file: interleaved. */
typedef struct ps_recording {
    const float *samples; /* frames * channels */
    uint64_t frames;
    uint32_t channels;
    double rate_hz;
    void *owner; /* for whoever releases it */
} ps_recording;

/** How samples lie in a file. All integers are signed (WAV's 8-bit form is not written). */
typedef enum ps_sample_format {
    PS_SAMPLE_INT16,
    PS_SAMPLE_INT24, /* three bytes */
    PS_SAMPLE_INT32,
    PS_SAMPLE_FLOAT32,
} ps_sample_format;

/** Bytes of one sample: 2, 3, 4, 4. */
PS_API uint32_t ps_sample_bytes(ps_sample_format format);

/** How floats become integers. */
typedef struct ps_quantizer {
    ps_sample_format format;
    bool dither;   /* triangular, 2 LSB wide peak to peak, independent per channel; ints only */
    uint64_t seed; /* dither depends on (seed, channel, absolute frame) alone */
    bool truncate; /* INT16 only: as the old track renderer did: x * 32767, towards zero, no dither
                    */
} ps_quantizer;

/**
 * Writes a block as interleaved little-endian samples.
 *
 * @param bytes       receives block.frames * channels * ps_sample_bytes(format) bytes
 * @param first_frame absolute frame of the block's first, for the dither
 * @param channels    2; or 1: the mean of both
 *
 * Integers round to nearest even and saturate at full scale, which is 2^15, 2^23, 2^31; what is not
 * a number becomes 0. Real-time safe.
 */
PS_API void ps_quantize(const ps_quantizer *quantizer, uint8_t *bytes, ps_block block,
                        uint64_t first_frame, uint32_t channels);

/**
 * Fades a block in place, in or out, as its place in the piece demands.
 *
 * @param first_frame absolute frame of the block's first
 * @param fade_start  absolute frame where the fade begins: silence before it (in), or all (out)
 * @param fade_frames its length; after it all (in), or silence (out). 0: a switch
 *
 * The gain is sin^2. Real-time safe.
 */
PS_API void ps_fade(ps_block block, uint64_t first_frame, uint64_t fade_start, uint64_t fade_frames,
                    bool out);

#ifdef __cplusplus
}
#endif

#endif
