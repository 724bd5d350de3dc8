/* The tables of voices that the rows of this build have. */
#ifndef PLAINSONG_VOICE_ROWS_H
#define PLAINSONG_VOICE_ROWS_H

#include "voice/voice.h"

extern const ps_voice_row ps_voice_row_c;
extern const ps_voice_row ps_voice_row_avx2;
extern const ps_voice_row ps_voice_row_avx512;
extern const ps_voice_row ps_voice_row_neon;
extern const ps_voice_row ps_voice_row_simd128;

#endif
