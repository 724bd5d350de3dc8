/*
 * Writing a Standard MIDI File. The same walk runs twice: once to count bytes, once to put them.
 * Running status is used; a note-off of velocity 64 is written as a note-on of velocity 0.
 */
#include "plainsong/score.h"

#include <string.h>

#include "midi/score.h"

#define LARGEST_VLQ 0x0fffffffu
#define MOST_TRACKS 65535u

typedef struct writer {
    uint8_t *at; /* NULL: only count */
    size_t size_bytes;
} writer;

static void put(writer *w, const void *bytes, size_t size_bytes)
{
    if (w->at && size_bytes > 0) {
        memcpy(w->at, bytes, size_bytes);
        w->at += size_bytes;
    }
    w->size_bytes += size_bytes;
}

static void put_u8(writer *w, uint8_t value)
{
    put(w, &value, 1);
}

static void put_u16(writer *w, uint32_t value)
{
    put_u8(w, (uint8_t)(value >> 8));
    put_u8(w, (uint8_t)value);
}

static void put_u32(writer *w, uint32_t value)
{
    put_u16(w, value >> 16);
    put_u16(w, value & 0xffffu);
}

static void put_vlq(writer *w, uint32_t value)
{
    for (int shift = 21; shift > 0; shift -= 7)
        if (value >> shift)
            put_u8(w, (uint8_t)(0x80u | (value >> shift & 0x7fu)));
    put_u8(w, value & 0x7fu);
}

/* A track while it is written. */
typedef struct track_writer {
    uint64_t tick;
    uint8_t running, port;
    bool sysex_open; /* the last event was a SysEx without its end */
} track_writer;

static void put_delta(writer *w, track_writer *t, uint64_t tick)
{
    put_vlq(w, (uint32_t)(tick - t->tick));
    t->tick = tick;
}

static void put_meta(writer *w, track_writer *t, uint64_t tick, uint8_t type, const uint8_t *data,
                     uint32_t data_bytes)
{
    put_delta(w, t, tick);
    put_u8(w, 0xff);
    put_u8(w, type);
    put_vlq(w, data_bytes);
    put(w, data, data_bytes);
    t->running = 0;
    t->sysex_open = false;
}

static void put_sysex(writer *w, track_writer *t, const ps_event *event)
{
    const bool escape = event->data_bytes == 0 || event->data[0] != 0xf0;
    const uint32_t first = escape ? 0 : 1; /* F0 is the status itself */

    if (escape && t->sysex_open) /* keeps the two apart, else they would be read as one message */
        put_meta(w, t, event->tick, 0x01, NULL, 0);
    put_delta(w, t, event->tick);
    put_u8(w, escape ? 0xf7 : 0xf0);
    put_vlq(w, event->data_bytes - first);
    if (event->data_bytes > first)
        put(w, event->data + first, event->data_bytes - first);
    t->running = 0;
    t->sysex_open = !escape && event->data[event->data_bytes - 1] != 0xf7;
}

static void put_channel_event(writer *w, track_writer *t, const ps_event *event)
{
    const bool off = event->kind == PS_EVENT_NOTE_OFF && event->b == 64;
    const unsigned kind = off ? PS_EVENT_NOTE_ON : event->kind;
    const uint8_t status = (uint8_t)((8u + kind - PS_EVENT_NOTE_OFF) << 4 | (event->channel & 15u));

    put_delta(w, t, event->tick);
    if (status != t->running)
        put_u8(w, status);
    put_u8(w, event->a);
    if (event->kind != PS_EVENT_PROGRAM && event->kind != PS_EVENT_CHANNEL_PRESSURE)
        put_u8(w, off ? 0 : event->b);
    t->running = status;
    t->sysex_open = false;
}

static void put_event(writer *w, track_writer *t, const ps_event *event)
{
    const uint8_t port = (uint8_t)(event->channel >> 4);

    if (event->kind == PS_EVENT_META) {
        put_meta(w, t, event->tick, event->a, event->data, event->data_bytes);
        ps_event_port(event, &t->port);
        return;
    }
    if (port != t->port) {
        put_meta(w, t, event->tick, PS_META_PORT, &port, 1);
        t->port = port;
    }
    if (event->kind == PS_EVENT_SYSEX)
        put_sysex(w, t, event);
    else
        put_channel_event(w, t, event);
}

/* The events of each track, one track after the other; from[track] is where it begins. */
typedef struct by_track {
    size_t *index;
    size_t *from;
} by_track;

static ps_status group(by_track *g, const ps_score *score, const ps_allocator *allocator)
{
    const uint32_t tracks = score->info.tracks;

    g->index = ps_alloc(allocator, score->count, sizeof *g->index);
    g->from = ps_alloc(allocator, (size_t)tracks + 2, sizeof *g->from);
    if (!g->index || !g->from)
        return PS_NO_MEMORY;
    for (size_t i = 0; i < score->count; i++)
        g->from[score->events[i].track + 2]++;
    for (uint32_t track = 0; track < tracks; track++)
        g->from[track + 2] += g->from[track + 1];
    for (size_t i = 0; i < score->count; i++)
        g->index[g->from[score->events[i].track + 1]++] = i;
    return PS_OK;
}

static void put_track(writer *w, const ps_score *score, const by_track *g, uint32_t track)
{
    track_writer t = {0, 0, 0, false};

    for (size_t i = g->from[track]; i < g->from[track + 1]; i++)
        put_event(w, &t, &score->events[g->index[i]]);
}

static ps_status check_gaps(const ps_score *score, const by_track *g, ps_error *err)
{
    for (uint32_t track = 0; track < score->info.tracks; track++) {
        uint64_t tick = 0;

        for (size_t i = g->from[track]; i < g->from[track + 1]; i++) {
            const ps_event *event = &score->events[g->index[i]];

            if (event->tick - tick > LARGEST_VLQ || event->data_bytes > LARGEST_VLQ)
                return ps_fail(err, PS_UNSUPPORTED,
                               "midi: track %u: a gap of more than %u ticks, or an event of more "
                               "bytes, cannot be written",
                               (unsigned)track + 1, LARGEST_VLQ);
            tick = event->tick;
        }
    }
    return PS_OK;
}

static void put_header(writer *w, const ps_score *score)
{
    put(w, "MThd", 4);
    put_u32(w, 6);
    put_u16(w, score->info.tracks > 1);
    put_u16(w, score->info.tracks);
    put_u16(w, score->division);
}

static ps_status write_tracks(const ps_score *score, const by_track *g, uint8_t **bytes,
                              size_t *size_bytes, const ps_allocator *allocator, ps_error *err)
{
    writer all = {NULL, 14};

    for (uint32_t track = 0; track < score->info.tracks; track++) {
        const size_t before_bytes = all.size_bytes;

        put_track(&all, score, g, track);
        if (all.size_bytes - before_bytes > UINT32_MAX)
            return ps_fail(err, PS_UNSUPPORTED, "midi: track %u is longer than 4 GiB",
                           (unsigned)track + 1);
        all.size_bytes += 8;
    }
    all.at = ps_alloc(allocator, all.size_bytes, 1);
    if (!all.at)
        return PS_NO_MEMORY;
    *bytes = all.at;
    *size_bytes = all.size_bytes;
    put_header(&all, score);
    for (uint32_t track = 0; track < score->info.tracks; track++) {
        writer length = {all.at + 4, 0};

        put(&all, "MTrk\0\0\0\0", 8);
        put_track(&all, score, g, track);
        put_u32(&length, (uint32_t)(all.at - length.at - 4));
    }
    return PS_OK;
}

ps_status ps_score_write(const ps_score *score, uint8_t **bytes, size_t *size_bytes,
                         const ps_allocator *allocator, ps_error *err)
{
    by_track g = {NULL, NULL};
    ps_status status;

    if (score->info.tracks > MOST_TRACKS)
        return ps_fail(err, PS_UNSUPPORTED, "midi: %u tracks; a file can have %u",
                       (unsigned)score->info.tracks, MOST_TRACKS);
    status = group(&g, score, allocator);
    if (status == PS_OK)
        status = check_gaps(score, &g, err);
    if (status == PS_OK)
        status = write_tracks(score, &g, bytes, size_bytes, allocator, err);
    ps_free(allocator, g.index);
    ps_free(allocator, g.from);
    return status == PS_NO_MEMORY ? ps_fail(err, status, "midi: out of memory") : status;
}
