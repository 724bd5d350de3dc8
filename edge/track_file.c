/*
 * Track files: text to values to a track, with every message placed in the text it is about. What
 * has no reader of its own (.noise, .voice) is read as a part of a small track around it.
 */
#include "plainsong/track_file.h"

#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "fail.h"
#include "folders.h"
#include "json.h"
#include "json_where.h"
#include "media_path.h"
#include "plainsong/file.h"

/* Each message with a place costs a walk through the text; of a hostile one this much is walked. */
#define WALKED_MAX ((size_t)256 << 20)

/* A text that is read, and how messages about it are told. */
typedef struct page {
    const char *text;
    size_t text_bytes;
    const char *name;  /* of the file, in messages; NULL: none */
    const char *strip; /* what places begin with that is not in the text; "" */
    size_t walked_bytes;
    ps_track_file_options options;
    bool told;
    ps_error first; /* warning */
} page;

struct ps_track_file {
    page page;
    ps_file *file;  /* the text's, or */
    char *own_text; /* the copy */
    char path[PS_MEDIA_PATH_BYTES], folder[PS_MEDIA_PATH_BYTES];
    ps_track *track;
};

/* ---- Messages ------------------------------------------------------------------------------ */

/* What is left of a place without the part that is not in the text; NULL when it is not inside. */
static const char *stripped(const page *p, const char *where)
{
    const size_t length = strlen(p->strip);

    if (strncmp(where, p->strip, length) != 0)
        return NULL;
    return where + length + (length > 0 && where[length] == '.');
}

static void locate(void *user, const char *where, ps_error *err)
{
    static const char *const aliases[] = {
        "global_settings globalSettings global",
        "steps progression",
        "clips overlay_clips",
        "background_noise noise",
        "params parameters",
        "file_path file path params_path noise_file",
        "synth_function_name synthFunctionName synth_function",
        "volume_envelope volumeEnvelope",
        NULL,
    };
    page *p = user;
    const char *inside = stripped(p, where);

    if (!inside || p->walked_bytes > WALKED_MAX)
        return;
    p->walked_bytes += p->text_bytes;
    ps_json_where(p->text, p->text_bytes, inside, aliases, &err->line, &err->column);
}

/* The message without what is not in the text, with the file's name. */
static void name_error(const page *p, ps_error *err)
{
    if (!err)
        return;
    const char *inside = stripped(p, err->text);
    if (inside && inside != err->text) {
        inside += strncmp(inside, ": ", 2) == 0 ? 2 : 0;
        memmove(err->text, inside, strlen(inside) + 1);
    }
    if (p->name)
        ps_error_in(err, p->name);
}

static void forward(void *user, const ps_error *warning)
{
    page *p = user;
    ps_error named = *warning;

    name_error(p, &named);
    if (!p->told)
        p->first = named;
    p->told = true;
    if (p->options.warnings.add && !p->options.strict)
        p->options.warnings.add(p->options.warnings.user, &named);
}

static void page_init(page *p, const char *text, size_t text_bytes, const char *name,
                      const ps_track_file_options *options)
{
    memset(p, 0, sizeof *p);
    p->text = text;
    p->text_bytes = text_bytes;
    p->name = name;
    p->strip = "";
    if (options)
        p->options = *options;
}

/* Text to values; in strict reading a warning is an error here too. */
static ps_status read_json(page *p, ps_json **json, ps_error *err)
{
    const ps_warnings warnings = {forward, p};
    ps_status status = ps_json_read(json, p->text, p->text_bytes, &warnings, err);

    if (status != PS_OK) {
        name_error(p, err);
        return status;
    }
    if (!p->options.strict || !p->told)
        return PS_OK;
    ps_json_free(*json);
    if (err)
        *err = p->first;
    return PS_BAD_DATA;
}

static ps_status read_track(page *p, ps_track **track, const ps_value *document, ps_error *err)
{
    const ps_track_read_options options = {
        /* What nobody hears is not told: then whoever plays the track tells it. */
        .warnings = {p->options.warnings.add ? forward : NULL, p},
        .locator = {locate, p},
        .strict = p->options.strict,
    };
    const ps_status status = ps_track_read(track, document, &options, err);

    if (status != PS_OK)
        name_error(p, err);
    return status;
}

/* A map of one member. */
static ps_value map_of(const char *const *name, const ps_value *member)
{
    return (ps_value){.kind = PS_VALUE_MAP, .count = 1, .members = member, .names = name};
}

/* ---- Noise files --------------------------------------------------------------------------- */

/* An object without any of these is something else; without anything it is all presets. */
static bool is_noise(const ps_value *value)
{
    static const char *const names[] = {"noise_type",       "sweeps",          "lfo_freq",
                                        "lfo_waveform",     "transition",      "start_lfo_freq",
                                        "duration_seconds", "input_audio_path"};

    if (value->kind != PS_VALUE_MAP)
        return false;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (ps_value_member(value, names[i]))
            return true;
    }
    return value->count == 0;
}

/* Puts parameters into the track's noise. A recording that lies beside the .noise file is named by
   where it is: later, paths are looked for beside the track. */
static ps_status set_noise(ps_track *track, const ps_value *params, bool told, const char *path,
                           ps_error *err)
{
    static const char input[] = "input_audio_path";
    ps_track_noise noise = *ps_track_get_noise(track);
    const ps_value *recording = ps_value_member(params, input);
    char folder[PS_MEDIA_PATH_BYTES], found[PS_MEDIA_PATH_BYTES], whole[PATH_MAX];
    ps_value *members;
    ps_status status;

    noise.params = *params;
    noise.told = told;
    ps_folder_of(folder, sizeof folder, path);
    if (!recording || recording->kind != PS_VALUE_TEXT ||
        ps_media_path(found, sizeof found, folder, recording->text, NULL, NULL) != PS_OK ||
        !realpath(found, whole))
        return ps_track_set_noise(track, &noise, err);
    members = ps_alloc(NULL, params->count, sizeof *members);
    if (!members)
        return ps_fail_memory(err, path);
    memcpy(members, params->members, params->count * sizeof *members);
    members[recording - params->members].text = whole;
    noise.params.members = members;
    status = ps_track_set_noise(track, &noise, err);
    ps_free(NULL, members);
    return status;
}

static bool is_told(const ps_track *track)
{
    const ps_track_noise *noise = ps_track_get_noise(track);

    return noise && noise->told;
}

/* Reads parameters as those of the noise of a track of nothing else. */
static ps_status read_noise_page(page *p, ps_track *track, const char *path, ps_error *err)
{
    static const char *const names[] = {"progression", "background_noise"};
    static const char *const inner[] = {"params"};
    ps_track *around = NULL;
    ps_json *json;
    ps_status status = read_json(p, &json, err);

    if (status != PS_OK)
        return status;
    const ps_value *params = ps_json_value(json);
    const ps_value members[] = {{.kind = PS_VALUE_LIST}, map_of(inner, params)};
    const ps_value document = {
        .kind = PS_VALUE_MAP, .count = 2, .members = members, .names = names};
    p->strip = "background_noise.params";
    if (is_noise(params))
        status = read_track(p, &around, &document, err);
    else
        status = ps_fail_file(err, PS_BAD_DATA, path, "these are no settings of a noise");
    if (status == PS_OK)
        status = set_noise(track, params, is_told(around), path, err);
    ps_track_destroy(around);
    ps_json_free(json);
    return status;
}

static ps_status read_noise_file(ps_track_file *file, const char *named, ps_error *err)
{
    char path[PS_MEDIA_PATH_BYTES];
    size_t text_bytes;
    ps_file *text;
    page p;
    ps_status status = ps_media_path(path, sizeof path, file->folder, named, NULL, err);

    if (status == PS_OK)
        status = ps_file_map(&text, path, err);
    if (status != PS_OK)
        return status;
    const uint8_t *bytes = ps_file_bytes(text, &text_bytes);
    page_init(&p, (const char *)bytes, text_bytes, path, &file->page.options);
    status = read_noise_page(&p, file->track, path, err);
    ps_file_close(text);
    return status;
}

/* A failure of the .noise file as a message: at its own place if it has one there, else where the
   track names the file. */
static void tell_of_noise(ps_track_file *file, const ps_error *why, ps_error *told)
{
    const char *colon = why->path[0] != '\0' ? ": " : "";

    if (why->line > 0) {
        *told = *why;
        snprintf(told->text, sizeof told->text, "%.200s: there is no noise", why->text);
        return;
    }
    ps_fail(told, why->status, "background_noise: %.100s%s%.90s: there is no noise", why->path,
            colon, why->text);
    memcpy(told->hint, why->hint, sizeof told->hint);
    locate(&file->page, "background_noise.file_path", told);
    name_error(&file->page, told);
}

/* The .noise file of the track, if it names one. That it cannot be read is no reason not to play
   the rest. */
static ps_status read_noise(ps_track_file *file, ps_error *err)
{
    const ps_track_noise *noise = ps_track_get_noise(file->track);
    ps_error why, told;
    ps_status status;

    if (!noise || !noise->path)
        return PS_OK;
    status = read_noise_file(file, noise->path, &why);
    if (status == PS_OK)
        return PS_OK;
    tell_of_noise(file, &why, &told);
    if (status != PS_NO_MEMORY && !file->page.options.strict) {
        forward(&file->page, &told);
        return PS_OK;
    }
    if (err)
        *err = told;
    return status;
}

/* ---- Tracks -------------------------------------------------------------------------------- */

static ps_status create(ps_track_file **out, const char *path, ps_error *err)
{
    ps_track_file *file = ps_alloc(NULL, 1, sizeof *file);

    if (!file)
        return ps_fail(err, PS_NO_MEMORY, "out of memory");
    memcpy(file->folder, ".", 2);
    if (path) {
        snprintf(file->path, sizeof file->path, "%s", path);
        ps_folder_of(file->folder, sizeof file->folder, path);
    }
    *out = file;
    return PS_OK;
}

static void set_page(ps_track_file *file, const char *text, size_t text_bytes,
                     const ps_track_file_options *options)
{
    page_init(&file->page, text, text_bytes, file->path[0] != '\0' ? file->path : NULL, options);
}

static ps_status map_page(ps_track_file *file, const ps_track_file_options *options, ps_error *err)
{
    const ps_status status = ps_file_map(&file->file, file->path, err);
    size_t text_bytes;

    if (status != PS_OK)
        return status;
    const uint8_t *bytes = ps_file_bytes(file->file, &text_bytes);
    set_page(file, (const char *)bytes, text_bytes, options);
    return PS_OK;
}

static ps_status read_whole(ps_track_file *file, ps_error *err)
{
    ps_json *json;
    ps_status status = read_json(&file->page, &json, err);

    if (status != PS_OK)
        return status;
    status = read_track(&file->page, &file->track, ps_json_value(json), err);
    ps_json_free(json);
    return status == PS_OK ? read_noise(file, err) : status;
}

/* Hands the file out, or ends it. */
static ps_status finish(ps_track_file **out, ps_track_file *file, ps_status status)
{
    if (status == PS_OK)
        *out = file;
    else
        ps_track_file_close(file);
    return status;
}

ps_status ps_track_file_open(ps_track_file **out, const char *path,
                             const ps_track_file_options *options, ps_error *err)
{
    ps_track_file *file = NULL;
    ps_status status = create(&file, path, err);

    if (status == PS_OK)
        status = map_page(file, options, err);
    if (status == PS_OK)
        status = read_whole(file, err);
    return finish(out, file, status);
}

ps_status ps_track_file_read(ps_track_file **out, const char *text, size_t text_bytes,
                             const char *path, const ps_track_file_options *options, ps_error *err)
{
    ps_track_file *file = NULL;
    ps_status status = create(&file, path, err);

    if (status == PS_OK) {
        file->own_text = ps_alloc(NULL, text_bytes + 1, 1);
        if (!file->own_text)
            status = ps_fail(err, PS_NO_MEMORY, "out of memory");
    }
    if (status == PS_OK) {
        if (text_bytes > 0)
            memcpy(file->own_text, text, text_bytes);
        set_page(file, file->own_text, text_bytes, options);
        status = read_whole(file, err);
    }
    return finish(out, file, status);
}

ps_track *ps_track_file_track(ps_track_file *file)
{
    return file->track;
}

ps_locator ps_track_file_locator(ps_track_file *file)
{
    return (ps_locator){locate, &file->page};
}

void ps_track_file_close(ps_track_file *file)
{
    if (!file)
        return;
    ps_track_destroy(file->track);
    ps_file_close(file->file);
    ps_free(NULL, file->own_text);
    ps_free(NULL, file);
}

bool ps_track_file_is_likely(const uint8_t *bytes, size_t size_bytes)
{
    size_t i = ps_json_mark_bytes((const char *)bytes, size_bytes);

    while (i < size_bytes && (bytes[i] == ' ' || (bytes[i] >= '\t' && bytes[i] <= '\r')))
        i++;
    return i < size_bytes && (bytes[i] == '{' || bytes[i] == '[');
}

/* ---- Voices -------------------------------------------------------------------------------- */

static bool ends_with(const char *name, const char *end)
{
    const size_t length = strlen(name), end_length = strlen(end);

    return length >= end_length && strcasecmp(name + length - end_length, end) == 0;
}

static ps_status read_voices(ps_track_file *file, double duration_sec, ps_error *err)
{
    static const char *const step_names[] = {"start", "duration", "voices"};
    static const char *const names[] = {"progression"};
    ps_json *json;
    ps_status status = read_json(&file->page, &json, err);

    if (status != PS_OK)
        return status;
    const ps_value *voices = ps_json_value(json);
    const bool list = voices->kind == PS_VALUE_LIST;
    const ps_value one = {.kind = PS_VALUE_LIST, .count = 1, .members = voices};
    const ps_value members[] = {{.kind = PS_VALUE_NUMBER},
                                {.kind = PS_VALUE_NUMBER, .number = duration_sec},
                                list ? *voices : one};
    const ps_value step = {
        .kind = PS_VALUE_MAP, .count = 3, .members = members, .names = step_names};
    const ps_value steps = {.kind = PS_VALUE_LIST, .count = 1, .members = &step};
    const ps_value document = map_of(names, &steps);
    file->page.strip = list ? "progression[0].voices" : "progression[0].voices[0]";
    if (ps_value_member(voices, "progression") || ps_value_member(voices, "global"))
        status = ps_fail_file(err, PS_BAD_DATA, file->path, "this is a track, not a voice");
    else if (list ? ends_with(file->path, ".voice")
                  : voices->kind != PS_VALUE_MAP || ends_with(file->path, ".voices"))
        status = ps_fail_file(err, PS_BAD_DATA, file->path,
                              list ? "this is a list of voices, not a voice"
                                   : "this is not a list of voices");
    else
        status = read_track(&file->page, &file->track, &document, err);
    ps_json_free(json);
    return status;
}

ps_status ps_track_file_open_voices(ps_track_file **out, const char *path, double duration_sec,
                                    const ps_track_file_options *options, ps_error *err)
{
    ps_track_file *file = NULL;
    ps_status status;

    if (!(duration_sec > 0.0) || !isfinite(duration_sec))
        return ps_fail(err, PS_BAD_ARGUMENT, "duration of %g s", duration_sec);
    status = create(&file, path, err);
    if (status == PS_OK)
        status = map_page(file, options, err);
    if (status == PS_OK)
        status = read_voices(file, duration_sec, err);
    return finish(out, file, status);
}

/* ---- Saving -------------------------------------------------------------------------------- */

ps_status ps_track_file_text(char **text, size_t *text_bytes, ps_track *track, ps_error *err)
{
    const ps_value *document = ps_track_write(track);

    if (!document)
        return ps_fail(err, PS_NO_MEMORY, "out of memory");
    return ps_json_write(text, text_bytes, document, 4, err);
}

ps_status ps_track_file_save(ps_track *track, const char *path, bool no_clobber, ps_error *err)
{
    char *text;
    size_t text_bytes;
    ps_status status = ps_track_file_text(&text, &text_bytes, track, err);

    if (status != PS_OK)
        return status;
    status = ps_make_folders(path, err);
    if (status == PS_OK)
        status = ps_file_write(path, (const uint8_t *)text, text_bytes, no_clobber, err);
    ps_free(NULL, text);
    return status;
}
