/* Sums of products of spectra, for one instruction set: the inner loop of convolvers. */
#include "dsp/fft_float_plan.h"
#include "kernel/wide.h"

#define PS_WIDTH PS_WIDE_MOST
#define WIDE     PS_WIDE(ps_wide)

/* How many products are summed before the sum is stored. With narrow vectors the addresses count:
   those of more than two products do not fit the registers. */
#define TOGETHER (PS_WIDE_MOST >= 16 ? 4u : 2u)

/* Some products at the bins from one on, as many as fit a vector. */
static inline void add_some(float *re, float *im, const ps_fft_product *p, size_t count, size_t at)
{
    WIDE sum_re = PS_WIDE(ps_wide_read)(re + at), sum_im = PS_WIDE(ps_wide_read)(im + at);

    for (size_t i = 0; i < count; i++) {
        const WIDE a_re = PS_WIDE(ps_wide_read)(p[i].a_re + at);
        const WIDE a_im = PS_WIDE(ps_wide_read)(p[i].a_im + at);
        const WIDE b_re = PS_WIDE(ps_wide_read)(p[i].b_re + at);
        const WIDE b_im = PS_WIDE(ps_wide_read)(p[i].b_im + at);

        sum_re = PS_WIDE(ps_wide_madd)(a_re, b_re, sum_re);
        sum_im = PS_WIDE(ps_wide_madd)(a_re, b_im, sum_im);
        sum_re = PS_WIDE(ps_wide_nmadd)(a_im, b_im, sum_re);
        sum_im = PS_WIDE(ps_wide_madd)(a_im, b_re, sum_im);
    }
    PS_WIDE(ps_wide_write)(re + at, sum_re);
    PS_WIDE(ps_wide_write)(im + at, sum_im);
}

static void add_rest(float *re, float *im, const ps_fft_product *products, size_t count, size_t at)
{
    float sum_re = re[at], sum_im = im[at];

    for (size_t i = 0; i < count; i++) {
        const ps_fft_product *p = &products[i];

        sum_re += p->a_re[at] * p->b_re[at] - p->a_im[at] * p->b_im[at];
        sum_im += p->a_re[at] * p->b_im[at] + p->a_im[at] * p->b_re[at];
    }
    re[at] = sum_re;
    im[at] = sum_im;
}

/* count is a constant here. */
static inline void add_group(float *re, float *im, const ps_fft_product *products, size_t count,
                             size_t bins)
{
    ps_fft_product p[TOGETHER];

    for (size_t i = 0; i < count; i++)
        p[i] = products[i];
    for (size_t k = 0; k + PS_WIDTH <= bins; k += PS_WIDTH)
        add_some(re, im, p, count, k);
}

void PS_ROW(ps_fft_add_products)(float *re, float *im, const ps_fft_product *products, size_t count,
                                 size_t bins)
{
    size_t i = 0;

    for (; i + TOGETHER <= count; i += TOGETHER)
        add_group(re, im, products + i, TOGETHER, bins);
    for (; i < count; i++)
        add_group(re, im, products + i, 1, bins);
    for (size_t k = bins / PS_WIDTH * PS_WIDTH; k < bins; k++)
        add_rest(re, im, products, count, k);
}
