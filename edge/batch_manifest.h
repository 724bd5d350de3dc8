/*
 * The manifest of a batch: a JSON file that says of each output what it was made of. It is written
 * anew beside itself and renamed; how often, costs a small share of the time.
 */
#ifndef PLAINSONG_EDGE_BATCH_MANIFEST_H
#define PLAINSONG_EDGE_BATCH_MANIFEST_H

#include "plainsong/batch.h"

/* What it says of one output. */
typedef struct ps_batch_entry {
    const char *output;            /* within the output folder */
    uint64_t bytes;                /* of the output file; 0: it was not made */
    const ps_batch_result *result; /* all the rest */
} ps_batch_entry;

/* What stood in a manifest. */
typedef struct ps_batch_past ps_batch_past;

/* An entry found in it; texts live as long as the past. */
typedef struct ps_batch_found {
    const char *key;
    uint64_t bytes;
    ps_batch_result result; /* numbers alone */
} ps_batch_found;

/*
 * Reads a manifest; *out is NULL when there is none. PS_BAD_DATA when it is something else.
 */
ps_status ps_batch_past_read(ps_batch_past **out, const char *path, ps_error *err);

/* What it says of an output that was made; false when nothing. */
bool ps_batch_past_find(const ps_batch_past *past, const char *output, ps_batch_found *found);

/* The process that wrote it, if that ran on this machine, is gone and had not finished; else 0. */
long ps_batch_past_dead_writer(const ps_batch_past *past);

/* NULL allowed. */
void ps_batch_past_free(ps_batch_past *past);

typedef struct ps_batch_manifest ps_batch_manifest;

/*
 * Begins a manifest for `count` outputs. Entries of the past (NULL allowed) about other outputs
 * than those of this batch are kept: `is_ours` says which those are.
 */
ps_status ps_batch_manifest_create(ps_batch_manifest **out, const char *path, size_t count,
                                   const ps_batch_past *past,
                                   bool (*is_ours)(void *user, const char *output), void *user,
                                   ps_error *err);

/* Sets the i-th entry. */
ps_status ps_batch_manifest_set(ps_batch_manifest *manifest, size_t index,
                                const ps_batch_entry *entry, ps_error *err);

/* Writes it. finished: nothing more is to come. */
ps_status ps_batch_manifest_write(ps_batch_manifest *manifest, bool finished, ps_error *err);

/* Writes it when the last writing is long enough ago. */
ps_status ps_batch_manifest_write_now_and_then(ps_batch_manifest *manifest, ps_error *err);

/* NULL allowed. */
void ps_batch_manifest_destroy(ps_batch_manifest *manifest);

#endif
