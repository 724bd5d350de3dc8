/*
 * The weighting of BS.1770 at work: both filters of both channels side by side, four recursions in
 * one. What waits for the frame before is one product and one difference, and everything else of a
 * frame is done in its shadow. All sums are made frame by frame, so that blocks may be cut
 * anywhere.
 */
#include <string.h>

#include "dsp/level_row.h"
#include "kernel/two_pairs.h"

#define RUN PS_LEVEL_RUN

/* Planar floats to pairs of doubles. */
static void join(double *restrict pairs, const float *restrict left, const float *restrict right,
                 uint32_t frames)
{
    for (uint32_t i = 0; i < frames; i++) {
        pairs[2 * i] = (double)left[i];
        pairs[2 * i + 1] = (double)right[i];
    }
}

void PS_ROW(ps_level_weigh)(ps_level_filter *f, const float *left, const float *right,
                            uint32_t frames)
{
    const ps_two_pairs c0 = ps_two_pairs_read(f->c0), c1 = ps_two_pairs_read(f->c1);
    const ps_two_pairs a1 = ps_two_pairs_read(f->a1), a2 = ps_two_pairs_read(f->a2);
    const ps_pair direct = ps_pair_read(f->direct);
    ps_two_pairs x1 = ps_two_pairs_of(ps_pair_read(f->x1));
    ps_two_pairs y1 = ps_two_pairs_read(f->y1), y2 = ps_two_pairs_read(f->y2);
    ps_pair energy = ps_pair_read(f->energy), square = ps_pair_read(f->square);
    double pairs[2 * RUN];

    join(pairs, left, right, frames);
    for (uint32_t i = 0; i < frames; i++) {
        const ps_pair in = ps_pair_read(pairs + 2 * i);
        const ps_two_pairs x = ps_two_pairs_of(in);
        const ps_two_pairs driven = ps_two_pairs_madd(c0, x, ps_two_pairs_times(c1, x1));
        const ps_two_pairs y = ps_two_pairs_nmadd(a1, y1, ps_two_pairs_nmadd(a2, y2, driven));
        const ps_pair heard = ps_pair_madd(direct, in, ps_two_pairs_sum(y));

        energy = ps_pair_madd(heard, heard, energy);
        square = ps_pair_madd(in, in, square);
        x1 = x;
        y2 = y1;
        y1 = y;
    }
    if (frames > 0)
        memcpy(f->x1, pairs + 2 * (frames - 1), sizeof f->x1);
    memcpy(f->y1, &y1, sizeof y1);
    memcpy(f->y2, &y2, sizeof y2);
    memcpy(f->energy, &energy, sizeof energy);
    memcpy(f->square, &square, sizeof square);
}

void PS_ROW(ps_level_square)(double square[2], const float *left, const float *right,
                             uint32_t frames)
{
    ps_pair sum = ps_pair_read(square);
    double pairs[2 * RUN];

    join(pairs, left, right, frames);
    for (uint32_t i = 0; i < frames; i++) {
        const ps_pair in = ps_pair_read(pairs + 2 * i);

        sum = ps_pair_madd(in, in, sum);
    }
    memcpy(square, &sum, sizeof sum);
}

/* Of floats without their sign the bits compare like the numbers, and the largest of whole numbers
   is found by vectors. */
uint32_t PS_ROW(ps_level_peak)(const float *samples, uint32_t frames)
{
    int32_t largest = 0;

    for (uint32_t i = 0; i < frames; i++) {
        int32_t bits;

        memcpy(&bits, &samples[i], sizeof bits);
        bits &= INT32_MAX;
        largest = bits > largest ? bits : largest;
    }
    return (uint32_t)largest;
}
