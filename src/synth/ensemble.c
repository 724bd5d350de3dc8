/* Three chunks in flight: control of the newest, sound of the middle one, effects of the oldest. */
#include "synth/ensemble.h"

#include <string.h>

#include "base/untouched.h"

#define CHUNK_RUNS   32u
#define CHUNK_FRAMES (CHUNK_RUNS * PS_GRID_FRAMES)
#define SPARE_SPANS  2048u /* beyond those of the worst single run; a chunk ends early without */
#define NO_SPAN      UINT32_MAX

/* What control wrote down for one chunk. */
typedef struct chunk {
    ps_group_span *spans;   /* capacity of them */
    uint32_t *next;         /* the following span of the same group */
    uint32_t *first, *last; /* per group */
    uint32_t count;
    uint32_t frames;
    bool at_rest[CHUNK_RUNS]; /* no note sounds after this run */
    uint32_t *playing;        /* groups that have spans */
    uint32_t playing_count;
    float *buses; /* per group CHUNK_FRAMES * PS_BUSES */
    float *sum;   /* of all groups */
} chunk;

struct ps_ensemble {
    ps_synth *synth;
    ps_feed feed;
    const ps_workers *workers;
    chunk chunks[3];
    uint32_t capacity;                /* spans of each chunk */
    chunk *control, *sound, *effects; /* the three in flight, newest first */
    float *stereo[3][2];              /* dry, reverb, chorus; CHUNK_FRAMES each */
    float *send[2];                   /* what reverb and chorus get */
    bool reverb_silent[CHUNK_RUNS], chorus_silent[CHUNK_RUNS];
    /* Finished frames are in stereo[0]. */
    bool silent[CHUNK_RUNS];
    uint32_t ready, used;
};

/* ---- Control --------------------------------------------------------------------------------- */

/* Copies what will be read, which for most spans is not the filter and never the lanes that rest.
 */
static void copy_span(ps_group_span *to, const ps_group_span *from)
{
    const size_t buses = (from->flags & PS_MIX_SENDS ? PS_BUSES : 2u) * sizeof from->shape.gain[0];

    memcpy(to->shape.gain, from->shape.gain, buses);
    memcpy(to->shape.gain_change, from->shape.gain_change, buses);
    if (from->flags & PS_MIX_FILTER) {
        memcpy(to->shape.b0, from->shape.b0, sizeof to->shape.b0);
        memcpy(to->shape.a1, from->shape.a1, sizeof to->shape.a1);
        memcpy(to->shape.a2, from->shape.a2, sizeof to->shape.a2);
    }
    if (from->flags & PS_MIX_FILTER_MOVES) {
        memcpy(to->shape.b0_change, from->shape.b0_change, sizeof to->shape.b0_change);
        memcpy(to->shape.a1_change, from->shape.a1_change, sizeof to->shape.a1_change);
        memcpy(to->shape.a2_change, from->shape.a2_change, sizeof to->shape.a2_change);
    }
    for (uint32_t lane = 0; lane < from->lane_count; lane++) {
        if (from->mask >> lane & 1u)
            to->lanes[lane] = from->lanes[lane];
    }
    to->mask = from->mask;
    to->fresh = from->fresh;
    to->lane_count = from->lane_count;
    to->flags = from->flags;
    to->offset = from->offset;
    to->frames = from->frames;
}

static void write_down(void *user, uint32_t group, const ps_group_span *span)
{
    chunk *to = user;
    const uint32_t index = to->count++;

    copy_span(&to->spans[index], span);
    to->spans[index].offset += to->frames;
    to->next[index] = NO_SPAN;
    if (to->first[group] == NO_SPAN) {
        to->first[group] = index;
        to->playing[to->playing_count++] = group;
    } else {
        to->next[to->last[group]] = index;
    }
    to->last[group] = index;
}

/* Whether another grid run fits even if each of its frames begins a span in each group. */
static bool has_room(const ps_ensemble *ensemble, const chunk *to)
{
    return to->count + PS_GRID_FRAMES * ensemble->synth->group_count <= ensemble->capacity;
}

static void control_chunk(ps_ensemble *ensemble, chunk *to)
{
    ps_synth *synth = ensemble->synth;

    to->count = to->playing_count = 0;
    to->frames = 0;
    for (uint32_t group = 0; group < synth->group_count; group++)
        to->first[group] = NO_SPAN;
    while (to->frames < CHUNK_FRAMES && (to->frames == 0 || has_room(ensemble, to))) {
        ps_synth_control(synth, &ensemble->feed, PS_GRID_FRAMES, write_down, to);
        to->at_rest[to->frames / PS_GRID_FRAMES] = synth->active == 0;
        to->frames += PS_GRID_FRAMES;
    }
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

/* ---- Sound ----------------------------------------------------------------------------------- */

static float *group_buses(const chunk *of, uint32_t group)
{
    return of->buses + (size_t)group * CHUNK_FRAMES * PS_BUSES;
}

static void play_group(ps_ensemble *ensemble, chunk *of, uint32_t group)
{
    ps_synth *synth = ensemble->synth;
    float *buses = group_buses(of, group);

    memset(buses, 0, (size_t)of->frames * PS_BUSES * sizeof *buses);
    for (uint32_t i = of->first[group]; i != NO_SPAN; i = of->next[i])
        ps_synth_play(synth, &synth->players[group], &of->spans[i], buses);
}

/* All groups' buses in the order of the groups, as the serial path adds them up. */
static void sum_groups(chunk *of)
{
    const uint32_t count = of->frames * PS_BUSES;

    memset(of->sum, 0, count * sizeof *of->sum);
    for (uint32_t i = 0; i < of->playing_count; i++) {
        const float *restrict buses = group_buses(of, of->playing[i]);
        float *restrict sum = of->sum;

        for (uint32_t k = 0; k < count; k++)
            sum[k] += buses[k];
    }
}

/* ---- Effects --------------------------------------------------------------------------------- */

static void take_bus(const chunk *of, uint32_t bus, float *out)
{
    for (uint32_t frame = 0; frame < of->frames; frame++)
        out[frame] = of->sum[frame * PS_BUSES + bus];
}

static void make_dry(ps_ensemble *ensemble)
{
    take_bus(ensemble->effects, PS_BUS_LEFT, ensemble->stereo[0][0]);
    take_bus(ensemble->effects, PS_BUS_RIGHT, ensemble->stereo[0][1]);
}

static void make_effect(ps_ensemble *ensemble, uint32_t which)
{
    const chunk *of = ensemble->effects;
    ps_synth *synth = ensemble->synth;
    float *left = ensemble->stereo[1 + which][0], *right = ensemble->stereo[1 + which][1];
    float *send = ensemble->send[which];
    bool *silent = which == 0 ? ensemble->reverb_silent : ensemble->chorus_silent;

    if (which == 0 ? !synth->reverb : !synth->chorus) {
        memset(silent, true, CHUNK_RUNS * sizeof *silent);
        return;
    }
    take_bus(of, which == 0 ? PS_BUS_REVERB : PS_BUS_CHORUS, send);
    memset(left, 0, of->frames * sizeof *left);
    memset(right, 0, of->frames * sizeof *right);
    for (uint32_t first = 0; first < of->frames; first += PS_GRID_FRAMES) {
        const uint32_t run = first / PS_GRID_FRAMES;

        ps_synth_effect(synth, which, send + first,
                        (ps_block){left + first, right + first, PS_GRID_FRAMES});
        silent[run] =
            which == 0 ? ps_reverb_silent(synth->reverb) : ps_chorus_silent(synth->chorus);
    }
}

static void add_effects(ps_ensemble *ensemble)
{
    const uint32_t frames = ensemble->effects->frames;

    for (uint32_t which = 0; which < 2; which++) {
        if (which == 0 ? !ensemble->synth->reverb : !ensemble->synth->chorus)
            continue;
        for (uint32_t side = 0; side < 2; side++) {
            float *to = ensemble->stereo[0][side];
            const float *from = ensemble->stereo[1 + which][side];

            for (uint32_t i = 0; i < frames; i++)
                to[i] += from[i];
        }
    }
    for (uint32_t run = 0; run < frames / PS_GRID_FRAMES; run++)
        ensemble->silent[run] = ensemble->effects->at_rest[run] && ensemble->reverb_silent[run] &&
                                ensemble->chorus_silent[run];
    ensemble->ready = frames;
    ensemble->used = 0;
}

/* ---- One step -------------------------------------------------------------------------------- */

enum { TASK_CONTROL, TASK_REVERB, TASK_CHORUS, TASK_DRY, TASK_GROUPS };

static void work(void *argument, uint32_t index)
{
    ps_ensemble *ensemble = argument;

    switch (index) {
    case TASK_CONTROL:
        control_chunk(ensemble, ensemble->control);
        sort_playing(ensemble->control);
        break;
    case TASK_REVERB:
        make_effect(ensemble, 0);
        break;
    case TASK_CHORUS:
        make_effect(ensemble, 1);
        break;
    case TASK_DRY:
        make_dry(ensemble);
        break;
    default:
        play_group(ensemble, ensemble->sound, ensemble->sound->playing[index - TASK_GROUPS]);
        break;
    }
}

static void step(ps_ensemble *ensemble)
{
    chunk *finished = ensemble->effects;

    ps_workers_run(ensemble->workers, work, ensemble, TASK_GROUPS + ensemble->sound->playing_count);
    add_effects(ensemble);
    sum_groups(ensemble->sound);
    ensemble->effects = ensemble->sound;
    ensemble->sound = ensemble->control;
    ensemble->control = finished;
}

void ps_ensemble_run(ps_ensemble *ensemble, ps_block block, bool *silent)
{
    uint32_t done = 0;

    while (done < block.frames) {
        uint32_t count;

        while (ensemble->used == ensemble->ready)
            step(ensemble);
        count = ensemble->ready - ensemble->used;
        if (count > block.frames - done)
            count = block.frames - done;
        memcpy(block.left + done, ensemble->stereo[0][0] + ensemble->used,
               count * sizeof *block.left);
        memcpy(block.right + done, ensemble->stereo[0][1] + ensemble->used,
               count * sizeof *block.right);
        memcpy(silent + done / PS_GRID_FRAMES, ensemble->silent + ensemble->used / PS_GRID_FRAMES,
               count / PS_GRID_FRAMES * sizeof *silent);
        ensemble->used += count;
        done += count;
    }
}

/* ---- The object ------------------------------------------------------------------------------ */

static bool make_chunk(ps_ensemble *ensemble, chunk *of)
{
    const ps_allocator *allocator = ensemble->synth->engine->allocator;
    const uint32_t groups = ensemble->synth->group_count;

    of->spans = ps_alloc_untouched(allocator, ensemble->capacity, sizeof *of->spans);
    of->next = ps_alloc_untouched(allocator, ensemble->capacity, sizeof *of->next);
    of->first = ps_alloc(allocator, groups, sizeof *of->first);
    of->last = ps_alloc(allocator, groups, sizeof *of->last);
    of->playing = ps_alloc(allocator, groups, sizeof *of->playing);
    of->buses =
        ps_alloc_untouched(allocator, (size_t)groups * CHUNK_FRAMES * PS_BUSES, sizeof *of->buses);
    of->sum = ps_alloc(allocator, CHUNK_FRAMES * PS_BUSES, sizeof *of->sum);
    return of->sum && of->spans && of->next && of->first && of->last && of->playing && of->buses;
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
        ensemble->capacity = PS_GRID_FRAMES * synth->group_count + SPARE_SPANS;
        for (uint32_t i = 0; i < 3; i++)
            complete = make_chunk(ensemble, &ensemble->chunks[i]) && complete;
        for (uint32_t i = 0; i < 6; i++) {
            ensemble->stereo[i / 2][i % 2] =
                ps_alloc(allocator, CHUNK_FRAMES, sizeof *ensemble->stereo[0][0]);
            complete = complete && ensemble->stereo[i / 2][i % 2];
        }
        for (uint32_t i = 0; i < 2; i++) {
            ensemble->send[i] = ps_alloc(allocator, CHUNK_FRAMES, sizeof *ensemble->send[i]);
            complete = complete && ensemble->send[i];
        }
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
    for (uint32_t i = 0; i < 2; i++)
        ps_free(allocator, ensemble->send[i]);
    for (uint32_t i = 0; i < 6; i++)
        ps_free(allocator, ensemble->stereo[i / 2][i % 2]);
    for (uint32_t i = 0; i < 3; i++) {
        chunk *of = &ensemble->chunks[i];

        ps_free(allocator, of->sum);
        ps_free(allocator, of->buses);
        ps_free(allocator, of->playing);
        ps_free(allocator, of->last);
        ps_free(allocator, of->first);
        ps_free(allocator, of->next);
        ps_free(allocator, of->spans);
    }
    ps_free(allocator, ensemble);
}

void ps_ensemble_restart(ps_ensemble *ensemble)
{
    for (uint32_t i = 0; i < 3; i++)
        ensemble->chunks[i].frames = ensemble->chunks[i].playing_count = 0;
    ensemble->control = &ensemble->chunks[0];
    ensemble->sound = &ensemble->chunks[1];
    ensemble->effects = &ensemble->chunks[2];
    ensemble->ready = ensemble->used = 0;
}
