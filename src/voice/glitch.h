/*
 * Glitches: short bursts of noise that swell and stop at once, one after each interval.
 *
 * Burst k (1, 2, ...) ends k intervals after the start of the step. Its noise is white, then
 * weighted around a frequency by exp(-1/2 |(f - center) / width|^exponent), then scaled so that its
 * largest sample is 1; it rises in a straight line from 0 to its level. What it is depends on seed,
 * stream and k alone.
 */
#ifndef PLAINSONG_VOICE_GLITCH_H
#define PLAINSONG_VOICE_GLITCH_H

#include "base/row.h"
#include "voice/voice.h"

#define PS_GLITCH_OVERLAP_MAX 64u /* bursts that sound at once */
#define PS_GLITCH_FRAMES_MAX  ((size_t)1 << 22)

typedef struct ps_glitch_settings {
    double interval_sec, burst_sec, level;
    double center_hz, width_hz, exponent; /* width 0: white */
} ps_glitch_settings;

typedef struct ps_glitch ps_glitch;

/* *out is NULL when the settings make no burst in this step. PS_UNSUPPORTED for bursts that are too
   long or overlap too often. */
ps_status PS_ROW(ps_glitch_create)(ps_glitch **out, const ps_glitch_settings *settings,
                                   const ps_voice_setup *setup, ps_error *err);
void PS_ROW(ps_glitch_destroy)(ps_glitch *glitch);

/* Adds the frames from `first` on to both ears, in any order of calls. A burst is made when it is
   first asked for and kept until its place is needed. */
void PS_ROW(ps_glitch_add)(ps_glitch *glitch, float *left, float *right, uint64_t first,
                           uint32_t frames);

/* No sample is larger. */
double PS_ROW(ps_glitch_bound)(const ps_glitch *glitch);

#endif
