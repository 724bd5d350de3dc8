/*
 * Convolution of stereo audio in chunks of many seconds, for files: each chunk is a job that is
 * offered to an accelerator, and what is left of it is done here.
 *
 *      chunk k ──► job ──► chunk + response - 1 frames ──► + what the chunks before left ──► out
 *                                                       │               ▲
 *                                                       └─ what is over ┘
 */
#ifndef PLAINSONG_DSP_CONVOLVE_BULK_H
#define PLAINSONG_DSP_CONVOLVE_BULK_H

#include "plainsong/accelerator.h"

#include "dsp/convolve.h"

/* A chunk has the least power of two that is at least so many frames, and two responses; or less,
 * when the piece is short. */
#define PS_CONVOLVE_BULK_FRAMES (1u << 20)

typedef struct ps_convolve_bulk ps_convolve_bulk;

/*
 * plan:         of the same response, for what the accelerator leaves; must outlive it
 * response:     copied
 * piece_frames: that will go through at most; 0: not known
 *
 * *out is NULL when the accelerator does not want such jobs, or there is none.
 */
ps_status ps_convolve_bulk_create(ps_convolve_bulk **out, const ps_convolve_plan *plan,
                                  const ps_response *response, const ps_accelerator *accelerator,
                                  uint64_t piece_frames, const ps_allocator *allocator,
                                  ps_error *err);

/* NULL allowed. */
void ps_convolve_bulk_destroy(ps_convolve_bulk *bulk);

/* Frames that the sound comes out late: a chunk. A multiple of PS_CONVOLVE_CELL. */
uint32_t ps_convolve_bulk_latency(const ps_convolve_bulk *bulk);

/* Silent, at frame 0. */
void ps_convolve_bulk_reset(ps_convolve_bulk *bulk);

/*
 * The next frames: left and right become what they were a chunk ago, room_left and room_right the
 * response to that. Does not allocate, but waits for the accelerator when a chunk is complete.
 * Calls never go across a multiple of PS_CONVOLVE_CELL.
 */
void ps_convolve_bulk_process(ps_convolve_bulk *bulk, float *left, float *right, float *room_left,
                              float *room_right, uint32_t frames);

#endif
