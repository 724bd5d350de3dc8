/* plainsong render: a MIDI file played with a SoundFont, or a track, into an audio file. */
#include "render.h"

#include <math.h>
#include <string.h>

#include "progress.h"
#include "render_plan.h"
#include "render_report.h"

typedef struct render_options {
    const char *output;
    int format;
    int64_t rate_hz;
    int bits;
    double quality;
    render_tags tags;
    bool no_dither, no_clobber, mono;

    render_banks banks;
    int bank_mode;
    int interpolation;
    int64_t polyphony;
    double gain_db;
    bool no_reverb, no_chorus;

    double start_sec, duration_sec, tail_sec;
    int64_t loops;
    double fade_in_sec, fade_out_sec;

    render_level level;
    const char *stems_dir;
    int64_t threads, seed;
    int compat;
    bool strict, dry_run, json, yes;
    int progress;
} render_options;

#define AT(field) offsetof(render_options, field)

enum { BITS_AUTO, BITS_16, BITS_24, BITS_32, BITS_32F };

/* clang-format off */
static const cli_option options[] = {
    CLI_OPTIONS_HEADING("Output"),
    {"output", 'o', "FILE", CLI_FILE, AT(output), NULL,
     "where to write: the name's ending says the format; - is standard output, null: nowhere"
     " (the input's name with .wav, in this folder)"},
    {"format", 'f', "auto|wav|aiff|flac|mp3|ogg|opus|raw", CLI_CHOICE, AT(format), "auto",
     "format, when the name does not tell"},
    {"rate", 'r', "HZ", CLI_INTEGER, AT(rate_hz), NULL,
     "frames per second, 8000..192000 (44100; of a track its own)",
     .low = PS_RATE_MIN_HZ, .high = PS_RATE_MAX_HZ},
    {"bits", 'b', "auto|16|24|32|32f", CLI_CHOICE, AT(bits), "auto",
     "size of a sample; 32f is floating point; auto is 16, and 32f for raw"},
    {"quality", 0, "N", CLI_NUMBER, AT(quality), NULL,
     "0..10 for mp3, ogg and opus; 0..8, how hard to compress, for flac", .low = 0, .high = 10},
    {"mono", 0, NULL, CLI_FLAG, AT(mono), NULL, "one channel, the mean of both"},
    {"no-dither", 0, NULL, CLI_FLAG, AT(no_dither), NULL, "round to integers without dither"},
    {"tag", 't', "KEY=VALUE", CLI_CUSTOM, AT(tags), NULL,
     "title, artist, album, comment, date, genre, copyright, software or tracknumber;"
     " may be repeated", .parse = render_parse_tag},
    {"stems", 0, "FOLDER", CLI_FOLDER, AT(stems_dir), NULL,
     "also one file per channel, NN-name.ext, at the mix's gain; without -o, only them"},
    {"no-clobber", 'n', NULL, CLI_FLAG, AT(no_clobber), NULL, "do not replace an existing file"},

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
    {"level", 'l', "LEVEL", CLI_CUSTOM, AT(level), "auto",
     "none: the mix as it is; fixed: as a stream has it, a track at a quarter, nothing measured;"
     " peak:DB, lufs:LUFS: measured first; auto: MIDI none, and peak:-1 if that would clip, a track"
     " peak:-12.04", .parse = render_parse_level},
    {"compat", 0, "own|reference", CLI_CHOICE, AT(compat), "own",
     "reference: a track exactly as the old offline renderer made it, defects included"},

    CLI_OPTIONS_HEADING("Time (seconds, or 1:30.5)"),
    {"start", 0, "TIME", CLI_SECONDS, AT(start_sec), "0", "leave out what comes before",
     .low = 0, .high = 1e6},
    {"duration", 'd', "TIME", CLI_SECONDS, AT(duration_sec), NULL, "stop after so long",
     .low = 1e-4, .high = 1e6},
    {"tail", 0, "TIME", CLI_SECONDS, AT(tail_sec), "30",
     "the longest time to wait for silence after the last event", .low = 0, .high = 3600},
    {"loops", 0, "N", CLI_INTEGER, AT(loops), "0", "times to play a marked loop again",
     .low = 0, .high = 10000},
    {"fade-in", 0, "TIME", CLI_SECONDS, AT(fade_in_sec), "0", "fade in over so long",
     .low = 0, .high = PS_RENDER_FADE_MAX_SEC},
    {"fade-out", 0, "TIME", CLI_SECONDS, AT(fade_out_sec), "0", "fade out over so long",
     .low = 0, .high = PS_RENDER_FADE_MAX_SEC},

    CLI_OPTIONS_HEADING("Work"),
    {"threads", 'j', "N", CLI_INTEGER, AT(threads), "0", "threads to use; 0: all there are",
     .low = 0, .high = 256},
    {"seed", 0, "N", CLI_INTEGER, AT(seed), "0", "of the dither, and a track's noise and glitches",
     .low = 0, .high = 9e15},
    {"strict", 0, NULL, CLI_FLAG, AT(strict), NULL, "refuse damaged files instead of mending them"},
    {"yes", 'y', NULL, CLI_FLAG, AT(yes), NULL, "write a track of more than 16 GiB, too"},
    {"dry-run", 0, NULL, CLI_FLAG, AT(dry_run), NULL, "say what would be done and stop"},
    {"progress", 0, "auto|json|none", CLI_CHOICE, AT(progress), "auto",
     "on standard error; auto: when it is a terminal"},
    {"json", 0, NULL, CLI_FLAG, AT(json), NULL, "print a report on standard output as JSON"},
    CLI_OPTIONS_END,
};
/* clang-format on */

/* ---- Options into a request --------------------------------------------------------------- */

/* "folder/song.mid" gives "song.wav": the default output. */
static void default_output(const char *input, const char *format, char *path, size_t path_bytes)
{
    const char *slash = strrchr(input, '/'), *name = slash ? slash + 1 : input;
    const char *dot = strrchr(name, '.');
    const size_t length = dot && dot != name ? (size_t)(dot - name) : strlen(name);

    snprintf(path, path_bytes, "%.*s.%s", (int)(length < 200 ? length : 200), name, format);
}

static void choose_samples(const render_options *o, ps_audio_writer_options *file)
{
    static const ps_sample_format formats[] = {
        [BITS_AUTO] = PS_SAMPLE_INT16, [BITS_16] = PS_SAMPLE_INT16,    [BITS_24] = PS_SAMPLE_INT24,
        [BITS_32] = PS_SAMPLE_INT32,   [BITS_32F] = PS_SAMPLE_FLOAT32,
    };

    file->samples = formats[o->bits];
    if (o->bits == BITS_AUTO && file->container == PS_CONTAINER_RAW)
        file->samples = PS_SAMPLE_FLOAT32;
}

/* Opus works at 48 kHz inside: rendered at that rate, nothing has to be resampled. */
static void choose_rate(const cli *c, const render_options *o, ps_audio_writer_options *file)
{
    file->rate_hz = cli_given(c, "rate") ? (uint32_t)o->rate_hz : 0;
    if (file->container != PS_CONTAINER_OPUS)
        return;
    if (!cli_given(c, "rate"))
        file->rate_hz = 48000;
    else if (file->rate_hz != 48000)
        cli_say(c, "opus: resampled from %u to 48000 Hz", (unsigned)file->rate_hz);
}

/* The order of the words of --format. */
static const ps_container containers[] = {
    PS_CONTAINER_WAV, PS_CONTAINER_WAV, PS_CONTAINER_AIFF, PS_CONTAINER_FLAC,
    PS_CONTAINER_MP3, PS_CONTAINER_OGG, PS_CONTAINER_OPUS, PS_CONTAINER_RAW,
};

static bool has_no_name(const char *output)
{
    return strcmp(output, "-") == 0 || strcmp(output, "null:") == 0;
}

static int choose_container(const cli *c, const render_options *o, ps_render_request *request)
{
    ps_container *container = &request->file.container;

    request->container_from_name = false;
    if (o->format != 0 || has_no_name(request->output_path))
        *container = containers[o->format];
    else if (!ps_container_of_name(request->output_path, container))
        return cli_usage(c, "add --format wav, or end the name in .wav",
                         "\"%.120s\" does not say which format to write", request->output_path);
    return CLI_DONE;
}

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
    performance->tail_sec = o->tail_sec;
    performance->loops = (uint32_t)o->loops;
}

static int fill_request(const cli *c, const render_options *o, ps_tag *tags,
                        ps_render_request *request)
{
    const int code = choose_container(c, o, request);

    if (code != CLI_DONE)
        return code;
    for (size_t i = 0; i < o->tags.count; i++)
        tags[i] = (ps_tag){o->tags.keys[i], o->tags.values[i]};
    request->file.tags = tags;
    request->file.tag_count = o->tags.count;
    choose_samples(o, &request->file);
    choose_rate(c, o, &request->file);
    request->file.channels = o->mono ? 1 : 2;
    request->file.dither = !o->no_dither;
    request->file.seed = (uint64_t)o->seed;
    request->file.no_clobber = o->no_clobber;
    if (cli_given(c, "quality"))
        request->file.quality = o->quality;
    choose_sound(o, request);
    request->stems_dir = o->stems_dir;
    request->level_mode = o->level.mode;
    request->level_db = o->level.db;
    request->start_sec = o->start_sec;
    request->duration_sec = cli_given(c, "duration") ? o->duration_sec : -1.0;
    request->fade_in_sec = o->fade_in_sec;
    request->fade_out_sec = o->fade_out_sec;
    request->strict = o->strict;
    request->reference = o->compat == 1;
    request->seed = (uint64_t)o->seed;
    request->even_if_huge = o->yes;
    request->threads = (uint32_t)o->threads;
    return CLI_DONE;
}

/* ---- Running ------------------------------------------------------------------------------ */

static int check_streams(const cli *c, const render_options *o, const ps_render_request *request)
{
    if (strcmp(request->output_path, "-") != 0 || o->dry_run)
        return CLI_DONE;
    if (o->json)
        return cli_usage(c, "give the audio a file with -o FILE",
                         "--json and the audio cannot both go to standard output");
    if (cli_is_terminal(stdout))
        return cli_usage(c, "give it a file with -o FILE, or a pipe",
                         "audio does not go to a terminal");
    return CLI_DONE;
}

static int choose_output(const cli *c, const render_options *o, ps_render_request *request,
                         char *path, size_t path_bytes)
{
    request->output_path = o->output;
    if (o->output)
        return CLI_DONE;
    request->output_path = "null:";
    if (o->stems_dir)
        return CLI_DONE;
    if (strcmp(request->input_path, "-") == 0)
        return cli_usage(c, NULL, "-o FILE is needed when the input has no name");
    default_output(request->input_path, ps_container_format(containers[o->format]), path,
                   path_bytes);
    request->output_path = path;
    return CLI_DONE;
}

static int render(cli *c, const render_options *o, ps_render_request *request)
{
    const double begun_sec = cli_clock_sec();
    ps_render_report *report = ps_alloc(NULL, 1, sizeof *report);
    cli_progress progress;
    ps_status status;
    ps_error err = {.offset_bytes = PS_NOWHERE};

    request->progress = cli_progress_tell;
    request->progress_user = &progress;
    request->warnings = cli_warnings(c, NULL);
    cli_catch_interrupts();
    cli_progress_begin(&progress, c, o->progress);
    status = report ? ps_render_file(request, report, &err) : ps_fail(&err, PS_NO_MEMORY, "%s", "");
    cli_progress_end(&progress);
    if (status == PS_OK) {
        const double wall_sec = cli_clock_sec() - begun_sec;

        render_warn(c, report);
        cli_finish_warnings(c);
        render_summary(c, request, report, wall_sec);
        if (o->json)
            render_json(stdout, c, request, report, wall_sec);
    }
    ps_free(NULL, report);
    return status == PS_OK ? CLI_DONE : cli_fail(c, NULL, &err);
}

static int run(cli *c, const void *values)
{
    const render_options *o = values;
    ps_render_request request = ps_render_defaults();
    ps_tag tags[RENDER_TAGS_MOST];
    char path[256];
    int code;

    request.input_path = c->arguments[0];
    code = choose_output(c, o, &request, path, sizeof path);
    if (code == CLI_DONE)
        code = fill_request(c, o, tags, &request);
    if (code == CLI_DONE)
        code = check_streams(c, o, &request);
    if (code != CLI_DONE)
        return code;
    return o->dry_run ? render_plan(c, &request, o->json) : render(c, o, &request);
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
                "plainsong render track.json -o track.flac\n"
                "plainsong render song.mid -o - | aplay",
    .options = options,
    .options_bytes = sizeof(render_options),
    .least = 1,
    .most = 1,
    .argument_kind = CLI_FILE,
    .run = run,
};
