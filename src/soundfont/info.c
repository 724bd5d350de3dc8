/* INFO: texts of unknown encoding in, UTF-8 out. */
#include "soundfont/info.h"

#include <string.h>

#include "base/bytes.h"

#define LONGEST_TEXT_BYTES 65536u /* SF2 5.10: comments; the others 256 */

void ps_info_begin(ps_soundfont_info *info)
{
    info->name = info->author = info->copyright = info->comment = "";
    info->engine = info->date = info->product = info->tool = "";
}

/* Bytes of the UTF-8 character that begins at text, or 0 when none does (RFC 3629, section 4). */
static size_t utf8_bytes(const uint8_t *text, size_t left)
{
    const uint8_t first = text[0];
    const size_t size = first < 0x80                    ? 1
                        : first >= 0xc2 && first < 0xe0 ? 2
                        : first >= 0xe0 && first < 0xf0 ? 3
                        : first >= 0xf0 && first < 0xf5 ? 4
                                                        : 0;

    if (size == 0 || size > left)
        return 0;
    for (size_t i = 1; i < size; i++) {
        if ((text[i] & 0xc0) != 0x80)
            return 0;
    }
    if ((first == 0xe0 && text[1] < 0xa0) || (first == 0xed && text[1] > 0x9f) ||
        (first == 0xf0 && text[1] < 0x90) || (first == 0xf4 && text[1] > 0x8f))
        return 0;
    return size;
}

static size_t text_length(const uint8_t *text, size_t most)
{
    size_t length = 0;

    while (length < most && text[length] != '\0')
        length++;
    while (length > 0 && text[length - 1] == ' ')
        length--;
    return length;
}

void ps_bank_name(char name[21], const uint8_t *field)
{
    const size_t length = text_length(field, 20);
    size_t at = 0;

    while (at < length) {
        const size_t size = utf8_bytes(field + at, length - at);

        memcpy(name + at, field + at, size > 0 ? size : 1);
        if (size == 0 || field[at] < 0x20 || field[at] == 0x7f)
            name[at] = '?';
        at += size > 0 ? size : 1;
    }
    name[length] = '\0';
}

static bool is_utf8(const uint8_t *text, size_t length)
{
    size_t at = 0, size;

    while (at < length && (size = utf8_bytes(text + at, length - at)) > 0)
        at += size;
    return at == length;
}

/* Texts that are not UTF-8 are taken for Latin-1. Control characters but line ends and tabs become
   spaces: the text may go to a terminal. NULL when there is no memory. */
static const char *read_text(ps_arena *arena, const ps_chunk *chunk)
{
    const size_t most =
        chunk->size_bytes < LONGEST_TEXT_BYTES ? chunk->size_bytes : LONGEST_TEXT_BYTES;
    const size_t length = text_length(chunk->body, most);
    const bool utf8 = is_utf8(chunk->body, length);
    char *text = ps_arena_alloc(arena, 2 * length + 1, 1);
    size_t to = 0;

    for (size_t from = 0; text && from < length; from++) {
        const uint8_t byte = chunk->body[from];

        if (byte >= 0x80 && !utf8) {
            text[to++] = (char)(0xc0 | byte >> 6);
            text[to++] = (char)(0x80 | (byte & 0x3f));
        } else {
            const bool control =
                (byte < 0x20 && byte != '\n' && byte != '\r' && byte != '\t') || byte == 0x7f;

            text[to++] = control ? ' ' : (char)byte;
        }
    }
    return text;
}

ps_status ps_info_read(ps_soundfont *bank, const ps_chunk *chunk)
{
    ps_soundfont_info *info = &bank->info;
    const struct {
        const char *id;
        const char **text;
    } texts[] = {
        {"INAM", &info->name},    {"IENG", &info->author}, {"ICOP", &info->copyright},
        {"ICMT", &info->comment}, {"isng", &info->engine}, {"ICRD", &info->date},
        {"IPRD", &info->product}, {"ISFT", &info->tool},
    };

    if (ps_chunk_is(chunk, "ifil") && chunk->size_bytes >= 4) {
        info->version_major = ps_get_u16_le(chunk->body);
        info->version_minor = ps_get_u16_le(chunk->body + 2);
    }
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        const char *text;

        if (!ps_chunk_is(chunk, texts[i].id))
            continue;
        text = read_text(&bank->arena, chunk);
        if (!text)
            return PS_NO_MEMORY;
        *texts[i].text = text;
    }
    return PS_OK;
}
