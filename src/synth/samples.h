/* Which samples a score needs, made ready before it plays. */
#ifndef PLAINSONG_SYNTH_SAMPLES_H
#define PLAINSONG_SYNTH_SAMPLES_H

#include "plainsong/score.h"

#include "synth/inside.h"

/*
 * Has the banks decode what the score's notes will play, in parallel on the engine's workers.
 * Leaves the synthesizer as after power-on. Banks that need no decoding cost nothing.
 */
ps_status ps_synth_prepare_score(ps_synth *synth, const ps_score *score, ps_error *err);

#endif
