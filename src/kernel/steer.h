/*
 * The shape of a group's stretch: gains and low-passes from where they are to where they are to
 * be, all lanes side by side. Plain C that compilers vectorize; each row compiles it with its own
 * instructions.
 */
#ifndef PLAINSONG_KERNEL_STEER_H
#define PLAINSONG_KERNEL_STEER_H

#include <stdbool.h>
#include <string.h>

#include "kernel/kernel.h"
#include "kernel/math.h"

#define STEER_LANES PS_GROUP_LANES

/* b0, a1, a2 of two-pole low-passes (R. Bristow-Johnson's cookbook form). */
typedef struct steer_filters {
    float b0[STEER_LANES], a1[STEER_LANES], a2[STEER_LANES];
} steer_filters;

/* Half the cutoffs as shares of the rate. A loop of its own, as compilers otherwise weave its
   choices into those that follow and then find no vectors for them. */
static inline void steer_half_cycles(float half_cycles[STEER_LANES],
                                     const float *restrict cutoff_octaves)
{
    float share[STEER_LANES];

    for (uint32_t i = 0; i < STEER_LANES; i++)
        share[i] = ps_exp2_float(cutoff_octaves[i]);
    for (uint32_t i = 0; i < STEER_LANES; i++)
        half_cycles[i] = share[i] > 0.47f ? 0.235f : 0.5f * share[i];
}

/* By the half angle, so that 1 - cos stays exact for low cutoffs. */
static inline void steer_coefficients(steer_filters *restrict to,
                                      const ps_group_course *restrict course,
                                      const float *restrict cutoff_octaves)
{
    float half_cycles[STEER_LANES];

    steer_half_cycles(half_cycles, cutoff_octaves);
    for (uint32_t i = 0; i < STEER_LANES; i++) {
        const float sine = ps_sin_quarter_float(half_cycles[i]);
        const float cosine = ps_sin_quarter_float(0.25f - half_cycles[i]);
        const float alpha = 2.0f * sine * cosine * course->half_damping[i];
        const float scale = 1.0f / (1.0f + alpha);

        to->b0[i] = sine * sine * scale * course->dc_gain[i];
        to->a1[i] = (4.0f * sine * sine - 2.0f) * scale;
        to->a2[i] = (1.0f - alpha) * scale;
    }
}

/* Lanes without a low-pass stay the identity. */
static inline void steer_keep_others(float *restrict to, const float *restrict now,
                                     const uint32_t *restrict filtered)
{
    for (uint32_t i = 0; i < STEER_LANES; i++)
        to[i] = ps_float_of_bits((ps_bits_of_float(to[i]) & filtered[i]) |
                                 (ps_bits_of_float(now[i]) & ~filtered[i]));
}

/* Returns whether something moves. */
static inline bool steer_move(float *restrict from, float *restrict change, float *restrict now,
                              const float *restrict to, float scale)
{
    uint32_t moved = 0;

    for (uint32_t i = 0; i < STEER_LANES; i++) {
        from[i] = now[i];
        change[i] = (to[i] - now[i]) * scale;
        moved |= ps_bits_of_float(to[i]) ^ ps_bits_of_float(now[i]);
        now[i] = to[i];
    }
    return moved != 0;
}

static inline bool steer_move_filters(ps_group_shape *restrict shape,
                                      ps_group_course *restrict course,
                                      const float *restrict cutoff_octaves, uint32_t at_once,
                                      float scale)
{
    steer_filters to;
    bool b0_moves, a1_moves, a2_moves;

    steer_coefficients(&to, course, cutoff_octaves);
    steer_keep_others(to.b0, course->b0, course->filtered);
    steer_keep_others(to.a1, course->a1, course->filtered);
    steer_keep_others(to.a2, course->a2, course->filtered);
    for (uint32_t lane = 0; at_once >> lane; lane++) {
        if (at_once >> lane & 1u) {
            course->b0[lane] = to.b0[lane];
            course->a1[lane] = to.a1[lane];
            course->a2[lane] = to.a2[lane];
        }
    }
    b0_moves = steer_move(shape->b0, shape->b0_change, course->b0, to.b0, scale);
    a1_moves = steer_move(shape->a1, shape->a1_change, course->a1, to.a1, scale);
    a2_moves = steer_move(shape->a2, shape->a2_change, course->a2, to.a2, scale);
    return b0_moves || a1_moves || a2_moves;
}

static inline void steer_gains(ps_group_shape *restrict shape, ps_group_course *restrict course,
                               const float *restrict level, uint32_t bus, float scale)
{
    for (uint32_t i = 0; i < STEER_LANES; i++) {
        const float from = course->gain[bus][i], to = level[i] * course->pan[bus][i];

        shape->gain[bus][i] = from;
        shape->gain_change[bus][i] = (to - from) * scale;
        course->gain[bus][i] = to;
    }
}

/* Whether some lane sends to an effect, or has until now. None of these is negative. */
static inline bool steer_sends(const ps_group_course *course)
{
    uint32_t heard = 0;

    for (uint32_t i = 0; i < STEER_LANES; i++)
        heard |= ps_bits_of_float(course->pan[PS_BUS_REVERB][i]) |
                 ps_bits_of_float(course->pan[PS_BUS_CHORUS][i]) |
                 ps_bits_of_float(course->gain[PS_BUS_REVERB][i]) |
                 ps_bits_of_float(course->gain[PS_BUS_CHORUS][i]);
    return heard != 0;
}

static uint32_t steer(ps_group_shape *shape, ps_group_course *course, const ps_group_aims *aims,
                      uint32_t at_once, uint32_t frames, uint32_t flags)
{
    const float scale = 1.0f / (float)frames;
    const bool sends = steer_sends(course);

    steer_gains(shape, course, aims->level, PS_BUS_LEFT, scale);
    steer_gains(shape, course, aims->level, PS_BUS_RIGHT, scale);
    if (sends) {
        steer_gains(shape, course, aims->level, PS_BUS_REVERB, scale);
        steer_gains(shape, course, aims->level, PS_BUS_CHORUS, scale);
    }
    if (flags & PS_MIX_FILTER_MOVES) {
        if (!steer_move_filters(shape, course, aims->cutoff_octaves, at_once, scale))
            flags &= ~(uint32_t)PS_MIX_FILTER_MOVES;
    } else if (flags & PS_MIX_FILTER) {
        memcpy(shape->b0, course->b0, sizeof shape->b0);
        memcpy(shape->a1, course->a1, sizeof shape->a1);
        memcpy(shape->a2, course->a2, sizeof shape->a2);
    }
    return sends ? flags | PS_MIX_SENDS : flags;
}

#undef STEER_LANES

#endif
