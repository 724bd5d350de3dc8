/* The tempo map: one point per tempo change, found by halving; all sums are whole numbers. */
#include "midi/tempo.h"

#include "midi/score.h"

#define DEFAULT_TEMPO 500000u /* microseconds per quarter note: 120 bpm */

static uint64_t saturating_add(uint64_t a, uint64_t b)
{
    return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

static uint64_t saturating_multiply(uint64_t a, uint64_t b)
{
    return b != 0 && a > UINT64_MAX / b ? UINT64_MAX : a * b;
}

/* value * numerator / denominator with its remainder, for a product of more than 64 bits: for each
   bit of value from the top, double what there is and add numerator. The remainder stays below the
   denominator, which is below 2^63, so that doubling it fits. */
static uint64_t multiply_divide(uint64_t value, uint64_t numerator, uint64_t denominator,
                                uint64_t *remainder)
{
    uint64_t quotient = 0, rest = 0;

    for (int bit = 63; bit >= 0; bit--) {
        const uint64_t add = value >> bit & 1 ? numerator : 0;

        quotient = saturating_add(quotient, quotient);
        rest = 2 * rest;
        if (rest >= denominator) {
            rest -= denominator;
            quotient = saturating_add(quotient, 1);
        }
        quotient = saturating_add(quotient, add / denominator);
        rest += add % denominator;
        if (rest >= denominator) {
            rest -= denominator;
            quotient = saturating_add(quotient, 1);
        }
    }
    *remainder = rest;
    return quotient;
}

uint64_t ps_scale_u64(uint64_t value, uint64_t numerator, uint64_t denominator)
{
    const uint64_t whole = value / denominator, part = value % denominator;
    uint64_t quotient, rest;

    if (numerator == 0 || part <= (UINT64_MAX / 2) / numerator) {
        quotient = part * numerator / denominator;
        rest = part * numerator % denominator;
    } else {
        quotient = multiply_divide(part, numerator, denominator, &rest);
    }
    if (rest >= denominator - rest)
        quotient = saturating_add(quotient, 1);
    return saturating_add(saturating_multiply(whole, numerator), quotient);
}

bool ps_division_is_smpte(uint16_t division)
{
    return (division & 0x8000u) != 0;
}

/* SMPTE: the high byte is minus the frames per second, the low one ticks per frame; -29 means the
   30000/1001 frames per second of drop-frame time. */
static void smpte_units(uint16_t division, uint32_t *per_tick, uint64_t *per_sec)
{
    const uint32_t fps = 256u - (division >> 8);
    const uint32_t ticks_per_frame = division & 0xffu;

    *per_tick = fps == 29 ? 1001 : 1;
    *per_sec = (uint64_t)(fps == 29 ? 30000 : fps) * ticks_per_frame;
}

double ps_division_ticks_per_sec(uint16_t division)
{
    uint32_t per_tick;
    uint64_t per_sec;

    smpte_units(division, &per_tick, &per_sec);
    return (double)per_sec / per_tick;
}

uint32_t ps_event_tempo(const ps_event *event)
{
    if (!ps_event_is_meta(event, PS_META_TEMPO) || event->data_bytes < 3)
        return 0;
    return (uint32_t)event->data[0] << 16 | (uint32_t)event->data[1] << 8 | event->data[2];
}

static uint64_t units_from(const ps_tempo_point *point, uint64_t tick)
{
    return saturating_add(point->units,
                          saturating_multiply(tick - point->tick, point->units_per_tick));
}

static size_t fill_points(ps_tempo_point *points, const ps_event *events, size_t count)
{
    size_t last = 0;

    for (size_t i = 0; i < count; i++) {
        const uint32_t tempo = ps_event_tempo(&events[i]);

        if (tempo == 0)
            continue;
        if (events[i].tick > points[last].tick) {
            points[last + 1].tick = events[i].tick;
            points[last + 1].units = units_from(&points[last], events[i].tick);
            last++;
        }
        points[last].units_per_tick = tempo; /* of several on one tick the last one holds */
    }
    return last + 1;
}

ps_status ps_tempo_map_build(ps_tempo_map *map, ps_arena *arena, const ps_event *events,
                             size_t count, uint16_t division)
{
    const bool smpte = ps_division_is_smpte(division);
    size_t most = 1;
    ps_tempo_point *points;

    for (size_t i = 0; i < count && !smpte; i++)
        most += ps_event_tempo(&events[i]) != 0;
    points = ps_arena_alloc(arena, most, sizeof *points);
    if (!points)
        return PS_NO_MEMORY;
    map->points = points;
    map->count = 1;
    if (smpte) {
        smpte_units(division, &points[0].units_per_tick, &map->units_per_sec);
        return PS_OK;
    }
    points[0].units_per_tick = DEFAULT_TEMPO;
    map->units_per_sec = (uint64_t)division * 1000000u;
    map->count = fill_points(points, events, count);
    return PS_OK;
}

static const ps_tempo_point *point_at(const ps_tempo_map *map, uint64_t tick)
{
    size_t low = 0, high = map->count; /* the answer lies in low..high - 1 */

    while (high - low > 1) {
        const size_t middle = low + (high - low) / 2;

        if (map->points[middle].tick <= tick)
            low = middle;
        else
            high = middle;
    }
    return &map->points[low];
}

uint32_t ps_tempo_at(const ps_score *score, uint64_t tick)
{
    return score->info.smpte ? DEFAULT_TEMPO : point_at(&score->tempo, tick)->units_per_tick;
}

uint64_t ps_score_frame(const ps_score *score, uint64_t tick, uint32_t rate_hz)
{
    const ps_tempo_map *map = &score->tempo;

    return ps_scale_u64(units_from(point_at(map, tick), tick), rate_hz, map->units_per_sec);
}

double ps_score_seconds(const ps_score *score, uint64_t tick)
{
    const ps_tempo_map *map = &score->tempo;
    const uint64_t units = units_from(point_at(map, tick), tick);

    return (double)(units / map->units_per_sec) +
           (double)(units % map->units_per_sec) / (double)map->units_per_sec;
}

uint64_t ps_score_tick(const ps_score *score, double seconds)
{
    uint64_t low = 0, high = UINT64_MAX; /* seconds(low) <= seconds < seconds(high) */

    if (!(seconds > 0.0))
        return 0;
    while (high - low > 1) {
        const uint64_t middle = low + (high - low) / 2;

        if (ps_score_seconds(score, middle) <= seconds)
            low = middle;
        else
            high = middle;
    }
    return low;
}
