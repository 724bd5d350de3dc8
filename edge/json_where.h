/*
 * Where something stands in a JSON text: the parser keeps no places, so a path is followed through
 * the text anew when a message needs it.
 */
#ifndef PLAINSONG_EDGE_JSON_WHERE_H
#define PLAINSONG_EDGE_JSON_WHERE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes of a byte order mark in front of the text: 0 or 3. */
size_t ps_json_mark_bytes(const char *text, size_t text_bytes);

/* Line and column of a byte, both counted from 1; columns are characters. */
void ps_json_place(const char *text, size_t at, uint32_t *line, uint32_t *column);

/*
 * Finds "progression[2].voices[0].params.beatFreq" or, for names of other letters,
 * ["beat freq"]: the place of the name in its object, or of the element in its list. Of a name that
 * occurs twice, the last. What is not found is placed at the nearest thing around it that is.
 *
 * The text must be JSON: anything else gives some place inside it.
 *
 * aliases: lists of words that name the same, "steps progression"; ended by NULL, or NULL
 */
void ps_json_where(const char *text, size_t text_bytes, const char *where,
                   const char *const *aliases, uint32_t *line, uint32_t *column);

#endif
