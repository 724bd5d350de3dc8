/*
 * Walks the chunks of a RIFF file (SF2 3.1): id, size, body, and a pad byte after odd bodies.
 * Tools that write SF3 leave the pad byte out, so the next id decides whether there is one.
 */
#ifndef PLAINSONG_SOUNDFONT_RIFF_H
#define PLAINSONG_SOUNDFONT_RIFF_H

#include "base/bytes.h"

typedef struct ps_chunk {
    char id[5];
    const uint8_t *body;
    size_t size_bytes;   /* of the body as far as the file has it */
    uint64_t said_bytes; /* what the chunk says its size is */
} ps_chunk;

/* The next chunk of the reader; false when no further one begins there. Touches only the chunk's
   header and the few bytes after its body. */
bool ps_riff_next(ps_bytes *reader, ps_chunk *chunk);

/* Whether the chunk has this id. */
bool ps_chunk_is(const ps_chunk *chunk, const char *id);

/* A reader of the chunk's body from byte `from` on; offsets still count in the whole file. */
ps_bytes ps_chunk_reader(const ps_chunk *chunk, const ps_bytes *file, size_t from);

#endif
