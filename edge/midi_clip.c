/* A performance that owns its score: what it is asked, it asks the performance. */
#include "midi_clip.h"

typedef struct midi_clip {
    ps_source base;
    ps_score *score;
    ps_source *performance;
} midi_clip;

static uint32_t render(ps_source *base, ps_block block)
{
    return ps_source_pull(((midi_clip *)base)->performance, block);
}

static ps_status seek(ps_source *base, uint64_t frame)
{
    return ps_source_seek(((midi_clip *)base)->performance, frame);
}

static ps_length length(const ps_source *base)
{
    return ps_source_length(((const midi_clip *)base)->performance);
}

static ps_status prepare(ps_source *base, uint64_t budget_frames)
{
    return ps_source_prepare(((midi_clip *)base)->performance, budget_frames);
}

static void destroy(ps_source *base)
{
    midi_clip *clip = (midi_clip *)base;

    ps_source_destroy(clip->performance);
    ps_score_destroy(clip->score);
    ps_free(NULL, clip);
}

static const ps_source_kind kind = {
    .name = "MIDI clip",
    .render = render,
    .seek = seek,
    .length = length,
    .prepare = prepare,
    .destroy = destroy,
};

ps_status ps_midi_clip_create(ps_source **out, ps_engine *engine, const uint8_t *bytes,
                              size_t size_bytes, double rate_hz, const ps_bank_choice *banks,
                              size_t bank_count, ps_error *err)
{
    ps_performance_options options = ps_performance_defaults();
    midi_clip *clip = ps_alloc(NULL, 1, sizeof *clip);
    ps_score_info info;
    ps_status status;

    if (!clip)
        return ps_fail(err, PS_NO_MEMORY, "out of memory");
    ps_source_init(&clip->base, &kind, rate_hz);
    options.synth.rate_hz = rate_hz;
    status = ps_score_read(&clip->score, bytes, size_bytes, NULL, err);
    if (status == PS_OK) {
        ps_score_get_info(clip->score, &info);
        if (info.notes == 0)
            status = ps_fail(err, PS_BAD_DATA, "no notes");
    }
    if (status == PS_OK)
        status = ps_performance_create(&clip->performance, engine, clip->score, banks, bank_count,
                                       &options, err);
    if (status != PS_OK) {
        destroy(&clip->base);
        return status;
    }
    *out = &clip->base;
    return PS_OK;
}
