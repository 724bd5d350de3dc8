/* The audio files that effects name: decoded whole, at the rate that is asked for. */
#include "effect_files.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "fail.h"
#include "recording.h"

static ps_status check_path(const char *path, ps_error *err)
{
    struct stat about;

    if (stat(path, &about) != 0)
        return ps_fail_system(err,
                              errno == ENOENT || errno == ENOTDIR ? PS_NOT_FOUND : PS_CANNOT_READ,
                              path, "open", errno);
    if (!S_ISREG(about.st_mode))
        return ps_fail_file(err, PS_CANNOT_READ, path, "not a file");
    return PS_OK;
}

static ps_status load(void *user, const char *path, double rate_hz, ps_recording *out,
                      ps_error *err)
{
    ps_recording recording = {0};
    SF_INFO info = {0};
    ps_tally_file *tally;
    ps_status status = check_path(path, err);

    if (status == PS_OK)
        status = ps_tally_open(&tally, user, path, err);
    if (status == PS_OK)
        status =
            ps_recording_read(&recording, sf_open(path, SFM_READ, &info), &info, path, tally, err);
    if (status == PS_OK)
        status = ps_recording_resample(&recording, rate_hz, path, err);
    if (status == PS_OK)
        *out = recording;
    else
        ps_recording_clear(&recording);
    return status;
}

static void release(void *user, ps_recording *recording)
{
    (void)user;
    ps_recording_clear(recording);
}

ps_effect_media ps_effect_files(void)
{
    return ps_tallied_effect_files(NULL);
}

ps_effect_media ps_tallied_effect_files(ps_tally *tally)
{
    return (ps_effect_media){.load = load, .release = release, .user = tally};
}
