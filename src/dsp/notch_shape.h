/* The numbers of a notch as its loop wants them. */
#ifndef PLAINSONG_DSP_NOTCH_SHAPE_H
#define PLAINSONG_DSP_NOTCH_SHAPE_H

#include <stdbool.h>

#include "dsp/notch.h"

/* tan of half the frequency and of half the bandwidth, in radians per frame. */
typedef struct ps_notch_shape {
    double centre, width;
} ps_notch_shape;

/* False when the notch does nothing. */
bool ps_notch_shape_of(ps_notch_shape *shape, const ps_notch *notch, double rate_hz);

#endif
