/*
 * Tags of MP3 files: ID3v2.4 (id3.org). Made here because libsndfile hands UTF-8 on to an encoder
 * that takes it for Latin-1.
 */
#include "id3.h"

#include <string.h>

#include "audio_writer.h"

#define HEADER_BYTES    10u /* of the tag, and of each frame */
#define TEXT_MOST_BYTES (1u << 20)
#define COMMENT_BYTES   4u /* language and the end of an empty description */

/* Numbers have seven bits in each byte, so that they never look like the start of an MP3 frame. */
static uint8_t *put_size(uint8_t *at, size_t size)
{
    for (int shift = 21; shift >= 0; shift -= 7)
        *at++ = (uint8_t)(size >> shift & 0x7f);
    return at;
}

static uint8_t *put_frame(uint8_t *at, ps_tag_key key, const char *value)
{
    static const char *const ids[PS_TAG_KEYS] = {
        [PS_TAG_TITLE] = "TIT2",     [PS_TAG_ARTIST] = "TPE1",   [PS_TAG_ALBUM] = "TALB",
        [PS_TAG_COMMENT] = "COMM",   [PS_TAG_DATE] = "TDRC",     [PS_TAG_GENRE] = "TCON",
        [PS_TAG_COPYRIGHT] = "TCOP", [PS_TAG_SOFTWARE] = "TSSE", [PS_TAG_TRACKNUMBER] = "TRCK",
    };
    const size_t text_bytes = strlen(value);
    const bool comment = key == PS_TAG_COMMENT;

    memcpy(at, ids[key], 4);
    at = put_size(at + 4, 1 + (comment ? COMMENT_BYTES : 0) + text_bytes);
    *at++ = 0; /* flags */
    *at++ = 0;
    *at++ = 3; /* UTF-8 */
    if (comment) {
        memcpy(at, "und", COMMENT_BYTES);
        at += COMMENT_BYTES;
    }
    memcpy(at, value, text_bytes);
    return at + text_bytes;
}

ps_status ps_id3_make(uint8_t **bytes, size_t *size_bytes, const ps_audio_writer_options *options,
                      ps_error *err)
{
    static const uint8_t header[] = {'I', 'D', '3', 4, 0, 0};
    size_t room_bytes = HEADER_BYTES;
    uint8_t *at;

    *bytes = NULL;
    *size_bytes = 0;
    if (options->tag_count == 0)
        return PS_OK;
    for (size_t i = 0; i < options->tag_count; i++) {
        const size_t text_bytes = strlen(options->tags[i].value);

        if (text_bytes > TEXT_MOST_BYTES || room_bytes > TEXT_MOST_BYTES)
            return ps_fail(err, PS_BAD_ARGUMENT, "mp3: tags of more than %u bytes",
                           TEXT_MOST_BYTES);
        room_bytes += HEADER_BYTES + 1 + COMMENT_BYTES + text_bytes;
    }
    *bytes = ps_alloc(NULL, 1, room_bytes);
    if (!*bytes)
        return ps_fail(err, PS_NO_MEMORY, "out of memory");
    memcpy(*bytes, header, sizeof header);
    at = *bytes + HEADER_BYTES;
    for (size_t i = 0; i < options->tag_count; i++)
        at = put_frame(at, ps_tag_key_of(options->tags[i].key), options->tags[i].value);
    *size_bytes = (size_t)(at - *bytes);
    put_size(*bytes + sizeof header, *size_bytes - HEADER_BYTES);
    return PS_OK;
}
