/*
 * Plans of Fourier transforms: which passes of which radix (Stockham's out-of-place form, which
 * leaves the data in order), their tables, and what is done around them for real signals (two real
 * samples make one complex number) and for sizes with other prime factors (Bluestein's chirp).
 */
#include "dsp/fft.h"

#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "base/untouched.h"
#include "dsp/fft_passes.h"
#include "kernel/kernel.h"
#include "kernel/math.h"

#define PASSES_MOST 32u

bool ps_fft_is_fast(size_t size)
{
    static const size_t factors[] = {2, 3, 5, 7};

    if (size == 0)
        return false;
    for (size_t i = 0; i < sizeof factors / sizeof factors[0]; i++) {
        while (size % factors[i] == 0)
            size /= factors[i];
    }
    return size == 1;
}

size_t ps_fft_fast_size(size_t least)
{
    size_t best = 1;

    while (best < least)
        best *= 2;
    for (size_t odd = 3; odd <= 5; odd += 2) {
        size_t size = odd;

        while (size < least)
            size *= 2;
        best = size < best ? size : best;
    }
    return best;
}

static const ps_fft_row *find_row(const char *kernel_row)
{
    const ps_kernels *kernels = ps_kernels_find(kernel_row);

    if (!kernels)
        return NULL;
#if PS_HAVE_AVX2
    if (strcmp(kernels->name, "avx2") == 0)
        return &ps_fft_row_avx2;
#endif
#if PS_HAVE_AVX512
    if (strcmp(kernels->name, "avx512") == 0)
        return &ps_fft_row_avx512;
#endif
#if PS_HAVE_NEON
    if (strcmp(kernels->name, "neon") == 0)
        return &ps_fft_row_neon;
#endif
#if PS_HAVE_SIMD128
    if (strcmp(kernels->name, "simd128") == 0)
        return &ps_fft_row_simd128;
#endif
    return &ps_fft_row_c;
}

#define NUMBER   double
#define NAME(x)  x
#define LOOPS_OF in_double
#define ANY_SIZE true
#include "dsp/fft_plan_body.h"
#undef NUMBER
#undef NAME
#undef LOOPS_OF
#undef ANY_SIZE
