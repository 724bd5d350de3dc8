/*
 * A cosine for each ear, its amplitude modulated by up to two cosines of its own, by the other
 * ear's modulation a little later, and by one common cosine; with an extra partial, two side tones,
 * and phases that swing in opposite directions. All of it is filtered without phase.
 *
 *     ear = gate amp e (cos(p) (1 + 2 side cos(offset t)) + partial cos(ratio p)),
 *     e   = E (1 + cross (E' - 1)) (1 + sub cos(...)),
 *     E   = (1 + depth shaped(cos(...))) (1 + depth2 cos(...)), E' that of the other ear, delayed
 */
#include <string.h>

#include "voice/oscillator.h"
#include "voice/phase_filter.h"

#define RUN PS_VOICE_FRAMES

/* Rows of one ear, left ones first, then right ones. */
enum {
    AMP,
    BASE = 2,
    AM_HZ = 4,
    AM_DEPTH = 6,
    AM_OFFSET = 8,
    AM2_HZ = 10,
    AM2_DEPTH = 12,
    AM2_OFFSET = 14,
    SHAPE = 16,
    START_PHASE = 18,
    CROSS_DEPTH = 20,
    CROSS_DELAY,
    PARTIAL_DEPTH,
    PARTIAL_RATIO,
    SUB_HZ,
    SUB_DEPTH,
    SWING_HZ,
    SWING_RANGE,
    SWING_OFFSET,
    SIDE_ON,
    SIDE_HZ,
    SIDE_DEPTH,
    ATTACK,
    RELEASE,
    ROWS
};

/* clang-format off */
#define NUMBER(name, glide, unit, preset, low, high, meaning) \
    {name, PS_PARAMETER_NUMBER, glide, unit, preset, low, high, NULL, meaning, NULL, NULL, 0.0, 0.0}
#define EARS(row, name, glide, unit, left, right, low, high, meaning) \
    [row] = NUMBER(name "L", glide, unit, left, low, high, "left: " meaning), \
    [(row) + 1] = NUMBER(name "R", glide, unit, right, low, high, "right: " meaning)
#define CHAIN PS_GLIDE_CHAIN
#define STILL PS_GLIDE_NONE

static const ps_parameter table[ROWS] = {
    EARS(AMP, "amp", CHAIN, "", 0.5, 0.5, 0.0, 1.0, "gain"),
    EARS(BASE, "baseFreq", CHAIN, "Hz", 200.0, 204.0, 20.0, 2000.0, "the tone"),
    EARS(AM_HZ, "qamAmFreq", CHAIN, "Hz", 4.0, 4.0, 0.0, 50.0, "speed of the first modulator; 0: off"),
    EARS(AM_DEPTH, "qamAmDepth", CHAIN, "", 0.5, 0.5, 0.0, 2.0, "depth of the first modulator; 0: off"),
    EARS(AM_OFFSET, "qamAmPhaseOffset", CHAIN, "rad", 0.0, 0.0, -3.1416, 3.1416, "phase of the first modulator"),
    EARS(AM2_HZ, "qamAm2Freq", CHAIN, "Hz", 0.0, 0.0, 0.0, 50.0, "speed of the second modulator; 0: off"),
    EARS(AM2_DEPTH, "qamAm2Depth", CHAIN, "", 0.0, 0.0, 0.0, 2.0, "depth of the second modulator; 0: off"),
    EARS(AM2_OFFSET, "qamAm2PhaseOffset", CHAIN, "rad", 0.0, 0.0, -3.1416, 3.1416, "phase of the second modulator"),
    EARS(SHAPE, "modShape", CHAIN, "", 1.0, 1.0, 0.2, 5.0, "first modulator's shape: |cos|^(1/shape), above 1 squarer"),
    EARS(START_PHASE, "startPhase", PS_GLIDE_START, "rad", 0.0, 0.0, -3.1416, 3.1416, "phase of the tone at the start"),
    [CROSS_DEPTH] = NUMBER("crossModDepth", CHAIN, "", 0.0, 0.0, 1.0, "how much each ear's modulation modulates the other ear"),
    [CROSS_DELAY] = NUMBER("crossModDelay", STILL, "s", 0.0, 0.0, 1.0, "how late it does; 0: not at all"),
    [PARTIAL_DEPTH] = NUMBER("harmonicDepth", CHAIN, "", 0.0, 0.0, 1.0, "gain of the extra partial"),
    [PARTIAL_RATIO] = NUMBER("harmonicRatio", STILL, "", 2.0, 0.5, 8.0, "frequency of the extra partial over that of the tone"),
    [SUB_HZ] = NUMBER("subHarmonicFreq", CHAIN, "Hz", 0.0, 0.0, 50.0, "speed of the modulator of both ears; 0: off"),
    [SUB_DEPTH] = NUMBER("subHarmonicDepth", CHAIN, "", 0.0, 0.0, 1.0, "depth of the modulator of both ears; 0: off"),
    [SWING_HZ] = NUMBER("phaseOscFreq", CHAIN, "Hz", 0.0, 0.0, 10.0, "speed of the phases' swing"),
    [SWING_RANGE] = NUMBER("phaseOscRange", CHAIN, "rad", 0.0, 0.0, 6.2832, "range of the swing: right one way, left the other"),
    [SWING_OFFSET] = NUMBER("phaseOscPhaseOffset", STILL, "rad", 0.0, -3.1416, 3.1416, "phase of the swing"),
    [SIDE_ON] = {"beatingSidebands", PS_PARAMETER_FLAG, STILL, "", 0.0, 0.0, 1.0, NULL, "adds a tone on either side of the tone", NULL, NULL, 0.0, 0.0},
    [SIDE_HZ] = NUMBER("sidebandOffset", STILL, "Hz", 1.0, 0.0, 50.0, "how far from the tone they are"),
    [SIDE_DEPTH] = NUMBER("sidebandDepth", STILL, "", 0.1, 0.0, 1.0, "gain of each"),
    [ATTACK] = NUMBER("attackTime", STILL, "s", 0.0, 0.0, 10.0, "fade at the start"),
    [RELEASE] = NUMBER("releaseTime", STILL, "s", 0.0, 0.0, 10.0, "fade at the end"),
};
/* clang-format on */

/* 1 + depth cos(...), where neither frequency nor depth is 0. */
typedef struct modulator {
    ps_wobble wobble;
    ps_setting depth;
    bool on;
} modulator;

/* A phase that is summed up: a frame has what the frames before it added. */
typedef struct tone {
    ps_setting step_cycles;
    uint64_t start, sum; /* of frame 0; so far, if it moves */
    bool steady;
} tone;

typedef struct ear {
    modulator am, am2;
    bool shaped; /* not a plain cosine */
    ps_setting amp, shape;
    tone tone, partial;
} ear;

/* The last runs of both ears' E. Any run can be made from nothing, so that one can jump. */
typedef struct line {
    float *runs; /* left and right of each */
    size_t capacity;
    uint64_t next; /* run to be made */
} line;

/* Up to this delay E is remembered; beyond, it is made twice. */
#define REMEMBERED_RUNS 1024u

typedef struct qam {
    ps_voice base;
    ps_zero_phase *filter;
    const ps_voice_setup *setup;
    uint64_t next; /* frame of the next run of the signal before the filter */
    bool moves;
    ear ears[2];
    modulator sub;
    ps_wobble swing, side;
    ps_setting swing_cycles, cross_depth, partial_depth;
    double ratio;
    float side_gain; /* of both together */
    double attack_sec, release_sec;
    bool crosses;
    int64_t delay; /* frames; if negative, the other ear is ahead, up to its last frame */
    line lines[2];
    line *own, *late; /* of now, of the delay ago: one line, or two */
    bool wild;        /* so large that floats might overflow */
} qam;

/* ---- Making one ---- */

static ps_setting shifted(const ps_setting *setting, double by)
{
    return (ps_setting){.start = setting->start + by, .end = setting->end + by};
}

static ps_setting scaled(const ps_setting *setting, double by)
{
    return (ps_setting){.start = setting->start * by, .end = setting->end * by};
}

/* A cosine of frequency times time. */
static void start_wobble(ps_wobble *wobble, const ps_voice_setup *setup, const ps_setting *hz,
                         const ps_setting *offset, double quarters)
{
    const ps_setting none = {0}, speed = ps_frequency(hz, &none, 0.0);
    const ps_setting limited = ps_amount(offset);
    const ps_setting phase = shifted(&limited, quarters * 0.25 / PS_TURN);

    ps_wobble_init(wobble, &speed, &phase, setup->frame_sec);
}

static void start_modulator(modulator *m, const ps_voice_setup *setup, const ps_setting *hz,
                            const ps_setting *depth, const ps_setting *offset)
{
    start_wobble(&m->wobble, setup, hz, offset, 1.0);
    m->depth = ps_amount(depth);
    m->on = !ps_stays(hz, 0.0) && !ps_stays(depth, 0.0);
}

/* ratio: of its frequency and phase to those of the settings. */
static void start_tone(tone *t, const ps_voice_setup *setup, const ps_setting *hz,
                       const ps_setting *phase, double ratio)
{
    const ps_setting none = {0}, multiple = scaled(hz, ratio);
    const ps_setting limited = ps_frequency(&multiple, &none, 0.0);

    t->step_cycles = scaled(&limited, setup->frame_sec);
    t->start = t->sum =
        ps_phase64_radians(ps_limited(ratio * ps_limited(phase->start, PS_AMOUNT_MAX), 1e12));
    t->steady = !ps_moves(&t->step_cycles);
}

static void start_ear(qam *v, uint32_t index)
{
    const ps_voice_setup *setup = v->setup;
    const ps_setting *s = setup->settings + index;
    ear *e = &v->ears[index];

    start_modulator(&e->am, setup, &s[AM_HZ], &s[AM_DEPTH], &s[AM_OFFSET]);
    start_modulator(&e->am2, setup, &s[AM2_HZ], &s[AM2_DEPTH], &s[AM2_OFFSET]);
    start_tone(&e->tone, setup, &s[BASE], &s[START_PHASE], 1.0);
    start_tone(&e->partial, setup, &s[BASE], &s[START_PHASE], v->ratio);
    e->amp = ps_amount(&s[AMP]);
    e->shape = ps_amount(&s[SHAPE]);
    e->shaped = !ps_stays(&e->shape, 1.0);
}

/* Cross modulation, if there is any that lies within the step. */
static ps_status start_cross(qam *v, ps_error *err)
{
    const ps_voice_setup *setup = v->setup;
    const double frames = (double)setup->frames;
    const double delay = setup->settings[CROSS_DELAY].start * setup->rate_hz;

    v->cross_depth = ps_amount(&setup->settings[CROSS_DEPTH]);
    if (delay == 0.0 || ps_stays(&v->cross_depth, 0.0) || delay >= frames)
        return PS_OK;
    v->crosses = true;
    v->delay = (int64_t)(delay > -frames ? delay : -frames);

    const uint64_t runs = v->delay >= 0 ? (uint64_t)v->delay / RUN + 3 : UINT64_MAX;
    const bool remembered = runs <= REMEMBERED_RUNS;

    v->late = &v->lines[0];
    v->own = remembered ? v->late : &v->lines[1];
    for (uint32_t i = 0; i < (remembered ? 1u : 2u); i++) {
        v->lines[i].capacity = remembered ? (size_t)runs : 2;
        v->lines[i].runs =
            ps_alloc(setup->allocator, v->lines[i].capacity, 2 * RUN * sizeof(float));
        if (!v->lines[i].runs)
            return ps_fail(err, PS_NO_MEMORY, "no memory for a delay");
    }
    return PS_OK;
}

/* No sample before the filter is larger. */
static double raw_bound(const qam *v)
{
    const ps_ramp *ramp = v->setup->transition ? &v->setup->ramp : NULL;
    double e[2], largest = 0.0;

    for (uint32_t i = 0; i < 2; i++) {
        const ear *one = &v->ears[i];
        double low, high;

        ps_extremes(&one->shape, ramp, &low, &high);
        const double q = low < 0.0 ? 1e30 : 1.0; /* an inverse power */
        e[i] = one->am.on ? 1.0 + q * ps_largest(&one->am.depth, ramp) : 1.0;
        e[i] *= one->am2.on ? 1.0 + ps_largest(&one->am2.depth, ramp) : 1.0;
    }
    for (uint32_t i = 0; i < 2; i++) {
        const double cross =
            v->crosses ? ps_largest(&v->cross_depth, ramp) * (1.0 + e[1 - i]) : 0.0;
        const double sub = v->sub.on ? ps_largest(&v->sub.depth, ramp) : 0.0;
        const double tones = 1.0 + ps_largest(&v->partial_depth, ramp) + fabs((double)v->side_gain);
        const double amp = ps_largest(&v->ears[i].amp, ramp);
        const double size = e[i] * (1.0 + cross) * (1.0 + sub) * tones * amp;

        largest = size > largest ? size : largest;
    }
    return largest;
}

static void finish(ps_voice *voice)
{
    qam *v = (qam *)voice;

    PS_ROW(ps_zero_phase_destroy)(v->filter);
    ps_free(v->setup->allocator, v->lines[0].runs);
    ps_free(v->setup->allocator, v->lines[1].runs);
}

static void render_raw(void *user, float *left, float *right, uint32_t frames);
static void skip_raw(void *user, uint64_t frame);

static ps_status start(ps_voice *voice, ps_error *err)
{
    qam *v = (qam *)voice;
    const ps_voice_setup *setup = voice->setup;
    const ps_setting *s = setup->settings;
    const ps_setting none = {0};

    v->setup = setup;
    v->moves = setup->transition && ps_any_moves(s, ROWS);
    v->ratio = ps_limited(s[PARTIAL_RATIO].start, PS_AMOUNT_MAX);
    start_ear(v, 0);
    start_ear(v, 1);
    start_modulator(&v->sub, setup, &s[SUB_HZ], &s[SUB_DEPTH], &none);
    start_wobble(&v->swing, setup, &s[SWING_HZ], &s[SWING_OFFSET], 0.0);
    start_wobble(&v->side, setup, &s[SIDE_HZ], &none, 1.0);
    const ps_setting range = ps_amount(&s[SWING_RANGE]);
    v->swing_cycles = scaled(&range, 0.5 * PS_TURN);
    v->partial_depth = ps_amount(&s[PARTIAL_DEPTH]);
    if (s[SIDE_ON].start != 0.0)
        v->side_gain = (float)(2.0 * ps_limited(s[SIDE_DEPTH].start, PS_AMOUNT_MAX));
    v->attack_sec = s[ATTACK].start;
    v->release_sec = s[RELEASE].start;
    v->wild = raw_bound(v) > PS_PHASE_FILTER_LARGEST;
    ps_status status = start_cross(v, err);
    if (status == PS_OK) {
        const ps_zero_phase_input input = {render_raw, skip_raw, v};

        status = ps_phase_filter_create(&v->filter, setup, &input, err);
    }
    if (status != PS_OK)
        finish(voice);
    return status;
}

/* ---- Modulation ---- */

/* Where a run lies. */
typedef struct stretch {
    ps_course course;
    uint64_t first;
    uint32_t count;
} stretch;

/* out = the setting at each frame. */
static void follow(float *restrict out, const ps_setting *setting, const stretch *run)
{
    ps_glide_floats(out, setting, ps_moves(setting) ? run->course.alpha : NULL, run->count);
}

/* The depth of a modulator, 0 where its frequency is: there it is off, wherever it stands. */
static void follow_depth(float *restrict out, const modulator *m, const stretch *run)
{
    const double hz = m->wobble.hz.start, change = m->wobble.hz.end - hz;
    const double *restrict alpha = run->course.alpha;

    follow(out, &m->depth, run);
    if (!ps_moves(&m->wobble.hz))
        return;
    for (uint32_t i = 0; i < run->count; i++)
        out[i] = hz + change * alpha[i] != 0.0 ? out[i] : 0.0f;
}

/* A shape of 0: an infinite power, which leaves nothing but peaks met exactly. */
static void keep_peaks(float *restrict q, const ps_wobble *w, const stretch *run)
{
    const uint64_t peak = UINT64_C(1) << 62, half = UINT64_C(1) << 63, near = UINT64_C(1) << 33;

    for (uint32_t i = 0; i < run->count; i++) {
        const uint64_t from = w->phase + (run->first + i) * w->step - peak + near;

        q[i] = !w->steady ? 0.0f : from < 2 * near ? 1.0f : from - half < 2 * near ? -1.0f : 0.0f;
    }
}

/* |q|^exponent with the sign of q, |q| at most 1: ps_exp2_float of ps_log2_float, with the row's
   fused steps and only the limits that are needed here. */
static inline float bent(float q, float exponent)
{
    const uint32_t root_half = UINT32_C(0x3f3504f3);
    const float size = q < 0.0f ? -q : q;
    const uint32_t apart =
        ps_bits_of_float(size > 0x1p-126f ? size : 0x1p-126f) - root_half + (UINT32_C(127) << 23);
    const float whole = (float)(int32_t)(apart >> 23) - 127.0f;
    const float m = ps_float_of_bits((apart & UINT32_C(0x007fffff)) + root_half);
    const float s = (m - 1.0f) / (m + 1.0f), u = s * s;
    float p = PS_MADD(PS_MADD(4.31717697e-1f, u, 5.76715186e-1f), u, 9.61798839e-1f);

    p = exponent * PS_MADD(PS_MADD(p, u, 2.88539008f), s, whole);
    p = p < 126.0f ? p : 126.0f;
    p = p > -126.0f ? p : -126.0f;
    const float shifted = p + PS_ROUNDER_FLOAT, t = p - (shifted - PS_ROUNDER_FLOAT);
    const float scale = ps_float_of_bits((ps_bits_of_float(shifted) + 127) << 23);
    float power = PS_MADD(PS_MADD(1.54531629e-4f, t, 1.33908634e-3f), t, 9.61808256e-3f);

    power = PS_MADD(PS_MADD(power, t, 5.55035711e-2f), t, 2.40226508e-1f);
    power = PS_MADD(PS_MADD(power, t, 6.93147188e-1f), t, 1.0f) * scale;
    return size > 0.0f ? (q < 0.0f ? -power : power) : 0.0f;
}

/* q = sign(q) |q|^(1 / shape) */
static void bend(float *restrict q, const ps_wobble *w, const ps_setting *shape, const stretch *run)
{
    ps_floats exponent;

    if (ps_stays(shape, 0.0)) {
        keep_peaks(q, w, run);
        return;
    }
    if (!ps_moves(shape)) {
        const float steady = (float)(1.0 / shape->start);

        for (uint32_t i = 0; i < run->count; i++)
            q[i] = bent(q[i], steady);
        return;
    }
    follow(exponent, shape, run);
    for (uint32_t i = 0; i < run->count; i++) {
        const float s = exponent[i];
        const float apart = s < 0.0f ? (s > -1e-9f ? -1e-9f : s) : (s < 1e-9f ? 1e-9f : s);

        q[i] = bent(q[i], 1.0f / apart);
    }
}

/* factor *= 1 + depth cos(...); fresh: it was 1. */
static void modulate(float *restrict factor, bool fresh, const modulator *m,
                     const ps_setting *shape, const stretch *run)
{
    const float steady = (float)m->depth.start;
    ps_floats q, depth;

    ps_wobble_sines(&m->wobble, q, &run->course, run->first, run->count);
    if (shape)
        bend(q, &m->wobble, shape, run);
    if (!ps_moves(&m->depth) && !ps_moves(&m->wobble.hz)) {
        for (uint32_t i = 0; i < run->count; i++)
            factor[i] = (fresh ? 1.0f : factor[i]) * PS_MADD(steady, q[i], 1.0f);
        return;
    }
    follow_depth(depth, m, run);
    for (uint32_t i = 0; i < run->count; i++)
        factor[i] = (fresh ? 1.0f : factor[i]) * PS_MADD(depth[i], q[i], 1.0f);
}

/* E of an ear. */
static void envelope(const qam *v, uint32_t index, float *restrict out, const stretch *run)
{
    const ear *e = &v->ears[index];

    if (e->am.on)
        modulate(out, true, &e->am, e->shaped ? &e->shape : NULL, run);
    if (e->am2.on)
        modulate(out, !e->am.on, &e->am2, NULL, run);
    if (!e->am.on && !e->am2.on)
        for (uint32_t i = 0; i < run->count; i++)
            out[i] = 1.0f;
    if (v->wild)
        ps_hold_within(out, 0x1p40f, run->count);
}

/* A run of a line, left then right; lines are asked for rising runs. */
static const float *line_run(const qam *v, line *l, uint64_t index)
{
    for (; l->next <= index; l->next++) {
        float *out = l->runs + (size_t)(l->next % l->capacity) * 2 * RUN;
        stretch run = {{NULL, true}, l->next * RUN, RUN};
        ps_doubles alpha;

        if (v->moves) {
            run.course.still = ps_ramp_fill(&v->setup->ramp, alpha, run.first, RUN);
            run.course.alpha = alpha;
        }
        envelope(v, 0, out, &run);
        envelope(v, 1, out + RUN, &run);
    }
    return l->runs + (size_t)(index % l->capacity) * 2 * RUN;
}

/* Runs before this one will not be asked for any more. */
static void line_jump(line *l, uint64_t index)
{
    if (l->next < index)
        l->next = index;
}

/* E of both ears the delay ago, from the frame of this run on where there is one; returns it. */
static uint32_t look_back(qam *v, float *left, float *right, const stretch *run)
{
    const int64_t first = (int64_t)run->first - v->delay, last = (int64_t)v->setup->frames - 1;
    const uint32_t from = first >= 0 ? 0 : -first < run->count ? (uint32_t)-first : run->count;

    for (uint32_t i = from, part; i < run->count; i += part) {
        const bool over = first + i >= last; /* the last frame stands for all after it */
        const uint64_t frame = (uint64_t)(over ? last : first + i);
        const uint32_t at = (uint32_t)(frame % RUN);

        part = over ? 1 : RUN - at;
        if (!over && (int64_t)part > last - (int64_t)frame)
            part = (uint32_t)(last - (int64_t)frame);
        if (part > run->count - i)
            part = run->count - i;
        if (i == from)
            line_jump(v->late, frame / RUN);
        const float *past = line_run(v, v->late, frame / RUN);
        memcpy(left + i, past + at, part * sizeof *left);
        memcpy(right + i, past + RUN + at, part * sizeof *right);
    }
    return from;
}

/* out = E (1 + depth (E' - 1)), from a frame on. */
static void cross(const qam *v, float *restrict out, const float *restrict e,
                  const float *restrict other, uint32_t from, const stretch *run)
{
    ps_floats depth;

    follow(depth, &v->cross_depth, run);
    memcpy(out, e, from * sizeof *out);
    for (uint32_t i = from; i < run->count; i++)
        out[i] = e[i] * PS_MADD(depth[i], other[i] - 1.0f, 1.0f);
}

/* e of both ears. */
static void modulate_ears(qam *v, float *left, float *right, const stretch *run)
{
    ps_floats late_left, late_right, common;

    if (v->crosses) {
        const uint32_t from = look_back(v, late_left, late_right, run);

        if (v->own != v->late)
            line_jump(v->own, run->first / RUN);
        const float *now = line_run(v, v->own, run->first / RUN);
        cross(v, left, now, late_right, from, run);
        cross(v, right, now + RUN, late_left, from, run);
    } else {
        envelope(v, 0, left, run);
        envelope(v, 1, right, run);
    }
    if (!v->sub.on)
        return;
    modulate(common, true, &v->sub, NULL, run);
    for (uint32_t i = 0; i < run->count; i++) {
        left[i] *= common[i];
        right[i] *= common[i];
    }
}

/* ---- Tones ---- */

/* Phases of the next frames. */
static void tone_phases(tone *t, uint32_t *restrict phase, const stretch *run)
{
    const uint64_t step = ps_phase64(t->step_cycles.start);
    ps_doubles steps;

    if (t->steady) {
        ps_steady(phase, t->start + run->first * step, step, run->count);
        return;
    }
    ps_glide_fill(steps, &t->step_cycles, run->course.alpha, run->count);
    ps_integrate(phase, &t->sum, steps, run->count, false);
}

static void tone_skip(tone *t, const ps_ramp *ramp, uint64_t first, uint64_t end)
{
    ps_doubles alpha, steps;

    for (; !t->steady && first < end; first += RUN) {
        ps_ramp_fill(ramp, alpha, first, RUN);
        ps_glide_fill(steps, &t->step_cycles, alpha, RUN);
        ps_integrate_only(&t->sum, steps, RUN);
    }
}

/* phase += by * range * swing. Small swings are whole numbers of 2^-32 cycles. */
static void sway(const qam *v, uint32_t *restrict phase, const float *restrict swing, double by,
                 const stretch *run)
{
    const ps_ramp *ramp = v->setup->transition ? &v->setup->ramp : NULL;
    const bool small = ps_largest(&v->swing_cycles, ramp) * fabs(by) < 0.49;
    ps_doubles range;

    if (small && !ps_moves(&v->swing_cycles)) {
        const float scale = (float)(v->swing_cycles.start * by * 0x1p32);

        for (uint32_t i = 0; i < run->count; i++)
            phase[i] += (uint32_t)(int32_t)(swing[i] * scale);
        return;
    }
    ps_glide_fill(range, &v->swing_cycles, run->course.alpha, run->count);
    for (uint32_t i = 0; i < run->count; i++)
        range[i] *= by * (double)swing[i];
    if (small)
        for (uint32_t i = 0; i < run->count; i++)
            phase[i] += (uint32_t)(int32_t)(range[i] * 0x1p32);
    else
        ps_shift(phase, range, run->count);
}

/* The tones of one ear, before their envelope. gain: of the tone itself; swing: NULL for none. */
static void sound(qam *v, uint32_t index, float *restrict out, const float *gain,
                  const float *swing, const stretch *run)
{
    ear *e = &v->ears[index];
    const double side = index == 0 ? -1.0 : 1.0;
    ps_phases phase;

    tone_phases(&e->tone, phase, run);
    if (swing)
        sway(v, phase, swing, side, run);
    for (uint32_t i = 0; i < run->count; i++)
        out[i] = gain[i] * ps_sine32(phase[i] + PS_QUARTER);
    if (ps_stays(&v->partial_depth, 0.0))
        return;

    ps_floats depth;
    tone_phases(&e->partial, phase, run);
    if (swing)
        sway(v, phase, swing, side * v->ratio, run);
    follow(depth, &v->partial_depth, run);
    for (uint32_t i = 0; i < run->count; i++)
        out[i] = PS_MADD(depth[i], ps_sine32(phase[i] + PS_QUARTER), out[i]);
}

/* ---- Together ---- */

/* The fades at both ends. */
static void fade(const qam *v, float *restrict left, float *restrict right, const stretch *run)
{
    const double end_sec = v->setup->duration_sec;
    ps_doubles t;

    ps_times(t, run->first, v->setup->frame_sec, run->count);
    if (v->attack_sec > 0.0 && t[0] < v->attack_sec)
        for (uint32_t i = 0; i < run->count; i++) {
            const float g = t[i] < v->attack_sec ? (float)(t[i] / v->attack_sec) : 1.0f;

            left[i] *= g;
            right[i] *= g;
        }
    if (v->release_sec > 0.0 && t[run->count - 1] > end_sec - v->release_sec)
        for (uint32_t i = 0; i < run->count; i++) {
            const double left_sec = end_sec - t[i];
            const float g = left_sec < v->release_sec ? (float)(left_sec / v->release_sec) : 1.0f;

            left[i] *= g;
            right[i] *= g;
        }
}

/* out = e tones amp */
static void finish_ear(const qam *v, uint32_t index, float *restrict out, const float *restrict e,
                       const stretch *run)
{
    const ps_setting *amp = &v->ears[index].amp;
    const float steady = (float)amp->start;
    ps_floats moving;

    if (!ps_moves(amp)) {
        for (uint32_t i = 0; i < run->count; i++)
            out[i] *= e[i] * steady;
        return;
    }
    follow(moving, amp, run);
    for (uint32_t i = 0; i < run->count; i++)
        out[i] *= e[i] * moving[i];
}

static void render_raw(void *user, float *left, float *right, uint32_t frames)
{
    qam *v = user;
    stretch run = {{NULL, true}, v->next, frames};
    ps_floats e_left, e_right, gain, swing;
    ps_doubles alpha;
    const bool swings = !ps_stays(&v->swing_cycles, 0.0);

    if (v->moves) {
        run.course.still = ps_ramp_fill(&v->setup->ramp, alpha, run.first, frames);
        run.course.alpha = alpha;
    }
    modulate_ears(v, e_left, e_right, &run);
    if (v->wild) {
        ps_hold_within(e_left, 0x1p40f, frames);
        ps_hold_within(e_right, 0x1p40f, frames);
    }
    /* Both side tones together are the tone, modulated. */
    if (v->side_gain != 0.0f)
        ps_wobble_sines(&v->side, gain, &run.course, run.first, frames);
    for (uint32_t i = 0; i < frames; i++)
        gain[i] = v->side_gain != 0.0f ? PS_MADD(v->side_gain, gain[i], 1.0f) : 1.0f;
    if (swings)
        ps_wobble_sines(&v->swing, swing, &run.course, run.first, frames);
    sound(v, 0, left, gain, swings ? swing : NULL, &run);
    sound(v, 1, right, gain, swings ? swing : NULL, &run);
    finish_ear(v, 0, left, e_left, &run);
    finish_ear(v, 1, right, e_right, &run);
    fade(v, left, right, &run);
    if (v->wild) {
        ps_hold_within(left, (float)PS_PHASE_FILTER_LARGEST, frames);
        ps_hold_within(right, (float)PS_PHASE_FILTER_LARGEST, frames);
    }
    v->next += frames;
}

static void skip_raw(void *user, uint64_t frame)
{
    qam *v = user;

    for (uint32_t i = 0; i < 2; i++) {
        tone_skip(&v->ears[i].tone, &v->setup->ramp, v->next, frame);
        tone_skip(&v->ears[i].partial, &v->setup->ramp, v->next, frame);
    }
    v->next = frame;
}

static void render(ps_voice *voice, float *left, float *right, uint32_t frames)
{
    PS_ROW(ps_zero_phase_render)(((qam *)voice)->filter, left, right, frames);
}

static void skip(ps_voice *voice, uint64_t frame)
{
    PS_ROW(ps_zero_phase_skip)(((qam *)voice)->filter, frame);
}

static double bound(const ps_voice *voice)
{
    return raw_bound((const qam *)voice) * PS_PHASE_FILTER_GAIN;
}

const ps_voice_kind PS_ROW(ps_voice_qam_beat) = {
    .info = {"qam_beat", "a tone per ear, each with layered amplitude modulation", true, table,
             ROWS},
    .voice_bytes = sizeof(qam),
    .start = start,
    .render = render,
    .skip = skip,
    .bound = bound,
    .finish = finish,
};
