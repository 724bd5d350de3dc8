/*
 * A part: one voice of a step with all that follows it - spatialiser, envelope, flanger, the fades
 * at the step's ends - and the frames it has made ahead of being asked for.
 */
#ifndef PLAINSONG_TRACK_PART_H
#define PLAINSONG_TRACK_PART_H

#include "plainsong/track.h"

#include "voice/envelope.h"
#include "voice/flange.h"
#include "voice/setup.h"
#include "voice/space.h"

/* What all parts of a track share. */
typedef struct ps_stage {
    ps_engine *engine;
    const ps_allocator *allocator; /* the engine's */
    const ps_voice_row *row;
    const char *kernel_row; /* its name */
    double rate_hz;
    bool reference;
    uint64_t seed;
    const ps_track_media *media;
    const ps_warnings *warnings;       /* of voices that sound all the same; or NULL */
    const ps_accelerator *accelerator; /* NULL: none, as always live */
    uint64_t piece_frames;             /* of the track, for the accelerator */
} ps_stage;

typedef struct ps_part {
    ps_voice_setup setup;
    ps_voice *voice;
    ps_spatial *spatial;        /* NULL: none */
    ps_voice_envelope envelope; /* or the fades at both ends */
    ps_flange *flange;          /* NULL: none */
    uint64_t made;              /* frames of the step made so far */
    float *left, *right;        /* room for `room` frames; those not yet taken begin at `first` */
    uint32_t room, first, ready;
    bool lent; /* somebody else makes its frames (tone_mix.h): it stays behind */
} ps_part;

/*
 * Makes the part at frame 0. On failure (an unknown function, a parameter that cannot be used, no
 * memory) *part is empty and *name may say which parameter it was.
 *
 * stream: tells the randomness of this voice from that of others
 */
ps_status ps_part_start(ps_part *part, const ps_stage *stage, const ps_track_voice *voice,
                        double duration_sec, uint64_t frames, uint64_t stream, const char **name,
                        ps_error *err);
void ps_part_finish(ps_part *part, const ps_stage *stage);

/* An upper bound of its magnitude; INFINITY when there is none. */
double ps_part_bound(const ps_part *part);

/* Makes room for at least so many frames ready at a time. */
ps_status ps_part_reserve(ps_part *part, const ps_stage *stage, uint32_t frames);

/* Has at least `frames` ready, or all that are left; they must have room. Parts of one track may do
   so at the same time. */
void ps_part_prepare(ps_part *part, const ps_stage *stage, uint32_t frames);

/* Takes ready frames away. */
void ps_part_take(ps_part *part, uint32_t frames);

/* Goes on at a later frame of the step, exactly as if all before it had been made. */
void ps_part_skip(ps_part *part, const ps_stage *stage, uint64_t frame);

#endif
