/* Folders on the way to a file. */
#include "folders.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "fail.h"
#include "media_path.h"

ps_status ps_make_folders(const char *path, ps_error *err)
{
    char folder[PS_MEDIA_PATH_BYTES];

    for (const char *slash = strchr(path + (path[0] == '/'), '/'); slash;
         slash = strchr(slash + 1, '/')) {
        const size_t length = (size_t)(slash - path);

        if (length >= sizeof folder)
            return ps_fail_file(err, PS_CANNOT_WRITE, path, "its name is too long");
        memcpy(folder, path, length);
        folder[length] = '\0';
        if (mkdir(folder, 0777) != 0 && errno != EEXIST)
            return ps_fail_system(err, PS_CANNOT_WRITE, folder, "make the folder", errno);
    }
    return PS_OK;
}
