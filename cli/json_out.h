/*
 * JSON written as it comes, without building it first. Numbers are written with a point whatever
 * the locale, as few digits as read back the same; NaN and infinity become null.
 *
 *      json_out j;
 *
 *      json_begin(&j, stdout);
 *      json_object(&j, NULL);
 *      json_text(&j, "name", "Song");
 *      json_array(&j, "levels");
 *      json_number(&j, NULL, -12.5);
 *      json_end(&j);
 *      json_end(&j);
 *      json_finish(&j);
 *
 * The key is NULL for the outermost value and for the elements of an array.
 */
#ifndef PLAINSONG_CLI_JSON_OUT_H
#define PLAINSONG_CLI_JSON_OUT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#define JSON_DEPTH_MOST 16

typedef struct json_out {
    FILE *file; /* borrowed */
    int depth;
    bool compact; /* all on one line */
    struct json_level {
        bool array;
        bool started; /* has a first member */
    } levels[JSON_DEPTH_MOST];
} json_out;

void json_begin(json_out *j, FILE *file);
/* The same, all on one line: for streams of JSON lines. */
void json_begin_compact(json_out *j, FILE *file);
void json_object(json_out *j, const char *key);
void json_array(json_out *j, const char *key);
/* Ends the innermost object or array. */
void json_end(json_out *j);
/* After the outermost value: the last line's end. */
void json_finish(json_out *j);

/* Bytes that are no UTF-8 become U+FFFD; NULL becomes null. */
void json_text(json_out *j, const char *key, const char *text);
void json_number(json_out *j, const char *key, double number);
void json_integer(json_out *j, const char *key, int64_t number);
void json_bool(json_out *j, const char *key, bool value);
void json_null(json_out *j, const char *key);

#endif
