/*
 * Ticks into time, exactly. Time is counted in whole units: a tick of a piece with quarter notes
 * lasts as many units as its tempo has microseconds, and a second has ticks_per_quarter * 1e6 of
 * them; for SMPTE a tick is a fixed number of units. Sums of units never round.
 */
#ifndef PLAINSONG_MIDI_TEMPO_H
#define PLAINSONG_MIDI_TEMPO_H

#include "plainsong/score.h"

#include "base/arena.h"

#define PS_META_TEMPO 0x51u

/* From this tick on, until the next point. */
typedef struct ps_tempo_point {
    uint64_t tick;
    uint64_t units; /* time of the tick; stays at UINT64_MAX once it would pass it */
    uint32_t units_per_tick;
} ps_tempo_point;

typedef struct ps_tempo_map {
    const ps_tempo_point *points; /* by tick; the first is at tick 0 */
    size_t count;
    uint64_t units_per_sec;
} ps_tempo_map;

/* What a division of a file header says; division is not 0 and its frames have ticks. */
bool ps_division_is_smpte(uint16_t division);
double ps_division_ticks_per_sec(uint16_t division); /* SMPTE only */

/* Microseconds per quarter note of a tempo event; 0 when it is none, or says nothing usable. */
uint32_t ps_event_tempo(const ps_event *event);

/* events in their order; points are taken from the arena. */
ps_status ps_tempo_map_build(ps_tempo_map *map, ps_arena *arena, const ps_event *events,
                             size_t count, uint16_t division);

/* Microseconds per quarter note in force at a tick; 500000 for SMPTE. */
uint32_t ps_tempo_at(const ps_score *score, uint64_t tick);

/* value * numerator / denominator, rounded to nearest (halves up), UINT64_MAX when too large;
 * numerator and denominator below 2^63, denominator not 0. */
uint64_t ps_scale_u64(uint64_t value, uint64_t numerator, uint64_t denominator);

#endif
