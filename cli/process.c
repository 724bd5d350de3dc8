/* plainsong process: an audio file through effects into another. */
#include "output.h"

typedef struct process_options {
    output out;
} process_options;

/* clang-format off */
static const cli_option options[] = {
    CLI_OPTIONS_HEADING("Output"),
    OUTPUT_FILE_ROWS("where to write: the name's ending says the format; - is standard output, null: nowhere", "the input's own"),

    CLI_OPTIONS_HEADING("Sound"),
    OUTPUT_EFFECT_ROWS("what to do: \"eq:100hz-3 | limiter:-1\", a preset, or FILE.json; may be repeated"),
    OUTPUT_LEVEL_ROW("none or fixed: as the effects leave it; peak:DB, true-peak:DB, lufs:LUFS:"
     " measured first; auto: none, and peak:-1 if that would clip"),

    CLI_OPTIONS_HEADING("Time (seconds, or 1:30.5)"),
    OUTPUT_SPAN_ROWS,
    {"tail", 0, "TIME", CLI_SECONDS, OUTPUT_AT(tail_sec), NULL,
     "the longest time that effects ring on after the end (as long as they do)", .low = 0, .high = 3600},
    OUTPUT_FADE_ROWS,

    CLI_OPTIONS_HEADING("Work"),
    OUTPUT_WORK_ROWS("of the dither"),
    OUTPUT_REPORT_ROWS,
    CLI_OPTIONS_END,
};
/* clang-format on */

static int run(cli *c, const void *values)
{
    const process_options *o = values;
    ps_render_request request = ps_render_defaults();
    output out = o->out;
    int code;

    if (!out.output)
        return cli_usage(c, NULL, "-o FILE is needed: the input is not written over unasked");
    code = output_request(c, &out, c->arguments[0], false, &request);
    if (code == CLI_DONE && out.channel_count > 0)
        code = cli_usage(c, NULL, "--effects: an audio file has no MIDI channels");
    if (cli_given(c, "tail"))
        request.effects_tail_sec = out.tail_sec;
    if (code == CLI_DONE)
        code = output_check_streams(c, &out, &request);
    if (code == CLI_DONE)
        code = output_run(c, &out, &request, ps_process_file);
    output_close(&out);
    return code;
}

const cli_command cli_process = {
    .name = "process",
    .arguments = "FILE",
    .summary = "put effects on an audio file, or bring it to another level or format",
    .details = "FILE is an audio file of any kind that libsndfile reads; of more than two channels "
               "the first two are taken. What effects there are, \"plainsong list effects\" says, "
               "and \"plainsong list presets\" shows whole chains. The sound keeps its place: what "
               "effects delay is taken back.",
    .examples =
        "plainsong process in.wav -o out.flac --effects \"eq:100hz-3 | convolver:hall,wet=0.3\"\n"
        "plainsong process take.wav -o take.mp3 --effects podcast --level lufs:-16\n"
        "plainsong process dry.wav -o wet.wav --ir church.wav",
    .options = options,
    .options_bytes = sizeof(process_options),
    .least = 1,
    .most = 1,
    .argument_kind = CLI_FILE,
    .run = run,
};
