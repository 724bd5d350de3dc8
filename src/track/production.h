/*
 * A track being played from some frame on, in memory that does not grow with its length: the steps
 * that sound, fading over each other, the noise under them and the clips on top.
 *
 * Everything is a function of the track and the frame. A step's voices begin with the step; a step
 * that fades in over others is first moved by the lag (at most 25 ms) at which it agrees best with
 * them.
 */
#ifndef PLAINSONG_TRACK_PRODUCTION_H
#define PLAINSONG_TRACK_PRODUCTION_H

#include "track/bed.h"
#include "track/clip.h"
#include "track/plan.h"
#include "track/player.h"

typedef struct ps_production ps_production;

/*
 * Makes it, at frame 0. options->live decides who makes players: ps_production_render where they
 * are needed, or ps_production_prepare beforehand. `track` is copied.
 */
ps_status ps_production_create(ps_production **out, ps_engine *engine, const ps_track *track,
                               const ps_track_options *options, ps_error *err);
void ps_production_destroy(ps_production *production);

ps_length ps_production_length(const ps_production *production);
double ps_production_rate_hz(const ps_production *production);

/* The next frames; beyond the end zeros. They have not been cleaned (dsp/mix.h). Returns how many
   were silent because something that prepare should have made was not there. Live: real-time safe.
 */
uint32_t ps_production_render(ps_production *production, float *left, float *right,
                              uint32_t frames);

/* Goes to a frame. Not real-time safe. */
ps_status ps_production_seek(ps_production *production, uint64_t frame, ps_error *err);

/* Makes what is needed for the frames up to `ahead` from the present position on, and takes away
   what is over. For another thread than render's. */
ps_status ps_production_prepare(ps_production *production, uint64_t ahead);

/* Of the step that sounds last at the present position; the count of steps when none does. */
size_t ps_production_step(const ps_production *production, size_t *count);
uint64_t ps_production_step_frame(const ps_production *production, size_t step);
uint64_t ps_production_position(const ps_production *production);

/* The clip, when it is one that takes pushed samples; else NULL. */
ps_clip *ps_production_pushed_clip(ps_production *production, size_t clip);

#endif
