/* plainsong batch: many MIDI files, tracks and audio files into a folder, with one set of options.
 */
#include <string.h>
#include <unistd.h>

#include "batch_report.h"
#include "json_out.h"
#include "output.h"
#include "progress.h"
#include "sound.h"

typedef struct batch_options {
    output out;
    sound sound;
    const char *manifest;
    bool resume;
} batch_options;

#define AT(field) offsetof(batch_options, field)

/* clang-format off */
static const cli_option options[] = {
    CLI_OPTIONS_HEADING("Output"),
    {"output", 'o', "FOLDER", CLI_FOLDER, OUTPUT_AT(output), NULL, "where to write; it is made when missing"},
    {"output-dir", 'd', "FOLDER", CLI_FOLDER, OUTPUT_AT(output), NULL, "the same"},
    {"resume", 0, NULL, CLI_FLAG, AT(resume), NULL,
     "leave alone what is there already, made of the same file, banks and options by this version"},
    {"manifest", 0, "FILE", CLI_FILE, AT(manifest), NULL,
     "where that is written down (plainsong-batch.json in the folder)"},
    OUTPUT_FORM_ROWS("format of all; auto is wav", "44100; of a track or an audio file its own"),

    CLI_OPTIONS_HEADING("Sound"),
    SOUND_NOTE_ROWS(batch_options),
    SOUND_MIX_ROWS(batch_options),

    CLI_OPTIONS_HEADING("Time (seconds, or 1:30.5)"),
    OUTPUT_SPAN_ROWS_WITH(0),
    SOUND_TIME_ROWS(batch_options),
    OUTPUT_FADE_ROWS,

    CLI_OPTIONS_HEADING("Work"),
    SOUND_WORK_ROWS(batch_options),
    OUTPUT_REPORT_ROWS,
    CLI_OPTIONS_END,
};
/* clang-format on */

/* ---- Inputs ------------------------------------------------------------------------------- */

/* Lines, or texts that end in NUL when there is one, as `find -print0` writes them. */
static ps_status add_listed(ps_batch_inputs *inputs, const char *text, size_t bytes, ps_error *err)
{
    const char end = memchr(text, '\0', bytes) ? '\0' : '\n';
    ps_status status = PS_OK;
    char path[4096];

    while (bytes > 0 && status == PS_OK) {
        const char *stop = memchr(text, end, bytes);
        const size_t length = stop ? (size_t)(stop - text) : bytes;
        const size_t taken = length + (stop ? 1 : 0);
        const size_t name = length - (end == '\n' && length > 0 && text[length - 1] == '\r');

        if (name >= sizeof path)
            return ps_fail(err, PS_BAD_DATA, "a name of %zu bytes is too long", name);
        memcpy(path, text, name);
        path[name] = '\0';
        if (name > 0)
            status = ps_batch_inputs_add(inputs, path, err);
        text += taken;
        bytes -= taken;
    }
    return status;
}

static ps_status add_list(cli *c, ps_batch_inputs *inputs, const char *path, ps_error *err)
{
    ps_file *file = NULL;
    ps_status status = cli_input(c, path, &file, err);
    size_t size_bytes;

    if (status == PS_OK) {
        const uint8_t *bytes = ps_file_bytes(file, &size_bytes);

        status = add_listed(inputs, (const char *)bytes, size_bytes, err);
    }
    ps_file_close(file);
    return status;
}

/* "-" and "@FILE" are lists of names; a file may have an @ in front. */
static ps_status add_argument(cli *c, ps_batch_inputs *inputs, const char *text, ps_error *err)
{
    if (strcmp(text, "-") == 0)
        return add_list(c, inputs, text, err);
    if (text[0] == '@' && text[1] != '\0' && access(text, F_OK) != 0)
        return add_list(c, inputs, text + 1, err);
    return ps_batch_inputs_add(inputs, text, err);
}

static int add_arguments(cli *c, ps_batch_inputs *inputs)
{
    size_t count;

    for (int i = 0; i < c->argument_count; i++) {
        const char *text = c->arguments[i];
        ps_error err = {.offset_bytes = PS_NOWHERE};

        if (add_argument(c, inputs, text, &err) != PS_OK)
            return cli_fail(c, text, &err);
    }
    ps_batch_inputs_items(inputs, &count);
    if (count == 0)
        return cli_usage(c, NULL, "there is nothing to render");
    return CLI_DONE;
}

/* ---- Progress ----------------------------------------------------------------------------- */

static void tell_json(const ps_batch_state *state)
{
    json_out j;

    json_begin_compact(&j, stderr);
    json_object(&j, NULL);
    json_number(&j, "done", state->done);
    json_text(&j, "stage", state->stage);
    json_integer(&j, "files", (int64_t)state->files);
    json_integer(&j, "finished", (int64_t)state->finished);
    json_integer(&j, "skipped", (int64_t)state->skipped);
    json_integer(&j, "failed", (int64_t)state->failed);
    json_text(&j, "input", state->input_path);
    json_number(&j, "file_done", state->file_done);
    json_end(&j);
    json_finish(&j);
}

static bool tell(void *user, const ps_batch_state *state)
{
    cli_progress *progress = user;
    char words[64];

    if (progress->json) {
        tell_json(state);
        return !cli_interrupted();
    }
    snprintf(words, sizeof words, "%zu of %zu files%s", state->finished, state->files,
             state->failed > 0 ? ", some failed" : "");
    return cli_progress_tell(progress, state->done, words);
}

/* ---- Running ------------------------------------------------------------------------------ */

/* What became of all; a batch with a file that failed has failed. */
static int report(cli *c, const batch_options *o, const ps_batch_results *results,
                  const cli_gpu *gpu, double wall_sec)
{
    ps_batch_totals totals;

    batch_summary(c, results, o->out.output, wall_sec);
    if (o->out.verbose)
        cli_gpu_say(c, gpu);
    if (o->out.json)
        batch_json(stdout, c, results, gpu, o->out.output, wall_sec);
    ps_batch_results_totals(results, &totals);
    return totals.failed > 0 ? CLI_FAILED : CLI_DONE;
}

static int run_batch(cli *c, const batch_options *o, ps_render_request *request,
                     const ps_batch_inputs *inputs)
{
    const double begun_sec = cli_clock_sec();
    cli_progress progress;
    const ps_batch_options batch = {
        .output_dir = o->out.output,
        .manifest_path = o->manifest,
        .resume = o->resume,
        .progress = tell,
        .progress_user = &progress,
    };
    ps_batch_results *results = NULL;
    ps_error err = {.offset_bytes = PS_NOWHERE};
    size_t count;
    const ps_batch_input *items = ps_batch_inputs_items(inputs, &count);
    cli_gpu gpu;
    ps_status status = cli_gpu_begin(&gpu, (ps_gpu_mode)o->out.gpu, &err);
    int code = CLI_DONE;

    request->accelerator = cli_gpu_accelerator(&gpu);
    request->measures = PS_MEASURE_LOUDNESS;
    request->warnings = cli_warnings(c, NULL);
    cli_catch_interrupts();
    cli_progress_begin(&progress, c, o->out.progress);
    if (status == PS_OK)
        status = ps_batch_run(&results, request, &batch, items, count, &err);
    cli_progress_end(&progress);
    cli_gpu_warn(c, &gpu);
    if (results)
        code = report(c, o, results, &gpu, cli_clock_sec() - begun_sec);
    cli_gpu_end(&gpu);
    ps_batch_results_destroy(results);
    return status == PS_OK ? code : cli_fail(c, NULL, &err);
}

static int run(cli *c, const void *values)
{
    const batch_options *o = values;
    ps_render_request request = ps_render_defaults();
    ps_batch_inputs *inputs = NULL;
    ps_error err = {.offset_bytes = PS_NOWHERE};
    output out = o->out;
    int code;

    if (!out.output)
        return cli_usage(c, NULL, "-o FOLDER is needed");
    code = output_batch_request(c, &out, &request);
    sound_request(&o->sound, &out, &request);
    if (code == CLI_DONE && ps_batch_inputs_create(&inputs, &err) != PS_OK)
        code = cli_fail(c, NULL, &err);
    if (code == CLI_DONE)
        code = add_arguments(c, inputs);
    if (code == CLI_DONE)
        code = run_batch(c, o, &request, inputs);
    ps_batch_inputs_destroy(inputs);
    output_close(&out);
    return code;
}

const cli_command cli_batch = {
    .name = "batch",
    .arguments = "INPUT...",
    .summary = "render many files into a folder, on all threads",
    .details = "INPUT is what render and process take: a MIDI file, a track, an audio file; or a "
               "folder, of which all MIDI files and tracks (.json) are taken, and those of its "
               "folders, which are made again in the output; - reads names from standard input and "
               "@FILE from a file, one a line (or ended by NULs). Outputs are called like their "
               "inputs; when two would be called the same, the later one becomes NAME-2.\n\n"
               "A file that fails does not stop the others; the exit code is 1 then. A batch that "
               "was interrupted or killed goes on with --resume.",
    .examples = "plainsong batch lessons -o out\n"
                "plainsong batch lessons/*.mid -d out -j 8 --format mp3 --level lufs:-16\n"
                "plainsong batch lessons -o out --resume --json > report.json\n"
                "find . -name '*.mid' -print0 | plainsong batch - -o out",
    .options = options,
    .options_bytes = sizeof(batch_options),
    .least = 1,
    .most = -1,
    .argument_kind = CLI_FILE,
    .run = run,
};
