#define _GNU_SOURCE /* fmemopen, pipes: before every header */
#include "edge_support.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "../edge/target.h"
#include "failing_heap.h"
#include "plainsong/file.h"

#define LARGE_BYTES (1000u * 1000u) /* mapped */

static uint8_t large[LARGE_BYTES];

static void fill_large(void)
{
    for (size_t i = 0; i < LARGE_BYTES; i++)
        large[i] = (uint8_t)(i * 7 + i / 251);
}

static void is_said(const ps_error *err, const char *path, const char *text)
{
    assert_string_equal(err->path, path);
    assert_string_equal(err->text, text);
}

static void a_file_of_any_size_is_all_there(void **state)
{
    const size_t sizes[] = {0, 1, 4096, 16383, 16384, 16385, 262143, 262144, 262145, LARGE_BYTES};
    const int descriptors = open_descriptors();

    (void)state;
    fill_large();
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        ps_file *file;
        size_t size_bytes;

        make_file("x", large, sizes[i]);
        assert_int_equal(ps_file_map(&file, "x", NULL), PS_OK);
        assert_non_null(ps_file_bytes(file, &size_bytes));
        assert_int_equal(size_bytes, sizes[i]);
        assert_memory_equal(ps_file_bytes(file, &size_bytes), large, sizes[i]);
        ps_file_close(file);
    }
    assert_int_equal(open_descriptors(), descriptors);
    remove_files_here();
}

static void what_cannot_be_read_is_named(void **state)
{
    ps_error err;
    ps_file *file = NULL;
    char longest[5000];

    (void)state;
    assert_int_equal(ps_file_map(&file, "no/such", &err), PS_NOT_FOUND);
    is_said(&err, "no/such", "cannot open: no such file or directory");
    assert_int_equal(ps_file_map(&file, "", &err), PS_NOT_FOUND);
    assert_int_equal(ps_file_map(&file, ".", &err), PS_CANNOT_READ);
    is_said(&err, ".", "cannot read: is a directory");
    make_file("x", "abc", 3);
    assert_int_equal(ps_file_map(&file, "x/y", &err), PS_NOT_FOUND);
    memset(longest, 'a', sizeof longest);
    longest[sizeof longest - 1] = '\0';
    assert_int_equal(ps_file_map(&file, longest, &err), PS_CANNOT_READ);
    assert_string_equal(err.text, "cannot open: file name too long");
    assert_null(file);
    ps_file_close(NULL);
    remove_files_here();
}

static void a_stream_is_read_to_its_end(void **state)
{
    ps_file *file;
    size_t size_bytes;
    FILE *stream;

    (void)state;
    make_file("x", large, LARGE_BYTES);
    stream = fopen("x", "rb");
    assert_int_equal(ps_file_read_stream(&file, stream, NULL), PS_OK);
    assert_memory_equal(ps_file_bytes(file, &size_bytes), large, LARGE_BYTES);
    assert_int_equal(size_bytes, LARGE_BYTES);
    ps_file_close(file);
    fclose(stream);
    remove_files_here();
}

static void a_pipe_by_name_is_read_to_its_end(void **state)
{
    ps_file *file;
    size_t size_bytes;
    pid_t child;

    (void)state;
    assert_int_equal(mkfifo("pipe", 0600), 0);
    child = fork();
    if (child == 0) {
        const int fd = open("pipe", O_WRONLY);
        size_t done = 0;

        while (done < 300000) {
            const ssize_t count = write(fd, large + done, 300000 - done);

            CHILD_CHECK(count > 0);
            done += (size_t)count;
        }
        _exit(0);
    }
    assert_int_equal(ps_file_map(&file, "pipe", NULL), PS_OK);
    assert_memory_equal(ps_file_bytes(file, &size_bytes), large, 300000);
    assert_int_equal(size_bytes, 300000);
    ps_file_close(file);
    waitpid(child, NULL, 0);
    remove_files_here();
}

static void reading_comes_back_clean_when_memory_runs_out(void **state)
{
    const int descriptors = open_descriptors();
    ps_status status = PS_NO_MEMORY;
    ps_file *file;

    (void)state;
    assert_int_equal(mkfifo("pipe", 0600), 0);
    for (long allowed = 0; status != PS_OK; allowed++) {
        const pid_t child = fork();

        assert_true(allowed < 100);
        if (child == 0) { /* more than a first read, so that growing fails too */
            const int fd = open("pipe", O_WRONLY);

            signal(SIGPIPE, SIG_IGN);
            for (size_t done = 0; done < 100000; done += 1000)
                if (write(fd, large + done, 1000) < 0)
                    break;
            _exit(0);
        }
        heap_allowed = allowed;
        status = ps_file_map(&file, "pipe", NULL);
        heap_allowed = -1;
        assert_true(status == PS_OK || status == PS_NO_MEMORY);
        waitpid(child, NULL, 0);
    }
    ps_file_close(file);
    assert_int_equal(open_descriptors(), descriptors);
    remove_files_here();
}

static void a_file_is_written_whole_or_not_at_all(void **state)
{
    ps_target target;

    (void)state;
    assert_int_equal(ps_file_write("x", large, LARGE_BYTES, false, NULL), PS_OK);
    holds("x", large, LARGE_BYTES);
    assert_int_equal(ps_target_open(&target, "x", false, NULL), PS_OK);
    assert_int_equal(ps_target_write(&target, "half", 4, NULL), PS_OK);
    holds("x", large, LARGE_BYTES);
    assert_int_equal(files_here(), 2);
    ps_target_close(&target);
    holds("x", large, LARGE_BYTES);
    assert_int_equal(files_here(), 1);
    assert_int_equal(ps_file_write("x", (const uint8_t *)"new", 3, false, NULL), PS_OK);
    holds("x", "new", 3);
    assert_int_equal(files_here(), 1);
    remove_files_here();
}

static void a_replaced_file_keeps_its_mode_and_links_to_it(void **state)
{
    struct stat about;

    (void)state;
    make_file("x", "old", 3);
    chmod("x", 0640);
    assert_int_equal(symlink("x", "link"), 0);
    assert_int_equal(ps_file_write("link", (const uint8_t *)"new", 3, false, NULL), PS_OK);
    holds("x", "new", 3);
    assert_int_equal(lstat("link", &about), 0);
    assert_true(S_ISLNK(about.st_mode));
    assert_int_equal(stat("x", &about), 0);
    assert_int_equal(about.st_mode & 0777, 0640);
    umask(027);
    assert_int_equal(ps_file_write("y", (const uint8_t *)"new", 3, false, NULL), PS_OK);
    umask(022);
    assert_int_equal(stat("y", &about), 0);
    assert_int_equal(about.st_mode & 0777, 0640);
    remove_files_here();
}

static void no_clobber_refuses_early_and_in_a_race(void **state)
{
    ps_target target;
    ps_error err;

    (void)state;
    make_file("x", "old", 3);
    assert_int_equal(ps_target_open(&target, "x", true, &err), PS_CANNOT_WRITE);
    ps_target_close(&target);
    is_said(&err, "x", "exists and is not to be overwritten");
    assert_true(err.hint[0] != '\0');

    assert_int_equal(ps_target_open(&target, "y", true, &err), PS_OK);
    assert_int_equal(ps_target_write(&target, "late", 4, &err), PS_OK);
    make_file("y", "first", 5);
    assert_int_equal(ps_target_finish(&target, &err), PS_CANNOT_WRITE);
    ps_target_close(&target);
    holds("y", "first", 5);
    assert_int_equal(files_here(), 2);

    assert_int_equal(ps_file_write("z", (const uint8_t *)"new", 3, true, NULL), PS_OK);
    holds("z", "new", 3);
    assert_int_equal(files_here(), 3);
    remove_files_here();
}

static void two_writers_of_one_name_do_not_meet(void **state)
{
    ps_target one, two;

    (void)state;
    assert_int_equal(ps_target_open(&one, "x", false, NULL), PS_OK);
    assert_int_equal(ps_target_open(&two, "x", false, NULL), PS_OK);
    assert_int_equal(ps_target_write(&one, "one", 3, NULL), PS_OK);
    assert_int_equal(ps_target_write(&two, "two", 3, NULL), PS_OK);
    assert_int_equal(ps_target_finish(&one, NULL), PS_OK);
    holds("x", "one", 3);
    assert_int_equal(ps_target_finish(&two, NULL), PS_OK);
    holds("x", "two", 3);
    ps_target_close(&one);
    ps_target_close(&two);
    assert_int_equal(files_here(), 1);
    remove_files_here();
}

static void unwritable_targets_are_refused_in_words(void **state)
{
    const uint8_t byte[] = {1};
    char longest[256];
    ps_error err;

    (void)state;
    assert_int_equal(ps_file_write(".", byte, 1, false, &err), PS_CANNOT_WRITE);
    is_said(&err, ".", "cannot write: is a directory");
    assert_int_equal(ps_file_write("new/", byte, 1, false, &err), PS_CANNOT_WRITE);
    assert_int_equal(ps_file_write("no/such", byte, 1, false, &err), PS_CANNOT_WRITE);
    is_said(&err, "no/such", "cannot write: no such file or directory");
    assert_int_equal(ps_file_write("", byte, 1, false, &err), PS_CANNOT_WRITE);
    assert_int_equal(ps_file_write("/proc/x", byte, 1, false, &err), PS_CANNOT_WRITE);
    memset(longest, 'n', 255);
    longest[255] = '\0';
    assert_int_equal(ps_file_write(longest, byte, 1, false, &err), PS_OK);
    assert_int_equal(files_here(), 1);
    remove_files_here();
}

static void a_full_disk_leaves_nothing(void **state)
{
    const pid_t child = fork();
    ps_error err;
    int ended;

    (void)state;
    if (child == 0) {
        const struct rlimit limit = {50000, 50000};

        signal(SIGXFSZ, SIG_IGN);
        CHILD_CHECK(setrlimit(RLIMIT_FSIZE, &limit) == 0);
        CHILD_CHECK(ps_file_write("x", large, 50000, false, &err) == PS_OK);
        CHILD_CHECK(ps_file_write("x", large, 50001, false, &err) == PS_CANNOT_WRITE);
        CHILD_CHECK(strcmp(err.text, "cannot write: file too large") == 0);
        _exit(0);
    }
    waitpid(child, &ended, 0);
    assert_int_equal(ended, 0);
    holds("x", large, 50000);
    assert_int_equal(files_here(), 1);
    if (access("/dev/full", W_OK) == 0) {
        assert_int_equal(ps_file_write("/dev/full", large, 1, false, &err), PS_CANNOT_WRITE);
        is_said(&err, "/dev/full", "cannot write: no space left on device");
    }
    assert_int_equal(ps_file_write("/dev/null", large, LARGE_BYTES, true, &err), PS_OK);
    remove_files_here();
}

static void a_stream_that_is_a_file_can_be_patched_where_it_began(void **state)
{
    FILE *stream = fopen("x", "wb"), *appending;
    ps_target target;

    (void)state;
    fputs("before ", stream);
    assert_int_equal(ps_target_open_stream(&target, stream, NULL), PS_OK);
    assert_true(target.patchable);
    assert_int_equal(ps_target_write(&target, "HEAD body", 9, NULL), PS_OK);
    assert_int_equal(ps_target_patch(&target, 0, "head", 4, NULL), PS_OK);
    assert_int_equal(ps_target_finish(&target, NULL), PS_OK);
    ps_target_close(&target);
    fputs(" after", stream);
    fclose(stream);
    holds("x", "before head body after", 22);

    appending = fopen("x", "ab");
    assert_int_equal(ps_target_open_stream(&target, appending, NULL), PS_OK);
    assert_false(target.patchable);
    ps_target_close(&target);
    fclose(appending);
    remove_files_here();
}

static void writing_comes_back_clean_when_memory_runs_out(void **state)
{
    const int descriptors = open_descriptors();

    (void)state;
    for (int existing = 0; existing < 2; existing++) {
        ps_status status = PS_NO_MEMORY;

        for (long allowed = 0; status != PS_OK; allowed++) {
            assert_true(allowed < 100);
            heap_allowed = allowed;
            status = ps_file_write("x", large, 100, false, NULL);
            heap_allowed = -1;
            assert_true(status == PS_OK || status == PS_NO_MEMORY);
            assert_int_equal(files_here(), existing || status == PS_OK ? 1 : 0);
        }
    }
    assert_int_equal(open_descriptors(), descriptors);
    remove_files_here();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_of_any_size_is_all_there),
        cmocka_unit_test(what_cannot_be_read_is_named),
        cmocka_unit_test(a_stream_is_read_to_its_end),
        cmocka_unit_test(a_pipe_by_name_is_read_to_its_end),
        cmocka_unit_test(reading_comes_back_clean_when_memory_runs_out),
        cmocka_unit_test(a_file_is_written_whole_or_not_at_all),
        cmocka_unit_test(a_replaced_file_keeps_its_mode_and_links_to_it),
        cmocka_unit_test(no_clobber_refuses_early_and_in_a_race),
        cmocka_unit_test(two_writers_of_one_name_do_not_meet),
        cmocka_unit_test(unwritable_targets_are_refused_in_words),
        cmocka_unit_test(a_full_disk_leaves_nothing),
        cmocka_unit_test(a_stream_that_is_a_file_can_be_patched_where_it_began),
        cmocka_unit_test(writing_comes_back_clean_when_memory_runs_out),
    };

    return cmocka_run_group_tests(tests, in_folder, out_of_folder);
}
