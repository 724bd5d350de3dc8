/* Controllers, parameter numbers and what they mean for a channel. */
#include "synth/channel.h"

#include <string.h>

#include "kernel/math.h"

/* Sound controllers (CC 71-78) and the part parameters of GS and XG move a generator by this much
   per step from 64. General MIDI leaves the size to the instrument: these span four octaves of
   cutoff, a factor of 40 in time, about 19 dB of resonance. */
#define CUTOFF_CENTS_PER_STEP        75.0
#define RESONANCE_CB_PER_STEP        3.0
#define TIME_CENTS_PER_STEP          100.0
#define VIBRATO_RATE_CENTS_PER_STEP  50.0
#define VIBRATO_DEPTH_CENTS_PER_STEP 1.5

void ps_channel_power_on(ps_channel *channel, bool drums)
{
    ps_drum_key *drum_keys = channel->drum_keys;

    memset(channel, 0, sizeof *channel);
    channel->drum_keys = drum_keys;
    for (uint32_t key = 0; drum_keys && key < 128; key++)
        drum_keys[key] = (ps_drum_key){0, 0, 127, 255, 255, 255};
    channel->control[PS_CC_VOLUME] = 100;
    channel->control[PS_CC_BALANCE] = 64;
    channel->control[PS_CC_PAN] = 64;
    channel->control[PS_CC_EXPRESSION] = 127;
    channel->control[PS_CC_REVERB] = 40; /* the General MIDI 2 default */
    for (uint32_t control = PS_CC_RESONANCE; control <= PS_CC_VIBRATO_DELAY; control++)
        channel->control[control] = 64;
    channel->bend = 8192;
    channel->drums = drums;
    channel->bank = drums ? 128 : 0;
    channel->receives = true;
    channel->parameter_coarse = channel->parameter_fine = 127;
    channel->bend_range_semitones = 2.0;
    channel->modulation_cents = 50.0;
    channel->part_level = 127;
    channel->last_key = -1;
}

void ps_channel_reset_controllers(ps_channel *channel)
{
    channel->control[PS_CC_MODULATION] = 0;
    channel->control[PS_CC_EXPRESSION] = 127;
    channel->control[PS_CC_SUSTAIN] = 0;
    channel->control[PS_CC_PORTAMENTO] = 0;
    channel->control[PS_CC_SOSTENUTO] = 0;
    channel->control[PS_CC_SOFT] = 0;
    channel->control[PS_CC_LEGATO] = 0;
    channel->pressure = 0;
    memset(channel->key_pressure, 0, sizeof channel->key_pressure);
    channel->bend = 8192;
    channel->parameter_kind = PS_PARAMETER_NONE;
    channel->parameter_coarse = channel->parameter_fine = 127;
    /* The SoundFont NRPNs go too: SF2 9.6.3, and the filter NRPN test counts on it. */
    memset(channel->nrpn, 0, sizeof channel->nrpn);
    channel->replaced = 0;
}

/* RPN 0, 1, 2, 5: MIDI 1.0 and MMA CA-026; 3 and 4: MIDI Tuning Standard. */
static void set_rpn(ps_channel *channel)
{
    const double data = channel->data_coarse * 128.0 + channel->data_fine;

    if (channel->parameter_coarse != 0)
        return;
    switch (channel->parameter_fine) {
    case 0:
        channel->bend_range_semitones = channel->data_coarse + channel->data_fine / 100.0;
        break;
    case 1:
        channel->fine_cents = (data - 8192.0) / 8192.0 * 100.0;
        break;
    case 2:
        channel->coarse_semitones = channel->data_coarse - 64.0;
        break;
    case 3:
        channel->tuning_program = channel->data_coarse;
        break;
    case 4:
        channel->tuning_bank = channel->data_coarse;
        break;
    case 5:
        channel->modulation_cents =
            channel->data_coarse * 100.0 + channel->data_fine * 100.0 / 128.0;
        break;
    default:
        break;
    }
}

void ps_channel_part_parameter(ps_channel *channel, uint8_t number, uint8_t value)
{
    const double step = value - 64.0;

    switch (number) {
    case 0x08:
        channel->sound[PS_GEN_VIB_LFO_FREQ] = step * VIBRATO_RATE_CENTS_PER_STEP;
        break;
    case 0x09:
        channel->sound[PS_GEN_VIB_LFO_TO_PITCH] = step * VIBRATO_DEPTH_CENTS_PER_STEP;
        break;
    case 0x0a:
        channel->sound[PS_GEN_VIB_LFO_DELAY] = step * TIME_CENTS_PER_STEP;
        break;
    case 0x20:
        channel->sound[PS_GEN_FILTER_CUTOFF] = step * CUTOFF_CENTS_PER_STEP;
        break;
    case 0x21:
        channel->sound[PS_GEN_FILTER_Q] = step * RESONANCE_CB_PER_STEP;
        break;
    case 0x63:
        channel->sound[PS_GEN_VOL_ENV_ATTACK] = step * TIME_CENTS_PER_STEP;
        break;
    case 0x64:
        channel->sound[PS_GEN_VOL_ENV_DECAY] = step * TIME_CENTS_PER_STEP;
        break;
    case 0x66:
        channel->sound[PS_GEN_VOL_ENV_RELEASE] = step * TIME_CENTS_PER_STEP;
        break;
    default:
        break;
    }
}

/* Drum NRPNs of GS and XG: coarse byte says what, fine byte which key. */
static void set_drum_nrpn(ps_channel *channel, uint8_t what, uint8_t key, uint8_t value)
{
    ps_drum_key *drum = &channel->drum_keys[key];

    switch (what) {
    case 0x18:
        drum->coarse_semitones = (int8_t)(value - 64);
        break;
    case 0x19:
        drum->fine_cents = (int8_t)(value - 64);
        break;
    case 0x1a:
        drum->level = value;
        break;
    case 0x1c:
        drum->pan = value == 0 ? 64 : value; /* 0 means random: centre */
        break;
    case 0x1d:
        drum->reverb = value;
        break;
    case 0x1e:
        drum->chorus = value;
        break;
    default:
        break;
    }
}

/* What an AWE32 NRPN means in the unit of its generator, and how. */
typedef enum awe_unit {
    AWE_MS,      /* a time in steps of `scale` ms replaces the note's */
    AWE_HZ,      /* a frequency in steps of `scale` Hz replaces the note's */
    AWE_REPLACE, /* base + data * scale replaces the note's */
    AWE_ADD,     /* (data - 8192) * scale is added */
} awe_unit;

typedef struct awe_row {
    uint8_t generator;
    uint8_t unit;
    double base, scale;
} awe_row;

/* NRPN 127/0-26 as the AWE32 developer's information pack numbers them; cutoff and Q as measured
   on the Audigy by the filter NRPN test (100 Hz + 7646 cents, 20 dB, over 128 steps). */
static const awe_row awe_rows[27] = {
    {PS_GEN_MOD_LFO_DELAY, AWE_MS, 0.0, 4.0},
    {PS_GEN_MOD_LFO_FREQ, AWE_HZ, 0.0, 0.042},
    {PS_GEN_VIB_LFO_DELAY, AWE_MS, 0.0, 4.0},
    {PS_GEN_VIB_LFO_FREQ, AWE_HZ, 0.0, 0.042},
    {PS_GEN_MOD_ENV_DELAY, AWE_MS, 0.0, 4.0},
    {PS_GEN_MOD_ENV_ATTACK, AWE_MS, 0.0, 1.0},
    {PS_GEN_MOD_ENV_HOLD, AWE_MS, 0.0, 1.0},
    {PS_GEN_MOD_ENV_DECAY, AWE_MS, 0.0, 1.0},
    {PS_GEN_MOD_ENV_SUSTAIN, AWE_REPLACE, 0.0, 7.5},
    {PS_GEN_MOD_ENV_RELEASE, AWE_MS, 0.0, 1.0},
    {PS_GEN_VOL_ENV_DELAY, AWE_MS, 0.0, 4.0},
    {PS_GEN_VOL_ENV_ATTACK, AWE_MS, 0.0, 1.0},
    {PS_GEN_VOL_ENV_HOLD, AWE_MS, 0.0, 1.0},
    {PS_GEN_VOL_ENV_DECAY, AWE_MS, 0.0, 1.0},
    {PS_GEN_VOL_ENV_SUSTAIN, AWE_REPLACE, 0.0, 7.5},
    {PS_GEN_VOL_ENV_RELEASE, AWE_MS, 0.0, 1.0},
    {PS_GEN_FINE_TUNE, AWE_ADD, 0.0, 1.0},
    {PS_GEN_MOD_LFO_TO_PITCH, AWE_ADD, 0.0, 9.375},
    {PS_GEN_VIB_LFO_TO_PITCH, AWE_ADD, 0.0, 9.375},
    {PS_GEN_MOD_ENV_TO_PITCH, AWE_ADD, 0.0, 9.375},
    {PS_GEN_MOD_LFO_TO_VOLUME, AWE_REPLACE, 0.0, 1.875},
    {PS_GEN_FILTER_CUTOFF, AWE_REPLACE, 4334.8, 7646.0 / 128.0},
    {PS_GEN_FILTER_Q, AWE_REPLACE, 0.0, 200.0 / 128.0},
    {PS_GEN_MOD_LFO_TO_FILTER, AWE_ADD, 0.0, 56.25},
    {PS_GEN_MOD_ENV_TO_FILTER, AWE_ADD, 0.0, 56.25},
    {PS_GEN_CHORUS_SEND, AWE_REPLACE, 0.0, 1000.0 / 255.0},
    {PS_GEN_REVERB_SEND, AWE_REPLACE, 0.0, 1000.0 / 255.0},
};

/* Files send a small range in the fine byte alone, with 64 (the centre) in the coarse one, or in
   the coarse byte alone: the byte that was meant is the one that says something. */
static double awe_small(const ps_channel *channel)
{
    const bool fine =
        channel->data_fine != 0 || channel->data_coarse == 0 || channel->data_coarse == 64;

    return fine ? channel->data_fine : channel->data_coarse;
}

static void set_awe_nrpn(ps_channel *channel, uint8_t number)
{
    const double data14 = channel->data_coarse * 128 + channel->data_fine;
    const double large = data14 >= 8192.0 ? data14 - 8192.0 : data14;
    const awe_row *row;
    double value;

    if (number > 26)
        return;
    row = &awe_rows[number];
    switch ((awe_unit)row->unit) {
    case AWE_MS:
        value = large < 1.0 ? -12000.0 : 1200.0 * ps_log2(large * row->scale / 1000.0);
        break;
    case AWE_HZ:
        value = 1200.0 * ps_log2((awe_small(channel) + 1.0) * row->scale / 8.176);
        break;
    case AWE_REPLACE:
        value = row->base + row->scale * awe_small(channel);
        break;
    default:
        value = row->scale * (data14 - 8192.0);
        break;
    }
    channel->nrpn[row->generator] = value;
    if (row->unit != AWE_ADD)
        channel->replaced |= UINT64_C(1) << row->generator;
}

/* SF2 9.6: NRPN 120 with the fine byte counting generators; data is 14 bits about 0x2000, scaled
   by the nrpn-scale of 9.6.3 so that 14 bits reach the generator's range. */
static void set_sf2_nrpn(ps_channel *channel)
{
    static const uint8_t scale[PS_GENERATORS] = {
        [PS_GEN_MOD_LFO_TO_PITCH] = 2,  [PS_GEN_VIB_LFO_TO_PITCH] = 2,
        [PS_GEN_MOD_ENV_TO_PITCH] = 2,  [PS_GEN_FILTER_CUTOFF] = 2,
        [PS_GEN_MOD_LFO_TO_FILTER] = 2, [PS_GEN_MOD_ENV_TO_FILTER] = 2,
        [PS_GEN_MOD_LFO_DELAY] = 2,     [PS_GEN_MOD_LFO_FREQ] = 4,
        [PS_GEN_VIB_LFO_DELAY] = 2,     [PS_GEN_VIB_LFO_FREQ] = 4,
        [PS_GEN_MOD_ENV_DELAY] = 2,     [PS_GEN_MOD_ENV_ATTACK] = 2,
        [PS_GEN_MOD_ENV_HOLD] = 2,      [PS_GEN_MOD_ENV_DECAY] = 2,
        [PS_GEN_MOD_ENV_RELEASE] = 2,   [PS_GEN_VOL_ENV_DELAY] = 2,
        [PS_GEN_VOL_ENV_ATTACK] = 2,    [PS_GEN_VOL_ENV_HOLD] = 2,
        [PS_GEN_VOL_ENV_DECAY] = 2,     [PS_GEN_VOL_ENV_RELEASE] = 2,
    };
    const int data = channel->data_coarse * 128 + channel->data_fine - 8192;
    const uint16_t generator = channel->sf_nrpn;

    if (generator < PS_GENERATORS)
        channel->nrpn[generator] = data * (scale[generator] ? scale[generator] : 1);
}

static void set_nrpn(ps_channel *channel)
{
    const uint8_t coarse = channel->parameter_coarse, fine = channel->parameter_fine;

    if (coarse == 120)
        set_sf2_nrpn(channel);
    else if (coarse == 127)
        set_awe_nrpn(channel, fine);
    else if (coarse == 1)
        ps_channel_part_parameter(channel, fine, channel->data_coarse);
    else if (channel->drums && channel->drum_keys)
        set_drum_nrpn(channel, coarse, fine, channel->data_coarse);
}

static void data_entry(ps_channel *channel)
{
    if (channel->parameter_kind == PS_PARAMETER_RPN)
        set_rpn(channel);
    else if (channel->parameter_kind == PS_PARAMETER_NRPN)
        set_nrpn(channel);
}

/* CC 96 and 97 step by one of what the parameter counts in: semitones, or the 14-bit value. */
static void data_step(ps_channel *channel, int step)
{
    const bool coarse = channel->parameter_kind == PS_PARAMETER_RPN &&
                        channel->parameter_coarse == 0 && channel->parameter_fine != 1;
    int data = channel->data_coarse * 128 + channel->data_fine + (coarse ? 128 * step : step);

    data = data < 0 ? 0 : data > 16383 ? 16383 : data;
    channel->data_coarse = (uint8_t)(data >> 7);
    channel->data_fine = (uint8_t)(data & 127);
    data_entry(channel);
}

/* SF2 9.6.2: fine bytes 100, 101, 102 add 100, 1000, 10000; below 100 ends the number. */
static void select_nrpn(ps_channel *channel, uint8_t fine)
{
    if (channel->parameter_kind != PS_PARAMETER_NRPN || channel->parameter_coarse != 120) {
        channel->sf_nrpn = 0;
        return;
    }
    if (fine < 100) {
        const uint16_t hundreds = (uint16_t)(channel->sf_nrpn / 100 * 100);

        channel->sf_nrpn = (uint16_t)((channel->sf_nrpn % 100 ? 0 : hundreds) + fine);
    } else if (fine <= 102) {
        static const uint16_t step[3] = {100, 1000, 10000};

        channel->sf_nrpn = (uint16_t)(channel->sf_nrpn / 100 * 100 + step[fine - 100]);
    }
}

void ps_channel_control(ps_channel *channel, uint8_t control, uint8_t value)
{
    channel->control[control] = value;
    switch (control) {
    case PS_CC_BANK:
        channel->bank_coarse = value;
        break;
    case PS_CC_BANK_FINE:
        channel->bank_fine = value;
        break;
    case PS_CC_RESONANCE:
        ps_channel_part_parameter(channel, 0x21, value);
        break;
    case PS_CC_RELEASE:
        ps_channel_part_parameter(channel, 0x66, value);
        break;
    case PS_CC_ATTACK:
        ps_channel_part_parameter(channel, 0x63, value);
        break;
    case PS_CC_BRIGHTNESS:
        ps_channel_part_parameter(channel, 0x20, value);
        break;
    case PS_CC_DECAY:
        ps_channel_part_parameter(channel, 0x64, value);
        break;
    case PS_CC_VIBRATO_RATE:
    case PS_CC_VIBRATO_DEPTH:
    case PS_CC_VIBRATO_DELAY:
        ps_channel_part_parameter(channel, (uint8_t)(0x08 + control - PS_CC_VIBRATO_RATE), value);
        break;
    case PS_CC_DATA:
        channel->data_coarse = value;
        channel->data_fine = 0;
        data_entry(channel);
        break;
    case PS_CC_DATA_FINE:
        channel->data_fine = value;
        data_entry(channel);
        break;
    case PS_CC_DATA_UP:
        data_step(channel, 1);
        break;
    case PS_CC_DATA_DOWN:
        data_step(channel, -1);
        break;
    case PS_CC_NRPN:
        channel->parameter_kind = PS_PARAMETER_NRPN;
        channel->parameter_coarse = value;
        channel->sf_nrpn = 0;
        break;
    case PS_CC_NRPN_FINE:
        channel->parameter_kind = PS_PARAMETER_NRPN;
        channel->parameter_fine = value;
        select_nrpn(channel, value);
        break;
    case PS_CC_RPN:
    case PS_CC_RPN_FINE:
        channel->parameter_kind = PS_PARAMETER_RPN;
        if (control == PS_CC_RPN)
            channel->parameter_coarse = value;
        else
            channel->parameter_fine = value;
        break;
    case PS_CC_RESET:
        ps_channel_reset_controllers(channel);
        break;
    default:
        break;
    }
}
