/* plainsong render: a MIDI file played with a SoundFont, or a track, into an audio file. */
#include "render.h"

#include "output.h"
#include "render_plan.h"
#include "sound.h"

typedef struct render_options {
    output out;
    sound sound;
    const char *stems_dir;
    bool dry_run;
} render_options;

#define AT(field) offsetof(render_options, field)

/* clang-format off */
static const cli_option options[] = {
    CLI_OPTIONS_HEADING("Output"),
    OUTPUT_FILE_ROWS("where to write: the name's ending says the format; - is standard output, null: nowhere"
     " (the input's name with .wav, in this folder)", "44100; of a track its own"),
    {"stems", 0, "FOLDER", CLI_FOLDER, AT(stems_dir), NULL,
     "also one file per channel, NN-name.ext, at the mix's gain; without -o, only them"},

    CLI_OPTIONS_HEADING("Sound"),
    SOUND_NOTE_ROWS(render_options),
    SOUND_MIX_ROWS(render_options),

    CLI_OPTIONS_HEADING("Time (seconds, or 1:30.5)"),
    OUTPUT_SPAN_ROWS,
    SOUND_TIME_ROWS(render_options),
    OUTPUT_FADE_ROWS,

    CLI_OPTIONS_HEADING("Work"),
    SOUND_WORK_ROWS(render_options),
    {"dry-run", 0, NULL, CLI_FLAG, AT(dry_run), NULL, "say what would be done and stop"},
    OUTPUT_REPORT_ROWS,
    CLI_OPTIONS_END,
};
/* clang-format on */

static int run(cli *c, const void *values)
{
    const render_options *o = values;
    ps_render_request request = ps_render_defaults();
    output out = o->out;
    int code = output_request(c, &out, c->arguments[0], o->stems_dir != NULL, &request);

    sound_request(&o->sound, &out, &request);
    request.stems_dir = o->stems_dir;
    if (code == CLI_DONE && !o->dry_run)
        code = output_check_streams(c, &out, &request);
    if (code == CLI_DONE)
        code = o->dry_run ? render_plan(c, &request, out.json)
                          : output_run(c, &out, &request, ps_render_file);
    output_close(&out);
    return code;
}

const cli_command cli_render = {
    .name = "render",
    .arguments = "FILE",
    .summary = "play a MIDI file with a SoundFont, or a track, into an audio file",
    .details = "FILE is a Standard MIDI File, RMID or karaoke file, or a track (JSON); - reads "
               "standard input. Options about SoundFonts, notes, loops and stems are for MIDI. The "
               "output gets its name when it is whole: an interrupted or failed render leaves "
               "nothing behind.",
    .examples = "plainsong render song.mid -o song.wav\n"
                "plainsong render song.mid -s piano.sf2 -s gm.sf2 --level lufs:-16 -o song.flac\n"
                "plainsong render song.mid --stems stems/ -o song.wav --json\n"
                "plainsong render song.mid --effects \"gospel-piano\" -o song.mp3\n"
                "plainsong render track.json -o track.flac\n"
                "plainsong render song.mid -o - | aplay",
    .options = options,
    .options_bytes = sizeof(render_options),
    .least = 1,
    .most = 1,
    .argument_kind = CLI_FILE,
    .run = run,
};
