/* The effects of one row. */
#include "dsp/send_row.h"

extern const ps_send_row PS_ROW(ps_send_row);
const ps_send_row PS_ROW(ps_send_row) = {PS_ROW(ps_reverb_run), PS_ROW(ps_chorus_run)};
