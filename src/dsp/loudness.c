/* Loudness as it goes by: filters, windows. */
#include "dsp/loudness.h"

#include <math.h>
#include <string.h>

#include "kernel/math.h"

#define PARTS PS_LOUDNESS_PARTS
#define KEPT  PS_LOUDNESS_PARTS_KEPT

/* ---- The weighting --------------------------------------------------------------------------- */

/* (b[0] + b[1] z^-1 + b[2] z^-2) / (1 + a[1] z^-1 + a[2] z^-2) */
typedef struct biquad {
    double b[3], a[3];
} biquad;

/*
 * BS.1770 gives coefficients for 48 kHz only. These are the analogue filters they come from, by the
 * bilinear transform with the frequency kept in place (De Man, "Evaluation of implementations of
 * the EBU R128 loudness measurement", AES 145, 2018): a shelf of +4 dB at 1682 Hz for the head, a
 * high-pass at 38 Hz for the ear.
 */
static double warped(double hz, double rate_hz)
{
    return ps_sin_cycles(0.5 * hz / rate_hz) / ps_cos_cycles(0.5 * hz / rate_hz);
}

static biquad head_filter(double rate_hz)
{
    const double k = warped(1681.974450955533, rate_hz);
    const double q = 0.7071752369554196;
    const double high = 1.584864701130855; /* 10^(3.99984385397 / 20) */
    const double band = 1.258720930232562; /* high^0.49966677415 */
    const double a0 = 1.0 + k / q + k * k;
    const biquad f = {
        {(high + band * k / q + k * k) / a0, 2.0 * (k * k - high) / a0,
         (high - band * k / q + k * k) / a0},
        {1.0, 2.0 * (k * k - 1.0) / a0, (1.0 - k / q + k * k) / a0},
    };

    return f;
}

/* The standard leaves its numerator 1, -2, 1 as it is. */
static biquad ear_filter(double rate_hz)
{
    const double k = warped(38.13547087602444, rate_hz);
    const double q = 0.5003270373238773;
    const double a0 = 1.0 + k / q + k * k;
    const biquad f = {
        {1.0, -2.0, 1.0},
        {1.0, 2.0 * (k * k - 1.0) / a0, (1.0 - k / q + k * k) / a0},
    };

    return f;
}

/* out = p q */
static void multiply(double out[5], const double p[3], const double q[3])
{
    memset(out, 0, 5 * sizeof *out);
    for (uint32_t i = 0; i < 3; i++)
        for (uint32_t k = 0; k < 3; k++)
            out[i + k] += p[i] * q[k];
}

/*
 * One filter after the other is the same as two recursions side by side and a part of the input,
 *
 *      direct + (c0 + c1 z^-1) / head.a + (d0 + d1 z^-1) / ear.a,
 *
 * whose five numbers follow from comparing the coefficients of the common fraction.
 */
static void split(ps_level_filter *f, const biquad *head, const biquad *ear)
{
    const double *a = head->a, *e = ear->a;
    double r[5], below[5];

    multiply(r, head->b, ear->b);
    multiply(below, a, e);
    const double direct = r[4] / below[4];
    for (uint32_t i = 0; i < 4; i++)
        r[i] -= direct * below[i];
    /* c0 + d0 = r0 and c1 e2 + d1 a2 = r3 leave two equations for c0 and c1. */
    const double m00 = e[1] - a[1], m01 = 1.0 - e[2] / a[2];
    const double m10 = e[2] - a[2], m11 = e[1] - a[1] * e[2] / a[2];
    const double v0 = r[1] - r[3] / a[2] - r[0] * a[1];
    const double v1 = r[2] - r[3] * a[1] / a[2] - r[0] * a[2];
    const double c0 = (v0 * m11 - v1 * m01) / (m00 * m11 - m01 * m10);
    const double c1 = (v1 * m00 - v0 * m10) / (m00 * m11 - m01 * m10);

    for (uint32_t side = 0; side < 2; side++) {
        f->direct[side] = direct;
        f->c0[side] = c0;
        f->c1[side] = c1;
        f->c0[2 + side] = r[0] - c0;
        f->c1[2 + side] = (r[3] - c1 * e[2]) / a[2];
        f->a1[side] = a[1];
        f->a2[side] = a[2];
        f->a1[2 + side] = e[1];
        f->a2[2 + side] = e[2];
    }
}

void ps_loudness_init(ps_loudness *l, double rate_hz, const ps_level_row *row)
{
    const biquad head = head_filter(rate_hz), ear = ear_filter(rate_hz);

    memset(l, 0, sizeof *l);
    l->row = row;
    l->hop_frames = (uint32_t)(rate_hz / 10.0 + 0.5);
    split(&l->filter, &head, &ear);
}

/* ---- The windows ----------------------------------------------------------------------------- */

static uint32_t part_frames(const ps_loudness *l)
{
    return (l->part + 1) * l->hop_frames / PARTS - l->part * l->hop_frames / PARTS;
}

uint32_t ps_loudness_room(const ps_loudness *l)
{
    const uint32_t frames = part_frames(l) - l->filled_frames;

    return frames < PS_LEVEL_RUN ? frames : PS_LEVEL_RUN;
}

double ps_loudness_last(const ps_loudness *l, uint32_t hops)
{
    uint32_t at = (l->next + KEPT - 1) % KEPT;
    double energy = 0.0;

    for (uint32_t i = 0; i < hops; i++) {
        energy += l->hops[at];
        at = at >= PARTS ? at - PARTS : at + KEPT - PARTS;
    }
    return energy / ((double)l->hop_frames * hops);
}

/* Whether silence that comes in comes out as silence. */
static bool rests(const ps_level_filter *f)
{
    bool rest = f->x1[0] == 0.0 && f->x1[1] == 0.0;

    for (uint32_t i = 0; i < 4; i++)
        rest = rest && f->y1[i] == 0.0 && f->y2[i] == 0.0;
    return rest;
}

/* Silence decays into slow denormals otherwise. */
static void let_rest(ps_level_filter *f)
{
    for (uint32_t i = 0; i < 4; i++) {
        f->y1[i] = fabs(f->y1[i]) < 1e-100 ? 0.0 : f->y1[i];
        f->y2[i] = fabs(f->y2[i]) < 1e-100 ? 0.0 : f->y2[i];
    }
}

/* Blocks for the gates begin with every hop; the loudest moment may begin with any part. */
static void end_part(ps_loudness *l)
{
    ps_level_filter *f = &l->filter;
    double energy = 0.0, momentary, short_term;

    l->parts[l->part] = f->energy[0] + f->energy[1];
    f->energy[0] = f->energy[1] = 0.0;
    let_rest(f);
    for (uint32_t i = 0; i < PARTS; i++)
        energy += l->parts[i];
    l->hops[l->next] = energy;
    l->next = (l->next + 1) % KEPT;
    l->ended++;
    l->part = (l->part + 1) % PARTS;
    l->filled_frames = 0;
    if (l->ended < PS_LOUDNESS_MOMENTARY_HOPS * PARTS)
        return;
    momentary = ps_loudness_last(l, PS_LOUDNESS_MOMENTARY_HOPS);
    l->momentary_most = fmax(l->momentary_most, momentary);
    if (l->part == 0)
        ps_loudness_gate_add(&l->gate, momentary);
    if (l->ended < KEPT)
        return;
    short_term = ps_loudness_last(l, PS_LOUDNESS_SHORT_TERM_HOPS);
    l->short_term_most = fmax(l->short_term_most, short_term);
    if (l->part == 0)
        ps_loudness_spread_add(&l->spread, short_term);
}

void ps_loudness_add(ps_loudness *l, const float *left, const float *right, uint32_t frames,
                     bool silent)
{
    if (!silent || !rests(&l->filter))
        l->row->weigh(&l->filter, left, right, frames);
    l->filled_frames += frames;
    if (l->filled_frames == part_frames(l))
        end_part(l);
}
