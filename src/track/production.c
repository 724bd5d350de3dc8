/* Plays a plan: who sounds when, what must be ready, and the fold over the steps that sound. */
#include "track/production.h"

#include <assert.h>
#include <math.h>
#include <stdatomic.h>
#include <string.h>

#include "dsp/correlate.h"
#include "kernel/engine.h"
#include "kernel/math.h"
#include "track/copy.h"
#include "track/tell.h"

/* Frames made at a time: what stays in the nearest cache; enough to share out between threads.
   Live: a run of voices. */
#define CHUNK_ALONE      2048u
#define CHUNK_SHARED     8192u
#define ALIGN_SEC        0.025 /* a step moves by at most this much to agree with what it fades over */
#define ALIGN_WINDOW_SEC 0.2  /* of the fade, compared */
#define CLOSING_SEC      0.01 /* fade at the end of a step whose own end was pushed out */
#define AHEAD_SEC        4.0  /* live: what is made ready where a track is entered */
#define MARGIN_SEC       0.5  /* live: how far ahead a late player aims */

enum { SLOT_EMPTY, SLOT_READY, SLOT_OVER };

typedef enum lag_state { LAG_UNKNOWN, LAG_WANTED, LAG_KNOWN } lag_state;

/* A place and, while it sounds, its player. */
typedef struct slot {
    _Atomic int state;
    ps_player player;
    int64_t lag; /* frames its content is later than its place */
    lag_state lag_state;
} slot;

struct ps_production {
    const ps_allocator *allocator;
    const ps_workers *workers;
    ps_stage stage;
    ps_track_media media;
    ps_track *track; /* our copy */
    ps_plan plan;
    bool live, align;
    _Atomic bool running; /* something has been rendered since the start or the last seek */
    uint64_t frames;      /* of the whole, clips included */
    bool at_most;         /* a clip may end earlier than that */

    slot *slots;                 /* one per place */
    uint32_t *by_begin;          /* places in the order they start */
    uint32_t *active;            /* places that sound, in the order of the document */
    uint32_t active_count, next; /* next: index into by_begin */
    _Atomic uint64_t position;

    ps_bed bed;
    uint32_t bed_missing; /* frames of the chunk */
    ps_clip *clips;
    uint32_t *clip_index; /* of the track's clip */
    uint32_t clip_count;

    bool shared; /* work is shared out between threads */
    uint32_t chunk;
    float *mix[2], *part[2]; /* a chunk each */
    uint32_t mixed, served;  /* of the chunk in mix: what it holds, what is gone */
    uint32_t late;           /* frames of the chunk that were missing something */
};

static uint32_t frames32(const ps_production *p, double seconds)
{
    return (uint32_t)ps_frames_of(seconds, p->plan.rate_hz);
}

/* ---- Creation ------------------------------------------------------------------------------ */

/* Whether a place starts before another, or with it and stands before it in the document. */
static bool is_earlier(const ps_production *p, uint32_t a, uint32_t b)
{
    const uint64_t begin = p->plan.places[a].begin, other = p->plan.places[b].begin;

    return begin != other ? begin < other : a < b;
}

/* Lets a place sink in a heap, whose parents start later than their children. */
static void sink(ps_production *p, uint32_t at, uint32_t count)
{
    const uint32_t index = p->by_begin[at];
    uint32_t child;

    while ((child = 2 * at + 1) < count) {
        if (child + 1 < count && is_earlier(p, p->by_begin[child], p->by_begin[child + 1]))
            child++;
        if (!is_earlier(p, index, p->by_begin[child]))
            break;
        p->by_begin[at] = p->by_begin[child];
        at = child;
    }
    p->by_begin[at] = index;
}

/* Sorts the places by their beginnings, by a heap: steps may stand in any order. */
static void sort_places(ps_production *p)
{
    for (uint32_t i = 0; i < p->plan.count; i++)
        p->by_begin[i] = i;
    for (uint32_t i = p->plan.count / 2; i-- > 0;)
        sink(p, i, p->plan.count);
    for (uint32_t last = p->plan.count; last-- > 1;) {
        const uint32_t latest = p->by_begin[0];

        p->by_begin[0] = p->by_begin[last];
        p->by_begin[last] = latest;
        sink(p, 0, last);
    }
}

/* Makes every voice once, for a moment, to tell which ones will be silent. */
static ps_status check_voices(ps_production *p, const ps_track_options *options, ps_error *err)
{
    size_t count;
    const ps_track_step *steps = ps_track_get_steps(p->track, &count);

    if (!options->warnings.add)
        return PS_OK;
    for (uint32_t i = 0; i < p->plan.count; i++) {
        const ps_place *place = &p->plan.places[i];
        ps_step_teller teller = {options, &steps[place->step], place->step};
        const ps_player_warn warn = {ps_track_tell_voice, &teller};
        const ps_status status =
            ps_player_check(&p->stage, &steps[place->step], place->step, place->frames, &warn, err);

        if (status != PS_OK)
            return status;
    }
    return PS_OK;
}

static ps_status open_clips(ps_production *p, const ps_track_options *options, ps_error *err)
{
    size_t count;
    const ps_track_clip *clips = ps_track_get_clips(p->track, &count);

    if (count == 0)
        return PS_OK;
    p->clips = ps_alloc(p->allocator, count, sizeof *p->clips);
    p->clip_index = ps_alloc(p->allocator, count, sizeof *p->clip_index);
    if (!p->clips || !p->clip_index)
        return ps_fail(err, PS_NO_MEMORY, "no memory for %zu clips", count);
    for (size_t i = 0; i < count; i++) {
        ps_clip *clip = &p->clips[p->clip_count];
        ps_error why = {0};
        const ps_status status = ps_clip_open(clip, &p->stage, &clips[i], p->live, &why);

        if (status == PS_NO_MEMORY)
            return ps_fail(err, status, "%s", why.text);
        if (status != PS_OK) {
            ps_track_tell_clip(options, i, &why);
            continue;
        }
        if (clip->dry.text[0])
            ps_track_tell_dry_clip(options, i, &clip->dry);
        p->clip_index[p->clip_count++] = (uint32_t)i;
        if (clip->source && ps_clip_end(clip) > p->frames) {
            p->frames = ps_clip_end(clip);
            p->at_most = clip->length.kind == PS_LENGTH_AT_MOST;
        }
    }
    return PS_OK;
}

static ps_status take_buffers(ps_production *p, ps_error *err)
{
    const uint32_t count = p->plan.count + 1;

    p->shared = p->workers && p->workers->threads > 1;
    p->chunk = p->live ? PS_VOICE_FRAMES : p->shared ? CHUNK_SHARED : CHUNK_ALONE;
    p->slots = ps_alloc(p->allocator, count, sizeof *p->slots);
    p->by_begin = ps_alloc(p->allocator, count, sizeof *p->by_begin);
    p->active = ps_alloc(p->allocator, count, sizeof *p->active);
    bool whole = p->slots && p->by_begin && p->active;
    for (uint32_t ear = 0; ear < 2; ear++) {
        p->mix[ear] = ps_alloc(p->allocator, p->chunk, sizeof(float));
        p->part[ear] = ps_alloc(p->allocator, p->chunk, sizeof(float));
        whole = whole && p->mix[ear] && p->part[ear];
    }
    return whole ? PS_OK : ps_fail(err, PS_NO_MEMORY, "no memory to play a track");
}

static void set_stage(ps_production *p, ps_engine *engine, const ps_track_options *options)
{
    p->live = options->live;
    p->align = !options->no_align;
    p->workers = p->live ? NULL : engine->workers;
    p->media = options->media;
    p->stage = (ps_stage){
        .engine = engine,
        .allocator = p->allocator,
        .row = ps_voice_row_find(engine->kernels->name),
        .kernel_row = engine->kernels->name,
        .rate_hz = p->plan.rate_hz,
        .seed = options->seed,
        .media = &p->media,
        .accelerator = p->live ? NULL : options->accelerator,
        .piece_frames = p->plan.frames,
    };
}

static ps_status create(ps_production *p, ps_engine *engine, const ps_track *track,
                        const ps_track_options *options, ps_error *err)
{
    ps_status status = ps_track_copy(&p->track, track, p->allocator, err);

    if (status == PS_OK) {
        const double own_hz = ps_track_get_settings(p->track)->rate_hz;

        status =
            ps_plan_make(&p->plan, p->track, options->rate_hz > 0.0 ? options->rate_hz : own_hz,
                         p->allocator, err);
    }
    if (status != PS_OK)
        return status;
    set_stage(p, engine, options);
    p->frames = p->plan.frames;
    status = take_buffers(p, err);
    if (status != PS_OK)
        return status;
    sort_places(p);
    p->stage.warnings = &options->warnings;
    status = check_voices(p, options, err);
    p->stage.warnings = NULL; /* voices are made again when their time comes */
    if (status == PS_OK)
        status = ps_bed_open(&p->bed, &p->stage, ps_track_get_noise(p->track), p->plan.frames,
                             p->chunk, options, err);
    if (status == PS_OK)
        status = open_clips(p, options, err);
    return status;
}

ps_status ps_production_create(ps_production **out, ps_engine *engine, const ps_track *track,
                               const ps_track_options *options, ps_error *err)
{
    ps_production *p = ps_alloc(engine->allocator, 1, sizeof *p);

    if (!p)
        return ps_fail(err, PS_NO_MEMORY, "no memory to play a track");
    p->allocator = p->stage.allocator = engine->allocator;
    const ps_status status = create(p, engine, track, options, err);
    if (status != PS_OK) {
        ps_production_destroy(p);
        return status;
    }
    *out = p;
    return PS_OK;
}

static void release_slot(slot *s)
{
    if (atomic_load_explicit(&s->state, memory_order_acquire) != SLOT_EMPTY)
        ps_player_finish(&s->player);
    atomic_store_explicit(&s->state, SLOT_EMPTY, memory_order_release);
}

void ps_production_destroy(ps_production *p)
{
    if (!p)
        return;
    for (uint32_t i = 0; p->slots && i < p->plan.count; i++)
        release_slot(&p->slots[i]);
    for (uint32_t i = 0; i < p->clip_count; i++)
        ps_clip_close(&p->clips[i], &p->stage);
    ps_bed_close(&p->bed, &p->stage);
    for (uint32_t ear = 0; ear < 2; ear++) {
        ps_free(p->allocator, p->mix[ear]);
        ps_free(p->allocator, p->part[ear]);
    }
    ps_free(p->allocator, p->clip_index);
    ps_free(p->allocator, p->clips);
    ps_free(p->allocator, p->active);
    ps_free(p->allocator, p->by_begin);
    ps_free(p->allocator, p->slots);
    ps_plan_clear(&p->plan);
    ps_track_destroy(p->track);
    ps_free(p->allocator, p);
}

/* ---- The fold over the steps that sound ----------------------------------------------------- */

/* Gains of the frame i of a fade of `count` frames: of what was, and of what comes. */
static void fade_gains(const ps_plan *plan, uint64_t i, uint64_t count, float *old, float *new)
{
    const double x = count > 1 ? (double)i / (double)(count - 1) : 0.0;

    *old = (float)(plan->equal_power ? ps_cos_cycles(0.25 * x) : 1.0 - x);
    *new = (float)(plan->equal_power ? ps_sin_cycles(0.25 * x) : x);
}

/* Adds a step's frames to the mix, fading over it while its fade lasts. at: of the place. */
static void fold(const ps_production *p, const ps_place *place, uint64_t at, float *left,
                 float *right, const float *l, const float *r, uint32_t count)
{
    const ps_mix_row *mix = p->stage.row->mix;
    uint32_t i = 0;

    for (; i < count && at + i < place->fade; i++) {
        float old, new;

        fade_gains(&p->plan, at + i, place->fade, &old, &new);
        left[i] = left[i] * old + l[i] * new;
        right[i] = right[i] * old + r[i] * new;
    }
    mix->add(left + i, l + i, 1.0f, count - i);
    mix->add(right + i, r + i, 1.0f, count - i);
}

/*
 * What a step sounds like from the frame `at` of its place on: its content moved by the lag, from a
 * player whose position is the content's frame max(0, at - lag) less *ahead. Past the content it
 * is silent. Returns how many frames of the player were used.
 *
 * ahead: NULL to hear it, 0 then, as an accelerator may have made it. A lag is found in what the
 * parts make here: it must not depend on the last bits.
 */
static uint32_t moved(const slot *s, const ps_place *place, uint64_t at, const uint32_t *ahead,
                      float *left, float *right, uint32_t count)
{
    const int64_t from = (int64_t)at - s->lag; /* of the content */
    const uint32_t silent = from < 0 ? (uint32_t)(-from < (int64_t)count ? -from : count) : 0;
    const uint64_t first = from < 0 ? 0 : (uint64_t)from;
    const uint64_t rest = first < place->frames ? place->frames - first : 0;
    const uint32_t take = (uint32_t)(rest < count - silent ? rest : count - silent);

    memset(left, 0, silent * sizeof *left);
    memset(right, 0, silent * sizeof *right);
    if (take > 0 && ahead)
        ps_player_peek(&s->player, *ahead, left + silent, right + silent, take);
    else if (take > 0)
        ps_player_peek_lent(&s->player, left + silent, right + silent, take);
    memset(left + silent + take, 0, (count - silent - take) * sizeof *left);
    memset(right + silent + take, 0, (count - silent - take) * sizeof *right);
    return take;
}

/* A step that was moved later loses its own end: it is closed by a fade. */
static void close_end(const ps_production *p, const ps_place *place, int64_t lag, uint64_t at,
                      float *left, float *right, uint32_t count)
{
    const uint64_t length = frames32(p, CLOSING_SEC);

    if (lag <= 0 || at + count + length <= place->frames)
        return;
    for (uint32_t i = 0; i < count; i++) {
        const uint64_t left_over = place->frames - (at + i); /* at least 1 */

        if (left_over <= length) {
            const float gain = (float)(left_over - 1) / (float)length;

            left[i] *= gain;
            right[i] *= gain;
        }
    }
}

/* The content's frame that a player must stand at for the frame `at` of its place. */
static uint64_t content_frame(const slot *s, uint64_t at)
{
    const int64_t from = (int64_t)at - s->lag;

    return from < 0 ? 0 : (uint64_t)from;
}

/* ---- Lags ----------------------------------------------------------------------------------- */

/* A player for looking at a step away from where it is being played. */
typedef struct view {
    slot *slot;     /* with a player at or before the frame looked at */
    uint32_t ahead; /* frames between the player's position and that frame */
    slot temporary;
} view;

static ps_status start_player(ps_production *p, const ps_place *place, ps_player *player,
                              ps_error *err)
{
    size_t count;
    const ps_track_step *steps = ps_track_get_steps(p->track, &count);

    return ps_player_start(player, &p->stage, &steps[place->step], place->step, place->frames,
                           p->chunk, NULL, err);
}

/* Looks at a place from its frame `at` on, for `count` frames. The slot's own player serves when
   it stands shortly before; else one is made for the purpose. */
static ps_status view_open(ps_production *p, view *v, uint32_t index, uint64_t at, uint32_t count,
                           ps_error *err)
{
    const ps_place *place = &p->plan.places[index];
    slot *own = &p->slots[index];
    const uint64_t frame = content_frame(own, at);
    const bool ours =
        !p->live && atomic_load_explicit(&own->state, memory_order_acquire) == SLOT_READY;
    ps_status status = PS_OK;

    memset(v, 0, sizeof *v);
    if (ours && own->player.position <= frame && frame - own->player.position <= p->chunk) {
        v->slot = own;
        v->ahead = (uint32_t)(frame - own->player.position);
    } else {
        v->slot = &v->temporary;
        v->temporary.lag = own->lag;
        status = start_player(p, place, &v->temporary.player, err);
        if (status != PS_OK)
            return status;
        atomic_store(&v->temporary.state, SLOT_READY);
        ps_player_skip(&v->temporary.player, frame);
    }
    status = ps_player_prepare(&v->slot->player, v->ahead + count);
    if (status != PS_OK) {
        release_slot(&v->temporary);
        return ps_fail(err, status, "no memory to align steps");
    }
    return PS_OK;
}

/* Whether a place still sounds when a later one of the document starts, which fades over it. */
static bool lies_below(const ps_production *p, uint32_t lower, uint32_t index)
{
    const ps_place *below = &p->plan.places[lower];
    const uint64_t frame = p->plan.places[index].begin;

    return below->begin <= frame && ps_place_end(below) > frame;
}

/* What sounds under a place when it starts: the earlier steps of the document that do. */
static ps_status mix_below(ps_production *p, uint32_t index, float *left, float *right,
                           uint32_t count, ps_error *err)
{
    const ps_place *places = p->plan.places;
    const uint64_t frame = places[index].begin;
    float *l = ps_alloc(p->allocator, count, sizeof *l),
          *r = ps_alloc(p->allocator, count, sizeof *r);
    ps_status status = l && r ? PS_OK : ps_fail(err, PS_NO_MEMORY, "no memory to align steps");

    for (uint32_t i = 0; i < index && status == PS_OK; i++) {
        const uint64_t end = ps_place_end(&places[i]);
        view v;

        if (!lies_below(p, i, index))
            continue;
        const uint64_t at = frame - places[i].begin;
        const uint32_t there = (uint32_t)(end - frame < count ? end - frame : count);
        status = view_open(p, &v, i, at, there, err);
        if (status != PS_OK)
            break;
        moved(v.slot, &places[i], at, &v.ahead, l, r, there);
        close_end(p, &places[i], p->slots[i].lag, at, l, r, there);
        fold(p, &places[i], at, left, right, l, r, there);
        release_slot(&v.temporary);
    }
    ps_free(p->allocator, l);
    ps_free(p->allocator, r);
    return status;
}

static ps_status find_lag(ps_production *p, uint32_t index, ps_error *err)
{
    const ps_place *place = &p->plan.places[index];
    const uint32_t most = frames32(p, ALIGN_SEC);
    uint32_t window = frames32(p, ALIGN_WINDOW_SEC);
    float *buffers[4] = {NULL};
    int64_t lag = 0;
    ps_status status = PS_OK;
    view v;

    if (window > place->fade)
        window = (uint32_t)place->fade;
    for (uint32_t i = 0; i < 4; i++) {
        buffers[i] = ps_alloc(p->allocator, window, sizeof(float));
        if (!buffers[i])
            status = ps_fail(err, PS_NO_MEMORY, "no memory to align steps");
    }
    if (status == PS_OK)
        status = mix_below(p, index, buffers[0], buffers[1], window, err);
    if (status == PS_OK)
        status = view_open(p, &v, index, 0, window, err);
    if (status == PS_OK) {
        const float *const below[2] = {buffers[0], buffers[1]};
        const float *const above[2] = {buffers[2], buffers[3]};

        moved(v.slot, place, 0, &v.ahead, buffers[2], buffers[3], window);
        release_slot(&v.temporary);
        status = ps_correlate_lag(&lag, below, above, window, most < window ? most : window - 1,
                                  p->stage.kernel_row, p->allocator, err);
    }
    for (uint32_t i = 0; i < 4; i++)
        ps_free(p->allocator, buffers[i]);
    if (status != PS_OK)
        return status;
    p->slots[index].lag = lag;
    return PS_OK;
}

/* Says that the lag of a place is needed; false when it is known or wanted already. */
static bool want_lag(ps_production *p, uint32_t index)
{
    slot *s = &p->slots[index];

    if (s->lag_state != LAG_UNKNOWN)
        return false;
    s->lag_state = p->align && p->plan.places[index].fade > 1 ? LAG_WANTED : LAG_KNOWN;
    return s->lag_state == LAG_WANTED;
}

/* Wants the lag of a place, those of the places it fades over, since it is found against them as
   they are moved, and so on. Returns the order of the first one wanted. */
static uint32_t want_lags(ps_production *p, uint32_t order)
{
    uint32_t waiting = want_lag(p, p->by_begin[order]), first = order + 1;

    while (waiting > 0) {
        const uint32_t index = p->by_begin[--first];

        if (p->slots[index].lag_state != LAG_WANTED)
            continue;
        waiting--;
        for (uint32_t i = 0; i < index; i++)
            waiting += lies_below(p, i, index) && want_lag(p, i);
    }
    return first;
}

/* The lag of a place, and of no others than those it depends on: a step that fades over nothing
   ends the chain. */
static ps_status know_lag(ps_production *p, uint32_t order, ps_error *err)
{
    ps_status status = PS_OK;

    for (uint32_t o = want_lags(p, order); o <= order; o++) {
        slot *s = &p->slots[p->by_begin[o]];

        if (s->lag_state != LAG_WANTED)
            continue;
        if (status == PS_OK)
            status = find_lag(p, p->by_begin[o], err);
        s->lag_state = status == PS_OK ? LAG_KNOWN : LAG_UNKNOWN;
    }
    return status;
}

/* ---- Who sounds ------------------------------------------------------------------------------ */

/* Makes a place's player so that it stands right for a frame of the track. */
static ps_status ready_slot(ps_production *p, uint32_t order, uint64_t frame, ps_error *err)
{
    const uint32_t index = p->by_begin[order];
    const ps_place *place = &p->plan.places[index];
    slot *s = &p->slots[index];
    ps_status status = know_lag(p, order, err);

    if (status == PS_OK)
        status = start_player(p, place, &s->player, err);
    if (status != PS_OK)
        return status;
    const uint64_t at = frame > place->begin ? frame - place->begin : 0;
    const uint64_t content = s->lag < 0 || at > 0 ? content_frame(s, at) : 0;
    if (content > 0)
        ps_player_skip(&s->player, content);
    atomic_store_explicit(&s->state, SLOT_READY, memory_order_release);
    return PS_OK;
}

/* Puts a place among the active ones, which stand in the order of the document. */
static void activate(ps_production *p, uint32_t index)
{
    uint32_t at = p->active_count++;

    while (at > 0 && p->active[at - 1] > index) {
        p->active[at] = p->active[at - 1];
        at--;
    }
    p->active[at] = index;
}

static void drop_ended(ps_production *p, uint64_t frame)
{
    uint32_t kept = 0;

    for (uint32_t i = 0; i < p->active_count; i++) {
        const uint32_t index = p->active[i];

        if (ps_place_end(&p->plan.places[index]) > frame) {
            p->active[kept++] = index;
            continue;
        }
        int ready = SLOT_READY;
        if (p->live)
            atomic_compare_exchange_strong(&p->slots[index].state, &ready, SLOT_OVER);
        else
            release_slot(&p->slots[index]);
    }
    p->active_count = kept;
}

static ps_status activate_until(ps_production *p, uint64_t frame, uint64_t end)
{
    for (; p->next < p->plan.count; p->next++) {
        const uint32_t index = p->by_begin[p->next];
        const ps_place *place = &p->plan.places[index];

        if (place->begin >= end)
            break;
        if (ps_place_end(place) <= frame)
            continue;
        if (!p->live) {
            const ps_status status = ready_slot(p, p->next, frame, NULL);

            if (status != PS_OK)
                return status;
        }
        activate(p, index);
    }
    return PS_OK;
}

/* ---- A chunk --------------------------------------------------------------------------------- */

/* What an active place contributes to a chunk. */
typedef struct stretch {
    uint32_t first, count; /* frames of the chunk */
    uint64_t at;           /* of the place */
    uint32_t need;         /* frames its player must have ready */
} stretch;

static stretch stretch_of(const ps_production *p, uint32_t index, uint64_t frame, uint32_t frames)
{
    const ps_place *place = &p->plan.places[index];
    const uint64_t end = ps_place_end(place);
    const uint64_t from = place->begin > frame ? place->begin : frame;
    const uint64_t to = end < frame + frames ? end : frame + frames;
    stretch s = {(uint32_t)(from - frame), (uint32_t)(to > from ? to - from : 0),
                 from - place->begin, 0};

    s.need = s.count;
    return s;
}

/* The tasks of a chunk: every part of every player that sounds, the noise. */
typedef struct chunk_work {
    ps_production *production;
    uint64_t frame;
    uint32_t frames;
    uint32_t tasks;
} chunk_work;

static void do_task(void *argument, uint32_t index)
{
    const chunk_work *work = argument;
    ps_production *p = work->production;

    if (index == 0) { /* the longest first */
        if (p->shared || p->live)
            p->bed_missing = ps_bed_prepare(&p->bed, work->frames);
        return;
    }
    index--;
    for (uint32_t i = 0; i < p->active_count; i++) {
        slot *s = &p->slots[p->active[i]];

        if (atomic_load_explicit(&s->state, memory_order_acquire) != SLOT_READY)
            continue;
        if (index < s->player.count) {
            const stretch part = stretch_of(p, p->active[i], work->frame, work->frames);

            if (!s->player.parts[index].lent)
                ps_part_prepare(&s->player.parts[index], &p->stage, part.need);
            return;
        }
        index -= s->player.count;
    }
}

/* Live: a player that came too late is waited for, one that lies behind is given up. */
static bool joins(ps_production *p, uint32_t index, const stretch *s)
{
    slot *own = &p->slots[index];

    if (atomic_load_explicit(&own->state, memory_order_acquire) != SLOT_READY)
        return false;
    if (!p->live)
        return true;
    const uint64_t wanted = content_frame(own, s->at);
    if (own->player.position == wanted || own->player.position == p->plan.places[index].frames)
        return true;
    if (own->player.position < wanted)
        atomic_store_explicit(&own->state, SLOT_OVER, memory_order_release);
    return false;
}

/* A chunk as it is made. */
typedef struct canvas {
    float *left, *right;
    bool drawn; /* else nothing is in it yet, not even silence */
} canvas;

static void draw_silence(canvas *to, uint32_t frames)
{
    if (to->drawn)
        return;
    memset(to->left, 0, frames * sizeof *to->left);
    memset(to->right, 0, frames * sizeof *to->right);
    to->drawn = true;
}

static void add_place(ps_production *p, uint32_t index, uint64_t frame, canvas *to)
{
    const ps_place *place = &p->plan.places[index];
    const stretch s = stretch_of(p, index, frame, p->chunk);
    const bool alone = !to->drawn && s.count == p->chunk && s.at >= place->fade;
    float *const left = alone ? to->left : p->part[0], *const right =
                                                           alone ? to->right : p->part[1];
    slot *own = &p->slots[index];

    if (s.count == 0)
        return;
    if (!joins(p, index, &s)) {
        p->late = s.count > p->late ? s.count : p->late;
        memset(left, 0, s.count * sizeof *left);
        memset(right, 0, s.count * sizeof *right);
    } else {
        const uint32_t used = moved(own, place, s.at, NULL, left, right, s.count);

        ps_player_drop(&own->player, used);
        close_end(p, place, own->lag, s.at, left, right, s.count);
    }
    if (!alone) {
        draw_silence(to, p->chunk);
        fold(p, place, s.at, to->left + s.first, to->right + s.first, left, right, s.count);
    }
    to->drawn = true;
}

/* Makes the next chunk at left and right. */
static void make_chunk(ps_production *p, float *left, float *right)
{
    canvas to = {left, right, false};
    const uint64_t frame = atomic_load_explicit(&p->position, memory_order_relaxed);
    chunk_work work = {p, frame, p->chunk, 1};

    atomic_store_explicit(&p->running, true, memory_order_relaxed);
    p->late = 0;
    if (activate_until(p, frame, frame + p->chunk) != PS_OK)
        p->late = p->chunk;
    for (uint32_t i = 0; i < p->active_count; i++) {
        slot *s = &p->slots[p->active[i]];

        if (atomic_load_explicit(&s->state, memory_order_acquire) != SLOT_READY)
            continue;
        if (p->stage.accelerator)
            ps_player_lend(&s->player, stretch_of(p, p->active[i], frame, p->chunk).need);
        work.tasks += s->player.count;
    }
    ps_workers_run(p->workers, do_task, &work, work.tasks);
    for (uint32_t i = 0; i < p->active_count; i++)
        add_place(p, p->active[i], frame, &to);
    draw_silence(&to, p->chunk);
    drop_ended(p, frame + p->chunk);
    ps_bed_add(&p->bed, left, right, p->chunk);
    p->late = p->bed_missing > p->late ? p->bed_missing : p->late;
    for (uint32_t i = 0; i < p->clip_count; i++) {
        if (!p->clips[i].source)
            continue; /* pushed samples: their owner adds them */
        const uint32_t missing = ps_clip_add(&p->clips[i], left, right, frame, p->chunk);

        p->late = missing > p->late ? missing : p->late;
    }
    atomic_store_explicit(&p->position, frame + p->chunk, memory_order_release);
}

/* Makes a chunk from which the next `served` frames are gone already. */
static void keep_chunk(ps_production *p, uint32_t served)
{
    make_chunk(p, p->mix[0], p->mix[1]);
    p->mixed = p->chunk;
    p->served = served;
}

uint32_t ps_production_render(ps_production *p, float *left, float *right, uint32_t frames)
{
    uint32_t late = 0;

    for (uint32_t done = 0, count; done < frames; done += count) {
        if (p->served == p->mixed && frames - done >= p->chunk) {
            make_chunk(p, left + done, right + done);
            late += p->late;
            count = p->chunk;
            continue;
        }
        if (p->served == p->mixed) {
            keep_chunk(p, 0);
            late += p->late;
        }
        const uint32_t there = p->mixed - p->served;
        count = there < frames - done ? there : frames - done;
        memcpy(left + done, p->mix[0] + p->served, count * sizeof *left);
        memcpy(right + done, p->mix[1] + p->served, count * sizeof *right);
        p->served += count;
    }
    return late;
}

/* ---- Places in time -------------------------------------------------------------------------- */

ps_status ps_production_seek(ps_production *p, uint64_t frame, ps_error *err)
{
    /* Chunks lie on a grid of their own so that it does not matter from where one comes. */
    const uint64_t start = frame - frame % p->chunk;
    ps_status status = PS_OK;

    for (uint32_t i = 0; i < p->plan.count; i++)
        release_slot(&p->slots[i]);
    p->active_count = 0;
    p->next = 0;
    p->mixed = p->served = 0;
    atomic_store(&p->running, false);
    atomic_store(&p->position, start);
    ps_bed_seek(&p->bed, start);
    for (uint32_t i = 0; i < p->clip_count && status == PS_OK; i++)
        status = ps_clip_seek(&p->clips[i], start);
    if (status != PS_OK)
        return ps_fail(err, status, "a clip cannot be entered at this time");
    if (p->live)
        status = ps_production_prepare(p, frames32(p, AHEAD_SEC));
    if (status != PS_OK)
        return ps_fail(err, status, "no memory to enter a track");
    if (frame > start)
        keep_chunk(p, (uint32_t)(frame - start));
    return PS_OK;
}

ps_status ps_production_prepare(ps_production *p, uint64_t ahead)
{
    const uint64_t now = atomic_load_explicit(&p->position, memory_order_acquire);

    for (uint32_t i = 0; i < p->clip_count; i++)
        ps_clip_decode(&p->clips[i]);
    ps_bed_decode(&p->bed);
    if (!p->live)
        return PS_OK;
    for (uint32_t o = 0; o < p->plan.count; o++) {
        const uint32_t index = p->by_begin[o];
        const ps_place *place = &p->plan.places[index];
        slot *s = &p->slots[index];

        if (place->begin > now && place->begin - now > ahead)
            break;
        if (atomic_load_explicit(&s->state, memory_order_acquire) == SLOT_OVER)
            release_slot(s);
        if (ps_place_end(place) <= now ||
            atomic_load_explicit(&s->state, memory_order_acquire) != SLOT_EMPTY)
            continue;
        /* One that should sound already is aimed at a little later, whole chunks away, unless
           nothing is being pulled yet. */
        const bool running = atomic_load(&p->running) && place->begin < now;
        const uint64_t margin =
            running ? frames32(p, MARGIN_SEC) / p->chunk * (uint64_t)p->chunk : 0;
        const ps_status status = ready_slot(p, o, now + margin, NULL);
        if (status != PS_OK)
            return status;
    }
    return PS_OK;
}

ps_length ps_production_length(const ps_production *p)
{
    return (ps_length){p->at_most ? PS_LENGTH_AT_MOST : PS_LENGTH_KNOWN, p->frames};
}

double ps_production_rate_hz(const ps_production *p)
{
    return p->plan.rate_hz;
}

uint64_t ps_production_position(const ps_production *p)
{
    return atomic_load_explicit(&p->position, memory_order_acquire) - (p->mixed - p->served);
}

size_t ps_production_step(const ps_production *p, size_t *count)
{
    const uint64_t frame = atomic_load_explicit(&p->position, memory_order_acquire);
    size_t found;

    ps_track_get_steps(p->track, count);
    found = *count;
    for (uint32_t o = 0; o < p->plan.count; o++) {
        const ps_place *place = &p->plan.places[p->by_begin[o]];

        if (place->begin > frame)
            break;
        if (ps_place_end(place) > frame)
            found = place->step;
    }
    return found;
}

uint64_t ps_production_step_frame(const ps_production *p, size_t step)
{
    for (uint32_t i = 0; i < p->plan.count; i++) {
        if (p->plan.places[i].step == step)
            return p->plan.places[i].begin;
    }
    return UINT64_MAX;
}

ps_clip *ps_production_pushed_clip(ps_production *p, size_t clip)
{
    for (uint32_t i = 0; i < p->clip_count; i++) {
        if (p->clip_index[i] == clip && !p->clips[i].source)
            return &p->clips[i];
    }
    return NULL;
}
