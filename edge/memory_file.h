/* A file in memory, as libsndfile wants to read it. */
#ifndef PLAINSONG_EDGE_MEMORY_FILE_H
#define PLAINSONG_EDGE_MEMORY_FILE_H

#include <sndfile.h>
#include <stdint.h>

typedef struct ps_memory_file {
    const uint8_t *bytes; /* borrowed */
    sf_count_t size_bytes, at;
} ps_memory_file;

/* sf_open of it, for reading; it must stay where it is until the SNDFILE is closed. */
SNDFILE *ps_memory_file_open(ps_memory_file *file, SF_INFO *info);

#endif
