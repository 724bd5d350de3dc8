/*
 * The frame that stands for a block is its middle. The phase there is the frequency times time, or
 * in a transition the sum of the frequencies of all frames up to it, itself included.
 */
#include "voice/sweeps.h"

#include <math.h>

#include "kernel/math.h"

#define LFO_MOST_HZ 1e6
#define DEG_MOST    1e9
#define SHORT_BLOCK 100u
#define STRIDE      16u /* frames per term of a sum that has no closed form */

static double limited(double x, double most)
{
    return x > most ? most : x > -most ? x : -most; /* not a number: -most */
}

static double at(const ps_noise_course *course, double alpha)
{
    return course->start + (course->end - course->start) * alpha;
}

/* -1..1 */
static double wave(bool triangle, double cycles)
{
    if (!triangle)
        return ps_cos_cycles(cycles);
    const double u = cycles - floor(cycles);
    return u < 0.5 ? 4.0 * u - 1.0 : 3.0 - 4.0 * u;
}

/* alpha over the frames before `frame`. Terms stand on a grid from frame 0, so that the sum does
   not depend on where it was asked for before. */
static double summed(const ps_ramp *ramp, ps_sweeps_sum *s, uint64_t frame)
{
    double alpha;

    if (frame < s->frame)
        *s = (ps_sweeps_sum){0, 0.0};
    for (; s->frame + STRIDE <= frame; s->frame += STRIDE) {
        ps_ramp_fill(ramp, &alpha, s->frame + STRIDE / 2, 1);
        s->sum += STRIDE * alpha;
    }
    ps_ramp_fill(ramp, &alpha, s->frame, 1);
    return s->sum + (double)(frame - s->frame) * alpha;
}

/* Cycles of the LFO at a frame. */
static double phase_at(ps_sweeps *sweeps, uint64_t frame, uint32_t pass)
{
    const ps_noise_settings *s = sweeps->settings;
    const double start = limited(s->lfo_hz.start, LFO_MOST_HZ);
    const double change = limited(s->lfo_hz.end, LFO_MOST_HZ) - start;
    const double frames = (double)frame + 1.0;

    if (!s->transition)
        return start * ((double)frame / sweeps->rate_hz);
    const double alpha = change == 0.0    ? 0.0
                         : sweeps->summed ? summed(&sweeps->ramp, &sweeps->sums[pass], frame + 1)
                                          : ps_ramp_mean(&sweeps->ramp, frame + 1) * frames;
    return (start * frames + change * alpha) / sweeps->rate_hz;
}

bool ps_sweeps_has_block(const ps_sweeps *sweeps, uint64_t block)
{
    const uint64_t first = block * PS_NOTCH_HOP;

    return first < sweeps->frames && sweeps->frames - first >= SHORT_BLOCK;
}

static uint32_t cascade_of(const ps_noise_settings *s, const ps_noise_course *course, double alpha)
{
    const double wanted = s->transition ? rint(at(course, alpha)) : course->start;
    const double least = s->transition ? 1.0 : 0.0;

    return (uint32_t)(wanted >= PS_NOTCH_CASCADE ? PS_NOTCH_CASCADE
                      : wanted > least           ? wanted
                                                 : least);
}

void ps_sweeps_at(ps_sweeps *sweeps, uint64_t block, uint32_t ear, uint32_t pass, ps_notch *notches)
{
    const ps_noise_settings *s = sweeps->settings;
    const uint64_t first = block * PS_NOTCH_HOP, left = sweeps->frames - first;
    const uint64_t frame = first + (left < PS_NOTCH_BLOCK ? left : PS_NOTCH_BLOCK) / 2;
    double alpha = 0.0, cycles = phase_at(sweeps, frame, pass);

    if (s->transition)
        ps_ramp_fill(&sweeps->ramp, &alpha, frame, 1);
    if (ear == 1)
        cycles += limited(at(&s->channel_deg, alpha), DEG_MOST) / 360.0;
    if (pass == 1)
        cycles += limited(at(&s->intra_deg, alpha), DEG_MOST) / 360.0;
    const double position = wave(s->triangle, cycles);
    for (uint32_t i = 0; i < s->sweep_count; i++) {
        const ps_noise_sweep *sweep = &s->sweeps[i];
        const double low = at(&sweep->min_hz, alpha), high = at(&sweep->max_hz, alpha);

        notches[i] = (ps_notch){
            .frequency_hz = 0.5 * (low + high) + 0.5 * (high - low) * position,
            .q = at(&sweep->q, alpha),
            .cascade = cascade_of(s, &sweep->cascade, alpha),
        };
    }
}
