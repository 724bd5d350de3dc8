/* Words for statuses, errors and warnings. */
#include "plainsong/status.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const char *ps_status_text(ps_status status)
{
    switch (status) {
    case PS_OK:
        return "success";
    case PS_NO_MEMORY:
        return "out of memory";
    case PS_BAD_ARGUMENT:
        return "argument out of range";
    case PS_BAD_DATA:
        return "damaged or foreign data";
    case PS_UNSUPPORTED:
        return "unsupported kind of data";
    case PS_NOT_FOUND:
        return "not found";
    case PS_CANNOT_READ:
        return "cannot read";
    case PS_CANNOT_WRITE:
        return "cannot write";
    case PS_CANCELLED:
        return "cancelled";
    }
    return "unknown status";
}

static void fill(ps_error *err, ps_status status, uint64_t offset_bytes, const char *format,
                 va_list arguments)
{
    memset(err, 0, sizeof *err);
    err->status = status;
    err->offset_bytes = offset_bytes;
    vsnprintf(err->text, sizeof err->text, format, arguments);
}

ps_status ps_fail(ps_error *err, ps_status status, const char *format, ...)
{
    if (err) {
        va_list arguments;

        va_start(arguments, format);
        fill(err, status, PS_NOWHERE, format, arguments);
        va_end(arguments);
    }
    return status;
}

ps_status ps_fail_at(ps_error *err, ps_status status, uint64_t offset_bytes, const char *format,
                     ...)
{
    if (err) {
        va_list arguments;

        va_start(arguments, format);
        fill(err, status, offset_bytes, format, arguments);
        va_end(arguments);
    }
    return status;
}

void ps_hint(ps_error *err, const char *format, ...)
{
    if (err) {
        va_list arguments;

        va_start(arguments, format);
        vsnprintf(err->hint, sizeof err->hint, format, arguments);
        va_end(arguments);
    }
}

void ps_error_in(ps_error *err, const char *path)
{
    const size_t length = strlen(path);

    if (!err || err->path[0] != '\0')
        return;
    if (length < sizeof err->path)
        memcpy(err->path, path, length + 1);
    else
        snprintf(err->path, sizeof err->path, "...%s", path + length - (sizeof err->path - 4));
}

void ps_error_line(const ps_error *err, const char *mark, char *line, size_t line_bytes)
{
    const char *text = err->text[0] != '\0' ? err->text : ps_status_text(err->status);
    const char *colon = err->path[0] != '\0' ? ": " : "";

    if (err->line > 0)
        snprintf(line, line_bytes, "%s:%u:%u: %s%s", err->path[0] != '\0' ? err->path : "line",
                 (unsigned)err->line, (unsigned)err->column, mark, text);
    else if (err->offset_bytes != PS_NOWHERE)
        snprintf(line, line_bytes, "%s%s%sbyte %llu: %s", err->path, colon, mark,
                 (unsigned long long)err->offset_bytes, text);
    else
        snprintf(line, line_bytes, "%s%s%s%s", err->path, colon, mark, text);
}

void ps_warn_at(const ps_warnings *warnings, ps_status status, uint64_t offset_bytes,
                const char *format, ...)
{
    ps_error warning;
    va_list arguments;

    if (!warnings || !warnings->add)
        return;
    va_start(arguments, format);
    fill(&warning, status, offset_bytes, format, arguments);
    va_end(arguments);
    warnings->add(warnings->user, &warning);
}
