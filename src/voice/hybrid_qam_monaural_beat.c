/*
 * Left, a cosine whose amplitude is modulated; right, two sines a beat apart with common vibrato
 * and tremolo, whose phases swing in opposite directions. Both are filtered without phase.
 */
#include "voice/oscillator.h"
#include "voice/phase_filter.h"

#define RUN PS_VOICE_FRAMES

enum {
    AMP_L,
    AMP_R,
    CARRIER,
    AM_HZ,
    AM_DEPTH,
    AM_OFFSET,
    START_PHASE,
    CENTRE,
    BEAT,
    TREMOLO_DEPTH,
    TREMOLO_HZ,
    TREMOLO_OFFSET,
    VIBRATO_RANGE,
    VIBRATO_HZ,
    VIBRATO_OFFSET,
    START_LOWER,
    START_UPPER,
    SWING_HZ,
    SWING_RANGE,
    SWING_OFFSET,
    ROWS
};

/* clang-format off */
#define NUMBER(name, glide, unit, preset, low, high, meaning) \
    {name, PS_PARAMETER_NUMBER, glide, unit, preset, low, high, NULL, meaning, NULL, NULL, 0.0, 0.0}
#define CHAIN PS_GLIDE_CHAIN
#define START PS_GLIDE_START

static const ps_parameter table[ROWS] = {
    [AMP_L] = NUMBER("ampL", CHAIN, "", 0.5, 0.0, 1.0, "gain of the left ear"),
    [AMP_R] = NUMBER("ampR", CHAIN, "", 0.5, 0.0, 1.0, "gain of each tone of the right ear"),
    [CARRIER] = NUMBER("qamCarrierFreqL", CHAIN, "Hz", 100.0, 20.0, 2000.0, "left: the tone"),
    [AM_HZ] = NUMBER("qamAmFreqL", CHAIN, "Hz", 4.0, 0.0, 50.0, "left: speed of the modulator; 0: off"),
    [AM_DEPTH] = NUMBER("qamAmDepthL", CHAIN, "", 0.5, 0.0, 2.0, "left: depth of the modulator; 0: off"),
    [AM_OFFSET] = NUMBER("qamAmPhaseOffsetL", CHAIN, "rad", 0.0, -3.1416, 3.1416, "left: phase of the modulator"),
    [START_PHASE] = NUMBER("qamStartPhaseL", START, "rad", 0.0, -3.1416, 3.1416, "left: phase of the tone at the start"),
    [CENTRE] = NUMBER("monoCarrierFreqR", CHAIN, "Hz", 100.0, 20.0, 2000.0, "right: midway between the two tones"),
    [BEAT] = NUMBER("monoBeatFreqInChannelR", CHAIN, "Hz", 4.0, 0.0, 50.0, "right: upper tone minus lower tone"),
    [TREMOLO_DEPTH] = NUMBER("monoAmDepthR", CHAIN, "", 0.0, 0.0, 1.0, "right: depth of the tremolo, 1 down to silence; cut to 0..1"),
    [TREMOLO_HZ] = NUMBER("monoAmFreqR", CHAIN, "Hz", 0.0, 0.0, 50.0, "right: speed of the tremolo; 0: off"),
    [TREMOLO_OFFSET] = NUMBER("monoAmPhaseOffsetR", CHAIN, "rad", 0.0, -3.1416, 3.1416, "right: phase of the tremolo"),
    [VIBRATO_RANGE] = NUMBER("monoFmRangeR", CHAIN, "Hz", 0.0, 0.0, 100.0, "right: range of the vibrato, lowest to highest"),
    [VIBRATO_HZ] = NUMBER("monoFmFreqR", CHAIN, "Hz", 0.0, 0.0, 50.0, "right: speed of the vibrato; 0: off"),
    [VIBRATO_OFFSET] = NUMBER("monoFmPhaseOffsetR", CHAIN, "rad", 0.0, -3.1416, 3.1416, "right: phase of the vibrato"),
    [START_LOWER] = NUMBER("monoStartPhaseR_Tone1", START, "rad", 0.0, -3.1416, 3.1416, "right: phase of the lower tone at the start"),
    [START_UPPER] = NUMBER("monoStartPhaseR_Tone2", START, "rad", 0.0, -3.1416, 3.1416, "right: phase of the upper tone at the start"),
    [SWING_HZ] = NUMBER("monoPhaseOscFreqR", CHAIN, "Hz", 0.0, 0.0, 10.0, "right: speed of the phases' swing"),
    [SWING_RANGE] = NUMBER("monoPhaseOscRangeR", CHAIN, "rad", 0.0, 0.0, 6.2832, "right: range of the swing: upper tone one way, lower the other"),
    [SWING_OFFSET] = NUMBER("monoPhaseOscPhaseOffsetR", CHAIN, "rad", 0.0, -3.1416, 3.1416, "right: phase of the swing"),
};
/* clang-format on */

/* A phase that is summed up: a frame has what the frames before it added. */
typedef struct tone {
    uint64_t phase; /* of the next frame */
    uint64_t step;  /* of a steady one */
    bool steady;
} tone;

typedef struct hybrid {
    ps_voice base;
    ps_zero_phase *filter;
    const ps_voice_setup *setup;
    ps_setting set[ROWS]; /* within limits */
    uint64_t next;        /* frame of the next run of the signal before the filter */
    bool moves;
    bool modulated, trembles, vibrates, swings;
    ps_wobble modulator, tremolo, vibrato, swing;
    tone carrier, lower, upper;
} hybrid;

/* ---- Making one ---- */

static void start_wobble(ps_wobble *wobble, const hybrid *v, uint32_t hz, uint32_t offset,
                         double quarters)
{
    const double turn = quarters * 0.25 / PS_TURN;
    const ps_setting phase = {.start = v->set[offset].start + turn,
                              .end = v->set[offset].end + turn};

    ps_wobble_init(wobble, &v->set[hz], &phase, v->setup->frame_sec);
}

/* hz: of a steady tone. */
static void start_tone(tone *t, const hybrid *v, uint32_t phase, double hz, bool steady)
{
    t->phase = ps_phase64_radians(v->set[phase].start);
    t->step = ps_phase64((steady ? hz : 0.0) * v->setup->frame_sec);
    t->steady = steady;
}

static double above_zero(double hz)
{
    return hz > 0.0 ? hz : 0.0;
}

static void limit_settings(hybrid *v)
{
    const ps_setting *s = v->setup->settings, none = {0};

    for (uint32_t i = 0; i < ROWS; i++) {
        const bool frequency = table[i].unit[0] == 'H';

        v->set[i] = frequency ? ps_frequency(&s[i], &none, 0.0) : ps_amount(&s[i]);
    }
}

static bool both(const hybrid *v, uint32_t a, uint32_t b)
{
    return !ps_stays(&v->set[a], 0.0) && !ps_stays(&v->set[b], 0.0);
}

static void start_tones(hybrid *v)
{
    const double beat = 0.5 * v->set[BEAT].start, centre = above_zero(v->set[CENTRE].start);
    const bool steady = !v->vibrates && !ps_moves(&v->set[CENTRE]) && !ps_moves(&v->set[BEAT]);

    start_tone(&v->carrier, v, START_PHASE, v->set[CARRIER].start, !ps_moves(&v->set[CARRIER]));
    start_tone(&v->lower, v, START_LOWER, above_zero(centre - beat), steady);
    start_tone(&v->upper, v, START_UPPER, above_zero(centre + beat), steady);
}

static void render_raw(void *user, float *left, float *right, uint32_t frames);
static void skip_raw(void *user, uint64_t frame);

static ps_status start(ps_voice *voice, ps_error *err)
{
    hybrid *v = (hybrid *)voice;
    const ps_zero_phase_input input = {render_raw, skip_raw, v};

    v->setup = voice->setup;
    v->moves = voice->setup->transition && ps_any_moves(voice->setup->settings, ROWS);
    limit_settings(v);
    v->modulated = both(v, AM_HZ, AM_DEPTH);
    v->trembles = both(v, TREMOLO_HZ, TREMOLO_DEPTH);
    v->vibrates = both(v, VIBRATO_HZ, VIBRATO_RANGE);
    v->swings = !ps_stays(&v->set[SWING_RANGE], 0.0);
    start_wobble(&v->modulator, v, AM_HZ, AM_OFFSET, 1.0);
    start_wobble(&v->tremolo, v, TREMOLO_HZ, TREMOLO_OFFSET, 0.0);
    start_wobble(&v->vibrato, v, VIBRATO_HZ, VIBRATO_OFFSET, 0.0);
    start_wobble(&v->swing, v, SWING_HZ, SWING_OFFSET, 0.0);
    start_tones(v);
    return ps_phase_filter_create(&v->filter, voice->setup, &input, err);
}

static void finish(ps_voice *voice)
{
    PS_ROW(ps_zero_phase_destroy)(((hybrid *)voice)->filter);
}

/* ---- Sound ---- */

/* Where a run lies. */
typedef struct stretch {
    ps_course course;
    uint64_t first;
    uint32_t count;
} stretch;

static void follow(double *restrict out, const ps_setting *setting, const stretch *run)
{
    ps_glide_fill(out, setting, run->course.alpha, run->count);
}

/* 1 where a frequency is not 0, 0 where it is: what it moves is off there. */
static void mask(double *restrict amount, const ps_setting *hz, const stretch *run)
{
    ps_doubles speed;

    if (!ps_moves(hz))
        return;
    follow(speed, hz, run);
    for (uint32_t i = 0; i < run->count; i++)
        amount[i] = speed[i] != 0.0 ? amount[i] : 0.0;
}

/* Frequencies of the right ear's tones. */
static void pitch(const hybrid *v, double *restrict lower, double *restrict upper,
                  const stretch *run)
{
    const double frame_sec = v->setup->frame_sec;
    ps_doubles hz, beat, range;
    ps_floats sine;

    follow(hz, &v->set[CENTRE], run);
    follow(beat, &v->set[BEAT], run);
    if (v->vibrates) {
        follow(range, &v->set[VIBRATO_RANGE], run);
        mask(range, &v->set[VIBRATO_HZ], run);
        ps_wobble_sines(&v->vibrato, sine, &run->course, run->first, run->count);
        for (uint32_t i = 0; i < run->count; i++)
            hz[i] += 0.5 * range[i] * (double)sine[i];
    }
    for (uint32_t i = 0; i < run->count; i++) {
        const double f = hz[i] > 0.0 ? hz[i] : 0.0;
        const double low = f - 0.5 * beat[i], high = f + 0.5 * beat[i];

        lower[i] = (low > 0.0 ? low : 0.0) * frame_sec;
        upper[i] = (high > 0.0 ? high : 0.0) * frame_sec;
    }
}

static void steady_phases(tone *t, uint32_t *restrict phase, uint32_t count)
{
    ps_steady(phase, t->phase, t->step, count);
    t->phase += count * t->step;
}

/* Phases of the right ear's tones, before they swing. */
static void right_phases(hybrid *v, uint32_t *lower, uint32_t *upper, const stretch *run)
{
    ps_doubles low, high;

    if (v->lower.steady) {
        steady_phases(&v->lower, lower, run->count);
        steady_phases(&v->upper, upper, run->count);
        return;
    }
    pitch(v, low, high, run);
    ps_integrate(lower, &v->lower.phase, low, run->count, false);
    ps_integrate(upper, &v->upper.phase, high, run->count, false);
}

static void left_phases(hybrid *v, uint32_t *phase, const stretch *run)
{
    ps_doubles steps;

    if (v->carrier.steady) {
        steady_phases(&v->carrier, phase, run->count);
        return;
    }
    follow(steps, &v->set[CARRIER], run);
    for (uint32_t i = 0; i < run->count; i++)
        steps[i] *= v->setup->frame_sec;
    ps_integrate(phase, &v->carrier.phase, steps, run->count, false);
}

static void sway(const hybrid *v, uint32_t *restrict lower, uint32_t *restrict upper,
                 const stretch *run)
{
    ps_doubles range;
    ps_floats sine;

    follow(range, &v->set[SWING_RANGE], run);
    ps_wobble_sines(&v->swing, sine, &run->course, run->first, run->count);
    for (uint32_t i = 0; i < run->count; i++) {
        const double cycles = (0.5 * PS_TURN) * range[i] * (double)sine[i];
        const uint32_t by = (uint32_t)(ps_phase64(cycles) >> 32);

        lower[i] -= by;
        upper[i] += by;
    }
}

static void render_left(hybrid *v, float *restrict out, const stretch *run)
{
    ps_doubles depth, amp;
    ps_floats wave;
    ps_phases phase;

    left_phases(v, phase, run);
    follow(amp, &v->set[AMP_L], run);
    for (uint32_t i = 0; i < run->count; i++)
        out[i] = (float)amp[i] * ps_sine32(phase[i] + PS_QUARTER);
    if (!v->modulated)
        return;
    follow(depth, &v->set[AM_DEPTH], run);
    mask(depth, &v->set[AM_HZ], run);
    ps_wobble_sines(&v->modulator, wave, &run->course, run->first, run->count);
    for (uint32_t i = 0; i < run->count; i++)
        out[i] *= PS_MADD((float)depth[i], wave[i], 1.0f);
}

static void render_right(hybrid *v, float *restrict out, const stretch *run)
{
    ps_doubles depth, amp;
    ps_floats wave;
    ps_phases lower, upper;

    right_phases(v, lower, upper, run);
    if (v->swings)
        sway(v, lower, upper, run);
    follow(amp, &v->set[AMP_R], run);
    for (uint32_t i = 0; i < run->count; i++)
        out[i] = (float)amp[i] * (ps_sine32(lower[i]) + ps_sine32(upper[i]));
    if (!v->trembles)
        return;
    follow(depth, &v->set[TREMOLO_DEPTH], run);
    for (uint32_t i = 0; i < run->count; i++) {
        const double low = depth[i] > 0.0 ? depth[i] : 0.0;

        depth[i] = low < 1.0 ? low : 1.0;
    }
    mask(depth, &v->set[TREMOLO_HZ], run);
    ps_wobble_sines(&v->tremolo, wave, &run->course, run->first, run->count);
    for (uint32_t i = 0; i < run->count; i++)
        out[i] *= 1.0f - 0.5f * (float)depth[i] * (1.0f + wave[i]);
}

static void find_course(const hybrid *v, stretch *run, double *alpha)
{
    if (!v->moves)
        return;
    run->course.still = ps_ramp_fill(&v->setup->ramp, alpha, run->first, run->count);
    run->course.alpha = alpha;
}

static void render_raw(void *user, float *left, float *right, uint32_t frames)
{
    hybrid *v = user;
    stretch run = {{NULL, true}, v->next, frames};
    ps_doubles alpha;

    find_course(v, &run, alpha);
    render_left(v, left, &run);
    render_right(v, right, &run);
    ps_hold_within(left, (float)PS_PHASE_FILTER_LARGEST, frames);
    ps_hold_within(right, (float)PS_PHASE_FILTER_LARGEST, frames);
    v->next += frames;
}

static void skip_raw(void *user, uint64_t frame)
{
    hybrid *v = user;
    ps_phases lower, upper, phase;
    ps_doubles alpha;

    if (v->carrier.steady && v->lower.steady) {
        v->carrier.phase += (frame - v->next) * v->carrier.step;
        v->lower.phase += (frame - v->next) * v->lower.step;
        v->upper.phase += (frame - v->next) * v->upper.step;
        v->next = frame;
    }
    for (; v->next < frame; v->next += RUN) {
        stretch run = {{NULL, true}, v->next, RUN};

        find_course(v, &run, alpha);
        left_phases(v, phase, &run);
        right_phases(v, lower, upper, &run);
    }
}

static void render(ps_voice *voice, float *left, float *right, uint32_t frames)
{
    PS_ROW(ps_zero_phase_render)(((hybrid *)voice)->filter, left, right, frames);
}

static void skip(ps_voice *voice, uint64_t frame)
{
    PS_ROW(ps_zero_phase_skip)(((hybrid *)voice)->filter, frame);
}

static double bound(const ps_voice *voice)
{
    const hybrid *v = (const hybrid *)voice;
    const ps_ramp *ramp = v->setup->transition ? &v->setup->ramp : NULL;
    const double depth = v->modulated ? ps_largest(&v->set[AM_DEPTH], ramp) : 0.0;
    const double left = ps_largest(&v->set[AMP_L], ramp) * (1.0 + depth);
    const double right = 2.0 * ps_largest(&v->set[AMP_R], ramp);

    return PS_PHASE_FILTER_GAIN * ps_magnitude(left, right);
}

const ps_voice_kind PS_ROW(ps_voice_hybrid_qam_monaural_beat) = {
    .info = {"hybrid_qam_monaural_beat", "left a modulated tone, right two tones that beat", true,
             table, ROWS},
    .voice_bytes = sizeof(hybrid),
    .start = start,
    .render = render,
    .skip = skip,
    .bound = bound,
    .finish = finish,
};
