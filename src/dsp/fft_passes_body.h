/* Included by fft_passes.c once per type of number; no guard. */

typedef struct NAME(complex) {
    NUMBER re, im;
} NAME(complex);

#define COMPLEX NAME(complex)

static inline COMPLEX NAME(add)(COMPLEX a, COMPLEX b)
{
    return (COMPLEX){a.re + b.re, a.im + b.im};
}

static inline COMPLEX NAME(subtract)(COMPLEX a, COMPLEX b)
{
    return (COMPLEX){a.re - b.re, a.im - b.im};
}

/* -i a */
static inline COMPLEX NAME(quarter)(COMPLEX a)
{
    return (COMPLEX){a.im, -a.re};
}

static inline COMPLEX NAME(times)(COMPLEX a, NUMBER re, NUMBER im)
{
    return (COMPLEX){a.re * re - a.im * im, a.re * im + a.im * re};
}

static inline void NAME(butterfly2)(COMPLEX *v)
{
    const COMPLEX a = v[0], b = v[1];

    v[0] = NAME(add)(a, b);
    v[1] = NAME(subtract)(a, b);
}

static inline void NAME(butterfly3)(COMPLEX *v)
{
    const NUMBER half = (NUMBER)0.5, root = (NUMBER)0.86602540378443864676; /* sin 60 deg */
    const COMPLEX sum = NAME(add)(v[1], v[2]), gap = NAME(subtract)(v[1], v[2]);
    const COMPLEX middle = {v[0].re - half * sum.re, v[0].im - half * sum.im};
    const COMPLEX side = {root * gap.im, -root * gap.re};

    v[0] = NAME(add)(v[0], sum);
    v[1] = NAME(add)(middle, side);
    v[2] = NAME(subtract)(middle, side);
}

static inline void NAME(butterfly4)(COMPLEX *v)
{
    const COMPLEX a = NAME(add)(v[0], v[2]), b = NAME(subtract)(v[0], v[2]);
    const COMPLEX c = NAME(add)(v[1], v[3]);
    const COMPLEX d = NAME(quarter)(NAME(subtract)(v[1], v[3]));

    v[0] = NAME(add)(a, c);
    v[1] = NAME(add)(b, d);
    v[2] = NAME(subtract)(a, c);
    v[3] = NAME(subtract)(b, d);
}

static inline void NAME(butterfly5)(COMPLEX *v)
{
    const NUMBER c1 = (NUMBER)0.30901699437494742410, c2 = (NUMBER)-0.80901699437494742410;
    const NUMBER s1 = (NUMBER)0.95105651629515357212, s2 = (NUMBER)0.58778525229247312917;
    const COMPLEX a = NAME(add)(v[1], v[4]), d = NAME(subtract)(v[1], v[4]);
    const COMPLEX b = NAME(add)(v[2], v[3]), c = NAME(subtract)(v[2], v[3]);
    const COMPLEX m1 = {v[0].re + c1 * a.re + c2 * b.re, v[0].im + c1 * a.im + c2 * b.im};
    const COMPLEX m2 = {v[0].re + c2 * a.re + c1 * b.re, v[0].im + c2 * a.im + c1 * b.im};
    const COMPLEX n1 = NAME(quarter)((COMPLEX){s1 * d.re + s2 * c.re, s1 * d.im + s2 * c.im});
    const COMPLEX n2 = NAME(quarter)((COMPLEX){s2 * d.re - s1 * c.re, s2 * d.im - s1 * c.im});

    v[0] = NAME(add)(v[0], NAME(add)(a, b));
    v[1] = NAME(add)(m1, n1);
    v[2] = NAME(add)(m2, n2);
    v[3] = NAME(subtract)(m2, n2);
    v[4] = NAME(subtract)(m1, n1);
}

static inline void NAME(butterfly7)(COMPLEX *v)
{
    /* cos and sin of 360 / 7 degrees and its multiples. */
    const NUMBER c1 = (NUMBER)0.62348980185873353053, s1 = (NUMBER)0.78183148246802980871;
    const NUMBER c2 = (NUMBER)-0.22252093395631440429, s2 = (NUMBER)0.97492791218182360702;
    const NUMBER c3 = (NUMBER)-0.90096886790241912624, s3 = (NUMBER)0.43388373911755812048;
    const COMPLEX a = NAME(add)(v[1], v[6]), f = NAME(subtract)(v[1], v[6]);
    const COMPLEX b = NAME(add)(v[2], v[5]), e = NAME(subtract)(v[2], v[5]);
    const COMPLEX c = NAME(add)(v[3], v[4]), d = NAME(subtract)(v[3], v[4]);
    const COMPLEX m1 = {v[0].re + c1 * a.re + c2 * b.re + c3 * c.re,
                        v[0].im + c1 * a.im + c2 * b.im + c3 * c.im};
    const COMPLEX m2 = {v[0].re + c2 * a.re + c3 * b.re + c1 * c.re,
                        v[0].im + c2 * a.im + c3 * b.im + c1 * c.im};
    const COMPLEX m3 = {v[0].re + c3 * a.re + c1 * b.re + c2 * c.re,
                        v[0].im + c3 * a.im + c1 * b.im + c2 * c.im};
    const COMPLEX n1 = NAME(quarter)(
        (COMPLEX){s1 * f.re + s2 * e.re + s3 * d.re, s1 * f.im + s2 * e.im + s3 * d.im});
    const COMPLEX n2 = NAME(quarter)(
        (COMPLEX){s2 * f.re - s3 * e.re - s1 * d.re, s2 * f.im - s3 * e.im - s1 * d.im});
    const COMPLEX n3 = NAME(quarter)(
        (COMPLEX){s3 * f.re - s1 * e.re + s2 * d.re, s3 * f.im - s1 * e.im + s2 * d.im});

    v[0] = NAME(add)(NAME(add)(v[0], a), NAME(add)(b, c));
    v[1] = NAME(add)(m1, n1);
    v[2] = NAME(add)(m2, n2);
    v[3] = NAME(add)(m3, n3);
    v[4] = NAME(subtract)(m3, n3);
    v[5] = NAME(subtract)(m2, n2);
    v[6] = NAME(subtract)(m1, n1);
}

static inline void NAME(butterfly8)(COMPLEX *v)
{
    const NUMBER root = (NUMBER)0.70710678118654752440; /* sin 45 deg */
    COMPLEX even[4] = {NAME(add)(v[0], v[4]), NAME(add)(v[1], v[5]), NAME(add)(v[2], v[6]),
                       NAME(add)(v[3], v[7])};
    COMPLEX odd[4] = {NAME(subtract)(v[0], v[4]), NAME(subtract)(v[1], v[5]),
                      NAME(subtract)(v[2], v[6]), NAME(subtract)(v[3], v[7])};

    odd[1] = (COMPLEX){root * (odd[1].re + odd[1].im), root * (odd[1].im - odd[1].re)};
    odd[2] = NAME(quarter)(odd[2]);
    odd[3] = (COMPLEX){root * (odd[3].im - odd[3].re), -root * (odd[3].re + odd[3].im)};
    NAME(butterfly4)(even);
    NAME(butterfly4)(odd);
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
    static void NAME(pass##radix)(const NAME(ps_fft_pass) * pass, const NUMBER *restrict x_re,     \
                                  const NUMBER *restrict x_im, NUMBER *restrict y_re,              \
                                  NUMBER *restrict y_im)                                           \
    {                                                                                              \
        const size_t m = pass->m, s = pass->stride, apart = m * s;                                 \
        const NUMBER *restrict w_re = pass->turn_re, *restrict w_im = pass->turn_im;               \
                                                                                                   \
        if (s == 1) {                                                                              \
            for (size_t p = 0; p < m; p++) {                                                       \
                COMPLEX v[radix];                                                                  \
                                                                                                   \
                for (size_t k = 0; k < radix; k++)                                                 \
                    v[k] = (COMPLEX){x_re[p + k * apart], x_im[p + k * apart]};                    \
                NAME(butterfly##radix)(v);                                                         \
                for (size_t k = 1; k < radix; k++)                                                 \
                    v[k] = NAME(times)(v[k], w_re[(k - 1) * m + p], w_im[(k - 1) * m + p]);        \
                for (size_t k = 0; k < radix; k++) {                                               \
                    y_re[p * radix + k] = v[k].re;                                                 \
                    y_im[p * radix + k] = v[k].im;                                                 \
                }                                                                                  \
            }                                                                                      \
        } else if (m == 1) {                                                                       \
            for (size_t q = 0; q < s; q++) {                                                       \
                COMPLEX v[radix];                                                                  \
                                                                                                   \
                for (size_t k = 0; k < radix; k++)                                                 \
                    v[k] = (COMPLEX){x_re[q + k * s], x_im[q + k * s]};                            \
                NAME(butterfly##radix)(v);                                                         \
                for (size_t k = 0; k < radix; k++) {                                               \
                    y_re[q + k * s] = v[k].re;                                                     \
                    y_im[q + k * s] = v[k].im;                                                     \
                }                                                                                  \
            }                                                                                      \
        } else {                                                                                   \
            for (size_t p = 0; p < m; p++) {                                                       \
                const NUMBER *restrict from_re = x_re + s * p, *restrict from_im = x_im + s * p;   \
                NUMBER *restrict to_re = y_re + s * radix * p;                                     \
                NUMBER *restrict to_im = y_im + s * radix * p;                                     \
                COMPLEX w[radix];                                                                  \
                                                                                                   \
                for (size_t k = 1; k < radix; k++)                                                 \
                    w[k] = (COMPLEX){w_re[(k - 1) * m + p], w_im[(k - 1) * m + p]};                \
                for (size_t q = 0; q < s; q++) {                                                   \
                    COMPLEX v[radix];                                                              \
                                                                                                   \
                    for (size_t k = 0; k < radix; k++)                                             \
                        v[k] = (COMPLEX){from_re[q + k * apart], from_im[q + k * apart]};          \
                    NAME(butterfly##radix)(v);                                                     \
                    for (size_t k = 1; k < radix; k++)                                             \
                        v[k] = NAME(times)(v[k], w[k].re, w[k].im);                                \
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

static void NAME(pass)(const NAME(ps_fft_pass) * pass, const NUMBER *x_re, const NUMBER *x_im,
                       NUMBER *y_re, NUMBER *y_im)
{
    switch (pass->radix) {
    case 2:
        NAME(pass2)(pass, x_re, x_im, y_re, y_im);
        break;
    case 3:
        NAME(pass3)(pass, x_re, x_im, y_re, y_im);
        break;
    case 4:
        NAME(pass4)(pass, x_re, x_im, y_re, y_im);
        break;
    case 5:
        NAME(pass5)(pass, x_re, x_im, y_re, y_im);
        break;
    case 7:
        NAME(pass7)(pass, x_re, x_im, y_re, y_im);
        break;
    default:
        NAME(pass8)(pass, x_re, x_im, y_re, y_im);
        break;
    }
}

static void NAME(split)(NUMBER *restrict re, NUMBER *restrict im, const NUMBER *restrict samples,
                        size_t half)
{
    for (size_t i = 0; i < half; i++) {
        re[i] = samples[2 * i];
        im[i] = samples[2 * i + 1];
    }
}

static void NAME(join)(NUMBER *restrict samples, const NUMBER *restrict re,
                       const NUMBER *restrict im, size_t half)
{
    for (size_t i = 0; i < half; i++) {
        samples[2 * i] = re[i];
        samples[2 * i + 1] = im[i];
    }
}

/* The bins 1 .. count and, from `high` (bin half - 1) down, their mirror images. */
static void NAME(untangle_pairs)(NUMBER *restrict low_re, NUMBER *restrict low_im,
                                 NUMBER *restrict high_re, NUMBER *restrict high_im,
                                 const NUMBER *restrict turn_re, const NUMBER *restrict turn_im,
                                 size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const size_t down = count - 1 - i; /* high arrays begin at the lowest bin */
        const NUMBER even_re = (NUMBER)0.5 * (low_re[i] + high_re[down]);
        const NUMBER even_im = (NUMBER)0.5 * (low_im[i] - high_im[down]);
        const NUMBER odd_re = (NUMBER)0.5 * (low_im[i] + high_im[down]);
        const NUMBER odd_im = (NUMBER)0.5 * (high_re[down] - low_re[i]);
        const NUMBER re = odd_re * turn_re[i] - odd_im * turn_im[i];
        const NUMBER im = odd_re * turn_im[i] + odd_im * turn_re[i];

        low_re[i] = even_re + re;
        low_im[i] = even_im + im;
        high_re[down] = even_re - re;
        high_im[down] = im - even_im;
    }
}

static void NAME(untangle)(NUMBER *re, NUMBER *im, const NUMBER *turn_re, const NUMBER *turn_im,
                           size_t half)
{
    const size_t count = (half - 1) / 2, high = half - count;
    const NUMBER even = re[0], odd = im[0];

    NAME(untangle_pairs)(re + 1, im + 1, re + high, im + high, turn_re + 1, turn_im + 1, count);
    if (half % 2 == 0)
        im[half / 2] = -im[half / 2];
    re[0] = even + odd;
    re[half] = even - odd;
    im[0] = im[half] = (NUMBER)0.0;
}

static void NAME(tangle)(NUMBER *restrict to_re, NUMBER *restrict to_im, const NUMBER *restrict re,
                         const NUMBER *restrict im, const NUMBER *restrict turn_re,
                         const NUMBER *restrict turn_im, size_t half)
{
    const size_t count = (half - 1) / 2, high = half - count;
    NUMBER *restrict high_re = to_re + high, *restrict high_im = to_im + high;

    to_re[0] = re[0] + re[half];
    to_im[0] = re[0] - re[half];
    if (half % 2 == 0) {
        to_re[half / 2] = (NUMBER)2.0 * re[half / 2];
        to_im[half / 2] = (NUMBER)-2.0 * im[half / 2];
    }
    for (size_t i = 0; i < count; i++) {
        const size_t down = count - 1 - i;
        const NUMBER even_re = re[1 + i] + re[high + down];
        const NUMBER even_im = im[1 + i] - im[high + down];
        const NUMBER gap_re = re[1 + i] - re[high + down];
        const NUMBER gap_im = im[1 + i] + im[high + down];
        const NUMBER odd_re = gap_re * turn_re[1 + i] + gap_im * turn_im[1 + i];
        const NUMBER odd_im = gap_im * turn_re[1 + i] - gap_re * turn_im[1 + i];

        to_re[1 + i] = even_re - odd_im;
        to_im[1 + i] = even_im + odd_re;
        high_re[down] = even_re + odd_im;
        high_im[down] = odd_re - even_im;
    }
}

#undef COMPLEX
