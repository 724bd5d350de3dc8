/* `plainsong list`: what there is to choose from. */
#include <string.h>

#include "command.h"
#include "json_out.h"
#include "track.h"

#define PATH_BYTES 4096u

/* ---- Presets -----------------------------------------------------------------------------------
 */

typedef struct presets_values {
    bool json;
    const char *soundfont;
} presets_values;

static const cli_option presets_options[] = {
    {"soundfont", 's', "FILE", CLI_FILE, offsetof(presets_values, soundfont), NULL,
     "the bank; without it, the one that render would take"},
    {"json", 'j', NULL, CLI_FLAG, offsetof(presets_values, json), NULL, "print JSON"},
    CLI_OPTIONS_END,
};

static void print_presets(const char *path, const ps_soundfont *bank)
{
    const uint32_t count = ps_soundfont_preset_count(bank);

    printf("%s\nbank  program  name\n", path);
    for (uint32_t i = 0; i < count; i++) {
        ps_preset_info preset;

        ps_soundfont_preset_info(bank, i, &preset);
        printf("%4u%9u  %s%s%s\n", (unsigned)preset.bank, (unsigned)preset.program + 1, preset.name,
               preset.bank == 128 ? " (drums)" : "", preset.regions == 0 ? " (silent)" : "");
    }
}

static void put_presets(const char *path, const ps_soundfont *bank)
{
    const uint32_t count = ps_soundfont_preset_count(bank);
    json_out j;

    json_begin(&j, stdout);
    json_object(&j, NULL);
    json_text(&j, "file", path);
    json_array(&j, "presets");
    for (uint32_t i = 0; i < count; i++) {
        ps_preset_info preset;

        ps_soundfont_preset_info(bank, i, &preset);
        json_object(&j, NULL);
        json_integer(&j, "bank", preset.bank);
        json_integer(&j, "program", preset.program);
        json_text(&j, "name", preset.name);
        json_integer(&j, "regions", preset.regions);
        json_end(&j);
    }
    json_end(&j);
    json_end(&j);
    json_finish(&j);
}

static int list_presets(cli *c, const void *values)
{
    const presets_values *v = values;
    char found[PATH_BYTES];
    const char *path = v->soundfont;
    ps_soundfont_file *file = NULL;
    ps_warnings warnings;
    ps_error err = {0};

    if (!path && ps_soundfont_find_default(found, sizeof found, &err) != PS_OK)
        return cli_fail(c, NULL, &err);
    path = path ? path : found;
    warnings = cli_warnings(c, path);
    if (ps_soundfont_file_open(&file, path, false, &warnings, &err) != PS_OK)
        return cli_fail(c, path, &err);
    if (v->json)
        put_presets(path, ps_soundfont_file_bank(file));
    else
        print_presets(path, ps_soundfont_file_bank(file));
    ps_soundfont_file_close(file);
    return CLI_DONE;
}

static const cli_command cli_list_presets = {
    .name = "presets",
    .summary = "the sounds of a SoundFont",
    .details = "Programs are counted from 1 in the text, from 0 in JSON.",
    .examples = "plainsong list presets\nplainsong list presets --soundfont bank.sf2 --json",
    .options = presets_options,
    .options_bytes = sizeof(presets_values),
    .run = list_presets,
};

/* ---- SoundFonts --------------------------------------------------------------------------------
 */

typedef struct soundfonts_values {
    bool json;
} soundfonts_values;

static const cli_option soundfonts_options[] = {
    {"json", 'j', NULL, CLI_FLAG, offsetof(soundfonts_values, json), NULL, "print JSON"},
    CLI_OPTIONS_END,
};

static void print_soundfonts(const char *chosen)
{
    char path[PATH_BYTES];
    bool seen = false;

    for (size_t i = 0; ps_soundfont_find_nth(i, path, sizeof path); i++)
        seen = seen || strcmp(path, chosen) == 0;
    if (!seen) /* named by the environment */
        printf("%s (default)\n", chosen);
    for (size_t i = 0; ps_soundfont_find_nth(i, path, sizeof path); i++)
        printf("%s%s\n", path, strcmp(path, chosen) == 0 ? " (default)" : "");
}

static void put_soundfonts(const char *chosen)
{
    char path[PATH_BYTES];
    json_out j;

    json_begin(&j, stdout);
    json_object(&j, NULL);
    json_text(&j, "default", chosen);
    json_array(&j, "soundfonts");
    for (size_t i = 0; ps_soundfont_find_nth(i, path, sizeof path); i++)
        json_text(&j, NULL, path);
    json_end(&j);
    json_end(&j);
    json_finish(&j);
}

static int list_soundfonts(cli *c, const void *values)
{
    const soundfonts_values *v = values;
    char chosen[PATH_BYTES];
    ps_error err = {0};

    if (ps_soundfont_find_default(chosen, sizeof chosen, &err) != PS_OK) {
        if (!v->json)
            return cli_fail(c, NULL, &err);
        put_soundfonts(NULL);
    } else if (v->json) {
        put_soundfonts(chosen);
    } else {
        print_soundfonts(chosen);
    }
    return CLI_DONE;
}

static const cli_command cli_list_soundfonts = {
    .name = "soundfonts",
    .summary = "the SoundFonts found on this system",
    .details = "The first one is taken when none is named, unless the environment variable "
               "PLAINSONG_SOUNDFONT names another.",
    .options = soundfonts_options,
    .options_bytes = sizeof(soundfonts_values),
    .run = list_soundfonts,
};

static const cli_command *const list_commands[] = {
    &cli_list_presets,
    &cli_list_soundfonts,
    &cli_list_voices,
    &cli_list_gpus,
    NULL,
};

const cli_command cli_list = {
    .name = "list",
    .summary = "list presets, SoundFonts, voices or GPUs",
    .subcommands = list_commands,
};
