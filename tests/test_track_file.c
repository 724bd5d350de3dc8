/* Track files: bad ones, the files that they name, saving, and memory that runs out. */
#define _GNU_SOURCE /* edge_support.h */
#include "edge_support.h"

#include <math.h>

#include "../edge/data_url.h"
#include "../edge/media_path.h"
#include "failing_heap.h"
#include "plainsong/file.h"
#include "plainsong/track_file.h"

#define NOTES_MOST 16u

typedef struct notes {
    size_t count;
    char lines[NOTES_MOST][512];
} notes;

static void note(void *user, const ps_error *warning)
{
    notes *n = user;

    if (n->count < NOTES_MOST)
        ps_error_line(warning, "", n->lines[n->count], sizeof n->lines[0]);
    n->count++;
}

static void write_text(const char *path, const char *text)
{
    make_file(path, text, strlen(text));
}

/* ---- Bad files ----------------------------------------------------------------------------- */

#define SILENT "a voice that needs it is silent"

/* What each file of data/bad-tracks comes to: an error, the first warning, or nothing to tell. */
static const struct {
    const char *name;
    ps_status status;
    const char *line; /* without the path: "5:3: words"; NULL: no message */
} bad_tracks[] = {
    {"bom", PS_OK, NULL},
    {"bool-for-number", PS_OK, NULL},
    {"clip-directory", PS_OK, NULL},
    {"clip-huge-start", PS_OK, NULL},
    {"clip-not-object", PS_OK,
     "29:3: overlay_clips[0]: is text where a clip belongs: it is left out"},
    {"clip-self", PS_OK, NULL},
    {"clip-url", PS_OK, NULL},
    {"comments", PS_BAD_DATA, "1:1: json: invalid token near '/'"},
    {"control-escapes", PS_OK, NULL},
    {"crossfade-text", PS_BAD_DATA,
     "4:3: global.crossfade_duration: is text where a number belongs"},
    {"curve-os-system", PS_OK,
     "20:7: progression[0].voices[0].params.transition_curve: column 1: a curve knows no "
     "'__import__': " SILENT},
    {"curve-syntax", PS_OK,
     "20:7: progression[0].voices[0].params.transition_curve: column 8: a number, alpha, a "
     "function "
     "or '(' was expected: " SILENT},
    {"duplicate-keys", PS_OK,
     "3:36: json: duplicate object key near '\"sample_rate\"': the last one counts"},
    {"duration-missing", PS_OK, "9:3: progression[0]: has no duration: it is not played"},
    {"duration-null", PS_BAD_DATA, "11:4: progression[0].duration: is null where a number belongs"},
    {"empty-file", PS_BAD_DATA, "1:1: json: unexpected token near end of file"},
    {"empty-object", PS_BAD_DATA, "1:1: not a track: it has neither global nor progression"},
    {"envelope-wrong-type", PS_OK,
     "21:6: progression[0].voices[0].volume_envelope: is text where an object belongs: it is left "
     "out"},
    {"flanger-text", PS_OK,
     "19:7: progression[0].voices[0].params.flangeStereoMode: is text where a number "
     "belongs: " SILENT},
    {"function-null", PS_OK,
     "14:5: progression[0].voices[0]: has no synth_function_name: it is silent"},
    {"function-number", PS_OK,
     "15:6: progression[0].voices[0].synth_function_name: is a number where text belongs: it is "
     "left out"},
    {"function-unknown", PS_OK,
     "15:6: progression[0].voices[0].synth_function_name: there is no voice of this name: it is "
     "silent"},
    {"global-array", PS_BAD_DATA, "2:2: global: is a list where an object belongs"},
    {"huge-start", PS_BAD_DATA, "10:4: progression[0].start: is 1e+12, which is more than 1e+10"},
    {"invalid-utf8", PS_BAD_DATA, "6:23: json: unable to decode byte 0xff near '\"t'"},
    {"nan-params", PS_BAD_DATA, "19:21: json: invalid token near 'NaN'"},
    {"noise-missing", PS_OK,
     "28:3: background_noise: noise/none.noise: cannot open: no such file or directory: there is "
     "no noise"},
    {"noise-wrong-type", PS_OK,
     "27:2: background_noise: is text where an object belongs: it is left out"},
    {"not-json", PS_BAD_DATA, "1:4: json: invalid token near 'RIFF'"},
    {"nul-bytes", PS_BAD_DATA, "6:23: json: control character 0x0 near '\"t'"},
    {"numeric-strings", PS_OK, NULL},
    {"overflow-number", PS_BAD_DATA, "11:20: json: real number overflow near '1e400'"},
    {"param-named-duration", PS_OK,
     "19:7: progression[0].voices[0].params.duration: is not looked at: the track says it"},
    {"params-array", PS_OK,
     "17:6: progression[0].voices[0].params: is a list where an object belongs: it is left out"},
    {"params-null", PS_OK, NULL},
    {"sample-rate-text", PS_BAD_DATA, "3:3: global.sample_rate: is text where a number belongs"},
    {"sample-rate-zero", PS_BAD_DATA,
     "3:3: global.sample_rate: is 0, but rates are 8000 to 192000 Hz"},
    {"start-text", PS_BAD_DATA, "10:4: progression[0].start: is text where a number belongs"},
    {"step-not-object", PS_BAD_DATA, "26:3: progression[1]: is a number where a step belongs"},
    {"steps-object", PS_BAD_DATA, "8:2: progression: is an object where a list of steps belongs"},
    {"surrogates", PS_BAD_DATA, "12:26: json: invalid Unicode '\\uD800' near '\"\\ud800\"'"},
    {"text-for-number", PS_OK,
     "18:7: progression[0].voices[0].params.baseFreq: is text where a number belongs: " SILENT},
    {"top-array", PS_BAD_DATA, "1:1: not a track: the document is a list"},
    {"top-scalar", PS_BAD_DATA, "1:1: not a track: the document is null"},
    {"transition-offset-text", PS_OK,
     "21:7: progression[0].voices[0].params.initial_offset: is text where a number "
     "belongs: " SILENT},
    {"trailing-comma", PS_BAD_DATA, "29:2: json: string or '}' expected near '}'"},
    {"truncated", PS_BAD_DATA, "15:15: json: premature end of input near '\"synth_fun'"},
    {"two-documents", PS_BAD_DATA, "30:1: json: end of file expected near '{'"},
    {"unknown-params", PS_OK,
     "20:7: progression[0].voices[0].params.wobble: binaural_beat has no such parameter"},
    {"utf16", PS_BAD_DATA, "1:2: json: string or '}' expected near end of file"},
    {"v1-missing-global", PS_BAD_DATA, "1:1: not a track: it has steps, but no global_settings"},
    {"voice-not-object", PS_OK,
     "14:5: progression[0].voices[0]: is text where a voice belongs: it is left out"},
    {"voices-wrong-type", PS_OK,
     "13:4: progression[0].voices: is text where a list belongs: it is left out"},
};

static void bad_tracks_come_to_what_they_must(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof bad_tracks / sizeof bad_tracks[0]; i++) {
        char name[128], path[512], line[1024];
        const char *said = NULL;
        notes n = {0};
        const ps_track_file_options options = {.warnings = {note, &n}};
        ps_track_file *file = NULL;
        ps_error err = {0};

        snprintf(name, sizeof name, "data/bad-tracks/%s.json", bad_tracks[i].name);
        tests_path(path, sizeof path, name);
        assert_int_equal(ps_track_file_open(&file, path, &options, &err), bad_tracks[i].status);
        ps_error_line(&err, "", line, sizeof line);
        said = bad_tracks[i].status != PS_OK ? line : n.count > 0 ? n.lines[0] : NULL;
        if ((said != NULL) != (bad_tracks[i].line != NULL) ||
            (said && strcmp(said + strlen(path) + 1, bad_tracks[i].line) != 0))
            fail_msg("%s: %s", bad_tracks[i].name, said ? said : "nothing is told");
        ps_track_file_close(file);
    }
}

/* The whole set of hostile files, where it lies beside the project: the word "reject" or "accept"
   in its index must hold, and everything else end somehow. */
static void all_hostile_files_end_as_their_index_says(void **state)
{
    char path[600];
    const char *shared = getenv("PS_SHARED");
    size_t bytes = 0, files = 0;
    uint8_t *index;

    (void)state;
    snprintf(path, sizeof path, "%s/golden/bad/bad-input.json", shared ? shared : "");
    index = read_whole(path, &bytes);
    if (!index) {
        print_message("the hostile files are not beside the project\n");
        skip();
    }
    index[bytes - 1] = '\0';
    for (char *at = strstr((char *)index, "\"file\": \""); at; at = strstr(at, "\"file\": \"")) {
        char name[100], expect[100];
        ps_track_file *file = NULL;
        ps_error err = {0};

        assert_int_equal(sscanf(at, "\"file\": \"%99[^\"]", name), 1);
        at = strstr(at, "\"expect\": \"");
        assert_int_equal(sscanf(at, "\"expect\": \"%99[^\"]", expect), 1);
        snprintf(path, sizeof path, "%s/golden/bad/%s", shared, name);
        const ps_status status = ps_track_file_open(&file, path, NULL, &err);
        if (status != PS_OK && (status != PS_BAD_DATA || err.text[0] == '\0'))
            fail_msg("%s: %s", name, err.text);
        if ((strcmp(expect, "accept") == 0 && status != PS_OK) ||
            (strcmp(expect, "reject") == 0 && status == PS_OK))
            fail_msg("%s: %s", name, status == PS_OK ? "is taken" : err.text);
        ps_track_file_close(file);
        files++;
    }
    assert_int_equal(files, 113);
    free(index);
}

/* ---- Round trips --------------------------------------------------------------------------- */

static char *text_of(ps_track_file *file)
{
    size_t bytes;
    char *text;

    assert_int_equal(ps_track_file_text(&text, &bytes, ps_track_file_track(file), NULL), PS_OK);
    return text;
}

static void reads_back_the_same(const char *path)
{
    notes n = {0};
    const ps_track_file_options options = {.warnings = {note, &n}};
    ps_track_file *file, *again;
    ps_error err = {0};
    char *text, *second;

    if (ps_track_file_open(&file, path, &options, &err) != PS_OK)
        fail_msg("%s: %s", path, err.text);
    for (size_t i = 0; i < n.count && i < NOTES_MOST; i++) {
        if (strstr(n.lines[i], "no such parameter")) /* the old editor wrote them all */
            fail_msg("%s", n.lines[i]);
    }
    text = text_of(file);
    assert_int_equal(ps_track_file_read(&again, text, strlen(text), path, NULL, NULL), PS_OK);
    second = text_of(again);
    assert_string_equal(text, second);
    ps_free(NULL, text);
    ps_free(NULL, second);
    ps_track_file_close(file);
    ps_track_file_close(again);
}

static void every_golden_track_reads_back_the_same(void **state)
{
    char path[600];
    const char *shared = getenv("PS_SHARED");
    size_t files = 0;
    DIR *golden;

    (void)state;
    snprintf(path, sizeof path, "%s/golden", shared ? shared : "");
    golden = opendir(path);
    if (!golden) {
        print_message("the golden tracks are not beside the project\n");
        skip();
    }
    for (const struct dirent *entry; (entry = readdir(golden)) != NULL;) {
        const char *dot = strchr(entry->d_name, '.');

        if (!dot || strcmp(dot, ".json") != 0)
            continue;
        snprintf(path, sizeof path, "%s/golden/%s", shared, entry->d_name);
        reads_back_the_same(path);
        files++;
    }
    closedir(golden);
    assert_true(files > 90);
}

/* ---- Noise files --------------------------------------------------------------------------- */

static const char with_noise[] =
    "{\"progression\": [],\n \"background_noise\": {\"file_path\": \"sub/a.noise\", \"amp\": 0.5}}";

static void a_noise_file_is_read_beside_the_track(void **state)
{
    notes n = {0};
    const ps_track_file_options options = {.warnings = {note, &n}};
    const ps_track_noise *noise;
    ps_track_file *file;
    char *text;

    (void)state;
    assert_int_equal(mkdir("songs", 0777), 0);
    assert_int_equal(mkdir("songs/sub", 0777), 0);
    write_text("songs/t.json", with_noise);
    write_text("songs/sub/take.wav", "");
    write_text("songs/sub/a.noise",
               "{\"noise_type\": \"brown\",\n \"input_audio_path\": \"take.wav\", \"swops\": 1}");
    assert_int_equal(ps_track_file_open(&file, "songs/t.json", &options, NULL), PS_OK);
    noise = ps_track_get_noise(ps_track_file_track(file));
    assert_string_equal(noise->path, "sub/a.noise");
    assert_true(noise->gain == 0.5);
    assert_string_equal(ps_value_member(&noise->params, "noise_type")->text, "brown");
    /* What lies beside the .noise file is named so that it is found from elsewhere. */
    assert_int_equal(access(ps_value_member(&noise->params, "input_audio_path")->text, F_OK), 0);
    assert_int_equal(ps_value_member(&noise->params, "input_audio_path")->text[0], '/');
    assert_int_equal(n.count, 1);
    assert_string_equal(n.lines[0],
                        "songs/sub/a.noise:2:34: swops: unknown name: it means nothing here");
    /* Saved, it is still the path that is named. */
    text = text_of(file);
    assert_non_null(strstr(text, "\"file_path\": \"sub/a.noise\""));
    assert_null(strstr(text, "brown"));
    ps_free(NULL, text);
    ps_track_file_close(file);
}

static size_t told_when_played(ps_track_file *file, notes *n)
{
    const ps_track_options options = {.warnings = {note, n}};
    const size_t before = n->count;
    ps_engine *engine;
    ps_source *source;

    assert_int_equal(ps_engine_create(&engine, NULL, NULL), PS_OK);
    assert_int_equal(
        ps_track_source_create(&source, engine, ps_track_file_track(file), &options, NULL), PS_OK);
    ps_source_destroy(source);
    ps_engine_destroy(engine);
    return n->count - before;
}

/* Told by who reads it, at its place; or, when nobody listened then, by who plays it. */
static void what_is_wrong_with_noise_is_told_once(void **state)
{
    notes n = {0};
    const ps_track_file_options options = {.warnings = {note, &n}};
    ps_track_file *file;

    (void)state;
    write_text("songs/sub/a.noise", "{\"noise_type\": \"loud\",\n \"lfo_freq\": \"slow\"}");
    assert_int_equal(ps_track_file_open(&file, "songs/t.json", &options, NULL), PS_OK);
    assert_int_equal(n.count, 2);
    assert_string_equal(n.lines[0],
                        "songs/sub/a.noise:1:2: noise_type: no noise is called \"loud\": it is "
                        "white");
    assert_string_equal(n.lines[1],
                        "songs/sub/a.noise:2:2: lfo_freq: is text where a number belongs");
    assert_int_equal(told_when_played(file, &n), 0);
    ps_track_file_close(file);
    assert_int_equal(ps_track_file_open(&file, "songs/t.json", NULL, NULL), PS_OK);
    assert_int_equal(told_when_played(file, &n), 2);
    ps_track_file_close(file);
    write_text("songs/sub/a.noise", "{\"lfo_waveform\": \"saw\"}"); /* then there is none */
    assert_int_equal(ps_track_file_open(&file, "songs/t.json", &options, NULL), PS_OK);
    assert_int_equal(told_when_played(file, &n), 0);
    ps_track_file_close(file);
    assert_int_equal(n.count, 5);
}

static void is_without_noise(const char *noise, const char *line)
{
    notes n = {0};
    ps_track_file_options options = {.warnings = {note, &n}};
    ps_track_file *file;
    char said[512];
    ps_error err = {0};

    write_text("songs/sub/a.noise", noise);
    assert_int_equal(ps_track_file_open(&file, "songs/t.json", &options, &err), PS_OK);
    assert_true(ps_value_is_null(&ps_track_get_noise(ps_track_file_track(file))->params));
    assert_int_equal(n.count, 1);
    assert_string_equal(n.lines[0], line);
    ps_track_file_close(file);
    options.strict = true;
    assert_int_equal(ps_track_file_open(&file, "songs/t.json", &options, &err), PS_BAD_DATA);
    ps_error_line(&err, "", said, sizeof said);
    assert_string_equal(said, line);
}

static void a_noise_file_that_is_none_is_left_out(void **state)
{
    (void)state;
    is_without_noise("{\"noise_type\":}",
                     "songs/sub/a.noise:1:15: json: unexpected token near '}': there is no noise");
    is_without_noise(
        "{\"progression\": []}",
        "songs/t.json:2:23: background_noise: songs/sub/a.noise: these are no settings "
        "of a noise: there is no noise");
    assert_int_equal(remove("songs/sub/a.noise"), 0);
    assert_int_equal(mkfifo("songs/sub/a.noise", 0666), 0); /* opening it would wait for ever */
    notes n = {0};
    const ps_track_file_options options = {.warnings = {note, &n}};
    ps_track_file *file;
    assert_int_equal(ps_track_file_open(&file, "songs/t.json", &options, NULL), PS_OK);
    assert_string_equal(n.lines[0],
                        "songs/t.json:2:23: background_noise: songs/sub/a.noise: is a device or "
                        "pipe, not a file: there is no noise");
    ps_track_file_close(file);
}

static int without_songs(void **state)
{
    (void)state;
    remove("songs/sub/take.wav");
    remove("songs/sub/a.noise");
    remove("songs/t.json");
    rmdir("songs/sub");
    rmdir("songs");
    return 0;
}

/* ---- Voices -------------------------------------------------------------------------------- */

static void voice_presets_are_tracks_of_one_step(void **state)
{
    notes n = {0};
    const ps_track_file_options options = {.warnings = {note, &n}};
    ps_track_file *file;
    const ps_track_step *step;
    size_t count;

    (void)state;
    write_text("a.voice", "{\"synth_function_name\": \"binaural_beat\",\n \"params\": "
                          "{\"baseFreq\": 210, \"beatFrq\": 3}}");
    assert_int_equal(ps_track_file_open_voices(&file, "a.voice", 30.0, &options, NULL), PS_OK);
    step = ps_track_get_steps(ps_track_file_track(file), &count);
    assert_int_equal(count, 1);
    assert_true(step->start_sec == 0.0 && step->duration_sec == 30.0);
    assert_int_equal(step->voice_count, 1);
    assert_string_equal(step->voices[0].function, "binaural_beat");
    assert_int_equal(n.count, 1);
    assert_string_equal(n.lines[0],
                        "a.voice:2:30: params.beatFrq: binaural_beat has no such parameter");
    ps_track_file_close(file);

    write_text("b.voices", "[{\"synth_function_name\": \"binaural_beat\"},\n 7, {}]");
    n.count = 0;
    assert_int_equal(ps_track_file_open_voices(&file, "b.voices", 1.0, &options, NULL), PS_OK);
    step = ps_track_get_steps(ps_track_file_track(file), &count);
    assert_int_equal(step->voice_count, 2);
    assert_string_equal(step->voices[1].function, "");
    assert_int_equal(n.count, 2);
    assert_string_equal(n.lines[0],
                        "b.voices:2:2: [1]: is a number where a voice belongs: it is left out");
    ps_track_file_close(file);
}

static void what_is_no_voice_preset_is_refused(void **state)
{
    ps_track_file *file;
    ps_error err;

    (void)state;
    write_text("a.voices", "{}");
    assert_int_equal(ps_track_file_open_voices(&file, "a.voices", 1.0, NULL, &err), PS_BAD_DATA);
    write_text("a.voice", "[]");
    assert_int_equal(ps_track_file_open_voices(&file, "a.voice", 1.0, NULL, &err), PS_BAD_DATA);
    write_text("a.voice", "{\"progression\": []}");
    assert_int_equal(ps_track_file_open_voices(&file, "a.voice", 1.0, NULL, &err), PS_BAD_DATA);
    assert_string_equal(err.text, "this is a track, not a voice");
    assert_int_equal(ps_track_file_open_voices(&file, "a.voice", 0.0, NULL, &err), PS_BAD_ARGUMENT);
    assert_int_equal(ps_track_file_open_voices(&file, "none.voice", 1.0, NULL, &err), PS_NOT_FOUND);
}

/* ---- Strictness, locating, saving ---------------------------------------------------------- */

static void strict_reading_refuses_what_is_odd(void **state)
{
    const ps_track_file_options strict = {.strict = true};
    const char *twice = "{\"global\": {}, \"progression\": [],\n \"progression\": []}";
    const char *odd = "{\"global\": {}, \"progression\": [],\n \"mood\": []}";
    ps_track_file *file;
    ps_error err = {0};

    (void)state;
    assert_int_equal(ps_track_file_read(&file, twice, strlen(twice), "t.json", &strict, &err),
                     PS_BAD_DATA);
    assert_int_equal(err.line, 2);
    assert_int_equal(ps_track_file_read(&file, odd, strlen(odd), "t.json", &strict, &err),
                     PS_BAD_DATA);
    assert_int_equal(err.line, 2);
    assert_string_equal(err.path, "t.json");
    assert_int_equal(ps_track_file_read(&file, odd, strlen(odd), NULL, NULL, &err), PS_OK);
    ps_track_file_close(file);
}

static void the_locator_knows_old_names(void **state)
{
    const char *text = "{\"global_settings\": {},\n\n  \"steps\": [{\"duration\": 1}]}";
    ps_track_file *file;
    ps_error err = {0};

    (void)state;
    assert_int_equal(ps_track_file_read(&file, text, strlen(text), NULL, NULL, NULL), PS_OK);
    const ps_locator locator = ps_track_file_locator(file);
    locator.locate(locator.user, "progression[0].duration", &err);
    assert_int_equal(err.line, 3);
    assert_int_equal(err.column, 14);
    ps_track_file_close(file);
}

static void a_track_is_saved_with_its_folders(void **state)
{
    ps_track_file *file;
    ps_track *track;
    ps_error err;

    (void)state;
    assert_int_equal(ps_track_create(&track, NULL, NULL), PS_OK);
    assert_int_equal(ps_track_file_save(track, "new/deep/t.json", true, NULL), PS_OK);
    assert_int_equal(ps_track_file_open(&file, "new/deep/t.json", NULL, NULL), PS_OK);
    ps_track_file_close(file);
    assert_int_equal(ps_track_file_save(track, "new/deep/t.json", true, &err), PS_CANNOT_WRITE);
    assert_int_equal(ps_track_file_save(track, "new/deep/t.json/x.json", false, &err),
                     PS_CANNOT_WRITE);
    assert_int_equal(remove("new/deep/t.json"), 0);
    assert_int_equal(rmdir("new/deep"), 0);
    assert_int_equal(rmdir("new"), 0);
    ps_track_destroy(track);
}

static void json_is_told_from_audio(void **state)
{
    (void)state;
    assert_true(ps_track_file_is_likely((const uint8_t *)"\xef\xbb\xbf \n{", 6));
    assert_true(ps_track_file_is_likely((const uint8_t *)"[", 1));
    assert_false(ps_track_file_is_likely((const uint8_t *)"RIFF", 4));
    assert_false(ps_track_file_is_likely((const uint8_t *)"  ", 2));
    assert_false(ps_track_file_is_likely(NULL, 0));
}

/* ---- Media --------------------------------------------------------------------------------- */

#define WAV_FRAMES 3000u

/* A file of a rising left and a falling right channel. */
static void write_wav(const char *path)
{
    ps_audio_writer_options options = ps_audio_writer_defaults();
    float left[WAV_FRAMES], right[WAV_FRAMES];
    ps_audio_writer *writer;

    for (uint32_t i = 0; i < WAV_FRAMES; i++) {
        left[i] = (float)i / WAV_FRAMES;
        right[i] = -left[i];
    }
    options.samples = PS_SAMPLE_FLOAT32;
    options.rate_hz = 22050;
    assert_int_equal(ps_audio_writer_open(&writer, path, &options, NULL), PS_OK);
    assert_int_equal(ps_audio_writer_write(writer, (ps_block){left, right, WAV_FRAMES}, NULL),
                     PS_OK);
    assert_int_equal(ps_audio_writer_finish(writer, NULL), PS_OK);
    ps_audio_writer_close(writer);
}

/* "data:audio/wav;base64,..." of a file; free it. */
static char *data_url_of(const char *path)
{
    static const char letters[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    size_t bytes = 0, used;
    uint8_t *content = read_whole(path, &bytes);
    char *url = malloc(2 * bytes + 64);

    assert_true(content != NULL && url != NULL);
    used = (size_t)sprintf(url, " data:audio/wav;base64,");
    for (size_t i = 0; i < bytes; i += 3) {
        const unsigned a = content[i], b = i + 1 < bytes ? content[i + 1] : 0,
                       c = i + 2 < bytes ? content[i + 2] : 0;

        url[used++] = letters[a >> 2];
        url[used++] = letters[(a & 3) << 4 | b >> 4];
        url[used++] = i + 1 < bytes ? letters[(b & 15) << 2 | c >> 6] : '=';
        url[used++] = i + 2 < bytes ? letters[c & 63] : '=';
    }
    url[used] = '\0';
    free(content);
    return url;
}

static ps_media *media_beside(const char *track_path)
{
    const ps_media_options options = {.track_path = track_path};
    ps_media *media;

    assert_int_equal(ps_media_create(&media, &options, NULL), PS_OK);
    return media;
}

static void loads(const ps_track_media *media, const char *path)
{
    ps_recording recording;
    ps_error err = {0};

    if (media->load(media->user, path, &recording, &err) != PS_OK)
        fail_msg("%.60s: %s", path, err.text);
    assert_int_equal(recording.frames, WAV_FRAMES);
    assert_int_equal(recording.channels, 2);
    assert_true(recording.rate_hz == 22050.0);
    assert_true(recording.samples[2 * 1500] == 0.5f && recording.samples[2 * 1500 + 1] == -0.5f);
    media->release(media->user, &recording);
}

static void opens(const ps_track_media *media, const char *path, double rate_hz)
{
    const uint64_t frames = (uint64_t)(WAV_FRAMES * rate_hz / 22050.0);
    float left[512], right[512], most = 0.0f;
    ps_source *source;
    ps_error err = {0};
    uint64_t count = 0;
    uint32_t got;

    if (media->open(media->user, path, rate_hz, &source, &err) != PS_OK)
        fail_msg("%.60s: %s", path, err.text);
    assert_true(ps_source_rate_hz(source) == rate_hz);
    while ((got = ps_source_pull(source, (ps_block){left, right, 512})) > 0) {
        for (uint32_t i = 0; i < got; i++)
            most = fmaxf(most, fabsf(left[i] + right[i]));
        count += got;
    }
    assert_true(count >= frames - 2 && count <= frames + 2);
    assert_true(most < 1e-5f); /* the right channel mirrors the left one */
    ps_source_destroy(source);
}

static void recordings_are_found_and_decoded(void **state)
{
    ps_media *media;
    ps_track_media lent;
    char *url;

    (void)state;
    assert_int_equal(mkdir("songs", 0777), 0);
    write_wav("songs/a.wav");
    write_wav("here.wav");
    media = media_beside("songs/t.json");
    lent = ps_media_lend(media);
    url = data_url_of("here.wav");
    loads(&lent, "a.wav");
    loads(&lent, " a.wav\n");
    loads(&lent, "here.wav");
    loads(&lent, url);
    opens(&lent, "a.wav", 22050.0);
    opens(&lent, "a.wav", 48000.0);
    opens(&lent, url, 22050.0);
    opens(&lent, url, 44100.0);
    free(url);
    ps_media_destroy(media);
    assert_int_equal(remove("songs/a.wav"), 0);
    assert_int_equal(rmdir("songs"), 0);
}

static void is_not_opened(const char *path, ps_status status, const char *words)
{
    ps_media *media = media_beside("t.json");
    const ps_track_media lent = ps_media_lend(media);
    ps_recording recording = {0};
    ps_source *source = NULL;
    ps_error err = {0};

    assert_int_equal(lent.open(lent.user, path, 44100.0, &source, &err), status);
    if (!strstr(err.text, words))
        fail_msg("%s: %s", path, err.text);
    assert_int_equal(lent.load(lent.user, path, &recording, &err), status);
    assert_null(source);
    assert_null(recording.samples);
    ps_media_destroy(media);
}

static void what_should_not_be_opened_is_not(void **state)
{
    (void)state;
    write_text("t.json", "{}");
    write_text("text.wav", "RIFF and then nothing of the kind");
    assert_int_equal(mkfifo("pipe.wav", 0666), 0);
    assert_int_equal(symlink("t.json", "link.wav"), 0);
    is_not_opened("https://example.org/a.wav", PS_UNSUPPORTED, "another machine");
    is_not_opened(" HTTP://example.org/a.wav", PS_UNSUPPORTED, "another machine");
    is_not_opened("ftp://example.org/a.wav", PS_UNSUPPORTED, "another machine");
    is_not_opened("//server/a.wav", PS_UNSUPPORTED, "another machine");
    is_not_opened("\\\\server\\a.wav", PS_UNSUPPORTED, "another machine");
    is_not_opened("/dev/zero", PS_CANNOT_READ, "device");
    is_not_opened("pipe.wav", PS_CANNOT_READ, "device or pipe");
    is_not_opened(".", PS_CANNOT_READ, "directory");
    is_not_opened("t.json", PS_CANNOT_READ, "track itself");
    is_not_opened("link.wav", PS_CANNOT_READ, "track itself");
    is_not_opened("none.wav", PS_NOT_FOUND, "no such file");
    is_not_opened("", PS_NOT_FOUND, "no name");
    is_not_opened("text.wav", PS_BAD_DATA, "audio");
    is_not_opened("data:audio/wav;base64", PS_BAD_DATA, "comma");
    is_not_opened("data:,", PS_BAD_DATA, "without data");
    is_not_opened("data:,A", PS_BAD_DATA, "base64");
    is_not_opened("data:,AB=C", PS_BAD_DATA, "base64");
    is_not_opened("data:,AB*C", PS_BAD_DATA, "base64");
    is_not_opened("data:,AAAA", PS_BAD_DATA, "audio");
}

static void base64_gives_the_bytes_back(void **state)
{
    static const struct {
        const char *url, *bytes;
    } cases[] = {{"data:,Zg==", "f"},          {"data:text/plain,Zm8=", "fo"},
                 {"DATA:;base64,Zm9v", "foo"}, {"data:,Zm9v Yg", "foob"},
                 {"data:,Zm9vYmE=", "fooba"},  {"data:,Zm9v\nYmFy", "foobar"}}; /* RFC 4648, 10 */

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        uint8_t *bytes;
        size_t size_bytes;

        assert_true(ps_is_data_url(cases[i].url));
        assert_int_equal(ps_data_url_decode(&bytes, &size_bytes, cases[i].url, NULL), PS_OK);
        assert_int_equal(size_bytes, strlen(cases[i].bytes));
        assert_memory_equal(bytes, cases[i].bytes, size_bytes);
        ps_free(NULL, bytes);
    }
    assert_false(ps_is_data_url("dat:,"));
    assert_false(ps_is_data_url(""));
}

static void a_midi_file_is_a_clip(void **state)
{
    /* One note of a quarter at 120 quarters a minute. */
    static const uint8_t midi[] = {'M', 'T', 'h', 'd',  0,   0,   0, 6,    0,    0,  0, 1,
                                   0,   96,  'M', 'T',  'r', 'k', 0, 0,    0,    12, 0, 0x90,
                                   60,  100, 96,  0x80, 60,  0,   0, 0xff, 0x2f, 0};
    ps_media_options options = {0};
    ps_engine *engine;
    ps_media *media;
    ps_track_media lent;
    ps_source *source;
    char bank[512];
    ps_soundfont_file *soundfont;
    ps_bank_choice choice = {0};
    float left[1024], right[1024], most = 0.0f;
    ps_error err = {0};
    uint32_t got;

    (void)state;
    make_file("a.mid", midi, sizeof midi);
    assert_int_equal(ps_media_create(&media, &options, NULL), PS_OK);
    lent = ps_media_lend(media);
    assert_int_equal(lent.open(lent.user, "a.mid", 48000.0, &source, &err), PS_UNSUPPORTED);
    ps_media_destroy(media);
    tests_path(bank, sizeof bank, "data/soundfont/VintageDreamsWaves-v2.sf2");
    assert_int_equal(ps_soundfont_file_open(&soundfont, bank, false, NULL, NULL), PS_OK);
    assert_int_equal(ps_engine_create(&engine, NULL, NULL), PS_OK);
    choice.bank = ps_soundfont_file_bank(soundfont);
    options.engine = engine;
    options.banks = &choice;
    options.bank_count = 1;
    assert_int_equal(ps_media_create(&media, &options, NULL), PS_OK);
    lent = ps_media_lend(media);
    if (lent.open(lent.user, "a.mid", 48000.0, &source, &err) != PS_OK)
        fail_msg("%s", err.text);
    assert_true(ps_source_rate_hz(source) == 48000.0);
    assert_int_equal(ps_source_prepare(source, 0), PS_OK);
    while ((got = ps_source_pull(source, (ps_block){left, right, 1024})) > 0)
        for (uint32_t i = 0; i < got; i++)
            most = fmaxf(most, fabsf(left[i]));
    assert_true(most > 0.01f);
    ps_source_destroy(source);
    ps_media_destroy(media);
    ps_engine_destroy(engine);
    ps_soundfont_file_close(soundfont);
}

/* ---- Memory -------------------------------------------------------------------------------- */

static void every_failing_allocation_is_survived(void **state)
{
    const int descriptors = open_descriptors();
    char *url;

    (void)state;
    write_wav("a.wav");
    url = data_url_of("a.wav");
    write_text("a.noise", "{\"input_audio_path\": \"a.wav\"}");
    write_text("t.json", "{\"progression\": [{\"duration\": 1, \"voices\": [{}]}], "
                         "\"noise\": {\"file\": \"a.noise\"}, \"x\": {\"y\": 1}}");
    for (long allowed = 0;; allowed++) {
        const ps_media_options options = {.track_path = "t.json"};
        ps_track_file *file = NULL;
        ps_media *media = NULL;
        ps_recording recording = {0};
        ps_source *source = NULL;
        char *text = NULL;
        size_t bytes;
        ps_error err = {0};

        heap_allowed = allowed;
        ps_status status = ps_track_file_open(&file, "t.json", NULL, &err);
        if (status == PS_OK)
            status = ps_track_file_text(&text, &bytes, ps_track_file_track(file), &err);
        if (status == PS_OK)
            status = ps_media_create(&media, &options, &err);
        if (status == PS_OK) {
            const ps_track_media lent = ps_media_lend(media);

            status = lent.load(lent.user, url, &recording, &err);
            if (status == PS_OK)
                status = lent.open(lent.user, url, 22050.0, &source, &err);
            if (recording.samples)
                lent.release(lent.user, &recording);
        }
        heap_allowed = -1;
        assert_int_equal(status, status == PS_OK ? PS_OK : PS_NO_MEMORY);
        ps_source_destroy(source);
        ps_media_destroy(media);
        ps_free(NULL, text);
        ps_track_file_close(file);
        if (status == PS_OK) {
            assert_true(allowed > 15);
            break;
        }
    }
    assert_int_equal(open_descriptors(), descriptors);
    free(url);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bad_tracks_come_to_what_they_must),
        cmocka_unit_test(all_hostile_files_end_as_their_index_says),
        cmocka_unit_test(every_golden_track_reads_back_the_same),
        cmocka_unit_test(a_noise_file_is_read_beside_the_track),
        cmocka_unit_test(what_is_wrong_with_noise_is_told_once),
        cmocka_unit_test_teardown(a_noise_file_that_is_none_is_left_out, without_songs),
        cmocka_unit_test(voice_presets_are_tracks_of_one_step),
        cmocka_unit_test(what_is_no_voice_preset_is_refused),
        cmocka_unit_test(strict_reading_refuses_what_is_odd),
        cmocka_unit_test(the_locator_knows_old_names),
        cmocka_unit_test(a_track_is_saved_with_its_folders),
        cmocka_unit_test(json_is_told_from_audio),
        cmocka_unit_test(recordings_are_found_and_decoded),
        cmocka_unit_test(what_should_not_be_opened_is_not),
        cmocka_unit_test(base64_gives_the_bytes_back),
        cmocka_unit_test(a_midi_file_is_a_clip),
        cmocka_unit_test(every_failing_allocation_is_survived),
    };

    return cmocka_run_group_tests(tests, in_folder, out_of_folder);
}
