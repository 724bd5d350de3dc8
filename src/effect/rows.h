/* The effects that the rows of this build have. */
#ifndef PLAINSONG_EFFECT_ROWS_H
#define PLAINSONG_EFFECT_ROWS_H

#include "effect/effect.h"

extern ps_effect_row ps_effect_row_c, ps_effect_row_avx2, ps_effect_row_avx512, ps_effect_row_neon,
    ps_effect_row_simd128;

#endif
