/* The effects of a request around the sources of a render. */
#include "render_effects.h"

#define LONGEST_SEC 1e9 /* that a request may ask for */

/* That are played, 0 when it is all there is. Mastering listens to everything first. */
static uint64_t frames_of(const ps_render_request *request, double rate_hz)
{
    const double sec = request->start_sec + request->duration_sec;

    if (request->master || !(request->duration_sec > 0.0) || !(sec > 0.0 && sec <= LONGEST_SEC))
        return 0;
    return (uint64_t)(sec * rate_hz) + 1;
}

ps_status ps_render_effects(ps_source **source, ps_engine *engine, const ps_chain *chain,
                            const ps_effect_media *media, const ps_render_request *request,
                            ps_error *err)
{
    ps_effect_source_options options = ps_effect_source_defaults();
    ps_source *inner = *source;

    if (!chain || ps_chain_count(chain) == 0)
        return PS_OK;
    options.tail_sec = request->effects_tail_sec;
    options.rack.media = media ? *media : ps_effect_files();
    options.rack.seed = request->seed;
    options.rack.accelerator = request->accelerator;
    options.rack.frames = frames_of(request, ps_source_rate_hz(inner));
    *source = NULL;
    return ps_effect_source_create(source, engine, inner, chain, &options, err);
}

/* Everything that a performance is made of. */
typedef struct stage {
    ps_engine *engine;
    const ps_score *score;
    const ps_bank_choice *banks;
    size_t bank_count;
    const ps_effect_media *media;
    const ps_render_request *request;
} stage;

static ps_status perform(const stage *s, ps_source **out, ps_channel_set channels, ps_error *err)
{
    ps_performance_options options = s->request->performance;

    options.synth.channels = channels;
    return ps_performance_create(out, s->engine, s->score, s->banks, s->bank_count, &options, err);
}

static ps_status check(const ps_render_request *request, ps_error *err)
{
    for (size_t i = 0; i < request->channel_effects_count; i++) {
        const uint32_t channel = request->channel_effects[i].channel;

        if (channel >= PS_SCORE_CHANNELS)
            return ps_fail(err, PS_BAD_ARGUMENT, "no channel %u: there are %u",
                           (unsigned)channel + 1, PS_SCORE_CHANNELS);
        for (size_t k = 0; k < i; k++)
            if (request->channel_effects[k].channel == channel)
                return ps_fail(err, PS_BAD_ARGUMENT, "effects for channel %u given twice",
                               (unsigned)channel + 1);
    }
    return PS_OK;
}

/* One channel alone, with its effects. */
static ps_status perform_channel(const stage *s, ps_source **out, const ps_channel_effects *one,
                                 ps_error *err)
{
    ps_channel_set alone = ps_channels_none();
    ps_status status;

    ps_channels_add(&alone, one->channel);
    status = perform(s, out, alone, err);
    if (status == PS_OK)
        status = ps_render_effects(out, s->engine, one->chain, s->media, s->request, err);
    return status;
}

static ps_status perform_all(const stage *s, ps_source **parts, size_t *made, ps_error *err)
{
    const ps_render_request *request = s->request;
    ps_channel_set rest = request->performance.synth.channels;
    ps_status status = PS_OK;

    for (size_t i = 0; i < request->channel_effects_count; i++)
        ps_channels_remove(&rest, request->channel_effects[i].channel);
    status = perform(s, &parts[0], rest, err);
    *made = status == PS_OK;
    for (size_t i = 0; i < request->channel_effects_count && status == PS_OK; i++) {
        const ps_channel_effects *one = &request->channel_effects[i];

        if (!ps_channels_has(&request->performance.synth.channels, one->channel))
            continue;
        status = perform_channel(s, &parts[*made], one, err);
        *made += status == PS_OK;
    }
    return status;
}

ps_status ps_render_channels(ps_source **out, const ps_source **performance, ps_engine *engine,
                             const ps_score *score, const ps_bank_choice *banks, size_t bank_count,
                             const ps_effect_media *media, const ps_render_request *request,
                             ps_error *err)
{
    const stage s = {engine, score, banks, bank_count, media, request};
    ps_source *parts[1 + PS_SCORE_CHANNELS];
    size_t made = 0;
    ps_status status = check(request, err);

    if (status == PS_OK)
        status = perform_all(&s, parts, &made, err);
    if (status != PS_OK) {
        while (made > 0)
            ps_source_destroy(parts[--made]);
        return status;
    }
    *performance = parts[0];
    if (made == 1) {
        *out = parts[0];
        return PS_OK;
    }
    return ps_mix_source_create(out, parts, made, ps_engine_allocator(engine), err);
}
