/*
 * The kernels with AVX2 and FMA.
 *
 * Reading: a gather is slower than plain loads on every processor measured, so the taps of 8
 * frames are loaded frame by frame, then turned into vectors of equal taps. Mixing: a vector holds
 * 8 lanes at one frame, so that the filters of 8 notes run side by side; a group is two vectors.
 */
#include "kernel/kernel.h"

#include <immintrin.h>
#include <stddef.h>
#include <string.h>

#define INLINE static inline __attribute__((always_inline))

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

/* ---- Loading: at[k] is where the taps of frame k start ---- */

/* 4 bytes of each frame. */
INLINE __m256i load_4_bytes(const uint8_t *const at[8])
{
    int32_t v[8];

    for (int k = 0; k < 8; k++)
        memcpy(&v[k], at[k], sizeof v[k]);
    return _mm256_setr_epi32(v[0], v[1], v[2], v[3], v[4], v[5], v[6], v[7]);
}

INLINE __m128 load_8_bytes_of_two(const uint8_t *a, const uint8_t *b)
{
    const __m128 low = _mm_castsi128_ps(_mm_loadl_epi64((const __m128i *)(const void *)a));

    return _mm_loadh_pi(low, (const __m64 *)(const void *)b);
}

/* The first 4 bytes of each frame, and the next 4. */
INLINE void load_8_bytes(__m256 *first, __m256 *second, const uint8_t *const at[8])
{
    const __m256 low =
        _mm256_insertf128_ps(_mm256_castps128_ps256(load_8_bytes_of_two(at[0], at[1])),
                             load_8_bytes_of_two(at[4], at[5]), 1);
    const __m256 high =
        _mm256_insertf128_ps(_mm256_castps128_ps256(load_8_bytes_of_two(at[2], at[3])),
                             load_8_bytes_of_two(at[6], at[7]), 1);

    *first = _mm256_shuffle_ps(low, high, _MM_SHUFFLE(2, 0, 2, 0));
    *second = _mm256_shuffle_ps(low, high, _MM_SHUFFLE(3, 1, 3, 1));
}

INLINE __m256 load_16_bytes_of_two(const uint8_t *a, const uint8_t *b)
{
    return _mm256_insertf128_ps(
        _mm256_castps128_ps256(_mm_loadu_ps((const float *)(const void *)a)),
        _mm_loadu_ps((const float *)(const void *)b), 1);
}

/* Four vectors of the 4-byte words 0, 1, 2, 3 of each frame. */
INLINE void load_16_bytes(__m256 word[4], const uint8_t *const at[8])
{
    const __m256 f0 = load_16_bytes_of_two(at[0], at[4]), f1 = load_16_bytes_of_two(at[1], at[5]);
    const __m256 f2 = load_16_bytes_of_two(at[2], at[6]), f3 = load_16_bytes_of_two(at[3], at[7]);
    const __m256 low01 = _mm256_unpacklo_ps(f0, f1), high01 = _mm256_unpackhi_ps(f0, f1);
    const __m256 low23 = _mm256_unpacklo_ps(f2, f3), high23 = _mm256_unpackhi_ps(f2, f3);

    word[0] = _mm256_shuffle_ps(low01, low23, _MM_SHUFFLE(1, 0, 1, 0));
    word[1] = _mm256_shuffle_ps(low01, low23, _MM_SHUFFLE(3, 2, 3, 2));
    word[2] = _mm256_shuffle_ps(high01, high23, _MM_SHUFFLE(1, 0, 1, 0));
    word[3] = _mm256_shuffle_ps(high01, high23, _MM_SHUFFLE(3, 2, 3, 2));
}

/* ---- Interpolating ---- */

typedef __m256 interpolator(const uint8_t *const at[8], __m256 t);

INLINE __m256 low_half_as_float(__m256i pair)
{
    return _mm256_cvtepi32_ps(_mm256_srai_epi32(_mm256_slli_epi32(pair, 16), 16));
}

INLINE __m256 high_half_as_float(__m256i pair)
{
    return _mm256_cvtepi32_ps(_mm256_srai_epi32(pair, 16));
}

INLINE __m256 nearest_16(const uint8_t *const at[8], __m256 t)
{
    (void)t;
    return low_half_as_float(load_4_bytes(at));
}

INLINE __m256 nearest_float(const uint8_t *const at[8], __m256 t)
{
    (void)t;
    return _mm256_castsi256_ps(load_4_bytes(at));
}

INLINE __m256 linear_16(const uint8_t *const at[8], __m256 t)
{
    const __m256i pair = load_4_bytes(at);
    const __m256i rise = _mm256_madd_epi16(pair, _mm256_set1_epi32(0x0001ffff)); /* b - a */

    return _mm256_fmadd_ps(t, _mm256_cvtepi32_ps(rise), low_half_as_float(pair));
}

INLINE __m256 linear_float(const uint8_t *const at[8], __m256 t)
{
    __m256 a, b;

    load_8_bytes(&a, &b, at);
    return _mm256_fmadd_ps(t, _mm256_sub_ps(b, a), a);
}

/* first * low half + second * high half of each pair: two weights in one integer. */
#define WEIGHTS(first, second) ((int)(((uint32_t)(second) << 16) | ((uint32_t)(first)&0xffffu)))

INLINE __m256 weigh(__m256i y01, int w01, __m256i y23, int w23)
{
    return _mm256_cvtepi32_ps(_mm256_add_epi32(_mm256_madd_epi16(y01, _mm256_set1_epi32(w01)),
                                               _mm256_madd_epi16(y23, _mm256_set1_epi32(w23))));
}

/* Twice the coefficients of the plain C cubic are whole multiples of the taps: exact in integers.
 */
INLINE __m256 cubic_16(const uint8_t *const at[8], __m256 t)
{
    __m256 first, second;
    __m256i y01, y23;
    __m256 c1, c2, c3;

    load_8_bytes(&first, &second, at);
    y01 = _mm256_castps_si256(first);
    y23 = _mm256_castps_si256(second);
    c1 = weigh(y01, WEIGHTS(-1, 0), y23, WEIGHTS(1, 0));
    c2 = weigh(y01, WEIGHTS(2, -5), y23, WEIGHTS(4, -1));
    c3 = weigh(y01, WEIGHTS(-1, 3), y23, WEIGHTS(-3, 1));
    c1 = _mm256_fmadd_ps(_mm256_fmadd_ps(c3, t, c2), t, c1);
    return _mm256_fmadd_ps(_mm256_mul_ps(t, _mm256_set1_ps(0.5f)), c1, high_half_as_float(y01));
}

INLINE __m256 cubic_float(const uint8_t *const at[8], __m256 t)
{
    const __m256 half = _mm256_set1_ps(0.5f);
    __m256 y[4], c1, c2, c3;

    load_16_bytes(y, at);
    c1 = _mm256_mul_ps(half, _mm256_sub_ps(y[2], y[0]));
    c3 = _mm256_fmadd_ps(_mm256_set1_ps(1.5f), _mm256_sub_ps(y[1], y[2]),
                         _mm256_mul_ps(half, _mm256_sub_ps(y[3], y[0])));
    c2 = _mm256_sub_ps(_mm256_add_ps(_mm256_sub_ps(y[0], y[1]), c1), c3);
    return _mm256_fmadd_ps(_mm256_fmadd_ps(_mm256_fmadd_ps(c3, t, c2), t, c1), t, y[1]);
}

/* ---- Reading ---- */

/* A note that streams reads on where it stopped when the other notes have had their turn: its next
   samples are asked for now. Nothing happens where no memory is. */
INLINE void prefetch_next(const uint8_t *next, uint64_t bytes)
{
    for (uint64_t line = 0; line < 8 && line * 64 < bytes; line++)
        _mm_prefetch((const char *)next + 64 * line, _MM_HINT_T0);
}

/* `first` is the byte of a frame's first tap, relative to the frame at its position. */
INLINE void read(float *out, const ps_reading *reading, uint32_t frames, uint64_t position,
                 ptrdiff_t first, uint64_t frame_bytes, interpolator *interpolate, bool moving)
{
    const uint8_t *window = reading->window + first;
    const uint64_t start = position;
    uint64_t step = reading->step;
    fractions f = fractions_of(position, reading);
    const uint8_t *at[8];
    uint32_t i = 0;

    for (; i + 8 <= frames; i += 8) {
        for (int k = 0; k < 8; k++) {
            at[k] = window + (position >> 32) * frame_bytes;
            position += step;
            if (moving)
                step += (uint64_t)reading->step_change;
        }
        _mm256_storeu_ps(out + i, interpolate(at, fraction_of(f.low)));
        fractions_advance(&f);
    }
    if (i < frames) {
        float rest[8];

        /* the vector is filled with the last frame's taps: none beyond it may be touched */
        for (uint32_t k = 0; k < 8; k++) {
            at[k] = window + (position >> 32) * frame_bytes;
            if (i + k + 1 < frames) {
                position += step;
                step += (uint64_t)reading->step_change;
            }
        }
        _mm256_storeu_ps(rest, interpolate(at, fraction_of(f.low)));
        memcpy(out + i, rest, (frames - i) * sizeof *rest);
    }
    prefetch_next(window + (position >> 32) * frame_bytes,
                  ((position - start) >> 32) * frame_bytes + 64);
}

#define READER(name, interpolate, frame_bytes, taps_before, offset)                                \
    static void read_##name(float *out, const ps_reading *reading, uint32_t frames)                \
    {                                                                                              \
        const uint64_t position = reading->position + (offset);                                    \
        const ptrdiff_t first = -(taps_before) * (ptrdiff_t)(frame_bytes);                         \
                                                                                                   \
        if (reading->step_change)                                                                  \
            read(out, reading, frames, position, first, frame_bytes, interpolate, true);           \
        else                                                                                       \
            read(out, reading, frames, position, first, frame_bytes, interpolate, false);          \
    }

READER(nearest_16, nearest_16, 2, 0, UINT64_C(0x80000000))
READER(linear_16, linear_16, 2, 0, 0)
READER(cubic_16, cubic_16, 2, 1, 0)
READER(nearest_float, nearest_float, 4, 0, UINT64_C(0x80000000))
READER(linear_float, linear_float, 4, 0, 0)
READER(cubic_float, cubic_float, 4, 1, 0)

/* ---- Windowed sinc ---- */

typedef __m256 tap_loader(const uint8_t *at); /* 8 taps */

INLINE __m256 taps_16(const uint8_t *at)
{
    const __m128i taps = _mm_loadu_si128((const __m128i *)(const void *)at);

    return _mm256_cvtepi32_ps(_mm256_cvtepi16_epi32(taps));
}

INLINE __m256 taps_float(const uint8_t *at)
{
    return _mm256_loadu_ps((const float *)(const void *)at);
}

/* Eight partial sums of one frame, between the two rows of the table around its fraction. */
INLINE __m256 sinc_frame(const uint8_t *at, const float *row, float t, uint32_t taps,
                         uint32_t frame_bytes, tap_loader *load)
{
    __m256 low = _mm256_setzero_ps(), high = low;

    for (uint32_t k = 0; k < taps; k += 8) {
        const __m256 y = load(at + (size_t)k * frame_bytes);

        low = _mm256_fmadd_ps(y, _mm256_loadu_ps(row + k), low);
        high = _mm256_fmadd_ps(y, _mm256_loadu_ps(row + taps + k), high);
    }
    return _mm256_fmadd_ps(_mm256_set1_ps(t), _mm256_sub_ps(high, low), low);
}

/* Element k of the result is the sum of v[k]. */
INLINE __m256 sums(const __m256 v[8])
{
    const __m256 v03 = _mm256_hadd_ps(_mm256_hadd_ps(v[0], v[1]), _mm256_hadd_ps(v[2], v[3]));
    const __m256 v47 = _mm256_hadd_ps(_mm256_hadd_ps(v[4], v[5]), _mm256_hadd_ps(v[6], v[7]));

    return _mm256_add_ps(_mm256_permute2f128_ps(v03, v47, 0x20),
                         _mm256_permute2f128_ps(v03, v47, 0x31));
}

INLINE void sinc(float *out, const ps_reading *reading, uint32_t frames, uint32_t taps,
                 uint32_t frame_bytes, tap_loader *load)
{
    const uint8_t *window = reading->window - (size_t)(taps / 2 - 1) * frame_bytes;
    uint64_t position = reading->position, step = reading->step;

    for (uint32_t i = 0; i < frames; i += 8) {
        const uint32_t count = frames - i < 8 ? frames - i : 8;
        __m256 v[8];
        float result[8];

        for (uint32_t k = 0; k < 8; k++) {
            v[k] = sinc_frame(window + (position >> 32) * frame_bytes,
                              reading->sinc + (size_t)((uint32_t)position >> 24) * taps,
                              (float)((uint32_t)position & 0xffffffu) * 0x1p-24f, taps, frame_bytes,
                              load);
            if (k + 1 < count || count == 8) {
                position += step;
                step += (uint64_t)reading->step_change;
            }
        }
        if (count == 8) {
            _mm256_storeu_ps(out + i, sums(v));
        } else {
            _mm256_storeu_ps(result, sums(v));
            memcpy(out + i, result, count * sizeof *result);
        }
    }
    prefetch_next(window + (position >> 32) * frame_bytes,
                  ((position - reading->position) >> 32) * frame_bytes + 64);
}

#define SINC_READER(name, taps, frame_bytes, load)                                                 \
    static void read_##name(float *out, const ps_reading *reading, uint32_t frames)                \
    {                                                                                              \
        sinc(out, reading, frames, taps, frame_bytes, load);                                       \
    }

SINC_READER(sinc8_16, 8, 2, taps_16)
SINC_READER(sinc32_16, 32, 2, taps_16)
SINC_READER(sinc8_float, 8, 4, taps_float)
SINC_READER(sinc32_float, 32, 4, taps_float)

/* ---- Mixing ---- */

/* The eight lanes of one vector. */
typedef struct lanes8 {
    __m256i used;
    __m256 b0, a1, a2, b0_change, a1_change, a2_change, s1, s2;
    __m256 gain[PS_BUSES], gain_change[PS_BUSES];
    const float *strip[8];
} lanes8;

static const float silence[PS_GRID_FRAMES];

INLINE void lanes8_load(lanes8 *l, const float *strips, const ps_group_shape *shape,
                        const ps_group_state *state, uint32_t first, uint32_t lanes, uint32_t buses)
{
    const __m256i index = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);

    l->used = _mm256_cmpgt_epi32(_mm256_set1_epi32((int)(lanes - first)), index);
    l->b0 = _mm256_maskload_ps(shape->b0 + first, l->used);
    l->a1 = _mm256_maskload_ps(shape->a1 + first, l->used);
    l->a2 = _mm256_maskload_ps(shape->a2 + first, l->used);
    l->b0_change = _mm256_maskload_ps(shape->b0_change + first, l->used);
    l->a1_change = _mm256_maskload_ps(shape->a1_change + first, l->used);
    l->a2_change = _mm256_maskload_ps(shape->a2_change + first, l->used);
    l->s1 = _mm256_maskload_ps(state->s1 + first, l->used);
    l->s2 = _mm256_maskload_ps(state->s2 + first, l->used);
    for (uint32_t bus = 0; bus < buses; bus++) {
        l->gain[bus] = _mm256_maskload_ps(shape->gain[bus] + first, l->used);
        l->gain_change[bus] = _mm256_maskload_ps(shape->gain_change[bus] + first, l->used);
    }
    for (uint32_t k = 0; k < 8; k++)
        l->strip[k] = first + k < lanes ? strips + (first + k) * PS_GRID_FRAMES : silence;
}

/* Values under 1e-20 become 0: see plain C. */
INLINE __m256 at_rest(__m256 s)
{
    const __m256 size = _mm256_andnot_ps(_mm256_set1_ps(-0.0f), s);

    return _mm256_andnot_ps(_mm256_cmp_ps(size, _mm256_set1_ps(1e-20f), _CMP_LT_OQ), s);
}

/* Four frames of eight lanes, turned so that x[f] holds the lanes at frame f. */
INLINE void lanes8_turn(__m256 x[4], const lanes8 *l, uint32_t frame)
{
    const uint8_t *at[8];

    for (int k = 0; k < 8; k++)
        at[k] = (const uint8_t *)(l->strip[k] + frame);
    load_16_bytes(x, at);
}

INLINE __m256 lanes8_filter(lanes8 *l, __m256 in, bool moving)
{
    const __m256 x = _mm256_mul_ps(l->b0, in);
    const __m256 y = _mm256_add_ps(x, l->s1);

    l->s1 = _mm256_fnmadd_ps(l->a1, y, _mm256_fmadd_ps(_mm256_set1_ps(2.0f), x, l->s2));
    l->s2 = _mm256_fnmadd_ps(l->a2, y, x);
    if (moving) {
        l->b0 = _mm256_add_ps(l->b0, l->b0_change);
        l->a1 = _mm256_add_ps(l->a1, l->a1_change);
        l->a2 = _mm256_add_ps(l->a2, l->a2_change);
    }
    return y;
}

/* Adds up the lanes of one frame on all buses. */
INLINE __m128 lanes8_buses(const __m256 product[PS_BUSES], bool sends)
{
    const __m256 dry = _mm256_add_ps(_mm256_unpacklo_ps(product[0], product[1]),
                                     _mm256_unpackhi_ps(product[0], product[1]));
    __m256 sum;

    if (sends) {
        const __m256 wet = _mm256_add_ps(_mm256_unpacklo_ps(product[2], product[3]),
                                         _mm256_unpackhi_ps(product[2], product[3]));

        sum = _mm256_add_ps(_mm256_shuffle_ps(dry, wet, _MM_SHUFFLE(1, 0, 1, 0)),
                            _mm256_shuffle_ps(dry, wet, _MM_SHUFFLE(3, 2, 3, 2)));
        return _mm_add_ps(_mm256_castps256_ps128(sum), _mm256_extractf128_ps(sum, 1));
    }
    {
        const __m128 half = _mm_add_ps(_mm256_castps256_ps128(dry), _mm256_extractf128_ps(dry, 1));

        return _mm_add_ps(half, _mm_movehl_ps(half, half));
    }
}

/* One frame of all lanes; x and z are its turned inputs (z of the upper lanes). */
INLINE void mix_frame(float *bus, lanes8 *lower, lanes8 *upper, __m256 x, __m256 z, bool filter,
                      bool moving, bool sends, bool wide)
{
    __m256 product[PS_BUSES];
    __m128 sum;

    if (filter) {
        x = lanes8_filter(lower, x, moving);
        if (wide)
            z = lanes8_filter(upper, z, moving);
    }
    for (int b = 0; b < (sends ? 4 : 2); b++) {
        product[b] = _mm256_mul_ps(lower->gain[b], x);
        lower->gain[b] = _mm256_add_ps(lower->gain[b], lower->gain_change[b]);
        if (wide) {
            product[b] = _mm256_fmadd_ps(upper->gain[b], z, product[b]);
            upper->gain[b] = _mm256_add_ps(upper->gain[b], upper->gain_change[b]);
        }
    }
    sum = lanes8_buses(product, sends);
    if (sends)
        _mm_storeu_ps(bus, _mm_add_ps(_mm_loadu_ps(bus), sum));
    else
        _mm_storel_pi((__m64 *)(void *)bus,
                      _mm_add_ps(_mm_castpd_ps(_mm_load_sd((const double *)(void *)bus)), sum));
}

INLINE void mix_group(float *buses, const float *strips, const ps_group_shape *shape,
                      ps_group_state *state, uint32_t lanes, uint32_t frames, bool filter,
                      bool moving, bool sends, bool wide)
{
    lanes8 lower, upper;
    __m256 x[4], z[4];
    uint32_t i = 0;

    lanes8_load(&lower, strips, shape, state, 0, lanes, sends ? 4 : 2);
    if (wide)
        lanes8_load(&upper, strips, shape, state, 8, lanes, sends ? 4 : 2);
    for (; i < frames; i += 4) {
        lanes8_turn(x, &lower, i);
        if (wide)
            lanes8_turn(z, &upper, i);
        for (uint32_t k = 0; k < 4; k++) {
            if (i + k < frames)
                mix_frame(buses + (i + k) * PS_BUSES, &lower, &upper, x[k], z[k], filter, moving,
                          sends, wide);
        }
    }
    if (filter) {
        _mm256_maskstore_ps(state->s1, lower.used, at_rest(lower.s1));
        _mm256_maskstore_ps(state->s2, lower.used, at_rest(lower.s2));
        if (wide) {
            _mm256_maskstore_ps(state->s1 + 8, upper.used, at_rest(upper.s1));
            _mm256_maskstore_ps(state->s2 + 8, upper.used, at_rest(upper.s2));
        }
    }
}

#define MIX(filter, moving, sends, wide)                                                           \
    mix_group(buses, strips, shape, state, lanes, frames, filter, moving, sends, wide)

static void mix(float *buses, const float *strips, const ps_group_shape *shape,
                ps_group_state *state, uint32_t lanes, uint32_t frames, uint32_t flags)
{
    const bool wide = lanes > 8;

    switch (flags & (PS_MIX_FILTER | PS_MIX_FILTER_MOVES | PS_MIX_SENDS)) {
    case PS_MIX_FILTER | PS_MIX_FILTER_MOVES | PS_MIX_SENDS:
        if (wide)
            MIX(true, true, true, true);
        else
            MIX(true, true, true, false);
        break;
    case PS_MIX_FILTER | PS_MIX_FILTER_MOVES:
        if (wide)
            MIX(true, true, false, true);
        else
            MIX(true, true, false, false);
        break;
    case PS_MIX_FILTER | PS_MIX_SENDS:
        if (wide)
            MIX(true, false, true, true);
        else
            MIX(true, false, true, false);
        break;
    case PS_MIX_FILTER:
        if (wide)
            MIX(true, false, false, true);
        else
            MIX(true, false, false, false);
        break;
    case PS_MIX_SENDS:
    case PS_MIX_SENDS | PS_MIX_FILTER_MOVES:
        if (wide)
            MIX(false, false, true, true);
        else
            MIX(false, false, true, false);
        break;
    default:
        if (wide)
            MIX(false, false, false, true);
        else
            MIX(false, false, false, false);
    }
}

const ps_kernels ps_kernels_avx2 = {
    .name = "avx2",
    .read16 = {read_nearest_16, read_linear_16, read_cubic_16, read_sinc8_16, read_sinc32_16},
    .read_float = {read_nearest_float, read_linear_float, read_cubic_float, read_sinc8_float,
                   read_sinc32_float},
    .mix = mix,
};
