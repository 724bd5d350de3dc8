/*
 * The recordings of the reference: every golden track in reference mode, frame by frame. A third of
 * them lies beside this test; the others come from the shared folder when it is there.
 */
#include "support.h"

#include <dirent.h>
#include <math.h>
#include <sndfile.h>

#include <jansson.h>

#include "plainsong/engine.h"
#include "plainsong/track_file.h"

#define CASES_MAX 256u

typedef struct golden {
    char name[64];
    double max_abs, rms_db; /* what is allowed */
    long outliers;          /* frames that may differ more */
    bool reference_bug, random;
} golden;

static float *read_recording(const char *path, sf_count_t *frames)
{
    SF_INFO info = {0};
    SNDFILE *file = sf_open(path, SFM_READ, &info);

    if (!file)
        return NULL;
    assert_int_equal(info.channels, 2);
    float *samples = malloc((size_t)info.frames * 2 * sizeof *samples);
    *frames = sf_readf_float(file, samples, info.frames);
    sf_close(file);
    return samples;
}

static bool read_meta(const char *folder, golden *g)
{
    char path[1024];
    json_error_t why;

    snprintf(path, sizeof path, "%s/%.63s.meta.json", folder, g->name);
    json_t *meta = json_load_file(path, 0, &why);
    if (!meta)
        return false;
    const json_t *tolerance = json_object_get(meta, "tolerance");
    g->max_abs = tolerance ? json_number_value(json_object_get(tolerance, "max_abs")) : 1e-4;
    g->rms_db = tolerance ? json_number_value(json_object_get(tolerance, "rms_rel_db")) : -80.0;
    g->outliers =
        tolerance ? (long)json_integer_value(json_object_get(tolerance, "outlier_frames")) : 0;
    g->reference_bug = json_is_true(json_object_get(meta, "reference_bug"));
    g->random = json_is_true(json_object_get(meta, "random"));
    json_decref(meta);
    return true;
}

static ps_source *open_case(const char *folder, const golden *g, ps_track_file **file,
                            ps_media **media, ps_engine *engine)
{
    char path[1024];
    ps_error err = {0};
    ps_source *source = NULL;

    snprintf(path, sizeof path, "%s/%.63s.json", folder, g->name);
    if (ps_track_file_open(file, path, NULL, &err) != PS_OK)
        fail_msg("%s: %s", path, err.text);
    const ps_media_options lent = {.track_path = path, .engine = engine};
    assert_int_equal(ps_media_create(media, &lent, NULL), PS_OK);
    const ps_track_options options = {.reference = true, .media = ps_media_lend(*media)};
    if (ps_track_source_create(&source, engine, ps_track_file_track(*file), &options, &err) !=
        PS_OK)
        fail_msg("%s: %s", path, err.text);
    return source;
}

/* Compares; tells the figures; true when they are within what is allowed. */
static bool compare(const golden *g, const float *want, sf_count_t frames, ps_source *source)
{
    double square = 0.0, error_square = 0.0, worst = 0.0;
    float left[4096], right[4096];
    sf_count_t at = 0;
    long outliers = 0;
    uint32_t got;

    while ((got = ps_source_pull(source, (ps_block){left, right, 4096})) > 0) {
        for (uint32_t i = 0; i < got && at < frames; i++, at++) {
            const double l = (double)left[i] - (double)want[2 * at];
            const double r = (double)right[i] - (double)want[2 * at + 1];
            const double error = fmax(fabs(l), fabs(r));

            square += (double)want[2 * at] * (double)want[2 * at] +
                      (double)want[2 * at + 1] * (double)want[2 * at + 1];
            if (!(error <= g->max_abs) && outliers < g->outliers) {
                outliers++;
                continue;
            }
            worst = error > worst || isnan(error) ? error : worst;
            error_square += l * l + r * r;
        }
        if (at == frames && got == 4096 && ps_source_position(source) > (uint64_t)frames)
            break;
    }
    const uint64_t length = ps_source_length(source).frames;
    const double db = square > 0.0 ? 10.0 * log10(fmax(error_square, 1e-30) / square)
                                   : 10.0 * log10(error_square / (double)frames + 1e-30) + 40.0;
    const bool same = length == (uint64_t)frames && worst <= g->max_abs && db <= g->rms_db;
    printf("%-30s %8lld frames  max %.1e  rms %7.1f dB%s%s\n", g->name, (long long)frames, worst,
           db, length == (uint64_t)frames ? "" : "  LENGTH DIFFERS",
           g->reference_bug ? "  (a defect of the reference: not counted)"
           : same           ? ""
                            : "  FAILS");
    return same || g->reference_bug;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const golden *)a)->name, ((const golden *)b)->name);
}

static size_t list(const char *folder, golden *cases)
{
    DIR *dir = opendir(folder);
    struct dirent *entry;
    size_t count = 0;

    while (dir && (entry = readdir(dir)) && count < CASES_MAX) {
        const char *end = strstr(entry->d_name, ".meta.json");

        if (!end)
            continue;
        snprintf(cases[count].name, sizeof cases[count].name, "%.*s", (int)(end - entry->d_name),
                 entry->d_name);
        if (read_meta(folder, &cases[count]))
            count++;
    }
    if (dir)
        closedir(dir);
    qsort(cases, count, sizeof *cases, by_name);
    return count;
}

static void check_folder(const char *folder, size_t least)
{
    static golden cases[CASES_MAX];
    const size_t count = list(folder, cases);
    ps_engine *engine = NULL;
    size_t compared = 0, failed = 0;

    assert_int_equal(ps_engine_create(&engine, NULL, NULL), PS_OK);
    for (size_t i = 0; i < count; i++) {
        char path[1024];
        sf_count_t frames;

        snprintf(path, sizeof path, "%s/%.63s.wav", folder, cases[i].name);
        float *want = cases[i].random ? NULL : read_recording(path, &frames);
        snprintf(path, sizeof path, "%s/%.63s.flac", folder, cases[i].name);
        if (!want && !cases[i].random)
            want = read_recording(path, &frames);
        if (!want)
            continue;
        ps_track_file *file;
        ps_media *media;
        ps_source *source = open_case(folder, &cases[i], &file, &media, engine);
        compared++;
        failed += !compare(&cases[i], want, frames, source);
        ps_source_destroy(source);
        ps_media_destroy(media);
        ps_track_file_close(file);
        free(want);
    }
    ps_engine_destroy(engine);
    printf("%zu cases compared, %zu beyond their tolerance\n", compared, failed);
    assert_true(compared >= least);
    assert_int_equal(failed, 0);
}

static void tracks_of_this_repository_sound_as_the_reference_made_them(void **state)
{
    char folder[512];

    (void)state;
    check_folder(tests_path(folder, sizeof folder, "golden"), 25);
}

static void all_golden_tracks_do(void **state)
{
    const char *shared = getenv("PS_SHARED");
    char folder[512];

    (void)state;
    snprintf(folder, sizeof folder, "%s/golden", shared ? shared : "");
    DIR *dir = shared ? opendir(folder) : NULL;
    if (!dir) {
        printf("skipped: the shared golden recordings are not here\n");
        skip();
        return;
    }
    closedir(dir);
    check_folder(folder, 80);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tracks_of_this_repository_sound_as_the_reference_made_them),
        cmocka_unit_test(all_golden_tracks_do),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
