/* What the sub-commands of `plainsong midi` share: a score comes in, another one goes out. */
#ifndef PLAINSONG_CLI_MIDI_H
#define PLAINSONG_CLI_MIDI_H

#include "command.h"

/* Where a score goes. First member of the values of each sub-command that writes one. */
typedef struct midi_output {
    const char *path;
    bool no_clobber, strict;
} midi_output;

#define MIDI_STRICT_ROW(field)                                                                     \
    {                                                                                              \
        "strict", 0, NULL, CLI_FLAG, field, NULL, "refuse damaged files instead of mending them"   \
    }
#define MIDI_OUTPUT_ROWS                                                                           \
    {"output",                                                                                     \
     'o',                                                                                          \
     "FILE",                                                                                       \
     CLI_FILE,                                                                                     \
     offsetof(midi_output, path),                                                                  \
     NULL,                                                                                         \
     "the MIDI file to write; - is standard output"},                                              \
        {"no-clobber",                                                                             \
         'n',                                                                                      \
         NULL,                                                                                     \
         CLI_FLAG,                                                                                 \
         offsetof(midi_output, no_clobber),                                                        \
         NULL,                                                                                     \
         "fail when the output is there already"},                                                 \
        MIDI_STRICT_ROW(offsetof(midi_output, strict))

/* A list of channels as people count them, from 1: "1,3-5,10". */
typedef struct midi_channels {
    ps_channel_set set;
    bool given;
} midi_channels;

cli_parse midi_parse_channels;

/* The row that reads one into a field. */
#define MIDI_CHANNELS_ROW(field, help)                                                             \
    {                                                                                              \
        "channels", 'c', "LIST", CLI_CUSTOM, field, NULL, help, .parse = midi_parse_channels       \
    }

/* NULL, which means all, when no list was given. */
static inline const ps_channel_set *midi_channel_set(const midi_channels *channels)
{
    return channels->given ? &channels->set : NULL;
}

/* Makes a score of another; values are the sub-command's. */
typedef ps_status midi_edit(ps_score **out, const ps_score *score, const void *values,
                            const ps_score_options *options, ps_error *err);

/* Reads the first argument, edits it, writes the output; an exit code. */
int midi_run_edit(cli *c, const void *values, midi_edit *edit);

/* Writes a score where the output says; an exit code. */
int midi_write(cli *c, const midi_output *output, const ps_score *score);

/* CLI_USAGE and its words when there is no output; CLI_DONE otherwise. */
int midi_need_output(const cli *c, const midi_output *output);

/* Prints what is in a MIDI file ("-": standard input), as JSON or for people; an exit code. */
int midi_print_info(cli *c, const char *path, bool json, bool strict);

extern const cli_command cli_midi_info, cli_midi_transpose, cli_midi_tempo, cli_midi_velocity,
    cli_midi_quantize, cli_midi_trim, cli_midi_merge, cli_midi_split, cli_midi_mute, cli_midi_solo,
    cli_midi_remap, cli_midi_click;

#endif
