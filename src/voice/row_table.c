/* The voices of one row, in the order of voices.def. */
#include "base/row.h"
#include "voice/rows.h"

#define PS_VOICE(name) extern const ps_voice_kind PS_ROW(name);
#include "voice/voices.def"
#undef PS_VOICE

#define PS_VOICE(name) &PS_ROW(name),
static const ps_voice_kind *const kinds[] = {
#include "voice/voices.def"
    0,
};

const ps_voice_row PS_ROW(ps_voice_row) = {
    .kinds = kinds,
    .mix = &PS_ROW(ps_mix_row),
    .flanger = PS_ROW(ps_flanger_process),
    .spatial = PS_ROW(ps_spatial_process),
    .trajectory = PS_ROW(ps_trajectory_fill),
};
