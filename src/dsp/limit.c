/* What a limiter is set to; limit_run.c runs it. */
#include "dsp/limit.h"

#include "dsp/compress.h"
#include "dsp/limit_state.h"
#include "kernel/math.h"

/*
 * Peaks are taken for a little higher than they are measured. Another interpolation of the same
 * bandwidth (right up to 0.4535 of the rate) finds up to 0.006 dB more in what comes out, shorter
 * ones up to 0.05 dB in tones, steps and squares. What noise has close to half the rate is beyond
 * all of them: short ones find up to 0.4 dB there, much longer ones 0.7.
 */
#define MARGIN_DB 0.05

#define STILL   8u  /* frames before and after a peak for which the gain stands still */
#define BOX_MIN 22u /* shorter means move the gain too fast for what lies between samples */

static double linear(double ceiling_db)
{
    return ps_exp2(PS_OCTAVES_OF_DB * (ceiling_db - MARGIN_DB));
}

/* Both means together reach over `around` frames. The window reaches STILL frames further on both
   sides of a peak, which lies between two frames. */
bool ps_limit_init(ps_limit *l, double ceiling_db, double release_ms, double lookahead_ms,
                   double rate_hz, const ps_allocator *allocator)
{
    const double half = 0.5e-3 * lookahead_ms * rate_hz;
    const uint32_t box = half > BOX_MIN ? (uint32_t)half : BOX_MIN, around = 2 * box - 1;

    l->allocator = allocator;
    l->box = box;
    l->window = around + 1 + 2 * STILL;
    ps_smooth_init(&l->ceiling, linear(ceiling_db));
    ps_limit_release(l, release_ms, rate_hz);
    l->least = ps_alloc(allocator, l->window + 1, sizeof *l->least);
    l->boxes[0] = ps_alloc(allocator, box, sizeof *l->boxes[0]);
    l->boxes[1] = ps_alloc(allocator, box, sizeof *l->boxes[1]);
    const bool good = ps_lookahead_init(&l->ahead, around - 1 + STILL + PS_LIMIT_LATE, allocator) &&
                      l->least && l->boxes[0] && l->boxes[1];
    if (good)
        ps_limit_reset(l);
    return good;
}

void ps_limit_finish(ps_limit *l)
{
    ps_free(l->allocator, l->least);
    ps_free(l->allocator, l->boxes[0]);
    ps_free(l->allocator, l->boxes[1]);
    ps_lookahead_finish(&l->ahead);
}

void ps_limit_ceiling(ps_limit *l, double ceiling_db, uint32_t frames)
{
    ps_smooth_to(&l->ceiling, linear(ceiling_db), frames);
}

void ps_limit_release(ps_limit *l, double release_ms, double rate_hz)
{
    l->release = ps_compress_share(release_ms, rate_hz);
}

void ps_limit_reset(ps_limit *l)
{
    ps_smooth_arrive(&l->ceiling);
    memset(l->past, 0, sizeof l->past);
    for (uint32_t i = 0; i <= l->window; i++)
        l->least[i] = 1.0f;
    for (uint32_t i = 0; i < l->box; i++)
        l->boxes[0][i] = l->boxes[1][i] = PS_LIMIT_ONE;
    l->sums[0] = l->sums[1] = l->box * PS_LIMIT_ONE;
    l->least_here = 1.0f;
    l->released = 1.0;
    l->at = l->in_box = 0;
    ps_lookahead_reset(&l->ahead);
}

uint32_t ps_limit_latency(const ps_limit *l)
{
    return l->ahead.frames;
}

void ps_limit_rest(ps_limit *l)
{
    if (l->released > 1.0 - 1e-6)
        l->released = 1.0;
}
