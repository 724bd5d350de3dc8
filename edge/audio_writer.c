/* Writing audio files: options are checked here, the kinds of writers do the rest. */
#include "audio_writer.h"

#include <string.h>
#include <strings.h>

#include "fail.h"

const char *const ps_tag_keys[PS_TAG_KEYS] = {
    [PS_TAG_TITLE] = "title",
    [PS_TAG_ARTIST] = "artist",
    [PS_TAG_ALBUM] = "album",
    [PS_TAG_COMMENT] = "comment",
    [PS_TAG_DATE] = "date",
    [PS_TAG_GENRE] = "genre",
    [PS_TAG_COPYRIGHT] = "copyright",
    [PS_TAG_SOFTWARE] = "software",
    [PS_TAG_TRACKNUMBER] = "tracknumber",
};

ps_tag_key ps_tag_key_of(const char *key)
{
    ps_tag_key k = PS_TAG_TITLE;

    while (k < PS_TAG_KEYS && strcasecmp(key, ps_tag_keys[k]) != 0)
        k++;
    return k;
}

ps_audio_writer_options ps_audio_writer_defaults(void)
{
    const ps_audio_writer_options options = {
        .container = PS_CONTAINER_WAV,
        .samples = PS_SAMPLE_INT16,
        .rate_hz = 44100,
        .channels = 2,
        .dither = true,
        .quality = -1.0,
        .expected_frames = UINT64_MAX,
    };

    return options;
}

/* Writes nothing: for PS_CONTAINER_NULL. */
static ps_status check_nothing(ps_audio_writer *writer, ps_error *err)
{
    (void)err;
    writer->file_rate_hz = writer->options.rate_hz;
    return PS_OK;
}

static ps_status do_nothing(ps_audio_writer *writer, ps_error *err)
{
    (void)writer;
    (void)err;
    return PS_OK;
}

static ps_status write_nothing(ps_audio_writer *writer, ps_block block, ps_error *err)
{
    (void)writer;
    (void)block;
    (void)err;
    return PS_OK;
}

static void stop_nothing(ps_audio_writer *writer)
{
    (void)writer;
}

static const ps_writer_kind null_writer = {check_nothing, do_nothing, write_nothing, do_nothing,
                                           stop_nothing};

static const ps_writer_kind *kind_of(ps_container container)
{
    switch (container) {
    case PS_CONTAINER_WAV:
    case PS_CONTAINER_AIFF:
    case PS_CONTAINER_RAW:
        return &ps_plain_writer;
    case PS_CONTAINER_FLAC:
    case PS_CONTAINER_MP3:
    case PS_CONTAINER_OGG:
    case PS_CONTAINER_OPUS:
        return &ps_codec_writer;
    case PS_CONTAINER_NULL:
        return &null_writer;
    }
    return NULL;
}

static ps_status check_tags(const ps_audio_writer_options *options, ps_error *err)
{
    for (size_t i = 0; i < options->tag_count; i++) {
        const char *key = options->tags[i].key;

        if (ps_tag_key_of(key) == PS_TAG_KEYS) {
            ps_fail(err, PS_BAD_ARGUMENT, "there is no tag '%.80s'", key);
            ps_hint(err, "tags are title, artist, album, comment, date, genre, copyright, "
                         "software, tracknumber");
            return PS_BAD_ARGUMENT;
        }
    }
    return PS_OK;
}

/* Everything that can be refused before a file is touched. */
static ps_status make(ps_audio_writer **out, const ps_audio_writer_options *options, ps_error *err)
{
    ps_audio_writer *writer;
    ps_status status;

    if (options->rate_hz < PS_RATE_MIN_HZ || options->rate_hz > PS_RATE_MAX_HZ)
        return ps_fail(err, PS_BAD_ARGUMENT, "rate of %u Hz is outside %g..%g",
                       (unsigned)options->rate_hz, PS_RATE_MIN_HZ, PS_RATE_MAX_HZ);
    if (options->channels < 1 || options->channels > 2)
        return ps_fail(err, PS_BAD_ARGUMENT, "a file has 1 or 2 channels, not %u",
                       (unsigned)options->channels);
    if (options->samples > PS_SAMPLE_FLOAT32 || !kind_of(options->container))
        return ps_fail(err, PS_BAD_ARGUMENT, "no such sample format or container");
    status = check_tags(options, err);
    if (status != PS_OK)
        return status;
    writer = ps_alloc(NULL, 1, sizeof *writer);
    if (!writer)
        return ps_fail(err, PS_NO_MEMORY, "no memory for an audio writer");
    writer->kind = kind_of(options->container);
    writer->options = *options;
    writer->target.fd = -1;
    status = writer->kind->check(writer, err);
    if (status != PS_OK) {
        ps_audio_writer_close(writer);
        return status;
    }
    *out = writer;
    return PS_OK;
}

/* The target is open, or has failed to. */
static ps_status start(ps_audio_writer **out, ps_audio_writer *writer, ps_status status,
                       ps_error *err)
{
    if (status == PS_OK)
        status = writer->kind->start(writer, err);
    writer->options.tags = NULL;
    writer->options.tag_count = 0;
    if (status != PS_OK) {
        ps_audio_writer_close(writer);
        return status;
    }
    *out = writer;
    return PS_OK;
}

ps_status ps_audio_writer_open(ps_audio_writer **out, const char *path,
                               const ps_audio_writer_options *options, ps_error *err)
{
    ps_audio_writer *writer;
    ps_status status = make(&writer, options, err);

    if (status != PS_OK) {
        ps_error_in(err, path);
        return status;
    }
    if (options->container != PS_CONTAINER_NULL)
        status = ps_target_open(&writer->target, path, options->no_clobber, err);
    return start(out, writer, status, err);
}

ps_status ps_audio_writer_open_stream(ps_audio_writer **out, FILE *stream,
                                      const ps_audio_writer_options *options, ps_error *err)
{
    ps_audio_writer *writer;
    ps_status status = make(&writer, options, err);

    if (status != PS_OK)
        return status;
    if (options->container != PS_CONTAINER_NULL)
        status = ps_target_open_stream(&writer->target, stream, err);
    return start(out, writer, status, err);
}

uint32_t ps_audio_writer_rate_hz(const ps_audio_writer *writer)
{
    return writer->file_rate_hz;
}

ps_status ps_audio_writer_write(ps_audio_writer *writer, ps_block block, ps_error *err)
{
    ps_status status;

    if (writer->finished)
        return ps_fail(err, PS_BAD_ARGUMENT, "the file is finished");
    if (block.frames == 0)
        return PS_OK;
    status = writer->kind->write(writer, block, err);
    if (status == PS_OK)
        writer->frames += block.frames;
    return status;
}

ps_status ps_audio_writer_finish(ps_audio_writer *writer, ps_error *err)
{
    ps_status status;

    if (writer->finished)
        return PS_OK;
    status = writer->kind->finish(writer, err);
    if (status == PS_OK && writer->options.container != PS_CONTAINER_NULL)
        status = ps_target_finish(&writer->target, err);
    writer->finished = status == PS_OK;
    return status;
}

void ps_audio_writer_close(ps_audio_writer *writer)
{
    if (!writer)
        return;
    writer->kind->stop(writer);
    ps_target_close(&writer->target);
    ps_free(NULL, writer);
}
