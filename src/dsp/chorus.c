/*
 * Four copies of the input behind slowly moving delays; two go left, two right.
 *
 *   in ─► polynomial of each instant ─► ring ─┬─► tap 0, tap 1 ─► left
 *                                             └─► tap 2, tap 3 ─► right
 *
 * A delay that moves needs the signal between the frames. Six frames give the polynomial of third
 * degree around their middle; that is a fixed filter, so its four coefficients are computed once
 * per frame for all taps (Farrow, "A continuously variable digital delay element", ISCAS 1988).
 * A tap then only evaluates polynomials. Within SPAN frames it stays with consecutive ones, which
 * the coefficients below allow for.
 */
#include "dsp/chorus.h"

#include <math.h>
#include <string.h>

#include "dsp/scrub.h"

#define TAPS   4u
#define POINTS 6u
#define TERMS  4u
#define RUN    PS_GRID_FRAMES
#define SPAN   32u

#define OUT_GAIN 0.42f

#define SWING_SEC 0.0022

/* Sides differ in the middle of the swing and are half a cycle apart. */
static const struct {
    double middle_sec, hz, start_cycles;
} taps[TAPS] = {
    {0.0110, 0.31, 0.00}, /* left */
    {0.0190, 0.43, 0.25},
    {0.0135, 0.31, 0.50}, /* right */
    {0.0220, 0.43, 0.75},
};

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

struct ps_chorus {
    const ps_allocator *allocator;
    double rate_hz;
    float recent[POINTS - 1 + RUN]; /* the run, and the frames before it that it needs */
    float *terms[TERMS];            /* rings: the polynomial around 2.5 frames ago */
    size_t sample_count;            /* of all four rings with their guards */
    uint32_t ring_frames;           /* without the guard: its first run, kept twice */
    uint32_t at;                    /* where the next run is written */
    uint64_t frame;                 /* frames since reset */
    uint32_t quiet_frames;          /* for how long all input has been zero */
    bool silent;                    /* the rings are all zero */
};

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
    const double cycles = (double)frame * (taps[tap].hz / c->rate_hz) + taps[tap].start_cycles;
    const double u = 2.0 * (cycles - floor(cycles)) - 1.0;
    const double swing = 4.0 * u * (1.0 - fabs(u));

    return (taps[tap].middle_sec + SWING_SEC * swing) * c->rate_hz;
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

static void process_run(ps_chorus *c, const float *in, float *left, float *right)
{
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

ps_status ps_chorus_create(ps_chorus **out, double rate_hz, const ps_allocator *allocator,
                           ps_error *err)
{
    ps_chorus *c;
    double longest_sec = 0.0;

    if (!(rate_hz >= PS_RATE_MIN_HZ && rate_hz <= PS_RATE_MAX_HZ))
        return ps_fail(err, PS_BAD_ARGUMENT, "chorus: no sample rate of %g Hz", rate_hz);
    c = ps_alloc(allocator, 1, sizeof *c);
    if (!c)
        return ps_fail(err, PS_NO_MEMORY, "no memory for a chorus");
    c->allocator = allocator;
    c->rate_hz = rate_hz;
    for (uint32_t tap = 0; tap < TAPS; tap++)
        longest_sec = fmax(longest_sec, taps[tap].middle_sec + SWING_SEC);
    c->ring_frames = ((uint32_t)(longest_sec * rate_hz) / RUN + 2) * RUN;
    c->sample_count = (size_t)TERMS * (c->ring_frames + RUN);
    c->terms[0] = ps_alloc(allocator, c->sample_count, sizeof(float));
    if (!c->terms[0]) {
        ps_chorus_destroy(c);
        return ps_fail(err, PS_NO_MEMORY, "no memory for a chorus");
    }
    for (uint32_t t = 1; t < TERMS; t++)
        c->terms[t] = c->terms[t - 1] + c->ring_frames + RUN;
    c->silent = true;
    *out = c;
    return PS_OK;
}

void ps_chorus_destroy(ps_chorus *chorus)
{
    if (!chorus)
        return;
    ps_free(chorus->allocator, chorus->terms[0]);
    ps_free(chorus->allocator, chorus);
}

void ps_chorus_reset(ps_chorus *chorus)
{
    memset(chorus->terms[0], 0, chorus->sample_count * sizeof(float));
    memset(chorus->recent, 0, sizeof chorus->recent);
    chorus->at = 0;
    chorus->frame = 0;
    chorus->quiet_frames = 0;
    chorus->silent = true;
}

void ps_chorus_process(ps_chorus *chorus, const float *in, float *left, float *right,
                       uint32_t frames)
{
    for (uint32_t i = 0; i < frames; i += RUN) {
        process_run(chorus, in + i, left + i, right + i);
        chorus->frame += RUN;
    }
}

void ps_chorus_rest(ps_chorus *chorus, uint64_t frames)
{
    chorus->frame += frames;
}

bool ps_chorus_silent(const ps_chorus *chorus)
{
    return chorus->silent;
}
