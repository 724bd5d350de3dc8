/* What crossovers are set to; crossover_run.c runs them. */
#include "dsp/crossover.h"

#include <math.h>
#include <string.h>

#include "dsp/biquad.h"
#include "kernel/math.h"

#define FAINT     1e-30 /* -600 dB */
#define ROOT_HALF 0.70710678118654752

static double octaves_of(double hz, double rate_hz)
{
    ps_biquad filter;

    ps_biquad_make(&filter, PS_BIQUAD_LOWPASS, hz, 0.0, ROOT_HALF, rate_hz);
    return ps_log2(filter.g);
}

void ps_crossover_init(ps_crossover *c, uint32_t bands, const double *hz, double rate_hz)
{
    memset(c, 0, sizeof *c);
    c->bands = bands;
    c->rate_hz = rate_hz;
    for (uint32_t i = 0; i + 1 < bands; i++)
        ps_smooth_init(&c->octaves[i], octaves_of(hz[i], rate_hz));
}

void ps_crossover_move(ps_crossover *c, uint32_t split, double hz, uint32_t frames)
{
    ps_smooth_to(&c->octaves[split], octaves_of(hz, c->rate_hz), frames);
}

void ps_crossover_reset(ps_crossover *c)
{
    for (uint32_t i = 0; i < PS_CROSSOVER_SPLITS; i++)
        ps_smooth_arrive(&c->octaves[i]);
    memset(c->splits, 0, sizeof c->splits);
    memset(c->turns, 0, sizeof c->turns);
}

/* Three filters, one after the other, are the most that a crossover has on a branch. */
uint64_t ps_crossover_tail(const ps_crossover *c)
{
    uint64_t tail = 0;

    for (uint32_t i = 0; i + 1 < c->bands; i++) {
        const ps_biquad filter = {.g = ps_exp2(c->octaves[i].to), .k = 2.0 * ROOT_HALF};

        tail += 3 * ps_biquad_tail(&filter);
    }
    return tail;
}

static void rest(ps_crossover_filter *f)
{
    for (uint32_t side = 0; side < 2; side++) {
        f->first[side] = fabs(f->first[side]) < FAINT ? 0.0 : f->first[side];
        f->second[side] = fabs(f->second[side]) < FAINT ? 0.0 : f->second[side];
    }
}

void ps_crossover_rest(ps_crossover *c)
{
    for (uint32_t i = 0; i < PS_CROSSOVER_SPLITS; i++) {
        rest(&c->splits[i][0]);
        rest(&c->splits[i][1]);
    }
    rest(&c->turns[0]);
    rest(&c->turns[1]);
}
