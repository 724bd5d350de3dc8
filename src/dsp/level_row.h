/* The inner loops of measuring levels, as compiled for one instruction set. */
#ifndef PLAINSONG_DSP_LEVEL_ROW_H
#define PLAINSONG_DSP_LEVEL_ROW_H

#include <stdint.h>

#include "base/row.h"

/* ---- Between the samples (true_peak_run.c) -------------------------------------------------- */

#define PS_BETWEEN_PAST 43u  /* frames before x[0] that are read */
#define PS_HALF_PAST    4u   /* points before half[0] that are read */
#define PS_BETWEEN_RUN  256u /* most frames at a time */

/* half[i]: the point half-way between x[i - 22] and x[i - 21]. */
typedef void ps_halfway_run(float *half, const float *x, uint32_t frames);

/* Of the four points from x[i - 24] up to the next: the largest magnitude to out[i], or all to
   out[4 i..4 i + 3]. */
typedef void ps_between_run(float *out, const float *x, const float *half, uint32_t frames);

ps_halfway_run PS_ROW(ps_halfway);
ps_between_run PS_ROW(ps_between_most), PS_ROW(ps_between_all);

/* ---- The row -------------------------------------------------------------------------------- */

typedef struct ps_level_row {
    ps_halfway_run *halfway;
    ps_between_run *between_most, *between_all;
} ps_level_row;

/* The row that goes with a row of kernels; plain C for a name unknown. */
const ps_level_row *ps_level_row_find(const char *row);

#endif
