/* Inner loops of the Fourier transform, one table per instruction set (base/row.h). */
#ifndef PLAINSONG_DSP_FFT_PASSES_H
#define PLAINSONG_DSP_FFT_PASSES_H

#include <stddef.h>

#include "base/row.h"

/* NAME(x) and NUMBER make the types once for double (x) and once for float (x_float). */
#define NUMBER  double
#define NAME(x) x
#include "dsp/fft_passes_types.h"
#undef NUMBER
#undef NAME

typedef struct ps_fft_row {
    ps_fft_loops in_double;
} ps_fft_row;

extern const ps_fft_row ps_fft_row_c, ps_fft_row_avx2, ps_fft_row_avx512, ps_fft_row_neon,
    ps_fft_row_simd128;

#endif
