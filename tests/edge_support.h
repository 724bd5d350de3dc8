/* What tests of the edges share: a folder of their own, counting descriptors. */
#ifndef TESTS_EDGE_SUPPORT_H
#define TESTS_EDGE_SUPPORT_H

#include "support.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[256]; /* made by in_folder, removed by out_of_folder */

static inline int in_folder(void **state)
{
    const char *temporary = getenv("TMPDIR");

    (void)state;
    snprintf(folder, sizeof folder, "%s/plainsong-test-XXXXXX", temporary ? temporary : P_tmpdir);
    return mkdtemp(folder) && chdir(folder) == 0 ? 0 : -1;
}

/* Files in the test's folder: a leftover is seen here. */
static inline int files_here(void)
{
    DIR *here = opendir(".");
    int count = 0;

    for (const struct dirent *entry; (entry = readdir(here)) != NULL;)
        count += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
    closedir(here);
    return count;
}

static inline void remove_files_here(void)
{
    DIR *here = opendir(".");

    for (const struct dirent *entry; (entry = readdir(here)) != NULL;)
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            if (remove(entry->d_name) != 0)
                fprintf(stderr, "cannot remove %s\n", entry->d_name);
    closedir(here);
}

static inline int out_of_folder(void **state)
{
    (void)state;
    remove_files_here();
    return chdir("/") == 0 && rmdir(folder) == 0 ? 0 : -1;
}

static inline int open_descriptors(void)
{
    int count = 0;

    for (int fd = 0; fd < 256; fd++)
        count += fcntl(fd, F_GETFD) >= 0;
    return count;
}

static inline void make_file(const char *path, const void *bytes, size_t size_bytes)
{
    FILE *file = fopen(path, "wb");

    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size_bytes, file), size_bytes);
    fclose(file);
}

static inline void holds(const char *path, const void *bytes, size_t size_bytes)
{
    size_t found_bytes;
    uint8_t *found = read_whole(path, &found_bytes);

    assert_non_null(found);
    assert_int_equal(found_bytes, size_bytes);
    assert_memory_equal(found, bytes, size_bytes);
    free(found);
}

/* Children of the test fail by exit status: cmocka's own jumps would run the parent's tests. */
#define CHILD_CHECK(condition)                                                                     \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition);                        \
            _exit(1);                                                                              \
        }                                                                                          \
    } while (0)

#endif
