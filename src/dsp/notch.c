/*
 * Notches of several blocks at once, one block per vector lane.
 *
 * A notch is a state-variable filter by the trapezoidal rule (Zavalishin, "The Art of VA Filter
 * Design"): with g = tan(w0 / 2) and the damping k, per sample
 *
 *      v = (first + g (x - second)) / (1 + g (g + k))      band-pass
 *      first  = 2 v - first
 *      second = second + 2 g v
 *      y = x - k v
 *
 * which keeps its precision in float at low frequencies, where the difference equation's
 * coefficients run together. v is computed times k, and first is stored times k / (1 + g (g + k)):
 * five steps per sample.
 *
 * One recursion waits for itself most of the time. Several equal stages of a cascade run in one
 * loop, each a sample behind the one before it: as far as the processor finds that out for itself,
 * or as the loop is written where there are the registers. Those of two vectors run in turn where
 * vectors are narrow.
 */
#include "dsp/notch.h"

#include <string.h>

#include "dsp/notch_shape.h"
#define PS_LANES_MOST 16
#include "kernel/lanes.h"

#define STRIP  128u /* samples that go through all stages before the next are looked at */
#define STAGES 5u   /* of one loop */
#define SIDE   (VECTORS * PS_LANES)

/* Vectors side by side. */
#if PS_LANES >= 8
#define VECTORS 1u
#else
#define VECTORS 2u
#endif

/* The same notch for every lane. */
typedef struct shapes {
    ps_lanes from_input[VECTORS]; /* k g / (1 + g (g + k)); 0: everything passes through */
    ps_lanes twice[VECTORS];      /* 2 / (1 + g (g + k)) */
    ps_lanes to_second[VECTORS];  /* 2 g / k */
} shapes;

typedef struct memory {
    ps_lanes first[VECTORS], second[VECTORS];
} memory;

/* One notch of each lane's block. */
typedef struct sweep {
    _Alignas(PS_LANES * 4) float from_input[SIDE];
    _Alignas(PS_LANES * 4) float twice[SIDE];
    _Alignas(PS_LANES * 4) float to_second[SIDE];
    uint32_t cascade[SIDE], stages; /* stages: the largest cascade */
    memory *memories;               /* `stages` of them */
} sweep;

/* The blocks that are filtered together. */
typedef struct group {
    ps_lanes strip[STRIP][VECTORS];
    sweep sweeps[PS_NOTCH_SWEEPS];
    memory memories[PS_NOTCH_SWEEPS * PS_NOTCH_CASCADE];
} group;

static inline void run_stage(ps_lanes out[VECTORS], const ps_lanes in[VECTORS], const shapes *s,
                             memory *m)
{
    for (uint32_t v = 0; v < VECTORS; v++) {
        const ps_lanes band = ps_lanes_madd(s->from_input[v], in[v] - m->second[v], m->first[v]);

        m->first[v] = ps_lanes_msub(s->twice[v], band, m->first[v]);
        m->second[v] = ps_lanes_madd(s->to_second[v], band, m->second[v]);
        out[v] = in[v] - band;
    }
}

/* `count` stages over a strip; inlined with a constant, so that what they remember is in registers.
   x[k] goes into stage k. */
#if PS_LANES == 16
static inline void run_stages(ps_lanes strip[STRIP][VECTORS], const shapes *shapes_of,
                              memory *memories, const uint32_t count)
{
    const shapes s = *shapes_of;
    ps_lanes x[STAGES + 1][VECTORS];
    memory m[STAGES];

    memcpy(m, memories, count * sizeof *m);
    for (uint32_t i = 0; i < count - 1; i++) {
        memcpy(x[0], strip[i], sizeof x[0]);
        for (uint32_t k = i + 1; k-- > 0;)
            run_stage(x[k + 1], x[k], &s, &m[k]);
    }
    for (uint32_t i = count - 1; i < STRIP; i++) {
        memcpy(x[0], strip[i], sizeof x[0]);
        for (uint32_t k = count; k-- > 0;)
            run_stage(x[k + 1], x[k], &s, &m[k]);
        memcpy(strip[i - (count - 1)], x[count], sizeof x[0]);
    }
    for (uint32_t i = 1; i < count; i++) {
        for (uint32_t k = count; k-- > i;)
            run_stage(x[k + 1], x[k], &s, &m[k]);
        memcpy(strip[STRIP - count + i], x[count], sizeof x[0]);
    }
    memcpy(memories, m, count * sizeof *m);
}
#else
static inline void run_stages(ps_lanes strip[STRIP][VECTORS], const shapes *shapes_of,
                              memory *memories, const uint32_t count)
{
    const shapes s = *shapes_of;
    ps_lanes x[VECTORS];
    memory m[STAGES];

    memcpy(m, memories, count * sizeof *m);
    for (uint32_t i = 0; i < STRIP; i++) {
        memcpy(x, strip[i], sizeof x);
        for (uint32_t k = 0; k < count; k++)
            run_stage(x, x, &s, &m[k]);
        memcpy(strip[i], x, sizeof x);
    }
    memcpy(memories, m, count * sizeof *m);
}
#endif

static void run_cascade(ps_lanes strip[STRIP][VECTORS], const shapes *s, memory *memories,
                        uint32_t count)
{
    for (; count >= STAGES; count -= STAGES, memories += STAGES)
        run_stages(strip, s, memories, STAGES);
    switch (count) {
    case 4:
        run_stages(strip, s, memories, 4);
        break;
    case 3:
        run_stages(strip, s, memories, 3);
        break;
    case 2:
        run_stages(strip, s, memories, 2);
        break;
    case 1:
        run_stages(strip, s, memories, 1);
        break;
    default:
        break;
    }
}

/* A lane whose cascade is shorter than others' lets the rest pass through: its band is 0, as both
   memories then stay. */
static void run_sweep(ps_lanes strip[STRIP][VECTORS], const sweep *w)
{
    for (uint32_t done = 0, next; done < w->stages; done = next) {
        _Alignas(sizeof(ps_lanes)) float from_input[SIDE];
        shapes s;

        next = w->stages;
        for (uint32_t lane = 0; lane < SIDE; lane++) {
            const uint32_t cascade = w->cascade[lane];

            from_input[lane] = cascade > done ? w->from_input[lane] : 0.0f;
            next = cascade > done && cascade < next ? cascade : next;
        }
        for (uint32_t v = 0; v < VECTORS; v++) {
            s.from_input[v] = ps_lanes_load(from_input + v * PS_LANES);
            s.twice[v] = ps_lanes_load(w->twice + v * PS_LANES);
            s.to_second[v] = ps_lanes_load(w->to_second + v * PS_LANES);
        }
        run_cascade(strip, &s, w->memories + done, next - done);
    }
}

/* The notches of `count` blocks, as many as there are lanes or fewer. */
static void shape_sweeps(group *g, const ps_notch_job *job, const ps_notch_block *blocks,
                         uint32_t count)
{
    memory *memories = g->memories;

    for (uint32_t k = 0; k < job->sweeps; k++) {
        sweep *w = &g->sweeps[k];

        memset(w, 0, sizeof *w);
        for (uint32_t lane = 0; lane < count; lane++) {
            const ps_notch *notch = &blocks[lane].notches[k];
            ps_notch_shape shape;

            if (!ps_notch_shape_of(&shape, notch, job->rate_hz))
                continue;
            const double tan = shape.centre, damping = shape.width / tan;
            const double share = 1.0 / (1.0 + tan * (tan + damping));
            w->from_input[lane] = (float)(damping * tan * share);
            w->twice[lane] = (float)(2.0 * share);
            w->to_second[lane] = (float)(2.0 * tan / damping);
            w->cascade[lane] =
                notch->cascade < PS_NOTCH_CASCADE ? notch->cascade : PS_NOTCH_CASCADE;
            w->stages = w->cascade[lane] > w->stages ? w->cascade[lane] : w->stages;
        }
        w->memories = memories;
        memories += w->stages;
    }
    memset(g->memories, 0, (size_t)(memories - g->memories) * sizeof *memories);
}

/* A lane without a block reads that of lane 0; nobody looks at it. */
static void load_strip(group *g, const ps_notch_job *job, const ps_notch_block *blocks,
                       uint32_t count, uint32_t half, uint32_t at)
{
    for (uint32_t i = 0; i < STRIP; i += PS_LANES) {
        const ps_lanes window = ps_lanes_read(job->window + half * PS_NOTCH_HOP + at + i);

        for (uint32_t v = 0; v < VECTORS; v++) {
            ps_lanes square[PS_LANES];

            for (uint32_t k = 0; k < PS_LANES; k++) {
                const uint32_t lane = v * PS_LANES + k < count ? v * PS_LANES + k : 0;

                square[k] = window * ps_lanes_read(blocks[lane].in[half] + at + i);
            }
            ps_lanes_turn(square);
            for (uint32_t k = 0; k < PS_LANES; k++)
                g->strip[i + k][v] = square[k];
        }
    }
}

/* Where a half of every block goes, and whether it is the second one there. */
typedef struct places {
    float *samples[SIDE];
    bool joins[SIDE];
} places;

static places places_of(const ps_notch_block *blocks, uint32_t count, uint32_t half)
{
    places p;

    for (uint32_t lane = 0; lane < count; lane++) {
        ps_notch_hop *hop = blocks[lane].out[half];

        p.samples[lane] = hop->samples;
        p.joins[lane] = hop->halves > 0;
        hop->halves++;
    }
    return p;
}

static void store_strip(const group *g, const places *to, const float *scales, uint32_t count,
                        uint32_t at)
{
    for (uint32_t i = 0; i < STRIP; i += PS_LANES) {
        const ps_lanes scale = ps_lanes_read(scales + at + i);

        for (uint32_t v = 0; v < VECTORS; v++) {
            ps_lanes square[PS_LANES];

            for (uint32_t k = 0; k < PS_LANES; k++)
                square[k] = g->strip[i + k][v];
            ps_lanes_turn(square);
            for (uint32_t k = 0; k < PS_LANES && v * PS_LANES + k < count; k++) {
                float *out = to->samples[v * PS_LANES + k] + at + i;

                if (to->joins[v * PS_LANES + k])
                    square[k] = (ps_lanes_read(out) + square[k]) * scale;
                ps_lanes_write(out, square[k]);
            }
        }
    }
}

void PS_ROW(ps_notch_run)(const ps_notch_job *job)
{
    group g;

    for (uint32_t first = 0; first < job->count; first += SIDE) {
        const uint32_t left = job->count - first, count = left < SIDE ? left : SIDE;
        const ps_notch_block *blocks = job->blocks + first;

        shape_sweeps(&g, job, blocks, count);
        for (uint32_t half = 0; half < 2; half++) {
            const places to = places_of(blocks, count, half);

            for (uint32_t at = 0; at < PS_NOTCH_HOP; at += STRIP) {
                load_strip(&g, job, blocks, count, half, at);
                for (uint32_t k = 0; k < job->sweeps; k++)
                    run_sweep(g.strip, &g.sweeps[k]);
                store_strip(&g, &to, job->scale, count, at);
            }
        }
    }
}

/* ---- Responses ---- */

#define TOGETHER 64u

/* At most TOGETHER frequencies. */
static void respond(const ps_notch_shape *shape, uint32_t cascade, const double *restrict tangents,
                    double *restrict re, double *restrict im, uint32_t count)
{
    const double centre = shape->centre, width = shape->width;
    double once_re[TOGETHER], once_im[TOGETHER];

    for (uint32_t i = 0; i < count; i++) {
        const double o = tangents[i], side = width * o;
        const double gap = (centre - o) * (centre + o);
        const double share = gap / (gap * gap + side * side); /* gap / (gap + i side) */

        once_re[i] = share * gap;
        once_im[i] = -share * side;
    }
    for (uint32_t k = 0; k < cascade; k++) {
        for (uint32_t i = 0; i < count; i++) {
            const double was_re = re[i], was_im = im[i];

            re[i] = was_re * once_re[i] - was_im * once_im[i];
            im[i] = was_re * once_im[i] + was_im * once_re[i];
        }
    }
}

void PS_ROW(ps_notch_respond)(const ps_notch *notch, double rate_hz, const double *tangents,
                              double *re, double *im, uint32_t count)
{
    const uint32_t cascade = notch->cascade < PS_NOTCH_CASCADE ? notch->cascade : PS_NOTCH_CASCADE;
    ps_notch_shape shape;

    if (!ps_notch_shape_of(&shape, notch, rate_hz))
        return;
    for (uint32_t at = 0; at < count; at += TOGETHER)
        respond(&shape, cascade, tangents + at, re + at, im + at,
                count - at < TOGETHER ? count - at : TOGETHER);
}
