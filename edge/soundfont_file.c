/* A SoundFont bank in a file: the map and the bank that reads from it, as one thing. */
#include "plainsong/file.h"

#include <string.h>

#include "fail.h"
#include "vorbis.h"

struct ps_soundfont_file {
    ps_file *file;
    ps_soundfont *bank;
    ps_warnings warnings; /* the caller's; the bank warns later too, when it decodes samples */
    char path[];
};

/* Hands warnings on with the bank's name: a caller may have several banks. */
static void add_named(void *user, const ps_error *warning)
{
    const ps_soundfont_file *file = user;
    ps_error named = *warning;

    ps_error_in(&named, file->path);
    file->warnings.add(file->warnings.user, &named);
}

static ps_status open_bank(ps_soundfont_file *opened, bool strict, ps_error *err)
{
    ps_soundfont_options options = {.decoder = ps_vorbis_decode, .strict = strict};
    const uint8_t *bytes;
    size_t size_bytes;
    ps_status status = ps_file_map(&opened->file, opened->path, err);

    if (status != PS_OK)
        return status;
    if (opened->warnings.add) {
        options.warnings.add = add_named;
        options.warnings.user = opened;
    }
    bytes = ps_file_bytes(opened->file, &size_bytes);
    status = ps_soundfont_open(&opened->bank, bytes, size_bytes, &options, err);
    if (status != PS_OK)
        ps_error_in(err, opened->path);
    return status;
}

ps_status ps_soundfont_file_open(ps_soundfont_file **out, const char *path, bool strict,
                                 const ps_warnings *warnings, ps_error *err)
{
    const size_t path_bytes = strlen(path) + 1;
    ps_soundfont_file *opened = ps_alloc(NULL, 1, sizeof *opened + path_bytes);
    ps_status status;

    if (!opened)
        return ps_fail_memory(err, path);
    memcpy(opened->path, path, path_bytes);
    if (warnings)
        opened->warnings = *warnings;
    status = open_bank(opened, strict, err);
    if (status != PS_OK) {
        ps_soundfont_file_close(opened);
        return status;
    }
    *out = opened;
    return PS_OK;
}

ps_soundfont *ps_soundfont_file_bank(const ps_soundfont_file *file)
{
    return file->bank;
}

void ps_soundfont_file_close(ps_soundfont_file *file)
{
    if (!file)
        return;
    ps_soundfont_destroy(file->bank);
    ps_file_close(file->file);
    ps_free(NULL, file);
}
