/* Letters and blanks of ASCII, whatever the locale. */
#ifndef PLAINSONG_BASE_ASCII_H
#define PLAINSONG_BASE_ASCII_H

#include <stdbool.h>
#include <stddef.h>

static inline char ps_ascii_lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static inline char ps_ascii_upper(char c)
{
    return c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
}

static inline bool ps_ascii_is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static inline bool ps_ascii_is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static inline bool ps_ascii_is_blank(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/* Whether two stretches of text are the same but for upper and lower case. */
static inline bool ps_ascii_equal_n(const char *a, const char *b, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if (ps_ascii_lower(a[i]) != ps_ascii_lower(b[i]))
            return false;
    return true;
}

#endif
