/* Folders on the way to a file. */
#ifndef PLAINSONG_EDGE_FOLDERS_H
#define PLAINSONG_EDGE_FOLDERS_H

#include "plainsong/status.h"

/* Makes the folders that a file's path goes through, those that are missing. */
ps_status ps_make_folders(const char *path, ps_error *err);

#endif
