/*
 * Waves so slow that every 8th frame tells the others: between those nodes they are cubics, through
 * two nodes on either side.
 *
 * A cubic through four nodes misses f by f^(4) / 4! of some place among them, times the product of
 * the distances to them: at most 9/16 of 8^4, in the middle.
 */
#ifndef PLAINSONG_VOICE_SLOW_H
#define PLAINSONG_VOICE_SLOW_H

#include "kernel/lanes.h"
#include "voice/oscillator.h"
#include "voice/taylor.h"

#define PS_SLOW_STRIDE 8u
/* Of a run: the one before it, and two behind it; made up to whole vectors. */
#define PS_SLOW_NODES  (PS_VOICE_FRAMES / PS_SLOW_STRIDE + 8u)

/* Interpolation misses by less than this. */
#define PS_SLOW_ERROR 1e-7

/* So many frames from a frame may the nodes lie between which it is. */
#define PS_SLOW_REACH (2u * PS_SLOW_STRIDE)

static inline bool ps_is_slow(const ps_taylor *wave)
{
    return 2304.0 * wave->of[4] < PS_SLOW_ERROR;
}

/* Lagrange's weights of the four nodes in 1024ths, at the second of them and behind it. */
/* clang-format off */
static const _Alignas(32) float ps_slow_weights[4][PS_SLOW_STRIDE] = {
    {   0.0f, -35.0f, -56.0f, -65.0f, -64.0f, -55.0f, -40.0f, -21.0f},
    {1024.0f, 945.0f, 840.0f, 715.0f, 576.0f, 429.0f, 280.0f, 135.0f},
    {   0.0f, 135.0f, 280.0f, 429.0f, 576.0f, 715.0f, 840.0f, 945.0f},
    {   0.0f, -21.0f, -40.0f, -55.0f, -64.0f, -65.0f, -56.0f, -35.0f},
};
/* clang-format on */

/* The frames of a whole run from its nodes. */
static inline void ps_slow_fill(float *restrict out, const float *restrict nodes)
{
    for (uint32_t i = 0; i < PS_SLOW_STRIDE; i += PS_LANES) {
        ps_lanes weights[4];

        for (uint32_t n = 0; n < 4; n++)
            weights[n] = ps_lanes_load(ps_slow_weights[n] + i) * 0x1p-10f;
        for (uint32_t k = 0; k < PS_VOICE_FRAMES / PS_SLOW_STRIDE; k++) {
            ps_lanes sum = weights[0] * nodes[k];

            for (uint32_t n = 1; n < 4; n++)
                sum = ps_lanes_madd(weights[n], ps_lanes_all(nodes[k + n]), sum);
            ps_lanes_write(out + k * PS_SLOW_STRIDE + i, sum);
        }
    }
}

/* Whether a steady wobble may have a zero less than `apart` frames from one of `count` frames, both
   below 2^16. */
static inline bool ps_wobble_nears_zero(const ps_wobble *w, uint64_t first, uint32_t count,
                                        uint32_t apart)
{
    const bool back = w->step >> 63;
    const uint64_t step = back ? 0 - w->step : w->step, length = count + 2 * (uint64_t)apart;
    const uint64_t from = back ? first + count + apart : first - apart;
    const uint64_t half = UINT64_C(1) << 63;

    /* Sines are zero where their phase passes a multiple of a half. Rounded up to 2^-44 cycles a
       frame, steps cannot overflow. */
    const uint64_t before = (w->phase + from * w->step) & (half - 1);
    return (before >> 20) + length * ((step >> 20) + 1) >= half >> 20;
}

#endif
