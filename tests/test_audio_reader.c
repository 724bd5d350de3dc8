#define _GNU_SOURCE
#include "edge_support.h"

#include <math.h>
#include <sndfile.h>

#include "failing_heap.h"
#include "plainsong/file.h"

#define FRAMES 60000u
#define MORE   70000u /* what a decoder may add */

static float left[FRAMES], right[FRAMES];

/* Not periodic, so that a wrong place is seen; smooth, so that codecs do well. */
static int prepare(void **state)
{
    for (uint32_t i = 0; i < FRAMES; i++) {
        left[i] = 0.6f * sinf((float)i * 0.03f + 2e-6f * (float)i * (float)i);
        right[i] = 0.4f * sinf((float)i * 0.011f + 1e-6f * (float)i * (float)i);
    }
    return in_folder(state);
}

static void write_file(const char *path, ps_container container, uint32_t rate_hz)
{
    ps_audio_writer_options options = ps_audio_writer_defaults();
    ps_audio_writer *writer;

    options.container = container;
    options.rate_hz = rate_hz;
    options.dither = false;
    assert_int_equal(ps_audio_writer_open(&writer, path, &options, NULL), PS_OK);
    assert_int_equal(ps_audio_writer_write(writer, (ps_block){left, right, FRAMES}, NULL), PS_OK);
    assert_int_equal(ps_audio_writer_finish(writer, NULL), PS_OK);
    ps_audio_writer_close(writer);
}

static ps_source *open_source(const char *path, double rate_hz)
{
    ps_source *source;
    ps_error err;

    if (ps_audio_file_source(&source, path, rate_hz, &err) != PS_OK)
        fail_msg("%s: %s", path, err.text);
    return source;
}

static uint32_t pull_all(ps_source *source, float *l, float *r, uint32_t room, uint32_t size)
{
    uint32_t done = 0, got;

    do {
        const uint32_t left_over = room - done;

        got = ps_source_pull(source,
                             (ps_block){l + done, r + done, left_over < size ? left_over : size});
        done += got;
    } while (got > 0 && done < room);
    return done;
}

static void a_file_is_heard_as_it_was_written(void **state)
{
    static float l[MORE], r[MORE];
    static const struct {
        ps_container container;
        uint32_t rate_hz;
        ps_length_kind kind;
        float tolerance;
    } cases[] = {
        {PS_CONTAINER_WAV, 44100, PS_LENGTH_KNOWN, 2e-5f},
        {PS_CONTAINER_AIFF, 8000, PS_LENGTH_KNOWN, 2e-5f},
        {PS_CONTAINER_FLAC, 192000, PS_LENGTH_KNOWN, 2e-5f},
        {PS_CONTAINER_MP3, 44100, PS_LENGTH_AT_MOST, 0.03f},
        {PS_CONTAINER_OGG, 48000, PS_LENGTH_AT_MOST, 0.06f},
        {PS_CONTAINER_OPUS, 48000, PS_LENGTH_AT_MOST, 0.1f},
    };
    const int descriptors = open_descriptors();

    (void)state;
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        ps_source *source;

        write_file("x", cases[c].container, cases[c].rate_hz);
        source = open_source("x", 0.0);
        assert_true(ps_source_rate_hz(source) == cases[c].rate_hz);
        assert_int_equal(ps_source_length(source).kind, cases[c].kind);
        assert_int_equal(ps_source_length(source).frames, FRAMES);
        assert_string_equal(ps_source_kind_name(source), "audio file");
        assert_int_equal(pull_all(source, l, r, MORE, 777), FRAMES);
        for (uint32_t i = 2000; i < FRAMES - 2000; i++) /* lossy codecs fade in and out */
            assert_true(fabsf(l[i] - left[i]) <= cases[c].tolerance &&
                        fabsf(r[i] - right[i]) <= cases[c].tolerance);
        ps_source_destroy(source);
    }
    assert_int_equal(open_descriptors(), descriptors);
    remove_files_here();
}

static void seeking_equals_playing(void **state)
{
    static float l[MORE], r[MORE], ls[1000], rs[1000];

    (void)state;
    for (int container = PS_CONTAINER_WAV; container <= PS_CONTAINER_OPUS; container++) {
        uint32_t random = 1, total;
        ps_source *source;

        write_file("x", (ps_container)container, 48000);
        source = open_source("x", 0.0);
        total = pull_all(source, l, r, MORE, 4096);
        assert_int_equal(total, FRAMES);
        for (int round = 0; round < 24; round++) {
            const uint32_t frame = round == 0 ? 0
                                   : round == 1
                                       ? total - 1
                                       : (random = random * 1664525u + 1013904223u) % total;
            const uint32_t size = 1 + frame % 999;
            const uint32_t expected = total - frame < size ? total - frame : size;

            assert_int_equal(ps_source_seek(source, frame), PS_OK);
            assert_int_equal(ps_source_position(source), frame);
            assert_int_equal(ps_source_pull(source, (ps_block){ls, rs, size}), expected);
            assert_memory_equal(ls, l + frame, expected * sizeof *ls);
            assert_memory_equal(rs, r + frame, expected * sizeof *rs);
        }
        assert_int_equal(ps_source_seek(source, total), PS_OK);
        assert_int_equal(ps_source_pull(source, (ps_block){ls, rs, 100}), 0);
        assert_int_equal(ps_source_seek(source, (uint64_t)1 << 60), PS_OK);
        assert_int_equal(ps_source_pull(source, (ps_block){ls, rs, 100}), 0);
        assert_int_equal(ps_source_seek(source, 0), PS_OK);
        assert_int_equal(ps_source_pull(source, (ps_block){ls, rs, 100}), 100);
        assert_memory_equal(ls, l, 100 * sizeof *ls);
        ps_source_destroy(source);
    }
    remove_files_here();
}

static void the_block_size_is_not_heard(void **state)
{
    static float l[MORE], r[MORE], l1[MORE], r1[MORE];
    static const uint32_t sizes[] = {1, 63, 64, 65, 1000, 8192};

    (void)state;
    for (int container = PS_CONTAINER_WAV; container <= PS_CONTAINER_OPUS; container++) {
        ps_source *source;

        write_file("x", (ps_container)container, 48000);
        source = open_source("x", 0.0);
        pull_all(source, l, r, MORE, 512);
        for (size_t s = 0; s < 6; s++) {
            assert_int_equal(ps_source_seek(source, 0), PS_OK);
            assert_int_equal(pull_all(source, l1, r1, MORE, sizes[s]), FRAMES);
            assert_memory_equal(l, l1, FRAMES * sizeof *l);
            assert_memory_equal(r, r1, FRAMES * sizeof *r);
        }
        ps_source_destroy(source);
    }
    remove_files_here();
}

static void write_channels(int channels)
{
    SF_INFO info = {
        .samplerate = 22050, .channels = channels, .format = SF_FORMAT_WAV | SF_FORMAT_FLOAT};
    SNDFILE *file = sf_open("x", SFM_WRITE, &info);
    float frame[8];

    for (uint32_t i = 0; i < 1000; i++) {
        for (int c = 0; c < channels; c++)
            frame[c] = (float)(i + 1) * 0.0001f * (float)(c + 1);
        sf_writef_float(file, frame, 1);
    }
    sf_close(file);
}

static void mono_is_on_both_sides_and_of_many_the_first_two_are_heard(void **state)
{
    float l[1000], r[1000];

    (void)state;
    for (int channels = 1; channels <= 6; channels++) {
        ps_source *source;

        write_channels(channels);
        source = open_source("x", 0.0);
        assert_int_equal(pull_all(source, l, r, 1000, 100), 1000);
        for (uint32_t i = 0; i < 1000; i++) {
            assert_true(l[i] == (float)(i + 1) * 0.0001f);
            assert_true(r[i] == (channels > 1 ? (float)(i + 1) * 0.0001f * 2.0f : l[i]));
        }
        ps_source_destroy(source);
    }
    remove_files_here();
}

static void another_rate_plays_the_same_at_that_rate(void **state)
{
    static float l[8 * MORE], r[8 * MORE];
    static const double rates[] = {8000.0, 22050.0, 44100.0, 47999.5, 96000.0, 192000.0};

    (void)state;
    write_file("x", PS_CONTAINER_WAV, 48000);
    for (size_t c = 0; c < 6; c++) {
        ps_source *source = open_source("x", rates[c]);
        const double ratio = rates[c] / 48000.0;
        uint32_t frames;

        assert_true(ps_source_rate_hz(source) == rates[c]);
        assert_int_equal(ps_source_length(source).kind, PS_LENGTH_KNOWN);
        frames = pull_all(source, l, r, 8 * MORE, 5000);
        assert_int_equal(frames, ps_source_length(source).frames);
        assert_true(fabs(frames - FRAMES * ratio) <= 1.0);
        for (uint32_t i = frames / 10; i < frames / 2; i++) {
            const double at = i / ratio;

            assert_true(fabs(l[i] - 0.6 * sin(at * 0.03 + 2e-6 * at * at)) < 2e-3);
            assert_true(fabs(r[i] - 0.4 * sin(at * 0.011 + 1e-6 * at * at)) < 2e-3);
        }
        assert_int_equal(ps_source_seek(source, 5000), PS_OK);
        assert_int_equal(ps_source_pull(source, (ps_block){l, r, 10}), 10);
        assert_true(l[0] != 0.0f);
        ps_source_destroy(source);
    }
    remove_files_here();
}

static void what_cannot_be_read_is_named(void **state)
{
    static const uint8_t wav[] = "RIFF\x24\0\0\0WAVEfmt \x10\0\0\0\1\0\1\0\1\0\0\0\2\0\0\0\2\0\x10"
                                 "\0data\0\0\0";
    const int descriptors = open_descriptors();
    ps_source *source = NULL;
    ps_error err;
    uint32_t random = 7;

    (void)state;
    assert_int_equal(ps_audio_file_source(&source, "no.wav", 0.0, &err), PS_NOT_FOUND);
    assert_string_equal(err.path, "no.wav");
    assert_int_equal(ps_audio_file_source(&source, ".", 0.0, &err), PS_CANNOT_READ);
    assert_string_equal(err.text, "cannot read: is a directory");
    make_file("x.wav", "this is no audio file", 21);
    assert_int_equal(ps_audio_file_source(&source, "x.wav", 0.0, &err), PS_BAD_DATA);
    assert_string_equal(err.text, "no audio file of a kind known here");
    make_file("x.wav", "", 0);
    assert_int_equal(ps_audio_file_source(&source, "x.wav", 0.0, &err), PS_BAD_DATA);
    make_file("x.wav", wav, sizeof wav);
    assert_int_equal(ps_audio_file_source(&source, "x.wav", 0.0, &err), PS_UNSUPPORTED);
    assert_string_equal(err.text, "audio: rate of 1 Hz");
    assert_int_equal(ps_audio_file_source(&source, "x.wav", 48000.0, &err), PS_UNSUPPORTED);
    assert_int_equal(ps_audio_file_source(&source, "x.wav", 7999.0, &err), PS_BAD_ARGUMENT);
    assert_int_equal(ps_audio_file_source(&source, "x.wav", (double)NAN, &err), PS_BAD_ARGUMENT);
    assert_null(source);
    for (int container = PS_CONTAINER_WAV; container <= PS_CONTAINER_MP3; container++) {
        static uint8_t whole[4096], damaged[4096];
        FILE *file;

        write_file("whole", (ps_container)container, 44100);
        file = fopen("whole", "rb");
        assert_int_equal(fread(whole, 1, sizeof whole, file), sizeof whole);
        fclose(file);
        for (int round = 0; round < 20; round++) {
            float l[64], r[64];

            memcpy(damaged, whole, sizeof damaged);
            for (int i = 0; i < round; i++) {
                random = random * 1664525u + 1013904223u;
                damaged[random % (round < 10 ? 100 : sizeof damaged)] ^= (uint8_t)(random >> 20);
            }
            make_file("x.wav", damaged, sizeof damaged);
            if (ps_audio_file_source(&source, "x.wav", 0.0, &err) == PS_OK) {
                while (ps_source_pull(source, (ps_block){l, r, 64}) > 0)
                    assert_true(isfinite(l[0]) && isfinite(r[0]));
                ps_source_destroy(source);
            }
        }
    }
    assert_int_equal(open_descriptors(), descriptors);
    remove_files_here();
}

static void open_gives_back_everything_when_memory_runs_out(void **state)
{
    const int descriptors = open_descriptors();

    (void)state;
    write_file("x", PS_CONTAINER_WAV, 8000);
    for (int resampled = 0; resampled < 2; resampled++) {
        ps_status status = PS_NO_MEMORY;
        ps_source *source = NULL;

        for (long allowed = 0; status != PS_OK; allowed++) {
            assert_true(allowed < 50);
            heap_allowed = allowed;
            status = ps_audio_file_source(&source, "x", resampled ? 192000.0 : 0.0, NULL);
            heap_allowed = -1;
            assert_true(status == PS_OK ? source != NULL : status == PS_NO_MEMORY && !source);
        }
        ps_source_destroy(source);
    }
    assert_int_equal(open_descriptors(), descriptors);
    remove_files_here();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_is_heard_as_it_was_written),
        cmocka_unit_test(seeking_equals_playing),
        cmocka_unit_test(the_block_size_is_not_heard),
        cmocka_unit_test(mono_is_on_both_sides_and_of_many_the_first_two_are_heard),
        cmocka_unit_test(another_rate_plays_the_same_at_that_rate),
        cmocka_unit_test(what_cannot_be_read_is_named),
        cmocka_unit_test(open_gives_back_everything_when_memory_runs_out),
    };

    return cmocka_run_group_tests(tests, prepare, out_of_folder);
}
