/*
 * What went wrong, in a code and in words.
 *
 * Every function that can fail returns a ps_status and leaves its results in out-parameters, which
 * it does not touch on failure. A function that reads outside data also takes a ps_error as its
 * last parameter (NULL allowed) and fills it where the trouble is seen.
 */
#ifndef PLAINSONG_STATUS_H
#define PLAINSONG_STATUS_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define PS_PRINTF(format_index, first_index)                                                       \
    __attribute__((format(printf, format_index, first_index)))
#else
#define PS_PRINTF(format_index, first_index)
#endif

#if defined(PS_BUILDING_SHARED) && defined(__GNUC__)
#define PS_API __attribute__((visibility("default")))
#else
#define PS_API
#endif

typedef enum ps_status {
    PS_OK = 0,
    PS_NO_MEMORY,    /* an allocation failed; everything taken so far has been given back */
    PS_BAD_ARGUMENT, /* a value passed by the caller is outside its stated range */
    PS_BAD_DATA,     /* outside data is damaged or of another kind */
    PS_UNSUPPORTED,  /* outside data is well formed, but of a kind we do not handle */
    PS_NOT_FOUND,    /* no such file, preset, name */
    PS_CANNOT_READ,  /* the system refused to read */
    PS_CANNOT_WRITE, /* the system refused to write */
    PS_CANCELLED,    /* the caller's progress function asked to stop */
} ps_status;

/** "out of memory": lower case, no full stop, static; also for values that are no status. */
PS_API const char *ps_status_text(ps_status status);

/** offset_bytes of a ps_error that has no place in a file. */
#define PS_NOWHERE UINT64_MAX

/** An error or a warning, with its place when it has one. Plain data: copy it freely. */
typedef struct ps_error {
    ps_status status;
    uint64_t offset_bytes; /* in the input, or PS_NOWHERE */
    uint32_t line, column; /* in a text input, counted from 1; 0 when there is none */
    char text[240];        /* one line, lower case, no full stop: "smf: track 3 ends in a delta" */
    char hint[160];        /* what to do about it, or "" */
    char path[256];        /* the file meant, where a call has several; or "" */
} ps_error;

/** Fills *err (NULL allowed) without a place and without a hint; returns status. */
PS_API ps_status ps_fail(ps_error *err, ps_status status, const char *format, ...) PS_PRINTF(3, 4);

/** The same, with the byte of the input where the trouble lies. */
PS_API ps_status ps_fail_at(ps_error *err, ps_status status, uint64_t offset_bytes,
                            const char *format, ...) PS_PRINTF(4, 5);

/** Adds a hint to an error already filled (err NULL allowed). */
PS_API void ps_hint(ps_error *err, const char *format, ...) PS_PRINTF(2, 3);

/**
 * Names the file an error already filled is about (err NULL allowed). A file named before stays;
 * of a path too long for the field the end is kept.
 */
PS_API void ps_error_in(ps_error *err, const char *path);

/**
 * Writes the whole message on one line: "song.mid: byte 14: smf: ...", "track.json:3:7: ...", or
 * the text alone when nothing more is known. `mark` ("warning: ", "") goes behind the path.
 */
PS_API void ps_error_line(const ps_error *err, const char *mark, char *line, size_t line_bytes);

/**
 * Where warnings go: damage that was mended, things left out. A reader calls add once per warning,
 * on the thread that called the reader. The warning is borrowed for the call. A NULL ps_warnings,
 * or a NULL add, drops them.
 */
typedef struct ps_warnings {
    void (*add)(void *user, const ps_error *warning);
    void *user;
} ps_warnings;

/** Formats a warning and hands it on; status says what kind of trouble was mended. */
PS_API void ps_warn_at(const ps_warnings *warnings, ps_status status, uint64_t offset_bytes,
                       const char *format, ...) PS_PRINTF(4, 5);

#ifdef __cplusplus
}
#endif

#endif
