/*
 * Reading a line of samples at delays that are no whole numbers, after the reference: by the place
 * in a ring of samples, whose whole part takes the first tap and whose fraction is given to the
 * next older one. As the fraction counts from the older neighbour to the newer, this is no proper
 * interpolation: the true delay is a sawtooth about the wanted one, and the weights of four taps
 * sum to 1/2 at the fraction 0 and to nothing at 1.
 *
 * Where a delay is a whole number, its rounding says which samples are read. So the places are
 * computed as the reference does, to the last bit, though the samples lie in no ring here.
 */
#ifndef PLAINSONG_DSP_TAPS_H
#define PLAINSONG_DSP_TAPS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/row.h"

#define PS_TAPS_RUN  256u /* most frames at a time */
#define PS_TAPS_PAST 4u   /* frames beyond the age that are read */

/* Frame i reads line[i - age[i] - k] times weight[k][i]. */
typedef struct ps_taps {
    int32_t age[PS_TAPS_RUN]; /* 0..ring */
    float weight[4][PS_TAPS_RUN];
} ps_taps;

/*
 * ring:  length of the reference's ring, a whole number under 2^24
 * at:    place in the ring from which the first frame's delay counts, below ring; one further for
 *        every frame
 * delay: of each frame, 0 up to ring, in frames
 */
void PS_ROW(ps_taps_place)(ps_taps *taps, double ring, double at, const double *delay,
                           uint32_t frames);

/* After placing: the weights of two taps, or of four. */
void PS_ROW(ps_taps_weigh)(ps_taps *taps, bool four, uint32_t frames);

/* Reads the frames from..to-1 into z; line is where frame 0 counts its delay from. */
void PS_ROW(ps_taps_read)(const ps_taps *taps, bool four, float *z, const float *line,
                          uint32_t from, uint32_t to);

#endif
