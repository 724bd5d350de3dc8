/* Included by fft_passes.h once per type of number; no guard. */

/*
 * One pass of Stockham's transform: out of place, the order of the data sorts itself. The signal is
 * split into `radix` parts; with m = n / (radix * stride)
 *
 *      y[q + stride (radix p + k)] = w^(p k) sum over j of x[q + stride (p + m j)] exp(-2 pi i j k
 * / radix)
 *
 * for q < stride, p < m, k < radix and w = exp(-2 pi i / (radix m)).
 */
typedef struct NAME(ps_fft_pass) {
    size_t radix; /* 2, 3, 4, 5, 7, 8 */
    size_t m, stride;
    const NUMBER *turn_re, *turn_im; /* w^(p k) at [(k - 1) m + p], k from 1 */
} NAME(ps_fft_pass);

typedef struct NAME(ps_fft_loops) {
    void (*pass)(const NAME(ps_fft_pass) * pass, const NUMBER *x_re, const NUMBER *x_im,
                 NUMBER *y_re, NUMBER *y_im);
    /* Even samples to re, odd ones to im; and back. */
    void (*split)(NUMBER *re, NUMBER *im, const NUMBER *samples, size_t half);
    void (*join)(NUMBER *samples, const NUMBER *re, const NUMBER *im, size_t half);
    /*
     * From the transform of even + i odd samples (in place) to that of the samples, and back. turn:
     * exp(-2 pi i k / (2 half)) for k <= half / 2.
     */
    void (*untangle)(NUMBER *re, NUMBER *im, const NUMBER *turn_re, const NUMBER *turn_im,
                     size_t half);
    void (*tangle)(NUMBER *to_re, NUMBER *to_im, const NUMBER *re, const NUMBER *im,
                   const NUMBER *turn_re, const NUMBER *turn_im, size_t half);
} NAME(ps_fft_loops);
