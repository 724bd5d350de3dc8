/*
 * The kernels with AVX-512 (F, BW, VL, DQ).
 *
 * Reading: as long as 16 frames read at most 64 samples, one or two 64-byte loads hold all their
 * taps and a permutation of words picks them; beyond, the AVX2 kernels are called. Mixing is that
 * of kernel_x86.h, for which there are more registers here.
 */
#include "kernel/kernel_x86.h"

/* ---- Positions ---- */

/* Where 16 frames lie, relative to the whole frame at the first one's position: the low halves
   and the words to pick from the window. */
typedef struct places {
    __m512i low;
    __m512i words;   /* the first tap, in both halves of an element, */
    __mmask16 carry; /* and where it is one further on */
} places;

/* How far the frames are from the first, for one step. */
typedef struct spans {
    __m512i low;
    __m512i words;
} spans;

/* Frames 0..7 and 8..15 lie this many 32.32 steps away. */
INLINE spans spans_of(__m512i near, __m512i far)
{
    const __m512i even =
        _mm512_setr_epi32(0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30);
    const __m512i odd = _mm512_add_epi32(even, _mm512_set1_epi32(1));
    const __m512i whole = _mm512_permutex2var_epi32(near, odd, far);
    spans s;

    s.low = _mm512_permutex2var_epi32(near, even, far);
    s.words = _mm512_or_si512(whole, _mm512_slli_epi32(whole, 16));
    return s;
}

INLINE places places_of(spans s, uint64_t position)
{
    places p;

    p.low = _mm512_add_epi32(s.low, _mm512_set1_epi32((int)(uint32_t)position));
    p.words = s.words;
    p.carry = _mm512_cmplt_epu32_mask(p.low, s.low);
    return p;
}

/* Rounded to 24 bits, 0 to 1. */
INLINE __m512 fraction16_of(__m512i low)
{
    return _mm512_mul_ps(_mm512_cvtepu32_ps(low), _mm512_set1_ps(0x1p-32f));
}

/* ---- Interpolating ---- */

/* 32 samples from the first tap of the first frame on, or 64. */
typedef struct samples {
    __m512i first, second;
    bool two;
} samples;

typedef __m512 interpolator(samples from, places p);

/* Two taps of each frame, the first in the low half; they lie this far from its first. */
INLINE __m512i pick(samples from, places p, int first, int second)
{
    /* a steady step leaves the first sum outside of the loop */
    const __m512i here = _mm512_add_epi16(p.words, _mm512_set1_epi32(WEIGHTS(first, second)));
    const __m512i words = _mm512_mask_add_epi32(here, p.carry, here, _mm512_set1_epi32(0x10001));

    if (from.two)
        return _mm512_permutex2var_epi16(from.first, words, from.second);
    return _mm512_permutexvar_epi16(words, from.first);
}

INLINE __m512 high_half_as_float(__m512i pair)
{
    return _mm512_cvtepi32_ps(_mm512_srai_epi32(pair, 16));
}

INLINE __m512i weigh(__m512i pair, int first, int second)
{
    return _mm512_madd_epi16(pair, _mm512_set1_epi32(WEIGHTS(first, second)));
}

INLINE __m512 nearest_16(samples from, places p)
{
    return high_half_as_float(pick(from, p, 0, 0));
}

INLINE __m512 linear_16(samples from, places p)
{
    const __m512i y10 = pick(from, p, 1, 0);

    return _mm512_fmadd_ps(fraction16_of(p.low), _mm512_cvtepi32_ps(weigh(y10, 1, -1)),
                           high_half_as_float(y10));
}

/* The cubic of plain C with twice its coefficients, which are whole multiples of the taps: exact in
   integers. */
INLINE __m512 cubic_16(samples from, places p)
{
    const __m512i y02 = pick(from, p, 0, 2), y31 = pick(from, p, 3, 1);
    const __m512i c1 = weigh(y02, -1, 1);
    const __m512i c2 = _mm512_add_epi32(weigh(y02, 2, 4), weigh(y31, -1, -5));
    const __m512i c3 = _mm512_add_epi32(weigh(y02, -1, -3), weigh(y31, 1, 3));
    const __m512 t = fraction16_of(p.low);
    __m512 rise = _mm512_fmadd_ps(_mm512_cvtepi32_ps(c3), t, _mm512_cvtepi32_ps(c2));

    rise = _mm512_fmadd_ps(rise, t, _mm512_cvtepi32_ps(c1));
    return _mm512_fmadd_ps(_mm512_mul_ps(t, _mm512_set1_ps(0.5f)), rise, high_half_as_float(y31));
}

/* ---- Reading ---- */

/* `first` is the byte of a frame's first tap, relative to the frame at its position. */
INLINE uint64_t read_close(float *out, const ps_reading *reading, uint32_t frames,
                           uint64_t position, ptrdiff_t first, interpolator *interpolate,
                           bool moving, bool two)
{
    /* frame k lies k steps and k (k - 1) / 2 step changes on; 16 frames later the step is 16
       changes more */
    const __m512i k = _mm512_setr_epi64(0, 1, 2, 3, 4, 5, 6, 7), k8 = _mm512_set1_epi64(8);
    const __m512i changes = _mm512_setr_epi64(0, 0, 1, 3, 6, 10, 15, 21);
    const __m512i far_changes = _mm512_setr_epi64(28, 36, 45, 55, 66, 78, 91, 105);
    const __m512i step = _mm512_set1_epi64((int64_t)reading->step);
    const __m512i change = _mm512_set1_epi64(reading->step_change);
    const uint8_t *window = reading->window + first;
    uint64_t step16 = 16 * reading->step + 120 * (uint64_t)reading->step_change;
    __m512i near = _mm512_mullo_epi64(k, step);
    __m512i far = _mm512_add_epi64(near, _mm512_slli_epi64(step, 3));
    const __m512i near_change = _mm512_slli_epi64(_mm512_mullo_epi64(k, change), 4);
    const __m512i far_change =
        _mm512_slli_epi64(_mm512_mullo_epi64(_mm512_add_epi64(k, k8), change), 4);
    spans s;

    if (moving) {
        near = _mm512_add_epi64(near, _mm512_mullo_epi64(changes, change));
        far = _mm512_add_epi64(far, _mm512_mullo_epi64(far_changes, change));
    }
    s = spans_of(near, far);
    for (uint32_t i = 0; i < frames; i += 16) {
        const uint8_t *at = window + 2 * (position >> 32);
        const samples from = {_mm512_loadu_si512(at),
                              two ? _mm512_loadu_si512(at + 64) : _mm512_setzero_si512(), two};
        const __m512 y = interpolate(from, places_of(s, position));

        if (i + 16 <= frames)
            _mm512_storeu_ps(out + i, y);
        else
            _mm512_mask_storeu_ps(out + i, (__mmask16)((1u << (frames - i)) - 1), y);
        position += step16;
        if (moving) {
            step16 += 256 * (uint64_t)reading->step_change;
            near = _mm512_add_epi64(near, near_change);
            far = _mm512_add_epi64(far, far_change);
            s = spans_of(near, far);
        }
    }
    return position;
}

/* The largest step with which the last of 16 frames begins at most so many samples on. */
#define STEP_FOR(samples) (((uint64_t)(samples) << 32) / 15)

INLINE bool steps_lie_in(const ps_reading *reading, uint32_t frames, uint64_t low, uint64_t high)
{
    const uint64_t first = reading->step;
    const uint64_t last = first + (uint64_t)reading->step_change * (frames + 16);

    return first >= low && first <= high && last >= low && last <= high;
}

/* Reads by one or two loads per 16 frames where steps allow, else by the AVX2 kernel of this mode.
   A second load must not go beyond the slack, so it waits for steps that use some of it, and for
   whole blocks. last_tap: the interpolation's, counted from its first. */
INLINE void read(float *out, const ps_reading *reading, uint32_t frames, uint64_t offset,
                 ptrdiff_t first, uint32_t last_tap, interpolator *interpolate,
                 ps_interpolation mode)
{
    const uint64_t start = reading->position + offset;
    const uint64_t close = STEP_FOR(31 - last_tap), wide = STEP_FOR(63 - last_tap);
    const bool moving = reading->step_change != 0;
    uint64_t end;

    if (steps_lie_in(reading, frames, 0, close)) {
        if (moving)
            end = read_close(out, reading, frames, start, first, interpolate, true, false);
        else
            end = read_close(out, reading, frames, start, first, interpolate, false, false);
    } else if (frames % 16 == 0 && steps_lie_in(reading, frames, close + 1, wide)) {
        if (moving)
            end = read_close(out, reading, frames, start, first, interpolate, true, true);
        else
            end = read_close(out, reading, frames, start, first, interpolate, false, true);
    } else {
        ps_kernels_avx2.read16[mode](out, reading, frames);
        return;
    }
    prefetch_next(reading->window + 2 * (end >> 32), 2 * ((end - start) >> 32) + 64);
}

static void read_nearest_16(float *out, const ps_reading *reading, uint32_t frames)
{
    read(out, reading, frames, UINT64_C(0x80000000), 0, 0, nearest_16, PS_INTERPOLATE_NEAREST);
}

static void read_linear_16(float *out, const ps_reading *reading, uint32_t frames)
{
    read(out, reading, frames, 0, 0, 1, linear_16, PS_INTERPOLATE_LINEAR);
}

static void read_cubic_16(float *out, const ps_reading *reading, uint32_t frames)
{
    read(out, reading, frames, 0, -2, 3, cubic_16, PS_INTERPOLATE_CUBIC);
}

/* Floats are twice as wide: nothing here beats AVX2. */
#define AS_AVX2(name, table, mode)                                                                 \
    static void name(float *out, const ps_reading *reading, uint32_t frames)                       \
    {                                                                                              \
        ps_kernels_avx2.table[mode](out, reading, frames);                                         \
    }

AS_AVX2(read_nearest_float, read_float, PS_INTERPOLATE_NEAREST)
AS_AVX2(read_linear_float, read_float, PS_INTERPOLATE_LINEAR)
AS_AVX2(read_cubic_float, read_float, PS_INTERPOLATE_CUBIC)
AS_AVX2(read_sinc8_16, read16, PS_INTERPOLATE_SINC8)
AS_AVX2(read_sinc8_float, read_float, PS_INTERPOLATE_SINC8)

/* ---- Windowed sinc ---- */

typedef __m512 tap_loader(const uint8_t *at); /* 16 taps */

INLINE __m512 taps_16(const uint8_t *at)
{
    const __m256i taps = _mm256_loadu_si256((const __m256i *)(const void *)at);

    return _mm512_cvtepi32_ps(_mm512_cvtepi16_epi32(taps));
}

INLINE __m512 taps_float(const uint8_t *at)
{
    return _mm512_loadu_ps(at);
}

INLINE __m256 sinc32_frame(const uint8_t *at, const float *phase, __m256 t, uint32_t frame,
                           uint32_t frame_bytes, tap_loader *load)
{
    const __m512 way =
        _mm512_permutexvar_ps(_mm512_set1_epi32((int)frame), _mm512_castps256_ps512(t));
    const __m512 first = _mm512_fmadd_ps(way, _mm512_loadu_ps(phase + 32), _mm512_loadu_ps(phase));
    const __m512 second =
        _mm512_fmadd_ps(way, _mm512_loadu_ps(phase + 48), _mm512_loadu_ps(phase + 16));
    const __m512 sum = _mm512_fmadd_ps(second, load(at + (size_t)16 * frame_bytes),
                                       _mm512_mul_ps(first, load(at)));

    return _mm256_add_ps(_mm512_castps512_ps256(sum), _mm512_extractf32x8_ps(sum, 1));
}

INLINE __m256 sinc32_16_frame(const uint8_t *at, const float *phase, __m256 t, uint32_t frame)
{
    return sinc32_frame(at, phase, t, frame, 2, taps_16);
}

INLINE __m256 sinc32_float_frame(const uint8_t *at, const float *phase, __m256 t, uint32_t frame)
{
    return sinc32_frame(at, phase, t, frame, 4, taps_float);
}

SINC_READER(sinc32_16, 32, 2, sinc32_16_frame)
SINC_READER(sinc32_float, 32, 4, sinc32_float_frame)

const ps_kernels ps_kernels_avx512 = {
    .name = "avx512",
    .read16 = {read_nearest_16, read_linear_16, read_cubic_16, read_sinc8_16, read_sinc32_16},
    .read_float = {read_nearest_float, read_linear_float, read_cubic_float, read_sinc8_float,
                   read_sinc32_float},
    .steer = steer,
    .mix = mix,
};
