/* Samples that are no numbers, by file. */
#include "tally.h"

#include <stdatomic.h>
#include <string.h>

#include "fail.h"
#include "plainsong/memory.h"

struct ps_tally_file {
    ps_tally_file *next;
    _Atomic uint64_t not_finite;
    char name[];
};

struct ps_tally {
    ps_tally_file *files;
};

ps_status ps_tally_create(ps_tally **out, ps_error *err)
{
    ps_tally *tally = ps_alloc(NULL, 1, sizeof *tally);

    if (!tally)
        return ps_fail(err, PS_NO_MEMORY, "out of memory");
    *out = tally;
    return PS_OK;
}

void ps_tally_destroy(ps_tally *tally)
{
    if (!tally)
        return;
    for (ps_tally_file *next, *file = tally->files; file; file = next) {
        next = file->next;
        ps_free(NULL, file);
    }
    ps_free(NULL, tally);
}

uint64_t ps_tally_not_finite(const ps_tally *tally)
{
    uint64_t sum = 0;

    for (const ps_tally_file *file = tally ? tally->files : NULL; file; file = file->next)
        sum += atomic_load(&file->not_finite);
    return sum;
}

ps_status ps_tally_open(ps_tally_file **out, ps_tally *tally, const char *name, ps_error *err)
{
    const size_t name_bytes = strlen(name) + 1;
    ps_tally_file *file = tally ? tally->files : NULL;

    while (file && strcmp(file->name, name) != 0)
        file = file->next;
    *out = file;
    if (!tally || file)
        return PS_OK;
    file = ps_alloc(NULL, 1, sizeof *file + name_bytes);
    if (!file)
        return ps_fail_memory(err, name);
    memcpy(file->name, name, name_bytes);
    file->next = tally->files;
    tally->files = *out = file;
    return PS_OK;
}

void ps_tally_raise(ps_tally_file *file, uint64_t not_finite)
{
    uint64_t before = file ? atomic_load(&file->not_finite) : UINT64_MAX;

    while (before < not_finite &&
           !atomic_compare_exchange_weak(&file->not_finite, &before, not_finite))
        ;
}

size_t ps_silence_not_finite(float *samples, size_t count)
{
    size_t found = 0;

    for (size_t i = 0; i < count; i++) {
        const int bad = !(samples[i] - samples[i] == 0.0f);

        found += (size_t)bad;
        samples[i] = bad ? 0.0f : samples[i];
    }
    return found;
}
