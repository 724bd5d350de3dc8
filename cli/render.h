/* How `plainsong render` reads its own kinds of option values; apart for the tests and fuzzers. */
#ifndef PLAINSONG_CLI_RENDER_H
#define PLAINSONG_CLI_RENDER_H

#include "command.h"

#define RENDER_TAGS_MOST 32u

typedef struct render_level {
    ps_level_mode mode;
    double db;
} render_level;

typedef struct render_banks {
    char paths[PS_RENDER_BANKS][1024];
    uint32_t offsets[PS_RENDER_BANKS];
    uint32_t count;
} render_banks;

typedef struct render_tags {
    char keys[RENDER_TAGS_MOST][24];
    const char *values[RENDER_TAGS_MOST]; /* borrowed from the text */
    size_t count;
} render_tags;

/* "none", "fixed", "peak:-1", "true-peak:-1", "lufs:-16", "auto" into a render_level. */
ps_status render_parse_level(void *field, const char *text, ps_error *err);

/* "FILE" or "FILE@bank" into the next of a render_banks. A file of the whole name wins. */
ps_status render_parse_bank(void *field, const char *text, ps_error *err);

/* "key=value" into the next of a render_tags. */
ps_status render_parse_tag(void *field, const char *text, ps_error *err);

#endif
