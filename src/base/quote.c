/* Texts as JSON writes them (RFC 8259). */
#include <stdio.h>
#include <string.h>

#include "plainsong/value.h"

/* Length of the UTF-8 character at s, 0 when it is none (RFC 3629: no surrogates, no overlong). */
static size_t utf8_length(const unsigned char *s)
{
    const unsigned lead = s[0];
    const size_t length = lead < 0x80                   ? 1
                          : lead >= 0xc2 && lead < 0xe0 ? 2
                          : lead >= 0xe0 && lead < 0xf0 ? 3
                          : lead >= 0xf0 && lead < 0xf5 ? 4
                                                        : 0;

    for (size_t i = 1; i < length; i++) {
        if ((s[i] & 0xc0) != 0x80)
            return 0;
    }
    if ((lead == 0xe0 && s[1] < 0xa0) || (lead == 0xed && s[1] > 0x9f) ||
        (lead == 0xf0 && s[1] < 0x90) || (lead == 0xf4 && s[1] > 0x8f))
        return 0;
    return length;
}

/* What must stand for a character of so many bytes; "" when it may stand itself. */
static void escape(char escaped[8], unsigned char c, size_t length)
{
    escaped[0] = '\0';
    if (length == 0)
        memcpy(escaped, "\\ufffd", 7);
    else if (c == '"' || c == '\\')
        snprintf(escaped, 8, "\\%c", c);
    else if (c == '\n')
        memcpy(escaped, "\\n", 3);
    else if (c < 0x20 || c == 0x7f)
        snprintf(escaped, 8, "\\u%04x", (unsigned)c);
}

void ps_text_quote(const char *text, ps_text_put *put, void *user)
{
    const char *run = text; /* what has not been put yet */

    put(user, "\"", 1);
    while (*text) {
        const size_t length = utf8_length((const unsigned char *)text);
        const char *next = text + (length > 0 ? length : 1);
        char escaped[8];

        escape(escaped, (unsigned char)*text, length);
        if (escaped[0] != '\0') {
            put(user, run, (size_t)(text - run));
            put(user, escaped, strlen(escaped));
            run = next;
        }
        text = next;
    }
    put(user, run, (size_t)(text - run));
    put(user, "\"", 1);
}
