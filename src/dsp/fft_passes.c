/* Inner loops of the Fourier transform for one instruction set, in double and in float. */
#include "dsp/fft_passes.h"

#define NUMBER  double
#define NAME(x) x
#include "dsp/fft_passes_body.h"
#undef NUMBER
#undef NAME

const ps_fft_row PS_ROW(ps_fft_row) = {
    .in_double = {pass, split, join, untangle, tangle},
};
