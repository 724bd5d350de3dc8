#define _GNU_SOURCE
#include "edge_support.h"

#include <math.h>
#include <signal.h>
#include <sndfile.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "../edge/audio_writer.h"
#include "failing_heap.h"
#include "plainsong/file.h"

#define FRAMES 10007u /* odd, so that 24-bit mono needs a pad byte */

static float left[FRAMES], right[FRAMES];

static int prepare(void **state)
{
    for (uint32_t i = 0; i < FRAMES; i++) {
        left[i] = 0.7f * sinf((float)i * 0.02f);
        right[i] = 0.3f * sinf((float)i * 0.031f) + (i % 997 == 0 ? 0.9f : 0.0f);
    }
    return in_folder(state);
}

static ps_block whole(void)
{
    return (ps_block){left, right, FRAMES};
}

static ps_status write_blocks(ps_audio_writer *writer, uint32_t size, ps_error *err)
{
    ps_status status = PS_OK;

    for (uint32_t done = 0; done < FRAMES && status == PS_OK; done += size)
        status = ps_audio_writer_write(
            writer, ps_block_part(whole(), done, FRAMES - done < size ? FRAMES - done : size), err);
    return status;
}

static ps_status write_file(const char *path, const ps_audio_writer_options *options, uint32_t size,
                            ps_error *err)
{
    ps_audio_writer *writer;
    ps_status status = ps_audio_writer_open(&writer, path, options, err);

    if (status != PS_OK)
        return status;
    status = write_blocks(writer, size, err);
    if (status == PS_OK)
        status = ps_audio_writer_finish(writer, err);
    ps_audio_writer_close(writer);
    return status;
}

/* Through a real pipe into a file of that name. */
static ps_status write_pipe(const char *path, const ps_audio_writer_options *options, ps_error *err)
{
    char command[256];
    ps_audio_writer *writer;
    ps_status status;
    FILE *pipe;

    snprintf(command, sizeof command, "cat > %s", path);
    pipe = popen(command, "w");
    assert_non_null(pipe);
    status = ps_audio_writer_open_stream(&writer, pipe, options, err);
    if (status == PS_OK) {
        status = write_blocks(writer, 1000, err);
        if (status == PS_OK)
            status = ps_audio_writer_finish(writer, err);
        ps_audio_writer_close(writer);
    }
    assert_int_equal(pclose(pipe), 0);
    return status;
}

/* The file holds, in order, what ps_quantize makes of all frames. */
static void holds_exactly(const char *path, const ps_audio_writer_options *options)
{
    static uint8_t wanted[FRAMES * 2 * 4];
    static int32_t ints[FRAMES * 2];
    static float floats[FRAMES * 2];
    const ps_quantizer quantizer = {options->samples, options->dither, options->seed};
    const uint32_t sample_bytes = ps_sample_bytes(options->samples);
    SF_INFO info = {0};
    SNDFILE *file = sf_open(path, SFM_READ, &info);

    assert_non_null(file);
    assert_int_equal(info.samplerate, options->rate_hz);
    assert_int_equal(info.channels, options->channels);
    assert_int_equal(info.frames, FRAMES);
    ps_quantize(&quantizer, wanted, whole(), 0, options->channels);
    if (options->samples == PS_SAMPLE_FLOAT32)
        assert_int_equal(sf_readf_float(file, floats, FRAMES), FRAMES);
    else
        assert_int_equal(sf_readf_int(file, ints, FRAMES), FRAMES);
    for (uint32_t i = 0; i < FRAMES * options->channels; i++) {
        uint32_t bits = 0, found;

        for (uint32_t b = 0; b < sample_bytes; b++)
            bits |= (uint32_t)wanted[i * sample_bytes + b] << 8 * (4 - sample_bytes + b);
        if (options->samples == PS_SAMPLE_FLOAT32)
            memcpy(&found, &floats[i], sizeof found);
        else
            memcpy(&found, &ints[i], sizeof found);
        assert_int_equal(found, bits);
    }
    sf_close(file);
}

static void every_lossless_file_holds_what_was_quantized(void **state)
{
    static const struct {
        ps_container container;
        ps_sample_format samples;
    } cases[] = {
        {PS_CONTAINER_WAV, PS_SAMPLE_INT16},  {PS_CONTAINER_WAV, PS_SAMPLE_INT24},
        {PS_CONTAINER_WAV, PS_SAMPLE_INT32},  {PS_CONTAINER_WAV, PS_SAMPLE_FLOAT32},
        {PS_CONTAINER_AIFF, PS_SAMPLE_INT16}, {PS_CONTAINER_AIFF, PS_SAMPLE_INT24},
        {PS_CONTAINER_AIFF, PS_SAMPLE_INT32}, {PS_CONTAINER_AIFF, PS_SAMPLE_FLOAT32},
        {PS_CONTAINER_FLAC, PS_SAMPLE_INT16}, {PS_CONTAINER_FLAC, PS_SAMPLE_INT24},
    };
    const uint32_t rates[] = {8000, 22050, 44100, 48000, 96000, 192000};
    const int descriptors = open_descriptors();

    (void)state;
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++)
        for (uint32_t channels = 1; channels <= 2; channels++)
            for (int expected = 0; expected < 2; expected++) {
                ps_audio_writer_options options = ps_audio_writer_defaults();

                options.container = cases[c].container;
                options.samples = cases[c].samples;
                options.channels = channels;
                options.rate_hz = rates[(c + channels) % 6];
                options.dither = c % 3 != 0;
                options.seed = 42;
                if (expected)
                    options.expected_frames = FRAMES;
                assert_int_equal(write_file("x", &options, 1 + (uint32_t)c * 577, NULL), PS_OK);
                holds_exactly("x", &options);
                assert_int_equal(files_here(), 1);
            }
    assert_int_equal(open_descriptors(), descriptors);
    remove_files_here();
}

static void the_block_size_is_not_in_the_file(void **state)
{
    ps_audio_writer_options options = ps_audio_writer_defaults();
    size_t size_bytes;
    uint8_t *bytes;

    (void)state;
    options.samples = PS_SAMPLE_INT24;
    for (int container = PS_CONTAINER_WAV; container < PS_CONTAINER_NULL; container++) {
        if (container == PS_CONTAINER_OGG || container == PS_CONTAINER_OPUS)
            continue; /* these begin with a random serial number */
        options.container = (ps_container)container;
        assert_int_equal(write_file("a", &options, FRAMES, NULL), PS_OK);
        assert_int_equal(write_file("b", &options, 333, NULL), PS_OK);
        bytes = read_whole("a", &size_bytes);
        holds("b", bytes, size_bytes);
        free(bytes);
    }
    remove_files_here();
}

static void raw_is_nothing_but_samples(void **state)
{
    static uint8_t wanted[FRAMES * 2 * 4];
    ps_audio_writer_options options = ps_audio_writer_defaults();
    const ps_quantizer quantizer = {PS_SAMPLE_FLOAT32, false, 0};

    (void)state;
    options.container = PS_CONTAINER_RAW;
    options.samples = PS_SAMPLE_FLOAT32;
    ps_quantize(&quantizer, wanted, whole(), 0, 2);
    assert_int_equal(write_file("x", &options, 100, NULL), PS_OK);
    holds("x", wanted, sizeof wanted);
    assert_int_equal(write_pipe("x", &options, NULL), PS_OK);
    holds("x", wanted, sizeof wanted);
    remove_files_here();
}

static uint32_t u32(const uint8_t *b)
{
    return (uint32_t)b[3] << 24 | (uint32_t)b[2] << 16 | (uint32_t)b[1] << 8 | b[0];
}

static void a_pipe_gets_the_file_when_the_length_is_known(void **state)
{
    ps_audio_writer_options options = ps_audio_writer_defaults();

    (void)state;
    options.expected_frames = FRAMES;
    for (int container = PS_CONTAINER_WAV; container <= PS_CONTAINER_AIFF; container++) {
        size_t size_bytes;
        uint8_t *bytes;

        options.container = (ps_container)container;
        assert_int_equal(write_file("a", &options, FRAMES, NULL), PS_OK);
        assert_int_equal(write_pipe("b", &options, NULL), PS_OK);
        bytes = read_whole("a", &size_bytes);
        assert_int_equal(size_bytes, (container == PS_CONTAINER_WAV ? 44 : 54) + 4 * FRAMES);
        holds("b", bytes, size_bytes);
        free(bytes);
    }
    remove_files_here();
}

static void wav_to_a_pipe_may_be_of_unknown_length(void **state)
{
    ps_audio_writer_options options = ps_audio_writer_defaults();
    uint8_t *bytes;
    size_t size_bytes;

    (void)state;
    assert_int_equal(write_pipe("x", &options, NULL), PS_OK);
    holds_exactly("x", &options);
    bytes = read_whole("x", &size_bytes);
    assert_int_equal(size_bytes, 44 + 4 * FRAMES);
    assert_int_equal(u32(bytes + 4), 0xffffffffu);
    assert_int_equal(u32(bytes + 40), 0xffffffffu);
    free(bytes);
    options.samples = PS_SAMPLE_FLOAT32;
    assert_int_equal(write_pipe("x", &options, NULL), PS_OK);
    holds_exactly("x", &options);
    remove_files_here();
}

static void a_stream_into_a_file_gets_the_true_length(void **state)
{
    ps_audio_writer_options options = ps_audio_writer_defaults();

    (void)state;
    for (int container = PS_CONTAINER_WAV; container <= PS_CONTAINER_FLAC; container++) {
        FILE *stream = fopen("x", "wb");
        ps_audio_writer *writer;

        options.container = (ps_container)container;
        assert_int_equal(ps_audio_writer_open_stream(&writer, stream, &options, NULL), PS_OK);
        assert_int_equal(write_blocks(writer, 999, NULL), PS_OK);
        assert_int_equal(ps_audio_writer_finish(writer, NULL), PS_OK);
        ps_audio_writer_close(writer);
        fclose(stream);
        holds_exactly("x", &options);
    }
    remove_files_here();
}

static void a_length_promised_to_a_pipe_has_to_be_kept(void **state)
{
    ps_audio_writer_options options = ps_audio_writer_defaults();
    ps_error err;

    (void)state;
    options.expected_frames = FRAMES + 1;
    assert_int_equal(write_pipe("x", &options, &err), PS_BAD_ARGUMENT);
    assert_string_equal(err.text, "only 10007 of the 10008 frames promised came");
    options.expected_frames = FRAMES - 1;
    assert_int_equal(write_pipe("x", &options, &err), PS_BAD_ARGUMENT);
    /* For a file it is no more than a guess. */
    assert_int_equal(write_file("x", &options, 512, NULL), PS_OK);
    holds_exactly("x", &options);
    options.container = PS_CONTAINER_AIFF;
    options.expected_frames = UINT64_MAX;
    assert_int_equal(write_pipe("x", &options, &err), PS_BAD_ARGUMENT);
    assert_string_equal(err.text, "aiff: to a pipe, the length has to be known before");
    assert_true(err.hint[0] != '\0');
    remove_files_here();
}

/* A hole in the middle makes a file of that size without writing it. */
static void a_wav_of_more_than_4_gib_is_rf64(void **state)
{
    static const uint64_t hole_frames = (uint64_t)5 << 28; /* of 4 bytes: 5 GiB */
    ps_audio_writer_options options = ps_audio_writer_defaults();
    ps_audio_writer *writer;
    SF_INFO info = {0};
    SNDFILE *file;
    int16_t frame[2];
    ps_error err;

    (void)state;
    options.dither = false;
    assert_int_equal(ps_audio_writer_open(&writer, "x", &options, NULL), PS_OK);
    assert_int_equal(ps_audio_writer_write(writer, whole(), NULL), PS_OK);
    if (lseek(writer->target.fd, (off_t)(4 * hole_frames), SEEK_CUR) < 0) {
        ps_audio_writer_close(writer);
        print_message("no files of this size here: skipped\n");
        skip();
    }
    writer->frames += hole_frames;
    assert_int_equal(ps_audio_writer_write(writer, whole(), NULL), PS_OK);
    if (ps_audio_writer_finish(writer, &err) != PS_OK) {
        ps_audio_writer_close(writer);
        print_message("%s: skipped\n", err.text);
        skip();
    }
    ps_audio_writer_close(writer);

    file = sf_open("x", SFM_READ, &info);
    assert_non_null(file);
    assert_int_equal(info.format & SF_FORMAT_TYPEMASK, SF_FORMAT_RF64);
    assert_int_equal(info.frames, hole_frames + 2 * FRAMES);
    for (uint32_t i = 0; i < FRAMES; i += 1234) {
        assert_int_equal(sf_seek(file, (sf_count_t)(hole_frames + FRAMES + i), SEEK_SET),
                         hole_frames + FRAMES + i);
        assert_int_equal(sf_readf_short(file, frame, 1), 1);
        assert_true(fabsf(frame[0] / 32768.0f - left[i]) < 1e-4f);
    }
    sf_close(file);
    remove_files_here();
}

static void aiff_stops_at_4_gib(void **state)
{
    ps_audio_writer_options options = ps_audio_writer_defaults();
    ps_audio_writer *writer;
    ps_error err;

    (void)state;
    options.container = PS_CONTAINER_AIFF;
    options.expected_frames = (uint64_t)1 << 30;
    assert_int_equal(ps_audio_writer_open(&writer, "x", &options, &err), PS_BAD_ARGUMENT);
    assert_string_equal(err.hint, "write .wav or .flac");
    options.expected_frames = UINT64_MAX;
    assert_int_equal(ps_audio_writer_open(&writer, "x", &options, &err), PS_OK);
    writer->frames = (uint64_t)1 << 30;
    assert_int_equal(ps_audio_writer_write(writer, whole(), &err), PS_CANNOT_WRITE);
    ps_audio_writer_close(writer);
    assert_int_equal(files_here(), 0);
}

static double error_share(const char *path, double *rate_hz, sf_count_t *frames)
{
    static float samples[2 * 60000];
    SF_INFO info = {0};
    SNDFILE *file = sf_open(path, SFM_READ, &info);
    double error = 0.0, power = 0.0;

    assert_non_null(file);
    assert_int_equal(info.channels, 2);
    *frames = sf_readf_float(file, samples, 60000);
    *rate_hz = info.samplerate;
    sf_close(file);
    /* Compared where both have a frame at the same time. */
    for (sf_count_t i = 0; i < *frames; i++) {
        const double at = (double)i * 44100.0 / *rate_hz;
        const size_t frame = (size_t)at;
        double wanted;

        if (frame + 1 >= FRAMES)
            break;
        wanted = 0.7 * sin(at * 0.02);
        error += (samples[2 * i] - wanted) * (samples[2 * i] - wanted);
        power += wanted * wanted;
    }
    return error / power;
}

static void lossy_files_sound_the_same_at_the_same_time(void **state)
{
    static const ps_container containers[] = {PS_CONTAINER_MP3, PS_CONTAINER_OGG,
                                              PS_CONTAINER_OPUS};
    ps_audio_writer_options options = ps_audio_writer_defaults();
    double rate_hz;
    sf_count_t frames;

    (void)state;
    for (size_t i = 0; i < 3; i++)
        for (int high = 0; high < 2; high++) {
            options.container = containers[i];
            options.quality = high ? 10.0 : -1.0;
            assert_int_equal(write_file("x", &options, 700, NULL), PS_OK);
            assert_true(error_share("x", &rate_hz, &frames) < 0.01);
            if (containers[i] == PS_CONTAINER_OPUS) {
                assert_true(rate_hz == 48000.0);
                assert_in_range(frames, FRAMES * 480 / 441, FRAMES * 480 / 441 + 1);
            } else {
                assert_true(rate_hz == 44100.0);
                assert_int_equal(frames, FRAMES);
            }
        }
    remove_files_here();
}

static void the_true_rate_is_told(void **state)
{
    ps_audio_writer_options options = ps_audio_writer_defaults();
    static const uint32_t told[][2] = {{44100, 48000}, {48000, 48000}, {96000, 48000},
                                       {22050, 48000}, {24000, 24000}, {8000, 8000}};
    ps_audio_writer *writer;
    SF_INFO info;

    (void)state;
    options.container = PS_CONTAINER_OPUS;
    for (size_t i = 0; i < sizeof told / sizeof *told; i++) {
        options.rate_hz = told[i][0];
        options.channels = 1 + (uint32_t)i % 2;
        assert_int_equal(ps_audio_writer_open(&writer, "x", &options, NULL), PS_OK);
        assert_int_equal(ps_audio_writer_rate_hz(writer), told[i][1]);
        assert_int_equal(write_blocks(writer, 5000, NULL), PS_OK);
        assert_int_equal(ps_audio_writer_finish(writer, NULL), PS_OK);
        ps_audio_writer_close(writer);
        memset(&info, 0, sizeof info);
        sf_close(sf_open("x", SFM_READ, &info));
        assert_int_equal(info.samplerate, told[i][1]);
        assert_int_equal(info.channels, options.channels);
        assert_true(llabs(info.frames - (sf_count_t)((uint64_t)FRAMES * told[i][1] / told[i][0])) <=
                    1);
    }
    options.container = PS_CONTAINER_WAV;
    options.rate_hz = 44100;
    assert_int_equal(ps_audio_writer_open(&writer, "x", &options, NULL), PS_OK);
    assert_int_equal(ps_audio_writer_rate_hz(writer), 44100);
    ps_audio_writer_close(writer);
    remove_files_here();
}

static void codecs_write_to_pipes_too(void **state)
{
    static const ps_container containers[] = {PS_CONTAINER_FLAC, PS_CONTAINER_MP3, PS_CONTAINER_OGG,
                                              PS_CONTAINER_OPUS};
    static float samples[2 * 60000];
    ps_audio_writer_options options = ps_audio_writer_defaults();

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        SF_INFO info = {0};
        SNDFILE *file;

        options.container = containers[i];
        assert_int_equal(write_pipe("x", &options, NULL), PS_OK);
        file = sf_open("x", SFM_READ, &info);
        assert_non_null(file);
        assert_true(sf_readf_float(file, samples, 60000) >= FRAMES);
        sf_close(file);
    }
    remove_files_here();
}

static void tags_come_back(void **state)
{
    static const ps_tag tags[] = {
        {"title", "Prélude"},  {"artist", "J. S. Bach"},  {"Album", "WTC"},
        {"comment", "odd"},    {"date", "1722"},          {"genre", "Baroque"},
        {"copyright", "none"}, {"software", "Plainsong"}, {"tracknumber", "1"}};
    static const int kinds[] = {SF_STR_TITLE,     SF_STR_ARTIST,   SF_STR_ALBUM,
                                SF_STR_COMMENT,   SF_STR_DATE,     SF_STR_GENRE,
                                SF_STR_COPYRIGHT, SF_STR_SOFTWARE, SF_STR_TRACKNUMBER};
    /* What libsndfile reads from each: of AIFF's annotations only the last. */
    static const unsigned expected[] = {
        [PS_CONTAINER_WAV] = 0x1ff, [PS_CONTAINER_AIFF] = 0x04b, [PS_CONTAINER_FLAC] = 0x1ff,
        [PS_CONTAINER_MP3] = 0x1ff, [PS_CONTAINER_OGG] = 0x1ff,  [PS_CONTAINER_OPUS] = 0x1ff,
    };
    ps_audio_writer_options options = ps_audio_writer_defaults();
    ps_error err;

    (void)state;
    options.tags = tags;
    options.tag_count = 9;
    for (int container = PS_CONTAINER_WAV; container <= PS_CONTAINER_OPUS; container++) {
        SF_INFO info = {0};
        SNDFILE *file;
        unsigned found = 0;

        options.container = (ps_container)container;
        assert_int_equal(write_file("x", &options, 4000, NULL), PS_OK);
        file = sf_open("x", SFM_READ, &info);
        assert_non_null(file);
        for (unsigned i = 0; i < 9; i++) {
            const char *value = sf_get_string(file, kinds[i]);

            if (value && strncmp(value, tags[i].value, strlen(tags[i].value)) == 0)
                found |= 1u << i;
        }
        sf_close(file);
        assert_int_equal(found & expected[container], expected[container]);
    }
    options.tags = &(ps_tag){"titel", "x"};
    options.tag_count = 1;
    assert_int_equal(write_file("x", &options, 4000, &err), PS_BAD_ARGUMENT);
    assert_string_equal(err.text, "there is no tag 'titel'");
    remove_files_here();
}

static void what_a_container_cannot_hold_is_refused_with_a_way_out(void **state)
{
    static const struct {
        ps_container container;
        ps_sample_format samples;
        uint32_t rate_hz, channels;
        double quality;
        const char *text, *hint;
    } cases[] = {
        {PS_CONTAINER_FLAC, PS_SAMPLE_FLOAT32, 44100, 2, -1.0, "flac: it has no float samples",
         "use --bits 24 or .wav"},
        {PS_CONTAINER_FLAC, PS_SAMPLE_INT32, 44100, 2, -1.0,
         "flac: 32-bit samples cannot be written", "use --bits 24 or .wav"},
        {PS_CONTAINER_MP3, PS_SAMPLE_INT16, 96000, 2, -1.0, "mp3: it has no rate of 96000 Hz",
         "use --rate 48000, or .flac"},
        {PS_CONTAINER_MP3, PS_SAMPLE_INT16, 9000, 2, -1.0, "mp3: it has no rate of 9000 Hz",
         "use --rate 44100, or .flac"},
        {PS_CONTAINER_FLAC, PS_SAMPLE_INT16, 44100, 2, 8.5, "flac: quality is from 0 to 8", ""},
        {PS_CONTAINER_OGG, PS_SAMPLE_INT16, 44100, 2, 11.0, "ogg: quality is from 0 to 10", ""},
        {PS_CONTAINER_WAV, PS_SAMPLE_INT16, 7999, 2, -1.0,
         "rate of 7999 Hz is outside 8000..192000", ""},
        {PS_CONTAINER_NULL, PS_SAMPLE_INT16, 192001, 2, -1.0,
         "rate of 192001 Hz is outside 8000..192000", ""},
        {PS_CONTAINER_WAV, PS_SAMPLE_INT16, 44100, 3, -1.0, "a file has 1 or 2 channels, not 3",
         ""},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ps_audio_writer_options options = ps_audio_writer_defaults();
        ps_error err;

        options.container = cases[i].container;
        options.samples = cases[i].samples;
        options.rate_hz = cases[i].rate_hz;
        options.channels = cases[i].channels;
        options.quality = cases[i].quality;
        assert_int_equal(write_file("x", &options, 100, &err), PS_BAD_ARGUMENT);
        assert_string_equal(err.text, cases[i].text);
        assert_string_equal(err.hint, cases[i].hint);
        assert_string_equal(err.path, "x");
        assert_int_equal(files_here(), 0);
    }
}

static void only_a_finished_file_is_there(void **state)
{
    ps_audio_writer_options options = ps_audio_writer_defaults();
    const int descriptors = open_descriptors();

    (void)state;
    for (int container = PS_CONTAINER_WAV; container < PS_CONTAINER_NULL; container++) {
        ps_audio_writer *writer;

        options.container = (ps_container)container;
        assert_int_equal(ps_audio_writer_open(&writer, "x", &options, NULL), PS_OK);
        assert_int_equal(write_blocks(writer, 5000, NULL), PS_OK);
        assert_int_equal(access("x", F_OK), -1);
        ps_audio_writer_close(writer);
        assert_int_equal(files_here(), 0);

        assert_int_equal(ps_audio_writer_open(&writer, "x", &options, NULL), PS_OK);
        assert_int_equal(ps_audio_writer_finish(writer, NULL), PS_OK); /* without a frame */
        assert_int_equal(ps_audio_writer_finish(writer, NULL), PS_OK);
        assert_int_equal(ps_audio_writer_write(writer, whole(), NULL), PS_BAD_ARGUMENT);
        ps_audio_writer_close(writer);
        assert_int_equal(files_here(), 1);
        options.no_clobber = true;
        assert_int_equal(ps_audio_writer_open(&writer, "x", &options, NULL), PS_CANNOT_WRITE);
        options.no_clobber = false;
        remove_files_here();
    }
    options.container = PS_CONTAINER_NULL;
    assert_int_equal(write_file("x", &options, 100, NULL), PS_OK);
    assert_int_equal(files_here(), 0);
    ps_audio_writer_close(NULL);
    assert_int_equal(open_descriptors(), descriptors);
}

static void a_full_disk_is_an_error_and_leaves_nothing(void **state)
{
    (void)state;
    for (int container = PS_CONTAINER_WAV; container < PS_CONTAINER_NULL; container++) {
        const pid_t child = fork();
        int ended;

        if (child == 0) {
            ps_audio_writer_options options = ps_audio_writer_defaults();
            struct rlimit limit = {0, RLIM_INFINITY};
            struct stat about;
            ps_error err;

            options.container = (ps_container)container;
            options.samples = PS_SAMPLE_INT24;
            CHILD_CHECK(write_file("whole", &options, 500, &err) == PS_OK);
            CHILD_CHECK(stat("whole", &about) == 0);
            signal(SIGXFSZ, SIG_IGN);
            /* At the start, in the middle, at the very end. */
            for (int i = 0; i < 3; i++) {
                limit.rlim_cur = i == 0 ? 0 : (rlim_t)about.st_size * (rlim_t)i / 2 - 1;
                CHILD_CHECK(setrlimit(RLIMIT_FSIZE, &limit) == 0);
                CHILD_CHECK(write_file("x", &options, 500, &err) == PS_CANNOT_WRITE);
                CHILD_CHECK(strcmp(err.text, "cannot write: file too large") == 0);
                CHILD_CHECK(files_here() == 1);
            }
            _exit(0);
        }
        waitpid(child, &ended, 0);
        assert_int_equal(ended, 0);
        remove_files_here();
    }
    for (int container = PS_CONTAINER_WAV; container < PS_CONTAINER_NULL; container++) {
        ps_audio_writer_options options = ps_audio_writer_defaults();
        ps_error err;

        options.container = (ps_container)container;
        options.expected_frames = FRAMES;
        if (access("/dev/full", W_OK) != 0)
            continue;
        assert_int_equal(write_file("/dev/full", &options, 5000, &err), PS_CANNOT_WRITE);
        assert_string_equal(err.text, "cannot write: no space left on device");
    }
}

static void a_broken_pipe_is_an_error(void **state)
{
    ps_audio_writer_options options = ps_audio_writer_defaults();
    ps_audio_writer *writer;
    ps_status status;
    ps_error err;
    int ends[2];
    FILE *stream;

    (void)state;
    signal(SIGPIPE, SIG_IGN);
    assert_int_equal(pipe(ends), 0);
    stream = fdopen(ends[1], "wb");
    close(ends[0]);
    assert_int_equal(ps_audio_writer_open_stream(&writer, stream, &options, &err), PS_OK);
    status = write_blocks(writer, 512, &err);
    if (status == PS_OK)
        status = ps_audio_writer_finish(writer, &err);
    assert_int_equal(status, PS_CANNOT_WRITE);
    assert_string_equal(err.text, "cannot write: broken pipe");
    assert_string_equal(err.path, "output stream");
    ps_audio_writer_close(writer);
    fclose(stream);
    signal(SIGPIPE, SIG_DFL);
}

static void open_gives_back_everything_when_memory_runs_out(void **state)
{
    ps_audio_writer_options options = ps_audio_writer_defaults();
    const int descriptors = open_descriptors();

    (void)state;
    options.tags = &(ps_tag){"title", "x"};
    options.tag_count = 1;
    for (int container = PS_CONTAINER_WAV; container <= PS_CONTAINER_NULL; container++) {
        ps_status status = PS_NO_MEMORY;

        options.container = (ps_container)container;
        for (long allowed = 0; status != PS_OK; allowed++) {
            assert_true(allowed < 50);
            heap_allowed = allowed;
            status = write_file("x", &options, 3000, NULL);
            heap_allowed = -1;
            assert_true(status == PS_OK || status == PS_NO_MEMORY);
            assert_int_equal(files_here(), status == PS_OK && container != PS_CONTAINER_NULL);
        }
        remove_files_here();
    }
    assert_int_equal(open_descriptors(), descriptors);
}

static void names_choose_containers(void **state)
{
    static const struct {
        const char *name;
        int container; /* -1: none */
    } cases[] = {
        {"x.wav", PS_CONTAINER_WAV},
        {"x.WAV", PS_CONTAINER_WAV},
        {"x.wave", PS_CONTAINER_WAV},
        {"x.aif", PS_CONTAINER_AIFF},
        {"x.flac", PS_CONTAINER_FLAC},
        {"a.b/x.Mp3", PS_CONTAINER_MP3},
        {"x.y.ogg", PS_CONTAINER_OGG},
        {"x.opus", PS_CONTAINER_OPUS},
        {"x.raw", PS_CONTAINER_RAW},
        {"null:", PS_CONTAINER_NULL},
        {"x.null", -1},
        {"x", -1},
        {"", -1},
        {"dir.wav/x", -1},
        {"x.mid", -1},
        {"x.wav.part", -1},
    };
    ps_container container;

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_int_equal(ps_container_of_name(cases[i].name, &container), cases[i].container >= 0);
        if (cases[i].container >= 0)
            assert_int_equal(container, cases[i].container);
    }
    for (int c = PS_CONTAINER_WAV; c <= PS_CONTAINER_NULL; c++) {
        assert_true(ps_container_of_format(ps_container_format((ps_container)c), &container));
        assert_int_equal(container, c);
    }
    assert_false(ps_container_of_format("wma", &container));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_lossless_file_holds_what_was_quantized),
        cmocka_unit_test(the_block_size_is_not_in_the_file),
        cmocka_unit_test(raw_is_nothing_but_samples),
        cmocka_unit_test(a_pipe_gets_the_file_when_the_length_is_known),
        cmocka_unit_test(wav_to_a_pipe_may_be_of_unknown_length),
        cmocka_unit_test(a_stream_into_a_file_gets_the_true_length),
        cmocka_unit_test(a_length_promised_to_a_pipe_has_to_be_kept),
        cmocka_unit_test(a_wav_of_more_than_4_gib_is_rf64),
        cmocka_unit_test(aiff_stops_at_4_gib),
        cmocka_unit_test(lossy_files_sound_the_same_at_the_same_time),
        cmocka_unit_test(the_true_rate_is_told),
        cmocka_unit_test(codecs_write_to_pipes_too),
        cmocka_unit_test(tags_come_back),
        cmocka_unit_test(what_a_container_cannot_hold_is_refused_with_a_way_out),
        cmocka_unit_test(only_a_finished_file_is_there),
        cmocka_unit_test(a_full_disk_is_an_error_and_leaves_nothing),
        cmocka_unit_test(a_broken_pipe_is_an_error),
        cmocka_unit_test(open_gives_back_everything_when_memory_runs_out),
        cmocka_unit_test(names_choose_containers),
    };

    return cmocka_run_group_tests(tests, prepare, out_of_folder);
}
