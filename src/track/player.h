/* A step being played: its parts, summed in order, under one gain. */
#ifndef PLAINSONG_TRACK_PLAYER_H
#define PLAINSONG_TRACK_PLAYER_H

#include "track/part.h"
#include "track/tone_mix.h"

typedef struct ps_player {
    const ps_stage *stage;
    ps_part *parts;
    uint32_t count;
    uint64_t frames;   /* of the step */
    uint64_t position; /* of the next frame to be taken */
    uint32_t room;     /* frames that are wanted at a time */
    float gain;        /* keeps the step within full scale, by the bounds of its voices */
    ps_tone_mix *mix;  /* of the parts that are lent; NULL: none are */
    bool offered;      /* whether that has been decided */
} ps_player;

/* Told of the voices of a step that cannot be made. parameter: the one it is about, or NULL. */
typedef struct ps_player_warn {
    void (*tell)(void *user, size_t voice, const char *parameter, const ps_error *error);
    void *user;
} ps_player_warn;

/* Makes the player of a step, at its frame 0. A voice that cannot be made is left out and told to
   `warn` (NULL allowed). */
ps_status ps_player_start(ps_player *player, const ps_stage *stage, const ps_track_step *step,
                          uint32_t step_index, uint64_t frames, uint32_t room_frames,
                          const ps_player_warn *warn, ps_error *err);
void ps_player_finish(ps_player *player);

/* Makes every voice of a step for a moment and tells of those that cannot be made. */
ps_status ps_player_check(const ps_stage *stage, const ps_track_step *step, uint32_t step_index,
                          uint64_t frames, const ps_player_warn *warn, ps_error *err);

/* The sum of the parts under the gain: `frames` of them, `from` frames after the position. The
   parts must have them ready. */
void ps_player_peek(const ps_player *player, uint32_t from, float *left, float *right,
                    uint32_t frames);

/*
 * Lets the stage's accelerator, if it has one that wants to, make the next `frames` (up to the
 * room_frames of the start) of the parts that are tones, and some seconds more. What it does not
 * want or fails at, the parts make themselves.
 */
void ps_player_lend(ps_player *player, uint32_t frames);

/* The sum of the parts from the position on, as the accelerator may have made them: they need not
   be ready in the parts that are lent. */
void ps_player_peek_lent(const ps_player *player, float *left, float *right, uint32_t frames);

/* Moves the position over frames that are ready. */
void ps_player_drop(ps_player *player, uint32_t frames);

/* Makes frames ready in all parts here, lent or not, one after the other; makes room as needed. */
ps_status ps_player_prepare(ps_player *player, uint32_t frames);

void ps_player_skip(ps_player *player, uint64_t frame);

#endif
