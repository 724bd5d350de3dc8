/*
 * From a key to notes and back: which preset answers, room in the pool, mono and legato, pedals,
 * exclusive classes.
 */
#include "synth/inside.h"

#include <string.h>

#include "kernel/math.h"

#define FADE_SEC  0.005 /* stolen, cut and replaced notes: long enough not to click */
#define DRUM_BANK 128u

static double fade_frames(const ps_synth *synth)
{
    return FADE_SEC * synth->options.rate_hz;
}

ps_note_context ps_synth_context(const ps_synth *synth, uint16_t channel_index, uint8_t key)
{
    const ps_channel *channel = &synth->channels[channel_index];
    ps_note_context context = synth->span_context;

    context.curves = &synth->curves;
    context.channel = channel;
    context.gain = (float)(synth->options.gain * synth->master_gain / 32768.0);
    context.tuning_cents = synth->master_fine_cents + channel->fine_cents;
    if (!channel->drums)
        context.tuning_cents +=
            100.0 * (synth->master_coarse_semitones + channel->coarse_semitones) +
            channel->octave_cents[key % 12] +
            ps_tunings_cents(&synth->tunings, channel->tuning_bank, channel->tuning_program, key);
    return context;
}

/* ---- Which preset -----------------------------------------------------------------------------
 */

static int32_t find(ps_synth *synth, uint32_t bank_number, uint32_t program, ps_soundfont **bank)
{
    for (uint32_t i = 0; i < synth->bank_count; i++) {
        const uint32_t offset = synth->banks[i].offset;
        const int32_t preset =
            bank_number < offset
                ? -1
                : ps_soundfont_find_preset(synth->banks[i].bank, (uint16_t)(bank_number - offset),
                                           (uint16_t)program);

        if (preset >= 0) {
            *bank = synth->banks[i].bank;
            return preset;
        }
    }
    return -1;
}

/* The first preset of the first bank that has one of the wanted sort, drums or not. */
static int32_t find_any(ps_synth *synth, bool drums, ps_soundfont **bank)
{
    for (uint32_t i = 0; i < synth->bank_count; i++) {
        const uint32_t count = ps_soundfont_preset_count(synth->banks[i].bank);

        for (uint32_t preset = 0; preset < count; preset++) {
            ps_preset_info info;

            ps_soundfont_preset_info(synth->banks[i].bank, preset, &info);
            if ((info.bank == DRUM_BANK) == drums) {
                *bank = synth->banks[i].bank;
                return (int32_t)preset;
            }
        }
    }
    return -1;
}

/* What a General MIDI player falls back on: a drum part takes the family's first kit (GS numbers
   kits in eights), then kit 0; a melodic one its program in bank 0, then any preset. */
static int32_t find_instead(ps_synth *synth, const ps_channel *channel, ps_soundfont **bank)
{
    int32_t preset = -1;

    if (channel->drums) {
        preset = find(synth, DRUM_BANK, channel->program & ~7u, bank);
        if (preset < 0)
            preset = find(synth, DRUM_BANK, 0, bank);
        if (preset < 0)
            preset = find_any(synth, true, bank);
    } else {
        preset = find(synth, 0, channel->program, bank);
        if (preset < 0)
            preset = find(synth, 0, 0, bank);
        if (preset < 0)
            preset = find_any(synth, false, bank);
    }
    return preset >= 0 ? preset : find_any(synth, !channel->drums, bank);
}

static void note_missing(ps_synth *synth, uint16_t channel_index, int32_t preset,
                         const ps_soundfont *bank)
{
    const ps_channel *channel = &synth->channels[channel_index];
    ps_missing_preset *missing;

    for (uint32_t i = 0; i < synth->missing_count; i++) {
        if (synth->missing[i].bank == channel->bank &&
            synth->missing[i].program == channel->program)
            return;
    }
    if (synth->missing_count == PS_SYNTH_MISSING)
        return;
    missing = &synth->missing[synth->missing_count++];
    memset(missing, 0, sizeof *missing);
    missing->bank = channel->bank;
    missing->program = channel->program;
    missing->drums = channel->drums;
    missing->channel = channel_index;
    missing->silent = preset < 0;
    if (preset >= 0) {
        ps_preset_info info;

        ps_soundfont_preset_info(bank, (uint32_t)preset, &info);
        missing->used_bank = info.bank;
        missing->used_program = info.program;
    }
}

int32_t ps_synth_preset(ps_synth *synth, uint16_t channel_index, ps_soundfont **bank)
{
    const ps_channel *channel = &synth->channels[channel_index];
    int32_t preset = find(synth, channel->bank, channel->program, bank);

    if (preset >= 0)
        return preset;
    preset = find_instead(synth, channel, bank);
    note_missing(synth, channel_index, preset, preset >= 0 ? *bank : NULL);
    return preset;
}

/* ---- Room in the pool -------------------------------------------------------------------------
 */

static void cut(ps_synth *synth, ps_note *note)
{
    if (!note->fading)
        synth->fading++;
    ps_note_fade(note, fade_frames(synth));
}

/* The note that is missed least: released ones first, then the quietest, then the oldest; never one
   of the note-on that needs the room. */
static void steal(ps_synth *synth)
{
    ps_note *victim = NULL;
    double least = 0.0;

    PS_EACH_NOTE(synth, note)
    {
        double weight;

        if (note->fading || note->serial == synth->next_serial)
            continue;
        weight = ps_note_loudness(note) * (note->released || note->ending ? 0.1
                                           : note->key_down               ? 1.0
                                                                          : 0.5);
        if (note->volume.stage <= PS_STAGE_ATTACK && !note->released)
            weight += 1.0; /* it is still coming up */
        if (!victim || weight < least || (weight == least && note->serial < victim->serial)) {
            victim = note;
            least = weight;
        }
    }
    if (victim) {
        cut(synth, victim);
        synth->stats.stolen++;
    }
}

static uint32_t playing(const ps_synth *synth)
{
    return synth->active - synth->fading;
}

/* A free lane, the lowest, so that groups stay full. UINT32_MAX when even those kept for fading
   notes are taken. */
static uint32_t free_lane(const ps_synth *synth)
{
    for (uint32_t group = 0; group < synth->group_count; group++) {
        const uint32_t taken = synth->groups[group].mask;

        if (taken == (1u << PS_GROUP_LANES) - 1u)
            continue;
        for (uint32_t lane = 0; lane < PS_GROUP_LANES; lane++) {
            if (!(taken >> lane & 1u))
                return group * PS_GROUP_LANES + lane;
        }
    }
    return UINT32_MAX;
}

static ps_note *take_lane(ps_synth *synth)
{
    uint32_t index;

    if (playing(synth) >= synth->options.polyphony)
        steal(synth);
    index = free_lane(synth);
    if (index == UINT32_MAX)
        return NULL;
    synth->groups[index / PS_GROUP_LANES].mask |= 1u << index % PS_GROUP_LANES;
    synth->active++;
    return &synth->notes[index];
}

/* ---- Note on ----------------------------------------------------------------------------------
 */

/* Into its release, at once or when it has sounded for least_frames. */
static void release(ps_synth *synth, ps_note *note)
{
    if (synth->frontier >= note->may_release) {
        ps_note_release(note);
    } else if (!note->released) {
        note->ending = true;
        if (note->may_release < synth->next_release)
            synth->next_release = note->may_release;
    }
}

static void cut_exclusive(ps_synth *synth, uint16_t channel, uint16_t preset_key, uint16_t class)
{
    PS_EACH_NOTE(synth, note)
    {
        if (note->exclusive_class == class && note->channel == channel &&
            note->preset_key == preset_key && note->serial != synth->next_serial)
            cut(synth, note);
    }
}

/* Portamento: cents per frame for a glide. Time is per octave, from 10 ms at 1 to 10 s at 127:
   MIDI leaves the law open. */
static double glide_per_frame(const ps_synth *synth, const ps_channel *channel, double cents)
{
    const uint8_t time = channel->control[PS_CC_PORTAMENTO_TIME];
    const double octave_sec = time ? 0.01 * ps_exp2(time / 12.7) : 0.0;

    if (octave_sec <= 0.0)
        return 0.0;
    return (cents > 0.0 ? -1200.0 : 1200.0) / (octave_sec * synth->options.rate_hz);
}

static void glide_from(ps_synth *synth, const ps_channel *channel, ps_note *note, double cents)
{
    note->glide_per_frame = cents != 0.0 ? glide_per_frame(synth, channel, cents) : 0.0;
    note->glide_cents = note->glide_per_frame != 0.0 ? cents : 0.0;
}

/* Where a note of this channel slides from: CC 84 names a key once, else with CC 65 on the last
   key; -1: no slide. */
static int portamento_source(ps_channel *channel)
{
    if (channel->control[PS_CC_PORTAMENTO_SOURCE] & 0x80u) {
        const int source = channel->control[PS_CC_PORTAMENTO_SOURCE] & 0x7f;

        channel->control[PS_CC_PORTAMENTO_SOURCE] = 0;
        return source;
    }
    return channel->control[PS_CC_PORTAMENTO] >= 64 ? channel->last_key : -1;
}

static void start_regions(ps_synth *synth, uint16_t channel_index, uint8_t key, uint8_t velocity,
                          int slide_from)
{
    ps_channel *channel = &synth->channels[channel_index];
    const ps_note_context context = ps_synth_context(synth, channel_index, key);
    ps_soundfont *bank = NULL;
    const int32_t preset = ps_synth_preset(synth, channel_index, &bank);
    const uint32_t count = preset < 0 ? 0
                                      : ps_soundfont_regions(bank, (uint32_t)preset, key, velocity,
                                                             synth->options.velocity_to_filter,
                                                             synth->regions, PS_KEY_REGIONS);
    uint32_t started = 0;

    for (uint32_t i = 0; i < count; i++) {
        const uint16_t class = (uint16_t)synth->regions[i].generators[PS_GEN_EXCLUSIVE_CLASS];
        ps_note *note;

        if (!synth->regions[i].sample.ready) {
            synth->stats.not_ready++;
            continue;
        }
        if (class)
            cut_exclusive(synth, channel_index, (uint16_t)preset, class);
        note = take_lane(synth);
        if (!note)
            break;
        note->region = synth->regions[i];
        note->channel = channel_index;
        note->preset_key = (uint16_t)preset;
        note->serial = synth->next_serial;
        note->may_release = synth->frontier + synth->least_frames;
        ps_note_start(note, &context, key, velocity);
        if (slide_from >= 0)
            glide_from(synth, channel, note, 100.0 * (slide_from - key));
        started++;
    }
    synth->stats.regions += started;
    synth->stats.notes += started > 0;
    synth->stats.silent_notes += started == 0;
    if (playing(synth) > synth->stats.peak_polyphony)
        synth->stats.peak_polyphony = playing(synth);
    synth->next_serial++;
}

static void forget_held(ps_channel *channel, uint8_t key)
{
    uint32_t kept = 0;

    for (uint32_t i = 0; i < channel->held_count; i++) {
        if (channel->held_keys[i] == key)
            continue;
        channel->held_keys[kept] = channel->held_keys[i];
        channel->held_velocities[kept++] = channel->held_velocities[i];
    }
    channel->held_count = kept;
}

static void remember_held(ps_channel *channel, uint8_t key, uint8_t velocity)
{
    forget_held(channel, key);
    if (channel->held_count == PS_HELD_KEYS)
        forget_held(channel, channel->held_keys[0]);
    channel->held_keys[channel->held_count] = key;
    channel->held_velocities[channel->held_count++] = velocity;
}

/* Legato: the notes that sound go on with another key. False when none sounds. */
static bool move_notes(ps_synth *synth, uint16_t channel_index, uint8_t key, int slide_from)
{
    ps_channel *channel = &synth->channels[channel_index];
    const ps_note_context context = ps_synth_context(synth, channel_index, key);
    bool moved = false;

    PS_EACH_NOTE(synth, note)
    {
        if (note->channel != channel_index || !note->key_down || note->fading)
            continue;
        ps_note_change_key(note, &context, key);
        if (slide_from >= 0)
            glide_from(synth, channel, note, note->glide_cents + 100.0 * (slide_from - key));
        moved = true;
    }
    return moved;
}

void ps_synth_note_on(ps_synth *synth, uint16_t channel_index, uint8_t key, uint8_t velocity)
{
    ps_channel *channel = &synth->channels[channel_index];
    const int slide_from = portamento_source(channel);
    const bool overlaps = channel->mono && channel->held_count > 0;

    if (!ps_channels_has(&synth->options.channels, channel_index) || !channel->receives)
        return;
    if (channel->mono) {
        remember_held(channel, key, velocity);
        if (overlaps && channel->control[PS_CC_LEGATO] >= 64 &&
            move_notes(synth, channel_index, key, slide_from)) {
            channel->last_key = key;
            return;
        }
        PS_EACH_NOTE(synth, note)
        {
            if (note->channel == channel_index)
                cut(synth, note);
        }
    }
    /* The same key again: the old note goes into its release, as on a piano. */
    PS_EACH_NOTE(synth, note)
    {
        if (note->channel == channel_index && note->key == key && !note->released) {
            note->key_down = false;
            release(synth, note);
        }
    }
    start_regions(synth, channel_index, key, velocity, slide_from);
    channel->last_key = key;
}

/* ---- Note off and pedals ----------------------------------------------------------------------
 */

static void release_unless_held(ps_synth *synth, ps_note *note)
{
    const bool sustained = synth->channels[note->channel].control[PS_CC_SUSTAIN] >= 64;

    note->key_down = false;
    if (!sustained && !note->sostenuto)
        release(synth, note);
}

void ps_synth_note_off(ps_synth *synth, uint16_t channel_index, uint8_t key)
{
    ps_channel *channel = &synth->channels[channel_index];
    const bool on_top = channel->mono && channel->held_count > 1 &&
                        channel->held_keys[channel->held_count - 1] == key;

    forget_held(channel, key);
    if (on_top) { /* the key still held below sounds again */
        const uint8_t back = channel->held_keys[channel->held_count - 1];
        const uint8_t velocity = channel->held_velocities[channel->held_count - 1];
        const int slide_from = channel->control[PS_CC_PORTAMENTO] >= 64 ? key : -1;

        if (channel->control[PS_CC_LEGATO] < 64 ||
            !move_notes(synth, channel_index, back, slide_from)) {
            PS_EACH_NOTE(synth, note)
            {
                if (note->channel == channel_index)
                    cut(synth, note);
            }
            start_regions(synth, channel_index, back, velocity, slide_from);
        }
        channel->last_key = back;
        return;
    }
    PS_EACH_NOTE(synth, note)
    {
        if (note->channel == channel_index && note->key == key && note->key_down)
            release_unless_held(synth, note);
    }
}

void ps_synth_pedal(ps_synth *synth, uint16_t channel)
{
    PS_EACH_NOTE(synth, note)
    {
        if (note->channel == channel && !note->key_down && !note->released)
            release_unless_held(synth, note);
    }
}

void ps_synth_sostenuto(ps_synth *synth, uint16_t channel, bool down)
{
    PS_EACH_NOTE(synth, note)
    {
        if (note->channel != channel)
            continue;
        if (down) {
            note->sostenuto = note->sostenuto || note->key_down;
        } else if (note->sostenuto) {
            note->sostenuto = false;
            if (!note->key_down && !note->released)
                release_unless_held(synth, note);
        }
    }
}

void ps_synth_all_notes_off(ps_synth *synth, uint16_t channel)
{
    synth->channels[channel].held_count = 0;
    PS_EACH_NOTE(synth, note)
    {
        if (note->channel == channel && note->key_down)
            release_unless_held(synth, note);
    }
}

void ps_synth_release_notes(ps_synth *synth)
{
    PS_EACH_NOTE(synth, note)
    {
        note->sostenuto = note->key_down = false;
        release(synth, note);
    }
}

void ps_synth_release_due(ps_synth *synth)
{
    synth->next_release = UINT64_MAX;
    PS_EACH_NOTE(synth, note)
    {
        if (!note->ending)
            continue;
        if (note->may_release > synth->frontier) {
            if (note->may_release < synth->next_release)
                synth->next_release = note->may_release;
            continue;
        }
        note->ending = false;
        ps_note_release(note);
    }
}

void ps_synth_all_sound_off(ps_synth *synth, uint16_t channel)
{
    synth->channels[channel].held_count = 0;
    PS_EACH_NOTE(synth, note)
    {
        if (note->channel == channel)
            cut(synth, note);
    }
}

void ps_synth_update_notes(ps_synth *synth, uint32_t channel)
{
    PS_EACH_NOTE(synth, note)
    {
        if (channel == PS_SCORE_CHANNELS || note->channel == channel) {
            const ps_note_context context = ps_synth_context(synth, note->channel, note->key);

            ps_note_update(note, &context);
        }
    }
}
