/* Base64, four letters to three bytes. */
#include "data_url.h"

#include <string.h>

#include "plainsong/memory.h"

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

bool ps_is_data_url(const char *path)
{
    static const char scheme[] = "data:";
    size_t i = 0;

    while (is_blank(*path))
        path++;
    while (scheme[i] && (path[i] | 0x20) == (scheme[i] | 0x20))
        i++;
    return scheme[i] == '\0';
}

/* 0..63, or -1 for what is no letter of base64. */
static int value_of(char letter)
{
    if (letter >= 'A' && letter <= 'Z')
        return letter - 'A';
    if (letter >= 'a' && letter <= 'z')
        return letter - 'a' + 26;
    if (letter >= '0' && letter <= '9')
        return letter - '0' + 52;
    return letter == '+' ? 62 : letter == '/' ? 63 : -1;
}

/* Decodes to at most as many bytes as there are letters; returns their number, or SIZE_MAX. */
static size_t decode(uint8_t *bytes, const char *text)
{
    uint32_t bits = 0;
    unsigned letters = 0, padding = 0;
    size_t made = 0;

    for (; *text; text++) {
        const int value = value_of(*text);

        if (is_blank(*text))
            continue;
        if (*text == '=' && ++padding <= 2)
            continue;
        if (value < 0 || padding > 0)
            return SIZE_MAX;
        bits = bits << 6 | (uint32_t)value;
        if (++letters % 4 != 1)
            bytes[made++] = (uint8_t)(bits >> (letters % 4 == 2 ? 4 : letters % 4 == 3 ? 2 : 0));
    }
    return letters % 4 == 1 ? SIZE_MAX : made;
}

ps_status ps_data_url_decode(uint8_t **bytes, size_t *size_bytes, const char *url, ps_error *err)
{
    const char *comma = strchr(url, ',');
    uint8_t *decoded;

    if (!comma)
        return ps_fail(err, PS_BAD_DATA, "data: URL without a comma");
    decoded = ps_alloc(NULL, 1, strlen(comma));
    if (!decoded)
        return ps_fail(err, PS_NO_MEMORY, "out of memory");
    *size_bytes = decode(decoded, comma + 1);
    if (*size_bytes == SIZE_MAX || *size_bytes == 0) {
        ps_free(NULL, decoded);
        return ps_fail(err, PS_BAD_DATA,
                       *size_bytes == 0 ? "data: URL without data"
                                        : "data: URL that is not base64");
    }
    *bytes = decoded;
    return PS_OK;
}
