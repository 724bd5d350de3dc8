/* Collects damage by kind and reports it. */
#include "soundfont/mends.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void ps_mends_init(ps_mends *mends, bool strict, ps_error *err)
{
    mends->strict = strict;
    mends->err = err;
    mends->status = PS_OK;
    mends->kinds = 0;
}

/* True when this is a further case of a kind already seen, now counted. */
static bool known(ps_mends *mends, const char *format)
{
    for (uint32_t i = 0; i < mends->kinds; i++) {
        if (mends->kind[i].format == format) {
            mends->kind[i].more++;
            return true;
        }
    }
    return mends->kinds == PS_MEND_KINDS;
}

static const ps_error *note(ps_mends *mends, uint64_t offset_bytes, const char *format,
                            va_list arguments)
{
    ps_error *first = &mends->kind[mends->kinds].first;

    mends->kind[mends->kinds].format = format;
    mends->kind[mends->kinds].more = 0;
    mends->kinds++;
    memset(first, 0, sizeof *first);
    first->status = PS_BAD_DATA;
    first->offset_bytes = offset_bytes;
    vsnprintf(first->text, sizeof first->text, format, arguments);
    return first;
}

void ps_mends_add(ps_mends *mends, uint64_t offset_bytes, const char *format, ...)
{
    const ps_error *first;
    va_list arguments;

    if (mends->status != PS_OK || known(mends, format))
        return;
    va_start(arguments, format);
    first = note(mends, offset_bytes, format, arguments);
    va_end(arguments);
    if (mends->strict)
        mends->status = ps_fail_at(mends->err, PS_BAD_DATA, offset_bytes, "%s", first->text);
}

void ps_mends_remark(ps_mends *mends, uint64_t offset_bytes, const char *format, ...)
{
    va_list arguments;

    if (mends->status != PS_OK || known(mends, format))
        return;
    va_start(arguments, format);
    note(mends, offset_bytes, format, arguments);
    va_end(arguments);
}

void ps_mends_report(const ps_mends *mends, const ps_warnings *warnings)
{
    for (uint32_t i = 0; i < mends->kinds; i++) {
        const ps_error *first = &mends->kind[i].first;
        const uint32_t more = mends->kind[i].more;

        if (more > 0)
            ps_warn_at(warnings, first->status, first->offset_bytes, "%s (and %u more)",
                       first->text, (unsigned)more);
        else
            ps_warn_at(warnings, first->status, first->offset_bytes, "%s", first->text);
    }
}
