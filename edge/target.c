/* Where output goes: beside the target until it is whole, or straight to what is no file. */
#include "target.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fail.h"
#include "plainsong/memory.h"

#define PART_TRIES      1000u
#define PART_NAME_BYTES 200u /* of the target's name; file systems allow 255 in all */

static ps_status refuse(const ps_target *target, int number, ps_error *err)
{
    return ps_fail_system(err, PS_CANNOT_WRITE, target->shown, "write", number);
}

static ps_status refuse_existing(const ps_target *target, ps_error *err)
{
    const ps_status status =
        ps_fail_file(err, PS_CANNOT_WRITE, target->shown, "exists and is not to be overwritten");

    ps_hint(err, "choose another name, or allow overwriting");
    return status;
}

static char *copy_text(const char *text)
{
    const size_t size_bytes = strlen(text) + 1;
    char *copy = ps_alloc(NULL, 1, size_bytes);

    if (copy)
        memcpy(copy, text, size_bytes);
    return copy;
}

/* The descriptor that /dev/stdout, /dev/stderr or /dev/fd/N stand for, or -1. */
static int named_descriptor(const char *path)
{
    char *end;
    long number;

    if (strcmp(path, "/dev/stdout") == 0)
        return STDOUT_FILENO;
    if (strcmp(path, "/dev/stderr") == 0)
        return STDERR_FILENO;
    if (strncmp(path, "/dev/fd/", 8) != 0 || path[8] < '0' || path[8] > '9')
        return -1;
    number = strtol(path + 8, &end, 10);
    return *end == '\0' && number <= INT_MAX ? (int)number : -1;
}

/* A regular file can be patched, unless it was opened for appending only. */
static void look_at_descriptor(ps_target *target, int fd)
{
    const int flags = fcntl(fd, F_GETFL);
    struct stat about;
    off_t start;

    if (flags < 0 || flags & O_APPEND || fstat(fd, &about) != 0 || !S_ISREG(about.st_mode))
        return;
    start = lseek(fd, 0, SEEK_CUR);
    if (start < 0)
        return;
    target->start_bytes = (uint64_t)start;
    target->patchable = true;
}

static ps_status open_straight(ps_target *target, const char *path, int descriptor, ps_error *err)
{
    do
        target->fd = descriptor >= 0 ? fcntl(descriptor, F_DUPFD_CLOEXEC, 0)
                                     : open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
    while (target->fd < 0 && errno == EINTR);
    if (target->fd < 0)
        return refuse(target, errno, err);
    look_at_descriptor(target, target->fd);
    return PS_OK;
}

/* ".NAME.PID-N.part" in the target's folder. */
static char *part_path(const char *path, long process, unsigned try)
{
    const char *slash = strrchr(path, '/');
    const char *name = slash ? slash + 1 : path;
    const size_t folder_bytes = (size_t)(name - path);
    const size_t room_bytes = folder_bytes + PART_NAME_BYTES + 64;
    size_t name_bytes = strlen(name);
    char *part = ps_alloc(NULL, 1, room_bytes);

    if (name_bytes > PART_NAME_BYTES) {
        name_bytes = PART_NAME_BYTES;
        while (((unsigned char)name[name_bytes] & 0xc0u) == 0x80u)
            name_bytes--;
    }
    if (part)
        snprintf(part, room_bytes, "%.*s.%.*s.%ld-%u.part", (int)folder_bytes, path,
                 (int)name_bytes, name, process, try);
    return part;
}

/* O_EXCL finds a name that nobody uses. */
static ps_status open_part(ps_target *target, ps_error *err)
{
    int number = EEXIST;

    for (unsigned try = 0; try < PART_TRIES && (number == EEXIST || number == EINTR); try++) {
        target->part_path = part_path(target->path, (long)getpid(), try);
        if (!target->part_path)
            return ps_fail_memory(err, target->shown);
        target->fd = open(target->part_path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        if (target->fd >= 0) {
            target->patchable = true;
            return PS_OK;
        }
        number = errno;
        ps_free(NULL, target->part_path);
        target->part_path = NULL;
    }
    return refuse(target, number, err);
}

void ps_target_remove_part(const char *path, long process)
{
    char *part = part_path(path, process, 0);

    if (part)
        unlink(part);
    ps_free(NULL, part);
}

/* What a plain open for writing would refuse or keep of the file that is to be replaced. */
static ps_status replace_existing(ps_target *target, const char *path, const struct stat *about,
                                  ps_error *err)
{
    char *resolved;
    ps_status status;

    if (target->no_clobber)
        return refuse_existing(target, err);
    if (access(path, W_OK) != 0)
        return refuse(target, errno, err);
    resolved = realpath(path, NULL); /* a link stays, the file behind it is replaced */
    if (!resolved)
        return refuse(target, errno, err);
    ps_free(NULL, target->path);
    target->path = copy_text(resolved);
    free(resolved);
    if (!target->path)
        return ps_fail_memory(err, target->shown);
    status = open_part(target, err);
    if (status == PS_OK && fchmod(target->fd, about->st_mode & 0777) != 0 && errno != EPERM)
        return refuse(target, errno, err);
    return status;
}

ps_status ps_target_open(ps_target *target, const char *path, bool no_clobber, ps_error *err)
{
    const int descriptor = named_descriptor(path);
    const size_t path_bytes = strlen(path);
    struct stat about;

    memset(target, 0, sizeof *target);
    target->fd = -1;
    target->no_clobber = no_clobber;
    target->shown = copy_text(path);
    target->path = copy_text(path);
    if (!target->shown || !target->path)
        return ps_fail_memory(err, path);
    if (descriptor >= 0)
        return open_straight(target, path, descriptor, err);
    if (stat(path, &about) == 0) {
        if (S_ISDIR(about.st_mode))
            return refuse(target, EISDIR, err);
        return S_ISREG(about.st_mode) ? replace_existing(target, path, &about, err)
                                      : open_straight(target, path, -1, err);
    }
    if (errno != ENOENT || path_bytes == 0)
        return refuse(target, errno, err);
    if (path[path_bytes - 1] == '/')
        return refuse(target, EISDIR, err);
    return open_part(target, err);
}

ps_status ps_target_open_stream(ps_target *target, FILE *stream, ps_error *err)
{
    int fd;

    memset(target, 0, sizeof *target);
    target->fd = -1;
    target->stream = stream;
    target->shown = copy_text("output stream");
    if (!target->shown)
        return ps_fail_memory(err, "output stream");
    if (fflush(stream) != 0)
        return refuse(target, errno, err);
    fd = fileno(stream); /* -1 for a stream in memory */
    if (fd >= 0)
        look_at_descriptor(target, fd);
    return PS_OK;
}

static bool write_all(int fd, const uint8_t *bytes, size_t size_bytes)
{
    while (size_bytes > 0) {
        const ssize_t count = write(fd, bytes, size_bytes);

        if (count < 0 && errno == EINTR)
            continue;
        if (count <= 0) {
            errno = count < 0 ? errno : ENOSPC;
            return false;
        }
        bytes += count;
        size_bytes -= (size_t)count;
    }
    return true;
}

ps_status ps_target_status(const ps_target *target, ps_error *err)
{
    return target->error ? refuse(target, target->error, err) : PS_OK;
}

ps_status ps_target_write(ps_target *target, const void *bytes, size_t size_bytes, ps_error *err)
{
    bool written;

    if (target->error)
        return ps_target_status(target, err);
    errno = 0;
    written = target->stream ? fwrite(bytes, 1, size_bytes, target->stream) == size_bytes
                             : write_all(target->fd, bytes, size_bytes);
    if (!written) {
        target->error = errno ? errno : EIO;
        return ps_target_status(target, err);
    }
    target->written_bytes += size_bytes;
    return PS_OK;
}

ps_status ps_target_patch(ps_target *target, uint64_t offset_bytes, const void *bytes,
                          size_t size_bytes, ps_error *err)
{
    const int fd = target->stream ? fileno(target->stream) : target->fd;
    const uint8_t *at = bytes;
    off_t offset = (off_t)(target->start_bytes + offset_bytes);

    if (target->error)
        return ps_target_status(target, err);
    if (target->stream && fflush(target->stream) != 0)
        target->error = errno;
    while (size_bytes > 0 && !target->error) {
        const ssize_t count = pwrite(fd, at, size_bytes, offset);

        if (count < 0 && errno == EINTR)
            continue;
        if (count <= 0) {
            target->error = count < 0 ? errno : ENOSPC;
            break;
        }
        at += count;
        offset += count;
        size_bytes -= (size_t)count;
    }
    return ps_target_status(target, err);
}

/* Gives the part its name if nobody has it: 0 or an errno value. */
static int name_without_replacing(const char *part_path, const char *path)
{
    struct stat about;

    if (link(part_path, path) == 0) {
        unlink(part_path);
        return 0;
    }
    if (errno == EEXIST)
        return EEXIST;
#ifdef RENAME_NOREPLACE
    if (renameat2(AT_FDCWD, part_path, AT_FDCWD, path, RENAME_NOREPLACE) == 0)
        return 0;
    if (errno == EEXIST)
        return EEXIST;
#endif
    /* A file system that can neither link nor refuse to replace: the best that is left. */
    if (lstat(path, &about) == 0)
        return EEXIST;
    return rename(part_path, path) == 0 ? 0 : errno;
}

ps_status ps_target_finish(ps_target *target, ps_error *err)
{
    int number = 0;

    if (target->error)
        return ps_target_status(target, err);
    if (target->stream && fflush(target->stream) != 0)
        target->error = errno;
    if (target->fd >= 0 && close(target->fd) != 0 && errno != EINTR)
        target->error = errno; /* NFS and quotas report a full disk here */
    target->fd = -1;
    if (target->error || !target->part_path)
        return ps_target_status(target, err);
    if (target->no_clobber)
        number = name_without_replacing(target->part_path, target->path);
    else if (rename(target->part_path, target->path) != 0)
        number = errno;
    if (number == EEXIST && target->no_clobber)
        return refuse_existing(target, err);
    if (number != 0)
        return refuse(target, number, err);
    ps_free(NULL, target->part_path);
    target->part_path = NULL;
    return PS_OK;
}

void ps_target_close(ps_target *target)
{
    if (target->fd >= 0)
        close(target->fd);
    if (target->part_path)
        unlink(target->part_path);
    ps_free(NULL, target->part_path);
    ps_free(NULL, target->path);
    ps_free(NULL, target->shown);
    target->fd = -1;
    target->part_path = target->path = target->shown = NULL;
}
