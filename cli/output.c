/* What commands that write an audio file share. */
#include "output.h"

#include <stdlib.h>
#include <string.h>

#include "progress.h"
#include "render_report.h"

enum { BITS_AUTO, BITS_16, BITS_24, BITS_32, BITS_32F };

/* ---- Where to ----------------------------------------------------------------------------- */

/* "folder/song.mid" gives "song.wav": the default output. */
static void default_output(const char *input, const char *format, char *path, size_t path_bytes)
{
    const char *slash = strrchr(input, '/'), *name = slash ? slash + 1 : input;
    const char *dot = strrchr(name, '.');
    const size_t length = dot && dot != name ? (size_t)(dot - name) : strlen(name);

    snprintf(path, path_bytes, "%.*s.%s", (int)(length < 200 ? length : 200), name, format);
}

static void choose_samples(const output *o, ps_audio_writer_options *file)
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
static void choose_rate(const cli *c, const output *o, ps_audio_writer_options *file)
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

static bool has_no_name(const char *name)
{
    return strcmp(name, "-") == 0 || strcmp(name, "null:") == 0;
}

static int choose_container(const cli *c, const output *o, ps_render_request *request)
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

static int choose_output(const cli *c, output *o, bool stems, ps_render_request *request)
{
    request->output_path = o->output;
    if (o->output)
        return CLI_DONE;
    request->output_path = "null:";
    if (stems)
        return CLI_DONE;
    if (strcmp(request->input_path, "-") == 0)
        return cli_usage(c, NULL, "-o FILE is needed when the input has no name");
    default_output(request->input_path, ps_container_format(containers[o->format]), o->path,
                   sizeof o->path);
    request->output_path = o->path;
    return CLI_DONE;
}

/* ---- Effects ------------------------------------------------------------------------------ */

static const char old_room[] = "convolver:old-room,wet=0.3", own_room[] = "convolver:wet=0.3";

/* What a chain on the command line says wrong is a wrong option; of a file it names, bad input. */
static int refuse(cli *c, const char *option, ps_error *err)
{
    if (err->path[0] == '\0' && err->status == PS_NOT_FOUND)
        err->status = PS_BAD_ARGUMENT;
    ps_error_in(err, option);
    return cli_fail(c, NULL, err);
}

static int add_channel(cli *c, output *o, uint32_t number, const char *text)
{
    ps_channel_effects *one = &o->channels[o->channel_count];
    ps_chain *chain;
    ps_error err = {.offset_bytes = PS_NOWHERE};

    if (number < 1 || number > PS_SCORE_CHANNELS)
        return cli_usage(c, NULL, "--effects: no channel %u: 1..%u", (unsigned)number,
                         PS_SCORE_CHANNELS);
    if (ps_chain_read_any(&chain, text, &err) != PS_OK)
        return refuse(c, "--effects", &err);
    *one = (ps_channel_effects){number - 1, chain};
    o->channel_count++;
    return CLI_DONE;
}

/* "10:eq:..." is for channel 10; no effect's name begins with a figure. */
static bool is_for_channel(const char *text, uint32_t *number, const char **chain)
{
    char *end;
    unsigned long value;

    if (text[0] < '0' || text[0] > '9')
        return false;
    value = strtoul(text, &end, 10);
    *number = value < UINT32_MAX ? (uint32_t)value : UINT32_MAX;
    *chain = end + 1;
    return *end == ':';
}

/* Appends what a user wrote to the chain of the mix. */
static int add_mix(cli *c, output *o, const char *option, const char *text)
{
    ps_chain *chain;
    ps_error err = {.offset_bytes = PS_NOWHERE};
    ps_status status = ps_chain_read_any(&chain, text, &err);

    if (status != PS_OK)
        return refuse(c, option, &err);
    status = ps_chain_join(o->chain, chain, &err);
    ps_chain_destroy(chain);
    return status == PS_OK ? CLI_DONE : refuse(c, option, &err);
}

static int add_response(cli *c, output *o)
{
    const int code = add_mix(c, o, "--ir", own_room);
    ps_error err = {.offset_bytes = PS_NOWHERE};

    if (code != CLI_DONE)
        return code;
    if (ps_chain_set_text(o->chain, ps_chain_count(o->chain) - 1, "ir", o->response, &err) != PS_OK)
        return refuse(c, "--ir", &err);
    return CLI_DONE;
}

static int choose_effects(cli *c, output *o, ps_render_request *request)
{
    ps_error err = {.offset_bytes = PS_NOWHERE};
    int code = CLI_DONE;

    if (ps_chain_create(&o->chain, NULL, &err) != PS_OK)
        return cli_fail(c, NULL, &err);
    for (size_t i = 0; i < o->effects.count && code == CLI_DONE; i++) {
        const char *text = o->effects.items[i], *chain;
        uint32_t number;

        code = is_for_channel(text, &number, &chain) ? add_channel(c, o, number, chain)
                                                     : add_mix(c, o, "--effects", text);
    }
    if (code == CLI_DONE && o->reverb)
        code = add_mix(c, o, "--reverb", old_room);
    if (code == CLI_DONE && o->response)
        code = add_response(c, o);
    request->effects = o->chain;
    request->channel_effects = o->channels;
    request->channel_effects_count = o->channel_count;
    return code;
}

/* ---- The request -------------------------------------------------------------------------- */

static void choose_file(const cli *c, output *o, ps_render_request *request)
{
    for (size_t i = 0; i < o->tags.count; i++)
        o->tag_list[i] = (ps_tag){o->tags.keys[i], o->tags.values[i]};
    request->file.tags = o->tag_list;
    request->file.tag_count = o->tags.count;
    choose_samples(o, &request->file);
    choose_rate(c, o, &request->file);
    request->file.channels = o->mono ? 1 : 2;
    request->file.dither = !o->no_dither;
    request->file.seed = (uint64_t)o->seed;
    request->file.no_clobber = o->no_clobber;
    if (cli_given(c, "quality"))
        request->file.quality = o->quality;
}

static int choose_all_else(cli *c, output *o, ps_render_request *request)
{
    choose_file(c, o, request);
    request->level_mode = o->level.mode;
    request->level_db = o->level.db;
    request->master = o->master;
    request->measures = o->json ? PS_MEASURE_ALL : c->quiet ? 0 : PS_MEASURE_LOUDNESS;
    request->start_sec = o->start_sec;
    request->duration_sec = cli_given(c, "duration") ? o->duration_sec : -1.0;
    request->fade_in_sec = o->fade_in_sec;
    request->fade_out_sec = o->fade_out_sec;
    request->seed = (uint64_t)o->seed;
    request->threads = (uint32_t)o->threads;
    return choose_effects(c, o, request);
}

int output_request(cli *c, output *o, const char *input, bool stems, ps_render_request *request)
{
    int code;

    request->input_path = input;
    code = choose_output(c, o, stems, request);
    if (code == CLI_DONE)
        code = choose_container(c, o, request);
    return code == CLI_DONE ? choose_all_else(c, o, request) : code;
}

int output_batch_request(cli *c, output *o, ps_render_request *request)
{
    request->container_from_name = false;
    request->file.container = containers[o->format];
    return choose_all_else(c, o, request);
}

void output_close(output *o)
{
    ps_chain_destroy(o->chain);
    for (size_t i = 0; i < o->channel_count; i++)
        ps_chain_destroy((ps_chain *)o->channels[i].chain);
}

int output_check_streams(const cli *c, const output *o, const ps_render_request *request)
{
    if (strcmp(request->output_path, "-") != 0)
        return CLI_DONE;
    if (o->json)
        return cli_usage(c, "give the audio a file with -o FILE",
                         "--json and the audio cannot both go to standard output");
    if (cli_is_terminal(stdout))
        return cli_usage(c, "give it a file with -o FILE, or a pipe",
                         "audio does not go to a terminal");
    return CLI_DONE;
}

static void report_on(cli *c, const output *o, const ps_render_request *request,
                      const ps_render_report *report, const cli_gpu *gpu, double wall_sec)
{
    render_warn(c, report);
    cli_finish_warnings(c);
    render_summary(c, request, report, wall_sec);
    if (o->verbose)
        cli_gpu_say(c, gpu);
    if (o->json)
        render_json(stdout, c, request, report, gpu, wall_sec);
}

int output_run(cli *c, const output *o, ps_render_request *request, output_render *render)
{
    const double begun_sec = cli_clock_sec();
    ps_render_report *report = ps_alloc(NULL, 1, sizeof *report);
    cli_progress progress;
    cli_gpu gpu;
    ps_error err = {.offset_bytes = PS_NOWHERE};
    ps_status status = cli_gpu_begin(&gpu, (ps_gpu_mode)o->gpu, &err);

    request->accelerator = cli_gpu_accelerator(&gpu);
    request->progress = cli_progress_tell;
    request->progress_user = &progress;
    request->warnings = cli_warnings(c, NULL);
    cli_catch_interrupts();
    cli_progress_begin(&progress, c, o->progress);
    if (status == PS_OK)
        status = report ? render(request, report, &err) : ps_fail(&err, PS_NO_MEMORY, "%s", "");
    cli_progress_end(&progress);
    cli_gpu_warn(c, &gpu);
    if (status == PS_OK)
        report_on(c, o, request, report, &gpu, cli_clock_sec() - begun_sec);
    cli_gpu_end(&gpu);
    ps_free(NULL, report);
    return status == PS_OK ? CLI_DONE : cli_fail(c, NULL, &err);
}
