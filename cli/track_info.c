/* `plainsong info` of tracks: what plays when, for people and for programs. */
#include <math.h>
#include <string.h>
#include <strings.h>

#include "json_out.h"
#include "plainsong/track_file.h"
#include "track.h"

/* A voice preset has no length of its own; editors try one for so long. */
#define PRESET_SEC 30.0

static bool ends_with(const char *name, const char *end)
{
    const size_t length = strlen(name), end_length = strlen(end);

    return length >= end_length && strcasecmp(name + length - end_length, end) == 0;
}

static bool is_preset(const char *path)
{
    return ends_with(path, ".voice") || ends_with(path, ".voices");
}

bool cli_is_track(const char *path, const uint8_t *bytes, size_t size_bytes)
{
    return ps_track_file_is_likely(bytes, size_bytes) || is_preset(path) ||
           ends_with(path, ".json") || ends_with(path, ".noise");
}

/* ---- For people ---------------------------------------------------------------------------- */

/* Texts of the file must not steer the terminal. */
static void print_text(const char *text)
{
    for (; *text; text++)
        putchar((unsigned char)*text < 0x20 || *text == 0x7f ? '?' : *text);
}

static void print_time(double seconds)
{
    const unsigned long long ms = seconds > 0.0 ? (unsigned long long)(seconds * 1000.0 + 0.5) : 0;

    printf("%llu:%02llu.%03llu", ms / 60000, ms / 1000 % 60, ms % 1000);
}

static double end_sec(const ps_track *track)
{
    size_t count;
    const ps_track_step *steps = ps_track_get_steps(track, &count);
    double end = 0.0;

    for (size_t i = 0; i < count; i++) {
        if (steps[i].duration_sec > 0.0)
            end = fmax(end, fmax(0.0, steps[i].start_sec) + steps[i].duration_sec);
    }
    return end;
}

static void print_voice(const ps_track_voice *voice, const char *lead)
{
    const ps_value *type = ps_value_member(&voice->envelope, "type");
    const char *words = type && type->kind == PS_VALUE_TEXT ? type->text : NULL;

    printf("%s", lead);
    print_text(voice->function[0] != '\0' ? voice->function : "(no function)");
    if (voice->is_transition && !ends_with(voice->function, "_transition"))
        printf(", transition");
    if (words) {
        printf(", ");
        print_text(words);
    }
    if (voice->description) {
        printf(": ");
        print_text(voice->description);
    }
    putchar('\n');
}

static void print_steps(const ps_track *track)
{
    size_t count;
    const ps_track_step *steps = ps_track_get_steps(track, &count);

    for (size_t i = 0; i < count; i++) {
        printf("step %zu at ", i + 1);
        print_time(steps[i].start_sec);
        printf(" for ");
        print_time(steps[i].duration_sec);
        if (steps[i].description) {
            printf(": ");
            print_text(steps[i].description);
        }
        putchar('\n');
        for (size_t v = 0; v < steps[i].voice_count; v++)
            print_voice(&steps[i].voices[v], "    ");
    }
}

/* "gain 0.5, pan -1, fade-in 2 s": what is not as it is anyway. */
static void print_place(double start_sec, double gain, double pan, double in_sec, double out_sec)
{
    printf(", gain %g", gain);
    if (start_sec != 0.0) {
        printf(", from ");
        print_time(start_sec);
    }
    if (pan != 0.0)
        printf(", pan %g", pan);
    if (in_sec > 0.0)
        printf(", fade-in %g s", in_sec);
    if (out_sec > 0.0)
        printf(", fade-out %g s", out_sec);
}

static const char *noise_type(const ps_track_noise *noise)
{
    const ps_value *type = ps_value_member(&noise->params, "noise_type");

    return type && type->kind == PS_VALUE_TEXT ? type->text : "pink";
}

static bool has_noise(const ps_track_noise *noise)
{
    return noise && !ps_value_is_null(&noise->params);
}

static void print_noise(const ps_track_noise *noise)
{
    if (!has_noise(noise))
        return;
    printf("noise ");
    print_text(noise_type(noise));
    if (noise->path) {
        printf(" (");
        print_text(noise->path);
        printf(")");
    }
    print_place(noise->start_sec, noise->gain, noise->pan, noise->fade_in_sec, noise->fade_out_sec);
    if (!ps_value_is_null(&noise->envelope))
        printf(", %zu gain points", noise->envelope.count);
    putchar('\n');
}

/* A path for people: data stands in some tracks, which nobody wants to see. */
static void clip_name(char *name, size_t bytes, const ps_track_clip *clip)
{
    snprintf(name, bytes, "%s", clip->path ? clip->path : "(samples to be pushed)");
    if (clip->path && strncasecmp(clip->path + strspn(clip->path, " \t\r\n"), "data:", 5) == 0)
        snprintf(name, bytes, "data: URL, %zu bytes", strlen(clip->path));
}

static void print_clips(const ps_track *track)
{
    size_t count;
    const ps_track_clip *clips = ps_track_get_clips(track, &count);

    for (size_t i = 0; i < count; i++) {
        char name[256];

        clip_name(name, sizeof name, &clips[i]);
        printf("clip ");
        print_text(name);
        print_place(clips[i].start_sec, clips[i].gain, clips[i].pan, clips[i].fade_in_sec,
                    clips[i].fade_out_sec);
        if (clips[i].description) {
            printf(": ");
            print_text(clips[i].description);
        }
        putchar('\n');
    }
}

static void print_track(const char *path, const ps_track *track)
{
    const ps_track_settings *settings = ps_track_get_settings(track);
    size_t count;

    ps_track_get_steps(track, &count);
    printf("%s\ntrack, %zu step%s, ends at ", cli_input_name(path), count, count == 1 ? "" : "s");
    print_time(end_sec(track));
    printf("\n%u Hz, crossfade %g s %s\noutput ", (unsigned)settings->rate_hz,
           settings->crossfade_sec, settings->equal_power ? "at equal power" : "linear");
    print_text(settings->output_name);
    putchar('\n');
    print_steps(track);
    print_noise(ps_track_get_noise(track));
    print_clips(track);
}

/* ---- For programs -------------------------------------------------------------------------- */

static void put_voice(json_out *j, const ps_track_voice *voice)
{
    const ps_value *type = ps_value_member(&voice->envelope, "type");

    json_object(j, NULL);
    json_text(j, "function", voice->function);
    json_bool(j, "transition", voice->is_transition);
    json_integer(j, "parameters", (int64_t)voice->params.count);
    json_text(j, "envelope", type && type->kind == PS_VALUE_TEXT ? type->text : NULL);
    json_text(j, "description", voice->description);
    json_text(j, "category", voice->category);
    json_end(j);
}

static void put_steps(json_out *j, const ps_track *track)
{
    size_t count;
    const ps_track_step *steps = ps_track_get_steps(track, &count);

    json_array(j, "steps");
    for (size_t i = 0; i < count; i++) {
        json_object(j, NULL);
        json_number(j, "start_seconds", steps[i].start_sec);
        json_number(j, "seconds", steps[i].duration_sec);
        json_text(j, "description", steps[i].description);
        json_array(j, "voices");
        for (size_t v = 0; v < steps[i].voice_count; v++)
            put_voice(j, &steps[i].voices[v]);
        json_end(j);
        json_end(j);
    }
    json_end(j);
}

static void put_place(json_out *j, double start_sec, double gain, double pan, double in_sec,
                      double out_sec)
{
    json_number(j, "start_seconds", start_sec);
    json_number(j, "gain", gain);
    json_number(j, "pan", pan);
    json_number(j, "fade_in_seconds", in_sec);
    json_number(j, "fade_out_seconds", out_sec);
}

static void put_noise(json_out *j, const ps_track_noise *noise)
{
    if (!has_noise(noise)) {
        json_null(j, "noise");
        return;
    }
    json_object(j, "noise");
    json_text(j, "path", noise->path);
    json_text(j, "type", noise_type(noise));
    put_place(j, noise->start_sec, noise->gain, noise->pan, noise->fade_in_sec,
              noise->fade_out_sec);
    json_integer(j, "gain_points", (int64_t)noise->envelope.count);
    json_end(j);
}

static void put_clips(json_out *j, const ps_track *track)
{
    size_t count;
    const ps_track_clip *clips = ps_track_get_clips(track, &count);

    json_array(j, "clips");
    for (size_t i = 0; i < count; i++) {
        char name[4096];

        clip_name(name, sizeof name, &clips[i]);
        json_object(j, NULL);
        json_text(j, "path", clips[i].path ? name : NULL);
        put_place(j, clips[i].start_sec, clips[i].gain, clips[i].pan, clips[i].fade_in_sec,
                  clips[i].fade_out_sec);
        json_text(j, "description", clips[i].description);
        json_end(j);
    }
    json_end(j);
}

static void put_track(const cli *c, const char *path, const ps_track *track)
{
    const ps_track_settings *settings = ps_track_get_settings(track);
    json_out j;

    json_begin(&j, stdout);
    json_object(&j, NULL);
    json_text(&j, "file", path);
    json_text(&j, "kind", "track");
    json_integer(&j, "rate_hz", settings->rate_hz);
    json_number(&j, "crossfade_seconds", settings->crossfade_sec);
    json_text(&j, "crossfade_curve", settings->equal_power ? "equal_power" : "linear");
    json_text(&j, "output", settings->output_name);
    json_number(&j, "seconds", end_sec(track));
    put_steps(&j, track);
    put_noise(&j, ps_track_get_noise(track));
    put_clips(&j, track);
    json_array(&j, "warnings");
    for (uint32_t i = 0; cli_warning_line(c, i); i++)
        json_text(&j, NULL, cli_warning_line(c, i));
    json_end(&j);
    json_end(&j);
    json_finish(&j);
}

/* ---- Reading ------------------------------------------------------------------------------- */

static ps_status read_input(ps_track_file **track, const ps_track_file_options *options,
                            ps_error *err)
{
    ps_file *file = NULL;
    size_t size_bytes;
    ps_status status = ps_file_read_stream(&file, stdin, err);

    if (status != PS_OK)
        return status;
    const uint8_t *bytes = ps_file_bytes(file, &size_bytes);
    status = ps_track_file_read(track, (const char *)bytes, size_bytes, NULL, options, err);
    ps_file_close(file);
    return status;
}

int cli_track_info(cli *c, const char *path, bool json, bool strict)
{
    const ps_track_file_options options = {.warnings = cli_warnings(c, path), .strict = strict};
    ps_track_file *file = NULL;
    ps_error err = {0};
    ps_status status;

    if (strcmp(path, "-") == 0)
        status = read_input(&file, &options, &err);
    else if (is_preset(path))
        status = ps_track_file_open_voices(&file, path, PRESET_SEC, &options, &err);
    else
        status = ps_track_file_open(&file, path, &options, &err);
    if (status != PS_OK)
        return cli_fail(c, path, &err);
    if (json)
        put_track(c, path, ps_track_file_track(file));
    else
        print_track(path, ps_track_file_track(file));
    ps_track_file_close(file);
    return CLI_DONE;
}
