/* Faster, slower, or one tempo for all. */
#include "midi/edit.h"

#include <math.h>

#define LARGEST_TEMPO 0xffffffu /* microseconds per quarter note in three bytes */

/* SMPTE time knows no tempo: the ticks themselves move. */
static void scale_ticks(ps_score *draft, double factor)
{
    for (size_t i = 0; i < draft->count; i++) {
        const double tick = floor((double)draft->events[i].tick / factor + 0.5);

        draft->events[i].tick = tick < (double)PS_LAST_TICK ? (uint64_t)tick : PS_LAST_TICK;
    }
}

static double scaled_tempo(uint32_t tempo, double factor)
{
    return floor(tempo / factor + 0.5);
}

static ps_status check_tempo(uint32_t tempo, double factor, ps_error *err)
{
    const double scaled = scaled_tempo(tempo, factor);

    if (scaled >= 1.0 && scaled <= LARGEST_TEMPO)
        return PS_OK;
    return ps_fail(err, PS_BAD_ARGUMENT,
                   "%g times as fast, a tempo of %.6g bpm becomes %.6g bpm, not within %.4g..%g",
                   factor, 60e6 / tempo, 60e6 / tempo * factor, 60e6 / LARGEST_TEMPO, 60e6);
}

static bool set_tempo_bytes(ps_score *draft, ps_event *event, uint32_t tempo)
{
    uint8_t *data = ps_edit_data(draft, event->data, event->data_bytes);

    if (!data)
        return false;
    data[0] = (uint8_t)(tempo >> 16);
    data[1] = (uint8_t)(tempo >> 8);
    data[2] = (uint8_t)tempo;
    event->data = data;
    return true;
}

static bool says_tempo_at_start(const ps_score *score)
{
    for (size_t i = 0; i < score->count && score->events[i].tick == 0; i++)
        if (ps_event_tempo(&score->events[i]) != 0)
            return true;
    return false;
}

static bool add_scaled(ps_score *draft, const ps_score *score, double factor)
{
    if (!says_tempo_at_start(score) &&
        !ps_edit_add_tempo(draft, (uint32_t)scaled_tempo(ps_tempo_at(score, 0), factor)))
        return false;
    for (size_t i = 0; i < score->count; i++) {
        ps_event event = score->events[i];
        const uint32_t tempo = ps_event_tempo(&event);

        if (tempo != 0 && !set_tempo_bytes(draft, &event, (uint32_t)scaled_tempo(tempo, factor)))
            return false;
        ps_edit_add(draft, event);
    }
    return true;
}

ps_status ps_score_scale_tempo(ps_score **out, const ps_score *score, double factor,
                               const ps_score_options *options, ps_error *err)
{
    ps_score *draft = NULL;
    ps_status status = PS_OK;

    if (!(factor >= 0.01 && factor <= 100.0))
        return ps_fail(err, PS_BAD_ARGUMENT, "a factor of %g is not within 0.01..100", factor);
    if (!score->info.smpte) {
        status = check_tempo(ps_tempo_at(score, 0), factor, err);
        for (size_t i = 0; i < score->count && status == PS_OK; i++)
            if (ps_event_tempo(&score->events[i]) != 0)
                status = check_tempo(ps_event_tempo(&score->events[i]), factor, err);
    }
    if (status == PS_OK)
        status = ps_edit_begin(&draft, score, score->info.tracks, score->count + 1, options, err);
    if (status != PS_OK)
        return status;
    if (score->info.smpte) {
        ps_edit_add_all(draft, score);
        scale_ticks(draft, factor);
    } else if (!add_scaled(draft, score, factor)) {
        return ps_edit_no_memory(draft, err);
    }
    return ps_score_finish(out, draft, err);
}

ps_status ps_score_set_tempo(ps_score **out, const ps_score *score, double bpm,
                             const ps_score_options *options, ps_error *err)
{
    ps_score *draft = NULL;
    ps_status status;

    if (!(bpm >= 60e6 / LARGEST_TEMPO && bpm <= 60e6))
        return ps_fail(err, PS_BAD_ARGUMENT, "a tempo of %g bpm is not within %.4g..%g", bpm,
                       60e6 / LARGEST_TEMPO, 60e6);
    if (score->info.smpte)
        return ps_fail(err, PS_UNSUPPORTED, "midi: time in SMPTE frames has no tempo to set");
    status = ps_edit_begin(&draft, score, score->info.tracks, score->count + 1, options, err);
    if (status != PS_OK)
        return status;
    if (!ps_edit_add_tempo(draft, (uint32_t)floor(60e6 / bpm + 0.5)))
        return ps_edit_no_memory(draft, err);
    for (size_t i = 0; i < score->count; i++)
        if (!ps_event_is_meta(&score->events[i], PS_META_TEMPO))
            ps_edit_add(draft, score->events[i]);
    return ps_score_finish(out, draft, err);
}
