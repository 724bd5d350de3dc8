/*
 * A monaural beat (voice/monaural.h) brought to the middle, with a second tremolo. The spatial path
 * that its parameters describe was never made into sound by the reference: both ears hear the same.
 *
 * Its transition has its own clock: from the first frame to the last, in a straight line.
 */
#include "voice/monaural.h"

enum {
    DEPTH = PS_MONAURAL_ROWS,
    SPEED,
    OFFSET,
    OTHER_DEPTH,
    OTHER_SPEED,
    OTHER_OFFSET,
    AMP,
    PATH_SPEED,
    PATH_OFFSET,
    PATH_DIRECTION,
    PATH_RADIUS,
    PATH_FRAME,
    PATH_OVERLAP,
    ROWS
};

/* A peak above 1 is brought down to this. */
#define NORMAL_PEAK 0.98

/* clang-format off */
static const ps_parameter rows[ROWS] = {
    PS_MONAURAL_TABLE("_monaural", "monaural_", "the first tremolo"),
    [DEPTH] = { "sam_ampOscDepth", PS_PARAMETER_NUMBER, PS_GLIDE_CHAIN, "", 0.0, 0.0, 2.0, NULL,
                "depth of the second tremolo, held to 0..2",
                "start_sam_ampOscDepth", "end_sam_ampOscDepth" },
    [SPEED] = { "sam_ampOscFreq", PS_PARAMETER_NUMBER, PS_GLIDE_CHAIN, "Hz", 0.0, 0.0, 50.0, NULL,
                "speed of the second tremolo; 0 or less: none",
                "start_sam_ampOscFreq", "end_sam_ampOscFreq" },
    [OFFSET] = { "sam_ampOscPhaseOffset", PS_PARAMETER_NUMBER, PS_GLIDE_CHAIN, "rad", 0.0, -3.1416,
                 3.1416, NULL, "phase of the second tremolo",
                 "start_sam_ampOscPhaseOffset", "end_sam_ampOscPhaseOffset" },
    [OTHER_DEPTH] = { "ampOscDepth", PS_PARAMETER_NUMBER, PS_GLIDE_ABSENT, "", 0.0, 0.0, 2.0, NULL,
                      "stands in for sam_ampOscDepth" },
    [OTHER_SPEED] = { "ampOscFreq", PS_PARAMETER_NUMBER, PS_GLIDE_ABSENT, "Hz", 0.0, 0.0, 50.0,
                      NULL, "stands in for sam_ampOscFreq" },
    [OTHER_OFFSET] = { "ampOscPhaseOffset", PS_PARAMETER_NUMBER, PS_GLIDE_ABSENT, "rad", 0.0,
                       -3.1416, 3.1416, NULL, "stands in for sam_ampOscPhaseOffset" },
    [AMP] = { "amp", PS_PARAMETER_NUMBER, PS_GLIDE_CHAIN, "", 0.7, 0.0, 1.0, NULL,
              "gain; what could come to more than 1 is brought down to 0.98" },
    [PATH_SPEED] = { "spatialBeatFreq", PS_PARAMETER_NUMBER, PS_GLIDE_CHAIN, "Hz", 4.0, 0.0, 50.0,
                     NULL, "read, not heard" },
    [PATH_OFFSET] = { "spatialPhaseOffset", PS_PARAMETER_NUMBER, PS_GLIDE_CHAIN, "rad", 0.0,
                      -3.1416, 3.1416, NULL, "read, not heard" },
    [PATH_DIRECTION] = { "rotationDirection", PS_PARAMETER_TEXT, PS_GLIDE_NONE, "", 0.0, 0.0, 0.0,
                         "cw ccw", "read, not heard" },
    [PATH_RADIUS] = { "pathRadius", PS_PARAMETER_NUMBER, PS_GLIDE_CHAIN, "", 1.0, 0.0, 1.0, NULL,
                      "read, not heard" },
    [PATH_FRAME] = { "frame_dur_ms", PS_PARAMETER_NUMBER, PS_GLIDE_NONE, "ms", 46.4, 10.0, 100.0,
                     NULL, "read, not heard" },
    [PATH_OVERLAP] = { "overlap_factor", PS_PARAMETER_NUMBER, PS_GLIDE_NONE, "", 8.0, 1.0, 16.0,
                       NULL, "read, not heard" },
};
/* clang-format on */

static const ps_curve straight = {.kind = PS_CURVE_LINEAR, .low = 0.0, .high = 1.0};

typedef struct sam_monaural {
    ps_voice base;
    ps_monaural beat;
    ps_ramp ramp; /* of the beat: from 0 to almost 1 */
    ps_wobble tremolo;
    ps_setting depth, amp;
    double last_frame; /* its number: the later stages reach their end there */
    float normal;
    bool beat_moves, moves, trembles;
} sam_monaural;

/* 0 at the first frame, 1 at the last one. */
static void fill_progress(const sam_monaural *v, double *restrict out, uint64_t first,
                          uint32_t frames)
{
    const double base = (double)first, share = v->last_frame > 0.0 ? 1.0 / v->last_frame : 0.0;

    for (uint32_t i = 0; i < frames; i++)
        out[i] = (base + (double)i) * share;
}

/* The next frames, the same for both ears, before they are normalized. */
static void fill(sam_monaural *v, float *restrict out, uint64_t first, uint32_t frames)
{
    ps_floats left, right, loud, gain;
    ps_doubles alpha, progress;
    ps_course early = {NULL, true}, late = {NULL, true};

    if (v->beat_moves) {
        early.still = ps_ramp_fill(&v->ramp, alpha, first, frames);
        early.alpha = alpha;
    }
    if (v->moves) {
        fill_progress(v, progress, first, frames);
        late = (ps_course){progress, false};
    }
    ps_monaural_render(&v->beat, left, right, &early, first, frames);
    ps_glide_floats(gain, &v->amp, late.alpha, frames);
    for (uint32_t i = 0; i < frames; i++)
        out[i] = (left[i] + right[i]) * 0.5f * gain[i];
    if (!v->trembles)
        return;
    ps_tremolo(loud, &v->tremolo, &v->depth, &late, true, first, frames);
    for (uint32_t i = 0; i < frames; i++)
        out[i] *= loud[i];
}

/* What the parameters can lead to at most. */
static double loudest(const sam_monaural *v)
{
    return ps_monaural_bound(&v->beat, v->beat_moves ? &v->ramp : NULL) *
           ps_magnitude(v->amp.start, v->amp.end);
}

/* The peak of the whole voice. */
static double measure(const sam_monaural *v)
{
    const uint64_t frames = v->base.setup->frames;
    sam_monaural copy = *v;
    ps_floats run;
    float peak = 0.0f;

    for (uint64_t first = 0; first < frames; first += PS_VOICE_FRAMES) {
        const uint64_t left = frames - first;
        const uint32_t count = left < PS_VOICE_FRAMES ? (uint32_t)left : PS_VOICE_FRAMES;

        fill(&copy, run, first, count);
        for (uint32_t i = 0; i < count; i++) {
            const float magnitude = run[i] < 0.0f ? -run[i] : run[i];

            peak = magnitude > peak ? magnitude : peak;
        }
    }
    return (double)peak;
}

/* A static voice takes the second tremolo under the names of the first voice too. */
static const ps_setting *either(const ps_setting *settings, uint32_t row, uint32_t other)
{
    return settings[row].given ? &settings[row] : &settings[other];
}

static void start_tremolo(sam_monaural *v)
{
    const ps_voice_setup *setup = v->base.setup;
    const ps_setting *s = setup->settings, none = {0};
    const ps_setting *depth = setup->transition ? &s[DEPTH] : either(s, DEPTH, OTHER_DEPTH);
    const ps_setting *speed = setup->transition ? &s[SPEED] : either(s, SPEED, OTHER_SPEED);
    const ps_setting *offset = setup->transition ? &s[OFFSET] : either(s, OFFSET, OTHER_OFFSET);
    const ps_setting hz = ps_frequency(speed, &none, 0.0), rad = ps_amount(offset);

    v->depth = ps_amount(depth);
    ps_wobble_init(&v->tremolo, &hz, &rad, 1.0 / setup->rate_hz);
    v->trembles = (hz.start > 0.0 || hz.end > 0.0) && (v->depth.start > 0.0 || v->depth.end > 0.0);
    v->moves = ps_moves(&hz) || ps_moves(&rad) || ps_moves(&v->depth) || ps_moves(&v->amp);
}

static ps_status start(ps_voice *voice, ps_error *err)
{
    sam_monaural *v = (sam_monaural *)voice;
    const ps_voice_setup *setup = voice->setup;

    (void)err;
    ps_monaural_init(&v->beat, setup->settings, setup->frame_sec);
    ps_ramp_init(&v->ramp, &straight, 0.0, false, 0.0, setup->duration_sec, setup->frame_sec);
    v->beat_moves = setup->transition && ps_any_moves(setup->settings, PS_MONAURAL_ROWS);
    v->amp = ps_amount(&setup->settings[AMP]);
    v->last_frame = (double)(setup->frames - 1);
    start_tremolo(v);
    v->normal = 1.0f;
    const double most = loudest(v);
    if (most > 1.0) {
        /* The reference looks at the whole clip; a voice that has to begin at once at its bound. */
        const double peak = setup->reference ? measure(v) : most;

        v->normal = peak > 1.0 ? (float)(NORMAL_PEAK / peak) : 1.0f;
    }
    return PS_OK;
}

static void render(ps_voice *voice, float *left, float *right, uint32_t frames)
{
    sam_monaural *v = (sam_monaural *)voice;
    const float normal = v->normal;

    fill(v, left, voice->frame, frames);
    for (uint32_t i = 0; i < frames; i++) {
        left[i] *= normal;
        right[i] = left[i];
    }
}

static void skip(ps_voice *voice, uint64_t frame)
{
    sam_monaural *v = (sam_monaural *)voice;

    ps_monaural_skip(&v->beat, &v->ramp, voice->frame, frame);
}

static double bound(const ps_voice *voice)
{
    const sam_monaural *v = (const sam_monaural *)voice;

    return loudest(v) * (double)v->normal * PS_ROUNDED_UP;
}

const ps_voice_kind PS_ROW(ps_voice_spatial_angle_modulation_monaural_beat) = {
    .info = {"spatial_angle_modulation_monaural_beat",
             "a monaural beat in the middle, with two tremolos", true, rows, ROWS},
    .voice_bytes = sizeof(sam_monaural),
    .start = start,
    .render = render,
    .skip = skip,
    .bound = bound,
};
