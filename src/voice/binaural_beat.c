/* Two tones, one for each ear, whose difference is heard as a beat. */
#include "voice/carrier.h"
#include "voice/glitch.h"

enum {
    LEFT_HIGH = PS_CARRIER_ROWS,
    VIBRATO_SHAPE,
    GLITCH_INTERVAL,
    GLITCH_LENGTH,
    GLITCH_LEVEL,
    GLITCH_WIDTH,
    GLITCH_EXPONENT,
    ROWS
};

/* clang-format off */
static const ps_parameter table[ROWS] = {
    PS_CARRIER_TABLE(PS_GLIDE_START, "middle between the two tones", "right tone minus left tone"),
    [LEFT_HIGH] = {"leftHigh", PS_PARAMETER_FLAG, PS_GLIDE_NONE, "", 0.0, 0.0, 1.0, NULL, "the left ear has the higher tone", NULL, NULL, 0.0, 0.0},
    [VIBRATO_SHAPE] = {"freqOscShape", PS_PARAMETER_TEXT, PS_GLIDE_NONE, "", 0.0, 0.0, 0.0, "sine triangle", "wave of the vibrato", NULL, NULL, 0.0, 0.0},
    [GLITCH_INTERVAL] = {"glitchInterval", PS_PARAMETER_NUMBER, PS_GLIDE_CHAIN, "s", 0.0, 0.0, 60.0, NULL, "from one glitch to the next, 0 for none; glitches are a transition's, halfway between start and end", NULL, NULL, 0.0, 0.0},
    [GLITCH_LENGTH] = {"glitchDur", PS_PARAMETER_NUMBER, PS_GLIDE_CHAIN, "s", 0.0, 0.0, 1.0, NULL, "length of a glitch", NULL, NULL, 0.0, 0.0},
    [GLITCH_LEVEL] = {"glitchNoiseLevel", PS_PARAMETER_NUMBER, PS_GLIDE_CHAIN, "", 0.0, 0.0, 1.0, NULL, "largest sample of a glitch", NULL, NULL, 0.0, 0.0},
    [GLITCH_WIDTH] = {"glitchFocusWidth", PS_PARAMETER_NUMBER, PS_GLIDE_CHAIN, "Hz", 0.0, 0.0, 1000.0, NULL, "width of a glitch's noise around baseFreq; 0: white", NULL, NULL, 0.0, 0.0},
    [GLITCH_EXPONENT] = {"glitchFocusExp", PS_PARAMETER_NUMBER, PS_GLIDE_CHAIN, "", 0.0, 0.0, 8.0, NULL, "steepness of that width; 2 is a bell", NULL, NULL, 0.0, 0.0},
};
/* clang-format on */

typedef struct binaural {
    ps_voice voice;
    ps_carrier carrier;
    ps_glitch *glitch; /* or NULL */
} binaural;

static double middle(const ps_setting *setting)
{
    return 0.5 * (ps_limited(setting->start, PS_SETTING_LIMIT) +
                  ps_limited(setting->end, PS_SETTING_LIMIT));
}

static ps_status start(ps_voice *voice, ps_error *err)
{
    binaural *v = (binaural *)voice;
    const ps_voice_setup *setup = voice->setup;
    const ps_carrier_style style = {
        .left_high = setup->settings[LEFT_HIGH].start != 0.0,
        .triangle = ps_setting_is(&setup->settings[VIBRATO_SHAPE], "triangle"),
        .step_sec = setup->frame_sec,
    };

    const ps_setting *settings = setup->settings;
    const ps_glitch_settings glitch = {
        .interval_sec = middle(&settings[GLITCH_INTERVAL]),
        .burst_sec = middle(&settings[GLITCH_LENGTH]),
        .level = ps_limited(middle(&settings[GLITCH_LEVEL]), PS_GAIN_LIMIT),
        .center_hz = middle(&settings[PS_CARRIER_BASE]),
        .width_hz = middle(&settings[GLITCH_WIDTH]),
        .exponent = middle(&settings[GLITCH_EXPONENT]),
    };

    PS_ROW(ps_carrier_start)(&v->carrier, &style, setup, settings);
    if (!setup->transition)
        return PS_OK;
    return PS_ROW(ps_glitch_create)(&v->glitch, &glitch, setup, err);
}

static void finish(ps_voice *voice)
{
    PS_ROW(ps_glitch_destroy)(((binaural *)voice)->glitch);
}

static void render(ps_voice *voice, float *left, float *right, uint32_t frames)
{
    binaural *v = (binaural *)voice;
    double alpha[PS_VOICE_FRAMES], at;
    const double *moving = ps_alpha_of(voice->setup, alpha, voice->frame, frames, &at);

    PS_ROW(ps_carrier_render)(&v->carrier, left, right, voice->frame, moving, at, frames);
    if (v->glitch)
        PS_ROW(ps_glitch_add)(v->glitch, left, right, voice->frame, frames);
}

static void skip(ps_voice *voice, uint64_t frame)
{
    ps_skip_runs(voice->setup, voice->frame, frame, PS_ROW(ps_carrier_skip),
                 &((binaural *)voice)->carrier);
}

static double bound(const ps_voice *voice)
{
    const binaural *v = (const binaural *)voice;
    double low, high;

    ps_alpha_range(voice->setup, &low, &high);
    const double left = PS_ROW(ps_carrier_bound)(&v->carrier, 0, low, high);
    const double right = PS_ROW(ps_carrier_bound)(&v->carrier, 1, low, high);
    const double glitches = v->glitch ? PS_ROW(ps_glitch_bound)(v->glitch) : 0.0;
    return (left > right ? left : right) + glitches;
}

static uint32_t tones(const ps_voice *voice, const ps_tone_stretch *stretch,
                      ps_tone tone[PS_VOICE_TONES])
{
    const binaural *v = (const binaural *)voice;

    return v->glitch ? 0 : ps_carrier_tones(&v->carrier, voice->setup, stretch, tone);
}

const ps_voice_kind PS_ROW(ps_voice_binaural_beat) = {
    .info = {"binaural_beat", "one tone per ear; their difference beats", true, table, ROWS},
    .spatial = true,
    .voice_bytes = sizeof(binaural),
    .start = start,
    .render = render,
    .skip = skip,
    .bound = bound,
    .finish = finish,
    .tones = tones,
};
