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
