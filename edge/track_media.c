/* The files a track names: recordings decoded whole, and clips as sources. */
#include <sndfile.h>
#include <string.h>

#include "audio_reader.h"
#include "data_url.h"
#include "fail.h"
#include "media_path.h"
#include "memory_file.h"
#include "midi_clip.h"
#include "plainsong/effect_file.h"
#include "plainsong/file.h"
#include "plainsong/track_file.h"
#include "recording.h"

static const char data_name[] = "data: URL";

struct ps_media {
    char folder[PS_MEDIA_PATH_BYTES];
    char track_path[PS_MEDIA_PATH_BYTES]; /* "": none */
    ps_engine *engine;
    const ps_bank_choice *banks;
    size_t bank_count;
    ps_soundfont_file *own_file; /* the default bank, when it was needed */
    ps_bank_choice own_bank;
    ps_tally *tally;
};

static ps_status find(char *found, const ps_media *media, const char *path, ps_error *err)
{
    return ps_media_path(found, PS_MEDIA_PATH_BYTES, media->folder, path,
                         media->track_path[0] != '\0' ? media->track_path : NULL, err);
}

/* A URL counts under a hash of it (FNV-1a): it is long. */
static ps_status open_tally(ps_tally_file **out, ps_media *media, const char *url, ps_error *err)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    char name[32];

    for (const char *at = url; *at; at++)
        hash = (hash ^ (uint8_t)*at) * UINT64_C(0x100000001b3);
    snprintf(name, sizeof name, "data:%016llx", (unsigned long long)hash);
    return ps_tally_open(out, media->tally, name, err);
}

/* ---- Recordings ---------------------------------------------------------------------------- */

static ps_status load_data(ps_media *media, ps_recording *out, const char *url, ps_error *err)
{
    ps_memory_file file = {0};
    SF_INFO info = {0};
    ps_tally_file *tally;
    uint8_t *bytes;
    size_t size_bytes;
    ps_status status = open_tally(&tally, media, url, err);

    if (status == PS_OK)
        status = ps_data_url_decode(&bytes, &size_bytes, url, err);
    if (status != PS_OK)
        return status;
    file.bytes = bytes;
    file.size_bytes = (sf_count_t)size_bytes;
    status =
        ps_recording_read(out, ps_memory_file_open(&file, &info), &info, data_name, tally, err);
    ps_free(NULL, bytes);
    return status;
}

static ps_status load(void *user, const char *path, ps_recording *out, ps_error *err)
{
    ps_media *media = user;
    char found[PS_MEDIA_PATH_BYTES];
    SF_INFO info = {0};
    ps_tally_file *tally;
    ps_status status;

    if (ps_is_data_url(path))
        return load_data(media, out, path, err);
    status = find(found, media, path, err);
    if (status == PS_OK)
        status = ps_tally_open(&tally, media->tally, found, err);
    if (status != PS_OK)
        return status;
    return ps_recording_read(out, sf_open(found, SFM_READ, &info), &info, found, tally, err);
}

static void release(void *user, ps_recording *recording)
{
    (void)user;
    ps_recording_clear(recording);
}

/* A response for effects: a recording at another rate. */
static ps_status load_response(void *user, const char *path, double rate_hz, ps_recording *out,
                               ps_error *err)
{
    ps_recording recording = {0};
    ps_status status = load(user, path, &recording, err);

    if (status == PS_OK)
        status = ps_recording_resample(&recording, rate_hz, path, err);
    if (status == PS_OK)
        *out = recording;
    else
        ps_recording_clear(&recording);
    return status;
}

/* ---- Clips --------------------------------------------------------------------------------- */

static ps_status find_banks(ps_media *media, ps_error *err)
{
    char path[PS_MEDIA_PATH_BYTES];
    ps_status status;

    if (media->bank_count > 0)
        return PS_OK;
    status = ps_soundfont_find_default(path, sizeof path, err);
    if (status == PS_OK)
        status = ps_soundfont_file_open(&media->own_file, path, false, NULL, err);
    if (status != PS_OK)
        return status;
    media->own_bank.bank = ps_soundfont_file_bank(media->own_file);
    media->banks = &media->own_bank;
    media->bank_count = 1;
    return PS_OK;
}

static bool is_midi(const uint8_t *bytes, size_t size_bytes)
{
    return size_bytes >= 12 &&
           (memcmp(bytes, "MThd", 4) == 0 ||
            (memcmp(bytes, "RIFF", 4) == 0 && memcmp(bytes + 8, "RMID", 4) == 0));
}

static ps_status open_midi(ps_media *media, ps_source **out, const uint8_t *bytes,
                           size_t size_bytes, double rate_hz, const char *name, ps_error *err)
{
    ps_status status;

    if (!media->engine)
        return ps_fail_file(err, PS_UNSUPPORTED, name, "a MIDI file cannot be played here");
    status = find_banks(media, err);
    if (status == PS_OK)
        status = ps_midi_clip_create(out, media->engine, bytes, size_bytes, rate_hz, media->banks,
                                     media->bank_count, err);
    if (status != PS_OK)
        ps_error_in(err, name);
    return status;
}

static ps_status open_data(ps_media *media, const char *url, double rate_hz, ps_source **out,
                           ps_error *err)
{
    ps_tally_file *tally;
    uint8_t *bytes;
    size_t size_bytes;
    ps_status status = open_tally(&tally, media, url, err);

    if (status == PS_OK)
        status = ps_data_url_decode(&bytes, &size_bytes, url, err);
    if (status != PS_OK)
        return status;
    if (!is_midi(bytes, size_bytes))
        return ps_audio_bytes_source(out, bytes, size_bytes, data_name, rate_hz, tally, err);
    status = open_midi(media, out, bytes, size_bytes, rate_hz, data_name, err);
    ps_free(NULL, bytes);
    return status;
}

/* A MIDI file, or *is_audio. */
static ps_status open_if_midi(ps_media *media, const char *path, double rate_hz, ps_source **out,
                              bool *is_audio, ps_error *err)
{
    ps_file *file;
    size_t size_bytes;
    ps_status status = ps_file_map(&file, path, err);

    if (status != PS_OK)
        return status;
    const uint8_t *bytes = ps_file_bytes(file, &size_bytes);
    *is_audio = !is_midi(bytes, size_bytes);
    if (!*is_audio)
        status = open_midi(media, out, bytes, size_bytes, rate_hz, path, err);
    ps_file_close(file);
    return status;
}

static ps_status open_clip(void *user, const char *path, double rate_hz, ps_source **out,
                           ps_error *err)
{
    ps_media *media = user;
    char found[PS_MEDIA_PATH_BYTES];
    bool is_audio = false;
    ps_status status;

    if (ps_is_data_url(path))
        return open_data(media, path, rate_hz, out, err);
    status = find(found, media, path, err);
    if (status == PS_OK)
        status = open_if_midi(media, found, rate_hz, out, &is_audio, err);
    if (status == PS_OK && is_audio)
        status = ps_audio_tallied_source(out, found, rate_hz, media->tally, err);
    return status;
}

/* ---- The media ----------------------------------------------------------------------------- */

ps_status ps_media_create(ps_media **out, const ps_media_options *options, ps_error *err)
{
    ps_media *media = ps_alloc(NULL, 1, sizeof *media);

    if (!media)
        return ps_fail(err, PS_NO_MEMORY, "out of memory");
    if (ps_tally_create(&media->tally, err) != PS_OK) {
        ps_media_destroy(media);
        return PS_NO_MEMORY;
    }
    memcpy(media->folder, ".", 2);
    if (options->track_path) {
        ps_folder_of(media->folder, sizeof media->folder, options->track_path);
        snprintf(media->track_path, sizeof media->track_path, "%s", options->track_path);
    }
    media->engine = options->engine;
    media->banks = options->banks;
    media->bank_count = options->bank_count;
    *out = media;
    return PS_OK;
}

ps_track_media ps_media_lend(ps_media *media)
{
    return (ps_track_media){
        .load = load,
        .release = release,
        .open = open_clip,
        .user = media,
        .chains = ps_chain_options_with_presets(),
        .effects = {.load = load_response, .release = release, .user = media},
    };
}

uint64_t ps_media_not_finite(const ps_media *media)
{
    return ps_tally_not_finite(media->tally);
}

void ps_media_destroy(ps_media *media)
{
    if (!media)
        return;
    ps_tally_destroy(media->tally);
    ps_soundfont_file_close(media->own_file);
    ps_free(NULL, media);
}
