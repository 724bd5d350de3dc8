/* libsndfile's virtual files, over memory. */
#include "memory_file.h"

#include <stdio.h>
#include <string.h>

static sf_count_t memory_length(void *user)
{
    return ((ps_memory_file *)user)->size_bytes;
}

static sf_count_t memory_seek(sf_count_t offset, int whence, void *user)
{
    ps_memory_file *file = user;
    const sf_count_t from = whence == SEEK_CUR   ? file->at
                            : whence == SEEK_END ? file->size_bytes
                                                 : 0;

    if (offset < -from || offset > file->size_bytes - from)
        return -1;
    file->at = from + offset;
    return file->at;
}

static sf_count_t memory_read(void *bytes, sf_count_t count, void *user)
{
    ps_memory_file *file = user;

    if (count > file->size_bytes - file->at)
        count = file->size_bytes - file->at;
    if (count <= 0)
        return 0;
    memcpy(bytes, file->bytes + file->at, (size_t)count);
    file->at += count;
    return count;
}

static sf_count_t memory_tell(void *user)
{
    return ((ps_memory_file *)user)->at;
}

SNDFILE *ps_memory_file_open(ps_memory_file *file, SF_INFO *info)
{
    SF_VIRTUAL_IO access = {.get_filelen = memory_length,
                            .seek = memory_seek,
                            .read = memory_read,
                            .tell = memory_tell};

    return sf_open_virtual(&access, SFM_READ, info, file);
}
