/* Two tones, one for each ear, whose difference is heard as a beat. */
#include "voice/carrier.h"

enum { LEFT_HIGH = PS_CARRIER_ROWS, VIBRATO_SHAPE, ROWS };

/* clang-format off */
static const ps_parameter table[ROWS] = {
    PS_CARRIER_TABLE(PS_GLIDE_START, "middle between the two tones", "right tone minus left tone"),
    [LEFT_HIGH] = {"leftHigh", PS_PARAMETER_FLAG, PS_GLIDE_NONE, "", 0.0, 0.0, 1.0, NULL, "the left ear has the higher tone", NULL, NULL, 0.0, 0.0},
    [VIBRATO_SHAPE] = {"freqOscShape", PS_PARAMETER_TEXT, PS_GLIDE_NONE, "", 0.0, 0.0, 0.0, "sine triangle", "wave of the vibrato", NULL, NULL, 0.0, 0.0},
};
/* clang-format on */

typedef struct binaural {
    ps_voice voice;
    ps_carrier carrier;
} binaural;

static ps_status start(ps_voice *voice, ps_error *err)
{
    const ps_voice_setup *setup = voice->setup;
    const ps_carrier_style style = {
        .left_high = setup->settings[LEFT_HIGH].start != 0.0,
        .triangle = ps_setting_is(&setup->settings[VIBRATO_SHAPE], "triangle"),
        .step_sec = setup->frame_sec,
    };

    (void)err;
    PS_ROW(ps_carrier_start)(&((binaural *)voice)->carrier, &style, setup, setup->settings);
    return PS_OK;
}

static void render(ps_voice *voice, float *left, float *right, uint32_t frames)
{
    binaural *v = (binaural *)voice;
    double alpha[PS_VOICE_FRAMES], at;
    const double *moving = ps_alpha_of(voice->setup, alpha, voice->frame, frames, &at);

    PS_ROW(ps_carrier_render)(&v->carrier, left, right, voice->frame, moving, at, frames);
}

static void skip(ps_voice *voice, uint64_t frame)
{
    ps_skip_runs(voice->setup, voice->frame, frame, PS_ROW(ps_carrier_skip),
                 &((binaural *)voice)->carrier);
}

static double bound(const ps_voice *voice)
{
    const ps_carrier *carrier = &((const binaural *)voice)->carrier;
    double low, high;

    ps_alpha_range(voice->setup, &low, &high);
    const double left = PS_ROW(ps_carrier_bound)(carrier, 0, low, high);
    const double right = PS_ROW(ps_carrier_bound)(carrier, 1, low, high);
    return left > right ? left : right;
}

const ps_voice_kind PS_ROW(ps_voice_binaural_beat) = {
    .info = {"binaural_beat", "one tone per ear; their difference beats", true, table, ROWS},
    .spatial = true,
    .voice_bytes = sizeof(binaural),
    .start = start,
    .render = render,
    .skip = skip,
    .bound = bound,
};
