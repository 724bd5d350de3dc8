/*
 * An ensemble: the synthesizer on several threads. Time is cut into chunks. Each goes through the
 * same stages: control, the sound of one group of lanes after the other, reverb, chorus. No stage
 * can begin before the chunk before has left it, as it goes on from where that ended; but while one
 * chunk is at a stage, others are at stages before or behind. Whoever has time goes on with a stage
 * that it has been at last, as what that remembers (notes, lanes, the reverb's lines) then lies in
 * its own cache; else it takes over another one's; in both cases of the oldest chunk that can go
 * on. When nothing of what was asked for is left to do, but another thread still works, it works
 * ahead. Everything happens in the order of the serial path: the samples are the same.
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
