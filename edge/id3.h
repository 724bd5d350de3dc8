/* Tags of MP3 files: ID3v2.4, in UTF-8. */
#ifndef PLAINSONG_EDGE_ID3_H
#define PLAINSONG_EDGE_ID3_H

#include "plainsong/file.h"

/*
 * Makes the tag that goes before the first MP3 frame; *bytes is the caller's (ps_free), NULL when
 * there are no tags. PS_NO_MEMORY; PS_BAD_ARGUMENT when the texts are longer than a tag may be.
 */
ps_status ps_id3_make(uint8_t **bytes, size_t *size_bytes, const ps_audio_writer_options *options,
                      ps_error *err);

#endif
