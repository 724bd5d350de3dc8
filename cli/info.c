/* `plainsong info`: what is in a file, be it a bank of sounds, MIDI, a track or audio. */
#include <string.h>
#include <strings.h>

#include "levels.h"
#include "midi.h"
#include "track.h"

typedef struct info_values {
    bool json, strict, level;
} info_values;

static const cli_option info_options[] = {
    {"json", 'j', NULL, CLI_FLAG, offsetof(info_values, json), NULL, "print JSON"},
    {"strict", 0, NULL, CLI_FLAG, offsetof(info_values, strict), NULL,
     "refuse files that are damaged or hold what means nothing"},
    {"level", 'l', NULL, CLI_FLAG, offsetof(info_values, level), NULL,
     "measure an audio file: peaks, loudness and its range"},
    CLI_OPTIONS_END,
};

typedef enum file_kind {
    KIND_BANK,
    KIND_MIDI,
    KIND_TRACK,
    KIND_AUDIO,
} file_kind;

static bool ends_with(const char *name, const char *end)
{
    const size_t length = strlen(name), end_length = strlen(end);

    return length >= end_length && strcasecmp(name + length - end_length, end) == 0;
}

/* By the first bytes; when they say nothing, by the name, so that a damaged file is told of as what
   it was meant to be. */
static file_kind kind_of(const char *path, const uint8_t *bytes, size_t size_bytes)
{
    if (size_bytes >= 12 && memcmp(bytes, "RIFF", 4) == 0) {
        if (memcmp(bytes + 8, "sfbk", 4) == 0)
            return KIND_BANK;
        if (memcmp(bytes + 8, "RMID", 4) == 0)
            return KIND_MIDI;
    }
    if (size_bytes >= 4 && memcmp(bytes, "MThd", 4) == 0)
        return KIND_MIDI;
    if (ends_with(path, ".sf2") || ends_with(path, ".sf3"))
        return KIND_BANK;
    if (ends_with(path, ".mid") || ends_with(path, ".midi") || ends_with(path, ".kar") ||
        ends_with(path, ".rmi"))
        return KIND_MIDI;
    if (cli_is_track(path, bytes, size_bytes))
        return KIND_TRACK;
    return KIND_AUDIO;
}

/* ---- Banks ------------------------------------------------------------------------------------
 */

static const char *sample_kind(const ps_soundfont_info *info)
{
    return info->vorbis ? "Vorbis" : info->has_24_bit ? "24-bit" : "16-bit";
}

/* The bank has made it UTF-8 without control characters but line ends: these are indented. */
static void print_text(const char *label, const char *text)
{
    if (text[0] == '\0')
        return;
    printf("%s ", label);
    for (; *text; text++) {
        if (*text == '\n')
            printf("\n    ");
        else if (*text != '\r')
            putchar(*text);
    }
    putchar('\n');
}

static void print_bank(const char *path, const ps_soundfont_info *info)
{
    printf("%s\n", path);
    print_text("name", info->name);
    printf("SoundFont %u.%02u, %.1f MB of %s samples\n", (unsigned)info->version_major,
           (unsigned)info->version_minor, (double)info->sample_bytes / 1e6, sample_kind(info));
    printf("%u presets, %u instruments, %u samples\n", (unsigned)info->presets,
           (unsigned)info->instruments, (unsigned)info->samples);
    print_text("author", info->author);
    print_text("copyright", info->copyright);
    print_text("date", info->date);
    print_text("product", info->product);
    print_text("engine", info->engine);
    print_text("made with", info->tool);
    print_text("comment", info->comment);
}

static void put_warnings(const cli *c, json_out *j)
{
    json_array(j, "warnings");
    for (uint32_t i = 0; cli_warning_line(c, i); i++)
        json_text(j, NULL, cli_warning_line(c, i));
    json_end(j);
}

static void put_bank(const cli *c, const char *path, const ps_soundfont_info *info)
{
    char version[24];
    json_out j;

    snprintf(version, sizeof version, "%u.%02u", (unsigned)info->version_major,
             (unsigned)info->version_minor);
    json_begin(&j, stdout);
    json_object(&j, NULL);
    json_text(&j, "file", path);
    json_text(&j, "kind", "soundfont");
    json_text(&j, "version", version);
    json_text(&j, "name", info->name);
    json_text(&j, "author", info->author);
    json_text(&j, "copyright", info->copyright);
    json_text(&j, "comment", info->comment);
    json_text(&j, "engine", info->engine);
    json_text(&j, "date", info->date);
    json_text(&j, "product", info->product);
    json_text(&j, "tool", info->tool);
    json_bool(&j, "vorbis", info->vorbis);
    json_bool(&j, "has_24_bit", info->has_24_bit);
    json_integer(&j, "presets", info->presets);
    json_integer(&j, "instruments", info->instruments);
    json_integer(&j, "samples", info->samples);
    json_integer(&j, "sample_bytes", (int64_t)info->sample_bytes);
    put_warnings(c, &j);
    json_end(&j);
    json_finish(&j);
}

static int info_of_bank(cli *c, const char *path, const info_values *v)
{
    const ps_warnings warnings = cli_warnings(c, path);
    ps_soundfont_file *file = NULL;
    ps_soundfont_info info;
    ps_error err = {0};

    if (ps_soundfont_file_open(&file, path, v->strict, &warnings, &err) != PS_OK)
        return cli_fail(c, path, &err);
    ps_soundfont_get_info(ps_soundfont_file_bank(file), &info);
    if (v->json)
        put_bank(c, path, &info);
    else
        print_bank(path, &info);
    ps_soundfont_file_close(file);
    return CLI_DONE;
}

/* ---- Audio ------------------------------------------------------------------------------------
 */

/* levels: NULL when they were not asked for. */
static void print_audio(const char *path, const ps_audio_info *info, double seconds,
                        const ps_levels *levels)
{
    const unsigned long long ms = (unsigned long long)(seconds * 1000.0 + 0.5);

    printf("%s\n%s, %s\n", path, info->container, info->encoding);
    printf("%u Hz, %u channel%s\n", (unsigned)info->rate_hz, (unsigned)info->channels,
           info->channels == 1 ? "" : "s");
    printf("length %llu:%02llu.%03llu (%llu frames)\n", ms / 60000, ms / 1000 % 60, ms % 1000,
           (unsigned long long)info->frames);
    if (levels)
        cli_print_levels(levels);
}

static void put_audio(const char *path, const ps_audio_info *info, double seconds,
                      const ps_levels *levels)
{
    json_out j;

    json_begin(&j, stdout);
    json_object(&j, NULL);
    json_text(&j, "file", path);
    json_text(&j, "kind", "audio");
    json_text(&j, "container", info->container);
    json_text(&j, "encoding", info->encoding);
    json_integer(&j, "rate_hz", info->rate_hz);
    json_integer(&j, "channels", info->channels);
    json_integer(&j, "frames", (int64_t)info->frames);
    json_number(&j, "seconds", seconds);
    if (levels) {
        json_object(&j, "levels");
        cli_put_levels(&j, levels);
        json_end(&j);
    }
    json_end(&j);
    json_finish(&j);
}

static ps_status measure(cli *c, const char *path, uint32_t channels, ps_levels *levels,
                         ps_error *err)
{
    ps_engine *engine = NULL;
    ps_status status = ps_engine_create(&engine, NULL, err);

    if (status == PS_OK)
        status = ps_audio_file_levels(path, engine, PS_MEASURE_ALL, levels, err);
    if (status == PS_OK && channels > 2)
        cli_warn(c, path, "only the first two of %u channels are measured", (unsigned)channels);
    ps_engine_destroy(engine);
    return status;
}

static int info_of_audio(cli *c, const char *path, const info_values *v)
{
    ps_audio_info info;
    ps_levels levels;
    ps_error err = {0};
    double seconds;

    if (ps_audio_file_info(path, &info, &err) != PS_OK) {
        if (err.status == PS_BAD_DATA)
            ps_hint(&err, "info reads SoundFonts (.sf2, .sf3), MIDI, tracks and audio files");
        return cli_fail(c, path, &err);
    }
    if (v->level && measure(c, path, info.channels, &levels, &err) != PS_OK)
        return cli_fail(c, path, &err);
    seconds = info.rate_hz > 0 ? (double)info.frames / info.rate_hz : 0.0;
    if (v->json)
        put_audio(path, &info, seconds, v->level ? &levels : NULL);
    else
        print_audio(path, &info, seconds, v->level ? &levels : NULL);
    return CLI_DONE;
}

/* ---- The command ------------------------------------------------------------------------------
 */

static int no_levels(const cli *c)
{
    return cli_usage(c, "plainsong render FILE -o null: --json measures how it sounds",
                     "--level is for audio files");
}

/* Standard input can be read once: its first byte tells MIDI, which begins with a letter. */
static int info_of_input(cli *c, const info_values *v)
{
    const int first = getc(stdin);

    if (first != EOF)
        ungetc(first, stdin);
    if (first == 'M' || first == 'R' || first == EOF)
        return midi_print_info(c, "-", v->json, v->strict);
    return cli_track_info(c, "-", v->json, v->strict);
}

static int run(cli *c, const void *values)
{
    const info_values *v = values;
    const char *path = c->arguments[0];
    const uint8_t *bytes;
    size_t size_bytes;
    ps_file *file = NULL;
    ps_error err = {0};
    file_kind kind;

    if (strcmp(path, "-") == 0)
        return v->level ? no_levels(c) : info_of_input(c, v);
    if (cli_input(c, path, &file, &err) != PS_OK)
        return cli_fail(c, path, &err);
    bytes = ps_file_bytes(file, &size_bytes);
    kind = kind_of(path, bytes, size_bytes);
    ps_file_close(file);
    if (v->level && kind != KIND_AUDIO)
        return no_levels(c);
    switch (kind) {
    case KIND_BANK:
        return info_of_bank(c, path, v);
    case KIND_MIDI:
        return midi_print_info(c, path, v->json, v->strict);
    case KIND_TRACK:
        return cli_track_info(c, path, v->json, v->strict);
    case KIND_AUDIO:
        break;
    }
    return info_of_audio(c, path, v);
}

const cli_command cli_info = {
    .name = "info",
    .arguments = "FILE",
    .summary = "say what is in a SoundFont, MIDI, track or audio file",
    .details =
        "- is standard input, for MIDI and tracks only. The presets of a SoundFont: plainsong list "
        "presets --soundfont FILE.",
    .examples = "plainsong info TimGM6mb.sf2\nplainsong info --json song.mid\n"
                "plainsong info track.json\nplainsong info take.flac --level",
    .options = info_options,
    .options_bytes = sizeof(info_values),
    .least = 1,
    .most = 1,
    .argument_kind = CLI_FILE,
    .run = run,
};
