/*
 * Reading the events of a track (SMF 1.0, "MTrk chunks"): delta times, running status, metas and
 * SysEx, and what to do where the bytes are wrong.
 */
#include "midi/smf_track.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "midi/score.h"

#define LARGEST_VLQ 0x0fffffffu /* four bytes of seven bits */

bool ps_mend(ps_mender *mender, const uint8_t *at, const char *format, ...)
{
    const uint64_t offset_bytes = (uint64_t)(at - mender->start);
    char text[sizeof mender->err->text];
    va_list arguments;

    if (mender->silent)
        return true;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    if (mender->strict) {
        mender->refused = true;
        ps_fail_at(mender->err, PS_BAD_DATA, offset_bytes, "midi: %s", text);
        ps_hint(mender->err, "without strict reading this is mended");
        return false;
    }
    ps_warn_at(mender->warnings, PS_BAD_DATA, offset_bytes, "midi: %s", text);
    return true;
}

/* How people count. */
static unsigned human(const ps_smf_track *track)
{
    return track->number + 1;
}

/* A number in sevens of bits, high ones first. False when the bytes run out. */
static bool read_vlq(ps_smf_track *track, ps_mender *mender, const uint8_t **at, uint32_t *value)
{
    const uint8_t *p = *at;
    uint32_t sum = 0;
    bool large = false;

    do {
        if (p == track->end)
            return false;
        large = large || sum > LARGEST_VLQ >> 7;
        sum = sum << 7 | (*p & 0x7fu);
    } while (*p++ & 0x80u);
    *value = large ? LARGEST_VLQ : sum;
    if (p - *at > 4 &&
        !ps_mend(mender, *at, "track %u: a number of %zu bytes, where 4 are the most", human(track),
                 (size_t)(p - *at)))
        return false;
    *at = p;
    return true;
}

/* Finds the status of the message at *at and moves behind it; 0 when the bytes run out. */
static uint8_t read_status(ps_smf_track *track, ps_mender *mender, const uint8_t **at)
{
    const uint8_t *start = *at;

    if (start == track->end)
        return 0;
    if (*start >= 0x80)
        return *(*at)++;
    if (track->running) {
        if (track->stale && !track->stale_told) {
            track->stale_told = true;
            if (!ps_mend(mender, start,
                         "track %u: running status goes on after a meta or SysEx event",
                         human(track)))
                return 0;
        }
        return track->running;
    }
    while (*at < track->end && **at < 0x80)
        (*at)++;
    if (!ps_mend(mender, start, "track %u: %zu data bytes where an event should begin",
                 human(track), (size_t)(*at - start)))
        return 0;
    return *at < track->end ? *(*at)++ : 0;
}

static bool data_byte(ps_smf_track *track, ps_mender *mender, const uint8_t **at, uint8_t *value)
{
    if (*at == track->end)
        return false;
    *value = *(*at)++;
    if (*value < 0x80)
        return true;
    if (!ps_mend(mender, *at - 1, "track %u: data byte %u is larger than 127", human(track),
                 *value))
        return false;
    *value = 127;
    return true;
}

static bool read_body(ps_smf_track *track, ps_mender *mender, const uint8_t **at,
                      ps_smf_message *message)
{
    if (!read_vlq(track, mender, at, &message->body_bytes) ||
        message->body_bytes > (size_t)(track->end - *at))
        return false;
    message->body = *at;
    *at += message->body_bytes;
    track->stale = true;
    return true;
}

/* What a wire may carry but no file: F1..F6 and F8..FE. Skips it; false when the bytes run out. */
static bool skip_system(ps_smf_track *track, ps_mender *mender, const uint8_t **at, uint8_t status)
{
    const size_t data_bytes = status == 0xf2 ? 2 : status == 0xf1 || status == 0xf3 ? 1 : 0;

    if (!ps_mend(mender, *at - 1, "track %u: system message %02X does not belong in a file",
                 human(track), status) ||
        data_bytes > (size_t)(track->end - *at))
        return false;
    *at += data_bytes;
    return true;
}

static bool read_channel_message(ps_smf_track *track, ps_mender *mender, const uint8_t **at,
                                 ps_smf_message *message)
{
    const uint8_t kind = message->status & 0xf0u;

    if (!data_byte(track, mender, at, &message->a))
        return false;
    if (kind != 0xc0 && kind != 0xd0 && !data_byte(track, mender, at, &message->b))
        return false;
    track->running = message->status;
    track->stale = false;
    return true;
}

/* What follows the status. */
static bool read_rest(ps_smf_track *track, ps_mender *mender, const uint8_t **at,
                      ps_smf_message *message)
{
    switch (message->status) {
    case 0xff:
        if (*at == track->end)
            return false;
        message->a = *(*at)++;
        return read_body(track, mender, at, message);
    case 0xf0:
    case 0xf7:
        return read_body(track, mender, at, message);
    default:
        if (message->status > 0xf0)
            return skip_system(track, mender, at, message->status);
        return read_channel_message(track, mender, at, message);
    }
}

/* The next message, of whatever kind. When the bytes run out the track stays in front of the
   message that was cut. */
static ps_smf_step read_message(ps_smf_track *track, ps_mender *mender, ps_smf_message *message)
{
    const uint8_t *at = track->at;
    uint32_t delta;
    bool whole;

    track->event_at = at;
    if (at == track->end)
        return PS_SMF_OUT;
    memset(message, 0, sizeof *message);
    whole = read_vlq(track, mender, &at, &delta);
    if (whole)
        message->status = read_status(track, mender, &at);
    whole = whole && message->status != 0 && read_rest(track, mender, &at, message);
    if (mender->refused)
        return PS_SMF_REFUSED;
    if (!whole)
        return PS_SMF_CUT;
    track->at = at;
    track->tick += delta;
    message->tick = track->tick;
    return PS_SMF_EVENT;
}

/* The next message that belongs in a file. */
static ps_smf_step next_message(ps_smf_track *track, ps_mender *mender, ps_smf_message *message)
{
    ps_smf_step step;

    if (track->has_next) {
        track->has_next = false;
        *message = track->next;
        return track->next_step;
    }
    do
        step = read_message(track, mender, message);
    while (step == PS_SMF_EVENT && message->status > 0xf0 && message->status != 0xf7 &&
           message->status != 0xff);
    return step;
}

static void put(ps_event *event, uint8_t **data, const uint8_t *bytes, uint32_t size_bytes)
{
    event->data_bytes += size_bytes;
    if (!data || size_bytes == 0)
        return;
    if (!event->data)
        event->data = *data;
    memcpy(*data, bytes, size_bytes);
    *data += size_bytes;
}

/* SysEx, whose later packets (F7) are joined to the first. An F7 packet that continues nothing is
   an escape: bytes as they stand. */
static bool gather_sysex(ps_smf_track *track, ps_mender *mender, const ps_smf_message *first,
                         ps_event *event, uint8_t **data)
{
    static const uint8_t begin = 0xf0;
    ps_smf_message message = *first;
    bool open = first->status == 0xf0 || (first->body_bytes > 0 && first->body[0] == 0xf0);

    event->kind = PS_EVENT_SYSEX;
    event->channel = (uint16_t)(track->port * 16u);
    if (first->status == 0xf0)
        put(event, data, &begin, 1);
    for (;;) {
        put(event, data, message.body, message.body_bytes);
        event->tick = message.tick;
        if (message.body_bytes > 0 && message.body[message.body_bytes - 1] == 0xf7)
            open = false;
        if (!open)
            return true;
        track->next_step = next_message(track, mender, &message);
        if (track->next_step == PS_SMF_EVENT && message.status == 0xf7)
            continue;
        track->next = message;
        track->has_next = true;
        return track->next_step != PS_SMF_REFUSED;
    }
}

static bool make_meta(ps_smf_track *track, ps_mender *mender, const ps_smf_message *message,
                      ps_event *event, uint8_t **data)
{
    event->kind = PS_EVENT_META;
    event->a = message->a;
    put(event, data, message->body, message->body_bytes);
    if (message->a != PS_META_PORT || message->body_bytes == 0)
        return true;
    if (message->body[0] > 15 &&
        !ps_mend(mender, message->body, "track %u: port %u becomes port %u, for there are 16",
                 human(track), message->body[0] + 1u, (message->body[0] & 15u) + 1u))
        return false;
    track->port = message->body[0] & 15u;
    return true;
}

static void make_channel_event(const ps_smf_track *track, const ps_smf_message *message,
                               ps_event *event)
{
    event->kind = (uint8_t)(PS_EVENT_NOTE_OFF + (message->status >> 4) - 8);
    event->channel = (uint16_t)(track->port * 16u + (message->status & 15u));
    event->a = message->a;
    event->b = message->b;
    if (event->kind == PS_EVENT_NOTE_ON && event->b == 0) {
        event->kind = PS_EVENT_NOTE_OFF;
        event->b = 64;
    }
}

ps_smf_step ps_smf_track_next(ps_smf_track *track, ps_mender *mender, ps_event *event,
                              uint8_t **data)
{
    ps_smf_message message;
    const ps_smf_step step = next_message(track, mender, &message);

    memset(event, 0, sizeof *event);
    event->tick = track->tick;
    event->track = track->number;
    if (step != PS_SMF_EVENT)
        return step;
    event->tick = message.tick;
    if (message.status == 0xff && message.a == PS_META_END_OF_TRACK) {
        event->kind = PS_EVENT_META;
        event->a = PS_META_END_OF_TRACK;
        return PS_SMF_END;
    }
    if (message.status == 0xff)
        return make_meta(track, mender, &message, event, data) ? PS_SMF_EVENT : PS_SMF_REFUSED;
    if (message.status >= 0xf0)
        return gather_sysex(track, mender, &message, event, data) ? PS_SMF_EVENT : PS_SMF_REFUSED;
    make_channel_event(track, &message, event);
    return PS_SMF_EVENT;
}
