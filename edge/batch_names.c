/* What the outputs of a batch are called. */
#include "batch_names.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "batch_text.h"
#include "fail.h"

#define NUMBER_BYTES 24u

/* Names in use: a hash table with open addressing, half empty. */
typedef struct taken {
    struct place {
        const char *name; /* borrowed; NULL: free */
        size_t bytes;     /* of it, without an ending */
        size_t number;    /* given to the last who wanted it; 1: nobody else did */
    } * places;
    size_t mask;
} taken;

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool equal(const char *one, const char *other, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++) {
        if (lower(one[i]) != lower(other[i]))
            return false;
    }
    return true;
}

/* Its place, or the free one where it would be. The hash is FNV-1a. */
static struct place *find(const taken *t, const char *name, size_t bytes)
{
    uint64_t hash = 0xcbf29ce484222325u;
    struct place *place;

    for (size_t i = 0; i < bytes; i++)
        hash = (hash ^ (unsigned char)lower(name[i])) * 0x100000001b3u;
    for (size_t at = (size_t)hash;; at++) {
        place = &t->places[at & t->mask];
        if (!place->name || (place->bytes == bytes && equal(place->name, name, bytes)))
            return place;
    }
}

/* The path's last part without its ending, as it stands in the path. */
static const char *own_name(const ps_batch_input *input, size_t *bytes)
{
    const char *slash, *dot;

    if (input->name) {
        *bytes = strlen(input->name);
        return input->name;
    }
    slash = strrchr(input->path, '/');
    slash = slash ? slash + 1 : input->path;
    dot = strrchr(slash, '.');
    *bytes = dot && dot != slash ? (size_t)(dot - slash) : strlen(slash);
    return slash;
}

static bool leads_out(const char *name, size_t bytes)
{
    const char *end = name + bytes, *part = name;

    if (bytes == 0 || name[0] == '/')
        return true;
    for (const char *at = name; at <= end; at++) {
        if (at < end && *at != '/')
            continue;
        if (at == part || (at - part == 1 && part[0] == '.') ||
            (at - part == 2 && part[0] == '.' && part[1] == '.'))
            return true;
        part = at + 1;
    }
    return false;
}

static ps_status check(const ps_batch_input *input, ps_error *err)
{
    size_t bytes;
    const char *name = own_name(input, &bytes);

    if (strcmp(input->path, "-") == 0)
        return ps_fail(err, PS_BAD_ARGUMENT, "standard input cannot be one of several inputs");
    if (!leads_out(name, bytes))
        return PS_OK;
    return ps_fail_file(err, PS_BAD_ARGUMENT, input->path, "\"%.*s\" is no name for an output",
                        (int)(bytes < 100 ? bytes : 100), name);
}

static char *with_ending(const char *name, size_t bytes, const char *number, const char *ending)
{
    const size_t room = bytes + strlen(number) + strlen(ending) + 2;
    char *whole = ps_alloc(NULL, 1, room);

    if (whole)
        snprintf(whole, room, "%.*s%s.%s", (int)bytes, name, number, ending);
    return whole;
}

/* ---- The same file ------------------------------------------------------------------------ */

/* Which file an input is; all zeros when there is none. */
typedef struct identity {
    dev_t device;
    ino_t file;
    size_t input;
} identity;

static int by_identity(const void *one, const void *other)
{
    const identity *a = one, *b = other;

    if (a->device != b->device)
        return a->device < b->device ? -1 : 1;
    if (a->file != b->file)
        return a->file < b->file ? -1 : 1;
    return a->input < b->input ? -1 : a->input > b->input;
}

static bool same_name(const ps_batch_input *one, const ps_batch_input *other)
{
    size_t bytes, other_bytes;
    const char *name = own_name(one, &bytes), *other_name = own_name(other, &other_bytes);

    return bytes == other_bytes && memcmp(name, other_name, bytes) == 0;
}

/* Finds the first of each that is the same; what does not exist is nobody's. */
static ps_status find_same(ps_batch_name *names, const ps_batch_input *inputs, size_t count,
                           ps_error *err)
{
    identity *all = ps_alloc(NULL, count, sizeof *all);

    if (!all)
        return ps_fail(err, PS_NO_MEMORY, "no memory for the names of %zu files", count);
    for (size_t i = 0; i < count; i++) {
        struct stat about;

        all[i].input = i;
        names[i].same_as = SIZE_MAX;
        if (stat(inputs[i].path, &about) == 0) {
            all[i].device = about.st_dev;
            all[i].file = about.st_ino;
        }
    }
    qsort(all, count, sizeof *all, by_identity);
    for (size_t i = 1, first = 0; i < count; i++) {
        if (all[i].file != all[first].file || all[i].device != all[first].device)
            first = i;
        for (size_t j = first; j < i && all[i].file != 0; j++) {
            if (names[all[j].input].same_as == SIZE_MAX &&
                same_name(&inputs[all[j].input], &inputs[all[i].input])) {
                names[all[i].input].same_as = all[j].input;
                break;
            }
        }
    }
    ps_free(NULL, all);
    return PS_OK;
}

/* ---- Names -------------------------------------------------------------------------------- */

/* Whoever comes first keeps its name; the others are left without one. */
static ps_status name_first(const taken *t, ps_batch_name *name, const ps_batch_input *input,
                            const char *ending, ps_error *err)
{
    size_t bytes;
    const char *own = own_name(input, &bytes);
    struct place *place = find(t, own, bytes);

    if (place->name)
        return PS_OK;
    *place = (struct place){own, bytes, 1};
    name->name = with_ending(own, bytes, "", ending);
    return name->name ? PS_OK : ps_fail_memory(err, input->path);
}

static ps_status name_other(const taken *t, ps_batch_name *name, const ps_batch_input *input,
                            const char *ending, ps_error *err)
{
    size_t bytes;
    const char *own = own_name(input, &bytes);
    struct place *first = find(t, own, bytes);
    char number[NUMBER_BYTES];

    for (;;) {
        struct place *place;

        snprintf(number, sizeof number, "-%zu", ++first->number);
        name->name = with_ending(own, bytes, number, ending);
        if (!name->name)
            return ps_fail_memory(err, input->path);
        place = find(t, name->name, bytes + strlen(number));
        if (!place->name) {
            *place = (struct place){name->name, bytes + strlen(number), 1};
            return PS_OK;
        }
        ps_free(NULL, name->name);
        name->name = NULL;
    }
}

static ps_status name_as_another(ps_batch_name *names, size_t i, const ps_batch_input *input,
                                 ps_error *err)
{
    names[i].name = ps_batch_copy(names[names[i].same_as].name);
    return names[i].name ? PS_OK : ps_fail_memory(err, input->path);
}

static ps_status give_names(const taken *t, ps_batch_name *names, const ps_batch_input *inputs,
                            size_t count, const char *ending, ps_error *err)
{
    ps_status status = PS_OK;

    for (size_t i = 0; i < count && status == PS_OK; i++) {
        if (names[i].same_as == SIZE_MAX)
            status = name_first(t, &names[i], &inputs[i], ending, err);
    }
    for (size_t i = 0; i < count && status == PS_OK; i++) {
        if (names[i].same_as != SIZE_MAX)
            status = name_as_another(names, i, &inputs[i], err);
        else if (!names[i].name)
            status = name_other(t, &names[i], &inputs[i], ending, err);
    }
    return status;
}

ps_status ps_batch_name_all(ps_batch_name *names, const ps_batch_input *inputs, size_t count,
                            const char *ending, ps_error *err)
{
    ps_status status = PS_OK;
    taken t = {.mask = 15};

    if (count == 0)
        return PS_OK;
    for (size_t i = 0; i < count; i++) {
        names[i].same_as = SIZE_MAX;
        if (status == PS_OK)
            status = check(&inputs[i], err);
    }
    if (status == PS_OK)
        status = find_same(names, inputs, count, err);
    if (status != PS_OK)
        return status;
    while (t.mask < 2 * count)
        t.mask = 2 * t.mask + 1;
    t.places = ps_alloc(NULL, t.mask + 1, sizeof *t.places);
    if (!t.places)
        return ps_fail(err, PS_NO_MEMORY, "no memory for the names of %zu files", count);
    status = give_names(&t, names, inputs, count, ending, err);
    ps_free(NULL, t.places);
    return status;
}
