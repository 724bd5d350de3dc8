/* Option values: text into numbers, choices and lists. Errors do not repeat the option's name. */
#ifndef PLAINSONG_CLI_VALUES_H
#define PLAINSONG_CLI_VALUES_H

#include "command.h"

/* A decimal number, the whole text: "-12", "0.5", "1e3". Never hexadecimal, NaN or infinite. */
ps_status cli_parse_number(const char *text, double *number, ps_error *err);

/* A whole number, the whole text. */
ps_status cli_parse_integer(const char *text, int64_t *number, ps_error *err);

/* Seconds: "90", "90.5", "1:30.5" (minutes), "1:02:03" (hours). */
ps_status cli_parse_seconds(const char *text, double *seconds, ps_error *err);

/* Which of the words in "one|two|three", counted from 0; names the nearest when it is none. */
ps_status cli_parse_choice(const char *text, const char *words, int *index, ps_error *err);

/* Puts one value where the row says. */
ps_status cli_parse_option(const cli_option *option, void *values, const char *text, ps_error *err);

/* The word of a list "one|two|three" nearest to a text, or NULL when none is near. */
const char *cli_nearest_choice(const char *text, const char *words, char *buffer,
                               size_t buffer_bytes);

/* Typing errors between two words: letters left out, added, wrong, or two swapped. */
unsigned cli_word_distance(const char *one, const char *two);

/* True when a person who typed `text` could have meant `word`. */
bool cli_words_near(const char *text, const char *word);

#endif
