#define _GNU_SOURCE
#include "edge_support.h"

#include "../edge/soundfont_find.h"
#include "failing_heap.h"
#include "plainsong/file.h"
#include "plainsong/threads.h"

static const char *small_bank(char *path, size_t size_bytes, const char *name)
{
    char beside[64];

    snprintf(beside, sizeof beside, "data/soundfont/%s", name);
    return tests_path(path, size_bytes, beside);
}

static void sf2_and_sf3_of_one_bank_open_alike(void **state)
{
    const char *const names[] = {"VintageDreamsWaves-v2.sf2", "VintageDreamsWaves-v2.sf3"};
    const int descriptors = open_descriptors();
    ps_soundfont_info info[2];
    ps_threads *threads;

    (void)state;
    assert_int_equal(ps_threads_create(&threads, 2, NULL), PS_OK);
    for (int i = 0; i < 2; i++) {
        ps_soundfont_file *file;
        char path[1024];

        small_bank(path, sizeof path, names[i]);
        assert_int_equal(ps_soundfont_file_open(&file, path, false, NULL, NULL), PS_OK);
        assert_int_equal(ps_soundfont_prepare(ps_soundfont_file_bank(file), 0, 0, 127, 0, 127,
                                              ps_threads_workers(threads), NULL),
                         PS_OK);
        ps_soundfont_get_info(ps_soundfont_file_bank(file), &info[i]);
        ps_soundfont_file_close(file);
    }
    assert_false(info[0].vorbis);
    assert_true(info[1].vorbis);
    assert_true(info[1].decoded_samples > 0 && info[1].decoded_bytes > 0);
    assert_int_equal(info[0].presets, info[1].presets);
    ps_threads_destroy(threads);
    assert_int_equal(open_descriptors(), descriptors);
}

static void what_is_no_bank_is_named(void **state)
{
    ps_soundfont_file *file = NULL;
    ps_error err;

    (void)state;
    assert_int_equal(ps_soundfont_file_open(&file, "no.sf2", false, NULL, &err), PS_NOT_FOUND);
    assert_string_equal(err.path, "no.sf2");
    make_file("x.sf2", "no bank at all", 14);
    assert_int_equal(ps_soundfont_file_open(&file, "x.sf2", false, NULL, &err), PS_BAD_DATA);
    assert_string_equal(err.path, "x.sf2");
    make_file("x.sf2", "", 0);
    assert_int_equal(ps_soundfont_file_open(&file, "x.sf2", false, NULL, &err), PS_BAD_DATA);
    assert_null(file);
    ps_soundfont_file_close(NULL);
    remove_files_here();
}

static void open_gives_back_everything_when_memory_runs_out(void **state)
{
    const int descriptors = open_descriptors();
    ps_status status = PS_NO_MEMORY;
    ps_soundfont_file *file;
    char path[1024];

    (void)state;
    small_bank(path, sizeof path, "VintageDreamsWaves-v2.sf2");
    for (long allowed = 0; status != PS_OK; allowed++) {
        assert_true(allowed < 1000);
        heap_allowed = allowed;
        status = ps_soundfont_file_open(&file, path, false, NULL, NULL);
        heap_allowed = -1;
        assert_true(status == PS_OK || status == PS_NO_MEMORY);
    }
    ps_soundfont_file_close(file);
    assert_int_equal(open_descriptors(), descriptors);
}

static void is_found(const char *const *folders, size_t index, const char *expected)
{
    char path[256];

    if (!expected) {
        assert_false(ps_soundfont_in_folders(folders, index, path, sizeof path));
        return;
    }
    assert_true(ps_soundfont_in_folders(folders, index, path, sizeof path));
    assert_string_equal(path, expected);
}

static void banks_are_listed_once_the_preferred_first(void **state)
{
    const char *const folders[] = {"none", "a", "b", NULL};
    char path[8];

    (void)state;
    mkdir("a", 0700);
    mkdir("b", 0700);
    mkdir("b/folder.sf2", 0700);
    make_file("b/zither.SF3", "", 0);
    make_file("b/harp.sf2", "", 0);
    make_file("b/TimGM6mb.sf2", "", 0);
    make_file("b/readme.txt", "", 0);
    make_file("b/.sf2", "", 0);
    assert_int_equal(symlink("harp.sf2", "b/default-GM.sf2"), 0);
    assert_int_equal(symlink("nowhere", "b/dangling.sf2"), 0);
    make_file("a/own.sf2", "", 0);
    is_found(folders, 0, "a/own.sf2");
    is_found(folders, 1, "b/default-GM.sf2");
    is_found(folders, 2, "b/TimGM6mb.sf2");
    is_found(folders, 3, "b/zither.SF3");
    is_found(folders, 4, NULL);
    is_found(folders, SIZE_MAX, NULL);
    assert_false(ps_soundfont_in_folders(folders, 0, path, sizeof path));
    for (long allowed = 0; allowed < 5; allowed++) {
        heap_allowed = allowed;
        assert_false(ps_soundfont_in_folders(folders, 4, path, sizeof path));
        heap_allowed = -1;
    }
    assert_int_equal(system("rm -r a b"), 0);
}

static void the_environment_chooses_the_default(void **state)
{
    char path[256], folder_here[512], expected[600];
    ps_error err;

    (void)state;
    assert_non_null(getcwd(folder_here, sizeof folder_here));
    mkdir("soundfonts", 0700);
    make_file("soundfonts/mine.sf2", "", 0);
    setenv("XDG_DATA_HOME", folder_here, 1);
    unsetenv("PLAINSONG_SOUNDFONT");
    snprintf(expected, sizeof expected, "%s/soundfonts/mine.sf2", folder_here);
    assert_int_equal(ps_soundfont_find_default(path, sizeof path, &err), PS_OK);
    assert_string_equal(path, expected);
    assert_true(ps_soundfont_find_nth(0, path, sizeof path));
    assert_string_equal(path, expected);

    setenv("PLAINSONG_SOUNDFONT", "soundfonts/mine.sf2", 1);
    assert_int_equal(ps_soundfont_find_default(path, sizeof path, &err), PS_OK);
    assert_string_equal(path, "soundfonts/mine.sf2");
    setenv("PLAINSONG_SOUNDFONT", "gone.sf2", 1);
    assert_int_equal(ps_soundfont_find_default(path, sizeof path, &err), PS_NOT_FOUND);
    assert_string_equal(err.path, "gone.sf2");
    assert_non_null(strstr(err.hint, "PLAINSONG_SOUNDFONT"));
    unsetenv("PLAINSONG_SOUNDFONT");
    unsetenv("XDG_DATA_HOME");
    assert_int_equal(system("rm -r soundfonts"), 0);

    setenv("HOME", folder_here, 1);
    if (ps_soundfont_find_default(path, sizeof path, &err) != PS_OK) {
        assert_int_equal(err.status, PS_NOT_FOUND);
        assert_non_null(strstr(err.hint, "--soundfont FILE"));
    } else {
        assert_int_equal(access(path, R_OK), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sf2_and_sf3_of_one_bank_open_alike),
        cmocka_unit_test(what_is_no_bank_is_named),
        cmocka_unit_test(open_gives_back_everything_when_memory_runs_out),
        cmocka_unit_test(banks_are_listed_once_the_preferred_first),
        cmocka_unit_test(the_environment_chooses_the_default),
    };

    return cmocka_run_group_tests(tests, in_folder, out_of_folder);
}
