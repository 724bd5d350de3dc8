/* What all voices have in common: their tables, being made, rendered and skipped. */
#include "voice/voice.h"

#include <assert.h>
#include <string.h>

#include "voice/rows.h"

const ps_voice_row *ps_voice_row_find(const char *row)
{
#if PS_HAVE_AVX2
    if (strcmp(row, "avx2") == 0)
        return &ps_voice_row_avx2;
#endif
#if PS_HAVE_AVX512
    if (strcmp(row, "avx512") == 0)
        return &ps_voice_row_avx512;
#endif
#if PS_HAVE_NEON
    if (strcmp(row, "neon") == 0)
        return &ps_voice_row_neon;
#endif
#if PS_HAVE_SIMD128
    if (strcmp(row, "simd128") == 0)
        return &ps_voice_row_simd128;
#endif
    (void)row;
    return &ps_voice_row_c;
}

bool ps_voice_nth(size_t index, ps_voice_info *info)
{
    for (size_t i = 0; ps_voice_row_c.kinds[i]; i++) {
        if (i == index) {
            *info = ps_voice_row_c.kinds[i]->info;
            return true;
        }
    }
    return false;
}

bool ps_voice_find(const char *name, ps_voice_info *info)
{
    static const char suffix[] = "_transition";
    const size_t length = strlen(name);

    for (size_t i = 0; ps_voice_nth(i, info); i++) {
        const size_t own = strlen(info->name);

        if (length >= own && strncmp(name, info->name, own) == 0 &&
            (length == own || (info->transition && strcmp(name + own, suffix) == 0)))
            return true;
    }
    return false;
}

ps_status ps_voice_create(ps_voice **out, const ps_voice_kind *kind, const ps_voice_setup *setup,
                          ps_error *err)
{
    ps_voice *voice = ps_alloc(setup->allocator, 1, kind->voice_bytes);

    if (!voice)
        return ps_fail(err, PS_NO_MEMORY, "no memory for a voice");
    voice->kind = kind;
    voice->setup = setup;
    const ps_status status = kind->start(voice, err);
    if (status != PS_OK) {
        ps_free(setup->allocator, voice);
        return status;
    }
    *out = voice;
    return PS_OK;
}

void ps_voice_render(ps_voice *voice, float *left, float *right, uint32_t frames)
{
    assert(voice->frame % PS_VOICE_FRAMES == 0 && frames <= PS_VOICE_FRAMES);
    voice->kind->render(voice, left, right, frames);
    voice->frame += frames;
}

void ps_voice_skip(ps_voice *voice, uint64_t frame)
{
    _Alignas(PS_ALIGN_BYTES) float left[PS_VOICE_FRAMES], right[PS_VOICE_FRAMES];

    assert(frame % PS_VOICE_FRAMES == 0 && frame >= voice->frame);
    if (voice->kind->skip && frame > voice->frame) {
        voice->kind->skip(voice, frame);
        voice->frame = frame;
    }
    while (voice->frame < frame)
        ps_voice_render(voice, left, right, PS_VOICE_FRAMES);
}

void ps_voice_destroy(ps_voice *voice)
{
    if (!voice)
        return;
    if (voice->kind->finish)
        voice->kind->finish(voice);
    ps_free(voice->setup->allocator, voice);
}
