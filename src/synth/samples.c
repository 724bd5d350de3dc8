/* Plays the score's channel messages without sound and collects the keys each preset is asked for.
 */
#include "synth/samples.h"

#include <string.h>

/* Keys and velocities of one preset that notes ask for: bit velocity of row key. */
typedef struct wanted {
    struct wanted *next;
    ps_soundfont *bank;
    uint32_t preset;
    uint64_t velocities[128][2];
} wanted;

typedef struct request {
    ps_soundfont *bank;
    uint32_t preset;
    uint8_t key, velocity;
} request;

typedef struct requests {
    request *items;
    size_t count, capacity;
    ps_status *results;
} requests;

static bool any_vorbis(const ps_synth *synth)
{
    for (uint32_t i = 0; i < synth->bank_count; i++) {
        ps_soundfont_info info;

        ps_soundfont_get_info(synth->banks[i].bank, &info);
        if (info.vorbis)
            return true;
    }
    return false;
}

/* True when this preset, key and velocity come for the first time. */
static bool want(wanted **list, const ps_allocator *allocator, ps_soundfont *bank, uint32_t preset,
                 uint8_t key, uint8_t velocity, ps_status *status)
{
    const uint64_t bit = UINT64_C(1) << velocity % 64;
    wanted *entry = *list;

    while (entry && (entry->bank != bank || entry->preset != preset))
        entry = entry->next;
    if (!entry) {
        entry = ps_alloc(allocator, 1, sizeof *entry);
        if (!entry) {
            *status = PS_NO_MEMORY;
            return false;
        }
        entry->bank = bank;
        entry->preset = preset;
        entry->next = *list;
        *list = entry;
    }
    if (entry->velocities[key][velocity / 64] & bit)
        return false;
    entry->velocities[key][velocity / 64] |= bit;
    return true;
}

static ps_status add_request(requests *to, const ps_allocator *allocator, const request *item)
{
    if (to->count == to->capacity) {
        const size_t capacity = to->capacity ? 2 * to->capacity : 256;
        request *items = ps_alloc(allocator, capacity, sizeof *items);

        if (!items)
            return PS_NO_MEMORY;
        if (to->count)
            memcpy(items, to->items, to->count * sizeof *items);
        ps_free(allocator, to->items);
        to->items = items;
        to->capacity = capacity;
    }
    to->items[to->count++] = *item;
    return PS_OK;
}

/* Whether a key has a sample that is not decoded yet and that no request before brings. */
static bool brings_new(ps_synth *synth, const request *item, uint8_t *seen, size_t seen_count)
{
    const uint32_t count =
        ps_soundfont_regions(item->bank, item->preset, item->key, item->velocity,
                             synth->options.velocity_to_filter, synth->regions, PS_KEY_REGIONS);
    bool fresh = false;

    for (uint32_t i = 0; i < count; i++) {
        const ps_region_sample *sample = &synth->regions[i].sample;

        if (sample->ready || sample->index >= seen_count || seen[sample->index])
            continue;
        seen[sample->index] = 1;
        fresh = true;
    }
    return fresh;
}

/* Follows the programs of the score and lists the keys of one bank. */
static ps_status collect(ps_synth *synth, const ps_score *score, ps_soundfont *only, requests *to)
{
    const ps_allocator *allocator = synth->engine->allocator;
    ps_soundfont_info info;
    uint8_t *seen;
    wanted *list = NULL;
    ps_status status = PS_OK;
    size_t count;
    const ps_event *events = ps_score_events(score, &count);

    ps_soundfont_get_info(only, &info);
    seen = ps_alloc(allocator, info.samples ? info.samples : 1, 1);
    if (!seen)
        return PS_NO_MEMORY;
    for (size_t i = 0; i < count && status == PS_OK; i++) {
        const ps_event *event = &events[i];
        request item = {NULL, 0, event->a & 0x7f, event->b & 0x7f};
        int32_t preset;

        if (event->kind == PS_EVENT_PROGRAM || event->kind == PS_EVENT_CONTROL ||
            event->kind == PS_EVENT_SYSEX)
            ps_synth_take(synth, event);
        if (event->kind != PS_EVENT_NOTE_ON)
            continue;
        preset = ps_synth_preset(synth, event->channel, &item.bank);
        item.preset = (uint32_t)preset;
        if (preset < 0 || item.bank != only ||
            !want(&list, allocator, item.bank, item.preset, item.key, item.velocity, &status))
            continue;
        if (brings_new(synth, &item, seen, info.samples))
            status = add_request(to, allocator, &item);
    }
    while (list) {
        wanted *next = list->next;

        ps_free(allocator, list);
        list = next;
    }
    ps_free(allocator, seen);
    return status;
}

static void decode(void *argument, uint32_t index)
{
    requests *from = argument;
    const request *item = &from->items[index];

    from->results[index] = ps_soundfont_prepare(item->bank, item->preset, item->key, item->key,
                                                item->velocity, item->velocity, NULL, NULL);
}

static ps_status decode_all(ps_synth *synth, requests *from)
{
    ps_status status = PS_OK;

    if (from->count == 0)
        return PS_OK;
    from->results = ps_alloc(synth->engine->allocator, from->count, sizeof *from->results);
    if (!from->results)
        return PS_NO_MEMORY;
    ps_workers_run(synth->engine->workers, decode, from, (uint32_t)from->count);
    for (size_t i = 0; i < from->count; i++) {
        /* A sample that cannot be decoded is left out and counted; only memory is fatal. */
        if (from->results[i] == PS_NO_MEMORY)
            status = PS_NO_MEMORY;
    }
    ps_free(synth->engine->allocator, from->results);
    return status;
}

ps_status ps_synth_prepare_score(ps_synth *synth, const ps_score *score, ps_error *err)
{
    ps_status status = PS_OK;

    if (!any_vorbis(synth))
        return PS_OK;
    for (uint32_t i = 0; i < synth->bank_count && status == PS_OK; i++) {
        requests found = {NULL, 0, 0, NULL};

        status = collect(synth, score, synth->banks[i].bank, &found);
        if (status == PS_OK)
            status = decode_all(synth, &found);
        ps_free(synth->engine->allocator, found.items);
        ps_synth_reset(synth);
        synth->missing_count = 0;
    }
    return status == PS_OK ? PS_OK : ps_fail(err, status, "no memory to decode samples");
}
