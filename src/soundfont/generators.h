/*
 * The generators of SF2 8.1.2 by number, with unit, range and default of 8.1.3.
 */
#ifndef PLAINSONG_SOUNDFONT_GENERATORS_H
#define PLAINSONG_SOUNDFONT_GENERATORS_H

#include <stdbool.h>
#include <stdint.h>

typedef enum ps_generator {
    PS_GEN_START_OFFSET = 0,
    PS_GEN_END_OFFSET = 1,
    PS_GEN_LOOP_START_OFFSET = 2,
    PS_GEN_LOOP_END_OFFSET = 3,
    PS_GEN_START_COARSE_OFFSET = 4,
    PS_GEN_MOD_LFO_TO_PITCH = 5,
    PS_GEN_VIB_LFO_TO_PITCH = 6,
    PS_GEN_MOD_ENV_TO_PITCH = 7,
    PS_GEN_FILTER_CUTOFF = 8,
    PS_GEN_FILTER_Q = 9,
    PS_GEN_MOD_LFO_TO_FILTER = 10,
    PS_GEN_MOD_ENV_TO_FILTER = 11,
    PS_GEN_END_COARSE_OFFSET = 12,
    PS_GEN_MOD_LFO_TO_VOLUME = 13,
    PS_GEN_CHORUS_SEND = 15,
    PS_GEN_REVERB_SEND = 16,
    PS_GEN_PAN = 17,
    PS_GEN_MOD_LFO_DELAY = 21,
    PS_GEN_MOD_LFO_FREQ = 22,
    PS_GEN_VIB_LFO_DELAY = 23,
    PS_GEN_VIB_LFO_FREQ = 24,
    PS_GEN_MOD_ENV_DELAY = 25,
    PS_GEN_MOD_ENV_ATTACK = 26,
    PS_GEN_MOD_ENV_HOLD = 27,
    PS_GEN_MOD_ENV_DECAY = 28,
    PS_GEN_MOD_ENV_SUSTAIN = 29,
    PS_GEN_MOD_ENV_RELEASE = 30,
    PS_GEN_KEY_TO_MOD_ENV_HOLD = 31,
    PS_GEN_KEY_TO_MOD_ENV_DECAY = 32,
    PS_GEN_VOL_ENV_DELAY = 33,
    PS_GEN_VOL_ENV_ATTACK = 34,
    PS_GEN_VOL_ENV_HOLD = 35,
    PS_GEN_VOL_ENV_DECAY = 36,
    PS_GEN_VOL_ENV_SUSTAIN = 37,
    PS_GEN_VOL_ENV_RELEASE = 38,
    PS_GEN_KEY_TO_VOL_ENV_HOLD = 39,
    PS_GEN_KEY_TO_VOL_ENV_DECAY = 40,
    PS_GEN_INSTRUMENT = 41,
    PS_GEN_KEY_RANGE = 43,
    PS_GEN_VELOCITY_RANGE = 44,
    PS_GEN_LOOP_START_COARSE_OFFSET = 45,
    PS_GEN_KEY = 46,
    PS_GEN_VELOCITY = 47,
    PS_GEN_ATTENUATION = 48,
    PS_GEN_LOOP_END_COARSE_OFFSET = 50,
    PS_GEN_COARSE_TUNE = 51,
    PS_GEN_FINE_TUNE = 52,
    PS_GEN_SAMPLE = 53,
    PS_GEN_SAMPLE_MODES = 54,
    PS_GEN_SCALE_TUNING = 56,
    PS_GEN_EXCLUSIVE_CLASS = 57,
    PS_GEN_ROOT_KEY = 58,
    PS_GENERATORS = 61, /* 60 is the end operator */
} ps_generator;

typedef struct ps_generator_row {
    const char *name; /* as in the standard, e.g. "initialFilterFc"; NULL for unused numbers */
    int16_t low, high, standard; /* range and default of the value in the file's unit */
    bool preset;                 /* may be added at preset level */
} ps_generator_row;

/* The row of a generator 0..60. */
const ps_generator_row *ps_generator_info(uint32_t generator);

#endif
