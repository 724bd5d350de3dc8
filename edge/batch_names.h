/*
 * What the outputs of a batch are called. An input's name, made lower case, is taken or free; who
 * comes too late gets the lowest number that makes it free, NAME-2, NAME-3, ...
 */
#ifndef PLAINSONG_EDGE_BATCH_NAMES_H
#define PLAINSONG_EDGE_BATCH_NAMES_H

#include "plainsong/batch.h"

typedef struct ps_batch_name {
    char *name;     /* "week 1/scale-2.wav"; ps_free(NULL, name) */
    size_t same_as; /* the earlier input that is the same file with the same name, or SIZE_MAX; then
                       it has the name of that */
} ps_batch_name;

/*
 * Names all outputs. names: `count` zeroed ones; on failure some may be filled.
 *
 * PS_BAD_ARGUMENT for an input that is standard input, and for a name that is empty, absolute or
 * leads out of the folder.
 */
ps_status ps_batch_name_all(ps_batch_name *names, const ps_batch_input *inputs, size_t count,
                            const char *ending, ps_error *err);

#endif
