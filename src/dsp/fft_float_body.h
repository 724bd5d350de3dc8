/* Included by fft_float_run.c once per vector width, PS_WIDTH; no guard. */

#define LANES ((size_t)PS_WIDTH)
#define WIDE  PS_WIDE(ps_wide)
#define CELL  PS_WIDE(cell)
#define F(x)  PS_WIDE(x)

typedef struct CELL {
    WIDE re, im;
} CELL;

static inline CELL F(add)(CELL a, CELL b)
{
    return (CELL){a.re + b.re, a.im + b.im};
}

static inline CELL F(subtract)(CELL a, CELL b)
{
    return (CELL){a.re - b.re, a.im - b.im};
}

/* -i a */
static inline CELL F(quarter)(CELL a)
{
    return (CELL){a.im, -a.re};
}

/* a - i b and a + i b */
static inline CELL F(add_quarter)(CELL a, CELL b)
{
    return (CELL){a.re + b.im, a.im - b.re};
}

static inline CELL F(subtract_quarter)(CELL a, CELL b)
{
    return (CELL){a.re - b.im, a.im + b.re};
}

/* a + x b */
static inline CELL F(add_times)(CELL a, WIDE x, CELL b)
{
    return (CELL){F(ps_wide_madd)(x, b.re, a.re), F(ps_wide_madd)(x, b.im, a.im)};
}

static inline CELL F(times)(CELL a, CELL w)
{
    return (CELL){F(ps_wide_msub)(a.re, w.re, a.im * w.im),
                  F(ps_wide_madd)(a.re, w.im, a.im * w.re)};
}

static inline CELL F(load)(const float *from)
{
    return (CELL){F(ps_wide_load)(from), F(ps_wide_load)(from + LANES)};
}

static inline void F(store)(float *to, CELL a)
{
    F(ps_wide_store)(to, a.re);
    F(ps_wide_store)(to + LANES, a.im);
}

/* ---- Butterflies: v[k] = sum over j of v[j] exp(-2 pi i j k / radix) ---- */

static inline void F(butterfly2)(CELL *v)
{
    const CELL a = v[0], b = v[1];

    v[0] = F(add)(a, b);
    v[1] = F(subtract)(a, b);
}

static inline void F(butterfly3)(CELL *v)
{
    const WIDE half = F(ps_wide_all)(-0.5f), root = F(ps_wide_all)(0.866025404f); /* sin 60 deg */
    const CELL sum = F(add)(v[1], v[2]), gap = F(quarter)(F(subtract)(v[1], v[2]));
    const CELL middle = F(add_times)(v[0], half, sum);

    v[0] = F(add)(v[0], sum);
    v[1] = F(add_times)(middle, root, gap);
    v[2] = F(add_times)(middle, -root, gap);
}

static inline void F(butterfly4)(CELL *v)
{
    const CELL a = F(add)(v[0], v[2]), b = F(subtract)(v[0], v[2]);
    const CELL c = F(add)(v[1], v[3]), d = F(subtract)(v[1], v[3]);

    v[0] = F(add)(a, c);
    v[1] = F(add_quarter)(b, d);
    v[2] = F(subtract)(a, c);
    v[3] = F(subtract_quarter)(b, d);
}

static inline void F(butterfly5)(CELL *v)
{
    /* cos and sin of 72 and 144 degrees. */
    const WIDE c1 = F(ps_wide_all)(0.309016994f), c2 = F(ps_wide_all)(-0.809016994f);
    const WIDE s1 = F(ps_wide_all)(0.951056516f), s2 = F(ps_wide_all)(0.587785252f);
    const CELL a = F(add)(v[1], v[4]), d = F(subtract)(v[1], v[4]);
    const CELL b = F(add)(v[2], v[3]), c = F(subtract)(v[2], v[3]);
    const CELL m1 = F(add_times)(F(add_times)(v[0], c1, a), c2, b);
    const CELL m2 = F(add_times)(F(add_times)(v[0], c2, a), c1, b);
    const CELL n1 = {F(ps_wide_madd)(s1, d.re, s2 * c.re), F(ps_wide_madd)(s1, d.im, s2 * c.im)};
    const CELL n2 = {F(ps_wide_msub)(s2, d.re, s1 * c.re), F(ps_wide_msub)(s2, d.im, s1 * c.im)};

    v[0] = F(add)(v[0], F(add)(a, b));
    v[1] = F(add_quarter)(m1, n1);
    v[2] = F(add_quarter)(m2, n2);
    v[3] = F(subtract_quarter)(m2, n2);
    v[4] = F(subtract_quarter)(m1, n1);
}

/* x a + y b + z c */
static inline CELL F(mix)(WIDE x, CELL a, WIDE y, CELL b, WIDE z, CELL c)
{
    return F(add_times)(F(add_times)((CELL){z * c.re, z * c.im}, y, b), x, a);
}

static inline void F(butterfly7)(CELL *v)
{
    /* cos and sin of 360 / 7 degrees and its multiples. */
    const WIDE c1 = F(ps_wide_all)(0.623489802f), s1 = F(ps_wide_all)(0.781831482f);
    const WIDE c2 = F(ps_wide_all)(-0.222520934f), s2 = F(ps_wide_all)(0.974927912f);
    const WIDE c3 = F(ps_wide_all)(-0.900968868f), s3 = F(ps_wide_all)(0.433883739f);
    const CELL a = F(add)(v[1], v[6]), f = F(subtract)(v[1], v[6]);
    const CELL b = F(add)(v[2], v[5]), e = F(subtract)(v[2], v[5]);
    const CELL c = F(add)(v[3], v[4]), d = F(subtract)(v[3], v[4]);
    const CELL m1 = F(add)(v[0], F(mix)(c1, a, c2, b, c3, c));
    const CELL m2 = F(add)(v[0], F(mix)(c2, a, c3, b, c1, c));
    const CELL m3 = F(add)(v[0], F(mix)(c3, a, c1, b, c2, c));
    const CELL n1 = F(mix)(s1, f, s2, e, s3, d);
    const CELL n2 = F(mix)(s2, f, -s3, e, -s1, d);
    const CELL n3 = F(mix)(s3, f, -s1, e, s2, d);

    v[0] = F(add)(F(add)(v[0], a), F(add)(b, c));
    v[1] = F(add_quarter)(m1, n1);
    v[2] = F(add_quarter)(m2, n2);
    v[3] = F(add_quarter)(m3, n3);
    v[4] = F(subtract_quarter)(m3, n3);
    v[5] = F(subtract_quarter)(m2, n2);
    v[6] = F(subtract_quarter)(m1, n1);
}

/* v[k] and v[k + 4]: from output k of the even inputs and of the odd ones, turned by k * 45 deg. */
static inline void F(butterfly8)(CELL *v)
{
    const WIDE root = F(ps_wide_all)(0.707106781f); /* sin 45 deg */
    CELL a[4] = {v[0], v[2], v[4], v[6]}, b[4] = {v[1], v[3], v[5], v[7]};
    CELL c;

    F(butterfly4)(a);
    F(butterfly4)(b);
    v[0] = F(add)(a[0], b[0]);
    v[4] = F(subtract)(a[0], b[0]);
    c = (CELL){b[1].re + b[1].im, b[1].im - b[1].re}; /* by 45, but for the factor of root */
    v[1] = F(add_times)(a[1], root, c);
    v[5] = F(add_times)(a[1], -root, c);
    v[2] = F(add_quarter)(a[2], b[2]);
    v[6] = F(subtract_quarter)(a[2], b[2]);
    c = (CELL){b[3].re - b[3].im, b[3].re + b[3].im}; /* by 135, but for -root */
    v[3] = F(add_times)(a[3], -root, c);
    v[7] = F(add_times)(a[3], root, c);
}

/* radix is a constant wherever this is inlined. */
static INLINE void F(butterfly)(CELL *v, size_t radix)
{
    switch (radix) {
    case 2:
        F(butterfly2)(v);
        break;
    case 3:
        F(butterfly3)(v);
        break;
    case 4:
        F(butterfly4)(v);
        break;
    case 5:
        F(butterfly5)(v);
        break;
    case 7:
        F(butterfly7)(v);
        break;
    case 8:
        F(butterfly8)(v);
        break;
    default: /* 1 */
        break;
    }
}

/* ---- Columns ---- */

/* The cell of samples at, at + 1 ... */
static INLINE CELL F(take)(ps_fft_input in, size_t at)
{
    CELL a;

    if (in.layout == PS_FFT_CELLS)
        return F(load)(in.re + 2 * at);
    if (in.layout == PS_FFT_PLANAR)
        return (CELL){F(ps_wide_read)(in.re + at), F(ps_wide_read)(in.im + at)};
    F(ps_wide_unzip)(in.re + 2 * at, &a.re, &a.im);
    return in.layout == PS_FFT_PAIRS ? a : (CELL){a.im, a.re};
}

/* Output k of a butterfly, to where input k was. turns: NULL for the last level. */
static INLINE void F(leave)(float *to, size_t apart, size_t k, CELL a, const float *turns)
{
    if (turns && k > 0) {
        const CELL w = {F(ps_wide_all)(turns[2 * k - 2]), F(ps_wide_all)(turns[2 * k - 1])};

        a = F(times)(a, w);
    }
    F(store)(to + 2 * LANES * apart * k, a);
}

static INLINE void F(step)(ps_fft_input in, size_t at, float *to, size_t apart, const float *turns,
                           size_t radix)
{
    CELL v[8];

    for (size_t k = 0; k < radix; k++)
        v[k] = F(take)(in, at + LANES * apart * k);
    F(butterfly)(v, radix);
    for (size_t k = 0; k < radix; k++)
        F(leave)(to, apart, k, v[k], turns);
}

/* A level of one transform, of radix * m cells. */
static INLINE void F(steps)(const ps_fft_level *level, ps_fft_input in, float *cells, size_t radix)
{
    const size_t m = level->m;
    const float *turns = level->turns;

    for (size_t j = 0; j < m; j++) {
        F(step)(in, LANES * j, cells + 2 * LANES * j, m, turns, radix);
        turns += 2 * (radix - 1);
    }
}

/* The first level also brings the signal into cells. W is a factor of M, so 4 is. */
static INLINE void F(first)(const ps_fft_level *level, ps_fft_input in, float *cells)
{
    switch (level->radix) {
#if PS_WIDTH == 1
    case 1:
        F(steps)(level, in, cells, 1);
        break;
    case 2:
        F(steps)(level, in, cells, 2);
        break;
    case 3:
        F(steps)(level, in, cells, 3);
        break;
    case 5:
        F(steps)(level, in, cells, 5);
        break;
    case 7:
        F(steps)(level, in, cells, 7);
        break;
#endif
    case 4:
        F(steps)(level, in, cells, 4);
        break;
    default:
        F(steps)(level, in, cells, 8);
        break;
    }
}

static INLINE void F(level_of)(const ps_fft_level *level, float *cells, size_t blocks, size_t radix)
{
    const size_t part = 2 * LANES * radix * level->m;

    if (level->m == 1) {
        for (; blocks > 0; blocks--, cells += part)
            F(step)((ps_fft_input){PS_FFT_CELLS, cells, NULL}, 0, cells, 1, NULL, radix);
        return;
    }
    for (; blocks > 0; blocks--, cells += part)
        F(steps)(level, (ps_fft_input){PS_FFT_CELLS, cells, NULL}, cells, radix);
}

/* One level of some transforms that follow each other. */
static void F(level)(const ps_fft_level *level, float *cells, size_t blocks)
{
    switch (level->radix) {
    case 2:
        F(level_of)(level, cells, blocks, 2);
        break;
    case 3:
        F(level_of)(level, cells, blocks, 3);
        break;
    case 4:
        F(level_of)(level, cells, blocks, 4);
        break;
    case 5:
        F(level_of)(level, cells, blocks, 5);
        break;
    case 7:
        F(level_of)(level, cells, blocks, 7);
        break;
    default:
        F(level_of)(level, cells, blocks, 8);
        break;
    }
}

/* All levels from one on. What exceeds the nearest cache is finished part by part. */
static void F(levels)(const ps_fft_float *fft, uint32_t from, float *cells, size_t blocks)
{
    for (uint32_t i = from; i < fft->level_count; i++) {
        const ps_fft_level *level = &fft->levels[i];
        const size_t part = 2 * LANES * level->radix * level->m;

        if (part * blocks > NEAR_FLOATS) {
            for (size_t block = 0; block < blocks; block++) {
                F(level)(level, cells + part * block, 1);
                F(levels)(fft, i + 1, cells + part * block, level->radix);
            }
            return;
        }
        F(level)(level, cells, blocks);
        blocks *= level->radix;
    }
}

/* ---- Rows ---- */

/* Bins at, at + 1 ... of lanes in this order. */
static INLINE void F(put)(ps_fft_output out, size_t at, CELL a)
{
    if (out.layout == PS_FFT_PLANAR) {
        F(ps_wide_write)(out.re + at, a.re);
        F(ps_wide_write)(out.im + at, a.im);
    } else if (out.layout == PS_FFT_PAIRS) {
        F(ps_wide_zip)(out.re + 2 * at, a.re, a.im);
    } else {
        F(ps_wide_zip)(out.re + 2 * at, a.im, a.re);
    }
}

#if PS_WIDTH == 1

static INLINE void F(rows)(const ps_fft_float *fft, float *cells, ps_fft_output out)
{
    for (size_t k = 0; k < fft->cells; k++)
        F(put)(out, k, F(load)(cells + 2 * fft->places[k]));
}

#else

#define QUARTERS (LANES / 4)

/*
 * In pairs, real and imaginary parts are zipped within quarters of vectors, which is cheaper. So
 * the lane with the binary digits a1 a0 b1 b0 shall hold the bin with b1 a1 a0 b0, and cells are
 * taken in that order.
 */
static INLINE size_t F(lane_bin)(ps_fft_layout layout, size_t a, size_t b)
{
    return layout == PS_FFT_PLANAR ? 4 * a + b : b / 2 * (LANES / 2) + 2 * a + b % 2;
}

static INLINE void F(put_lane_bins)(ps_fft_output out, size_t at, CELL a)
{
    if (out.layout == PS_FFT_PLANAR) {
        F(put)(out, at, a);
        return;
    }
    if (out.layout == PS_FFT_SWAPPED)
        a = (CELL){a.im, a.re};
    F(ps_wide_write)(out.re + 2 * at, F(PS_WIDE_LOW_1)(a.re, a.im));
    F(ps_wide_write)(out.re + 2 * at + LANES, F(PS_WIDE_HIGH_1)(a.re, a.im));
}

/* Quarter i of vector j goes to quarter j of vector i. */
static INLINE void F(exchange_quarters)(CELL *v)
{
#if PS_WIDTH == 16
    const CELL a = {PS_WIDE_AB_16(v[0].re, v[1].re), PS_WIDE_AB_16(v[0].im, v[1].im)};
    const CELL b = {PS_WIDE_CD_16(v[0].re, v[1].re), PS_WIDE_CD_16(v[0].im, v[1].im)};
    const CELL c = {PS_WIDE_AB_16(v[2].re, v[3].re), PS_WIDE_AB_16(v[2].im, v[3].im)};
    const CELL d = {PS_WIDE_CD_16(v[2].re, v[3].re), PS_WIDE_CD_16(v[2].im, v[3].im)};

    v[0] = (CELL){PS_WIDE_AC_16(a.re, c.re), PS_WIDE_AC_16(a.im, c.im)};
    v[1] = (CELL){PS_WIDE_BD_16(a.re, c.re), PS_WIDE_BD_16(a.im, c.im)};
    v[2] = (CELL){PS_WIDE_AC_16(b.re, d.re), PS_WIDE_AC_16(b.im, d.im)};
    v[3] = (CELL){PS_WIDE_BD_16(b.re, d.re), PS_WIDE_BD_16(b.im, d.im)};
#elif PS_WIDTH == 8
    const CELL a = v[0], b = v[1];

    v[0] = (CELL){PS_WIDE_LOW_4_8(a.re, b.re), PS_WIDE_LOW_4_8(a.im, b.im)};
    v[1] = (CELL){PS_WIDE_HIGH_4_8(a.re, b.re), PS_WIDE_HIGH_4_8(a.im, b.im)};
#else
    (void)v;
#endif
}

/* Within each quarter, element i of vector j goes to element j of vector i. */
static INLINE void F(exchange_elements)(WIDE *a, WIDE *b, WIDE *c, WIDE *d)
{
    const WIDE p = F(PS_WIDE_LOW_1)(*a, *b), q = F(PS_WIDE_HIGH_1)(*a, *b);
    const WIDE r = F(PS_WIDE_LOW_1)(*c, *d), s = F(PS_WIDE_HIGH_1)(*c, *d);

    *a = F(PS_WIDE_LOW_2)(p, r);
    *b = F(PS_WIDE_HIGH_2)(p, r);
    *c = F(PS_WIDE_LOW_2)(q, s);
    *d = F(PS_WIDE_HIGH_2)(q, s);
}

/*
 * The transform over lanes l = 4 l1 + l0, frequencies decimated, of W cells: first over l1, the
 * quarter of a vector; v are turned cells whose bins' digits b are the same.
 */
static INLINE void F(over_quarters)(const ps_fft_float *fft, CELL *v)
{
    F(exchange_quarters)(v);
    F(butterfly)(v, QUARTERS);
    for (size_t q = 1; q < QUARTERS; q++)
        v[q] = F(times)(v[q], F(load)(fft->mid_turns + 2 * LANES * (q - 1)));
}

/* Then over l0, the place in a quarter. */
static INLINE void F(over_elements)(CELL *v)
{
    F(exchange_elements)(&v[0].re, &v[1].re, &v[2].re, &v[3].re);
    F(exchange_elements)(&v[0].im, &v[1].im, &v[2].im, &v[3].im);
    F(butterfly4)(v);
}

static INLINE void F(first_half)(const ps_fft_float *fft, const float *cells, const float *turns,
                                 ps_fft_layout layout, size_t b, CELL to[QUARTERS][4])
{
    CELL v[QUARTERS];

    for (size_t a = 0; a < QUARTERS; a++) {
        const size_t bin = F(lane_bin)(layout, a, b);

        v[a] = F(times)(F(load)(cells + fft->within[bin]), F(load)(turns + 2 * LANES * bin));
    }
    F(over_quarters)(fft, v);
    for (size_t q = 0; q < QUARTERS; q++)
        to[q][b] = v[q];
}

static INLINE void F(rows)(const ps_fft_float *fft, const float *cells, ps_fft_output out)
{
    const size_t m = fft->cells;
    const float *turns = fft->row_turns;

    for (size_t k = 0; k < m; k += LANES) {
        const float *from = cells + 2 * LANES * fft->places[k / LANES];
        CELL part[QUARTERS][4];

        F(first_half)(fft, from, turns, out.layout, 0, part);
        F(first_half)(fft, from, turns, out.layout, 1, part);
        F(first_half)(fft, from, turns, out.layout, 2, part);
        F(first_half)(fft, from, turns, out.layout, 3, part);
        for (size_t q = 0; q < QUARTERS; q++) {
            CELL v[4] = {part[q][0], part[q][1], part[q][2], part[q][3]};

            F(over_elements)(v);
            for (size_t i = 0; i < 4; i++)
                F(put_lane_bins)(out, k + m * (q + QUARTERS * i), v[i]);
        }
        turns += 2 * LANES * LANES;
    }
}

#if PS_WIDTH >= 8

/*
 * Where M is 4 radix, what a butterfly of the second and last level gives is what the first half of
 * the rows takes: one way through memory is saved. Part b of the cells has the bins 4 d + b.
 */
static INLINE void F(last_and_half)(const ps_fft_float *fft, float *cells, size_t b, size_t radix)
{
    const float *turns = fft->row_turns + 2 * LANES * b;
    CELL v[8];

    cells += 2 * LANES * radix * b;
    for (size_t d = 0; d < radix; d++)
        v[d] = F(load)(cells + 2 * LANES * d);
    F(butterfly)(v, radix);
    for (size_t d = 0; d < radix; d++)
        v[d] = F(times)(v[d], F(load)(turns + 2 * LANES * 4 * d));
    for (size_t d = 0; d < radix; d += QUARTERS)
        F(over_quarters)(fft, v + d);
    for (size_t d = 0; d < radix; d++)
        F(store)(cells + 2 * LANES * d, v[d]);
}

static INLINE void F(short_of)(const ps_fft_float *fft, float *cells, ps_fft_output out,
                               size_t radix)
{
    const size_t m = 4 * radix;

    for (size_t b = 0; b < 4; b++)
        F(last_and_half)(fft, cells, b, radix);
    for (size_t d = 0; d < radix; d++) {
        const size_t q = d % QUARTERS;
        CELL v[4];

        for (size_t b = 0; b < 4; b++)
            v[b] = F(load)(cells + 2 * LANES * (radix * b + d));
        F(over_elements)(v);
        for (size_t i = 0; i < 4; i++)
            F(put)(out, 4 * (d - q) + m * (q + QUARTERS * i), v[i]);
    }
}

#endif

#undef QUARTERS

#endif

/* ---- All of it, from one layout to another ---- */

static void F(first_planar)(const ps_fft_float *fft, const float *re, const float *im, float *cells)
{
    F(first)(&fft->levels[0], (ps_fft_input){PS_FFT_PLANAR, re, im}, cells);
}

static void F(first_pairs)(const ps_fft_float *fft, const float *in, float *cells)
{
    F(first)(&fft->levels[0], (ps_fft_input){PS_FFT_PAIRS, in, NULL}, cells);
}

static void F(first_swapped)(const ps_fft_float *fft, const float *in, float *cells)
{
    F(first)(&fft->levels[0], (ps_fft_input){PS_FFT_SWAPPED, in, NULL}, cells);
}

/* What comes after the first level. */
static INLINE void F(rest)(const ps_fft_float *fft, float *cells, ps_fft_output out)
{
    const ps_fft_level *level = &fft->levels[0];
    const size_t part = 2 * LANES * level->m;

#if PS_WIDTH >= 8
    if (fft->short_radix == 4) {
        F(short_of)(fft, cells, out, 4);
        return;
    }
    if (fft->short_radix == 8) {
        F(short_of)(fft, cells, out, 8);
        return;
    }
#endif
    if (part * level->radix <= NEAR_FLOATS) {
        F(levels)(fft, 1, cells, level->radix);
    } else {
        for (size_t block = 0; block < level->radix; block++)
            F(levels)(fft, 1, cells + part * block, 1);
    }
    F(rows)(fft, cells, out);
}

static void F(rest_planar)(const ps_fft_float *fft, float *cells, float *re, float *im)
{
    F(rest)(fft, cells, (ps_fft_output){PS_FFT_PLANAR, re, im});
}

static void F(rest_pairs)(const ps_fft_float *fft, float *cells, float *out)
{
    F(rest)(fft, cells, (ps_fft_output){PS_FFT_PAIRS, out, NULL});
}

static void F(rest_swapped)(const ps_fft_float *fft, float *cells, float *out)
{
    F(rest)(fft, cells, (ps_fft_output){PS_FFT_SWAPPED, out, NULL});
}

static void F(pairs)(const ps_fft_float *fft, const float *in, float *out, float *work)
{
    F(first_pairs)(fft, in, work);
    F(rest_pairs)(fft, work, out);
}

static void F(swapped)(const ps_fft_float *fft, const float *in, float *out, float *work)
{
    F(first_swapped)(fft, in, work);
    F(rest_swapped)(fft, work, out);
}

static void F(planar)(const ps_fft_float *fft, const float *in_re, const float *in_im, float *re,
                      float *im, float *work)
{
    F(first_planar)(fft, in_re, in_im, work);
    F(rest_planar)(fft, work, re, im);
}

static void F(split)(const ps_fft_float *fft, const float *in, float *re, float *im, float *work)
{
    F(first_pairs)(fft, in, work);
    F(rest_planar)(fft, work, re, im);
}

static void F(joined)(const ps_fft_float *fft, const float *in_re, const float *in_im, float *out,
                      float *work)
{
    F(first_planar)(fft, in_re, in_im, work);
    F(rest_swapped)(fft, work, out);
}

#undef LANES
#undef WIDE
#undef CELL
#undef F
