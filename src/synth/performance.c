/*
 * A score played by banks, as a source: the conductor gives the events, the synthesizer plays them,
 * on one thread or as an ensemble.
 */
#include "synth/conductor.h"
#include "synth/ensemble.h"
#include "synth/inside.h"
#include "synth/samples.h"

#include <string.h>

/* A tail that is cut at its longest is faded over these frames, so that it does not click. */
#define LAST_FADE_FRAMES 2048u
#define RUNS_MOST        512u

typedef struct performance {
    ps_source base;
    ps_engine *engine;
    ps_synth *synth;
    ps_ensemble *ensemble; /* NULL on one thread */
    ps_conductor conductor;
    uint64_t last_frame; /* the tail is over here at the latest; on the grid */
    uint64_t next_frame; /* of the next render */
    uint32_t fade_frames;
    bool over; /* the end of the piece has been rendered */
} performance;

ps_performance_options ps_performance_defaults(void)
{
    const ps_performance_options defaults = {ps_synth_defaults(), 30.0, 0};

    return defaults;
}

static void fade_last(const performance *p, ps_block block)
{
    const uint64_t fade_from = p->last_frame - p->fade_frames;

    if (p->next_frame + block.frames <= fade_from)
        return;
    for (uint32_t i = 0; i < block.frames; i++) {
        const uint64_t frame = p->next_frame + i;
        float gain;

        if (frame < fade_from)
            continue;
        gain =
            frame < p->last_frame ? (float)(p->last_frame - frame) / (float)p->fade_frames : 0.0f;
        block.left[i] *= gain;
        block.right[i] *= gain;
    }
}

/* At most RUNS_MOST grid runs; returns the frames up to the end of the piece. */
static uint32_t render_runs(performance *p, ps_block block)
{
    const ps_feed feed = ps_conductor_feed(&p->conductor);
    bool silent[RUNS_MOST];

    if (p->ensemble) {
        ps_ensemble_run(p->ensemble, block, silent);
    } else {
        for (uint32_t run = 0; run < block.frames / PS_GRID_FRAMES; run++) {
            ps_synth_run(p->synth, &feed,
                         ps_block_part(block, run * PS_GRID_FRAMES, PS_GRID_FRAMES));
            silent[run] = ps_synth_is_silent(p->synth);
        }
    }
    fade_last(p, block);
    for (uint32_t run = 0; run < block.frames / PS_GRID_FRAMES; run++) {
        const uint64_t after = p->next_frame + (uint64_t)(run + 1) * PS_GRID_FRAMES;

        if (after >= p->last_frame || (silent[run] && after > p->conductor.end_frame)) {
            p->over = true;
            return (run + 1) * PS_GRID_FRAMES;
        }
    }
    return block.frames;
}

static uint32_t render(ps_source *source, ps_block block)
{
    performance *p = (performance *)source;
    uint32_t done = 0;

    while (done < block.frames && !p->over) {
        const uint32_t most = RUNS_MOST * PS_GRID_FRAMES;
        const uint32_t count = block.frames - done < most ? block.frames - done : most;

        done += render_runs(p, ps_block_part(block, done, count));
        p->next_frame += count;
    }
    return done;
}

static ps_status seek(ps_source *source, uint64_t frame)
{
    performance *p = (performance *)source;
    const ps_feed feed = ps_conductor_feed(&p->conductor);

    ps_synth_reset(p->synth);
    memset(&p->synth->stats, 0, sizeof p->synth->stats);
    p->synth->frontier = 0;
    ps_conductor_restart(&p->conductor);
    if (frame > p->last_frame)
        frame = p->last_frame;
    while (p->synth->frontier < frame)
        ps_synth_pass(p->synth, &feed, PS_GRID_FRAMES);
    p->next_frame = frame;
    p->over =
        frame >= p->last_frame || (frame > p->conductor.end_frame && ps_synth_is_silent(p->synth));
    if (p->ensemble)
        ps_ensemble_restart(p->ensemble);
    return PS_OK;
}

static ps_length length(const ps_source *source)
{
    const ps_length most = {PS_LENGTH_AT_MOST, ((const performance *)source)->last_frame};

    return most;
}

static void destroy(ps_source *source)
{
    performance *p = (performance *)source;

    ps_ensemble_destroy(p->ensemble);
    ps_synth_destroy(p->synth);
    ps_free(p->engine->allocator, p);
}

static const ps_source_kind kind = {
    .name = "performance",
    .render = render,
    .seek = seek,
    .length = length,
    .destroy = destroy,
};

static ps_status prepare(performance *p, const ps_score *score, const ps_bank_choice *banks,
                         size_t bank_count, const ps_performance_options *options, ps_error *err)
{
    const ps_engine *engine = p->engine;
    const double rate_hz = (double)(uint32_t)(options->synth.rate_hz + 0.5);
    ps_synth_options synth_options = options->synth;
    uint64_t tail_frames;
    ps_status status;

    synth_options.rate_hz = rate_hz;
    status = ps_synth_create(&p->synth, p->engine, &synth_options, err);
    for (size_t i = 0; i < bank_count && status == PS_OK; i++)
        status = ps_synth_add_bank(p->synth, banks[i].bank, banks[i].offset, err);
    if (status == PS_OK)
        status = ps_synth_prepare_score(p->synth, score, err);
    if (status != PS_OK)
        return status;
    ps_source_init(&p->base, &kind, rate_hz);
    ps_conductor_init(&p->conductor, score, (uint32_t)rate_hz, options->loops);
    tail_frames = (uint64_t)(options->tail_sec * rate_hz);
    p->last_frame = (p->conductor.end_frame + tail_frames + PS_GRID_FRAMES - 1) / PS_GRID_FRAMES *
                    PS_GRID_FRAMES;
    p->fade_frames = tail_frames < LAST_FADE_FRAMES ? (uint32_t)tail_frames : LAST_FADE_FRAMES;
    if (engine->workers && engine->workers->threads > 1) {
        const ps_feed feed = ps_conductor_feed(&p->conductor);

        status = ps_ensemble_create(&p->ensemble, p->synth, &feed, engine->workers, err);
    }
    return status;
}

ps_status ps_performance_create(ps_source **out, ps_engine *engine, const ps_score *score,
                                const ps_bank_choice *banks, size_t bank_count,
                                const ps_performance_options *options, ps_error *err)
{
    const ps_performance_options defaults = ps_performance_defaults();
    performance *p;
    ps_status status;

    if (!options)
        options = &defaults;
    if (!(options->tail_sec >= 0.0 && options->tail_sec <= 86400.0))
        return ps_fail(err, PS_BAD_ARGUMENT, "performance: tail of %g s is outside 0..86400",
                       options->tail_sec);
    p = ps_alloc(engine->allocator, 1, sizeof *p);
    if (!p)
        return ps_fail(err, PS_NO_MEMORY, "no memory for a performance");
    p->engine = engine;
    status = prepare(p, score, banks, bank_count, options, err);
    if (status != PS_OK) {
        destroy(&p->base);
        return status;
    }
    *out = &p->base;
    return PS_OK;
}

const ps_synth *ps_performance_synth(const ps_source *source)
{
    return source->kind == &kind ? ((const performance *)source)->synth : NULL;
}
