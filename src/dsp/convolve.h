/*
 * Convolution of stereo audio with a response of up to 20 seconds, by Fourier transforms of blocks
 * (overlap-save, partitioned: Gardner, "Efficient convolution without input-output delay", JAES 43,
 * 1995).
 *
 * A response has 1, 2 or 4 channels: one for both sides, one for each side, or left to left, left
 * to right, right to left, right to right.
 *
 *   late       one size of block. What comes out is a block late; the block is chosen for speed
 *   at once    the first 256 taps directly; what follows in blocks of 256, 2048 and 16384, each of
 *              which has as much time as it lasts: its work is spread evenly over stretches of 256
 *              frames
 *
 *      taps  0 ── 256 ─────── 4096 ──────────── 32768 ───────────────────► end
 *            direct │ 15 x 256 │   14 x 2048    │        n x 16384
 */
#ifndef PLAINSONG_DSP_CONVOLVE_H
#define PLAINSONG_DSP_CONVOLVE_H

#include <stdbool.h>
#include <stdint.h>

#include "plainsong/memory.h"

/* Calls of process never go across a multiple of this many frames since the last reset. */
#define PS_CONVOLVE_CELL 256u

#define PS_CONVOLVE_BLOCK_MOST 65536u

/* A response made ready: never changes, any number of convolvers on any threads may share it. */
typedef struct ps_convolve_plan ps_convolve_plan;

typedef struct ps_response {
    uint32_t channels, frames;
    const float *samples[4];
} ps_response;

/*
 * at_once: no latency
 * block:   late ones only: frames of a block, a power of two of PS_CONVOLVE_CELL and up; 0: chosen
 *
 * The response is copied. PS_BAD_ARGUMENT for other channels than 1, 2, 4, or no frames.
 */
ps_status ps_convolve_plan_create(ps_convolve_plan **out, const ps_response *response, bool at_once,
                                  uint32_t block, const char *kernel_row,
                                  const ps_allocator *allocator, ps_error *err);

/* NULL allowed. */
void ps_convolve_plan_destroy(ps_convolve_plan *plan);

/* Frames that the sound comes out late. */
uint32_t ps_convolve_latency(const ps_convolve_plan *plan);

/* Bytes that the plan takes. */
size_t ps_convolve_plan_bytes(const ps_convolve_plan *plan);

typedef struct ps_convolve ps_convolve;

/* plan: must outlive it */
ps_status ps_convolve_create(ps_convolve **out, const ps_convolve_plan *plan,
                             const ps_allocator *allocator, ps_error *err);

/* NULL allowed. */
void ps_convolve_destroy(ps_convolve *convolve);

/* Silent, at frame 0. */
void ps_convolve_reset(ps_convolve *convolve);

/* The next frames; in place is allowed. Real-time safe. How they are cut is not heard. */
void ps_convolve_process(ps_convolve *convolve, const float *left, const float *right,
                         float *out_left, float *out_right, uint32_t frames);

#endif
