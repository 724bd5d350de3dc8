/*
 * A piece into memory: pulled in long blocks, interleaved into one allocation that grows where it
 * lies. Fades and levels then pass over it, in the order and with the gains of ps_render_source, so
 * that the samples are those of a float file.
 */
#include "core.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* Long, because threads share the grid runs of a block. */
#define BLOCK_FRAMES      65536u
#define CALM_BLOCK_FRAMES 4096u
#define TELL_EVERY_SEC    0.05
#define FIRST_FRAMES      (16u * BLOCK_FRAMES)

typedef struct collection {
    core_piece *piece;
    const core_span *span;
    core_progress *progress;
    core_samples audio;
    uint64_t capacity_frames, most_frames;
    uint64_t total_frames; /* that will probably be played, for the progress */
    uint64_t played;
    uint32_t block_frames;
    float *left, *right;
    double told_sec;
} collection;

static double now_sec(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/* False: stop. */
static bool tell(collection *c, const char *stage, double done)
{
    const double now = now_sec();

    if (now - c->told_sec < TELL_EVERY_SEC && done < 1.0)
        return true;
    c->told_sec = now;
    return core_progress_tell(c->progress, done < 1.0 ? done : 1.0, stage);
}

static bool tell_played(collection *c, uint32_t frames)
{
    c->played += frames;
    return tell(c, "rendering", 0.99 * fmin(1.0, (double)c->played / (double)c->total_frames));
}

static ps_status stopped(ps_error *err)
{
    return ps_fail(err, PS_CANCELLED, "stopped");
}

static bool within(double value, double low, double high)
{
    return value >= low && value <= high;
}

static ps_status check(const core_span *span, const ps_source *source, ps_error *err)
{
    if (!within(span->start_sec, 0.0, 1e9))
        return ps_fail(err, PS_BAD_ARGUMENT, "start of %g s is outside 0..1e+09", span->start_sec);
    if (!(span->duration_sec < 0.0) && !(span->duration_sec > 0.0 && span->duration_sec <= 1e9))
        return ps_fail(err, PS_BAD_ARGUMENT, "a duration of %g s cannot be rendered",
                       span->duration_sec);
    if (!within(span->fade_in_sec, 0.0, PS_RENDER_FADE_MAX_SEC) ||
        !within(span->fade_out_sec, 0.0, PS_RENDER_FADE_MAX_SEC))
        return ps_fail(err, PS_BAD_ARGUMENT, "a fade is outside 0..%g s", PS_RENDER_FADE_MAX_SEC);
    if (span->level_mode >= PS_LEVEL_PEAK && !within(span->level_db, -120.0, 20.0))
        return ps_fail(err, PS_BAD_ARGUMENT, "level of %g dB is outside -120..20", span->level_db);
    if (ps_source_length(source).kind == PS_LENGTH_ENDLESS && span->duration_sec < 0.0)
        return ps_fail(err, PS_UNSUPPORTED, "it has no end: a duration is needed");
    return PS_OK;
}

/* ---- Memory --------------------------------------------------------------------------------- */

static ps_status reserve(collection *c, uint64_t frames, ps_error *err)
{
    uint64_t wanted = c->capacity_frames ? c->capacity_frames : FIRST_FRAMES;
    float *grown = NULL;

    if (frames <= c->capacity_frames)
        return PS_OK;
    while (wanted < frames)
        wanted += wanted / 2;
    if (wanted <= SIZE_MAX / (2 * sizeof(float)))
        grown = realloc(c->audio.samples, (size_t)wanted * 2 * sizeof(float));
    if (!grown)
        return ps_fail(err, PS_NO_MEMORY, "no memory for %.0f s of audio",
                       (double)frames / c->audio.rate_hz);
    c->audio.samples = grown;
    c->capacity_frames = wanted;
    return PS_OK;
}

static void trim(collection *c)
{
    const size_t frames = c->audio.frames ? (size_t)c->audio.frames : 1;
    float *trimmed = realloc(c->audio.samples, frames * 2 * sizeof(float));

    if (trimmed)
        c->audio.samples = trimmed;
}

static ps_status begin(collection *c, ps_error *err)
{
    const ps_source *source = c->piece->source;
    const ps_workers *workers = ps_engine_workers(c->piece->engine.engine);
    const double rate_hz = ps_source_rate_hz(source);
    const ps_length length = ps_source_length(source);

    c->audio.rate_hz = (uint32_t)llround(rate_hz);
    c->most_frames = c->span->duration_sec > 0.0
                         ? (uint64_t)llround(c->span->duration_sec * rate_hz)
                         : UINT64_MAX;
    c->total_frames = c->piece->likely_frames ? c->piece->likely_frames : length.frames;
    if (c->most_frames < c->total_frames)
        c->total_frames = c->most_frames;
    c->total_frames += c->total_frames == 0;
    c->block_frames = workers && workers->threads > 1 ? BLOCK_FRAMES : CALM_BLOCK_FRAMES;
    c->left = ps_alloc(NULL, c->block_frames, sizeof *c->left);
    c->right = ps_alloc(NULL, c->block_frames, sizeof *c->right);
    if (!c->left || !c->right)
        return ps_fail(err, PS_NO_MEMORY, "no memory for blocks of audio");
    return reserve(c, 1, err);
}

/* ---- Playing -------------------------------------------------------------------------------- */

/* What comes before the excerpt sounds into it. */
static ps_status skip(collection *c, ps_error *err)
{
    ps_source *source = c->piece->source;
    uint64_t left = (uint64_t)llround(c->span->start_sec * ps_source_rate_hz(source));

    if (left > 0 && ps_source_seeks_exactly(source))
        return ps_source_seek(source, left);
    while (left > 0) {
        const uint32_t frames = left < c->block_frames ? (uint32_t)left : c->block_frames;

        if (ps_source_pull(source, (ps_block){c->left, c->right, frames}) < frames)
            return PS_OK;
        left -= frames;
        if (!tell_played(c, frames))
            return stopped(err);
    }
    return PS_OK;
}

static ps_status play(collection *c, ps_error *err)
{
    ps_source *source = c->piece->source;
    ps_status status = PS_OK;
    uint32_t frames, got;

    do {
        const uint64_t left = c->most_frames - c->audio.frames;

        frames = left < c->block_frames ? (uint32_t)left : c->block_frames;
        got = frames ? ps_source_pull(source, (ps_block){c->left, c->right, frames}) : 0;
        status = reserve(c, c->audio.frames + got, err);
        if (status != PS_OK)
            return status;
        core_interleave(c->audio.samples + 2 * c->audio.frames, (ps_block){c->left, c->right, got});
        c->audio.frames += got;
        if (!tell_played(c, got))
            return stopped(err);
    } while (got == frames && frames == c->block_frames);
    if (ps_source_late_frames(source) > 0)
        return ps_fail(err, PS_NO_MEMORY, "no memory for a part of the piece");
    if (c->audio.frames == 0 && c->span->start_sec > 0.0)
        return ps_fail(err, PS_BAD_ARGUMENT, "start of %g s lies behind the end at %.3f s",
                       c->span->start_sec,
                       (double)ps_source_position(source) / ps_source_rate_hz(source));
    return PS_OK;
}

/* ---- Fades and levels ----------------------------------------------------------------------- */

static void fade(const collection *c, ps_block block, uint64_t first)
{
    const uint64_t total = c->audio.frames;
    const double rate_hz = ps_source_rate_hz(c->piece->source);
    const uint64_t in = (uint64_t)llround(c->span->fade_in_sec * rate_hz);
    uint64_t out = (uint64_t)llround(c->span->fade_out_sec * rate_hz);

    if (in > 0)
        ps_fade(block, first, 0, in, false);
    if (out > total)
        out = total;
    if (out > 0)
        ps_fade(block, first, total - out, out, true);
}

/* Once over everything: fades (when asked for) and gain, into the meter (NULL allowed); the peak.
 */
static float pass_over(collection *c, bool fades, float gain, ps_meter *meter)
{
    float peak = 0.0f;

    for (uint64_t at = 0; at < c->audio.frames; at += c->block_frames) {
        const uint64_t rest = c->audio.frames - at;
        const ps_block block = {c->left, c->right,
                                rest < c->block_frames ? (uint32_t)rest : c->block_frames};

        core_deinterleave(block, c->audio.samples + 2 * at);
        if (fades)
            fade(c, block, at);
        peak = fmaxf(peak, ps_amplify(c->piece->engine.engine, block, gain));
        if (meter)
            ps_meter_add(meter, block);
        if (fades || gain != 1.0f)
            core_interleave(c->audio.samples + 2 * at, block);
    }
    return peak;
}

static ps_status measure(collection *c, bool fades, ps_level_mode mode, ps_levels *levels,
                         ps_error *err)
{
    const uint32_t measures = mode == PS_LEVEL_TRUE_PEAK ? PS_MEASURE_TRUE_PEAK
                              : mode == PS_LEVEL_LUFS    ? PS_MEASURE_LOUDNESS
                                                         : 0;
    ps_meter *meter = NULL;

    memset(levels, 0, sizeof *levels);
    if (measures) {
        const ps_status status = ps_meter_create(
            &meter, c->piece->engine.engine, ps_source_rate_hz(c->piece->source), measures, err);

        if (status != PS_OK)
            return status;
    }
    levels->peak = (double)pass_over(c, fades, 1.0f, meter);
    if (meter) {
        ps_meter_end(meter);
        ps_meter_read(meter, levels);
    }
    ps_meter_destroy(meter);
    return PS_OK;
}

static ps_status finish(collection *c, ps_error *err)
{
    const bool fades = c->span->fade_in_sec > 0.0 || c->span->fade_out_sec > 0.0;
    const ps_level_mode mode = c->span->level_mode;
    ps_levels levels;
    ps_status status;
    double gain;

    if (mode == PS_LEVEL_NONE || mode == PS_LEVEL_AUTO) { /* floats do not clip */
        if (fades)
            pass_over(c, true, 1.0f, NULL);
        return PS_OK;
    }
    if (mode == PS_LEVEL_FIXED) {
        pass_over(c, fades, (float)c->span->fixed_gain, NULL);
        return PS_OK;
    }
    status = measure(c, fades, mode, &levels, err);
    if (status != PS_OK)
        return status;
    if (!tell(c, "rendering", 0.995))
        return stopped(err);
    gain = ps_level_gain(&levels, mode, c->span->level_db);
    if ((float)gain != 1.0f)
        pass_over(c, false, (float)gain, NULL);
    return PS_OK;
}

ps_status core_collect(core_samples *out, core_piece *piece, const core_span *span,
                       core_progress *progress, ps_error *err)
{
    collection c = {.piece = piece, .span = span, .progress = progress, .told_sec = -1e9};
    ps_status status = check(span, piece->source, err);

    if (status == PS_OK && ps_source_position(piece->source) > 0)
        status = ps_source_seek(piece->source, 0);
    if (status == PS_OK)
        status = begin(&c, err);
    if (status == PS_OK)
        status = skip(&c, err);
    if (status == PS_OK)
        status = play(&c, err);
    if (status == PS_OK)
        status = finish(&c, err);
    if (status == PS_OK && !tell(&c, "rendering", 1.0))
        status = stopped(err);
    ps_free(NULL, c.left);
    ps_free(NULL, c.right);
    if (status == PS_OK) {
        trim(&c);
        *out = c.audio;
    } else {
        free(c.audio.samples);
    }
    return status;
}
