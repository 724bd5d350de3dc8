/*
 * Files: bytes mapped into memory, SoundFonts, scores, and audio files read and written.
 *
 * Paths are the system's bytes (UTF-8 on all our systems). "-" is not special here; the command
 * line gives it its meaning. Errors name their file (err->path).
 */
#ifndef PLAINSONG_FILE_H
#define PLAINSONG_FILE_H

#include <stdio.h>

#include "plainsong/audio.h"
#include "plainsong/engine.h"
#include "plainsong/level.h"
#include "plainsong/score.h"
#include "plainsong/soundfont.h"
#include "plainsong/source.h"

#ifdef __cplusplus
extern "C" {
#endif

/** ---- Bytes ---------------------------------------------------------------------------------- */

typedef struct ps_file ps_file;

/**
 * Maps a file read-only (a pipe or device is read into memory instead).
 * PS_NOT_FOUND, PS_CANNOT_READ with the system's reason.
 */
PS_API ps_status ps_file_map(ps_file **out, const char *path, ps_error *err);

/** The same from an open stream, read to its end. */
PS_API ps_status ps_file_read_stream(ps_file **out, FILE *stream, ps_error *err);

PS_API const uint8_t *ps_file_bytes(const ps_file *file, size_t *size_bytes);

/** NULL allowed. */
PS_API void ps_file_close(ps_file *file);

/**
 * Writes bytes beside the target and renames, so that the name never holds half a file. Links are
 * followed, a replaced file's mode is kept; devices and pipes are written straight.
 * no_clobber: PS_CANNOT_WRITE when the target exists, also when it has come to exist meanwhile.
 */
PS_API ps_status ps_file_write(const char *path, const uint8_t *bytes, size_t size_bytes,
                               bool no_clobber, ps_error *err);

/** ---- SoundFont files ------------------------------------------------------------------------ */

typedef struct ps_soundfont_file ps_soundfont_file;

/**
 * Maps and opens a bank, with libsndfile decoding SF3. warnings may be NULL; it is copied, its user
 * must outlive the file: SF3 samples are decoded, and found damaged, later.
 */
PS_API ps_status ps_soundfont_file_open(ps_soundfont_file **out, const char *path, bool strict,
                                        const ps_warnings *warnings, ps_error *err);
PS_API ps_soundfont *ps_soundfont_file_bank(const ps_soundfont_file *file);
PS_API void ps_soundfont_file_close(ps_soundfont_file *file);

/**
 * Where a bank is found when none is named: $PLAINSONG_SOUNDFONT, the user's and the system's
 * folders. Writes the path to `path`.
 *
 * PS_NOT_FOUND, with how to get one as the error's hint.
 */
PS_API ps_status ps_soundfont_find_default(char *path, size_t path_bytes, ps_error *err);

/** The i-th bank file in the folders searched, in the order of preference; false after the last. */
PS_API bool ps_soundfont_find_nth(size_t index, char *path, size_t path_bytes);

/** ---- Audio files ---------------------------------------------------------------------------- */

typedef enum ps_container {
    PS_CONTAINER_WAV, /* RF64 above 4 GiB */
    PS_CONTAINER_AIFF,
    PS_CONTAINER_FLAC,
    PS_CONTAINER_MP3,
    PS_CONTAINER_OGG,  /* Vorbis */
    PS_CONTAINER_OPUS, /* resampled to 48 kHz when another rate */
    PS_CONTAINER_RAW,  /* interleaved little-endian samples, no header */
    PS_CONTAINER_NULL, /* everything is computed, nothing is written */
} ps_container;

/** By the name's extension (any case), e.g. "x.wav"; "null:" too. False when unknown. */
PS_API bool ps_container_of_name(const char *name, ps_container *container);

/** By a format's name: "wav", "aiff", "flac", "mp3", "ogg", "opus", "raw", "null". */
PS_API bool ps_container_of_format(const char *format, ps_container *container);

/** "wav", ... */
PS_API const char *ps_container_format(ps_container container);

typedef struct ps_tag {
    const char *key;   /* title artist album comment date genre copyright software tracknumber */
    const char *value; /* UTF-8 */
} ps_tag;

typedef struct ps_audio_writer_options {
    ps_container container;
    ps_sample_format samples; /* WAV AIFF FLAC RAW; lossy formats take float */
    uint32_t rate_hz;
    uint32_t channels; /* 2, or 1: mean of both */
    bool dither;
    uint64_t seed;
    bool truncate;  /* 16 bits as the old track renderer wrote them: see ps_quantizer */
    double quality; /* 0..10 for MP3, OGG, OPUS; FLAC: 0..8 compression; < 0: the default */
    const ps_tag *tags;
    size_t tag_count;
    bool no_clobber;
    uint64_t expected_frames; /* for the header of a pipe, which must then get exactly these; for a
                               file an upper bound is enough; UINT64_MAX when not known */
} ps_audio_writer_options;

/** WAV, 16 bits, 44100 Hz, 2 channels, dither, default quality, no tags, length unknown. */
PS_API ps_audio_writer_options ps_audio_writer_defaults(void);

typedef struct ps_audio_writer ps_audio_writer;

/**
 * Starts an audio file beside `path`; finish gives it its name.
 *
 * PS_BAD_ARGUMENT with a suggestion for what a container cannot hold (float FLAC, MP3 above
 * 48 kHz, ...); PS_CANNOT_WRITE when the folder refuses.
 */
PS_API ps_status ps_audio_writer_open(ps_audio_writer **out, const char *path,
                                      const ps_audio_writer_options *options, ps_error *err);

/**
 * The same to a stream, which stays the caller's. When it cannot be rewound (a pipe), WAV gets its
 * real size when expected_frames is known, else the streaming value 0xFFFFFFFF; AIFF needs
 * expected_frames; FLAC and MP3 lack what is known at the end only.
 */
PS_API ps_status ps_audio_writer_open_stream(ps_audio_writer **out, FILE *stream,
                                             const ps_audio_writer_options *options, ps_error *err);

/** Frames per second of the file: of Opus, 48000 unless options.rate_hz is a rate it has. */
PS_API uint32_t ps_audio_writer_rate_hz(const ps_audio_writer *writer);

/** Appends a block. PS_CANNOT_WRITE: disk full, pipe closed. */
PS_API ps_status ps_audio_writer_write(ps_audio_writer *writer, ps_block block, ps_error *err);

/** Completes the file and gives it its name. The writer still has to be closed. */
PS_API ps_status ps_audio_writer_finish(ps_audio_writer *writer, ps_error *err);

/** Frees the writer; an unfinished file is removed. NULL allowed. */
PS_API void ps_audio_writer_close(ps_audio_writer *writer);

/**
 * Opens an audio file as a source (streaming, exact seek), mono on both channels, of more than two
 * channels the first two. With rate_hz > 0 and different from the file's, it is resampled
 * (libsoxr, high quality) and then read into memory.
 *
 * A pull of a streaming one reads and decodes the file: not for a real-time thread. Seeking back in
 * an Ogg file decodes it from its start. A damaged file ends where the damage is.
 */
PS_API ps_status ps_audio_file_source(ps_source **out, const char *path, double rate_hz,
                                      ps_error *err);

typedef struct ps_audio_info {
    uint32_t rate_hz, channels;
    uint64_t frames;    /* as the file says; an estimate for some MP3 */
    char container[64]; /* "WAV (Microsoft)" */
    char encoding[64];  /* "Signed 16 bit PCM" */
} ps_audio_info;

/** What an audio file is, without decoding it. PS_BAD_DATA when it is none. */
PS_API ps_status ps_audio_file_info(const char *path, ps_audio_info *info, ps_error *err);

/**
 * Measures a whole audio file, mono as one channel, of more than two channels the first two.
 *
 * @param measures sum of PS_MEASURE_...
 */
PS_API ps_status ps_audio_file_levels(const char *path, ps_engine *engine, uint32_t measures,
                                      ps_levels *levels, ps_error *err);

/** ---- Libraries ------------------------------------------------------------------------------ */

/** Writes "libsndfile 1.2.0": the i-th library and its version at run time; false after the last.
 */
PS_API bool ps_library_version(uint32_t index, char *text, size_t text_bytes);

#ifdef __cplusplus
}
#endif

#endif
