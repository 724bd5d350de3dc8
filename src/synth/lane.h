/*
 * A lane: one note's way through its sample, and the cutting out of the window a read kernel sees.
 * Everything a hostile bank could do to an address ends here: a kernel only reads a window that
 * lies inside the sample data, or a copy.
 */
#ifndef PLAINSONG_SYNTH_LANE_H
#define PLAINSONG_SYNTH_LANE_H

#include <stdbool.h>
#include <stdint.h>

#include "kernel/kernel.h"

/* Where a note is in its sample. Positions are 32.32 fixed point in frames of the data. */
typedef struct ps_lane {
    const uint8_t *data;     /* 16-bit little-endian frames, any alignment */
    const uint8_t *low_data; /* the low bytes of 24-bit samples, or NULL */
    uint64_t position;
    uint32_t data_frames;
    uint32_t start, end, loop_start, loop_end;
    bool looping;
    bool wrapped; /* has passed the loop's end at least once */
} ps_lane;

/* How a lane moves for some frames: `step` to the second one, and so on. */
typedef struct ps_stride {
    uint64_t step;
    int64_t step_change;
} ps_stride;

/* The steepest step: 2^8 source frames per frame. */
#define PS_STEP_MOST (UINT64_C(256) << 32)

/* Distance of `frames` frames. */
static inline uint64_t ps_stride_distance(ps_stride stride, uint32_t frames)
{
    return stride.step * frames +
           (uint64_t)(stride.step_change * (int64_t)(frames * (frames - 1) / 2));
}

/* Moves on; false when a sample that does not loop has ended. */
bool ps_lane_advance(ps_lane *lane, uint64_t distance);

/* Memory for windows that have to be put together. */
#define PS_WINDOW_FRAMES 2048u
#define PS_WINDOW_MARGIN 64u
typedef struct ps_window {
    float samples[PS_WINDOW_FRAMES + 2 * PS_WINDOW_MARGIN];
} ps_window;

/* How lanes are read: the kernels of one interpolation and the taps they need. */
typedef struct ps_lane_reader {
    ps_read_kernel *read16, *read_float;
    int64_t before, after;
} ps_lane_reader;

/* Reads `frames` frames into `strip` and moves on. sinc: the table for this step in the sinc
   modes. */
void ps_lane_read(ps_lane *lane, ps_stride stride, const ps_lane_reader *reader, ps_window *window,
                  const float *sinc, float *strip, uint32_t frames);

#endif
