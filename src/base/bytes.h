/*
 * Bounds-checked reading of bytes from outside. A reader that runs past its end gives zeros and
 * remembers it in `short_of_bytes`, so that a parser can read a whole record and check once.
 */
#ifndef PLAINSONG_BASE_BYTES_H
#define PLAINSONG_BASE_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct ps_bytes {
    const uint8_t *start; /* of the whole input, for offsets */
    const uint8_t *at;
    const uint8_t *end;
    bool short_of_bytes;
} ps_bytes;

static inline ps_bytes ps_bytes_of(const uint8_t *bytes, size_t size_bytes)
{
    const ps_bytes reader = {bytes, bytes, bytes + size_bytes, false};

    return reader;
}

static inline size_t ps_bytes_left(const ps_bytes *reader)
{
    return (size_t)(reader->end - reader->at);
}

/* Offset of the next byte in the whole input. */
static inline uint64_t ps_bytes_offset(const ps_bytes *reader)
{
    return (uint64_t)(reader->at - reader->start);
}

/* The next size_bytes bytes, or NULL (and short_of_bytes) when there are fewer. */
static inline const uint8_t *ps_bytes_take(ps_bytes *reader, size_t size_bytes)
{
    const uint8_t *taken = reader->at;

    if (size_bytes > ps_bytes_left(reader)) {
        reader->short_of_bytes = true;
        reader->at = reader->end;
        return NULL;
    }
    reader->at += size_bytes;
    return taken;
}

static inline uint8_t ps_bytes_u8(ps_bytes *reader)
{
    const uint8_t *b = ps_bytes_take(reader, 1);

    return b ? b[0] : 0;
}

static inline uint16_t ps_bytes_u16_be(ps_bytes *reader)
{
    const uint8_t *b = ps_bytes_take(reader, 2);

    if (!b)
        return 0;
    return (uint16_t)(b[0] << 8 | b[1]);
}

static inline uint32_t ps_bytes_u32_be(ps_bytes *reader)
{
    const uint8_t *b = ps_bytes_take(reader, 4);

    return b ? (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3] : 0;
}

static inline uint16_t ps_bytes_u16_le(ps_bytes *reader)
{
    const uint8_t *b = ps_bytes_take(reader, 2);

    if (!b)
        return 0;
    return (uint16_t)(b[1] << 8 | b[0]);
}

static inline uint32_t ps_bytes_u32_le(ps_bytes *reader)
{
    const uint8_t *b = ps_bytes_take(reader, 4);

    return b ? (uint32_t)b[3] << 24 | (uint32_t)b[2] << 16 | (uint32_t)b[1] << 8 | b[0] : 0;
}

/* Little-endian records at a place already checked. */
static inline uint16_t ps_get_u16_le(const uint8_t *b)
{
    return (uint16_t)(b[1] << 8 | b[0]);
}

static inline uint32_t ps_get_u32_le(const uint8_t *b)
{
    return (uint32_t)b[3] << 24 | (uint32_t)b[2] << 16 | (uint32_t)b[1] << 8 | b[0];
}

#endif
