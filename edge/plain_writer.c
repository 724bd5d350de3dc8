/*
 * WAV, AIFF and RAW: samples as they are, behind headers of our own, so that a pipe can have them
 * too.
 *
 * A header is made twice, at the start and, with the true length, at the end; both are the same
 * size. What is written to something that cannot be rewound keeps the first one: it has the
 * expected length when there is one, else WAV's streaming value 0xFFFFFFFF.
 *
 * WAV of 4 GiB and more is RF64 (EBU Tech 3306): the sizes move to a ds64 chunk, which takes the
 * place of a JUNK chunk kept free for it. A file known to stay smaller has none: 44 bytes of
 * header, as everybody expects.
 */
#include "audio_writer.h"

#include <stdio.h>
#include <string.h>

#include "fail.h"

#define BUFFER_BYTES       (128u * 1024u)
#define FIXED_HEADER_BYTES 256u /* all but the tags; the longest is AIFC's */
#define STREAMING          0xffffffffu
#define DS64_BYTES         28u

/* A header under construction; the memory is known to suffice. */
typedef struct header {
    uint8_t *bytes;
    size_t size_bytes;
} header;

typedef struct plain_state {
    uint8_t *buffer; /* samples on their way out */
    uint8_t *header_bytes;
    uint8_t *tags; /* their chunks */
    size_t used_bytes, frame_bytes, tags_bytes;
    bool may_be_large; /* room for a ds64 chunk is kept */
} plain_state;

static void put(header *h, const void *bytes, size_t size_bytes)
{
    memcpy(h->bytes + h->size_bytes, bytes, size_bytes);
    h->size_bytes += size_bytes;
}

static void put_le(header *h, uint64_t value, int size_bytes)
{
    while (size_bytes-- > 0) {
        h->bytes[h->size_bytes++] = (uint8_t)value;
        value >>= 8;
    }
}

static void put_be(header *h, uint64_t value, int size_bytes)
{
    while (size_bytes-- > 0)
        h->bytes[h->size_bytes++] = (uint8_t)(value >> 8 * size_bytes);
}

/* A chunk of text, padded to an even size. */
static void put_text(header *h, const char *id, const char *text, size_t text_bytes, bool big)
{
    put(h, id, 4);
    if (big)
        put_be(h, text_bytes, 4);
    else
        put_le(h, text_bytes, 4);
    put(h, text, text_bytes);
    if (text_bytes % 2)
        put_le(h, 0, 1);
}

/* RIFF's INFO list: texts end in a zero. */
static void put_info(header *h, const ps_audio_writer_options *options)
{
    static const char *const ids[PS_TAG_KEYS] = {
        [PS_TAG_TITLE] = "INAM",     [PS_TAG_ARTIST] = "IART",   [PS_TAG_ALBUM] = "IPRD",
        [PS_TAG_COMMENT] = "ICMT",   [PS_TAG_DATE] = "ICRD",     [PS_TAG_GENRE] = "IGNR",
        [PS_TAG_COPYRIGHT] = "ICOP", [PS_TAG_SOFTWARE] = "ISFT", [PS_TAG_TRACKNUMBER] = "ITRK",
    };
    header size = *h;

    if (options->tag_count == 0)
        return;
    put(h, "LIST", 4);
    size.size_bytes = h->size_bytes;
    put_le(h, 0, 4);
    put(h, "INFO", 4);
    for (size_t i = 0; i < options->tag_count; i++)
        put_text(h, ids[ps_tag_key_of(options->tags[i].key)], options->tags[i].value,
                 strlen(options->tags[i].value) + 1, false);
    put_le(&size, h->size_bytes - size.size_bytes - 4, 4);
}

/* AIFF's chunks; keys that have none become annotations "key: value". */
static const char *const aiff_ids[PS_TAG_KEYS] = {
    [PS_TAG_TITLE] = "NAME",
    [PS_TAG_ARTIST] = "AUTH",
    [PS_TAG_COMMENT] = "ANNO",
    [PS_TAG_COPYRIGHT] = "(c) ",
};

static void put_annotation(header *h, const char *key, const char *value)
{
    const size_t text_bytes = strlen(key) + 2 + strlen(value);

    put(h, "ANNO", 4);
    put_be(h, text_bytes, 4);
    put(h, key, strlen(key));
    put(h, ": ", 2);
    put(h, value, strlen(value));
    if (text_bytes % 2)
        put_be(h, 0, 1);
}

/* Annotations come first: of several, readers that keep one keep the last, the comment. */
static void put_aiff_texts(header *h, const ps_audio_writer_options *options)
{
    for (int pass = 0; pass < 2; pass++)
        for (size_t i = 0; i < options->tag_count; i++) {
            const ps_tag_key key = ps_tag_key_of(options->tags[i].key);
            const char *value = options->tags[i].value;

            if (pass == 0 && !aiff_ids[key])
                put_annotation(h, ps_tag_keys[key], value);
            else if (pass == 1 && aiff_ids[key])
                put_text(h, aiff_ids[key], value, strlen(value), true);
        }
}

static ps_status make_tags(plain_state *state, const ps_audio_writer_options *options)
{
    size_t room_bytes = 16;
    header h = {NULL, 0};

    for (size_t i = 0; i < options->tag_count; i++)
        room_bytes += strlen(options->tags[i].value) + 32;
    state->tags = h.bytes = ps_alloc(NULL, 1, room_bytes);
    state->header_bytes = ps_alloc(NULL, 1, room_bytes + FIXED_HEADER_BYTES);
    if (!state->tags || !state->header_bytes)
        return PS_NO_MEMORY;
    if (options->container == PS_CONTAINER_WAV)
        put_info(&h, options);
    else if (options->container == PS_CONTAINER_AIFF)
        put_aiff_texts(&h, options);
    state->tags_bytes = h.size_bytes;
    return PS_OK;
}

static void put_wav_format(header *h, const ps_audio_writer_options *options)
{
    const bool is_float = options->samples == PS_SAMPLE_FLOAT32;
    const uint32_t sample_bytes = ps_sample_bytes(options->samples);

    put(h, "fmt ", 4);
    put_le(h, is_float ? 18 : 16, 4);
    put_le(h, is_float ? 3 : 1, 2);
    put_le(h, options->channels, 2);
    put_le(h, options->rate_hz, 4);
    put_le(h, (uint64_t)options->rate_hz * options->channels * sample_bytes, 4);
    put_le(h, options->channels * sample_bytes, 2);
    put_le(h, 8 * sample_bytes, 2);
    if (is_float)
        put_le(h, 0, 2);
}

/* The header for a number of frames, UINT64_MAX when it cannot be known. */
static header wav_header(const ps_audio_writer *writer, uint64_t frames)
{
    const plain_state *state = writer->state;
    const bool is_float = writer->options.samples == PS_SAMPLE_FLOAT32;
    const bool streaming = frames == UINT64_MAX;
    const uint64_t data_bytes = streaming ? 0 : frames * state->frame_bytes;
    const uint64_t front_bytes = 4 + (state->may_be_large ? 8 + DS64_BYTES : 0) +
                                 (is_float ? 26 + 12 : 24) + state->tags_bytes + 8;
    const uint64_t riff_bytes = front_bytes + data_bytes + data_bytes % 2;
    const bool large = !streaming && riff_bytes >= STREAMING;
    header h = {state->header_bytes, 0};

    put(&h, large ? "RF64" : "RIFF", 4);
    put_le(&h, large || streaming ? STREAMING : riff_bytes, 4);
    put(&h, "WAVE", 4);
    if (state->may_be_large) {
        put(&h, large ? "ds64" : "JUNK", 4);
        put_le(&h, DS64_BYTES, 4);
        put_le(&h, large ? riff_bytes : 0, 8);
        put_le(&h, large ? data_bytes : 0, 8);
        put_le(&h, large ? frames : 0, 8);
        put_le(&h, 0, 4); /* no further sizes */
    }
    put_wav_format(&h, &writer->options);
    if (is_float) {
        put(&h, "fact", 4);
        put_le(&h, 4, 4);
        put_le(&h, large || streaming ? STREAMING : frames, 4);
    }
    put(&h, state->tags, state->tags_bytes);
    put(&h, "data", 4);
    put_le(&h, large || streaming ? STREAMING : data_bytes, 4);
    return h;
}

/* IEEE 754 extended precision, 80 bits, of a whole number. */
static void put_extended(header *h, uint32_t value)
{
    int exponent = 31;

    while (value >> exponent == 0)
        exponent--;
    put_be(h, 16383u + (unsigned)exponent, 2);
    put_be(h, (uint64_t)value << (63 - exponent), 8);
}

static const char aifc_float[] = {11, '3', '2', '-', 'b', 'i', 't', ' ', 'f', 'l', 'o', 'a', 't'};

/* All of a file but "FORM", its size, and the samples. */
static uint64_t aiff_front_bytes(const ps_audio_writer *writer)
{
    const plain_state *state = writer->state;
    const bool is_float = writer->options.samples == PS_SAMPLE_FLOAT32;

    return 4 + (is_float ? 12 + 8 + 22 + sizeof aifc_float + 1 : 8 + 18) + state->tags_bytes + 16;
}

static header aiff_header(const ps_audio_writer *writer, uint64_t frames)
{
    const plain_state *state = writer->state;
    const bool is_float = writer->options.samples == PS_SAMPLE_FLOAT32;
    const uint64_t data_bytes = frames * state->frame_bytes;
    header h = {state->header_bytes, 0};

    put(&h, "FORM", 4);
    put_be(&h, aiff_front_bytes(writer) + data_bytes + data_bytes % 2, 4);
    put(&h, is_float ? "AIFC" : "AIFF", 4);
    if (is_float) {
        put(&h, "FVER", 4);
        put_be(&h, 4, 4);
        put_be(&h, 0xa2805140u, 4); /* the one version of AIFC there is */
    }
    put(&h, "COMM", 4);
    put_be(&h, is_float ? 22 + sizeof aifc_float : 18, 4);
    put_be(&h, writer->options.channels, 2);
    put_be(&h, frames, 4);
    put_be(&h, 8 * ps_sample_bytes(writer->options.samples), 2);
    put_extended(&h, writer->options.rate_hz);
    if (is_float) {
        put(&h, "fl32", 4);
        put(&h, aifc_float, sizeof aifc_float);
        put_be(&h, 0, 1);
    }
    put(&h, state->tags, state->tags_bytes);
    put(&h, "SSND", 4);
    put_be(&h, data_bytes + 8, 4);
    put_be(&h, 0, 8);
    return h;
}

static header header_for(const ps_audio_writer *writer, uint64_t frames)
{
    const header none = {((plain_state *)writer->state)->header_bytes, 0};

    switch (writer->options.container) {
    case PS_CONTAINER_WAV:
        return wav_header(writer, frames);
    case PS_CONTAINER_AIFF:
        return aiff_header(writer, frames == UINT64_MAX ? 0 : frames);
    default:
        return none;
    }
}

static size_t frame_bytes(const ps_audio_writer_options *options)
{
    return (size_t)options->channels * ps_sample_bytes(options->samples);
}

static ps_status refuse_large_aiff(const ps_audio_writer *writer, ps_status code, ps_error *err)
{
    const ps_status status =
        ps_fail_file(err, code, writer->target.shown ? writer->target.shown : "",
                     "aiff: a file of more than 4 GiB is not possible");

    ps_hint(err, "write .wav or .flac");
    return status;
}

/* Leaves room for a header with long tags. */
#define AIFF_MOST_BYTES 0xff000000u

static ps_status plain_check(ps_audio_writer *writer, ps_error *err)
{
    const ps_audio_writer_options *options = &writer->options;

    writer->file_rate_hz = options->rate_hz;
    if (options->container == PS_CONTAINER_AIFF && options->expected_frames != UINT64_MAX &&
        options->expected_frames > AIFF_MOST_BYTES / frame_bytes(options))
        return refuse_large_aiff(writer, PS_BAD_ARGUMENT, err);
    return PS_OK;
}

static ps_status plain_start(ps_audio_writer *writer, ps_error *err)
{
    const ps_audio_writer_options *options = &writer->options;
    const bool known = options->expected_frames != UINT64_MAX;
    plain_state *state = ps_alloc(NULL, 1, sizeof *state);
    header h;

    writer->state = state;
    if (!state)
        return ps_fail_memory(err, writer->target.shown);
    state->frame_bytes = frame_bytes(options);
    state->may_be_large = known ? options->expected_frames > 0xf0000000u / state->frame_bytes
                                : writer->target.patchable;
    state->buffer = ps_alloc(NULL, 1, BUFFER_BYTES);
    if (!state->buffer || make_tags(state, options) != PS_OK)
        return ps_fail_memory(err, writer->target.shown);
    if (options->container == PS_CONTAINER_AIFF && !known && !writer->target.patchable) {
        ps_fail_file(err, PS_BAD_ARGUMENT, writer->target.shown,
                     "aiff: to a pipe, the length has to be known before");
        ps_hint(err, "write to a file, or use --format wav");
        return PS_BAD_ARGUMENT;
    }
    h = header_for(writer, options->expected_frames);
    return ps_target_write(&writer->target, h.bytes, h.size_bytes, err);
}

/* Little-endian samples to big-endian ones, in place. */
static void swap_samples(uint8_t *bytes, size_t size_bytes, size_t sample_bytes)
{
    for (size_t i = 0; i < size_bytes; i += sample_bytes)
        for (size_t a = i, b = i + sample_bytes - 1; a < b; a++, b--) {
            const uint8_t first = bytes[a];

            bytes[a] = bytes[b];
            bytes[b] = first;
        }
}

static ps_status flush(ps_audio_writer *writer, ps_error *err)
{
    plain_state *state = writer->state;
    const size_t size_bytes = state->used_bytes;

    if (writer->options.container == PS_CONTAINER_AIFF)
        swap_samples(state->buffer, size_bytes, ps_sample_bytes(writer->options.samples));
    state->used_bytes = 0;
    return ps_target_write(&writer->target, state->buffer, size_bytes, err);
}

/* A length that a pipe has been told, or that a header cannot hold. */
static ps_status check_length(const ps_audio_writer *writer, uint64_t frames, ps_error *err)
{
    const plain_state *state = writer->state;
    const uint64_t expected = writer->options.expected_frames;
    const bool wav = writer->options.container == PS_CONTAINER_WAV;

    if (writer->options.container == PS_CONTAINER_RAW)
        return PS_OK;
    if (!wav && frames > AIFF_MOST_BYTES / state->frame_bytes)
        return refuse_large_aiff(writer, PS_CANNOT_WRITE, err);
    if (expected == UINT64_MAX || frames <= expected)
        return PS_OK;
    if (!writer->target.patchable ||
        (wav && !state->may_be_large && frames > 0xf0000000u / state->frame_bytes))
        return ps_fail_file(err, PS_BAD_ARGUMENT, writer->target.shown,
                            "more than the %llu frames promised", (unsigned long long)expected);
    return PS_OK;
}

static ps_status plain_write(ps_audio_writer *writer, ps_block block, ps_error *err)
{
    const ps_quantizer quantizer = {writer->options.samples, writer->options.dither,
                                    writer->options.seed, writer->options.truncate};
    plain_state *state = writer->state;
    uint32_t done = 0;
    ps_status status = check_length(writer, writer->frames + block.frames, err);

    while (done < block.frames && status == PS_OK) {
        const size_t room = (BUFFER_BYTES - state->used_bytes) / state->frame_bytes;
        const uint32_t left = block.frames - done;
        const uint32_t count = left < room ? left : (uint32_t)room;

        ps_quantize(&quantizer, state->buffer + state->used_bytes,
                    ps_block_part(block, done, count), writer->frames + done,
                    writer->options.channels);
        state->used_bytes += count * state->frame_bytes;
        done += count;
        if (BUFFER_BYTES - state->used_bytes < state->frame_bytes)
            status = flush(writer, err);
    }
    return status;
}

static ps_status plain_finish(ps_audio_writer *writer, ps_error *err)
{
    plain_state *state = writer->state;
    const uint64_t expected = writer->options.expected_frames;
    const bool pad = writer->options.container != PS_CONTAINER_RAW &&
                     writer->frames * state->frame_bytes % 2 != 0;
    ps_status status = flush(writer, err);

    if (status == PS_OK && pad)
        status = ps_target_write(&writer->target, "", 1, err);
    if (status != PS_OK || writer->frames == expected ||
        writer->options.container == PS_CONTAINER_RAW)
        return status;
    if (writer->target.patchable) {
        const header h = header_for(writer, writer->frames);

        return ps_target_patch(&writer->target, 0, h.bytes, h.size_bytes, err);
    }
    if (expected != UINT64_MAX)
        return ps_fail_file(err, PS_BAD_ARGUMENT, writer->target.shown,
                            "only %llu of the %llu frames promised came",
                            (unsigned long long)writer->frames, (unsigned long long)expected);
    return PS_OK;
}

static void plain_stop(ps_audio_writer *writer)
{
    plain_state *state = writer->state;

    if (!state)
        return;
    ps_free(NULL, state->buffer);
    ps_free(NULL, state->header_bytes);
    ps_free(NULL, state->tags);
    ps_free(NULL, state);
    writer->state = NULL;
}

const ps_writer_kind ps_plain_writer = {plain_check, plain_start, plain_write, plain_finish,
                                        plain_stop};
