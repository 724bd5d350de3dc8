/* `plainsong list`: what there is to choose from. */
#include <string.h>

#include "command.h"
#include "json_out.h"
#include "lists.h"
#include "track.h"

#define PATH_BYTES 4096u

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
    &cli_list_effects, &cli_list_presets, &cli_list_soundfonts,
    &cli_list_voices,  &cli_list_gpus,    NULL,
};

const cli_command cli_list = {
    .name = "list",
    .summary = "list effects, presets, SoundFonts, voices or GPUs",
    .subcommands = list_commands,
};
