/*
 * The parts of a step that are nothing but tones, mixed by an accelerator some seconds ahead.
 */
#ifndef PLAINSONG_TRACK_TONE_MIX_H
#define PLAINSONG_TRACK_TONE_MIX_H

#include "plainsong/accelerator.h"
#include "track/part.h"

typedef struct ps_tone_mix ps_tone_mix;

/*
 * Lends the parts that are tones from a frame of the step on; NULL when none are, the accelerator
 * does not want them, or there is no memory. It must outlive the mix, as must stage and parts.
 *
 * chunk: frames that are wanted at a time at most
 */
ps_tone_mix *ps_tone_mix_create(const ps_stage *stage, ps_part *parts, uint32_t count,
                                uint64_t frame, uint64_t step_frames, uint32_t chunk);

/* The parts are lent no more, and stand where they stood. NULL allowed. */
void ps_tone_mix_destroy(ps_tone_mix *mix);

/* Has at least so many frames ready, or all that are left. False when the accelerator fails: then
   nothing more comes. */
bool ps_tone_mix_prepare(ps_tone_mix *mix, uint32_t frames);

/* The ready frames of an ear. */
const float *ps_tone_mix_ready(const ps_tone_mix *mix, uint32_t ear);

/* Takes ready frames away. */
void ps_tone_mix_take(ps_tone_mix *mix, uint32_t frames);

#endif
