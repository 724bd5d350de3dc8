/* Spectra of noise: octave bands and slopes by Welch's method, as the tables were measured. */
#ifndef TESTS_COLOUR_SUPPORT_H
#define TESTS_COLOUR_SUPPORT_H

#include <math.h>

#include "dsp/fft.h"

#define BANDS  10u
#define WINDOW 32768u

static const double band_hz[BANDS] = {31.5,   63.0,   125.0,  250.0,  500.0,
                                      1000.0, 2000.0, 4000.0, 8000.0, 16000.0};

/* Mean power per bin (density, any unit) of Hann windows that overlap by half. */
static inline void welch(double power[WINDOW / 2 + 1], const float *x, size_t frames)
{
    const double pi = acos(-1.0);
    ps_fft *fft;
    double *numbers;

    assert_int_equal(ps_fft_create(&fft, PS_FFT_REAL, WINDOW, NULL, NULL, NULL), PS_OK);
    numbers = malloc((WINDOW + 2 * (WINDOW / 2 + 1) + ps_fft_scratch(fft)) * sizeof *numbers);
    assert_non_null(numbers);
    double *re = numbers + WINDOW, *im = re + WINDOW / 2 + 1;
    memset(power, 0, (WINDOW / 2 + 1) * sizeof *power);
    for (size_t at = 0; at + WINDOW <= frames; at += WINDOW / 2) {
        for (size_t i = 0; i < WINDOW; i++)
            numbers[i] = (double)x[at + i] * (0.5 - 0.5 * cos(2.0 * pi * (double)i / WINDOW));
        ps_fft_real_forward(fft, numbers, re, im, im + WINDOW / 2 + 1);
        for (size_t k = 0; k <= WINDOW / 2; k++)
            power[k] += re[k] * re[k] + im[k] * im[k];
    }
    free(numbers);
    ps_fft_destroy(fft);
}

/* Octaves around the centres, in dB relative to that at 1 kHz. */
static inline void octaves(double db[BANDS], const double power[WINDOW / 2 + 1], double rate_hz)
{
    for (uint32_t b = 0; b < BANDS; b++) {
        db[b] = 1e-300;
        for (size_t k = 1; k <= WINDOW / 2; k++) {
            const double hz = (double)k * rate_hz / WINDOW;

            if (hz >= band_hz[b] / sqrt(2.0) && hz < band_hz[b] * sqrt(2.0))
                db[b] += power[k];
        }
        db[b] = 10.0 * log10(db[b]);
    }
    for (uint32_t b = BANDS; b-- > 0;)
        db[b] -= b == 5 ? 0.0 : db[5];
    db[5] = 0.0;
}

/* dB per octave from 100 to 8000 Hz, every octave weighing the same. */
static inline double slope(const double power[WINDOW / 2 + 1], double rate_hz)
{
    double w = 0.0, x = 0.0, y = 0.0, xx = 0.0, xy = 0.0;

    for (size_t k = 1; k <= WINDOW / 2; k++) {
        const double hz = (double)k * rate_hz / WINDOW, octave = log2(hz);
        const double db = 10.0 * log10(power[k]);

        if (hz < 100.0 || hz > 8000.0)
            continue;
        w += 1.0 / hz;
        x += octave / hz;
        y += db / hz;
        xx += octave * octave / hz;
        xy += octave * db / hz;
    }
    return (w * xy - x * y) / (w * xx - x * x);
}

#endif
