/*
 * A chain made to run. Blocks are cut into stretches that never go across a multiple of
 * PS_EFFECT_FRAMES nor across a frame where a value changes.
 */
#include <string.h>

#include "effect/chain.h"
#include "kernel/engine.h"

typedef struct change {
    uint64_t frame;
    ps_effect *effect;
    uint32_t slot;
    double value;
} change;

struct ps_rack {
    const ps_allocator *allocator;
    uint64_t frame; /* the next one, counted from the last reset */
    uint64_t not_finite;
    uint32_t change_count;
    change changes[PS_RACK_CHANGES]; /* by frame */
    size_t count;
    ps_effect *effects[PS_CHAIN_MOST];
};

/* ---- Made and given back -------------------------------------------------------------------- */

static void destroy_effect(ps_effect *effect)
{
    if (effect->kind->finish)
        effect->kind->finish(effect);
    ps_free(effect->allocator, effect);
}

void ps_rack_destroy(ps_rack *rack)
{
    if (!rack)
        return;
    for (size_t i = 0; i < rack->count; i++)
        destroy_effect(rack->effects[i]);
    ps_free(rack->allocator, rack);
}

static ps_status add(ps_rack *rack, const ps_chain_link *link, ps_effect_setup *setup,
                     ps_error *err)
{
    const ps_effect_kind *kind =
        ps_effect_kind_find(ps_engine_kernel_row(setup->engine), link->kind->info.name);
    ps_effect *effect = ps_alloc(rack->allocator, 1, kind->effect_bytes);
    ps_status status;

    if (!effect)
        return ps_fail(err, PS_NO_MEMORY, "no memory for %s", kind->info.name);
    effect->kind = kind;
    effect->allocator = rack->allocator;
    effect->rate_hz = setup->rate_hz;
    setup->values = link->values;
    setup->texts = (const char *const *)link->texts;
    setup->stream = rack->count;
    status = kind->start(effect, setup, err);
    if (status != PS_OK)
        destroy_effect(effect);
    else
        rack->effects[rack->count++] = effect;
    return status;
}

ps_status ps_rack_create(ps_rack **out, ps_engine *engine, const ps_chain *chain, double rate_hz,
                         const ps_rack_options *options, ps_error *err)
{
    static const ps_rack_options none;
    ps_effect_setup setup = {.engine = engine, .allocator = engine->allocator, .rate_hz = rate_hz};
    ps_status status = PS_OK;
    ps_rack *rack;

    if (!(rate_hz >= PS_RATE_MIN_HZ && rate_hz <= PS_RATE_MAX_HZ))
        return ps_fail(err, PS_BAD_ARGUMENT, "a rate of %g Hz is outside %g..%g", rate_hz,
                       PS_RATE_MIN_HZ, PS_RATE_MAX_HZ);
    options = options ? options : &none;
    setup.media = &options->media;
    setup.seed = options->seed;
    setup.accelerator = options->accelerator;
    setup.frames = options->frames;
    rack = ps_alloc(engine->allocator, 1, sizeof *rack);
    if (!rack)
        return ps_fail(err, PS_NO_MEMORY, "no memory for effects");
    rack->allocator = engine->allocator;
    for (size_t i = 0; i < chain->count && status == PS_OK; i++)
        status = add(rack, &chain->links[i], &setup, err);
    if (status == PS_OK)
        *out = rack;
    else
        ps_rack_destroy(rack);
    return status;
}

/* ---- Changes -------------------------------------------------------------------------------- */

ps_status ps_rack_set(ps_rack *rack, size_t effect, uint32_t slot, double value, uint64_t frame)
{
    const ps_effect_parameter *row;
    uint32_t copy, at;
    ps_status status;

    if (effect >= rack->count)
        return PS_NOT_FOUND;
    row = ps_effect_slot_row(&rack->effects[effect]->kind->info, slot, &copy);
    if (!row || row->kind == PS_EFFECT_TEXT)
        return PS_NOT_FOUND;
    if (row->fixed)
        return PS_UNSUPPORTED;
    status = ps_effect_check(row, row->name, value, NULL);
    if (status != PS_OK)
        return status;
    if (rack->change_count == PS_RACK_CHANGES)
        return PS_NO_MEMORY;
    for (at = rack->change_count; at > 0 && rack->changes[at - 1].frame > frame; at--)
        rack->changes[at] = rack->changes[at - 1];
    rack->changes[at] = (change){frame, rack->effects[effect], slot, value};
    rack->change_count++;
    return PS_OK;
}

/* Makes the changes whose frame has come. */
static void change_values(ps_rack *rack)
{
    uint32_t due = 0;

    while (due < rack->change_count && rack->changes[due].frame <= rack->frame) {
        const change *c = &rack->changes[due++];

        c->effect->kind->set(c->effect, c->slot, c->value);
    }
    rack->change_count -= due;
    memmove(rack->changes, rack->changes + due, rack->change_count * sizeof *rack->changes);
}

/* ---- Processing ----------------------------------------------------------------------------- */

/* Silence for what is not finite or absurdly loud; returns how many samples were not finite. */
static uint32_t clean(float *samples, uint32_t frames)
{
    uint32_t bad = 0, found = 0;

    for (uint32_t i = 0; i < frames; i++)
        bad |= !(samples[i] <= PS_EFFECT_LIMIT && samples[i] >= -PS_EFFECT_LIMIT);
    for (uint32_t i = 0; bad && i < frames; i++) {
        if (!(samples[i] <= PS_EFFECT_LIMIT && samples[i] >= -PS_EFFECT_LIMIT)) {
            found += !(samples[i] - samples[i] == 0.0f);
            samples[i] = 0.0f;
        }
    }
    return found;
}

static uint32_t stretch(const ps_rack *rack, uint32_t left)
{
    const uint32_t to_grid = PS_EFFECT_FRAMES - (uint32_t)(rack->frame % PS_EFFECT_FRAMES);
    uint32_t frames = left < to_grid ? left : to_grid;

    if (rack->change_count > 0 && rack->changes[0].frame - rack->frame < frames)
        frames = (uint32_t)(rack->changes[0].frame - rack->frame);
    return frames;
}

void ps_rack_process(ps_rack *rack, ps_block block)
{
    rack->not_finite += clean(block.left, block.frames);
    rack->not_finite += clean(block.right, block.frames);
    for (uint32_t done = 0; done < block.frames;) {
        change_values(rack);
        const uint32_t frames = stretch(rack, block.frames - done);

        for (size_t i = 0; i < rack->count; i++) {
            ps_effect *effect = rack->effects[i];

            effect->kind->process(effect, block.left + done, block.right + done, frames);
            effect->frame += frames;
        }
        rack->frame += frames;
        done += frames;
    }
}

void ps_rack_reset(ps_rack *rack)
{
    /* What was still to come is as good as come: "with the values it has now" would depend on how
       far the piece had got. */
    rack->frame = UINT64_MAX;
    change_values(rack);
    rack->frame = 0;
    for (size_t i = 0; i < rack->count; i++) {
        rack->effects[i]->frame = 0;
        rack->effects[i]->kind->reset(rack->effects[i]);
    }
}

uint32_t ps_rack_latency(const ps_rack *rack)
{
    uint32_t latency = 0;

    for (size_t i = 0; i < rack->count; i++)
        if (rack->effects[i]->kind->latency)
            latency += rack->effects[i]->kind->latency(rack->effects[i]);
    return latency;
}

uint64_t ps_rack_tail(const ps_rack *rack)
{
    uint64_t tail = 0;

    for (size_t i = 0; i < rack->count; i++)
        if (rack->effects[i]->kind->tail)
            tail += rack->effects[i]->kind->tail(rack->effects[i]);
    return tail;
}

uint64_t ps_rack_not_finite(const ps_rack *rack)
{
    return rack->not_finite;
}
