/* Sums of tones by their definition, in double; and tones of every kind. */
#ifndef TESTS_TONES_SUPPORT_H
#define TESTS_TONES_SUPPORT_H

#include <math.h>
#include <stdlib.h>

#include "base/random.h"
#include "plainsong/accelerator.h"

#define TEST_PI 3.14159265358979323846

static inline double line_at(ps_tone_line line, uint64_t i)
{
    return line.at + line.by * (double)i;
}

/* In turns, 0 up to 1. */
static inline double turns_at(ps_tone_phase p, uint64_t i)
{
    return (double)(p.at + p.by * i + (i > 0 ? p.bend * (i * (i - 1) / 2) : 0)) * 0x1p-64;
}

static inline double skewed_at(double p, double skew)
{
    const double most = 1.0 - 1e-7, s = skew > most ? most : skew < -most ? -most : skew;
    const double k = 0.5 * (1.0 + s);

    return p < k ? cos(TEST_PI * (p / k - 0.5)) : -cos(TEST_PI * ((p - k) / (1.0 - k) - 0.5));
}

static inline double pulse_at(const ps_tone *t, uint64_t i)
{
    const double u = turns_at(t->pulse, i), audible = line_at(t->audible, i);
    const double ramp = audible * line_at(t->ramp, i), left = audible - u;
    const double g = ramp > 1e-9 ? (u < left ? u : left) / ramp : left > 0.0 ? 1.0 : 0.0;

    return g < 0.0 ? 0.0 : g > 1.0 ? 1.0 : g;
}

static inline double tone_at(const ps_tone *t, uint64_t i)
{
    double phase = turns_at(t->phase, i), y = line_at(t->level[0], i) * line_at(t->level[1], i);

    for (int k = 0; k < 2; k++)
        phase += line_at(t->turns[k], i) * sin(2.0 * TEST_PI * turns_at(t->swing[k], i));
    y *= 1.0 -
         line_at(t->depth, i) * (1.0 + skewed_at(turns_at(t->tremolo, i), line_at(t->skew, i)));
    if (t->pulsed)
        y *= pulse_at(t, i);
    return y * sin(2.0 * TEST_PI * phase);
}

/* Frame n of a mix. */
static inline void tones_at(const ps_tones *item, uint64_t n, double out[2])
{
    out[0] = out[1] = 0.0;
    for (uint32_t k = 0; k < item->count; k++) {
        const ps_tone *t = &item->tones[k];

        if (n >= t->first && n - t->first < t->frames) {
            const double y = tone_at(t, n - t->first);

            out[0] += (double)t->left * y;
            out[1] += (double)t->right * y;
        }
    }
}

/* The largest difference of a range of frames, of full scale. */
static inline double worst_of_tones(const ps_tones *item, uint64_t from, uint64_t to)
{
    double worst = 0.0, full = 1.0;

    for (uint64_t n = from; n < to; n++) {
        double exact[2];

        tones_at(item, n, exact);
        for (int side = 0; side < 2; side++) {
            const double d = fabs((double)item->out[side][n] - exact[side]);

            full = fmax(full, fabs(exact[side]));
            worst = d > worst || isnan(d) ? d : worst;
        }
    }
    return worst / full;
}

/* ---- Tones of every kind --------------------------------------------------------------------- */

typedef struct test_dice {
    uint64_t seed, thrown;
} test_dice;

static inline double between(test_dice *d, double low, double high)
{
    return low + (high - low) * (double)(ps_random_bits(d->seed, d->thrown++) >> 11) * 0x1p-53;
}

static inline bool heads(test_dice *d)
{
    return between(d, 0.0, 1.0) < 0.5;
}

/* From one value to another within the tone, or one that stays. */
static inline ps_tone_line any_line(test_dice *d, double low, double high, uint64_t frames)
{
    const double from = between(d, low, high), to = heads(d) ? between(d, low, high) : from;

    return (ps_tone_line){from, frames > 0 ? (to - from) / (double)frames : 0.0};
}

/* Of a frequency that may glide. */
static inline ps_tone_phase any_phase(test_dice *d, double low_hz, double high_hz, uint64_t frames)
{
    const double unit = 0x1p64 / 44100.0;
    const ps_tone_line hz = any_line(d, low_hz, high_hz, frames);

    return (ps_tone_phase){ps_random_bits(d->seed, d->thrown++), (uint64_t)(hz.at * unit),
                           (uint64_t)(int64_t)(hz.by * unit)};
}

/* kind: of the bits 1 and 2 the swings, 4 tremolo, 8 skew, 16 pulse, 32 a pulse without ramp. */
static inline ps_tone any_tone(test_dice *d, unsigned kind, uint64_t first, uint64_t frames)
{
    ps_tone t = {
        .first = first,
        .frames = frames,
        .left = (float)between(d, -1.0, 1.0),
        .right = (float)between(d, -1.0, 1.0),
        .pulsed = (kind & 48) != 0,
        .phase = any_phase(d, 20.0, 2000.0, frames),
        .tremolo = any_phase(d, 0.1, 20.0, frames),
        .pulse = any_phase(d, 0.5, 40.0, frames),
        .level = {any_line(d, 0.0, 1.0, frames), any_line(d, 0.0, 1.0, frames)},
        .audible = any_line(d, 0.1, 1.0, frames),
    };

    for (unsigned k = 0; k < 2; k++) {
        t.swing[k] = any_phase(d, 0.1, 20.0, frames);
        if (kind & 1u << k)
            t.turns[k] = any_line(d, -0.5, k == 0 ? 0.5 : 20.0, frames);
    }
    if (kind & 4)
        t.depth = any_line(d, 0.0, 1.0, frames);
    if (kind & 8)
        t.skew = any_line(d, -0.8, 0.8, frames);
    if (kind & 16)
        t.ramp = any_line(d, 0.05, 0.5, frames);
    return t;
}

#endif
