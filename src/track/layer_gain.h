/* The gain of the noise layer over time: one factor, two fades, and a line through given points. */
#ifndef PLAINSONG_TRACK_LAYER_GAIN_H
#define PLAINSONG_TRACK_LAYER_GAIN_H

#include "plainsong/track.h"

typedef struct ps_layer_corner {
    double frame, gain;
} ps_layer_corner;

typedef struct ps_layer_gain {
    double gain;
    uint64_t frames;            /* of what it is about: fade_out ends with it */
    uint64_t fade_in, fade_out; /* frames, straight, both ends included */
    ps_layer_corner *corners;   /* ascending; held constant outside; NULL: none */
    uint32_t count;
    uint32_t at; /* the corner last used: time goes forward */
} ps_layer_gain;

/* Reads what a track says of its noise, for `frames` frames at a rate. Points that are no pair of
   numbers, or go back in time, are left out. */
ps_status ps_layer_gain_make(ps_layer_gain *gain, const ps_track_noise *what, uint64_t frames,
                             double rate_hz, const ps_allocator *allocator, ps_error *err);
void ps_layer_gain_free(ps_layer_gain *gain, const ps_allocator *allocator);

/* The gain at a frame. */
double ps_layer_gain_at(ps_layer_gain *gain, uint64_t frame);

/* Whether it is the same in all frames first..first + count - 1. */
bool ps_layer_gain_is_steady(const ps_layer_gain *gain, uint64_t first, uint64_t count);

#endif
