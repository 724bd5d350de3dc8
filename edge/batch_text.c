/* Texts of a batch: paths put together. */
#include "batch_text.h"

#include <stdio.h>
#include <string.h>

#include "plainsong/memory.h"

char *ps_batch_copy(const char *text)
{
    const size_t bytes = strlen(text) + 1;
    char *copy = ps_alloc(NULL, 1, bytes);

    if (copy)
        memcpy(copy, text, bytes);
    return copy;
}

char *ps_batch_join_path(const char *folder, const char *name)
{
    const size_t folder_bytes = strlen(folder);
    const size_t bytes = folder_bytes + strlen(name) + 2;
    const char *slash = folder_bytes > 0 && folder[folder_bytes - 1] == '/' ? "" : "/";
    char *path = ps_alloc(NULL, 1, bytes);

    if (path)
        snprintf(path, bytes, "%s%s%s", folder, slash, name);
    return path;
}
