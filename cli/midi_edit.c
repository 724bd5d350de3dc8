/* The sub-commands of `plainsong midi` that make one score of one: each a table and a call. */
#include <string.h>

#include "midi.h"
#include "values.h"

/* ---- transpose --------------------------------------------------------------------------------
 */

typedef struct transpose_values {
    midi_output output;
    int64_t semitones;
    midi_channels channels;
} transpose_values;

static const cli_option transpose_options[] = {
    MIDI_OUTPUT_ROWS,
    {"semitones", 's', "N", CLI_INTEGER, offsetof(transpose_values, semitones), NULL,
     "how far, up or (negative) down", .low = -127, .high = 127},
    MIDI_CHANNELS_ROW(offsetof(transpose_values, channels), "only these channels, \"1,3-5\""),
    CLI_OPTIONS_END,
};

static ps_status transpose(ps_score **out, const ps_score *score, const void *values,
                           const ps_score_options *options, ps_error *err)
{
    const transpose_values *v = values;

    return ps_score_transpose(out, score, (int)v->semitones, midi_channel_set(&v->channels),
                              options, err);
}

static int run_transpose(cli *c, const void *values)
{
    if (!cli_given(c, "semitones"))
        return cli_usage(c, NULL, "--semitones N is missing");
    return midi_run_edit(c, values, transpose);
}

const cli_command cli_midi_transpose = {
    .name = "transpose",
    .arguments = "FILE",
    .summary = "move keys up or down; drums stay",
    .details = "Notes that leave the keyboard are dropped, with a warning. Key signatures move too "
               "when all channels do.",
    .examples = "plainsong midi transpose song.mid -s -3 -o lower.mid",
    .options = transpose_options,
    .options_bytes = sizeof(transpose_values),
    .least = 1,
    .most = 1,
    .argument_kind = CLI_FILE,
    .run = run_transpose,
};

/* ---- tempo ------------------------------------------------------------------------------------
 */

typedef struct tempo_values {
    midi_output output;
    double factor, bpm;
} tempo_values;

static const cli_option tempo_options[] = {
    MIDI_OUTPUT_ROWS,
    {"factor", 'f', "X", CLI_NUMBER, offsetof(tempo_values, factor), NULL,
     "this many times as fast: 0.8 is slower", .low = 0.01, .high = 100},
    {"bpm", 'b', "BPM", CLI_NUMBER, offsetof(tempo_values, bpm), NULL,
     "one tempo for the whole piece, in quarter notes a minute", .low = 3.58, .high = 60e6},
    CLI_OPTIONS_END,
};

static ps_status scale_tempo(ps_score **out, const ps_score *score, const void *values,
                             const ps_score_options *options, ps_error *err)
{
    return ps_score_scale_tempo(out, score, ((const tempo_values *)values)->factor, options, err);
}

static ps_status set_tempo(ps_score **out, const ps_score *score, const void *values,
                           const ps_score_options *options, ps_error *err)
{
    return ps_score_set_tempo(out, score, ((const tempo_values *)values)->bpm, options, err);
}

static int run_tempo(cli *c, const void *values)
{
    if (cli_given(c, "factor") == cli_given(c, "bpm"))
        return cli_usage(c, NULL, "one of --factor X and --bpm BPM is needed");
    return midi_run_edit(c, values, cli_given(c, "bpm") ? set_tempo : scale_tempo);
}

const cli_command cli_midi_tempo = {
    .name = "tempo",
    .arguments = "FILE",
    .summary = "play faster or slower, or at one tempo",
    .examples = "plainsong midi tempo song.mid --factor 0.8 -o practice.mid\n"
                "plainsong midi tempo song.mid --bpm 90 -o even.mid",
    .options = tempo_options,
    .options_bytes = sizeof(tempo_values),
    .least = 1,
    .most = 1,
    .argument_kind = CLI_FILE,
    .run = run_tempo,
};

/* ---- velocity ---------------------------------------------------------------------------------
 */

typedef struct velocity_values {
    midi_output output;
    double factor, offset;
    midi_channels channels;
} velocity_values;

static const cli_option velocity_options[] = {
    MIDI_OUTPUT_ROWS,
    {"factor", 'f', "X", CLI_NUMBER, offsetof(velocity_values, factor), "1",
     "what velocities are multiplied by", .low = 0, .high = 127},
    {"offset", 0, "N", CLI_NUMBER, offsetof(velocity_values, offset), "0", "what is added then",
     .low = -127, .high = 127},
    MIDI_CHANNELS_ROW(offsetof(velocity_values, channels), "only these channels, \"1,3-5\""),
    CLI_OPTIONS_END,
};

static ps_status velocity(ps_score **out, const ps_score *score, const void *values,
                          const ps_score_options *options, ps_error *err)
{
    const velocity_values *v = values;

    return ps_score_scale_velocity(out, score, v->factor, v->offset, midi_channel_set(&v->channels),
                                   options, err);
}

static int run_velocity(cli *c, const void *values)
{
    if (!cli_given(c, "factor") && !cli_given(c, "offset"))
        return cli_usage(c, NULL, "--factor X or --offset N is missing");
    return midi_run_edit(c, values, velocity);
}

const cli_command cli_midi_velocity = {
    .name = "velocity",
    .arguments = "FILE",
    .summary = "play louder or softer",
    .examples = "plainsong midi velocity song.mid -f 0 --offset 90 -o even.mid\n"
                "plainsong midi velocity song.mid -f 0.7 -c 10 -o soft-drums.mid",
    .options = velocity_options,
    .options_bytes = sizeof(velocity_values),
    .least = 1,
    .most = 1,
    .argument_kind = CLI_FILE,
    .run = run_velocity,
};

/* ---- quantize ---------------------------------------------------------------------------------
 */

typedef struct quantize_values {
    midi_output output;
    double grid_quarters, strength, swing;
    midi_channels channels;
} quantize_values;

/* "1/16" of a whole note, "1/8t" for triplets. */
static ps_status parse_grid(void *field, const char *text, ps_error *err)
{
    double *grid_quarters = field;
    char digits[16] = "";
    const size_t length = strlen(text);
    const bool triplet = length > 0 && text[length - 1] == 't';
    int64_t parts = 0;

    if (strncmp(text, "1/", 2) == 0 && length < sizeof digits)
        memcpy(digits, text + 2, length - 2 - triplet);
    if (cli_parse_integer(digits, &parts, NULL) != PS_OK || parts < 1 || parts > 256)
        return ps_fail(err, PS_BAD_ARGUMENT, "\"%.40s\" is no note like 1/4, 1/16 or 1/8t", text);
    *grid_quarters = 4.0 / (double)parts * (triplet ? 2.0 / 3.0 : 1.0);
    return PS_OK;
}

static const cli_option quantize_options[] = {
    MIDI_OUTPUT_ROWS,
    {"grid", 'g', "NOTE", CLI_CUSTOM, offsetof(quantize_values, grid_quarters), "1/16",
     "step of the grid; 1/8t are triplets", .parse = parse_grid},
    {"strength", 0, "X", CLI_NUMBER, offsetof(quantize_values, strength), "1",
     "how much of the way to the grid, 0 to 1", .low = 0, .high = 1},
    {"swing", 0, "X", CLI_NUMBER, offsetof(quantize_values, swing), "0",
     "how late every second point lies, 0 to 1 (half a step)", .low = 0, .high = 1},
    MIDI_CHANNELS_ROW(offsetof(quantize_values, channels), "only these channels, \"1,3-5\""),
    CLI_OPTIONS_END,
};

static ps_status quantize(ps_score **out, const ps_score *score, const void *values,
                          const ps_score_options *options, ps_error *err)
{
    const quantize_values *v = values;

    return ps_score_quantize(out, score, v->grid_quarters, v->strength, v->swing,
                             midi_channel_set(&v->channels), options, err);
}

static int run_quantize(cli *c, const void *values)
{
    return midi_run_edit(c, values, quantize);
}

const cli_command cli_midi_quantize = {
    .name = "quantize",
    .arguments = "FILE",
    .summary = "pull notes to a grid",
    .details = "Notes keep their lengths, unless they would reach into the next one of their key.",
    .examples = "plainsong midi quantize take.mid -g 1/8 --strength 0.8 --swing 0.3 -o tight.mid",
    .options = quantize_options,
    .options_bytes = sizeof(quantize_values),
    .least = 1,
    .most = 1,
    .argument_kind = CLI_FILE,
    .run = run_quantize,
};

/* ---- trim -------------------------------------------------------------------------------------
 */

typedef struct trim_values {
    midi_output output;
    double start_sec, end_sec;
} trim_values;

static const cli_option trim_options[] = {
    MIDI_OUTPUT_ROWS,
    {"start", 0, "TIME", CLI_SECONDS, offsetof(trim_values, start_sec), "0",
     "first moment to keep, in seconds or 1:30"},
    {"end", 0, "TIME", CLI_SECONDS, offsetof(trim_values, end_sec), NULL,
     "first moment to leave away (the piece's end)"},
    CLI_OPTIONS_END,
};

static ps_status trim(ps_score **out, const ps_score *score, const void *values,
                      const ps_score_options *options, ps_error *err)
{
    const trim_values *v = values;

    return ps_score_trim(out, score, v->start_sec, v->end_sec > 0.0 ? v->end_sec : -1.0, options,
                         err);
}

static int run_trim(cli *c, const void *values)
{
    const trim_values *v = values;

    if (!cli_given(c, "start") && !cli_given(c, "end"))
        return cli_usage(c, NULL, "--start TIME or --end TIME is missing");
    if (cli_given(c, "end") && v->end_sec <= v->start_sec)
        return cli_usage(c, NULL, "--end must come after --start");
    return midi_run_edit(c, values, trim);
}

const cli_command cli_midi_trim = {
    .name = "trim",
    .arguments = "FILE",
    .summary = "keep a stretch of time",
    .details = "Programs, controllers, tempo and SysEx from before the start are kept. Notes that "
               "sound at the start are dropped; notes that sound at the end are ended there.",
    .examples = "plainsong midi trim song.mid --start 1:30 --end 2:00 -o part.mid",
    .options = trim_options,
    .options_bytes = sizeof(trim_values),
    .least = 1,
    .most = 1,
    .argument_kind = CLI_FILE,
    .run = run_trim,
};

/* ---- mute, solo -------------------------------------------------------------------------------
 */

typedef struct channel_values {
    midi_output output;
    midi_channels channels;
} channel_values;

static const cli_option mute_options[] = {
    MIDI_OUTPUT_ROWS,
    MIDI_CHANNELS_ROW(offsetof(channel_values, channels), "the channels to leave away, \"1,3-5\""),
    CLI_OPTIONS_END,
};

static const cli_option solo_options[] = {
    MIDI_OUTPUT_ROWS,
    MIDI_CHANNELS_ROW(offsetof(channel_values, channels), "the channels to keep, \"1,3-5\""),
    CLI_OPTIONS_END,
};

static ps_status solo(ps_score **out, const ps_score *score, const void *values,
                      const ps_score_options *options, ps_error *err)
{
    const channel_values *v = values;

    return ps_score_only_channels(out, score, &v->channels.set, options, err);
}

static ps_status mute(ps_score **out, const ps_score *score, const void *values,
                      const ps_score_options *options, ps_error *err)
{
    ps_channel_set others = ((const channel_values *)values)->channels.set;

    for (size_t i = 0; i < sizeof others.bits / sizeof *others.bits; i++)
        others.bits[i] = ~others.bits[i];
    return ps_score_only_channels(out, score, &others, options, err);
}

static int run_by_channels(cli *c, const void *values, midi_edit *edit)
{
    if (!cli_given(c, "channels"))
        return cli_usage(c, NULL, "--channels LIST is missing");
    return midi_run_edit(c, values, edit);
}

static int run_mute(cli *c, const void *values)
{
    return run_by_channels(c, values, mute);
}

static int run_solo(cli *c, const void *values)
{
    return run_by_channels(c, values, solo);
}

const cli_command cli_midi_mute = {
    .name = "mute",
    .arguments = "FILE",
    .summary = "leave channels away",
    .examples = "plainsong midi mute song.mid -c 10 -o no-drums.mid",
    .options = mute_options,
    .options_bytes = sizeof(channel_values),
    .least = 1,
    .most = 1,
    .argument_kind = CLI_FILE,
    .run = run_mute,
};

const cli_command cli_midi_solo = {
    .name = "solo",
    .arguments = "FILE",
    .summary = "keep only some channels",
    .examples = "plainsong midi solo song.mid -c 1-4 -o quartet.mid",
    .options = solo_options,
    .options_bytes = sizeof(channel_values),
    .least = 1,
    .most = 1,
    .argument_kind = CLI_FILE,
    .run = run_solo,
};

/* ---- remap ------------------------------------------------------------------------------------
 */

typedef struct remap_values {
    midi_output output;
    uint16_t to[PS_SCORE_CHANNELS]; /* counted from 1; 0: stays */
} remap_values;

static ps_status parse_map(void *field, const char *text, ps_error *err)
{
    uint16_t *to = field;

    while (*text) {
        const size_t length = strcspn(text, ",");
        char pair[16] = "", *equals;
        int64_t from = 0, target = 0;

        if (length < sizeof pair)
            memcpy(pair, text, length);
        equals = strchr(pair, '=');
        if (equals)
            *equals = '\0';
        if (!equals || cli_parse_integer(pair, &from, NULL) != PS_OK ||
            cli_parse_integer(equals + 1, &target, NULL) != PS_OK || from < 1 ||
            from > PS_SCORE_CHANNELS || target < 1 || target > PS_SCORE_CHANNELS)
            return ps_fail(err, PS_BAD_ARGUMENT,
                           "\"%.40s\" is no list like 1=2,3=10 of channels 1 to %u", text,
                           PS_SCORE_CHANNELS);
        to[from - 1] = (uint16_t)target;
        text += length + (text[length] == ',');
    }
    return PS_OK;
}

static const cli_option remap_options[] = {
    MIDI_OUTPUT_ROWS,
    {"map", 'm', "LIST", CLI_CUSTOM, offsetof(remap_values, to), NULL,
     "which channel becomes which, \"1=2,3=10\"", .parse = parse_map},
    CLI_OPTIONS_END,
};

static ps_status remap(ps_score **out, const ps_score *score, const void *values,
                       const ps_score_options *options, ps_error *err)
{
    const remap_values *v = values;
    uint16_t map[PS_SCORE_CHANNELS];

    for (uint16_t channel = 0; channel < PS_SCORE_CHANNELS; channel++)
        map[channel] = v->to[channel] ? (uint16_t)(v->to[channel] - 1) : channel;
    return ps_score_remap(out, score, map, options, err);
}

static int run_remap(cli *c, const void *values)
{
    if (!cli_given(c, "map"))
        return cli_usage(c, NULL, "--map LIST is missing");
    return midi_run_edit(c, values, remap);
}

const cli_command cli_midi_remap = {
    .name = "remap",
    .arguments = "FILE",
    .summary = "move channels to other channels",
    .examples = "plainsong midi remap song.mid -m 1=10 -o drums.mid",
    .options = remap_options,
    .options_bytes = sizeof(remap_values),
    .least = 1,
    .most = 1,
    .argument_kind = CLI_FILE,
    .run = run_remap,
};

/* ---- click ------------------------------------------------------------------------------------
 */

typedef struct click_values {
    midi_output output;
    int64_t count_in, channel, accent_key, beat_key, accent_velocity, beat_velocity;
    bool whole;
} click_values;

static const cli_option click_options[] = {
    MIDI_OUTPUT_ROWS,
    {"count-in", 0, "BARS", CLI_INTEGER, offsetof(click_values, count_in), "1",
     "bars of click before the piece", .low = 0, .high = 64},
    {"whole", 'w', NULL, CLI_FLAG, offsetof(click_values, whole), NULL,
     "click on every beat of the piece too"},
    {"channel", 'c', "N", CLI_INTEGER, offsetof(click_values, channel), "10",
     "channel of the click", .low = 1, .high = PS_SCORE_CHANNELS},
    {"accent-key", 0, "KEY", CLI_INTEGER, offsetof(click_values, accent_key), "76",
     "first beat of a bar; 76 is a high wood block", .low = 0, .high = 127},
    {"beat-key", 0, "KEY", CLI_INTEGER, offsetof(click_values, beat_key), "77", "other beats",
     .low = 0, .high = 127},
    {"accent-velocity", 0, "N", CLI_INTEGER, offsetof(click_values, accent_velocity), "120",
     "how hard the first beat", .low = 1, .high = 127},
    {"beat-velocity", 0, "N", CLI_INTEGER, offsetof(click_values, beat_velocity), "90",
     "how hard the others", .low = 1, .high = 127},
    CLI_OPTIONS_END,
};

static ps_status add_click(ps_score **out, const ps_score *score, const void *values,
                           const ps_score_options *options, ps_error *err)
{
    const click_values *v = values;
    const ps_click_options click = {
        .count_in_bars = (uint32_t)v->count_in,
        .whole_piece = v->whole,
        .channel = (uint16_t)(v->channel - 1),
        .accent_key = (uint8_t)v->accent_key,
        .beat_key = (uint8_t)v->beat_key,
        .accent_velocity = (uint8_t)v->accent_velocity,
        .beat_velocity = (uint8_t)v->beat_velocity,
    };

    return ps_score_add_click(out, score, &click, options, err);
}

static int run_click(cli *c, const void *values)
{
    return midi_run_edit(c, values, add_click);
}

const cli_command cli_midi_click = {
    .name = "click",
    .arguments = "FILE",
    .summary = "add a count-in and a click track",
    .examples = "plainsong midi click song.mid --count-in 2 --whole -o practice.mid",
    .options = click_options,
    .options_bytes = sizeof(click_values),
    .least = 1,
    .most = 1,
    .argument_kind = CLI_FILE,
    .run = run_click,
};
