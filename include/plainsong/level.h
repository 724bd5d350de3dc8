/*
 * Measuring level: peaks, mean square, loudness (ITU-R BS.1770-4, EBU R128); reaching one.
 */
#ifndef PLAINSONG_LEVEL_H
#define PLAINSONG_LEVEL_H

#include "plainsong/audio.h"
#include "plainsong/engine.h"

#ifdef __cplusplus
extern "C" {
#endif

/** ---- The meter ------------------------------------------------------------------------------ */

/**
 * What a meter measures besides frames, sample peak and what was not finite: a sum of these. The
 * rest costs nothing and reads NAN.
 */
enum {
    PS_MEASURE_RMS = 1,
    PS_MEASURE_LOUDNESS = 2, /* integrated, momentary, short-term, range */
    PS_MEASURE_TRUE_PEAK = 4,
    PS_MEASURE_ALL = 7,
};

typedef struct ps_meter ps_meter;

/**
 * Makes a meter for stereo or mono. Memory is constant, however long the audio.
 *
 * @param rate_hz  8000..192000
 * @param measures sum of PS_MEASURE_..., 0: peaks only
 */
PS_API ps_status ps_meter_create(ps_meter **out, ps_engine *engine, double rate_hz,
                                 uint32_t measures, ps_error *err);

/** NULL allowed. */
PS_API void ps_meter_destroy(ps_meter *meter);

/** Forgets all that was added. */
PS_API void ps_meter_reset(ps_meter *meter);

/**
 * Measures a block; blocks of any size, in order. block.right NULL: mono, then in all blocks. A
 * sample that is not finite (or beyond 2^60) counts as silence. Real-time safe.
 */
PS_API void ps_meter_add(ps_meter *meter, ps_block block);

/**
 * Says that silence follows. The true peak then knows how a signal that ends suddenly swings there;
 * without it, what lies between the last 24 frames is not looked at. Real-time safe.
 */
PS_API void ps_meter_end(ps_meter *meter);

typedef struct ps_levels {
    uint64_t frames;
    double peak;               /* largest absolute sample, linear */
    double rms;                /* of all channels, linear */
    double integrated_lufs;    /* gated loudness; -INFINITY when silent or under 400 ms */
    double max_momentary_lufs; /* of 400 ms, looked at every 10 ms */
    double true_peak; /* largest swing, also between samples, linear: see docs/effects.md */
    double max_short_term_lufs; /* of 3 s, looked at every 10 ms; -INFINITY under 3 s */
    double loudness_range_lu;   /* EBU Tech 3342; 0 when silent or under 3 s */
    uint64_t not_finite;        /* samples taken for silence */
} ps_levels;

/** The measures of everything added so far. */
PS_API void ps_meter_read(const ps_meter *meter, ps_levels *levels);

typedef struct ps_loudness_now {
    double momentary_lufs;  /* of the last 400 ms */
    double short_term_lufs; /* of the last 3 s */
} ps_loudness_now;

/**
 * For live meters: up to the last whole 10 ms, as if silence had come before the first frame.
 * Real-time safe; cheap enough for every block.
 */
PS_API void ps_meter_now(const ps_meter *meter, ps_loudness_now *now);

/** ---- Reaching a level ----------------------------------------------------------------------- */

typedef enum ps_level_mode {
    PS_LEVEL_AUTO,      /* MIDI: as it is; only if that would clip, a second pass at peak -1 dB.
                           Tracks: a peak of 0.25 (-12.04 dBFS), two passes */
    PS_LEVEL_NONE,      /* the mix as it is */
    PS_LEVEL_FIXED,     /* the mix times fixed_gain; of the levels only the peak is measured */
    PS_LEVEL_PEAK,      /* sample peak at level_db dBFS, two passes */
    PS_LEVEL_LUFS,      /* integrated loudness at level_db LUFS, two passes */
    PS_LEVEL_TRUE_PEAK, /* true peak at level_db dBTP, two passes */
} ps_level_mode;

/**
 * The linear gain that takes audio of these levels to a peak, true peak (dBFS) or loudness (LUFS).
 * 1 for the other modes, for silence, and when the level was not measured.
 */
PS_API double ps_level_gain(const ps_levels *levels, ps_level_mode mode, double target_db);

/**
 * Multiplies a block by a gain; block.right may be NULL. Returns the largest absolute sample that
 * comes out, if all are numbers. Real-time safe.
 */
PS_API float ps_amplify(const ps_engine *engine, ps_block block, float gain);

#ifdef __cplusplus
}
#endif

#endif
