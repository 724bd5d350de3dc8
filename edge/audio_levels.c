/* The levels of an audio file. Not through a source, which would mend what we count. */
#include "plainsong/file.h"

#include <sndfile.h>

#include "audio_reader.h"
#include "fail.h"

#define CHUNK_FRAMES 4096u

typedef struct measuring {
    SNDFILE *file;
    uint32_t channels;
    float *chunk;        /* interleaved, as the file has them */
    float *left, *right; /* right: NULL when mono */
    ps_meter *meter;
} measuring;

static ps_status open_file(measuring *m, const char *path, SF_INFO *about, ps_error *err)
{
    ps_audio_info info;
    ps_status status = ps_audio_file_info(path, &info, err); /* has words for what is no audio */

    if (status != PS_OK)
        return status;
    m->file = sf_open(path, SFM_READ, about);
    if (!m->file)
        return ps_fail_sndfile(err, path);
    if (about->samplerate < PS_RATE_MIN_HZ || about->samplerate > PS_RATE_MAX_HZ)
        return ps_fail_file(err, PS_UNSUPPORTED, path, "audio: %d Hz cannot be measured",
                            about->samplerate);
    m->channels = (uint32_t)about->channels;
    m->chunk = ps_alloc(NULL, (size_t)CHUNK_FRAMES * m->channels, sizeof *m->chunk);
    m->left = ps_alloc(NULL, CHUNK_FRAMES, sizeof *m->left);
    if (m->channels > 1)
        m->right = ps_alloc(NULL, CHUNK_FRAMES, sizeof *m->right);
    if (!m->chunk || !m->left || (m->channels > 1 && !m->right))
        return ps_fail_memory(err, path);
    return PS_OK;
}

static void close_file(measuring *m)
{
    if (m->file)
        sf_close(m->file);
    ps_free(NULL, m->chunk);
    ps_free(NULL, m->left);
    ps_free(NULL, m->right);
    ps_meter_destroy(m->meter);
}

static void measure(measuring *m, ps_levels *levels)
{
    sf_count_t got;

    while ((got = sf_readf_float(m->file, m->chunk, CHUNK_FRAMES)) > 0) {
        for (uint32_t i = 0; i < (uint32_t)got; i++)
            m->left[i] = m->chunk[(size_t)i * m->channels];
        for (uint32_t i = 0; m->right && i < (uint32_t)got; i++)
            m->right[i] = m->chunk[(size_t)i * m->channels + 1];
        ps_meter_add(m->meter, (ps_block){m->left, m->right, (uint32_t)got});
    }
    ps_meter_end(m->meter);
    ps_meter_read(m->meter, levels);
}

ps_status ps_audio_file_levels(const char *path, ps_engine *engine, uint32_t measures,
                               ps_levels *levels, ps_error *err)
{
    measuring m = {0};
    SF_INFO about = {0};
    ps_status status = open_file(&m, path, &about, err);

    if (status == PS_OK)
        status = ps_meter_create(&m.meter, engine, about.samplerate, measures, err);
    if (status == PS_OK)
        measure(&m, levels);
    close_file(&m);
    return status;
}
