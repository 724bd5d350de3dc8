/* The offline renderer of the reference, step by step. */
#include "track/reference.h"

#include <math.h>
#include <string.h>

#include "dsp/correlate.h"
#include "dsp/resample.h"
#include "kernel/math.h"
#include "track/bed.h"
#include "track/plan.h"
#include "track/player.h"
#include "track/tell.h"

#define RUN_FRAMES 4096u

typedef struct buffer {
    float *ear[2];
    uint64_t frames;
} buffer;

typedef struct work {
    const ps_stage *stage;
    const ps_track *track;
    const ps_track_options *options;
    const ps_track_settings *settings;
    buffer mix;         /* of the whole track */
    uint64_t last;      /* frame after the last one written */
    double current_sec; /* where a step without a start begins */
    ps_error *err;
} work;

static ps_status buffer_make(buffer *b, uint64_t frames, const work *w)
{
    for (uint32_t ear = 0; ear < 2; ear++) {
        b->ear[ear] = ps_alloc(w->stage->allocator, frames, sizeof(float));
        if (!b->ear[ear])
            return ps_fail(w->err, PS_NO_MEMORY, "no memory for %llu frames of a track",
                           (unsigned long long)frames);
    }
    b->frames = frames;
    return PS_OK;
}

static void buffer_free(buffer *b, const work *w)
{
    ps_free(w->stage->allocator, b->ear[0]);
    ps_free(w->stage->allocator, b->ear[1]);
    b->ear[0] = b->ear[1] = NULL;
}

static float peak_of(const float *samples, uint64_t count, float peak)
{
    for (uint64_t i = 0; i < count; i++)
        peak = fabsf(samples[i]) > peak ? fabsf(samples[i]) : peak;
    return peak;
}

/* ---- A step ---------------------------------------------------------------------------------- */

/* The mix of a step, scaled down to a peak of 1. */
static ps_status render_step(work *w, size_t index, const ps_track_step *step, buffer *out)
{
    ps_step_teller teller = {w->options, step, (uint32_t)index};
    const ps_player_warn warn = {ps_track_tell_voice, &teller};
    ps_player player;
    float peak = 0.0f;
    ps_status status = buffer_make(out, ps_frames_of(step->duration_sec, w->stage->rate_hz), w);

    if (status == PS_OK)
        status = ps_player_start(&player, w->stage, step, (uint32_t)index, out->frames, RUN_FRAMES,
                                 &warn, w->err);
    if (status != PS_OK) {
        buffer_free(out, w);
        return status;
    }
    for (uint64_t at = 0; at < out->frames && status == PS_OK;) {
        const uint64_t rest = out->frames - at;
        const uint32_t count = rest < RUN_FRAMES ? (uint32_t)rest : RUN_FRAMES;

        status = ps_player_prepare(&player, count);
        if (status != PS_OK)
            break;
        ps_player_peek(&player, 0, out->ear[0] + at, out->ear[1] + at, count);
        ps_player_drop(&player, count);
        at += count;
    }
    ps_player_finish(&player);
    peak = peak_of(out->ear[0], out->frames, peak);
    peak = peak_of(out->ear[1], out->frames, peak);
    if (peak > 1.0f) {
        const float gain = (float)(1.0 / (double)peak);

        for (uint64_t i = 0; i < out->frames; i++) {
            out->ear[0][i] *= gain;
            out->ear[1][i] *= gain;
        }
    }
    return status;
}

/* ---- Crossfades ------------------------------------------------------------------------------ */

/* Replaces mix[at..at+count) by its blend with the step's first frames, those rotated so that they
   agree best with the mix. */
static ps_status blend(work *w, uint64_t at, const buffer *step, uint64_t count)
{
    const float *const below[2] = {w->mix.ear[0] + at, w->mix.ear[1] + at};
    const float *const above[2] = {step->ear[0], step->ear[1]};
    int64_t lag = 0;

    if (count > UINT32_MAX)
        return ps_fail(w->err, PS_UNSUPPORTED, "a crossfade is too long");
    if (count > 1) {
        const ps_status status =
            ps_correlate_lag(&lag, below, above, (uint32_t)count, (uint32_t)count - 1,
                             w->stage->kernel_row, w->stage->allocator, w->err);

        if (status != PS_OK)
            return status;
    }
    for (uint64_t i = 0; i < count; i++) {
        const double x = count > 1 ? (double)i / (double)(count - 1) : 0.0;
        const double out = w->settings->equal_power ? ps_cos_cycles(0.25 * x) : 1.0 - x;
        const double in = w->settings->equal_power ? ps_sin_cycles(0.25 * x) : x;
        const int64_t turned = ((int64_t)i - lag) % (int64_t)count;
        const uint64_t from = (uint64_t)(turned < 0 ? turned + (int64_t)count : turned);

        for (uint32_t ear = 0; ear < 2; ear++) {
            float *mix = w->mix.ear[ear] + at + i;

            *mix = (float)((double)*mix * out + (double)step->ear[ear][from] * in);
        }
    }
    return PS_OK;
}

static void add(work *w, uint64_t at, const buffer *step, uint64_t from, uint64_t to)
{
    for (uint32_t ear = 0; ear < 2; ear++) {
        for (uint64_t i = from; i < to; i++)
            w->mix.ear[ear][at + i - from] += step->ear[ear][i];
    }
}

static uint64_t least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* Puts a rendered step into the mix; begin and end are where its start time puts it. */
static ps_status place(work *w, bool first, uint64_t begin, const buffer *step)
{
    const uint64_t crossfade = ps_frames_of(w->settings->crossfade_sec, w->stage->rate_hz);
    uint64_t end = least(w->mix.frames, begin + step->frames);
    const uint64_t length = end > begin ? end - begin : 0;
    const uint64_t shared = least(end, w->last);
    ps_status status = PS_OK;

    if (length == 0)
        return PS_OK;
    const uint64_t forced = least(least(crossfade, length), w->last);
    if (!first && crossfade > 0 && shared > begin) {
        const uint64_t count = least(shared - begin, crossfade);

        status = blend(w, begin, step, count);
        add(w, begin + count, step, count, length);
    } else if (!first && forced > 0) {
        status = blend(w, w->last - forced, step, forced);
        add(w, w->last, step, forced, length);
        end = w->last + length - forced;
    } else {
        add(w, begin, step, 0, length);
    }
    w->last = end > w->last ? end : w->last;
    return status;
}

static ps_status place_step(work *w, size_t index, const ps_track_step *step)
{
    const double rate_hz = w->stage->rate_hz;
    const bool has_start = !isnan(step->start_sec);
    const double start_sec = has_start ? step->start_sec : w->current_sec;
    buffer rendered = {{NULL, NULL}, 0};
    ps_status status = PS_OK;

    if (!(step->duration_sec > 0.0))
        return PS_OK;
    if (ps_frames_of(step->duration_sec, rate_hz) > 0)
        status = render_step(w, index, step, &rendered);
    if (status == PS_OK && rendered.frames > 0)
        status = place(w, index == 0, ps_frames_of(start_sec, rate_hz), &rendered);
    buffer_free(&rendered, w);
    if (has_start)
        w->current_sec = fmax(0.0, start_sec) + step->duration_sec;
    else
        w->current_sec += w->settings->crossfade_sec > 0.0
                              ? fmax(0.0, step->duration_sec - w->settings->crossfade_sec)
                              : step->duration_sec;
    return status;
}

/* The end of the latest step; those without a start follow one another without fades. */
static double end_of_steps(const ps_track_step *steps, size_t count)
{
    double end = 0.0, running = 0.0;

    for (size_t i = 0; i < count; i++) {
        double start = steps[i].start_sec;

        if (isnan(start)) {
            start = running;
            running += fmax(0.0, steps[i].duration_sec);
        }
        end = fmax(end, fmax(0.0, start) + steps[i].duration_sec);
    }
    return end;
}

static ps_status render_steps(work *w)
{
    size_t count;
    const ps_track_step *steps = ps_track_get_steps(w->track, &count);
    const double end_sec = end_of_steps(steps, count);
    const uint64_t second = (uint64_t)w->stage->rate_hz;
    ps_status status = PS_OK;

    if (!(end_sec > 0.0)) {
        w->last = second;
        return buffer_make(&w->mix, second, w);
    }
    const uint64_t room = ps_frames_of(end_sec, w->stage->rate_hz) + second;
    if (room > PS_REFERENCE_FRAMES_MAX)
        return ps_fail(w->err, PS_UNSUPPORTED,
                       "the reference mode holds a track in memory: %.0f s are too long for it",
                       end_sec);
    status = buffer_make(&w->mix, room, w);
    for (size_t i = 0; i < count && status == PS_OK; i++)
        status = place_step(w, i, &steps[i]);
    if (w->last == 0)
        w->last = second;
    return status;
}

/* ---- Noise ----------------------------------------------------------------------------------- */

/* Its gain goes by the frames of an array that begins with the track and may be longer than it. */
static ps_status add_noise(work *w)
{
    const ps_track_noise *what = ps_track_get_noise(w->track);
    const uint64_t start = what ? ps_frames_of(what->start_sec, w->stage->rate_hz) : 0;
    float left[PS_VOICE_FRAMES], right[PS_VOICE_FRAMES];
    ps_layer_gain gain = {0};
    ps_noise *noise;
    ps_status status = ps_bed_make_noise(&noise, w->stage, what, w->last, w->options, w->err);

    if (status != PS_OK || !noise)
        return status;
    const uint64_t own = ps_noise_frames(noise);
    status = ps_layer_gain_make(&gain, what, start == 0 && own > w->last ? own : w->last,
                                w->stage->rate_hz, w->stage->allocator, w->err);
    for (uint64_t at = start; status == PS_OK && at < w->last; at += PS_VOICE_FRAMES) {
        const uint64_t rest = w->last - at;
        const uint32_t count = rest < PS_VOICE_FRAMES ? (uint32_t)rest : PS_VOICE_FRAMES;

        ps_noise_render(noise, left, right, count);
        for (uint32_t i = 0; i < count; i++) {
            const double g = ps_layer_gain_at(&gain, at + i);

            w->mix.ear[0][at + i] += (float)((double)left[i] * g);
            w->mix.ear[1][at + i] += (float)((double)right[i] * g);
        }
    }
    ps_layer_gain_free(&gain, w->stage->allocator);
    ps_noise_destroy(noise);
    return status;
}

/* ---- Clips ----------------------------------------------------------------------------------- */

/* Makes the track at least so long. */
static ps_status extend(work *w, uint64_t frames)
{
    buffer longer = {{NULL, NULL}, 0};

    if (frames <= w->mix.frames) {
        w->last = frames > w->last ? frames : w->last;
        return PS_OK;
    }
    if (frames > PS_REFERENCE_FRAMES_MAX)
        return ps_fail(w->err, PS_UNSUPPORTED, "a clip ends too late to be held in memory");
    const ps_status status = buffer_make(&longer, frames, w);
    if (status != PS_OK) {
        buffer_free(&longer, w);
        return status;
    }
    for (uint32_t ear = 0; ear < 2; ear++)
        memcpy(longer.ear[ear], w->mix.ear[ear], w->last * sizeof(float));
    buffer_free(&w->mix, w);
    w->mix = longer;
    w->last = frames;
    return PS_OK;
}

static ps_status mix_recording(work *w, const ps_track_clip *clip, const ps_recording *recording)
{
    const uint64_t start = ps_frames_of(clip->start_sec, w->stage->rate_hz);
    const uint64_t frames =
        recording->rate_hz == w->stage->rate_hz
            ? recording->frames
            : (uint64_t)((double)recording->frames * w->stage->rate_hz / recording->rate_hz);
    buffer resampled = {{NULL, NULL}, 0};

    if (clip->start_sec < 0.0 || recording->channels > 2 || recording->channels == 0 || frames == 0)
        return ps_fail(w->err, PS_UNSUPPORTED, "a clip of %u channels starting at %g s",
                       recording->channels, clip->start_sec);
    if (start + frames > PS_REFERENCE_FRAMES_MAX)
        return ps_fail(w->err, PS_UNSUPPORTED, "a clip ends too late to be held in memory");
    ps_status status = buffer_make(&resampled, frames, w);
    for (uint32_t ear = 0; ear < 2 && status == PS_OK; ear++) {
        const uint32_t channel = ear < recording->channels ? ear : 0;

        status = ps_resample_whole(resampled.ear[ear], frames, recording->samples + channel,
                                   recording->frames, recording->channels, w->stage->kernel_row,
                                   w->stage->allocator, w->err);
    }
    if (status == PS_OK)
        status = extend(w, start + frames > w->last ? start + frames : w->last);
    for (uint32_t ear = 0; ear < 2 && status == PS_OK; ear++) {
        for (uint64_t i = 0; i < frames; i++)
            w->mix.ear[ear][start + i] += (float)((double)resampled.ear[ear][i] * clip->gain);
    }
    buffer_free(&resampled, w);
    return status;
}

static ps_status add_clips(work *w)
{
    size_t count;
    const ps_track_clip *clips = ps_track_get_clips(w->track, &count);
    const ps_track_media *media = w->stage->media;

    for (size_t i = 0; i < count; i++) {
        ps_recording recording = {0};
        ps_error why = {0};
        ps_status status = PS_NOT_FOUND;

        if (clips[i].path && media && media->load)
            status = media->load(media->user, clips[i].path, &recording, &why);
        if (status == PS_OK) {
            ps_error *outer = w->err;

            w->err = &why;
            status = mix_recording(w, &clips[i], &recording);
            w->err = outer;
            media->release(media->user, &recording);
        }
        if (status == PS_NO_MEMORY)
            return ps_fail(w->err, status, "%s", why.text);
        if (status != PS_OK)
            ps_track_tell_clip(w->options, i, &why);
    }
    return PS_OK;
}

/* ---------------------------------------------------------------------------------------------- */

static void clean(float *samples, uint64_t count)
{
    for (uint64_t i = 0; i < count; i++)
        samples[i] = fabsf(samples[i]) <= 0x1p20f ? samples[i] : 0.0f;
}

ps_status ps_reference_render(ps_reference *reference, const ps_stage *stage, const ps_track *track,
                              const ps_track_options *options, ps_error *err)
{
    work w = {.stage = stage,
              .track = track,
              .options = options,
              .settings = ps_track_get_settings(track),
              .err = err};
    ps_status status = render_steps(&w);

    if (status == PS_OK)
        status = add_noise(&w);
    if (status == PS_OK)
        status = add_clips(&w);
    if (status != PS_OK) {
        buffer_free(&w.mix, &w);
        return status;
    }
    clean(w.mix.ear[0], w.last);
    clean(w.mix.ear[1], w.last);
    *reference = (ps_reference){w.mix.ear[0], w.mix.ear[1], w.last};
    return PS_OK;
}

void ps_reference_free(ps_reference *reference, const ps_allocator *allocator)
{
    ps_free(allocator, reference->left);
    ps_free(allocator, reference->right);
    reference->left = reference->right = NULL;
}
