/* The 2-D spatialiser behind a voice, as its spatial parameters say. */
#ifndef PLAINSONG_VOICE_SPACE_H
#define PLAINSONG_VOICE_SPACE_H

#include "voice/voice.h"

/*
 * *out stays NULL when spatialEnable is off. params: the voice's map. PS_BAD_DATA with *name for
 * what cannot be read.
 */
ps_status ps_space_create(ps_spatial **out, const ps_voice_setup *setup, const ps_value *params,
                          const char **name, ps_error *err);

#endif
