/*
 * The flanger at work, in runs. One LFO moves both sides alike, so where to read is found once.
 *
 * Nothing of the input acts on where is read, and with no feedback the line holds the input: then
 * all loops but the loudness's last go through vectors. With feedback they do for as many frames
 * as the shortest delay has.
 */
#include "dsp/flanger.h"

#include <math.h>
#include <string.h>

#include "dsp/flanger_state.h"
#include "dsp/onepole.h"
#include "dsp/taps.h"
#include "kernel/math.h"

/* a * b + c, in one step where the row has it. */
#ifdef __FMA__
#define MADD(a, b, c) __builtin_fma(a, b, c)
#else
#define MADD(a, b, c) ((a) * (b) + (c))
#endif

#define RUN  PS_FLANGER_RUN
#define PAST PS_ONEPOLE_PAST

/* A run of one channel: in, delayed, and out. With no feedback x is in the line. */
typedef struct signal {
    float *x, *y;
    float z[RUN], own[RUN]; /* own: x in case of feedback */
} signal;

static void fill_triangle(const ps_flanger *f, double *restrict lfo, uint32_t frames)
{
    for (uint32_t i = 0; i < frames; i++) {
        const double cycles = f->phase + (double)(int32_t)i * f->cycles_per_frame;
        const double t = cycles - ((cycles + PS_ROUNDER) - PS_ROUNDER); /* -1/2..1/2 */

        lfo[i] = 4.0 * (0.5 - (t < 0.0 ? -t : t)) - 1.0;
    }
}

/* By the sine of a sum: of the run's first phase, and of what a frame is ahead of it. */
static void fill_sine(const ps_flanger *f, double *restrict lfo, uint32_t frames)
{
    /* Made to reach 1 and -1 themselves, where a delay may be a whole number of frames. */
    const double sine = ps_sin_cycles(f->phase) * (1.0 + 0x1p-50);
    const double cosine = ps_cos_cycles(f->phase) * (1.0 + 0x1p-50);

    for (uint32_t i = 0; i < frames; i++) {
        const double s = sine * f->cosine[i] + cosine * f->sine[i];
        const double low = s < -1.0 ? -1.0 : s;

        lfo[i] = low > 1.0 ? 1.0 : low;
    }
}

/*
 * The phase some frames on. The reference adds frame by frame, and where a delay passes a whole
 * number of frames the sum of its roundings can be heard after minutes. Between two powers of two
 * every sum is rounded alike, so there the steps need not be walked.
 */
static double advance(double phase, double step, uint32_t frames)
{
    const double rounded = (phase + step) - phase;
    const double there = phase + rounded * frames;

    if (there > 0.0 && there < 1.0 &&
        ps_bits_of_double(phase) >> 52 == ps_bits_of_double(there) >> 52)
        return there;
    for (uint32_t i = 0; i < frames; i++) {
        phase += step;
        phase -= floor(phase);
    }
    return phase < 1.0 ? phase : 0.0;
}

/* From the LFO to the delay in ms, in place. */
static void fill_delays(const ps_flanger *f, double *restrict ms, uint32_t frames)
{
    const double delay = f->delay_ms, depth = f->depth_ms;
    const double low = f->low_ms, high = f->high_ms;

    if (f->law == PS_FLANGER_LINEAR) {
        for (uint32_t i = 0; i < frames; i++)
            ms[i] = delay + depth * ms[i];
    } else if (f->law == PS_FLANGER_RECIPROCAL) {
        const double middle = 1.0 / delay;
        const double half = 0.5 * (1.0 / (delay - depth) - 1.0 / (delay + depth));

        for (uint32_t i = 0; i < frames; i++)
            ms[i] = 1.0 / (middle + half * ms[i]);
    } else {
        const double shortest = fmax(delay - depth, low), longest = fmin(delay + depth, high);
        const double half = 0.5 * ps_log2(longest / shortest);

        for (uint32_t i = 0; i < frames; i++)
            ms[i] = shortest * ps_exp2(half * (ms[i] + 1.0));
    }
    for (uint32_t i = 0; i < frames; i++) {
        const double least = ms[i] > low ? ms[i] : low;

        ms[i] = least < high ? least : high;
    }
}

static void fill_taps(const ps_flanger *f, ps_taps *taps, uint32_t frames)
{
    double ms[RUN], delay[RUN];

    if (f->triangle)
        fill_triangle(f, ms, frames);
    else
        fill_sine(f, ms, frames);
    fill_delays(f, ms, frames);
    for (uint32_t i = 0; i < frames; i++)
        delay[i] = ms[i] * f->rate_hz / 1000.0;
    PS_ROW(ps_taps_place)(taps, f->ring, (double)(f->frame % (uint64_t)f->ring), delay, frames);
    PS_ROW(ps_taps_weigh)(taps, f->four_taps, frames);
}

/* Keeps samples so small that nothing made of them overflows. */
static float limited(float x)
{
    const float least = x > -PS_FLANGER_LIMIT ? x : -PS_FLANGER_LIMIT;

    return least < PS_FLANGER_LIMIT ? least : PS_FLANGER_LIMIT;
}

/* Below this a mean square makes no difference; going on would end in slow denormals. */
static double mean_at_rest(double x)
{
    return x < 1e-60 ? 0.0 : x;
}

static double at_rest(double x)
{
    return fabs(x) < 1e-30 ? 0.0 : x;
}

/* Writes what the loop brings back with the input into the line, frames from..to-1. */
static void feed_back(const ps_flanger *f, ps_flanger_channel *c, float *restrict line,
                      const signal *s, uint32_t from, uint32_t to)
{
    const float *restrict x = s->x;
    const double high_a = f->high_a, low_a = f->low_a, pass = 1.0 - low_a;
    const double feedback = f->feedback;
    double z = c->z, high = c->high, low = c->low;

    for (uint32_t i = from; i < to; i++) {
        high = high_a * (high + (double)s->z[i] - z);
        z = (double)s->z[i];
        low = pass * high + low_a * low;
        line[i] = limited((float)((double)x[i] + feedback * low));
    }
    c->z = at_rest(z);
    c->high = at_rest(high);
    c->low = at_rest(low);
}

static uint32_t shortest_age(const ps_taps *t, uint32_t frames)
{
    int32_t shortest = t->age[0];

    for (uint32_t i = 1; i < frames; i++)
        shortest = t->age[i] < shortest ? t->age[i] : shortest;
    return (uint32_t)shortest;
}

/* Where the input of a run goes. */
static float *input_of(const ps_flanger *f, uint32_t channel, signal *s)
{
    return f->feeds_back ? s->own : f->channel[channel].line + f->at;
}

/* Fills s->z and writes the line. */
static void pass_line(const ps_flanger *f, ps_flanger_channel *c, signal *s, const ps_taps *t,
                      uint32_t frames)
{
    float *line = c->line + f->at;

    if (!f->feeds_back) {
        PS_ROW(ps_taps_read)(t, f->four_taps, s->z, line, 0, frames);
        return;
    }
    const uint32_t most = shortest_age(t, frames); /* at least 1: no delay is under 0.05 ms */

    for (uint32_t from = 0; from < frames; from += most) {
        const uint32_t to = frames - from < most ? frames : from + most;

        PS_ROW(ps_taps_read)(t, f->four_taps, s->z, line, from, to);
        feed_back(f, c, line, s, from, to);
    }
}

static void mix(const ps_flanger *f, const signal *s, uint32_t frames)
{
    const float *restrict x = s->x, *restrict z = s->z;
    const float wet = (float)f->wet;
    float *restrict y = s->y;

    for (uint32_t i = 0; i < frames; i++)
        y[i] = x[i] + wet * z[i];
}

static void fill_squares(float *restrict squares, const float *restrict x, float share,
                         uint32_t frames)
{
    for (uint32_t i = 0; i < frames; i++)
        squares[i] = share * (x[i] * x[i]);
}

/* Mean squares in and out of both channels, side by side, as each waits for itself. */
static void fill_means(ps_flanger *f, float in[2][RUN], float out[2][RUN], const signal *s,
                       uint32_t frames)
{
    const double a = f->loudness_a;
    double in0 = f->channel[0].in, out0 = f->channel[0].out;
    double in1 = f->channel[1].in, out1 = f->channel[1].out;

    for (uint32_t c = 0; c < 2; c++) {
        fill_squares(in[c], s[c < f->channels ? c : 0].x, (float)(1.0 - a), frames);
        fill_squares(out[c], s[c < f->channels ? c : 0].y, (float)(1.0 - a), frames);
    }
    for (uint32_t i = 0; i < frames; i++) {
        in0 = MADD(a, in0, (double)in[0][i]);
        in1 = MADD(a, in1, (double)in[1][i]);
        out0 = MADD(a, out0, (double)out[0][i]);
        out1 = MADD(a, out1, (double)out[1][i]);
        in[0][i] = (float)in0;
        in[1][i] = (float)in1;
        out[0][i] = (float)out0;
        out[1][i] = (float)out1;
    }
    f->channel[0].in = mean_at_rest(in0);
    f->channel[1].in = mean_at_rest(in1);
    f->channel[0].out = mean_at_rest(out0);
    f->channel[1].out = mean_at_rest(out1);
}

/* The gain from mean squares in and out that would make them equal. */
static void fill_gains(double *restrict gain, const float *restrict in, const float *restrict out,
                       uint32_t frames)
{
    for (uint32_t i = 0; i < frames; i++) {
        const float ratio = sqrtf((in[i] + 1e-20f) / (out[i] + 1e-20f));

        gain[i] = (double)(out[i] > 1e-20f ? ratio : 1.0f);
    }
}

/* Smooths gains into makeup within the limits; the channels side by side, as each waits for
   itself. */
static void fill_makeup(const ps_flanger *f, double *restrict m0, double *restrict m1,
                        const double *restrict g0, const double *restrict g1, uint32_t frames)
{
    const double a = f->loudness_a, b = 1.0 - a, low = f->min_gain, high = f->max_gain;
    double p = f->channel[0].makeup, q = f->channel[1].makeup;

    for (uint32_t i = 0; i < frames; i++) {
        p = a * p + b * g0[i];
        q = a * q + b * g1[i];
        p = p > low ? p : low;
        q = q > low ? q : low;
        p = p < high ? p : high;
        q = q < high ? q : high;
        m0[i] = p;
        m1[i] = q;
    }
}

/* The same when neither makeup nor any gain is beyond a limit, as smoothing leads to nothing that
   is: then the limits need no asking. */
static void fill_free_makeup(const ps_flanger *f, double *restrict m0, double *restrict m1,
                             double *restrict g0, double *restrict g1, uint32_t frames)
{
    ps_onepole smooth[2];

    for (uint32_t c = 0; c < 2; c++)
        ps_onepole_init(&smooth[c], f->loudness_a, f->channel[c].makeup);
    PS_ROW(ps_onepole_run)(smooth, m0, m1, g0, g1, frames);
}

static bool any_beyond(const double *restrict x, double low, double high, uint32_t count)
{
    uint64_t beyond = 0;

    for (uint32_t i = 0; i < count; i++)
        beyond |= (uint64_t)(x[i] < low) | (uint64_t)(x[i] > high);
    return beyond != 0;
}

static bool near_limits(const ps_flanger *f, double gain[2][PAST + RUN], uint32_t frames)
{
    const double low = f->min_gain, high = f->max_gain;

    for (uint32_t c = 0; c < 2; c++) {
        if (f->channel[c].makeup < low || f->channel[c].makeup > high ||
            any_beyond(gain[c] + PAST, low, high, frames))
            return true;
    }
    return false;
}

static void match_loudness(ps_flanger *f, signal *s, uint32_t frames)
{
    float in[2][RUN], out[2][RUN];
    double gain[2][PAST + RUN], makeup[2][RUN];

    fill_means(f, in, out, s, frames);
    for (uint32_t c = 0; c < 2; c++)
        fill_gains(gain[c] + PAST, in[c], out[c], frames);
    if (near_limits(f, gain, frames))
        fill_makeup(f, makeup[0], makeup[1], gain[0] + PAST, gain[1] + PAST, frames);
    else
        fill_free_makeup(f, makeup[0], makeup[1], gain[0] + PAST, gain[1] + PAST, frames);
    for (uint32_t c = 0; c < 2; c++)
        f->channel[c].makeup = makeup[c][frames - 1];
    for (uint32_t c = 0; c < f->channels; c++)
        for (uint32_t i = 0; i < frames; i++)
            s[c].y[i] *= (float)makeup[c][i];
}

/* x is there; makes y. */
static void process(ps_flanger *f, signal *s, uint32_t frames)
{
    ps_taps t;

    fill_taps(f, &t, frames);
    for (uint32_t c = 0; c < f->channels; c++) {
        pass_line(f, &f->channel[c], &s[c], &t, frames);
        mix(f, &s[c], frames);
    }
    if (f->match_loudness)
        match_loudness(f, s, frames);
}

static void limit(float *restrict to, const float *restrict from, uint32_t frames)
{
    for (uint32_t i = 0; i < frames; i++)
        to[i] = limited(from[i]);
}

static void left_and_right(ps_flanger *f, float *left, float *right, uint32_t frames)
{
    signal s[2];

    s[0].y = left;
    s[1].y = right;
    for (uint32_t c = 0; c < 2; c++) {
        s[c].x = input_of(f, c, &s[c]);
        limit(s[c].x, s[c].y, frames);
    }
    process(f, s, frames);
}

static void mid_or_side(ps_flanger *f, float *restrict left, float *restrict right, uint32_t frames)
{
    const float root_half = 0.70710678f;
    const float side_of_mid = f->stereo == PS_FLANGER_MID ? 1.0f : -1.0f;
    float other[RUN], one[RUN];
    signal s;

    s.x = input_of(f, 0, &s);
    s.y = one;
    float *restrict x = s.x;
    for (uint32_t i = 0; i < frames; i++) {
        const float l = limited(left[i]), r = limited(right[i]);

        x[i] = (l + side_of_mid * r) * root_half;
        other[i] = (l - side_of_mid * r) * root_half;
    }
    process(f, &s, frames);
    for (uint32_t i = 0; i < frames; i++) {
        left[i] = (one[i] + other[i]) * root_half;
        right[i] = (one[i] - other[i]) * (root_half * side_of_mid);
    }
}

/* Moves the lines back to their start when the next run would not fit. */
static void make_room(ps_flanger *f, uint32_t frames)
{
    if (f->at + frames <= f->capacity)
        return;
    for (uint32_t c = 0; c < f->channels; c++)
        memmove(f->channel[c].line, f->channel[c].line + f->at - f->past, f->past * sizeof(float));
    f->at = f->past;
}

void PS_ROW(ps_flanger_process)(ps_flanger *flanger, float *left, float *right, uint32_t frames)
{
    for (uint32_t done = 0; done < frames;) {
        const uint32_t count = frames - done < RUN ? frames - done : RUN;

        make_room(flanger, count);
        if (flanger->stereo == PS_FLANGER_LEFT_RIGHT)
            left_and_right(flanger, left + done, right + done, count);
        else
            mid_or_side(flanger, left + done, right + done, count);
        flanger->phase = advance(flanger->phase, flanger->cycles_per_frame, count);
        flanger->at += count;
        flanger->frame += count;
        done += count;
    }
}
