/*
 * What took long to make, kept on disk: built programs, measured speeds. A key says in words what
 * something was made for; anything wrong with a file, and it is as if it were not there.
 */
#ifndef PLAINSONG_EDGE_GPU_DISK_CACHE_H
#define PLAINSONG_EDGE_GPU_DISK_CACHE_H

#include <stdbool.h>
#include <stddef.h>

#define PS_GPU_FOLDER_BYTES 1024u

/*
 * The folder to use: the given one, or when it is NULL $XDG_CACHE_HOME/plainsong/gpu, which is
 * ~/.cache/plainsong/gpu if not set; "" when there is none, and nothing is kept.
 */
void ps_disk_cache_folder(char folder[PS_GPU_FOLDER_BYTES], const char *given);

/* The bytes kept under a key, for ps_free(NULL, bytes); or NULL. */
void *ps_disk_cache_load(const char *folder, const char *key, size_t *size_bytes);

/* Keeps bytes; whole or not at all. The folder is made when it is not there. */
void ps_disk_cache_store(const char *folder, const char *key, const void *bytes, size_t size_bytes);

#endif
