/*
 * An ensemble: the synthesizer on several threads. While one thread works out what the notes of a
 * chunk do, others make the sound of the chunk before, group by group, and the effects of the one
 * before that. Everything is summed in the order of the serial path, so the samples are the same.
 */
#ifndef PLAINSONG_SYNTH_ENSEMBLE_H
#define PLAINSONG_SYNTH_ENSEMBLE_H

#include "synth/inside.h"

typedef struct ps_ensemble ps_ensemble;

ps_status ps_ensemble_create(ps_ensemble **out, ps_synth *synth, const ps_feed *feed,
                             const ps_workers *workers, ps_error *err);

/* NULL allowed. */
void ps_ensemble_destroy(ps_ensemble *ensemble);

/* Forgets everything computed ahead; the synthesizer and the feed have been set to a new place. */
void ps_ensemble_restart(ps_ensemble *ensemble);

/*
 * The next frames, a multiple of PS_GRID_FRAMES. silent[r], one for each grid run of the block,
 * receives whether after that run nothing sounded any more.
 */
void ps_ensemble_run(ps_ensemble *ensemble, ps_block block, bool *silent);

#endif
