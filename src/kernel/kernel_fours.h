/*
 * The kernels for vectors of four floats, written with the vector types of gcc and clang. A row
 * includes this file, supplies load_shorts, and is compiled with the flags of its instruction set.
 *
 * Reading: the taps of four frames are loaded frame by frame, then turned into vectors of equal
 * taps. Mixing: filters run with four lanes side by side, buses are added with four frames.
 */
#ifndef PLAINSONG_KERNEL_FOURS_H
#define PLAINSONG_KERNEL_FOURS_H

#include "kernel/kernel.h"

#include <stddef.h>
#include <string.h>

#include "kernel/steer.h"

#define INLINE static inline __attribute__((always_inline))

typedef float float4 __attribute__((vector_size(16)));
typedef int32_t int4 __attribute__((vector_size(16)));
typedef uint32_t word4 __attribute__((vector_size(16)));

/* Four 16-bit numbers, any alignment: what compilers make of the plain words is slow. */
INLINE int4 load_shorts(const uint8_t *at);

INLINE float4 load(const float *at)
{
    float4 v;

    memcpy(&v, at, sizeof v);
    return v;
}

INLINE void store(float *at, float4 v)
{
    memcpy(at, &v, sizeof v);
}

INLINE float4 all(float value)
{
    return (float4){value, value, value, value};
}

/* Element k of vector n becomes element n of vector k. */
INLINE void turn(float4 x[4])
{
    const float4 low01 = __builtin_shufflevector(x[0], x[1], 0, 4, 1, 5);
    const float4 high01 = __builtin_shufflevector(x[0], x[1], 2, 6, 3, 7);
    const float4 low23 = __builtin_shufflevector(x[2], x[3], 0, 4, 1, 5);
    const float4 high23 = __builtin_shufflevector(x[2], x[3], 2, 6, 3, 7);

    x[0] = __builtin_shufflevector(low01, low23, 0, 1, 4, 5);
    x[1] = __builtin_shufflevector(low01, low23, 2, 3, 6, 7);
    x[2] = __builtin_shufflevector(high01, high23, 0, 1, 4, 5);
    x[3] = __builtin_shufflevector(high01, high23, 2, 3, 6, 7);
}

/* ---- Reading ---- */

/* Four taps of a frame. */
typedef float4 tap_loader(const uint8_t *at);

INLINE float4 taps_16(const uint8_t *at)
{
    return __builtin_convertvector(load_shorts(at), float4);
}

INLINE float4 taps_float(const uint8_t *at)
{
    float4 v;

    memcpy(&v, at, sizeof v);
    return v;
}

typedef float4 interpolator(const float4 y[4], float4 t);

INLINE float4 linear(const float4 y[4], float4 t)
{
    return y[0] + t * (y[1] - y[0]);
}

/* The cubic of plain C. */
INLINE float4 cubic(const float4 y[4], float4 t)
{
    const float4 c1 = 0.5f * (y[2] - y[0]);
    const float4 c3 = 1.5f * (y[1] - y[2]) + 0.5f * (y[3] - y[0]);
    const float4 c2 = y[0] - y[1] + c1 - c3;

    return ((c3 * t + c2) * t + c1) * t + y[1];
}

/* Where a reading stands: the position of its next frame, and the low halves of the next four. */
typedef struct walk {
    uint64_t position, step, change;
    word4 low, low_step, low_change;
} walk;

INLINE walk walk_of(const ps_reading *reading)
{
    const uint32_t p = (uint32_t)reading->position, s = (uint32_t)reading->step;
    const uint32_t c = (uint32_t)reading->step_change;
    walk w;

    w.position = reading->position;
    w.step = reading->step;
    w.change = (uint64_t)reading->step_change;
    /* frame k lies k steps and k (k - 1) / 2 changes on, 4 frames later it is 4 steps and 4 k + 6
       changes further */
    w.low = (word4){p, p + s, p + 2 * s + c, p + 3 * s + 3 * c};
    w.low_step = (word4){4 * s + 6 * c, 4 * s + 10 * c, 4 * s + 14 * c, 4 * s + 18 * c};
    w.low_change = (word4){16 * c, 16 * c, 16 * c, 16 * c};
    return w;
}

INLINE void walk_frame(walk *w)
{
    w->position += w->step;
    w->step += w->change;
}

/* 24 bits of each fraction, 0 up to 1; moves on by four. */
INLINE float4 walk_fractions(walk *w)
{
    const float4 t = __builtin_convertvector((int4)(w->low >> 8), float4) * 0x1p-24f;

    w->low += w->low_step;
    w->low_step += w->low_change;
    return t;
}

/* `first` is the byte of a frame's first tap, relative to the frame at its position. */
INLINE void read(float *out, const ps_reading *reading, uint32_t frames, ptrdiff_t first,
                 uint64_t frame_bytes, tap_loader *taps, interpolator *interpolate)
{
    const uint8_t *window = reading->window + first;
    walk w = walk_of(reading);
    float4 y[4];
    uint32_t i = 0;

    for (; i + 4 <= frames; i += 4) {
        for (int k = 0; k < 4; k++) {
            y[k] = taps(window + (w.position >> 32) * frame_bytes);
            walk_frame(&w);
        }
        turn(y);
        store(out + i, interpolate(y, walk_fractions(&w)));
    }
    if (i < frames) {
        float rest[4];

        /* the vector is filled with the last frame's taps: none beyond it may be touched */
        for (uint32_t k = 0; k < 4; k++) {
            y[k] = taps(window + (w.position >> 32) * frame_bytes);
            if (i + k + 1 < frames)
                walk_frame(&w);
        }
        turn(y);
        store(rest, interpolate(y, walk_fractions(&w)));
        memcpy(out + i, rest, (frames - i) * sizeof *rest);
    }
}

/* Four partial sums of one frame, t of the way through a phase. */
INLINE float4 sinc_frame(const uint8_t *at, const float *phase, float t, uint32_t taps,
                         uint32_t frame_bytes, tap_loader *load_taps)
{
    float4 even = all(0.0f), odd = even;

    for (uint32_t k = 0; k < taps; k += 8) {
        const uint8_t *next = at + (size_t)(k + 4) * frame_bytes;

        even += load_taps(at + (size_t)k * frame_bytes) *
                (load(phase + k) + t * load(phase + taps + k));
        odd += load_taps(next) * (load(phase + k + 4) + t * load(phase + taps + k + 4));
    }
    return even + odd;
}

INLINE float through_phase(uint32_t low)
{
    return (float)(int32_t)(low << (32 - PS_SINC_SHIFT) >> 8) * 0x1p-24f;
}

INLINE void sinc(float *out, const ps_reading *reading, uint32_t frames, uint32_t taps,
                 uint32_t frame_bytes, tap_loader *load_taps)
{
    const uint8_t *window = reading->window - (size_t)(taps / 2 - 1) * frame_bytes;
    walk w = walk_of(reading);

    for (uint32_t i = 0; i < frames; i += 4) {
        const uint32_t count = frames - i < 4 ? frames - i : 4;
        float4 v[4];
        float result[4];

        for (uint32_t k = 0; k < 4; k++) {
            v[k] = sinc_frame(window + (w.position >> 32) * frame_bytes,
                              reading->sinc +
                                  (size_t)((uint32_t)w.position >> PS_SINC_SHIFT) * 2 * taps,
                              through_phase((uint32_t)w.position), taps, frame_bytes, load_taps);
            if (k + 1 < count || count == 4)
                walk_frame(&w);
        }
        turn(v);
        store(result, (v[0] + v[1]) + (v[2] + v[3]));
        memcpy(out + i, result, count * sizeof *result);
    }
}

/* One tap per frame leaves nothing to do side by side. */
static void read_nearest_16(float *out, const ps_reading *reading, uint32_t frames)
{
    ps_kernels_c.read16[PS_INTERPOLATE_NEAREST](out, reading, frames);
}

static void read_nearest_float(float *out, const ps_reading *reading, uint32_t frames)
{
    ps_kernels_c.read_float[PS_INTERPOLATE_NEAREST](out, reading, frames);
}

#define READERS(suffix, frame_bytes, taps)                                                         \
    static void read_linear_##suffix(float *out, const ps_reading *reading, uint32_t frames)       \
    {                                                                                              \
        read(out, reading, frames, 0, frame_bytes, taps, linear);                                  \
    }                                                                                              \
    static void read_cubic_##suffix(float *out, const ps_reading *reading, uint32_t frames)        \
    {                                                                                              \
        read(out, reading, frames, -(frame_bytes), frame_bytes, taps, cubic);                      \
    }                                                                                              \
    static void read_sinc8_##suffix(float *out, const ps_reading *reading, uint32_t frames)        \
    {                                                                                              \
        sinc(out, reading, frames, 8, frame_bytes, taps);                                          \
    }                                                                                              \
    static void read_sinc32_##suffix(float *out, const ps_reading *reading, uint32_t frames)       \
    {                                                                                              \
        sinc(out, reading, frames, 32, frame_bytes, taps);                                         \
    }

READERS(16, 2, taps_16)
READERS(float, 4, taps_float)

/* ---- Mixing ---- */

/* The filters of four lanes. */
typedef struct filter4 {
    float4 b0, a1, a2, b0_change, a1_change, a2_change, s1, s2;
    const float *strip[4];
} filter4;

static const float silence[PS_GRID_FRAMES];

INLINE float4 load_used(const float *values, uint32_t count)
{
    float four[4] = {0.0f, 0.0f, 0.0f, 0.0f};

    memcpy(four, values, (count < 4 ? count : 4) * sizeof *values);
    return load(four);
}

INLINE void filter4_load(filter4 *f, const float *strips, const ps_group_shape *shape,
                         const ps_group_state *state, uint32_t first, uint32_t lanes)
{
    const uint32_t count = lanes - first;

    f->b0 = load_used(shape->b0 + first, count);
    f->a1 = load_used(shape->a1 + first, count);
    f->a2 = load_used(shape->a2 + first, count);
    f->b0_change = load_used(shape->b0_change + first, count);
    f->a1_change = load_used(shape->a1_change + first, count);
    f->a2_change = load_used(shape->a2_change + first, count);
    f->s1 = load_used(state->s1 + first, count);
    f->s2 = load_used(state->s2 + first, count);
    for (uint32_t k = 0; k < 4; k++)
        f->strip[k] = k < count ? strips + (first + k) * PS_GRID_FRAMES : silence;
}

/* Values under 1e-20 become 0, see plain C. */
INLINE void store_at_rest(float *values, float4 s, uint32_t count)
{
    const int4 alive = (s <= all(-1e-20f)) | (s >= all(1e-20f)) | (s != s);
    const float4 kept = (float4)((int4)s & alive);

    memcpy(values, &kept, (count < 4 ? count : 4) * sizeof *values);
}

INLINE float4 filter4_frame(filter4 *f, float4 in)
{
    const float4 x = f->b0 * in;
    const float4 y = x + f->s1;

    f->s1 = (2.0f * x + f->s2) - f->a1 * y;
    f->s2 = x - f->a2 * y;
    f->b0 += f->b0_change;
    f->a1 += f->a1_change;
    f->a2 += f->a2_change;
    return y;
}

/* Up to four frames. */
INLINE void filter4_frames(float *out, filter4 *f, uint32_t frame, uint32_t frames)
{
    float4 x[4];

    for (int k = 0; k < 4; k++)
        x[k] = load(f->strip[k] + frame);
    turn(x);
    for (uint32_t k = 0; k < frames; k++)
        x[k] = filter4_frame(f, x[k]);
    turn(x);
    for (uint32_t k = 0; k < 4; k++)
        store(out + k * PS_GRID_FRAMES + frame, x[k]);
}

/* Two times four lanes take turns: a filter waits for its own last frame most of the time. */
INLINE void filter_eight(float *out, const float *strips, const ps_group_shape *shape,
                         ps_group_state *state, uint32_t first, uint32_t lanes, uint32_t frames)
{
    float *more = out + 4 * PS_GRID_FRAMES;
    filter4 f, g;
    uint32_t i = 0;

    filter4_load(&f, strips, shape, state, first, lanes);
    filter4_load(&g, strips, shape, state, first + 4, lanes);
    for (; i + 4 <= frames; i += 4) {
        filter4_frames(out, &f, i, 4);
        filter4_frames(more, &g, i, 4);
    }
    if (i < frames) {
        filter4_frames(out, &f, i, frames - i);
        filter4_frames(more, &g, i, frames - i);
    }
    store_at_rest(state->s1 + first, f.s1, lanes - first);
    store_at_rest(state->s2 + first, f.s2, lanes - first);
    store_at_rest(state->s1 + first + 4, g.s1, lanes - first - 4);
    store_at_rest(state->s2 + first + 4, g.s2, lanes - first - 4);
}

INLINE void filter_four(float *out, const float *strips, const ps_group_shape *shape,
                        ps_group_state *state, uint32_t first, uint32_t lanes, uint32_t frames)
{
    filter4 f;
    uint32_t i = 0;

    filter4_load(&f, strips, shape, state, first, lanes);
    for (; i + 4 <= frames; i += 4)
        filter4_frames(out, &f, i, 4);
    if (i < frames)
        filter4_frames(out, &f, i, frames - i);
    store_at_rest(state->s1 + first, f.s1, lanes - first);
    store_at_rest(state->s2 + first, f.s2, lanes - first);
}

static void filter_lanes(float *out, const float *strips, const ps_group_shape *shape,
                         ps_group_state *state, uint32_t lanes, uint32_t frames)
{
    for (uint32_t lane = 0; lane < lanes; lane += 8) {
        float *lane_out = out + lane * PS_GRID_FRAMES;

        if (lane + 4 < lanes)
            filter_eight(lane_out, strips, shape, state, lane, lanes, frames);
        else
            filter_four(lane_out, strips, shape, state, lane, lanes, frames);
    }
}

/* Two buses of all lanes added up, 16 frames from `frame` on. */
INLINE void add_lanes(float *left, float *right, const float *strips, const ps_group_shape *shape,
                      uint32_t bus, uint32_t frame, uint32_t lanes)
{
    const float4 index = (float)(int32_t)frame + (float4){0.0f, 1.0f, 2.0f, 3.0f};
    float4 l[4], r[4];

    for (int v = 0; v < 4; v++)
        l[v] = r[v] = all(0.0f);
    for (uint32_t lane = 0; lane < lanes; lane++) {
        const float *strip = strips + lane * PS_GRID_FRAMES + frame;
        const float4 step_l = all(shape->gain_change[bus][lane]);
        const float4 step_r = all(shape->gain_change[bus + 1][lane]);
        float4 gain_l = index * step_l + shape->gain[bus][lane];
        float4 gain_r = index * step_r + shape->gain[bus + 1][lane];

        for (int v = 0; v < 4; v++) {
            const float4 x = load(strip + 4 * v);

            l[v] += gain_l * x;
            r[v] += gain_r * x;
            gain_l += 4.0f * step_l;
            gain_r += 4.0f * step_r;
        }
    }
    for (int v = 0; v < 4; v++) {
        store(left + frame + 4 * v, l[v]);
        store(right + frame + 4 * v, r[v]);
    }
}

static void mix(float *buses, const float *strips, const ps_group_shape *shape,
                ps_group_state *state, uint32_t lanes, uint32_t frames, uint32_t flags)
{
    const uint32_t bus_count = flags & PS_MIX_SENDS ? PS_BUSES : 2;
    float filtered[PS_GROUP_LANES * PS_GRID_FRAMES];
    float sum[PS_BUSES][PS_GRID_FRAMES];

    if (flags & PS_MIX_FILTER) {
        filter_lanes(filtered, strips, shape, state, lanes, frames);
        strips = filtered;
    }
    for (uint32_t i = 0; i < frames; i += 16) {
        for (uint32_t bus = 0; bus < bus_count; bus += 2)
            add_lanes(sum[bus], sum[bus + 1], strips, shape, bus, i, lanes);
    }
    for (uint32_t i = 0; i < frames; i++) {
        for (uint32_t bus = 0; bus < bus_count; bus++)
            buses[i * PS_BUSES + bus] += sum[bus][i];
    }
}

#define PS_ROW_OF_FOURS(row)                                                                       \
    {                                                                                              \
        .name = row,                                                                               \
        .read16 = {read_nearest_16, read_linear_16, read_cubic_16, read_sinc8_16, read_sinc32_16}, \
        .read_float = {read_nearest_float, read_linear_float, read_cubic_float, read_sinc8_float,  \
                       read_sinc32_float},                                                         \
        .steer = steer, .mix = mix,                                                                \
    }

#endif
