#define _GNU_SOURCE
#include "edge_support.h"

#include <math.h>
#include <pthread.h>
#include <sndfile.h>

#include "../edge/vorbis.h"

/* libsndfile 1.2.0 forgets to free libvorbis' settings when opening a damaged file fails. */
__attribute__((visibility("default"))) const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
    return "leak:vorbis_info_init\n";
}

#define RATE_HZ  22050
#define FRAMES   30000u
#define OGG_ROOM 500000u

static uint8_t ogg[2][OGG_ROOM]; /* by channels - 1 */
static size_t ogg_bytes[2];

/* A file in memory that libsndfile writes. */
typedef struct writing {
    uint8_t *bytes;
    size_t size_bytes, at;
} writing;

static sf_count_t length_of(void *user)
{
    return (sf_count_t)((writing *)user)->size_bytes;
}

static sf_count_t seek_in(sf_count_t offset, int whence, void *user)
{
    writing *w = user;

    assert_int_equal(whence, SEEK_SET);
    w->at = (size_t)offset;
    return offset;
}

static sf_count_t read_nothing(void *bytes, sf_count_t count, void *user)
{
    (void)bytes;
    (void)count;
    (void)user;
    return 0;
}

static sf_count_t write_to(const void *bytes, sf_count_t count, void *user)
{
    writing *w = user;

    assert_true(w->at + (size_t)count <= OGG_ROOM);
    memcpy(w->bytes + w->at, bytes, (size_t)count);
    w->at += (size_t)count;
    w->size_bytes = w->at > w->size_bytes ? w->at : w->size_bytes;
    return count;
}

static sf_count_t tell_in(void *user)
{
    return (sf_count_t)((writing *)user)->at;
}

/* Left: loud enough to clip now and then; right: something else. */
static float tone(uint32_t frame, int channel)
{
    return channel == 0 ? 0.99f * sinf((float)frame * 0.05f) : 0.5f * sinf((float)frame * 0.011f);
}

static int encode(void **state)
{
    (void)state;
    for (int channels = 1; channels <= 2; channels++) {
        SF_VIRTUAL_IO io = {length_of, seek_in, read_nothing, write_to, tell_in};
        SF_INFO info = {.samplerate = RATE_HZ,
                        .channels = channels,
                        .format = SF_FORMAT_OGG | SF_FORMAT_VORBIS};
        writing w = {ogg[channels - 1], 0, 0};
        SNDFILE *file = sf_open_virtual(&io, SFM_WRITE, &info, &w);

        if (!file)
            return -1;
        for (uint32_t i = 0; i < FRAMES; i++) {
            const float frame[2] = {tone(i, 0), tone(i, 1)};

            sf_writef_float(file, frame, 1);
        }
        sf_close(file);
        ogg_bytes[channels - 1] = w.size_bytes;
    }
    return 0;
}

static void the_first_channel_comes_back(void **state)
{
    (void)state;
    for (int channels = 1; channels <= 2; channels++) {
        int16_t *pcm;
        uint32_t frames;
        double error = 0.0, power = 0.0;

        assert_int_equal(ps_vorbis_decode(NULL, ogg[channels - 1], ogg_bytes[channels - 1], NULL,
                                          &pcm, &frames, NULL),
                         PS_OK);
        assert_int_equal(frames, FRAMES);
        for (uint32_t i = 0; i < frames; i++) {
            const double wanted = (double)tone(i, 0), got = pcm[i] / 32768.0;

            error += (wanted - got) * (wanted - got);
            power += wanted * wanted;
        }
        /* A lossy codec: 30 dB down is what its default quality is good for, and no gain. */
        assert_true(error < 1e-3 * power);
        ps_free(NULL, pcm);
    }
}

static void samples_beyond_full_scale_are_clipped(void **state)
{
    SF_VIRTUAL_IO io = {length_of, seek_in, read_nothing, write_to, tell_in};
    SF_INFO info = {
        .samplerate = RATE_HZ, .channels = 1, .format = SF_FORMAT_OGG | SF_FORMAT_VORBIS};
    static uint8_t bytes[OGG_ROOM];
    writing w = {bytes, 0, 0};
    SNDFILE *file = sf_open_virtual(&io, SFM_WRITE, &info, &w);
    int16_t *pcm, least = 0, most = 0;
    uint32_t frames;

    (void)state;
    for (uint32_t i = 0; i < FRAMES; i++) {
        const float sample = 1.5f * tone(i, 0);

        sf_writef_float(file, &sample, 1);
    }
    sf_close(file);
    assert_int_equal(ps_vorbis_decode(NULL, bytes, w.size_bytes, NULL, &pcm, &frames, NULL), PS_OK);
    for (uint32_t i = 0; i < frames; i++) {
        least = pcm[i] < least ? pcm[i] : least;
        most = pcm[i] > most ? pcm[i] : most;
        if (tone(i, 0) > 0.8f)
            assert_true(pcm[i] > 30000);
    }
    assert_int_equal(least, INT16_MIN);
    assert_int_equal(most, INT16_MAX);
    ps_free(NULL, pcm);
}

static void decoding_gives_back_everything_when_memory_runs_out(void **state)
{
    failing_allocator memory;
    ps_status status = PS_NO_MEMORY;
    int16_t *pcm = NULL;
    uint32_t frames;

    (void)state;
    for (long allowed = 0; status != PS_OK; allowed++) {
        assert_true(allowed < 20);
        failing_init(&memory, allowed);
        status = ps_vorbis_decode(NULL, ogg[0], ogg_bytes[0], &memory.base, &pcm, &frames, NULL);
        assert_true(status == PS_OK || status == PS_NO_MEMORY);
        assert_int_equal(memory.live, status == PS_OK);
    }
    ps_free(&memory.base, pcm);
}

/* Ogg's checksum of a page whose own checksum field is zero (RFC 3533). */
static uint32_t page_checksum(const uint8_t *page, size_t size_bytes)
{
    uint32_t sum = 0;

    for (size_t i = 0; i < size_bytes; i++) {
        sum ^= (uint32_t)page[i] << 24;
        for (int bit = 0; bit < 8; bit++)
            sum = sum << 1 ^ (sum & 0x80000000u ? 0x04c11db7u : 0);
    }
    return sum;
}

static void a_claimed_length_is_not_believed(void **state)
{
    static uint8_t bytes[OGG_ROOM];
    const size_t size_bytes = ogg_bytes[0];
    failing_allocator memory;
    size_t last = 0;
    int16_t *pcm = NULL;
    uint32_t frames = 0, sum;
    ps_status status;

    (void)state;
    memcpy(bytes, ogg[0], size_bytes);
    for (size_t i = 0; i + 4 < size_bytes; i++)
        if (memcmp(bytes + i, "OggS", 4) == 0)
            last = i;
    memset(bytes + last + 6, 0x11, 7); /* the position it ends at: 10^16 frames */
    memset(bytes + last + 22, 0, 4);
    sum = page_checksum(bytes + last, size_bytes - last);
    for (int i = 0; i < 4; i++)
        bytes[last + 22 + (size_t)i] = (uint8_t)(sum >> 8 * i);
    failing_init(&memory, 10);
    status = ps_vorbis_decode(NULL, bytes, size_bytes, &memory.base, &pcm, &frames, NULL);
    if (status == PS_OK) {
        assert_true(frames < 2 * FRAMES);
        ps_free(&memory.base, pcm);
    }
    assert_int_equal(memory.live, 0);
    assert_int_not_equal(status, PS_NO_MEMORY);
}

static void damage_is_an_error_or_less_sound_never_a_crash(void **state)
{
    static uint8_t bytes[OGG_ROOM];
    uint32_t random = 12345;
    ps_error err;
    int16_t *pcm;
    uint32_t frames;

    (void)state;
    for (int round = 0; round < 60; round++) {
        const size_t size_bytes = round < 30 ? ogg_bytes[0] * (size_t)round / 30 : ogg_bytes[0];

        memcpy(bytes, ogg[0], ogg_bytes[0]);
        for (int i = 0; i < round; i++) {
            random = random * 1664525u + 1013904223u;
            if (round >= 30)
                bytes[random % ogg_bytes[0]] ^= (uint8_t)(random >> 16);
        }
        if (ps_vorbis_decode(NULL, bytes, size_bytes, NULL, &pcm, &frames, &err) == PS_OK) {
            assert_true(frames > 0 && frames <= FRAMES);
            ps_free(NULL, pcm);
        }
    }
    assert_int_equal(ps_vorbis_decode(NULL, bytes, 0, NULL, &pcm, &frames, &err), PS_BAD_DATA);
    assert_int_equal(
        ps_vorbis_decode(NULL, (const uint8_t *)"RIFFxxxxWAVE", 12, NULL, &pcm, &frames, &err),
        PS_BAD_DATA);
    assert_string_equal(err.text, "vorbis: no Ogg file");
}

static void *decode_often(void *argument)
{
    for (int i = 0; i < 20; i++) {
        int16_t *pcm;
        uint32_t frames;

        if (ps_vorbis_decode(NULL, ogg[0], ogg_bytes[0], NULL, &pcm, &frames, NULL) != PS_OK)
            return NULL;
        ps_free(NULL, pcm);
    }
    return argument;
}

static void several_threads_decode_at_once(void **state)
{
    pthread_t threads[3];

    (void)state;
    for (int i = 0; i < 3; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, decode_often, ogg), 0);
    for (int i = 0; i < 3; i++) {
        void *ended;

        pthread_join(threads[i], &ended);
        assert_non_null(ended);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_channel_comes_back),
        cmocka_unit_test(samples_beyond_full_scale_are_clipped),
        cmocka_unit_test(decoding_gives_back_everything_when_memory_runs_out),
        cmocka_unit_test(a_claimed_length_is_not_believed),
        cmocka_unit_test(damage_is_an_error_or_less_sound_never_a_crash),
        cmocka_unit_test(several_threads_decode_at_once),
    };

    return cmocka_run_group_tests(tests, encode, NULL);
}
