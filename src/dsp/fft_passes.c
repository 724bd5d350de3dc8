/* Inner loops of the Fourier transform in double for one instruction set. */
#include "dsp/fft_passes.h"

typedef struct point {
    double re, im;
} point;

static inline point add(point a, point b)
{
    return (point){a.re + b.re, a.im + b.im};
}

static inline point subtract(point a, point b)
{
    return (point){a.re - b.re, a.im - b.im};
}

/* -i a */
static inline point quarter(point a)
{
    return (point){a.im, -a.re};
}

static inline point times(point a, double re, double im)
{
    return (point){a.re * re - a.im * im, a.re * im + a.im * re};
}

static inline void butterfly2(point *v)
{
    const point a = v[0], b = v[1];

    v[0] = add(a, b);
    v[1] = subtract(a, b);
}

static inline void butterfly3(point *v)
{
    const double half = 0.5, root = 0.86602540378443864676; /* sin 60 deg */
    const point sum = add(v[1], v[2]), gap = subtract(v[1], v[2]);
    const point middle = {v[0].re - half * sum.re, v[0].im - half * sum.im};
    const point side = {root * gap.im, -root * gap.re};

    v[0] = add(v[0], sum);
    v[1] = add(middle, side);
    v[2] = subtract(middle, side);
}

static inline void butterfly4(point *v)
{
    const point a = add(v[0], v[2]), b = subtract(v[0], v[2]);
    const point c = add(v[1], v[3]);
    const point d = quarter(subtract(v[1], v[3]));

    v[0] = add(a, c);
    v[1] = add(b, d);
    v[2] = subtract(a, c);
    v[3] = subtract(b, d);
}

static inline void butterfly5(point *v)
{
    const double c1 = 0.30901699437494742410, c2 = -0.80901699437494742410;
    const double s1 = 0.95105651629515357212, s2 = 0.58778525229247312917;
    const point a = add(v[1], v[4]), d = subtract(v[1], v[4]);
    const point b = add(v[2], v[3]), c = subtract(v[2], v[3]);
    const point m1 = {v[0].re + c1 * a.re + c2 * b.re, v[0].im + c1 * a.im + c2 * b.im};
    const point m2 = {v[0].re + c2 * a.re + c1 * b.re, v[0].im + c2 * a.im + c1 * b.im};
    const point n1 = quarter((point){s1 * d.re + s2 * c.re, s1 * d.im + s2 * c.im});
    const point n2 = quarter((point){s2 * d.re - s1 * c.re, s2 * d.im - s1 * c.im});

    v[0] = add(v[0], add(a, b));
    v[1] = add(m1, n1);
    v[2] = add(m2, n2);
    v[3] = subtract(m2, n2);
    v[4] = subtract(m1, n1);
}

static inline void butterfly7(point *v)
{
    /* cos and sin of 360 / 7 degrees and its multiples. */
    const double c1 = 0.62348980185873353053, s1 = 0.78183148246802980871;
    const double c2 = -0.22252093395631440429, s2 = 0.97492791218182360702;
    const double c3 = -0.90096886790241912624, s3 = 0.43388373911755812048;
    const point a = add(v[1], v[6]), f = subtract(v[1], v[6]);
    const point b = add(v[2], v[5]), e = subtract(v[2], v[5]);
    const point c = add(v[3], v[4]), d = subtract(v[3], v[4]);
    const point m1 = {v[0].re + c1 * a.re + c2 * b.re + c3 * c.re,
                      v[0].im + c1 * a.im + c2 * b.im + c3 * c.im};
    const point m2 = {v[0].re + c2 * a.re + c3 * b.re + c1 * c.re,
                      v[0].im + c2 * a.im + c3 * b.im + c1 * c.im};
    const point m3 = {v[0].re + c3 * a.re + c1 * b.re + c2 * c.re,
                      v[0].im + c3 * a.im + c1 * b.im + c2 * c.im};
    const point n1 =
        quarter((point){s1 * f.re + s2 * e.re + s3 * d.re, s1 * f.im + s2 * e.im + s3 * d.im});
    const point n2 =
        quarter((point){s2 * f.re - s3 * e.re - s1 * d.re, s2 * f.im - s3 * e.im - s1 * d.im});
    const point n3 =
        quarter((point){s3 * f.re - s1 * e.re + s2 * d.re, s3 * f.im - s1 * e.im + s2 * d.im});

    v[0] = add(add(v[0], a), add(b, c));
    v[1] = add(m1, n1);
    v[2] = add(m2, n2);
    v[3] = add(m3, n3);
    v[4] = subtract(m3, n3);
    v[5] = subtract(m2, n2);
    v[6] = subtract(m1, n1);
}

static inline void butterfly8(point *v)
{
    const double root = 0.70710678118654752440; /* sin 45 deg */
    point even[4] = {add(v[0], v[4]), add(v[1], v[5]), add(v[2], v[6]), add(v[3], v[7])};
    point odd[4] = {subtract(v[0], v[4]), subtract(v[1], v[5]), subtract(v[2], v[6]),
                    subtract(v[3], v[7])};

    odd[1] = (point){root * (odd[1].re + odd[1].im), root * (odd[1].im - odd[1].re)};
    odd[2] = quarter(odd[2]);
    odd[3] = (point){root * (odd[3].im - odd[3].re), -root * (odd[3].re + odd[3].im)};
    butterfly4(even);
    butterfly4(odd);
    v[0] = even[0];
    v[1] = odd[0];
    v[2] = even[1];
    v[3] = odd[1];
    v[4] = even[2];
    v[5] = odd[2];
    v[6] = even[3];
    v[7] = odd[3];
}

/*
 * The pass of one radix. Three shapes of the same loop, so that the innermost one always runs over
 * neighbours: the first pass (stride 1) over p; the last (m = 1, no turns) and those between over
 * q.
 */
#define PASS(radix)                                                                                \
    static void pass##radix(const ps_fft_pass *pass, const double *restrict x_re,                  \
                            const double *restrict x_im, double *restrict y_re,                    \
                            double *restrict y_im)                                                 \
    {                                                                                              \
        const size_t m = pass->m, s = pass->stride, apart = m * s;                                 \
        const double *restrict w_re = pass->turn_re, *restrict w_im = pass->turn_im;               \
                                                                                                   \
        if (s == 1) {                                                                              \
            for (size_t p = 0; p < m; p++) {                                                       \
                point v[radix];                                                                    \
                                                                                                   \
                for (size_t k = 0; k < radix; k++)                                                 \
                    v[k] = (point){x_re[p + k * apart], x_im[p + k * apart]};                      \
                butterfly##radix(v);                                                               \
                for (size_t k = 1; k < radix; k++)                                                 \
                    v[k] = times(v[k], w_re[(k - 1) * m + p], w_im[(k - 1) * m + p]);              \
                for (size_t k = 0; k < radix; k++) {                                               \
                    y_re[p * radix + k] = v[k].re;                                                 \
                    y_im[p * radix + k] = v[k].im;                                                 \
                }                                                                                  \
            }                                                                                      \
        } else if (m == 1) {                                                                       \
            for (size_t q = 0; q < s; q++) {                                                       \
                point v[radix];                                                                    \
                                                                                                   \
                for (size_t k = 0; k < radix; k++)                                                 \
                    v[k] = (point){x_re[q + k * s], x_im[q + k * s]};                              \
                butterfly##radix(v);                                                               \
                for (size_t k = 0; k < radix; k++) {                                               \
                    y_re[q + k * s] = v[k].re;                                                     \
                    y_im[q + k * s] = v[k].im;                                                     \
                }                                                                                  \
            }                                                                                      \
        } else {                                                                                   \
            for (size_t p = 0; p < m; p++) {                                                       \
                const double *restrict from_re = x_re + s * p, *restrict from_im = x_im + s * p;   \
                double *restrict to_re = y_re + s * radix * p;                                     \
                double *restrict to_im = y_im + s * radix * p;                                     \
                point w[radix];                                                                    \
                                                                                                   \
                for (size_t k = 1; k < radix; k++)                                                 \
                    w[k] = (point){w_re[(k - 1) * m + p], w_im[(k - 1) * m + p]};                  \
                for (size_t q = 0; q < s; q++) {                                                   \
                    point v[radix];                                                                \
                                                                                                   \
                    for (size_t k = 0; k < radix; k++)                                             \
                        v[k] = (point){from_re[q + k * apart], from_im[q + k * apart]};            \
                    butterfly##radix(v);                                                           \
                    for (size_t k = 1; k < radix; k++)                                             \
                        v[k] = times(v[k], w[k].re, w[k].im);                                      \
                    for (size_t k = 0; k < radix; k++) {                                           \
                        to_re[q + k * s] = v[k].re;                                                \
                        to_im[q + k * s] = v[k].im;                                                \
                    }                                                                              \
                }                                                                                  \
            }                                                                                      \
        }                                                                                          \
    }

PASS(2)
PASS(3)
PASS(4)
PASS(5)
PASS(7)
PASS(8)

#undef PASS

static void pass(const ps_fft_pass *pass, const double *x_re, const double *x_im, double *y_re,
                 double *y_im)
{
    switch (pass->radix) {
    case 2:
        pass2(pass, x_re, x_im, y_re, y_im);
        break;
    case 3:
        pass3(pass, x_re, x_im, y_re, y_im);
        break;
    case 4:
        pass4(pass, x_re, x_im, y_re, y_im);
        break;
    case 5:
        pass5(pass, x_re, x_im, y_re, y_im);
        break;
    case 7:
        pass7(pass, x_re, x_im, y_re, y_im);
        break;
    default:
        pass8(pass, x_re, x_im, y_re, y_im);
        break;
    }
}

static void split(double *restrict re, double *restrict im, const double *restrict samples,
                  size_t half)
{
    for (size_t i = 0; i < half; i++) {
        re[i] = samples[2 * i];
        im[i] = samples[2 * i + 1];
    }
}

static void join(double *restrict samples, const double *restrict re, const double *restrict im,
                 size_t half)
{
    for (size_t i = 0; i < half; i++) {
        samples[2 * i] = re[i];
        samples[2 * i + 1] = im[i];
    }
}

/* The bins 1 .. count and, from `high` (bin half - 1) down, their mirror images. */
static void untangle_pairs(double *restrict low_re, double *restrict low_im,
                           double *restrict high_re, double *restrict high_im,
                           const double *restrict turn_re, const double *restrict turn_im,
                           size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const size_t down = count - 1 - i; /* high arrays begin at the lowest bin */
        const double even_re = 0.5 * (low_re[i] + high_re[down]);
        const double even_im = 0.5 * (low_im[i] - high_im[down]);
        const double odd_re = 0.5 * (low_im[i] + high_im[down]);
        const double odd_im = 0.5 * (high_re[down] - low_re[i]);
        const double re = odd_re * turn_re[i] - odd_im * turn_im[i];
        const double im = odd_re * turn_im[i] + odd_im * turn_re[i];

        low_re[i] = even_re + re;
        low_im[i] = even_im + im;
        high_re[down] = even_re - re;
        high_im[down] = im - even_im;
    }
}

static void untangle(double *re, double *im, const double *turn_re, const double *turn_im,
                     size_t half)
{
    const size_t count = (half - 1) / 2, high = half - count;
    const double even = re[0], odd = im[0];

    untangle_pairs(re + 1, im + 1, re + high, im + high, turn_re + 1, turn_im + 1, count);
    if (half % 2 == 0)
        im[half / 2] = -im[half / 2];
    re[0] = even + odd;
    re[half] = even - odd;
    im[0] = im[half] = 0.0;
}

static void tangle(double *restrict to_re, double *restrict to_im, const double *restrict re,
                   const double *restrict im, const double *restrict turn_re,
                   const double *restrict turn_im, size_t half)
{
    const size_t count = (half - 1) / 2, high = half - count;
    double *restrict high_re = to_re + high, *restrict high_im = to_im + high;

    to_re[0] = re[0] + re[half];
    to_im[0] = re[0] - re[half];
    if (half % 2 == 0) {
        to_re[half / 2] = 2.0 * re[half / 2];
        to_im[half / 2] = -2.0 * im[half / 2];
    }
    for (size_t i = 0; i < count; i++) {
        const size_t down = count - 1 - i;
        const double even_re = re[1 + i] + re[high + down];
        const double even_im = im[1 + i] - im[high + down];
        const double gap_re = re[1 + i] - re[high + down];
        const double gap_im = im[1 + i] + im[high + down];
        const double odd_re = gap_re * turn_re[1 + i] + gap_im * turn_im[1 + i];
        const double odd_im = gap_im * turn_re[1 + i] - gap_re * turn_im[1 + i];

        to_re[1 + i] = even_re - odd_im;
        to_im[1 + i] = even_im + odd_re;
        high_re[down] = even_re + odd_im;
        high_im[down] = odd_re - even_im;
    }
}

const ps_fft_loops PS_ROW(ps_fft_loops) = {pass, split, join, untangle, tangle};
