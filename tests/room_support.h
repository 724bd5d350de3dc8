/* Responses of any length for tests of convolvers, as if they were files: "CHANNELS:FRAMES". */
#ifndef TESTS_ROOM_SUPPORT_H
#define TESTS_ROOM_SUPPORT_H

#include "effect_support.h"

static inline ps_status room_load(void *user, const char *path, double rate_hz, ps_recording *out,
                                  ps_error *err)
{
    unsigned channels, frames;
    float *samples;

    (void)user;
    (void)err;
    assert_int_equal(sscanf(path, "%u:%u", &channels, &frames), 2);
    samples = calloc((size_t)channels * frames, sizeof *samples);
    assert_non_null(samples);
    for (size_t i = 0; i < (size_t)channels * frames; i++)
        samples[i] = (float)((double)(int64_t)ps_random_bits(channels, i) * 0x1p-63);
    *out = (ps_recording){samples, frames, channels, rate_hz, samples};
    return PS_OK;
}

static inline void room_release(void *user, ps_recording *recording)
{
    (void)user;
    free(recording->owner);
}

static const ps_effect_media room_media = {.load = room_load, .release = room_release};

/* A rack of text; accelerator NULL: none. */
static inline ps_rack *room_rack(ps_engine *engine, const char *text,
                                 const ps_accelerator *accelerator, uint64_t frames)
{
    const ps_rack_options options = {
        .media = room_media, .accelerator = accelerator, .frames = frames};
    ps_error err = {0};
    ps_chain *chain;
    ps_rack *rack;

    if (ps_chain_read(&chain, text, NULL, &err) != PS_OK)
        fail_msg("%s: column %u: %s", text, err.column, err.text);
    if (ps_rack_create(&rack, engine, chain, FX_RATE_HZ, &options, &err) != PS_OK)
        fail_msg("%s: %s", text, err.text);
    ps_chain_destroy(chain);
    return rack;
}

/* What goes in comes out of the rack in place of it, the latency taken away; size as of fx_run. */
static inline void room_run(ps_rack *rack, const fx_audio *a, uint32_t size)
{
    const uint32_t latency = ps_rack_latency(rack);
    fx_audio longer = fx_new(a->frames + latency);

    memcpy(longer.left, a->left, a->frames * sizeof(float));
    memcpy(longer.right, a->right, a->frames * sizeof(float));
    fx_run(rack, &longer, size);
    memcpy(a->left, longer.left + latency, a->frames * sizeof(float));
    memcpy(a->right, longer.right + latency, a->frames * sizeof(float));
    fx_free(&longer);
}

/* What is said of an accelerator: within 1e-5 of full scale, or of the largest sample. */
static inline void room_agrees(const char *text, const fx_audio *a, const fx_audio *b)
{
    const float full = fmaxf(1.0f, fx_peak(b, 0, b->frames));
    const float difference = fx_difference(a, b);

    for (uint32_t i = 0; i < a->frames; i++)
        if (!isfinite(a->left[i]) || !isfinite(a->right[i]))
            fail_msg("%s: frame %u is not finite", text, i);
    if (!(difference <= 1e-5f * full))
        fail_msg("%s: %g off, of %g", text, (double)difference, (double)full);
}

#endif
