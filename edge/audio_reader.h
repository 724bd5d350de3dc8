/* What the edge shares about reading audio files. */
#ifndef PLAINSONG_EDGE_AUDIO_READER_H
#define PLAINSONG_EDGE_AUDIO_READER_H

#include "plainsong/source.h"

/* Why libsndfile did not open a file: its words, as ours are. */
ps_status ps_fail_sndfile(ps_error *err, const char *path);

/*
 * ps_audio_file_source of a file in memory.
 *
 * bytes: from ps_alloc(NULL, ...); the source's from now on, also when it fails
 * name:  for messages
 * rate_hz: > 0
 */
ps_status ps_audio_bytes_source(ps_source **out, uint8_t *bytes, size_t size_bytes,
                                const char *name, double rate_hz, ps_error *err);

#endif
