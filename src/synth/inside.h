/*
 * The synthesizer from inside. Control (what each note does, span by span) is apart from sound
 * (reading samples, filtering, summing): control calls a sink for each span of each group of lanes,
 * and the sink plays it at once, keeps it for other threads, or goes by it when seeking.
 */
#ifndef PLAINSONG_SYNTH_INSIDE_H
#define PLAINSONG_SYNTH_INSIDE_H

#include "plainsong/synth.h"

#include "dsp/chorus.h"
#include "dsp/reverb.h"
#include "kernel/engine.h"
#include "kernel/sinc.h"
#include "synth/channel.h"
#include "synth/note.h"
#include "synth/player.h"
#include "synth/tuning.h"

#define PS_SYNTH_BANKS   16u
#define PS_SYNTH_QUEUE   1024u
#define PS_SYNTH_MISSING 64u

/* A message of ours: every key and pedal goes up, on all channels. */
#define PS_EVENT_RELEASE_ALL 255

typedef void ps_span_sink(void *user, uint32_t group, const ps_group_span *span);

/* Where control gets messages from: in order of time. */
typedef struct ps_feed {
    /* The frame of the next message, UINT64_MAX when there is none. */
    uint64_t (*peek)(void *user);
    /* Takes it. */
    const ps_event *(*take)(void *user);
    void *user;
} ps_feed;

typedef struct ps_queued {
    uint64_t frame;
    ps_event event;
} ps_queued;

/* Bank select as the piece's resets leave it. */
typedef enum ps_select {
    PS_SELECT_GM,
    PS_SELECT_GS,
    PS_SELECT_XG,
    PS_SELECT_MMA,
    PS_SELECT_GM2,
} ps_select;

struct ps_synth {
    ps_engine *engine;
    ps_synth_options options;
    ps_curves curves;
    ps_sinc_set *sinc; /* for the sinc interpolations, else NULL */
    ps_playing playing;

    struct {
        ps_soundfont *bank;
        uint32_t offset;
    } banks[PS_SYNTH_BANKS];
    uint32_t bank_count;

    ps_channel *channels; /* PS_SCORE_CHANNELS */
    ps_drum_key *drum_keys;
    ps_tunings tunings;
    ps_select select;
    double master_gain, master_fine_cents, master_coarse_semitones;

    uint32_t group_count;
    ps_note *notes;               /* group_count * PS_GROUP_LANES */
    ps_group_span *groups;        /* what each group does now */
    ps_player *players;           /* of each group */
    ps_desk *desk;                /* for playing on one thread */
    ps_region *regions;           /* PS_KEY_REGIONS, scratch of a note-on */
    uint32_t active, fading;      /* lanes that sound; those of them on their way out */
    ps_note_context span_context; /* what ps_note_span needs of it: the rate */
    uint64_t next_serial;
    uint64_t frontier;     /* first frame control has not reached */
    uint64_t corner;       /* a span ends here, when it lies ahead */
    uint64_t next_release; /* and here, where a short note's release has waited for */
    uint32_t least_frames; /* no release earlier than this after the note-on */

    ps_queued *queue; /* ring of PS_SYNTH_QUEUE */
    uint32_t queue_first, queue_count;

    ps_reverb *reverb; /* NULL when off */
    ps_chorus *chorus;
    float *buses;                                              /* PS_GRID_FRAMES * PS_BUSES */
    float out_left[PS_GRID_FRAMES], out_right[PS_GRID_FRAMES]; /* of the run begun */
    uint32_t out_used; /* frames of it already given; PS_GRID_FRAMES when none are left */

    ps_synth_stats stats;
    ps_missing_preset missing[PS_SYNTH_MISSING];
    uint32_t missing_count;
};

/* The first note that sounds from lane *at on; *at is its lane. NULL when there is none. */
static inline ps_note *ps_synth_note_from(const ps_synth *synth, uint32_t *at)
{
    for (uint32_t group = *at / PS_GROUP_LANES; group < synth->group_count; group++) {
        uint32_t rest = synth->groups[group].mask >> *at % PS_GROUP_LANES;

        if (rest) {
            for (; !(rest & 1u); rest >>= 1)
                ++*at;
            return &synth->notes[*at];
        }
        *at = (group + 1) * PS_GROUP_LANES;
    }
    return NULL;
}

/* The body for each note that sounds. */
#define PS_EACH_NOTE(synth, note)                                                                  \
    for (uint32_t note##_lane = 0; note##_lane < (synth)->group_count * PS_GROUP_LANES;            \
         note##_lane++)                                                                            \
        for (ps_note *note = ps_synth_note_from(synth, &note##_lane); note; note = NULL)

/* ---- messages.c, sysex.c, play.c ---- */

/* Acts on a message now. */
void ps_synth_take(ps_synth *synth, const ps_event *event);

/* A SysEx message from F0 on. */
void ps_synth_sysex(ps_synth *synth, uint16_t first_channel, const uint8_t *data, size_t bytes);

/* All channels as after power-on; select says how banks are chosen from now on. */
void ps_synth_power_on(ps_synth *synth, ps_select select);

/* Evaluates the notes of a channel again; PS_SCORE_CHANNELS: of all. */
void ps_synth_update_notes(ps_synth *synth, uint32_t channel);

/* ---- start.c: from a key to notes ---- */

void ps_synth_note_on(ps_synth *synth, uint16_t channel, uint8_t key, uint8_t velocity);
void ps_synth_note_off(ps_synth *synth, uint16_t channel, uint8_t key);
void ps_synth_pedal(ps_synth *synth, uint16_t channel);
void ps_synth_sostenuto(ps_synth *synth, uint16_t channel, bool down);
void ps_synth_all_notes_off(ps_synth *synth, uint16_t channel);
/* Every note of every channel goes into its release. */
void ps_synth_release_notes(ps_synth *synth);
void ps_synth_all_sound_off(ps_synth *synth, uint16_t channel);
/* Releases the short notes whose time has come; finds the next. */
void ps_synth_release_due(ps_synth *synth);
ps_note_context ps_synth_context(const ps_synth *synth, uint16_t channel, uint8_t key);

/* Finds the preset a channel plays; what is missing is noted. Returns its index in *bank, -1 when
   there is nothing at all. */
int32_t ps_synth_preset(ps_synth *synth, uint16_t channel, ps_soundfont **bank);

/* ---- synth.c ---- */

/* Control for `frames` frames, a multiple of PS_GRID_FRAMES, from the frontier on. */
void ps_synth_control(ps_synth *synth, const ps_feed *feed, uint32_t frames, ps_span_sink *sink,
                      void *user);

/* Control of frames that nobody hears. */
void ps_synth_pass(ps_synth *synth, const ps_feed *feed, uint32_t frames);

/* What a grid run's buses become: out receives the dry sound and the reverb, chorus what the chorus
   gets. Then the chorus, added to out. Each returns whether its effect, if any, has died away. */
bool ps_synth_finish_dry(ps_synth *synth, const float *buses, ps_block out, float *chorus);
bool ps_synth_finish_chorus(ps_synth *synth, const float *chorus, ps_block out);

/* Control, sound and effects one after the other. out.frames is a multiple of PS_GRID_FRAMES. */
void ps_synth_run(ps_synth *synth, const ps_feed *feed, ps_block out);

/* No note sounds and the effects have died away. */
bool ps_synth_is_silent(const ps_synth *synth);

#endif
