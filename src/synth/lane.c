/* Windows of a sample: straight from the bank where possible, else put together around loop seams,
   ends and 24-bit samples. */
#include "synth/lane.h"

#include <string.h>

#define ONE (UINT64_C(1) << 32)

bool ps_lane_advance(ps_lane *lane, uint64_t distance)
{
    lane->position += distance;
    if (lane->looping) {
        const uint64_t end = (uint64_t)lane->loop_end << 32;

        if (lane->position >= end) {
            const uint64_t length = (uint64_t)(lane->loop_end - lane->loop_start) << 32;

            lane->position -= length;
            if (lane->position >= end)
                lane->position -= (lane->position - end) / length * length + length;
            lane->wrapped = true;
        }
        return true;
    }
    return lane->position < (uint64_t)lane->end << 32;
}

/* A run of frames starting at `at` (an unrolled index, not wrapped) that is contiguous in the data:
   its first data frame and length; *silent when it lies outside the sample. */
static uint32_t run_at(const ps_lane *lane, int64_t at, uint32_t wanted, int64_t *first,
                       bool *silent)
{
    int64_t end;

    *silent = false;
    if (lane->looping) {
        const int64_t length = (int64_t)lane->loop_end - lane->loop_start;

        if (at >= lane->loop_end)
            at = lane->loop_start + (at - lane->loop_end) % length;
        else if (lane->wrapped && at < lane->loop_start)
            at = lane->loop_end - 1 - (lane->loop_start - 1 - at) % length;
        end = lane->loop_end;
    } else {
        end = lane->end;
    }
    if (at < lane->start) {
        *silent = true;
        end = lane->start;
    } else if (at >= end) {
        *silent = true;
        end = at + wanted;
    }
    *first = at;
    return end - at < wanted ? (uint32_t)(end - at) : wanted;
}

static void copy_16(uint8_t *out, const ps_lane *lane, int64_t at, uint32_t frames)
{
    while (frames > 0) {
        int64_t first;
        bool silent;
        const uint32_t run = run_at(lane, at, frames, &first, &silent);

        if (silent)
            memset(out, 0, 2u * run);
        else
            memcpy(out, lane->data + 2 * first, 2u * run);
        out += 2u * run;
        at += run;
        frames -= run;
    }
}

static float sample_24(const ps_lane *lane, int64_t frame)
{
    const uint8_t *b = lane->data + 2 * frame;
    const uint32_t high = (uint32_t)b[1] << 24 | (uint32_t)b[0] << 16;
    const uint32_t bits = high | (uint32_t)lane->low_data[frame] << 8;

    return (float)(int32_t)bits * 0x1p-16f;
}

static void copy_24(float *out, const ps_lane *lane, int64_t at, uint32_t frames)
{
    while (frames > 0) {
        int64_t first;
        bool silent;
        const uint32_t run = run_at(lane, at, frames, &first, &silent);

        for (uint32_t i = 0; i < run; i++)
            out[i] = silent ? 0.0f : sample_24(lane, first + i);
        out += run;
        at += run;
        frames -= run;
    }
}

/* Whether source frames first..last can be read where they lie, with the slack kernels may touch.
 */
static bool lies_straight(const ps_lane *lane, int64_t first, int64_t last)
{
    const int64_t slack = PS_WINDOW_SLACK_BYTES / 2;
    const int64_t low = lane->looping && lane->wrapped ? lane->loop_start : lane->start;
    const int64_t end = lane->looping ? lane->loop_end : lane->end;

    return !lane->low_data && first >= low && last < end && first >= slack &&
           last + slack < (int64_t)lane->data_frames;
}

/* The frames that fit into a window, at most `frames`; *last is the last source frame they read. */
static uint32_t fit(const ps_lane *lane, ps_stride stride, int64_t least, int64_t after,
                    uint32_t frames, int64_t *last)
{
    uint32_t count = frames;

    for (;;) {
        const uint64_t distance = ps_stride_distance(stride, count);

        *last = (int64_t)((lane->position + distance) >> 32) + after;
        if (*last - least < PS_WINDOW_FRAMES)
            return count;
        count = (count + 1) / 2;
    }
}

/* Puts the window together, part by part when it would be too long. */
static void read_copied(ps_lane *lane, ps_stride stride, const ps_lane_reader *reader,
                        ps_window *window, const float *sinc, float *strip, uint32_t frames)
{
    const int64_t before = reader->before;

    while (frames > 0) {
        const int64_t first = (int64_t)(lane->position >> 32) - before;
        ps_reading reading = {NULL, lane->position & (ONE - 1), stride.step, stride.step_change,
                              sinc};
        int64_t last;
        const uint32_t count = fit(lane, stride, first, reader->after, frames, &last);

        if (lane->low_data) {
            float *copy = window->samples + PS_WINDOW_MARGIN;

            copy_24(copy, lane, first, (uint32_t)(last - first + 1));
            reading.window = (const uint8_t *)(copy + before);
            reader->read_float(strip, &reading, count);
        } else {
            uint8_t *copy = (uint8_t *)window->samples + 4 * PS_WINDOW_MARGIN;

            copy_16(copy, lane, first, (uint32_t)(last - first + 1));
            reading.window = copy + 2 * before;
            reader->read16(strip, &reading, count);
        }
        ps_lane_advance(lane, ps_stride_distance(stride, count));
        stride.step += (uint64_t)(stride.step_change * (int64_t)count);
        strip += count;
        frames -= count;
    }
}

void ps_lane_read(ps_lane *lane, ps_stride stride, const ps_lane_reader *reader, ps_window *window,
                  const float *sinc, float *strip, uint32_t frames)
{
    const uint64_t position = lane->position;
    const uint64_t distance = ps_stride_distance(stride, frames);
    const int64_t at = (int64_t)(position >> 32);

    if (lies_straight(lane, at - reader->before,
                      (int64_t)((position + distance) >> 32) + reader->after)) {
        const ps_reading reading = {lane->data + 2 * at, position & (ONE - 1), stride.step,
                                    stride.step_change, sinc};

        reader->read16(strip, &reading, frames);
        ps_lane_advance(lane, distance);
    } else {
        read_copied(lane, stride, reader, window, sinc, strip, frames);
    }
}
