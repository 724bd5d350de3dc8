/*
 * Stems: the same piece once more per channel, each with only that channel's notes, as long as the
 * mix and at its gain, so that together they are the mix again.
 */
#ifndef PLAINSONG_EDGE_STEMS_H
#define PLAINSONG_EDGE_STEMS_H

#include "render_job.h"

typedef struct ps_stem ps_stem;

typedef struct ps_stems {
    ps_engine *engine;
    const ps_score *score;
    const ps_bank_choice *banks;
    size_t bank_count;
    const ps_render_request *request;
    ps_render_progress *progress;
    uint64_t frames; /* of the mix */
    float gain;      /* of the mix */

    ps_stem *stems;
    uint32_t count;
    uint64_t clipped; /* samples of all stems beyond full scale */
} ps_stems;

/* Finds the channels with notes and names their files; makes the folder when it is missing. */
ps_status ps_stems_prepare(ps_stems *stems, ps_error *err);

/* Computes all of them, several at a time; the files are not finished. */
ps_status ps_stems_run(ps_stems *stems, ps_error *err);

/* Gives the files their names. */
ps_status ps_stems_finish(ps_stems *stems, ps_error *err);

/* Removes what is unfinished. */
void ps_stems_close(ps_stems *stems);

#endif
