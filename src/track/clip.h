/* An overlay clip being played: a source, placed, faded, panned and scaled. */
#ifndef PLAINSONG_TRACK_CLIP_H
#define PLAINSONG_TRACK_CLIP_H

#include "track/part.h"
#include "track/pushed.h"

typedef struct ps_clip {
    ps_source *source; /* NULL: pushed samples */
    ps_error dry;      /* why it plays without its effects; its text is empty when it has them */
    float *samples[2]; /* of a clip that was loaded whole: what the source borrows */
    uint64_t begin;    /* frame of the track */
    ps_length length;
    uint64_t fade_in, fade_out; /* frames */
    float gain[2];
    uint64_t position; /* frame of the clip that render comes to next */
    uint64_t late;     /* frames it is behind its place */

    ps_clip_ring *ring; /* what of the source has been decoded; NULL: straight from it */
    ps_pushed *pushed;  /* what is pushed, its owner's; NULL: nothing */
    ps_pushed_way *way; /* that it goes; of a clip without a source */
} ps_clip;

/*
 * Opens the clip's file through the media. A clip without one, or when buffered one whose file
 * cannot be read, waits for pushed samples: it has no source, and its owner lends it a stream.
 * PS_NOT_FOUND and the like when it is to be left out.
 *
 * buffered: ps_clip_add takes only what ps_clip_decode has put ready
 */
ps_status ps_clip_open(ps_clip *clip, const ps_stage *stage, const ps_track_clip *what,
                       bool buffered, ps_error *err);
void ps_clip_close(ps_clip *clip, const ps_stage *stage);

/* First frame of the track after it, as far as known; begin when nothing is known. */
uint64_t ps_clip_end(const ps_clip *clip);

/* Adds what lies in the frames first.. of the track. Returns how many of them should have sounded
   but were not ready. */
uint32_t ps_clip_add(ps_clip *clip, float *left, float *right, uint64_t first, uint32_t frames);

ps_status ps_clip_seek(ps_clip *clip, uint64_t frame);

/* Of pushed samples, when `clip` is the update of `before`: when nothing of their way changes they
   share it, effects and all. */
void ps_clip_share(ps_clip *clip, const ps_clip *before, const ps_allocator *allocator);

/* Goes on where `before` is, as the clip takes over from it; NULL: with what is pushed from now. */
void ps_clip_follow(ps_clip *clip, const ps_clip *before);

/* Fills the ring as far as there is room; for another thread. */
void ps_clip_decode(ps_clip *clip);

#endif
