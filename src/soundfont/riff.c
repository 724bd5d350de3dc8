/* Walks the chunks of a RIFF file. */
#include "soundfont/riff.h"

#include <string.h>

/* SF2 4: every id a bank may have. */
static const char ids[][5] = {
    "LIST", "INFO", "sdta", "pdta", "ifil", "isng", "INAM", "irom", "iver",
    "ICRD", "IENG", "IPRD", "ICOP", "ICMT", "ISFT", "smpl", "sm24", "phdr",
    "pbag", "pmod", "pgen", "inst", "ibag", "imod", "igen", "shdr", "DMOD",
};

static bool is_known_id(const uint8_t *at, size_t left)
{
    for (size_t i = 0; left >= 4 && i < sizeof ids / sizeof ids[0]; i++) {
        if (memcmp(at, ids[i], 4) == 0)
            return true;
    }
    return false;
}

static bool is_id(const uint8_t *at)
{
    for (int i = 0; i < 4; i++) {
        if (at[i] < 0x20 || at[i] > 0x7e)
            return false;
    }
    return true;
}

bool ps_riff_next(ps_bytes *reader, ps_chunk *chunk)
{
    if (ps_bytes_left(reader) < 8 || !is_id(reader->at))
        return false;
    memcpy(chunk->id, ps_bytes_take(reader, 4), 4);
    chunk->id[4] = '\0';
    chunk->said_bytes = ps_bytes_u32_le(reader);
    chunk->size_bytes = ps_bytes_left(reader);
    if (chunk->size_bytes > chunk->said_bytes)
        chunk->size_bytes = (size_t)chunk->said_bytes;
    chunk->body = ps_bytes_take(reader, chunk->size_bytes);
    if (chunk->said_bytes % 2 == 1 && ps_bytes_left(reader) > 0 &&
        !is_known_id(reader->at, ps_bytes_left(reader)))
        ps_bytes_take(reader, 1);
    return true;
}

bool ps_chunk_is(const ps_chunk *chunk, const char *id)
{
    return memcmp(chunk->id, id, 4) == 0;
}

ps_bytes ps_chunk_reader(const ps_chunk *chunk, const ps_bytes *file, size_t from)
{
    const size_t skip = from < chunk->size_bytes ? from : chunk->size_bytes;
    const ps_bytes reader = {file->start, chunk->body + skip, chunk->body + chunk->size_bytes,
                             false};

    return reader;
}
