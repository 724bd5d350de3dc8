/* Modulators: the default table, validity, and merging of levels. */
#include "soundfont/modulators.h"

#include <string.h>

#define LINK_SOURCE        127u
#define VELOCITY_TO_FILTER 1u /* place of SF2 8.4.2 among the defaults */
#define NOWHERE            UINT32_MAX

/* clang-format off */
/* SF2 8.4.1 to 8.4.10. Three remarks:
   8.4.2 is the form of 2.04; 2.01 had the switch 0x0d02 as its amount source.
   8.4.6 prints an amount of 1000, but its source is bipolar and pan ends at +-500 (0.1 %): 500
   reaches both ends exactly.
   8.4.10 goes to "initial pitch", which is no generator; fine tune has the same unit. */
#define DEFAULTS(velocity_to_filter)                                       \
    {                                                                      \
        { 0x0502, PS_GEN_ATTENUATION,      960,                  0, 0 },   \
        { 0x0102, PS_GEN_FILTER_CUTOFF,    (velocity_to_filter), 0, 0 },   \
        { 0x000d, PS_GEN_VIB_LFO_TO_PITCH, 50,                   0, 0 },   \
        { 0x0081, PS_GEN_VIB_LFO_TO_PITCH, 50,                   0, 0 },   \
        { 0x0587, PS_GEN_ATTENUATION,      960,                  0, 0 },   \
        { 0x028a, PS_GEN_PAN,              500,                  0, 0 },   \
        { 0x058b, PS_GEN_ATTENUATION,      960,                  0, 0 },   \
        { 0x00db, PS_GEN_REVERB_SEND,      200,                  0, 0 },   \
        { 0x00dd, PS_GEN_CHORUS_SEND,      200,                  0, 0 },   \
        { 0x020e, PS_GEN_FINE_TUNE,        12700,           0x0010, 0 },   \
    }
/* clang-format on */

static const ps_modulator with_filter[PS_DEFAULT_MODULATORS] = DEFAULTS(-2400);
static const ps_modulator without_filter[PS_DEFAULT_MODULATORS] = DEFAULTS(0);

const ps_modulator *ps_default_modulators(bool velocity_to_filter)
{
    return velocity_to_filter ? with_filter : without_filter;
}

/* ---- Validity ----------------------------------------------------------------------------------
 */

static uint32_t index_of(uint16_t source)
{
    return source & 0x7fu;
}

static bool is_controller(uint16_t source)
{
    return (source & 0x80u) != 0;
}

static bool is_link_source(uint16_t source)
{
    return !is_controller(source) && index_of(source) == LINK_SOURCE;
}

/* SF2 8.2.1 and 8.2.4. */
static bool source_is_valid(uint16_t source)
{
    const uint32_t index = index_of(source);

    if (source >> 10 > 3)
        return false;
    if (is_controller(source))
        return index != 0 && index != 6 && index != 32 && index != 38 &&
               !(index >= 98 && index <= 101) && index < 120;
    switch (index) {
    case 0:  /* no controller */
    case 2:  /* note-on velocity */
    case 3:  /* note-on key */
    case 10: /* poly pressure */
    case 13: /* channel pressure */
    case 14: /* pitch wheel */
    case 16: /* pitch wheel sensitivity */
    case LINK_SOURCE:
        return true;
    default:
        return false;
    }
}

static bool destination_is_valid(uint16_t destination)
{
    switch (destination) {
    case PS_GEN_INSTRUMENT:
    case PS_GEN_KEY_RANGE:
    case PS_GEN_VELOCITY_RANGE:
    case PS_GEN_SAMPLE:
        return false;
    default:
        return destination < PS_GENERATORS && ps_generator_info(destination)->name != NULL;
    }
}

static bool is_link(const ps_modulator *m)
{
    return (m->destination & PS_MODULATOR_LINK) != 0;
}

static uint32_t link_of(const ps_modulator *m)
{
    return m->destination & ~PS_MODULATOR_LINK & 0xffffu;
}

static bool fields_are_valid(const ps_modulator *m)
{
    return source_is_valid(m->source) && source_is_valid(m->amount_source) &&
           !is_link_source(m->amount_source) && (m->transform == 0 || m->transform == 2) &&
           (is_link(m) || destination_is_valid(m->destination));
}

/* Whether following the links from m ends at a generator, by valid modulators only. */
static bool chain_is_valid(const ps_modulator *zone, const bool *valid, uint32_t count, uint32_t m)
{
    for (uint32_t steps = 0; steps < count; steps++) {
        uint32_t next;

        if (!valid[m])
            return false;
        if (!is_link(&zone[m]))
            return true;
        next = link_of(&zone[m]);
        if (next >= count || !is_link_source(zone[next].source))
            return false;
        m = next;
    }
    return false; /* a circle */
}

uint32_t ps_modulators_check(ps_modulator *zone, uint32_t count)
{
    bool valid[PS_REGION_MODULATORS], keep[PS_REGION_MODULATORS];
    uint32_t place[PS_REGION_MODULATORS];
    uint32_t kept = 0;

    for (uint32_t i = 0; i < count; i++)
        valid[i] = fields_are_valid(&zone[i]);
    for (uint32_t i = 0; i < count; i++) {
        keep[i] = chain_is_valid(zone, valid, count, i);
        place[i] = kept;
        kept += keep[i] ? 1 : 0;
    }
    /* place[i] <= i, and a kept link goes to a kept modulator: its chain is the same chain. */
    for (uint32_t i = 0; i < count; i++) {
        if (!keep[i])
            continue;
        zone[place[i]] = zone[i];
        if (is_link(&zone[place[i]]))
            zone[place[i]].destination = (uint16_t)(PS_MODULATOR_LINK | place[link_of(&zone[i])]);
    }
    return kept;
}

/* ---- Merging -----------------------------------------------------------------------------------
 */

/* A modulator in a chain is never identical to another: what it means hangs on its chain. */
static bool is_chained(const ps_modulator *m)
{
    return is_link(m) || is_link_source(m->source);
}

static bool identical(const ps_modulator *a, const ps_modulator *b)
{
    return a->source == b->source && a->destination == b->destination &&
           a->amount_source == b->amount_source && a->transform == b->transform;
}

/* The form SF2 2.01 8.4.2 gave the default from velocity to filter. */
static bool is_old_velocity_to_filter(const ps_modulator *m)
{
    return m->source == 0x0102 && m->destination == PS_GEN_FILTER_CUTOFF &&
           m->amount_source == 0x0d02 && m->transform == 0;
}

static uint32_t find(const ps_modulator *list, uint32_t count, const ps_modulator *wanted)
{
    for (uint32_t i = 0; i < count && !is_chained(wanted); i++) {
        if (identical(&list[i], wanted))
            return i;
    }
    return NOWHERE;
}

/* Appended links still count in their zone; `place` says where each of the zone's went. */
static void aim_links(ps_modulator *list, const ps_modulator *zone, uint32_t count,
                      const uint32_t *place)
{
    for (uint32_t i = 0; i < count; i++) {
        ps_modulator *m;

        if (place[i] == NOWHERE || !is_link(&zone[i]))
            continue;
        m = &list[place[i]];
        if (place[link_of(&zone[i])] != NOWHERE) {
            m->destination = (uint16_t)(PS_MODULATOR_LINK | place[link_of(&zone[i])]);
        } else { /* what it led to found no room: it does nothing */
            m->destination = PS_GEN_ATTENUATION;
            m->amount = 0;
        }
    }
}

void ps_modulators_begin(ps_modulator_list *list, bool instrument)
{
    list->count = 0;
    list->has_defaults = instrument;
    list->velocity_to_filter_given = false;
    if (instrument) {
        memcpy(list->items, without_filter, sizeof without_filter);
        list->count = PS_DEFAULT_MODULATORS;
    }
}

uint32_t ps_modulators_override(ps_modulator_list *list, const ps_modulator *zone, uint32_t count,
                                uint32_t limit)
{
    uint32_t place[PS_REGION_MODULATORS];
    uint32_t left_out = 0;
    bool old_form = false;

    for (uint32_t i = 0; i < count; i++) {
        place[i] = find(list->items, list->count, &zone[i]);
        if (place[i] == NOWHERE && list->count < limit)
            place[i] = list->count++;
        if (place[i] == NOWHERE) {
            left_out++;
            continue;
        }
        list->items[place[i]] = zone[i];
        if (list->has_defaults && place[i] == VELOCITY_TO_FILTER)
            list->velocity_to_filter_given = true;
        old_form = old_form || is_old_velocity_to_filter(&zone[i]);
    }
    aim_links(list->items, zone, count, place);
    /* Whoever gives the old form means the default, be it to cancel it. */
    if (list->has_defaults && old_form && !list->velocity_to_filter_given) {
        list->items[VELOCITY_TO_FILTER].amount = 0;
        list->velocity_to_filter_given = true;
    }
    return left_out;
}

static int16_t sum(int32_t a, int32_t b)
{
    const int32_t s = a + b;

    return (int16_t)(s < INT16_MIN ? INT16_MIN : s > INT16_MAX ? INT16_MAX : s);
}

uint32_t ps_modulators_sum(ps_modulator *list, uint32_t count, const ps_modulator *preset,
                           uint32_t preset_count, bool velocity_to_filter_given)
{
    uint32_t place[PS_REGION_MODULATORS];

    for (uint32_t i = 0; i < preset_count; i++) {
        place[i] = find(list, count, &preset[i]);
        if (place[i] == NOWHERE && !velocity_to_filter_given &&
            is_old_velocity_to_filter(&preset[i]))
            place[i] = VELOCITY_TO_FILTER;
        if (place[i] == NOWHERE) {
            place[i] = count++;
            list[place[i]] = preset[i];
            continue;
        }
        /* A preset that adds to this default counts from what the standard gives it. */
        if (place[i] == VELOCITY_TO_FILTER && !velocity_to_filter_given) {
            list[place[i]].amount = with_filter[VELOCITY_TO_FILTER].amount;
            velocity_to_filter_given = true;
        }
        list[place[i]].amount = sum(list[place[i]].amount, preset[i].amount);
    }
    aim_links(list, preset, preset_count, place);
    return count;
}
