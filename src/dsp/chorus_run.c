/*
 * One run of the chorus: chorus.c says what it is made of. Within SPAN frames a tap stays with
 * consecutive polynomials, which their coefficients allow for.
 */
#include "dsp/chorus_state.h"

#include <math.h>
#include <string.h>

#include "base/row.h"
#include "dsp/scrub.h"

#define POINTS PS_CHORUS_POINTS
#define TERMS  PS_CHORUS_TERMS
#define RUN    PS_GRID_FRAMES
#define SPAN   32u

#define OUT_GAIN 0.42f

/*
 * Weight of point p (and, mirrored, of point 5 - p) at z frames from the middle of the six is
 * sum_j curve[j][p] z^j. The least largest error of the response against exp(i w z) for |z| <= 0.62
 * and w up to 0.095 of the rate (iteratively reweighted least squares): -80 dB there, which is up
 * to 4.2 kHz at 44.1 kHz. 0.62 = half a frame, and what the fastest swing adds in half a span.
 */
/* clang-format off */
static const float curve[TERMS][POINTS / 2] = {
    {  0.013540237f, -0.102522302f,  0.589028939f },
    { -0.004995385f,  0.066231192f, -1.173774151f },
    { -0.052780673f,  0.405865647f, -0.353295383f },
    {  0.019505779f, -0.262670649f,  0.690692917f },
};
/* clang-format on */

/* The polynomials of a run. Even powers weigh mirrored points alike, odd ones oppositely. */
static void fit(const float recent[POINTS - 1 + RUN], float *const terms[TERMS])
{
    float *t0 = terms[0], *t1 = terms[1], *t2 = terms[2], *t3 = terms[3];

    for (uint32_t i = 0; i < RUN; i++) {
        const float *x = recent + i;
        const float s0 = x[0] + x[5], s1 = x[1] + x[4], s2 = x[2] + x[3];
        const float d0 = x[0] - x[5], d1 = x[1] - x[4], d2 = x[2] - x[3];

        t0[i] = curve[0][0] * s0 + curve[0][1] * s1 + curve[0][2] * s2;
        t1[i] = curve[1][0] * d0 + curve[1][1] * d1 + curve[1][2] * d2;
        t2[i] = curve[2][0] * s0 + curve[2][1] * s1 + curve[2][2] * s2;
        t3[i] = curve[3][0] * d0 + curve[3][1] * d1 + curve[3][2] * d2;
    }
}

/* The first run of a ring again behind its end, so that every span is contiguous. */
static void write_terms(ps_chorus *c)
{
    float fitted[TERMS][RUN];
    float *const terms[TERMS] = {fitted[0], fitted[1], fitted[2], fitted[3]};

    fit(c->recent, terms);
    for (uint32_t t = 0; t < TERMS; t++) {
        memcpy(c->terms[t] + c->at, fitted[t], sizeof fitted[t]);
        if (c->at == 0)
            memcpy(c->terms[t] + c->ring_frames, fitted[t], sizeof fitted[t]);
    }
}

/* A tap's delay at a frame. Its swing is made of parabolas, close to a sine. */
static double delay_frames(const ps_chorus *c, uint32_t tap, uint64_t frame)
{
    const double cycles =
        (double)frame * (ps_chorus_taps[tap].hz / c->rate_hz) + ps_chorus_taps[tap].start_cycles;
    const double u = 2.0 * (cycles - floor(cycles)) - 1.0;
    const double swing = 4.0 * u * (1.0 - fabs(u));

    return (ps_chorus_taps[tap].middle_sec + PS_CHORUS_SWING_SEC * swing) * c->rate_hz;
}

/* Adds SPAN frames of a tap from `first` of the run just written, its delay going from d0 to d1. */
static void add_span(const ps_chorus *c, uint32_t first, double d0, double d1, float out[SPAN])
{
    /* A polynomial stands for what was 2.5 frames before its newest point. */
    const uint32_t whole = (uint32_t)(0.5 * (d0 + d1) - 2.5 + 0.5);
    const float z0 = (float)(whole + 2.5 - d0), z1 = (float)((d0 - d1) / SPAN);
    const uint32_t from = c->at + first + c->ring_frames - whole;
    const uint32_t at = from < c->ring_frames ? from : from - c->ring_frames;
    const float *t0 = c->terms[0] + at, *t1 = c->terms[1] + at;
    const float *t2 = c->terms[2] + at, *t3 = c->terms[3] + at;

    for (uint32_t i = 0; i < SPAN; i++) {
        const float z = z0 + z1 * (float)(int32_t)i;

        out[i] += t0[i] + z * (t1[i] + z * (t2[i] + z * t3[i]));
    }
}

static void add_tap(const ps_chorus *c, uint32_t tap, float out[RUN])
{
    double delay = delay_frames(c, tap, c->frame);

    for (uint32_t first = 0; first < RUN; first += SPAN) {
        const double next = delay_frames(c, tap, c->frame + first + SPAN);

        add_span(c, first, delay, next, out + first);
        delay = next;
    }
}

static void add_side(const ps_chorus *c, uint32_t tap, float *out)
{
    float sum[RUN] = {0.0f};

    add_tap(c, tap, sum);
    add_tap(c, tap + 1, sum);
    /* Adding and subtracting 1e-15 leaves no denormal. */
    for (uint32_t i = 0; i < RUN; i++)
        out[i] += OUT_GAIN * sum[i] + 1e-15f - 1e-15f;
}

void PS_ROW(ps_chorus_run)(void *chorus, const float *in, float *left, float *right)
{
    ps_chorus *c = chorus;

    if (ps_scrub_run(c->recent + POINTS - 1, in)) {
        c->silent = false;
        c->quiet_frames = 0;
    } else if (c->silent) {
        return;
    } else {
        c->quiet_frames += RUN;
    }
    write_terms(c);
    add_side(c, 0, left);
    add_side(c, 2, right);
    memmove(c->recent, c->recent + RUN, (POINTS - 1) * sizeof *c->recent);
    c->at = c->at + RUN < c->ring_frames ? c->at + RUN : 0;
    /* One run more than the ring, as the first of them still fits older frames. */
    c->silent = c->quiet_frames > c->ring_frames;
}
