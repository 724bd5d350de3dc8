/*
 * Which regions a note starts: every pair of a preset zone and an instrument zone whose ranges
 * hold the key and the velocity, the instrument's generators absolute, the preset's added (SF2
 * 9.4).
 */
#include "soundfont/regions.h"

#include <string.h>

#include "soundfont/bank.h"
#include "soundfont/modulators.h"
#include "soundfont/samples.h"

#define VELOCITY_TO_FILTER 1u /* place of SF2 8.4.2 among the defaults */

static int16_t clamp(int32_t value, int32_t low, int32_t high)
{
    return (int16_t)(value < low ? low : value > high ? high : value);
}

/* Cents beyond a fine tune's range go to the coarse tune: banks in use have them, and clamping
   would put a note out of tune. */
static void carry_tune(int32_t *sums)
{
    const int32_t semitones = sums[PS_GEN_FINE_TUNE] / 100;

    sums[PS_GEN_COARSE_TUNE] += semitones;
    sums[PS_GEN_FINE_TUNE] -= 100 * semitones;
}

static void sum_generators(const ps_zone *instrument, const ps_zone *preset, int16_t *generators)
{
    int32_t sums[PS_GENERATORS];

    for (uint32_t i = 0; i < PS_GENERATORS; i++)
        sums[i] = ps_generator_info(i)->standard;
    for (uint32_t i = 0; i < instrument->generator_count; i++)
        sums[instrument->generators[i].generator] = instrument->generators[i].amount;
    for (uint32_t i = 0; i < preset->generator_count; i++)
        sums[preset->generators[i].generator] += preset->generators[i].amount;
    carry_tune(sums);
    for (uint32_t i = 0; i < PS_GENERATORS; i++)
        generators[i] = sums[i] == INT16_MIN && ps_generator_info(i)->low == -12000
                            ? INT16_MIN /* no time at all: SF2 8.1.2, 34 */
                            : clamp(sums[i], ps_generator_info(i)->low, ps_generator_info(i)->high);
}

static void merge_modulators(const ps_zone *instrument, const ps_zone *preset,
                             bool velocity_to_filter, ps_region *region)
{
    uint32_t count = instrument->modulator_count;

    memcpy(region->modulators, instrument->modulators, count * sizeof *region->modulators);
    if (velocity_to_filter && !instrument->velocity_to_filter_given)
        region->modulators[VELOCITY_TO_FILTER] = ps_default_modulators(true)[VELOCITY_TO_FILTER];
    if (preset->modulator_count > 0)
        count = ps_modulators_sum(region->modulators, count, preset->modulators,
                                  preset->modulator_count, instrument->velocity_to_filter_given);
    region->modulator_count = (uint16_t)count;
}

/* Makes the region of a pair; false when it cannot sound. */
static bool make_region(const ps_soundfont *bank, const ps_zone *instrument, const ps_zone *preset,
                        bool velocity_to_filter, ps_region *region)
{
    if (!ps_sample_can_sound(&bank->samples[instrument->target]))
        return false;
    sum_generators(instrument, preset, region->generators);
    region->sample_mode = (uint8_t)(region->generators[PS_GEN_SAMPLE_MODES] & 3);
    if (region->sample_mode == 2) /* SF2 8.1.2: unused, to be read as no loop */
        region->sample_mode = 0;
    if (!ps_sample_place(bank, instrument->target, region->generators, &region->sample,
                         &region->sample_mode))
        return false;
    merge_modulators(instrument, preset, velocity_to_filter, region);
    return true;
}

uint32_t ps_soundfont_regions(const ps_soundfont *bank, uint32_t preset, uint8_t key,
                              uint8_t velocity, bool velocity_to_filter, ps_region *regions,
                              uint32_t max_regions)
{
    const ps_zones none = {NULL, 0};
    const ps_zones *outer = preset < bank->preset_count ? &bank->presets[preset].zones : &none;
    uint32_t count = 0;

    for (uint32_t i = 0; i < outer->count; i++) {
        const ps_zones *inner = &bank->instruments[outer->zone[i].target];

        if (!ps_zone_overlaps(&outer->zone[i], key, key, velocity, velocity))
            continue;
        for (uint32_t k = 0; k < inner->count && count < max_regions; k++) {
            if (ps_zone_overlaps(&inner->zone[k], key, key, velocity, velocity) &&
                make_region(bank, &inner->zone[k], &outer->zone[i], velocity_to_filter,
                            &regions[count]))
                count++;
        }
    }
    return count;
}
