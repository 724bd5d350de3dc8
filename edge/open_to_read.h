/* A file's descriptor, for whoever reads it without mapping it. */
#ifndef PLAINSONG_EDGE_OPEN_TO_READ_H
#define PLAINSONG_EDGE_OPEN_TO_READ_H

#include "plainsong/status.h"

/* The caller closes it. PS_NOT_FOUND or PS_CANNOT_READ with the path and the system's words. */
ps_status ps_open_to_read(int *fd, const char *path, ps_error *err);

#endif
