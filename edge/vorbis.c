/*
 * Decodes an Ogg Vorbis file in memory to 16 bits. What the file claims about its length is not
 * believed: memory grows with what comes out.
 */
#include "vorbis.h"

#include <math.h>
#include <string.h>

#include "memory_file.h"

#define CHUNK_FRAMES          1024
#define CHUNK_SAMPLES         8192 /* of all channels */
#define FRAMES_MAX            (1u << 26) /* 25 minutes at 44.1 kHz: no sample of an instrument is longer */
#define FRAMES_PER_BYTE_FIRST 16         /* believed at first; speech-like Vorbis has about 8 */

/* What has been decoded; grows by doubling. */
typedef struct decoded {
    const ps_allocator *allocator;
    int16_t *pcm;
    uint32_t frames, room;
} decoded;

/* Another piece of memory of `room` frames with the same content. */
static bool move_to(decoded *d, uint32_t room)
{
    int16_t *moved = ps_alloc(d->allocator, room, sizeof *moved);

    if (!moved)
        return false;
    memcpy(moved, d->pcm, d->frames * sizeof *moved);
    ps_free(d->allocator, d->pcm);
    d->pcm = moved;
    d->room = room;
    return true;
}

/* Full scale is 32768, as in libvorbis' own conversion to 16 bits. */
static int16_t to_int16(float sample)
{
    const float scaled = sample * 32768.0f;

    if (!(scaled > -32768.0f)) /* NaN too */
        return scaled <= -32768.0f ? INT16_MIN : 0;
    return scaled >= 32767.0f ? INT16_MAX : (int16_t)lrintf(scaled);
}

static ps_status decode(SNDFILE *vorbis, uint32_t channels, decoded *d, ps_error *err)
{
    float chunk[CHUNK_SAMPLES];
    const sf_count_t chunk_frames =
        channels * CHUNK_FRAMES > CHUNK_SAMPLES ? CHUNK_SAMPLES / channels : CHUNK_FRAMES;
    sf_count_t got;

    while ((got = sf_readf_float(vorbis, chunk, chunk_frames)) > 0) {
        if (d->frames + (uint32_t)got > FRAMES_MAX)
            return ps_fail(err, PS_BAD_DATA, "vorbis: more than %u frames", FRAMES_MAX);
        while (d->frames + (uint32_t)got > d->room)
            if (!move_to(d, 2 * d->room))
                return ps_fail(err, PS_NO_MEMORY, "no memory for a vorbis sample");
        for (uint32_t i = 0; i < (uint32_t)got; i++)
            d->pcm[d->frames + i] = to_int16(chunk[i * channels]);
        d->frames += (uint32_t)got;
    }
    if (d->frames == 0)
        return ps_fail(err, PS_BAD_DATA, "vorbis: no audio in it");
    return PS_OK;
}

static uint32_t first_room(sf_count_t claimed_frames, size_t size_bytes)
{
    const sf_count_t most = size_bytes < FRAMES_MAX / FRAMES_PER_BYTE_FIRST
                                ? (sf_count_t)size_bytes * FRAMES_PER_BYTE_FIRST
                                : (sf_count_t)FRAMES_MAX;
    const sf_count_t room = claimed_frames < most ? claimed_frames : most;

    return room < CHUNK_FRAMES ? CHUNK_FRAMES : (uint32_t)room;
}

ps_status ps_vorbis_decode(void *user, const uint8_t *bytes, size_t size_bytes,
                           const ps_allocator *allocator, int16_t **pcm, uint32_t *frames,
                           ps_error *err)
{
    ps_memory_file file = {bytes, (sf_count_t)size_bytes, 0};
    decoded d = {allocator, NULL, 0, 0};
    SF_INFO info = {0};
    SNDFILE *vorbis;
    ps_status status;

    (void)user;
    if (size_bytes < 4 || memcmp(bytes, "OggS", 4) != 0)
        return ps_fail(err, PS_BAD_DATA, "vorbis: no Ogg file");
    vorbis = ps_memory_file_open(&file, &info);
    if (!vorbis)
        return ps_fail(err, PS_BAD_DATA, "vorbis: %s", sf_strerror(NULL));
    if (info.format != (SF_FORMAT_OGG | SF_FORMAT_VORBIS) || info.channels < 1 ||
        info.channels > CHUNK_SAMPLES) {
        sf_close(vorbis);
        return ps_fail(err, PS_UNSUPPORTED, "vorbis: another codec in the Ogg file");
    }
    d.room = first_room(info.frames, size_bytes);
    d.pcm = ps_alloc(allocator, d.room, sizeof *d.pcm);
    status = d.pcm ? decode(vorbis, (uint32_t)info.channels, &d, err)
                   : ps_fail(err, PS_NO_MEMORY, "no memory for a vorbis sample");
    sf_close(vorbis);
    if (status == PS_OK && d.room - d.frames > d.frames / 8)
        move_to(&d, d.frames); /* gives back what is too much; if it cannot, nothing is lost */
    if (status != PS_OK) {
        ps_free(allocator, d.pcm);
        return status;
    }
    *pcm = d.pcm;
    *frames = d.frames;
    return PS_OK;
}
