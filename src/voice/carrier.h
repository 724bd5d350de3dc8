/*
 * The two tones under the binaural, isochronic and dual pulse voices: one per ear, each with
 * vibrato and tremolo, and a phase modulation that moves them apart.
 *
 *      phase[i] = start + sum of max(0, freq + vibrato)      per ear
 *      out[i] = amp * sin(phase[i] -/+ wobble[i]) * (1 - depth / 2 * (1 + S(tremolo[i])))
 *
 * S is the skewed sine; the vibrato is one too, or a skewed triangle.
 */
#ifndef PLAINSONG_VOICE_CARRIER_H
#define PLAINSONG_VOICE_CARRIER_H

#include "base/row.h"
#include "voice/lines.h"

/* The first rows of the voices' tables. What there is twice stands left before right. */
enum {
    PS_CARRIER_AMP,
    PS_CARRIER_BASE = PS_CARRIER_AMP + 2,
    PS_CARRIER_BEAT,
    PS_CARRIER_PHASE,
    PS_CARRIER_TREMOLO_DEPTH = PS_CARRIER_PHASE + 2,
    PS_CARRIER_TREMOLO_FREQ = PS_CARRIER_TREMOLO_DEPTH + 2,
    PS_CARRIER_TREMOLO_PHASE = PS_CARRIER_TREMOLO_FREQ + 2,
    PS_CARRIER_TREMOLO_SKEW = PS_CARRIER_TREMOLO_PHASE + 2,
    PS_CARRIER_VIBRATO_RANGE = PS_CARRIER_TREMOLO_SKEW + 2,
    PS_CARRIER_VIBRATO_FREQ = PS_CARRIER_VIBRATO_RANGE + 2,
    PS_CARRIER_VIBRATO_PHASE = PS_CARRIER_VIBRATO_FREQ + 2,
    PS_CARRIER_VIBRATO_SKEW = PS_CARRIER_VIBRATO_PHASE + 2,
    PS_CARRIER_WOBBLE_FREQ = PS_CARRIER_VIBRATO_SKEW + 2,
    PS_CARRIER_WOBBLE_RANGE,
    PS_CARRIER_ROWS
};

#define PS_CARRIER_NUMBER(name, glide, unit, preset, low, high, meaning)                           \
    {                                                                                              \
        name, PS_PARAMETER_NUMBER, glide, unit, preset, low, high, NULL, meaning, NULL, NULL, 0.0, \
            0.0                                                                                    \
    }
#define PS_CARRIER_PAIR(index, name, glide, unit, preset, low, high, meaning)                      \
    [index] = PS_CARRIER_NUMBER(name "L", glide, unit, preset, low, high, meaning ", left ear"),   \
    [(index) + 1] =                                                                                \
        PS_CARRIER_NUMBER(name "R", glide, unit, preset, low, high, meaning ", right ear")

/* phase_glide: what a transition makes of the start phases. beat: what the second frequency is. */
/* clang-format off */
#define PS_CARRIER_TABLE(phase_glide, base_meaning, beat_meaning)                                                  \
    PS_CARRIER_PAIR(PS_CARRIER_AMP, "amp", PS_GLIDE_CHAIN, "", 0.5, 0.0, 1.0, "gain"),                              \
    [PS_CARRIER_BASE] = PS_CARRIER_NUMBER("baseFreq", PS_GLIDE_CHAIN, "Hz", 200.0, 20.0, 1500.0, base_meaning),     \
    [PS_CARRIER_BEAT] = PS_CARRIER_NUMBER("beatFreq", PS_GLIDE_CHAIN, "Hz", 4.0, 0.0, 60.0, beat_meaning),          \
    PS_CARRIER_PAIR(PS_CARRIER_PHASE, "startPhase", phase_glide, "rad", 0.0, -3.2, 3.2, "phase of the tone at the start"), \
    PS_CARRIER_PAIR(PS_CARRIER_TREMOLO_DEPTH, "ampOscDepth", PS_GLIDE_CHAIN, "", 0.0, 0.0, 2.0, "depth of the tremolo; over 1 turns the phase over"), \
    PS_CARRIER_PAIR(PS_CARRIER_TREMOLO_FREQ, "ampOscFreq", PS_GLIDE_CHAIN, "Hz", 0.0, 0.0, 20.0, "rate of the tremolo"), \
    PS_CARRIER_PAIR(PS_CARRIER_TREMOLO_PHASE, "ampOscPhaseOffset", PS_GLIDE_CHAIN, "rad", 0.0, -3.2, 3.2, "phase of the tremolo"), \
    PS_CARRIER_PAIR(PS_CARRIER_TREMOLO_SKEW, "ampOscSkew", PS_GLIDE_CHAIN, "", 0.0, -1.0, 1.0, "share of the tremolo's upper half wave, 0 being one half"), \
    PS_CARRIER_PAIR(PS_CARRIER_VIBRATO_RANGE, "freqOscRange", PS_GLIDE_CHAIN, "Hz", 0.0, 0.0, 100.0, "range of the vibrato, peak to peak"), \
    PS_CARRIER_PAIR(PS_CARRIER_VIBRATO_FREQ, "freqOscFreq", PS_GLIDE_CHAIN, "Hz", 0.0, 0.0, 20.0, "rate of the vibrato"), \
    PS_CARRIER_PAIR(PS_CARRIER_VIBRATO_PHASE, "freqOscPhaseOffset", PS_GLIDE_CHAIN, "rad", 0.0, -3.2, 3.2, "phase of the vibrato"), \
    PS_CARRIER_PAIR(PS_CARRIER_VIBRATO_SKEW, "freqOscSkew", PS_GLIDE_CHAIN, "", 0.0, -1.0, 1.0, "share of the vibrato's upper half wave, 0 being one half"), \
    [PS_CARRIER_WOBBLE_FREQ] = PS_CARRIER_NUMBER("phaseOscFreq", PS_GLIDE_CHAIN, "Hz", 0.0, 0.0, 20.0, "rate of the phase modulation between the ears"), \
    [PS_CARRIER_WOBBLE_RANGE] = PS_CARRIER_NUMBER("phaseOscRange", PS_GLIDE_CHAIN, "rad", 0.0, 0.0, 6.4, "range of the phase modulation, peak to peak")
/* clang-format on */

/* How the voices differ in their use of the tones. */
typedef struct ps_carrier_style {
    bool left_high;   /* the left ear has the higher tone */
    bool one_pitch;   /* the beat is not between the tones */
    bool triangle;    /* vibrato */
    bool before;      /* a tone's first sample does not contain a step yet */
    bool phase_moves; /* the start phase goes on to its end */
    bool base_floor;  /* the base is held at 0 or above before the vibrato is added */
    double step_sec;  /* per frame, for sums; times are multiples of the setup's frame_sec */
} ps_carrier_style;

/* The parameters of one ear, then those of both. */
enum {
    PS_CARRIER_GAIN,
    PS_CARRIER_HALF_DEPTH,
    PS_CARRIER_TREMOLO_HZ,
    PS_CARRIER_TREMOLO_CYCLES,
    PS_CARRIER_TREMOLO_SHAPE, /* skew */
    PS_CARRIER_HZ,
    PS_CARRIER_CYCLES, /* at the start */
    PS_CARRIER_HALF_RANGE_HZ,
    PS_CARRIER_VIBRATO_HZ,
    PS_CARRIER_VIBRATO_CYCLES,
    PS_CARRIER_VIBRATO_SHAPE,
    PS_CARRIER_EAR_LINES,
    PS_CARRIER_WOBBLE_HZ = 2 * PS_CARRIER_EAR_LINES,
    PS_CARRIER_WOBBLE_CYCLES, /* half of the range */
    PS_CARRIER_MONO,          /* over 1/2: no vibrato */
    PS_CARRIER_LINES
};

typedef struct ps_carrier {
    ps_carrier_style style;
    ps_line lines[PS_CARRIER_LINES], held[PS_CARRIER_LINES]; /* moving; where alpha stands still */
    uint64_t sum[2], vibrato_sum[2];                         /* phases so far */
    double frame_sec;
} ps_carrier;

/* settings: of the setup or a copy of them, read by a table that begins with PS_CARRIER_TABLE. The
   line PS_CARRIER_MONO is then 0 and the caller's to set. */
void PS_ROW(ps_carrier_start)(ps_carrier *carrier, const ps_carrier_style *style,
                              const ps_voice_setup *setup, const ps_setting *settings);

/*
 * The frames from `first` on. alpha: of each frame; NULL where it is the same in all of them, `at`.
 */
void PS_ROW(ps_carrier_render)(ps_carrier *carrier, float *left, float *right, uint64_t first,
                               const double *alpha, double at, uint32_t count);

/* Moves on without making samples: a ps_skip_run. */
void PS_ROW(ps_carrier_skip)(void *carrier, const double *alpha, double at, uint64_t frames);

/* The ears in a stretch as tones, one when both hear the same; 0 when they are more than that. */
uint32_t ps_carrier_tones(const ps_carrier *carrier, const ps_voice_setup *setup,
                          const ps_tone_stretch *stretch, ps_tone tones[2]);

/* The largest sample of an ear for alpha between low and high. */
double PS_ROW(ps_carrier_bound)(const ps_carrier *carrier, uint32_t ear, double low, double high);

#endif
