/*
 * The chunks of a RIFF file of form RMID (RP-029): "data" holds a MIDI file, LIST INFO texts; a
 * bank of sounds for the piece may follow and is left alone.
 */
#include "midi/rmid.h"

#include <string.h>

#include "base/bytes.h"

bool ps_is_rmid(const uint8_t *bytes, size_t size_bytes)
{
    return size_bytes >= 12 && memcmp(bytes, "RIFF", 4) == 0 && memcmp(bytes + 8, "RMID", 4) == 0;
}

/* A chunk's bytes; those that are there when its length runs past the end. */
static const uint8_t *chunk_bytes(ps_bytes *reader, size_t *size_bytes, ps_mender *mender)
{
    const uint8_t *id = ps_bytes_take(reader, 4);
    const uint32_t said_bytes = ps_bytes_u32_le(reader);
    const uint8_t *bytes = reader->at;

    *size_bytes = said_bytes;
    if (said_bytes > ps_bytes_left(reader)) {
        *size_bytes = ps_bytes_left(reader);
        if (!ps_mend(mender, id, "RIFF chunk of %u bytes, but only %zu are left",
                     (unsigned)said_bytes, *size_bytes))
            return NULL;
    }
    ps_bytes_take(reader, *size_bytes);
    if (*size_bytes & 1u && ps_bytes_left(reader) > 0)
        ps_bytes_take(reader, 1); /* chunks are padded to even lengths */
    return bytes;
}

static bool read_info(ps_rmid *rmid, const uint8_t *bytes, size_t size_bytes, ps_mender *mender)
{
    ps_bytes reader = ps_bytes_of(bytes, size_bytes);

    while (ps_bytes_left(&reader) >= 8) {
        const uint8_t *id = reader.at;
        size_t text_bytes;
        const uint8_t *text = chunk_bytes(&reader, &text_bytes, mender);

        if (!text)
            return false;
        if (memcmp(id, "INAM", 4) == 0) {
            rmid->title = text;
            rmid->title_bytes = text_bytes;
        } else if (memcmp(id, "ICOP", 4) == 0) {
            rmid->copyright = text;
            rmid->copyright_bytes = text_bytes;
        }
    }
    return true;
}

/* Not damage, so not refused either: only said. */
static void tell_of_bank(const uint8_t *at, ps_mender *mender)
{
    ps_warn_at(mender->warnings, PS_UNSUPPORTED, (uint64_t)(at - mender->start),
               "midi: the bank of sounds inside the RMID file is not used");
}

bool ps_rmid_read(ps_rmid *rmid, const uint8_t *bytes, size_t size_bytes, ps_mender *mender)
{
    ps_bytes reader = ps_bytes_of(bytes, size_bytes);

    memset(rmid, 0, sizeof *rmid);
    ps_bytes_take(&reader, 12);
    while (ps_bytes_left(&reader) >= 8) {
        const uint8_t *id = reader.at;
        size_t chunk_size_bytes;
        const uint8_t *chunk = chunk_bytes(&reader, &chunk_size_bytes, mender);
        const bool is_list = memcmp(id, "LIST", 4) == 0 || memcmp(id, "RIFF", 4) == 0;

        if (!chunk)
            return false;
        if (memcmp(id, "data", 4) == 0 && !rmid->data) {
            rmid->data = chunk;
            rmid->data_bytes = chunk_size_bytes;
        } else if (is_list && chunk_size_bytes >= 4 && memcmp(chunk, "INFO", 4) == 0) {
            if (!read_info(rmid, chunk + 4, chunk_size_bytes - 4, mender))
                return false;
        } else if (is_list && chunk_size_bytes >= 4 &&
                   (memcmp(chunk, "DLS ", 4) == 0 || memcmp(chunk, "sfbk", 4) == 0)) {
            tell_of_bank(id, mender);
        }
    }
    return true;
}
