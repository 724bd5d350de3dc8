/* What tests share: cmocka with its prerequisites, an allocator that fails on request. */
#ifndef TESTS_SUPPORT_H
#define TESTS_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "plainsong/memory.h"

/* Gives `allowed` allocations, then none; counts what was asked and what is still out. */
typedef struct failing_allocator {
    ps_allocator base;
    long allowed; /* negative: as many as wanted */
    long asked, live;
} failing_allocator;

static inline void *failing_take(void *user, size_t size_bytes)
{
    failing_allocator *f = user;
    void *memory;

    f->asked++;
    if (f->allowed == 0)
        return NULL;
    if (f->allowed > 0)
        f->allowed--;
    memory = aligned_alloc(PS_ALIGN_BYTES,
                           (size_bytes + PS_ALIGN_BYTES - 1) / PS_ALIGN_BYTES * PS_ALIGN_BYTES);
    if (memory) {
        memset(memory, 0xa5, size_bytes); /* nobody may rely on zeros but through ps_alloc */
        f->live++;
    }
    return memory;
}

static inline void failing_give(void *user, void *memory)
{
    ((failing_allocator *)user)->live--;
    free(memory);
}

static inline void failing_init(failing_allocator *f, long allowed)
{
    f->base.take = failing_take;
    f->base.give = failing_give;
    f->base.user = f;
    f->allowed = allowed;
    f->asked = 0;
    f->live = 0;
}

/* Path of a file beside the tests (PS_TESTS). */
static inline const char *tests_path(char *path, size_t size_bytes, const char *name)
{
    const char *folder = getenv("PS_TESTS");

    snprintf(path, size_bytes, "%s/%s", folder ? folder : "tests", name);
    return path;
}

/* The whole file, or NULL; free() it. */
static inline uint8_t *read_whole(const char *path, size_t *size_bytes)
{
    FILE *file = fopen(path, "rb");
    uint8_t *bytes = NULL;
    long size;

    if (!file)
        return NULL;
    fseek(file, 0, SEEK_END);
    size = ftell(file);
    rewind(file);
    bytes = malloc(size > 0 ? (size_t)size : 1);
    if (bytes && fread(bytes, 1, (size_t)size, file) != (size_t)size) {
        free(bytes);
        bytes = NULL;
    }
    fclose(file);
    *size_bytes = (size_t)size;
    return bytes;
}

#endif
