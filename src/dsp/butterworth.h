/*
 * Digital Butterworth filters of order 4, by the bilinear transform with prewarping: as two
 * second-order sections, and as the impulse response of running forwards and then backwards.
 */
#ifndef PLAINSONG_DSP_BUTTERWORTH_H
#define PLAINSONG_DSP_BUTTERWORTH_H

#include <stdint.h>

#define PS_BUTTERWORTH_SECTIONS 2u

/* (b0 + b1 z^-1 + b2 z^-2) / (1 + a1 z^-1 + a2 z^-2) */
typedef struct ps_section {
    double b0, b1, b2, a1, a2;
} ps_section;

typedef struct ps_butterworth {
    ps_section sections[PS_BUTTERWORTH_SECTIONS];
    double steady_gain; /* of each section at 0 Hz: 1 for a low-pass, 0 for a high-pass */
} ps_butterworth;

/* cutoff_hz (-3 dB): above 0, below rate_hz / 2. */
void ps_butterworth_lowpass(ps_butterworth *filter, double cutoff_hz, double rate_hz);
void ps_butterworth_highpass(ps_butterworth *filter, double cutoff_hz, double rate_hz);

/*
 * What a low-pass, run forwards and then backwards over a signal without ends, answers to a single
 * 1 at frame 0:
 *
 *      h[n] = 2 Re(share_0 pole_0^|n| + share_1 pole_1^|n|) + (n == 0 ? direct : 0)
 *
 * The high-pass of the same cutoff answers with (n == 0) - h[n]: their squared magnitudes add up
 * to 1. So does the low-pass whose cutoff lies as far below rate / 2 as this one lies above 0, but
 * for the signs of odd n.
 */
typedef struct ps_two_sided {
    struct {
        double re, im;
    } pole[PS_BUTTERWORTH_SECTIONS], share[PS_BUTTERWORTH_SECTIONS];
    double direct;
    double radius; /* of the larger pole: |h[n]| falls at least as radius^|n| */
} ps_two_sided;

void ps_two_sided_lowpass(ps_two_sided *answer, double cutoff_hz, double rate_hz);

/* The same without the zeros, a[n]: h is a, filtered by (1 + 1/z)^4 (1 + z)^4. */
void ps_two_sided_poles(ps_two_sided *answer, double cutoff_hz, double rate_hz);

/* out[n] = the answer n frames from the 1. */
void ps_two_sided_fill(const ps_two_sided *answer, float *out, uint32_t count);

#endif
