/* Clips: from a source (directly, or through a ring that another thread fills) or pushed. */
#include "track/clip.h"

#include <math.h>
#include <string.h>

#include "dsp/resample.h"
#include "kernel/engine.h"
#include "track/plan.h"

#define PULL_FRAMES 512u

/* A recording as two channels at the track's rate: a memory source over samples the clip keeps. */
static ps_status load_whole(ps_clip *clip, const ps_stage *stage, const char *path, ps_error *err)
{
    ps_recording recording = {0};
    ps_status status = stage->media->load(stage->media->user, path, &recording, err);

    if (status != PS_OK)
        return status;
    const uint32_t channels = recording.channels;
    const uint64_t frames =
        ps_frames_of((double)recording.frames / recording.rate_hz, stage->rate_hz);
    if (channels == 0 || frames == 0)
        status = ps_fail(err, PS_BAD_DATA, "clip: there is no audio in it");
    for (uint32_t ear = 0; ear < 2 && status == PS_OK; ear++) {
        const uint32_t channel = ear < channels ? ear : channels - 1;

        clip->samples[ear] = ps_alloc(stage->allocator, frames, sizeof(float));
        if (!clip->samples[ear])
            status = ps_fail(err, PS_NO_MEMORY, "no memory for a clip of %llu frames",
                             (unsigned long long)frames);
        else
            status = ps_resample_whole(clip->samples[ear], frames, recording.samples + channel,
                                       recording.frames, channels, stage->kernel_row,
                                       stage->allocator, err);
    }
    stage->media->release(stage->media->user, &recording);
    if (status == PS_OK)
        status = ps_memory_source_create(&clip->source, clip->samples[0], clip->samples[1], frames,
                                         stage->rate_hz, stage->allocator, err);
    return status;
}

static ps_status open_source(ps_clip *clip, const ps_stage *stage, const char *path, ps_error *err)
{
    if (!stage->media || (!stage->media->open && !stage->media->load))
        return ps_fail(err, PS_NOT_FOUND, "no files can be read here");
    if (stage->media->open)
        return stage->media->open(stage->media->user, path, stage->rate_hz, &clip->source, err);
    return load_whole(clip, stage, path, err);
}

/* ---- Effects --------------------------------------------------------------------------------- */

static ps_rack_options rack_options(const ps_stage *stage)
{
    ps_rack_options options = {.seed = stage->seed};

    if (stage->media)
        options.media = stage->media->effects;
    return options;
}

/* The chain of a clip; NULL: none. */
static ps_status read_chain(ps_chain **chain, const ps_stage *stage, const ps_track_clip *what,
                            ps_error *err)
{
    ps_chain_options options = {0};

    *chain = NULL;
    if (stage->reference || ps_value_is_null(&what->effects))
        return PS_OK;
    if (stage->media)
        options = stage->media->chains;
    options.allocator = stage->allocator;
    return ps_chain_read_value(chain, &what->effects, &options, err);
}

/* Around the source. */
static ps_status put_effects_on(ps_clip *clip, const ps_stage *stage, const ps_chain *chain,
                                ps_error *err)
{
    ps_effect_source_options options = {.rack = rack_options(stage), .tail_sec = -1.0};
    ps_source *dry = clip->source;
    ps_rack *rack;

    /* Whether the effects can be made is found out first: the source is lost otherwise. */
    const ps_status status =
        ps_rack_create(&rack, stage->engine, chain, stage->rate_hz, &options.rack, err);
    if (status != PS_OK)
        return status;
    ps_rack_destroy(rack);
    clip->source = NULL;
    options.rack.accelerator = stage->accelerator;
    return ps_effect_source_create(&clip->source, stage->engine, dry, chain, &options, err);
}

/* Tells chains from each other by the text they write. */
static ps_status key_of(uint64_t key[2], const ps_chain *chain, const ps_allocator *allocator,
                        ps_error *err)
{
    const size_t bytes = ps_chain_write(chain, NULL, 0) + 1;
    char *text = ps_alloc(allocator, bytes, 1);

    if (!text)
        return ps_fail(err, PS_NO_MEMORY, "no memory for effects");
    ps_chain_write(chain, text, bytes);
    ps_engine_key(key, text, bytes);
    ps_free(allocator, text);
    return PS_OK;
}

/* A way for pushed samples; chain NULL: without effects. */
static ps_status open_way(ps_clip *clip, const ps_stage *stage, const ps_chain *chain,
                          ps_error *err)
{
    const ps_rack_options options = rack_options(stage);
    uint64_t key[2] = {0, 0};
    ps_rack *rack = NULL;
    ps_status status = chain ? key_of(key, chain, stage->allocator, err) : PS_OK;

    if (status == PS_OK && chain)
        status = ps_rack_create(&rack, stage->engine, chain, stage->rate_hz, &options, err);
    return status == PS_OK ? ps_pushed_way_create(&clip->way, rack, key, stage->allocator, err)
                           : status;
}

/* Effects that cannot be had leave the clip as it is, which clip->dry says. */
static ps_status make_effects(ps_clip *clip, const ps_stage *stage, const ps_track_clip *what,
                              ps_error *err)
{
    ps_chain *chain;
    ps_status status = read_chain(&chain, stage, what, &clip->dry);

    if (status == PS_OK && !clip->source)
        status = open_way(clip, stage, chain, &clip->dry);
    else if (status == PS_OK && chain)
        status = put_effects_on(clip, stage, chain, &clip->dry);
    ps_chain_destroy(chain);
    if (status == PS_NO_MEMORY)
        *err = clip->dry;
    else if (status != PS_OK && !clip->source)
        status = open_way(clip, stage, NULL, err);
    else
        status = PS_OK;
    return status;
}

/* ---- Opening --------------------------------------------------------------------------------- */

static void set_gains(ps_clip *clip, const ps_stage *stage, const ps_track_clip *what)
{
    const double pan = fmin(fmax(what->pan, -1.0), 1.0);
    const uint64_t known =
        clip->length.kind == PS_LENGTH_ENDLESS ? UINT64_MAX : clip->length.frames;

    clip->gain[0] = (float)(what->gain * fmin(1.0, 1.0 - pan));
    clip->gain[1] = (float)(what->gain * fmin(1.0, 1.0 + pan));
    clip->fade_in = ps_frames_of(what->fade_in_sec, stage->rate_hz);
    clip->fade_out = ps_frames_of(what->fade_out_sec, stage->rate_hz);
    if (clip->fade_in > known)
        clip->fade_in = known;
    if (clip->fade_out > known)
        clip->fade_out = known;
}

ps_status ps_clip_open(ps_clip *clip, const ps_stage *stage, const ps_track_clip *what,
                       bool buffered, ps_error *err)
{
    ps_status status = PS_OK;

    memset(clip, 0, sizeof *clip);
    clip->length = (ps_length){PS_LENGTH_ENDLESS, UINT64_MAX};
    if (what->start_sec < 0.0)
        return ps_fail(err, PS_BAD_DATA, "clip: it would start before the track");
    clip->begin = ps_frames_of(what->start_sec, stage->rate_hz);
    if (clip->begin >= PS_TRACK_FRAMES_MAX)
        return ps_fail(err, PS_BAD_DATA, "clip: it starts too late to be played");
    if (what->path)
        status = open_source(clip, stage, what->path, err);
    if (status == PS_NO_MEMORY || (status != PS_OK && !buffered)) {
        ps_clip_close(clip, stage);
        return status;
    }
    status = make_effects(clip, stage, what, err);
    if (status != PS_OK) {
        ps_clip_close(clip, stage);
        return status;
    }
    if (clip->source)
        clip->length = ps_source_length(clip->source);
    set_gains(clip, stage, what);
    status =
        buffered && clip->source ? ps_clip_ring_create(&clip->ring, stage->allocator, err) : PS_OK;
    if (status != PS_OK)
        ps_clip_close(clip, stage);
    return status;
}

void ps_clip_close(ps_clip *clip, const ps_stage *stage)
{
    ps_source_destroy(clip->source);
    clip->source = NULL;
    ps_clip_ring_destroy(clip->ring, stage->allocator);
    clip->ring = NULL;
    ps_pushed_way_leave(clip->way, stage->allocator);
    clip->way = NULL;
    for (uint32_t ear = 0; ear < 2; ear++) {
        ps_free(stage->allocator, clip->samples[ear]);
        clip->samples[ear] = NULL;
    }
}

uint64_t ps_clip_end(const ps_clip *clip)
{
    return clip->length.kind == PS_LENGTH_ENDLESS ? clip->begin : clip->begin + clip->length.frames;
}

/* The gain of a clip's frame by its fades: straight, both ends included. */
static float fade_at(const ps_clip *clip, uint64_t frame)
{
    float gain = 1.0f;

    if (frame < clip->fade_in)
        gain = clip->fade_in > 1 ? (float)frame / (float)(clip->fade_in - 1) : 0.0f;
    if (clip->fade_out > 0 && clip->length.kind != PS_LENGTH_ENDLESS &&
        frame < clip->length.frames && frame >= clip->length.frames - clip->fade_out) {
        const uint64_t left = clip->length.frames - 1 - frame;

        gain *= clip->fade_out > 1 ? (float)left / (float)(clip->fade_out - 1) : 0.0f;
    }
    return gain;
}

static void add_faded(ps_clip *clip, float *left, float *right, const float *l, const float *r,
                      uint32_t count)
{
    const bool fades = clip->position < clip->fade_in ||
                       (clip->fade_out > 0 && clip->length.kind != PS_LENGTH_ENDLESS &&
                        clip->position + count > clip->length.frames - clip->fade_out);

    for (uint32_t i = 0; i < count; i++) {
        const float gain = fades ? fade_at(clip, clip->position + i) : 1.0f;

        left[i] += l[i] * (clip->gain[0] * gain);
        right[i] += r[i] * (clip->gain[1] * gain);
    }
    clip->position += count;
}

/* Out of the ring; what is not there is missing. */
static uint32_t add_ring(ps_clip *clip, float *left, float *right, uint32_t frames)
{
    const uint64_t written = atomic_load_explicit(&clip->ring->written, memory_order_acquire);
    uint64_t taken = atomic_load_explicit(&clip->ring->taken, memory_order_relaxed);
    uint32_t done = 0;

    while (done < frames && taken < written) {
        const uint32_t at = (uint32_t)(taken % PS_CLIP_RING_FRAMES);
        uint64_t count = written - taken;

        if (count > PS_CLIP_RING_FRAMES - at)
            count = PS_CLIP_RING_FRAMES - at;
        if (count > frames - done)
            count = frames - done;
        add_faded(clip, left + done, right + done, clip->ring->ear[0] + at, clip->ring->ear[1] + at,
                  (uint32_t)count);
        taken += count;
        done += (uint32_t)count;
    }
    atomic_store_explicit(&clip->ring->taken, taken, memory_order_release);
    return atomic_load_explicit(&clip->ring->finished, memory_order_acquire) ? 0 : frames - done;
}

/* A file's clip keeps its place: what came too late is not played any more. */
static void drop_late(ps_clip *clip)
{
    const uint64_t written = atomic_load_explicit(&clip->ring->written, memory_order_acquire);
    const uint64_t taken = atomic_load_explicit(&clip->ring->taken, memory_order_relaxed);
    const uint64_t count = written - taken < clip->late ? written - taken : clip->late;

    clip->late -= count;
    clip->position += count;
    atomic_store_explicit(&clip->ring->taken, taken + count, memory_order_release);
}

static void add_source(ps_clip *clip, float *left, float *right, uint32_t frames)
{
    float l[PULL_FRAMES], r[PULL_FRAMES];

    while (frames > 0) {
        const ps_block block = {l, r, frames < PULL_FRAMES ? frames : PULL_FRAMES};
        const uint32_t got = ps_source_pull(clip->source, block);

        add_faded(clip, left, right, l, r, got);
        if (got < block.frames)
            return;
        left += got;
        right += got;
        frames -= got;
    }
}

/* Pushed samples come when they come. */
static void add_pushed(ps_clip *clip, float *left, float *right, uint64_t first, uint32_t frames)
{
    ps_pushed_way *way = clip->way;

    for (uint32_t done = 0, count; done < frames; done += count) {
        count = frames - done < PS_PUSHED_RUN_FRAMES ? frames - done : PS_PUSHED_RUN_FRAMES;
        ps_pushed_run(clip->pushed, way, first + done, count);
        add_faded(clip, left + done + way->silent, right + done + way->silent,
                  way->left + way->silent, way->right + way->silent, way->made - way->silent);
    }
}

uint32_t ps_clip_add(ps_clip *clip, float *left, float *right, uint64_t first, uint32_t frames)
{
    const uint64_t wait = clip->begin > first ? clip->begin - first : 0;

    if (wait >= frames) {
        if (clip->pushed)
            ps_pushed_ahead(clip->pushed, clip->way, frames);
        return 0;
    }
    if (clip->source && first >= ps_clip_end(clip))
        return 0;
    left += wait;
    right += wait;
    frames -= (uint32_t)wait;
    if (!clip->ring) {
        if (clip->source)
            add_source(clip, left, right, frames);
        else if (clip->pushed)
            add_pushed(clip, left, right, first + wait, frames);
        return 0;
    }
    drop_late(clip);
    const uint32_t missing = add_ring(clip, left, right, frames);
    clip->late += missing;
    return missing;
}

ps_status ps_clip_seek(ps_clip *clip, uint64_t frame)
{
    const uint64_t inside = frame > clip->begin ? frame - clip->begin : 0;

    if (!clip->source)
        return PS_OK;
    clip->position = inside;
    clip->late = 0;
    if (clip->ring)
        ps_clip_ring_clear(clip->ring);
    return ps_source_seek(clip->source, inside);
}

void ps_clip_share(ps_clip *clip, const ps_clip *before, const ps_allocator *allocator)
{
    if (clip->begin != before->begin || clip->way->key[0] != before->way->key[0] ||
        clip->way->key[1] != before->way->key[1])
        return;
    ps_pushed_way_leave(clip->way, allocator);
    clip->way = before->way;
    clip->way->users++;
}

void ps_clip_follow(ps_clip *clip, const ps_clip *before)
{
    if (before)
        clip->position = before->position;
    if (!before)
        ps_pushed_way_begin(clip->way, clip->pushed, clip->pushed->taken);
    else if (before->way != clip->way)
        ps_pushed_way_begin(clip->way, clip->pushed, ps_pushed_way_frame(before->way));
}

void ps_clip_decode(ps_clip *clip)
{
    if (!clip->source || !clip->ring || atomic_load(&clip->ring->finished))
        return;
    uint64_t written = atomic_load_explicit(&clip->ring->written, memory_order_relaxed);
    for (;;) {
        const uint64_t taken = atomic_load_explicit(&clip->ring->taken, memory_order_acquire);
        const uint32_t at = (uint32_t)(written % PS_CLIP_RING_FRAMES);

        if (written - taken + PULL_FRAMES > PS_CLIP_RING_FRAMES)
            return;
        const ps_block block = {clip->ring->ear[0] + at, clip->ring->ear[1] + at, PULL_FRAMES};
        const uint32_t got = ps_source_pull(clip->source, block);
        written += got;
        atomic_store_explicit(&clip->ring->written, written, memory_order_release);
        if (got < PULL_FRAMES) {
            atomic_store_explicit(&clip->ring->finished, true, memory_order_release);
            return;
        }
    }
}
