/* Included by fft.c once per type of number; no guard. */

#define PLAN   NAME(ps_fft)
#define PASS   NAME(ps_fft_pass)
#define LOOPS  NAME(ps_fft_loops)
#define PLANAR NAME(planar)

/* Two arrays that together are complex numbers. */
typedef struct PLANAR {
    NUMBER *re, *im;
} PLANAR;

struct PLAN {
    const ps_allocator *allocator;
    const LOOPS *loops;
    ps_fft_kind kind;
    size_t size;   /* of the signal */
    size_t points; /* of the complex transform that does it: size, or half of an even real size */
    size_t inner;  /* of the passes: points, or of the convolution that stands for them */
    uint32_t pass_count;
    PASS passes[PASSES_MOST];
    NUMBER *tables; /* owned; all that follow point into it */
    PLANAR turn;    /* even real sizes: exp(-2 pi i k / size), k <= points / 2 */
    PLANAR chirp;   /* exp(-pi i j^2 / points), if points is no fast size */
    PLANAR bank;    /* transform of the chirp's conjugate, / inner */
};

/* exp(-2 pi i part / whole). */
static void NAME(set_turn)(PLANAR to, size_t at, uint64_t part, size_t whole)
{
    const double cycles = (double)(part % whole) / (double)whole;

    to.re[at] = (NUMBER)ps_cos_cycles(cycles);
    to.im[at] = (NUMBER)-ps_sin_cycles(cycles);
}

/* The next 2 * count numbers of the tables. */
static PLANAR NAME(take)(NUMBER **rest, size_t count)
{
    const PLANAR taken = {*rest, *rest + count};

    *rest += 2 * count;
    return taken;
}

/* Radices in order: a wide first pass makes neighbours for the loops of the others. */
static void NAME(choose_passes)(PLAN *fft)
{
    size_t left = fft->inner, stride = 1;

    while (left > 1) {
        const bool eight = left % 8 == 0 && (stride == 1 || left % 16 != 0);
        const size_t radix = eight           ? 8
                             : left % 4 == 0 ? 4
                             : left % 2 == 0 ? 2
                             : left % 3 == 0 ? 3
                             : left % 5 == 0 ? 5
                                             : 7;
        PASS *pass = &fft->passes[fft->pass_count++];

        left /= radix;
        pass->radix = radix;
        pass->m = left;
        pass->stride = stride;
        stride *= radix;
    }
}

static size_t NAME(table_numbers)(const PLAN *fft)
{
    size_t complex_numbers = fft->points / 2 + 1;

    for (uint32_t i = 0; i < fft->pass_count; i++)
        complex_numbers += (fft->passes[i].radix - 1) * fft->passes[i].m;
    if (fft->inner != fft->points)
        complex_numbers += fft->points + fft->inner;
    return 2 * complex_numbers;
}

static void NAME(fill_passes)(PLAN *fft, NUMBER **rest)
{
    for (uint32_t i = 0; i < fft->pass_count; i++) {
        PASS *pass = &fft->passes[i];
        const PLANAR to = NAME(take)(rest, (pass->radix - 1) * pass->m);

        for (size_t k = 1; k < pass->radix; k++) {
            for (size_t p = 0; p < pass->m; p++)
                NAME(set_turn)(to, (k - 1) * pass->m + p, (uint64_t)p * k, pass->radix * pass->m);
        }
        pass->turn_re = to.re;
        pass->turn_im = to.im;
    }
}

static PLANAR NAME(swapped)(PLANAR a)
{
    return (PLANAR){a.im, a.re};
}

static PLANAR NAME(halves)(NUMBER *numbers, size_t count)
{
    return (PLANAR){numbers, numbers + count};
}

static void NAME(copy)(PLANAR to, PLANAR from, size_t count)
{
    memcpy(to.re, from.re, count * sizeof(NUMBER));
    memcpy(to.im, from.im, count * sizeof(NUMBER));
}

/* The passes, to and fro between two buffers so that the last one ends in y. x is y if their count
   is even, else it is other. */
static void NAME(run_passes)(const PLAN *fft, PLANAR x, PLANAR y, PLANAR other)
{
    for (uint32_t i = 0; i < fft->pass_count; i++) {
        const PLANAR to = (fft->pass_count - i) % 2 == 1 ? y : other;

        fft->loops->pass(&fft->passes[i], x.re, x.im, to.re, to.im);
        x = to;
    }
}

/* to = a b for complex numbers; to may be a. */
static void NAME(multiply)(PLANAR to, PLANAR a, PLANAR b, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const NUMBER re = a.re[i] * b.re[i] - a.im[i] * b.im[i];
        const NUMBER im = a.re[i] * b.im[i] + a.im[i] * b.re[i];

        to.re[i] = re;
        to.im[i] = im;
    }
}

static void NAME(clear)(PLANAR a, size_t from, size_t to)
{
    memset(a.re + from, 0, (to - from) * sizeof(NUMBER));
    memset(a.im + from, 0, (to - from) * sizeof(NUMBER));
}

/* y in place, where points is no fast size: j k = (j^2 + k^2 - (k - j)^2) / 2 makes the transform a
   convolution with a chirp. scratch: 4 inner numbers. */
static void NAME(run_chirp)(const PLAN *fft, PLANAR y, NUMBER *scratch)
{
    const PLANAR work = NAME(halves)(scratch, fft->inner);
    const PLANAR other = NAME(halves)(scratch + 2 * fft->inner, fft->inner);
    const PLANAR start = fft->pass_count % 2 ? other : work;

    NAME(multiply)(start, y, fft->chirp, fft->points);
    NAME(clear)(start, fft->points, fft->inner);
    NAME(run_passes)(fft, start, work, other);
    NAME(multiply)(start, work, fft->bank, fft->inner);
    NAME(run_passes)(fft, NAME(swapped)(start), NAME(swapped)(work), NAME(swapped)(other));
    NAME(multiply)(y, work, fft->chirp, fft->points);
}

static void NAME(fill_chirp)(PLAN *fft, NUMBER **rest, NUMBER *scratch)
{
    const size_t n = fft->points, inner = fft->inner;
    const NUMBER scale = (NUMBER)(1.0 / (double)inner);
    const PLANAR other = NAME(halves)(scratch, inner);
    PLANAR start;

    fft->chirp = NAME(take)(rest, n);
    fft->bank = NAME(take)(rest, inner);
    start = fft->pass_count % 2 ? other : fft->bank;
    for (uint64_t j = 0; j < n; j++)
        NAME(set_turn)(fft->chirp, j, j * j, 2 * n);
    NAME(clear)(start, 0, inner);
    for (size_t j = 0; j < n; j++) {
        const size_t mirror = j ? inner - j : 0;

        start.re[j] = start.re[mirror] = scale * fft->chirp.re[j];
        start.im[j] = start.im[mirror] = -scale * fft->chirp.im[j];
    }
    NAME(run_passes)(fft, start, fft->bank, other);
}

/* Where run_points wants its input, given where it shall leave its output. */
static PLANAR NAME(start_of)(const PLAN *fft, PLANAR y, PLANAR other)
{
    return fft->inner == fft->points && fft->pass_count % 2 ? other : y;
}

/* The complex transform of points numbers. x: as start_of says; other: 2 points numbers, or, where
   that is no fast size, 4 inner numbers from other.re on. */
static void NAME(run_points)(const PLAN *fft, PLANAR x, PLANAR y, PLANAR other)
{
    if (fft->inner == fft->points)
        NAME(run_passes)(fft, x, y, other);
    else
        NAME(run_chirp)(fft, y, other.re < other.im ? other.re : other.im); /* swapped or not */
}

static ps_status NAME(fill)(PLAN *fft)
{
    const size_t numbers = NAME(table_numbers)(fft);
    NUMBER *rest;

    fft->tables = ps_alloc_untouched(fft->allocator, numbers, sizeof(NUMBER));
    if (!fft->tables)
        return PS_NO_MEMORY;
    rest = fft->tables;
    NAME(fill_passes)(fft, &rest);
    fft->turn = NAME(take)(&rest, fft->points / 2 + 1);
    if (fft->points != fft->size)
        for (size_t k = 0; k <= fft->points / 2; k++)
            NAME(set_turn)(fft->turn, k, k, fft->size);
    if (fft->inner != fft->points) {
        NUMBER *scratch = ps_alloc_untouched(fft->allocator, 2 * fft->inner, sizeof(NUMBER));

        if (!scratch)
            return PS_NO_MEMORY;
        NAME(fill_chirp)(fft, &rest, scratch);
        ps_free(fft->allocator, scratch);
    }
    return PS_OK;
}

ps_status NAME(ps_fft_create)(PLAN **out, ps_fft_kind kind, size_t size, const char *kernel_row,
                              const ps_allocator *allocator, ps_error *err)
{
    const ps_fft_row *row = find_row(kernel_row);
    PLAN *fft;

    if (size == 0 || size > PS_FFT_SIZE_MOST)
        return ps_fail(err, PS_BAD_ARGUMENT, "no Fourier transform of %zu points", size);
    if (!row)
        return ps_fail(err, PS_NOT_FOUND, "no kernel row \"%s\" on this processor", kernel_row);
    if (!ANY_SIZE && !ps_fft_is_fast(size))
        return ps_fail(err, PS_BAD_ARGUMENT, "no Fourier transform of %zu points in float", size);
    fft = ps_alloc(allocator, 1, sizeof *fft);
    if (!fft)
        return ps_fail(err, PS_NO_MEMORY, "no memory for a Fourier transform");
    fft->allocator = allocator;
    fft->loops = &row->LOOPS_OF;
    fft->kind = kind;
    fft->size = size;
    fft->points = kind == PS_FFT_REAL && size % 2 == 0 ? size / 2 : size;
    fft->inner = ps_fft_is_fast(fft->points) ? fft->points : ps_fft_fast_size(2 * fft->points - 1);
    NAME(choose_passes)(fft);
    if (NAME(fill)(fft) != PS_OK) {
        NAME(ps_fft_destroy)(fft);
        return ps_fail(err, PS_NO_MEMORY, "no memory for a Fourier transform of %zu points", size);
    }
    *out = fft;
    return PS_OK;
}

void NAME(ps_fft_destroy)(PLAN *fft)
{
    if (!fft)
        return;
    ps_free(fft->allocator, fft->tables);
    ps_free(fft->allocator, fft);
}

size_t NAME(ps_fft_scratch)(const PLAN *fft)
{
    const size_t other = fft->inner == fft->points ? 2 * fft->points : 4 * fft->inner;

    return (fft->kind == PS_FFT_REAL ? 2 * fft->points : 0) + other;
}

static void NAME(in_place)(const PLAN *fft, PLANAR y, PLANAR other)
{
    const PLANAR x = NAME(start_of)(fft, y, other);

    assert(fft->kind == PS_FFT_COMPLEX);
    if (x.re != y.re)
        NAME(copy)(x, y, fft->points);
    NAME(run_points)(fft, x, y, other);
}

void NAME(ps_fft_forward)(const PLAN *fft, NUMBER *re, NUMBER *im, NUMBER *scratch)
{
    NAME(in_place)(fft, (PLANAR){re, im}, NAME(halves)(scratch, fft->points));
}

/* The inverse is the forward transform with real and imaginary parts exchanged. */
void NAME(ps_fft_inverse)(const PLAN *fft, NUMBER *re, NUMBER *im, NUMBER *scratch)
{
    const PLANAR other = NAME(halves)(scratch, fft->points);

    NAME(in_place)(fft, (PLANAR){im, re}, NAME(swapped)(other));
}

/* Odd sizes: a complex transform whose imaginary parts are zero. */
static void NAME(odd_forward)(const PLAN *fft, const NUMBER *samples, PLANAR bins, NUMBER *scratch)
{
    const PLANAR y = NAME(halves)(scratch, fft->size);
    const PLANAR other = NAME(halves)(scratch + 2 * fft->size, fft->size);
    const PLANAR x = NAME(start_of)(fft, y, other);

    memcpy(x.re, samples, fft->size * sizeof *samples);
    memset(x.im, 0, fft->size * sizeof *samples);
    NAME(run_points)(fft, x, y, other);
    NAME(copy)(bins, y, fft->size / 2 + 1);
    bins.im[0] = (NUMBER)0.0;
}

static void NAME(odd_inverse)(const PLAN *fft, const NUMBER *re, const NUMBER *im, NUMBER *samples,
                              NUMBER *scratch)
{
    const PLANAR y = NAME(swapped)(NAME(halves)(scratch, fft->size));
    const PLANAR other = NAME(swapped)(NAME(halves)(scratch + 2 * fft->size, fft->size));
    const PLANAR x = NAME(start_of)(fft, y, other);

    x.re[0] = (NUMBER)0.0;
    x.im[0] = re[0];
    for (size_t k = 1; k <= fft->size / 2; k++) {
        x.im[k] = x.im[fft->size - k] = re[k];
        x.re[k] = im[k];
        x.re[fft->size - k] = -im[k];
    }
    NAME(run_points)(fft, x, y, other);
    memcpy(samples, y.im, fft->size * sizeof *samples);
}

void NAME(ps_fft_real_forward)(const PLAN *fft, const NUMBER *samples, NUMBER *re, NUMBER *im,
                               NUMBER *scratch)
{
    const PLANAR y = {re, im}, other = NAME(halves)(scratch, fft->points);
    const PLANAR x = NAME(start_of)(fft, y, other);

    assert(fft->kind == PS_FFT_REAL);
    if (fft->points == fft->size) {
        NAME(odd_forward)(fft, samples, y, scratch);
        return;
    }
    fft->loops->split(x.re, x.im, samples, fft->points);
    NAME(run_points)(fft, x, y, other);
    fft->loops->untangle(re, im, fft->turn.re, fft->turn.im, fft->points);
}

void NAME(ps_fft_real_inverse)(const PLAN *fft, const NUMBER *re, const NUMBER *im, NUMBER *samples,
                               NUMBER *scratch)
{
    const PLANAR y = NAME(swapped)(NAME(halves)(scratch, fft->points));
    const PLANAR other = NAME(swapped)(NAME(halves)(scratch + 2 * fft->points, fft->points));
    const PLANAR x = NAME(start_of)(fft, y, other);

    assert(fft->kind == PS_FFT_REAL);
    if (fft->points == fft->size) {
        NAME(odd_inverse)(fft, re, im, samples, scratch);
        return;
    }
    fft->loops->tangle(x.im, x.re, re, im, fft->turn.re, fft->turn.im, fft->points);
    NAME(run_points)(fft, x, y, other);
    fft->loops->join(samples, y.im, y.re, fft->points);
}

#undef PLAN
#undef PASS
#undef LOOPS
#undef PLANAR
