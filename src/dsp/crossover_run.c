/*
 * With k = sqrt(2) (Butterworth) one filter gives the low-pass, and x - 2 k v the all-pass; the
 * low-pass of the low-pass is a crossover's low side, and what the all-pass has more its high side.
 */
#include "dsp/crossover.h"

#include <string.h>

#include "kernel/doubles.h"
#include "kernel/math.h"

#define RUN PS_CROSSOVER_RUN
#define K   1.41421356237309505

/* Of a crossover at the frames of a call: 1 / (1 + g (g + k)), g times that, g. */
typedef struct moment {
    double share[RUN], tuned[RUN], g[RUN];
} moment;

typedef struct memory {
    ps_pair first, second;
} memory;

static inline void fill_frame(moment *m, uint32_t i, double octaves)
{
    const double g = ps_exp2(octaves);

    m->g[i] = g;
    m->share[i] = 1.0 / (1.0 + g * (g + K));
    m->tuned[i] = g * m->share[i];
}

static void fill(moment *m, ps_smooth *octaves, uint32_t frames)
{
    const bool moves = ps_smooth_moves(octaves);

    fill_frame(m, 0, ps_smooth_ahead(octaves, 0));
    for (uint32_t i = 1; moves && i < frames; i++)
        fill_frame(m, i, ps_smooth_ahead(octaves, i));
    for (uint32_t i = 1; !moves && i < frames; i++) {
        m->g[i] = m->g[0];
        m->share[i] = m->share[0];
        m->tuned[i] = m->tuned[0];
    }
    ps_smooth_pass(octaves, frames);
}

static inline ps_pair all(double x)
{
    return (ps_pair){x, x};
}

static inline ps_pair load(const double *from)
{
    return (ps_pair){from[0], from[1]};
}

static inline void store(double *to, ps_pair x)
{
    to[0] = x[0];
    to[1] = x[1];
}

static inline memory recall(const ps_crossover_filter *f)
{
    return (memory){load(f->first), load(f->second)};
}

static inline void keep(ps_crossover_filter *f, memory m)
{
    store(f->first, m.first);
    store(f->second, m.second);
}

/* The band-pass v, and the low-pass. */
static inline ps_pair filter(const moment *at, uint32_t i, memory *m, ps_pair x, ps_pair *low)
{
    const ps_pair g = all(at->g[i]);
    const ps_pair v = ps_pair_madd(all(at->tuned[i]), x - m->second, all(at->share[i]) * m->first);

    *low = ps_pair_madd(g, v, m->second);
    m->first = (v - m->first) + v;
    m->second = ps_pair_madd(g, v, *low);
    return v;
}

static inline ps_pair turned(const moment *at, uint32_t i, memory *m, ps_pair x)
{
    ps_pair low;
    const ps_pair v = filter(at, i, m, x, &low);

    return ps_pair_madd(all(-2.0 * K), v, x);
}

/* The low side; x becomes the high one. */
static inline ps_pair split(const moment *at, uint32_t i, memory *m0, memory *m1, ps_pair *x)
{
    ps_pair low, lower;
    const ps_pair v = filter(at, i, m0, *x, &low);

    filter(at, i, m1, low, &lower);
    *x = ps_pair_madd(all(-2.0 * K), v, *x) - lower;
    return lower;
}

static inline void put(ps_crossover_band *band, uint32_t i, ps_pair x)
{
    band->left[i] = (float)x[0];
    band->right[i] = (float)x[1];
}

/* One crossover. */
static void run_2(ps_crossover *c, const moment *at, const float *left, const float *right,
                  ps_crossover_band *bands, uint32_t frames)
{
    memory m0 = recall(&c->splits[0][0]), m1 = recall(&c->splits[0][1]);

    for (uint32_t i = 0; i < frames; i++) {
        ps_pair x = {(double)left[i], (double)right[i]};

        put(&bands[0], i, split(at, i, &m0, &m1, &x));
        put(&bands[1], i, x);
    }
    keep(&c->splits[0][0], m0);
    keep(&c->splits[0][1], m1);
}

/* The crossover in the middle and the all-passes behind it. */
static void run_root(ps_crossover *c, const moment *at, const float *left, const float *right,
                     double *low, double *high, uint32_t frames)
{
    memory m0 = recall(&c->splits[1][0]), m1 = recall(&c->splits[1][1]);
    memory t0 = recall(&c->turns[0]), t1 = recall(&c->turns[1]);
    const bool four = c->bands == 4;

    for (uint32_t i = 0; i < frames; i++) {
        ps_pair x = {(double)left[i], (double)right[i]};
        const ps_pair lower = split(&at[1], i, &m0, &m1, &x);

        store(low + 2 * i, four ? turned(&at[2], i, &t0, lower) : lower);
        store(high + 2 * i, turned(&at[0], i, &t1, x));
    }
    keep(&c->splits[1][0], m0);
    keep(&c->splits[1][1], m1);
    keep(&c->turns[0], t0);
    keep(&c->turns[1], t1);
}

/* One branch, into two bands. */
static void run_branch(ps_crossover *c, uint32_t which, const moment *at, const double *in,
                       ps_crossover_band *bands, uint32_t frames)
{
    memory m0 = recall(&c->splits[which][0]), m1 = recall(&c->splits[which][1]);

    for (uint32_t i = 0; i < frames; i++) {
        ps_pair x = load(in + 2 * i);

        put(&bands[0], i, split(&at[which], i, &m0, &m1, &x));
        put(&bands[1], i, x);
    }
    keep(&c->splits[which][0], m0);
    keep(&c->splits[which][1], m1);
}

void PS_ROW(ps_crossover_run)(ps_crossover *c, const float *left, const float *right,
                              ps_crossover_band *bands, uint32_t frames)
{
    double low[2 * RUN], high[2 * RUN];
    moment at[PS_CROSSOVER_SPLITS];

    for (uint32_t i = 0; i + 1 < c->bands; i++)
        fill(&at[i], &c->octaves[i], frames);
    if (c->bands == 2) {
        run_2(c, at, left, right, bands, frames);
        return;
    }
    run_root(c, at, left, right, low, high, frames);
    run_branch(c, 0, at, low, bands, frames);
    if (c->bands == 4)
        run_branch(c, 2, at, high, bands + 2, frames);
    for (uint32_t i = 0; c->bands == 3 && i < frames; i++)
        put(&bands[2], i, load(high + 2 * i));
}
