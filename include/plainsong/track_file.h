/*
 * Track files: tracks read from JSON and written to it, and the audio files they name.
 *
 *      ps_track_file *file;
 *      ps_track_file_open(&file, "track.json", NULL, &err);
 *      ps_media *media;
 *      ps_media_create(&media, &(ps_media_options){ .track_path = "track.json" }, &err);
 *      ps_track_options options = { .media = ps_media_lend(media) };
 *      ps_track_source_create(&source, engine, ps_track_file_track(file), &options, &err);
 *
 * docs/tracks.md says what stands in such a file.
 */
#ifndef PLAINSONG_TRACK_FILE_H
#define PLAINSONG_TRACK_FILE_H

#include "plainsong/synth.h"
#include "plainsong/track.h"

#ifdef __cplusplus
extern "C" {
#endif

/** ---- Tracks --------------------------------------------------------------------------------- */

typedef struct ps_track_file_options {
    ps_warnings warnings; /* each with file, line and column */
    bool strict;          /* a warning is an error */
} ps_track_file_options;

typedef struct ps_track_file ps_track_file;

/**
 * Reads a track file, and the .noise file it names if it names one.
 *
 * @param path    of an ordinary file or a pipe
 * @param options NULL: none; copied
 *
 * PS_BAD_DATA, PS_NOT_FOUND and the like with file, line and column. A .noise file that cannot be
 * read is a warning: the track has no noise then.
 */
PS_API ps_status ps_track_file_open(ps_track_file **out, const char *path,
                                    const ps_track_file_options *options, ps_error *err);

/**
 * The same from text in memory, which is copied.
 *
 * @param path where the text came from: for messages, and its folder is where relative paths begin;
 *             NULL: from nowhere, paths begin at the working directory
 */
PS_API ps_status ps_track_file_read(ps_track_file **out, const char *text, size_t text_bytes,
                                    const char *path, const ps_track_file_options *options,
                                    ps_error *err);

/**
 * Reads a .voice file (one voice) or a .voices file (a list of them) as a track of one step.
 *
 * @param duration_sec of the step, > 0
 */
PS_API ps_status ps_track_file_open_voices(ps_track_file **out, const char *path,
                                           double duration_sec,
                                           const ps_track_file_options *options, ps_error *err);

/** The track, which is the file's. */
PS_API ps_track *ps_track_file_track(ps_track_file *file);

/** Finds line and column of a place in the file; lives as long as the file. */
PS_API ps_locator ps_track_file_locator(ps_track_file *file);

/** NULL allowed. Sources made from the track stay good. */
PS_API void ps_track_file_close(ps_track_file *file);

/** Whether bytes are those of a JSON document rather than of audio or MIDI. */
PS_API bool ps_track_file_is_likely(const uint8_t *bytes, size_t size_bytes);

/** The track as text of the second generation; ps_free(NULL, text). */
PS_API ps_status ps_track_file_text(char **text, size_t *text_bytes, ps_track *track,
                                    ps_error *err);

/** Writes that text to a file, as ps_file_write does; missing folders are made. */
PS_API ps_status ps_track_file_save(ps_track *track, const char *path, bool no_clobber,
                                    ps_error *err);

/** ---- The files a track names ---------------------------------------------------------------- */

typedef struct ps_media_options {
    const char *track_path;      /* its folder is where relative paths begin, and it is no clip
                                    itself; NULL: the working directory */
    ps_engine *engine;           /* for clips that are MIDI files; NULL: those are refused */
    const ps_bank_choice *banks; /* that play them; none: ps_soundfont_find_default */
    size_t bank_count;
} ps_media_options;

typedef struct ps_media ps_media;

/** options are copied; engine and banks must outlive it. */
PS_API ps_status ps_media_create(ps_media **out, const ps_media_options *options, ps_error *err);

/**
 * The functions that a track's source wants. `media` must outlive the source, and serves one
 * thread at a time.
 *
 * load: any audio file of libsndfile at its own rate with all its channels; more than 2^28 samples
 * (1 GiB) are refused. open: an audio file (streamed, or resampled into memory), or a MIDI file.
 * Both take "data:" URLs in base64. Files on other machines, folders, devices, pipes and the track
 * itself are refused.
 */
PS_API ps_track_media ps_media_lend(ps_media *media);

/**
 * Samples of its audio files that were no numbers (NaN, infinite), as far as they have been read:
 * they are silent. Of a file that is read more than once each counts once. The thread it serves.
 */
PS_API uint64_t ps_media_not_finite(const ps_media *media);

/** NULL allowed. */
PS_API void ps_media_destroy(ps_media *media);

#ifdef __cplusplus
}
#endif

#endif
