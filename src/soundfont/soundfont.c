/*
 * Opening a bank: a RIFF file of three lists (SF2 4.1), INFO, sdta and pdta, in any order. Only
 * INFO and pdta are read; the samples' pages stay untouched.
 */
#include "soundfont/bank.h"

#include <string.h>

#include "soundfont/hydra.h"
#include "soundfont/info.h"
#include "soundfont/mends.h"
#include "soundfont/riff.h"
#include "soundfont/samples.h"

/* A bank while it is opened. */
typedef struct opening {
    ps_soundfont *bank;
    ps_mends mends;
    ps_bytes file;
    ps_hydra hydra;
    ps_chunk smpl, sm24; /* body NULL: not there */
    bool has_info, has_sdta, has_pdta;
    bool seen[PS_HYDRA_CHUNKS];
} opening;

static uint64_t offset_of(const opening *o, const uint8_t *at)
{
    return (uint64_t)(at - o->file.start);
}

/* ---- Chunks ------------------------------------------------------------------------------------
 */

static void mind_cut(opening *o, const ps_chunk *chunk)
{
    if (chunk->size_bytes < chunk->said_bytes)
        ps_mends_add(&o->mends, offset_of(o, chunk->body) - 8,
                     "riff: chunk %s of %llu bytes, but only %llu are left", chunk->id,
                     (unsigned long long)chunk->said_bytes, (unsigned long long)chunk->size_bytes);
}

static ps_status read_info(opening *o, const ps_chunk *chunk)
{
    return ps_info_read(o->bank, chunk);
}

static ps_status read_sdta(opening *o, const ps_chunk *chunk)
{
    if (ps_chunk_is(chunk, "smpl") && !o->smpl.body)
        o->smpl = *chunk;
    else if (ps_chunk_is(chunk, "sm24") && !o->sm24.body)
        o->sm24 = *chunk;
    return PS_OK;
}

static ps_status read_pdta(opening *o, const ps_chunk *chunk)
{
    for (uint32_t i = 0; i < PS_HYDRA_CHUNKS; i++) {
        ps_records *records = &o->hydra.records[i];
        const uint32_t record_bytes = ps_hydra_record_bytes((ps_hydra_chunk)i);

        if (!ps_chunk_is(chunk, ps_hydra_id((ps_hydra_chunk)i)) || o->seen[i])
            continue;
        o->seen[i] = true;
        records->bytes = chunk->body;
        records->count = (uint32_t)(chunk->size_bytes / record_bytes);
        records->offset_bytes = offset_of(o, chunk->body);
        if (chunk->size_bytes % record_bytes != 0)
            ps_mends_add(&o->mends, records->offset_bytes,
                         "%s: %llu bytes are no whole number of records of %u", chunk->id,
                         (unsigned long long)chunk->size_bytes, (unsigned)record_bytes);
    }
    return PS_OK;
}

static ps_status walk_list(opening *o, const ps_chunk *list,
                           ps_status (*read)(opening *, const ps_chunk *))
{
    ps_bytes inside = ps_chunk_reader(list, &o->file, 4);
    ps_status status = PS_OK;
    ps_chunk chunk;

    while (status == PS_OK && ps_riff_next(&inside, &chunk)) {
        mind_cut(o, &chunk);
        status = read(o, &chunk);
    }
    return status;
}

static ps_status read_chunk(opening *o, const ps_chunk *chunk)
{
    if (!ps_chunk_is(chunk, "LIST") || chunk->size_bytes < 4)
        return PS_OK;
    mind_cut(o, chunk);
    if (memcmp(chunk->body, "INFO", 4) == 0) {
        o->has_info = true;
        return walk_list(o, chunk, read_info);
    }
    if (memcmp(chunk->body, "sdta", 4) == 0) {
        o->has_sdta = true;
        return walk_list(o, chunk, read_sdta);
    }
    if (memcmp(chunk->body, "pdta", 4) == 0) {
        o->has_pdta = true;
        return walk_list(o, chunk, read_pdta);
    }
    return PS_OK;
}

/* ---- The whole file ----------------------------------------------------------------------------
 */

static void printable(char *to, const uint8_t *from, size_t count)
{
    for (size_t i = 0; i < count; i++)
        to[i] = from[i] >= 0x20 && from[i] < 0x7f ? (char)from[i] : '?';
    to[count] = '\0';
}

static ps_status check_form(opening *o, ps_error *err)
{
    char kind[5];

    if (ps_bytes_left(&o->file) < 12)
        return ps_fail_at(err, PS_BAD_DATA, 0, "soundfont: %llu bytes are too few",
                          (unsigned long long)ps_bytes_left(&o->file));
    if (memcmp(o->file.at, "RIFF", 4) != 0) {
        printable(kind, o->file.at, 4);
        return ps_fail_at(err, PS_BAD_DATA, 0, "soundfont: begins with '%s', not with 'RIFF'",
                          kind);
    }
    if (memcmp(o->file.at + 8, "sfbk", 4) != 0) {
        printable(kind, o->file.at + 8, 4);
        return ps_fail_at(err, PS_BAD_DATA, 8, "soundfont: a RIFF file of kind '%s', not 'sfbk'",
                          kind);
    }
    return PS_OK;
}

/* The chunks are walked to the end of the file, whatever RIFF says its size is. */
static ps_status read_chunks(opening *o)
{
    ps_status status = PS_OK;
    uint64_t said, left;
    ps_chunk chunk;

    ps_bytes_take(&o->file, 4);
    said = ps_bytes_u32_le(&o->file);
    left = ps_bytes_left(&o->file);
    if (said > left)
        ps_mends_add(&o->mends, 4, "riff: the file says %llu bytes, but only %llu are left",
                     (unsigned long long)said, (unsigned long long)left);
    ps_bytes_take(&o->file, 4);
    while (status == PS_OK && ps_riff_next(&o->file, &chunk)) {
        if (offset_of(o, chunk.body) >= 16 && offset_of(o, chunk.body) - 8 >= 8 + said)
            ps_mends_add(&o->mends, 4, "riff: chunk %s lies after the %llu bytes the file says",
                         chunk.id, (unsigned long long)said);
        status = read_chunk(o, &chunk);
    }
    return status;
}

static ps_status check_chunks(opening *o, ps_error *err)
{
    const uint64_t end = offset_of(o, o->file.end);

    if (!o->has_pdta)
        return ps_fail_at(err, PS_BAD_DATA, end, "soundfont: no list pdta: the file is not whole");
    for (uint32_t i = 0; i < PS_HYDRA_CHUNKS; i++) {
        const char *id = ps_hydra_id((ps_hydra_chunk)i);

        if (o->seen[i])
            continue;
        if (i != PS_PMOD && i != PS_IMOD)
            return ps_fail_at(err, PS_BAD_DATA, end,
                              "soundfont: no chunk %s: the file is not whole", id);
        ps_mends_add(&o->mends, end, "soundfont: no chunk %s", id);
    }
    if (!o->has_info || o->bank->info.version_major == 0) {
        ps_mends_add(&o->mends, 12, "soundfont: no version in INFO; 2.01 is taken");
        o->bank->info.version_major = 2;
        o->bank->info.version_minor = 1;
    }
    if (o->bank->info.version_major < 2)
        return ps_fail(err, PS_UNSUPPORTED, "soundfont: version %u.%02u; only 2 and 3 are read",
                       (unsigned)o->bank->info.version_major,
                       (unsigned)o->bank->info.version_minor);
    return PS_OK;
}

/* SF2 6.2: sm24 has a byte for each frame of smpl, one more where that is odd; else it is void. */
static void take_samples(opening *o)
{
    ps_soundfont *bank = o->bank;
    const uint64_t frames = o->smpl.size_bytes / 2;

    if (o->smpl.body) {
        bank->smpl = o->smpl.body;
        bank->smpl_bytes = (uint32_t)o->smpl.size_bytes;
        bank->smpl_frames = (uint32_t)frames;
        bank->info.sample_bytes = o->smpl.size_bytes;
    }
    if (!o->sm24.body)
        return;
    if (o->sm24.size_bytes == frames || o->sm24.size_bytes == frames + frames % 2) {
        bank->sm24 = o->sm24.body;
        bank->info.has_24_bit = true;
        bank->info.sample_bytes += o->sm24.size_bytes;
    } else {
        ps_mends_add(&o->mends, offset_of(o, o->sm24.body),
                     "sm24: %llu bytes for %llu frames; it is ignored",
                     (unsigned long long)o->sm24.size_bytes, (unsigned long long)frames);
    }
}

static ps_status read_bank(opening *o, ps_error *err)
{
    ps_soundfont *bank = o->bank;
    ps_status status = check_form(o, err);

    if (status != PS_OK)
        return status;
    if (read_chunks(o) != PS_OK)
        return ps_fail(err, PS_NO_MEMORY, "soundfont: no memory for the bank's texts");
    status = check_chunks(o, err);
    if (status != PS_OK)
        return status;
    take_samples(o);
    if (o->mends.status != PS_OK)
        return o->mends.status;
    status = ps_hydra_read(bank, &o->hydra, &o->mends, err);
    if (status != PS_OK)
        return status;
    if (bank->info.vorbis && !bank->decoder)
        return ps_fail(err, PS_UNSUPPORTED,
                       "soundfont: the samples are Vorbis, and there is no decoder");
    bank->info.presets = bank->preset_count;
    bank->info.instruments = bank->instrument_count;
    bank->info.samples = bank->sample_count;
    return PS_OK;
}

ps_status ps_soundfont_open(ps_soundfont **out, const uint8_t *bytes, size_t size_bytes,
                            const ps_soundfont_options *options, ps_error *err)
{
    const ps_soundfont_options defaults = {.strict = false};
    const ps_soundfont_options *with = options ? options : &defaults;
    ps_soundfont *bank = ps_alloc(with->allocator, 1, sizeof *bank);
    opening o = {.bank = bank};
    ps_status status;

    if (!bank)
        return ps_fail(err, PS_NO_MEMORY, "soundfont: no memory for a bank");
    bank->allocator = with->allocator;
    bank->decoder = with->decoder;
    bank->decoder_user = with->decoder_user;
    bank->warnings = with->warnings;
    bank->bytes = bytes;
    ps_arena_init(&bank->arena, with->allocator);
    ps_info_begin(&bank->info);
    ps_mends_init(&o.mends, with->strict, err);
    o.file = ps_bytes_of(bytes, size_bytes);
    status = read_bank(&o, err);
    if (status != PS_OK) {
        ps_soundfont_destroy(bank);
        return status;
    }
    ps_mends_report(&o.mends, &bank->warnings);
    *out = bank;
    return PS_OK;
}

void ps_soundfont_destroy(ps_soundfont *bank)
{
    if (!bank)
        return;
    ps_samples_free(bank);
    ps_arena_clear(&bank->arena);
    ps_free(bank->allocator, bank);
}

/* ---- What it has -------------------------------------------------------------------------------
 */

uint32_t ps_soundfont_preset_count(const ps_soundfont *bank)
{
    return bank->preset_count;
}

static uint32_t count_regions(const ps_soundfont *bank, const ps_zones *outer)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < outer->count; i++) {
        const ps_zone *a = &outer->zone[i];
        const ps_zones *inner = &bank->instruments[a->target];

        for (uint32_t k = 0; k < inner->count; k++) {
            if (ps_zone_overlaps(&inner->zone[k], a->key_low, a->key_high, a->velocity_low,
                                 a->velocity_high) &&
                ps_sample_can_sound(&bank->samples[inner->zone[k].target]))
                count++;
        }
    }
    return count;
}

void ps_soundfont_preset_info(const ps_soundfont *bank, uint32_t index, ps_preset_info *info)
{
    memset(info, 0, sizeof *info);
    if (index >= bank->preset_count)
        return;
    ps_bank_name(info->name, bank->presets[index].name);
    info->bank = bank->presets[index].bank;
    info->program = bank->presets[index].program;
    info->regions = count_regions(bank, &bank->presets[index].zones);
}

int32_t ps_soundfont_find_preset(const ps_soundfont *bank, uint16_t bank_number, uint16_t program)
{
    const uint32_t wanted = (uint32_t)bank_number << 16 | program;
    uint32_t low = 0, high = bank->preset_count;

    while (low < high) { /* the first that is not below `wanted` */
        const uint32_t middle = low + (high - low) / 2;
        const ps_preset *preset = &bank->presets[middle];

        if (((uint32_t)preset->bank << 16 | preset->program) < wanted)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == bank->preset_count || bank->presets[low].bank != bank_number ||
        bank->presets[low].program != program)
        return -1;
    return (int32_t)low;
}

void ps_soundfont_get_info(const ps_soundfont *bank, ps_soundfont_info *info)
{
    *info = bank->info;
    info->decoded_samples = atomic_load(&bank->decoded_samples);
    info->decoded_bytes = atomic_load(&bank->decoded_bytes);
}
