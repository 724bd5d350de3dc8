/* Presets of effects: the user's folder first, then those that come with Plainsong. */
#include "presets.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#include "fail.h"
#include "json.h"
#include "plainsong/effect_file.h"
#include "plainsong/file.h"

#define SUFFIX ".json"

static bool user_folder(char *folder, size_t bytes)
{
    const char *own = getenv("PLAINSONG_PRESETS"), *config = getenv("XDG_CONFIG_HOME");
    const char *home = getenv("HOME");
    int length = -1;

    if (own && own[0])
        length = snprintf(folder, bytes, "%s", own);
    else if (config && config[0])
        length = snprintf(folder, bytes, "%s/plainsong/presets", config);
    else if (home && home[0])
        length = snprintf(folder, bytes, "%s/.config/plainsong/presets", home);
    return length >= 0 && (size_t)length < bytes;
}

/* Names that may stand in a chain and are no path. */
static bool is_name(const char *name, size_t length)
{
    return length > 0 && length < sizeof((ps_preset *)0)->name &&
           strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_") >=
               length;
}

static int is_preset_file(const struct dirent *entry)
{
    const size_t length = strlen(entry->d_name), suffix = strlen(SUFFIX);

    return length > suffix && strcmp(entry->d_name + length - suffix, SUFFIX) == 0 &&
           is_name(entry->d_name, length - suffix);
}

static bool user_path(char *path, size_t bytes, const char *name)
{
    char folder[1024];
    int length;

    if (!user_folder(folder, sizeof folder))
        return false;
    length = snprintf(path, bytes, "%s/%s" SUFFIX, folder, name);
    return length >= 0 && (size_t)length < bytes;
}

static bool exists(const char *path)
{
    FILE *file = fopen(path, "rb");

    if (file)
        fclose(file);
    return file != NULL;
}

static const char *builtin(const char *name)
{
    for (const ps_builtin_preset *p = ps_builtin_presets; p->name; p++)
        if (strcmp(p->name, name) == 0)
            return p->json;
    return NULL;
}

/* ---- Reading -------------------------------------------------------------------------------- */

static ps_status append_text(ps_chain *chain, const char *text, size_t bytes, ps_error *err)
{
    ps_json *json;
    ps_status status = ps_json_read(&json, text, bytes, NULL, err);

    if (status != PS_OK)
        return status;
    status = ps_chain_append_value(chain, ps_json_value(json), err);
    ps_json_free(json);
    return status;
}

static ps_status append_file(ps_chain *chain, const char *path, ps_error *err)
{
    ps_file *file;
    size_t bytes;
    ps_status status = ps_file_map(&file, path, err);

    if (status == PS_OK) {
        const uint8_t *text = ps_file_bytes(file, &bytes);

        status = append_text(chain, (const char *)text, bytes, err);
        ps_file_close(file);
    }
    if (status != PS_OK)
        ps_error_in(err, path);
    return status;
}

/* How far two names are apart is not for here: a beginning that fits is hint enough. */
static void hint_at(const char *name, ps_error *err)
{
    for (const ps_builtin_preset *p = ps_builtin_presets; p->name; p++) {
        if (strncmp(p->name, name, 3) == 0) {
            ps_hint(err, "did you mean \"%s\"?", p->name);
            return;
        }
    }
    ps_hint(err, "\"plainsong list effects\" and \"plainsong list presets\" show what there is");
}

static ps_status append_preset(void *user, const char *name, ps_chain *chain, ps_error *err)
{
    char path[1200];
    const char *json;

    (void)user;
    if (is_name(name, strlen(name))) {
        if (user_path(path, sizeof path, name) && exists(path))
            return append_file(chain, path, err);
        json = builtin(name);
        if (json)
            return append_text(chain, json, strlen(json), err);
    }
    hint_at(name, err);
    return PS_NOT_FOUND;
}

ps_chain_options ps_chain_options_with_presets(void)
{
    return (ps_chain_options){.preset = append_preset};
}

ps_status ps_chain_file_read(ps_chain **out, const char *path, ps_error *err)
{
    const ps_chain_options options = ps_chain_options_with_presets();
    ps_chain *chain;
    ps_status status = ps_chain_create(&chain, &options, err);

    if (status != PS_OK)
        return status;
    status = append_file(chain, path, err);
    if (status == PS_OK)
        *out = chain;
    else
        ps_chain_destroy(chain);
    return status;
}

static ps_status read_document(ps_chain **out, const char *text, ps_error *err)
{
    const ps_chain_options options = ps_chain_options_with_presets();
    ps_json *json;
    ps_status status = ps_json_read(&json, text, strlen(text), NULL, err);

    if (status != PS_OK)
        return status;
    status = ps_chain_read_value(out, ps_json_value(json), &options, err);
    ps_json_free(json);
    return status;
}

ps_status ps_chain_read_any(ps_chain **out, const char *text, ps_error *err)
{
    const ps_chain_options options = ps_chain_options_with_presets();
    const size_t length = strlen(text), suffix = strlen(SUFFIX);
    const char *first = text + strspn(text, " \t\r\n");

    if (*first == '[' || *first == '{')
        return read_document(out, text, err);
    if (length > suffix && strcmp(text + length - suffix, SUFFIX) == 0)
        return ps_chain_file_read(out, text, err);
    return ps_chain_read(out, text, &options, err);
}

/* ---- Listing -------------------------------------------------------------------------------- */

static void describe(ps_preset *preset, const char *text, size_t bytes)
{
    ps_json *json;

    if (ps_json_read(&json, text, bytes, NULL, NULL) != PS_OK)
        return;
    const ps_value *words = ps_value_member(ps_json_value(json), "description");
    if (words && words->kind == PS_VALUE_TEXT)
        snprintf(preset->description, sizeof preset->description, "%s", words->text);
    ps_json_free(json);
}

static void describe_file(ps_preset *preset)
{
    ps_file *file;
    size_t bytes;

    if (ps_file_map(&file, preset->path, NULL) != PS_OK)
        return;
    const uint8_t *text = ps_file_bytes(file, &bytes);
    describe(preset, (const char *)text, bytes);
    ps_file_close(file);
}

/* The index-th of the user's; else *index counts down past them. */
static bool users_nth(size_t *index, ps_preset *preset)
{
    char folder[1024];
    struct dirent **entries;
    bool found = false;
    int count;

    if (!user_folder(folder, sizeof folder))
        return false;
    count = scandir(folder, &entries, is_preset_file, alphasort);
    for (int i = 0; i < count; i++) {
        if (!found && (*index)-- == 0) {
            const size_t length = strlen(entries[i]->d_name) - strlen(SUFFIX);

            snprintf(preset->name, sizeof preset->name, "%.*s", (int)length, entries[i]->d_name);
            found = user_path(preset->path, sizeof preset->path, preset->name);
        }
        free(entries[i]);
    }
    if (count >= 0)
        free(entries);
    return found;
}

bool ps_preset_nth(size_t index, ps_preset *preset)
{
    memset(preset, 0, sizeof *preset);
    if (users_nth(&index, preset)) {
        describe_file(preset);
        return true;
    }
    for (const ps_builtin_preset *p = ps_builtin_presets; p->name; p++) {
        char path[1200];

        if (user_path(path, sizeof path, p->name) && exists(path))
            continue;
        if (index-- == 0) {
            snprintf(preset->name, sizeof preset->name, "%s", p->name);
            describe(preset, p->json, strlen(p->json));
            return true;
        }
    }
    return false;
}
