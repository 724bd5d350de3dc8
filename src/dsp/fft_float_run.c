/* Fourier transforms in single precision, as fft_float_plan.h describes, for one instruction set.
 */
#include "dsp/fft_float_plan.h"
#include "kernel/wide.h"

/* Small functions whose arguments are constants: with them, loops and choices fold away. */
#define INLINE inline __attribute__((always_inline))

/* Half of a first-level cache. */
#define NEAR_FLOATS ((size_t)4096)

/* The bins 1 .. count and, from `high` (bin points - 1) down, their mirror images. */
static void untangle_pairs(float *restrict low_re, float *restrict low_im, float *restrict high_re,
                           float *restrict high_im, const float *restrict turn_re,
                           const float *restrict turn_im, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const size_t down = count - 1 - i; /* high arrays begin at the lowest bin */
        const float even_re = 0.5f * (low_re[i] + high_re[down]);
        const float even_im = 0.5f * (low_im[i] - high_im[down]);
        const float odd_re = 0.5f * (low_im[i] + high_im[down]);
        const float odd_im = 0.5f * (high_re[down] - low_re[i]);
        const float re = odd_re * turn_re[i] - odd_im * turn_im[i];
        const float im = odd_re * turn_im[i] + odd_im * turn_re[i];

        low_re[i] = even_re + re;
        low_im[i] = even_im + im;
        high_re[down] = even_re - re;
        high_im[down] = im - even_im;
    }
}

static void untangle(const ps_fft_float *fft, float *re, float *im)
{
    const size_t half = fft->points, count = (half - 1) / 2, high = half - count;
    const float even = re[0], odd = im[0];

    untangle_pairs(re + 1, im + 1, re + high, im + high, fft->turn_re + 1, fft->turn_im + 1, count);
    if (half % 2 == 0)
        im[half / 2] = -im[half / 2];
    re[0] = even + odd;
    re[half] = even - odd;
    im[0] = im[half] = 0.0f;
}

static void tangle_pairs(float *restrict low_re, float *restrict low_im, float *restrict high_re,
                         float *restrict high_im, const float *restrict re,
                         const float *restrict im, const float *restrict mirror_re,
                         const float *restrict mirror_im, const float *restrict turn_re,
                         const float *restrict turn_im, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const size_t down = count - 1 - i;
        const float even_re = re[i] + mirror_re[down], even_im = im[i] - mirror_im[down];
        const float gap_re = re[i] - mirror_re[down], gap_im = im[i] + mirror_im[down];
        const float odd_re = gap_re * turn_re[i] + gap_im * turn_im[i];
        const float odd_im = gap_im * turn_re[i] - gap_re * turn_im[i];

        low_re[i] = even_re - odd_im;
        low_im[i] = even_im + odd_re;
        high_re[down] = even_re + odd_im;
        high_im[down] = odd_re - even_im;
    }
}

static void tangle(const ps_fft_float *fft, const float *re, const float *im, float *to_re,
                   float *to_im)
{
    const size_t half = fft->points, count = (half - 1) / 2, high = half - count;

    tangle_pairs(to_re + 1, to_im + 1, to_re + high, to_im + high, re + 1, im + 1, re + high,
                 im + high, fft->turn_re + 1, fft->turn_im + 1, count);
    if (half % 2 == 0) {
        to_re[half / 2] = 2.0f * re[half / 2];
        to_im[half / 2] = -2.0f * im[half / 2];
    }
    to_re[0] = re[0] + re[half];
    to_im[0] = re[0] - re[half];
}

#if PS_WIDE_MOST == 4
#define PS_WIDTH 1
#include "dsp/fft_float_body.h"
#undef PS_WIDTH
#endif

#define PS_WIDTH 4
#include "dsp/fft_float_body.h"
#undef PS_WIDTH

#if PS_WIDE_MOST >= 8
#define PS_WIDTH 8
#include "dsp/fft_float_body.h"
#undef PS_WIDTH
#endif

#if PS_WIDE_MOST >= 16
#define PS_WIDTH 16
#include "dsp/fft_float_body.h"
#undef PS_WIDTH
#endif

#define LOOPS(W)                                                                                   \
    {                                                                                              \
        W, pairs_##W, swapped_##W, planar_##W, split_##W, joined_##W, untangle, tangle,            \
            PS_ROW(ps_fft_add_products)                                                            \
    }

const ps_fft_float_loops PS_ROW(ps_fft_float_loops)[] = {
#if PS_WIDE_MOST >= 16
    LOOPS(16),
#endif
#if PS_WIDE_MOST >= 8
    LOOPS(8),
#endif
    LOOPS(4),
#if PS_WIDE_MOST == 4
    LOOPS(1),
#endif
    {0},
};
