/*
 * Measuring level: sample peak and loudness (ITU-R BS.1770-4, EBU R128).
 */
#ifndef PLAINSONG_LEVEL_H
#define PLAINSONG_LEVEL_H

#include "plainsong/audio.h"
#include "plainsong/engine.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct ps_meter ps_meter;

/** Makes a stereo meter. Memory is constant, however long the audio. */
PS_API ps_status ps_meter_create(ps_meter **out, ps_engine *engine, double rate_hz, ps_error *err);

/** NULL allowed. */
PS_API void ps_meter_destroy(ps_meter *meter);

/**
 * Measures a block; blocks of any size, in order. A sample that is not finite counts as silence.
 * Real-time safe.
 */
PS_API void ps_meter_add(ps_meter *meter, ps_block block);

typedef struct ps_levels {
    uint64_t frames;
    double peak;            /* largest absolute sample, linear */
    double rms;             /* of both channels, linear */
    double integrated_lufs; /* gated loudness; -INFINITY when silent or under 400 ms */
    double max_momentary_lufs;
} ps_levels;

/** The measures of everything added so far. */
PS_API void ps_meter_read(const ps_meter *meter, ps_levels *levels);

#ifdef __cplusplus
}
#endif

#endif
