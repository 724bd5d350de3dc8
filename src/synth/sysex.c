/*
 * System exclusive messages that files use: General MIDI resets, universal device control, MIDI
 * tuning, Roland GS (41 ... 42 12) and Yamaha XG (43 1n 4C).
 */
#include "synth/inside.h"

#define DRUM_BANK 128u

static int nibbles(const uint8_t *data)
{
    return (data[0] & 15) << 12 | (data[1] & 15) << 8 | (data[2] & 15) << 4 | (data[3] & 15);
}

static void reset(ps_synth *synth, ps_select select)
{
    for (uint32_t channel = 0; channel < PS_SCORE_CHANNELS; channel++)
        ps_synth_all_sound_off(synth, (uint16_t)channel);
    ps_synth_power_on(synth, select);
}

static void set_drums(ps_channel *channel, bool drums)
{
    if (channel->drums == drums)
        return;
    channel->drums = drums;
    channel->bank = drums ? DRUM_BANK : 0;
    channel->program = 0;
}

/* A part parameter that has a controller of its own. */
static void as_control(ps_synth *synth, uint16_t channel, uint8_t control, uint8_t value)
{
    const ps_event event = {.channel = channel, .kind = PS_EVENT_CONTROL, .a = control, .b = value};

    ps_synth_take(synth, &event);
}

/* ---- Universal ----------------------------------------------------------------------------------
 */

/* Octave tuning (RP-020): 08 for one byte a step, 09 for two; channels as a bit set. */
static void octave_tuning(ps_synth *synth, uint16_t first, const uint8_t *data, size_t bytes,
                          bool fine)
{
    if (bytes < (fine ? 27u : 15u))
        return;
    for (uint32_t c = 0; c < 16; c++) {
        const uint32_t word = c < 7 ? 2 : c < 14 ? 1 : 0;
        const uint32_t bit = c < 7 ? c : c < 14 ? c - 7 : c - 14;

        if (!(data[word] >> bit & 1))
            continue;
        for (uint32_t step = 0; step < 12; step++) {
            const uint8_t *value = data + 3 + (fine ? 2 * step : step);

            synth->channels[first + c].octave_cents[step] =
                fine ? 100.0 * ((value[0] << 7 | value[1]) - 8192) / 8192.0 : value[0] - 64.0;
        }
    }
    ps_synth_update_notes(synth, PS_SCORE_CHANNELS);
}

static void tuning(ps_synth *synth, uint16_t first, const uint8_t *data, size_t bytes)
{
    if (bytes >= 1 && (data[0] == 8 || data[0] == 9))
        octave_tuning(synth, first, data + 1, bytes - 1, data[0] == 9);
    else if (ps_tunings_message(&synth->tunings, data, bytes))
        ps_synth_update_notes(synth, PS_SCORE_CHANNELS);
}

/* 04 01 volume, 02 balance (left to the channels), 03 fine, 04 coarse tuning (CA-025). */
static void device_control(ps_synth *synth, const uint8_t *data, size_t bytes)
{
    int value;

    if (bytes < 3)
        return;
    value = data[2] << 7 | data[1];
    if (data[0] == 1)
        synth->master_gain = ((double)value / 16383.0) * ((double)value / 16383.0);
    else if (data[0] == 3)
        synth->master_fine_cents = (value - 8192) / 8192.0 * 100.0;
    else if (data[0] == 4)
        synth->master_coarse_semitones = data[2] - 64.0;
    ps_synth_update_notes(synth, PS_SCORE_CHANNELS);
}

static void universal(ps_synth *synth, uint16_t first, const uint8_t *data, size_t bytes)
{
    if (bytes < 4)
        return;
    if (data[2] == 0x08)
        tuning(synth, first, data + 3, bytes - 3);
    else if (data[0] == 0x7f && data[2] == 0x04)
        device_control(synth, data + 3, bytes - 3);
    else if (data[0] == 0x7e && data[2] == 0x09 && data[3] == 1)
        reset(synth, PS_SELECT_GM);
    else if (data[0] == 0x7e && data[2] == 0x09 && data[3] == 2)
        reset(synth, PS_SELECT_GS); /* General MIDI off: the module's own mode */
    else if (data[0] == 0x7e && data[2] == 0x09 && data[3] == 3)
        reset(synth, PS_SELECT_GM2);
}

/* ---- Roland GS ----------------------------------------------------------------------------------
 */

/* Part addresses 40 1x: block 0 is part 10, 1-9 parts 1-9, A-F parts 11-16. */
static uint16_t gs_part(uint8_t block)
{
    return block == 0 ? 9 : block <= 9 ? (uint16_t)(block - 1) : block;
}

static void gs_part_parameter(ps_synth *synth, uint16_t index, uint8_t address,
                              const uint8_t *values, size_t count)
{
    ps_channel *channel = &synth->channels[index];
    const uint8_t value = values[0];

    if (address >= 0x40 && address <= 0x4b) {
        for (size_t i = 0; i < count && address + i <= 0x4b; i++)
            channel->octave_cents[address + i - 0x40] = values[i] - 64.0;
    } else if (address >= 0x30 && address <= 0x37) {
        static const uint8_t number[8] = {0x08, 0x09, 0x20, 0x21, 0x63, 0x64, 0x66, 0x0a};

        for (size_t i = 0; i < count && address + i <= 0x37; i++)
            ps_channel_part_parameter(channel, number[address + i - 0x30], values[i]);
    } else if (address == 0x15) {
        set_drums(channel, value != 0);
    } else if (address == 0x13) {
        as_control(synth, index, value == 0 ? PS_CC_MONO : PS_CC_POLY, 0);
    } else if (address == 0x16) {
        channel->coarse_semitones = value - 64.0;
    } else if (address == 0x19) {
        as_control(synth, index, PS_CC_VOLUME, value);
    } else if (address == 0x1c) {
        as_control(synth, index, PS_CC_PAN, value == 0 ? 64 : value);
    } else if (address == 0x21) {
        as_control(synth, index, PS_CC_CHORUS, value);
    } else if (address == 0x22) {
        as_control(synth, index, PS_CC_REVERB, value);
    } else if (address == 0x00 && count >= 2) {
        const ps_event event = {.channel = index, .kind = PS_EVENT_PROGRAM, .a = values[1]};

        channel->bank_coarse = value;
        ps_synth_take(synth, &event);
    }
    ps_synth_update_notes(synth, index);
}

/* 41 device 42 12, then address (3), data, checksum. */
static void gs(ps_synth *synth, uint16_t first, const uint8_t *data, size_t bytes)
{
    const uint8_t *values = data + 7;
    size_t count;

    if (bytes < 9 || data[2] != 0x42 || data[3] != 0x12)
        return;
    count = bytes - 8; /* without the checksum */
    if (data[4] == 0x40 && data[5] == 0x00 && data[6] == 0x7f) {
        reset(synth, PS_SELECT_GS);
    } else if (data[4] == 0x00 && data[5] == 0x00 && data[6] == 0x7f) {
        reset(synth, PS_SELECT_GS); /* system mode set: also a reset */
    } else if (data[4] == 0x40 && data[5] == 0x00) {
        if (data[6] == 0x00 && count >= 4)
            synth->master_fine_cents = (nibbles(values) - 1024) / 10.0;
        else if (data[6] == 0x04)
            synth->master_gain = (values[0] / 127.0) * (values[0] / 127.0);
        else if (data[6] == 0x05)
            synth->master_coarse_semitones = values[0] - 64.0;
        ps_synth_update_notes(synth, PS_SCORE_CHANNELS);
    } else if (data[4] == 0x40 && (data[5] & 0xf0) == 0x10) {
        gs_part_parameter(synth, (uint16_t)(first + gs_part(data[5] & 15)), data[6], values, count);
    }
}

/* ---- Yamaha XG ----------------------------------------------------------------------------------
 */

static void xg_part_parameter(ps_synth *synth, uint16_t index, uint8_t address,
                              const uint8_t *values, size_t count)
{
    ps_channel *channel = &synth->channels[index];
    const uint8_t value = values[0];

    if (address >= 0x41 && address <= 0x4c) {
        for (size_t i = 0; i < count && address + i <= 0x4c; i++)
            channel->octave_cents[address + i - 0x41] = values[i] - 64.0;
    } else if (address >= 0x15 && address <= 0x1c) {
        static const uint8_t number[8] = {0x08, 0x09, 0x0a, 0x20, 0x21, 0x63, 0x64, 0x66};

        for (size_t i = 0; i < count && address + i <= 0x1c; i++)
            ps_channel_part_parameter(channel, number[address + i - 0x15], values[i]);
    } else if (address == 0x01) {
        as_control(synth, index, PS_CC_BANK, value);
    } else if (address == 0x02) {
        as_control(synth, index, PS_CC_BANK_FINE, value);
    } else if (address == 0x03) {
        const ps_event event = {.channel = index, .kind = PS_EVENT_PROGRAM, .a = value};

        ps_synth_take(synth, &event);
    } else if (address == 0x05) {
        as_control(synth, index, value == 0 ? PS_CC_MONO : PS_CC_POLY, 0);
    } else if (address == 0x07) {
        set_drums(channel, value != 0);
    } else if (address == 0x08) {
        channel->coarse_semitones = value - 64.0;
    } else if (address == 0x0b) {
        as_control(synth, index, PS_CC_VOLUME, value);
    } else if (address == 0x0e) {
        as_control(synth, index, PS_CC_PAN, value == 0 ? 64 : value);
    } else if (address == 0x12) {
        as_control(synth, index, PS_CC_CHORUS, value);
    } else if (address == 0x13) {
        as_control(synth, index, PS_CC_REVERB, value);
    }
    ps_synth_update_notes(synth, index);
}

/* 43 1n 4C, then address (3), data. */
static void xg(ps_synth *synth, uint16_t first, const uint8_t *data, size_t bytes)
{
    const uint8_t *values = data + 6;

    if (bytes < 7 || (data[1] & 0xf0) != 0x10 || data[2] != 0x4c)
        return;
    if (data[3] == 0x00 && data[4] == 0x00) {
        if (data[5] == 0x7e || data[5] == 0x7f) {
            reset(synth, PS_SELECT_XG);
            return;
        }
        if (data[5] == 0x00 && bytes >= 10)
            synth->master_fine_cents = (nibbles(values) - 1024) / 10.0;
        else if (data[5] == 0x04)
            synth->master_gain = (values[0] / 127.0) * (values[0] / 127.0);
        else if (data[5] == 0x06)
            synth->master_coarse_semitones = values[0] - 64.0;
        ps_synth_update_notes(synth, PS_SCORE_CHANNELS);
    } else if (data[3] == 0x08 && data[4] < 16) {
        xg_part_parameter(synth, (uint16_t)(first + data[4]), data[5], values, bytes - 6);
    }
}

void ps_synth_sysex(ps_synth *synth, uint16_t first_channel, const uint8_t *data, size_t bytes)
{
    const uint16_t first = (uint16_t)(first_channel / 16u * 16u);

    if (bytes < 2 || data[0] != 0xf0)
        return;
    data++;
    bytes--;
    if (data[bytes - 1] == 0xf7)
        bytes--;
    if (bytes < 2)
        return;
    if (data[0] == 0x7e || data[0] == 0x7f)
        universal(synth, first, data, bytes);
    else if (data[0] == 0x41)
        gs(synth, first, data, bytes);
    else if (data[0] == 0x43)
        xg(synth, first, data, bytes);
}
