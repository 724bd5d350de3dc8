/*
 * Layered amplitude modulation, E of the voice qam_beat: two cosines of frequency times time, the
 * first of them shaped.
 *
 *      E = (1 + depth shaped(cos(...))) (1 + depth2 cos(...)),  shaped(q) = sign(q) |q|^(1 / shape)
 *
 * Where nothing moves it is slow, so that most of it can be interpolated (voice/slow.h): not the
 * surroundings of the zeros of a shaped cosine, where it is bent.
 */
#ifndef PLAINSONG_VOICE_LAYERS_H
#define PLAINSONG_VOICE_LAYERS_H

#include <math.h>

#include "voice/oscillator.h"
#include "voice/slow.h"

/* Where a run lies. */
typedef struct ps_stretch {
    ps_course course;
    uint64_t first;
    uint32_t count;
} ps_stretch;

/* out = the setting at each frame. */
static inline void ps_follow(float *restrict out, const ps_setting *setting, const ps_stretch *run)
{
    ps_glide_floats(out, setting, ps_moves(setting) ? run->course.alpha : NULL, run->count);
}

/** ---- One modulator -------------------------------------------------------------------------- */

/* 1 + depth cos(...), where neither frequency nor depth is 0. */
typedef struct ps_modulator {
    ps_wobble wobble;
    ps_setting depth;
    bool on;
} ps_modulator;

/* A wobble that begins so many quarters of a cycle on, of settings that may be beyond sense. */
static inline void ps_wobble_start(ps_wobble *wobble, const ps_voice_setup *setup,
                                   const ps_setting *hz, const ps_setting *offset_rad,
                                   double quarters)
{
    const ps_setting none = {0}, speed = ps_frequency(hz, &none, 0.0);
    ps_setting phase = ps_amount(offset_rad);

    phase.start += quarters * 0.25 / PS_TURN;
    phase.end += quarters * 0.25 / PS_TURN;
    ps_wobble_init(wobble, &speed, &phase, setup->frame_sec);
}

static inline void ps_modulator_init(ps_modulator *m, const ps_voice_setup *setup,
                                     const ps_setting *hz, const ps_setting *depth,
                                     const ps_setting *offset_rad)
{
    ps_wobble_start(&m->wobble, setup, hz, offset_rad, 1.0);
    m->depth = ps_amount(depth);
    m->on = !ps_stays(hz, 0.0) && !ps_stays(depth, 0.0);
}

/* Radians per frame of a steady one, in either direction. */
static inline double ps_wobble_step_rad(const ps_wobble *w)
{
    return fabs(w->hz.start) * w->frame_sec / PS_TURN;
}

static inline ps_taylor ps_modulator_taylor(const ps_modulator *m)
{
    if (!m->on)
        return ps_taylor_constant(1.0);
    return ps_taylor_tremolo(fabs(m->depth.start), ps_wobble_step_rad(&m->wobble));
}

/* Its depth, 0 where its frequency is: there it is off, wherever it stands. */
static inline void ps_modulator_depth(const ps_modulator *m, float *restrict out,
                                      const ps_stretch *run)
{
    const double hz = m->wobble.hz.start, change = m->wobble.hz.end - hz;
    const double *restrict alpha = run->course.alpha;

    ps_follow(out, &m->depth, run);
    if (!ps_moves(&m->wobble.hz))
        return;
    for (uint32_t i = 0; i < run->count; i++)
        out[i] = hz + change * alpha[i] != 0.0 ? out[i] : 0.0f;
}

/* A shape of 0: an infinite power, which leaves nothing but peaks met exactly. */
static inline void ps_keep_peaks(float *restrict q, const ps_wobble *w, const ps_stretch *run)
{
    const uint64_t peak = UINT64_C(1) << 62, half = UINT64_C(1) << 63, near = UINT64_C(1) << 33;

    for (uint32_t i = 0; i < run->count; i++) {
        const uint64_t from = w->phase + (run->first + i) * w->step - peak + near;

        q[i] = !w->steady ? 0.0f : from < 2 * near ? 1.0f : from - half < 2 * near ? -1.0f : 0.0f;
    }
}

/* |q|^exponent with the sign of q, |q| at most 1: ps_exp2_float of ps_log2_float, with the row's
   fused steps and only the limits that are needed here. */
static inline float ps_bent(float q, float exponent)
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
static inline void ps_bend(float *restrict q, const ps_wobble *w, const ps_setting *shape,
                           const ps_stretch *run)
{
    ps_floats exponent;

    if (ps_stays(shape, 0.0)) {
        ps_keep_peaks(q, w, run);
        return;
    }
    if (!ps_moves(shape)) {
        const float steady = (float)(1.0 / shape->start);

        for (uint32_t i = 0; i < run->count; i++)
            q[i] = ps_bent(q[i], steady);
        return;
    }
    ps_follow(exponent, shape, run);
    for (uint32_t i = 0; i < run->count; i++) {
        const float s = exponent[i];
        const float apart = s < 0.0f ? (s > -1e-9f ? -1e-9f : s) : (s < 1e-9f ? 1e-9f : s);

        q[i] = ps_bent(q[i], 1.0f / apart);
    }
}

/* factor *= 1 + depth cos(...); fresh: it was 1. shape: NULL for a plain cosine. */
static inline void ps_modulate(float *restrict factor, bool fresh, const ps_modulator *m,
                               const ps_setting *shape, const ps_stretch *run)
{
    const float steady = (float)m->depth.start;
    ps_floats q, depth;

    ps_wobble_sines(&m->wobble, q, &run->course, run->first, run->count);
    if (shape)
        ps_bend(q, &m->wobble, shape, run);
    if (!ps_moves(&m->depth) && !ps_moves(&m->wobble.hz)) {
        for (uint32_t i = 0; i < run->count; i++)
            factor[i] = (fresh ? 1.0f : factor[i]) * PS_MADD(steady, q[i], 1.0f);
        return;
    }
    ps_modulator_depth(m, depth, run);
    for (uint32_t i = 0; i < run->count; i++)
        factor[i] = (fresh ? 1.0f : factor[i]) * PS_MADD(depth[i], q[i], 1.0f);
}

/** ---- Both ------------------------------------------------------------------------------------
 */

/* A steady wobble's steps from node to node of a run. */
typedef struct ps_node_turns {
    float cosine[PS_SLOW_NODES], sine[PS_SLOW_NODES];
} ps_node_turns;

typedef struct ps_layers {
    ps_modulator first, second;
    ps_setting shape;
    bool bends; /* the first is on, and not a plain cosine */
    /* What follows is for when nothing moves. */
    bool slow;      /* can be interpolated, */
    uint32_t apart; /* if it bends: so many frames away from where it does, or more */
    ps_node_turns first_turns, second_turns;
} ps_layers;

/* Frames between a bend and what is to be smooth: fewer would not do, and beyond the most there is
   no use in looking farther. */
#define PS_LAYERS_APART_MIN  8.0
#define PS_LAYERS_APART_MAX  1000.0
#define PS_LAYERS_APART_MORE 1.1 /* from one try to the next */

/* The least shape whose bends are looked at: it is a power of 10. */
#define PS_LAYERS_SHAPE_MIN 0.1

/* The series of E (voice/taylor.h), so many frames or more away from any bend; nothing moves. */
static inline ps_taylor ps_layers_taylor(const ps_layers *l, double apart)
{
    const double step = ps_wobble_step_rad(&l->first.wobble);
    const ps_taylor first = l->bends ? ps_taylor_bent(fabs(l->first.depth.start), step,
                                                      1.0 / l->shape.start, apart * step)
                                     : ps_modulator_taylor(&l->first);

    return ps_taylor_product(first, ps_modulator_taylor(&l->second));
}

/* How far to go from bends at most, to look for where it is smooth; 0 when that is no help. */
static inline double ps_layers_farthest(const ps_layers *l)
{
    if (!l->bends)
        return PS_LAYERS_APART_MIN;
    if (l->shape.start < PS_LAYERS_SHAPE_MIN)
        return 0.0;
    const double quarter = 0.25 / (PS_TURN * ps_wobble_step_rad(&l->first.wobble));

    return fmin(0.5 * quarter, PS_LAYERS_APART_MAX);
}

/* Finds out whether it can be interpolated. Nothing moves. */
static inline void ps_layers_find_slow(ps_layers *l)
{
    const double farthest = ps_layers_farthest(l);

    if (!l->first.on && !l->second.on)
        return;
    for (double apart = PS_LAYERS_APART_MIN; apart <= farthest && !l->slow;
         apart *= PS_LAYERS_APART_MORE) {
        const ps_taylor taylor = ps_layers_taylor(l, apart);

        l->slow = ps_is_slow(&taylor);
        l->apart = (uint32_t)apart + 1 + PS_SLOW_REACH;
    }
    ps_turn_tables(l->first_turns.cosine, l->first_turns.sine, &l->first.wobble, PS_SLOW_STRIDE,
                   PS_SLOW_NODES);
    ps_turn_tables(l->second_turns.cosine, l->second_turns.sine, &l->second.wobble, PS_SLOW_STRIDE,
                   PS_SLOW_NODES);
}

/* shape: as a document has it. */
static inline void ps_layers_init(ps_layers *l, const ps_modulator *first,
                                  const ps_modulator *second, const ps_setting *shape)
{
    *l = (ps_layers){.first = *first, .second = *second, .shape = ps_amount(shape)};
    l->bends = first->on && !ps_stays(&l->shape, 1.0);
}

/* Whether one of the frames comes nearer to a bend than that. */
static inline bool ps_layers_bend_near(const ps_layers *l, uint64_t first, uint32_t count,
                                       uint32_t apart)
{
    return l->bends && ps_wobble_nears_zero(&l->first.wobble, first, count, apart);
}

/* Its largest magnitude over a step. */
static inline double ps_layers_bound(const ps_layers *l, const ps_ramp *ramp)
{
    double low, high;

    ps_extremes(&l->shape, ramp, &low, &high);
    const double q = low < 0.0 ? 1e30 : 1.0; /* an inverse power */
    const double first = l->first.on ? 1.0 + q * ps_largest(&l->first.depth, ramp) : 1.0;

    return first * (l->second.on ? 1.0 + ps_largest(&l->second.depth, ramp) : 1.0);
}

/* Every frame by itself. */
static inline void ps_layers_fill_fully(const ps_layers *l, float *restrict out,
                                        const ps_stretch *run)
{
    if (l->first.on)
        ps_modulate(out, true, &l->first, l->bends ? &l->shape : NULL, run);
    if (l->second.on)
        ps_modulate(out, !l->first.on, &l->second, NULL, run);
    if (!l->first.on && !l->second.on)
        for (uint32_t i = 0; i < run->count; i++)
            out[i] = 1.0f;
}

/* The nodes of a run, which begin with the one before it. */
static inline void ps_layers_nodes(const ps_layers *l, float *restrict nodes, uint64_t first)
{
    const ps_node_turns *a = &l->first_turns, *b = &l->second_turns;
    const ps_turn one = ps_turn_from(&l->first.wobble, first - PS_SLOW_STRIDE);
    const ps_turn two = ps_turn_from(&l->second.wobble, first - PS_SLOW_STRIDE);
    const float depth = l->first.on ? (float)l->first.depth.start : 0.0f;
    const float depth2 = l->second.on ? (float)l->second.depth.start : 0.0f;
    const float power = l->bends ? (float)(1.0 / l->shape.start) : 1.0f;

    if (l->bends)
        for (uint32_t i = 0; i < PS_SLOW_NODES; i++)
            nodes[i] = ps_bent(ps_turned(one, a->cosine, a->sine, i, 0.0f), power);
    else
        for (uint32_t i = 0; i < PS_SLOW_NODES; i++)
            nodes[i] = ps_turned(one, a->cosine, a->sine, i, 0.0f);
    for (uint32_t i = 0; i < PS_SLOW_NODES; i++) {
        const float second = ps_turned(two, b->cosine, b->sine, i, 0.0f);

        nodes[i] = PS_MADD(depth, nodes[i], 1.0f) * PS_MADD(depth2, second, 1.0f);
    }
}

/* Bends are looked for in blocks of this many frames. */
#define PS_LAYERS_BLOCK 32u

/* E of a run. out: always room for a whole run. */
static inline void ps_layers_fill(const ps_layers *l, float *restrict out, const ps_stretch *run)
{
    ps_floats nodes;

    if (!l->slow) {
        ps_layers_fill_fully(l, out, run);
        return;
    }
    ps_layers_nodes(l, nodes, run->first);
    ps_slow_fill(out, nodes);
    if (!ps_layers_bend_near(l, run->first, run->count, l->apart))
        return;
    for (uint32_t i = 0, end; i < run->count; i = end + PS_LAYERS_BLOCK) {
        for (end = i; end < run->count; end += PS_LAYERS_BLOCK)
            if (!ps_layers_bend_near(l, run->first + end, PS_LAYERS_BLOCK, l->apart))
                break;
        const ps_stretch part = {{NULL, true}, run->first + i, end - i};

        if (end > i)
            ps_layers_fill_fully(l, out + i, &part);
    }
}

#endif
