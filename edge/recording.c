/* Whole audio files in memory, at their own rate or brought to another. */
#include "recording.h"

#include <soxr.h>
#include <string.h>

#include "audio_reader.h"
#include "fail.h"

#define SAMPLES_MAX ((size_t)1 << 28)
#define FIRST_ROOM  ((size_t)1 << 16) /* samples */

/* Samples decoded so far; grows by doubling, whatever the header claims. */
typedef struct samples {
    float *at;
    size_t count, room;
} samples;

static ps_status make_room(samples *s, size_t more, const char *name, ps_error *err)
{
    size_t room = s->room > 0 ? s->room : FIRST_ROOM;
    float *larger;

    while (room < s->count + more)
        room *= 2;
    if (room == s->room)
        return PS_OK;
    larger = ps_alloc(NULL, room, sizeof *larger);
    if (!larger)
        return ps_fail_memory(err, name);
    if (s->count > 0)
        memcpy(larger, s->at, s->count * sizeof *larger);
    ps_free(NULL, s->at);
    s->at = larger;
    s->room = room;
    return PS_OK;
}

static ps_status decode(samples *s, SNDFILE *file, size_t channels, const char *name, ps_error *err)
{
    const size_t chunk_frames = FIRST_ROOM / channels + 1;
    sf_count_t got;

    do {
        const ps_status status = make_room(s, chunk_frames * channels, name, err);

        if (status != PS_OK)
            return status;
        got = sf_readf_float(file, s->at + s->count, (sf_count_t)chunk_frames);
        s->count += got > 0 ? (size_t)got * channels : 0;
        if (s->count > SAMPLES_MAX)
            return ps_fail_file(err, PS_UNSUPPORTED, name, "audio: more than %zu samples",
                                SAMPLES_MAX);
    } while (got > 0);
    return PS_OK;
}

ps_status ps_recording_read(ps_recording *out, SNDFILE *file, const SF_INFO *info, const char *name,
                            ps_tally_file *tally, ps_error *err)
{
    samples s = {0};
    ps_status status;

    if (!file)
        return ps_fail_sndfile(err, name);
    if (info->channels < 1 || info->channels > 1024 || info->samplerate < 1)
        status = ps_fail_file(err, PS_BAD_DATA, name, "audio: %d channels at %d Hz", info->channels,
                              info->samplerate);
    else
        status = decode(&s, file, (size_t)info->channels, name, err);
    sf_close(file);
    if (status != PS_OK) {
        ps_free(NULL, s.at);
        return status;
    }
    ps_tally_raise(tally, ps_silence_not_finite(s.at, s.count));
    out->samples = s.at;
    out->frames = s.count / (size_t)info->channels;
    out->channels = (uint32_t)info->channels;
    out->rate_hz = info->samplerate;
    out->owner = s.at;
    return PS_OK;
}

void ps_recording_clear(ps_recording *recording)
{
    ps_free(NULL, recording->owner);
    memset(recording, 0, sizeof *recording);
}

ps_status ps_recording_resample(ps_recording *recording, double rate_hz, const char *name,
                                ps_error *err)
{
    const soxr_quality_spec_t quality = soxr_quality_spec(SOXR_HQ, 0);
    const double ratio = rate_hz / recording->rate_hz;
    const size_t room = (size_t)((double)recording->frames * ratio) + 64;
    size_t made = 0;
    float *resampled;

    if (ratio == 1.0 || recording->frames == 0) {
        recording->rate_hz = rate_hz;
        return PS_OK;
    }
    if ((double)recording->frames * ratio * recording->channels > (double)SAMPLES_MAX)
        return ps_fail_file(err, PS_UNSUPPORTED, name, "audio: too long to be resampled");
    resampled = ps_alloc(NULL, room * recording->channels, sizeof *resampled);
    if (!resampled)
        return ps_fail_memory(err, name);
    if (soxr_oneshot(recording->rate_hz, rate_hz, recording->channels, recording->samples,
                     (size_t)recording->frames, NULL, resampled, room, &made, NULL, &quality,
                     NULL)) {
        ps_free(NULL, resampled);
        return ps_fail_memory(err, name);
    }
    ps_free(NULL, recording->owner);
    recording->samples = resampled;
    recording->owner = resampled;
    recording->frames = made;
    recording->rate_hz = rate_hz;
    return PS_OK;
}
