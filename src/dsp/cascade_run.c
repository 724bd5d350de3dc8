/*
 * Filters that stand still run side by side in vectors, whose pairs are left and right of filters
 * at some distance in the row. Each pair works in place on the same samples, LAG frames behind the
 * one before it; the filters between them are in further vectors, one after the other.
 *
 *                     vector 0   vector 1   vector 2
 *      frame n        filter 0 > filter 1 > filter 2 -.
 *                   .---------------------------------'
 *      frame n - 4  '> filter 3 > filter 4 > filter 5
 *
 * Where some pairs have no frame (at both ends of a call), and on its way to another, a filter runs
 * alone.
 */
#include "dsp/cascade.h"

#include <string.h>

#include "kernel/doubles.h"
#include "kernel/math.h"

#define VECTORS 4u /* side by side: as many as keep their memories in registers */
#define GROUP   (VECTORS * PS_PAIRS)
#define RUN     PS_CASCADE_RUN
#define LAG     4u /* so that a step need not wait for what another has just made */

static inline ps_pair load(const double *io)
{
    ps_pair x;

    memcpy(&x, io, sizeof x);
    return x;
}

static inline void store(double *io, ps_pair y)
{
    memcpy(io, &y, sizeof y);
}

/* ---- Standing still -------------------------------------------------------------------------- */

static void run_alone(double *io, uint32_t frames, ps_cascade_filter *f)
{
    const ps_pair none = {0.0, 0.0};
    const ps_pair c_past = none + f->step.past, c_older = none + f->step.older;
    const ps_pair input = none + f->step.input, from_past = none + f->step.from_past;
    const ps_pair from_older = none + f->step.from_older;
    ps_pair past = load(f->first), older = load(f->second);

    for (uint32_t i = 0; i < frames; i++) {
        const ps_pair x = load(io + 2 * i);
        const ps_pair w = ps_pair_madd(c_past, past, ps_pair_madd(c_older, older, x));
        const ps_pair y = ps_pair_madd(from_past, past, from_older * older);

        store(io + 2 * i, ps_pair_madd(input, x, y));
        older = past;
        past = w;
    }
    store(f->first, past);
    store(f->second, older);
}

/* The numbers of ps_cascade_step, a pair for each filter. */
typedef struct wide_step {
    ps_pairs past, older, input, from_past, from_older;
} wide_step;

typedef struct memory {
    ps_pairs past, older;
} memory;

/* Filters as vectors: pair p of vector v is filter p * vectors + v. */
typedef struct group {
    ps_cascade_filter *const *filters;
    uint32_t count, vectors;
    wide_step steps[VECTORS];
    memory memories[VECTORS];
} group;

static inline ps_pairs run_vector(ps_pairs x, const wide_step *c, memory *m)
{
    const ps_pairs w = ps_pairs_madd(c->past, m->past, ps_pairs_madd(c->older, m->older, x));
    const ps_pairs y = ps_pairs_madd(c->from_past, m->past, c->from_older * m->older);

    m->older = m->past;
    m->past = w;
    return ps_pairs_madd(c->input, x, y);
}

static void put_pair(ps_pairs *all, uint32_t pair, double left, double right)
{
    const double both[2] = {left, right};

    memcpy((char *)all + pair * sizeof both, both, sizeof both);
}

static void put_filter(wide_step *c, memory *m, uint32_t pair, const ps_cascade_filter *f)
{
    const ps_cascade_step *s = &f->step;

    put_pair(&c->past, pair, s->past, s->past);
    put_pair(&c->older, pair, s->older, s->older);
    put_pair(&c->input, pair, s->input, s->input);
    put_pair(&c->from_past, pair, s->from_past, s->from_past);
    put_pair(&c->from_older, pair, s->from_older, s->from_older);
    put_pair(&m->past, pair, f->first[0], f->first[1]);
    put_pair(&m->older, pair, f->second[0], f->second[1]);
}

/* Pairs that are left over let everything pass. */
static void gather(group *g)
{
    memset(g->steps, 0, sizeof g->steps);
    memset(g->memories, 0, sizeof g->memories);
    for (uint32_t i = 0; i < g->vectors * PS_PAIRS; i++) {
        const uint32_t v = i % g->vectors, pair = i / g->vectors;

        if (i < g->count)
            put_filter(&g->steps[v], &g->memories[v], pair, g->filters[i]);
        else
            put_pair(&g->steps[v].input, pair, 1.0, 1.0);
    }
}

static void scatter(const group *g)
{
    for (uint32_t i = 0; i < g->count; i++) {
        const memory *m = &g->memories[i % g->vectors];
        const size_t at = i / g->vectors * sizeof(ps_pair);

        memcpy(g->filters[i]->first, (const char *)&m->past + at, sizeof(ps_pair));
        memcpy(g->filters[i]->second, (const char *)&m->older + at, sizeof(ps_pair));
    }
}

/* The filters of a pair, from one frame up to another. */
static void run_pair_alone(const group *g, double *io, uint32_t pair, uint32_t from, uint32_t to)
{
    for (uint32_t i = pair * g->vectors; i < (pair + 1) * g->vectors && i < g->count; i++)
        if (from < to)
            run_alone(io + 2 * from, to - from, g->filters[i]);
}

/* Where all pairs have a frame. Each vector's memory has a name of its own: compilers keep arrays
   of them out of registers, and every step would wait for the last to be stored. */
static inline void run_vectors(group *g, double *io, uint32_t frames, const uint32_t vectors)
{
    memory m0 = g->memories[0], m1 = g->memories[1], m2 = g->memories[2], m3 = g->memories[3];

    for (double *at = io + 2 * LAG * (PS_PAIRS - 1); at < io + 2 * frames; at += 2) {
        ps_pairs x = run_vector(ps_pairs_gather(at, 2 * LAG), &g->steps[0], &m0);

        if (vectors > 1)
            x = run_vector(x, &g->steps[1], &m1);
        if (vectors > 2)
            x = run_vector(x, &g->steps[2], &m2);
        if (vectors > 3)
            x = run_vector(x, &g->steps[3], &m3);
        ps_pairs_scatter(at, 2 * LAG, x);
    }
    g->memories[0] = m0;
    g->memories[1] = m1;
    g->memories[2] = m2;
    g->memories[3] = m3;
}

static void run_group(double *io, uint32_t frames, ps_cascade_filter *const *filters,
                      uint32_t count)
{
    const uint32_t late = LAG * (PS_PAIRS - 1);
    group g = {filters, count, (count + PS_PAIRS - 1) / PS_PAIRS};

    for (uint32_t pair = 0; pair < PS_PAIRS; pair++)
        run_pair_alone(&g, io, pair, 0, frames > late ? late - LAG * pair : frames);
    if (frames <= late)
        return;
    gather(&g);
    switch (g.vectors) {
    case 1:
        run_vectors(&g, io, frames, 1);
        break;
    case 2:
        run_vectors(&g, io, frames, 2);
        break;
    case 3:
        run_vectors(&g, io, frames, 3);
        break;
    default:
        run_vectors(&g, io, frames, 4);
    }
    scatter(&g);
    for (uint32_t pair = 1; pair < PS_PAIRS; pair++)
        run_pair_alone(&g, io, pair, frames - LAG * pair, frames);
}

static void run_standing(double *io, uint32_t frames, ps_cascade_filter *const *filters,
                         uint32_t count)
{
    for (uint32_t done = 0; done < count; done += GROUP)
        run_group(io, frames, filters + done, count - done < GROUP ? count - done : GROUP);
}

/* ---- On the way ------------------------------------------------------------------------------ */

/* One frame of the integrators: v of the input and both, then the output. */
typedef struct moving_step {
    double from_first, from_input, to_second;
    double input, middle, second; /* into the output: of the input, of v, of the integrator */
} moving_step;

static inline moving_step moving_step_of(const ps_biquad *b)
{
    moving_step s;

    s.from_first = 1.0 / (1.0 + b->g * (b->g + b->k));
    s.from_input = b->g * s.from_first;
    s.to_second = 2.0 * b->g;
    s.input = b->n2;
    s.second = b->n0 - b->n2;
    s.middle = (b->n1 - b->n2 * b->k) + b->g * s.second;
    return s;
}

static void run_moving(double *io, uint32_t frames, ps_cascade_filter *f)
{
    ps_pair first = load(f->first), second = load(f->second);
    double share[RUN], ratio[RUN];
    moving_step steps[RUN];

    for (uint32_t i = 0; i < frames; i++) {
        share[i] = (double)(f->gone + 1 + i) / f->length;
        ratio[i] = ps_exp2(f->octaves * share[i]);
    }
    for (uint32_t i = 0; i < frames; i++) {
        const ps_biquad b = ps_cascade_between(f, share[i], ratio[i]);

        steps[i] = moving_step_of(&b);
    }
    for (uint32_t i = 0; i < frames; i++) {
        const moving_step *c = &steps[i];
        const ps_pair x = load(io + 2 * i), before = second;
        const ps_pair v = c->from_input * (x - before) + c->from_first * first;

        first = (v - first) + v;
        second = before + c->to_second * v;
        store(io + 2 * i, c->input * x + c->second * before + c->middle * v);
    }
    store(f->first, first);
    store(f->second, second);
    f->gone += frames;
    if (f->gone == f->length)
        ps_cascade_arrive(f);
}

/* ---- Both ------------------------------------------------------------------------------------ */

static bool moves(const ps_cascade_filter *f)
{
    return f->gone < f->length;
}

/* Frames, at most `frames`, in which no filter arrives but at their end. */
static uint32_t stretch(const ps_cascade *cascade, uint32_t frames)
{
    for (uint32_t i = 0; i < cascade->count; i++) {
        const ps_cascade_filter *f = &cascade->filters[i];

        if (moves(f) && f->length - f->gone < frames)
            frames = f->length - f->gone;
    }
    return frames;
}

static void run_all(ps_cascade *cascade, double *io, uint32_t frames)
{
    ps_cascade_filter *standing[PS_CASCADE_MOST];
    uint32_t count = 0;

    for (uint32_t i = 0; i < cascade->count; i++) {
        ps_cascade_filter *f = &cascade->filters[i];

        if (!f->works)
            continue;
        if (!moves(f)) {
            standing[count++] = f;
            continue;
        }
        run_standing(io, frames, standing, count);
        count = 0;
        run_moving(io, frames, f);
    }
    run_standing(io, frames, standing, count);
}

static bool works(const ps_cascade *cascade)
{
    for (uint32_t i = 0; i < cascade->count; i++)
        if (cascade->filters[i].works)
            return true;
    return false;
}

void PS_ROW(ps_cascade_run)(ps_cascade *cascade, float *left, float *right, uint32_t frames)
{
    _Alignas(64) double io[2 * RUN];
    uint32_t n;

    if (!works(cascade))
        return;
    for (uint32_t i = 0; i < frames; i++) {
        io[2 * i] = (double)left[i];
        io[2 * i + 1] = (double)right[i];
    }
    for (uint32_t done = 0; done < frames; done += n) {
        n = stretch(cascade, frames - done);
        run_all(cascade, io + 2 * done, n);
    }
    for (uint32_t i = 0; i < frames; i++) {
        left[i] = (float)io[2 * i];
        right[i] = (float)io[2 * i + 1];
    }
}
