/* What an audio file says about itself, without decoding it. */
#include "plainsong/file.h"

#include <sndfile.h>
#include <string.h>

#include "fail.h"

/* "WAV (Microsoft)": libsndfile's words for a container or an encoding. */
static const char *words_for(int format, SF_FORMAT_INFO *words)
{
    memset(words, 0, sizeof *words);
    words->format = format;
    if (sf_command(NULL, SFC_GET_FORMAT_INFO, words, sizeof *words) != 0 || !words->name)
        return "unknown";
    return words->name;
}

ps_status ps_audio_file_info(const char *path, ps_audio_info *info, ps_error *err)
{
    SF_INFO about = {0};
    SF_FORMAT_INFO container, encoding;
    ps_file *there = NULL; /* says in the system's words why a file cannot be read */
    ps_status status = ps_file_map(&there, path, err);
    SNDFILE *file;

    if (status != PS_OK)
        return status;
    ps_file_close(there);
    file = sf_open(path, SFM_READ, &about);
    if (!file)
        return ps_fail_file(err, PS_BAD_DATA, path, "no audio file of a known format");
    memset(info, 0, sizeof *info);
    info->rate_hz = (uint32_t)about.samplerate;
    info->channels = (uint32_t)about.channels;
    info->frames = about.frames > 0 ? (uint64_t)about.frames : 0;
    snprintf(info->container, sizeof info->container, "%s",
             words_for(about.format & SF_FORMAT_TYPEMASK, &container));
    snprintf(info->encoding, sizeof info->encoding, "%s",
             words_for(about.format & SF_FORMAT_SUBMASK, &encoding));
    sf_close(file);
    return PS_OK;
}
