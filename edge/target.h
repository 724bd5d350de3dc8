/*
 * Where output goes. A file is written under a name of its own beside the target and renamed when
 * it is whole, so that the target's name never holds half a file; streams, devices and pipes are
 * written straight.
 */
#ifndef PLAINSONG_EDGE_TARGET_H
#define PLAINSONG_EDGE_TARGET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "plainsong/status.h"

typedef struct ps_target {
    int fd;          /* -1: the stream, or closed */
    FILE *stream;    /* borrowed; NULL: fd */
    char *path;      /* final name, links resolved; for messages the caller's words */
    char *part_path; /* name while it is written; NULL when written straight */
    char *shown;     /* the target's name in messages */
    bool no_clobber;
    bool patchable;       /* bytes already written can be written again */
    uint64_t start_bytes; /* offset in the file of our first byte */
    uint64_t written_bytes;
    int error; /* errno of the first write that failed, or 0 */
} ps_target;

/*
 * Opens a target (any outcome leaves it in a state that ps_target_close takes). With no_clobber an
 * existing file is refused now, and at finish again.
 */
ps_status ps_target_open(ps_target *target, const char *path, bool no_clobber, ps_error *err);

/* Writes to a stream that stays the caller's. It is patchable when it is a regular file. */
ps_status ps_target_open_stream(ps_target *target, FILE *stream, ps_error *err);

ps_status ps_target_write(ps_target *target, const void *bytes, size_t size_bytes, ps_error *err);

/* Writes again what was written at `offset_bytes` of ours; only when patchable. */
ps_status ps_target_patch(ps_target *target, uint64_t offset_bytes, const void *bytes,
                          size_t size_bytes, ps_error *err);

/* The error of an earlier write that failed: for writers that cannot hand it on themselves. */
ps_status ps_target_status(const ps_target *target, ps_error *err);

/* Closes the file and gives it its name. */
ps_status ps_target_finish(ps_target *target, ps_error *err);

/* Frees the target; an unfinished file is removed. */
void ps_target_close(ps_target *target);

/* Removes what a process that was killed has left of a target of this name, its first try. */
void ps_target_remove_part(const char *path, long process);

#endif
