/* What channel messages do. */
#include "synth/inside.h"

#include <string.h>

#define DRUM_CHANNEL 9u /* of each port */

void ps_synth_power_on(ps_synth *synth, ps_select select)
{
    for (uint32_t i = 0; i < PS_SCORE_CHANNELS; i++) {
        ps_channel_power_on(&synth->channels[i], i % 16 == DRUM_CHANNEL);
    }
    ps_tunings_reset(&synth->tunings);
    synth->select = select;
    synth->master_gain = 1.0;
    synth->master_fine_cents = synth->master_coarse_semitones = 0.0;
}

/* The bank number a program change selects, by the mode in force. */
static void select_bank(const ps_synth *synth, ps_channel *channel, bool drum_channel)
{
    const uint8_t coarse = channel->bank_coarse, fine = channel->bank_fine;

    switch (synth->select) {
    case PS_SELECT_GM:
        channel->bank = 0;
        break;
    case PS_SELECT_GS:
        channel->bank = coarse;
        break;
    case PS_SELECT_XG: /* 126 and 127 are drum kits, 64 the effects voices */
        if (coarse == 126 || coarse == 127)
            channel->drums = true;
        else if (coarse != 0 || !drum_channel)
            channel->drums = false;
        channel->bank = coarse == 64 ? 64 : fine;
        break;
    case PS_SELECT_GM2: /* 120 drums, 121 melody */
        if (coarse == 120)
            channel->drums = true;
        else if (coarse == 121)
            channel->drums = false;
        channel->bank = coarse == 120 || coarse == 121 ? fine : coarse;
        break;
    case PS_SELECT_MMA:
        channel->bank = (uint16_t)(coarse * 128 + fine);
        break;
    }
    if (channel->drums)
        channel->bank = 128;
}

/* The notes of a channel that read this source are evaluated again. */
static void source_moved(ps_synth *synth, uint16_t channel, uint32_t word, uint32_t bit)
{
    PS_EACH_NOTE(synth, note)
    {
        if (note->channel == channel && note->depends[word] >> bit & 1) {
            const ps_note_context context = ps_synth_context(synth, channel, note->key);

            ps_note_update(note, &context);
        }
    }
}

static void set_mono(ps_synth *synth, uint16_t channel, bool mono)
{
    ps_synth_all_notes_off(synth, channel);
    synth->channels[channel].mono = mono;
}

/* Controllers that act on more than modulators: what they do to notes. */
static bool act_on_notes(ps_synth *synth, uint16_t channel_index, uint8_t control, uint8_t value)
{
    switch (control) {
    case PS_CC_SUSTAIN:
        if (value < 64)
            ps_synth_pedal(synth, channel_index);
        return false;
    case PS_CC_SOSTENUTO:
        ps_synth_sostenuto(synth, channel_index, value >= 64);
        return false;
    case PS_CC_ALL_SOUND_OFF:
        ps_synth_all_sound_off(synth, channel_index);
        return true;
    case PS_CC_ALL_NOTES_OFF:
    case PS_CC_OMNI_OFF:
    case PS_CC_OMNI_ON:
        ps_synth_all_notes_off(synth, channel_index);
        return true;
    case PS_CC_MONO:
        set_mono(synth, channel_index, true);
        return true;
    case PS_CC_POLY:
        set_mono(synth, channel_index, false);
        return true;
    default:
        return false;
    }
}

static bool changes_sound(uint8_t control)
{
    return control == PS_CC_DATA || control == PS_CC_DATA_FINE || control == PS_CC_DATA_UP ||
           control == PS_CC_DATA_DOWN || control == PS_CC_SOFT || control == PS_CC_BALANCE ||
           (control >= PS_CC_RESONANCE && control <= PS_CC_VIBRATO_DELAY);
}

static void control(ps_synth *synth, uint16_t channel_index, uint8_t number, uint8_t value)
{
    ps_channel *channel = &synth->channels[channel_index];
    const bool was_sostenuto = channel->control[PS_CC_SOSTENUTO] >= 64;

    if (number == PS_CC_SOSTENUTO && was_sostenuto == (value >= 64))
        return;
    ps_channel_control(channel, number, value);
    if (number == PS_CC_PORTAMENTO_SOURCE)
        channel->control[PS_CC_PORTAMENTO_SOURCE] |= 0x80u; /* marks it as not used yet */
    if (act_on_notes(synth, channel_index, number, value))
        return;
    if (number == PS_CC_RESET) {
        ps_synth_pedal(synth, channel_index);
        ps_synth_sostenuto(synth, channel_index, false);
    }
    if (number == PS_CC_RESET || changes_sound(number))
        ps_synth_update_notes(synth, channel_index);
    else
        source_moved(synth, channel_index, number / 64u, number % 64u);
}

static void program(ps_synth *synth, uint16_t channel_index, uint8_t number)
{
    ps_channel *channel = &synth->channels[channel_index];

    channel->program = number;
    select_bank(synth, channel, channel_index % 16 == DRUM_CHANNEL);
}

static void release_all(ps_synth *synth)
{
    for (uint32_t i = 0; i < PS_SCORE_CHANNELS; i++) {
        synth->channels[i].control[PS_CC_SUSTAIN] = 0;
        synth->channels[i].control[PS_CC_SOSTENUTO] = 0;
        synth->channels[i].held_count = 0;
    }
    ps_synth_release_notes(synth);
}

void ps_synth_take(ps_synth *synth, const ps_event *event)
{
    const uint16_t index = event->channel;
    const uint8_t a = event->a & 0x7f, b = event->b & 0x7f;
    ps_channel *channel;

    if (event->kind == PS_EVENT_RELEASE_ALL) {
        release_all(synth);
        return;
    }
    if (index >= PS_SCORE_CHANNELS)
        return;
    channel = &synth->channels[index];
    switch ((ps_event_kind)event->kind) {
    case PS_EVENT_NOTE_ON:
        if (b > 0)
            ps_synth_note_on(synth, index, a, b);
        else
            ps_synth_note_off(synth, index, a);
        break;
    case PS_EVENT_NOTE_OFF:
        ps_synth_note_off(synth, index, a);
        break;
    case PS_EVENT_POLY_PRESSURE:
        channel->key_pressure[a] = b;
        source_moved(synth, index, 2, PS_SOURCE_KEY_PRESSURE);
        break;
    case PS_EVENT_CONTROL:
        control(synth, index, a, b);
        break;
    case PS_EVENT_PROGRAM:
        program(synth, index, a);
        break;
    case PS_EVENT_CHANNEL_PRESSURE:
        channel->pressure = a;
        source_moved(synth, index, 2, PS_SOURCE_PRESSURE);
        break;
    case PS_EVENT_PITCH_BEND:
        channel->bend = (uint16_t)(b << 7 | a);
        source_moved(synth, index, 2, PS_SOURCE_BEND);
        break;
    case PS_EVENT_SYSEX:
        ps_synth_sysex(synth, index, event->data, event->data_bytes);
        break;
    case PS_EVENT_META:
        break;
    }
}
