/*
 * What a transform in single precision knows, and the functions that carry it out, one table of
 * them per instruction set and vector width (base/row.h, kernel/wide.h).
 *
 * With W lanes and M = n / W, sample j = l + W m lies in lane l of cell m: a cell is W real parts
 * and W imaginary ones, as they come. Then
 *
 *      X[k + M q] = sum over l of exp(-2 pi i l (k + M q) / n) C[l][k]
 *      C[l][k] = sum over m of x[l + W m] exp(-2 pi i m k / M)           for k < M, q < W
 *
 * "Columns": the transforms C are the same in all lanes, so need no shuffling. They are done in
 * place, frequencies decimated, which leaves C[.][k] in the cell whose number is k with its digits
 * reversed. "Rows": the sum over lanes; W cells of neighbouring k are turned by exp(-2 pi i l k /
 * n), transposed and transformed, and give W vectors of W neighbouring bins each.
 */
#ifndef PLAINSONG_DSP_FFT_FLOAT_PLAN_H
#define PLAINSONG_DSP_FFT_FLOAT_PLAN_H

#include <stddef.h>
#include <stdint.h>

#include "base/row.h"
#include "dsp/fft.h"

#define PS_FFT_LEVELS_MOST 32u
#define PS_FFT_LANES_MOST  16u

/* How complex numbers lie. */
typedef enum ps_fft_layout {
    PS_FFT_PLANAR,  /* re[i], im[i] */
    PS_FFT_PAIRS,   /* re[2 i], re[2 i + 1] */
    PS_FFT_SWAPPED, /* the same, imaginary part first */
    PS_FFT_CELLS,   /* as above, cells following each other */
} ps_fft_layout;

/* A signal or spectrum, borrowed. Pairs have no im. */
typedef struct ps_fft_input {
    ps_fft_layout layout;
    const float *re, *im;
} ps_fft_input;

typedef struct ps_fft_output {
    ps_fft_layout layout;
    float *re, *im;
} ps_fft_output;

/* Butterflies of one radix over cells i, i + m, i + 2 m ... of each stretch of radix * m cells. */
typedef struct ps_fft_level {
    uint32_t radix;     /* 1 (alone, M = 1), 2, 3, 4, 5, 7, 8 */
    size_t m;           /* 1: the last level, which has no turns */
    const float *turns; /* exp(-2 pi i j k / (radix m)) for j < m, k = 1 ... radix - 1 */
} ps_fft_level;

typedef struct ps_fft_float_loops {
    uint32_t lanes;
    /* Transforms; outputs may be inputs. work: 2 points floats, aligned. */
    void (*pairs)(const ps_fft_float *fft, const float *in, float *out, float *work);
    /* Likewise with real and imaginary parts exchanged on both sides: the inverse. */
    void (*swapped)(const ps_fft_float *fft, const float *in, float *out, float *work);
    void (*planar)(const ps_fft_float *fft, const float *in_re, const float *in_im, float *re,
                   float *im, float *work);
    /* From pairs to planar; from planar to pairs with the imaginary parts first. */
    void (*split)(const ps_fft_float *fft, const float *in, float *re, float *im, float *work);
    void (*joined)(const ps_fft_float *fft, const float *in_re, const float *in_im, float *out,
                   float *work);
    /* From the transform of even + i odd samples (in place) to that of the samples, and back. */
    void (*untangle)(const ps_fft_float *fft, float *re, float *im);
    void (*tangle)(const ps_fft_float *fft, const float *re, const float *im, float *to_re,
                   float *to_im);
    void (*add_products)(float *re, float *im, const ps_fft_product *products, size_t count,
                         size_t bins);
} ps_fft_float_loops;

struct ps_fft_float {
    const ps_allocator *allocator;
    const ps_fft_float_loops *loops;
    ps_fft_kind kind;
    size_t size;   /* of the signal */
    size_t points; /* of the complex transform that does it: size, or half of a real size */
    size_t cells;  /* M */
    uint32_t level_count;
    ps_fft_level levels[PS_FFT_LEVELS_MOST];
    size_t short_radix; /* 4 or 8 where M is 4 times that and it goes a short way, else 0 */
    float *tables;      /* owned; the pointers to float point into it */
    uint32_t *places;   /* owned: the cell of k = 0, W, 2 W ... */
    size_t within[PS_FFT_LANES_MOST]; /* how many cells from k's to k + i's, i < W */
    const float *row_turns;         /* cells: exp(-2 pi i l k / points), k = 0 ... M - 1, lanes l */
    const float *mid_turns;         /* cells: exp(-2 pi i (l % 4) k / W), k = 1 ... W / 4 - 1 */
    const float *turn_re, *turn_im; /* real: exp(-2 pi i k / size), k <= points / 2 */
};

/* re + i im += sum of a b at `bins` bins. */
void PS_ROW(ps_fft_add_products)(float *re, float *im, const ps_fft_product *products, size_t count,
                                 size_t bins);

/* All widths of a row, widest first, ended by lanes 0. */
extern const ps_fft_float_loops ps_fft_float_loops_c[], ps_fft_float_loops_avx2[],
    ps_fft_float_loops_avx512[], ps_fft_float_loops_neon[], ps_fft_float_loops_simd128[];

#endif
