/* The kernels in plain C: the definition of every answer. */
#include "kernel/kernel.h"

#include <string.h>

#include "kernel/steer.h"

uint32_t ps_taps_before(ps_interpolation interpolation)
{
    static const uint8_t before[PS_INTERPOLATIONS] = {0, 0, 1, 3, 15};

    return before[interpolation];
}

uint32_t ps_taps_after(ps_interpolation interpolation)
{
    static const uint8_t after[PS_INTERPOLATIONS] = {1, 1, 2, 4, 16};

    return after[interpolation];
}

/* Windows are little-endian files; where the processor is too, loads vectorize. */
static inline int32_t load_16(const uint8_t *window, int64_t frame)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    int16_t value;

    memcpy(&value, window + 2 * frame, sizeof value);
    return value;
#else
    const uint8_t *b = window + 2 * frame;

    return (int16_t)(uint16_t)(b[0] | b[1] << 8);
#endif
}

static inline float load_float(const uint8_t *window, int64_t frame)
{
    float value;

    memcpy(&value, window + 4 * frame, sizeof value);
    return value;
}

/* Of the low half of a position: 24 bits, exact as a float. */
static inline float fraction(uint32_t low)
{
    return (float)(int32_t)(low >> 8) * 0x1p-24f;
}

/* Catmull-Rom: the cubic through y1 and y2 with the slopes of its neighbours (Catmull and Rom,
   1974), in Horner form. */
static inline float cubic(float y0, float y1, float y2, float y3, float t)
{
    const float c1 = 0.5f * (y2 - y0);
    const float c3 = 1.5f * (y1 - y2) + 0.5f * (y3 - y0);
    const float c2 = y0 - y1 + c1 - c3;

    return ((c3 * t + c2) * t + c1) * t + y1;
}

/* Taps are collected for some frames, one after the other, then the frames are computed side by
   side: that a compiler can vectorize. The tile is long enough that its first taps have reached
   memory when they are loaded again. */
#define TILE 64u

/* Two taps that lie side by side; 16-bit ones are the halves of a word. */
typedef uint32_t pair_16;

typedef struct pair_float {
    float first, second;
} pair_float;

/* Loads `count` pairs at once. */
static inline void load_pairs_16(pair_16 *pairs, const uint8_t *window, int64_t frame,
                                 uint32_t count)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    memcpy(pairs, window + 2 * frame, count * sizeof *pairs);
#else
    for (uint32_t k = 0; k < count; k++)
        pairs[k] = ((uint32_t)load_16(window, frame + 2 * k) & 0xffffu) |
                   (uint32_t)load_16(window, frame + 2 * k + 1) << 16;
#endif
}

static inline void load_pairs_float(pair_float *pairs, const uint8_t *window, int64_t frame,
                                    uint32_t count)
{
    memcpy(pairs, window + 4 * frame, count * sizeof *pairs);
}

static inline float first_16(pair_16 pair)
{
    return (float)((int32_t)(pair << 16) >> 16);
}

static inline float second_16(pair_16 pair)
{
    return (float)((int32_t)pair >> 16);
}

static inline float first_float(pair_float pair)
{
    return pair.first;
}

static inline float second_float(pair_float pair)
{
    return pair.second;
}

/* The low halves of positions. A loop of its own, and one more for a steady step, which can be
   vectorized. */
static inline void collect_lows(uint32_t low[TILE], const ps_reading *at, uint32_t frames)
{
    uint32_t position = (uint32_t)at->position, step = (uint32_t)at->step;
    const uint32_t change = (uint32_t)at->step_change;

    if (change == 0) {
        for (uint32_t i = 0; i < frames; i++) {
            low[i] = position;
            position += step;
        }
    } else {
        for (uint32_t i = 0; i < frames; i++) {
            low[i] = position;
            position += step;
            step += change;
        }
    }
}

/* clang-format off */
#define PS_READERS(suffix)                                                                         \
    typedef struct taps_##suffix {                                                                 \
        pair_##suffix y[TILE][2];                                                                  \
        uint32_t low[TILE];                                                                        \
    } taps_##suffix;                                                                               \
    /* Collects `pairs` pairs of taps from `first` on for some frames, and moves on. Four frames   \
       at a time go from register to register into wide stores. */                                 \
    static inline void collect_##suffix(taps_##suffix *taps, ps_reading *at, uint32_t frames,      \
                                        int64_t first, uint32_t pairs)                             \
    {                                                                                              \
        uint64_t position = at->position, step = at->step;                                         \
        const uint64_t change = (uint64_t)at->step_change;                                         \
        const uint8_t *window = at->window + first * (int64_t)sizeof(pair_##suffix) / 2;           \
        uint32_t i = 0;                                                                            \
        collect_lows(taps->low, at, frames);                                                       \
        for (; i + 4 <= frames; i += 4) {                                                          \
            for (uint32_t k = 0; k < 4; k++) {                                                     \
                load_pairs_##suffix(taps->y[i + k], window, (int64_t)(position >> 32), pairs);     \
                position += step;                                                                  \
                step += change;                                                                    \
            }                                                                                      \
        }                                                                                          \
        for (; i < frames; i++) {                                                                  \
            load_pairs_##suffix(taps->y[i], window, (int64_t)(position >> 32), pairs);             \
            position += step;                                                                      \
            step += change;                                                                        \
        }                                                                                          \
        at->position = position;                                                                   \
        at->step = step;                                                                           \
    }                                                                                              \
    static void nearest_##suffix(float *out, const ps_reading *reading, uint32_t frames)           \
    {                                                                                              \
        uint64_t position = reading->position + UINT64_C(0x80000000), step = reading->step;        \
        for (uint32_t i = 0; i < frames; i++) {                                                    \
            out[i] = (float)load_##suffix(reading->window, (int64_t)(position >> 32));             \
            position += step;                                                                      \
            step += (uint64_t)reading->step_change;                                                \
        }                                                                                          \
    }                                                                                              \
    static inline void linear_tile_##suffix(float *out, const taps_##suffix *taps,                 \
                                            uint32_t frames)                                       \
    {                                                                                              \
        for (uint32_t i = 0; i < frames; i++) {                                                    \
            const float a = first_##suffix(taps->y[i][0]), b = second_##suffix(taps->y[i][0]);     \
            out[i] = a + fraction(taps->low[i]) * (b - a);                                         \
        }                                                                                          \
    }                                                                                              \
    static void linear_##suffix(float *out, const ps_reading *reading, uint32_t frames)            \
    {                                                                                              \
        ps_reading at = *reading;                                                                  \
        taps_##suffix taps;                                                                        \
        uint32_t i = 0;                                                                            \
        for (; i + TILE <= frames; i += TILE) {                                                    \
            collect_##suffix(&taps, &at, TILE, 0, 1);                                              \
            linear_tile_##suffix(out + i, &taps, TILE);                                            \
        }                                                                                          \
        collect_##suffix(&taps, &at, frames - i, 0, 1);                                            \
        linear_tile_##suffix(out + i, &taps, frames - i);                                          \
    }                                                                                              \
    static inline void cubic_tile_##suffix(float *out, const taps_##suffix *taps,                  \
                                           uint32_t frames)                                        \
    {                                                                                              \
        for (uint32_t i = 0; i < frames; i++)                                                      \
            out[i] = cubic(first_##suffix(taps->y[i][0]), second_##suffix(taps->y[i][0]),          \
                           first_##suffix(taps->y[i][1]), second_##suffix(taps->y[i][1]),          \
                           fraction(taps->low[i]));                                                \
    }                                                                                              \
    static void cubic_##suffix(float *out, const ps_reading *reading, uint32_t frames)             \
    {                                                                                              \
        ps_reading at = *reading;                                                                  \
        taps_##suffix taps;                                                                        \
        uint32_t i = 0;                                                                            \
        for (; i + TILE <= frames; i += TILE) {                                                    \
            collect_##suffix(&taps, &at, TILE, -1, 2);                                             \
            cubic_tile_##suffix(out + i, &taps, TILE);                                             \
        }                                                                                          \
        collect_##suffix(&taps, &at, frames - i, -1, 2);                                           \
        cubic_tile_##suffix(out + i, &taps, frames - i);                                           \
    }                                                                                              \
    /* Eight sums side by side, then halved: with one sum each tap would wait for the last. */     \
    static inline void sinc_##suffix(float *out, const ps_reading *reading, uint32_t frames,       \
                                     uint32_t taps)                                                \
    {                                                                                              \
        uint64_t position = reading->position, step = reading->step;                               \
        for (uint32_t i = 0; i < frames; i++) {                                                    \
            const int64_t at = (int64_t)(position >> 32) - (int64_t)(taps / 2 - 1);                \
            const uint32_t low = (uint32_t)position;                                               \
            const float *weight = reading->sinc + (size_t)(low >> PS_SINC_SHIFT) * 2 * taps;       \
            const float *slope = weight + taps;                                                    \
            const float t = fraction(low << (32 - PS_SINC_SHIFT));                                 \
            float sum[8] = {0.0f};                                                                 \
            for (uint32_t k = 0; k < taps; k += 8) {                                               \
                for (uint32_t j = 0; j < 8; j++)                                                   \
                    sum[j] += (weight[k + j] + t * slope[k + j]) *                                 \
                              (float)load_##suffix(reading->window, at + k + j);                   \
            }                                                                                      \
            for (uint32_t half = 4; half > 0; half /= 2) {                                         \
                for (uint32_t j = 0; j < half; j++)                                                \
                    sum[j] += sum[j + half];                                                       \
            }                                                                                      \
            out[i] = sum[0];                                                                       \
            position += step;                                                                      \
            step += (uint64_t)reading->step_change;                                                \
        }                                                                                          \
    }                                                                                              \
    static void sinc8_##suffix(float *out, const ps_reading *reading, uint32_t frames)             \
    {                                                                                              \
        sinc_##suffix(out, reading, frames, 8);                                                    \
    }                                                                                              \
    static void sinc32_##suffix(float *out, const ps_reading *reading, uint32_t frames)            \
    {                                                                                              \
        sinc_##suffix(out, reading, frames, 32);                                                   \
    }
/* clang-format on */

PS_READERS(16)
PS_READERS(float)

/* Denormals in a decaying filter are slow and mean nothing: below -400 dB it is at rest. */
static float at_rest(float s)
{
    return s > -1e-20f && s < 1e-20f ? 0.0f : s;
}

typedef struct filter {
    float b0, a1, a2, b0_change, a1_change, a2_change, s1, s2;
} filter;

static filter filter_of(const ps_group_shape *shape, const ps_group_state *state, uint32_t lane)
{
    const filter f = {shape->b0[lane],        shape->a1[lane],        shape->a2[lane],
                      shape->b0_change[lane], shape->a1_change[lane], shape->a2_change[lane],
                      state->s1[lane],        state->s2[lane]};

    return f;
}

static inline float filter_frame(filter *f, float in, bool moving)
{
    const float x = f->b0 * in;
    const float y = x + f->s1;

    f->s1 = 2.0f * x + f->s2 - f->a1 * y;
    f->s2 = x - f->a2 * y;
    if (moving) {
        f->b0 += f->b0_change;
        f->a1 += f->a1_change;
        f->a2 += f->a2_change;
    }
    return y;
}

/* A filter waits for its own last frame most of the time, so four lanes take turns. */
static inline void filter_four(float *restrict out, const float *restrict in, filter f[4],
                               uint32_t frames, bool moving)
{
    filter a = f[0], b = f[1], c = f[2], d = f[3];

    for (uint32_t i = 0; i < frames; i++) {
        out[i] = filter_frame(&a, in[i], moving);
        out[PS_GRID_FRAMES + i] = filter_frame(&b, in[PS_GRID_FRAMES + i], moving);
        out[2 * PS_GRID_FRAMES + i] = filter_frame(&c, in[2 * PS_GRID_FRAMES + i], moving);
        out[3 * PS_GRID_FRAMES + i] = filter_frame(&d, in[3 * PS_GRID_FRAMES + i], moving);
    }
    f[0] = a;
    f[1] = b;
    f[2] = c;
    f[3] = d;
}

static inline void filter_one(float *restrict out, const float *restrict in, filter *f,
                              uint32_t frames, bool moving)
{
    filter a = *f;

    for (uint32_t i = 0; i < frames; i++)
        out[i] = filter_frame(&a, in[i], moving);
    *f = a;
}

static inline void filter_lanes(float *out, const float *strips, const ps_group_shape *shape,
                                ps_group_state *state, uint32_t lanes, uint32_t frames, bool moving)
{
    filter f[PS_GROUP_LANES];
    uint32_t lane = 0;

    for (uint32_t k = 0; k < lanes; k++)
        f[k] = filter_of(shape, state, k);
    for (; lane + 4 <= lanes; lane += 4)
        filter_four(out + lane * PS_GRID_FRAMES, strips + lane * PS_GRID_FRAMES, f + lane, frames,
                    moving);
    for (; lane < lanes; lane++)
        filter_one(out + lane * PS_GRID_FRAMES, strips + lane * PS_GRID_FRAMES, f + lane, frames,
                   moving);
    for (uint32_t k = 0; k < lanes; k++) {
        state->s1[k] = at_rest(f[k].s1);
        state->s2[k] = at_rest(f[k].s2);
    }
}

/* Adds one lane to two planar buses; index[i] is i. */
static void add_lane(float *restrict left, float *restrict right, const float *restrict strip,
                     const float *restrict index, const ps_group_shape *shape, uint32_t bus,
                     uint32_t lane, uint32_t frames)
{
    const float gain_left = shape->gain[bus][lane], gain_right = shape->gain[bus + 1][lane];
    const float change_left = shape->gain_change[bus][lane];
    const float change_right = shape->gain_change[bus + 1][lane];

    for (uint32_t i = 0; i < frames; i++) {
        left[i] += (gain_left + index[i] * change_left) * strip[i];
        right[i] += (gain_right + index[i] * change_right) * strip[i];
    }
}

static void mix(float *buses, const float *strips, const ps_group_shape *shape,
                ps_group_state *state, uint32_t lanes, uint32_t frames, uint32_t flags)
{
    const uint32_t bus_count = flags & PS_MIX_SENDS ? PS_BUSES : 2;
    float filtered[PS_GROUP_LANES * PS_GRID_FRAMES];
    float sum[PS_BUSES][PS_GRID_FRAMES], index[PS_GRID_FRAMES];

    if (flags & PS_MIX_FILTER) {
        if (flags & PS_MIX_FILTER_MOVES)
            filter_lanes(filtered, strips, shape, state, lanes, frames, true);
        else
            filter_lanes(filtered, strips, shape, state, lanes, frames, false);
        strips = filtered;
    }
    memset(sum, 0, sizeof sum);
    for (uint32_t i = 0; i < PS_GRID_FRAMES; i++)
        index[i] = (float)(int32_t)i;
    for (uint32_t lane = 0; lane < lanes; lane++) {
        for (uint32_t bus = 0; bus < bus_count; bus += 2)
            add_lane(sum[bus], sum[bus + 1], strips + lane * PS_GRID_FRAMES, index, shape, bus,
                     lane, frames);
    }
    for (uint32_t i = 0; i < frames; i++) {
        for (uint32_t bus = 0; bus < bus_count; bus++)
            buses[i * PS_BUSES + bus] += sum[bus][i];
    }
}

const ps_kernels ps_kernels_c = {
    .name = "c",
    .read16 = {nearest_16, linear_16, cubic_16, sinc8_16, sinc32_16},
    .read_float = {nearest_float, linear_float, cubic_float, sinc8_float, sinc32_float},
    .steer = steer,
    .mix = mix,
};
