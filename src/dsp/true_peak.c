/* Between the samples, block by block: what each run needs of the one before. */
#include "dsp/true_peak.h"

#include <string.h>

#include "kernel/math.h"

#define RUN  PS_LEVEL_RUN
#define PAST PS_BETWEEN_PAST
#define HALF PS_HALF_PAST

#define SHORT_RUN 128u /* that may be skipped */

void ps_true_peak_init(ps_true_peak *t, const char *kernel_row)
{
    t->row = ps_level_row_find(kernel_row);
    ps_true_peak_reset(t);
}

void ps_true_peak_reset(ps_true_peak *t)
{
    memset(t->past, 0, sizeof t->past);
}

/* Samples with their past in front of them. */
typedef float line[PAST + RUN];

static void take(ps_true_peak *t, line x, const float *in, uint32_t frames)
{
    memcpy(x, t->past, sizeof t->past);
    memcpy(x + PAST, in, frames * sizeof *x);
    memcpy(t->past, x + frames, sizeof t->past);
}

/* At most RUN frames. The last points half-way of the run before are computed again: it costs less
   than to keep them up to date where nothing else is computed. */
static void look(const ps_true_peak *t, ps_between_run *between, const line x, float *out,
                 uint32_t frames)
{
    float half[HALF + RUN];

    t->row->halfway(half, x + PAST - HALF, HALF + frames);
    between(out, x + PAST, half + HALF, frames);
}

void ps_true_peak_follow(ps_true_peak *t, const float *in, float *out, uint32_t frames)
{
    for (uint32_t done = 0, count; done < frames; done += count) {
        line x;

        count = frames - done < RUN ? frames - done : RUN;
        take(t, x, in + done, count);
        look(t, t->row->between_most, x, out + done, count);
    }
}

void ps_true_peak_oversample(ps_true_peak *t, const float *in, float *out, uint32_t frames)
{
    for (uint32_t done = 0, count; done < frames; done += count) {
        line x;

        count = frames - done < RUN ? frames - done : RUN;
        take(t, x, in + done, count);
        look(t, t->row->between_all, x, out + 4 * (size_t)done, count);
    }
}

float ps_true_peak_most(ps_true_peak *t, const float *in, uint32_t frames, float least)
{
    ps_peak_run *const peak = t->row->peak;

    for (uint32_t done = 0, count; done < frames; done += count) {
        float out[RUN], most;
        line x;

        count = frames - done < SHORT_RUN ? frames - done : SHORT_RUN;
        take(t, x, in + done, count);
        if (PS_TRUE_PEAK_MOST * ps_float_of_bits(peak(x, PAST + count)) <= least)
            continue;
        look(t, t->row->between_most, x, out, count);
        most = ps_float_of_bits(peak(out, count));
        least = most > least ? most : least;
    }
    return least;
}
