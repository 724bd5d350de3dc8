/* The effects of one row, in the order of effects.def. */
#include "base/row.h"
#include "effect/rows.h"

#define PS_EFFECT(name) extern const ps_effect_kind PS_ROW(name);
#include "effect/effects.def"
#undef PS_EFFECT

#define PS_EFFECT(name) &PS_ROW(name),
ps_effect_row PS_ROW(ps_effect_row) = {
#include "effect/effects.def"
    0,
};
