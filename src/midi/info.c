/* The summary of a score: one walk over its events. */
#include "midi/info.h"

#include <string.h>

#define META_TEXT  0x01u
#define META_LYRIC 0x05u

static void read_time_signature(ps_score_info *info, const ps_event *event)
{
    if (info->numerator != 0 || event->data_bytes < 2 || event->data[0] == 0 || event->data[1] > 7)
        return;
    info->numerator = event->data[0];
    info->denominator = (uint8_t)(1u << event->data[1]);
}

static bool read_key_signature(ps_score_info *info, const ps_event *event)
{
    const int sharps = event->data_bytes < 2   ? 99
                       : event->data[0] < 0x80 ? event->data[0]
                                               : event->data[0] - 256;

    if (sharps < -7 || sharps > 7)
        return false;
    info->sharps = (int8_t)sharps;
    info->minor = event->data[1] == 1;
    return true;
}

/* The texts of .kar files begin with a sign and a letter: @K kind, @L language, @T title... */
static bool is_karaoke(const ps_event *event)
{
    if (event->a == META_LYRIC)
        return true;
    return event->a == META_TEXT && event->data_bytes >= 2 && event->data[0] == '@' &&
           memchr("KLTVI", event->data[1], 5) != NULL;
}

typedef struct walk {
    bool has_key;
    const ps_event *title, *karaoke_title, *copyright;
    uint8_t channels[PS_SCORE_CHANNELS];
    uint64_t last_note_tick;
} walk;

static void walk_meta(ps_score_info *info, walk *w, const ps_event *event)
{
    switch (event->a) {
    case PS_META_TEMPO:
        info->tempo_changes += ps_event_tempo(event) != 0;
        break;
    case PS_META_TIME_SIGNATURE:
        read_time_signature(info, event);
        break;
    case PS_META_KEY_SIGNATURE:
        w->has_key = w->has_key || read_key_signature(info, event);
        break;
    case PS_META_TRACK_NAME:
        if (!w->title && event->data_bytes > 0)
            w->title = event;
        break;
    case PS_META_COPYRIGHT:
        if (!w->copyright && event->data_bytes > 0)
            w->copyright = event;
        break;
    default:
        if (!is_karaoke(event))
            break;
        info->karaoke = true;
        if (!w->karaoke_title && event->a == META_TEXT && event->data[1] == 'T')
            w->karaoke_title = event;
        break;
    }
}

static void walk_events(ps_score *score, walk *w)
{
    ps_score_info *info = &score->info;

    for (size_t i = 0; i < score->count; i++) {
        const ps_event *event = &score->events[i];

        if (event->kind == PS_EVENT_META)
            walk_meta(info, w, event);
        if (ps_event_is_note(event))
            w->last_note_tick = event->tick;
        if (event->kind == PS_EVENT_NOTE_ON) {
            info->notes++;
            info->channels_used += w->channels[event->channel] == 0;
            w->channels[event->channel] = 1;
        }
    }
}

/* What is set already (by a container), or the event's text from byte `skip` on. */
static const char *text_of(ps_score *score, const char *set, const ps_event *event, uint32_t skip,
                           bool *failed)
{
    if (!set && event) {
        set = ps_score_text(score, event->data + skip, event->data_bytes - skip);
        *failed = *failed || !set;
    }
    return set;
}

ps_status ps_score_fill_info(ps_score *score)
{
    ps_score_info *info = &score->info;
    bool failed = false;
    walk w;

    memset(&w, 0, sizeof w);
    walk_events(score, &w);
    info->smpte = ps_division_is_smpte(score->division);
    info->ticks_per_sec = info->smpte ? ps_division_ticks_per_sec(score->division) : 0.0;
    info->ticks_per_quarter = info->smpte ? 0 : score->division;
    info->last_tick = score->count > 0 ? score->events[score->count - 1].tick : 0;
    info->seconds = ps_score_seconds(score, info->last_tick);
    info->music_seconds = ps_score_seconds(score, w.last_note_tick);
    info->first_bpm = 60e6 / ps_tempo_at(score, 0);
    if (info->numerator == 0)
        info->numerator = info->denominator = 4;
    info->title = text_of(score, info->title, w.karaoke_title, 2, &failed);
    info->title = text_of(score, info->title, w.title, 0, &failed);
    info->copyright = text_of(score, info->copyright, w.copyright, 0, &failed);
    return failed ? PS_NO_MEMORY : PS_OK;
}

void ps_score_get_info(const ps_score *score, ps_score_info *info)
{
    *info = score->info;
}
