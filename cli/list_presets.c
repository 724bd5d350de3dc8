/* `plainsong list presets`: chains of effects by name, and the sounds of a SoundFont. */
#include <stdlib.h>

#include "json_out.h"
#include "lists.h"

#define PATH_BYTES 4096u

typedef struct presets_values {
    bool json, effects;
    const char *soundfont;
} presets_values;

static const cli_option presets_options[] = {
    {"soundfont", 's', "FILE", CLI_FILE, offsetof(presets_values, soundfont), NULL,
     "only the sounds of this bank; without it, of the one that render would take"},
    {"effects", 'e', NULL, CLI_FLAG, offsetof(presets_values, effects), NULL,
     "only the chains of effects"},
    {"json", 'j', NULL, CLI_FLAG, offsetof(presets_values, json), NULL, "print JSON"},
    CLI_OPTIONS_END,
};

/* ---- Chains -------------------------------------------------------------------------------- */

static void print_chains(void)
{
    ps_preset preset;

    printf("effects (--effects NAME)\n");
    for (size_t i = 0; ps_preset_nth(i, &preset); i++)
        printf("  %-18s %s%s%s\n", preset.name, preset.description, preset.path[0] ? " - " : "",
               preset.path);
}

/* The chain as text, for those who want to start from it. */
static void put_chain_text(json_out *j, const char *name)
{
    char text[2048];
    ps_chain *chain;

    if (ps_chain_read_any(&chain, name, NULL) != PS_OK)
        return;
    if (ps_chain_write(chain, text, sizeof text) < sizeof text)
        json_text(j, "chain", text);
    ps_chain_destroy(chain);
}

static void put_chains(json_out *j)
{
    ps_preset preset;

    json_array(j, "effects");
    for (size_t i = 0; ps_preset_nth(i, &preset); i++) {
        json_object(j, NULL);
        json_text(j, "name", preset.name);
        json_text(j, "description", preset.description);
        if (preset.path[0])
            json_text(j, "file", preset.path);
        put_chain_text(j, preset.name);
        json_end(j);
    }
    json_end(j);
}

/* ---- Sounds of a SoundFont ----------------------------------------------------------------- */

static void print_sounds(const char *path, const ps_soundfont *bank)
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

static void put_sounds(json_out *j, const char *path, const ps_soundfont *bank)
{
    const uint32_t count = ps_soundfont_preset_count(bank);

    json_text(j, "file", path);
    json_array(j, "presets");
    for (uint32_t i = 0; i < count; i++) {
        ps_preset_info preset;

        ps_soundfont_preset_info(bank, i, &preset);
        json_object(j, NULL);
        json_integer(j, "bank", preset.bank);
        json_integer(j, "program", preset.program);
        json_text(j, "name", preset.name);
        json_integer(j, "regions", preset.regions);
        json_end(j);
    }
    json_end(j);
}

/* ---- The command --------------------------------------------------------------------------- */

static void show(const presets_values *v, const char *path, const ps_soundfont *bank)
{
    const bool chains = v->soundfont == NULL;
    json_out j;

    if (!v->json) {
        if (chains)
            print_chains();
        if (chains && bank)
            putchar('\n');
        if (bank)
            print_sounds(path, bank);
        return;
    }
    json_begin(&j, stdout);
    json_object(&j, NULL);
    if (chains)
        put_chains(&j);
    if (bank)
        put_sounds(&j, path, bank);
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

    if (v->effects && v->soundfont)
        return cli_usage(c, NULL, "--effects and --soundfont exclude each other");
    if (!path && !v->effects) {
        if (ps_soundfont_find_default(found, sizeof found, &err) == PS_OK)
            path = found;
        else if (getenv("PLAINSONG_SOUNDFONT"))
            return cli_fail(c, NULL, &err);
        else
            cli_say(c, "%s", err.text);
    }
    if (!path) {
        show(v, NULL, NULL);
        return CLI_DONE;
    }
    warnings = cli_warnings(c, path);
    if (ps_soundfont_file_open(&file, path, false, &warnings, &err) != PS_OK)
        return cli_fail(c, path, &err);
    show(v, path, ps_soundfont_file_bank(file));
    ps_soundfont_file_close(file);
    return CLI_DONE;
}

const cli_command cli_list_presets = {
    .name = "presets",
    .summary = "chains of effects by name, and the sounds of a SoundFont",
    .details = "Programs are counted from 1 in the text, from 0 in JSON. Chains of your own are "
               "files NAME.json in the folder that the environment variable PLAINSONG_PRESETS "
               "names, else ~/.config/plainsong/presets.",
    .examples = "plainsong list presets\nplainsong list presets --effects --json\n"
                "plainsong list presets --soundfont bank.sf2 --json",
    .options = presets_options,
    .options_bytes = sizeof(presets_values),
    .run = list_presets,
};
