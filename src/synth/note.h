/*
 * A note: one sounding region of a bank. This file is its control side: what level, pitch, pan
 * and filter it has from one span of frames to the next. No audio is computed here, so the control
 * of a piece can run ahead of its sound.
 */
#ifndef PLAINSONG_SYNTH_NOTE_H
#define PLAINSONG_SYNTH_NOTE_H

#include <stdbool.h>
#include <stdint.h>

#include "kernel/kernel.h"
#include "soundfont/regions.h"
#include "synth/channel.h"
#include "synth/curves.h"
#include "synth/span.h"

typedef enum ps_stage {
    PS_STAGE_DELAY,
    PS_STAGE_ATTACK,
    PS_STAGE_HOLD,
    PS_STAGE_DECAY,
    PS_STAGE_SUSTAIN,
    PS_STAGE_RELEASE,
    PS_STAGE_DONE,
} ps_stage;

/*
 * An envelope of SF2 9.1.7 / 8.1.2. `level` is 0..1 while it rises; from its peak on `fall` is how
 * far it is down: in units of full scale, 100 dB for volume, 100 % for modulation.
 */
typedef struct ps_envelope {
    ps_stage stage;
    double left_frames; /* of the stage; delay, attack, hold */
    double attack_frames;
    double hold_frames;
    double rise;                               /* 0..1: progress of the attack */
    double fall;                               /* 0..1 below the peak */
    double decay_per_frame, release_per_frame; /* of fall */
    double sustain_fall;
} ps_envelope;

/* A triangle of -1..1 that starts at 0 going up (SF2 8.1.2, 21-24). */
typedef struct ps_lfo {
    double delay_frames; /* until it starts */
    double phase_cycles, step_cycles;
} ps_lfo;

/* Values of `left` in a sample that does not end, or not before its release. */
#define PS_NOTE_LOOPS          UINT64_MAX
#define PS_NOTE_LOOPS_WHILE_ON (UINT64_MAX - 1)

typedef struct ps_note {
    /* What a span of a note needs that only goes on: kept together. */
    bool active;
    bool steady;      /* nothing but its level moves, and that by run_ratio */
    bool news;        /* the player has not heard of the lane's latest yet */
    ps_stage falling; /* the stage run_fall, run_ratio and run_floor are for; DELAY for none */
    double level;     /* amplitude the last span ended with */
    double run_fall, run_ratio; /* of a whole grid run: of the envelope, of the amplitude */
    double run_floor;           /* fall at which the stage ends */
    double death_fall;          /* from here on it cannot be heard */
    double steady_frames;       /* as LFOs and modulation envelope are behind, together */
    ps_envelope volume;
    uint64_t step; /* 32.32 frames per frame at the next frame; 0 before the first */
    uint64_t left; /* 32.32 frames of its sample, or PS_NOTE_LOOPS... */
    ps_lane lane;  /* where it begins, or, when it will stop looping, where it is */

    /* Who it is */
    uint8_t key, velocity; /* as played */
    uint16_t channel;
    uint16_t exclusive_class;
    uint16_t preset_key;  /* which preset, for exclusive classes */
    uint64_t serial;      /* of the note-on; regions of one note-on share it */
    uint64_t may_release; /* first frame at which it can go into its release */

    bool key_down;  /* between note-on and note-off */
    bool sostenuto; /* held by the sostenuto pedal */
    bool ending;    /* goes into its release at may_release */
    bool released;
    bool fading; /* on the way out in fade_frames */
    double fade_left_frames, fade_total_frames;

    double base_step;  /* source frames per frame at 0 cents */
    double last_cents; /* what step stands for */
    /* Frames that a part is behind because nobody listens to it. */
    double lfo_idle, vibrato_idle, modulation_idle;

    ps_envelope modulation;
    ps_lfo modulation_lfo, vibrato_lfo;
    double glide_cents, glide_per_frame; /* portamento: distance left, and its change */

    /* Derived from generators and modulators by ps_note_update. */
    bool hears_lfo, hears_envelope; /* an LFO, the modulation envelope changes it */
    bool moves_pitch, moves_filter; /* one of them changes this */
    bool filtered;
    double pitch_cents;
    double mod_lfo_pitch_cents, vib_lfo_pitch_cents, mod_env_pitch_cents;
    double cutoff_cents, q_cb, mod_lfo_filter_cents, mod_env_filter_cents;
    double half_damping, dc_gain; /* of the filter: 1 / (2 Q), and its gain at 0 Hz */
    double attenuation_octaves;   /* log2 of 1 / gain */
    double mod_lfo_volume_octaves;
    float pan_gain[PS_BUSES]; /* left, right, reverb, chorus at amplitude 1 */
    double fixed_octaves;     /* the part of the attenuation that controllers cannot undo */

    double filter_cutoff_cents, filter_q_cb; /* as last told; cutoff < 0 before the first time */
    bool steady_filter;                      /* it stays as it is */

    uint64_t depends[3]; /* sources its modulators read: 128 controllers, then the others */
    ps_region region;
} ps_note;

/* What a note is told about the world. */
typedef struct ps_note_context {
    double rate_hz;
    double octave_of_cents; /* log2 of the frequency of 0 cents over the rate */
    const ps_curves *curves;
    float gain;          /* of everything, 1/32768 included */
    double tuning_cents; /* of this key: master, MTS */
    const ps_channel *channel;
} ps_note_context;

/* Sources besides controllers, as bits of depends[2] by their number in SF2 8.2.1. */
enum {
    PS_SOURCE_KEY_PRESSURE = 10,
    PS_SOURCE_PRESSURE = 13,
    PS_SOURCE_BEND = 14,
    PS_SOURCE_BEND_RANGE = 16
};

/* log2(8.1758 Hz / rate): SF2 8.1.3 counts frequencies in cents from there. */
double ps_octave_of_cents(double rate_hz);

/* Begins a note; `note->region` has been filled by ps_soundfont_regions. */
void ps_note_start(ps_note *note, const ps_note_context *context, uint8_t key, uint8_t velocity);

/* Evaluates generators and modulators again after a controller, pressure, bend or tuning moved. */
void ps_note_update(ps_note *note, const ps_note_context *context);

/* The key goes up and no pedal holds it. */
void ps_note_release(ps_note *note);

/* Out in fade_frames, whatever the envelope does. */
void ps_note_fade(ps_note *note, double fade_frames);

/* Plays on with another key: legato, portamento from where it is. */
void ps_note_change_key(ps_note *note, const ps_note_context *context, uint8_t key);

/* Frames until a short attack ends inside the next PS_GRID_FRAMES, so that a span can end there and
   a fast attack stays fast; 0 when there is none. */
uint32_t ps_note_corner(const ps_note *note);

/*
 * Moves the note by `frames` and writes what it does meanwhile into its lane of a span. Returns
 * flags of the span; clears note->active when it ends with this span.
 */
uint32_t ps_note_span(ps_note *note, const ps_note_context *context, ps_group_span *span,
                      uint32_t lane, uint32_t frames);

/* How much the note is missed when it is taken away: for choosing whom to steal. */
double ps_note_loudness(const ps_note *note);

#endif
