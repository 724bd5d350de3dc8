/*
 * A chain around a source. The source is read ahead by the rack's latency, so that the sound keeps
 * its place; after its end the rack is fed silence for as long as it rings.
 */
#include <string.h>

#include "effect/effect.h"

#include "kernel/engine.h"

/* A seek plays no more than this before its frame. */
#define SEEK_BACK_SEC 10.0

/* Sources that share their work among threads want long stretches: much is read ahead in these. */
#define LONG_FRAMES 65536u

typedef struct rack_source {
    ps_source base;
    const ps_allocator *allocator;
    ps_source *inner;
    ps_rack *rack;
    uint32_t latency; /* to be read ahead */
    uint64_t tail;    /* frames after the end of the source */
    uint64_t fed;     /* frames that have gone into the rack, as frames of the source */
    uint64_t end;     /* first frame after the source, UINT64_MAX until it is seen */
    bool primed;      /* the latency has been read ahead */
    float *unheard;   /* two channels of `stretch` frames each, for what nobody hears */
    uint32_t stretch;
} rack_source;

ps_effect_source_options ps_effect_source_defaults(void)
{
    const ps_effect_source_options defaults = {.tail_sec = -1.0};

    return defaults;
}

static uint64_t sum(uint64_t a, uint64_t b)
{
    return a < UINT64_MAX - b ? a + b : UINT64_MAX;
}

/* The next frames of the source, or silence after its end, through the rack. */
static void feed(rack_source *s, ps_block block)
{
    if (s->fed < s->end) {
        const uint32_t got = ps_source_pull(s->inner, block);

        if (got < block.frames)
            s->end = s->fed + got;
    } else {
        memset(block.left, 0, block.frames * sizeof *block.left);
        memset(block.right, 0, block.frames * sizeof *block.right);
    }
    s->base.late_frames = ps_source_late_frames(s->inner);
    ps_rack_process(s->rack, block);
    s->fed += block.frames;
}

static void feed_unheard(rack_source *s, uint64_t frames)
{
    while (frames > 0) {
        const uint32_t count = frames < s->stretch ? (uint32_t)frames : s->stretch;
        const ps_block block = {s->unheard, s->unheard + s->stretch, count};

        feed(s, block);
        frames -= count;
    }
}

static uint32_t render(ps_source *source, ps_block block)
{
    rack_source *s = (rack_source *)source;
    uint64_t first, end;

    if (!s->primed)
        feed_unheard(s, s->latency);
    s->primed = true;
    first = s->fed - s->latency;
    feed(s, block);
    end = sum(s->end, s->tail);
    if (first >= end)
        return 0;
    return end - first < block.frames ? (uint32_t)(end - first) : block.frames;
}

static ps_status seek(ps_source *source, uint64_t frame)
{
    rack_source *s = (rack_source *)source;
    const uint64_t most = (uint64_t)(SEEK_BACK_SEC * source->rate_hz);
    const uint64_t wanted = sum(s->tail, s->latency) + PS_EFFECT_FRAMES;
    const uint64_t back = wanted < most ? wanted : most;
    const uint64_t from = frame > back ? frame - back : 0;
    const ps_status status = ps_source_seek(s->inner, from);

    if (status != PS_OK)
        return status;
    ps_rack_reset(s->rack);
    s->fed = from;
    s->end = UINT64_MAX;
    s->primed = false;
    if (frame > from) {
        feed_unheard(s, frame - from + s->latency);
        s->primed = true;
    }
    return PS_OK;
}

static ps_length length(const ps_source *source)
{
    const rack_source *s = (const rack_source *)source;
    ps_length length = ps_source_length(s->inner);

    if (length.kind != PS_LENGTH_ENDLESS)
        length.frames = sum(length.frames, s->tail);
    return length;
}

static ps_status prepare(ps_source *source, uint64_t budget_frames)
{
    return ps_source_prepare(((rack_source *)source)->inner, budget_frames);
}

static void destroy(ps_source *source)
{
    rack_source *s = (rack_source *)source;

    ps_source_destroy(s->inner);
    ps_rack_destroy(s->rack);
    ps_free(s->allocator, s->unheard);
    ps_free(s->allocator, s);
}

static const ps_source_kind kind = {
    .name = "effects",
    .render = render,
    .seek = seek,
    .length = length,
    .prepare = prepare,
    .destroy = destroy,
};

static uint64_t tail_of(const rack_source *s, const ps_effect_source_options *options,
                        double rate_hz)
{
    const uint64_t rings =
        ps_rack_tail(s->rack) + (options->keep_latency ? ps_rack_latency(s->rack) : 0);
    const double most = options->tail_sec * rate_hz;

    return options->tail_sec >= 0.0 && most < (double)rings ? (uint64_t)most : rings;
}

/* What will go through the rack. */
static uint64_t frames_of(const ps_source *source, uint64_t most)
{
    const ps_length length = ps_source_length(source);

    if (length.kind == PS_LENGTH_ENDLESS)
        return most;
    return most > 0 && most < length.frames ? most : length.frames;
}

static ps_status make(rack_source *s, ps_engine *engine, const ps_chain *chain,
                      const ps_effect_source_options *options, ps_error *err)
{
    ps_rack_options rack = options->rack;
    ps_status status;

    rack.frames = frames_of(s->inner, rack.frames);
    if (options->keep_latency)
        rack.accelerator = NULL;
    status = ps_rack_create(&s->rack, engine, chain, s->base.rate_hz, &rack, err);
    if (status != PS_OK)
        return status;
    s->latency = options->keep_latency ? 0 : ps_rack_latency(s->rack);
    s->tail = tail_of(s, options, s->base.rate_hz);
    s->stretch = s->latency >= LONG_FRAMES && rack.accelerator ? LONG_FRAMES : PS_EFFECT_FRAMES;
    s->unheard = ps_alloc(s->allocator, 2 * (size_t)s->stretch, sizeof *s->unheard);
    return s->unheard ? PS_OK : ps_fail(err, PS_NO_MEMORY, "no memory for effects");
}

ps_status ps_effect_source_create(ps_source **out, ps_engine *engine, ps_source *source,
                                  const ps_chain *chain, const ps_effect_source_options *options,
                                  ps_error *err)
{
    const ps_effect_source_options defaults = ps_effect_source_defaults();
    rack_source *s = ps_alloc(engine->allocator, 1, sizeof *s);
    ps_status status;

    if (!s) {
        ps_source_destroy(source);
        return ps_fail(err, PS_NO_MEMORY, "no memory for effects");
    }
    options = options ? options : &defaults;
    ps_source_init(&s->base, &kind, ps_source_rate_hz(source));
    s->allocator = engine->allocator;
    s->inner = source;
    s->end = UINT64_MAX;
    status = make(s, engine, chain, options, err);
    if (status == PS_OK)
        *out = &s->base;
    else
        destroy(&s->base);
    return status;
}

ps_rack *ps_effect_source_rack(ps_source *source)
{
    return ((rack_source *)source)->rack;
}
