/* What the voices that are noise with swept notches share: all but their tables. */
#ifndef PLAINSONG_VOICE_NOISE_VOICE_H
#define PLAINSONG_VOICE_NOISE_VOICE_H

#include "voice/noise.h"
#include "voice/voice.h"

/* The order of their tables. */
enum {
    PS_NOISE_LFO,
    PS_NOISE_SWEEPS,
    PS_NOISE_Q,
    PS_NOISE_CASCADE,
    PS_NOISE_CHANNEL,
    PS_NOISE_INTRA,
    PS_NOISE_COLOUR,
    PS_NOISE_WAVE,
    PS_NOISE_INPUT,
    PS_NOISE_LEVEL,
    PS_NOISE_ROWS,
    PS_NOISE_STANDING = PS_NOISE_ROWS, /* notches that stand still; not every voice has them */
};

typedef struct ps_noise_voice {
    ps_voice base;
    ps_noise *noise;
    float gain;
} ps_noise_voice;

ps_status ps_noise_voice_start(ps_voice *voice, const ps_noise_row *row, bool has_standing,
                               ps_error *err);
void ps_noise_voice_render(ps_voice *voice, float *left, float *right, uint32_t frames);
void ps_noise_voice_skip(ps_voice *voice, uint64_t frame);
double ps_noise_voice_bound(const ps_voice *voice);
void ps_noise_voice_finish(ps_voice *voice);

#define PS_NOISE_SWEEPS_TEXT   "list of [lowest, highest] frequencies in Hz; empty: no notches"
#define PS_NOISE_Q_TEXT        "quality of the notches: a number, or a list with one for each sweep"
#define PS_NOISE_CASCADE_TEXT  "how many times a notch is applied: a number or a list; up to 32"
#define PS_NOISE_CHANNEL_TEXT  "how far the right ear is ahead in its sweep"
#define PS_NOISE_INTRA_TEXT    "how far a second pass of notches is ahead; steady at 0: none"
#define PS_NOISE_COLOUR_TEXT   "pink, brown (red), deep brown, blue, purple or green; else white"
#define PS_NOISE_WAVE_TEXT     "wave of the sweeps; a sine begins at the top"
#define PS_NOISE_INPUT_TEXT    "a recording in place of noise, at its own rate"
#define PS_NOISE_STANDING_TEXT "list of {freq, q, cascade}: notches that stand still"

#endif
