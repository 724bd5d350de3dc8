/* Bytes of a file: large files are mapped, small ones and streams are read. */
#include "plainsong/file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fail.h"
#include "open_to_read.h"
#include "target.h"

/* Below this a read costs less than a map, and a file cut short meanwhile does no harm. */
#define MAP_FROM_BYTES     (256 * 1024)
#define FIRST_READ_BYTES   (16u * 1024u)
#define STREAM_LIMIT_BYTES ((size_t)1 << 30)

struct ps_file {
    const uint8_t *bytes;
    size_t size_bytes;
    uint8_t *taken; /* from ps_alloc, when read */
    void *mapped;   /* from mmap, when mapped */
};

/* Where bytes come from while they are read: a descriptor or a stream. */
typedef struct reading {
    int fd;
    FILE *stream; /* NULL: fd */
    const char *name;
} reading;

/* Up to room bytes; 0 at the end, -1 with errno. */
static ssize_t read_some(const reading *from, uint8_t *bytes, size_t room)
{
    ssize_t got;

    if (from->stream) {
        errno = 0;
        got = (ssize_t)fread(bytes, 1, room, from->stream);
        if (got == 0 && ferror(from->stream)) {
            errno = errno ? errno : EIO;
            return -1;
        }
        return got;
    }
    do
        got = read(from->fd, bytes, room);
    while (got < 0 && errno == EINTR);
    return got;
}

static bool grow(ps_file *file, size_t *room_bytes)
{
    uint8_t *larger = ps_alloc(NULL, 2, *room_bytes);

    if (!larger)
        return false;
    memcpy(larger, file->taken, file->size_bytes);
    ps_free(NULL, file->taken);
    file->taken = larger;
    *room_bytes *= 2;
    return true;
}

static ps_status read_to_end(ps_file *file, const reading *from, size_t room_bytes, ps_error *err)
{
    ssize_t got;

    file->taken = ps_alloc(NULL, 1, room_bytes);
    if (!file->taken)
        return ps_fail_memory(err, from->name);
    while ((got = read_some(from, file->taken + file->size_bytes, room_bytes - file->size_bytes)) >
           0) {
        file->size_bytes += (size_t)got;
        if (file->size_bytes < room_bytes)
            continue;
        if (room_bytes >= STREAM_LIMIT_BYTES)
            return ps_fail_file(err, PS_CANNOT_READ, from->name, "more than %zu bytes",
                                STREAM_LIMIT_BYTES);
        if (!grow(file, &room_bytes))
            return ps_fail_memory(err, from->name);
    }
    if (got < 0)
        return ps_fail_system(err, PS_CANNOT_READ, from->name, "read", errno);
    file->bytes = file->taken;
    return PS_OK;
}

static ps_status take_bytes(ps_file *file, int fd, const char *path, ps_error *err)
{
    const reading from = {fd, NULL, path};
    struct stat about;

    if (fstat(fd, &about) != 0)
        return ps_fail_system(err, PS_CANNOT_READ, path, "read", errno);
    if (S_ISDIR(about.st_mode))
        return ps_fail_system(err, PS_CANNOT_READ, path, "read", EISDIR);
    if (!S_ISREG(about.st_mode) || about.st_size < MAP_FROM_BYTES) {
        /* One byte more than the file has, so that its end is seen without growing. */
        const size_t known_bytes = S_ISREG(about.st_mode) ? (size_t)about.st_size + 1 : 1;

        return read_to_end(file, &from,
                           known_bytes > FIRST_READ_BYTES ? known_bytes : FIRST_READ_BYTES, err);
    }
    if ((uintmax_t)about.st_size > SIZE_MAX / 2)
        return ps_fail_file(err, PS_CANNOT_READ, path, "too large for this machine");
    file->mapped = mmap(NULL, (size_t)about.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (file->mapped == MAP_FAILED) {
        file->mapped = NULL;
        return ps_fail_system(err, PS_CANNOT_READ, path, "map", errno);
    }
    file->bytes = file->mapped;
    file->size_bytes = (size_t)about.st_size;
    return PS_OK;
}

ps_status ps_open_to_read(int *fd, const char *path, ps_error *err)
{
    do
        *fd = open(path, O_RDONLY | O_CLOEXEC);
    while (*fd < 0 && errno == EINTR);
    if (*fd >= 0)
        return PS_OK;
    return ps_fail_system(err, errno == ENOENT || errno == ENOTDIR ? PS_NOT_FOUND : PS_CANNOT_READ,
                          path, "open", errno);
}

ps_status ps_file_map(ps_file **out, const char *path, ps_error *err)
{
    ps_file *file;
    int fd;
    ps_status status = ps_open_to_read(&fd, path, err);

    if (status != PS_OK)
        return status;
    file = ps_alloc(NULL, 1, sizeof *file);
    status = file ? take_bytes(file, fd, path, err) : ps_fail_memory(err, path);
    close(fd);
    if (status != PS_OK) {
        ps_file_close(file);
        return status;
    }
    *out = file;
    return PS_OK;
}

ps_status ps_file_read_stream(ps_file **out, FILE *stream, ps_error *err)
{
    const reading from = {-1, stream, "input stream"};
    ps_file *file = ps_alloc(NULL, 1, sizeof *file);
    ps_status status =
        file ? read_to_end(file, &from, FIRST_READ_BYTES, err) : ps_fail_memory(err, from.name);

    if (status != PS_OK) {
        ps_file_close(file);
        return status;
    }
    *out = file;
    return PS_OK;
}

const uint8_t *ps_file_bytes(const ps_file *file, size_t *size_bytes)
{
    *size_bytes = file->size_bytes;
    return file->bytes;
}

void ps_file_close(ps_file *file)
{
    if (!file)
        return;
    if (file->mapped)
        munmap(file->mapped, file->size_bytes);
    ps_free(NULL, file->taken);
    ps_free(NULL, file);
}

ps_status ps_file_write(const char *path, const uint8_t *bytes, size_t size_bytes, bool no_clobber,
                        ps_error *err)
{
    ps_target target;
    ps_status status = ps_target_open(&target, path, no_clobber, err);

    if (status == PS_OK)
        status = ps_target_write(&target, bytes, size_bytes, err);
    if (status == PS_OK)
        status = ps_target_finish(&target, err);
    ps_target_close(&target);
    return status;
}
