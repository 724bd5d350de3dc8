/* The table of SF2 8.1.3, in the standard's order. */
#include "soundfont/generators.h"

#include <stddef.h>

#define ANY_LOW  (-32768)
#define ANY_HIGH 32767

/* clang-format off */
static const ps_generator_row rows[PS_GENERATORS] = {
    /*                                     name                     low    high  standard preset */
    [PS_GEN_START_OFFSET]             = { "startAddrsOffset",            0, ANY_HIGH,      0, false },
    [PS_GEN_END_OFFSET]               = { "endAddrsOffset",        ANY_LOW,        0,      0, false },
    [PS_GEN_LOOP_START_OFFSET]        = { "startloopAddrsOffset",  ANY_LOW, ANY_HIGH,      0, false },
    [PS_GEN_LOOP_END_OFFSET]          = { "endloopAddrsOffset",    ANY_LOW, ANY_HIGH,      0, false },
    [PS_GEN_START_COARSE_OFFSET]      = { "startAddrsCoarseOffset",      0, ANY_HIGH,      0, false },
    [PS_GEN_MOD_LFO_TO_PITCH]         = { "modLfoToPitch",          -12000,    12000,      0, true },
    [PS_GEN_VIB_LFO_TO_PITCH]         = { "vibLfoToPitch",          -12000,    12000,      0, true },
    [PS_GEN_MOD_ENV_TO_PITCH]         = { "modEnvToPitch",          -12000,    12000,      0, true },
    [PS_GEN_FILTER_CUTOFF]            = { "initialFilterFc",          1500,    13500,  13500, true },
    [PS_GEN_FILTER_Q]                 = { "initialFilterQ",              0,      960,      0, true },
    [PS_GEN_MOD_LFO_TO_FILTER]        = { "modLfoToFilterFc",       -12000,    12000,      0, true },
    [PS_GEN_MOD_ENV_TO_FILTER]        = { "modEnvToFilterFc",       -12000,    12000,      0, true },
    [PS_GEN_END_COARSE_OFFSET]        = { "endAddrsCoarseOffset",  ANY_LOW,        0,      0, false },
    [PS_GEN_MOD_LFO_TO_VOLUME]        = { "modLfoToVolume",           -960,      960,      0, true },
    [PS_GEN_CHORUS_SEND]              = { "chorusEffectsSend",           0,     1000,      0, true },
    [PS_GEN_REVERB_SEND]              = { "reverbEffectsSend",           0,     1000,      0, true },
    [PS_GEN_PAN]                      = { "pan",                      -500,      500,      0, true },
    [PS_GEN_MOD_LFO_DELAY]            = { "delayModLFO",            -12000,     5000, -12000, true },
    [PS_GEN_MOD_LFO_FREQ]             = { "freqModLFO",             -16000,     4500,      0, true },
    [PS_GEN_VIB_LFO_DELAY]            = { "delayVibLFO",            -12000,     5000, -12000, true },
    [PS_GEN_VIB_LFO_FREQ]             = { "freqVibLFO",             -16000,     4500,      0, true },
    [PS_GEN_MOD_ENV_DELAY]            = { "delayModEnv",            -12000,     5000, -12000, true },
    [PS_GEN_MOD_ENV_ATTACK]           = { "attackModEnv",           -12000,     8000, -12000, true },
    [PS_GEN_MOD_ENV_HOLD]             = { "holdModEnv",             -12000,     5000, -12000, true },
    [PS_GEN_MOD_ENV_DECAY]            = { "decayModEnv",            -12000,     8000, -12000, true },
    [PS_GEN_MOD_ENV_SUSTAIN]          = { "sustainModEnv",               0,     1000,      0, true },
    [PS_GEN_MOD_ENV_RELEASE]          = { "releaseModEnv",          -12000,     8000, -12000, true },
    [PS_GEN_KEY_TO_MOD_ENV_HOLD]      = { "keynumToModEnvHold",      -1200,     1200,      0, true },
    [PS_GEN_KEY_TO_MOD_ENV_DECAY]     = { "keynumToModEnvDecay",     -1200,     1200,      0, true },
    [PS_GEN_VOL_ENV_DELAY]            = { "delayVolEnv",            -12000,     5000, -12000, true },
    [PS_GEN_VOL_ENV_ATTACK]           = { "attackVolEnv",           -12000,     8000, -12000, true },
    [PS_GEN_VOL_ENV_HOLD]             = { "holdVolEnv",             -12000,     5000, -12000, true },
    [PS_GEN_VOL_ENV_DECAY]            = { "decayVolEnv",            -12000,     8000, -12000, true },
    [PS_GEN_VOL_ENV_SUSTAIN]          = { "sustainVolEnv",               0,     1440,      0, true },
    [PS_GEN_VOL_ENV_RELEASE]          = { "releaseVolEnv",          -12000,     8000, -12000, true },
    [PS_GEN_KEY_TO_VOL_ENV_HOLD]      = { "keynumToVolEnvHold",      -1200,     1200,      0, true },
    [PS_GEN_KEY_TO_VOL_ENV_DECAY]     = { "keynumToVolEnvDecay",     -1200,     1200,      0, true },
    [PS_GEN_INSTRUMENT]               = { "instrument",            ANY_LOW, ANY_HIGH,      0, true },
    [PS_GEN_KEY_RANGE]                = { "keyRange",              ANY_LOW, ANY_HIGH,      0, true },
    [PS_GEN_VELOCITY_RANGE]           = { "velRange",              ANY_LOW, ANY_HIGH,      0, true },
    [PS_GEN_LOOP_START_COARSE_OFFSET] = { "startloopAddrsCoarseOffset", ANY_LOW, ANY_HIGH, 0, false },
    [PS_GEN_KEY]                      = { "keynum",                     -1,      127,     -1, false },
    [PS_GEN_VELOCITY]                 = { "velocity",                   -1,      127,     -1, false },
    /* Below the standard's 0: preset sums go there in real banks, and hardware makes something of
       them; what, the synthesizer decides. */
    [PS_GEN_ATTENUATION]              = { "initialAttenuation",      -1440,     1440,      0, true },
    [PS_GEN_LOOP_END_COARSE_OFFSET]   = { "endloopAddrsCoarseOffset", ANY_LOW, ANY_HIGH,   0, false },
    [PS_GEN_COARSE_TUNE]              = { "coarseTune",               -120,      120,      0, true },
    [PS_GEN_FINE_TUNE]                = { "fineTune",                  -99,       99,      0, true },
    [PS_GEN_SAMPLE]                   = { "sampleID",              ANY_LOW, ANY_HIGH,      0, false },
    [PS_GEN_SAMPLE_MODES]             = { "sampleModes",                 0,        3,      0, false },
    [PS_GEN_SCALE_TUNING]             = { "scaleTuning",                 0,     1200,    100, true },
    [PS_GEN_EXCLUSIVE_CLASS]          = { "exclusiveClass",              0,      127,      0, false },
    [PS_GEN_ROOT_KEY]                 = { "overridingRootKey",          -1,      127,     -1, false },
};
/* clang-format on */

const ps_generator_row *ps_generator_info(uint32_t generator)
{
    return &rows[generator < PS_GENERATORS ? generator : PS_GENERATORS - 1];
}
