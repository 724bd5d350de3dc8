/*
 * A MIDI channel: what messages have told it so far, without any sound. Notes read it; nothing in
 * here knows notes.
 */
#ifndef PLAINSONG_SYNTH_CHANNEL_H
#define PLAINSONG_SYNTH_CHANNEL_H

#include <stdbool.h>
#include <stdint.h>

#include "soundfont/generators.h"

/* Controllers by number (MIDI 1.0 table 3, General MIDI 2). */
enum {
    PS_CC_BANK = 0,
    PS_CC_MODULATION = 1,
    PS_CC_PORTAMENTO_TIME = 5,
    PS_CC_DATA = 6,
    PS_CC_VOLUME = 7,
    PS_CC_BALANCE = 8,
    PS_CC_PAN = 10,
    PS_CC_EXPRESSION = 11,
    PS_CC_BANK_FINE = 32,
    PS_CC_DATA_FINE = 38,
    PS_CC_SUSTAIN = 64,
    PS_CC_PORTAMENTO = 65,
    PS_CC_SOSTENUTO = 66,
    PS_CC_SOFT = 67,
    PS_CC_LEGATO = 68,
    PS_CC_RESONANCE = 71,
    PS_CC_RELEASE = 72,
    PS_CC_ATTACK = 73,
    PS_CC_BRIGHTNESS = 74,
    PS_CC_DECAY = 75,
    PS_CC_VIBRATO_RATE = 76,
    PS_CC_VIBRATO_DEPTH = 77,
    PS_CC_VIBRATO_DELAY = 78,
    PS_CC_PORTAMENTO_SOURCE = 84,
    PS_CC_REVERB = 91,
    PS_CC_CHORUS = 93,
    PS_CC_DATA_UP = 96,
    PS_CC_DATA_DOWN = 97,
    PS_CC_NRPN_FINE = 98,
    PS_CC_NRPN = 99,
    PS_CC_RPN_FINE = 100,
    PS_CC_RPN = 101,
    PS_CC_ALL_SOUND_OFF = 120,
    PS_CC_RESET = 121,
    PS_CC_LOCAL = 122,
    PS_CC_ALL_NOTES_OFF = 123,
    PS_CC_OMNI_OFF = 124,
    PS_CC_OMNI_ON = 125,
    PS_CC_MONO = 126,
    PS_CC_POLY = 127,
};

/* Which parameter number data entry writes to. */
typedef enum ps_parameter_kind {
    PS_PARAMETER_NONE,
    PS_PARAMETER_RPN,
    PS_PARAMETER_NRPN
} ps_parameter_kind;

/* What GS and XG let a file change about one key of a drum part. */
typedef struct ps_drum_key {
    int8_t coarse_semitones;
    int8_t fine_cents;
    uint8_t level;          /* 127: as the bank has it */
    uint8_t pan;            /* 255: as the bank has it, else 0..127 */
    uint8_t reverb, chorus; /* 255: as the channel has it */
} ps_drum_key;

/* The most keys a mono channel remembers. */
#define PS_HELD_KEYS 16u

typedef struct ps_channel {
    uint8_t control[128];
    uint8_t key_pressure[128];
    uint8_t pressure;
    uint16_t bend; /* 0..16383, centre 8192 */

    uint8_t program;
    uint8_t bank_coarse, bank_fine; /* as last sent; act at the next program change */
    uint16_t bank;                  /* in force: a bank number of the banks' presets */
    bool drums;
    bool mono;
    bool receives; /* GS and XG can switch a part off */

    ps_parameter_kind parameter_kind;
    uint8_t parameter_coarse, parameter_fine;
    uint8_t data_coarse, data_fine;
    uint16_t sf_nrpn; /* generator chosen by SF2's NRPN counting (SF2 9.6.2) */

    double bend_range_semitones;
    double fine_cents;       /* RPN 1 */
    double coarse_semitones; /* RPN 2 and the key shift of GS and XG */
    double modulation_cents; /* RPN 5: vibrato of a full modulation wheel */
    uint8_t tuning_program, tuning_bank;
    double octave_cents[12]; /* MTS scale/octave tuning, from C */

    /* Added to generators by NRPN and by the sound controllers. */
    double nrpn[PS_GENERATORS];
    double sound[PS_GENERATORS];
    uint64_t replaced; /* bit g: nrpn[g] stands instead of the note's own generator g */

    uint8_t part_level; /* GS and XG part parameters beside CC 7 and 10 */

    /* Keys held on a mono channel, oldest first, with their velocities. */
    uint8_t held_keys[PS_HELD_KEYS], held_velocities[PS_HELD_KEYS];
    uint32_t held_count;
    int16_t last_key;       /* of the last note-on, -1 before the first: where portamento starts */
    ps_drum_key *drum_keys; /* 128 of the synthesizer's memory */
} ps_channel;

/* As after power-on: volume 100, expression 127, pan 64, reverb send 40, bend range 2. */
void ps_channel_power_on(ps_channel *channel, bool drums);

/* Reset All Controllers (CC 121) as MMA RP-015 says: volume, pan, bank, program, sends and sound
   controllers stay. */
void ps_channel_reset_controllers(ps_channel *channel);

/*
 * Takes a controller that only changes this channel: values, parameter numbers, data entry.
 * Controllers that act on notes (pedals, 120, 123...) are stored too, but acted on by the caller.
 */
void ps_channel_control(ps_channel *channel, uint8_t control, uint8_t value);

/* GS and XG name the same changes by address and by NRPN: number is the NRPN's fine byte for
   coarse 1 (0x08 vibrato rate ... 0x66 release), value 0..127 with 64 for no change. */
void ps_channel_part_parameter(ps_channel *channel, uint8_t number, uint8_t value);

#endif
