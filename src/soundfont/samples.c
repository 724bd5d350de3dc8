/* Sample headers, placing, decoding. */
#include "soundfont/samples.h"

#include <string.h>

#include "base/bytes.h"

#define RECORD_BYTES  46u
#define TYPE_VORBIS   0x10u
#define TYPE_ROM      0x8000u
#define RATE_LEAST_HZ 400u
#define RATE_MOST_HZ  192000u
#define RATE_GUESS_HZ 44100u
#define PAGE_BYTES    4096u

/* What a sample that did not decode is from then on. */
static const ps_decoded silence = {NULL, 0};

/* ---- Headers -----------------------------------------------------------------------------------
 */

static void read_kind(const ps_soundfont *bank, ps_sample *sample, uint32_t index, uint32_t type,
                      uint64_t offset_bytes, ps_mends *mends)
{
    const bool vorbis = (type & TYPE_VORBIS) != 0;
    const uint32_t most = vorbis ? bank->smpl_bytes : bank->smpl_frames;

    if (type & TYPE_ROM) {
        sample->kind = PS_SAMPLE_ROM;
        return;
    }
    if (sample->start == sample->end)
        return;
    if (sample->start > sample->end || sample->start >= most) {
        ps_mends_add(mends, offset_bytes, "shdr: sample %u lies at %u to %u of %u; it is silent",
                     (unsigned)index, (unsigned)sample->start, (unsigned)sample->end,
                     (unsigned)most);
        return;
    }
    if (sample->end > most) {
        ps_mends_add(mends, offset_bytes, "shdr: sample %u ends at %u of %u; it is cut",
                     (unsigned)index, (unsigned)sample->end, (unsigned)most);
        sample->end = most;
    }
    sample->kind = vorbis ? PS_SAMPLE_VORBIS : PS_SAMPLE_PCM;
}

/* SF2 7.10: an impractical rate becomes the nearest practical one; 0 says nothing at all. */
static void read_rate(ps_sample *sample, uint32_t index, uint64_t offset_bytes, ps_mends *mends)
{
    const uint32_t said = sample->rate_hz;

    if (said >= RATE_LEAST_HZ && said <= RATE_MOST_HZ)
        return;
    sample->rate_hz = said == 0             ? RATE_GUESS_HZ
                      : said < RATE_MOST_HZ ? RATE_LEAST_HZ
                                            : RATE_MOST_HZ;
    if (sample->kind == PS_SAMPLE_PCM || sample->kind == PS_SAMPLE_VORBIS)
        ps_mends_add(mends, offset_bytes, "shdr: sample %u has a rate of %u Hz; %u is taken",
                     (unsigned)index, (unsigned)said, (unsigned)sample->rate_hz);
}

/* The last record is the terminal one (SF2 7.10), unless the file ends before it. */
static uint32_t count_samples(const ps_records *shdr, ps_mends *mends)
{
    const uint8_t *last;

    if (shdr->count == 0)
        return 0;
    last = shdr->bytes + ((size_t)shdr->count - 1) * RECORD_BYTES;
    if (memcmp(last, "EOS", 3) == 0 || ps_get_u32_le(last + 20) >= ps_get_u32_le(last + 24))
        return shdr->count - 1;
    ps_mends_add(mends, shdr->offset_bytes, "shdr: no terminal record");
    return shdr->count;
}

ps_status ps_samples_read(ps_soundfont *bank, const ps_records *shdr, ps_mends *mends)
{
    const uint32_t count = count_samples(shdr, mends);

    if (count == 0)
        return PS_OK;
    bank->samples = ps_arena_alloc(&bank->arena, count, sizeof *bank->samples);
    if (!bank->samples)
        return PS_NO_MEMORY;
    bank->sample_records = shdr->bytes;
    bank->sample_count = count;
    for (uint32_t i = 0; i < count; i++) {
        const uint8_t *bytes = shdr->bytes + (size_t)i * RECORD_BYTES;
        const uint64_t offset_bytes = shdr->offset_bytes + (uint64_t)i * RECORD_BYTES;
        ps_sample *sample = &bank->samples[i];

        sample->start = ps_get_u32_le(bytes + 20);
        sample->end = ps_get_u32_le(bytes + 24);
        sample->loop_start = ps_get_u32_le(bytes + 28);
        sample->loop_end = ps_get_u32_le(bytes + 32);
        sample->rate_hz = ps_get_u32_le(bytes + 36);
        sample->root_key = bytes[40] <= 127 ? bytes[40] : 60; /* 255: no pitch; others illegal */
        sample->correction_cents = (int8_t)bytes[41];
        atomic_init(&sample->decoded, NULL);
        read_kind(bank, sample, i, ps_get_u16_le(bytes + 44), offset_bytes, mends);
        read_rate(sample, i, offset_bytes, mends);
        bank->info.vorbis = bank->info.vorbis || sample->kind == PS_SAMPLE_VORBIS;
    }
    return PS_OK;
}

void ps_samples_free(ps_soundfont *bank)
{
    for (uint32_t i = 0; i < bank->sample_count; i++) {
        const ps_decoded *decoded = atomic_load(&bank->samples[i].decoded);

        if (decoded && decoded != &silence) {
            ps_free(bank->allocator, decoded->pcm);
            ps_free(bank->allocator, (void *)decoded);
        }
    }
}

bool ps_sample_can_sound(const ps_sample *sample)
{
    if (sample->kind == PS_SAMPLE_VORBIS)
        return atomic_load_explicit(&sample->decoded, memory_order_acquire) != &silence;
    return sample->kind == PS_SAMPLE_PCM;
}

/* ---- Placing -----------------------------------------------------------------------------------
 */

static uint32_t within(int64_t position, uint32_t low, uint32_t high)
{
    return position < low ? low : position > high ? high : (uint32_t)position;
}

static int64_t offset(const int16_t *generators, ps_generator fine, ps_generator coarse)
{
    return generators[fine] + INT64_C(32768) * generators[coarse];
}

/* Loop points outside the sample move to its ends; those in the wrong order change places. */
static bool place_loop(const int16_t *generators, int64_t loop_start, int64_t loop_end,
                       ps_region_sample *place)
{
    const uint32_t a = within(
        loop_start + offset(generators, PS_GEN_LOOP_START_OFFSET, PS_GEN_LOOP_START_COARSE_OFFSET),
        place->start, place->end);
    const uint32_t b =
        within(loop_end + offset(generators, PS_GEN_LOOP_END_OFFSET, PS_GEN_LOOP_END_COARSE_OFFSET),
               place->start, place->end);

    place->loop_start = a < b ? a : b;
    place->loop_end = a < b ? b : a;
    return a != b;
}

bool ps_sample_place(const ps_soundfont *bank, uint32_t index, const int16_t *generators,
                     ps_region_sample *place, uint8_t *mode)
{
    const ps_sample *sample = &bank->samples[index];
    uint32_t start = sample->start, end = sample->end;

    memset(place, 0, sizeof *place);
    place->index = index;
    place->rate_hz = sample->rate_hz;
    place->root_key =
        generators[PS_GEN_ROOT_KEY] >= 0 ? (uint8_t)generators[PS_GEN_ROOT_KEY] : sample->root_key;
    place->correction_cents = sample->correction_cents;
    if (sample->kind == PS_SAMPLE_VORBIS) {
        const ps_decoded *decoded = atomic_load_explicit(&sample->decoded, memory_order_acquire);

        if (!decoded)
            return true;
        place->data = (const uint8_t *)decoded->pcm;
        place->data_frames = decoded->frames;
        start = 0;
        end = decoded->frames;
    } else {
        place->data = bank->smpl;
        place->low_data = bank->sm24;
        place->data_frames = bank->smpl_frames;
    }
    place->ready = true;
    place->start = within(
        start + offset(generators, PS_GEN_START_OFFSET, PS_GEN_START_COARSE_OFFSET), start, end);
    place->end = within(end + offset(generators, PS_GEN_END_OFFSET, PS_GEN_END_COARSE_OFFSET),
                        place->start, end);
    if (*mode != 0 && !place_loop(generators, sample->loop_start, sample->loop_end, place))
        *mode = 0;
    if (*mode == 0)
        place->loop_start = place->loop_end = 0;
    return place->start < place->end;
}

void ps_soundfont_sample_info(const ps_soundfont *bank, uint32_t index, ps_sample_info *info)
{
    const ps_sample *sample;

    memset(info, 0, sizeof *info);
    if (index >= bank->sample_count)
        return;
    sample = &bank->samples[index];
    ps_bank_name(info->name, bank->sample_records + (size_t)index * RECORD_BYTES);
    info->rate_hz = sample->rate_hz;
    info->root_key = sample->root_key;
    info->correction_cents = sample->correction_cents;
    info->rom = sample->kind == PS_SAMPLE_ROM;
    info->loop_start = sample->loop_start;
    info->loop_end = sample->loop_end;
    if (sample->kind == PS_SAMPLE_VORBIS) {
        const ps_decoded *decoded = atomic_load_explicit(&sample->decoded, memory_order_acquire);

        info->frames = decoded ? decoded->frames : 0;
        return;
    }
    if (sample->kind == PS_SAMPLE_PCM)
        info->frames = sample->end - sample->start;
    info->loop_start -= sample->loop_start > sample->start ? sample->start : sample->loop_start;
    info->loop_end -= sample->loop_end > sample->start ? sample->start : sample->loop_end;
}

/* ---- Decoding ----------------------------------------------------------------------------------
 */

/* The decoder gives numbers; the bank keeps them as in a file. */
static void to_little_endian(int16_t *pcm, uint32_t frames)
{
    const uint16_t one = 1;
    uint8_t first;

    memcpy(&first, &one, 1);
    if (first == 1)
        return;
    for (uint32_t i = 0; i < frames; i++) {
        const uint16_t bits = (uint16_t)pcm[i];

        pcm[i] = (int16_t)(uint16_t)(bits << 8 | bits >> 8);
    }
}

/* Makes *out from the sample's Ogg file; PS_NO_MEMORY, or else another trouble of the file. */
static ps_status decode(const ps_soundfont *bank, const ps_sample *sample, ps_decoded **out)
{
    ps_decoded *decoded = ps_alloc(bank->allocator, 1, sizeof *decoded);
    ps_status status;

    if (!decoded)
        return PS_NO_MEMORY;
    status =
        bank->decoder(bank->decoder_user, bank->smpl + sample->start, sample->end - sample->start,
                      bank->allocator, &decoded->pcm, &decoded->frames, NULL);
    if (status == PS_OK && (!decoded->pcm || decoded->frames == 0)) {
        ps_free(bank->allocator, decoded->pcm);
        status = PS_BAD_DATA;
    }
    if (status != PS_OK) {
        ps_free(bank->allocator, decoded);
        return status;
    }
    to_little_endian(decoded->pcm, decoded->frames);
    *out = decoded;
    return PS_OK;
}

/* What preparing works through. */
typedef struct work {
    ps_soundfont *bank;
    uint32_t *samples;  /* to decode */
    ps_status *results; /* of each */
    uint32_t count;
} work;

/* Two threads may decode the same sample: the first to publish it wins. */
static void decode_task(void *argument, uint32_t i)
{
    const work *w = argument;
    ps_soundfont *bank = w->bank;
    ps_sample *sample = &bank->samples[w->samples[i]];
    const ps_decoded *nothing = NULL;
    ps_decoded *decoded = NULL;

    w->results[i] = decode(bank, sample, &decoded);
    if (w->results[i] == PS_NO_MEMORY)
        return; /* next time, perhaps */
    if (!atomic_compare_exchange_strong(&sample->decoded, &nothing,
                                        decoded ? (const ps_decoded *)decoded : &silence)) {
        w->results[i] = PS_OK;
        if (decoded)
            ps_free(bank->allocator, decoded->pcm);
        ps_free(bank->allocator, decoded);
    } else if (decoded) {
        atomic_fetch_add(&bank->decoded_samples, 1);
        atomic_fetch_add(&bank->decoded_bytes, 2ull * decoded->frames);
    }
}

/* Reads a byte of every page, so that the mapped file's pages are there when a note needs them. */
static void touch(const uint8_t *bytes, size_t size_bytes)
{
    const volatile uint8_t *page = bytes;

    for (size_t at = 0; at < size_bytes; at += PAGE_BYTES)
        (void)page[at];
    if (size_bytes > 0)
        (void)page[size_bytes - 1];
}

static void want(work *w, uint32_t index, uint8_t *seen)
{
    const ps_soundfont *bank = w->bank;
    const ps_sample *sample = &bank->samples[index];

    if (seen[index])
        return;
    seen[index] = 1;
    if (sample->kind == PS_SAMPLE_VORBIS && !atomic_load(&sample->decoded)) {
        w->samples[w->count++] = index;
    } else if (sample->kind == PS_SAMPLE_PCM) {
        touch(bank->smpl + 2 * (size_t)sample->start, 2 * (size_t)(sample->end - sample->start));
        if (bank->sm24)
            touch(bank->sm24 + sample->start, sample->end - sample->start);
    }
}

static ps_status report(const work *w, ps_error *err)
{
    ps_status status = PS_OK;

    for (uint32_t i = 0; i < w->count; i++) {
        char name[21];

        if (w->results[i] == PS_OK)
            continue;
        ps_bank_name(name, w->bank->sample_records + (size_t)w->samples[i] * RECORD_BYTES);
        if (w->results[i] == PS_NO_MEMORY)
            status = ps_fail(err, PS_NO_MEMORY, "soundfont: no memory to decode sample '%s'", name);
        else
            ps_warn_at(&w->bank->warnings, w->results[i],
                       (uint64_t)(w->bank->smpl - w->bank->bytes) +
                           w->bank->samples[w->samples[i]].start,
                       "smpl: sample '%s' does not decode; it is silent", name);
    }
    return status;
}

static void want_all(work *w, uint32_t preset, uint8_t key_low, uint8_t key_high,
                     uint8_t velocity_low, uint8_t velocity_high, uint8_t *seen)
{
    const ps_zones *outer = &w->bank->presets[preset].zones;

    for (uint32_t i = 0; i < outer->count; i++) {
        const ps_zones *inner = &w->bank->instruments[outer->zone[i].target];

        if (!ps_zone_overlaps(&outer->zone[i], key_low, key_high, velocity_low, velocity_high))
            continue;
        for (uint32_t k = 0; k < inner->count; k++) {
            if (ps_zone_overlaps(&inner->zone[k], key_low, key_high, velocity_low, velocity_high))
                want(w, inner->zone[k].target, seen);
        }
    }
}

ps_status ps_soundfont_prepare(ps_soundfont *bank, uint32_t preset, uint8_t key_low,
                               uint8_t key_high, uint8_t velocity_low, uint8_t velocity_high,
                               const ps_workers *workers, ps_error *err)
{
    work w = {.bank = bank};
    uint8_t *seen;
    ps_status status = PS_NO_MEMORY;

    if (preset >= bank->preset_count)
        return ps_fail(err, PS_BAD_ARGUMENT, "soundfont: no preset %u of %u", (unsigned)preset,
                       (unsigned)bank->preset_count);
    if (bank->sample_count == 0)
        return PS_OK;
    seen = ps_alloc(bank->allocator, bank->sample_count, 1);
    w.samples = ps_alloc(bank->allocator, bank->sample_count, sizeof *w.samples);
    w.results = ps_alloc(bank->allocator, bank->sample_count, sizeof *w.results);
    if (seen && w.samples && w.results) {
        want_all(&w, preset, key_low, key_high, velocity_low, velocity_high, seen);
        ps_workers_run(workers, decode_task, &w, w.count);
        status = report(&w, err);
    } else {
        ps_fail(err, status, "soundfont: no memory to prepare a preset");
    }
    ps_free(bank->allocator, seen);
    ps_free(bank->allocator, w.samples);
    ps_free(bank->allocator, w.results);
    return status;
}
