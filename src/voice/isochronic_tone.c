/*
 * A tone that pulses: a carrier gated by a trapezoid.
 *
 * The two forms differ in small ways, as the reference's do: the static tone has taken its first
 * step in its first frame, the moving one has not; the static one pans a mono mix, the moving one
 * turns its channels up and down.
 */
#include <string.h>

#include "voice/carrier.h"
#include "voice/pulse.h"
#include "voice/suppression.h"
#include "voice/tones.h"

#define LOWEST_RATE_HZ 1e-9 /* of pulses: below there is silence */
#define LEAST_RAMP     1e-3 /* cycles: steeper pulses that move tell rounding errors apart */

enum { MONO = PS_CARRIER_ROWS, RAMP, GAP, SUPPRESSION, PAN, START_PAN, END_PAN, ROWS };

/* clang-format off */
static const ps_parameter table[ROWS] = {
    PS_CARRIER_TABLE(PS_GLIDE_CHAIN, "the tone; a transition does not look at the static name", "pulses per second; a transition does not look at the static name"),
    [MONO] = {"forceMono", PS_PARAMETER_FLAG, PS_GLIDE_CHAIN, "", 0.0, 0.0, 1.0, NULL, "no vibrato; a number in a transition, on above 0.5", NULL, NULL, 0.0, 0.0},
    [RAMP] = {"rampPercent", PS_PARAMETER_NUMBER, PS_GLIDE_CHAIN, "", 0.2, 0.0, 0.5, NULL, PS_PULSE_RAMP_TEXT, NULL, NULL, 0.0, 0.0},
    [GAP] = {"gapPercent", PS_PARAMETER_NUMBER, PS_GLIDE_CHAIN, "", 0.15, 0.0, 1.0, NULL, PS_PULSE_GAP_TEXT, NULL, NULL, 0.0, 0.0},
    [SUPPRESSION] = {"harmonicSuppression", PS_PARAMETER_SWITCH, PS_GLIDE_CHAIN, "", 0.0, 0.0, 1.0, NULL, "filters out what lies above 1.5 times the tone", NULL, NULL, 0.0, 0.0},
    [PAN] = {"pan", PS_PARAMETER_NUMBER, PS_GLIDE_NONE, "", 0.0, -1.0, 1.0, NULL, "equal-power position, -1 left to 1 right", NULL, NULL, 0.0, 0.0},
    /* The old editor writes these, and the old engine does not look at them, whatever they are. */
    [START_PAN] = {"startPan", PS_PARAMETER_VALUE, PS_GLIDE_ONLY, "", 0.0, 0.0, 0.0, NULL, "no effect: pan is constant", NULL, NULL, 0.0, 0.0},
    [END_PAN] = {"endPan", PS_PARAMETER_VALUE, PS_GLIDE_ONLY, "", 0.0, 0.0, 0.0, NULL, "no effect: pan is constant", NULL, NULL, 0.0, 0.0},
};
/* clang-format on */

enum { PULSE_HZ, PULSE_RAMP, PULSE_GAP, PULSE_LINES };

typedef struct isochronic {
    ps_voice voice;
    ps_carrier carrier;
    ps_line pulse[PULSE_LINES];
    uint64_t pulse_sum;
    uint64_t frame;                      /* of the next run before the filter, which looks ahead */
    float left_gain, right_gain, across; /* of the pan: own channel, and of the other one */
    ps_suppression suppression;
} isochronic;

/* ---- Start ----------------------------------------------------------------------------------- */

/* A transition's tone and pulse rate do not fall back on the static names. */
static void forget_static_name(ps_setting *setting, double preset)
{
    if (!setting->start_given) {
        setting->start = preset;
        if (!setting->end_given)
            setting->end = preset;
    }
}

/* forceMono of a transition: a number that goes from startForceMono to endForceMono. */
static ps_status read_mono(ps_setting *mono, const ps_voice_setup *setup, ps_error *err)
{
    static const char *const names[] = {"startForceMono", "forceMono", "endForceMono"};
    const ps_value *value[3];
    double number[3] = {0.0, 0.0, 0.0};

    for (uint32_t i = 0; i < 3; i++) {
        value[i] = ps_value_member(setup->params, names[i]);
        if (i == 1 && !ps_value_is_null(value[0]))
            continue;
        if (ps_value_is_null(value[i]) || ps_value_number(value[i], &number[i]))
            continue;
        if (setup->about)
            *setup->about = names[i];
        return ps_fail(err, PS_BAD_DATA, "%s is not a number", names[i]);
    }
    mono->start = ps_value_is_null(value[0]) ? number[1] : number[0];
    mono->end = ps_value_is_null(value[2]) ? mono->start : number[2];
    return PS_OK;
}

/* Takes the vibrato out where forceMono is on all the time; else gives the carrier its line. */
static void set_mono(isochronic *v, ps_setting *settings)
{
    const ps_line mono = ps_line_of(&settings[MONO], 1.0);
    double low, high;

    ps_alpha_range(v->voice.setup, &low, &high);
    const double a = ps_line_at(mono, low), b = ps_line_at(mono, high);
    if (a > 0.5 && b > 0.5)
        for (uint32_t ear = 0; ear < 2; ear++) {
            v->carrier.lines[ear * PS_CARRIER_EAR_LINES + PS_CARRIER_HALF_RANGE_HZ] =
                (ps_line){0.0, 0.0};
        }
    else if (a > 0.5 || b > 0.5)
        v->carrier.lines[PS_CARRIER_MONO] = mono;
}

static void set_pan(isochronic *v, double pan, bool transition)
{
    const double cycles = (ps_limited(pan, 1.0) + 1.0) * 0.125;
    const double left = ps_cos_cycles(cycles), right = ps_sin_cycles(cycles);

    v->left_gain = v->right_gain = 1.0f;
    v->across = 0.0f;
    if (pan == 0.0)
        return;
    v->left_gain = (float)(transition ? left : 0.5 * left);
    v->right_gain = (float)(transition ? right : 0.5 * right);
    v->across = transition ? 0.0f : 1.0f;
}

static void render_tone(void *user, float *left, float *right, uint32_t frames);
static void skip_tone(void *user, uint64_t frame);

static ps_status start_filter(isochronic *v, const ps_setting *base, ps_error *err)
{
    const ps_voice_setup *setup = v->voice.setup;
    const double mean_hz = ps_line_mean_above(ps_line_of(base, 1.0), setup);

    if (!(ps_suppression_hz(mean_hz, setup) > 0.0))
        return ps_fail(err, PS_BAD_DATA, "harmonicSuppression needs a baseFreq above 0");
    return ps_suppression_start(&v->suppression, mean_hz, setup, err);
}

static ps_status start(ps_voice *voice, ps_error *err)
{
    isochronic *v = (isochronic *)voice;
    const ps_voice_setup *setup = voice->setup;
    const bool transition = setup->transition;
    const ps_carrier_style style = {
        .one_pitch = true,
        .before = transition,
        .phase_moves = transition,
        .base_floor = transition,
        .step_sec = transition && setup->frames > 1 ? 1.0 / setup->rate_hz : setup->frame_sec,
    };
    ps_setting settings[ROWS];

    memcpy(settings, setup->settings, sizeof settings);
    if (transition) {
        forget_static_name(&settings[PS_CARRIER_BASE], table[PS_CARRIER_BASE].preset);
        forget_static_name(&settings[PS_CARRIER_BEAT], table[PS_CARRIER_BEAT].preset);
        const ps_status status = read_mono(&settings[MONO], setup, err);
        if (status != PS_OK)
            return status;
    }
    v->suppression.input = (ps_zero_phase_input){render_tone, skip_tone, v};
    PS_ROW(ps_carrier_start)(&v->carrier, &style, setup, settings);
    set_mono(v, settings);
    set_pan(v, settings[PAN].start, transition);
    v->pulse[PULSE_HZ] = ps_line_of(&settings[PS_CARRIER_BEAT], 1.0);
    v->pulse[PULSE_RAMP] = ps_line_of(&settings[RAMP], 1.0);
    v->pulse[PULSE_GAP] = ps_line_of(&settings[GAP], 1.0);
    if (settings[SUPPRESSION].start == 0.0 && settings[SUPPRESSION].end == 0.0)
        return PS_OK;
    return start_filter(v, &settings[PS_CARRIER_BASE], err);
}

static void finish(ps_voice *voice)
{
    ps_suppression_finish(&((isochronic *)voice)->suppression);
}

/* ---- The pulse ------------------------------------------------------------------------------- */

static uint64_t steady_step(const isochronic *v, double hz)
{
    return ps_phase64((hz > 0.0 ? hz : 0.0) * v->carrier.style.step_sec);
}

/* Where alpha stands still. */
static void steady_gate(float *restrict gate, isochronic *v, const ps_line *line, uint32_t count)
{
    const bool transition = v->voice.setup->transition;
    const double hz = line[PULSE_HZ].from, gap = line[PULSE_GAP].from, ramp = line[PULSE_RAMP].from;
    const uint64_t step = steady_step(v, hz);
    const ps_pulse pulse = transition ? ps_pulse_shape(ps_pulse_share(gap), ps_pulse_share(ramp))
                                      : ps_pulse_shape(gap, ramp);
    uint32_t phase[PS_VOICE_FRAMES];

    ps_steady(phase, v->pulse_sum + step, step, count);
    v->pulse_sum += count * step;
    for (uint32_t i = 0; i < count; i++)
        gate[i] = hz > LOWEST_RATE_HZ ? ps_pulse_at(pulse, phase[i]) : 0.0f;
}

/* The steps of the pulse's phase. */
static void pulse_steps(double *restrict step, const isochronic *v, const double *alpha,
                        uint32_t count)
{
    const double step_sec = v->carrier.style.step_sec;

    ps_line_fill(step, v->pulse[PULSE_HZ], alpha, count);
    for (uint32_t i = 0; i < count; i++)
        step[i] = (step[i] > 0.0 ? step[i] : 0.0) * step_sec;
}

/* gate = pulses that change their shape. */
static void bend_pulses(float *restrict gate, const uint32_t *restrict phase,
                        const double *restrict alpha, ps_line gap, ps_line ramp, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        const double g = PS_MADD_DOUBLE(gap.by, alpha[i], gap.from);
        const double r = PS_MADD_DOUBLE(ramp.by, alpha[i], ramp.from);

        gate[i] = ps_pulse_at(ps_pulse_shape(ps_pulse_share(g), r > 0.0 ? r : 0.0), phase[i]);
    }
}

/* On the way. */
static void moving_gate(float *restrict gate, isochronic *v, const double *restrict alpha,
                        uint32_t count)
{
    const ps_line gap = v->pulse[PULSE_GAP], ramp = v->pulse[PULSE_RAMP];
    const double lowest = LOWEST_RATE_HZ * v->carrier.style.step_sec;
    const ps_pulse pulse = ps_pulse_shape(ps_pulse_share(gap.from), ps_pulse_share(ramp.from));
    double step[PS_VOICE_FRAMES];
    uint32_t phase[PS_VOICE_FRAMES];

    pulse_steps(step, v, alpha, count);
    ps_integrate(phase, &v->pulse_sum, step, count, true);
    if (gap.by != 0.0 || ramp.by != 0.0)
        bend_pulses(gate, phase, alpha, gap, ramp, count);
    else
        for (uint32_t i = 0; i < count; i++)
            gate[i] = ps_pulse_at(pulse, phase[i]);
    for (uint32_t i = 0; i < count; i++)
        gate[i] = step[i] > lowest ? gate[i] : 0.0f;
}

/* ---- Rendering ------------------------------------------------------------------------------- */

static void apply(float *restrict left, float *restrict right, const float *restrict gate,
                  const isochronic *v, uint32_t count)
{
    const float left_gain = v->left_gain, right_gain = v->right_gain, across = v->across;

    for (uint32_t i = 0; i < count; i++) {
        const float l = left[i], r = right[i];

        left[i] = (l + across * r) * (gate[i] * left_gain);
        right[i] = (r + across * l) * (gate[i] * right_gain);
    }
}

static void render_tone(void *user, float *left, float *right, uint32_t frames)
{
    isochronic *v = user;
    double alpha[PS_VOICE_FRAMES], at;
    float gate[PS_VOICE_FRAMES];
    ps_line held[PULSE_LINES];
    const double *moving = ps_alpha_of(v->voice.setup, alpha, v->frame, frames, &at);

    PS_ROW(ps_carrier_render)(&v->carrier, left, right, v->frame, moving, at, frames);
    if (moving)
        moving_gate(gate, v, moving, frames);
    else {
        ps_lines_hold(held, v->pulse, PULSE_LINES, at);
        steady_gate(gate, v, held, frames);
    }
    apply(left, right, gate, v, frames);
    v->frame += frames;
}

/* A ps_skip_run. */
static void skip_part(void *user, const double *alpha, double at, uint64_t frames)
{
    isochronic *v = user;

    PS_ROW(ps_carrier_skip)(&v->carrier, alpha, at, frames);
    if (alpha) {
        double step[PS_VOICE_FRAMES];

        pulse_steps(step, v, alpha, PS_VOICE_FRAMES);
        ps_integrate_only(&v->pulse_sum, step, PS_VOICE_FRAMES);
    } else
        v->pulse_sum += frames * steady_step(v, ps_line_at(v->pulse[PULSE_HZ], at));
}

static void skip_tone(void *user, uint64_t frame)
{
    isochronic *v = user;

    ps_skip_runs(v->voice.setup, v->frame, frame, skip_part, v);
    v->frame = frame;
}

static void render(ps_voice *voice, float *left, float *right, uint32_t frames)
{
    ps_suppression_render(&((isochronic *)voice)->suppression, left, right, frames);
}

static void skip(ps_voice *voice, uint64_t frame)
{
    ps_suppression_skip(&((isochronic *)voice)->suppression, frame);
}

static double bound(const ps_voice *voice)
{
    const isochronic *v = (const isochronic *)voice;
    double low, high;

    ps_alpha_range(voice->setup, &low, &high);
    const double l = PS_ROW(ps_carrier_bound)(&v->carrier, 0, low, high);
    const double r = PS_ROW(ps_carrier_bound)(&v->carrier, 1, low, high);
    const double left = (l + (double)v->across * r) * (double)v->left_gain;
    const double right = (r + (double)v->across * l) * (double)v->right_gain;
    return (left > right ? left : right) * ps_suppression_gain(&v->suppression);
}

/* ---- As tones -------------------------------------------------------------------------------- */

static bool pulse_is_told(const isochronic *v)
{
    const ps_line hz = v->pulse[PULSE_HZ], gap = v->pulse[PULSE_GAP], ramp = v->pulse[PULSE_RAMP];
    const bool moves = hz.by != 0.0 || gap.by != 0.0 || ramp.by != 0.0;
    const double gap_end = gap.from + gap.by, ramp_end = ramp.from + ramp.by;
    const double audible = 1.0 - (gap.from > gap_end ? gap.from : gap_end);
    const double steepest = audible * (ramp.from < ramp_end ? ramp.from : ramp_end);

    /* A ramp of more than a half is one of a half, which no line does that goes across it. */
    return ps_stays_within(hz.from, hz.by, 1e-6, PS_SLOW_HZ_MOST) &&
           ps_stays_within(gap.from, gap.by, 0.0, 1.0) &&
           ps_stays_within(ramp.from, ramp.by, 0.0, 0.5) && (!moves || steepest >= LEAST_RAMP);
}

static void gate_tone(ps_tone *tone, const isochronic *v, const ps_tone_stretch *stretch)
{
    const ps_line hz = v->pulse[PULSE_HZ], gap = v->pulse[PULSE_GAP], ramp = v->pulse[PULSE_RAMP];
    const float left = tone->left, right = tone->right;

    tone->left = (left + v->across * right) * v->left_gain;
    tone->right = (right + v->across * left) * v->right_gain;
    tone->pulsed = true;
    tone->pulse = ps_tone_summed(stretch, hz.from, hz.by, v->carrier.style.step_sec, true);
    tone->audible = ps_tone_line_of(stretch, 1.0 - gap.from, -gap.by);
    tone->ramp = ps_tone_line_of(stretch, ramp.from, ramp.by);
}

static uint32_t tones(const ps_voice *voice, const ps_tone_stretch *stretch,
                      ps_tone tone[PS_VOICE_TONES])
{
    const isochronic *v = (const isochronic *)voice;
    const uint32_t count = v->suppression.filter || !pulse_is_told(v)
                               ? 0
                               : ps_carrier_tones(&v->carrier, voice->setup, stretch, tone);

    for (uint32_t i = 0; i < count; i++)
        gate_tone(&tone[i], v, stretch);
    return count;
}

const ps_voice_kind PS_ROW(ps_voice_isochronic_tone) = {
    .info = {"isochronic_tone", "a tone that pulses", true, table, ROWS},
    .spatial = true,
    .voice_bytes = sizeof(isochronic),
    .start = start,
    .render = render,
    .skip = skip,
    .bound = bound,
    .finish = finish,
    .tones = tones,
};
