/* JSON text to and from values. */
#ifndef PLAINSONG_EDGE_JSON_H
#define PLAINSONG_EDGE_JSON_H

#include <stddef.h>

#include "plainsong/status.h"
#include "plainsong/value.h"

/* What a text may have at most. A value costs some 200 bytes while it is read. */
#define PS_JSON_TEXT_MAX   ((size_t)256 << 20) /* bytes: clips stand in tracks as data */
#define PS_JSON_VALUES_MAX ((size_t)4 << 20)
#define PS_JSON_DEPTH_MAX  512u

typedef struct ps_json ps_json; /* a document in memory of its own */

/*
 * Reads a text (UTF-8, a byte order mark is allowed) as RFC 8259 has it. PS_BAD_DATA with line and
 * column when it is something else; NaN, infinities and numbers beyond double are refused. NULs
 * inside texts become U+FFFD. A name that occurs twice in one object is warned of (the first time
 * it happens): the last one counts.
 */
ps_status ps_json_read(ps_json **out, const char *text, size_t text_bytes,
                       const ps_warnings *warnings, ps_error *err);

/* Lives as long as the document. */
const ps_value *ps_json_value(const ps_json *json);

/* NULL allowed. */
void ps_json_free(ps_json *json);

/*
 * Writes a value as text with a line for each member, ended by a new line and a NUL that is not
 * counted. Numbers have as few digits as read back the same; bytes that are no UTF-8 become U+FFFD.
 * Free it with ps_free(NULL, text).
 */
ps_status ps_json_write(char **text, size_t *text_bytes, const ps_value *value, unsigned indent,
                        ps_error *err);

#endif
