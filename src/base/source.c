/*
 * The base of every source: odd block sizes on one side, whole grid runs on the other. Because a
 * kind only ever sees whole runs in order, the block size cannot be heard.
 */
#include "plainsong/source.h"

#include <assert.h>
#include <string.h>

/* Replaces what is not a normal number (NaN, infinity, denormal) by zero. */
static void scrub(float *samples, uint32_t frames)
{
    for (uint32_t i = 0; i < frames; i++) {
        uint32_t bits, exponent;

        memcpy(&bits, &samples[i], sizeof bits);
        exponent = bits & 0x7f800000u;
        bits = exponent == 0 || exponent == 0x7f800000u ? 0 : bits;
        memcpy(&samples[i], &bits, sizeof bits);
    }
}

static void silence(ps_block block)
{
    memset(block.left, 0, block.frames * sizeof *block.left);
    memset(block.right, 0, block.frames * sizeof *block.right);
}

/* Asks the kind for whole runs; notes where the piece ends. */
static void render(ps_source *source, ps_block block)
{
    uint32_t got = 0;

    if (source->rendered < source->end)
        got = source->kind->render(source, block);
    assert(got <= block.frames);
    if (got < block.frames) {
        if (source->rendered < source->end)
            source->end = source->rendered + got;
        silence(ps_block_part(block, got, block.frames - got));
    }
    if (!source->kind->is_clean) {
        scrub(block.left, got);
        scrub(block.right, got);
    }
    source->rendered += block.frames;
}

uint32_t ps_source_pull(ps_source *source, ps_block block)
{
    const uint64_t first = source->position;
    uint32_t done = 0;

    if (first >= source->end) {
        silence(block);
        return 0;
    }
    while (done < block.frames) {
        const uint32_t inside = (uint32_t)(source->position % PS_GRID_FRAMES);
        uint32_t count;

        if (inside == 0 && block.frames - done >= PS_GRID_FRAMES) {
            count = (block.frames - done) / PS_GRID_FRAMES * PS_GRID_FRAMES;
            render(source, ps_block_part(block, done, count));
        } else {
            const ps_block run = {source->left, source->right, PS_GRID_FRAMES};

            if (source->rendered == source->position - inside)
                render(source, run);
            count = PS_GRID_FRAMES - inside;
            if (count > block.frames - done)
                count = block.frames - done;
            memcpy(block.left + done, source->left + inside, count * sizeof *block.left);
            memcpy(block.right + done, source->right + inside, count * sizeof *block.right);
        }
        source->position += count;
        done += count;
    }
    if (source->position > source->end) {
        source->position = source->end > first ? source->end : first;
        return (uint32_t)(source->position - first);
    }
    return block.frames;
}

uint64_t ps_source_position(const ps_source *source)
{
    return source->position;
}

double ps_source_rate_hz(const ps_source *source)
{
    return source->rate_hz;
}

ps_length ps_source_length(const ps_source *source)
{
    return source->kind->length(source);
}

const char *ps_source_kind_name(const ps_source *source)
{
    return source->kind->name;
}

ps_status ps_source_seek(ps_source *source, uint64_t frame)
{
    const uint32_t inside = (uint32_t)(frame % PS_GRID_FRAMES);
    const ps_status status = source->kind->seek(source, frame - inside);

    if (status != PS_OK)
        return status;
    source->end = UINT64_MAX;
    source->rendered = frame - inside;
    source->position = frame;
    if (inside != 0) {
        const ps_block run = {source->left, source->right, PS_GRID_FRAMES};

        render(source, run);
    }
    return PS_OK;
}

bool ps_source_seeks_exactly(const ps_source *source)
{
    return source->kind->seeks_exactly;
}

ps_status ps_source_prepare(ps_source *source, uint64_t budget_frames)
{
    return source->kind->prepare ? source->kind->prepare(source, budget_frames) : PS_OK;
}

uint64_t ps_source_late_frames(const ps_source *source)
{
    return source->late_frames;
}

void ps_source_destroy(ps_source *source)
{
    if (source)
        source->kind->destroy(source);
}

void ps_source_init(ps_source *source, const ps_source_kind *kind, double rate_hz)
{
    memset(source, 0, sizeof *source);
    source->kind = kind;
    source->rate_hz = rate_hz;
    source->end = UINT64_MAX;
}
