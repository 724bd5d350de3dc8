/*
 * An audio file as a source: streamed from libsndfile, or resampled into memory.
 *
 * Seeking is exact whatever the codec. libsndfile 1.2.0 is exact by itself for plain samples and
 * FLAC only: MP3 needs the frames before for its bit reservoir, and Vorbis can land a block beside
 * (libsndfile issue 885), so Ogg files are decoded from where they are, or from the start.
 */
#include "plainsong/file.h"

#include <ctype.h>
#include <errno.h>
#include <sndfile.h>
#include <soxr.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "audio_reader.h"
#include "fail.h"
#include "memory_file.h"

#define CHUNK_FRAMES           1024u
#define MP3_ROLL_FRAMES        11520u /* ten MP3 frames; the reservoir reaches back fewer */
#define RESAMPLED_FIRST_FRAMES (1u << 20)
#define RESAMPLED_MOST_FRAMES  ((size_t)1 << 30)
#define FRAMES_PLAUSIBLE       ((sf_count_t)1 << 45) /* more stands for "unknown" */

typedef enum seeking { SEEK_DIRECT, SEEK_WITH_ROLL, SEEK_BY_DECODING } seeking;

typedef struct file_source {
    ps_source base;
    ps_length length;
    uint64_t next; /* frame of the next sample from the file, or from memory */

    SNDFILE *file;         /* NULL when all is in memory */
    ps_memory_file memory; /* what `file` reads, when that is no file of the system */
    uint8_t *bytes;        /* its bytes, owned */
    uint32_t channels;
    seeking seeking;
    float *chunk; /* interleaved, as the file has them */

    ps_tally_file *tally;    /* where what is no number counts; NULL: nowhere */
    uint64_t counted_frames; /* up to here it has been counted */
    uint64_t not_finite;     /* samples found there */

    float *left, *right; /* resampled */
    size_t room;         /* of each */
} file_source;

/* Silences what is no number in the frames from `first` on, and counts it where no reading has been
   before. */
static void clean(file_source *source, float *samples, uint64_t first, uint32_t frames)
{
    const uint64_t known = source->counted_frames > first ? source->counted_frames - first : 0;
    const uint32_t old = known < frames ? (uint32_t)known : frames;

    (void)ps_silence_not_finite(samples, old);
    source->not_finite += ps_silence_not_finite(samples + old, frames - old);
}

/* The next frames from the chunk, as two channels. */
static void take_chunk(file_source *source, ps_block block)
{
    const uint32_t channels = source->channels;
    const uint64_t first = source->next, end = first + block.frames;

    for (uint32_t i = 0; i < block.frames; i++)
        block.left[i] = source->chunk[(size_t)i * channels];
    clean(source, block.left, first, block.frames);
    if (channels > 1) {
        for (uint32_t i = 0; i < block.frames; i++)
            block.right[i] = source->chunk[(size_t)i * channels + 1];
        clean(source, block.right, first, block.frames);
    } else {
        memcpy(block.right, block.left, block.frames * sizeof *block.right);
    }
    if (end > source->counted_frames)
        source->counted_frames = end;
    source->next = end;
}

/* Frames from the file into the block; fewer only at its end. */
static uint32_t read_frames(file_source *source, ps_block block)
{
    uint32_t done = 0;

    while (done < block.frames) {
        const uint32_t left = block.frames - done;
        const sf_count_t got =
            sf_readf_float(source->file, source->chunk, left < CHUNK_FRAMES ? left : CHUNK_FRAMES);

        if (got <= 0)
            break;
        take_chunk(source, ps_block_part(block, done, (uint32_t)got));
        done += (uint32_t)got;
    }
    ps_tally_raise(source->tally, source->not_finite);
    return done;
}

static uint32_t render(ps_source *base, ps_block block)
{
    file_source *source = (file_source *)base;
    const uint64_t end = source->length.frames;
    const uint64_t left = source->next < end ? end - source->next : 0;

    if (left < block.frames)
        block.frames = (uint32_t)left;
    if (source->file)
        return block.frames > 0 ? read_frames(source, block) : 0;
    if (block.frames > 0) {
        memcpy(block.left, source->left + source->next, block.frames * sizeof(float));
        memcpy(block.right, source->right + source->next, block.frames * sizeof(float));
    }
    source->next += block.frames;
    return block.frames;
}

/* Decodes and forgets up to a frame; the file may end before. */
static void decode_to(file_source *source, uint64_t frame)
{
    while (source->next < frame) {
        const uint64_t left = frame - source->next;
        const sf_count_t got =
            sf_readf_float(source->file, source->chunk,
                           left < CHUNK_FRAMES ? (sf_count_t)left : (sf_count_t)CHUNK_FRAMES);

        if (got <= 0)
            return;
        source->next += (uint64_t)got;
    }
}

static ps_status seek_file(file_source *source, uint64_t frame)
{
    uint64_t to = frame;

    if (source->seeking == SEEK_WITH_ROLL)
        to = frame > MP3_ROLL_FRAMES ? frame - MP3_ROLL_FRAMES : 0;
    else if (source->seeking == SEEK_BY_DECODING)
        to = frame >= source->next ? source->next : 0;
    if (to != source->next && sf_seek(source->file, (sf_count_t)to, SEEK_SET) == (sf_count_t)to)
        source->next = to;
    if (source->next > frame)
        return PS_CANNOT_READ; /* a pipe */
    decode_to(source, frame);
    return PS_OK;
}

static ps_status seek(ps_source *base, uint64_t frame)
{
    file_source *source = (file_source *)base;

    if (frame >= source->length.frames) {
        source->next = frame; /* renders nothing; coming back from there starts anew */
        return PS_OK;
    }
    if (!source->file) {
        source->next = frame;
        return PS_OK;
    }
    if (source->next >= source->length.frames) {
        if (sf_seek(source->file, 0, SEEK_SET) != 0)
            return PS_CANNOT_READ;
        source->next = 0;
    }
    return seek_file(source, frame);
}

static ps_length length(const ps_source *base)
{
    return ((const file_source *)base)->length;
}

static void close_file(file_source *source)
{
    if (source->file)
        sf_close(source->file);
    source->file = NULL;
    ps_free(NULL, source->chunk);
    source->chunk = NULL;
    ps_free(NULL, source->bytes);
    source->bytes = NULL;
}

static void destroy(ps_source *base)
{
    file_source *source = (file_source *)base;

    close_file(source);
    ps_free(NULL, source->left);
    ps_free(NULL, source->right);
    ps_free(NULL, source);
}

static const ps_source_kind kind = {
    .name = "audio file",
    .render = render,
    .seek = seek,
    .length = length,
    .destroy = destroy,
};

/* ---- Opening. ---- */

ps_status ps_fail_sndfile(ps_error *err, const char *path)
{
    char words[160];
    const int number = sf_error(NULL);
    const ps_status status = number == SF_ERR_SYSTEM                 ? PS_CANNOT_READ
                             : number == SF_ERR_UNSUPPORTED_ENCODING ? PS_UNSUPPORTED
                                                                     : PS_BAD_DATA;
    size_t length;

    if (number == SF_ERR_UNRECOGNISED_FORMAT)
        return ps_fail_file(err, PS_BAD_DATA, path, "no audio file of a kind known here");
    snprintf(words, sizeof words, "%s", sf_strerror(NULL));
    length = strlen(words);
    while (length > 0 && (words[length - 1] == '.' || isspace((unsigned char)words[length - 1])))
        words[--length] = '\0';
    words[0] = (char)tolower((unsigned char)words[0]);
    return ps_fail_file(err, status, path, "audio: %s", words);
}

static ps_status check_path(const char *path, ps_error *err)
{
    struct stat about;

    if (stat(path, &about) != 0)
        return ps_fail_system(err,
                              errno == ENOENT || errno == ENOTDIR ? PS_NOT_FOUND : PS_CANNOT_READ,
                              path, "open", errno);
    if (S_ISDIR(about.st_mode))
        return ps_fail_system(err, PS_CANNOT_READ, path, "read", EISDIR);
    if (access(path, R_OK) != 0)
        return ps_fail_system(err, PS_CANNOT_READ, path, "open", errno);
    return PS_OK;
}

static seeking seeking_of(int format)
{
    switch (format & SF_FORMAT_TYPEMASK) {
    case SF_FORMAT_MPEG:
        return SEEK_WITH_ROLL;
    case SF_FORMAT_OGG:
        return SEEK_BY_DECODING;
    default:
        return SEEK_DIRECT;
    }
}

/* Lengths of lossy files are what their headers say. */
static ps_length length_of(const SF_INFO *info)
{
    ps_length length = {PS_LENGTH_KNOWN, (uint64_t)info->frames};

    if (seeking_of(info->format) != SEEK_DIRECT)
        length.kind = PS_LENGTH_AT_MOST;
    if (info->frames < 0 || info->frames > FRAMES_PLAUSIBLE) {
        length.kind = PS_LENGTH_AT_MOST;
        length.frames = UINT64_MAX;
    }
    return length;
}

static ps_status open_file(file_source *source, const char *path, SF_INFO *info, ps_error *err)
{
    ps_status status = source->bytes ? PS_OK : check_path(path, err);

    if (status != PS_OK)
        return status;
    memset(info, 0, sizeof *info);
    source->file =
        source->bytes ? ps_memory_file_open(&source->memory, info) : sf_open(path, SFM_READ, info);
    if (!source->file)
        return ps_fail_sndfile(err, path);
    if (info->channels < 1 || info->channels > 1024 || info->samplerate < 1)
        return ps_fail_file(err, PS_BAD_DATA, path, "audio: %d channels at %d Hz", info->channels,
                            info->samplerate);
    source->channels = (uint32_t)info->channels;
    source->seeking = seeking_of(info->format);
    source->length = length_of(info);
    source->chunk = ps_alloc(NULL, (size_t)CHUNK_FRAMES * source->channels, sizeof(float));
    return source->chunk ? PS_OK : ps_fail_memory(err, path);
}

/* ---- Resampling. ---- */

static bool grow(float **samples, size_t used, size_t room)
{
    float *larger = ps_alloc(NULL, room, sizeof *larger);

    if (!larger)
        return false;
    if (used > 0)
        memcpy(larger, *samples, used * sizeof *larger);
    ps_free(NULL, *samples);
    *samples = larger;
    return true;
}

static bool has_room(file_source *source, size_t used, size_t more)
{
    size_t room = source->room ? source->room : RESAMPLED_FIRST_FRAMES;

    while (room < used + more)
        room *= 2;
    if (room == source->room)
        return true;
    if (!grow(&source->left, used, room) || !grow(&source->right, used, room))
        return false;
    source->room = room;
    return true;
}

/* Feeds the whole file through; *used counts the frames that have come out. */
static ps_status resample_all(file_source *source, soxr_t resampler, double ratio, size_t *used,
                              const char *path, ps_error *err)
{
    const size_t most = (size_t)(CHUNK_FRAMES * ratio) + 1024;
    float left[CHUNK_FRAMES], right[CHUNK_FRAMES];
    uint32_t got;
    size_t made;

    do {
        size_t taken = 0, took;
        ps_block block = {left, right, CHUNK_FRAMES};

        got = render(&source->base, block);
        do {
            soxr_buf_t out[2];
            const soxr_cbuf_t rest[2] = {left + taken, right + taken};

            if (*used > RESAMPLED_MOST_FRAMES)
                return ps_fail_file(err, PS_UNSUPPORTED, path, "audio: too long to be resampled");
            if (!has_room(source, *used, most))
                return ps_fail_memory(err, path);
            out[0] = source->left + *used;
            out[1] = source->right + *used;
            if (soxr_process(resampler, got > 0 ? (const void *)rest : NULL, got - taken, &took,
                             out, most, &made))
                return ps_fail_memory(err, path);
            taken += took;
            *used += made;
        } while (got > 0 ? taken < got : made > 0);
    } while (got > 0);
    return PS_OK;
}

static ps_status resample(file_source *source, double from_hz, double to_hz, const char *path,
                          ps_error *err)
{
    const soxr_io_spec_t planar = soxr_io_spec(SOXR_FLOAT32_S, SOXR_FLOAT32_S);
    const soxr_quality_spec_t quality = soxr_quality_spec(SOXR_HQ, 0);
    soxr_error_t failed = NULL;
    soxr_t resampler = soxr_create(from_hz, to_hz, 2, &failed, &planar, &quality, NULL);
    size_t frames = 0;
    ps_status status;

    if (!resampler)
        return ps_fail_file(err, PS_NO_MEMORY, path, "resampler: %s", failed);
    status = resample_all(source, resampler, to_hz / from_hz, &frames, path, err);
    soxr_delete(resampler);
    if (status != PS_OK)
        return status;
    close_file(source);
    source->next = 0;
    source->length.kind = PS_LENGTH_KNOWN;
    source->length.frames = frames;
    return PS_OK;
}

static ps_status check_rate(double rate_hz, int file_rate_hz, const char *path, ps_error *err)
{
    if (rate_hz > 0.0 ? file_rate_hz >= 100 && file_rate_hz <= 10000000
                      : file_rate_hz >= PS_RATE_MIN_HZ && file_rate_hz <= PS_RATE_MAX_HZ)
        return PS_OK;
    return ps_fail_file(err, PS_UNSUPPORTED, path, "audio: rate of %d Hz", file_rate_hz);
}

/* Opens the file, or the bytes that the source owns then, whatever comes of it. */
static ps_status open_source(ps_source **out, const char *path, uint8_t *bytes, size_t size_bytes,
                             double rate_hz, ps_tally_file *tally, ps_error *err)
{
    file_source *source = ps_alloc(NULL, 1, sizeof *source);
    SF_INFO info;
    ps_status status;

    if (!source) {
        ps_free(NULL, bytes);
        return ps_fail_memory(err, path);
    }
    ps_source_init(&source->base, &kind, rate_hz);
    source->tally = tally;
    source->bytes = bytes;
    source->memory.bytes = bytes;
    source->memory.size_bytes = (sf_count_t)size_bytes;
    status = open_file(source, path, &info, err);
    if (status == PS_OK)
        status = check_rate(rate_hz, info.samplerate, path, err);
    if (status == PS_OK && rate_hz > 0.0 && rate_hz != info.samplerate)
        status = resample(source, info.samplerate, rate_hz, path, err);
    else if (status == PS_OK)
        source->base.rate_hz = info.samplerate;
    if (status != PS_OK) {
        destroy(&source->base);
        return status;
    }
    *out = &source->base;
    return PS_OK;
}

ps_status ps_audio_tallied_source(ps_source **out, const char *path, double rate_hz,
                                  ps_tally *tally, ps_error *err)
{
    ps_tally_file *file;
    ps_status status;

    if (!(rate_hz <= 0.0 || (rate_hz >= PS_RATE_MIN_HZ && rate_hz <= PS_RATE_MAX_HZ)))
        return ps_fail(err, PS_BAD_ARGUMENT, "rate of %g Hz is outside %g..%g", rate_hz,
                       PS_RATE_MIN_HZ, PS_RATE_MAX_HZ);
    status = ps_tally_open(&file, tally, path, err);
    return status == PS_OK ? open_source(out, path, NULL, 0, rate_hz, file, err) : status;
}

ps_status ps_audio_file_source(ps_source **out, const char *path, double rate_hz, ps_error *err)
{
    return ps_audio_tallied_source(out, path, rate_hz, NULL, err);
}

ps_status ps_audio_bytes_source(ps_source **out, uint8_t *bytes, size_t size_bytes,
                                const char *name, double rate_hz, ps_tally_file *file,
                                ps_error *err)
{
    return open_source(out, name, bytes, size_bytes, rate_hz, file, err);
}
