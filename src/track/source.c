/*
 * A track as a ps_source: a production, or the reference's samples; and what happens to it while it
 * plays. The puller owns `now`; prepare makes `coming` and frees `gone`; they hand productions over
 * by atomic pointers, so that a pull never waits.
 */
#include <float.h>
#include <stdatomic.h>
#include <string.h>

#include "kernel/engine.h"
#include "track/copy.h"
#include "track/production.h"
#include "track/reference.h"
#include "track/tell.h"

#define UPDATE_FADE_SEC 0.030
#define AHEAD_SEC       4.0     /* at least so much is made ahead */
#define UPDATE_LEAD_SEC 0.25    /* live: an update aims so far ahead */
#define PUSHED_MAX      64u     /* clips that take samples */
#define FEW_FRAMES      512u    /* are made at a time live, and in the fade of an update */
#define LOUDEST         0x1p20f /* a sample beyond 120 dBFS is a mistake */

enum {
    COMING_NONE,  /* prepare's to make */
    COMING_READY, /* the puller's to take, or prepare's to take back */
    COMING_TAKEN, /* the puller is fading to it */
};

typedef struct track_source {
    ps_source base; /* first: the kind casts */
    ps_engine *engine;
    const ps_mix_row *mix;
    ps_track_options options;
    ps_reference reference; /* reference mode: all of it */

    _Atomic(ps_production *) now;
    _Atomic(ps_production *) coming; /* takes over at coming_frame */
    _Atomic int coming_state;        /* COMING_... : who may touch it */
    _Atomic uint64_t coming_frame;
    _Atomic(ps_production *) gone; /* waits to be freed */
    _Atomic(ps_track *) wanted;    /* an update that has not been made yet */
    uint64_t fade_frames, faded;   /* of the change from now to coming */
    _Atomic uint64_t position;     /* for the other threads */

    _Atomic(ps_pushed *) pushed[PUSHED_MAX]; /* by the clip's index in the track */
} track_source;

static track_source *of(ps_source *source)
{
    return (track_source *)source;
}

static ps_production *now_of(const ps_source *source)
{
    return atomic_load_explicit(&((track_source *)source)->now, memory_order_acquire);
}

/* ---- Pushed clips ---------------------------------------------------------------------------- */

/* Streams for the clips of a track that take samples. Of an update, those whose way does not change
   share it with what plays. */
static ps_status lend_streams(track_source *s, ps_production *production, ps_error *err)
{
    ps_production *now = now_of(&s->base);

    for (uint32_t i = 0; i < PUSHED_MAX; i++) {
        ps_clip *clip = ps_production_pushed_clip(production, i);
        ps_pushed *pushed = atomic_load(&s->pushed[i]);

        if (!clip)
            continue;
        if (!pushed) {
            const ps_status status = ps_pushed_create(&pushed, s->engine->allocator, err);

            if (status != PS_OK)
                return status;
            atomic_store_explicit(&s->pushed[i], pushed, memory_order_release);
        }
        clip->pushed = pushed;
        const ps_clip *before = now != production ? ps_production_pushed_clip(now, i) : NULL;
        if (before)
            ps_clip_share(clip, before, s->engine->allocator);
    }
    return PS_OK;
}

static void add_pushed(track_source *s, ps_production *production, ps_block block, uint64_t frame)
{
    for (uint32_t i = 0; i < PUSHED_MAX; i++) {
        if (!atomic_load_explicit(&s->pushed[i], memory_order_relaxed))
            continue;
        ps_clip *clip = ps_production_pushed_clip(production, i);
        if (clip && clip->pushed)
            ps_clip_add(clip, block.left, block.right, frame, block.frames);
    }
}

/* Where a track is entered anew, what was made for its frames is none of it. */
static void forget_pushed(track_source *s)
{
    for (uint32_t i = 0; i < PUSHED_MAX; i++) {
        const ps_clip *clip = ps_production_pushed_clip(now_of(&s->base), i);

        if (clip)
            ps_pushed_forget(clip->way);
    }
}

/* The pushed clips of an update go on where those of the track before it are. */
static void follow(track_source *s)
{
    ps_production *before = atomic_load_explicit(&s->now, memory_order_relaxed);
    ps_production *coming = atomic_load_explicit(&s->coming, memory_order_relaxed);

    for (uint32_t i = 0; i < PUSHED_MAX; i++) {
        ps_clip *clip = ps_production_pushed_clip(coming, i);

        if (clip)
            ps_clip_follow(clip, ps_production_pushed_clip(before, i));
    }
}

/* ---- Updates --------------------------------------------------------------------------------- */

/* Puts a production where the puller will find it, so that it takes over at a frame. */
static ps_status aim(track_source *s, ps_production *made, uint64_t lead)
{
    const uint64_t frame = atomic_load(&s->position) + lead / PS_GRID_FRAMES * PS_GRID_FRAMES;
    const ps_status status = ps_production_seek(made, frame, NULL);

    if (status != PS_OK)
        return status;
    atomic_store(&s->coming, made);
    atomic_store(&s->coming_frame, frame);
    atomic_store_explicit(&s->coming_state, COMING_READY, memory_order_release);
    return PS_OK;
}

/* Makes the production of a wanted track, to take over `lead` frames after the present position. */
static ps_status make_coming(track_source *s, uint64_t lead)
{
    int ready = COMING_READY;
    ps_production *made = NULL;

    if (!atomic_load_explicit(&s->wanted, memory_order_relaxed) ||
        atomic_load_explicit(&s->coming_state, memory_order_acquire) == COMING_TAKEN)
        return PS_OK;
    if (atomic_compare_exchange_strong(&s->coming_state, &ready, COMING_NONE))
        ps_production_destroy(atomic_exchange(&s->coming, NULL)); /* overtaken by a newer one */
    if (atomic_load(&s->coming_state) != COMING_NONE)
        return PS_OK;
    ps_track *track = atomic_exchange(&s->wanted, NULL);
    ps_status status = ps_production_create(&made, s->engine, track, &s->options, NULL);
    if (status == PS_OK)
        status = lend_streams(s, made, NULL);
    if (status == PS_OK)
        status = aim(s, made, lead);
    if (status != PS_OK)
        ps_production_destroy(made);
    ps_track_destroy(track);
    return status;
}

/* A production whose time went by before it was ready is aimed at a later one. */
static ps_status aim_again(track_source *s, uint64_t lead)
{
    int ready = COMING_READY;

    if (atomic_load(&s->coming_frame) >= atomic_load(&s->position) ||
        !atomic_compare_exchange_strong(&s->coming_state, &ready, COMING_NONE))
        return PS_OK;
    return aim(s, atomic_load(&s->coming), 2 * lead);
}

/* The frames that can be rendered in one go: up to where a coming production takes over, where the
   puller takes it; in the fade, what there is room for. */
static uint32_t until_change(track_source *s, uint64_t frame, uint32_t frames)
{
    const uint32_t few = frames < FEW_FRAMES ? frames : FEW_FRAMES;
    const uint32_t most = s->options.live ? few : frames;
    const int state = atomic_load_explicit(&s->coming_state, memory_order_acquire);
    int ready = COMING_READY;

    if (state != COMING_READY)
        return state == COMING_TAKEN ? few : most;
    const uint64_t at = atomic_load_explicit(&s->coming_frame, memory_order_relaxed);
    if (at == frame && atomic_compare_exchange_strong(&s->coming_state, &ready, COMING_TAKEN)) {
        s->faded = 0;
        follow(s);
        return few;
    }
    return at > frame && at - frame < most ? (uint32_t)(at - frame) : most;
}

/* The puller's end of a change: coming becomes now. */
static void finish_change(track_source *s)
{
    ps_production *before = atomic_load_explicit(&s->now, memory_order_relaxed);
    ps_production *coming = atomic_load_explicit(&s->coming, memory_order_relaxed);

    atomic_store_explicit(&s->now, coming, memory_order_release);
    atomic_store_explicit(&s->gone, before, memory_order_release);
    atomic_store_explicit(&s->coming, NULL, memory_order_relaxed);
    atomic_store_explicit(&s->coming_state, COMING_NONE, memory_order_release);
}

/* Renders now and coming, the one fading into the other in straight lines: what is the same in both
   stays as it is. */
static uint32_t render_change(track_source *s, ps_block block, uint64_t frame)
{
    float left[FEW_FRAMES], right[FEW_FRAMES];
    ps_production *coming = atomic_load_explicit(&s->coming, memory_order_relaxed);
    uint32_t late = ps_production_render(now_of(&s->base), block.left, block.right, block.frames);

    late += ps_production_render(coming, left, right, block.frames);
    add_pushed(s, now_of(&s->base), block, frame);
    add_pushed(s, coming, (ps_block){left, right, block.frames}, frame);
    for (uint32_t i = 0; i < block.frames; i++) {
        const uint64_t at = s->faded + i + 1;
        const bool over = at >= s->fade_frames;
        const float gain = (float)at / (float)s->fade_frames;

        block.left[i] = over ? left[i] : block.left[i] + (left[i] - block.left[i]) * gain;
        block.right[i] = over ? right[i] : block.right[i] + (right[i] - block.right[i]) * gain;
    }
    s->faded += block.frames;
    if (s->faded >= s->fade_frames && !atomic_load_explicit(&s->gone, memory_order_acquire))
        finish_change(s);
    return late;
}

/* ---- The kind -------------------------------------------------------------------------------- */

static uint32_t render_production(track_source *s, ps_block block, uint64_t frame)
{
    ps_production *now = now_of(&s->base);

    if (atomic_load_explicit(&s->coming_state, memory_order_relaxed) == COMING_TAKEN)
        return render_change(s, block, frame);
    const uint32_t late = ps_production_render(now, block.left, block.right, block.frames);
    add_pushed(s, now, block, frame);
    return late;
}

static uint64_t end_of(const track_source *s)
{
    if (s->options.reference)
        return s->reference.frames;
    return ps_production_length(now_of(&s->base)).frames;
}

static uint32_t render(ps_source *source, ps_block block)
{
    track_source *s = of(source);
    const uint64_t frame = atomic_load_explicit(&s->position, memory_order_relaxed);

    if (!s->options.live && !s->options.reference) {
        ps_production_destroy(atomic_exchange(&s->gone, NULL));
        (void)make_coming(s, 0); /* an update that cannot be made leaves what plays */
    }
    const uint64_t end = end_of(s);
    const uint64_t rest = end > frame ? end - frame : 0;
    const uint32_t count = rest < block.frames ? (uint32_t)rest : block.frames;

    if (s->options.reference) {
        memcpy(block.left, s->reference.left + frame, count * sizeof(float));
        memcpy(block.right, s->reference.right + frame, count * sizeof(float));
    } else {
        for (uint32_t done = 0; done < count;) {
            const uint32_t part = until_change(s, frame + done, count - done);

            source->late_frames +=
                render_production(s, ps_block_part(block, done, part), frame + done);
            done += part;
        }
    }
    const float most = s->options.reference ? FLT_MAX : LOUDEST;
    s->mix->clean(block.left, most, count);
    s->mix->clean(block.right, most, count);
    atomic_store_explicit(&s->position, frame + count, memory_order_release);
    return count;
}

static ps_status seek(ps_source *source, uint64_t frame)
{
    track_source *s = of(source);
    ps_status status = PS_OK;

    if (!s->options.reference) {
        ps_production_destroy(atomic_exchange(&s->gone, NULL));
        if (atomic_load(&s->coming_state) == COMING_READY)
            follow(s);
        if (atomic_load(&s->coming_state) != COMING_NONE)
            finish_change(s); /* where it goes, the new track can begin at once */
        status = ps_production_seek(now_of(source), frame, NULL);
        forget_pushed(s);
    }
    if (status == PS_OK)
        atomic_store(&s->position, frame);
    return status;
}

static ps_length length(const ps_source *source)
{
    const track_source *s = (const track_source *)source;

    if (s->options.reference)
        return (ps_length){PS_LENGTH_KNOWN, s->reference.frames};
    return ps_production_length(now_of(source));
}

static ps_status prepare(ps_source *source, uint64_t budget_frames)
{
    track_source *s = of(source);
    const double rate_hz = source->rate_hz;
    const uint64_t least = (uint64_t)(AHEAD_SEC * rate_hz);
    const uint64_t ahead = budget_frames > least ? budget_frames : least;

    if (s->options.reference || !s->options.live)
        return PS_OK;
    ps_production_destroy(atomic_exchange(&s->gone, NULL));
    ps_status status = make_coming(s, (uint64_t)(UPDATE_LEAD_SEC * rate_hz));
    if (status == PS_OK)
        status = ps_production_prepare(now_of(source), ahead);
    if (status == PS_OK)
        status = aim_again(s, (uint64_t)(UPDATE_LEAD_SEC * rate_hz));
    ps_production *coming = atomic_load_explicit(&s->coming, memory_order_acquire);
    if (status == PS_OK && coming && coming != now_of(source))
        status = ps_production_prepare(coming, ahead);
    return status;
}

static void destroy(ps_source *source)
{
    track_source *s = of(source);
    const ps_allocator *allocator = s->engine->allocator;

    ps_production_destroy(atomic_load(&s->now));
    ps_production_destroy(atomic_load(&s->coming));
    ps_production_destroy(atomic_load(&s->gone));
    ps_track_destroy(atomic_load(&s->wanted));
    for (uint32_t i = 0; i < PUSHED_MAX; i++)
        ps_pushed_destroy(atomic_load(&s->pushed[i]), allocator);
    ps_reference_free(&s->reference, allocator);
    ps_free(allocator, s);
}

static const ps_source_kind track_kind = {
    .name = "track",
    .render = render,
    .seek = seek,
    .length = length,
    .prepare = prepare,
    .destroy = destroy,
    .seeks_exactly = true,
    .is_clean = true,
};

static bool is_track(const ps_source *source)
{
    return source->kind == &track_kind;
}

/* ---- Creation -------------------------------------------------------------------------------- */

static ps_status create_reference(track_source *s, const ps_track *track, double rate_hz,
                                  ps_error *err)
{
    const ps_stage stage = {
        .allocator = s->engine->allocator,
        .row = ps_voice_row_find(s->engine->kernels->name),
        .kernel_row = s->engine->kernels->name,
        .rate_hz = rate_hz,
        .reference = true,
        .seed = s->options.seed,
        .media = &s->options.media,
        .warnings = &s->options.warnings,
    };

    return ps_reference_render(&s->reference, &stage, track, &s->options, err);
}

static ps_status create_production(track_source *s, const ps_track *track, ps_error *err)
{
    ps_production *made;
    ps_status status = ps_production_create(&made, s->engine, track, &s->options, err);

    if (status != PS_OK)
        return status;
    atomic_store(&s->now, made);
    return lend_streams(s, made, err);
}

ps_status ps_track_source_create(ps_source **out, ps_engine *engine, const ps_track *track,
                                 const ps_track_options *options, ps_error *err)
{
    const ps_track_options chosen = options ? *options : (ps_track_options){0};
    const double rate_hz =
        chosen.rate_hz > 0.0 ? chosen.rate_hz : ps_track_get_settings(track)->rate_hz;

    if (!(rate_hz >= PS_RATE_MIN_HZ && rate_hz <= PS_RATE_MAX_HZ))
        return ps_fail(err, PS_BAD_ARGUMENT, "a rate of %g Hz is outside 8000 to 192000", rate_hz);
    track_source *s = ps_alloc(engine->allocator, 1, sizeof *s);
    if (!s)
        return ps_fail(err, PS_NO_MEMORY, "no memory for a track");
    ps_source_init(&s->base, &track_kind, rate_hz);
    s->engine = engine;
    s->mix = ps_mix_row_find(engine->kernels->name);
    s->options = chosen;
    s->fade_frames = (uint64_t)(UPDATE_FADE_SEC * rate_hz);
    const ps_status status = chosen.reference ? create_reference(s, track, rate_hz, err)
                                              : create_production(s, track, err);
    if (status != PS_OK) {
        destroy(&s->base);
        return status;
    }
    *out = &s->base;
    return PS_OK;
}

/* ---- While it plays ---------------------------------------------------------------------------
 */

ps_status ps_track_source_update(ps_source *source, const ps_track *track, ps_error *err)
{
    track_source *s = of(source);
    ps_track *copy;

    if (!is_track(source) || s->options.reference)
        return ps_fail(err, PS_UNSUPPORTED, "this source cannot be updated");
    const ps_status status = ps_track_copy(&copy, track, s->engine->allocator, err);
    if (status != PS_OK)
        return status;
    ps_track_destroy(atomic_exchange(&s->wanted, copy));
    return PS_OK;
}

size_t ps_track_source_step(const ps_source *source, size_t *count)
{
    if (!is_track(source) || ((const track_source *)source)->options.reference) {
        *count = 0;
        return 0;
    }
    return ps_production_step(now_of(source), count);
}

uint64_t ps_track_source_step_frame(const ps_source *source, size_t step)
{
    if (!is_track(source) || ((const track_source *)source)->options.reference)
        return UINT64_MAX;
    return ps_production_step_frame(now_of(source), step);
}

ps_status ps_track_source_push_clip(ps_source *source, size_t clip, const float *left,
                                    const float *right, uint32_t frames, bool finished)
{
    track_source *s = of(source);

    if (!is_track(source) || clip >= PUSHED_MAX)
        return PS_BAD_ARGUMENT;
    ps_pushed *pushed = atomic_load_explicit(&s->pushed[clip], memory_order_acquire);
    return pushed ? ps_clip_ring_push(pushed->ring, left, right, frames, finished)
                  : PS_BAD_ARGUMENT;
}
