/*
 * A stretch of a score. What was set before it begins is set again at its start: of each controller
 * the last value, of sequences whose order matters (RPN, bank and program) all that counts.
 */
#include "midi/edit.h"

#include <string.h>

/* What a walk backwards from the start has already found for a channel. */
typedef struct channel_seen {
    uint8_t controllers[128];
    uint8_t program, pressure, bend;
    uint8_t bank_before_program[2]; /* CC 0, CC 32 */
} channel_seen;

typedef struct walk {
    channel_seen channels[PS_SCORE_CHANNELS];
    uint8_t metas[256];
} walk;

/* True the first time. */
static bool first(uint8_t *flag)
{
    const bool is_first = *flag == 0;

    *flag = 1;
    return is_first;
}

static bool chase_control(channel_seen *seen, uint8_t controller)
{
    switch (controller) {
    case 0:
    case 32:
        return first(seen->program ? &seen->bank_before_program[controller / 32]
                                   : &seen->controllers[controller]);
    case 6: /* data entry and the parameters it is for: the order matters */
    case 38:
    case 96:
    case 97:
    case 98:
    case 99:
    case 100:
    case 101:
        return true;
    case 111: /* loop marks set nothing */
    case 116:
    case 117:
    case 120: /* no note is left to be silenced */
    case 123:
        return false;
    default:
        return first(&seen->controllers[controller]);
    }
}

static bool chase_meta(walk *seen, const ps_event *event)
{
    if (ps_event_is_common(event))
        return first(&seen->metas[event->a]);
    switch (event->a) {
    case 0x01: /* .kar files say what they are in texts that begin so */
        return event->data_bytes > 0 && event->data[0] == '@';
    case 0x05: /* lyrics, markers, cues and channel prefixes belong to their moment */
    case 0x06:
    case 0x07:
    case 0x20:
        return false;
    default:
        return true;
    }
}

/* Called from the last event before the start back to the first: does it still hold? */
static bool chase(walk *seen, const ps_event *event)
{
    channel_seen *channel = &seen->channels[event->channel];

    switch (event->kind) {
    case PS_EVENT_CONTROL:
        return chase_control(channel, event->a);
    case PS_EVENT_PROGRAM:
        return first(&channel->program);
    case PS_EVENT_CHANNEL_PRESSURE:
        return first(&channel->pressure);
    case PS_EVENT_PITCH_BEND:
        return first(&channel->bend);
    case PS_EVENT_SYSEX:
        return true;
    case PS_EVENT_META:
        return chase_meta(seen, event);
    default:
        return false; /* notes, and pressure on them */
    }
}

/* keep[i] for the events before the start. */
static void chase_all(bool *keep, const ps_score *score, uint64_t start_tick)
{
    walk seen;
    size_t i = 0;

    memset(&seen, 0, sizeof seen);
    while (i < score->count && score->events[i].tick < start_tick)
        i++;
    while (i-- > 0)
        keep[i] = chase(&seen, &score->events[i]);
}

typedef struct stretch {
    uint64_t start_tick, end_tick;
} stretch;

static bool is_in(const stretch *s, const ps_event *event)
{
    return event->tick >= s->start_tick && event->tick < s->end_tick;
}

/* A note-off counts by the note it ends. */
static void add_off(ps_score *draft, const stretch *s, ps_event off, const ps_event *on)
{
    if (on ? !is_in(s, on) : !is_in(s, &off))
        return;
    off.tick = (off.tick < s->end_tick ? off.tick : s->end_tick) - s->start_tick;
    ps_edit_add(draft, off);
}

/* A note that nothing ends, ended with the stretch. */
static void add_end(ps_score *draft, const stretch *s, ps_event on)
{
    on.kind = PS_EVENT_NOTE_OFF;
    on.b = 64;
    on.tick = s->end_tick - s->start_tick;
    ps_edit_add(draft, on);
}

static void add_stretch(ps_score *draft, const ps_score *score, const stretch *s,
                        const size_t *partner, const bool *keep)
{
    for (size_t i = 0; i < score->count; i++) {
        ps_event event = score->events[i];
        const bool alone = partner[i] == PS_NO_EVENT;

        if (event.kind == PS_EVENT_NOTE_OFF) {
            add_off(draft, s, event, alone ? NULL : &score->events[partner[i]]);
        } else if (ps_event_is_meta(&event, PS_META_END_OF_TRACK)) {
            event.tick = event.tick < s->end_tick ? event.tick : s->end_tick;
            event.tick -= event.tick < s->start_tick ? event.tick : s->start_tick;
            ps_edit_add(draft, event);
        } else if (event.tick < s->start_tick && keep[i]) {
            event.tick = 0;
            ps_edit_add(draft, event);
        } else if (is_in(s, &event)) {
            event.tick -= s->start_tick;
            ps_edit_add(draft, event);
            if (event.kind == PS_EVENT_NOTE_ON && alone && s->end_tick != UINT64_MAX)
                add_end(draft, s, event);
        }
    }
}

static ps_status check(stretch *s, const ps_score *score, double start_sec, double end_sec,
                       ps_error *err)
{
    if (!(start_sec >= 0.0 && start_sec <= score->info.seconds))
        return ps_fail(err, PS_BAD_ARGUMENT, "a start of %g s is not within 0..%g (the piece)",
                       start_sec, score->info.seconds);
    if (!(end_sec < 0.0 || end_sec > start_sec))
        return ps_fail(err, PS_BAD_ARGUMENT, "an end of %g s is not after the start, %g s", end_sec,
                       start_sec);
    s->start_tick = ps_score_tick(score, start_sec);
    s->end_tick = end_sec < 0.0 ? UINT64_MAX : ps_score_tick(score, end_sec);
    return PS_OK;
}

ps_status ps_score_trim(ps_score **out, const ps_score *score, double start_sec, double end_sec,
                        const ps_score_options *options, ps_error *err)
{
    const ps_allocator *allocator = ps_score_allocator(options);
    ps_score *draft = NULL;
    size_t *partner = NULL;
    bool *keep = NULL;
    stretch s = {0, 0};
    ps_status status = check(&s, score, start_sec, end_sec, err);

    if (status == PS_OK)
        status = ps_note_partners(&partner, score, allocator, err);
    if (status == PS_OK)
        status = ps_edit_begin(&draft, score, score->info.tracks, score->count + score->info.notes,
                               options, err);
    if (status == PS_OK) {
        keep = ps_alloc(allocator, score->count, sizeof *keep);
        if (!keep)
            status = ps_edit_no_memory(draft, err);
    }
    if (status == PS_OK) {
        chase_all(keep, score, s.start_tick);
        add_stretch(draft, score, &s, partner, keep);
        status = ps_score_finish(out, draft, err);
    }
    ps_free(allocator, keep);
    ps_free(allocator, partner);
    return status;
}
