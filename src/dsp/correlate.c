/*
 * Cross-correlation by Fourier transforms. Left and right are the real and imaginary part of one
 * complex signal: the real part of its correlation is the sum of those of the channels.
 */
#include "dsp/correlate.h"

#include <math.h>
#include <string.h>

#include "base/untouched.h"
#include "dsp/fft.h"

/* Values this close, relative to the largest possible one, are equal: many times what rounding
   does, a hundredth of what a lag of one frame makes of 1 Hz at 192 kHz. */
#define EQUAL 5e-12

/* The transform of a signal, padded with zeros; returns its energy. */
static double spectrum(const ps_fft *fft, double *re, double *im, const float *const x[2],
                       uint32_t frames, size_t size, double *scratch)
{
    double energy = 0.0;

    for (uint32_t n = 0; n < frames; n++) {
        re[n] = (double)x[0][n];
        im[n] = (double)x[1][n];
        energy += re[n] * re[n] + im[n] * im[n];
    }
    memset(re + frames, 0, (size - frames) * sizeof *re);
    memset(im + frames, 0, (size - frames) * sizeof *im);
    ps_fft_forward(fft, re, im, scratch);
    return energy;
}

/* The first of the largest; negative lags lie at the end of c. */
static int64_t first_largest(const double *c, size_t size, int64_t most, double equal)
{
    double largest = -HUGE_VAL;

    for (int64_t d = -most; d <= most; d++) {
        const double value = c[d < 0 ? (size_t)((int64_t)size + d) : (size_t)d];

        largest = value > largest ? value : largest;
    }
    for (int64_t d = -most; d <= most; d++) {
        if (c[d < 0 ? (size_t)((int64_t)size + d) : (size_t)d] >= largest - equal)
            return d;
    }
    return -most; /* not a number */
}

/* numbers: four arrays of size, and the scratch. */
static int64_t search(const ps_fft *fft, const float *const a[2], const float *const b[2],
                      uint32_t frames, int64_t most, size_t size, double *numbers)
{
    double *a_re = numbers, *a_im = a_re + size, *b_re = a_im + size, *b_im = b_re + size;
    double *scratch = b_im + size;
    const double a_energy = spectrum(fft, a_re, a_im, a, frames, size, scratch);
    const double b_energy = spectrum(fft, b_re, b_im, b, frames, size, scratch);

    for (size_t k = 0; k < size; k++) { /* a times the conjugate of b */
        const double re = a_re[k] * b_re[k] + a_im[k] * b_im[k];
        const double im = a_im[k] * b_re[k] - a_re[k] * b_im[k];

        a_re[k] = re;
        a_im[k] = im;
    }
    ps_fft_inverse(fft, a_re, a_im, scratch);
    return first_largest(a_re, size, most, EQUAL * (double)size * sqrt(a_energy * b_energy));
}

ps_status ps_correlate_lag(int64_t *lag, const float *const a[2], const float *const b[2],
                           uint32_t frames, uint32_t most_lag, const char *kernel_row,
                           const ps_allocator *allocator, ps_error *err)
{
    const uint32_t most = frames > 0 && most_lag > frames - 1 ? frames - 1 : most_lag;
    const size_t size = ps_fft_fast_size((size_t)frames + most); /* lags do not wrap into others */
    ps_fft *fft;

    if (frames == 0 || most == 0) {
        *lag = 0;
        return PS_OK;
    }
    const ps_status status = ps_fft_create(&fft, PS_FFT_COMPLEX, size, kernel_row, allocator, err);
    if (status != PS_OK)
        return status;
    double *numbers =
        ps_alloc_untouched(allocator, 4 * size + ps_fft_scratch(fft), sizeof *numbers);
    if (numbers)
        *lag = search(fft, a, b, frames, most, size, numbers);
    ps_free(allocator, numbers);
    ps_fft_destroy(fft);
    return numbers ? PS_OK
                   : ps_fail(err, PS_NO_MEMORY, "no memory to compare %u frames", (unsigned)frames);
}
