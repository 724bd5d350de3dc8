/*
 * pdta: presets and instruments are lists of zones. Header i's zones are the bags from its index
 * to that of header i + 1; bag j's generators and modulators likewise. A last, terminal record
 * closes each list.
 */
#include "soundfont/hydra.h"

#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "soundfont/modulators.h"
#include "soundfont/samples.h"

/* A note looks at all pairs of zones of its preset; more than any real bank has would be a way to
   stop a real-time thread. */
#define MOST_PAIRS 131072u

/* clang-format off */
static const struct {
    char id[5];
    uint8_t record_bytes;
} chunks[PS_HYDRA_CHUNKS] = {
    [PS_PHDR] = { "phdr", 38 }, [PS_PBAG] = { "pbag", 4 }, [PS_PMOD] = { "pmod", 10 },
    [PS_PGEN] = { "pgen", 4 },  [PS_INST] = { "inst", 22 }, [PS_IBAG] = { "ibag", 4 },
    [PS_IMOD] = { "imod", 10 }, [PS_IGEN] = { "igen", 4 },  [PS_SHDR] = { "shdr", 46 },
};
/* clang-format on */

const char *ps_hydra_id(ps_hydra_chunk chunk)
{
    return chunks[chunk].id;
}

uint32_t ps_hydra_record_bytes(ps_hydra_chunk chunk)
{
    return chunks[chunk].record_bytes;
}

/* Indexes that go back and forth could make a small file name the same records again and again;
   each may be read twice in all, so that one wrong index costs the others nothing. */
typedef struct budget {
    uint32_t bags, generators, modulators;
} budget;

/* Presets or instruments being read. */
typedef struct level {
    ps_soundfont *bank;
    ps_mends *mends;
    const ps_records *headers, *bags, *modulators, *generators;
    uint32_t header_bytes, first_bag_at; /* of a header record, and where it names its first bag */
    const char *name;                    /* "preset", "instrument" */
    bool is_preset;
    ps_generator terminal; /* ends a zone and names what it plays */
    uint32_t targets;      /* how many there are of what it may name */
    budget *left;
} level;

/* Generators of a zone, each once. */
typedef struct generator_list {
    ps_zone_generator items[PS_GENERATORS];
    uint8_t place[PS_GENERATORS]; /* of a generator in items, from 1; 0: not there */
    uint32_t count;
} generator_list;

/* A zone while it is read. */
typedef struct draft {
    ps_zone zone;
    generator_list generators;
    ps_modulator_list modulators;
    bool has_target;
    bool named_target; /* perhaps one that does not exist */
} draft;

static const uint8_t *record(const ps_records *records, uint32_t index, uint32_t record_bytes)
{
    return records->bytes + (size_t)index * record_bytes;
}

static uint64_t offset_of(const ps_records *records, uint32_t index, uint32_t record_bytes)
{
    return records->offset_bytes + (uint64_t)index * record_bytes;
}

/* ---- Generators of a zone ----------------------------------------------------------------------
 */

/* SF2 7.5: of a generator given twice, the last one counts. */
static void set_generator(generator_list *list, uint32_t generator, int16_t amount)
{
    if (list->place[generator] == 0) {
        list->place[generator] = (uint8_t)++list->count;
        list->items[list->count - 1].generator = (uint8_t)generator;
    }
    list->items[list->place[generator] - 1].amount = amount;
}

/* SF2 8.1.2: ranges are two bytes, low and high. */
static void set_range(uint8_t *low, uint8_t *high, const uint8_t *amount)
{
    *low = amount[0] < 127 ? amount[0] : 127;
    *high = amount[1] < 127 ? amount[1] : 127;
}

static void set_target(const level *l, draft *d, uint16_t target, uint64_t offset_bytes)
{
    d->named_target = true;
    if (target < l->targets) {
        d->zone.target = target;
        d->has_target = true;
    } else {
        ps_mends_add(l->mends, offset_bytes,
                     l->is_preset ? "pgen: a zone plays instrument %u of %u; it is left out"
                                  : "igen: a zone plays sample %u of %u; it is left out",
                     (unsigned)target, (unsigned)l->targets);
    }
}

/* SF2 8.1.2: keyRange comes first, velRange after nothing but keyRange, the terminal one last; a
   range elsewhere and whatever follows the terminal one is ignored. */
static void read_generators(const level *l, uint32_t first, uint32_t last, draft *d)
{
    bool only_ranges = true;

    for (uint32_t i = first; i < last && !d->named_target; i++) {
        const uint8_t *bytes = record(l->generators, i, 4);
        const uint64_t offset_bytes = offset_of(l->generators, i, 4);
        const uint32_t generator = ps_get_u16_le(bytes);
        const ps_generator_row *row = ps_generator_info(generator);

        if (generator == PS_GEN_KEY_RANGE && i == first) {
            set_range(&d->zone.key_low, &d->zone.key_high, bytes + 2);
        } else if (generator == PS_GEN_VELOCITY_RANGE && only_ranges) {
            set_range(&d->zone.velocity_low, &d->zone.velocity_high, bytes + 2);
        } else if (generator == PS_GEN_KEY_RANGE || generator == PS_GEN_VELOCITY_RANGE) {
            ps_mends_add(l->mends, offset_bytes,
                         "%cgen: a range that is not first in its zone is ignored", l->name[0]);
        } else if (generator == l->terminal) {
            set_target(l, d, ps_get_u16_le(bytes + 2), offset_bytes);
        } else if (row->name && generator != PS_GEN_INSTRUMENT && generator != PS_GEN_SAMPLE &&
                   (row->preset || !l->is_preset)) {
            set_generator(&d->generators, generator, (int16_t)ps_get_u16_le(bytes + 2));
        }
        only_ranges = only_ranges && generator == PS_GEN_KEY_RANGE;
    }
}

/* ---- Modulators of a zone ----------------------------------------------------------------------
 */

static void read_modulators(const level *l, uint32_t first, uint32_t last, draft *d)
{
    ps_modulator zone[PS_REGION_MODULATORS];
    const uint32_t limit = l->is_preset ? PS_PRESET_MODULATORS : PS_INSTRUMENT_MODULATORS;
    uint32_t count = last - first, kept;
    uint32_t left_out = 0;

    if (count == 0)
        return;
    if (count > PS_REGION_MODULATORS) {
        left_out = count - PS_REGION_MODULATORS;
        count = PS_REGION_MODULATORS;
    }
    for (uint32_t i = 0; i < count; i++) {
        const uint8_t *bytes = record(l->modulators, first + i, 10);

        zone[i].source = ps_get_u16_le(bytes);
        zone[i].destination = ps_get_u16_le(bytes + 2);
        zone[i].amount = (int16_t)ps_get_u16_le(bytes + 4);
        zone[i].amount_source = ps_get_u16_le(bytes + 6);
        zone[i].transform = ps_get_u16_le(bytes + 8);
    }
    kept = ps_modulators_check(zone, count);
    if (kept < count)
        ps_mends_remark(l->mends, offset_of(l->modulators, first, 10),
                        "%cmod: %u modulators of a zone have unknown sources, destinations or "
                        "links; they are ignored",
                        l->name[0], (unsigned)(count - kept));
    left_out += ps_modulators_override(&d->modulators, zone, kept, limit);
    if (left_out > 0)
        ps_mends_add(l->mends, offset_of(l->modulators, first, 10),
                     "%cmod: a zone has %u modulators too many; they are left out", l->name[0],
                     (unsigned)left_out);
}

/* ---- Zones -------------------------------------------------------------------------------------
 */

/* Clamps first..last to the records there are (the terminal one not counted) and to what is left to
   read. True when that was not needed. */
static bool clamp_span(uint32_t *first, uint32_t *last, const ps_records *records, uint32_t *left)
{
    const uint32_t count = records->count > 0 ? records->count - 1 : 0;
    const bool in_order = *first <= *last && *last <= count && *last - *first <= *left;

    *last = *last < count ? *last : count;
    *first = *first < *last ? *first : *last;
    if (*last - *first > *left)
        *last = *first + *left;
    *left -= *last - *first;
    return in_order;
}

/* The range a bag's two indexes (to generators at byte 0, to modulators at byte 2) span. */
static void span(const level *l, uint32_t bag, uint32_t at, const ps_records *records,
                 uint32_t *left, uint32_t *first, uint32_t *last)
{
    const uint32_t from = ps_get_u16_le(record(l->bags, bag, 4) + at);
    const uint32_t to = ps_get_u16_le(record(l->bags, bag + 1, 4) + at);

    *first = from;
    *last = to;
    if (!clamp_span(first, last, records, left))
        ps_mends_add(l->mends, offset_of(l->bags, bag, 4),
                     "%cbag: %s %u to %u of a zone are not in order or not there (there are %u)",
                     l->name[0], at == 0 ? "generators" : "modulators", (unsigned)from,
                     (unsigned)to, (unsigned)(records->count > 0 ? records->count - 1 : 0));
}

static void read_zone(const level *l, uint32_t bag, draft *d)
{
    uint32_t first, last;

    d->has_target = false;
    d->named_target = false;
    span(l, bag, 0, l->generators, &l->left->generators, &first, &last);
    read_generators(l, first, last, d);
    span(l, bag, 2, l->modulators, &l->left->modulators, &first, &last);
    read_modulators(l, first, last, d);
}

static void begin_draft(const level *l, draft *d)
{
    memset(&d->zone, 0, sizeof d->zone);
    memset(&d->generators, 0, sizeof d->generators);
    d->zone.key_high = 127;
    d->zone.velocity_high = 127;
    ps_modulators_begin(&d->modulators, !l->is_preset);
}

static bool same_modulators(const draft *d, const ps_zone *zone)
{
    return zone->modulator_count == d->modulators.count &&
           memcmp(zone->modulators, d->modulators.items,
                  d->modulators.count * sizeof *d->modulators.items) == 0;
}

/* Copies a draft into the bank. `before`: a zone whose modulators it may share, or NULL. */
static bool keep_zone(ps_arena *arena, const draft *d, const ps_zone *before, ps_zone *zone)
{
    const uint32_t count = d->generators.count;
    ps_zone_generator *generators = NULL;
    ps_modulator *modulators = NULL;

    *zone = d->zone;
    if (count > 0) {
        generators = ps_arena_alloc(arena, count, sizeof *generators);
        if (!generators)
            return false;
        memcpy(generators, d->generators.items, count * sizeof *generators);
    }
    zone->generators = generators;
    zone->generator_count = (uint16_t)count;
    zone->modulator_count = (uint16_t)d->modulators.count;
    zone->velocity_to_filter_given = d->modulators.velocity_to_filter_given;
    if (d->modulators.count == 0)
        return true;
    if (before && same_modulators(d, before)) {
        zone->modulators = before->modulators;
        return true;
    }
    modulators = ps_arena_alloc(arena, d->modulators.count, sizeof *modulators);
    if (!modulators)
        return false;
    memcpy(modulators, d->modulators.items, d->modulators.count * sizeof *modulators);
    zone->modulators = modulators;
    return true;
}

/* The bags of header `index`. */
static void bags_of(const level *l, uint32_t index, uint32_t *first, uint32_t *last)
{
    const uint32_t at = l->first_bag_at;
    const uint32_t from = ps_get_u16_le(record(l->headers, index, l->header_bytes) + at);
    const uint32_t to = ps_get_u16_le(record(l->headers, index + 1, l->header_bytes) + at);

    *first = from;
    *last = to;
    if (!clamp_span(first, last, l->bags, &l->left->bags))
        ps_mends_add(l->mends, offset_of(l->headers, index, l->header_bytes),
                     "%s %u: zones %u to %u are not in order or not there (there are %u)", l->name,
                     (unsigned)index, (unsigned)from, (unsigned)to,
                     (unsigned)(l->bags->count > 0 ? l->bags->count - 1 : 0));
}

/* Reads the zones of header `index`; the first may be global (SF2 7.3): it names nothing to play
   and gives the others' defaults. */
static ps_status read_zones(const level *l, uint32_t index, ps_zones *zones)
{
    ps_arena *arena = &l->bank->arena;
    uint32_t first, last;
    ps_zone *kept;
    draft global;

    bags_of(l, index, &first, &last);
    if (first == last)
        return PS_OK;
    kept = ps_arena_alloc(arena, last - first, sizeof *kept);
    if (!kept)
        return PS_NO_MEMORY;
    zones->zone = kept;
    begin_draft(l, &global);
    for (uint32_t bag = first; bag < last; bag++) {
        draft zone = global;

        read_zone(l, bag, &zone);
        if (bag == first && !zone.named_target) {
            global = zone;
        } else if (zone.has_target) {
            const ps_zone *before = zones->count > 0 ? &kept[zones->count - 1] : NULL;

            if (!keep_zone(arena, &zone, before, &kept[zones->count]))
                return PS_NO_MEMORY;
            zones->count++;
        } else if (!zone.named_target) {
            ps_mends_remark(l->mends, offset_of(l->bags, bag, 4),
                            "%s %u: a zone that plays nothing is ignored", l->name,
                            (unsigned)index);
        }
    }
    return PS_OK;
}

/* ---- Instruments and presets -------------------------------------------------------------------
 */

static budget budget_of(const ps_records *bags, const ps_records *generators,
                        const ps_records *modulators)
{
    const budget all = {2 * bags->count, 2 * generators->count, 2 * modulators->count};

    return all;
}

static ps_status read_instruments(ps_soundfont *bank, const ps_hydra *hydra, ps_mends *mends)
{
    budget left =
        budget_of(&hydra->records[PS_IBAG], &hydra->records[PS_IGEN], &hydra->records[PS_IMOD]);
    const level l = {
        .bank = bank,
        .mends = mends,
        .headers = &hydra->records[PS_INST],
        .bags = &hydra->records[PS_IBAG],
        .modulators = &hydra->records[PS_IMOD],
        .generators = &hydra->records[PS_IGEN],
        .header_bytes = 22,
        .first_bag_at = 20,
        .name = "instrument",
        .terminal = PS_GEN_SAMPLE,
        .targets = bank->sample_count,
        .left = &left,
    };
    const uint32_t count = l.headers->count > 0 ? l.headers->count - 1 : 0;

    if (count == 0)
        return PS_OK;
    bank->instruments = ps_arena_alloc(&bank->arena, count, sizeof *bank->instruments);
    if (!bank->instruments)
        return PS_NO_MEMORY;
    bank->instrument_count = count;
    for (uint32_t i = 0; i < count; i++) {
        if (read_zones(&l, i, &bank->instruments[i]) != PS_OK)
            return PS_NO_MEMORY;
    }
    return PS_OK;
}

static void limit_pairs(const level *l, uint32_t index, ps_zones *zones)
{
    uint64_t pairs = 0;

    for (uint32_t i = 0; i < zones->count; i++) {
        pairs += l->bank->instruments[zones->zone[i].target].count;
        if (pairs > MOST_PAIRS) {
            ps_mends_add(l->mends, offset_of(l->headers, index, l->header_bytes),
                         "preset %u: more than %u pairs of zones; %u of its %u zones are left out",
                         (unsigned)index, MOST_PAIRS, (unsigned)(zones->count - i),
                         (unsigned)zones->count);
            zones->count = i;
        }
    }
}

static int by_bank_and_program(const void *a, const void *b)
{
    const ps_preset *x = a, *y = b;

    if (x->bank != y->bank)
        return x->bank < y->bank ? -1 : 1;
    if (x->program != y->program)
        return x->program < y->program ? -1 : 1;
    return x->order < y->order ? -1 : x->order > y->order;
}

static ps_status read_presets(ps_soundfont *bank, const ps_hydra *hydra, ps_mends *mends)
{
    budget left =
        budget_of(&hydra->records[PS_PBAG], &hydra->records[PS_PGEN], &hydra->records[PS_PMOD]);
    const level l = {
        .bank = bank,
        .mends = mends,
        .headers = &hydra->records[PS_PHDR],
        .bags = &hydra->records[PS_PBAG],
        .modulators = &hydra->records[PS_PMOD],
        .generators = &hydra->records[PS_PGEN],
        .header_bytes = 38,
        .first_bag_at = 24,
        .name = "preset",
        .is_preset = true,
        .terminal = PS_GEN_INSTRUMENT,
        .targets = bank->instrument_count,
        .left = &left,
    };
    const uint32_t count = l.headers->count - 1;

    bank->presets = ps_arena_alloc(&bank->arena, count, sizeof *bank->presets);
    if (!bank->presets)
        return PS_NO_MEMORY;
    bank->preset_count = count;
    for (uint32_t i = 0; i < count; i++) {
        const uint8_t *bytes = record(l.headers, i, 38);
        ps_preset *preset = &bank->presets[i];

        preset->name = bytes;
        preset->program = ps_get_u16_le(bytes + 20);
        preset->bank = ps_get_u16_le(bytes + 22);
        preset->order = i;
        if (read_zones(&l, i, &preset->zones) != PS_OK)
            return PS_NO_MEMORY;
        limit_pairs(&l, i, &preset->zones);
    }
    qsort(bank->presets, count, sizeof *bank->presets, by_bank_and_program);
    return PS_OK;
}

ps_status ps_hydra_read(ps_soundfont *bank, const ps_hydra *hydra, ps_mends *mends, ps_error *err)
{
    const ps_records *phdr = &hydra->records[PS_PHDR];
    ps_status status;

    if (phdr->count < 2)
        return ps_fail_at(err, PS_BAD_DATA, phdr->offset_bytes,
                          "soundfont: chunk phdr has no presets");
    status = ps_samples_read(bank, &hydra->records[PS_SHDR], mends);
    if (status == PS_OK)
        status = read_instruments(bank, hydra, mends);
    if (status == PS_OK)
        status = read_presets(bank, hydra, mends);
    if (status != PS_OK)
        return ps_fail(err, status, "soundfont: no memory for the bank's zones");
    return mends->status;
}
