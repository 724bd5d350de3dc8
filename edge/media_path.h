/* Where the files lie that a document names. */
#ifndef PLAINSONG_EDGE_MEDIA_PATH_H
#define PLAINSONG_EDGE_MEDIA_PATH_H

#include <stdbool.h>
#include <stddef.h>

#include "plainsong/status.h"

#define PS_MEDIA_PATH_BYTES 4096u

/* "a/b.json" is in "a", "b.json" in "." and "/b.json" in "/". Cut when there is no room. */
void ps_folder_of(char *folder, size_t bytes, const char *path);

/*
 * Finds a file that a document in `folder` names: as it stands when it is absolute, else in the
 * folder, else in the working directory. Blanks at its ends are dropped.
 *
 * PS_UNSUPPORTED for a file on another machine, PS_NOT_FOUND, and PS_CANNOT_READ for a folder, a
 * device, a pipe, and the very file `but` (NULL: none).
 */
ps_status ps_media_path(char *found, size_t bytes, const char *folder, const char *path,
                        const char *but, ps_error *err);

#endif
