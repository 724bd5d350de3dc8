/* `plainsong midi info`: what is in a MIDI file, for people and for programs. */
#include <string.h>

#include "json_out.h"
#include "midi.h"

#define META_LYRIC  0x05
#define META_MARKER 0x06
#define META_TEMPO  0x51

typedef struct info_values {
    bool json, strict;
} info_values;

static const cli_option info_options[] = {
    {"json", 'j', NULL, CLI_FLAG, offsetof(info_values, json), NULL, "print JSON"},
    MIDI_STRICT_ROW(offsetof(info_values, strict)),
    CLI_OPTIONS_END,
};

typedef struct channel_facts {
    size_t events, notes;
    uint8_t lowest_key, highest_key;
    bool programs[128];
} channel_facts;

/* What get_info does not count. */
typedef struct facts {
    ps_score_info info;
    channel_facts channels[PS_SCORE_CHANNELS];
    size_t events, markers, lyrics;
    double slowest_bpm, fastest_bpm;
    ps_score_loop loop;
    bool loops;
} facts;

/* Quarters a minute of a tempo event, else 0. */
static double bpm_of(const ps_event *e)
{
    const uint32_t tempo = e->kind == PS_EVENT_META && e->a == META_TEMPO && e->data_bytes >= 3
                               ? (uint32_t)(e->data[0] << 16 | e->data[1] << 8 | e->data[2])
                               : 0;

    return tempo ? 60e6 / tempo : 0.0;
}

static void count_channel_event(channel_facts *channel, const ps_event *e)
{
    channel->events++;
    if (e->kind == PS_EVENT_PROGRAM)
        channel->programs[e->a] = true;
    if (e->kind != PS_EVENT_NOTE_ON)
        return;
    if (channel->notes == 0 || e->a < channel->lowest_key)
        channel->lowest_key = e->a;
    if (channel->notes == 0 || e->a > channel->highest_key)
        channel->highest_key = e->a;
    channel->notes++;
}

static void find_facts(facts *f, const ps_score *score)
{
    const ps_event *events = ps_score_events(score, &f->events);

    ps_score_get_info(score, &f->info);
    f->loops = ps_score_find_loop(score, &f->loop);
    f->slowest_bpm = f->fastest_bpm = f->info.first_bpm;
    for (size_t i = 0; i < f->events; i++) {
        const ps_event *e = &events[i];
        const double bpm = bpm_of(e);

        if (e->kind < PS_EVENT_SYSEX)
            count_channel_event(&f->channels[e->channel], e);
        f->markers += e->kind == PS_EVENT_META && e->a == META_MARKER;
        f->lyrics += e->kind == PS_EVENT_META && e->a == META_LYRIC;
        if (bpm > 0.0 && bpm < f->slowest_bpm)
            f->slowest_bpm = bpm;
        if (bpm > f->fastest_bpm)
            f->fastest_bpm = bpm;
    }
}

static const char *key_name(const ps_score_info *info)
{
    static const char *const names[] = {"Cb", "Gb", "Db", "Ab", "Eb", "Bb", "F",  "C",  "G",
                                        "D",  "A",  "E",  "B",  "F#", "C#", "G#", "D#", "A#"};

    /* A minor key has the signs of the major key three fifths below. */
    return names[info->sharps + 7 + (info->minor ? 3 : 0)];
}

/* ---- For people -------------------------------------------------------------------------------
 */

/* How many bytes at s are one character of UTF-8 beyond ASCII; 0 when they are none. */
static size_t utf8_bytes(const unsigned char *s)
{
    const size_t bytes = s[0] >= 0xf0 && s[0] < 0xf5   ? 4
                         : s[0] >= 0xe0 && s[0] < 0xf0 ? 3
                         : s[0] >= 0xc2 && s[0] < 0xe0 ? 2
                                                       : 0;

    for (size_t i = 1; i < bytes; i++)
        if ((s[i] & 0xc0) != 0x80)
            return 0;
    return bytes;
}

/* A text that nobody says the encoding of: UTF-8 where it is that, else Latin-1. Control characters
   could upset a terminal. */
static void print_text(const char *label, const char *text)
{
    const unsigned char *s = (const unsigned char *)text;

    if (!text || !*text)
        return;
    printf("%s", label);
    while (*s) {
        const size_t bytes = utf8_bytes(s);

        if (bytes > 0 && !(s[0] == 0xc2 && s[1] < 0xa0))
            fwrite(s, 1, bytes, stdout);
        else if (bytes == 0 && *s >= 0xa0)
            printf("%c%c", 0xc0 | *s >> 6, 0x80 | (*s & 0x3f));
        else
            putchar(*s >= 0x20 && *s < 0x7f ? *s : '?');
        s += bytes > 0 ? bytes : 1;
    }
    putchar('\n');
}

static void print_time(const char *label, double seconds)
{
    const unsigned long long ms = (unsigned long long)(seconds * 1000.0 + 0.5);

    printf("%s%llu:%02llu.%03llu", label, ms / 60000, ms / 1000 % 60, ms % 1000);
}

static void print_key(uint8_t key)
{
    static const char *const names[] = {"C",  "C#", "D",  "D#", "E",  "F",
                                        "F#", "G",  "G#", "A",  "A#", "B"};

    printf("%s%d", names[key % 12], key / 12 - 1);
}

static void print_tempo(const facts *f)
{
    if (f->info.smpte)
        printf("time in SMPTE frames, %g ticks a second\n", f->info.ticks_per_sec);
    else if (f->slowest_bpm < f->fastest_bpm)
        printf("tempo %.4g bpm, %zu tempos from %.4g to %.4g bpm\n", f->info.first_bpm,
               f->info.tempo_changes, f->slowest_bpm, f->fastest_bpm);
    else
        printf("tempo %.4g bpm\n", f->info.first_bpm);
}

static void print_channel(uint32_t channel, const channel_facts *of)
{
    bool first = true;

    printf("%9u%9zu  ", (unsigned)channel + 1, of->notes);
    if (of->notes > 0) {
        print_key(of->lowest_key);
        printf(" to ");
        print_key(of->highest_key);
    } else {
        printf("no notes");
    }
    for (int program = 0; program < 128; program++) {
        if (of->programs[program])
            printf("%s%d", first ? "; program " : ", ", program + 1);
        first = first && !of->programs[program];
    }
    printf("%s\n", channel % 16 == 9 ? " (drums)" : "");
}

static void print_facts(const facts *f, const ps_score *score, const char *path)
{
    const ps_score_info *info = &f->info;

    printf("%s\n", cli_input_name(path));
    print_text("title ", info->title);
    print_text("copyright ", info->copyright);
    printf("%s%sformat %u, %u track%s", info->rmid ? "RMID, " : "",
           info->karaoke ? "karaoke, " : "", (unsigned)info->format, (unsigned)info->tracks,
           info->tracks == 1 ? "" : "s");
    if (!info->smpte)
        printf(", %u ticks per quarter note", (unsigned)info->ticks_per_quarter);
    print_time("\nlength ", info->seconds);
    print_time(", last note ends at ", info->music_seconds);
    putchar('\n');
    print_tempo(f);
    printf("time signature %u/%u, key %s %s\n", info->numerator, info->denominator, key_name(info),
           info->minor ? "minor" : "major");
    if (f->loops) {
        print_time("loop from ", ps_score_seconds(score, f->loop.start_tick));
        print_time(" to ", ps_score_seconds(score, f->loop.end_tick));
        putchar('\n');
    }
    if (f->markers > 0 || f->lyrics > 0)
        printf("%zu markers, %zu lyrics\n", f->markers, f->lyrics);
    printf("%zu notes on %u channel%s\n", info->notes, (unsigned)info->channels_used,
           info->channels_used == 1 ? "" : "s");
    for (uint32_t channel = 0; channel < PS_SCORE_CHANNELS; channel++) {
        if (f->channels[channel].events > 0)
            print_channel(channel, &f->channels[channel]);
    }
}

/* ---- For programs -----------------------------------------------------------------------------
 */

static void put_info(json_out *j, const facts *f)
{
    const ps_score_info *info = &f->info;

    json_integer(j, "format", info->format);
    json_integer(j, "tracks", info->tracks);
    json_bool(j, "smpte", info->smpte);
    if (info->smpte)
        json_number(j, "ticks_per_sec", info->ticks_per_sec);
    else
        json_integer(j, "ticks_per_quarter", info->ticks_per_quarter);
    json_integer(j, "last_tick", (int64_t)info->last_tick);
    json_number(j, "seconds", info->seconds);
    json_number(j, "music_seconds", info->music_seconds);
    json_integer(j, "events", (int64_t)f->events);
    json_integer(j, "notes", (int64_t)info->notes);
    json_integer(j, "channels_used", info->channels_used);
    json_integer(j, "tempo_changes", (int64_t)info->tempo_changes);
    json_number(j, "first_bpm", info->first_bpm);
    json_integer(j, "numerator", info->numerator);
    json_integer(j, "denominator", info->denominator);
    json_integer(j, "sharps", info->sharps);
    json_bool(j, "minor", info->minor);
    json_bool(j, "rmid", info->rmid);
    json_bool(j, "karaoke", info->karaoke);
    json_text(j, "title", info->title);
    json_text(j, "copyright", info->copyright);
    json_integer(j, "markers", (int64_t)f->markers);
    json_integer(j, "lyrics", (int64_t)f->lyrics);
}

static void put_loop(json_out *j, const facts *f, const ps_score *score)
{
    if (!f->loops) {
        json_null(j, "loop");
        return;
    }
    json_object(j, "loop");
    json_integer(j, "start_tick", (int64_t)f->loop.start_tick);
    json_integer(j, "end_tick", (int64_t)f->loop.end_tick);
    json_number(j, "start_seconds", ps_score_seconds(score, f->loop.start_tick));
    json_number(j, "end_seconds", ps_score_seconds(score, f->loop.end_tick));
    json_end(j);
}

static void put_channels(json_out *j, const facts *f)
{
    json_array(j, "channels");
    for (uint32_t channel = 0; channel < PS_SCORE_CHANNELS; channel++) {
        const channel_facts *of = &f->channels[channel];

        if (of->events == 0)
            continue;
        json_object(j, NULL);
        json_integer(j, "channel", channel + 1);
        json_integer(j, "events", (int64_t)of->events);
        json_integer(j, "notes", (int64_t)of->notes);
        if (of->notes > 0) {
            json_integer(j, "lowest_key", of->lowest_key);
            json_integer(j, "highest_key", of->highest_key);
        }
        json_array(j, "programs");
        for (int program = 0; program < 128; program++)
            if (of->programs[program])
                json_integer(j, NULL, program);
        json_end(j);
        json_end(j);
    }
    json_end(j);
}

static void put_tempos(json_out *j, const ps_score *score)
{
    size_t count;
    const ps_event *events = ps_score_events(score, &count);

    json_array(j, "tempos");
    for (size_t i = 0; i < count; i++) {
        if (!(bpm_of(&events[i]) > 0.0))
            continue;
        json_object(j, NULL);
        json_integer(j, "tick", (int64_t)events[i].tick);
        json_number(j, "seconds", ps_score_seconds(score, events[i].tick));
        json_number(j, "bpm", bpm_of(&events[i]));
        json_end(j);
    }
    json_end(j);
}

static void put_facts(const cli *c, const facts *f, const ps_score *score, const char *path)
{
    json_out j;

    json_begin(&j, stdout);
    json_object(&j, NULL);
    json_text(&j, "file", path);
    json_text(&j, "kind", "midi");
    put_info(&j, f);
    put_loop(&j, f, score);
    put_channels(&j, f);
    put_tempos(&j, score);
    json_array(&j, "warnings");
    for (uint32_t i = 0; cli_warning_line(c, i); i++)
        json_text(&j, NULL, cli_warning_line(c, i));
    json_end(&j);
    json_end(&j);
    json_finish(&j);
}

int midi_print_info(cli *c, const char *path, bool json, bool strict)
{
    ps_score *score = NULL;
    ps_error err = {0};
    facts f;

    if (cli_read_score(c, path, strict, &score, &err) != PS_OK)
        return cli_fail(c, path, &err);
    memset(&f, 0, sizeof f);
    find_facts(&f, score);
    if (json)
        put_facts(c, &f, score, path);
    else
        print_facts(&f, score, path);
    ps_score_destroy(score);
    return CLI_DONE;
}

static int run_info(cli *c, const void *values)
{
    const info_values *v = values;

    return midi_print_info(c, c->arguments[0], v->json, v->strict);
}

const cli_command cli_midi_info = {
    .name = "info",
    .arguments = "FILE",
    .summary = "say what is in a MIDI file",
    .details = "Programs are counted from 1 in the text, from 0 in JSON; channels from 1 in both.",
    .examples = "plainsong midi info song.mid\nplainsong midi info --json song.mid",
    .options = info_options,
    .options_bytes = sizeof(info_values),
    .least = 1,
    .most = 1,
    .argument_kind = CLI_FILE,
    .run = run_info,
};
