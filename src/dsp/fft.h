/*
 * Discrete Fourier transforms, complex and real, in double and in float.
 *
 *      X[k] = sum over j of x[j] exp(-2 pi i j k / n)          forward
 *      y[j] = sum over k of X[k] exp(+2 pi i j k / n)          inverse
 *
 * Neither is scaled: the inverse of the forward transform is n times the signal. Real and imaginary
 * parts lie in arrays of their own (so that loops over spectra vectorize), in order of frequency.
 * A real signal of n samples has the n / 2 + 1 (rounded down) bins 0 .. n / 2; its imaginary parts
 * at 0 and, for even n, at n / 2 are written as 0 and not read.
 *
 * Fast sizes are 2^a 3^b 5^c 7^d; real ones are best even. Others are done in double by a
 * convolution (Bluestein 1970), at about six times the cost.
 *
 * A plan never changes: several threads may use one at a time, each with a scratch of its own.
 * Arrays need no alignment; PS_ALIGN_BYTES makes them faster.
 */
#ifndef PLAINSONG_DSP_FFT_H
#define PLAINSONG_DSP_FFT_H

#include <stdbool.h>
#include <stddef.h>

#include "plainsong/memory.h"

#define PS_FFT_SIZE_MOST ((size_t)1 << 28)

typedef enum ps_fft_kind {
    PS_FFT_COMPLEX,
    PS_FFT_REAL,
} ps_fft_kind;

typedef struct ps_fft ps_fft;             /* in double, any size */
typedef struct ps_fft_float ps_fft_float; /* in float, 2^a 3^b 5^c 7^d */

/* Whether a size is 2^a 3^b 5^c 7^d. */
bool ps_fft_is_fast(size_t size);

/* The smallest 2^a, 3 * 2^a or 5 * 2^a that is not under a size (at most PS_FFT_SIZE_MOST). */
size_t ps_fft_fast_size(size_t least);

/*
 * Makes a plan for signals of `size` samples, 1 .. PS_FFT_SIZE_MOST.
 *
 * kernel_row: as ps_engine_kernel_row says; NULL: the fastest here. The last bits of results may
 *             differ between rows.
 *
 * PS_BAD_ARGUMENT for a size that cannot be, PS_NOT_FOUND for a row this processor cannot run.
 */
ps_status ps_fft_create(ps_fft **out, ps_fft_kind kind, size_t size, const char *kernel_row,
                        const ps_allocator *allocator, ps_error *err);
ps_status ps_fft_create_float(ps_fft_float **out, ps_fft_kind kind, size_t size,
                              const char *kernel_row, const ps_allocator *allocator, ps_error *err);

/* NULL allowed. */
void ps_fft_destroy(ps_fft *fft);
void ps_fft_destroy_float(ps_fft_float *fft);

/* Numbers (double or float) of scratch a transform needs; what is in it does not matter. */
size_t ps_fft_scratch(const ps_fft *fft);
size_t ps_fft_scratch_float(const ps_fft_float *fft);

/* Complex plans, in place. */
void ps_fft_forward(const ps_fft *fft, double *re, double *im, double *scratch);
void ps_fft_inverse(const ps_fft *fft, double *re, double *im, double *scratch);
void ps_fft_forward_float(const ps_fft_float *fft, float *re, float *im, float *scratch);
void ps_fft_inverse_float(const ps_fft_float *fft, float *re, float *im, float *scratch);

/* Real plans: n samples, n / 2 + 1 bins. The arrays may not overlap; inputs stay as they are. */
void ps_fft_real_forward(const ps_fft *fft, const double *samples, double *re, double *im,
                         double *scratch);
void ps_fft_real_inverse(const ps_fft *fft, const double *re, const double *im, double *samples,
                         double *scratch);
void ps_fft_real_forward_float(const ps_fft_float *fft, const float *samples, float *re, float *im,
                               float *scratch);
void ps_fft_real_inverse_float(const ps_fft_float *fft, const float *re, const float *im,
                               float *samples, float *scratch);

#endif
