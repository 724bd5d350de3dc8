/*
 * Discrete Fourier transforms, complex and real, in double and in float.
 *
 *      X[k] = sum over j of x[j] exp(-2 pi i j k / n)          forward
 *      y[j] = sum over k of X[k] exp(+2 pi i j k / n)          inverse
 *
 * Neither is scaled: the inverse of the forward transform is n times the signal. Bins are in order
 * of frequency. Mostly they are planar, real and imaginary parts in arrays of their own, so that
 * loops over spectra need no shuffling; complex signals in float may also be pairs (re, im, re, im,
 * ...). A real signal of n samples has the n / 2 + 1 (rounded down) bins 0 .. n / 2; its imaginary
 * parts at 0 and, for even n, at n / 2 are written as 0 and not read.
 *
 * A plan never changes: any number of threads may use one at a time, each with a scratch of its
 * own. Transforms do not allocate. What scratch holds before and after does not matter.
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

/* ---- In double ---- */

/*
 * Makes a plan for signals of `size` samples, 1 .. PS_FFT_SIZE_MOST. Fast sizes are 2^a 3^b 5^c
 * 7^d, real ones best even; others are done by a convolution (Bluestein 1970), at about six times
 * the cost. Arrays need no alignment; PS_ALIGN_BYTES makes them faster.
 *
 * kernel_row: as ps_engine_kernel_row says; NULL: the fastest here. The last bits of results may
 *             differ between rows.
 *
 * PS_BAD_ARGUMENT for a size that cannot be, PS_NOT_FOUND for a row this processor cannot run.
 */
ps_status ps_fft_create(ps_fft **out, ps_fft_kind kind, size_t size, const char *kernel_row,
                        const ps_allocator *allocator, ps_error *err);

/* NULL allowed. */
void ps_fft_destroy(ps_fft *fft);

/* Numbers of scratch a transform needs. */
size_t ps_fft_scratch(const ps_fft *fft);

/* Complex plans, in place. */
void ps_fft_forward(const ps_fft *fft, double *re, double *im, double *scratch);
void ps_fft_inverse(const ps_fft *fft, double *re, double *im, double *scratch);

/* Real plans: n samples, n / 2 + 1 bins. The arrays may not overlap; inputs stay as they are. */
void ps_fft_real_forward(const ps_fft *fft, const double *samples, double *re, double *im,
                         double *scratch);
void ps_fft_real_inverse(const ps_fft *fft, const double *re, const double *im, double *samples,
                         double *scratch);

/* ---- In float ---- */

/*
 * The same for float: sizes 2^a 3^b 5^c 7^d (multiples of 64 are fastest), real ones even. Errors
 * are under 1e-6 of the signal's root mean square. Scratch must be aligned to PS_ALIGN_BYTES, as
 * ps_alloc gives it; other arrays need no alignment, but are faster with it.
 */
ps_status ps_fft_create_float(ps_fft_float **out, ps_fft_kind kind, size_t size,
                              const char *kernel_row, const ps_allocator *allocator, ps_error *err);
void ps_fft_destroy_float(ps_fft_float *fft);

/* Numbers of scratch a transform needs. */
size_t ps_fft_scratch_float(const ps_fft_float *fft);

/* Bins of a spectrum: n, or n / 2 + 1 of real plans. */
size_t ps_fft_bins_float(const ps_fft_float *fft);

/* Complex plans, n pairs. In place (out == in) or not. */
void ps_fft_forward_float(const ps_fft_float *fft, const float *in, float *out, float *scratch);
void ps_fft_inverse_float(const ps_fft_float *fft, const float *in, float *out, float *scratch);

/*
 * Complex plans, planar. In place (re == in_re, im == in_im) or not. This is the form for
 * convolution: a stereo block is the planar signal left + i right, and the product of its spectrum
 * with that of one real response (whose imaginary part was zero) is the spectrum of both channels
 * convolved with it.
 */
void ps_fft_planar_forward_float(const ps_fft_float *fft, const float *in_re, const float *in_im,
                                 float *re, float *im, float *scratch);
void ps_fft_planar_inverse_float(const ps_fft_float *fft, const float *in_re, const float *in_im,
                                 float *re, float *im, float *scratch);

/*
 * Real plans: n samples, n / 2 + 1 bins, planar. The arrays may not overlap; inputs stay as they
 * are. Two of these cost no more than the complex transform of two real signals, so that channels
 * with different responses are best transformed one by one.
 */
void ps_fft_real_forward_float(const ps_fft_float *fft, const float *samples, float *re, float *im,
                               float *scratch);
void ps_fft_real_inverse_float(const ps_fft_float *fft, const float *re, const float *im,
                               float *samples, float *scratch);

/* Two planar spectra of a plan that are to be multiplied. Borrowed; they may be the same. */
typedef struct ps_fft_product {
    const float *a_re, *a_im, *b_re, *b_im;
} ps_fft_product;

/*
 * Adds products bin by bin to a planar spectrum of the plan, which is none of theirs: re + i im +=
 * sum of a b. One call with all partitions of a convolution is faster than a call for each, because
 * the sum stays in registers; likewise for the two responses that reach one ear in true stereo
 * (left times left-to-left, right times right-to-left).
 */
void ps_fft_add_products(const ps_fft_float *fft, float *re, float *im,
                         const ps_fft_product *products, size_t count);

#endif
