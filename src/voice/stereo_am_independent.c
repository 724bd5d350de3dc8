/*
 * Two tones, one for each ear, a little apart, each with a tremolo of its own:
 *
 *     ear = sin(carrier -+ width / 2) (1 - depth (1 - sin(modulator)) / 2).
 */
#include "voice/oscillator.h"

enum { AMP, CARRIER, SPEED_L, DEPTH_L, PHASE_L, SPEED_R, DEPTH_R, PHASE_R, WIDTH, ROWS };

/* clang-format off */
static const ps_parameter rows[ROWS] = {
    [AMP] = { "amp", PS_PARAMETER_NUMBER, PS_GLIDE_NONE, "", 0.25, 0.0, 1.0, NULL,
              "gain" },
    [CARRIER] = { "carrierFreq", PS_PARAMETER_NUMBER, PS_GLIDE_OWN, "Hz", 200.0, 20.0, 2000.0, NULL,
                  "midway between the two tones", .start_preset = 200.0, .end_preset = 250.0 },
    [SPEED_L] = { "modFreqL", PS_PARAMETER_NUMBER, PS_GLIDE_OWN, "Hz", 4.0, 0.0, 50.0, NULL,
                  "speed of the left tremolo", .start_preset = 4.0, .end_preset = 6.0 },
    [DEPTH_L] = { "modDepthL", PS_PARAMETER_NUMBER, PS_GLIDE_OWN, "", 0.8, 0.0, 1.0, NULL,
                  "depth of the left tremolo: 1 down to silence",
                  .start_preset = 0.8, .end_preset = 0.8 },
    [PHASE_L] = { "modPhaseL", PS_PARAMETER_NUMBER, PS_GLIDE_START, "rad", 0.0, -3.1416, 3.1416,
                  NULL, "start phase of the left tremolo; a transition starts at 0 regardless" },
    [SPEED_R] = { "modFreqR", PS_PARAMETER_NUMBER, PS_GLIDE_OWN, "Hz", 4.0, 0.0, 50.0, NULL,
                  "speed of the right tremolo", .start_preset = 4.1, .end_preset = 5.9 },
    [DEPTH_R] = { "modDepthR", PS_PARAMETER_NUMBER, PS_GLIDE_OWN, "", 0.8, 0.0, 1.0, NULL,
                  "depth of the right tremolo", .start_preset = 0.8, .end_preset = 0.8 },
    [PHASE_R] = { "modPhaseR", PS_PARAMETER_NUMBER, PS_GLIDE_START, "rad", 0.0, -3.1416, 3.1416,
                  NULL, "start phase of the right tremolo; a transition starts at 0 regardless" },
    [WIDTH] = { "stereo_width_hz", PS_PARAMETER_NUMBER, PS_GLIDE_OWN, "Hz", 0.2, 0.0, 20.0, NULL,
                "right tone minus left tone", "startStereoWidthHz", "endStereoWidthHz",
                .start_preset = 0.2, .end_preset = 0.2 },
};
/* clang-format on */

typedef struct ear {
    ps_oscillator carrier, modulator;
    ps_setting depth;
} ear;

typedef struct stereo_am {
    ps_voice base;
    ear left, right;
    float amp;
    bool moves;
} stereo_am;

/* Beginnings of an ear: half the width to the side it lies on, and its rows of the table. */
static void start_ear(ear *e, const ps_voice_setup *setup, double half, const ps_setting *speed,
                      const ps_setting *depth, const ps_setting *phase)
{
    const ps_setting *settings = setup->settings, none = {0};
    const ps_setting carrier = ps_frequency(&settings[CARRIER], &settings[WIDTH], half);
    const ps_setting modulator = ps_frequency(speed, &none, 0.0);
    const double phase_rad = setup->transition ? 0.0 : ps_limited(phase->start, PS_AMOUNT_MAX);

    ps_oscillator_init(&e->carrier, &carrier, PS_LEAST_HZ, setup->frame_sec, 0);
    ps_oscillator_init(&e->modulator, &modulator, PS_LEAST_HZ, setup->frame_sec,
                       ps_phase64_radians(phase_rad));
    ps_oscillator_hold(&e->carrier, &setup->ramp);
    ps_oscillator_hold(&e->modulator, &setup->ramp);
    e->depth = ps_amount(depth);
}

static void start_ears(ear *left, ear *right, const ps_voice_setup *setup)
{
    const ps_setting *s = setup->settings;

    start_ear(left, setup, -0.5, &s[SPEED_L], &s[DEPTH_L], &s[PHASE_L]);
    start_ear(right, setup, 0.5, &s[SPEED_R], &s[DEPTH_R], &s[PHASE_R]);
}

static ps_status start(ps_voice *voice, ps_error *err)
{
    stereo_am *v = (stereo_am *)voice;
    const ps_setting *s = voice->setup->settings;

    (void)err;
    start_ears(&v->left, &v->right, voice->setup);
    v->amp = (float)ps_limited(s[AMP].start, PS_AMOUNT_MAX);
    v->moves = voice->setup->transition && ps_any_moves(s, ROWS);
    return PS_OK;
}

static void render_ear(ear *e, float amp, float *restrict out, const ps_course *course,
                       uint32_t frames)
{
    ps_floats sound, slow, depth, dip;

    ps_oscillator_sines(&e->carrier, sound, course, frames);
    ps_oscillator_sines(&e->modulator, slow, course, frames);
    ps_glide_floats(depth, &e->depth, course->alpha, frames);
    ps_dips(dip, slow, depth, frames);
    for (uint32_t i = 0; i < frames; i++)
        out[i] = sound[i] * dip[i] * amp;
}

static void render(ps_voice *voice, float *left, float *right, uint32_t frames)
{
    stereo_am *v = (stereo_am *)voice;
    ps_doubles alphas;
    const ps_course course = ps_course_of(voice, v->moves, alphas, frames);

    render_ear(&v->left, v->amp, left, &course, frames);
    render_ear(&v->right, v->amp, right, &course, frames);
}

static void skip(ps_voice *voice, uint64_t frame)
{
    stereo_am *v = (stereo_am *)voice;
    ps_oscillator *const all[] = {&v->left.carrier, &v->left.modulator, &v->right.carrier,
                                  &v->right.modulator};

    ps_oscillators_skip(all, 4, &voice->setup->ramp, voice->frame, frame);
}

static double bound(const ps_voice *voice)
{
    const stereo_am *v = (const stereo_am *)voice;
    const ps_ramp *ramp = voice->setup->transition ? &voice->setup->ramp : NULL;

    return ps_magnitude((double)v->amp, 0.0) *
           ps_magnitude(ps_dips_bound(&v->left.depth, ramp), ps_dips_bound(&v->right.depth, ramp)) *
           PS_ROUNDED_UP;
}

static bool ear_is_tone(const ear *e)
{
    return ps_stays_within(e->carrier.hz.start, e->carrier.hz.end - e->carrier.hz.start,
                           PS_LEAST_HZ, PS_TONE_HZ_MOST) &&
           ps_stays_within(e->modulator.hz.start, e->modulator.hz.end - e->modulator.hz.start,
                           PS_LEAST_HZ, PS_SLOW_HZ_MOST);
}

/* e: as it was at the start; 1 - D / 2 (1 - sine) is 1 - D / 2 (1 + sine) half a turn on. */
static ps_tone tone_of(const ear *e, const ps_tone_stretch *stretch, float left, float right)
{
    ps_tone tone = {
        .left = left,
        .right = right,
        .phase = ps_oscillator_told(stretch, &e->carrier, e->carrier.phase),
        .tremolo = ps_oscillator_told(stretch, &e->modulator, e->modulator.phase),
        .level = {{1.0, 0.0}, {1.0, 0.0}},
        .depth = ps_setting_line(stretch, &e->depth, 0.5),
    };

    tone.tremolo.at += UINT64_C(1) << 63;
    return tone;
}

static uint32_t tones(const ps_voice *voice, const ps_tone_stretch *stretch,
                      ps_tone tone[PS_VOICE_TONES])
{
    const float amp = ((const stereo_am *)voice)->amp;
    ear left, right;

    start_ears(&left, &right, voice->setup);
    if (!ear_is_tone(&left) || !ear_is_tone(&right))
        return 0;
    tone[0] = tone_of(&left, stretch, amp, 0.0f);
    tone[1] = tone_of(&right, stretch, 0.0f, amp);
    return 2;
}

const ps_voice_kind PS_ROW(ps_voice_stereo_am_independent) = {
    .info = {"stereo_am_independent", "a tone for each ear, each with its own tremolo", true, rows,
             ROWS},
    .voice_bytes = sizeof(stereo_am),
    .start = start,
    .render = render,
    .skip = skip,
    .bound = bound,
    .tones = tones,
};
