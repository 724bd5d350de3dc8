/* Chunks in a ring, each on its way through the stages; whoever is free takes the next step. */
#include "synth/ensemble.h"

#include <stdatomic.h>
#include <string.h>

#include "base/untouched.h"

#define CHUNK_RUNS   24u
#define CHUNK_FRAMES (CHUNK_RUNS * PS_GRID_FRAMES)
#define CHUNKS_MOST  16u
/* Enough for a chunk; it ends with the run that reaches this, so that what is written down stays in
   a processor's own cache until it is read. */
#define ENOUGH_BYTES 32768u
#define NO_SPAN      UINT32_MAX

/* A thread without work looks for some this often, about half a millisecond, before it goes home:
   as long as the longest step may take. */
#define PATIENCE 3000u

/*
 * Where a chunk is: twice its number times the stages plus its next stage; odd while a thread is at
 * that stage. A slot of the ring goes on with the chunk that has the next number for it, so this
 * only grows.
 */
typedef struct chunk {
    _Atomic uint64_t place;
    char apart[64 - sizeof(uint64_t)]; /* others look at the place while one works on the rest */

    uint8_t *spans; /* each after where the next one of its group lies, as a uint32_t */
    uint32_t spans_bytes;
    uint32_t *first, *last; /* per group: where */
    uint32_t *playing;      /* groups that have spans, in rising order */
    uint32_t playing_count, played;
    uint32_t frames, used; /* used: of the finished ones, already given away */
    ps_group_span *span;   /* the one that is played */
    ps_desk *desk;         /* of whoever plays it */
    float *buses;
    float *left, *right, *chorus; /* chorus: what it gets */
    bool silent[CHUNK_RUNS];      /* nothing sounds after this run */
} chunk;

struct ps_ensemble {
    ps_synth *synth;
    ps_feed feed;
    const ps_workers *workers;
    chunk chunks[CHUNKS_MOST];
    uint32_t chunk_count;
    uint32_t capacity; /* bytes of each chunk's spans */
    /* What is asked for; only the thread that gives away a chunk writes these. */
    ps_block block;
    bool *silent;
    uint32_t done;
    _Atomic bool complete;
    _Atomic uint64_t oldest;  /* chunk not given away yet */
    _Atomic uint32_t *keeper; /* who has been at each stage last */
};

/* Stages: control, then each group, then these. */
enum { STAGE_CONTROL, STAGE_GROUPS };

static uint32_t stage_reverb(const ps_ensemble *ensemble)
{
    return STAGE_GROUPS + ensemble->synth->group_count;
}

static uint32_t stage_chorus(const ps_ensemble *ensemble)
{
    return stage_reverb(ensemble) + 1;
}

static uint32_t stage_giving(const ps_ensemble *ensemble)
{
    return stage_reverb(ensemble) + 2;
}

static uint32_t stages(const ps_ensemble *ensemble)
{
    return stage_reverb(ensemble) + 3;
}

/* ---- Control --------------------------------------------------------------------------------- */

static void write_down(void *user, uint32_t group, const ps_group_span *span)
{
    chunk *to = user;
    const uint32_t at = to->spans_bytes, none = NO_SPAN;

    memcpy(to->spans + at, &none, sizeof none);
    to->spans_bytes += (uint32_t)sizeof none;
    to->spans_bytes += ps_span_write(to->spans + to->spans_bytes, span, to->frames);
    if (to->first[group] == NO_SPAN) {
        to->first[group] = at;
        to->playing[to->playing_count++] = group;
    } else {
        memcpy(to->spans + to->last[group], &at, sizeof at);
    }
    to->last[group] = at;
}

/* Groups in rising order, as the serial path sums them. */
static void sort_playing(chunk *of)
{
    for (uint32_t i = 1; i < of->playing_count; i++) {
        const uint32_t group = of->playing[i];
        uint32_t at = i;

        for (; at > 0 && of->playing[at - 1] > group; at--)
            of->playing[at] = of->playing[at - 1];
        of->playing[at] = group;
    }
}

static void control_chunk(ps_ensemble *ensemble, chunk *to)
{
    ps_synth *synth = ensemble->synth;

    to->spans_bytes = to->playing_count = to->played = 0;
    to->frames = to->used = 0;
    for (uint32_t group = 0; group < synth->group_count; group++)
        to->first[group] = NO_SPAN;
    while (to->frames < CHUNK_FRAMES && to->spans_bytes < ENOUGH_BYTES) {
        ps_synth_control(synth, &ensemble->feed, PS_GRID_FRAMES, write_down, to);
        to->silent[to->frames / PS_GRID_FRAMES] = synth->active == 0;
        to->frames += PS_GRID_FRAMES;
    }
    sort_playing(to);
    memset(to->buses, 0, (size_t)to->frames * PS_BUSES * sizeof *to->buses);
}

/* ---- Sound and effects ----------------------------------------------------------------------- */

/* All groups add to the same buses one after the other, as on one thread. */
static void play_group(ps_ensemble *ensemble, chunk *of)
{
    ps_synth *synth = ensemble->synth;
    const uint32_t group = of->playing[of->played++];

    for (uint32_t at = of->first[group]; at != NO_SPAN; memcpy(&at, of->spans + at, sizeof at)) {
        ps_span_read(of->span, of->spans + at + sizeof at);
        ps_player_play(&synth->players[group], of->span, &synth->playing, of->desk, of->buses);
    }
}

static ps_block run_of(const chunk *of, uint32_t run)
{
    const ps_block block = {of->left + run * PS_GRID_FRAMES, of->right + run * PS_GRID_FRAMES,
                            PS_GRID_FRAMES};

    return block;
}

static void make_reverb(ps_ensemble *ensemble, chunk *of)
{
    for (uint32_t run = 0; run < of->frames / PS_GRID_FRAMES; run++) {
        const uint32_t first = run * PS_GRID_FRAMES;

        of->silent[run] &=
            ps_synth_finish_dry(ensemble->synth, of->buses + (size_t)first * PS_BUSES,
                                run_of(of, run), of->chorus + first);
    }
}

static void make_chorus(ps_ensemble *ensemble, chunk *of)
{
    for (uint32_t run = 0; run < of->frames / PS_GRID_FRAMES; run++)
        of->silent[run] &= ps_synth_finish_chorus(
            ensemble->synth, of->chorus + (size_t)run * PS_GRID_FRAMES, run_of(of, run));
}

/* False when the chunk has more than was asked for. */
static bool give(ps_ensemble *ensemble, chunk *of)
{
    const uint32_t wanted = ensemble->block.frames - ensemble->done, rest = of->frames - of->used;
    const uint32_t count = rest < wanted ? rest : wanted;

    memcpy(ensemble->block.left + ensemble->done, of->left + of->used, count * sizeof *of->left);
    memcpy(ensemble->block.right + ensemble->done, of->right + of->used, count * sizeof *of->right);
    memcpy(ensemble->silent + ensemble->done / PS_GRID_FRAMES,
           of->silent + of->used / PS_GRID_FRAMES, count / PS_GRID_FRAMES * sizeof *of->silent);
    of->used += count;
    ensemble->done += count;
    return of->used == of->frames;
}

/* ---- Who does what --------------------------------------------------------------------------- */

/* A chunk may enter a stage when all before it have left that stage. Not only the one before it,
   which may wait for a later stage, without a part in this one, while others are not there yet. */
static bool may_enter(ps_ensemble *ensemble, uint64_t place)
{
    const uint64_t number = place / stages(ensemble), stage = place % stages(ensemble);

    for (uint64_t before = atomic_load(&ensemble->oldest); before < number; before++) {
        const chunk *other = &ensemble->chunks[before % ensemble->chunk_count];

        if (atomic_load(&other->place) / 2 <= before * stages(ensemble) + stage)
            return false;
    }
    return stage != stage_giving(ensemble) || !atomic_load(&ensemble->complete);
}

/*
 * The step of the oldest chunk that has one ready; NULL when there is none. mine: only of stages
 * that this thread has been at last, whose state is in its cache.
 */
static chunk *claim(ps_ensemble *ensemble, uint32_t thread, bool mine, uint64_t *place)
{
    const uint64_t oldest = atomic_load(&ensemble->oldest);

    for (uint32_t i = 0; i < ensemble->chunk_count; i++) {
        chunk *of = &ensemble->chunks[(oldest + i) % ensemble->chunk_count];
        uint64_t seen = atomic_load(&of->place);
        _Atomic uint32_t *keeper = &ensemble->keeper[seen / 2 % stages(ensemble)];

        if (seen % 2 != 0 || (mine && atomic_load(keeper) != thread))
            continue;
        if (may_enter(ensemble, seen / 2) &&
            atomic_compare_exchange_strong(&of->place, &seen, seen + 1)) {
            if (!mine)
                atomic_store(keeper, thread);
            *place = seen / 2;
            return of;
        }
    }
    return NULL;
}

/* Does the step; returns where the chunk is then. */
static uint64_t perform(ps_ensemble *ensemble, chunk *of, uint64_t place)
{
    const uint32_t stage = (uint32_t)(place % stages(ensemble));
    const uint64_t start = place - stage;

    if (stage == stage_giving(ensemble)) {
        const bool empty = give(ensemble, of);

        if (ensemble->done == ensemble->block.frames)
            atomic_store(&ensemble->complete, true);
        if (empty) /* from here on the next chunk may be given */
            atomic_fetch_add(&ensemble->oldest, 1);
        return empty ? start + (uint64_t)ensemble->chunk_count * stages(ensemble) : place;
    }
    if (stage == stage_chorus(ensemble)) {
        make_chorus(ensemble, of);
        return place + 1;
    }
    if (stage == stage_reverb(ensemble)) {
        make_reverb(ensemble, of);
        return place + 1;
    }
    if (stage == STAGE_CONTROL)
        control_chunk(ensemble, of);
    else
        play_group(ensemble, of);
    return start + (of->played < of->playing_count ? STAGE_GROUPS + of->playing[of->played]
                                                   : stage_reverb(ensemble));
}

/* A thread's part: whatever is ready, until all that was asked for is given. */
static void work(void *argument, uint32_t index)
{
    ps_ensemble *ensemble = argument;
    uint32_t misses = 0;

    while (misses < PATIENCE && !atomic_load(&ensemble->complete)) {
        uint64_t place;
        chunk *of = claim(ensemble, index, true, &place);

        if (!of)
            of = claim(ensemble, index, false, &place);
        if (of) {
            atomic_store(&of->place, 2 * perform(ensemble, of, place));
            misses = 0;
        } else {
            for (volatile uint32_t wait = 0; wait < 100; wait++) {
            }
            misses++;
        }
    }
}

void ps_ensemble_run(ps_ensemble *ensemble, ps_block block, bool *silent)
{
    ensemble->block = block;
    ensemble->silent = silent;
    ensemble->done = 0;
    atomic_store(&ensemble->complete, block.frames == 0);
    ps_workers_run(ensemble->workers, work, ensemble, ensemble->workers->threads);
}

/* ---- The object ------------------------------------------------------------------------------ */

static bool make_chunk(ps_ensemble *ensemble, chunk *of)
{
    const ps_allocator *allocator = ensemble->synth->engine->allocator;
    const uint32_t groups = ensemble->synth->group_count;

    of->spans = ps_alloc_untouched(allocator, ensemble->capacity, sizeof *of->spans);
    of->span = ps_alloc(allocator, 1, sizeof *of->span);
    of->first = ps_alloc(allocator, groups, sizeof *of->first);
    of->last = ps_alloc(allocator, groups, sizeof *of->last);
    of->playing = ps_alloc(allocator, groups, sizeof *of->playing);
    of->desk = ps_alloc(allocator, 1, sizeof *of->desk);
    of->buses = ps_alloc(allocator, CHUNK_FRAMES * PS_BUSES, sizeof *of->buses);
    of->left = ps_alloc(allocator, CHUNK_FRAMES, sizeof *of->left);
    of->right = ps_alloc(allocator, CHUNK_FRAMES, sizeof *of->right);
    of->chorus = ps_alloc(allocator, CHUNK_FRAMES, sizeof *of->chorus);
    return of->spans && of->span && of->first && of->last && of->playing && of->desk && of->buses &&
           of->left && of->right && of->chorus;
}

ps_status ps_ensemble_create(ps_ensemble **out, ps_synth *synth, const ps_feed *feed,
                             const ps_workers *workers, ps_error *err)
{
    const ps_allocator *allocator = synth->engine->allocator;
    ps_ensemble *ensemble = ps_alloc(allocator, 1, sizeof *ensemble);
    bool complete = ensemble != NULL;

    if (ensemble) {
        ensemble->synth = synth;
        ensemble->feed = *feed;
        ensemble->workers = workers;
        /* Enough for a thread to stay at its stages while another is held up at its own. */
        ensemble->chunk_count =
            workers->threads < CHUNKS_MOST / 4 ? 4 * workers->threads : CHUNKS_MOST;
        /* The last run may begin a span in each group with each of its frames. */
        ensemble->capacity = ENOUGH_BYTES + PS_GRID_FRAMES * synth->group_count *
                                                (PS_SPAN_BYTES_MOST + (uint32_t)sizeof(uint32_t));
        ensemble->keeper = ps_alloc(allocator, stages(ensemble), sizeof *ensemble->keeper);
        complete = ensemble->keeper != NULL;
        for (uint32_t i = 0; i < ensemble->chunk_count; i++)
            complete = make_chunk(ensemble, &ensemble->chunks[i]) && complete;
    }
    if (!complete) {
        ps_ensemble_destroy(ensemble);
        return ps_fail(err, PS_NO_MEMORY, "no memory to play on several threads");
    }
    ps_ensemble_restart(ensemble);
    *out = ensemble;
    return PS_OK;
}

void ps_ensemble_destroy(ps_ensemble *ensemble)
{
    const ps_allocator *allocator;

    if (!ensemble)
        return;
    allocator = ensemble->synth->engine->allocator;
    for (uint32_t i = 0; i < ensemble->chunk_count; i++) {
        chunk *of = &ensemble->chunks[i];

        ps_free(allocator, of->chorus);
        ps_free(allocator, of->right);
        ps_free(allocator, of->left);
        ps_free(allocator, of->buses);
        ps_free(allocator, of->desk);
        ps_free(allocator, of->playing);
        ps_free(allocator, of->last);
        ps_free(allocator, of->first);
        ps_free(allocator, of->span);
        ps_free(allocator, of->spans);
    }
    ps_free(allocator, (void *)ensemble->keeper);
    ps_free(allocator, ensemble);
}

/* Numbers begin with the chunk count, so that the first chunk finds one before it, long ahead. */
void ps_ensemble_restart(ps_ensemble *ensemble)
{
    const uint32_t count = ensemble->chunk_count;

    for (uint32_t i = 0; i < count; i++)
        atomic_store(&ensemble->chunks[i].place, 2u * (uint64_t)(count + i) * stages(ensemble));
    atomic_store(&ensemble->oldest, count);
}
