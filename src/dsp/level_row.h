/* The inner loops of measuring levels, as compiled for one instruction set. */
#ifndef PLAINSONG_DSP_LEVEL_ROW_H
#define PLAINSONG_DSP_LEVEL_ROW_H

#include <stdint.h>

#include "base/row.h"

#define PS_LEVEL_RUN 256u /* most frames at a time */

/* ---- Between the samples (true_peak_run.c) -------------------------------------------------- */

#define PS_BETWEEN_PAST 47u /* frames before x[0] that are read */
#define PS_HALF_PAST    4u  /* points before half[0] that are read */

/* half[i]: the point half-way between x[i - 22] and x[i - 21]. */
typedef void ps_halfway_run(float *half, const float *x, uint32_t frames);

/* Of the four points from x[i - 24] up to the next: the largest magnitude to out[i], or all to
   out[4 i..4 i + 3]. */
typedef void ps_between_run(float *out, const float *x, const float *half, uint32_t frames);

ps_halfway_run PS_ROW(ps_halfway);
ps_between_run PS_ROW(ps_between_most), PS_ROW(ps_between_all);

/* Of the eight points, twice as close, from x[i - 25] up to the next: the largest magnitude. Reads
   12 points before half[0]. */
ps_between_run PS_ROW(ps_between_fine);

/* ---- Peak, energy, loudness (loudness_run.c) ------------------------------------------------ */

/* The weighting as two recursions side by side and a part of the input (see loudness.c). In fours:
   left and right of the one, left and right of the other. */
typedef struct ps_level_filter {
    double direct[2];
    double c0[4], c1[4], a1[4], a2[4];
    double x1[2], y1[4], y2[4]; /* the last frames in and out */
    double energy[2];           /* sum of the squares that came out */
    double square[2];           /* of those that went in */
} ps_level_filter;

typedef void ps_weigh_run(ps_level_filter *f, const float *left, const float *right,
                          uint32_t frames);

/* square += the sums of squares of left and right, added in the order in which weighing does. */
typedef void ps_square_run(double square[2], const float *left, const float *right,
                           uint32_t frames);

/* The bits of the largest magnitude: of those that are no numbers, if there are any. */
typedef uint32_t ps_peak_run(const float *samples, uint32_t frames);

ps_weigh_run PS_ROW(ps_level_weigh);
ps_square_run PS_ROW(ps_level_square);
ps_peak_run PS_ROW(ps_level_peak);

/* ---- The row -------------------------------------------------------------------------------- */

typedef struct ps_level_row {
    ps_halfway_run *halfway;
    ps_between_run *between_most, *between_all;
    ps_weigh_run *weigh;
    ps_square_run *square;
    ps_peak_run *peak;
} ps_level_row;

/* The row that goes with a row of kernels; plain C for a name unknown. */
const ps_level_row *ps_level_row_find(const char *row);

#endif
