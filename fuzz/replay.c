/*
 * Runs a fuzzer's function over its seeds without libFuzzer, so that every test run does: each seed
 * whole, cut short, and with bytes changed, always in the same way.
 *
 *      replay_NAME FOLDER
 */
#include <dirent.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define VARIANTS 24u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint32_t next_random(uint32_t *noise)
{
    *noise = *noise * 1664525u + 1013904223u;
    return *noise >> 8;
}

/* A copy of exactly the size, so that a sanitizer sees a read past its end. */
static void run_copy(const uint8_t *data, size_t size, uint32_t changes, uint32_t *noise)
{
    uint8_t *copy = malloc(size > 0 ? size : 1);

    if (!copy)
        abort();
    if (size > 0)
        memcpy(copy, data, size);
    for (uint32_t i = 0; i < changes && size > 0; i++)
        copy[next_random(noise) % size] = (uint8_t)next_random(noise);
    LLVMFuzzerTestOneInput(copy, size);
    free(copy);
}

static bool run_seed(const char *path)
{
    uint8_t *data = NULL;
    uint32_t noise = 2463534242u;
    FILE *file = fopen(path, "rb");
    long size;

    if (!file || fseek(file, 0, SEEK_END) != 0 || (size = ftell(file)) < 0) {
        if (file)
            fclose(file);
        return false;
    }
    rewind(file);
    data = malloc((size_t)size + 1);
    if (!data || fread(data, 1, (size_t)size, file) != (size_t)size)
        abort();
    fclose(file);
    run_copy(data, (size_t)size, 0, &noise);
    for (uint32_t i = 0; i < VARIANTS; i++) {
        const bool cut = i % 2 == 0;

        run_copy(data, cut ? next_random(&noise) % ((size_t)size + 1) : (size_t)size,
                 cut ? 0 : 1 + i / 2, &noise);
    }
    free(data);
    return true;
}

int main(int argc, char **argv)
{
    DIR *folder = argc == 2 ? opendir(argv[1]) : NULL;
    unsigned seeds = 0;

    if (!folder) {
        fprintf(stderr, "usage: %s FOLDER\n", argv[0]);
        return 2;
    }
    for (const struct dirent *entry; (entry = readdir(folder)) != NULL;) {
        char path[4096];

        if (entry->d_name[0] == '.')
            continue;
        snprintf(path, sizeof path, "%s/%s", argv[1], entry->d_name);
        seeds += run_seed(path);
    }
    closedir(folder);
    printf("%u seeds, %u inputs\n", seeds, seeds * (VARIANTS + 1));
    return seeds > 0 ? 0 : 1;
}
