/*
 * The flanger behind a voice, as its parameters say: one, or in a transition that moves it two, the
 * one blended into the other. All of them hear the whole step.
 */
#ifndef PLAINSONG_VOICE_FLANGE_H
#define PLAINSONG_VOICE_FLANGE_H

#include "voice/voice.h"

typedef struct ps_flange ps_flange;

/*
 * *out stays NULL when there is no flanger. params: the voice's whole map. is_transition: as the
 * document says, whatever form the voice has. PS_BAD_DATA with *name for what cannot be read.
 */
ps_status ps_flange_create(ps_flange **out, const ps_voice_setup *setup, const ps_value *params,
                           bool is_transition, const char **name, ps_error *err);

/* NULL allowed. */
void ps_flange_destroy(ps_flange *flange);

/* In place, the step's frames from `first` on: in order, in runs of PS_VOICE_FRAMES. */
void ps_flange_process(ps_flange *flange, const ps_voice_row *row, float *left, float *right,
                       uint64_t first, uint32_t frames);

/* An upper bound of what comes out, for input up to `peak`. */
double ps_flange_bound(const ps_flange *flange, double peak);

#endif
