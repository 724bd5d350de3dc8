/*
 * Content keys: what an output depends on, as a digest. Of an input its bytes and those of the
 * files it names, of the options all that can be heard or read in the output, of banks their bytes,
 * and the engine's version.
 */
#ifndef PLAINSONG_EDGE_BATCH_KEY_H
#define PLAINSONG_EDGE_BATCH_KEY_H

#include "gpu/digest.h"
#include "plainsong/render.h"

#define PS_BATCH_KEY_BYTES 33u

/* Everything in the request but the input, the output and the banks, and the version. The files
   that effects name are read. */
ps_status ps_batch_key_of_options(ps_digest *key, const ps_render_request *request, ps_error *err);

/* Appends a file's bytes, read in pieces. PS_NOT_FOUND, PS_CANNOT_READ. */
ps_status ps_batch_key_add_file(ps_digest *key, const char *path, ps_error *err);

/* Appends the files that a track's text names: every text in it that is one's name counts. A text
   that is no JSON names none. */
void ps_batch_key_add_named(ps_digest *key, const char *text, size_t text_bytes, const char *path);

/* Appends another digest. */
void ps_batch_key_add(ps_digest *key, ps_digest other);

/* 32 hexadecimal digits. */
void ps_batch_key_text(char text[PS_BATCH_KEY_BYTES], ps_digest key);

#endif
