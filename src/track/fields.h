/*
 * The maps of a document: fields found under any of their spellings, what is left over, where
 * everything stands, and words about what cannot be used.
 *
 * Reading goes on after a warning. What ends it (an error, or in strict reading a warning) is kept
 * in the reading, whose status every step of the reader asks.
 */
#ifndef PLAINSONG_TRACK_FIELDS_H
#define PLAINSONG_TRACK_FIELDS_H

#include "base/arena.h"
#include "plainsong/track.h"

/* Longest length and latest time of anything: 300 years, whose frames every rate can count. */
#define PS_TRACK_SECONDS_MAX 1e10

typedef struct ps_reading {
    const ps_track_read_options *options;
    ps_arena scratch; /* what is put together while reading */
    ps_status status;
    ps_error *err;  /* NULL allowed */
    uint32_t notes; /* warnings so far */
} ps_reading;

/* A place: a member of the map or list that `up` is. */
typedef struct ps_where {
    const struct ps_where *up; /* NULL: the document */
    const char *name;          /* of a map's member; NULL: a list's */
    size_t index;
} ps_where;

/* "progression[2].voices[0].params.beatFreq"; a name with other letters than those of names is
   quoted: params["beat freq"]. Cut when it is too long. */
void ps_where_text(const ps_where *where, char *text, size_t bytes);

/* Ends the reading with PS_BAD_DATA. */
void ps_refuse(ps_reading *r, const ps_where *where, const char *format, ...) PS_PRINTF(3, 4);

/* Ends it with PS_NO_MEMORY. */
void ps_refuse_memory(ps_reading *r);

/* A warning, in strict reading the end. nearest: what may have been meant, "" or NULL. */
void ps_note(ps_reading *r, const ps_where *where, const char *nearest, const char *format, ...)
    PS_PRINTF(4, 5);

/* Whether one more would be told: else checks for its sake can be left out. */
bool ps_notes_wanted(const ps_reading *r);

/* Whether something has been told since r->notes was `notes`. */
bool ps_told_since(const ps_reading *r, uint32_t notes);

static inline bool ps_reading_on(const ps_reading *r)
{
    return r->status == PS_OK;
}

/* "a list", "text", ...: what somebody wrote instead. */
const char *ps_value_words(const ps_value *value);

/* ---- Fields -------------------------------------------------------------------------------- */

/* A field of a kind of map. */
typedef struct ps_field {
    const char *spellings; /* "start start_time": the first that is there counts */
    bool kept_only;        /* known, without a meaning here: kept like what is unknown, not told */
} ps_field;

#define PS_FIELDS_MAX 32u

/* What a map holds of its fields. */
typedef struct ps_found {
    const ps_where *where; /* of the map */
    size_t map_count;      /* its members */
    const ps_value *values[PS_FIELDS_MAX];
    const char *names[PS_FIELDS_MAX]; /* the spelling it stood under; NULL: it is not there */
    ps_value rest;                    /* a map of all others, or null; borrowed and scratch */
    ps_value *rest_members;           /* what it points to, while it grows */
    const char **rest_names;
} ps_found;

/* Finds the fields; tells of names that are none, and of two spellings of one. */
void ps_fields_find(ps_reading *r, ps_found *found, const ps_value *map, const ps_where *where,
                    const ps_field *fields, size_t count);

/* Keeps a field that was found with the rest after all. */
void ps_fields_keep(ps_reading *r, ps_found *found, size_t field);

/* Where a field that was found stands. */
ps_where ps_found_where(const ps_found *found, size_t field);

/* A field as a number; when it is absent, or is told to be none, *number stays. */
void ps_found_number(ps_reading *r, const ps_found *found, size_t field, double *number);

/* The same within -most..most; and when it is none, or null, the reading ends. */
void ps_found_needed(ps_reading *r, const ps_found *found, size_t field, double *number,
                     double most);

/* A field as text: NULL when it is absent, null, empty, or is told to be none. */
const char *ps_found_text(ps_reading *r, const ps_found *found, size_t field);

/* A field as a list or map: NULL when it is absent, null, or is told to be none. */
const ps_value *ps_found_kind(ps_reading *r, const ps_found *found, size_t field,
                              ps_value_kind kind);

#endif
