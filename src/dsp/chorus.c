/*
 * Four copies of the input behind slowly moving delays; two go left, two right.
 *
 *   in ─► polynomial of each instant ─► ring ─┬─► tap 0, tap 1 ─► left
 *                                             └─► tap 2, tap 3 ─► right
 *
 * A delay that moves needs the signal between the frames. Six frames give the polynomial of third
 * degree around their middle; that is a fixed filter, so its four coefficients are computed once
 * per frame for all taps (Farrow, "A continuously variable digital delay element", ISCAS 1988).
 * A tap then only evaluates polynomials. Within SPAN frames it stays with consecutive ones, which
 * the coefficients below allow for.
 */
#include "dsp/chorus_state.h"

#include <math.h>
#include <string.h>

#define RUN PS_GRID_FRAMES

ps_status ps_chorus_create(ps_chorus **out, double rate_hz, const ps_allocator *allocator,
                           ps_error *err)
{
    ps_chorus *c;
    double longest_sec = 0.0;

    if (!(rate_hz >= PS_RATE_MIN_HZ && rate_hz <= PS_RATE_MAX_HZ))
        return ps_fail(err, PS_BAD_ARGUMENT, "chorus: no sample rate of %g Hz", rate_hz);
    c = ps_alloc(allocator, 1, sizeof *c);
    if (!c)
        return ps_fail(err, PS_NO_MEMORY, "no memory for a chorus");
    c->allocator = allocator;
    c->rate_hz = rate_hz;
    for (uint32_t tap = 0; tap < PS_CHORUS_TAPS; tap++)
        longest_sec = fmax(longest_sec, ps_chorus_taps[tap].middle_sec + PS_CHORUS_SWING_SEC);
    c->ring_frames = ((uint32_t)(longest_sec * rate_hz) / RUN + 2) * RUN;
    c->sample_count = (size_t)PS_CHORUS_TERMS * (c->ring_frames + RUN);
    c->terms[0] = ps_alloc(allocator, c->sample_count, sizeof(float));
    if (!c->terms[0]) {
        ps_chorus_destroy(c);
        return ps_fail(err, PS_NO_MEMORY, "no memory for a chorus");
    }
    for (uint32_t t = 1; t < PS_CHORUS_TERMS; t++)
        c->terms[t] = c->terms[t - 1] + c->ring_frames + RUN;
    c->silent = true;
    c->process = ps_send_row_find("c")->chorus;
    *out = c;
    return PS_OK;
}

void ps_chorus_destroy(ps_chorus *chorus)
{
    if (!chorus)
        return;
    ps_free(chorus->allocator, chorus->terms[0]);
    ps_free(chorus->allocator, chorus);
}

void ps_chorus_use_row(ps_chorus *chorus, const char *row)
{
    chorus->process = ps_send_row_find(row)->chorus;
}

void ps_chorus_reset(ps_chorus *chorus)
{
    memset(chorus->terms[0], 0, chorus->sample_count * sizeof(float));
    memset(chorus->recent, 0, sizeof chorus->recent);
    chorus->at = 0;
    chorus->frame = 0;
    chorus->quiet_frames = 0;
    chorus->silent = true;
}

void ps_chorus_process(ps_chorus *chorus, const float *in, float *left, float *right,
                       uint32_t frames)
{
    for (uint32_t i = 0; i < frames; i += RUN) {
        chorus->process(chorus, in + i, left + i, right + i);
        chorus->frame += RUN;
    }
}

void ps_chorus_rest(ps_chorus *chorus, uint64_t frames)
{
    chorus->frame += frames;
}

bool ps_chorus_silent(const ps_chorus *chorus)
{
    return chorus->silent;
}
