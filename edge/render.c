/*
 * The whole way from a MIDI file to an audio file: score and banks opened, a performance made of
 * them, rendered, and its stems after it. Files get their names when everything has been computed.
 */
#include "plainsong/render.h"

#include <math.h>
#include <string.h>

#include "effect_files.h"
#include "plainsong/track_file.h"
#include "render_effects.h"
#include "render_engine.h"
#include "render_job.h"
#include "render_master.h"
#include "stems.h"
#include "track_render.h"

#define DEFAULT_RATE_HZ 44100u /* of MIDI */

ps_render_request ps_render_defaults(void)
{
    ps_render_request request = {
        .file = ps_audio_writer_defaults(),
        .container_from_name = true,
        .performance = ps_performance_defaults(),
        .level_mode = PS_LEVEL_AUTO,
        .measures = PS_MEASURE_RMS | PS_MEASURE_LOUDNESS,
        .fixed_gain = (double)NAN,
        .duration_sec = -1.0,
        .effects_tail_sec = -1.0,
    };

    return request;
}

/* Everything that a render holds open. */
typedef struct rendering {
    const ps_render_request *request;
    ps_render_request own; /* the request with the rate put where it belongs */
    ps_score *score;
    ps_score_info info;
    ps_soundfont_file *files[PS_RENDER_BANKS];
    ps_bank_choice banks[PS_RENDER_BANKS];
    uint32_t bank_count;
    char bank_path[1024]; /* of the first bank */
    ps_render_engine own_engine;
    ps_engine *engine;
    ps_tally *tally; /* of the files that effects name */
    ps_source *source;
    const ps_source *performance; /* inside it: of all channels without effects of their own */
    ps_render_mastered mastered;
    ps_render_progress progress;
    ps_render_job job;
    ps_stems stems;
} rendering;

/* ---- Opening ------------------------------------------------------------------------------ */

/* Warnings of one file, on their way to the caller. */
typedef struct named_warnings {
    const ps_warnings *to;
    const char *path;
} named_warnings;

static void forward(void *user, const ps_error *warning)
{
    const named_warnings *named = user;
    ps_error copy = *warning;

    ps_error_in(&copy, named->path);
    if (named->to->add)
        named->to->add(named->to->user, &copy);
}

static const char *input_name(const ps_render_request *request)
{
    return strcmp(request->input_path, "-") == 0 ? "standard input" : request->input_path;
}

static ps_status open_input(const ps_render_request *request, ps_file **file, ps_error *err)
{
    ps_status status;

    if (strcmp(request->input_path, "-") == 0)
        status = ps_file_read_stream(file, stdin, err);
    else
        status = ps_file_map(file, request->input_path, err);
    if (status != PS_OK)
        ps_error_in(err, input_name(request));
    return status;
}

static ps_status read_score(rendering *r, const ps_file *file, ps_error *err)
{
    const ps_render_request *request = r->request;
    named_warnings named = {&request->warnings, input_name(request)};
    const ps_score_options options = {.strict = request->strict, .warnings = {forward, &named}};
    size_t size_bytes;
    const uint8_t *bytes = ps_file_bytes(file, &size_bytes);
    ps_status status = ps_score_read(&r->score, bytes, size_bytes, &options, err);

    if (status == PS_OK) {
        ps_score_get_info(r->score, &r->info);
        if (r->info.notes == 0)
            status = ps_fail(err, PS_BAD_DATA, "no notes");
    }
    if (status != PS_OK)
        ps_error_in(err, named.path);
    return status;
}

static void add_bank(rendering *r, const ps_soundfont_file *file, const char *path, uint32_t offset)
{
    if (r->bank_count == 0)
        snprintf(r->bank_path, sizeof r->bank_path, "%s", path);
    r->banks[r->bank_count].bank = ps_soundfont_file_bank(file);
    r->banks[r->bank_count++].offset = offset;
}

static ps_status open_bank(rendering *r, const char *path, uint32_t offset, ps_error *err)
{
    const ps_render_request *request = r->request;
    ps_soundfont_file **file = &r->files[r->bank_count];
    const ps_status status =
        ps_soundfont_file_open(file, path, request->strict, &request->warnings, err);

    if (status == PS_OK)
        add_bank(r, *file, path, offset);
    else
        ps_error_in(err, path);
    return status;
}

static ps_status open_banks(rendering *r, ps_error *err)
{
    const ps_render_request *request = r->request;
    ps_status status = PS_OK;

    if (request->soundfont_count == 0) {
        char path[sizeof r->bank_path];

        status = ps_soundfont_find_default(path, sizeof path, err);
        return status == PS_OK ? open_bank(r, path, 0, err) : status;
    }
    if (request->soundfont_count > PS_RENDER_BANKS)
        return ps_fail(err, PS_BAD_ARGUMENT, "%u banks, but %u are the most",
                       (unsigned)request->soundfont_count, PS_RENDER_BANKS);
    for (uint32_t i = 0; i < request->soundfont_count && status == PS_OK; i++) {
        const char *path = request->soundfont_paths[i];
        const uint32_t offset = request->soundfont_offsets[i];

        if (request->soundfonts)
            add_bank(r, request->soundfonts[i], path, offset);
        else
            status = open_bank(r, path, offset, err);
    }
    return status;
}

static ps_status open_all(rendering *r, const ps_file *file, ps_error *err)
{
    ps_status status = read_score(r, file, err);
    ps_effect_media files;

    r->own = *r->request;
    if (r->own.file.rate_hz == 0)
        r->own.file.rate_hz = DEFAULT_RATE_HZ;
    r->own.performance.synth.rate_hz = r->own.file.rate_hz;
    if (status == PS_OK)
        status = open_banks(r, err);
    if (status == PS_OK)
        status = ps_render_engine_open(&r->own_engine, &r->engine, r->request, err);
    if (status == PS_OK)
        status = ps_tally_create(&r->tally, err);
    files = ps_tallied_effect_files(r->tally);
    if (status == PS_OK)
        status = ps_render_channels(&r->source, &r->performance, r->engine, r->score, r->banks,
                                    r->bank_count, &files, &r->own, err);
    if (status == PS_OK)
        status = ps_render_effects(&r->source, r->engine, r->own.effects, &files, &r->own, err);
    if (status == PS_OK)
        status = ps_render_master(&r->source, r->engine, &r->own, &r->mastered, err);
    return status;
}

/* ---- Rendering ---------------------------------------------------------------------------- */

/* The music, its loops and a second for the last note to die: only for the progress. */
static uint64_t likely_frames(const rendering *r)
{
    const double rate_hz = ps_source_rate_hz(r->source);
    double seconds = r->info.music_seconds + 1.0;
    ps_score_loop loop;

    if (r->own.performance.loops > 0 && ps_score_find_loop(r->score, &loop))
        seconds += r->own.performance.loops * (ps_score_seconds(r->score, loop.end_tick) -
                                               ps_score_seconds(r->score, loop.start_tick));
    return (uint64_t)(seconds * rate_hz);
}

/* Synthesizing the channels one by one takes about as long again as all together. */
#define MIX_SHARE_WITH_STEMS 0.5

static ps_status render_stems(rendering *r, ps_error *err)
{
    ps_stems *stems = &r->stems;
    const uint64_t first = r->job.pass.span.first_frame;
    ps_status status;

    stems->engine = r->engine;
    stems->score = r->score;
    stems->banks = r->banks;
    stems->bank_count = r->bank_count;
    stems->request = &r->own;
    stems->progress = &r->progress;
    stems->frames = r->job.pass.levels.frames;
    stems->gain = r->job.pass.gain;
    status = ps_stems_prepare(stems, err);
    if (status != PS_OK)
        return status;
    ps_render_progress_begin(&r->progress, "stems", MIX_SHARE_WITH_STEMS, 1.0,
                             (first + stems->frames) * stems->count);
    return ps_stems_run(stems, err);
}

static ps_status render(rendering *r, ps_error *err)
{
    const bool with_stems = r->request->stems_dir != NULL;
    ps_status status = ps_render_job_init(&r->job, r->source, r->engine, &r->own,
                                          r->request->output_path, likely_frames(r), err);

    if (status == PS_OK)
        status =
            ps_render_job_run(&r->job, &r->progress, with_stems ? MIX_SHARE_WITH_STEMS : 1.0, err);
    if (status == PS_OK && with_stems)
        status = render_stems(r, err);
    if (status == PS_OK)
        status = ps_render_job_finish(&r->job, err);
    if (status == PS_OK && with_stems)
        status = ps_stems_finish(&r->stems, err);
    return status;
}

static void fill_report(const rendering *r, ps_render_report *report)
{
    const ps_synth *synth = ps_performance_synth(r->performance);
    const ps_missing_preset *missing;

    memset(report, 0, sizeof *report);
    ps_render_job_report(&r->job, report);
    report->clipped += r->stems.clipped;
    report->stems = r->stems.count;
    report->not_finite = ps_tally_not_finite(r->tally);
    ps_synth_get_stats(synth, &report->synth);
    missing = ps_synth_missing_presets(synth, &report->missing_count);
    if (report->missing_count > PS_RENDER_MISSING)
        report->missing_count = PS_RENDER_MISSING;
    for (uint32_t i = 0; i < report->missing_count; i++)
        report->missing[i] = missing[i];
    ps_render_master_report(&r->mastered, report);
    memcpy(report->soundfont_path, r->bank_path, sizeof report->soundfont_path);
}

static void close_all(rendering *r)
{
    ps_stems_close(&r->stems);
    ps_render_job_close(&r->job);
    ps_source_destroy(r->source);
    ps_tally_destroy(r->tally);
    ps_render_engine_close(&r->own_engine);
    for (uint32_t i = 0; i < PS_RENDER_BANKS; i++)
        ps_soundfont_file_close(r->files[i]);
    ps_score_destroy(r->score);
    ps_render_progress_destroy(&r->progress);
    ps_free(NULL, r);
}

static ps_status render_score(const ps_render_request *request, const ps_file *file,
                              ps_render_report *report, ps_error *err)
{
    rendering *r = ps_alloc(NULL, 1, sizeof *r);
    ps_status status;

    if (!r)
        return ps_fail(err, PS_NO_MEMORY, "no memory to render with");
    r->request = request;
    ps_render_progress_init(&r->progress, request->progress, request->progress_user);
    status = open_all(r, file, err);
    if (status == PS_OK)
        status = render(r, err);
    if (status == PS_OK && report)
        fill_report(r, report);
    close_all(r);
    return status;
}

ps_status ps_render_file(const ps_render_request *request, ps_render_report *report, ps_error *err)
{
    ps_file *file = NULL;
    size_t size_bytes;
    ps_status status = open_input(request, &file, err);

    if (status != PS_OK)
        return status;
    const uint8_t *bytes = ps_file_bytes(file, &size_bytes);
    if (ps_track_file_is_likely(bytes, size_bytes))
        status = ps_render_track(request, file, report, err);
    else
        status = render_score(request, file, report, err);
    ps_file_close(file);
    return status;
}
