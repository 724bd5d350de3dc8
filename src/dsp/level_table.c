/* The level loops of one row. */
#include "dsp/level_row.h"

extern const ps_level_row PS_ROW(ps_level_row);
const ps_level_row PS_ROW(ps_level_row) = {PS_ROW(ps_halfway), PS_ROW(ps_between_most),
                                           PS_ROW(ps_between_all)};
