/* Samples as Python keeps them, a frame's channels side by side, as a source and back. */
#include "core.h"

typedef struct interleaved {
    ps_source base;
    const float *samples; /* borrowed */
    uint64_t frames, next;
    uint32_t channels;
} interleaved;

void core_interleave(float *samples, ps_block block)
{
    for (uint32_t i = 0; i < block.frames; i++) {
        samples[2 * (size_t)i] = block.left[i];
        samples[2 * (size_t)i + 1] = block.right[i];
    }
}

void core_deinterleave(ps_block block, const float *samples)
{
    for (uint32_t i = 0; i < block.frames; i++) {
        block.left[i] = samples[2 * (size_t)i];
        block.right[i] = samples[2 * (size_t)i + 1];
    }
}

static uint32_t render(ps_source *source, ps_block block)
{
    interleaved *self = (interleaved *)source;
    const uint64_t left = self->frames > self->next ? self->frames - self->next : 0;
    const uint32_t frames = left < block.frames ? (uint32_t)left : block.frames;
    const float *samples = self->samples + self->next * self->channels;

    if (self->channels == 2)
        core_deinterleave(ps_block_part(block, 0, frames), samples);
    else
        for (uint32_t i = 0; i < frames; i++)
            block.left[i] = block.right[i] = samples[i];
    for (uint32_t i = frames; i < block.frames; i++)
        block.left[i] = block.right[i] = 0.0f;
    self->next += block.frames;
    return frames;
}

static ps_status seek(ps_source *source, uint64_t frame)
{
    ((interleaved *)source)->next = frame;
    return PS_OK;
}

static ps_length length(const ps_source *source)
{
    return (ps_length){PS_LENGTH_KNOWN, ((const interleaved *)source)->frames};
}

static void destroy(ps_source *source)
{
    ps_free(NULL, source);
}

ps_status core_interleaved_source(ps_source **out, const float *samples, uint64_t frames,
                                  uint32_t channels, double rate_hz, ps_error *err)
{
    static const ps_source_kind kind = {.name = "array",
                                        .render = render,
                                        .seek = seek,
                                        .length = length,
                                        .destroy = destroy,
                                        .seeks_exactly = true};
    interleaved *self;

    if (!(rate_hz >= PS_RATE_MIN_HZ && rate_hz <= PS_RATE_MAX_HZ))
        return ps_fail(err, PS_BAD_ARGUMENT, "sample rate of %g Hz is outside %g..%g", rate_hz,
                       PS_RATE_MIN_HZ, PS_RATE_MAX_HZ);
    self = ps_alloc(NULL, 1, sizeof *self);
    if (!self)
        return ps_fail(err, PS_NO_MEMORY, "no memory for a source");
    ps_source_init(&self->base, &kind, rate_hz);
    self->samples = samples;
    self->frames = frames;
    self->channels = channels;
    *out = &self->base;
    return PS_OK;
}
