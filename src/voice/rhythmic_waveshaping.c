/*
 * A tone with a slow tremolo, bent by a tanh waveshaper, at one place between the ears:
 *
 *     y = tanh(a c m) / tanh(a),  m = 1 - depth (1 - l) / 2,  c and l sines.
 */
#include "voice/shaper.h"

enum { AMP, CARRIER, MODULATOR, DEPTH, SHAPE, PAN, ROWS };

/* clang-format off */
static const ps_parameter rows[ROWS] = {
    [AMP] = { "amp", PS_PARAMETER_NUMBER, PS_GLIDE_NONE, "", 0.25, 0.0, 1.0, NULL,
              "gain" },
    [CARRIER] = { "carrierFreq", PS_PARAMETER_NUMBER, PS_GLIDE_OWN, "Hz", 200.0, 20.0, 2000.0, NULL,
                  "the tone", .start_preset = 200.0, .end_preset = 80.0 },
    [MODULATOR] = { "modFreq", PS_PARAMETER_NUMBER, PS_GLIDE_OWN, "Hz", 4.0, 0.0, 50.0, NULL,
                    "speed of the tremolo", .start_preset = 12.0, .end_preset = 7.83 },
    [DEPTH] = { "modDepth", PS_PARAMETER_NUMBER, PS_GLIDE_OWN, "", 1.0, 0.0, 1.0, NULL,
                "depth of the tremolo: 1 down to silence", .start_preset = 1.0, .end_preset = 1.0 },
    [SHAPE] = { "shapeAmount", PS_PARAMETER_NUMBER, PS_GLIDE_OWN, "", 5.0, 0.1, 20.0, NULL,
                "how hard the wave is bent: 0 is silence", .start_preset = 5.0, .end_preset = 5.0 },
    [PAN] = { "pan", PS_PARAMETER_NUMBER, PS_GLIDE_NONE, "", 0.0, -1.0, 1.0, NULL,
              "-1 left to 1 right with equal power, held to that range" },
};
/* clang-format on */

typedef struct rhythmic {
    ps_voice base;
    ps_oscillator carrier, modulator;
    ps_setting depth;
    ps_shaper shaper;
    double amp, pan_left, pan_right;
    bool moves;
} rhythmic;

static ps_status start(ps_voice *voice, ps_error *err)
{
    rhythmic *v = (rhythmic *)voice;
    const ps_voice_setup *setup = voice->setup;
    const ps_setting *settings = setup->settings, none = {0};
    const ps_setting carrier = ps_frequency(&settings[CARRIER], &none, 0.0);
    const ps_setting modulator = ps_frequency(&settings[MODULATOR], &none, 0.0);
    const double turn = (ps_limited(settings[PAN].start, 1.0) + 1.0) / 8.0;

    (void)err;
    ps_oscillator_init(&v->carrier, &carrier, PS_LEAST_HZ, setup->frame_sec, 0);
    ps_oscillator_init(&v->modulator, &modulator, PS_LEAST_HZ, setup->frame_sec, 0);
    ps_oscillator_hold(&v->carrier, &setup->ramp);
    ps_oscillator_hold(&v->modulator, &setup->ramp);
    v->depth = ps_amount(&settings[DEPTH]);
    ps_shaper_init(&v->shaper, &settings[SHAPE]);
    v->amp = ps_limited(settings[AMP].start, PS_AMOUNT_MAX);
    v->pan_left = ps_cos_cycles(turn);
    v->pan_right = ps_sin_cycles(turn);
    v->moves = setup->transition && ps_any_moves(settings, ROWS);
    return PS_OK;
}

static void render(ps_voice *voice, float *left, float *right, uint32_t frames)
{
    rhythmic *v = (rhythmic *)voice;
    const float left_gain = (float)(v->amp * v->pan_left);
    const float right_gain = (float)(v->amp * v->pan_right);
    ps_doubles alphas;
    ps_floats sound, slow, depth, dip;
    const ps_course course = ps_course_of(voice, v->moves, alphas, frames);

    ps_oscillator_sines(&v->carrier, sound, &course, frames);
    ps_oscillator_sines(&v->modulator, slow, &course, frames);
    ps_glide_floats(depth, &v->depth, course.alpha, frames);
    ps_dips(dip, slow, depth, frames);
    for (uint32_t i = 0; i < frames; i++)
        sound[i] *= dip[i];
    ps_shape(&v->shaper, sound, &course, frames);
    for (uint32_t i = 0; i < frames; i++) {
        left[i] = sound[i] * left_gain;
        right[i] = sound[i] * right_gain;
    }
}

static void skip(ps_voice *voice, uint64_t frame)
{
    rhythmic *v = (rhythmic *)voice;
    ps_oscillator *const all[] = {&v->carrier, &v->modulator};

    ps_oscillators_skip(all, 2, &voice->setup->ramp, voice->frame, frame);
}

static double bound(const ps_voice *voice)
{
    const rhythmic *v = (const rhythmic *)voice;
    const ps_ramp *ramp = voice->setup->transition ? &voice->setup->ramp : NULL;
    const double dips = ps_dips_bound(&v->depth, ramp);
    const double pan = ps_magnitude(v->pan_left, v->pan_right);

    return ps_shaper_bound(&v->shaper, ramp, dips) * ps_magnitude(v->amp, 0.0) * pan *
           PS_ROUNDED_UP;
}

const ps_voice_kind PS_ROW(ps_voice_rhythmic_waveshaping) = {
    .info = {"rhythmic_waveshaping", "a tone with tremolo, bent by a waveshaper", true, rows, ROWS},
    .voice_bytes = sizeof(rhythmic),
    .start = start,
    .render = render,
    .skip = skip,
    .bound = bound,
};
