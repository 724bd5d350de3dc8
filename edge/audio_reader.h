/* What the edge shares about reading audio files. */
#ifndef PLAINSONG_EDGE_AUDIO_READER_H
#define PLAINSONG_EDGE_AUDIO_READER_H

#include "plainsong/source.h"
#include "tally.h"

/* Why libsndfile did not open a file: its words, as ours are. */
ps_status ps_fail_sndfile(ps_error *err, const char *path);

/*
 * ps_audio_file_source, which counts in a tally what of the two channels that are heard is no
 * number; a frame counts when it is first read. tally: outlives the source; NULL: nobody counts.
 */
ps_status ps_audio_tallied_source(ps_source **out, const char *path, double rate_hz,
                                  ps_tally *tally, ps_error *err);

/*
 * The same of a file in memory.
 *
 * bytes: from ps_alloc(NULL, ...); the source's from now on, also when it fails
 * name:  for messages
 * rate_hz: > 0
 * file:  where to count; NULL: nowhere
 */
ps_status ps_audio_bytes_source(ps_source **out, uint8_t *bytes, size_t size_bytes,
                                const char *name, double rate_hz, ps_tally_file *file,
                                ps_error *err);

#endif
