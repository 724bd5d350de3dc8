/* A click on every beat: bars before the piece, and the piece itself, by its time signatures. */
#include "midi/edit.h"

#define MOST_CLICKS 1000000u

static const ps_click_options default_click = {
    .count_in_bars = 1,
    .channel = 9,
    .accent_key = 76,
    .beat_key = 77,
    .accent_velocity = 120,
    .beat_velocity = 90,
};

/* Beats of one time signature: beat b begins b * 4 * ticks_per_quarter / denominator ticks on. */
typedef struct metre {
    uint64_t start_tick;
    uint32_t numerator, denominator;
} metre;

typedef struct clicker {
    ps_score *draft; /* NULL: only count */
    const ps_click_options *click;
    uint32_t track;
    size_t clicks;
} clicker;

static bool read_metre(metre *m, const ps_event *event)
{
    if (!ps_event_is_meta(event, PS_META_TIME_SIGNATURE) || event->data_bytes < 2 ||
        event->data[0] == 0 || event->data[1] > 7)
        return false;
    m->start_tick = event->tick;
    m->numerator = event->data[0];
    m->denominator = 1u << event->data[1];
    return true;
}

static uint64_t beat_tick(const metre *m, uint64_t beat, uint32_t ticks_per_quarter)
{
    return m->start_tick + ps_scale_u64(beat, 4 * (uint64_t)ticks_per_quarter, m->denominator);
}

static void add_click(clicker *c, uint64_t tick, bool accent, uint32_t length_ticks)
{
    const ps_click_options *click = c->click;
    ps_event event = {.tick = tick,
                      .track = c->track,
                      .channel = click->channel,
                      .kind = PS_EVENT_NOTE_ON,
                      .a = accent ? click->accent_key : click->beat_key,
                      .b = accent ? click->accent_velocity : click->beat_velocity};

    c->clicks++;
    if (!c->draft)
        return;
    ps_edit_add(c->draft, event);
    event.tick += length_ticks;
    event.kind = PS_EVENT_NOTE_OFF;
    event.b = 64;
    ps_edit_add(c->draft, event);
}

/* Clicks from the metre's start up to end_tick, `shift` ticks later; false when they are too many.
 */
static bool click_metre(clicker *c, const metre *m, uint64_t end_tick, uint64_t shift,
                        uint32_t ticks_per_quarter)
{
    /* Short enough to be over when the next beat comes. */
    const uint32_t length_ticks = ticks_per_quarter * 2 / m->denominator;

    for (uint64_t beat = 0;; beat++) {
        const uint64_t tick = beat_tick(m, beat, ticks_per_quarter);

        if (tick >= end_tick)
            return true;
        if (c->clicks >= MOST_CLICKS)
            return false;
        add_click(c, tick + shift, beat % m->numerator == 0, length_ticks ? length_ticks : 1);
    }
}

static metre first_metre(const ps_score *score)
{
    const metre m = {0, score->info.numerator, score->info.denominator};

    return m;
}

static uint64_t count_in_ticks(const ps_score *score, uint32_t bars)
{
    const metre m = first_metre(score);

    return beat_tick(&m, (uint64_t)bars * m.numerator, score->division);
}

static bool click_piece(clicker *c, const ps_score *score, uint64_t shift)
{
    metre m = {0, 4, 4};

    for (size_t i = 0; i < score->count; i++) {
        metre next;

        if (!read_metre(&next, &score->events[i]))
            continue;
        if (!click_metre(c, &m, next.start_tick, shift, score->division))
            return false;
        m = next;
    }
    return click_metre(c, &m, score->info.last_tick, shift, score->division);
}

static bool click_all(clicker *c, const ps_score *score, uint64_t shift)
{
    const metre m = first_metre(score);

    return click_metre(c, &m, shift, 0, score->division) &&
           (!c->click->whole_piece || click_piece(c, score, shift));
}

/* What describes the piece stays at its start; what happens in it moves behind the count-in. */
static void add_shifted(ps_score *draft, const ps_score *score, uint64_t shift)
{
    for (size_t i = 0; i < score->count; i++) {
        ps_event event = score->events[i];
        const bool stays =
            event.tick == 0 && event.kind == PS_EVENT_META && event.a != PS_META_END_OF_TRACK;

        if (!stays)
            event.tick = ps_tick_within(event.tick + shift);
        ps_edit_add(draft, event);
    }
}

static ps_status check(const ps_score *score, const ps_click_options *click, ps_error *err)
{
    if (score->info.smpte)
        return ps_fail(err, PS_UNSUPPORTED, "midi: time in SMPTE frames has no beats to click on");
    if (click->count_in_bars > 64)
        return ps_fail(err, PS_BAD_ARGUMENT, "a count-in of %u bars is not within 0..64",
                       (unsigned)click->count_in_bars);
    if (click->channel >= PS_SCORE_CHANNELS)
        return ps_fail(err, PS_BAD_ARGUMENT, "click channel %u is not within 0..%u", click->channel,
                       PS_SCORE_CHANNELS - 1);
    if (click->accent_key > 127 || click->beat_key > 127)
        return ps_fail(err, PS_BAD_ARGUMENT, "click keys %u, %u are not within 0..127",
                       click->accent_key, click->beat_key);
    if (click->accent_velocity < 1 || click->accent_velocity > 127 || click->beat_velocity < 1 ||
        click->beat_velocity > 127)
        return ps_fail(err, PS_BAD_ARGUMENT, "click velocities %u, %u are not within 1..127",
                       click->accent_velocity, click->beat_velocity);
    return PS_OK;
}

ps_status ps_score_add_click(ps_score **out, const ps_score *score, const ps_click_options *click,
                             const ps_score_options *options, ps_error *err)
{
    static const uint8_t name[] = {'C', 'l', 'i', 'c', 'k'};
    const ps_event name_event = {.track = score->info.tracks,
                                 .kind = PS_EVENT_META,
                                 .a = PS_META_TRACK_NAME,
                                 .data_bytes = sizeof name,
                                 .data = name};
    clicker c = {NULL, click ? click : &default_click, score->info.tracks, 0};
    ps_status status = check(score, c.click, err);
    uint64_t shift;

    if (status != PS_OK)
        return status;
    shift = count_in_ticks(score, c.click->count_in_bars);
    if (!click_all(&c, score, shift))
        return ps_fail(err, PS_UNSUPPORTED, "midi: the piece has more than %u beats", MOST_CLICKS);
    status = ps_edit_begin(&c.draft, score, score->info.tracks + 1, score->count + 2 * c.clicks + 1,
                           options, err);
    if (status != PS_OK)
        return status;
    add_shifted(c.draft, score, shift);
    ps_edit_add(c.draft, name_event);
    c.clicks = 0;
    click_all(&c, score, shift);
    return ps_score_finish(out, c.draft, err);
}
