/* The gain that brings audio to a level. */
#include <math.h>

#include "kernel/math.h"
#include "plainsong/level.h"

static double gain_of_db(double db)
{
    return ps_exp2(db * 0.16609640474436813); /* log2(10) / 20 */
}

double ps_level_gain(const ps_levels *levels, ps_level_mode mode, double target_db)
{
    switch (mode) {
    case PS_LEVEL_PEAK:
        return levels->peak > 0.0 ? gain_of_db(target_db) / levels->peak : 1.0;
    case PS_LEVEL_TRUE_PEAK:
        return levels->true_peak > 0.0 ? gain_of_db(target_db) / levels->true_peak : 1.0;
    case PS_LEVEL_LUFS:
        return isfinite(levels->integrated_lufs) ? gain_of_db(target_db - levels->integrated_lufs)
                                                 : 1.0;
    case PS_LEVEL_AUTO:
    case PS_LEVEL_NONE:
    case PS_LEVEL_FIXED:
        break;
    }
    return 1.0;
}
