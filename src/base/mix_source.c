/* Sources played together: their sum, as long as the longest. */
#include "plainsong/source.h"

#include <string.h>

#define RUN_FRAMES 256u

typedef struct mix_source {
    ps_source base;
    const ps_allocator *allocator;
    size_t count;
    ps_source **parts;
    float left[RUN_FRAMES], right[RUN_FRAMES];
} mix_source;

/* Adds a part to a run; the frames of it that belong to the piece. */
static uint32_t add(mix_source *m, ps_source *part, ps_block run)
{
    const ps_block block = {m->left, m->right, run.frames};
    const uint32_t got = ps_source_pull(part, block);

    for (uint32_t i = 0; i < got; i++) {
        run.left[i] += block.left[i];
        run.right[i] += block.right[i];
    }
    m->base.late_frames = ps_source_late_frames(part) > m->base.late_frames
                              ? ps_source_late_frames(part)
                              : m->base.late_frames;
    return got;
}

static uint32_t render(ps_source *source, ps_block block)
{
    mix_source *m = (mix_source *)source;
    uint32_t done = 0, most = 0;

    memset(block.left, 0, block.frames * sizeof *block.left);
    memset(block.right, 0, block.frames * sizeof *block.right);
    while (done < block.frames) {
        const uint32_t left = block.frames - done;
        const ps_block run = ps_block_part(block, done, left < RUN_FRAMES ? left : RUN_FRAMES);
        uint32_t longest = 0;

        for (size_t i = 0; i < m->count; i++) {
            const uint32_t got = add(m, m->parts[i], run);

            longest = got > longest ? got : longest;
        }
        most = longest > 0 ? done + longest : most;
        done += run.frames;
    }
    return most;
}

static ps_status seek(ps_source *source, uint64_t frame)
{
    mix_source *m = (mix_source *)source;
    ps_status status = PS_OK;

    for (size_t i = 0; i < m->count && status == PS_OK; i++)
        status = ps_source_seek(m->parts[i], frame);
    return status;
}

static ps_length length(const ps_source *source)
{
    const mix_source *m = (const mix_source *)source;
    ps_length all = {PS_LENGTH_KNOWN, 0};

    for (size_t i = 0; i < m->count; i++) {
        const ps_length one = ps_source_length(m->parts[i]);

        all.kind = one.kind > all.kind ? one.kind : all.kind;
        all.frames = one.frames > all.frames ? one.frames : all.frames;
    }
    return all;
}

static ps_status prepare(ps_source *source, uint64_t budget_frames)
{
    mix_source *m = (mix_source *)source;
    ps_status status = PS_OK;

    for (size_t i = 0; i < m->count && status == PS_OK; i++)
        status = ps_source_prepare(m->parts[i], budget_frames);
    return status;
}

static void destroy(ps_source *source)
{
    mix_source *m = (mix_source *)source;

    for (size_t i = 0; i < m->count; i++)
        ps_source_destroy(m->parts[i]);
    ps_free(m->allocator, m->parts);
    ps_free(m->allocator, m);
}

static const ps_source_kind kind = {
    .name = "mix",
    .render = render,
    .seek = seek,
    .length = length,
    .prepare = prepare,
    .destroy = destroy,
};

static ps_status create(mix_source **out, ps_source *const *parts, size_t count,
                        const ps_allocator *allocator, ps_error *err)
{
    mix_source *m;

    for (size_t i = 0; i < count; i++)
        if (ps_source_rate_hz(parts[i]) != ps_source_rate_hz(parts[0]))
            return ps_fail(err, PS_BAD_ARGUMENT, "sources at %g and %g Hz cannot be mixed",
                           ps_source_rate_hz(parts[0]), ps_source_rate_hz(parts[i]));
    m = ps_alloc(allocator, 1, sizeof *m);
    if (!m)
        return ps_fail(err, PS_NO_MEMORY, "no memory for a mix");
    ps_source_init(&m->base, &kind, ps_source_rate_hz(parts[0]));
    m->allocator = allocator;
    m->parts = ps_alloc(allocator, count, sizeof(ps_source *));
    if (!m->parts) {
        ps_free(allocator, m);
        return ps_fail(err, PS_NO_MEMORY, "no memory for a mix");
    }
    *out = m;
    return PS_OK;
}

ps_status ps_mix_source_create(ps_source **out, ps_source *const *parts, size_t count,
                               const ps_allocator *allocator, ps_error *err)
{
    mix_source *m = NULL;
    const ps_status status = count > 0 ? create(&m, parts, count, allocator, err)
                                       : ps_fail(err, PS_BAD_ARGUMENT, "a mix of nothing");

    if (status != PS_OK) {
        for (size_t i = 0; i < count; i++)
            ps_source_destroy(parts[i]);
        return status;
    }
    memcpy(m->parts, parts, count * sizeof(ps_source *));
    m->count = count;
    *out = &m->base;
    return PS_OK;
}
