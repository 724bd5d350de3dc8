/*
 * Modulators of a zone (SF2 8.2, 9.5): which are valid, and how those of several levels become
 * one list.
 */
#ifndef PLAINSONG_SOUNDFONT_MODULATORS_H
#define PLAINSONG_SOUNDFONT_MODULATORS_H

#include "soundfont/regions.h"

#define PS_MODULATOR_LINK 0x8000u /* destination: the rest is the index of a modulator */

/* Room in a region for what instrument (with the defaults) and preset bring; together they always
   fit, so that nothing has to be left out when a note starts. */
#define PS_INSTRUMENT_MODULATORS 44u
#define PS_PRESET_MODULATORS     (PS_REGION_MODULATORS - PS_INSTRUMENT_MODULATORS)

typedef struct ps_modulator_list {
    ps_modulator items[PS_REGION_MODULATORS];
    uint32_t count;
    bool has_defaults;             /* items begins with the ten of SF2 8.4 */
    bool velocity_to_filter_given; /* the file has replaced 8.4.2 */
} ps_modulator_list;

/* The list an instrument's zones start from: the defaults; a preset's: nothing. */
void ps_modulators_begin(ps_modulator_list *list, bool instrument);

/*
 * Drops what SF2 8.2 wants ignored from a zone's modulators as they are in the file: unknown
 * sources, destinations and transforms, links to nothing, links in a circle. Destinations that are
 * links then count in what is left. Returns how many are left.
 */
uint32_t ps_modulators_check(ps_modulator *zone, uint32_t count);

/*
 * Adds a checked zone, its modulators replacing identical ones (SF2 9.5: same source, destination,
 * amount source and transform). Returns how many found no room below `limit`.
 */
uint32_t ps_modulators_override(ps_modulator_list *list, const ps_modulator *zone, uint32_t count,
                                uint32_t limit);

/*
 * Adds a preset's modulators to a region's list: amounts of identical ones are summed. Returns the
 * list's new length.
 */
uint32_t ps_modulators_sum(ps_modulator *list, uint32_t count, const ps_modulator *preset,
                           uint32_t preset_count, bool velocity_to_filter_given);

#endif
