/* Letters and blanks of ASCII, whatever the locale. */
#ifndef PLAINSONG_BASE_ASCII_H
#define PLAINSONG_BASE_ASCII_H

#include <stdbool.h>

static inline char ps_ascii_lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static inline char ps_ascii_upper(char c)
{
    return c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
}

static inline bool ps_ascii_is_blank(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

#endif
