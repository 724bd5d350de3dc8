/* One pass of the renderer: a source through fade, gain and meter to a writer. */
#include "render_pass.h"

#include <math.h>
#include <string.h>

/* One thread keeps a block in its cache from the source to the writer; several want long stretches
   to share. */
#define BLOCK_FRAMES        4096u
#define SHARED_BLOCK_FRAMES 65536u

/* Blocks `consumed`..`produced` - 1 wait in the ring; block i lies in slot i % slots. */
typedef struct ring {
    ps_render_pass *pass;
    uint32_t block_frames;
    float *left, *right; /* slots * block_frames each */
    float *middle;       /* of a mono file, for its levels: both channels as one */
    uint32_t slots, lag; /* lag: blocks held back for the fade-out */
    uint64_t produced, consumed;
    uint64_t total_frames; /* UINT64_MAX until the end is seen */
    bool source_ended;
    ps_meter *meter;  /* NULL when only the peak is measured */
    ps_status status; /* of the writer */
    ps_error error;
} ring;

static ps_block slot(const ring *r, uint64_t index)
{
    const size_t first = (size_t)(index % r->slots) * r->block_frames;
    const ps_block block = {r->left + first, r->right + first, r->block_frames};

    return block;
}

/* ---- Producing ------------------------------------------------------------------------------ */

static void silence(ps_block block)
{
    for (uint32_t i = 0; i < block.frames; i++)
        block.left[i] = block.right[i] = 0.0f;
}

static void produce(ring *r)
{
    const ps_render_span *span = &r->pass->span;
    const uint64_t first = r->produced * r->block_frames;
    const uint64_t left = span->most_frames - first;
    ps_block block = slot(r, r->produced);
    uint32_t got = 0;

    if (left < r->block_frames)
        block.frames = (uint32_t)left;
    if (!r->source_ended)
        got = ps_source_pull(r->pass->source, block);
    if (got < block.frames) {
        r->source_ended = true;
        if (span->padded) {
            silence(ps_block_part(block, got, block.frames - got));
            got = block.frames;
        }
    }
    if (got < r->block_frames || left == r->block_frames)
        r->total_frames = first + got;
}

/* ---- Consuming ------------------------------------------------------------------------------ */

/* A fade-out longer than what is written begins with it. */
static void fade(const ring *r, ps_block block, uint64_t first)
{
    const ps_render_span *span = &r->pass->span;
    const uint64_t total = r->total_frames;

    if (span->fade_in_frames > 0)
        ps_fade(block, first, 0, span->fade_in_frames, false);
    if (span->fade_out_frames > 0 && total != UINT64_MAX) {
        const uint64_t frames = span->fade_out_frames < total ? span->fade_out_frames : total;

        ps_fade(block, first, total - frames, frames, true);
    }
}

static uint64_t count_beyond_full_scale(ps_block block)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < block.frames; i++)
        count += fabsf(block.left[i]) > 1.0f;
    for (uint32_t i = 0; block.right && i < block.frames; i++)
        count += fabsf(block.right[i]) > 1.0f;
    return count;
}

/* A mono file's levels are those of one channel. */
static ps_block heard_of(const ring *r, ps_block block)
{
    if (!r->pass->span.mono)
        return block;
    for (uint32_t i = 0; i < block.frames; i++)
        r->middle[i] = 0.5f * (block.left[i] + block.right[i]);
    return (ps_block){r->middle, NULL, block.frames};
}

/* Amplifies too, as that finds the peak on the way. */
static void measure(ring *r, ps_block block)
{
    ps_render_pass *pass = r->pass;
    float peak = ps_amplify(pass->engine, block, pass->gain);
    const ps_block heard = heard_of(r, block);

    if (pass->span.mono)
        peak = ps_amplify(pass->engine, heard, 1.0f);
    if (peak > 1.0f)
        pass->clipped += count_beyond_full_scale(heard);
    if (!pass->peak_only) {
        ps_meter_add(r->meter, heard);
        return;
    }
    pass->levels.frames += heard.frames;
    pass->levels.peak = (double)peak > pass->levels.peak ? (double)peak : pass->levels.peak;
}

static void consume(ring *r)
{
    const uint64_t first = r->consumed * r->block_frames;
    ps_block block = slot(r, r->consumed);
    ps_render_pass *pass = r->pass;

    if (r->total_frames - first < block.frames)
        block.frames = (uint32_t)(r->total_frames - first);
    if (block.frames == 0)
        return;
    fade(r, block, first);
    measure(r, block);
    if (pass->writer && !(pass->stop_at_clipping && pass->clipped > 0))
        r->status = ps_audio_writer_write(pass->writer, block, &r->error);
}

/* ---- Both ----------------------------------------------------------------------------------- */

typedef struct step {
    ring *ring;
    bool produce, consume;
} step;

/*
 * The consumer reads total_frames while the producer may set it; it works from a copy made before,
 * which is just as right: a block is only given to it when its fade does not depend on the end.
 */
typedef struct half {
    const step *step;
    ring view; /* the consumer's own copy */
} half;

static void run_half(void *argument, uint32_t index)
{
    half *h = argument;
    const step *s = h->step;

    if (index == 0 && s->produce)
        produce(s->ring);
    else
        consume(&h->view);
}

static void run_step(ring *r, const ps_workers *workers)
{
    step s = {r, r->total_frames == UINT64_MAX, false};
    half h;

    s.consume = r->consumed < r->produced && (!s.produce || r->produced - r->consumed > r->lag);
    h.step = &s;
    h.view = *r;
    ps_workers_run(workers, run_half, &h, (uint32_t)s.produce + (uint32_t)s.consume);
    r->produced += s.produce;
    r->consumed += s.consume;
    r->status = h.view.status;
    r->error = h.view.error;
}

/* Plays what comes before the excerpt, when sound depends on everything before it. */
static ps_status skip(ring *r)
{
    uint64_t left = r->pass->span.first_frame;

    if (left > 0 && ps_source_seeks_exactly(r->pass->source))
        return ps_source_seek(r->pass->source, left);
    while (left > 0) {
        ps_block block = slot(r, 0);

        if (left < block.frames)
            block.frames = (uint32_t)left;
        if (ps_source_pull(r->pass->source, block) < block.frames)
            return PS_OK; /* it has ended already: the first block will be empty */
        left -= block.frames;
        if (r->pass->progress && !ps_render_progress_add(r->pass->progress, block.frames))
            return PS_CANCELLED;
    }
    return PS_OK;
}

static ps_status run(ring *r, ps_error *err)
{
    const ps_workers *workers = ps_engine_workers(r->pass->engine);
    ps_status status = skip(r);

    while (status == PS_OK && (r->total_frames == UINT64_MAX || r->consumed < r->produced)) {
        const uint64_t produced = r->produced;

        run_step(r, workers);
        if (r->status != PS_OK) {
            if (err)
                *err = r->error;
            return r->status;
        }
        if (r->pass->progress &&
            !ps_render_progress_add(r->pass->progress, (r->produced - produced) * r->block_frames))
            status = PS_CANCELLED;
    }
    return status == PS_CANCELLED ? ps_fail(err, PS_CANCELLED, "stopped") : status;
}

static ps_levels unmeasured(void)
{
    const double unknown = (double)NAN;

    return (ps_levels){
        .rms = unknown,
        .integrated_lufs = unknown,
        .max_momentary_lufs = unknown,
        .true_peak = unknown,
        .max_short_term_lufs = unknown,
        .loudness_range_lu = unknown,
    };
}

static ps_status make_ring(ring *r, ps_error *err)
{
    const ps_render_pass *pass = r->pass;
    const ps_workers *workers = ps_engine_workers(pass->engine);
    const uint64_t fade_out_frames = pass->span.fade_out_frames;

    r->block_frames = workers && workers->threads > 1 ? SHARED_BLOCK_FRAMES : BLOCK_FRAMES;
    r->lag = (uint32_t)((fade_out_frames + r->block_frames - 1) / r->block_frames);
    r->slots = r->lag + 2;
    r->left = ps_alloc(NULL, r->slots, r->block_frames * sizeof *r->left);
    r->right = ps_alloc(NULL, r->slots, r->block_frames * sizeof *r->right);
    if (pass->span.mono)
        r->middle = ps_alloc(NULL, r->block_frames, sizeof *r->middle);
    if (!r->left || !r->right || (pass->span.mono && !r->middle))
        return ps_fail(err, PS_NO_MEMORY, "no memory for %u blocks of audio", (unsigned)r->slots);
    if (pass->peak_only)
        return PS_OK;
    return ps_meter_create(&r->meter, pass->engine, ps_source_rate_hz(pass->source), pass->measures,
                           err);
}

ps_status ps_render_pass_run(ps_render_pass *pass, ps_error *err)
{
    ring r = {.pass = pass, .total_frames = UINT64_MAX};
    ps_status status;

    pass->clipped = 0;
    pass->levels = unmeasured();
    status = make_ring(&r, err);
    if (status == PS_OK)
        status = run(&r, err);
    if (status == PS_OK && ps_source_late_frames(pass->source) > 0)
        status = ps_fail(err, PS_NO_MEMORY, "no memory for a part of the piece");
    if (status == PS_OK && !pass->peak_only) {
        ps_meter_end(r.meter);
        ps_meter_read(r.meter, &pass->levels);
    }
    ps_meter_destroy(r.meter);
    ps_free(NULL, r.left);
    ps_free(NULL, r.right);
    ps_free(NULL, r.middle);
    return status;
}
