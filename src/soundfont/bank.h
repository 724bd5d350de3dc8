/*
 * A bank in memory: what opening makes of the pdta records, with every number checked, so that
 * nobody has to check again when a note starts.
 */
#ifndef PLAINSONG_SOUNDFONT_BANK_H
#define PLAINSONG_SOUNDFONT_BANK_H

#include <stdatomic.h>

#include "base/arena.h"
#include "soundfont/regions.h"

/* A SF3 sample's frames; NULL pcm: it did not decode and stays silent. */
typedef struct ps_decoded {
    int16_t *pcm; /* little-endian, as in a file */
    uint32_t frames;
} ps_decoded;

typedef enum ps_sample_kind {
    PS_SAMPLE_SILENT = 0, /* empty or damaged */
    PS_SAMPLE_ROM,        /* in a sound card we do not have */
    PS_SAMPLE_PCM,
    PS_SAMPLE_VORBIS,
} ps_sample_kind;

typedef struct ps_sample {
    ps_sample_kind kind;
    /* PCM: frames of smpl, start < end <= its length. Vorbis: bytes of smpl, likewise. */
    uint32_t start, end;
    uint32_t loop_start, loop_end; /* as in the file, unchecked: PCM frames of smpl, Vorbis frames
                                      from the decoded sample's first */
    uint32_t rate_hz;
    uint8_t root_key;
    int8_t correction_cents;
    _Atomic(const ps_decoded *) decoded; /* Vorbis: NULL until tried */
} ps_sample;

typedef struct ps_zone_generator {
    uint8_t generator;
    int16_t amount;
} ps_zone_generator;

/* A zone that plays something, with its global zone already merged into it. */
typedef struct ps_zone {
    uint8_t key_low, key_high, velocity_low, velocity_high;
    uint32_t target; /* of a preset's zone the instrument, of an instrument's zone the sample */
    uint16_t generator_count, modulator_count;
    bool velocity_to_filter_given; /* of an instrument's zone: the default is not the default's */
    const ps_zone_generator *generators;
    const ps_modulator *modulators; /* of an instrument's zone with the defaults in front */
} ps_zone;

typedef struct ps_zones {
    const ps_zone *zone;
    uint32_t count;
} ps_zones;

typedef struct ps_preset {
    ps_zones zones;
    const uint8_t *name; /* 20 bytes in the file */
    uint32_t order;      /* in the file */
    uint16_t bank, program;
} ps_preset;

struct ps_soundfont {
    const ps_allocator *allocator;
    ps_arena arena;
    ps_sample_decoder *decoder;
    void *decoder_user;
    ps_warnings warnings;
    ps_soundfont_info info; /* without what changes */

    const uint8_t *bytes; /* the file */
    const uint8_t *smpl;  /* little-endian 16-bit frames; Vorbis: Ogg files */
    const uint8_t *sm24;  /* NULL: none */
    uint32_t smpl_bytes, smpl_frames;

    ps_preset *presets; /* in order of bank, program and place in the file */
    ps_zones *instruments;
    ps_sample *samples;
    const uint8_t *sample_records; /* shdr, 46 bytes each */
    uint32_t preset_count, instrument_count, sample_count;

    atomic_uint decoded_samples;
    atomic_ullong decoded_bytes;
};

/* 20 bytes of a record as a C string in UTF-8; what is neither ASCII nor UTF-8 becomes '?'. */
void ps_bank_name(char name[21], const uint8_t *field);

static inline bool ps_zone_overlaps(const ps_zone *zone, uint8_t key_low, uint8_t key_high,
                                    uint8_t velocity_low, uint8_t velocity_high)
{
    return key_low <= zone->key_high && zone->key_low <= key_high &&
           velocity_low <= zone->velocity_high && zone->velocity_low <= velocity_high;
}

#endif
