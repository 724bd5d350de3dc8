/*
 * binaural_beat with a pulse of its own for each ear, and a pan that may move.
 *
 * In a transition the pulses do not glide: the train of the start and that of the end both run over
 * the whole step and are crossfaded.
 */
#include <string.h>

#include "base/ascii.h"
#include "voice/carrier.h"
#include "voice/pan.h"
#include "voice/pulse.h"
#include "voice/suppression.h"

enum {
    LEFT_HIGH = PS_CARRIER_ROWS,
    VIBRATO_SHAPE,
    MONO,
    PAN,
    PAN_LOW,
    PAN_HIGH,
    PAN_TYPE,
    PAN_FREQ,
    PAN_PHASE,
    /* Pulses: of both ears, left, right. */
    RATE,
    RAMP = RATE + 3,
    GAP = RAMP + 3,
    OFFSET = GAP + 3,
    SHAPE = OFFSET + 3,
    DEPTH = SHAPE + 3,
    SUPPRESSION = DEPTH + 3,
    ROWS
};

/* clang-format off */
#define THREE(index, name, unit, preset, low, high, meaning)                                                    \
    [index] = PS_CARRIER_NUMBER(name, PS_GLIDE_CHAIN, unit, preset, low, high, meaning),                        \
    [(index) + 1] = PS_CARRIER_NUMBER(name "L", PS_GLIDE_CHAIN, unit, preset, low, high, meaning ", left ear; as both when absent"), \
    [(index) + 2] = PS_CARRIER_NUMBER(name "R", PS_GLIDE_CHAIN, unit, preset, low, high, meaning ", right ear; as both when absent")
#define SHAPES "trapezoid square pulse raised_cosine raised-cosine cosine hann"
#define SHAPE_ROW(name, meaning) {name, PS_PARAMETER_TEXT, PS_GLIDE_CHAIN, "", 0.0, 0.0, 0.0, SHAPES, meaning, NULL, NULL, 0.0, 0.0}

static const ps_parameter table[ROWS] = {
    PS_CARRIER_TABLE(PS_GLIDE_START, "middle between the two tones", "right tone minus left tone; pulses per second unless pulseRate is given"),
    [LEFT_HIGH] = {"leftHigh", PS_PARAMETER_FLAG, PS_GLIDE_NONE, "", 0.0, 0.0, 1.0, NULL, "the left ear has the higher tone", NULL, NULL, 0.0, 0.0},
    [VIBRATO_SHAPE] = {"freqOscShape", PS_PARAMETER_TEXT, PS_GLIDE_NONE, "", 0.0, 0.0, 0.0, "sine triangle", "wave of the vibrato", NULL, NULL, 0.0, 0.0},
    [MONO] = {"forceMono", PS_PARAMETER_FLAG, PS_GLIDE_APART, "", 0.0, 0.0, 1.0, NULL, "both tones at baseFreq", NULL, NULL, 0.0, 0.0},
    [PAN] = PS_CARRIER_NUMBER("pan", PS_GLIDE_CHAIN, "", 0.0, -1.0, 1.0, "equal-power position, -1 left to 1 right; 0 does nothing"),
    [PAN_LOW] = PS_CARRIER_NUMBER("panRangeMin", PS_GLIDE_CHAIN, "", 0.0, -1.0, 1.0, "where a moving pan goes to; pan when absent"),
    [PAN_HIGH] = PS_CARRIER_NUMBER("panRangeMax", PS_GLIDE_CHAIN, "", 0.0, -1.0, 1.0, "where a moving pan goes to; pan when absent"),
    [PAN_TYPE] = {"panType", PS_PARAMETER_TEXT, PS_GLIDE_CHAIN, "", 0.0, 0.0, 0.0, "linear inward outward", "there and back, or from or to the middle; the same at start and end", NULL, NULL, 0.0, 0.0},
    [PAN_FREQ] = PS_CARRIER_NUMBER("panFreq", PS_GLIDE_CHAIN, "Hz", 0.0, 0.0, 5.0, "rate of a moving pan"),
    [PAN_PHASE] = PS_CARRIER_NUMBER("panPhase", PS_GLIDE_CHAIN, "rad", 0.0, -3.2, 3.2, "phase of a moving pan"),
    THREE(RATE, "pulseRate", "Hz", 0.0, 0.0, 40.0, "pulses per second, 0: beatFreq"),
    THREE(RAMP, "rampPercent", "", 0.2, 0.0, 0.5, PS_PULSE_RAMP_TEXT),
    THREE(GAP, "gapPercent", "", 0.15, 0.0, 1.0, PS_PULSE_GAP_TEXT),
    THREE(OFFSET, "pulsePhaseOffset", "cycles", 0.0, -1.0, 1.0, "where in its cycle the pulse begins"),
    [SHAPE] = SHAPE_ROW("pulseShape", "form of the ramps"),
    [SHAPE + 1] = SHAPE_ROW("pulseShapeL", "form of the ramps, left ear"),
    [SHAPE + 2] = SHAPE_ROW("pulseShapeR", "form of the ramps, right ear"),
    THREE(DEPTH, "pulseDepth", "", 1.0, 0.0, 1.0, "how far a pulse goes down, 1: to silence"),
    [SUPPRESSION] = {"harmonicSuppression", PS_PARAMETER_FLAG, PS_GLIDE_CHAIN, "", 0.0, 0.0, 1.0, NULL, "filters out what lies above 1.5 times the tone", NULL, NULL, 0.0, 0.0},
};
/* clang-format on */

typedef enum pulse_form {
    TRAPEZOID,
    SQUARE,
    COSINE,
} pulse_form;

/* A train of pulses; the phase of frame i is first + i * step. */
typedef struct train {
    uint64_t first, step;
    ps_pulse pulse;
    float depth; /* 0: no pulses */
    pulse_form form;
} train;

typedef struct dual {
    ps_voice voice;
    ps_carrier carrier;
    ps_pan pan;
    train trains[2][2]; /* ear, start and end */
    bool crossfades[2]; /* else the end's train is the start's */
    uint64_t frame;     /* of the next run before the filter, which looks ahead */
    ps_suppression suppression;
} dual;

/* ---- Settings -------------------------------------------------------------------------------- */

/* Whether a text is a word (in lower case), but for blanks around it and capitals. */
static bool is_word(const char *text, const char *word)
{
    static const char blanks[] = " \t\r\n\f\v";

    text += strspn(text, blanks);
    while (*word && ps_ascii_lower(*text) == *word)
        text++, word++;
    return !*word && text[strspn(text, blanks)] == '\0';
}

/* Which of the words (ended by NULL) a value is; their count when it is none. */
static uint32_t find_word(const ps_value *value, const char *const *words)
{
    const char *text = value && value->kind == PS_VALUE_TEXT ? value->text : "";
    uint32_t i = 0;

    while (words[i] && !is_word(text, words[i]))
        i++;
    return i;
}

static pulse_form form_of(const ps_value *value)
{
    static const char *const words[] = {
        "square", "pulse", "raised_cosine", "raised-cosine", "cosine", "hann", NULL};
    static const pulse_form forms[] = {SQUARE, SQUARE, COSINE, COSINE, COSINE, COSINE, TRAPEZOID};

    return forms[find_word(value, words)];
}

static ps_pan_type pan_type_of(const ps_value *value)
{
    static const char *const words[] = {"inward", "outward", NULL};
    static const ps_pan_type types[] = {PS_PAN_INWARD, PS_PAN_OUTWARD, PS_PAN_LINEAR};

    return types[find_word(value, words)];
}

/* Start and end of a parameter that falls back on another one: at either end its own name counts,
   then its static name, then the other parameter's value at that end. */
static void read_ends(double ends[2], const ps_voice_setup *setup, uint32_t row,
                      const double other[2])
{
    const ps_setting *setting = &setup->settings[row];
    const ps_value *plain = ps_value_member(setup->params, table[row].name);
    double x = 0.0;
    const bool is_plain = ps_value_number(plain, &x);

    ends[0] = setting->start_given || is_plain ? setting->start : other[0];
    ends[1] = setting->end_given ? setting->end : is_plain ? x : other[1];
    for (uint32_t end = 0; end < 2; end++)
        ends[end] = ps_limited(ends[end], PS_SETTING_LIMIT);
}

/* The same for a text. */
static void read_texts(const ps_value *ends[2], const ps_voice_setup *setup, uint32_t row,
                       const ps_value *const other[2])
{
    const ps_setting *setting = &setup->settings[row];
    const ps_value *plain = ps_value_member(setup->params, table[row].name);
    const bool is_plain = !ps_value_is_null(plain);

    ends[0] = setting->start_given || is_plain ? setting->value : other[0];
    ends[1] = setting->end_given ? setting->end_value : is_plain ? plain : other[1];
}

/* The ends of what an ear has of its own, or both ears have. */
static void read_ear(double ends[2], const ps_voice_setup *setup, uint32_t row, uint32_t ear)
{
    const double both[2] = {setup->settings[row].start, setup->settings[row].end};

    read_ends(ends, setup, row + 1 + ear, both);
}

/* Pulses per second: what is not above 0 stands for the next wider parameter. */
static void read_rates(double ends[2], const ps_voice_setup *setup, uint32_t ear)
{
    static const double none[2] = {0.0, 0.0};
    const ps_setting *beat = &setup->settings[PS_CARRIER_BEAT];
    double both[2];

    read_ends(both, setup, RATE, none);
    both[0] = both[0] > 0.0 ? both[0] : beat->start;
    both[1] = both[1] > 0.0 ? both[1] : beat->end;
    read_ends(ends, setup, RATE + 1 + ear, both);
    for (uint32_t end = 0; end < 2; end++)
        ends[end] = ends[end] > 0.0 ? ends[end] : both[end];
}

static void set_trains(dual *v, uint32_t ear)
{
    const ps_voice_setup *setup = v->voice.setup;
    const ps_setting *both = &setup->settings[SHAPE];
    const ps_value *const both_forms[2] = {both->value, both->end_value};
    double rate[2], ramp[2], gap[2], offset[2], depth[2];
    const ps_value *form[2];

    read_rates(rate, setup, ear);
    read_ear(ramp, setup, RAMP, ear);
    read_ear(gap, setup, GAP, ear);
    read_ear(offset, setup, OFFSET, ear);
    read_ear(depth, setup, DEPTH, ear);
    read_texts(form, setup, SHAPE + 1 + ear, both_forms);
    for (uint32_t end = 0; end < 2; end++) {
        const double hz = ps_limited(rate[end], PS_SETTING_LIMIT);

        v->trains[ear][end] = (train){
            .first = ps_phase64(offset[end]),
            .step = ps_phase64(hz / setup->rate_hz),
            .pulse = ps_pulse_shape(ps_pulse_share(gap[end]), ps_pulse_share(ramp[end])),
            .depth = hz > 0.0 ? (float)ps_pulse_share(depth[end]) : 0.0f,
            .form = form_of(form[end]),
        };
    }
    const train *start = &v->trains[ear][0], *end = &v->trains[ear][1];
    v->crossfades[ear] =
        setup->transition &&
        !(start->first == end->first && start->step == end->step &&
          start->pulse.audible == end->pulse.audible && start->pulse.floor == end->pulse.floor &&
          start->pulse.slope == end->pulse.slope && start->depth == end->depth &&
          start->form == end->form);
}

static ps_status set_pan(dual *v, ps_error *err)
{
    const ps_voice_setup *setup = v->voice.setup;
    const ps_setting *settings = setup->settings;
    const double pan[2] = {settings[PAN].start, settings[PAN].end};
    ps_pan_settings s = {
        .type = pan_type_of(settings[PAN_TYPE].value),
        .freq_hz = &settings[PAN_FREQ],
        .phase_rad = &settings[PAN_PHASE],
    };

    if (setup->transition && pan_type_of(settings[PAN_TYPE].end_value) != s.type)
        return ps_fail(err, PS_BAD_DATA, "startPanType and endPanType differ");
    read_ends(s.low, setup, PAN_LOW, pan);
    read_ends(s.high, setup, PAN_HIGH, pan);
    for (uint32_t end = 0; end < 2; end++) {
        const double low = ps_limited(s.low[end], 1.0), high = ps_limited(s.high[end], 1.0);

        s.low[end] = low < high ? low : high;
        s.high[end] = low < high ? high : low;
    }
    PS_ROW(ps_pan_start)(&v->pan, &s, setup);
    return PS_OK;
}

/* forceMono at the start or at the end. */
static bool is_mono(const ps_voice_setup *setup)
{
    const ps_setting *mono = &setup->settings[MONO];

    return mono->start != 0.0 || mono->end != 0.0;
}

/* ---- Start ----------------------------------------------------------------------------------- */

static void render_pulses(void *user, float *left, float *right, uint32_t frames);
static void skip_pulses(void *user, uint64_t frame);

static ps_status start_filter(dual *v, ps_error *err)
{
    const ps_voice_setup *setup = v->voice.setup;
    const ps_setting *base = &setup->settings[PS_CARRIER_BASE], *on = &setup->settings[SUPPRESSION];
    const double tone_hz =
        0.5 * (ps_limited(base->start, PS_SETTING_LIMIT) + ps_limited(base->end, PS_SETTING_LIMIT));

    if (on->start == 0.0 && on->end == 0.0)
        return PS_OK;
    if (!(ps_suppression_hz(tone_hz, setup) > 0.0))
        return PS_OK;
    return ps_suppression_start(&v->suppression, tone_hz, setup, err);
}

static ps_status start(ps_voice *voice, ps_error *err)
{
    dual *v = (dual *)voice;
    const ps_voice_setup *setup = voice->setup;
    const ps_carrier_style style = {
        .left_high = setup->settings[LEFT_HIGH].start != 0.0,
        .triangle = ps_setting_is(&setup->settings[VIBRATO_SHAPE], "triangle"),
        .one_pitch = is_mono(setup),
        .step_sec = setup->frame_sec,
    };
    ps_status status;

    v->suppression.input = (ps_zero_phase_input){render_pulses, skip_pulses, v};
    PS_ROW(ps_carrier_start)(&v->carrier, &style, setup, setup->settings);
    for (uint32_t ear = 0; ear < 2; ear++)
        set_trains(v, ear);
    status = set_pan(v, err);
    return status == PS_OK ? start_filter(v, err) : status;
}

static void finish(ps_voice *voice)
{
    ps_suppression_finish(&((dual *)voice)->suppression);
}

/* ---- Pulses ---------------------------------------------------------------------------------- */

/* The train's gain of each frame. */
static void fill_train(float *restrict gain, const train *t, uint64_t frame, uint32_t count)
{
    const float depth = t->depth, rest = 1.0f - depth;
    const ps_pulse pulse = t->pulse;
    uint32_t phase[PS_VOICE_FRAMES];

    ps_steady(phase, t->first + frame * t->step, t->step, count);
    for (uint32_t i = 0; i < count; i++)
        gain[i] = ps_pulse_at(pulse, phase[i]);
    if (t->form == SQUARE)
        for (uint32_t i = 0; i < count; i++)
            gain[i] = gain[i] > 0.0f ? 1.0f : 0.0f;
    if (t->form == COSINE) /* (1 - cos(pi v)) / 2 = sin(pi v / 2)^2 */
        for (uint32_t i = 0; i < count; i++) {
            const float s = ps_quarter_sine(gain[i] * 0.25f);

            gain[i] = s * s;
        }
    if (depth < 1.0f)
        for (uint32_t i = 0; i < count; i++)
            gain[i] = rest + depth * gain[i];
}

static void scale(float *restrict out, const float *restrict gain, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        out[i] *= gain[i];
}

/* Turns an ear by its pulses. alpha and at as ps_alpha_of gives them. */
static void pulse_ear(float *restrict out, const dual *v, uint32_t ear, const double *alpha,
                      double at, uint32_t count)
{
    const train *first = &v->trains[ear][0], *last = &v->trains[ear][1];
    float gain[PS_VOICE_FRAMES], other[PS_VOICE_FRAMES];

    if (first->depth == 0.0f && (!v->crossfades[ear] || last->depth == 0.0f))
        return;
    if (!v->crossfades[ear] || (!alpha && at == 0.0)) {
        fill_train(gain, first, v->frame, count);
        scale(out, gain, count);
        return;
    }
    fill_train(other, last, v->frame, count);
    if (!alpha && at == 1.0) {
        scale(out, other, count);
        return;
    }
    fill_train(gain, first, v->frame, count);
    for (uint32_t i = 0; i < count; i++) {
        const float a = (float)(alpha ? alpha[i] : at);

        out[i] *= gain[i] * (1.0f - a) + other[i] * a;
    }
}

/* ---- Rendering ------------------------------------------------------------------------------- */

static void render_pulses(void *user, float *left, float *right, uint32_t frames)
{
    dual *v = user;
    double alpha[PS_VOICE_FRAMES], at;
    const double *moving = ps_alpha_of(v->voice.setup, alpha, v->frame, frames, &at);

    PS_ROW(ps_carrier_render)(&v->carrier, left, right, v->frame, moving, at, frames);
    PS_ROW(ps_pan_apply)(&v->pan, left, right, moving, at, frames);
    pulse_ear(left, v, 0, moving, at, frames);
    pulse_ear(right, v, 1, moving, at, frames);
    v->frame += frames;
}

/* A ps_skip_run. */
static void skip_part(void *user, const double *alpha, double at, uint64_t frames)
{
    dual *v = user;

    PS_ROW(ps_carrier_skip)(&v->carrier, alpha, at, frames);
    PS_ROW(ps_pan_skip)(&v->pan, alpha, at, frames);
}

static void skip_pulses(void *user, uint64_t frame)
{
    dual *v = user;

    ps_skip_runs(v->voice.setup, v->frame, frame, skip_part, v);
    v->frame = frame;
}

static void render(ps_voice *voice, float *left, float *right, uint32_t frames)
{
    ps_suppression_render(&((dual *)voice)->suppression, left, right, frames);
}

static void skip(ps_voice *voice, uint64_t frame)
{
    ps_suppression_skip(&((dual *)voice)->suppression, frame);
}

static double bound(const ps_voice *voice)
{
    const dual *v = (const dual *)voice;
    double low, high, largest = 0.0;

    ps_alpha_range(voice->setup, &low, &high);
    for (uint32_t ear = 0; ear < 2; ear++) {
        const ps_line start = {1.0, -1.0}, end = {0.0, 1.0}; /* shares of the trains */
        const double tone = PS_ROW(ps_carrier_bound)(&v->carrier, ear, low, high);
        /* Inside 0..1 the shares make one together, outside they are taken one by one. */
        const double trains =
            !v->crossfades[ear] || (low >= 0.0 && high <= 1.0)
                ? 1.0
                : ps_line_largest(start, low, high) + ps_line_largest(end, low, high);

        largest = tone * trains > largest ? tone * trains : largest;
    }
    return largest * ps_suppression_gain(&v->suppression);
}

const ps_voice_kind PS_ROW(ps_voice_dual_pulse_binaural) = {
    .info = {"dual_pulse_binaural", "binaural_beat with a pulse for each ear", true, table, ROWS},
    .spatial = true,
    .voice_bytes = sizeof(dual),
    .start = start,
    .render = render,
    .skip = skip,
    .bound = bound,
    .finish = finish,
};
