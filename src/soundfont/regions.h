/*
 * What the synthesizer asks of a bank: the regions a key and velocity of a preset make sound, each
 * with its generators summed and its modulators merged (SF2 9.4, 9.5). Works into the caller's
 * memory: real-time safe.
 */
#ifndef PLAINSONG_SOUNDFONT_REGIONS_H
#define PLAINSONG_SOUNDFONT_REGIONS_H

#include "plainsong/soundfont.h"

#include "soundfont/generators.h"

/* One modulator as in the file (SF2 8.2). */
typedef struct ps_modulator {
    uint16_t source;      /* bit field of SF2 8.2.1 */
    uint16_t destination; /* generator; bit 15 set: link to the modulator with that index */
    int16_t amount;
    uint16_t amount_source; /* bit field like source */
    uint16_t transform;     /* 0 linear, 2 absolute value */
} ps_modulator;

#define PS_REGION_MODULATORS 64u
#define PS_KEY_REGIONS       128u /* most regions one note-on starts */

/* What a voice plays; valid as long as the bank. All positions are frames into `data`. */
typedef struct ps_region_sample {
    const uint8_t *data;     /* little-endian 16-bit frames of the whole smpl chunk or the decoded
                                sample; may be unaligned */
    const uint8_t *low_data; /* sm24's low bytes by frame, or NULL */
    uint64_t data_frames;    /* frames readable in data (and low_data) */
    uint32_t index;          /* of the sample header */
    uint32_t start, end;     /* start <= end <= data_frames, generators' offsets applied */
    uint32_t loop_start, loop_end; /* start <= loop_start < loop_end <= end when loops, else 0 */
    uint32_t rate_hz;              /* 400..192000 */
    uint8_t root_key;              /* overridingRootKey applied; 60 when the header says 255 */
    int8_t correction_cents;
    bool ready; /* false: SF3 sample not decoded yet; data is NULL */
} ps_region_sample;

typedef struct ps_region {
    /* Summed, clamped to the range of SF2 8.1.3; attenuation may be negative (to -1440), and cents
       beyond a fine tune's range have become semitones. */
    int16_t generators[PS_GENERATORS];
    ps_region_sample sample;
    uint8_t sample_mode; /* 0 no loop, 1 loops, 3 loops until release */
    uint16_t modulator_count;
    /* Instrument modulators after overriding the defaults of the table below, and preset
       modulators added; linked modulators keep their order, with destination's index counted in
       this list. */
    ps_modulator modulators[PS_REGION_MODULATORS];
} ps_region;

/* The default modulators of SF2 8.4 in their order; velocity_to_filter: with 8.4.2 as printed,
   else with amount 0. The count is PS_DEFAULT_MODULATORS. The pitch wheel's destination, "initial
   pitch", is PS_GEN_FINE_TUNE: the sum of what modulators give it has no range of +-99. */
#define PS_DEFAULT_MODULATORS 10u
const ps_modulator *ps_default_modulators(bool velocity_to_filter);

/*
 * Finds the regions of a preset for a key and velocity; returns how many were written to `regions`
 * (at most max_regions). Regions whose sample is ROM, empty or invalid are left out.
 */
uint32_t ps_soundfont_regions(const ps_soundfont *bank, uint32_t preset, uint8_t key,
                              uint8_t velocity, bool velocity_to_filter, ps_region *regions,
                              uint32_t max_regions);

#endif
