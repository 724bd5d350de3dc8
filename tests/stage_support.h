/* What the tests of the stages around voices share: signals, random settings. */
#ifndef TESTS_STAGE_SUPPORT_H
#define TESTS_STAGE_SUPPORT_H

#include "support.h"

#include <math.h>

#include "base/random.h"
#include "plainsong/engine.h"

typedef struct stereo {
    float *left, *right;
    uint32_t frames;
} stereo;

static inline stereo stereo_make(uint32_t frames)
{
    return (stereo){calloc(frames + 1, sizeof(float)), calloc(frames + 1, sizeof(float)), frames};
}

static inline void stereo_free(stereo *s)
{
    free(s->left);
    free(s->right);
    memset(s, 0, sizeof *s);
}

static inline stereo stereo_copy(const stereo *s)
{
    stereo copy = stereo_make(s->frames);

    memcpy(copy.left, s->left, s->frames * sizeof *s->left);
    memcpy(copy.right, s->right, s->frames * sizeof *s->right);
    return copy;
}

/* The specification's deterministic noise, +-0.4. */
static inline void fill_noise(float *out, uint32_t frames, uint32_t seed)
{
    for (uint32_t i = 0; i < frames; i++) {
        seed = seed * UINT32_C(1664525) + UINT32_C(1013904223);
        out[i] = (float)(((double)seed / 4294967296.0 - 0.5) * 0.8);
    }
}

static inline stereo stereo_noise(uint32_t frames)
{
    stereo s = stereo_make(frames);

    fill_noise(s.left, frames, 1);
    fill_noise(s.right, frames, 2);
    return s;
}

/* The largest difference of a sample; INFINITY when something is not finite. */
static inline double stereo_difference(const stereo *a, const stereo *b)
{
    double worst = 0.0;

    assert_int_equal(a->frames, b->frames);
    for (uint32_t i = 0; i < a->frames; i++) {
        const double l = fabs((double)a->left[i] - (double)b->left[i]);
        const double r = fabs((double)a->right[i] - (double)b->right[i]);

        if (!isfinite(l) || !isfinite(r))
            return (double)INFINITY;
        worst = fmax(worst, fmax(l, r));
    }
    return worst;
}

static inline double stereo_peak(const stereo *s)
{
    double peak = 0.0;

    for (uint32_t i = 0; i < s->frames; i++) {
        if (!isfinite(s->left[i]) || !isfinite(s->right[i]))
            return (double)NAN;
        peak = fmax(peak, fmax(fabs((double)s->left[i]), fabs((double)s->right[i])));
    }
    return peak;
}

typedef struct dice {
    uint64_t key, index;
} dice;

/* low up to high. */
static inline double dice_between(dice *d, double low, double high)
{
    return low + (high - low) * (double)(ps_random_bits(d->key, d->index++) >> 11) * 0x1p-53;
}

static inline bool dice_coin(dice *d)
{
    return ps_random_bits(d->key, d->index++) >> 63 != 0;
}

/* Of either sign and any size. */
static inline double dice_wild(dice *d)
{
    const double x = pow(10.0, dice_between(d, -300.0, 300.0));

    return dice_coin(d) ? x : -x;
}

static inline double clamped(double x, double low, double high)
{
    return x < low ? low : x > high ? high : x;
}

/* Samples that squares do not fit floats of, at the start. */
static inline void stereo_overload(const stereo *s)
{
    for (uint32_t i = 0; i < 1000 && i < s->frames; i++)
        s->left[i] *= 1e38f;
}

/* Runs a stage of some settings over a sound, on a row, in calls of `most` frames. */
typedef void stage_run(const stereo *s, const void *settings, double rate_hz, const char *row,
                       uint32_t most);

/* One call or many: the same samples, on every row. */
static inline void check_runs(stage_run *run, const void *settings)
{
    for (uint32_t row = 0; ps_kernel_row_name(row); row++) {
        stereo whole = stereo_noise(5003), parts = stereo_copy(&whole);

        run(&whole, settings, 44100.0, ps_kernel_row_name(row), 5003);
        run(&parts, settings, 44100.0, ps_kernel_row_name(row), 256);
        assert_memory_equal(whole.left, parts.left, 5003 * sizeof(float));
        assert_memory_equal(whole.right, parts.right, 5003 * sizeof(float));
        stereo_free(&whole);
        stereo_free(&parts);
    }
}

typedef struct point {
    uint32_t frame;
    double left, right;
} point;

static inline void check_point(const stereo *s, const point *p, double tolerance, const char *what)
{
    const double l = (double)s->left[p->frame], r = (double)s->right[p->frame];

    if (!(fabs(l - p->left) <= tolerance && fabs(r - p->right) <= tolerance))
        fail_msg("%s: frame %u is %.8f, %.8f instead of %.7f, %.7f", what, (unsigned)p->frame, l, r,
                 p->left, p->right);
}

#endif
