/*
 * Pictures of sound.
 */
#ifndef PLAINSONG_PICTURE_H
#define PLAINSONG_PICTURE_H

#include "plainsong/source.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct ps_waveform_options {
    uint32_t width, height; /* pixels, 1..16384; 1000 x 200 */
    uint8_t foreground[4];  /* RGBA of the waveform */
    uint8_t background[4];  /* RGBA behind it */
} ps_waveform_options;

PS_API ps_waveform_options ps_waveform_defaults(void);

/**
 * Draws the waveform of a source from its position to its end as PNG bytes: per column the
 * smallest and largest sample of both channels. Memory does not grow with length.
 *
 * @param bytes receives memory; give it back with ps_free(NULL, bytes)
 *
 * PS_UNSUPPORTED for an endless source.
 */
PS_API ps_status ps_waveform_png(ps_source *source, const ps_waveform_options *options,
                                 uint8_t **bytes, size_t *size_bytes, ps_error *err);

#ifdef __cplusplus
}
#endif

#endif
