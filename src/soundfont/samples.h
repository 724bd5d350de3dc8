/*
 * Sample headers (SF2 7.10), where a region plays in a sample, and the frames of SF3 samples,
 * decoded when first asked for.
 */
#ifndef PLAINSONG_SOUNDFONT_SAMPLES_H
#define PLAINSONG_SOUNDFONT_SAMPLES_H

#include "soundfont/bank.h"
#include "soundfont/hydra.h"

/* Fills bank->samples from shdr. */
ps_status ps_samples_read(ps_soundfont *bank, const ps_records *shdr, ps_mends *mends);

/* Gives decoded frames back. */
void ps_samples_free(ps_soundfont *bank);

/* Whether a region of this sample can sound, now or when it is decoded. */
bool ps_sample_can_sound(const ps_sample *sample);

/* Where the sample plays with a region's offset generators (SF2 8.1.2); false when that leaves
   nothing. *mode is the region's sampleModes, and becomes 0 when there is no valid loop. */
bool ps_sample_place(const ps_soundfont *bank, uint32_t index, const int16_t *generators,
                     ps_region_sample *place, uint8_t *mode);

#endif
