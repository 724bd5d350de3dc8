/* Putting a score together: events in order, every track with its end, all in one arena. */
#include "midi/score.h"

#include <string.h>

#include "midi/info.h"

ps_status ps_score_begin(ps_score **out, size_t capacity, const ps_allocator *allocator,
                         ps_error *err)
{
    ps_arena arena;
    ps_score *score;

    ps_arena_init(&arena, allocator);
    score = ps_arena_alloc(&arena, 1, sizeof *score);
    if (score)
        score->events = ps_arena_alloc(&arena, capacity ? capacity : 1, sizeof *score->events);
    if (!score || !score->events) {
        ps_arena_clear(&arena);
        return ps_fail(err, PS_NO_MEMORY, "midi: out of memory for %zu events", capacity);
    }
    score->arena = arena;
    *out = score;
    return PS_OK;
}

void ps_score_destroy(ps_score *score)
{
    if (score) {
        ps_arena arena = score->arena; /* the score lies in it */

        ps_arena_clear(&arena);
    }
}

const ps_event *ps_score_events(const ps_score *score, size_t *count)
{
    *count = score->count;
    return score->events;
}

const char *ps_score_text(ps_score *score, const uint8_t *text, size_t size_bytes)
{
    const uint8_t *end = size_bytes > 0 ? memchr(text, 0, size_bytes) : NULL;
    const size_t length = end ? (size_t)(end - text) : size_bytes;
    char *copy = ps_arena_alloc(&score->arena, length + 1, 1);

    if (copy && length > 0)
        memcpy(copy, text, length);
    return copy;
}

/* ---- Order ---------------------------------------------------------------------------------- */

static bool comes_before(const ps_event *a, const ps_event *b)
{
    if (a->tick != b->tick)
        return a->tick < b->tick;
    if (a->track != b->track)
        return a->track < b->track;
    return a->order < b->order;
}

static void merge_runs(const ps_event *from, ps_event *to, size_t middle, size_t count)
{
    size_t low = 0, high = middle;

    for (size_t i = 0; i < count; i++) {
        if (high == count || (low < middle && !comes_before(&from[high], &from[low])))
            to[i] = from[low++];
        else
            to[i] = from[high++];
    }
}

static bool in_order(const ps_event *events, size_t count)
{
    for (size_t i = 1; i < count; i++)
        if (comes_before(&events[i], &events[i - 1]))
            return false;
    return true;
}

/* Merges runs of twice the length each time, there and back between two arrays. */
static ps_status sort(ps_score *score)
{
    ps_event *from = score->events, *spare, *to;

    if (in_order(score->events, score->count))
        return PS_OK;
    spare = to = ps_alloc(score->arena.allocator, score->count, sizeof *spare);
    if (!spare)
        return PS_NO_MEMORY;
    for (size_t run = 1; run < score->count; run *= 2) {
        ps_event *swap = from;

        for (size_t at = 0; at < score->count; at += 2 * run) {
            const size_t left = score->count - at;

            merge_runs(from + at, to + at, run < left ? run : left,
                       2 * run < left ? 2 * run : left);
        }
        from = to;
        to = swap;
    }
    if (from != score->events)
        memcpy(score->events, from, score->count * sizeof *from);
    ps_free(score->arena.allocator, spare);
    return PS_OK;
}

/* ---- Ends and data -------------------------------------------------------------------------- */

/* Takes all ends of tracks out and puts one per track in again, behind everything of its track. */
static ps_status renew_ends(ps_score *score)
{
    uint64_t *last = ps_alloc(score->arena.allocator, score->info.tracks, sizeof *last);
    size_t kept = 0;

    if (!last)
        return PS_NO_MEMORY;
    for (size_t i = 0; i < score->count; i++) {
        const ps_event event = score->events[i];

        if (event.tick > last[event.track])
            last[event.track] = event.tick;
        if (ps_event_is_meta(&event, PS_META_END_OF_TRACK))
            continue;
        score->events[kept] = event;
        score->events[kept].order = kept;
        kept++;
    }
    for (uint32_t track = 0; track < score->info.tracks; track++) {
        const ps_event end = {.tick = last[track],
                              .order = kept,
                              .track = track,
                              .kind = PS_EVENT_META,
                              .a = PS_META_END_OF_TRACK};

        score->events[kept++] = end;
    }
    score->count = kept;
    ps_free(score->arena.allocator, last);
    return PS_OK;
}

static ps_status own_data(ps_score *score)
{
    size_t size_bytes = 0;
    uint8_t *data;

    for (size_t i = 0; i < score->count; i++)
        size_bytes += score->events[i].data_bytes;
    if (size_bytes == 0)
        return PS_OK;
    data = ps_arena_alloc(&score->arena, size_bytes, 1);
    if (!data)
        return PS_NO_MEMORY;
    for (size_t i = 0; i < score->count; i++) {
        ps_event *event = &score->events[i];

        if (event->data_bytes == 0)
            continue;
        memcpy(data, event->data, event->data_bytes);
        event->data = data;
        data += event->data_bytes;
    }
    return PS_OK;
}

ps_status ps_score_settle(ps_score **out, ps_score *score, ps_error *err)
{
    ps_status status;

    for (size_t i = 0; i < score->count; i++)
        score->events[i].order = i;
    status = ps_tempo_map_build(&score->tempo, &score->arena, score->events, score->count,
                                score->division);
    if (status == PS_OK)
        status = ps_score_fill_info(score);
    if (status != PS_OK) {
        ps_score_destroy(score);
        return ps_fail(err, status, "midi: out of memory");
    }
    *out = score;
    return PS_OK;
}

ps_status ps_score_finish(ps_score **out, ps_score *score, ps_error *err)
{
    ps_status status = renew_ends(score);

    if (status == PS_OK)
        status = sort(score);
    if (status == PS_OK)
        status = own_data(score);
    if (status != PS_OK) {
        ps_score_destroy(score);
        return ps_fail(err, status, "midi: out of memory");
    }
    return ps_score_settle(out, score, err);
}

/* ---- Building from events ------------------------------------------------------------------- */

static ps_status check_event(const ps_event *event, size_t index, ps_error *err)
{
    const bool has_data = event->kind == PS_EVENT_SYSEX || event->kind == PS_EVENT_META;

    if (event->kind > PS_EVENT_META)
        return ps_fail(err, PS_BAD_ARGUMENT, "event %zu: kind %u is none (0..%u)", index,
                       event->kind, (unsigned)PS_EVENT_META);
    if (event->channel >= PS_SCORE_CHANNELS)
        return ps_fail(err, PS_BAD_ARGUMENT, "event %zu: channel %u is not within 0..%u", index,
                       event->channel, PS_SCORE_CHANNELS - 1);
    if (!has_data && (event->a > 127 || event->b > 127))
        return ps_fail(err, PS_BAD_ARGUMENT, "event %zu: data bytes %u, %u are not within 0..127",
                       index, event->a, event->b);
    if (has_data && event->data_bytes > 0 && !event->data)
        return ps_fail(err, PS_BAD_ARGUMENT, "event %zu: %u bytes of data, but data is NULL", index,
                       (unsigned)event->data_bytes);
    if (event->tick > PS_LAST_TICK)
        return ps_fail(err, PS_BAD_ARGUMENT, "event %zu: its tick is not within 0..2^60", index);
    if (event->track > 65534)
        return ps_fail(err, PS_BAD_ARGUMENT, "event %zu: track %u is not within 0..65534", index,
                       (unsigned)event->track);
    return PS_OK;
}

/* Leaves only what the kind has, as a reader would make it. */
static ps_event normal(const ps_event *from)
{
    ps_event event = *from;
    const bool has_data = event.kind == PS_EVENT_SYSEX || event.kind == PS_EVENT_META;

    if (!has_data || event.data_bytes == 0 || ps_event_is_meta(&event, PS_META_END_OF_TRACK)) {
        event.data = NULL;
        event.data_bytes = 0;
    }
    if (has_data || event.kind == PS_EVENT_PROGRAM || event.kind == PS_EVENT_CHANNEL_PRESSURE)
        event.b = 0;
    if (event.kind == PS_EVENT_META)
        event.channel = 0;
    if (event.kind == PS_EVENT_SYSEX) {
        event.a = 0;
        event.channel &= 0xf0u;
    }
    if (event.kind == PS_EVENT_NOTE_ON && event.b == 0) {
        event.kind = PS_EVENT_NOTE_OFF;
        event.b = 64;
    }
    return event;
}

ps_status ps_score_build(ps_score **out, const ps_event *events, size_t count,
                         uint32_t ticks_per_quarter, const ps_score_options *options, ps_error *err)
{
    uint32_t tracks = 1;
    ps_score *score = NULL;
    ps_status status;

    if (ticks_per_quarter < 1 || ticks_per_quarter > 32767)
        return ps_fail(err, PS_BAD_ARGUMENT, "%u ticks per quarter are not within 1..32767",
                       (unsigned)ticks_per_quarter);
    for (size_t i = 0; i < count; i++) {
        status = check_event(&events[i], i, err);
        if (status != PS_OK)
            return status;
        if (events[i].track >= tracks)
            tracks = events[i].track + 1;
    }
    status = ps_score_begin(&score, count + tracks, ps_score_allocator(options), err);
    if (status != PS_OK)
        return status;
    for (size_t i = 0; i < count; i++)
        score->events[score->count++] = normal(&events[i]);
    score->division = (uint16_t)ticks_per_quarter;
    score->info.tracks = tracks;
    score->info.format = tracks > 1;
    return ps_score_finish(out, score, err);
}
