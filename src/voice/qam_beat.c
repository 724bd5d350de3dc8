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

#include "voice/layers.h"
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

/* A steady wobble's steps from frame to frame of a run. */
typedef struct turns {
    float cosine[RUN], sine[RUN];
} turns;

/* A phase that is summed up: a frame has what the frames before it added. */
typedef struct tone {
    ps_setting step_cycles;
    uint64_t start, sum; /* of frame 0; so far, if it moves */
    bool steady;
} tone;

typedef struct ear {
    ps_layers layers; /* E */
    ps_setting amp;
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
    ps_modulator sub;
    ps_wobble swing, side;
    turns sub_turns, swing_turns, side_turns; /* where nothing moves */
    ps_setting swing_cycles, cross_depth, partial_depth;
    double ratio;
    float side_gain; /* of both together */
    double attack_sec, release_sec;
    bool crosses;
    int64_t delay; /* frames; if negative, the other ear is ahead, up to its last frame */
    line lines[2];
    line *own, *late; /* of now, of the delay ago: one line, or two */
    bool wild;        /* so large that floats might overflow */
    bool in_one;      /* so steady that an ear is one loop */
    bool smooth;      /* has nothing near half the rate, */
    uint32_t apart;   /* if it is so many frames away from all bends and edges */
} qam;

/* ---- Making one ---- */

static ps_setting scaled(const ps_setting *setting, double by)
{
    return (ps_setting){.start = setting->start * by, .end = setting->end * by};
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
    ps_modulator first, second;

    ps_modulator_init(&first, setup, &s[AM_HZ], &s[AM_DEPTH], &s[AM_OFFSET]);
    ps_modulator_init(&second, setup, &s[AM2_HZ], &s[AM2_DEPTH], &s[AM2_OFFSET]);
    ps_layers_init(&e->layers, &first, &second, &s[SHAPE]);
    start_tone(&e->tone, setup, &s[BASE], &s[START_PHASE], 1.0);
    start_tone(&e->partial, setup, &s[BASE], &s[START_PHASE], v->ratio);
    e->amp = ps_amount(&s[AMP]);
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

    for (uint32_t i = 0; i < 2; i++)
        e[i] = ps_layers_bound(&v->ears[i].layers, ramp);
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

/* ---- How slow it is ---- */

/* Swings of less than this many cycles are whole numbers of 2^-32 cycles, as 32 bits. */
#define SMALL_SWING 0.49

/* An ear before its filter, `apart` frames away from all edges. */
static ps_taylor sound_taylor(const qam *v, uint32_t index, double apart)
{
    const ear *e = &v->ears[index];
    const double swing = fabs(v->swing_cycles.start) / PS_TURN;
    const double swing_step = ps_wobble_step_rad(&v->swing);
    const double step = fabs(e->tone.step_cycles.start) / PS_TURN;
    const ps_taylor side =
        ps_taylor_tremolo(fabs((double)v->side_gain), ps_wobble_step_rad(&v->side));
    const ps_taylor middle = ps_taylor_product(ps_taylor_tone(step, swing, swing_step), side);
    const ps_taylor partial =
        ps_taylor_product(ps_taylor_constant(fabs(v->partial_depth.start)),
                          ps_taylor_tone(fabs(e->partial.step_cycles.start) / PS_TURN,
                                         fabs(v->ratio) * swing, swing_step));
    ps_taylor all = ps_taylor_product(ps_taylor_sum(middle, partial), ps_modulator_taylor(&v->sub));

    if (v->crosses) {
        const ps_taylor other = ps_taylor_sum(ps_taylor_constant(1.0),
                                              ps_layers_taylor(&v->ears[1 - index].layers, apart));
        const ps_taylor share = ps_taylor_constant(fabs(v->cross_depth.start));

        all = ps_taylor_product(
            all, ps_taylor_sum(ps_taylor_constant(1.0), ps_taylor_product(share, other)));
    }
    all = ps_taylor_product(all, ps_layers_taylor(&e->layers, apart));
    return ps_taylor_product(all, ps_taylor_constant(fabs(e->amp.start)));
}

/* Whether eighth differences are certain to be small where there is no edge. An eighth difference
   is an eighth derivative from among its frames. */
static void find_smooth(qam *v)
{
    const ps_layers *left = &v->ears[0].layers, *right = &v->ears[1].layers;
    double farthest = fmin(ps_layers_farthest(left), ps_layers_farthest(right));

    if (left->bends != right->bends) /* one has a say in it */
        farthest = ps_layers_farthest(left->bends ? left : right);
    for (double apart = PS_LAYERS_APART_MIN; apart <= farthest && !v->smooth;
         apart *= PS_LAYERS_APART_MORE) {
        const double eighth =
            40320.0 * fmax(sound_taylor(v, 0, apart).of[8], sound_taylor(v, 1, apart).of[8]);

        v->smooth = eighth < (double)PS_ZERO_PHASE_SMOOTH;
        v->apart = (uint32_t)apart + 1 + PS_ZERO_PHASE_SMOOTH_REACH;
    }
}

static void find_slow(qam *v)
{
    if (v->moves)
        return;
    ps_turn_tables(v->sub_turns.cosine, v->sub_turns.sine, &v->sub.wobble, 1, RUN);
    ps_turn_tables(v->swing_turns.cosine, v->swing_turns.sine, &v->swing, 1, RUN);
    ps_turn_tables(v->side_turns.cosine, v->side_turns.sine, &v->side, 1, RUN);
    v->in_one = fabs(v->swing_cycles.start) * fmax(fabs(v->ratio), 1.0) < SMALL_SWING;
    if (v->wild)
        return;
    ps_layers_find_slow(&v->ears[0].layers);
    ps_layers_find_slow(&v->ears[1].layers);
    find_smooth(v);
}

/* Whether a run comes within reach of a frame. */
static bool nears(const qam *v, uint64_t first, double frame)
{
    return fabs((double)first + 0.5 * RUN - frame) <= 0.5 * RUN + v->apart;
}

static bool nears_bends(const qam *v, uint64_t first)
{
    return ps_layers_bend_near(&v->ears[0].layers, first, RUN, v->apart) ||
           ps_layers_bend_near(&v->ears[1].layers, first, RUN, v->apart);
}

/* What the filter asks: dsp/zero_phase.h. */
static bool smooth_raw(void *user, uint64_t frame)
{
    const qam *v = user;
    const double frame_sec = v->setup->frame_sec, last = (double)v->setup->frames - 1.0;
    const double begin_sec = ((double)frame - v->apart) * frame_sec;
    const double end_sec = ((double)frame + RUN + v->apart) * frame_sec;

    if (!v->smooth || nears_bends(v, frame))
        return false;
    if (v->attack_sec > 0.0 && begin_sec <= v->attack_sec)
        return false;
    if (v->release_sec > 0.0 && end_sec >= v->setup->duration_sec - v->release_sec)
        return false;
    if (!v->crosses)
        return true;
    return !nears(v, frame, (double)v->delay) && !nears(v, frame, last + (double)v->delay) &&
           !nears_bends(v, frame - (uint64_t)v->delay);
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
    ps_modulator_init(&v->sub, setup, &s[SUB_HZ], &s[SUB_DEPTH], &none);
    ps_wobble_start(&v->swing, setup, &s[SWING_HZ], &s[SWING_OFFSET], 0.0);
    ps_wobble_start(&v->side, setup, &s[SIDE_HZ], &none, 1.0);
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
        const ps_zero_phase_input input = {render_raw, skip_raw, v, smooth_raw};

        find_slow(v);
        status = ps_phase_filter_create(&v->filter, setup, &input, err);
    }
    if (status != PS_OK)
        finish(voice);
    return status;
}

/* ---- Modulation ---- */

static void envelope(const qam *v, uint32_t index, float *restrict out, const ps_stretch *run)
{
    ps_layers_fill(&v->ears[index].layers, out, run);
    if (v->wild)
        ps_hold_within(out, 0x1p40f, run->count);
}

/* A run of a line, left then right; lines are asked for rising runs. */
static const float *line_run(const qam *v, line *l, uint64_t index)
{
    for (; l->next <= index; l->next++) {
        float *out = l->runs + (size_t)(l->next % l->capacity) * 2 * RUN;
        ps_stretch run = {{NULL, true}, l->next * RUN, RUN};
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

/* Which frame's E a frame looks back at, and how many frames go on like this. */
static uint32_t look_back(const qam *v, uint64_t frame, uint32_t count, uint64_t *past)
{
    const int64_t last = (int64_t)v->setup->frames - 1, there = (int64_t)frame - v->delay;

    if (there >= last) { /* the last frame stands for all after it */
        *past = (uint64_t)last;
        return 1;
    }
    *past = (uint64_t)there;
    const uint32_t in_run = RUN - (uint32_t)(*past % RUN);
    const uint32_t part = in_run < count ? in_run : count;

    return there + (int64_t)part > last ? (uint32_t)(last - there) : part;
}

/* out = E (1 + depth (E' - 1)); depth NULL: it does not move. */
static void cross(const qam *v, float *restrict out, const float *restrict e,
                  const float *restrict other, const float *restrict depth, uint32_t count)
{
    const float steady = (float)v->cross_depth.start;

    if (!depth)
        for (uint32_t i = 0; i < count; i++)
            out[i] = e[i] * PS_MADD(steady, other[i] - 1.0f, 1.0f);
    else
        for (uint32_t i = 0; i < count; i++)
            out[i] = e[i] * PS_MADD(depth[i], other[i] - 1.0f, 1.0f);
}

/* Both ears' E, each with that of the other the delay ago, from the frame on where there is one. */
static void cross_ears(qam *v, float *left, float *right, const ps_stretch *run)
{
    const int64_t to_go = v->delay - (int64_t)run->first;
    const uint32_t from = to_go <= 0 ? 0 : to_go < run->count ? (uint32_t)to_go : run->count;
    const bool moves = ps_moves(&v->cross_depth);
    uint64_t past;
    ps_floats depth;

    if (from < run->count) {
        look_back(v, run->first + from, 1, &past);
        line_jump(v->late, past / RUN);
    }
    if (v->own != v->late)
        line_jump(v->own, run->first / RUN);
    const float *now = line_run(v, v->own, run->first / RUN);
    memcpy(left, now, from * sizeof *left);
    memcpy(right, now + RUN, from * sizeof *right);
    if (moves)
        ps_follow(depth, &v->cross_depth, run);
    for (uint32_t i = from, part; i < run->count; i += part) {
        part = look_back(v, run->first + i, run->count - i, &past);
        const float *late = line_run(v, v->late, past / RUN) + past % RUN;
        cross(v, left + i, now + i, late + RUN, moves ? depth + i : NULL, part);
        cross(v, right + i, now + RUN + i, late, moves ? depth + i : NULL, part);
    }
}

/* out = base + scale sin(...) of a steady wobble */
static void turn(float *restrict out, const turns *t, const ps_wobble *w, float scale, float base,
                 const ps_stretch *run)
{
    const ps_turn first = ps_turn_scaled(ps_turn_from(w, run->first), scale);

    for (uint32_t i = 0; i < run->count; i++)
        out[i] = ps_turned(first, t->cosine, t->sine, i, base);
}

/* e of both ears. */
static void modulate_ears(qam *v, float *left, float *right, const ps_stretch *run)
{
    ps_floats common;

    if (v->crosses) {
        cross_ears(v, left, right, run);
    } else {
        envelope(v, 0, left, run);
        envelope(v, 1, right, run);
    }
    if (!v->sub.on)
        return;
    if (v->moves)
        ps_modulate(common, true, &v->sub, NULL, run);
    else
        turn(common, &v->sub_turns, &v->sub.wobble, (float)v->sub.depth.start, 1.0f, run);
    for (uint32_t i = 0; i < run->count; i++) {
        left[i] *= common[i];
        right[i] *= common[i];
    }
}

/* ---- Tones ---- */

static void steady_phases(const tone *t, uint32_t *restrict phase, const ps_stretch *run)
{
    const uint64_t step = ps_phase64(t->step_cycles.start);

    ps_steady(phase, t->start + run->first * step, step, run->count);
}

/* Phases of the next frames. */
static void tone_phases(tone *t, uint32_t *restrict phase, const ps_stretch *run)
{
    ps_doubles steps;

    if (t->steady) {
        steady_phases(t, phase, run);
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

static inline uint32_t swung(float swing, float scale)
{
    return (uint32_t)(int32_t)(swing * scale);
}

/* phase += by * range * swing. */
static void sway(const qam *v, uint32_t *restrict phase, const float *restrict swing, double by,
                 const ps_stretch *run)
{
    const ps_ramp *ramp = v->setup->transition ? &v->setup->ramp : NULL;
    const bool small = ps_largest(&v->swing_cycles, ramp) * fabs(by) < SMALL_SWING;
    ps_doubles range;

    if (small && !ps_moves(&v->swing_cycles)) {
        const float scale = (float)(v->swing_cycles.start * by * 0x1p32);

        for (uint32_t i = 0; i < run->count; i++)
            phase[i] += swung(swing[i], scale);
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

/* The tones of one ear, before their envelope. gain: of the tone itself. */
static void sound(qam *v, uint32_t index, float *restrict out, const float *gain,
                  const float *swing, const ps_stretch *run)
{
    ear *e = &v->ears[index];
    const double side = index == 0 ? -1.0 : 1.0;
    const bool swings = !ps_stays(&v->swing_cycles, 0.0);
    ps_phases phase;

    tone_phases(&e->tone, phase, run);
    if (swings)
        sway(v, phase, swing, side, run);
    for (uint32_t i = 0; i < run->count; i++)
        out[i] = gain[i] * ps_cosine32(phase[i]);
    if (ps_stays(&v->partial_depth, 0.0))
        return;

    ps_floats depth;
    tone_phases(&e->partial, phase, run);
    if (swings)
        sway(v, phase, swing, side * v->ratio, run);
    ps_follow(depth, &v->partial_depth, run);
    for (uint32_t i = 0; i < run->count; i++)
        out[i] = PS_MADD(depth[i], ps_cosine32(phase[i]), out[i]);
}

/* ---- Together ---- */

/* The fades at both ends. */
static void fade(const qam *v, float *restrict left, float *restrict right, const ps_stretch *run)
{
    const double end_sec = v->setup->duration_sec, frame_sec = v->setup->frame_sec;
    ps_doubles t;

    if (!((double)run->first * frame_sec < v->attack_sec ||
          (double)(run->first + run->count) * frame_sec > end_sec - v->release_sec))
        return;
    ps_times(t, run->first, frame_sec, run->count);
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
                       const ps_stretch *run)
{
    const ps_setting *amp = &v->ears[index].amp;
    const float steady = (float)amp->start;
    ps_floats moving;

    if (!ps_moves(amp)) {
        for (uint32_t i = 0; i < run->count; i++)
            out[i] *= e[i] * steady;
        return;
    }
    ps_follow(moving, amp, run);
    for (uint32_t i = 0; i < run->count; i++)
        out[i] *= e[i] * moving[i];
}

/* A steady tone's phases, to be counted up in a loop: as ps_steady does. */
typedef struct counter {
    uint32_t high, low, high_step, low_step;
} counter;

/* back: the other way round, which a cosine does not mind. */
static inline counter count_from(const tone *t, bool back, uint64_t first)
{
    const uint64_t forth = ps_phase64(t->step_cycles.start), from = t->start + first * forth;
    const uint64_t step = back ? 0 - forth : forth, phase = back ? 0 - from : from;

    return (counter){(uint32_t)(phase >> 32), (uint32_t)phase >> 8, (uint32_t)(step >> 32),
                     (uint32_t)step >> 8};
}

static inline uint32_t next_phase(counter *c)
{
    const uint32_t phase = c->high + (c->low >> 24);

    c->high += c->high_step;
    c->low += c->low_step;
    return phase;
}

/*
 * An ear in one loop: out = e amp (gain cos(p) + depth cos(q)), where nothing moves, and both
 * phases swing by little: cos(p - swing) of the left ear is cos(swing - p), so that both ears can
 * add it.
 */
static void steady_sound(const qam *v, uint32_t index, float *restrict out, const float *restrict e,
                         const float *restrict gain, const uint32_t *restrict swing,
                         const uint32_t *restrict partial_swing, const ps_stretch *run)
{
    const ear *one = &v->ears[index];
    const float amp = (float)one->amp.start, depth = (float)v->partial_depth.start;
    counter p = count_from(&one->tone, index == 0, run->first);
    counter q = count_from(&one->partial, index == 0, run->first);

    if (depth == 0.0f) {
        for (uint32_t i = 0; i < run->count; i++)
            out[i] = gain[i] * ps_cosine32(next_phase(&p) + swing[i]) * (e[i] * amp);
        return;
    }
    for (uint32_t i = 0; i < run->count; i++) {
        const float first = gain[i] * ps_cosine32(next_phase(&p) + swing[i]);
        const float second = ps_cosine32(next_phase(&q) + partial_swing[i]);

        out[i] = PS_MADD(depth, second, first) * (e[i] * amp);
    }
}

static void steady_ears(const qam *v, float *left, float *right, const float *e_left,
                        const float *e_right, const ps_stretch *run)
{
    const double range = v->swing_cycles.start * 0x1p32;
    ps_phases swing, partial_swing;
    ps_floats gain, sine;

    turn(gain, &v->side_turns, &v->side, v->side_gain, 1.0f, run);
    turn(sine, &v->swing_turns, &v->swing, (float)range, 0.0f, run);
    for (uint32_t i = 0; i < run->count; i++) {
        swing[i] = swung(sine[i], 1.0f);
        partial_swing[i] = swung(sine[i], (float)v->ratio);
    }
    steady_sound(v, 0, left, e_left, gain, swing, partial_swing, run);
    steady_sound(v, 1, right, e_right, gain, swing, partial_swing, run);
}

/* Both ears, whatever moves. */
static void moving_ears(qam *v, float *left, float *right, const float *e_left,
                        const float *e_right, const ps_stretch *run)
{
    ps_floats gain, swing;

    /* Both side tones together are the tone, modulated. */
    if (v->side_gain != 0.0f)
        ps_wobble_sines(&v->side, gain, &run->course, run->first, run->count);
    for (uint32_t i = 0; i < run->count; i++)
        gain[i] = v->side_gain != 0.0f ? PS_MADD(v->side_gain, gain[i], 1.0f) : 1.0f;
    if (!ps_stays(&v->swing_cycles, 0.0))
        ps_wobble_sines(&v->swing, swing, &run->course, run->first, run->count);
    sound(v, 0, left, gain, swing, run);
    sound(v, 1, right, gain, swing, run);
    finish_ear(v, 0, left, e_left, run);
    finish_ear(v, 1, right, e_right, run);
}

static void render_raw(void *user, float *left, float *right, uint32_t frames)
{
    qam *v = user;
    ps_stretch run = {{NULL, true}, v->next, frames};
    ps_floats e_left, e_right;
    ps_doubles alpha;

    if (v->moves) {
        run.course.still = ps_ramp_fill(&v->setup->ramp, alpha, run.first, frames);
        run.course.alpha = alpha;
    }
    modulate_ears(v, e_left, e_right, &run);
    if (v->wild) {
        ps_hold_within(e_left, 0x1p40f, frames);
        ps_hold_within(e_right, 0x1p40f, frames);
    }
    if (v->in_one)
        steady_ears(v, left, right, e_left, e_right, &run);
    else
        moving_ears(v, left, right, e_left, e_right, &run);
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
