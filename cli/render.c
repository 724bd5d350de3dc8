/* plainsong render: a MIDI file played with a SoundFont, or a track, into an audio file. */
#include "render.h"

#include <math.h>

#include "output.h"
#include "render_plan.h"

typedef struct render_options {
    output out;
    render_banks banks;
    int bank_mode;
    int interpolation;
    int64_t polyphony;
    double gain_db;
    bool no_reverb, no_chorus;
    int64_t loops;
    const char *stems_dir;
    int compat;
    bool strict, dry_run, yes;
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
    {"soundfont", 's', "FILE[@BANK]", CLI_CUSTOM, AT(banks), NULL,
     "SF2 or SF3 bank; may be repeated, the first that has a preset wins; @BANK is added to its"
     " bank numbers", .parse = render_parse_bank, .files = true},
    {"interpolation", 'i', "nearest|linear|cubic|sinc8|sinc32", CLI_CHOICE, AT(interpolation),
     "cubic", "how samples are read between their frames"},
    {"polyphony", 'p', "N", CLI_INTEGER, AT(polyphony), "256", "most notes at once, 1..4096",
     .low = 1, .high = 4096},
    {"bank-mode", 0, "gm|gs|xg|mma", CLI_CHOICE, AT(bank_mode), "gs",
     "how bank select is read until the piece says otherwise"},
    {"gain", 'g', "DB", CLI_NUMBER, AT(gain_db), "0", "louder or softer, -60..40 dB",
     .low = -60, .high = 40},
    {"no-reverb", 0, NULL, CLI_FLAG, AT(no_reverb), NULL, "leave the synthesizer's reverb out"},
    {"no-chorus", 0, NULL, CLI_FLAG, AT(no_chorus), NULL, "leave the synthesizer's chorus out"},
    OUTPUT_EFFECT_ROWS("effects on the mix, \"eq:100hz-3 | limiter:-1\", a preset, or FILE.json;"
     " \"10:CHAIN\" for channel 10 of MIDI alone; may be repeated"),
    OUTPUT_LEVEL_ROW(
     "none: the mix as it is; fixed: as a stream has it, a track at a quarter, nothing measured;"
     " peak:DB, true-peak:DB, lufs:LUFS: measured first; auto: MIDI none, and peak:-1 if that would"
     " clip, a track peak:-12.04"),
    {"compat", 0, "own|reference", CLI_CHOICE, AT(compat), "own",
     "reference: a track exactly as the old offline renderer made it, defects included"},

    CLI_OPTIONS_HEADING("Time (seconds, or 1:30.5)"),
    OUTPUT_SPAN_ROWS,
    {"tail", 0, "TIME", CLI_SECONDS, AT(out.tail_sec), "30",
     "the longest time to wait for silence after the last event", .low = 0, .high = 3600},
    {"loops", 0, "N", CLI_INTEGER, AT(loops), "0", "times to play a marked loop again",
     .low = 0, .high = 10000},
    OUTPUT_FADE_ROWS,

    CLI_OPTIONS_HEADING("Work"),
    OUTPUT_WORK_ROWS("of the dither, and a track's noise and glitches"),
    {"strict", 0, NULL, CLI_FLAG, AT(strict), NULL, "refuse damaged files instead of mending them"},
    {"yes", 'y', NULL, CLI_FLAG, AT(yes), NULL, "write a track of more than 16 GiB, too"},
    {"dry-run", 0, NULL, CLI_FLAG, AT(dry_run), NULL, "say what would be done and stop"},
    OUTPUT_REPORT_ROWS,
    CLI_OPTIONS_END,
};
/* clang-format on */

static void choose_sound(const render_options *o, ps_render_request *request)
{
    ps_performance_options *performance = &request->performance;

    for (uint32_t i = 0; i < o->banks.count; i++) {
        request->soundfont_paths[i] = o->banks.paths[i];
        request->soundfont_offsets[i] = o->banks.offsets[i];
    }
    request->soundfont_count = o->banks.count;
    performance->synth.interpolation = (ps_interpolation)o->interpolation;
    performance->synth.bank_mode = (ps_bank_mode)o->bank_mode;
    performance->synth.polyphony = (uint32_t)o->polyphony;
    performance->synth.gain *= pow(10.0, o->gain_db / 20.0);
    if (o->no_reverb)
        performance->synth.reverb_gain = 0.0;
    if (o->no_chorus)
        performance->synth.chorus_gain = 0.0;
    performance->tail_sec = o->out.tail_sec;
    performance->loops = (uint32_t)o->loops;
}

static void choose_work(const render_options *o, ps_render_request *request)
{
    request->stems_dir = o->stems_dir;
    request->strict = o->strict;
    request->reference = o->compat == 1;
    request->even_if_huge = o->yes;
    if (request->effects_tail_sec < 0.0)
        request->effects_tail_sec = o->out.tail_sec;
}

static int run(cli *c, const void *values)
{
    const render_options *o = values;
    ps_render_request request = ps_render_defaults();
    output out = o->out;
    int code = output_request(c, &out, c->arguments[0], o->stems_dir != NULL, &request);

    choose_sound(o, &request);
    choose_work(o, &request);
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
