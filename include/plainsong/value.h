/*
 * A value as documents hold them: null, flag, number, text, list or map. Plain data: build it as
 * initializers, or let a JSON reader of any kind make it.
 */
#ifndef PLAINSONG_VALUE_H
#define PLAINSONG_VALUE_H

#include <stdbool.h>
#include <stddef.h>

#include "plainsong/status.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum ps_value_kind {
    PS_VALUE_NULL,
    PS_VALUE_FLAG,
    PS_VALUE_NUMBER,
    PS_VALUE_TEXT,
    PS_VALUE_LIST,
    PS_VALUE_MAP,
} ps_value_kind;

typedef struct ps_value ps_value;

/** Everything it points to is borrowed: who takes a value over copies what it keeps. */
struct ps_value {
    ps_value_kind kind;
    double number;            /* NUMBER, finite; FLAG: 0 or 1 */
    const char *text;         /* TEXT, UTF-8 */
    size_t count;             /* LIST and MAP */
    const ps_value *members;  /* LIST and MAP: `count` of them */
    const char *const *names; /* MAP: the name of each member */
};

/** The member of a map with a name (the last one when a name occurs twice); NULL when there is
 * none, or the value is no map, or is NULL itself. */
PS_API const ps_value *ps_value_member(const ps_value *map, const char *name);

/** True for a missing value (NULL) and for a null. */
PS_API bool ps_value_is_null(const ps_value *value);

/**
 * The value as a number: a number, a flag (0, 1), or a text that spells one (" 1e2 "). False when
 * it is none of these or is not finite; *number is then untouched.
 */
PS_API bool ps_value_number(const ps_value *value, double *number);

/** Room for ps_number_text. */
#define PS_NUMBER_BYTES 32u

/**
 * Writes a number as JSON has it, in the fewest digits that read back the same: "44100", "-0.0",
 * "0.1", "1.5e-07", with a point whatever the locale; what is not finite is "null". Returns its
 * length.
 *
 * @param text room for PS_NUMBER_BYTES
 */
PS_API size_t ps_number_text(char *text, double number);

/** Receives the next bytes of a text. */
typedef void ps_text_put(void *user, const char *bytes, size_t count);

/**
 * Writes a text as JSON has it, with its quotes: what may not stand in one is escaped, and so are
 * control characters; a byte that belongs to no UTF-8 character becomes U+FFFD.
 */
PS_API void ps_text_quote(const char *text, ps_text_put *put, void *user);

/** True for a number that is not 0, a flag that is set, and a text, list or map that is not empty
 * (so also for the text "false"). */
PS_API bool ps_value_truth(const ps_value *value);

#ifdef __cplusplus
}
#endif

#endif
