/*
 * Samples pushed to a clip, on their way into the mix. What has come out of the ring is a stream,
 * whose last frames are kept: effects that are late are fed ahead of what sounds, and when a track
 * is updated, the clip as it was and the clip as it becomes hear the same.
 *
 *   pushing thread ─► ring ─► stream ─┬─► way of the track:  effects ─► gain, pan, fade ─► mix
 *                                     └─► way of its update: ...
 */
#ifndef PLAINSONG_TRACK_PUSHED_H
#define PLAINSONG_TRACK_PUSHED_H

#include "plainsong/effect.h"

#include "track/clip_ring.h"

#define PS_PUSHED_KEPT_FRAMES 65536u /* a power of two: 1.5 s */
#define PS_PUSHED_RUN_FRAMES  512u

typedef struct ps_pushed {
    ps_clip_ring *ring;
    float *kept[2];
    uint64_t taken; /* frames of the stream so far */
} ps_pushed;

ps_status ps_pushed_create(ps_pushed **out, const ps_allocator *allocator, ps_error *err);
void ps_pushed_destroy(ps_pushed *pushed, const ps_allocator *allocator);

/* A way from the stream into a mix. */
typedef struct ps_pushed_way {
    uint32_t users;  /* clips: of a track, and of its update when nothing changes for them */
    uint64_t key[2]; /* of the chain; {0, 0}: none */
    ps_rack *rack;   /* NULL: no effects */
    uint32_t latency;
    uint64_t rings;   /* frames after the last sample until it may rest */
    uint64_t next;    /* frame of the stream that goes in next */
    uint32_t unheard; /* frames that come out before the sound does */
    uint64_t quiet;   /* frames that have gone in since the last sample */

    uint64_t frame;         /* of the track, for which the following was made */
    uint32_t asked, silent; /* frames; of them, how many come before the sound */
    uint32_t made;          /* and at which it ends */
    float left[PS_PUSHED_RUN_FRAMES], right[PS_PUSHED_RUN_FRAMES];
} ps_pushed_way;

/* Takes the rack over, also on failure; it may be NULL. One user, at the begin of the stream. */
ps_status ps_pushed_way_create(ps_pushed_way **out, ps_rack *rack, const uint64_t key[2],
                               const ps_allocator *allocator, ps_error *err);

/* One user less; the last one destroys it. NULL allowed. */
void ps_pushed_way_leave(ps_pushed_way *way, const ps_allocator *allocator);

/* The frame of the stream that sounds next. */
uint64_t ps_pushed_way_frame(const ps_pushed_way *way);

/* Lets a fresh way begin at a frame of the stream, or as near to it as frames are kept. */
void ps_pushed_way_begin(ps_pushed_way *way, const ps_pushed *pushed, uint64_t frame);

/* Feeds effects ahead, at most so many frames, before the clip begins. Real-time safe. */
void ps_pushed_ahead(ps_pushed *pushed, ps_pushed_way *way, uint32_t frames);

/*
 * Makes the next frames, at most PS_PUSHED_RUN_FRAMES: in way->left and right, from way->silent up
 * to way->made. Whoever asks for the same frames of the track again gets the same, until the way
 * forgets them because the track is entered elsewhere. Real-time safe.
 */
void ps_pushed_run(ps_pushed *pushed, ps_pushed_way *way, uint64_t frame, uint32_t frames);
void ps_pushed_forget(ps_pushed_way *way);

#endif
