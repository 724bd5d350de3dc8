/* Files that stand in a document as "data:audio/wav;base64,..." (RFC 2397). */
#ifndef PLAINSONG_EDGE_DATA_URL_H
#define PLAINSONG_EDGE_DATA_URL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "plainsong/status.h"

/* Whether a path is one: "data:" in any case, blanks before it allowed. */
bool ps_is_data_url(const char *path);

/*
 * Decodes what stands behind the first comma as base64 (RFC 4648), whatever media type is named;
 * blanks are stepped over, padding may be missing. PS_BAD_DATA for anything else. Free the bytes
 * with ps_free(NULL, bytes).
 */
ps_status ps_data_url_decode(uint8_t **bytes, size_t *size_bytes, const char *url, ps_error *err);

#endif
