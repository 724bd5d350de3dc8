/* A monaural beat (voice/monaural.h) as it is: two tones in both ears, with four gains. */
#include "voice/monaural.h"

static const ps_parameter rows[PS_MONAURAL_ROWS] = {PS_MONAURAL_TABLE("", "", "the tremolo")};

typedef struct monaural_voice {
    ps_voice base;
    ps_monaural beat;
    bool moves;
} monaural_voice;

static ps_status start(ps_voice *voice, ps_error *err)
{
    monaural_voice *v = (monaural_voice *)voice;
    const ps_voice_setup *setup = voice->setup;

    (void)err;
    ps_monaural_init(&v->beat, setup->settings, setup->frame_sec);
    v->moves = setup->transition && ps_any_moves(setup->settings, PS_MONAURAL_ROWS);
    return PS_OK;
}

static void render(ps_voice *voice, float *left, float *right, uint32_t frames)
{
    monaural_voice *v = (monaural_voice *)voice;
    ps_doubles alphas;
    const ps_course course = ps_course_of(voice, v->moves, alphas, frames);

    ps_monaural_render(&v->beat, left, right, &course, voice->frame, frames);
}

static void skip(ps_voice *voice, uint64_t frame)
{
    monaural_voice *v = (monaural_voice *)voice;

    ps_monaural_skip(&v->beat, &voice->setup->ramp, voice->frame, frame);
}

static double bound(const ps_voice *voice)
{
    const monaural_voice *v = (const monaural_voice *)voice;

    return ps_monaural_bound(&v->beat, voice->setup->transition ? &voice->setup->ramp : NULL);
}

static uint32_t tones(const ps_voice *voice, const ps_tone_stretch *stretch,
                      ps_tone tone[PS_VOICE_TONES])
{
    const monaural_voice *v = (const monaural_voice *)voice;

    return ps_monaural_tones(&v->beat, voice->setup->settings, stretch, tone);
}

const ps_voice_kind PS_ROW(ps_voice_monaural_beat_stereo_amps) = {
    .info = {"monaural_beat_stereo_amps", "two tones that beat in both ears, with four gains", true,
             rows, PS_MONAURAL_ROWS},
    .voice_bytes = sizeof(monaural_voice),
    .start = start,
    .render = render,
    .skip = skip,
    .bound = bound,
    .tones = tones,
};
