/*
 * A tone with a tremolo, bent by a tanh waveshaper, then with another tremolo in each ear:
 *
 *     y = tanh(a c m) / tanh(a),  ear = y (1 - depth (1 - sin(modulator)) / 2).
 */
#include "voice/shaper.h"

enum {
    AMP,
    CARRIER,
    SPEED,
    DEPTH,
    SHAPE,
    SPEED_L,
    DEPTH_L,
    PHASE_L,
    SPEED_R,
    DEPTH_R,
    PHASE_R,
    ROWS
};

/* clang-format off */
static const ps_parameter rows[ROWS] = {
    [AMP] = { "amp", PS_PARAMETER_NUMBER, PS_GLIDE_NONE, "", 0.15, 0.0, 1.0, NULL,
              "gain" },
    [CARRIER] = { "carrierFreq", PS_PARAMETER_NUMBER, PS_GLIDE_OWN, "Hz", 200.0, 20.0, 2000.0, NULL,
                  "the tone", .start_preset = 200.0, .end_preset = 100.0 },
    [SPEED] = { "shapeModFreq", PS_PARAMETER_NUMBER, PS_GLIDE_OWN, "Hz", 4.0, 0.0, 50.0, NULL,
                "speed of the tremolo before the shaper", .start_preset = 4.0, .end_preset = 8.0 },
    [DEPTH] = { "shapeModDepth", PS_PARAMETER_NUMBER, PS_GLIDE_OWN, "", 0.8, 0.0, 1.0, NULL,
                "its depth: 1 down to silence", .start_preset = 0.8, .end_preset = 0.8 },
    [SHAPE] = { "shapeAmount", PS_PARAMETER_NUMBER, PS_GLIDE_OWN, "", 0.5, 0.1, 20.0, NULL,
                "how hard the wave is bent: 0 is silence", .start_preset = 0.5, .end_preset = 0.5 },
    [SPEED_L] = { "stereoModFreqL", PS_PARAMETER_NUMBER, PS_GLIDE_OWN, "Hz", 4.1, 0.0, 50.0, NULL,
                  "speed of the left tremolo", .start_preset = 4.1, .end_preset = 6.0 },
    [DEPTH_L] = { "stereoModDepthL", PS_PARAMETER_NUMBER, PS_GLIDE_OWN, "", 0.8, 0.0, 1.0, NULL,
                  "depth of the left tremolo", .start_preset = 0.8, .end_preset = 0.8 },
    [PHASE_L] = { "stereoModPhaseL", PS_PARAMETER_NUMBER, PS_GLIDE_START, "rad", 0.0, -3.1416,
                  3.1416, NULL,
                  "start phase of the left tremolo; a transition starts at 0 regardless" },
    [SPEED_R] = { "stereoModFreqR", PS_PARAMETER_NUMBER, PS_GLIDE_OWN, "Hz", 4.0, 0.0, 50.0, NULL,
                  "speed of the right tremolo", .start_preset = 4.0, .end_preset = 6.1 },
    [DEPTH_R] = { "stereoModDepthR", PS_PARAMETER_NUMBER, PS_GLIDE_OWN, "", 0.8, 0.0, 1.0, NULL,
                  "depth of the right tremolo", .start_preset = 0.9, .end_preset = 0.9 },
    [PHASE_R] = { "stereoModPhaseR", PS_PARAMETER_NUMBER, PS_GLIDE_START, "rad",
                  1.57079632679489661923, -3.1416, 3.1416, NULL,
                  "start phase of the right tremolo; a transition starts at 0 regardless" },
};
/* clang-format on */

typedef struct tremolo {
    ps_oscillator slow;
    ps_setting depth;
} tremolo;

typedef struct wave_shape {
    ps_voice base;
    ps_oscillator carrier;
    tremolo before, left, right;
    ps_shaper shaper;
    float amp;
    bool moves;
} wave_shape;

static void start_tremolo(tremolo *t, const ps_voice_setup *setup, const ps_setting *speed,
                          const ps_setting *depth, double phase_rad)
{
    const ps_setting none = {0}, hz = ps_frequency(speed, &none, 0.0);
    const double kept_rad = setup->transition ? 0.0 : ps_limited(phase_rad, PS_AMOUNT_MAX);

    ps_oscillator_init(&t->slow, &hz, PS_LEAST_HZ, setup->frame_sec, ps_phase64_radians(kept_rad));
    ps_oscillator_hold(&t->slow, &setup->ramp);
    t->depth = ps_amount(depth);
}

static ps_status start(ps_voice *voice, ps_error *err)
{
    wave_shape *v = (wave_shape *)voice;
    const ps_voice_setup *setup = voice->setup;
    const ps_setting *s = setup->settings, none = {0};
    const ps_setting carrier = ps_frequency(&s[CARRIER], &none, 0.0);

    (void)err;
    ps_oscillator_init(&v->carrier, &carrier, PS_LEAST_HZ, setup->frame_sec, 0);
    ps_oscillator_hold(&v->carrier, &setup->ramp);
    start_tremolo(&v->before, setup, &s[SPEED], &s[DEPTH], 0.0);
    start_tremolo(&v->left, setup, &s[SPEED_L], &s[DEPTH_L], s[PHASE_L].start);
    start_tremolo(&v->right, setup, &s[SPEED_R], &s[DEPTH_R], s[PHASE_R].start);
    ps_shaper_init(&v->shaper, &s[SHAPE]);
    v->amp = (float)ps_limited(s[AMP].start, PS_AMOUNT_MAX);
    v->moves = setup->transition && ps_any_moves(s, ROWS);
    return PS_OK;
}

/* What a tremolo leaves of its sound in the next frames, times a gain. */
static void fill_gain(tremolo *t, float gain, float *restrict out, const ps_course *course,
                      uint32_t frames)
{
    ps_floats slow, depth;

    ps_oscillator_sines(&t->slow, slow, course, frames);
    ps_glide_floats(depth, &t->depth, course->alpha, frames);
    ps_dips(out, slow, depth, frames);
    for (uint32_t i = 0; i < frames; i++)
        out[i] *= gain;
}

static void render(ps_voice *voice, float *left, float *right, uint32_t frames)
{
    wave_shape *v = (wave_shape *)voice;
    ps_doubles alphas;
    ps_floats sound, before, left_gain, right_gain;
    const ps_course course = ps_course_of(voice, v->moves, alphas, frames);

    ps_oscillator_sines(&v->carrier, sound, &course, frames);
    fill_gain(&v->before, 1.0f, before, &course, frames);
    fill_gain(&v->left, v->amp, left_gain, &course, frames);
    fill_gain(&v->right, v->amp, right_gain, &course, frames);
    for (uint32_t i = 0; i < frames; i++)
        sound[i] *= before[i];
    ps_shape(&v->shaper, sound, &course, frames);
    for (uint32_t i = 0; i < frames; i++) {
        left[i] = sound[i] * left_gain[i];
        right[i] = sound[i] * right_gain[i];
    }
}

static void skip(ps_voice *voice, uint64_t frame)
{
    wave_shape *v = (wave_shape *)voice;
    ps_oscillator *const all[] = {&v->carrier, &v->before.slow, &v->left.slow, &v->right.slow};

    ps_oscillators_skip(all, 4, &voice->setup->ramp, voice->frame, frame);
}

static double bound(const ps_voice *voice)
{
    const wave_shape *v = (const wave_shape *)voice;
    const ps_ramp *ramp = voice->setup->transition ? &voice->setup->ramp : NULL;
    const double shaped = ps_shaper_bound(&v->shaper, ramp, ps_dips_bound(&v->before.depth, ramp));
    const double ears =
        ps_magnitude(ps_dips_bound(&v->left.depth, ramp), ps_dips_bound(&v->right.depth, ramp));

    return ps_magnitude((double)v->amp, 0.0) * shaped * ears * PS_ROUNDED_UP;
}

const ps_voice_kind PS_ROW(ps_voice_wave_shape_stereo_am) = {
    .info = {"wave_shape_stereo_am",
             "a tone bent by a waveshaper, with its own tremolo in each ear", true, rows, ROWS},
    .voice_bytes = sizeof(wave_shape),
    .start = start,
    .render = render,
    .skip = skip,
    .bound = bound,
};
