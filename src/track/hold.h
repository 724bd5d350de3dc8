/* Texts and values of one's own, in an arena. */
#ifndef PLAINSONG_TRACK_HOLD_H
#define PLAINSONG_TRACK_HOLD_H

#include "base/arena.h"
#include "plainsong/value.h"

/* Lists and maps inside each other; a document of a person has five or six. */
#define PS_VALUE_DEPTH_MAX 512u

/* NULL stays NULL. */
ps_status ps_hold_text(ps_arena *arena, const char **out, const char *text, ps_error *err);

/*
 * A deep copy. PS_BAD_ARGUMENT for a number that is not finite, a text or name that is NULL, and
 * more than PS_VALUE_DEPTH_MAX levels. out may be &value itself.
 */
ps_status ps_hold_value(ps_arena *arena, ps_value *out, const ps_value *value, ps_error *err);

#endif
