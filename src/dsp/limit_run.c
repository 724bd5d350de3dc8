#include "dsp/limit.h"

#include <string.h>

#include "dsp/level_row.h"
#include "dsp/limit_state.h"
#include "kernel/math.h"

/* a * b + c, in one step where the row has it. */
#ifdef __FMA__
#define MADD(a, b, c) __builtin_fma(a, b, c)
#else
#define MADD(a, b, c) ((a) * (b) + (c))
#endif

#define PAST PS_LIMIT_PAST
#define RUN  PS_LIMIT_RUN
#define LATE PS_LIMIT_LATE

#define PART  128u /* frames of which true peaks are made, or not, together */
#define REACH 49u  /* frames back that ps_between_fine looks at, by way of ps_halfway */
#define HALF  16u  /* points before the first; ps_between_fine reads 12 */

/* ---- What is wanted -------------------------------------------------------------------------- */

/*
 * A bound that is soon found: between two frames the signal is their connecting line and a sum of
 * bends x[n-1] - 2 x[n] + x[n+1], weighed by the line's distance from the interpolation summed up
 * twice. The magnitudes of these weights add up to 0.508 for the point half-way, and to less for
 * the others.
 */
#define BEND 0.51f

static float bound(const float *x, uint32_t frames)
{
    const uint32_t no_sign = UINT32_C(0x7fffffff);
    uint32_t largest = 0, bend = 0;

    for (uint32_t i = 0; i < frames; i++) {
        const uint32_t size = ps_bits_of_float(x[i]) & no_sign;
        const uint32_t bent = ps_bits_of_float((x[i] - x[i + 1]) - (x[i + 1] - x[i + 2])) & no_sign;

        largest = size > largest ? size : largest;
        bend = bent > bend ? bent : bend;
    }
    return 1.00001f * (ps_float_of_bits(largest) + BEND * ps_float_of_bits(bend));
}

/* True when there may be peaks above the ceiling at `frames` frames, of which x[0] is the first. */
static bool may_pass(const float *x, const float *ceiling, uint32_t frames)
{
    const float first = ceiling[0], last = ceiling[frames - 1];
    const float lower = first < last ? first : last;

    return !(bound(x - REACH, frames + REACH - 2) <= lower);
}

static void peaks_of(const float *x, float *peaks, uint32_t frames)
{
    float half[HALF + PART];

    PS_ROW(ps_halfway)(half, x - HALF, frames + HALF);
    PS_ROW(ps_between_fine)(peaks, x, half + HALF, frames);
}

/* Gains for the peaks of both sides; true when there is one below 1. */
static bool want(const ps_limit *l, uint32_t from, const float *ceiling, float *wanted,
                 uint32_t frames)
{
    const float *left = l->past[0] + PAST + from, *right = l->past[1] + PAST + from;
    float a[PART], b[PART];
    uint32_t below = 0;

    for (uint32_t i = 0; i < frames; i++)
        wanted[i] = 1.0f;
    if (!may_pass(left, ceiling, frames) && !may_pass(right, ceiling, frames))
        return false;
    peaks_of(left, a, frames);
    peaks_of(right, b, frames);
    for (uint32_t i = 0; i < frames; i++) {
        const float peak = a[i] > b[i] ? a[i] : b[i];

        wanted[i] = peak > ceiling[i] ? ceiling[i] / peak : 1.0f;
        below |= wanted[i] < 1.0f;
    }
    return below != 0;
}

static bool want_all(ps_limit *l, const float *left, const float *right, float *wanted,
                     uint32_t frames)
{
    float ceiling[RUN];
    bool below = false;

    ps_smooth_fill(&l->ceiling, ceiling, frames);
    memcpy(l->past[0] + PAST, left, frames * sizeof *left);
    memcpy(l->past[1] + PAST, right, frames * sizeof *right);
    for (uint32_t done = 0; done < frames; done += PART) {
        const uint32_t n = frames - done < PART ? frames - done : PART;

        below |= want(l, done, ceiling + done, wanted + done, n);
    }
    memmove(l->past[0], l->past[0] + frames, PAST * sizeof *left);
    memmove(l->past[1], l->past[1] + frames, PAST * sizeof *right);
    return below;
}

/* ---- From wanted gains to smooth ones -------------------------------------------------------- */

static inline float lower(float a, float b)
{
    return a < b ? a : b;
}

/* A stretch of the window is full: each of its gains becomes the least of it and those after it. */
static void turn(ps_limit *l)
{
    float least = 1.0f;

    for (uint32_t i = l->window; i-- > 0;) {
        least = lower(l->least[i], least);
        l->least[i] = least;
    }
    l->at = 0;
    l->least_here = 1.0f;
}

/* Frames that end neither a stretch of the window nor a turn of the means' rings but at their end;
   wanted gains become smooth ones. */
static void smooth(ps_limit *l, float *gain, uint32_t frames)
{
    const double come = l->release, keep = 1.0 - come, share = 1.0 / l->box;
    const double scale = share / (double)PS_LIMIT_ONE;
    float *least = l->least + l->at, least_here = l->least_here;
    int64_t *first = l->boxes[0] + l->in_box, *second = l->boxes[1] + l->in_box;
    int64_t sum0 = l->sums[0], sum1 = l->sums[1];
    double released = l->released;

    for (uint32_t i = 0; i < frames; i++) {
        least_here = lower(gain[i], least_here);
        const double minimum = (double)lower(least_here, least[i + 1]);
        const double up = MADD(keep, released, come * minimum);

        least[i] = gain[i];
        released = up < minimum ? up : minimum;
        const int64_t in = (int64_t)(released * (double)PS_LIMIT_ONE + 0.5);
        sum0 += in - first[i];
        first[i] = in;
        const int64_t mean = (int64_t)((double)sum0 * share + 0.5);
        sum1 += mean - second[i];
        second[i] = mean;
        gain[i] = (float)((double)sum1 * scale);
    }
    l->least_here = least_here;
    l->released = released;
    l->sums[0] = sum0;
    l->sums[1] = sum1;
    l->at += frames;
    l->in_box += frames;
}

static uint32_t least_of(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

static void smooth_all(ps_limit *l, float *gain, uint32_t frames)
{
    while (frames > 0) {
        const uint32_t to_turn = least_of(l->window - l->at, l->box - l->in_box);
        const uint32_t n = least_of(frames, to_turn);

        smooth(l, gain, n);
        gain += n;
        frames -= n;
        if (l->at == l->window)
            turn(l);
        if (l->in_box == l->box)
            l->in_box = 0;
    }
}

/* True when all gains that are kept are 1, and stay so when another 1 comes in. */
static bool is_at_rest(const ps_limit *l)
{
    const int64_t full = l->box * PS_LIMIT_ONE;

    return l->released == 1.0 && l->sums[0] == full && l->sums[1] == full;
}

void PS_ROW(ps_limit_run)(ps_limit *l, float *left, float *right, uint32_t frames)
{
    float gain[RUN];
    const bool below = want_all(l, left, right, gain, frames);

    ps_lookahead_pass(&l->ahead, left, right, frames);
    if (!below && is_at_rest(l))
        return;
    smooth_all(l, gain, frames);
    for (uint32_t i = 0; i < frames; i++) {
        left[i] *= gain[i];
        right[i] *= gain[i];
    }
}
