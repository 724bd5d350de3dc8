/*
 * What the x86 rows share; each compiles it with its own instructions. Vectors of 8 floats: AVX-512
 * has twice the registers for them, and on many processors no faster way to move single lanes.
 */
#ifndef PLAINSONG_KERNEL_X86_H
#define PLAINSONG_KERNEL_X86_H

#include "kernel/kernel.h"

#include <immintrin.h>
#include <stddef.h>
#include <string.h>

#include "kernel/steer.h"

#define INLINE static inline __attribute__((always_inline))

/* first * low half + second * high half of each pair: two weights in one integer. */
#define WEIGHTS(first, second) ((int)(((uint32_t)(second) << 16) | ((uint32_t)(first)&0xffffu)))

/* A note that streams reads on where it stopped when the other notes have had their turn: its next
   samples are asked for now. Nothing happens where no memory is. */
INLINE void prefetch_next(const uint8_t *next, uint64_t bytes)
{
    for (uint64_t line = 0; line < 8 && line * 64 < bytes; line++)
        _mm_prefetch((const char *)next + 64 * line, _MM_HINT_T0);
}

/* The two halves of a added up, in the low half; those of b, in the high one. */
INLINE __m256 sum_halves(__m256 a, __m256 b)
{
    return _mm256_add_ps(_mm256_blend_ps(a, b, 0xf0), _mm256_permute2f128_ps(a, b, 0x21));
}

/* Element k of the result is the sum of v[k]. */
INLINE __m256 sums(const __m256 v[8])
{
    const __m256 v04 = sum_halves(v[0], v[4]), v15 = sum_halves(v[1], v[5]);
    const __m256 v26 = sum_halves(v[2], v[6]), v37 = sum_halves(v[3], v[7]);
    const __m256 low = _mm256_add_ps(_mm256_blend_ps(v04, v15, 0xcc),
                                     _mm256_shuffle_ps(v04, v15, _MM_SHUFFLE(1, 0, 3, 2)));
    const __m256 high = _mm256_add_ps(_mm256_blend_ps(v26, v37, 0xcc),
                                      _mm256_shuffle_ps(v26, v37, _MM_SHUFFLE(1, 0, 3, 2)));

    return _mm256_add_ps(_mm256_shuffle_ps(low, high, _MM_SHUFFLE(2, 0, 2, 0)),
                         _mm256_shuffle_ps(low, high, _MM_SHUFFLE(3, 1, 3, 1)));
}

INLINE __m256 load_16_bytes_of_two(const uint8_t *a, const uint8_t *b)
{
    return _mm256_insertf128_ps(
        _mm256_castps128_ps256(_mm_loadu_ps((const float *)(const void *)a)),
        _mm_loadu_ps((const float *)(const void *)b), 1);
}

/* In each half: element k of vector n becomes element n of vector k. */
INLINE void turn_fours(__m256 to[4], const __m256 x[4])
{
    const __m256 low01 = _mm256_unpacklo_ps(x[0], x[1]), high01 = _mm256_unpackhi_ps(x[0], x[1]);
    const __m256 low23 = _mm256_unpacklo_ps(x[2], x[3]), high23 = _mm256_unpackhi_ps(x[2], x[3]);

    to[0] = _mm256_shuffle_ps(low01, low23, _MM_SHUFFLE(1, 0, 1, 0));
    to[1] = _mm256_shuffle_ps(low01, low23, _MM_SHUFFLE(3, 2, 3, 2));
    to[2] = _mm256_shuffle_ps(high01, high23, _MM_SHUFFLE(1, 0, 1, 0));
    to[3] = _mm256_shuffle_ps(high01, high23, _MM_SHUFFLE(3, 2, 3, 2));
}

/* Four vectors of the 4-byte words 0, 1, 2, 3 of each frame. */
INLINE void load_16_bytes(__m256 word[4], const uint8_t *const at[8])
{
    __m256 frame[4];

    for (int k = 0; k < 4; k++)
        frame[k] = load_16_bytes_of_two(at[k], at[k + 4]);
    turn_fours(word, frame);
}

/* ---- Positions ---- */

/* The low halves of 8 positions in a row. Their integer parts go through scalar registers, which
   the addresses need anyway. */
typedef struct fractions {
    __m256i low;    /* of the next 8 frames */
    __m256i step;   /* to the 8 frames after those */
    __m256i change; /* of that step */
} fractions;

INLINE fractions fractions_of(uint64_t position, const ps_reading *reading)
{
    /* frame k lies k steps and k (k - 1) / 2 step changes on; 8 frames later it is 8 steps and
       8 k + 28 changes further */
    const __m256i k = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
    const __m256i changes = _mm256_setr_epi32(0, 0, 1, 3, 6, 10, 15, 21);
    const __m256i later = _mm256_setr_epi32(28, 36, 44, 52, 60, 68, 76, 84);
    const __m256i step = _mm256_set1_epi32((int)(uint32_t)reading->step);
    const __m256i change = _mm256_set1_epi32((int)(uint32_t)reading->step_change);
    const __m256i moved =
        _mm256_add_epi32(_mm256_mullo_epi32(k, step), _mm256_mullo_epi32(changes, change));
    fractions f;

    f.low = _mm256_add_epi32(_mm256_set1_epi32((int)(uint32_t)position), moved);
    f.step = _mm256_add_epi32(_mm256_slli_epi32(step, 3), _mm256_mullo_epi32(later, change));
    f.change = _mm256_slli_epi32(change, 6);
    return f;
}

INLINE void fractions_advance(fractions *f)
{
    f->low = _mm256_add_epi32(f->low, f->step);
    f->step = _mm256_add_epi32(f->step, f->change);
}

/* 24 bits of each, 0 up to 1. */
INLINE __m256 fraction_of(__m256i low)
{
    return _mm256_mul_ps(_mm256_cvtepi32_ps(_mm256_srli_epi32(low, 8)), _mm256_set1_ps(0x1p-24f));
}

/* ---- Windowed sinc ---- */

/* Eight partial sums of one frame, whose taps begin at `at`, element k of t of the way through a
   phase. (Loads are what sincs wait for, so that t is not one more.) */
typedef __m256 sinc_framer(const uint8_t *at, const float *phase, __m256 t, uint32_t k);

/* Where a reading by sinc stands. */
typedef struct sinc_walk {
    const uint8_t *window; /* first tap of a frame at position 0 */
    const float *table;
    uint64_t position, step, change;
    fractions f;
} sinc_walk;

/* The next eight frames, of which the last ones are not wanted when count is less: then the last
   wanted one stands for them, since taps beyond it may not be touched. */
INLINE __m256 sinc_eight(sinc_walk *w, uint32_t taps, uint32_t frame_bytes, sinc_framer *frame,
                         uint32_t count)
{
    const __m256 t = fraction_of(_mm256_slli_epi32(w->f.low, 32 - PS_SINC_SHIFT));
    __m256 v[8];

    for (uint32_t k = 0; k < 8; k++) {
        v[k] = frame(w->window + (w->position >> 32) * frame_bytes,
                     w->table + (size_t)((uint32_t)w->position >> PS_SINC_SHIFT) * 2 * taps, t, k);
        if (k + 1 < count || count == 8) {
            w->position += w->step;
            w->step += w->change;
        }
    }
    fractions_advance(&w->f);
    return sums(v);
}

INLINE void sinc(float *out, const ps_reading *reading, uint32_t frames, uint32_t taps,
                 uint32_t frame_bytes, sinc_framer *frame)
{
    sinc_walk w = {reading->window - (size_t)(taps / 2 - 1) * frame_bytes,
                   reading->sinc,
                   reading->position,
                   reading->step,
                   (uint64_t)reading->step_change,
                   fractions_of(reading->position, reading)};
    uint32_t i = 0;

    for (; i + 8 <= frames; i += 8)
        _mm256_storeu_ps(out + i, sinc_eight(&w, taps, frame_bytes, frame, 8));
    if (i < frames) {
        float rest[8];

        _mm256_storeu_ps(rest, sinc_eight(&w, taps, frame_bytes, frame, frames - i));
        memcpy(out + i, rest, (frames - i) * sizeof *rest);
    }
    prefetch_next(w.window + (w.position >> 32) * frame_bytes,
                  ((w.position - reading->position) >> 32) * frame_bytes + 64);
}

#define SINC_READER(name, taps, frame_bytes, frame)                                                \
    static void read_##name(float *out, const ps_reading *reading, uint32_t frames)                \
    {                                                                                              \
        sinc(out, reading, frames, taps, frame_bytes, frame);                                      \
    }

/* ---- Filtering ---- */

/* The filters of eight lanes. */
typedef struct filter8 {
    __m256 b0, a1, a2, b0_change, a1_change, a2_change, s1, s2;
    __m256 b1, b2; /* (2 - a1) b0 and (1 - a2) b0, when they stay */
    const float *strip[8];
} filter8;

static const float silence[PS_GRID_FRAMES];

INLINE __m256i used_of(uint32_t lanes)
{
    return _mm256_cmpgt_epi32(_mm256_set1_epi32((int)lanes),
                              _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
}

INLINE __m256 load_used(const float *values, __m256i used)
{
    return _mm256_and_ps(_mm256_loadu_ps(values), _mm256_castsi256_ps(used));
}

/* `lanes` and the pointers count from the first of the eight. */
INLINE void filter8_load(filter8 *f, const float *strips, const ps_group_shape *shape,
                         const ps_group_state *state, uint32_t first, uint32_t lanes)
{
    const __m256i used = used_of(lanes - first);

    f->b0 = load_used(shape->b0 + first, used);
    f->a1 = load_used(shape->a1 + first, used);
    f->a2 = load_used(shape->a2 + first, used);
    f->b1 = _mm256_mul_ps(_mm256_sub_ps(_mm256_set1_ps(2.0f), f->a1), f->b0);
    f->b2 = _mm256_mul_ps(_mm256_sub_ps(_mm256_set1_ps(1.0f), f->a2), f->b0);
    f->b0_change = load_used(shape->b0_change + first, used);
    f->a1_change = load_used(shape->a1_change + first, used);
    f->a2_change = load_used(shape->a2_change + first, used);
    f->s1 = load_used(state->s1 + first, used);
    f->s2 = load_used(state->s2 + first, used);
    for (uint32_t k = 0; k < 8; k++)
        f->strip[k] = first + k < lanes ? strips + (first + k) * PS_GRID_FRAMES : silence;
}

/* Values under 1e-20 become 0, see plain C; lanes not used stay as they are. */
INLINE void store_at_rest(float *values, __m256 s, uint32_t lanes)
{
    const __m256 size = _mm256_andnot_ps(_mm256_set1_ps(-0.0f), s);
    const __m256 alive =
        _mm256_andnot_ps(_mm256_cmp_ps(size, _mm256_set1_ps(1e-20f), _CMP_LT_OQ), s);

    _mm256_storeu_ps(values, _mm256_blendv_ps(_mm256_loadu_ps(values), alive,
                                              _mm256_castsi256_ps(used_of(lanes))));
}

INLINE void filter8_store(const filter8 *f, ps_group_state *state, uint32_t first, uint32_t lanes)
{
    store_at_rest(state->s1 + first, f->s1, lanes - first);
    store_at_rest(state->s2 + first, f->s2, lanes - first);
}

INLINE void filter8_move(filter8 *f)
{
    f->b0 = _mm256_add_ps(f->b0, f->b0_change);
    f->a1 = _mm256_add_ps(f->a1, f->a1_change);
    f->a2 = _mm256_add_ps(f->a2, f->a2_change);
}

/* The three forms of a frame, x = b0 in. With the fewest operations, y = x + s1:
       s1 = 2 x + s2 - a1 y,  s2 = x - a2 y */
INLINE __m256 filter8_short(filter8 *f, __m256 in)
{
    const __m256 x = _mm256_mul_ps(f->b0, in);
    const __m256 y = _mm256_add_ps(x, f->s1);

    f->s1 = _mm256_fnmadd_ps(f->a1, y, _mm256_fmadd_ps(_mm256_set1_ps(2.0f), x, f->s2));
    f->s2 = _mm256_fnmadd_ps(f->a2, y, x);
    return y;
}

/* With y put in, the next s1 waits for one addition less:
       s1 = (2 - a1) x + s2 - a1 s1,  s2 = (1 - a2) x - a2 s1
   This is the form that waits least. */
INLINE __m256 filter8_early(filter8 *f, __m256 in)
{
    const __m256 x = _mm256_mul_ps(f->b0, in);
    const __m256 x1 = _mm256_mul_ps(_mm256_sub_ps(_mm256_set1_ps(2.0f), f->a1), x);
    const __m256 x2 = _mm256_mul_ps(_mm256_sub_ps(_mm256_set1_ps(1.0f), f->a2), x);
    const __m256 s1 = f->s1;

    f->s1 = _mm256_fnmadd_ps(f->a1, s1, _mm256_add_ps(x1, f->s2));
    f->s2 = _mm256_fnmadd_ps(f->a2, s1, x2);
    return _mm256_add_ps(x, s1);
}

/* The same from the input: as short as the short one, nearly as early. */
INLINE __m256 filter8_steady(filter8 *f, __m256 in)
{
    const __m256 s1 = f->s1;

    f->s1 = _mm256_fnmadd_ps(f->a1, s1, _mm256_fmadd_ps(f->b1, in, f->s2));
    f->s2 = _mm256_fnmadd_ps(f->a2, s1, _mm256_mul_ps(f->b2, in));
    return _mm256_fmadd_ps(f->b0, in, s1);
}

/* wide: another eight lanes take turns with these, so that waiting costs less than work. */
INLINE __m256 filter8_frame(filter8 *f, __m256 in, bool moving, bool wide)
{
    __m256 y;

    if (wide && !moving)
        return filter8_steady(f, in);
    y = wide ? filter8_short(f, in) : filter8_early(f, in);
    if (moving)
        filter8_move(f);
    return y;
}

/* Four frames of eight lanes, turned so that x[k] holds the lanes at frame k. */
INLINE void filter8_turn(__m256 x[4], const filter8 *f, uint32_t frame)
{
    const uint8_t *at[8];

    for (int k = 0; k < 8; k++)
        at[k] = (const uint8_t *)(f->strip[k] + frame);
    load_16_bytes(x, at);
}

/* And back into strips. */
INLINE void turn_back(float *out, const __m256 y[4])
{
    __m256 lane[4];

    turn_fours(lane, y);
    for (uint32_t k = 0; k < 4; k++) {
        _mm_store_ps(out + k * PS_GRID_FRAMES, _mm256_castps256_ps128(lane[k]));
        _mm_store_ps(out + (k + 4) * PS_GRID_FRAMES, _mm256_extractf128_ps(lane[k], 1));
    }
}

/*
 * All lanes filtered, into strips of 16 (or 8) lanes. A filter spends its time waiting for its own
 * last frame. So between the frames of one round lies work that waits for nothing: turning back
 * the round before, turning the round to come.
 */
INLINE void filter_group(float *out, const float *strips, const ps_group_shape *shape,
                         ps_group_state *state, uint32_t lanes, uint32_t frames, bool moving,
                         bool wide)
{
    float *upper_out = out + 8 * PS_GRID_FRAMES;
    filter8 lower, upper;
    __m256 x[4], z[4], y[4], w[4];
    uint32_t i = 0;

    filter8_load(&lower, strips, shape, state, 0, lanes);
    filter8_turn(x, &lower, 0);
    if (wide) {
        filter8_load(&upper, strips, shape, state, 8, lanes);
        filter8_turn(z, &upper, 0);
    }
    for (int k = 0; k < 4; k++)
        y[k] = w[k] = _mm256_setzero_ps();
    for (; i + 4 <= frames; i += 4) {
        const uint32_t next = i + 4 < frames ? i + 4 : i, last = i > 0 ? i - 4 : 0;
        __m256 ny[4], nw[4];

        ny[0] = filter8_frame(&lower, x[0], moving, wide);
        if (wide)
            nw[0] = filter8_frame(&upper, z[0], moving, wide);
        turn_back(out + last, y); /* the first round puts out nothing, at a place still to come */
        ny[1] = filter8_frame(&lower, x[1], moving, wide);
        if (wide)
            nw[1] = filter8_frame(&upper, z[1], moving, wide);
        if (wide)
            turn_back(upper_out + last, w);
        ny[2] = filter8_frame(&lower, x[2], moving, wide);
        if (wide)
            nw[2] = filter8_frame(&upper, z[2], moving, wide);
        ny[3] = filter8_frame(&lower, x[3], moving, wide);
        filter8_turn(x, &lower, next);
        if (wide) {
            nw[3] = filter8_frame(&upper, z[3], moving, wide);
            filter8_turn(z, &upper, next);
        }
        for (int k = 0; k < 4; k++) {
            y[k] = ny[k];
            w[k] = nw[k];
        }
    }
    if (i > 0) {
        turn_back(out + i - 4, y);
        if (wide)
            turn_back(upper_out + i - 4, w);
    }
    if (i < frames) {
        for (uint32_t k = 0; k < frames - i; k++) {
            x[k] = filter8_frame(&lower, x[k], moving, wide);
            if (wide)
                z[k] = filter8_frame(&upper, z[k], moving, wide);
        }
        turn_back(out + i, x);
        if (wide)
            turn_back(upper_out + i, z);
    }
    filter8_store(&lower, state, 0, lanes);
    if (wide)
        filter8_store(&upper, state, 8, lanes);
}

/* ---- Buses ---- */

/* Four frames of planar buses onto interleaved ones. */
INLINE void interleave(float *buses, float sum[PS_BUSES][PS_GRID_FRAMES], uint32_t frame,
                       uint32_t frames, bool sends)
{
    __m128 bus[PS_BUSES];

    bus[0] = _mm_load_ps(sum[0] + frame);
    bus[1] = _mm_load_ps(sum[1] + frame);
    bus[2] = bus[3] = _mm_setzero_ps();
    if (sends) {
        bus[2] = _mm_load_ps(sum[2] + frame);
        bus[3] = _mm_load_ps(sum[3] + frame);
    }
    _MM_TRANSPOSE4_PS(bus[0], bus[1], bus[2], bus[3]);
    for (uint32_t k = 0; k < frames; k++) {
        float *to = buses + (frame + k) * PS_BUSES;

        if (sends)
            _mm_storeu_ps(to, _mm_add_ps(_mm_loadu_ps(to), bus[k]));
        else
            _mm_storel_pi((__m64 *)(void *)to,
                          _mm_add_ps(_mm_loadl_pi(bus[k], (const __m64 *)(void *)to), bus[k]));
    }
}

/* Two buses of all lanes added up for some vectors of frames. */
INLINE void add_lanes(float *left, float *right, const float *strips, const float *gain_left,
                      const float *gain_right, const float *change_left, const float *change_right,
                      uint32_t frame, uint32_t lanes, int vectors)
{
    const __m256 index =
        _mm256_add_ps(_mm256_set1_ps((float)frame), _mm256_setr_ps(0, 1, 2, 3, 4, 5, 6, 7));
    const __m256 eight = _mm256_set1_ps(8.0f);
    __m256 l[4], r[4];

    for (int v = 0; v < vectors; v++)
        l[v] = r[v] = _mm256_setzero_ps();
    for (uint32_t lane = 0; lane < lanes; lane++) {
        const float *strip = strips + lane * PS_GRID_FRAMES + frame;
        const __m256 step_l = _mm256_broadcast_ss(change_left + lane);
        const __m256 step_r = _mm256_broadcast_ss(change_right + lane);
        const __m256 eight_steps_l = _mm256_mul_ps(eight, step_l);
        const __m256 eight_steps_r = _mm256_mul_ps(eight, step_r);
        __m256 gain_l = _mm256_fmadd_ps(index, step_l, _mm256_broadcast_ss(gain_left + lane));
        __m256 gain_r = _mm256_fmadd_ps(index, step_r, _mm256_broadcast_ss(gain_right + lane));

        for (int v = 0; v < vectors; v++) {
            const __m256 x = _mm256_loadu_ps(strip + 8 * v);

            l[v] = _mm256_fmadd_ps(gain_l, x, l[v]);
            r[v] = _mm256_fmadd_ps(gain_r, x, r[v]);
            gain_l = _mm256_add_ps(gain_l, eight_steps_l);
            gain_r = _mm256_add_ps(gain_r, eight_steps_r);
        }
    }
    for (int v = 0; v < vectors; v++) {
        _mm256_store_ps(left + frame + 8 * v, l[v]);
        _mm256_store_ps(right + frame + 8 * v, r[v]);
    }
}

/* Buses `bus` and `bus` + 1. */
INLINE void add_two_buses(float sum[PS_BUSES][PS_GRID_FRAMES], const float *strips,
                          const ps_group_shape *shape, uint32_t bus, uint32_t lanes,
                          uint32_t frames)
{
#define ADD(vectors)                                                                               \
    add_lanes(sum[bus], sum[bus + 1], strips, shape->gain[bus], shape->gain[bus + 1],              \
              shape->gain_change[bus], shape->gain_change[bus + 1], i, lanes, vectors)
    for (uint32_t i = 0; i < frames; i += 32) {
        if (frames - i > 16)
            ADD(4);
        else if (frames - i > 8)
            ADD(2);
        else
            ADD(1);
    }
#undef ADD
}

INLINE void add_group(float *buses, const float *strips, const ps_group_shape *shape,
                      uint32_t lanes, uint32_t frames, bool sends)
{
    _Alignas(32) float sum[PS_BUSES][PS_GRID_FRAMES];
    uint32_t i = 0;

    add_two_buses(sum, strips, shape, PS_BUS_LEFT, lanes, frames);
    if (sends)
        add_two_buses(sum, strips, shape, PS_BUS_REVERB, lanes, frames);
    for (; i + 4 <= frames; i += 4)
        interleave(buses, sum, i, 4, sends);
    if (i < frames)
        interleave(buses, sum, i, frames - i, sends);
}

static void mix(float *buses, const float *strips, const ps_group_shape *shape,
                ps_group_state *state, uint32_t lanes, uint32_t frames, uint32_t flags)
{
    _Alignas(32) float filtered[PS_GROUP_LANES * PS_GRID_FRAMES];

    if (flags & PS_MIX_FILTER) {
        if (flags & PS_MIX_FILTER_MOVES) {
            if (lanes > 8)
                filter_group(filtered, strips, shape, state, lanes, frames, true, true);
            else
                filter_group(filtered, strips, shape, state, lanes, frames, true, false);
        } else {
            if (lanes > 8)
                filter_group(filtered, strips, shape, state, lanes, frames, false, true);
            else
                filter_group(filtered, strips, shape, state, lanes, frames, false, false);
        }
        strips = filtered;
    }
    if (flags & PS_MIX_SENDS)
        add_group(buses, strips, shape, lanes, frames, true);
    else
        add_group(buses, strips, shape, lanes, frames, false);
}

#endif
