/* Impulse responses of rooms, made by formula. */
#ifndef PLAINSONG_EFFECT_ROOM_H
#define PLAINSONG_EFFECT_ROOM_H

#include <stdbool.h>

#include "plainsong/memory.h"

#include "dsp/convolve.h"

/* Their names, divided by blanks. */
#define PS_ROOM_NAMES "old-room room hall plate church"

/* Whether there is a room of that name. */
bool ps_room_exists(const char *name);

/*
 * Makes the response of a room (ps_room_exists). The samples are one allocation,
 * response->samples[0], for the caller to free.
 */
ps_status ps_room_make(ps_response *response, const char *name, double rate_hz,
                       const ps_allocator *allocator, ps_error *err);

#endif
