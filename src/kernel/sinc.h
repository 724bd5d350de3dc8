/*
 * Tables for windowed-sinc interpolation, one for each sixth of an octave of pitching up, so that
 * what would come to lie above Nyquist is filtered away before it folds back.
 */
#ifndef PLAINSONG_KERNEL_SINC_H
#define PLAINSONG_KERNEL_SINC_H

#include "plainsong/memory.h"

typedef struct ps_sinc_set ps_sinc_set;

/* taps: 8 or 32. */
ps_status ps_sinc_set_create(ps_sinc_set **out, uint32_t taps, const ps_allocator *allocator,
                             ps_error *err);

/* NULL allowed. */
void ps_sinc_set_destroy(ps_sinc_set *set);

/* The table for a step (32.32 source frames per frame): see PS_SINC_PHASES. */
const float *ps_sinc_table(const ps_sinc_set *set, uint64_t step);

#endif
