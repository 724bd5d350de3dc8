/*
 * How a controller's value becomes a modulator's input: the source curves of SF2 8.2.1 and 9.5.1.
 */
#ifndef PLAINSONG_SYNTH_CURVES_H
#define PLAINSONG_SYNTH_CURVES_H

#include <stdbool.h>
#include <stdint.h>

typedef struct ps_curves {
    double concave[128]; /* 0 at 0, 1 at 127, steep at the end: -40/96 log10((127 - i) / 127) */
} ps_curves;

void ps_curves_init(ps_curves *curves);

/*
 * The input a source gives.
 *
 * @param source bit field of SF2 8.2.1: bit 8 direction, bit 9 polarity, bits 10-15 type
 * @param value  of the source
 * @param bits   7 or 14: how many bits the value has
 *
 * Unipolar sources give 0..127/128 (concave, convex and switch: 0..1), bipolar ones -1..127/128;
 * the two ends the standard leaves a step short are closed where a listener would notice: a full
 * bend is a full bend, and pan 127 is hard right.
 */
double ps_curve(const ps_curves *curves, uint16_t source, uint32_t value, uint32_t bits);

#endif
