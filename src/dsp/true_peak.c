/* Between the samples, block by block: what each run needs of the one before. */
#include "dsp/true_peak.h"

#include <string.h>

#define RUN  PS_BETWEEN_RUN
#define PAST PS_BETWEEN_PAST
#define HALF PS_HALF_PAST

void ps_true_peak_init(ps_true_peak *t, const char *kernel_row)
{
    t->row = ps_level_row_find(kernel_row);
    ps_true_peak_reset(t);
}

void ps_true_peak_reset(ps_true_peak *t)
{
    memset(t->past, 0, sizeof t->past);
    memset(t->half, 0, sizeof t->half);
}

/* At most RUN frames. */
static void run(ps_true_peak *t, ps_between_run *between, const float *in, float *out,
                uint32_t frames)
{
    float x[PAST + RUN], half[HALF + RUN];

    memcpy(x, t->past, sizeof t->past);
    memcpy(x + PAST, in, frames * sizeof *x);
    memcpy(half, t->half, sizeof t->half);
    t->row->halfway(half + HALF, x + PAST, frames);
    between(out, x + PAST, half + HALF, frames);
    memcpy(t->past, x + frames, sizeof t->past);
    memcpy(t->half, half + frames, sizeof t->half);
}

void ps_true_peak_follow(ps_true_peak *t, const float *in, float *out, uint32_t frames)
{
    for (uint32_t done = 0; done < frames; done += RUN)
        run(t, t->row->between_most, in + done, out + done,
            frames - done < RUN ? frames - done : RUN);
}

void ps_true_peak_oversample(ps_true_peak *t, const float *in, float *out, uint32_t frames)
{
    for (uint32_t done = 0; done < frames; done += RUN)
        run(t, t->row->between_all, in + done, out + 4 * (size_t)done,
            frames - done < RUN ? frames - done : RUN);
}
