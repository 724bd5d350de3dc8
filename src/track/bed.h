/* The layer of noise under a whole track, with its gain over time. */
#ifndef PLAINSONG_TRACK_BED_H
#define PLAINSONG_TRACK_BED_H

#include "track/clip.h"
#include "track/layer_gain.h"
#include "track/part.h"
#include "track/plan.h"
#include "voice/noise.h"

typedef struct ps_bed {
    const ps_mix_row *mix;
    ps_noise *noise;    /* NULL: silence */
    ps_layer_gain gain; /* in frames of the noise */
    float balance[2];
    uint64_t begin;    /* where the noise starts in the track */
    uint64_t frames;   /* of the track, with which it ends */
    uint64_t position; /* frame of the track to be made next */
    float *left, *right;
    float scale[2];       /* gains that those have not had yet */
    uint32_t room, ready; /* frames made but not yet added, from left[0] on */
    ps_clip_ring *ring;   /* live: made by another thread; or NULL */
} ps_bed;

/*
 * Makes the noise of a track at a rate; *noise stays NULL when the track has none, or none that can
 * be made: that is told as a warning. frames: of the track.
 */
ps_status ps_bed_make_noise(ps_noise **noise, const ps_stage *stage, const ps_track_noise *what,
                            uint64_t frames, const ps_track_options *options, ps_error *err);

/* Opens the layer at frame 0. `most` frames can be made ready at a time. what: NULL, no noise.
   options->live: the frames come from ps_bed_decode, in another thread. */
ps_status ps_bed_open(ps_bed *bed, const ps_stage *stage, const ps_track_noise *what,
                      uint64_t frames, uint32_t most, const ps_track_options *options,
                      ps_error *err);
void ps_bed_close(ps_bed *bed, const ps_stage *stage);

/* Has the next frames ready, while others work too; returns how many of them are missing (live,
   made too late). */
uint32_t ps_bed_prepare(ps_bed *bed, uint32_t frames);

/* Live: makes frames ahead, as many as there is room for. */
void ps_bed_decode(ps_bed *bed);

/* Adds the next frames: those that are ready, or making them now. */
void ps_bed_add(ps_bed *bed, float *left, float *right, uint32_t frames);

void ps_bed_seek(ps_bed *bed, uint64_t frame);

#endif
