/* Errors of the edge name their file and give the system's words. */
#include "fail.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

ps_status ps_fail_file(ps_error *err, ps_status status, const char *path, const char *format, ...)
{
    char words[sizeof err->text];
    va_list arguments;

    if (!err)
        return status;
    va_start(arguments, format);
    vsnprintf(words, sizeof words, format, arguments);
    va_end(arguments);
    ps_fail(err, status, "%s", words);
    ps_error_in(err, path);
    return status;
}

ps_status ps_fail_system(ps_error *err, ps_status status, const char *path, const char *verb,
                         int number)
{
    char buffer[128], words[128];

    if (!err)
        return status;
#ifdef __GLIBC__
    snprintf(words, sizeof words, "%s", strerror_r(number, buffer, sizeof buffer));
#else
    if (strerror_r(number, buffer, sizeof buffer) != 0)
        snprintf(buffer, sizeof buffer, "error %d", number);
    snprintf(words, sizeof words, "%s", buffer);
#endif
    if (!isupper((unsigned char)words[1])) /* "No space", but "RPC struct" */
        words[0] = (char)tolower((unsigned char)words[0]);
    return ps_fail_file(err, status, path, "cannot %s: %s", verb, words);
}

ps_status ps_fail_memory(ps_error *err, const char *path)
{
    return ps_fail_file(err, PS_NO_MEMORY, path, "out of memory");
}
