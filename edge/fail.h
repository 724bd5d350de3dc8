/* Errors of the edge name their file and give the system's words. */
#ifndef PLAINSONG_EDGE_FAIL_H
#define PLAINSONG_EDGE_FAIL_H

#include "plainsong/status.h"

/* ps_fail and ps_error_in. */
ps_status ps_fail_file(ps_error *err, ps_status status, const char *path, const char *format, ...)
    PS_PRINTF(4, 5);

/* "cannot <verb>: <the system's words for the errno value>" */
ps_status ps_fail_system(ps_error *err, ps_status status, const char *path, const char *verb,
                         int number);

/* malloc's no, for anything about a file. */
ps_status ps_fail_memory(ps_error *err, const char *path);

#endif
