/*
 * Builds SoundFont banks in memory, for tests that need a bank with known content.
 *
 *      sf2_builder b;
 *      size_t size_bytes;
 *      uint8_t *bytes;
 *
 *      sf2_init(&b);
 *      uint32_t sine = sf2_sample(&b, "sine", frames, 100, 44100, 69, 0, 100);
 *
 *      uint32_t instrument = sf2_instrument(&b, "sine");
 *      sf2_zone(&b, SF2_GLOBAL);                   the instrument's global zone (optional)
 *      sf2_gen(&b, 54, 1);                           sampleModes: loop
 *      sf2_zone(&b, sine);                           a zone that plays a sample
 *      sf2_range(&b, 43, 0, 64);                     keyRange
 *      sf2_mod(&b, 0x0081, 6, 100, 0, 0);            source, destination, amount, amount source,
 *                                                    transform
 *      sf2_preset(&b, "sine", 0, 5);               bank 0, program 5
 *      sf2_zone(&b, instrument);                     a zone that plays an instrument
 *
 *      bytes = sf2_build(&b, &size_bytes);         free() it
 *      sf2_clear(&b);
 *
 * sf2_zone, sf2_gen, sf2_range and sf2_mod add to the instrument or preset begun last. Generators
 * are written in the order of the calls, but keyRange and velRange first and the zone's sample or
 * instrument last, as SF2 8.1.2 wants; set b.raw_order to keep the calls' order. Nothing is
 * checked: wrong numbers go into the file as they are.
 */
#ifndef TESTS_SF2_BUILDER_H
#define TESTS_SF2_BUILDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SF2_GLOBAL UINT32_MAX /* sf2_zone: no sample, no instrument */

/* Bytes that grow. */
typedef struct sf2_bytes {
    uint8_t *bytes;
    size_t size, room;
} sf2_bytes;

typedef struct sf2_zone_list {
    sf2_bytes headers;           /* phdr or inst */
    sf2_bytes bags, gens, mods;  /* of the zones already finished */
    sf2_bytes ranges, gens_open; /* of the zone being made */
    uint32_t terminal_generator; /* 41 instrument, 53 sampleID */
    uint32_t target;             /* of the zone being made */
    bool open;
} sf2_zone_list;

typedef struct sf2_builder {
    sf2_bytes smpl, low_bytes; /* low_bytes: of sm24, one for each frame of smpl */
    sf2_bytes sample_headers, info;
    sf2_zone_list instruments, presets;
    sf2_zone_list *list; /* the one the last instrument or preset went to */
    uint32_t instrument_count, sample_count;
    uint16_t version_major, version_minor; /* 2.01; 2.04 by sf2_sample_24, 3.00 by sf2_sample_sf3 */
    bool has_24_bit;
    bool raw_order;
    bool unpadded_smpl; /* writes no pad byte after an odd smpl chunk, as some SF3 tools do */
} sf2_builder;

static inline void sf2_put(sf2_bytes *to, const void *bytes, size_t size)
{
    if (to->size + size > to->room) {
        to->room = 2 * (to->size + size) + 256;
        to->bytes = realloc(to->bytes, to->room);
        if (!to->bytes)
            abort();
    }
    if (size > 0)
        memcpy(to->bytes + to->size, bytes, size);
    to->size += size;
}

static inline void sf2_put_u8(sf2_bytes *to, uint32_t value)
{
    const uint8_t byte = (uint8_t)value;

    sf2_put(to, &byte, 1);
}

static inline void sf2_put_u16(sf2_bytes *to, uint32_t value)
{
    sf2_put_u8(to, value & 255);
    sf2_put_u8(to, value >> 8 & 255);
}

static inline void sf2_put_u32(sf2_bytes *to, uint32_t value)
{
    sf2_put_u16(to, value & 65535);
    sf2_put_u16(to, value >> 16);
}

/* The 20 bytes of a record's name; longer names are cut and then have no NUL. */
static inline void sf2_put_name(sf2_bytes *to, const char *name)
{
    char field[20] = {0};
    const size_t length = strlen(name);

    memcpy(field, name, length < sizeof field ? length : sizeof field);
    sf2_put(to, field, sizeof field);
}

static inline void sf2_init(sf2_builder *b)
{
    memset(b, 0, sizeof *b);
    b->instruments.terminal_generator = 53;
    b->presets.terminal_generator = 41;
    b->version_major = 2;
    b->version_minor = 1;
}

static inline void sf2_clear_bytes(sf2_bytes *b)
{
    free(b->bytes);
    memset(b, 0, sizeof *b);
}

static inline void sf2_clear_list(sf2_zone_list *list)
{
    sf2_clear_bytes(&list->headers);
    sf2_clear_bytes(&list->bags);
    sf2_clear_bytes(&list->gens);
    sf2_clear_bytes(&list->mods);
    sf2_clear_bytes(&list->ranges);
    sf2_clear_bytes(&list->gens_open);
}

static inline void sf2_clear(sf2_builder *b)
{
    sf2_clear_bytes(&b->smpl);
    sf2_clear_bytes(&b->low_bytes);
    sf2_clear_bytes(&b->sample_headers);
    sf2_clear_bytes(&b->info);
    sf2_clear_list(&b->instruments);
    sf2_clear_list(&b->presets);
}

/* Adds a text to INFO: sf2_info(&b, "INAM", "My bank"). */
static inline void sf2_info(sf2_builder *b, const char *id, const char *text)
{
    const size_t size = strlen(text) + 1;

    sf2_put(&b->info, id, 4);
    sf2_put_u32(&b->info, (uint32_t)(size + size % 2));
    sf2_put(&b->info, text, size);
    if (size % 2 == 1)
        sf2_put_u8(&b->info, 0);
}

/* A sample header as it stands; returns the sample's index. Positions are those in the file. */
static inline uint32_t sf2_sample_header(sf2_builder *b, const char *name, uint32_t start,
                                         uint32_t end, uint32_t loop_start, uint32_t loop_end,
                                         uint32_t rate_hz, uint32_t root_key, int correction_cents,
                                         uint32_t link, uint32_t type)
{
    sf2_put_name(&b->sample_headers, name);
    sf2_put_u32(&b->sample_headers, start);
    sf2_put_u32(&b->sample_headers, end);
    sf2_put_u32(&b->sample_headers, loop_start);
    sf2_put_u32(&b->sample_headers, loop_end);
    sf2_put_u32(&b->sample_headers, rate_hz);
    sf2_put_u8(&b->sample_headers, root_key);
    sf2_put_u8(&b->sample_headers, (uint32_t)correction_cents & 255);
    sf2_put_u16(&b->sample_headers, link);
    sf2_put_u16(&b->sample_headers, type);
    return b->sample_count++;
}

/* Adds frames to smpl and their low bytes to sm24, then the 46 zeros of SF2 6.1; returns where. */
static inline uint32_t sf2_put_frames(sf2_builder *b, const int16_t *high, const uint8_t *low,
                                      uint32_t frames)
{
    uint32_t start;

    if (b->smpl.size % 2 == 1)
        sf2_put_u8(&b->smpl, 0);
    start = (uint32_t)(b->smpl.size / 2);
    while (b->low_bytes.size < start)
        sf2_put_u8(&b->low_bytes, 0);
    for (uint32_t i = 0; i < frames + 46; i++) {
        sf2_put_u16(&b->smpl, i < frames ? (uint16_t)high[i] : 0);
        sf2_put_u8(&b->low_bytes, i < frames && low ? low[i] : 0);
    }
    return start;
}

/* Adds a 16-bit mono sample; loop points count from its first frame. Returns its index. */
static inline uint32_t sf2_sample(sf2_builder *b, const char *name, const int16_t *pcm,
                                  uint32_t frames, uint32_t rate_hz, uint32_t root_key,
                                  uint32_t loop_start, uint32_t loop_end)
{
    const uint32_t start = sf2_put_frames(b, pcm, NULL, frames);

    return sf2_sample_header(b, name, start, start + frames, start + loop_start, start + loop_end,
                             rate_hz, root_key, 0, 0, 1);
}

/* The same with 24-bit values; the bank then gets an sm24 chunk and version 2.04. */
static inline uint32_t sf2_sample_24(sf2_builder *b, const char *name, const int32_t *pcm,
                                     uint32_t frames, uint32_t rate_hz, uint32_t root_key,
                                     uint32_t loop_start, uint32_t loop_end)
{
    int16_t *high = malloc((frames + 1) * sizeof *high);
    uint8_t *low = malloc(frames + 1);
    uint32_t start;

    if (!high || !low)
        abort();
    for (uint32_t i = 0; i < frames; i++) {
        low[i] = (uint8_t)((uint32_t)pcm[i] & 255);
        high[i] = (int16_t)((pcm[i] - (int32_t)low[i]) / 256);
    }
    start = sf2_put_frames(b, high, low, frames);
    free(high);
    free(low);
    b->has_24_bit = true;
    if (b->version_major == 2)
        b->version_minor = 4;
    return sf2_sample_header(b, name, start, start + frames, start + loop_start, start + loop_end,
                             rate_hz, root_key, 0, 0, 1);
}

/* Adds compressed bytes as SF3 does: positions are bytes, loop points count decoded frames. */
static inline uint32_t sf2_sample_sf3(sf2_builder *b, const char *name, const void *bytes,
                                      uint32_t size_bytes, uint32_t rate_hz, uint32_t root_key,
                                      uint32_t loop_start, uint32_t loop_end)
{
    const uint32_t start = (uint32_t)b->smpl.size;

    sf2_put(&b->smpl, bytes, size_bytes);
    b->version_major = 3;
    b->version_minor = 0;
    return sf2_sample_header(b, name, start, start + size_bytes, loop_start, loop_end, rate_hz,
                             root_key, 0, 0, 0x11);
}

/* Makes two samples a stereo pair (SF2 7.10: type 4 left, 2 right, linked to each other). */
static inline void sf2_link(sf2_builder *b, uint32_t left, uint32_t right)
{
    uint8_t *l = b->sample_headers.bytes + 46 * left, *r = b->sample_headers.bytes + 46 * right;

    l[42] = (uint8_t)(right & 255), l[43] = (uint8_t)(right >> 8), l[44] = 4;
    r[42] = (uint8_t)(left & 255), r[43] = (uint8_t)(left >> 8), r[44] = 2;
}

/* Writes down the zone being made, if there is one. */
static inline void sf2_finish_zone(sf2_builder *b, sf2_zone_list *list)
{
    (void)b;
    if (!list->open)
        return;
    sf2_put(&list->gens, list->ranges.bytes, list->ranges.size);
    sf2_put(&list->gens, list->gens_open.bytes, list->gens_open.size);
    if (list->target != SF2_GLOBAL) {
        sf2_put_u16(&list->gens, list->terminal_generator);
        sf2_put_u16(&list->gens, list->target);
    }
    list->ranges.size = 0;
    list->gens_open.size = 0;
    list->open = false;
}

/* Begins an instrument; returns its index. */
static inline uint32_t sf2_instrument(sf2_builder *b, const char *name)
{
    b->list = &b->instruments;
    sf2_finish_zone(b, b->list);
    sf2_put_name(&b->list->headers, name);
    sf2_put_u16(&b->list->headers, (uint32_t)(b->list->bags.size / 4));
    return b->instrument_count++;
}

/* Begins a preset. */
static inline void sf2_preset(sf2_builder *b, const char *name, uint32_t bank, uint32_t program)
{
    b->list = &b->presets;
    sf2_finish_zone(b, b->list);
    sf2_put_name(&b->list->headers, name);
    sf2_put_u16(&b->list->headers, program);
    sf2_put_u16(&b->list->headers, bank);
    sf2_put_u16(&b->list->headers, (uint32_t)(b->list->bags.size / 4));
    for (int i = 0; i < 3; i++)
        sf2_put_u32(&b->list->headers, 0); /* library, genre, morphology */
}

/* Begins a zone that plays a sample (in an instrument) or an instrument (in a preset), or, with
   SF2_GLOBAL, has neither. */
static inline void sf2_zone(sf2_builder *b, uint32_t target)
{
    sf2_zone_list *list = b->list;

    sf2_finish_zone(b, list);
    sf2_put_u16(&list->bags, (uint32_t)(list->gens.size / 4));
    sf2_put_u16(&list->bags, (uint32_t)(list->mods.size / 10));
    list->target = target;
    list->open = true;
}

/* Adds a generator to the zone. */
static inline void sf2_gen(sf2_builder *b, uint32_t generator, int amount)
{
    const bool range = (generator == 43 || generator == 44) && !b->raw_order;
    sf2_bytes *to = range ? &b->list->ranges : &b->list->gens_open;

    if (range && generator == 43 && to->size > 0) { /* the key range goes before the other */
        uint8_t velocity_range[4];

        memcpy(velocity_range, to->bytes, 4);
        to->size = 0;
        sf2_put_u16(to, generator);
        sf2_put_u16(to, (uint32_t)amount & 65535);
        sf2_put(to, velocity_range, 4);
        return;
    }
    sf2_put_u16(to, generator);
    sf2_put_u16(to, (uint32_t)amount & 65535);
}

/* Adds keyRange (43) or velRange (44). */
static inline void sf2_range(sf2_builder *b, uint32_t generator, uint32_t low, uint32_t high)
{
    sf2_gen(b, generator, (int)(high << 8 | low));
}

/* Adds a modulator to the zone (fields of SF2 8.2). */
static inline void sf2_mod(sf2_builder *b, uint32_t source, uint32_t destination, int amount,
                           uint32_t amount_source, uint32_t transform)
{
    sf2_put_u16(&b->list->mods, source);
    sf2_put_u16(&b->list->mods, destination);
    sf2_put_u16(&b->list->mods, (uint32_t)amount & 65535);
    sf2_put_u16(&b->list->mods, amount_source);
    sf2_put_u16(&b->list->mods, transform);
}

/* A preset that plays one instrument as it is. */
static inline void sf2_simple_preset(sf2_builder *b, const char *name, uint32_t bank,
                                     uint32_t program, uint32_t instrument)
{
    sf2_preset(b, name, bank, program);
    sf2_zone(b, instrument);
}

/* ---- Writing ----------------------------------------------------------------------------------
 */

static inline void sf2_put_chunk(sf2_bytes *to, const char *id, const sf2_bytes *content, bool pad)
{
    sf2_put(to, id, 4);
    sf2_put_u32(to, (uint32_t)content->size);
    sf2_put(to, content->bytes, content->size);
    if (content->size % 2 == 1 && pad)
        sf2_put_u8(to, 0);
}

static inline void sf2_put_list(sf2_bytes *to, const char *form, const sf2_bytes *content)
{
    sf2_put(to, "LIST", 4);
    sf2_put_u32(to, (uint32_t)(4 + content->size));
    sf2_put(to, form, 4);
    sf2_put(to, content->bytes, content->size);
}

static inline void sf2_put_terminals(sf2_builder *b)
{
    sf2_zone_list *lists[2] = {&b->presets, &b->instruments};

    for (int i = 0; i < 2; i++) {
        const uint8_t zeros[10] = {0};
        const uint32_t bags = (uint32_t)(lists[i]->bags.size / 4);

        sf2_finish_zone(b, lists[i]);
        sf2_put_u16(&lists[i]->bags, (uint32_t)(lists[i]->gens.size / 4));
        sf2_put_u16(&lists[i]->bags, (uint32_t)(lists[i]->mods.size / 10));
        sf2_put(&lists[i]->gens, zeros, 4);
        sf2_put(&lists[i]->mods, zeros, 10);
        sf2_put_name(&lists[i]->headers, i == 0 ? "EOP" : "EOI");
        if (i == 0)
            sf2_put_u32(&lists[i]->headers, 0);
        sf2_put_u16(&lists[i]->headers, bags);
        for (int k = 0; i == 0 && k < 3; k++)
            sf2_put_u32(&lists[i]->headers, 0);
    }
    sf2_sample_header(b, "EOS", 0, 0, 0, 0, 0, 0, 0, 0, 0);
}

static inline void sf2_put_pdta(sf2_builder *b, sf2_bytes *body)
{
    sf2_bytes pdta = {0};

    sf2_put_terminals(b);
    sf2_put_chunk(&pdta, "phdr", &b->presets.headers, true);
    sf2_put_chunk(&pdta, "pbag", &b->presets.bags, true);
    sf2_put_chunk(&pdta, "pmod", &b->presets.mods, true);
    sf2_put_chunk(&pdta, "pgen", &b->presets.gens, true);
    sf2_put_chunk(&pdta, "inst", &b->instruments.headers, true);
    sf2_put_chunk(&pdta, "ibag", &b->instruments.bags, true);
    sf2_put_chunk(&pdta, "imod", &b->instruments.mods, true);
    sf2_put_chunk(&pdta, "igen", &b->instruments.gens, true);
    sf2_put_chunk(&pdta, "shdr", &b->sample_headers, true);
    sf2_put_list(body, "pdta", &pdta);
    sf2_clear_bytes(&pdta);
}

/* The whole file; free() it. The builder cannot be built twice: sf2_clear it. */
static inline uint8_t *sf2_build(sf2_builder *b, size_t *size_bytes)
{
    sf2_bytes file = {0}, body = {0}, info = {0}, sdta = {0};

    sf2_put(&info, "ifil\4\0\0\0", 8);
    sf2_put_u16(&info, b->version_major);
    sf2_put_u16(&info, b->version_minor);
    sf2_put(&info, "isng\10\0\0\0EMU8000", 16);
    sf2_put(&info, b->info.bytes, b->info.size);
    sf2_put_list(&body, "INFO", &info);

    sf2_put_chunk(&sdta, "smpl", &b->smpl, !b->unpadded_smpl);
    while (b->low_bytes.size < b->smpl.size / 2)
        sf2_put_u8(&b->low_bytes, 0);
    if (b->has_24_bit)
        sf2_put_chunk(&sdta, "sm24", &b->low_bytes, true);
    sf2_put_list(&body, "sdta", &sdta);
    sf2_put_pdta(b, &body);

    sf2_put(&file, "RIFF", 4);
    sf2_put_u32(&file, (uint32_t)(4 + body.size));
    sf2_put(&file, "sfbk", 4);
    sf2_put(&file, body.bytes, body.size);
    sf2_clear_bytes(&body);
    sf2_clear_bytes(&info);
    sf2_clear_bytes(&sdta);
    *size_bytes = file.size;
    return file.bytes;
}

#endif
