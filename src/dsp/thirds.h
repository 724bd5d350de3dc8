/*
 * The long-term average spectrum of stereo audio in third-octave bands (IEC 61260: centres 1000 Hz
 * times 2^(i/3)), by Hann-windowed transforms of half overlapping frames.
 */
#ifndef PLAINSONG_DSP_THIRDS_H
#define PLAINSONG_DSP_THIRDS_H

#include <stdint.h>

#include "plainsong/audio.h"
#include "plainsong/memory.h"

#define PS_THIRDS 27u /* 40 Hz .. 16 kHz */

typedef struct ps_thirds ps_thirds;

ps_status ps_thirds_create(ps_thirds **out, double rate_hz, const char *kernel_row,
                           const ps_allocator *allocator, ps_error *err);

/* NULL allowed. */
void ps_thirds_destroy(ps_thirds *thirds);

/* Blocks of any size, in order. */
void ps_thirds_add(ps_thirds *thirds, ps_block block);

/* The mean power of each band, both channels together, of the frames that are not 50 dB below the
   loudest so far: a full-scale sine on both sides is 1 in its band. Bands from 0.45 of the rate up
   are 0. */
void ps_thirds_read(const ps_thirds *thirds, double power[PS_THIRDS]);

/* Centre of a band. */
double ps_thirds_hz(uint32_t band);

#endif
