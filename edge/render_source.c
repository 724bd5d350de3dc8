/*
 * Any source into a file at a level. A level that must be known before the first sample is written
 * costs a pass that only measures; the source then starts anew at frame 0.
 */
#include "render_job.h"

#include <math.h>
#include <string.h>

/* What AUTO turns a mix down to that would clip. */
#define AUTO_PEAK_DB -1.0

static bool is_stream(const char *path)
{
    return strcmp(path, "-") == 0;
}

/* ---- The request -------------------------------------------------------------------------- */

ps_status ps_render_container(const ps_render_request *request, const char *path,
                              ps_container *container, ps_error *err)
{
    ps_status status;

    *container = strcmp(path, "null:") == 0 ? PS_CONTAINER_NULL : request->file.container;
    if (!request->container_from_name || ps_container_of_name(path, container))
        return PS_OK;
    if (is_stream(path)) {
        *container = PS_CONTAINER_WAV;
        return PS_OK;
    }
    status = ps_fail(err, PS_BAD_ARGUMENT, "the name does not say which audio format to write");
    ps_error_in(err, path);
    ps_hint(err, "end it in .wav .aiff .flac .mp3 .ogg .opus or .raw");
    return status;
}

/* Written so that NaN is outside too. */
static bool within(double value, double low, double high)
{
    return value >= low && value <= high;
}

static bool has_target(ps_level_mode mode)
{
    return mode == PS_LEVEL_PEAK || mode == PS_LEVEL_TRUE_PEAK || mode == PS_LEVEL_LUFS;
}

static ps_status check(const ps_render_request *request, ps_error *err)
{
    const double longest_sec = 1e9;

    if (!within(request->start_sec, 0.0, longest_sec))
        return ps_fail(err, PS_BAD_ARGUMENT, "start of %g s is outside 0..%g", request->start_sec,
                       longest_sec);
    if (!(request->duration_sec < 0.0) &&
        !(request->duration_sec > 0.0 && request->duration_sec <= longest_sec))
        return ps_fail(err, PS_BAD_ARGUMENT, "a duration of %g s cannot be rendered",
                       request->duration_sec);
    if (!within(request->fade_in_sec, 0.0, PS_RENDER_FADE_MAX_SEC) ||
        !within(request->fade_out_sec, 0.0, PS_RENDER_FADE_MAX_SEC))
        return ps_fail(err, PS_BAD_ARGUMENT, "a fade is outside 0..%g s", PS_RENDER_FADE_MAX_SEC);
    if (has_target(request->level_mode) && !within(request->level_db, -120.0, 20.0))
        return ps_fail(err, PS_BAD_ARGUMENT, "level of %g dB is outside -120..20",
                       request->level_db);
    return PS_OK;
}

static ps_render_span span_of(const ps_render_request *request, double rate_hz, uint32_t channels)
{
    ps_render_span span = {.most_frames = UINT64_MAX, .mono = channels == 1};

    span.first_frame = (uint64_t)llround(request->start_sec * rate_hz);
    if (request->duration_sec > 0.0)
        span.most_frames = (uint64_t)llround(request->duration_sec * rate_hz);
    span.fade_in_frames = (uint64_t)llround(request->fade_in_sec * rate_hz);
    span.fade_out_frames = (uint64_t)llround(request->fade_out_sec * rate_hz);
    return span;
}

/* Frames that the source will compute, as far as can be told. */
static uint64_t likely_frames_of(const ps_render_job *job, uint64_t likely_frames)
{
    const ps_length length = ps_source_length(job->pass.source);
    const ps_render_span *span = &job->pass.span;
    uint64_t frames = length.frames;

    if (length.kind != PS_LENGTH_KNOWN && likely_frames > 0 && likely_frames < frames)
        frames = likely_frames;
    if (span->most_frames < UINT64_MAX - span->first_frame &&
        span->first_frame + span->most_frames < frames)
        frames = span->first_frame + span->most_frames;
    return frames;
}

/* Frames that will be written, when that is certain from the beginning. */
static uint64_t certain_frames(const ps_render_job *job)
{
    const ps_length length = ps_source_length(job->pass.source);
    const ps_render_span *span = &job->pass.span;
    uint64_t frames;

    if (length.kind == PS_LENGTH_ENDLESS || span->padded)
        return span->most_frames;
    if (length.kind != PS_LENGTH_KNOWN)
        return UINT64_MAX;
    frames = length.frames > span->first_frame ? length.frames - span->first_frame : 0;
    return frames < span->most_frames ? frames : span->most_frames;
}

ps_status ps_render_job_init(ps_render_job *job, ps_source *source, ps_engine *engine,
                             const ps_render_request *request, const char *path,
                             uint64_t likely_frames, ps_error *err)
{
    ps_status status = check(request, err);

    memset(job, 0, sizeof *job);
    job->request = request;
    job->path = path;
    job->file = request->file;
    job->file.rate_hz = (uint32_t)llround(ps_source_rate_hz(source));
    job->pass.source = source;
    job->pass.engine = engine;
    job->pass.gain = 1.0f;
    if (status == PS_OK)
        status = ps_render_container(request, path, &job->file.container, err);
    if (status != PS_OK)
        return status;
    job->pass.span = span_of(request, job->file.rate_hz, job->file.channels);
    if (ps_source_length(source).kind == PS_LENGTH_ENDLESS &&
        job->pass.span.most_frames == UINT64_MAX)
        return ps_fail(err, PS_UNSUPPORTED, "it has no end: a duration is needed");
    job->frames = certain_frames(job);
    job->pass.likely_frames = likely_frames_of(job, likely_frames);
    return PS_OK;
}

/* ---- Passes ------------------------------------------------------------------------------- */

/* Samples beyond full scale survive only in a float file. */
static bool can_clip(const ps_render_job *job)
{
    switch (job->file.container) {
    case PS_CONTAINER_MP3:
    case PS_CONTAINER_OGG:
    case PS_CONTAINER_OPUS:
        return true;
    default:
        return job->file.samples != PS_SAMPLE_FLOAT32;
    }
}

static bool measures_first(const ps_render_job *job)
{
    switch (job->request->level_mode) {
    case PS_LEVEL_PEAK:
    case PS_LEVEL_TRUE_PEAK:
    case PS_LEVEL_LUFS:
        return true;
    case PS_LEVEL_AUTO: /* what went down a pipe cannot be taken back */
        if (is_stream(job->path) && can_clip(job))
            return true;
        break;
    case PS_LEVEL_NONE:
    case PS_LEVEL_FIXED:
        break;
    }
    /* The length stands before the samples of an AIFF file. */
    return is_stream(job->path) && job->file.container == PS_CONTAINER_AIFF &&
           job->frames == UINT64_MAX;
}

/* The writer knows a stream only as a stream. */
static ps_status name_stream(const ps_render_job *job, ps_status status, ps_error *err)
{
    if (status == PS_CANNOT_WRITE && err && is_stream(job->path)) {
        err->path[0] = '\0';
        ps_error_in(err, "standard output");
    }
    return status;
}

static ps_status open_writer(ps_render_job *job, ps_error *err)
{
    job->file.expected_frames = job->frames;
    if (is_stream(job->path))
        return ps_audio_writer_open_stream(&job->pass.writer, stdout, &job->file, err);
    return ps_audio_writer_open(&job->pass.writer, job->path, &job->file, err);
}

/* The gain that the levels just measured ask for. Silence stays as it is. */
static double wanted_gain(const ps_render_job *job)
{
    const ps_render_request *request = job->request;
    const ps_levels *levels = &job->pass.levels;

    if (request->level_mode == PS_LEVEL_AUTO)
        return levels->peak > 1.0 && can_clip(job)
                   ? ps_level_gain(levels, PS_LEVEL_PEAK, AUTO_PEAK_DB)
                   : 1.0;
    return ps_level_gain(levels, request->level_mode, request->level_db);
}

static ps_status rewind_source(ps_source *source, ps_error *err)
{
    const ps_status status = ps_source_seek(source, 0);

    return status == PS_OK ? PS_OK : ps_fail(err, status, "cannot play it a second time");
}

static ps_status check_not_empty(const ps_render_job *job, ps_error *err)
{
    const double seconds =
        (double)ps_source_position(job->pass.source) / ps_source_rate_hz(job->pass.source);

    if (job->pass.levels.frames > 0 || job->pass.span.first_frame == 0)
        return PS_OK;
    return ps_fail(err, PS_BAD_ARGUMENT, "start of %g s lies behind the end at %.3f s",
                   job->request->start_sec, seconds);
}

/* What the gain depends on besides the peak. */
static uint32_t measures_for(ps_level_mode mode)
{
    if (mode == PS_LEVEL_TRUE_PEAK)
        return PS_MEASURE_TRUE_PEAK;
    return mode == PS_LEVEL_LUFS ? PS_MEASURE_LOUDNESS : 0;
}

static void measure_only(ps_render_pass *pass, uint32_t measures)
{
    pass->measures = measures;
    pass->peak_only = measures == 0;
}

/* Measures without writing; afterwards gain and length are known and the source is rewound. */
static ps_status measure(ps_render_job *job, ps_error *err)
{
    ps_audio_writer *writer = job->pass.writer;
    ps_status status;

    job->pass.writer = NULL;
    measure_only(&job->pass, measures_for(job->request->level_mode));
    status = ps_render_pass_run(&job->pass, err);
    job->pass.writer = writer;
    if (status == PS_OK)
        status = check_not_empty(job, err);
    if (status != PS_OK)
        return status;
    job->frames = job->pass.levels.frames;
    job->pass.gain = (float)wanted_gain(job);
    job->prevented_clipping = job->request->level_mode == PS_LEVEL_AUTO && job->pass.gain != 1.0f;
    return rewind_source(job->pass.source, err);
}

/* AUTO wrote as it was, and it clipped: once more, turned down. */
static ps_status write_again(ps_render_job *job, ps_error *err)
{
    ps_status status = rewind_source(job->pass.source, err);

    ps_audio_writer_close(job->pass.writer);
    job->pass.writer = NULL;
    job->frames = job->pass.levels.frames;
    job->pass.gain = (float)wanted_gain(job);
    job->pass.stop_at_clipping = false;
    job->prevented_clipping = true;
    if (status == PS_OK)
        status = open_writer(job, err);
    return status == PS_OK ? ps_render_pass_run(&job->pass, err) : status;
}

ps_status ps_render_job_run(ps_render_job *job, ps_render_progress *progress, double share,
                            ps_error *err)
{
    const uint64_t frames = job->pass.likely_frames;
    const bool measured = measures_first(job);
    const double middle = measured ? 0.5 * share : 0.0;
    ps_status status = PS_OK;

    job->pass.progress = progress;
    /* A file is opened before measuring: a folder that refuses should be heard of at once. */
    if (!is_stream(job->path))
        status = open_writer(job, err);
    if (status == PS_OK && measured) {
        ps_render_progress_begin(progress, "measuring", 0.0, middle, frames);
        status = measure(job, err);
    }
    if (status == PS_OK && is_stream(job->path))
        status = open_writer(job, err);
    if (status != PS_OK)
        return status;
    measure_only(&job->pass, job->request->measures);
    if (job->request->level_mode == PS_LEVEL_FIXED) {
        measure_only(&job->pass, 0);
        job->pass.gain = isnan(job->request->fixed_gain) ? 1.0f : (float)job->request->fixed_gain;
    }
    job->pass.stop_at_clipping =
        !measured && job->request->level_mode == PS_LEVEL_AUTO && can_clip(job);
    ps_render_progress_begin(progress, "rendering", middle, share, frames);
    status = ps_render_pass_run(&job->pass, err);
    if (status == PS_OK && job->pass.stop_at_clipping && job->pass.clipped > 0) {
        ps_render_progress_begin(progress, "rendering again", share, share, frames);
        status = write_again(job, err);
    }
    return status == PS_OK ? check_not_empty(job, err) : name_stream(job, status, err);
}

ps_status ps_render_job_finish(ps_render_job *job, ps_error *err)
{
    return name_stream(job, ps_audio_writer_finish(job->pass.writer, err), err);
}

void ps_render_job_close(ps_render_job *job)
{
    ps_audio_writer_close(job->pass.writer);
    job->pass.writer = NULL;
}

void ps_render_job_report(const ps_render_job *job, ps_render_report *report)
{
    report->rate_hz = job->file.rate_hz;
    report->frames = job->pass.levels.frames;
    report->seconds = (double)job->pass.levels.frames / ps_source_rate_hz(job->pass.source);
    report->levels = job->pass.levels;
    report->gain = (double)job->pass.gain;
    report->prevented_clipping = job->prevented_clipping;
    report->clipped = can_clip(job) ? job->pass.clipped : 0;
}

ps_status ps_render_source(ps_source *source, ps_engine *engine, const ps_render_request *request,
                           ps_render_report *report, ps_error *err)
{
    ps_render_progress progress;
    ps_render_job job;
    ps_status status =
        ps_render_job_init(&job, source, engine, request, request->output_path, 0, err);

    if (status != PS_OK)
        return status;
    ps_render_progress_init(&progress, request->progress, request->progress_user);
    status = ps_render_job_run(&job, &progress, 1.0, err);
    if (status == PS_OK)
        status = ps_render_job_finish(&job, err);
    if (status == PS_OK && report) {
        memset(report, 0, sizeof *report);
        ps_render_job_report(&job, report);
    }
    ps_render_job_close(&job);
    ps_render_progress_destroy(&progress);
    return status;
}
