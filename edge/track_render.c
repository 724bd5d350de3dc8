/* From a track's text to an audio file: read, laid out, played by the renderer for any source. */
#include "track_render.h"

#include <math.h>
#include <string.h>

#include "effect_files.h"
#include "plainsong/track_file.h"
#include "render_effects.h"
#include "render_engine.h"
#include "render_master.h"

/* Peak of a rendered track, and the gain of a streamed one, as the old renderer had it. */
#define TRACK_LEVEL 0.25

typedef struct rendering {
    ps_render_request request; /* completed */
    ps_track_file *file;
    ps_render_engine own_engine;
    ps_engine *engine;
    ps_soundfont_file *banks[PS_RENDER_BANKS]; /* for clips that are MIDI files */
    ps_bank_choice choices[PS_RENDER_BANKS];
    uint32_t bank_count;
    ps_media *media;
    ps_tally *tally; /* of the files that effects of the request name */
    ps_source *source;
    ps_render_mastered mastered;
} rendering;

/* What a track's level means to the renderer. */
static void complete(rendering *r)
{
    ps_render_request *request = &r->request;

    if (request->level_mode == PS_LEVEL_AUTO) {
        request->level_mode = PS_LEVEL_PEAK;
        request->level_db = 20.0 * log10(TRACK_LEVEL);
    }
    if (isnan(request->fixed_gain))
        request->fixed_gain = TRACK_LEVEL;
    if (request->reference) {
        request->file.dither = false;
        request->file.truncate = true;
    }
    request->file.rate_hz = (uint32_t)llround(ps_source_rate_hz(r->source));
}

static double frame_bytes(const ps_audio_writer_options *file)
{
    return (double)ps_sample_bytes(file->samples) * file->channels;
}

/* Of what will be written. */
static double seconds_of(const rendering *r)
{
    const ps_render_request *request = &r->request;
    double seconds = (double)ps_source_length(r->source).frames / ps_source_rate_hz(r->source);

    seconds = fmax(0.0, seconds - request->start_sec);
    return request->duration_sec >= 0.0 ? fmin(seconds, request->duration_sec) : seconds;
}

static void report_plan(const rendering *r, ps_render_report *report)
{
    memset(report, 0, sizeof *report);
    report->seconds = seconds_of(r);
    report->rate_hz = r->request.file.rate_hz;
    report->frames = (uint64_t)llround(report->seconds * report->rate_hz);
}

/* A file that nobody can mean is not begun. */
static ps_status check_size(const rendering *r, ps_error *err)
{
    const ps_render_request *request = &r->request;
    const double seconds = seconds_of(r);

    if (request->file.container == PS_CONTAINER_NULL || request->even_if_huge)
        return PS_OK;
    const double bytes = seconds * request->file.rate_hz * frame_bytes(&request->file);
    if (bytes <= (double)PS_RENDER_HUGE_BYTES)
        return PS_OK;
    ps_fail(err, PS_UNSUPPORTED, "%.0f s would take about %.1f GiB", seconds, bytes / 0x1p30);
    ps_hint(err, "--duration takes a part of it, --yes writes it all the same");
    return PS_UNSUPPORTED;
}

static ps_status open_banks(rendering *r, ps_error *err)
{
    const ps_render_request *request = &r->request;
    ps_status status = PS_OK;

    for (uint32_t i = 0; i < request->soundfont_count && status == PS_OK; i++) {
        const char *path = request->soundfont_paths[i];
        const ps_soundfont_file *file = request->soundfonts ? request->soundfonts[i] : NULL;

        if (!file) {
            status = ps_soundfont_file_open(&r->banks[i], path, request->strict, &request->warnings,
                                            err);
            if (status != PS_OK)
                return status;
            file = r->banks[i];
        }
        r->choices[i] = (ps_bank_choice){.bank = ps_soundfont_file_bank(file),
                                         .offset = request->soundfont_offsets[i]};
        r->bank_count++;
    }
    return status;
}

/* Warnings of the assembly, with the track's name. */
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

/* Those that stand in the track. The old renderer knew of none. A chain that is none is told and
   left out. */
static ps_status put_own_effects(rendering *r, const ps_track_options *options, ps_error *err)
{
    static const char where[] = "global.effects";
    ps_error why = {.offset_bytes = PS_NOWHERE};
    ps_chain *chain = NULL;
    ps_status status = PS_OK;

    if (r->request.reference)
        return PS_OK;
    if (ps_track_effects(&chain, ps_track_file_track(r->file), &options->media.chains, &why) !=
        PS_OK) {
        options->locator.locate(options->locator.user, where, &why);
        options->warnings.add(options->warnings.user, &why);
        return PS_OK;
    }
    if (chain)
        status = ps_render_effects(&r->source, r->engine, chain, &options->media.effects,
                                   &r->request, err);
    ps_chain_destroy(chain);
    return status;
}

static ps_status open_source(rendering *r, const char *path, ps_error *err)
{
    const ps_render_request *request = &r->request;
    named_warnings named = {&request->warnings, path};
    const ps_media_options media = {
        .track_path = path, .engine = r->engine, .banks = r->choices, .bank_count = r->bank_count};
    ps_status status = ps_media_create(&r->media, &media, err);

    if (status == PS_OK)
        status = ps_tally_create(&r->tally, err);
    if (status != PS_OK)
        return status;
    const ps_effect_media files = ps_tallied_effect_files(r->tally);
    const ps_track_options options = {
        .rate_hz = request->file.rate_hz,
        .reference = request->reference,
        .seed = request->seed,
        .media = ps_media_lend(r->media),
        .warnings = {forward, &named},
        .locator = ps_track_file_locator(r->file),
        .accelerator = request->accelerator,
    };
    status =
        ps_track_source_create(&r->source, r->engine, ps_track_file_track(r->file), &options, err);
    if (status != PS_OK)
        ps_error_in(err, path);
    if (status == PS_OK)
        status = put_own_effects(r, &options, err);
    if (status == PS_OK)
        status = ps_render_effects(&r->source, r->engine, request->effects, &files, request, err);
    if (status == PS_OK && !request->dry_run)
        status = ps_render_master(&r->source, r->engine, &r->request, &r->mastered, err);
    return status;
}

static ps_status open_all(rendering *r, const ps_file *file, ps_error *err)
{
    const ps_render_request *request = &r->request;
    const bool piped = strcmp(request->input_path, "-") == 0;
    const ps_track_file_options reading = {.warnings = request->warnings,
                                           .strict = request->strict};
    size_t size_bytes;
    const uint8_t *bytes = ps_file_bytes(file, &size_bytes);
    ps_status status = ps_track_file_read(&r->file, (const char *)bytes, size_bytes,
                                          piped ? NULL : request->input_path, &reading, err);

    if (status == PS_OK)
        status = ps_render_engine_open(&r->own_engine, &r->engine, &r->request, err);
    if (status == PS_OK)
        status = open_banks(r, err);
    if (status == PS_OK)
        status = open_source(r, piped ? "standard input" : request->input_path, err);
    return status;
}

ps_status ps_render_track(const ps_render_request *request, const ps_file *file,
                          ps_render_report *report, ps_error *err)
{
    rendering *r = ps_alloc(NULL, 1, sizeof *r);
    ps_status status;

    if (!r)
        return ps_fail(err, PS_NO_MEMORY, "no memory to render with");
    r->request = *request;
    status = request->stems_dir ? ps_fail(err, PS_UNSUPPORTED, "a track has no stems") : PS_OK;
    if (status == PS_OK)
        status = open_all(r, file, err);
    if (status == PS_OK) {
        complete(r);
        status = check_size(r, err);
    }
    if (status == PS_OK && request->dry_run && report)
        report_plan(r, report);
    else if (status == PS_OK && !request->dry_run)
        status = ps_render_source(r->source, r->engine, &r->request, report, err);
    if (status == PS_OK && report) {
        ps_render_master_report(&r->mastered, report);
        report->not_finite = ps_media_not_finite(r->media) + ps_tally_not_finite(r->tally);
        report->track = true;
    }
    ps_source_destroy(r->source);
    ps_tally_destroy(r->tally);
    ps_media_destroy(r->media);
    for (uint32_t i = 0; i < r->bank_count; i++)
        ps_soundfont_file_close(r->banks[i]);
    ps_render_engine_close(&r->own_engine);
    ps_track_file_close(r->file);
    ps_free(NULL, r);
    return status;
}
