#include "dsp/taps.h"

#include <stddef.h>

#define STRETCH 64u /* frames that are looked at for having one age */

void PS_ROW(ps_taps_place)(ps_taps *restrict taps, double ring, double at,
                           const double *restrict delay, uint32_t frames)
{
    const double turns_per_frame = 1.0 / ring;

    for (uint32_t i = 0; i < frames; i++) {
        const double ahead = at + (double)(int32_t)i;
        const double turns = (double)(int32_t)((ahead + 0.5) * turns_per_frame);
        const double from = ahead - turns * ring;
        const double back = from - delay[i];
        const double place = back < 0.0 ? back + ring : back; /* rounds up to ring at times: 0 */
        const double whole = (double)(int32_t)place;
        const double age = from - whole;

        taps->age[i] = (int32_t)(age < 0.0 ? age + ring : age);
        taps->weight[1][i] = (float)(place - whole);
    }
}

void PS_ROW(ps_taps_weigh)(ps_taps *restrict taps, bool four, uint32_t frames)
{
    if (!four) {
        for (uint32_t i = 0; i < frames; i++)
            taps->weight[0][i] = 1.0f - taps->weight[1][i];
        return;
    }
    for (uint32_t i = 0; i < frames; i++) {
        const float m = taps->weight[1][i], n = 1.0f - m;

        taps->weight[0][i] = m * m * n * (-1.0f / 6.0f);
        taps->weight[1][i] = m * (1.0f + m) * n * 0.5f;
        taps->weight[2][i] = (1.0f + m) * n * n * 0.5f;
        taps->weight[3][i] = m * n * n * (-1.0f / 6.0f);
    }
}

/* Each frame with its own age. */
static void read_apart(const ps_taps *restrict t, bool four, float *restrict z,
                       const float *restrict line, ptrdiff_t from, ptrdiff_t to)
{
    for (ptrdiff_t i = from; i < to; i++) {
        const float *at = line + i - t->age[i];

        if (four)
            z[i] = (t->weight[3][i] * at[-3] + t->weight[2][i] * at[-2]) +
                   (t->weight[1][i] * at[-1] + t->weight[0][i] * at[0]);
        else
            z[i] = t->weight[0][i] * at[0] + t->weight[1][i] * at[-1];
    }
}

/* The same where all have one age. */
static void read_along(const ps_taps *restrict t, bool four, float *restrict z,
                       const float *restrict line, ptrdiff_t from, ptrdiff_t to)
{
    const float *restrict at = line - t->age[from];

    if (four)
        for (ptrdiff_t i = from; i < to; i++)
            z[i] = (t->weight[3][i] * at[i - 3] + t->weight[2][i] * at[i - 2]) +
                   (t->weight[1][i] * at[i - 1] + t->weight[0][i] * at[i]);
    else
        for (ptrdiff_t i = from; i < to; i++)
            z[i] = t->weight[0][i] * at[i] + t->weight[1][i] * at[i - 1];
}

/* Most delays move by a fraction of a frame per run. */
void PS_ROW(ps_taps_read)(const ps_taps *taps, bool four, float *z, const float *line,
                          uint32_t from, uint32_t to)
{
    for (uint32_t end; from < to; from = end) {
        int32_t change = 0;

        end = to - from < STRETCH ? to : from + STRETCH;
        for (uint32_t i = from; i < end; i++)
            change |= taps->age[i] ^ taps->age[from];
        if (change)
            read_apart(taps, four, z, line, from, end);
        else
            read_along(taps, four, z, line, from, end);
    }
}
