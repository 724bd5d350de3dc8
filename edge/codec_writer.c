/*
 * FLAC, MP3, Ogg Vorbis and Opus, encoded by libsndfile. It writes through our own functions, so
 * that what the system says about a full disk is not lost, and so that a pipe will do: what
 * libsndfile goes back to fill in at the end is left out there (FLAC's length and checksum, MP3's
 * table of contents). Tags of MP3 are ours (id3.c).
 */
#include "audio_writer.h"

#include <sndfile.h>
#include <soxr.h>
#include <string.h>

#include "fail.h"
#include "id3.h"

#define CHUNK_FRAMES     4096u
#define OPUS_RATE_HZ     48000u
#define RESAMPLED_FRAMES (8u * CHUNK_FRAMES) /* 8 kHz to 48 kHz is a factor of 6 */

typedef struct codec_state {
    SNDFILE *file;
    soxr_t resampler;      /* or NULL */
    uint64_t front_bytes;  /* ours, before libsndfile's */
    uint64_t at_bytes;     /* libsndfile's position, from there on */
    uint64_t length_bytes; /* what it has written */
    int32_t ints[2 * CHUNK_FRAMES];
    uint8_t bytes[2 * 4 * CHUNK_FRAMES]; /* ints as ps_quantize gives them */
    float floats[2 * CHUNK_FRAMES];
    float resampled[2 * RESAMPLED_FRAMES];
} codec_state;

static codec_state *state_of(const ps_audio_writer *writer)
{
    return writer->state;
}

/* ---- What libsndfile sees as its file. ---- */

static sf_count_t file_length(void *user)
{
    return (sf_count_t)state_of(user)->length_bytes;
}

static sf_count_t file_seek(sf_count_t offset, int whence, void *user)
{
    codec_state *state = state_of(user);
    const sf_count_t end = file_length(user);
    const sf_count_t from = whence == SEEK_CUR   ? (sf_count_t)state->at_bytes
                            : whence == SEEK_END ? end
                                                 : 0;

    if (offset < -from || offset > end - from)
        return -1;
    state->at_bytes = (uint64_t)(from + offset);
    return from + offset;
}

static sf_count_t file_read(void *bytes, sf_count_t count, void *user)
{
    (void)bytes;
    (void)count;
    (void)user;
    return 0;
}

/*
 * libsndfile hears of no failure (the one of Vorbis' header makes version 1.2.0 forget to free
 * much): the target remembers it, and we look there.
 */
static sf_count_t file_write(const void *bytes, sf_count_t count, void *user)
{
    ps_audio_writer *writer = user;
    codec_state *state = state_of(writer);
    const uint64_t behind = state->length_bytes - state->at_bytes;
    const size_t again = behind < (uint64_t)count ? (size_t)behind : (size_t)count;

    if (again > 0 && writer->target.patchable)
        ps_target_patch(&writer->target, state->front_bytes + state->at_bytes, bytes, again, NULL);
    if (again < (size_t)count)
        ps_target_write(&writer->target, (const uint8_t *)bytes + again, (size_t)count - again,
                        NULL);
    state->at_bytes += (uint64_t)count;
    if (state->at_bytes > state->length_bytes)
        state->length_bytes = state->at_bytes;
    return count;
}

static sf_count_t file_tell(void *user)
{
    return (sf_count_t)state_of(user)->at_bytes;
}

/* ---- What each codec takes. ---- */

static bool is_one_of(uint32_t rate_hz, const uint32_t *rates, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (rates[i] == rate_hz)
            return true;
    return false;
}

static ps_status check_flac(const ps_audio_writer_options *options, ps_error *err)
{
    if (options->samples == PS_SAMPLE_INT16 || options->samples == PS_SAMPLE_INT24)
        return PS_OK;
    ps_fail(err, PS_BAD_ARGUMENT, "flac: %s",
            options->samples == PS_SAMPLE_FLOAT32 ? "it has no float samples"
                                                  : "32-bit samples cannot be written");
    ps_hint(err, "use --bits 24 or .wav");
    return PS_BAD_ARGUMENT;
}

static ps_status check_mp3(const ps_audio_writer_options *options, ps_error *err)
{
    static const uint32_t rates[] = {8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000};

    if (is_one_of(options->rate_hz, rates, sizeof rates / sizeof *rates))
        return PS_OK;
    ps_fail(err, PS_BAD_ARGUMENT, "mp3: it has no rate of %u Hz", (unsigned)options->rate_hz);
    ps_hint(err, "use --rate %u, or .flac", options->rate_hz > 44100 ? 48000u : 44100u);
    return PS_BAD_ARGUMENT;
}

static ps_status codec_check(ps_audio_writer *writer, ps_error *err)
{
    static const uint32_t opus_rates[] = {8000, 12000, 16000, 24000, OPUS_RATE_HZ};
    const ps_audio_writer_options *options = &writer->options;
    const bool flac = options->container == PS_CONTAINER_FLAC;
    const double best = flac ? 8.0 : 10.0;

    if (!(options->quality <= best))
        return ps_fail(err, PS_BAD_ARGUMENT, "%s: quality is from 0 to %g",
                       ps_container_format(options->container), best);
    writer->file_rate_hz = options->rate_hz;
    if (flac)
        return check_flac(options, err);
    if (options->container == PS_CONTAINER_MP3)
        return check_mp3(options, err);
    if (options->container == PS_CONTAINER_OPUS &&
        !is_one_of(options->rate_hz, opus_rates, sizeof opus_rates / sizeof *opus_rates))
        writer->file_rate_hz = OPUS_RATE_HZ;
    return PS_OK;
}

static int format_of(const ps_audio_writer_options *options)
{
    switch (options->container) {
    case PS_CONTAINER_FLAC:
        return SF_FORMAT_FLAC |
               (options->samples == PS_SAMPLE_INT16 ? SF_FORMAT_PCM_16 : SF_FORMAT_PCM_24);
    case PS_CONTAINER_MP3:
        return SF_FORMAT_MPEG | SF_FORMAT_MPEG_LAYER_III;
    case PS_CONTAINER_OGG:
        return SF_FORMAT_OGG | SF_FORMAT_VORBIS;
    default:
        return SF_FORMAT_OGG | SF_FORMAT_OPUS;
    }
}

static void set_tags(SNDFILE *file, const ps_audio_writer_options *options)
{
    static const int kinds[PS_TAG_KEYS] = {
        [PS_TAG_TITLE] = SF_STR_TITLE,
        [PS_TAG_ARTIST] = SF_STR_ARTIST,
        [PS_TAG_ALBUM] = SF_STR_ALBUM,
        [PS_TAG_COMMENT] = SF_STR_COMMENT,
        [PS_TAG_DATE] = SF_STR_DATE,
        [PS_TAG_GENRE] = SF_STR_GENRE,
        [PS_TAG_COPYRIGHT] = SF_STR_COPYRIGHT,
        [PS_TAG_SOFTWARE] = SF_STR_SOFTWARE,
        [PS_TAG_TRACKNUMBER] = SF_STR_TRACKNUMBER,
    };

    for (size_t i = 0; i < options->tag_count && options->container != PS_CONTAINER_MP3; i++)
        if (options->tags[i].value[0] != '\0')
            sf_set_string(file, kinds[ps_tag_key_of(options->tags[i].key)], options->tags[i].value);
}

static void set_quality(SNDFILE *file, const ps_audio_writer_options *options)
{
    const bool flac = options->container == PS_CONTAINER_FLAC;
    double share = options->quality / (flac ? 8.0 : 10.0);

    if (options->quality >= 0.0)
        sf_command(file, flac ? SFC_SET_COMPRESSION_LEVEL : SFC_SET_VBR_ENCODING_QUALITY, &share,
                   sizeof share);
}

static ps_status start_resampler(ps_audio_writer *writer, ps_error *err)
{
    const soxr_io_spec_t floats = soxr_io_spec(SOXR_FLOAT32_I, SOXR_FLOAT32_I);
    const soxr_quality_spec_t quality = soxr_quality_spec(SOXR_HQ, 0);
    soxr_error_t failed = NULL;

    state_of(writer)->resampler =
        soxr_create(writer->options.rate_hz, writer->file_rate_hz, writer->options.channels,
                    &failed, &floats, &quality, NULL);
    return failed ? ps_fail_file(err, PS_NO_MEMORY, writer->target.shown, "resampler: %s", failed)
                  : PS_OK;
}

static ps_status write_id3(ps_audio_writer *writer, ps_error *err)
{
    uint8_t *bytes;
    size_t size_bytes;
    ps_status status = ps_id3_make(&bytes, &size_bytes, &writer->options, err);

    if (status == PS_OK && size_bytes > 0)
        status = ps_target_write(&writer->target, bytes, size_bytes, err);
    state_of(writer)->front_bytes = size_bytes;
    ps_free(NULL, bytes);
    return status;
}

static ps_status codec_start(ps_audio_writer *writer, ps_error *err)
{
    SF_VIRTUAL_IO io = {file_length, file_seek, file_read, file_write, file_tell};
    SF_INFO info = {.samplerate = (int)writer->file_rate_hz,
                    .channels = (int)writer->options.channels,
                    .format = format_of(&writer->options)};
    codec_state *state = ps_alloc(NULL, 1, sizeof *state);
    ps_status status;

    writer->state = state;
    if (!state)
        return ps_fail_memory(err, writer->target.shown);
    if (writer->file_rate_hz != writer->options.rate_hz) {
        status = start_resampler(writer, err);
        if (status != PS_OK)
            return status;
    }
    if (writer->options.container == PS_CONTAINER_MP3) {
        status = write_id3(writer, err);
        if (status != PS_OK)
            return status;
    }
    if (!sf_format_check(&info))
        return ps_fail_file(err, PS_UNSUPPORTED, writer->target.shown,
                            "%s: this system's libsndfile cannot write it",
                            ps_container_format(writer->options.container));
    state->file = sf_open_virtual(&io, SFM_WRITE, &info, writer);
    status = ps_target_status(&writer->target, err);
    if (status != PS_OK)
        return status;
    if (!state->file)
        return ps_fail_file(err, PS_CANNOT_WRITE, writer->target.shown, "%s: %s",
                            ps_container_format(writer->options.container), sf_strerror(NULL));
    set_tags(state->file, &writer->options);
    set_quality(state->file, &writer->options);
    return PS_OK;
}

/* ---- Samples. ---- */

static ps_status check_written(ps_audio_writer *writer, sf_count_t written, uint64_t wanted,
                               ps_error *err)
{
    const ps_status status = ps_target_status(&writer->target, err);

    if (status != PS_OK || (uint64_t)written == wanted)
        return status;
    return ps_fail_file(err, PS_CANNOT_WRITE, writer->target.shown, "%s: %s",
                        ps_container_format(writer->options.container),
                        sf_strerror(state_of(writer)->file));
}

/* Integers go through ps_quantize and are kept in the upper bits, where libsndfile takes them. */
static ps_status write_ints(ps_audio_writer *writer, ps_block block, uint64_t first_frame,
                            ps_error *err)
{
    const ps_quantizer quantizer = {writer->options.samples, writer->options.dither,
                                    writer->options.seed, writer->options.truncate};
    const uint32_t sample_bytes = ps_sample_bytes(quantizer.format);
    const uint32_t samples = block.frames * writer->options.channels;
    codec_state *state = state_of(writer);
    const uint8_t *at = state->bytes;

    ps_quantize(&quantizer, state->bytes, block, first_frame, writer->options.channels);
    for (uint32_t i = 0; i < samples; i++) {
        uint32_t value = 0;

        for (uint32_t b = 0; b < sample_bytes; b++)
            value |= (uint32_t)*at++ << (8 * (4 - sample_bytes + b));
        memcpy(&state->ints[i], &value, sizeof value);
    }
    return check_written(writer, sf_writef_int(state->file, state->ints, block.frames),
                         block.frames, err);
}

/* Through the resampler; in == NULL: what is still in it. */
static ps_status write_resampled(ps_audio_writer *writer, const float *in, size_t frames,
                                 ps_error *err)
{
    codec_state *state = state_of(writer);
    size_t done = 0, used, made;

    do {
        const soxr_error_t failed =
            soxr_process(state->resampler, in ? in + done * writer->options.channels : NULL,
                         frames - done, &used, state->resampled, RESAMPLED_FRAMES, &made);
        ps_status status;

        if (failed)
            return ps_fail_file(err, PS_NO_MEMORY, writer->target.shown, "resampler: %s", failed);
        done += used;
        status = check_written(
            writer, sf_writef_float(state->file, state->resampled, (sf_count_t)made), made, err);
        if (status != PS_OK)
            return status;
    } while (in ? done < frames : made > 0);
    return PS_OK;
}

static ps_status write_floats(ps_audio_writer *writer, ps_block block, ps_error *err)
{
    codec_state *state = state_of(writer);

    if (writer->options.channels == 1) {
        for (uint32_t i = 0; i < block.frames; i++)
            state->floats[i] = 0.5f * (block.left[i] + block.right[i]);
    } else {
        for (uint32_t i = 0; i < block.frames; i++) {
            state->floats[2 * i] = block.left[i];
            state->floats[2 * i + 1] = block.right[i];
        }
    }
    if (state->resampler)
        return write_resampled(writer, state->floats, block.frames, err);
    return check_written(writer, sf_writef_float(state->file, state->floats, block.frames),
                         block.frames, err);
}

static ps_status codec_write(ps_audio_writer *writer, ps_block block, ps_error *err)
{
    const bool flac = writer->options.container == PS_CONTAINER_FLAC;
    ps_status status = PS_OK;
    uint32_t count;

    for (uint32_t done = 0; done < block.frames && status == PS_OK; done += count) {
        const uint32_t left = block.frames - done;
        ps_block part;

        count = left < CHUNK_FRAMES ? left : CHUNK_FRAMES;
        part = ps_block_part(block, done, count);
        status = flac ? write_ints(writer, part, writer->frames + done, err)
                      : write_floats(writer, part, err);
    }
    return status;
}

static ps_status codec_finish(ps_audio_writer *writer, ps_error *err)
{
    codec_state *state = state_of(writer);
    SNDFILE *file = state->file;
    ps_status status = PS_OK;
    int failed;

    if (state->resampler)
        status = write_resampled(writer, NULL, 0, err);
    if (status != PS_OK)
        return status;
    state->file = NULL;
    failed = sf_close(file);
    status = ps_target_status(&writer->target, err);
    if (status != PS_OK || failed == 0)
        return status;
    return ps_fail_file(err, PS_CANNOT_WRITE, writer->target.shown, "%s: %s",
                        ps_container_format(writer->options.container), sf_error_number(failed));
}

static void codec_stop(ps_audio_writer *writer)
{
    codec_state *state = state_of(writer);

    if (!state)
        return;
    if (state->file)
        sf_close(state->file);
    soxr_delete(state->resampler);
    ps_free(NULL, state);
    writer->state = NULL;
}

const ps_writer_kind ps_codec_writer = {codec_check, codec_start, codec_write, codec_finish,
                                        codec_stop};
