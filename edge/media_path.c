/* Paths of documents: relative ones first from the document's folder, then from where we are. */
#include "media_path.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fail.h"

void ps_folder_of(char *folder, size_t bytes, const char *path)
{
    const char *slash = strrchr(path, '/');
    const size_t length = !slash ? 0 : slash == path ? 1 : (size_t)(slash - path);

    if (length == 0)
        snprintf(folder, bytes, ".");
    else
        snprintf(folder, bytes, "%.*s", (int)length, path);
}

static bool is_remote(const char *path)
{
    static const char *const starts[] = {"http://", "https://", "ftp://", "ftps://", "//", "\\\\"};

    for (size_t i = 0; i < sizeof starts / sizeof starts[0]; i++) {
        if (strncasecmp(path, starts[i], strlen(starts[i])) == 0)
            return true;
    }
    return false;
}

/* Without the blanks at both ends; false when it is too long. */
static bool trim(char *trimmed, size_t bytes, const char *path)
{
    static const char blanks[] = " \t\r\n";
    size_t length;

    path += strspn(path, blanks);
    length = strlen(path);
    while (length > 0 && strchr(blanks, path[length - 1]))
        length--;
    if (length >= bytes)
        return false;
    memcpy(trimmed, path, length);
    trimmed[length] = '\0';
    return true;
}

/* An ordinary file, and not that one. */
static ps_status check_file(const char *path, const char *but, ps_error *err)
{
    struct stat about, other;

    if (stat(path, &about) != 0)
        return ps_fail_system(err,
                              errno == ENOENT || errno == ENOTDIR ? PS_NOT_FOUND : PS_CANNOT_READ,
                              path, "open", errno);
    if (S_ISDIR(about.st_mode))
        return ps_fail_system(err, PS_CANNOT_READ, path, "read", EISDIR);
    if (!S_ISREG(about.st_mode))
        return ps_fail_file(err, PS_CANNOT_READ, path, "is a device or pipe, not a file");
    if (but && stat(but, &other) == 0 && about.st_dev == other.st_dev &&
        about.st_ino == other.st_ino)
        return ps_fail_file(err, PS_CANNOT_READ, path, "is the track itself");
    return PS_OK;
}

ps_status ps_media_path(char *found, size_t bytes, const char *folder, const char *path,
                        const char *but, ps_error *err)
{
    char trimmed[PS_MEDIA_PATH_BYTES];

    if (!trim(trimmed, sizeof trimmed, path) || trimmed[0] == '\0')
        return ps_fail_file(err, PS_NOT_FOUND, path, "no name of a file");
    if (is_remote(trimmed)) {
        ps_fail_file(err, PS_UNSUPPORTED, trimmed, "lies on another machine");
        ps_hint(err, "fetch it and name the file: nothing is fetched from here");
        return PS_UNSUPPORTED;
    }
    if (trimmed[0] != '/' && folder) {
        if ((size_t)snprintf(found, bytes, "%s/%s", folder, trimmed) < bytes &&
            access(found, F_OK) == 0)
            return check_file(found, but, err);
    }
    if ((size_t)snprintf(found, bytes, "%s", trimmed) >= bytes)
        return ps_fail_file(err, PS_NOT_FOUND, trimmed, "its name is too long");
    return check_file(found, but, err);
}
