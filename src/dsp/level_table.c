/* The level loops of one row. */
#include "dsp/level_row.h"

extern const ps_level_row PS_ROW(ps_level_row);
const ps_level_row PS_ROW(ps_level_row) = {
    .halfway = PS_ROW(ps_halfway),
    .between_most = PS_ROW(ps_between_most),
    .between_all = PS_ROW(ps_between_all),
    .weigh = PS_ROW(ps_level_weigh),
    .square = PS_ROW(ps_level_square),
    .peak = PS_ROW(ps_level_peak),
};
