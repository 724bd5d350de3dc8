/* Samples of files that are no numbers: silent where they are decoded, and counted once each. */
#define _GNU_SOURCE
#include "edge_support.h"

#include <math.h>
#include <sndfile.h>

#include "plainsong/track_file.h"

#define RATE   22050
#define FRAMES 30000

/* A tone on each channel. Of channel c, the frames from 5000 c on, so many of them, are no numbers;
   or zeros, to compare with. */
static void write_file(const char *path, int channels, const int *bad, bool zeros)
{
    static const float poisons[] = {NAN, INFINITY, -INFINITY};
    SF_INFO info = {
        .samplerate = RATE, .channels = channels, .format = SF_FORMAT_WAV | SF_FORMAT_FLOAT};
    SNDFILE *file = sf_open(path, SFM_WRITE, &info);

    assert_non_null(file);
    for (int i = 0; i < FRAMES; i++) {
        float frame[4];

        for (int c = 0; c < channels; c++) {
            const bool poisoned = i >= 5000 * c && i < 5000 * c + bad[c];

            frame[c] =
                poisoned ? zeros ? 0.0f : poisons[i % 3] : 0.5f * sinf(0.05f * (float)(i + c));
        }
        assert_int_equal(sf_writef_float(file, frame, 1), 1);
    }
    sf_close(file);
}

static ps_media *media_here(void)
{
    const ps_media_options options = {0};
    ps_media *media;

    assert_int_equal(ps_media_create(&media, &options, NULL), PS_OK);
    return media;
}

static ps_source *open_clip(ps_media *media, const char *path, double rate_hz)
{
    const ps_track_media lent = ps_media_lend(media);
    ps_source *source;
    ps_error err = {0};

    if (lent.open(lent.user, path, rate_hz, &source, &err) != PS_OK)
        fail_msg("%s: %s", path, err.text);
    return source;
}

static uint64_t pull(ps_source *source, uint64_t frames)
{
    float left[700], right[700];
    uint64_t done = 0;

    while (done < frames) {
        const uint64_t rest = frames - done;
        const uint32_t got =
            ps_source_pull(source, (ps_block){left, right, rest < 700 ? (uint32_t)rest : 700});

        if (got == 0)
            break;
        done += got;
    }
    return done;
}

static void each_counts_once_however_often_it_is_read(void **state)
{
    const int bad[] = {10, 2300}; /* frames 0 to 9, 5000 to 7299 */
    ps_media *media = media_here();

    (void)state;
    write_file("bad.wav", 2, bad, false);
    ps_source *source = open_clip(media, "bad.wav", RATE);
    assert_int_equal(ps_media_not_finite(media), 0);
    pull(source, 5);
    assert_int_equal(ps_media_not_finite(media), 10); /* it reads in runs of 64 */
    pull(source, 5995);
    assert_in_range(ps_media_not_finite(media), 10 + 1000, 10 + 1064);
    assert_int_equal(ps_source_seek(source, 0), PS_OK);
    pull(source, 6300);
    assert_in_range(ps_media_not_finite(media), 10 + 1300, 10 + 1364);
    assert_int_equal(pull(source, FRAMES), FRAMES - 6300);
    assert_int_equal(ps_media_not_finite(media), 2310);
    assert_int_equal(ps_source_seek(source, 0), PS_OK);
    assert_int_equal(pull(source, FRAMES), FRAMES);
    assert_int_equal(ps_media_not_finite(media), 2310);
    ps_source_destroy(source);
    source = open_clip(media, "bad.wav", RATE); /* once more the same file */
    assert_int_equal(pull(source, FRAMES), FRAMES);
    assert_int_equal(ps_media_not_finite(media), 2310);
    ps_source_destroy(source);
    write_file("worse.wav", 2, bad, false);
    source = open_clip(media, "worse.wav", RATE);
    assert_int_equal(pull(source, FRAMES), FRAMES);
    assert_int_equal(ps_media_not_finite(media), 4620);
    ps_source_destroy(source);
    ps_media_destroy(media);
    remove_files_here();
}

static void what_is_not_heard_does_not_count(void **state)
{
    const int bad[] = {7, 20, 300};

    (void)state;
    for (int channels = 1; channels <= 3; channels++) {
        ps_media *media = media_here();

        write_file("bad.wav", channels, bad, false);
        ps_source *source = open_clip(media, "bad.wav", RATE);
        assert_int_equal(pull(source, FRAMES), FRAMES);
        assert_int_equal(ps_media_not_finite(media), channels == 1 ? 7 : 27);
        assert_int_equal(ps_source_seek(source, 0), PS_OK);
        ps_source_destroy(source);
        ps_media_destroy(media);
    }
    remove_files_here();
}

/* Resampled without care, one NaN would silence a whole block. */
static void at_another_rate_they_are_silence_and_nothing_more(void **state)
{
    const int bad[] = {10, 2300};
    ps_media *media = media_here();
    float l[2][512], r[2][512];
    uint32_t got;

    (void)state;
    write_file("bad.wav", 2, bad, false);
    write_file("zero.wav", 2, bad, true);
    ps_source *poisoned = open_clip(media, "bad.wav", 48000.0);
    ps_source *zeroed = open_clip(media, "zero.wav", 48000.0);
    do {
        got = ps_source_pull(poisoned, (ps_block){l[0], r[0], 512});
        assert_int_equal(ps_source_pull(zeroed, (ps_block){l[1], r[1], 512}), got);
        assert_memory_equal(l[0], l[1], got * sizeof(float));
        assert_memory_equal(r[0], r[1], got * sizeof(float));
    } while (got > 0);
    assert_int_equal(ps_media_not_finite(media), 2310);
    ps_source_destroy(poisoned);
    ps_source_destroy(zeroed);
    ps_media_destroy(media);
    remove_files_here();
}

static void recordings_and_responses_have_silence_there(void **state)
{
    const int bad[] = {1, 10, 100, 1000};
    ps_media *media = media_here();
    const ps_track_media lent = ps_media_lend(media);
    ps_recording poisoned, zeroed;

    (void)state;
    write_file("bad.wav", 4, bad, false);
    write_file("zero.wav", 4, bad, true);
    assert_int_equal(lent.load(lent.user, "bad.wav", &poisoned, NULL), PS_OK);
    assert_int_equal(ps_media_not_finite(media), 1111);
    assert_int_equal(lent.load(lent.user, "zero.wav", &zeroed, NULL), PS_OK);
    assert_int_equal(poisoned.frames, FRAMES);
    assert_memory_equal(poisoned.samples, zeroed.samples, 4 * FRAMES * sizeof(float));
    lent.release(lent.user, &poisoned);
    lent.release(lent.user, &zeroed);

    const ps_effect_media *effects = &lent.effects;
    assert_int_equal(effects->load(effects->user, "bad.wav", 48000.0, &poisoned, NULL), PS_OK);
    assert_int_equal(effects->load(effects->user, "zero.wav", 48000.0, &zeroed, NULL), PS_OK);
    assert_int_equal(poisoned.frames, zeroed.frames);
    assert_memory_equal(poisoned.samples, zeroed.samples, 4 * zeroed.frames * sizeof(float));
    effects->release(effects->user, &poisoned);
    effects->release(effects->user, &zeroed);
    assert_int_equal(ps_media_not_finite(media), 1111);
    ps_media_destroy(media);
    remove_files_here();
}

/* RIFF of two frames in float: 0.5 and NaN, or NaN and infinity. */
static void urls_count_each_for_itself(void **state)
{
    static const char one[] =
        "data:audio/wav;base64,"
        "UklGRiwAAABXQVZFZm10IBAAAAADAAEAIlYAAIhYAQAEACAAZGF0YQgAAAAAAAA/AADAfw==";
    static const char two[] =
        "data:audio/wav;base64,"
        "UklGRiwAAABXQVZFZm10IBAAAAADAAEAIlYAAIhYAQAEACAAZGF0YQgAAAAAAMB/AACAfw==";
    ps_media *media = media_here();

    (void)state;
    for (int round = 0; round < 2; round++) {
        ps_source *source = open_clip(media, one, RATE);

        assert_int_equal(pull(source, 10), 2);
        ps_source_destroy(source);
        source = open_clip(media, two, RATE);
        assert_int_equal(pull(source, 10), 2);
        ps_source_destroy(source);
        assert_int_equal(ps_media_not_finite(media), 3);
    }
    ps_media_destroy(media);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_counts_once_however_often_it_is_read),
        cmocka_unit_test(what_is_not_heard_does_not_count),
        cmocka_unit_test(at_another_rate_they_are_silence_and_nothing_more),
        cmocka_unit_test(recordings_and_responses_have_silence_there),
        cmocka_unit_test(urls_count_each_for_itself),
    };

    return cmocka_run_group_tests(tests, in_folder, out_of_folder);
}
