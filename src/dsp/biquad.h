/*
 * Filters of second order as designs: what equalizers, filters and crossovers are made of.
 *
 *      H(s) = (n2 s^2 + n1 s + n0) / (s^2 + k s + 1),    s = (1 / g) (1 - z^-1) / (1 + z^-1)
 *
 * so that s = j tan(pi f / rate) / g on the unit circle. Every stable filter of second order can be
 * written so, with g and k above 0; and any g, k above 0 are stable: two designs may be blended.
 */
#ifndef PLAINSONG_DSP_BIQUAD_H
#define PLAINSONG_DSP_BIQUAD_H

#include <stdbool.h>
#include <stdint.h>

typedef struct ps_biquad {
    double g, k;       /* tangent of the frequency, damping */
    double n2, n1, n0; /* n2 is the gain at half the rate, n0 that at 0 Hz */
} ps_biquad;

typedef enum ps_biquad_type {
    PS_BIQUAD_PEAK,      /* gain_db at freq, half of it (in dB) where f/freq - freq/f = 1/q */
    PS_BIQUAD_LOWSHELF,  /* gain_db at 0 Hz, half of it at freq */
    PS_BIQUAD_HIGHSHELF, /* gain_db at half the rate, half of it at freq */
    PS_BIQUAD_LOWPASS,   /* gain q at freq: q = sqrt(1/2) is Butterworth's */
    PS_BIQUAD_HIGHPASS,
    PS_BIQUAD_BANDPASS, /* 0 dB at freq, freq / q wide at -3 dB, less so close to half the rate */
    PS_BIQUAD_NOTCH,    /* nothing at freq, likewise wide */
    PS_BIQUAD_ALLPASS,  /* half a turn at freq */
    PS_BIQUAD_TYPES
} ps_biquad_type;

/* Frequencies from this share of the rate up count as it. */
#define PS_BIQUAD_HIGHEST 0.49

/* gain_db is for peaks and shelves; with 0 they change nothing at all. q > 0. */
void ps_biquad_make(ps_biquad *filter, ps_biquad_type type, double freq_hz, double gain_db,
                    double q, double rate_hz);

/* The filter that changes nothing, with the poles that this one has. */
void ps_biquad_open(ps_biquad *filter);

/* True when the filter changes nothing. */
bool ps_biquad_is_open(const ps_biquad *filter);

/* What a sine of freq_hz (0..rate_hz / 2) is multiplied by. */
void ps_biquad_response(const ps_biquad *filter, double freq_hz, double rate_hz, double *re,
                        double *im);

/* Frames until what rings is 100 dB down. */
uint64_t ps_biquad_tail(const ps_biquad *filter);

#endif
