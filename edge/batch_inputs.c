/* The inputs of a batch: files as they are named, folders with all that can be rendered in them. */
#include "plainsong/batch.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "batch_text.h"
#include "fail.h"

#define DEPTH_MAX 64u /* of folders in folders */

struct ps_batch_inputs {
    ps_batch_input *items;
    size_t count, room;
};

ps_status ps_batch_inputs_create(ps_batch_inputs **out, ps_error *err)
{
    ps_batch_inputs *inputs = ps_alloc(NULL, 1, sizeof *inputs);

    if (!inputs)
        return ps_fail(err, PS_NO_MEMORY, "no memory for a list of files");
    *out = inputs;
    return PS_OK;
}

void ps_batch_inputs_destroy(ps_batch_inputs *inputs)
{
    if (!inputs)
        return;
    for (size_t i = 0; i < inputs->count; i++) {
        ps_free(NULL, (char *)inputs->items[i].path);
        ps_free(NULL, (char *)inputs->items[i].name);
    }
    ps_free(NULL, inputs->items);
    ps_free(NULL, inputs);
}

const ps_batch_input *ps_batch_inputs_items(const ps_batch_inputs *inputs, size_t *count)
{
    *count = inputs->count;
    return inputs->items;
}

static bool grow(ps_batch_inputs *inputs)
{
    const size_t room = inputs->room > 0 ? 2 * inputs->room : 16;
    ps_batch_input *larger = ps_alloc(NULL, room, sizeof *larger);

    if (!larger)
        return false;
    if (inputs->count > 0)
        memcpy(larger, inputs->items, inputs->count * sizeof *larger);
    ps_free(NULL, inputs->items);
    inputs->items = larger;
    inputs->room = room;
    return true;
}

/* Both texts are copied; name may be NULL. */
static ps_status append(ps_batch_inputs *inputs, const char *path, const char *name, ps_error *err)
{
    ps_batch_input input;

    if (inputs->count == inputs->room && !grow(inputs))
        return ps_fail_memory(err, path);
    input.path = ps_batch_copy(path);
    input.name = name ? ps_batch_copy(name) : NULL;
    if (!input.path || (name && !input.name)) {
        ps_free(NULL, (char *)input.path);
        ps_free(NULL, (char *)input.name);
        return ps_fail_memory(err, path);
    }
    inputs->items[inputs->count++] = input;
    return PS_OK;
}

/* ---- Folders ------------------------------------------------------------------------------ */

static bool can_be_rendered(const char *name)
{
    static const char *const endings[] = {".mid", ".midi", ".kar", ".rmi", ".smf", ".json"};
    const char *dot = strrchr(name, '.');

    if (!dot || dot == name || strcmp(name, PS_BATCH_MANIFEST) == 0)
        return false;
    for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++) {
        if (strcasecmp(dot, endings[i]) == 0)
            return true;
    }
    return false;
}

/* As strcmp has it, in every locale. */
static int by_name(const struct dirent **one, const struct dirent **other)
{
    return strcmp((*one)->d_name, (*other)->d_name);
}

static int is_not_hidden(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

static ps_status add_folder(ps_batch_inputs *inputs, const char *path, const char *name,
                            unsigned depth, ps_error *err);

/* name: of the entry as it lies in the folder that was asked for. */
static ps_status add_entry(ps_batch_inputs *inputs, const char *path, char *name, unsigned depth,
                           ps_error *err)
{
    struct stat about;

    if (lstat(path, &about) != 0)
        return PS_OK; /* gone since it was listed */
    if (S_ISDIR(about.st_mode))
        return add_folder(inputs, path, name, depth + 1, err);
    if (S_ISLNK(about.st_mode) && (stat(path, &about) != 0 || S_ISDIR(about.st_mode)))
        return PS_OK;
    if (!can_be_rendered(strrchr(path, '/') + 1))
        return PS_OK;
    *strrchr(name, '.') = '\0';
    return append(inputs, path, name, err);
}

static ps_status add_entry_of(ps_batch_inputs *inputs, const char *folder, const char *above,
                              const char *entry, unsigned depth, ps_error *err)
{
    char *path = ps_batch_join_path(folder, entry);
    char *name = above[0] ? ps_batch_join_path(above, entry) : ps_batch_copy(entry);
    ps_status status = PS_NO_MEMORY;

    if (path && name)
        status = add_entry(inputs, path, name, depth, err);
    else
        ps_fail_memory(err, folder);
    ps_free(NULL, path);
    ps_free(NULL, name);
    return status;
}

static ps_status add_folder(ps_batch_inputs *inputs, const char *path, const char *name,
                            unsigned depth, ps_error *err)
{
    struct dirent **entries;
    ps_status status = PS_OK;
    int count;

    if (depth > DEPTH_MAX)
        return ps_fail_file(err, PS_CANNOT_READ, path, "folders lie in one another %u deep",
                            DEPTH_MAX);
    count = scandir(path, &entries, is_not_hidden, by_name);
    if (count < 0)
        return ps_fail_system(err, errno == ENOMEM ? PS_NO_MEMORY : PS_CANNOT_READ, path,
                              "list the folder", errno);
    for (int i = 0; i < count; i++) {
        if (status == PS_OK)
            status = add_entry_of(inputs, path, name, entries[i]->d_name, depth, err);
        free(entries[i]);
    }
    free(entries);
    return status;
}

ps_status ps_batch_inputs_add(ps_batch_inputs *inputs, const char *path, ps_error *err)
{
    struct stat about;

    if (stat(path, &about) == 0 && S_ISDIR(about.st_mode))
        return add_folder(inputs, path, "", 0, err);
    return append(inputs, path, NULL, err);
}
