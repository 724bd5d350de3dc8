/* Sums modulators into generators: sources through their curves, links in the order of the list. */
#include "synth/modulators.h"

#include <string.h>

#define SOURCE_CONTROLLER  0x80u
#define SOURCE_NONE        0u
#define SOURCE_VELOCITY    2u
#define SOURCE_KEY         3u
#define SOURCE_LINK        127u
#define LINK               0x8000u
#define TRANSFORM_ABSOLUTE 2u

static void depend(ps_note *note, uint16_t source)
{
    const uint32_t index = source & 127u;

    if (source & SOURCE_CONTROLLER)
        note->depends[index / 64] |= UINT64_C(1) << index % 64;
    else if (index < 64)
        note->depends[2] |= UINT64_C(1) << index;
}

void ps_modulators_prepare(ps_note *note)
{
    memset(note->depends, 0, sizeof note->depends);
    for (uint32_t i = 0; i < note->region.modulator_count; i++) {
        depend(note, note->region.modulators[i].source);
        depend(note, note->region.modulators[i].amount_source);
    }
}

/* A note's own pitch and force do not change while it sounds. */
static bool is_fixed(uint16_t source)
{
    const uint32_t index = source & 127u;

    return !(source & SOURCE_CONTROLLER) &&
           (index == SOURCE_NONE || index == SOURCE_VELOCITY || index == SOURCE_KEY);
}

static double input(const ps_note *note, const ps_note_context *context, uint16_t source)
{
    const ps_channel *channel = context->channel;
    const uint32_t index = source & 127u;
    uint32_t value = 0, bits = 7;

    if (source & SOURCE_CONTROLLER) {
        value = channel->control[index];
        if (index == PS_CC_VOLUME)
            value = value * channel->part_level / 127u;
        return ps_curve(context->curves, source, value, 7);
    }
    switch (index) {
    case SOURCE_NONE:
        return 1.0; /* SF2 8.2.1: no controller, the input is 1 */
    case SOURCE_VELOCITY:
        value = note->velocity;
        if (note->region.generators[PS_GEN_VELOCITY] >= 0)
            value = (uint32_t)note->region.generators[PS_GEN_VELOCITY];
        break;
    case SOURCE_KEY:
        value = note->key;
        if (note->region.generators[PS_GEN_KEY] >= 0)
            value = (uint32_t)note->region.generators[PS_GEN_KEY];
        break;
    case PS_SOURCE_KEY_PRESSURE:
        value = channel->key_pressure[note->key];
        break;
    case PS_SOURCE_PRESSURE:
        value = channel->pressure;
        break;
    case PS_SOURCE_BEND:
        value = channel->bend;
        bits = 14;
        break;
    case PS_SOURCE_BEND_RANGE:
        /* In semitones of 127, so that 12700 cents times it is the range exactly. */
        return (channel->bend_range_semitones / 127.0);
    default:
        return 0.0;
    }
    return ps_curve(context->curves, source, value, bits);
}

/* Vibrato from the wheel follows the modulation depth range of RPN 5. */
static double depth_scale(const ps_modulator *modulator, const ps_channel *channel)
{
    const bool wheel = (modulator->source & 0xffu) == (SOURCE_CONTROLLER | PS_CC_MODULATION);

    if (!wheel || modulator->destination != PS_GEN_VIB_LFO_TO_PITCH)
        return 1.0;
    return (channel->modulation_cents / 50.0);
}

/* A bank that listens to a sound controller itself is not helped by ours. */
static bool bank_hears(const ps_note *note, uint32_t generator)
{
    static const uint8_t controller[PS_GENERATORS] = {
        [PS_GEN_FILTER_CUTOFF] = PS_CC_BRIGHTNESS,
        [PS_GEN_FILTER_Q] = PS_CC_RESONANCE,
        [PS_GEN_VOL_ENV_ATTACK] = PS_CC_ATTACK,
        [PS_GEN_VOL_ENV_DECAY] = PS_CC_DECAY,
        [PS_GEN_VOL_ENV_RELEASE] = PS_CC_RELEASE,
        [PS_GEN_VIB_LFO_FREQ] = PS_CC_VIBRATO_RATE,
        [PS_GEN_VIB_LFO_TO_PITCH] = PS_CC_VIBRATO_DEPTH,
        [PS_GEN_VIB_LFO_DELAY] = PS_CC_VIBRATO_DELAY,
    };
    const uint32_t index = controller[generator];

    return index && (note->depends[index / 64] >> index % 64 & 1);
}

void ps_modulators_apply(const ps_note *note, const ps_note_context *context,
                         double values[PS_GENERATORS], double *fixed_attenuation_cb)
{
    const ps_region *region = &note->region;
    const ps_channel *channel = context->channel;
    double linked[PS_REGION_MODULATORS] = {0.0};

    for (uint32_t g = 0; g < PS_GENERATORS; g++) {
        const bool replaced = channel->replaced >> g & 1;

        values[g] = (replaced ? 0.0 : (double)region->generators[g]) + channel->nrpn[g];
        if (channel->sound[g] != 0.0 && !bank_hears(note, g))
            values[g] += channel->sound[g];
    }
    *fixed_attenuation_cb = 0.0;
    for (uint32_t i = 0; i < region->modulator_count; i++) {
        const ps_modulator *modulator = &region->modulators[i];
        double out = modulator->amount * depth_scale(modulator, channel);

        if (modulator->amount == 0)
            continue;
        out *= (modulator->source & 0xffu) == SOURCE_LINK ? linked[i]
                                                          : input(note, context, modulator->source);
        out *= input(note, context, modulator->amount_source);
        if (modulator->transform == TRANSFORM_ABSOLUTE && out < 0.0)
            out = -out;
        if (modulator->destination & LINK) {
            const uint32_t target = modulator->destination & (LINK - 1u);

            if (target > i && target < region->modulator_count)
                linked[target] += out;
        } else if (modulator->destination < PS_GENERATORS) {
            values[modulator->destination] += out;
            if (modulator->destination == PS_GEN_ATTENUATION && is_fixed(modulator->source) &&
                is_fixed(modulator->amount_source))
                *fixed_attenuation_cb += out;
        }
    }
}
