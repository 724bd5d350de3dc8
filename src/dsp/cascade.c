/* What filters in a row are set to; cascade_run.c runs them. */
#include "dsp/cascade.h"

#include <math.h>
#include <string.h>

#include "kernel/math.h"

#define FAINT 1e-30 /* -600 dB */

/* 1 / (1 + g (g + k)) */
static double share_of(const ps_biquad *b)
{
    return 1.0 / (1.0 + b->g * (b->g + b->k));
}

/* With s = (1 / g) (1 - z^-1) / (1 + z^-1), both polynomials times g^2 (1 + z^-1)^2 and divided by
   what then stands before z^0 of the denominator. */
static void aim(ps_cascade_filter *f, const ps_biquad *to)
{
    const double g = to->g, share = share_of(to);
    const double b0 = share * (to->n2 + g * (to->n1 + g * to->n0));
    const double b1 = share * 2.0 * (g * g * to->n0 - to->n2);
    const double b2 = share * (to->n2 - g * (to->n1 - g * to->n0));

    f->to = *to;
    f->step.past = share * 2.0 * (1.0 - g * g);
    f->step.older = -share * (1.0 + g * (g - to->k));
    f->step.input = b0;
    f->step.from_past = b1 + b0 * f->step.past;
    f->step.from_older = b2 + b0 * f->step.older;
}

static void rest_at(ps_cascade_filter *f, const ps_biquad *at)
{
    f->from = *at;
    aim(f, at);
    f->length = f->gone = 0;
    f->works = !ps_biquad_is_open(at);
    memset(f->first, 0, sizeof f->first);
    memset(f->second, 0, sizeof f->second);
}

void ps_cascade_init(ps_cascade *cascade, uint32_t count)
{
    const ps_biquad open = {1.0, 1.0, 1.0, 1.0, 1.0};

    cascade->count = count;
    for (uint32_t i = 0; i < count; i++)
        rest_at(&cascade->filters[i], &open);
}

/* Where a filter stands. */
static ps_biquad now(const ps_cascade_filter *f)
{
    const double share = f->gone < f->length ? (double)f->gone / f->length : 1.0;

    return share < 1.0 ? ps_cascade_between(f, share, ps_exp2(f->octaves * share)) : f->to;
}

/* From the memory of one that stands to that of one on its way. */
static void depart(ps_cascade_filter *f)
{
    const double scale = 2.0 * share_of(&f->to) * f->to.g;

    for (uint32_t side = 0; side < 2; side++) {
        const double past = f->first[side], older = f->second[side];

        f->first[side] = scale * (past - older);
        f->second[side] = scale * f->to.g * (past + older);
    }
}

void ps_cascade_arrive(ps_cascade_filter *f)
{
    const double scale = 0.25 / (share_of(&f->to) * f->to.g);

    for (uint32_t side = 0; side < 2; side++) {
        const double difference = scale * f->first[side];
        const double sum = scale / f->to.g * f->second[side];

        f->first[side] = sum + difference;
        f->second[side] = sum - difference;
    }
    if (ps_biquad_is_open(&f->to)) { /* what changes nothing needs no memory */
        f->works = false;
        memset(f->first, 0, sizeof f->first);
        memset(f->second, 0, sizeof f->second);
    }
}

void ps_cascade_set(ps_cascade *cascade, uint32_t index, const ps_biquad *to, uint32_t frames)
{
    ps_cascade_filter *f = &cascade->filters[index];

    if (frames == 0 || (!f->works && ps_biquad_is_open(to))) {
        rest_at(f, to);
        return;
    }
    f->from = now(f);
    if (!f->works) { /* it comes in where it will be */
        f->from = *to;
        ps_biquad_open(&f->from);
    } else if (f->gone >= f->length) {
        depart(f);
    }
    aim(f, to);
    f->octaves = ps_log2(to->g) - ps_log2(f->from.g);
    f->length = frames;
    f->gone = 0;
    f->works = true;
}

void ps_cascade_reset(ps_cascade *cascade)
{
    for (uint32_t i = 0; i < cascade->count; i++)
        rest_at(&cascade->filters[i], &cascade->filters[i].to);
}

uint64_t ps_cascade_tail(const ps_cascade *cascade)
{
    uint64_t tail = 0;

    for (uint32_t i = 0; i < cascade->count; i++)
        if (cascade->filters[i].works)
            tail += ps_biquad_tail(&cascade->filters[i].to);
    return tail;
}

void ps_cascade_rest(ps_cascade *cascade)
{
    for (uint32_t i = 0; i < cascade->count; i++) {
        ps_cascade_filter *f = &cascade->filters[i];

        for (uint32_t side = 0; side < 2; side++) {
            f->first[side] = fabs(f->first[side]) < FAINT ? 0.0 : f->first[side];
            f->second[side] = fabs(f->second[side]) < FAINT ? 0.0 : f->second[side];
        }
    }
}
