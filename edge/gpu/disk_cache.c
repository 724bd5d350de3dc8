/*
 * Things kept on disk. A file, named by the digest of its key:
 *
 *      8 bytes "plaingpu", 8 bytes length of the key, 16 bytes digest of all that follows,
 *      the key, the thing
 */
#include "disk_cache.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "digest.h"
#include "plainsong/file.h"
#include "plainsong/memory.h"

#define PATH_BYTES (PS_GPU_FOLDER_BYTES + 64u)
#define LARGEST    ((size_t)64 << 20)

typedef struct head {
    char mark[8];
    uint64_t key_bytes;
    ps_digest digest;
} head;

static const ps_digest nothing = {0, 0};

void ps_disk_cache_folder(char folder[PS_GPU_FOLDER_BYTES], const char *given)
{
    const char *cache = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
    int length = 0;

    if (given)
        length = snprintf(folder, PS_GPU_FOLDER_BYTES, "%s", given);
    else if (cache && cache[0] == '/')
        length = snprintf(folder, PS_GPU_FOLDER_BYTES, "%s/plainsong/gpu", cache);
    else if (home && home[0] == '/')
        length = snprintf(folder, PS_GPU_FOLDER_BYTES, "%s/.cache/plainsong/gpu", home);
    if (length <= 0 || (size_t)length >= PS_GPU_FOLDER_BYTES)
        folder[0] = '\0';
}

static void path_of(char path[PATH_BYTES], const char *folder, const char *key)
{
    const ps_digest name = ps_digest_of(nothing, key, strlen(key));

    snprintf(path, PATH_BYTES, "%s/%016llx", folder, (unsigned long long)name.b);
}

/* The thing in a whole file, or NULL. */
static const uint8_t *look_into(const uint8_t *bytes, size_t file_bytes, const char *key,
                                size_t *size_bytes)
{
    const size_t key_bytes = strlen(key);
    head h;

    if (file_bytes < sizeof h + key_bytes)
        return NULL;
    memcpy(&h, bytes, sizeof h);
    bytes += sizeof h;
    file_bytes -= sizeof h;
    if (memcmp(h.mark, "plaingpu", sizeof h.mark) != 0 || h.key_bytes != key_bytes ||
        memcmp(bytes, key, key_bytes) != 0 ||
        !ps_digest_equal(h.digest, ps_digest_of(nothing, bytes, file_bytes)))
        return NULL;
    *size_bytes = file_bytes - key_bytes;
    return bytes + key_bytes;
}

void *ps_disk_cache_load(const char *folder, const char *key, size_t *size_bytes)
{
    char path[PATH_BYTES];
    const uint8_t *bytes, *thing;
    size_t file_bytes;
    ps_file *file;
    void *copy = NULL;

    if (folder[0] == '\0')
        return NULL;
    path_of(path, folder, key);
    if (ps_file_map(&file, path, NULL) != PS_OK)
        return NULL;
    bytes = ps_file_bytes(file, &file_bytes);
    thing = look_into(bytes, file_bytes, key, size_bytes);
    if (thing && *size_bytes > 0)
        copy = ps_alloc(NULL, 1, *size_bytes);
    if (copy)
        memcpy(copy, thing, *size_bytes);
    ps_file_close(file);
    return copy;
}

/* mkdir -p, for ourselves only, as the XDG specification asks. */
static void make_folder(const char *folder)
{
    char path[PS_GPU_FOLDER_BYTES];

    snprintf(path, sizeof path, "%s", folder);
    for (char *at = path + 1; *at; at++) {
        if (*at != '/')
            continue;
        *at = '\0';
        mkdir(path, 0700);
        *at = '/';
    }
    mkdir(path, 0700);
}

void ps_disk_cache_store(const char *folder, const char *key, const void *bytes, size_t size_bytes)
{
    const size_t key_bytes = strlen(key), file_bytes = sizeof(head) + key_bytes + size_bytes;
    head h = {"plaingpu", key_bytes, {0, 0}};
    char path[PATH_BYTES];
    uint8_t *whole;

    if (folder[0] == '\0' || size_bytes == 0 || size_bytes > LARGEST)
        return;
    whole = ps_alloc(NULL, 1, file_bytes);
    if (!whole)
        return;
    memcpy(whole + sizeof h, key, key_bytes);
    memcpy(whole + sizeof h + key_bytes, bytes, size_bytes);
    h.digest = ps_digest_of(nothing, whole + sizeof h, key_bytes + size_bytes);
    memcpy(whole, &h, sizeof h);
    make_folder(folder);
    path_of(path, folder, key);
    ps_file_write(path, whole, file_bytes, false, NULL);
    ps_free(NULL, whole);
}
