/* The effects notes are sent to, as compiled for one instruction set. */
#ifndef PLAINSONG_DSP_SEND_ROW_H
#define PLAINSONG_DSP_SEND_ROW_H

#include "base/row.h"

/* One grid run of an effect, added to left and right. */
typedef void ps_send_run(void *effect, const float *in, float *left, float *right);

ps_send_run PS_ROW(ps_reverb_run), PS_ROW(ps_chorus_run);

typedef struct ps_send_row {
    ps_send_run *reverb, *chorus;
} ps_send_row;

/* The row that goes with a row of kernels; plain C for a name unknown. */
const ps_send_row *ps_send_row_find(const char *row);

#endif
