/* The control side of a note: envelopes, LFOs, pitch, filter and gains from span to span. */
#include "synth/note.h"

#include <string.h>

#include "kernel/math.h"
#include "synth/modulators.h"

#define CENTS_PER_OCTAVE 1200.0
#define CB_PER_OCTAVE    60.205999132796239 /* 200 log10(2) */
#define ENVELOPE_OCTAVES                                                                           \
    (1000.0 / CB_PER_OCTAVE) /* envelopes span 100 dB: SF2 8.1.2, 36 and 38                        \
                              */
#define CONVEX_PER_OCTAVE (40.0 / 96.0 * 0.30102999566398120)

/* The hardware turns 1 dB of initialAttenuation into 0.4 dB, and banks are made for that. */
#define ATTENUATION_SHARE 0.4

/* CC 67: a piano's una corda is about this much softer. */
#define SOFT_PEDAL_CB           30.0
#define SOFT_PEDAL_CUTOFF_CENTS 600.0

#define OPEN_CUTOFF_CENTS   13500.0 /* SF2 8.1.3: at its default the filter lets everything pass */
#define LOWEST_CUTOFF_CENTS 1500.0
#define MOST_Q_CB           960.0

static double clamp(double value, double low, double high)
{
    return value < low ? low : value > high ? high : value;
}

static double frames_of_timecents(double timecents, double most, double rate_hz)
{
    if (timecents <= -32000.0)
        return 0.0;
    return rate_hz * ps_exp2(clamp(timecents, -12000.0, most) / CENTS_PER_OCTAVE);
}

/* Times at the very bottom of their range mean "none" for delay and hold. */
static double short_is_none(double timecents, double most, double rate_hz)
{
    return timecents <= -12000.0 ? 0.0 : frames_of_timecents(timecents, most, rate_hz);
}

static double hz_of_cents(double cents)
{
    return 8.1757989156437070 * ps_exp2(cents / CENTS_PER_OCTAVE);
}

double ps_octave_of_cents(double rate_hz)
{
    return ps_log2(8.1757989156437070 / rate_hz);
}

/* ---- Envelopes and LFOs -----------------------------------------------------------------------
 */

static void enter(ps_envelope *envelope, ps_stage stage)
{
    envelope->stage = stage;
    switch (stage) {
    case PS_STAGE_ATTACK:
        envelope->left_frames = envelope->attack_frames;
        envelope->rise = 0.0;
        break;
    case PS_STAGE_HOLD:
        envelope->left_frames = envelope->hold_frames;
        envelope->rise = 1.0;
        break;
    default:
        envelope->left_frames = 0.0;
        break;
    }
}

/* Falls for `frames`; returns the frames left over when it reaches `floor`. */
static double fall(ps_envelope *envelope, double per_frame, double floor, double frames)
{
    const double needed = per_frame > 0.0 ? (floor - envelope->fall) / per_frame : 0.0;

    if (envelope->fall >= floor)
        return frames;
    if (needed > frames) {
        envelope->fall += per_frame * frames;
        return 0.0;
    }
    envelope->fall = floor;
    return frames - needed;
}

static void envelope_advance(ps_envelope *envelope, double frames)
{
    while (frames > 0.0) {
        switch (envelope->stage) {
        case PS_STAGE_DELAY:
        case PS_STAGE_ATTACK:
        case PS_STAGE_HOLD:
            if (envelope->left_frames > frames) {
                envelope->left_frames -= frames;
                if (envelope->stage == PS_STAGE_ATTACK)
                    envelope->rise = 1.0 - envelope->left_frames / envelope->attack_frames;
                return;
            }
            frames -= envelope->left_frames;
            enter(envelope, (ps_stage)(envelope->stage + 1));
            break;
        case PS_STAGE_DECAY:
            frames = fall(envelope, envelope->decay_per_frame, envelope->sustain_fall, frames);
            if (envelope->fall >= envelope->sustain_fall)
                envelope->stage = PS_STAGE_SUSTAIN;
            break;
        case PS_STAGE_RELEASE:
            frames = fall(envelope, envelope->release_per_frame, 1.0, frames);
            if (envelope->fall >= 1.0)
                envelope->stage = PS_STAGE_DONE;
            break;
        default:
            return;
        }
    }
}

static void envelope_start(ps_envelope *envelope, double delay_frames)
{
    envelope->fall = 0.0;
    envelope->rise = 0.0;
    envelope->stage = PS_STAGE_DELAY;
    envelope->left_frames = delay_frames;
    if (delay_frames <= 0.0)
        enter(envelope, PS_STAGE_ATTACK);
    if (envelope->stage == PS_STAGE_ATTACK && envelope->attack_frames <= 0.0)
        enter(envelope, PS_STAGE_HOLD);
}

static double modulation_level(const ps_envelope *envelope)
{
    double level = 0.0;

    switch (envelope->stage) {
    case PS_STAGE_DELAY:
        return 0.0;
    case PS_STAGE_ATTACK: /* convex: SF2 8.1.2, 26 */
        if (envelope->rise > 0.0)
            level = 1.0 + CONVEX_PER_OCTAVE * ps_log2(envelope->rise);
        return level > 0.0 ? level : 0.0;
    default:
        return 1.0 - envelope->fall;
    }
}

/* Amplitude of the volume envelope in octaves below the peak; the attack is linear in amplitude. */
static double volume_octaves(const ps_envelope *envelope)
{
    return envelope->fall * ENVELOPE_OCTAVES;
}

static double volume_rise(const ps_envelope *envelope)
{
    return envelope->stage <= PS_STAGE_ATTACK ? envelope->rise : 1.0;
}

static double lfo_advance(ps_lfo *lfo, double frames)
{
    double p;

    if (lfo->delay_frames >= frames) {
        lfo->delay_frames -= frames;
        return 0.0;
    }
    frames -= lfo->delay_frames;
    lfo->delay_frames = 0.0;
    p = lfo->phase_cycles + lfo->step_cycles * frames;
    p -= (double)(int64_t)p;
    lfo->phase_cycles = p;
    return p < 0.25 ? 4.0 * p : p < 0.75 ? 2.0 - 4.0 * p : 4.0 * p - 4.0;
}

/* ---- Generators into numbers ------------------------------------------------------------------
 */

/* GM2 and GS sound controllers move times of notes whose own time is at the bottom of its range:
   they count from 10 ms, else nothing could be heard of them. */
static double controlled_time(double value, double moved)
{
    if (moved > 0.0 && value - moved < -7973.0)
        return moved - 7973.0;
    return value;
}

/* A controller may change the time of an attack that is under way: it goes on from where it is. */
static void set_attack(ps_envelope *envelope, double frames)
{
    if (envelope->stage == PS_STAGE_ATTACK && envelope->attack_frames != frames)
        envelope->left_frames = (1.0 - envelope->rise) * frames;
    envelope->attack_frames = frames;
}

static void set_envelope_times(ps_note *note, const ps_note_context *context, const double *values)
{
    const double rate_hz = context->rate_hz;
    const double *sound = context->channel->sound;
    const double key =
        note->region.generators[PS_GEN_KEY] >= 0 ? note->region.generators[PS_GEN_KEY] : note->key;
    ps_envelope *volume = &note->volume, *modulation = &note->modulation;

    set_attack(volume, frames_of_timecents(controlled_time(values[PS_GEN_VOL_ENV_ATTACK],
                                                           sound[PS_GEN_VOL_ENV_ATTACK]),
                                           8000.0, rate_hz));
    volume->hold_frames = short_is_none(values[PS_GEN_VOL_ENV_HOLD] +
                                            (60.0 - key) * values[PS_GEN_KEY_TO_VOL_ENV_HOLD],
                                        5000.0, rate_hz);
    volume->decay_per_frame =
        1.0 / frames_of_timecents(values[PS_GEN_VOL_ENV_DECAY] +
                                      (60.0 - key) * values[PS_GEN_KEY_TO_VOL_ENV_DECAY],
                                  8000.0, rate_hz);
    volume->release_per_frame =
        1.0 / frames_of_timecents(
                  controlled_time(values[PS_GEN_VOL_ENV_RELEASE], sound[PS_GEN_VOL_ENV_RELEASE]),
                  8000.0, rate_hz);
    volume->sustain_fall = clamp(values[PS_GEN_VOL_ENV_SUSTAIN] / 1000.0, 0.0, 1.0);
    set_attack(modulation, frames_of_timecents(values[PS_GEN_MOD_ENV_ATTACK], 8000.0, rate_hz));
    modulation->hold_frames = short_is_none(values[PS_GEN_MOD_ENV_HOLD] +
                                                (60.0 - key) * values[PS_GEN_KEY_TO_MOD_ENV_HOLD],
                                            5000.0, rate_hz);
    modulation->decay_per_frame =
        1.0 / frames_of_timecents(values[PS_GEN_MOD_ENV_DECAY] +
                                      (60.0 - key) * values[PS_GEN_KEY_TO_MOD_ENV_DECAY],
                                  8000.0, rate_hz);
    modulation->release_per_frame =
        1.0 / frames_of_timecents(values[PS_GEN_MOD_ENV_RELEASE], 8000.0, rate_hz);
    modulation->sustain_fall = clamp(values[PS_GEN_MOD_ENV_SUSTAIN] / 1000.0, 0.0, 1.0);
    note->modulation_lfo.step_cycles =
        hz_of_cents(clamp(values[PS_GEN_MOD_LFO_FREQ], -16000.0, 4500.0)) / rate_hz;
    note->vibrato_lfo.step_cycles =
        hz_of_cents(clamp(values[PS_GEN_VIB_LFO_FREQ], -16000.0, 4500.0)) / rate_hz;
}

static void set_pitch(ps_note *note, const ps_note_context *context, const double *values)
{
    const ps_region *region = &note->region;
    const ps_channel *channel = context->channel;
    const double key =
        region->generators[PS_GEN_KEY] >= 0 ? region->generators[PS_GEN_KEY] : note->key;

    note->pitch_cents = (key - region->sample.root_key) * values[PS_GEN_SCALE_TUNING] +
                        100.0 * values[PS_GEN_COARSE_TUNE] + values[PS_GEN_FINE_TUNE] +
                        region->sample.correction_cents + context->tuning_cents;
    if (channel->drums && channel->drum_keys) {
        const ps_drum_key *drum = &channel->drum_keys[note->key];

        note->pitch_cents += 100.0 * drum->coarse_semitones + drum->fine_cents;
    }
    note->vib_lfo_pitch_cents = values[PS_GEN_VIB_LFO_TO_PITCH];
    note->mod_lfo_pitch_cents = values[PS_GEN_MOD_LFO_TO_PITCH];
    note->mod_env_pitch_cents = values[PS_GEN_MOD_ENV_TO_PITCH];
    note->moves_pitch = note->vib_lfo_pitch_cents != 0.0 || note->mod_lfo_pitch_cents != 0.0 ||
                        note->mod_env_pitch_cents != 0.0;
}

/* Q is chosen so that the resonance peak stands q_cb above DC, which is 1/sqrt(2), flat, for 0; DC
   itself is lowered by half of q (SF2 8.1.2, 9). */
static void set_resonance(ps_note *note)
{
    const double peak = ps_exp2(note->q_cb / CB_PER_OCTAVE);
    const double wide = peak * peak - 1.0;
    const double root = wide > 0.0 ? ps_exp2(0.5 * ps_log2(wide)) : 0.0;

    note->half_damping = 0.5 * ps_exp2(-0.5 * ps_log2(0.5 * peak * (peak + root)));
    note->dc_gain = ps_exp2(-0.5 * note->q_cb / CB_PER_OCTAVE);
}

static void set_filter(ps_note *note, const ps_note_context *context, const double *values)
{
    note->cutoff_cents = values[PS_GEN_FILTER_CUTOFF];
    note->q_cb = clamp(values[PS_GEN_FILTER_Q], 0.0, MOST_Q_CB);
    if (context->channel->control[PS_CC_SOFT] >= 64)
        note->cutoff_cents -= SOFT_PEDAL_CUTOFF_CENTS;
    note->mod_lfo_filter_cents = values[PS_GEN_MOD_LFO_TO_FILTER];
    note->mod_env_filter_cents = values[PS_GEN_MOD_ENV_TO_FILTER];
    set_resonance(note);
    note->moves_filter = note->mod_lfo_filter_cents != 0.0 || note->mod_env_filter_cents != 0.0;
    /* Once a note has a filter it keeps it: its memory must not be cut off. */
    note->filtered = note->filtered || note->moves_filter || note->q_cb > 0.0 ||
                     note->cutoff_cents < OPEN_CUTOFF_CENTS;
}

/* CC 8 and the General MIDI 2 balance: lowers the side away from which it points. */
static void balance(const ps_channel *channel, float *left, float *right)
{
    const int value = channel->control[PS_CC_BALANCE];

    if (value > 64)
        *left *= (float)(127 - value) / 63.0f;
    else
        *right *= (float)value / 64.0f;
}

static void set_gains(ps_note *note, const ps_note_context *context, const double *values)
{
    const ps_channel *channel = context->channel;
    double pan = values[PS_GEN_PAN];
    double reverb = values[PS_GEN_REVERB_SEND], chorus = values[PS_GEN_CHORUS_SEND];
    float level = context->gain;

    if (channel->drums && channel->drum_keys) {
        const ps_drum_key *drum = &channel->drum_keys[note->key];

        level *= (float)drum->level * (float)drum->level / (127.0f * 127.0f);
        if (drum->pan != 255)
            pan += (drum->pan - 64.0) * 1000.0 / 127.0;
        if (drum->reverb != 255)
            reverb *= drum->reverb / 127.0;
        if (drum->chorus != 255)
            chorus *= drum->chorus / 127.0;
    }
    /* Constant power: SF2 8.1.2, 17 leaves the law open; -3 dB at the centre is the hardware's. */
    pan = clamp(pan, -500.0, 500.0);
    note->pan_gain[PS_BUS_LEFT] = level * (float)ps_cos_cycles((pan + 500.0) / 4000.0);
    note->pan_gain[PS_BUS_RIGHT] = level * (float)ps_sin_cycles((pan + 500.0) / 4000.0);
    if (pan >= 500.0)
        note->pan_gain[PS_BUS_LEFT] = 0.0f;
    balance(channel, &note->pan_gain[PS_BUS_LEFT], &note->pan_gain[PS_BUS_RIGHT]);
    note->pan_gain[PS_BUS_REVERB] = level * (float)(clamp(reverb, 0.0, 1000.0) / 1000.0);
    note->pan_gain[PS_BUS_CHORUS] = level * (float)(clamp(chorus, 0.0, 1000.0) / 1000.0);
}

/* LFOs and modulation envelope stand still while nobody listens to them; this makes up for it. */
static void catch_up(ps_note *note)
{
    lfo_advance(&note->modulation_lfo, note->lfo_idle + note->steady_frames);
    lfo_advance(&note->vibrato_lfo, note->vibrato_idle + note->steady_frames);
    envelope_advance(&note->modulation, note->modulation_idle + note->steady_frames);
    note->lfo_idle = note->vibrato_idle = note->modulation_idle = note->steady_frames = 0.0;
}

void ps_note_update(ps_note *note, const ps_note_context *context)
{
    const double own_cb = note->region.generators[PS_GEN_ATTENUATION];
    double values[PS_GENERATORS], fixed_cb;
    double attenuation_cb;

    note->falling = PS_STAGE_DELAY;
    note->steady = note->steady_filter = false;
    catch_up(note);
    ps_modulators_apply(note, context, values, &fixed_cb);
    attenuation_cb = values[PS_GEN_ATTENUATION] - (1.0 - ATTENUATION_SHARE) * own_cb;
    if (context->channel->control[PS_CC_SOFT] >= 64)
        attenuation_cb += SOFT_PEDAL_CB;
    if (attenuation_cb < 0.0)
        attenuation_cb = 0.0; /* SF2 8.1.3: only the tremolo may go above the sample's own level */
    note->attenuation_octaves = attenuation_cb / CB_PER_OCTAVE;
    note->fixed_octaves = (ATTENUATION_SHARE * own_cb + fixed_cb) / CB_PER_OCTAVE;
    note->death_fall = 1.0 - (note->fixed_octaves + 1e-9) / ENVELOPE_OCTAVES;
    note->mod_lfo_volume_octaves = values[PS_GEN_MOD_LFO_TO_VOLUME] / CB_PER_OCTAVE;
    set_envelope_times(note, context, values);
    set_pitch(note, context, values);
    set_filter(note, context, values);
    set_gains(note, context, values);
    note->news = true;
    note->hears_lfo = note->vib_lfo_pitch_cents != 0.0 || note->mod_lfo_pitch_cents != 0.0 ||
                      note->mod_lfo_filter_cents != 0.0 || note->mod_lfo_volume_octaves != 0.0;
    note->hears_envelope = note->mod_env_pitch_cents != 0.0 || note->mod_env_filter_cents != 0.0;
}

/* ---- A note's life ----------------------------------------------------------------------------
 */

static uint64_t fixed_step(const ps_note *note, double cents)
{
    const double step = note->base_step * ps_exp2(cents / CENTS_PER_OCTAVE) * 4294967296.0;

    return step >= (double)PS_STEP_MOST ? PS_STEP_MOST : step < 1.0 ? 1 : (uint64_t)step;
}

/* 32.32 frames to the end. */
static uint64_t left_of(const ps_lane *lane)
{
    const uint64_t end = (uint64_t)lane->end << 32;

    return lane->position < end ? end - lane->position : 0;
}

static void take_sample(ps_note *note, double rate_hz)
{
    const ps_region_sample *sample = &note->region.sample;
    ps_lane *lane = &note->lane;

    memset(lane, 0, sizeof *lane);
    lane->data = sample->data;
    lane->low_data = sample->low_data;
    lane->data_frames =
        sample->data_frames < UINT32_MAX ? (uint32_t)sample->data_frames : UINT32_MAX;
    lane->start = sample->start;
    lane->end = sample->end;
    lane->loop_start = sample->loop_start;
    lane->loop_end = sample->loop_end;
    lane->looping = note->region.sample_mode != 0 && sample->loop_end > sample->loop_start;
    lane->position = (uint64_t)sample->start << 32;
    note->left = !lane->looping                  ? left_of(lane)
                 : note->region.sample_mode == 3 ? PS_NOTE_LOOPS_WHILE_ON
                                                 : PS_NOTE_LOOPS;
    note->base_step = sample->rate_hz / rate_hz;
}

void ps_note_start(ps_note *note, const ps_note_context *context, uint8_t key, uint8_t velocity)
{
    double values[PS_GENERATORS], fixed_cb;

    note->active = true;
    note->key = key;
    note->velocity = velocity;
    note->key_down = true;
    note->sostenuto = note->ending = note->released = note->fading = false;
    note->filtered = false;
    note->lfo_idle = note->vibrato_idle = note->modulation_idle = note->steady_frames = 0.0;
    note->glide_cents = note->glide_per_frame = 0.0;
    note->exclusive_class = (uint16_t)note->region.generators[PS_GEN_EXCLUSIVE_CLASS];
    take_sample(note, context->rate_hz);
    ps_modulators_prepare(note);
    ps_note_update(note, context);
    ps_modulators_apply(note, context, values, &fixed_cb);
    envelope_start(&note->volume,
                   short_is_none(values[PS_GEN_VOL_ENV_DELAY], 5000.0, context->rate_hz));
    envelope_start(&note->modulation,
                   short_is_none(values[PS_GEN_MOD_ENV_DELAY], 5000.0, context->rate_hz));
    note->modulation_lfo.phase_cycles = note->vibrato_lfo.phase_cycles = 0.0;
    note->modulation_lfo.delay_frames =
        short_is_none(values[PS_GEN_MOD_LFO_DELAY], 5000.0, context->rate_hz);
    note->vibrato_lfo.delay_frames =
        short_is_none(values[PS_GEN_VIB_LFO_DELAY], 5000.0, context->rate_hz);
    note->step = 0;
    note->lfo_idle = note->vibrato_idle = note->modulation_idle = 0.0;
    note->filter_cutoff_cents = -1.0;
}

void ps_note_release(ps_note *note)
{
    ps_envelope *volume = &note->volume, *modulation = &note->modulation;

    if (note->released)
        return;
    catch_up(note);
    note->released = true;
    note->key_down = note->steady = note->steady_filter = false;
    if (note->left == PS_NOTE_LOOPS_WHILE_ON) {
        note->lane.looping = false; /* plays the rest of the sample: SF2 8.1.2, 54 */
        note->left = left_of(&note->lane);
        note->news = true;
    }
    if (volume->stage <= PS_STAGE_ATTACK) {
        volume->fall = volume->rise > 0.0 ? -ps_log2(volume->rise) / ENVELOPE_OCTAVES : 1.0;
        volume->rise = 1.0;
    }
    modulation->fall = 1.0 - modulation_level(modulation);
    volume->stage = volume->fall >= 1.0 ? PS_STAGE_DONE : PS_STAGE_RELEASE;
    modulation->stage = PS_STAGE_RELEASE;
}

void ps_note_fade(ps_note *note, double fade_frames)
{
    if (note->fading)
        return;
    note->falling = PS_STAGE_DELAY;
    note->fading = true;
    note->key_down = note->steady = false;
    note->fade_left_frames = note->fade_total_frames = fade_frames;
}

void ps_note_change_key(ps_note *note, const ps_note_context *context, uint8_t key)
{
    note->key = key;
    ps_note_update(note, context);
}

uint32_t ps_note_corner(const ps_note *note)
{
    const ps_envelope *volume = &note->volume;

    if (volume->stage != PS_STAGE_ATTACK || volume->left_frames > PS_GRID_FRAMES)
        return 0;
    return (uint32_t)(volume->left_frames + 0.999999);
}

/* The LFOs and the modulation envelope, as far as somebody listens. */
typedef struct movement {
    double lfo, vibrato, envelope;
} movement;

/* The amplitude that everything but the pan gives: 0 once the note is over. */
static double amplitude(const ps_note *note, double lfo)
{
    if (note->volume.stage == PS_STAGE_DONE || note->volume.stage == PS_STAGE_DELAY)
        return 0.0;
    return volume_rise(&note->volume) *
           (double)ps_exp2_float((float)(lfo * note->mod_lfo_volume_octaves -
                                         volume_octaves(&note->volume) -
                                         note->attenuation_octaves));
}

static bool has_died(const ps_note *note)
{
    const ps_envelope *volume = &note->volume;

    return volume->stage == PS_STAGE_DONE ||
           (volume->stage >= PS_STAGE_DECAY && volume->fall > note->death_fall);
}

/* The modulation envelope stays where it is until the note is released. */
static bool envelope_rests(const ps_note *note)
{
    return note->modulation.stage == PS_STAGE_SUSTAIN || note->modulation.stage == PS_STAGE_DONE;
}

static uint32_t span_filter(ps_note *note, const ps_note_context *context, ps_group_span *span,
                            uint32_t lane, const movement *at)
{
    const double cutoff_cents = clamp(note->cutoff_cents + at->lfo * note->mod_lfo_filter_cents +
                                          at->envelope * note->mod_env_filter_cents,
                                      LOWEST_CUTOFF_CENTS, OPEN_CUTOFF_CENTS);

    note->steady_filter =
        !note->moves_filter || (note->mod_lfo_filter_cents == 0.0 && envelope_rests(note));
    if (cutoff_cents == note->filter_cutoff_cents && note->q_cb == note->filter_q_cb)
        return 0;
    if (note->filter_cutoff_cents < 0.0)
        span->at_once |= 1u << lane;
    note->filter_cutoff_cents = cutoff_cents;
    note->filter_q_cb = note->q_cb;
    span->aims.cutoff_octaves[lane] =
        (float)(cutoff_cents * (1.0 / CENTS_PER_OCTAVE) + context->octave_of_cents);
    return PS_MIX_FILTER_MOVES;
}

static void glide(ps_note *note, uint32_t frames)
{
    const double left = note->glide_cents + note->glide_per_frame * frames;

    if ((left > 0.0) != (note->glide_cents > 0.0) || left == 0.0)
        note->glide_cents = note->glide_per_frame = 0.0;
    else
        note->glide_cents = left;
}

/* Returns how it strides through the sample. */
static ps_stride span_pitch(ps_note *note, const movement *at, uint32_t frames)
{
    double cents = note->pitch_cents;
    uint64_t target = note->step;
    ps_stride stride = {note->step, 0};

    if (note->moves_pitch)
        cents += at->vibrato * note->vib_lfo_pitch_cents + at->lfo * note->mod_lfo_pitch_cents +
                 at->envelope * note->mod_env_pitch_cents;
    if (note->glide_per_frame != 0.0)
        glide(note, frames);
    cents += note->glide_cents;
    if (note->step == 0 || cents != note->last_cents)
        target = fixed_step(note, cents);
    note->last_cents = cents;
    if (note->step == 0)
        stride.step = target;
    if (target != stride.step)
        stride.step_change = ((int64_t)target - (int64_t)stride.step) / (int64_t)frames;
    note->step = stride.step + (uint64_t)(stride.step_change * (int64_t)frames);
    return stride;
}

/* Goes on through the sample; the note ends with it. */
static void move_on(ps_note *note, ps_stride stride, uint32_t frames)
{
    const uint64_t distance = ps_stride_distance(stride, frames);

    if (note->left < PS_NOTE_LOOPS_WHILE_ON) {
        if (distance >= note->left)
            note->active = false;
        note->left -= distance;
    } else if (note->left == PS_NOTE_LOOPS_WHILE_ON) {
        ps_lane_advance(&note->lane, distance);
    }
    if (has_died(note) || (note->fading && note->fade_left_frames <= 0.0))
        note->active = false;
}

/* The share of its amplitude that a note in this stage keeps over a grid run. */
static void learn_to_fall(ps_note *note)
{
    const ps_envelope *volume = &note->volume;

    note->falling = volume->stage;
    note->run_fall = 0.0;
    note->run_floor = volume->stage == PS_STAGE_DECAY ? volume->sustain_fall : 1.0;
    if (volume->stage == PS_STAGE_DECAY)
        note->run_fall = PS_GRID_FRAMES * volume->decay_per_frame;
    else if (volume->stage == PS_STAGE_RELEASE)
        note->run_fall = PS_GRID_FRAMES * volume->release_per_frame;
    note->run_ratio = ps_exp2(-note->run_fall * ENVELOPE_OCTAVES);
}

/* A whole grid run in one stage is one multiplication. */
static bool fall_by_ratio(ps_note *note, uint32_t frames)
{
    ps_envelope *volume = &note->volume;

    if (note->falling != volume->stage || frames != PS_GRID_FRAMES ||
        volume->stage < PS_STAGE_DECAY || volume->stage == PS_STAGE_DONE ||
        note->mod_lfo_volume_octaves != 0.0 ||
        (note->run_fall > 0.0 && volume->fall + note->run_fall >= note->run_floor))
        return false;
    volume->fall += note->run_fall;
    note->level *= note->run_ratio;
    return true;
}

static void advance_level(ps_note *note, double lfo, uint32_t frames)
{
    if (fall_by_ratio(note, frames))
        return;
    envelope_advance(&note->volume, frames);
    note->level = amplitude(note, lfo);
    if (note->fading) {
        note->fade_left_frames -= frames;
        note->level *=
            note->fade_left_frames > 0.0 ? note->fade_left_frames / note->fade_total_frames : 0.0;
    } else if (note->falling != note->volume.stage) {
        learn_to_fall(note);
    }
}

static movement advance_movement(ps_note *note, uint32_t frames)
{
    movement at = {0.0, 0.0, 0.0};

    if (note->mod_lfo_pitch_cents != 0.0 || note->mod_lfo_filter_cents != 0.0 ||
        note->mod_lfo_volume_octaves != 0.0)
        at.lfo = lfo_advance(&note->modulation_lfo, frames);
    else
        note->lfo_idle += frames;
    if (note->vib_lfo_pitch_cents != 0.0)
        at.vibrato = lfo_advance(&note->vibrato_lfo, frames);
    else
        note->vibrato_idle += frames;
    if (note->mod_env_pitch_cents != 0.0 || note->mod_env_filter_cents != 0.0) {
        envelope_advance(&note->modulation, frames);
        at.envelope = modulation_level(&note->modulation);
    } else {
        note->modulation_idle += frames;
    }
    return at;
}

/* Where the gains begin. Without any attack they are there from the first frame on. */
static float begin_level(const ps_note *note)
{
    return note->volume.stage >= PS_STAGE_HOLD ? (float)amplitude(note, 0.0) : 0.0f;
}

static void tell_beginning(const ps_note *note, ps_group_span *span, uint32_t lane)
{
    span->begun |= 1u << lane;
    span->news[lane].lane = note->lane;
    span->news[lane].begin_level = begin_level(note);
}

static void tell(ps_note *note, ps_group_span *span, uint32_t lane)
{
    ps_lane_news *news = &span->news[lane];

    note->news = false;
    span->told |= 1u << lane;
    for (uint32_t bus = 0; bus < PS_BUSES; bus++)
        news->pan[bus] = note->pan_gain[bus];
    news->half_damping = (float)note->half_damping;
    news->dc_gain = (float)note->dc_gain;
    news->filtered = note->filtered;
    news->looping = note->lane.looping;
}

/* Most spans of most notes: nothing happens but that they get softer. */
static bool go_on_steadily(ps_note *note, uint32_t frames)
{
    const ps_stride stride = {note->step, 0};
    const double fall = note->volume.fall + note->run_fall;

    if (!note->steady || frames != PS_GRID_FRAMES ||
        (note->run_fall > 0.0 && fall >= note->run_floor))
        return false;
    note->volume.fall = fall;
    note->level *= note->run_ratio;
    note->steady_frames += PS_GRID_FRAMES;
    move_on(note, stride, PS_GRID_FRAMES);
    return true;
}

static uint32_t go_on(ps_note *note, const ps_note_context *context, ps_group_span *span,
                      uint32_t lane, uint32_t frames)
{
    const movement at = advance_movement(note, frames);
    ps_stride *told = &span->strides[lane], stride;
    uint32_t flags = 0;

    advance_level(note, at.lfo, frames);
    stride = span_pitch(note, &at, frames);
    if (stride.step != told->step || stride.step_change != told->step_change) {
        *told = stride;
        flags |= PS_SPAN_STRIDES;
    }
    if (note->filtered && !note->steady_filter)
        flags |= span_filter(note, context, span, lane, &at);
    move_on(note, stride, frames);
    note->steady = !note->hears_lfo && (!note->hears_envelope || envelope_rests(note)) &&
                   !note->fading && note->glide_per_frame == 0.0 && stride.step_change == 0 &&
                   note->falling == note->volume.stage && note->falling >= PS_STAGE_DECAY &&
                   note->falling < PS_STAGE_DONE && (!note->filtered || note->steady_filter);
    return flags;
}

uint32_t ps_note_span(ps_note *note, const ps_note_context *context, ps_group_span *span,
                      uint32_t lane, uint32_t frames)
{
    uint32_t flags = note->filtered ? PS_MIX_FILTER : 0;

    if (note->step == 0)
        tell_beginning(note, span, lane);
    if (note->news)
        tell(note, span, lane);
    if (!go_on_steadily(note, frames))
        flags |= go_on(note, context, span, lane, frames);
    span->aims.level[lane] = (float)note->level;
    return flags;
}

double ps_note_loudness(const ps_note *note)
{
    return amplitude(note, 0.0);
}
