/* Whole audio files in memory. */
#ifndef PLAINSONG_EDGE_RECORDING_H
#define PLAINSONG_EDGE_RECORDING_H

#include <sndfile.h>

#include "plainsong/audio.h"
#include "tally.h"

/*
 * Decodes an opened file and closes it. NULL: sf_open has failed, and that is said.
 * More than 2^28 samples are refused; a damaged file ends where the damage is. What is no number
 * becomes silence.
 *
 * tally: where that counts; NULL: nowhere
 */
ps_status ps_recording_read(ps_recording *out, SNDFILE *file, const SF_INFO *info, const char *name,
                            ps_tally_file *tally, ps_error *err);

/* Brings a recording to another rate, in place (libsoxr, high quality). */
ps_status ps_recording_resample(ps_recording *recording, double rate_hz, const char *name,
                                ps_error *err);

/* Frees the samples. */
void ps_recording_clear(ps_recording *recording);

#endif
