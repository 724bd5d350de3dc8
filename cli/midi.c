/* `plainsong midi`: looks into MIDI files and edits them. */
#include "midi.h"

#include <string.h>

#include "values.h"

static const cli_command *const subcommands[] = {
    &cli_midi_info,
    &cli_midi_transpose,
    &cli_midi_tempo,
    &cli_midi_velocity,
    &cli_midi_quantize,
    &cli_midi_trim,
    &cli_midi_merge,
    &cli_midi_split,
    &cli_midi_mute,
    &cli_midi_solo,
    &cli_midi_remap,
    &cli_midi_click,
    NULL,
};

const cli_command cli_midi = {
    .name = "midi",
    .summary = "look into MIDI files and edit them",
    .details =
        "Reads Standard MIDI Files, RMID and karaoke; writes Standard MIDI Files. A file named "
        "- is standard input or output. Damage is mended with a warning, or refused with "
        "--strict. Channels are counted from 1; 17 to 32 are those of the second port.",
    .subcommands = subcommands,
};

/* ---- Lists of channels ------------------------------------------------------------------------
 */

static ps_status parse_channel(const char **at, uint32_t *channel, ps_error *err)
{
    uint32_t number = 0;
    const char *start = *at;

    while (**at >= '0' && **at <= '9' && number <= PS_SCORE_CHANNELS)
        number = number * 10 + (uint32_t)(*(*at)++ - '0');
    if (*at == start || number < 1 || number > PS_SCORE_CHANNELS)
        return ps_fail(err, PS_BAD_ARGUMENT, "\"%.40s\" is no channel, 1 to %u", start,
                       PS_SCORE_CHANNELS);
    *channel = number - 1;
    return PS_OK;
}

ps_status midi_parse_channels(void *field, const char *text, ps_error *err)
{
    midi_channels *channels = field;
    const char *at = text;

    channels->given = true;
    for (;;) {
        uint32_t first = 0, last;
        ps_status status = parse_channel(&at, &first, err);

        last = first;
        if (status == PS_OK && *at == '-') {
            at++;
            status = parse_channel(&at, &last, err);
        }
        if (status != PS_OK)
            return status;
        if (last < first || (*at != ',' && *at != '\0'))
            return ps_fail(err, PS_BAD_ARGUMENT, "\"%.60s\" is no list of channels like 1,3-5,10",
                           text);
        for (uint32_t channel = first; channel <= last; channel++)
            ps_channels_add(&channels->set, channel);
        if (*at++ == '\0')
            return PS_OK;
    }
}

/* ---- In and out -------------------------------------------------------------------------------
 */

int midi_need_output(const cli *c, const midi_output *output)
{
    if (!output->path)
        return cli_usage(c, "-o - writes to standard output", "-o FILE is missing");
    if (strcmp(output->path, "-") == 0 && cli_is_terminal(stdout))
        return cli_usage(c, "-o FILE, or a pipe", "a MIDI file is nothing for a terminal");
    return CLI_DONE;
}

int midi_write(cli *c, const midi_output *output, const ps_score *score)
{
    uint8_t *bytes = NULL;
    size_t size_bytes = 0;
    ps_error err = {0};
    ps_status status = ps_score_write(score, &bytes, &size_bytes, NULL, &err);
    int code = CLI_DONE;

    if (status == PS_OK)
        status = cli_output(c, output->path, bytes, size_bytes, output->no_clobber, &err);
    if (status != PS_OK)
        code = cli_fail(c, output->path, &err);
    ps_free(NULL, bytes);
    return code;
}

int midi_run_edit(cli *c, const void *values, midi_edit *edit)
{
    const midi_output *output = values;
    const char *path = c->arguments[0];
    ps_score_options options = {.strict = output->strict};
    ps_score *score = NULL, *made = NULL;
    ps_error err = {0};
    int code = midi_need_output(c, output);

    if (code != CLI_DONE)
        return code;
    if (cli_read_score(c, path, output->strict, &score, &err) != PS_OK)
        return cli_fail(c, path, &err);
    options.warnings = cli_warnings(c, path);
    if (edit(&made, score, values, &options, &err) != PS_OK)
        code = cli_fail(c, path, &err);
    else
        code = midi_write(c, output, made);
    ps_score_destroy(made);
    ps_score_destroy(score);
    return code;
}
