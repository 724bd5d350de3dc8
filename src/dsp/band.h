/*
 * The low band of a stereo signal: what a Butterworth low-pass of order 4 leaves of it, run
 * forwards and then backwards, from a window of the signal around each chunk. Or its mirror image,
 * the top band: the same filter with the spectrum turned around.
 *
 * A band much narrower than the rate is filtered at a fraction of the rate:
 *
 *      signal ─► B-spline ─► 1 of M ─► two-sided recursion ─► correction ─► M of 1 ─► B-spline
 *
 * The B-spline is six running means of M frames: its zeros of order six at the multiples of
 * rate / M take out what would fold onto so narrow a band, and the correction makes good what two
 * of them take from the band itself. The recursion is the filter's own impulse response at every
 * M-th frame (dsp/butterworth.h). All of it within 4e-7 of the signal's peak.
 */
#ifndef PLAINSONG_DSP_BAND_H
#define PLAINSONG_DSP_BAND_H

#include <stdbool.h>
#include <stdint.h>

#include "base/row.h"
#include "plainsong/memory.h"

/* The signal comes in runs of this many frames; chunks are made of whole runs. */
#define PS_BAND_RUN 256u

typedef struct ps_band ps_band;

/*
 * cutoff_hz: of the low-pass (top: of the high-pass, counted down from rate / 2), at most rate / 4
 * chunk_frames: a multiple of PS_BAND_RUN
 *
 * NULL when memory is out.
 */
ps_band *PS_ROW(ps_band_create)(double cutoff_hz, bool top, double rate_hz, uint32_t chunk_frames,
                                const ps_allocator *allocator);
void PS_ROW(ps_band_destroy)(ps_band *band);

/*
 * A chunk from frame `first` on needs the runs from first - reach up to first + chunk + reach; the
 * rest of the signal would change it by less than 1e-7 of its peak. A multiple of PS_BAND_RUN.
 */
uint32_t PS_ROW(ps_band_reach)(const ps_band *band);

/* The next run to come is the first of a chunk's window; what came before is forgotten. */
void PS_ROW(ps_band_restart)(ps_band *band);

/* One more run of the signal. */
void PS_ROW(ps_band_add)(ps_band *band, const float *left, const float *right);

/* Makes the band of the chunk whose window has come, and moves on to the next chunk: its window
   begins chunk_frames later. */
void PS_ROW(ps_band_chunk)(ps_band *band);

/* To one run of that chunk, 0 being its first, adds the band, times a gain. left, right: receive
   that; they may be from_left and from_right. */
void PS_ROW(ps_band_run)(const ps_band *band, uint32_t run, const float *from_left,
                         const float *from_right, float *left, float *right, float gain);

/* Whether the band is narrow enough to be filtered at a fraction of the rate. */
bool PS_ROW(ps_band_is_narrow)(const ps_band *band);

#endif
