/* plainsong waveform: a picture of a sound file, or of a MIDI file as it would sound. */
#include <string.h>

#include "command.h"

typedef struct waveform_options {
    const char *output;
    int64_t width, height;
    uint8_t foreground[4], background[4];
    const char *soundfont;
    bool no_clobber;
} waveform_options;

#define AT(field) offsetof(waveform_options, field)

/* One hexadecimal digit, or -1. */
static int digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static ps_status parse_color(void *field, const char *text, ps_error *err)
{
    static const struct {
        const char *name;
        uint8_t color[4];
    } names[] = {
        {"transparent", {0, 0, 0, 0}},   {"black", {0, 0, 0, 255}},
        {"white", {255, 255, 255, 255}}, {"gray", {128, 128, 128, 255}},
        {"red", {220, 40, 40, 255}},     {"green", {40, 160, 70, 255}},
        {"blue", {40, 90, 210, 255}},    {"orange", {240, 140, 20, 255}},
    };
    const char *digits = text[0] == '#' ? text + 1 : text;
    const size_t length = strlen(digits);
    uint8_t color[4] = {0, 0, 0, 255};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (strcmp(text, names[i].name) == 0) {
            memcpy(field, names[i].color, sizeof names[i].color);
            return PS_OK;
        }
    }
    if ((length != 6 && length != 8) || strspn(digits, "0123456789abcdefABCDEF") != length)
        return ps_fail(err, PS_BAD_ARGUMENT,
                       "\"%.60s\" is no colour (#rrggbb, #rrggbbaa, black, white, gray, red, green,"
                       " blue, orange, transparent)",
                       text);
    for (size_t i = 0; i < length / 2; i++)
        color[i] = (uint8_t)(digit(digits[2 * i]) * 16 + digit(digits[2 * i + 1]));
    memcpy(field, color, sizeof color);
    return PS_OK;
}

/* clang-format off */
static const cli_option options[] = {
    {"output", 'o', "FILE", CLI_FILE, AT(output), NULL,
     "PNG file to write, - for standard output (the input's name with .png, in this folder)"},
    {"width", 'w', "PIXELS", CLI_INTEGER, AT(width), "1000", "1..16384", .low = 1, .high = 16384},
    {"height", 'H', "PIXELS", CLI_INTEGER, AT(height), "200", "1..16384", .low = 1, .high = 16384},
    {"color", 'c', "COLOR", CLI_CUSTOM, AT(foreground), "#2878c8",
     "of the waveform: #rrggbb, #rrggbbaa or a simple name", .parse = parse_color},
    {"background", 'b', "COLOR", CLI_CUSTOM, AT(background), "white",
     "behind it; transparent is possible", .parse = parse_color},
    {"soundfont", 's', "FILE", CLI_FILE, AT(soundfont), NULL, "bank that plays a MIDI file"},
    {"no-clobber", 'n', NULL, CLI_FLAG, AT(no_clobber), NULL, "do not replace an existing file"},
    CLI_OPTIONS_END,
};
/* clang-format on */

/* What a MIDI file needs to sound; all NULL for an audio file. */
typedef struct sounding {
    ps_score *score;
    ps_soundfont_file *bank;
    ps_engine *engine;
    ps_source *source;
} sounding;

/* Bytes that begin as a Standard MIDI File or an RMID file do. */
static bool looks_like_midi(const ps_file *file)
{
    size_t size_bytes;
    const uint8_t *bytes = ps_file_bytes(file, &size_bytes);

    if (size_bytes >= 4 && memcmp(bytes, "MThd", 4) == 0)
        return true;
    return size_bytes >= 12 && memcmp(bytes, "RIFF", 4) == 0 && memcmp(bytes + 8, "RMID", 4) == 0;
}

static ps_status open_performance(cli *c, const waveform_options *o, const char *path, sounding *s,
                                  ps_error *err)
{
    const ps_performance_options performance = ps_performance_defaults();
    char bank_path[1024];
    ps_bank_choice choice;
    ps_warnings warnings;
    ps_status status = cli_read_score(c, path, false, &s->score, err);

    if (status == PS_OK && o->soundfont)
        snprintf(bank_path, sizeof bank_path, "%s", o->soundfont);
    else if (status == PS_OK)
        status = ps_soundfont_find_default(bank_path, sizeof bank_path, err);
    if (status != PS_OK)
        return status;
    warnings = cli_warnings(c, bank_path);
    status = ps_soundfont_file_open(&s->bank, bank_path, false, &warnings, err);
    cli_warnings(c, NULL);
    if (status == PS_OK)
        status = ps_engine_create(&s->engine, NULL, err);
    if (status != PS_OK) {
        ps_error_in(err, bank_path);
        return status;
    }
    choice = (ps_bank_choice){ps_soundfont_file_bank(s->bank), 0};
    return ps_performance_create(&s->source, s->engine, s->score, &choice, 1, &performance, err);
}

static ps_status open_sound(cli *c, const waveform_options *o, const char *path, sounding *s,
                            ps_error *err)
{
    ps_file *file = NULL;
    ps_status status = ps_file_map(&file, path, err);
    bool midi;

    if (status != PS_OK)
        return status;
    midi = looks_like_midi(file);
    ps_file_close(file);
    return midi ? open_performance(c, o, path, s, err)
                : ps_audio_file_source(&s->source, path, 0.0, err);
}

static void default_output(const char *input, char *path, size_t path_bytes)
{
    const char *slash = strrchr(input, '/'), *name = slash ? slash + 1 : input;
    const char *dot = strrchr(name, '.');
    const size_t length = dot && dot != name ? (size_t)(dot - name) : strlen(name);

    snprintf(path, path_bytes, "%.*s.png", (int)(length < 200 ? length : 200), name);
}

static int run(cli *c, const void *values)
{
    const waveform_options *o = values;
    ps_waveform_options picture = ps_waveform_defaults();
    const char *input = c->arguments[0], *output = o->output;
    char path[256];
    sounding s = {0};
    uint8_t *bytes = NULL;
    size_t size_bytes = 0;
    ps_error err = {.offset_bytes = PS_NOWHERE};
    ps_status status;

    if (!output) {
        default_output(input, path, sizeof path);
        output = path;
    }
    if (strcmp(output, "-") == 0 && cli_is_terminal(stdout))
        return cli_usage(c, "give it a file with -o FILE, or a pipe",
                         "a picture does not go to a terminal");
    picture.width = (uint32_t)o->width;
    picture.height = (uint32_t)o->height;
    memcpy(picture.foreground, o->foreground, sizeof picture.foreground);
    memcpy(picture.background, o->background, sizeof picture.background);
    status = open_sound(c, o, input, &s, &err);
    if (status == PS_OK)
        status = ps_waveform_png(s.source, &picture, &bytes, &size_bytes, &err);
    if (status != PS_OK)
        ps_error_in(&err, input);
    if (status == PS_OK)
        status = cli_output(c, output, bytes, size_bytes, o->no_clobber, &err);
    ps_free(NULL, bytes);
    ps_source_destroy(s.source);
    ps_engine_destroy(s.engine);
    ps_soundfont_file_close(s.bank);
    ps_score_destroy(s.score);
    if (status != PS_OK)
        return cli_fail(c, NULL, &err);
    cli_say(c, "%s: %lld x %lld pixels", strcmp(output, "-") ? output : "standard output",
            (long long)o->width, (long long)o->height);
    return CLI_DONE;
}

const cli_command cli_waveform = {
    .name = "waveform",
    .arguments = "FILE",
    .summary = "draw the waveform of an audio or MIDI file as a PNG picture",
    .options = options,
    .options_bytes = sizeof(waveform_options),
    .examples = "plainsong waveform song.wav -o song.png --width 1000 --height 200",
    .least = 1,
    .most = 1,
    .argument_kind = CLI_FILE,
    .run = run,
};
