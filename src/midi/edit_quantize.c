/*
 * Pulling note starts toward a grid. Later notes stay later (nearest point and interpolation are
 * monotone), so nothing but a note-off can get out of order.
 */
#include "midi/edit.h"

#include <math.h>

typedef struct grid {
    double step_ticks, late_ticks; /* every second point lies late */
    double strength;
} grid;

static double point(const grid *g, double index)
{
    return index * g->step_ticks + (fmod(index, 2.0) != 0.0 ? g->late_ticks : 0.0);
}

static double nearest_point(const grid *g, double tick)
{
    const double middle = floor(tick / g->step_ticks);
    double best = point(g, middle);

    for (double index = middle - 1.0; index <= middle + 1.0; index += 2.0)
        if (index >= 0.0 && fabs(point(g, index) - tick) < fabs(best - tick))
            best = point(g, index);
    return best;
}

static uint64_t pulled(const grid *g, uint64_t tick)
{
    const double from = (double)tick;
    const double moved = floor(from + g->strength * (nearest_point(g, from) - from) + 0.5);

    return moved < (double)PS_LAST_TICK ? (uint64_t)moved : PS_LAST_TICK;
}

static void move_notes(ps_score *draft, const ps_score *score, const size_t *partner, const grid *g,
                       const ps_channel_set *channels)
{
    for (size_t i = 0; i < score->count; i++) {
        const ps_event *on = &score->events[i];

        if (on->kind != PS_EVENT_NOTE_ON || !ps_edit_about(channels, on->channel))
            continue;
        draft->events[i].tick = pulled(g, on->tick);
        if (partner[i] != PS_NO_EVENT)
            draft->events[partner[i]].tick =
                ps_tick_within(draft->events[i].tick + (score->events[partner[i]].tick - on->tick));
    }
}

/* A note that ended before the next one of its key must not end after that one has begun. */
static void keep_apart(ps_score *draft, const size_t *partner, size_t *next_on)
{
    for (uint32_t note = 0; note < PS_SCORE_NOTES; note++)
        next_on[note] = PS_NO_EVENT;
    for (size_t i = draft->count; i-- > 0;) {
        ps_event *events = draft->events;
        size_t *next, off;

        if (events[i].kind != PS_EVENT_NOTE_ON)
            continue;
        next = &next_on[ps_event_note(&events[i])];
        off = partner[i];
        if (*next != PS_NO_EVENT && off < *next && events[off].tick > events[*next].tick)
            events[off].tick = events[*next].tick;
        *next = i;
    }
}

static ps_status check(const ps_score *score, double grid_quarters, double strength, double swing,
                       ps_error *err)
{
    const double least = 1.0 / (score->division ? score->division : 1);

    if (score->info.smpte)
        return ps_fail(err, PS_UNSUPPORTED,
                       "midi: time in SMPTE frames has no quarter notes to quantize to");
    if (!(grid_quarters >= least && grid_quarters <= 64.0))
        return ps_fail(err, PS_BAD_ARGUMENT,
                       "a grid of %g quarter notes is not within %.4g (one tick)..64",
                       grid_quarters, least);
    if (!(strength >= 0.0 && strength <= 1.0))
        return ps_fail(err, PS_BAD_ARGUMENT, "a strength of %g is not within 0..1", strength);
    if (!(swing >= 0.0 && swing <= 1.0))
        return ps_fail(err, PS_BAD_ARGUMENT, "a swing of %g is not within 0..1", swing);
    return PS_OK;
}

ps_status ps_score_quantize(ps_score **out, const ps_score *score, double grid_quarters,
                            double strength, double swing, const ps_channel_set *channels,
                            const ps_score_options *options, ps_error *err)
{
    const ps_allocator *allocator = ps_score_allocator(options);
    const double step_ticks = grid_quarters * score->division;
    const grid g = {step_ticks, swing * step_ticks / 2.0, strength};
    ps_score *draft = NULL;
    size_t *partner = NULL, *next_on = NULL;
    ps_status status = check(score, grid_quarters, strength, swing, err);

    if (status == PS_OK)
        status = ps_note_partners(&partner, score, allocator, err);
    if (status == PS_OK)
        status = ps_edit_begin(&draft, score, score->info.tracks, score->count, options, err);
    if (status == PS_OK) {
        next_on = ps_alloc(allocator, PS_SCORE_NOTES, sizeof *next_on);
        if (!next_on)
            status = ps_edit_no_memory(draft, err);
    }
    if (status == PS_OK) {
        ps_edit_add_all(draft, score);
        move_notes(draft, score, partner, &g, channels);
        keep_apart(draft, partner, next_on);
        status = ps_score_finish(out, draft, err);
    }
    ps_free(allocator, next_on);
    ps_free(allocator, partner);
    return status;
}
