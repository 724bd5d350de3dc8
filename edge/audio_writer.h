/* What the kinds of audio writers share. */
#ifndef PLAINSONG_EDGE_AUDIO_WRITER_H
#define PLAINSONG_EDGE_AUDIO_WRITER_H

#include "plainsong/file.h"

#include "target.h"

/* One way of writing. A failed start is followed by stop. */
typedef struct ps_writer_kind {
    /* Looks at writer->options: PS_BAD_ARGUMENT, with a suggestion, for what cannot be written. */
    ps_status (*check)(ps_audio_writer *writer, ps_error *err);
    /* Writes what comes before the samples. The tags are gone afterwards. */
    ps_status (*start)(ps_audio_writer *writer, ps_error *err);
    ps_status (*write)(ps_audio_writer *writer, ps_block block, ps_error *err);
    /* Writes what is left, and what could not be known before. */
    ps_status (*finish)(ps_audio_writer *writer, ps_error *err);
    void (*stop)(ps_audio_writer *writer); /* frees state; may be called twice */
} ps_writer_kind;

struct ps_audio_writer {
    const ps_writer_kind *kind;
    ps_audio_writer_options options;
    ps_target target;
    uint64_t frames;       /* written so far, at options.rate_hz */
    uint32_t file_rate_hz; /* set by check */
    void *state;           /* of the kind */
    bool finished;
};

/* WAV, AIFF, RAW: with headers of our own. */
extern const ps_writer_kind ps_plain_writer;

/* FLAC, MP3, Vorbis, Opus: by libsndfile. */
extern const ps_writer_kind ps_codec_writer;

/* Keys of tags, in the order of ps_tag_keys. */
typedef enum ps_tag_key {
    PS_TAG_TITLE,
    PS_TAG_ARTIST,
    PS_TAG_ALBUM,
    PS_TAG_COMMENT,
    PS_TAG_DATE,
    PS_TAG_GENRE,
    PS_TAG_COPYRIGHT,
    PS_TAG_SOFTWARE,
    PS_TAG_TRACKNUMBER,
    PS_TAG_KEYS, /* how many; also: no such key */
} ps_tag_key;

extern const char *const ps_tag_keys[PS_TAG_KEYS];

ps_tag_key ps_tag_key_of(const char *key);

#endif
