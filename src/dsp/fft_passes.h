/* Inner loops of the Fourier transform in double, one table per instruction set (base/row.h). */
#ifndef PLAINSONG_DSP_FFT_PASSES_H
#define PLAINSONG_DSP_FFT_PASSES_H

#include <stddef.h>

#include "base/row.h"

/*
 * One pass of Stockham's transform: out of place, the order of the data sorts itself. The signal is
 * split into `radix` parts; with m = n / (radix * stride)
 *
 *      y[q + stride (radix p + k)] = w^(p k) sum over j of x[q + stride (p + m j)] v^(j k)
 *
 * for q < stride, p < m, k < radix, w = exp(-2 pi i / (radix m)) and v = exp(-2 pi i / radix).
 */
typedef struct ps_fft_pass {
    size_t radix; /* 2, 3, 4, 5, 7, 8 */
    size_t m, stride;
    const double *turn_re, *turn_im; /* w^(p k) at [(k - 1) m + p], k from 1 */
} ps_fft_pass;

typedef struct ps_fft_loops {
    void (*pass)(const ps_fft_pass *pass, const double *x_re, const double *x_im, double *y_re,
                 double *y_im);
    /* Even samples to re, odd ones to im; and back. */
    void (*split)(double *re, double *im, const double *samples, size_t half);
    void (*join)(double *samples, const double *re, const double *im, size_t half);
    /*
     * From the transform of even + i odd samples (in place) to that of the samples, and back. turn:
     * exp(-2 pi i k / (2 half)) for k <= half / 2.
     */
    void (*untangle)(double *re, double *im, const double *turn_re, const double *turn_im,
                     size_t half);
    void (*tangle)(double *to_re, double *to_im, const double *re, const double *im,
                   const double *turn_re, const double *turn_im, size_t half);
} ps_fft_loops;

extern const ps_fft_loops ps_fft_loops_c, ps_fft_loops_avx2, ps_fft_loops_avx512, ps_fft_loops_neon,
    ps_fft_loops_simd128;

#endif
