/*
 * The top band of a stereo signal that is smooth but for a few kinks: what a zero-phase Butterworth
 * low-pass of order 4 takes away, when its cutoff is not far below half the rate.
 *
 * Up to signs that band is the eighth difference d of the signal, the filter's zeros, followed by
 * its poles: the answer a[n] of ps_two_sided_poles, turned around in frequency. So
 *
 *      |band| <= max |d| * sum |a|
 *
 * and frames whose eighth difference is small need not be looked at: those left out come to less
 * than 2.4e-7 (of full scale, not of the signal). d of a tone is (2 sin(w / 2))^8 of it, 2e-7 at
 * 1 kHz and 44.1 kHz, while a kink reaches a few frames. The others get an answer each.
 */
#ifndef PLAINSONG_DSP_TOP_BAND_H
#define PLAINSONG_DSP_TOP_BAND_H

#include <stdbool.h>
#include <stdint.h>

#include "base/row.h"
#include "plainsong/memory.h"

/* The signal comes, and the band is given out, in runs of this many frames. */
#define PS_TOP_BAND_RUN 256u

/* Frames on either side of a run that its differences look at. */
#define PS_TOP_BAND_MARGIN 4u

typedef struct ps_top_band ps_top_band;

/*
 * band_hz: of the low-pass, counted down from rate / 2; at most rate / 4
 * chunk_frames: a multiple of PS_TOP_BAND_RUN
 *
 * NULL when memory is out.
 */
ps_top_band *PS_ROW(ps_top_band_create)(double band_hz, double rate_hz, uint32_t chunk_frames,
                                        const ps_allocator *allocator);
void PS_ROW(ps_top_band_destroy)(ps_top_band *top);

/* Eighth differences up to this one count as small. */
float PS_ROW(ps_top_band_limit)(const ps_top_band *top);

/* A chunk needs what runs this many frames before and behind it say: so far, at most, is a kink
   heard. A multiple of PS_TOP_BAND_RUN. */
uint32_t PS_ROW(ps_top_band_reach)(const ps_top_band *top);

/* Begins a chunk anew: nothing is known of its surroundings. */
void PS_ROW(ps_top_band_begin)(ps_top_band *top);

/*
 * A run that has kinks or may have some, `first` frames from the start of the chunk (within reach
 * of it: it may lie before or behind). left, right: with PS_TOP_BAND_MARGIN frames in front of the
 * run and behind it. Runs that are not added have none.
 *
 * False when there are so many that it is better to filter all of the chunk; the band is then
 * worth nothing.
 */
bool PS_ROW(ps_top_band_add)(ps_top_band *top, int32_t first, const float *left,
                             const float *right);

/* A run of the chunk, 0 being its first, without the band. left, right: receive that; they may be
   from_left and from_right. */
void PS_ROW(ps_top_band_take)(const ps_top_band *top, uint32_t run, const float *from_left,
                              const float *from_right, float *left, float *right);

#endif
