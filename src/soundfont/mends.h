/*
 * What a reader of damaged files tells: each kind of damage once, with the place of its first
 * case and the number of further ones, so that a bank with ten thousand bad records gives one
 * line. When reading strictly, the first damage is the error.
 */
#ifndef PLAINSONG_SOUNDFONT_MENDS_H
#define PLAINSONG_SOUNDFONT_MENDS_H

#include <stdbool.h>

#include "plainsong/status.h"

#define PS_MEND_KINDS 32

typedef struct ps_mends {
    bool strict;
    ps_error *err;    /* of the reader's caller, may be NULL */
    ps_status status; /* PS_OK until strict reading met damage */
    uint32_t kinds;
    struct {
        const char *format; /* tells the kinds apart */
        ps_error first;
        uint32_t more;
    } kind[PS_MEND_KINDS];
} ps_mends;

void ps_mends_init(ps_mends *mends, bool strict, ps_error *err);

/* Damage that the reader mends; strict reading stops at the next look at mends->status. */
void ps_mends_add(ps_mends *mends, uint64_t offset_bytes, const char *format, ...) PS_PRINTF(3, 4);

/* Something the standard wants ignored, but the user may like to know; never an error. */
void ps_mends_remark(ps_mends *mends, uint64_t offset_bytes, const char *format, ...)
    PS_PRINTF(3, 4);

/* Hands everything on as warnings, in the order of their first cases. */
void ps_mends_report(const ps_mends *mends, const ps_warnings *warnings);

#endif
