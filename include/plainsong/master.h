/*
 * Automatic mastering: listens to a piece, then makes the chain that brings it to a spectrum and a
 * loudness.
 *
 *      eq (five broad bands) | multiband (gentle) | gain | limiter (true peak)
 *
 * The target spectrum is that of commercial recordings, in third-octave bands: rising 4 dB an
 * octave to 63 Hz, level to 100 Hz, falling 2 dB an octave to 4 kHz and 4 dB beyond (P. D. Pestana,
 * Z. Ma, J. D. Reiss, A. Barbosa, D. A. A. Black, "Spectral characteristics of popular commercial
 * recordings 1950-2010", AES Convention 135, 2013: some 5 dB an octave in power density).
 */
#ifndef PLAINSONG_MASTER_H
#define PLAINSONG_MASTER_H

#include "plainsong/effect.h"
#include "plainsong/level.h"
#include "plainsong/source.h"

#ifdef __cplusplus
extern "C" {
#endif

#define PS_MASTER_BANDS 5u

typedef struct ps_master_options {
    double lufs;         /* integrated loudness to reach, -40..-5 */
    double true_peak_db; /* what no true peak may pass, -20..0 dBTP */
    double strength;     /* share of the way to the target spectrum that is gone, 0..1 */
    double most_db;      /* the most a band of the equalizer may change, 0..12 dB */
    /** Told 0..1 of the work; false stops it. NULL allowed. */
    bool (*progress)(void *user, double done);
    void *user;
} ps_master_options;

/** -14 LUFS, -1 dBTP, 0.5, 4 dB. */
PS_API ps_master_options ps_master_defaults(void);

typedef struct ps_master_report {
    ps_levels before, after;         /* `after`: as the chain leaves it */
    double band_hz[PS_MASTER_BANDS]; /* of the equalizer */
    double band_db[PS_MASTER_BANDS];
    double off_before_db, off_after_db; /* root mean square of the distance to the target spectrum,
                                           over the bands that sound */
    double gain_db;                     /* into the limiter */
    bool reached;                       /* the loudness is within 0.5 LU of what was asked for */
} ps_master_report;

/**
 * Makes the chain for a source, which is played from frame 0 three to seven times and left where it
 * ends.
 *
 * A piece that is silent gets an empty chain. PS_UNSUPPORTED for an endless source, PS_CANCELLED
 * when progress said so.
 */
PS_API ps_status ps_master_make(ps_chain **out, ps_master_report *report, ps_engine *engine,
                                ps_source *source, const ps_master_options *options, ps_error *err);

#ifdef __cplusplus
}
#endif

#endif
