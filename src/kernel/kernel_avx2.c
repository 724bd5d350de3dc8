/*
 * The kernels with AVX2 and FMA.
 *
 * Reading: a gather is slower than plain loads on every processor measured. Where steps are small,
 * one 16-byte load holds all taps of four frames and a shuffle picks them; else the taps of 8
 * frames are loaded frame by frame and turned into vectors of equal taps. Mixing: kernel_x86.h.
 */
#include "kernel/kernel_x86.h"

/* ---- Positions ---- */

/* The same of low halves whose sign bit is turned: less a half, as exactly. */
INLINE __m256 fraction_of_turned(__m256i low)
{
    return _mm256_fmadd_ps(_mm256_cvtepi32_ps(_mm256_srai_epi32(low, 8)), _mm256_set1_ps(0x1p-24f),
                           _mm256_set1_ps(0.5f));
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

/* ---- Interpolating; an element holds two 16-bit taps, the first in its low half ---- */

INLINE __m256 high_half_as_float(__m256i pair)
{
    return _mm256_cvtepi32_ps(_mm256_srai_epi32(pair, 16));
}

INLINE __m256 low_half_as_float(__m256i pair)
{
    return high_half_as_float(_mm256_slli_epi32(pair, 16));
}

INLINE __m256i weigh(__m256i pair, int first, int second)
{
    return _mm256_madd_epi16(pair, _mm256_set1_epi32(WEIGHTS(first, second)));
}

INLINE __m256 linear_16(__m256i y01, __m256 t)
{
    return _mm256_fmadd_ps(t, _mm256_cvtepi32_ps(weigh(y01, -1, 1)), low_half_as_float(y01));
}

/* The cubic of plain C with twice its coefficients, which are whole multiples of the taps: exact in
   integers. */
INLINE __m256 cubic(__m256 y1, __m256i c1, __m256i c2, __m256i c3, __m256 t)
{
    __m256 rise = _mm256_fmadd_ps(_mm256_cvtepi32_ps(c3), t, _mm256_cvtepi32_ps(c2));

    rise = _mm256_fmadd_ps(rise, t, _mm256_cvtepi32_ps(c1));
    return _mm256_fmadd_ps(_mm256_mul_ps(t, _mm256_set1_ps(0.5f)), rise, y1);
}

INLINE __m256 cubic_of_neighbours(__m256i y01, __m256i y23, __m256 t)
{
    return cubic(high_half_as_float(y01), _mm256_add_epi32(weigh(y01, -1, 0), weigh(y23, 1, 0)),
                 _mm256_add_epi32(weigh(y01, 2, -5), weigh(y23, 4, -1)),
                 _mm256_add_epi32(weigh(y01, -1, 3), weigh(y23, -3, 1)), t);
}

/* Pairs that need fewer products. */
INLINE __m256 cubic_of_others(__m256i y02, __m256i y31, __m256 t)
{
    return cubic(high_half_as_float(y31), weigh(y02, -1, 1),
                 _mm256_add_epi32(weigh(y02, 2, 4), weigh(y31, -1, -5)),
                 _mm256_add_epi32(weigh(y02, -1, -3), weigh(y31, 1, 3)), t);
}

INLINE __m256 nearest_float(const uint8_t *const at[8], __m256 t)
{
    (void)t;
    return _mm256_castsi256_ps(load_4_bytes(at));
}

INLINE __m256 linear_float(const uint8_t *const at[8], __m256 t)
{
    __m256 a, b;

    load_8_bytes(&a, &b, at);
    return _mm256_fmadd_ps(t, _mm256_sub_ps(b, a), a);
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

/* What reads 8 frames whose taps begin at at[0..7]. */
typedef __m256 reader8(const uint8_t *const at[8], __m256 t);

INLINE __m256 far_nearest_16(const uint8_t *const at[8], __m256 t)
{
    (void)t;
    return low_half_as_float(load_4_bytes(at));
}

INLINE __m256 far_linear_16(const uint8_t *const at[8], __m256 t)
{
    return linear_16(load_4_bytes(at), t);
}

INLINE __m256 far_cubic_16(const uint8_t *const at[8], __m256 t)
{
    __m256 first, second;

    load_8_bytes(&first, &second, at);
    return cubic_of_neighbours(_mm256_castps_si256(first), _mm256_castps_si256(second), t);
}

/* Frame by frame, whatever the step. `first` is the byte of a frame's first tap, relative to the
   frame at its position. */
INLINE void read_far(float *out, const ps_reading *reading, uint32_t frames, uint64_t position,
                     ptrdiff_t first, uint64_t frame_bytes, reader8 *read8, bool moving)
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
        _mm256_storeu_ps(out + i, read8(at, fraction_of(f.low)));
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
        _mm256_storeu_ps(rest, read8(at, fraction_of(f.low)));
        memcpy(out + i, rest, (frames - i) * sizeof *rest);
    }
    prefetch_next(window + (position >> 32) * frame_bytes,
                  ((position - start) >> 32) * frame_bytes + 64);
}

/* Four frames of at most this step have their 16-bit cubic taps in 16 bytes. */
#define CLOSE_STEP ((UINT64_C(4) << 32) / 3)

INLINE bool steps_are_close(const ps_reading *reading, uint32_t frames)
{
    /* past the last frame too, up to a whole vector; a step below 0 is a large number here */
    const uint64_t last = reading->step + (uint64_t)reading->step_change * (frames + 8);

    return reading->step <= CLOSE_STEP && last <= CLOSE_STEP;
}

/* How far 8 frames are from the first of their four. */
typedef struct spans {
    __m256i low;   /* low halves, the sign bit turned: unsigned numbers that compare as signed */
    __m256i whole; /* twice the whole samples, in each byte of an element */
} spans;

/* near: frames 0 and 1 of each four in 32.32, far: frames 2 and 3. */
INLINE spans spans_of(__m256i near, __m256i far)
{
    const __m256i lowest = _mm256_setr_epi8(0, 0, 0, 0, 4, 4, 4, 4, 8, 8, 8, 8, 12, 12, 12, 12, 0,
                                            0, 0, 0, 4, 4, 4, 4, 8, 8, 8, 8, 12, 12, 12, 12);
    const __m256 n = _mm256_castsi256_ps(near), f = _mm256_castsi256_ps(far);
    const __m256 low = _mm256_shuffle_ps(n, f, _MM_SHUFFLE(2, 0, 2, 0));
    const __m256 whole = _mm256_shuffle_ps(n, f, _MM_SHUFFLE(3, 1, 3, 1));
    spans s;

    s.low = _mm256_xor_si256(_mm256_castps_si256(low), _mm256_set1_epi32(INT32_MIN));
    s.whole = _mm256_shuffle_epi8(_mm256_slli_epi32(_mm256_castps_si256(whole), 1), lowest);
    return s;
}

/* Picks two taps of each frame out of the 16 bytes of its four. `taps` has the bytes of the taps
   for a frame at the start; a frame lies one sample further where adding its span has carried. */
INLINE __m256i pick(__m256i bytes, spans s, __m256i carry, int taps)
{
    const __m256i here = _mm256_add_epi8(s.whole, _mm256_set1_epi32(taps));
    const __m256i further = _mm256_add_epi8(s.whole, _mm256_set1_epi32(taps + 0x02020202));

    return _mm256_shuffle_epi8(bytes, _mm256_blendv_epi8(here, further, carry));
}

INLINE __m256 close_nearest(__m256i bytes, spans s, __m256i carry, __m256 t)
{
    (void)t;
    return low_half_as_float(pick(bytes, s, carry, 0x03020100));
}

INLINE __m256 close_linear(__m256i bytes, spans s, __m256i carry, __m256 t)
{
    return linear_16(pick(bytes, s, carry, 0x03020100), t);
}

INLINE __m256 close_cubic(__m256i bytes, spans s, __m256i carry, __m256 t)
{
    return cubic_of_others(pick(bytes, s, carry, 0x05040100), pick(bytes, s, carry, 0x03020706), t);
}

typedef __m256 close_interpolator(__m256i bytes, spans s, __m256i carry, __m256 t);

/* Four frames by one load: for small steps. */
INLINE void read_close(float *out, const ps_reading *reading, uint32_t frames, uint64_t position,
                       ptrdiff_t first, close_interpolator *interpolate, bool moving)
{
    const uint64_t step = reading->step, change = moving ? (uint64_t)reading->step_change : 0;
    const __m256i near_change =
        _mm256_setr_epi64x(0, (int64_t)(8 * change), 0, (int64_t)(8 * change));
    const __m256i far_change =
        _mm256_add_epi64(near_change, _mm256_set1_epi64x((int64_t)(16 * change)));
    const uint8_t *window = reading->window + first;
    const uint64_t start = position;
    uint64_t step4 = 4 * step + 6 * change;
    fractions f = fractions_of(position, reading);
    /* the second four starts with a step 4 changes larger */
    __m256i near = _mm256_setr_epi64x(0, (int64_t)step, 0, (int64_t)(step + 4 * change));
    __m256i far =
        _mm256_setr_epi64x((int64_t)(2 * step + change), (int64_t)(3 * step + 3 * change),
                           (int64_t)(2 * step + 9 * change), (int64_t)(3 * step + 15 * change));
    spans s = spans_of(near, far);

    f.low = _mm256_xor_si256(f.low, _mm256_set1_epi32(INT32_MIN));
    for (uint32_t i = 0; i < frames; i += 8) {
        const uint8_t *at = window + 2 * (position >> 32);
        const uint8_t *next = window + 2 * ((position + step4) >> 32);
        const __m256i bytes = _mm256_castps_si256(load_16_bytes_of_two(at, next));
        const __m256i carry = _mm256_cmpgt_epi32(s.low, f.low);
        const __m256 y = interpolate(bytes, s, carry, fraction_of_turned(f.low));

        if (i + 8 <= frames) {
            _mm256_storeu_ps(out + i, y);
        } else {
            float rest[8];

            _mm256_storeu_ps(rest, y);
            memcpy(out + i, rest, (frames - i) * sizeof *rest);
        }
        position += 2 * step4 + 16 * change;
        f.low = _mm256_add_epi32(f.low, f.step);
        if (moving) {
            f.step = _mm256_add_epi32(f.step, f.change);
            step4 += 32 * change;
            near = _mm256_add_epi64(near, near_change);
            far = _mm256_add_epi64(far, far_change);
            s = spans_of(near, far);
        }
    }
    prefetch_next(window + 2 * (position >> 32), 2 * ((position - start) >> 32) + 64);
}

INLINE void read_16(float *out, const ps_reading *reading, uint32_t frames, uint64_t offset,
                    ptrdiff_t first, close_interpolator *interpolate, reader8 *far)
{
    const uint64_t position = reading->position + offset;
    const bool close = steps_are_close(reading, frames);

    if (close && reading->step_change)
        read_close(out, reading, frames, position, first, interpolate, true);
    else if (close)
        read_close(out, reading, frames, position, first, interpolate, false);
    else if (reading->step_change)
        read_far(out, reading, frames, position, first, 2, far, true);
    else
        read_far(out, reading, frames, position, first, 2, far, false);
}

INLINE void read_float(float *out, const ps_reading *reading, uint32_t frames, uint64_t offset,
                       ptrdiff_t first, reader8 *far)
{
    const uint64_t position = reading->position + offset;

    if (reading->step_change)
        read_far(out, reading, frames, position, first, 4, far, true);
    else
        read_far(out, reading, frames, position, first, 4, far, false);
}

static void read_nearest_16(float *out, const ps_reading *reading, uint32_t frames)
{
    read_16(out, reading, frames, UINT64_C(0x80000000), 0, close_nearest, far_nearest_16);
}

static void read_linear_16(float *out, const ps_reading *reading, uint32_t frames)
{
    read_16(out, reading, frames, 0, 0, close_linear, far_linear_16);
}

static void read_cubic_16(float *out, const ps_reading *reading, uint32_t frames)
{
    read_16(out, reading, frames, 0, -2, close_cubic, far_cubic_16);
}

static void read_nearest_float(float *out, const ps_reading *reading, uint32_t frames)
{
    read_float(out, reading, frames, UINT64_C(0x80000000), 0, nearest_float);
}

static void read_linear_float(float *out, const ps_reading *reading, uint32_t frames)
{
    read_float(out, reading, frames, 0, 0, linear_float);
}

static void read_cubic_float(float *out, const ps_reading *reading, uint32_t frames)
{
    read_float(out, reading, frames, 0, -4, cubic_float);
}

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

INLINE __m256 sinc_frame(const uint8_t *at, const float *phase, __m256 t, uint32_t frame,
                         uint32_t taps, uint32_t frame_bytes, tap_loader *load)
{
    const __m256 way = _mm256_permutevar8x32_ps(t, _mm256_set1_epi32((int)frame));
    __m256 sum = _mm256_setzero_ps();

    for (uint32_t k = 0; k < taps; k += 8) {
        const __m256 weight =
            _mm256_fmadd_ps(way, _mm256_loadu_ps(phase + taps + k), _mm256_loadu_ps(phase + k));
        const __m256 y = load(at + (size_t)k * frame_bytes);

        sum = k == 0 ? _mm256_mul_ps(weight, y) : _mm256_fmadd_ps(weight, y, sum);
    }
    return sum;
}

#define SINC_FRAMER(name, taps, frame_bytes, load)                                                 \
    INLINE __m256 name##_frame(const uint8_t *at, const float *phase, __m256 t, uint32_t frame)    \
    {                                                                                              \
        return sinc_frame(at, phase, t, frame, taps, frame_bytes, load);                           \
    }                                                                                              \
    SINC_READER(name, taps, frame_bytes, name##_frame)

SINC_FRAMER(sinc8_16, 8, 2, taps_16)
SINC_FRAMER(sinc32_16, 32, 2, taps_16)
SINC_FRAMER(sinc8_float, 8, 4, taps_float)
SINC_FRAMER(sinc32_float, 32, 4, taps_float)

const ps_kernels ps_kernels_avx2 = {
    .name = "avx2",
    .read16 = {read_nearest_16, read_linear_16, read_cubic_16, read_sinc8_16, read_sinc32_16},
    .read_float = {read_nearest_float, read_linear_float, read_cubic_float, read_sinc8_float,
                   read_sinc32_float},
    .steer = steer,
    .mix = mix,
};
