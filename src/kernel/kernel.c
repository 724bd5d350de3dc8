/* The kernels in plain C: the definition of every answer. */
#include "kernel/kernel.h"

#include <string.h>

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

static float load16(const uint8_t *window, int64_t frame)
{
    const uint8_t *b = window + 2 * frame;

    return (float)(int16_t)(uint16_t)(b[0] | b[1] << 8);
}

static float load_float(const uint8_t *window, int64_t frame)
{
    float value;

    memcpy(&value, window + 4 * frame, sizeof value);
    return value;
}

/* The fraction with 24 bits: exact as a float. */
static float fraction(uint64_t position)
{
    return (float)((uint32_t)position >> 8) * 0x1p-24f;
}

/* Catmull-Rom: the cubic through y1 and y2 with the slopes of its neighbours (Catmull and Rom,
   1974), in Horner form. */
static float cubic(float y0, float y1, float y2, float y3, float t)
{
    const float c1 = 0.5f * (y2 - y0);
    const float c3 = 1.5f * (y1 - y2) + 0.5f * (y3 - y0);
    const float c2 = y0 - y1 + c1 - c3;

    return ((c3 * t + c2) * t + c1) * t + y1;
}

/* clang-format off */
#define PS_READERS(suffix, load)                                                                   \
    static void nearest_##suffix(float *out, const ps_reading *reading, uint32_t frames)           \
    {                                                                                              \
        uint64_t position = reading->position + UINT64_C(0x80000000), step = reading->step;        \
        for (uint32_t i = 0; i < frames; i++) {                                                    \
            out[i] = load(reading->window, (int64_t)(position >> 32));                             \
            position += step;                                                                      \
            step += (uint64_t)reading->step_change;                                                \
        }                                                                                          \
    }                                                                                              \
    static void linear_##suffix(float *out, const ps_reading *reading, uint32_t frames)            \
    {                                                                                              \
        uint64_t position = reading->position, step = reading->step;                               \
        for (uint32_t i = 0; i < frames; i++) {                                                    \
            const int64_t at = (int64_t)(position >> 32);                                          \
            const float a = load(reading->window, at), b = load(reading->window, at + 1);          \
            out[i] = a + fraction(position) * (b - a);                                             \
            position += step;                                                                      \
            step += (uint64_t)reading->step_change;                                                \
        }                                                                                          \
    }                                                                                              \
    static void cubic_##suffix(float *out, const ps_reading *reading, uint32_t frames)             \
    {                                                                                              \
        uint64_t position = reading->position, step = reading->step;                               \
        for (uint32_t i = 0; i < frames; i++) {                                                    \
            const int64_t at = (int64_t)(position >> 32);                                          \
            out[i] = cubic(load(reading->window, at - 1), load(reading->window, at),               \
                           load(reading->window, at + 1), load(reading->window, at + 2),           \
                           fraction(position));                                                    \
            position += step;                                                                      \
            step += (uint64_t)reading->step_change;                                                \
        }                                                                                          \
    }                                                                                              \
    static void sinc_##suffix(float *out, const ps_reading *reading, uint32_t frames,              \
                              uint32_t taps)                                                       \
    {                                                                                              \
        uint64_t position = reading->position, step = reading->step;                               \
        for (uint32_t i = 0; i < frames; i++) {                                                    \
            const int64_t at = (int64_t)(position >> 32) - (int64_t)(taps / 2 - 1);                \
            const float *row = reading->sinc + (size_t)((uint32_t)position >> 24) * taps;          \
            const float t = (float)((uint32_t)position & 0xffffffu) * 0x1p-24f;                    \
            float low = 0.0f, high = 0.0f;                                                         \
            for (uint32_t k = 0; k < taps; k++) {                                                  \
                const float y = load(reading->window, at + k);                                     \
                low += row[k] * y;                                                                 \
                high += row[taps + k] * y;                                                         \
            }                                                                                      \
            out[i] = low + t * (high - low);                                                       \
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

PS_READERS(16, load16)
PS_READERS(float, load_float)

/* Denormals in a decaying filter are slow and mean nothing: below -400 dB it is at rest. */
static float at_rest(float s)
{
    return s > -1e-20f && s < 1e-20f ? 0.0f : s;
}

static void mix(float *buses, const float *strips, const ps_group_shape *shape,
                ps_group_state *state, uint32_t lanes, uint32_t frames, uint32_t flags)
{
    const uint32_t bus_count = flags & PS_MIX_SENDS ? PS_BUSES : 2;

    for (uint32_t lane = 0; lane < lanes; lane++) {
        const float *strip = strips + lane * PS_GRID_FRAMES;
        float b0 = shape->b0[lane], a1 = shape->a1[lane], a2 = shape->a2[lane];
        float s1 = state->s1[lane], s2 = state->s2[lane];
        float filtered[PS_GRID_FRAMES];

        if (flags & PS_MIX_FILTER) {
            for (uint32_t i = 0; i < frames; i++) {
                const float x = b0 * strip[i];
                const float y = x + s1;

                s1 = 2.0f * x + s2 - a1 * y;
                s2 = x - a2 * y;
                filtered[i] = y;
                b0 += shape->b0_change[lane];
                a1 += shape->a1_change[lane];
                a2 += shape->a2_change[lane];
            }
            state->s1[lane] = at_rest(s1);
            state->s2[lane] = at_rest(s2);
            strip = filtered;
        }
        for (uint32_t bus = 0; bus < bus_count; bus++) {
            const float change = shape->gain_change[bus][lane];
            float gain = shape->gain[bus][lane];

            for (uint32_t i = 0; i < frames; i++) {
                buses[i * PS_BUSES + bus] += gain * strip[i];
                gain += change;
            }
        }
    }
}

const ps_kernels ps_kernels_c = {
    .name = "c",
    .read16 = {nearest_16, linear_16, cubic_16, sinc8_16, sinc32_16},
    .read_float = {nearest_float, linear_float, cubic_float, sinc8_float, sinc32_float},
    .mix = mix,
};
