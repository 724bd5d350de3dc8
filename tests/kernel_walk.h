/*
 * The walk over all kernels of a row: every answer is compared with plain C at every length. It
 * needs nothing but libc, so that it also runs where there is no cmocka (qemu, Node).
 */
#ifndef TESTS_KERNEL_WALK_H
#define TESTS_KERNEL_WALK_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "kernel/kernel.h"
#include "kernel/math.h"

#define WALK_LENGTHS 68u
#define WALK_CANARY  12345.678f

static uint64_t walk_counter;

static inline uint64_t walk_bits(void)
{
    return ps_random_bits(UINT64_C(20260101), walk_counter++);
}

/* -1 up to 1 */
static inline float walk_float(void)
{
    return (float)((int32_t)(walk_bits() >> 40) - (1 << 23)) * 0x1p-23f;
}

static inline float walk_between(float low, float high)
{
    return low + (high - low) * (0.5f + 0.5f * walk_float());
}

/* ---- Reading --------------------------------------------------------------------------------- */

typedef struct walk_case {
    ps_interpolation interpolation;
    uint32_t frames;
    uint64_t fraction, step;
    int64_t step_change;
    bool floats;
    const float *sinc;
} walk_case;

static inline uint64_t walk_last_position(const walk_case *c)
{
    uint64_t position = c->fraction, step = c->step;

    for (uint32_t i = 1; i < c->frames; i++) {
        position += step;
        step += (uint64_t)c->step_change;
    }
    return position;
}

/* Room for exactly the taps and the slack that the contract allows, so that the address sanitizer
   sees a load beyond them. */
static inline uint8_t *walk_window(const walk_case *c, const uint8_t **window)
{
    const size_t frame_bytes = c->floats ? 4 : 2;
    const size_t before = ps_taps_before(c->interpolation);
    const size_t nearest = c->interpolation == PS_INTERPOLATE_NEAREST ? 0 : 1;
    const size_t after = ps_taps_after(c->interpolation);
    const size_t last = (size_t)((walk_last_position(c) + (nearest ? 0 : 0x80000000u)) >> 32);
    const size_t frames = before + last + 1 + (nearest ? after : 0);
    const size_t odd = c->floats ? 0 : walk_bits() & 1; /* any alignment */
    uint8_t *memory = malloc(frames * frame_bytes + 2 * PS_WINDOW_SLACK_BYTES + odd);
    uint8_t *first = memory + odd + PS_WINDOW_SLACK_BYTES;

    if (!memory)
        abort();
    memset(memory, 0xc5, PS_WINDOW_SLACK_BYTES + odd);
    memset(first + frames * frame_bytes, 0xc5, PS_WINDOW_SLACK_BYTES);
    for (size_t i = 0; i < frames; i++) {
        const float value = walk_float() * 32768.0f;
        const uint16_t word = (uint16_t)(walk_bits() >> 48);

        if (c->floats)
            memcpy(first + 4 * i, &value, 4);
        else
            memcpy(first + 2 * i, &word, 2);
    }
    *window = first + before * frame_bytes;
    return memory;
}

static inline int walk_read_case(const ps_kernels *row, const walk_case *c)
{
    const float tolerance = c->interpolation == PS_INTERPOLATE_NEAREST ? 0.0f : 32768.0f * 1e-6f;
    ps_reading reading = {NULL, c->fraction, c->step, c->step_change, c->sinc};
    float right[WALK_LENGTHS], out[WALK_LENGTHS + 1];
    uint8_t *memory = walk_window(c, &reading.window);
    int bad = 0;

    for (uint32_t i = 0; i <= WALK_LENGTHS; i++)
        out[i] = WALK_CANARY;
    if (c->floats) {
        ps_kernels_c.read_float[c->interpolation](right, &reading, c->frames);
        row->read_float[c->interpolation](out, &reading, c->frames);
    } else {
        ps_kernels_c.read16[c->interpolation](right, &reading, c->frames);
        row->read16[c->interpolation](out, &reading, c->frames);
    }
    for (uint32_t i = 0; i < c->frames; i++)
        bad += !(out[i] >= right[i] - tolerance && out[i] <= right[i] + tolerance);
    for (uint32_t i = c->frames; i <= WALK_LENGTHS; i++)
        bad += out[i] != WALK_CANARY;
    if (bad)
        printf("%s: interpolation %d of %s, %u frames, step %llx, change %lld: %d differ\n",
               row->name, (int)c->interpolation, c->floats ? "floats" : "16 bits",
               (unsigned)c->frames, (unsigned long long)c->step, (long long)c->step_change, bad);
    free(memory);
    return bad != 0;
}

/* A step, and a change that keeps the step in 0 up to 2^40 for all frames. */
static inline void walk_step(walk_case *c, uint32_t variant)
{
    static const uint64_t steps[] = {
        0,
        1,
        UINT64_C(0x80000000),
        UINT64_C(0xffffffff),
        UINT64_C(0x100000000),
        UINT64_C(0x100000001),
        UINT64_C(0x1ddddddde), /* 28/15: 16 frames in 64 bytes of 16-bit samples */
        UINT64_C(0x1dddddddd),
        UINT64_C(0x400000000),
        UINT64_C(0xffffffffff), /* the largest */
    };
    const uint32_t fixed = sizeof steps / sizeof *steps;

    c->fraction = walk_bits() & 0xffffffffu;
    c->step_change = 0;
    if (variant < fixed) {
        c->step = steps[variant];
        return;
    }
    if (variant == fixed) { /* falls to 0 at the last frame; beyond, it would run backwards */
        c->step = UINT64_C(0x120000000);
        c->step_change =
            c->frames < 2 ? -INT64_C(0x7000000000) : -(int64_t)(c->step / (c->frames - 1));
        return;
    }
    c->step = walk_bits() >> (24 + walk_bits() % 12);
    if (variant & 1) {
        const uint64_t up = (UINT64_C(0xffffffffff) - c->step) / WALK_LENGTHS;
        const uint64_t down = c->step / WALK_LENGTHS;

        c->step_change =
            variant & 2 ? (int64_t)(walk_bits() % (up + 1)) : -(int64_t)(walk_bits() % (down + 1));
    }
}

static inline int walk_reads(const ps_kernels *row)
{
    static float sinc[PS_SINC_PHASES * 2 * 32];
    walk_case c;
    int bad = 0;

    for (size_t i = 0; i < sizeof sinc / sizeof *sinc; i++)
        sinc[i] = 0.125f * walk_float();
    c.sinc = sinc;
    for (int floats = 0; floats < 2; floats++) {
        c.floats = floats != 0;
        for (int mode = 0; mode < (int)PS_INTERPOLATIONS; mode++) {
            c.interpolation = (ps_interpolation)mode;
            for (c.frames = 0; c.frames < WALK_LENGTHS; c.frames++) {
                for (uint32_t variant = 0; variant < 24; variant++) {
                    walk_step(&c, variant);
                    bad += walk_read_case(row, &c);
                }
            }
        }
    }
    return bad;
}

/* ---- Mixing ---------------------------------------------------------------------------------- */

typedef struct walk_mix {
    float strips[PS_GROUP_LANES * PS_GRID_FRAMES];
    ps_group_shape shape;
    ps_group_state state;
    float buses[(PS_GRID_FRAMES + 1) * PS_BUSES];
} walk_mix;

static inline float walk_nan(void)
{
    return ps_float_of_bits(0x7fc00001u);
}

/* A resonant low-pass. */
static inline void walk_filter(float *b0, float *a1, float *a2)
{
    const double f = 0.5 * ps_exp2((double)walk_between(-6.0f, -0.2f));
    const double alpha = ps_sin_cycles(f) / (2.0 * (double)walk_between(0.7f, 8.0f));
    const double c = ps_cos_cycles(f);

    *b0 = (float)(0.5 * (1.0 - c) / (1.0 + alpha));
    *a1 = (float)(-2.0 * c / (1.0 + alpha));
    *a2 = (float)((1.0 - alpha) / (1.0 + alpha));
}

static inline void walk_lane(walk_mix *m, uint32_t lane, uint32_t frames, uint32_t flags)
{
    ps_group_shape *s = &m->shape;
    float b0, a1, a2;

    for (uint32_t i = 0; i < frames; i++)
        m->strips[lane * PS_GRID_FRAMES + i] = walk_float();
    walk_filter(&s->b0[lane], &s->a1[lane], &s->a2[lane]);
    walk_filter(&b0, &a1, &a2);
    if (lane % 5 == 3) {
        s->b0[lane] = b0 = 1.0f;
        s->a1[lane] = a1 = 2.0f;
        s->a2[lane] = a2 = 1.0f;
    } else {
        /* as if it had just put out a sample of full scale */
        const float y = walk_float();

        m->state.s1[lane] = y - s->b0[lane] * walk_float();
        m->state.s2[lane] = -s->a2[lane] * y;
    }
    if (flags & PS_MIX_FILTER_MOVES) {
        s->b0_change[lane] = (b0 - s->b0[lane]) / 64.0f;
        s->a1_change[lane] = (a1 - s->a1[lane]) / 64.0f;
        s->a2_change[lane] = (a2 - s->a2[lane]) / 64.0f;
    }
    for (uint32_t bus = 0; bus < PS_BUSES; bus++) {
        s->gain[bus][lane] = walk_float();
        s->gain_change[bus][lane] = walk_float() / 64.0f;
    }
}

/* What may not be read is NaN. */
static inline void walk_mix_init(walk_mix *m, uint32_t lanes, uint32_t frames, uint32_t flags)
{
    float *all = (float *)(void *)&m->shape;

    for (size_t i = 0; i < sizeof m->strips / sizeof *m->strips; i++)
        m->strips[i] = walk_nan();
    for (size_t i = 0; i < sizeof m->shape / sizeof *all; i++)
        all[i] = walk_nan();
    for (uint32_t lane = 0; lane < PS_GROUP_LANES; lane++) {
        m->state.s1[lane] = m->state.s2[lane] = lane < lanes ? 0.0f : WALK_CANARY;
        if (lane < lanes) {
            m->shape.b0_change[lane] = m->shape.a1_change[lane] = m->shape.a2_change[lane] = 0.0f;
            walk_lane(m, lane, frames, flags);
        }
    }
    for (uint32_t i = 0; i < (PS_GRID_FRAMES + 1) * PS_BUSES; i++)
        m->buses[i] = walk_float();
}

/* Within 1e-5 of full scale, where full scale is what the buses reach. */
static inline bool walk_close(float a, float b, float peak)
{
    return a >= b - 1e-5f * peak && a <= b + 1e-5f * peak;
}

static inline float walk_peak(const float *values, size_t count)
{
    float peak = 1.0f;

    for (size_t i = 0; i < count; i++) {
        const float size = values[i] < 0.0f ? -values[i] : values[i];

        peak = size > peak ? size : peak;
    }
    return peak;
}

static inline int walk_mix_case(const ps_kernels *row, uint32_t lanes, uint32_t frames,
                                uint32_t flags)
{
    static walk_mix before, right, out;
    const uint32_t buses = flags & PS_MIX_SENDS ? 4 : 2;
    float peak;
    int bad = 0;

    walk_mix_init(&before, lanes, frames, flags);
    right = out = before;
    ps_kernels_c.mix(right.buses, right.strips, &right.shape, &right.state, lanes, frames, flags);
    row->mix(out.buses, out.strips, &out.shape, &out.state, lanes, frames, flags);
    peak = walk_peak(right.buses, frames * PS_BUSES);
    for (uint32_t i = 0; i < PS_GRID_FRAMES + 1; i++) {
        for (uint32_t bus = 0; bus < PS_BUSES; bus++) {
            const uint32_t at = i * PS_BUSES + bus;

            bad += i < frames && bus < buses ? !walk_close(out.buses[at], right.buses[at], peak)
                                             : out.buses[at] != before.buses[at];
        }
    }
    for (uint32_t lane = 0; lane < PS_GROUP_LANES; lane++) {
        if (lane < lanes && flags & PS_MIX_FILTER)
            bad += !walk_close(out.state.s1[lane], right.state.s1[lane], peak) +
                   !walk_close(out.state.s2[lane], right.state.s2[lane], peak);
        else
            bad += out.state.s1[lane] != before.state.s1[lane] ||
                   out.state.s2[lane] != before.state.s2[lane];
    }
    if (bad)
        printf("%s: mix of %u lanes, %u frames, flags %u: %d differ\n", row->name, (unsigned)lanes,
               (unsigned)frames, (unsigned)flags, bad);
    return bad != 0;
}

static inline int walk_mixes(const ps_kernels *row)
{
    int bad = 0;

    for (uint32_t flags = 0; flags < 8; flags++) {
        for (uint32_t lanes = 1; lanes <= PS_GROUP_LANES; lanes++) {
            for (uint32_t frames = 1; frames <= PS_GRID_FRAMES; frames++)
                bad += walk_mix_case(row, lanes, frames, flags);
        }
    }
    return bad;
}

/* A lane without filter in a group with filters sounds exactly as in a group without. */
static inline int walk_identity(const ps_kernels *row)
{
    static walk_mix with, without;
    int bad = 0;

    walk_mix_init(&with, 13, 61, PS_MIX_SENDS);
    for (uint32_t lane = 0; lane < 13; lane++) {
        with.shape.b0[lane] = 1.0f;
        with.shape.a1[lane] = 2.0f;
        with.shape.a2[lane] = 1.0f;
        with.state.s1[lane] = with.state.s2[lane] = 0.0f;
    }
    without = with;
    row->mix(with.buses, with.strips, &with.shape, &with.state, 13, 61,
             PS_MIX_SENDS | PS_MIX_FILTER);
    row->mix(without.buses, without.strips, &without.shape, &without.state, 13, 61, PS_MIX_SENDS);
    bad = memcmp(with.buses, without.buses, sizeof with.buses) != 0;
    if (bad)
        printf("%s: the identity filter changes the sound\n", row->name);
    return bad;
}

/* A filter that has nearly died is at rest. */
static inline int walk_rest(const ps_kernels *row)
{
    static walk_mix m;
    int bad = 0;

    walk_mix_init(&m, PS_GROUP_LANES, PS_GRID_FRAMES, 0);
    memset(m.strips, 0, sizeof m.strips);
    for (uint32_t lane = 0; lane < PS_GROUP_LANES; lane++) {
        m.state.s1[lane] = 1e-30f;
        m.state.s2[lane] = -1e-30f;
    }
    row->mix(m.buses, m.strips, &m.shape, &m.state, PS_GROUP_LANES, 3, PS_MIX_FILTER);
    for (uint32_t lane = 0; lane < PS_GROUP_LANES; lane++)
        bad += m.state.s1[lane] != 0.0f || m.state.s2[lane] != 0.0f;
    if (bad)
        printf("%s: a dying filter does not come to rest\n", row->name);
    return bad;
}

/* ---- Steering --------------------------------------------------------------------------------
 */

typedef struct walk_steer {
    ps_group_shape shape;
    ps_group_course course;
    ps_group_aims aims;
} walk_steer;

/* What may not be written is NaN. */
static inline void walk_steer_init(walk_steer *w, uint32_t flags, bool sends)
{
    float *all = (float *)(void *)&w->shape;
    ps_group_course *course = &w->course;

    for (size_t i = 0; i < sizeof w->shape / sizeof *all; i++)
        all[i] = walk_nan();
    for (uint32_t lane = 0; lane < PS_GROUP_LANES; lane++) {
        const bool filtered = flags & PS_MIX_FILTER && lane % 5 != 3;

        w->aims.level[lane] = walk_between(0.0f, 2.0f);
        w->aims.cutoff_octaves[lane] = walk_between(-12.0f, 0.0f);
        for (uint32_t bus = 0; bus < PS_BUSES; bus++) {
            course->pan[bus][lane] = bus < 2 || sends ? walk_between(0.0f, 1.0f) : 0.0f;
            course->gain[bus][lane] = bus < 2 || sends ? walk_between(0.0f, 2.0f) : 0.0f;
        }
        course->half_damping[lane] = walk_between(0.05f, 0.71f);
        course->dc_gain[lane] = walk_between(0.1f, 1.0f);
        course->filtered[lane] = filtered ? UINT32_MAX : 0;
        course->b0[lane] = 1.0f;
        course->a1[lane] = 2.0f;
        course->a2[lane] = 1.0f;
        if (filtered)
            walk_filter(&course->b0[lane], &course->a1[lane], &course->a2[lane]);
    }
}

/* Both NaN, or close. */
static inline bool walk_alike(const float *a, const float *b, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (ps_bits_of_float(a[i]) != ps_bits_of_float(b[i]) && !walk_close(a[i], b[i], 0.1f))
            return false;
    }
    return true;
}

static inline int walk_steer_case(const ps_kernels *row, uint32_t frames, uint32_t flags,
                                  bool sends, uint32_t at_once)
{
    static walk_steer right, out;
    uint32_t right_flags, out_flags;
    bool good;

    walk_steer_init(&right, flags, sends);
    out = right;
    right_flags =
        ps_kernels_c.steer(&right.shape, &right.course, &right.aims, at_once, frames, flags);
    out_flags = row->steer(&out.shape, &out.course, &out.aims, at_once, frames, flags);
    good = out_flags == right_flags && (out_flags & PS_MIX_SENDS) == (sends ? PS_MIX_SENDS : 0) &&
           walk_alike((const float *)(const void *)&out.shape,
                      (const float *)(const void *)&right.shape, sizeof out.shape / 4) &&
           walk_alike((const float *)(const void *)&out.course,
                      (const float *)(const void *)&right.course, sizeof out.course / 4);
    if (!good)
        printf("%s: steering for %u frames with flags %u, at once %x differs\n", row->name,
               (unsigned)frames, (unsigned)flags, (unsigned)at_once);
    return !good;
}

static inline int walk_steers(const ps_kernels *row)
{
    static const uint32_t flags[] = {0, PS_MIX_FILTER, PS_MIX_FILTER | PS_MIX_FILTER_MOVES};
    int bad = 0;

    for (uint32_t frames = 1; frames <= PS_GRID_FRAMES; frames++) {
        for (uint32_t k = 0; k < 3; k++) {
            bad += walk_steer_case(row, frames, flags[k], frames & 1, 0);
            bad += walk_steer_case(row, frames, flags[k], frames & 1,
                                   (uint32_t)(walk_bits() & 0xffffu));
        }
    }
    return bad;
}

#endif
