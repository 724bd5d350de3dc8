/* The tables of noise loops that the rows of this build have. */
#ifndef PLAINSONG_VOICE_NOISE_ROWS_H
#define PLAINSONG_VOICE_NOISE_ROWS_H

#include "voice/noise.h"

extern const ps_noise_row ps_noise_row_c, ps_noise_row_avx2, ps_noise_row_avx512, ps_noise_row_neon,
    ps_noise_row_simd128;

#endif
