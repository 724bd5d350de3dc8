/*
 * Counts samples of files that are no numbers (NaN, infinite) where they are decoded and silenced.
 * A file counts once, however often it is read: under its name stands the most that one reading of
 * it has found.
 */
#ifndef PLAINSONG_EDGE_TALLY_H
#define PLAINSONG_EDGE_TALLY_H

#include <stddef.h>
#include <stdint.h>

#include "plainsong/status.h"

typedef struct ps_tally ps_tally;
typedef struct ps_tally_file ps_tally_file;

/* PS_NO_MEMORY. */
ps_status ps_tally_create(ps_tally **out, ps_error *err);

/* NULL allowed. After everything that counts in it. */
void ps_tally_destroy(ps_tally *tally);

/* Of all files so far; NULL: 0. From any thread. */
uint64_t ps_tally_not_finite(const ps_tally *tally);

/* The entry of a file, which is the tally's. tally NULL: *out is NULL. One thread at a time. */
ps_status ps_tally_open(ps_tally_file **out, ps_tally *tally, const char *name, ps_error *err);

/* A reading of the file has found so many. NULL: nobody counts. From any thread. */
void ps_tally_raise(ps_tally_file *file, uint64_t not_finite);

/* Silence for what is no number; returns how many samples that were. */
size_t ps_silence_not_finite(float *samples, size_t count);

#endif
