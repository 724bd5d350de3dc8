/*
 * A SoundFont bank: presets, instruments, samples (SoundFont 2.04; SF3 is the same with Vorbis
 * samples).
 *
 * The bank reads from bytes somebody else keeps in memory (an edge maps the file), touches sample
 * data only where it sounds, and checks every number while opening, so that a hostile file cannot
 * make anything read or loop out of bounds later. A bank may be shared by any number of threads
 * and synthesizers.
 */
#ifndef PLAINSONG_SOUNDFONT_H
#define PLAINSONG_SOUNDFONT_H

#include <stdbool.h>
#include <stddef.h>

#include "plainsong/memory.h"
#include "plainsong/status.h"
#include "plainsong/workers.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct ps_soundfont ps_soundfont;

/**
 * Decodes one Vorbis sample of an SF3 bank: mono (or the first channel), to 16 bits.
 *
 * @param bytes  a whole Ogg file in memory
 * @param pcm    receives memory from the allocator, owned by the bank afterwards
 * @param frames receives its length
 *
 * Must be callable from several threads at once.
 */
typedef ps_status ps_sample_decoder(void *user, const uint8_t *bytes, size_t size_bytes,
                                    const ps_allocator *allocator, int16_t **pcm, uint32_t *frames,
                                    ps_error *err);

typedef struct ps_soundfont_options {
    const ps_allocator *allocator; /* NULL: the C library's; must be usable from any thread */
    ps_sample_decoder *decoder;    /* for SF3; NULL: SF3 banks are PS_UNSUPPORTED */
    void *decoder_user;
    bool strict; /* refuse what would otherwise be mended with a warning */
    /* Told of every mend: while opening, and, SF3 samples that do not decode, from the thread that
       calls ps_soundfont_prepare; so `user` must live as long as the bank. */
    ps_warnings warnings;
} ps_soundfont_options;

/**
 * Opens a bank.
 *
 * @param bytes   the whole file; borrowed until ps_soundfont_destroy
 * @param options NULL for the defaults
 *
 * PS_BAD_DATA with chunk and byte when it is no SoundFont or damaged beyond use.
 */
PS_API ps_status ps_soundfont_open(ps_soundfont **out, const uint8_t *bytes, size_t size_bytes,
                                   const ps_soundfont_options *options, ps_error *err);

/** NULL allowed. */
PS_API void ps_soundfont_destroy(ps_soundfont *bank);

typedef struct ps_preset_info {
    char name[21];
    uint16_t bank;    /* 0..127; 128 is drums */
    uint16_t program; /* 0..127 */
    uint32_t regions; /* pairs of preset zone and instrument zone that can sound */
} ps_preset_info;

/** Number of presets. */
PS_API uint32_t ps_soundfont_preset_count(const ps_soundfont *bank);

/** The i-th preset in order of bank and program. */
PS_API void ps_soundfont_preset_info(const ps_soundfont *bank, uint32_t index,
                                     ps_preset_info *info);

/** Index of the preset, or -1. */
PS_API int32_t ps_soundfont_find_preset(const ps_soundfont *bank, uint16_t bank_number,
                                        uint16_t program);

typedef struct ps_soundfont_info {
    uint16_t version_major, version_minor; /* 2.01, 2.04, 3.00 */
    bool vorbis;                           /* SF3 */
    bool has_24_bit;
    uint32_t presets, instruments, samples;
    uint64_t sample_bytes; /* of the smpl and sm24 chunks */
    const char *name, *author, *copyright, *comment, *engine, *date, *product,
        *tool;                /* "" or text,
                          UTF-8, owned by the bank */
    uint32_t decoded_samples; /* SF3: how many samples have been decoded so far */
    uint64_t decoded_bytes;
} ps_soundfont_info;

PS_API void ps_soundfont_get_info(const ps_soundfont *bank, ps_soundfont_info *info);

typedef struct ps_sample_info {
    char name[21];
    uint32_t frames; /* 0 for an SF3 sample not decoded yet */
    uint32_t rate_hz;
    uint32_t loop_start, loop_end; /* relative to the sample's first frame */
    uint8_t root_key;
    int8_t correction_cents;
    bool rom; /* sample lives in a ROM we do not have: silent */
} ps_sample_info;

PS_API void ps_soundfont_sample_info(const ps_soundfont *bank, uint32_t index,
                                     ps_sample_info *info);

/**
 * Makes a preset's samples for the keys and velocities in a range ready to sound: decodes Vorbis
 * (in parallel on workers), touches mapped pages. Real-time users call it before playing; sources
 * do it themselves. May be called while other threads play or prepare. A sample that does not
 * decode is silent from then on, with a warning.
 *
 * PS_BAD_ARGUMENT when there is no such preset; PS_NO_MEMORY: call again to go on.
 */
PS_API ps_status ps_soundfont_prepare(ps_soundfont *bank, uint32_t preset, uint8_t key_low,
                                      uint8_t key_high, uint8_t velocity_low, uint8_t velocity_high,
                                      const ps_workers *workers, ps_error *err);

#ifdef __cplusplus
}
#endif

#endif
