/* A colour as a chain of sections, for the loops of the rows. */
#ifndef PLAINSONG_DSP_COLOUR_SHAPE_H
#define PLAINSONG_DSP_COLOUR_SHAPE_H

#include "dsp/colour.h"

#define PS_COLOUR_LANES  8u
#define PS_COLOUR_FIRST  16u
#define PS_COLOUR_SECOND (4u + PS_COLOUR_STAGES)
#define PS_COLOUR_BANK   6u
#define PS_COLOUR_UNIT   64u /* lanes are multiples of it */

/* (1 - zero z^-1) / (1 - pole z^-1) */
typedef struct ps_colour_first {
    double zero, pole;
} ps_colour_first;

/*
 * A state-variable section (dsp/notch.c has its steps): with g = tan(w0 / 2) and the damping k,
 * output = input mix[0] + band-pass mix[1] + low-pass mix[2].
 */
typedef struct ps_colour_second {
    double g, k, mix[3];
} ps_colour_second;

/*
 *   white ─► bank ─► first sections ─► second sections ─► low-pass, twice ─► high-pass, twice ─►
 * gain
 */
struct ps_colour_shape {
    bool bank; /* pink's */
    uint32_t first_count, second_count;
    ps_colour_first first[PS_COLOUR_FIRST];
    ps_colour_second second[PS_COLOUR_SECOND];
    ps_colour_first lowpass; /* does nothing (both 0) at low rates; its gain at 0 Hz is not 1 */
    double highpass;         /* its g; its damping is the root of 2 */
    double gain;
};

/* Pink's bank: b[j] = pole b[j] + gain w; their sum. */
extern const double ps_colour_bank_pole[PS_COLOUR_BANK], ps_colour_bank_gain[PS_COLOUR_BANK];

extern const ps_colour_row ps_colour_row_c, ps_colour_row_avx2, ps_colour_row_avx512,
    ps_colour_row_neon, ps_colour_row_simd128;

/* A chain of unit gain. */
void ps_colour_shape_make(ps_colour_shape *shape, const ps_colour_plan *plan);

/* The high-pass of a chain as a section. */
ps_colour_second ps_colour_highpass(const ps_colour_shape *shape);

/* Its squared magnitude at frequencies, 0 < cycles per frame < 1/2. */
void PS_ROW(ps_colour_power)(const ps_colour_shape *shape, const double *cycles, double *power,
                             uint32_t count);

#endif
