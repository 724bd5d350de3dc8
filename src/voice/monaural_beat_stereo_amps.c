/* A monaural beat (voice/monaural.h) as it is: two tones in both ears, with four gains. */
#include "voice/monaural.h"

/* clang-format off */
static const ps_parameter rows[PS_MONAURAL_ROWS] = {
    [PS_MONAURAL_LOWER_L] = { "amp_lower_L", PS_PARAMETER_NUMBER, PS_GLIDE_CHAIN, "", 0.5, 0.0, 1.0,
                              NULL, "gain of the lower tone on the left",
                              "start_amp_lower_L", "end_amp_lower_L" },
    [PS_MONAURAL_UPPER_L] = { "amp_upper_L", PS_PARAMETER_NUMBER, PS_GLIDE_CHAIN, "", 0.5, 0.0, 1.0,
                              NULL, "gain of the upper tone on the left",
                              "start_amp_upper_L", "end_amp_upper_L" },
    [PS_MONAURAL_LOWER_R] = { "amp_lower_R", PS_PARAMETER_NUMBER, PS_GLIDE_CHAIN, "", 0.5, 0.0, 1.0,
                              NULL, "gain of the lower tone on the right",
                              "start_amp_lower_R", "end_amp_lower_R" },
    [PS_MONAURAL_UPPER_R] = { "amp_upper_R", PS_PARAMETER_NUMBER, PS_GLIDE_CHAIN, "", 0.5, 0.0, 1.0,
                              NULL, "gain of the upper tone on the right",
                              "start_amp_upper_R", "end_amp_upper_R" },
    [PS_MONAURAL_BASE] = { "baseFreq", PS_PARAMETER_NUMBER, PS_GLIDE_CHAIN, "Hz", 200.0, 20.0,
                           2000.0, NULL, "midway between the two tones" },
    [PS_MONAURAL_BEAT] = { "beatFreq", PS_PARAMETER_NUMBER, PS_GLIDE_CHAIN, "Hz", 4.0, 0.0, 50.0,
                           NULL, "upper tone minus lower tone" },
    [PS_MONAURAL_PHASE_LOWER] = { "startPhaseL", PS_PARAMETER_NUMBER, PS_GLIDE_START, "rad", 0.0,
                                  -3.1416, 3.1416, NULL, "start phase of the lower tone" },
    [PS_MONAURAL_PHASE_UPPER] = { "startPhaseR", PS_PARAMETER_NUMBER, PS_GLIDE_START, "rad", 0.0,
                                  -3.1416, 3.1416, NULL, "start phase of the upper tone",
                                  "startStartPhaseU", "endStartPhaseU" },
    [PS_MONAURAL_SWING_SPEED] = { "phaseOscFreq", PS_PARAMETER_NUMBER, PS_GLIDE_CHAIN, "Hz", 0.0,
                                  0.0, 20.0, NULL, "speed of the phase modulation" },
    [PS_MONAURAL_SWING] = { "phaseOscRange", PS_PARAMETER_NUMBER, PS_GLIDE_CHAIN, "rad", 0.0, 0.0,
                            6.2832, NULL, "how far it moves the tones apart, from end to end" },
    [PS_MONAURAL_DEPTH] = { "ampOscDepth", PS_PARAMETER_NUMBER, PS_GLIDE_CHAIN, "", 0.0, 0.0, 2.0,
                            NULL, "depth of the tremolo, held to 0..2: 2 is ring modulation" },
    [PS_MONAURAL_SPEED] = { "ampOscFreq", PS_PARAMETER_NUMBER, PS_GLIDE_CHAIN, "Hz", 0.0, 0.0, 50.0,
                            NULL, "speed of the tremolo; 0: none" },
    [PS_MONAURAL_OFFSET] = { "ampOscPhaseOffset", PS_PARAMETER_NUMBER, PS_GLIDE_CHAIN, "rad", 0.0,
                             -3.1416, 3.1416, NULL, "phase of the tremolo" },
};
/* clang-format on */

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

const ps_voice_kind PS_ROW(ps_voice_monaural_beat_stereo_amps) = {
    .info = {"monaural_beat_stereo_amps", "two tones that beat in both ears, with four gains", true,
             rows, PS_MONAURAL_ROWS},
    .voice_bytes = sizeof(monaural_voice),
    .start = start,
    .render = render,
    .skip = skip,
    .bound = bound,
};
