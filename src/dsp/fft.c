/*
 * Plans of Fourier transforms: which passes of which radix (Stockham's out-of-place form, which
 * leaves the data in order), their tables, and what is done around them for real signals (two real
 * samples make one complex number) and for sizes with other prime factors (Bluestein's chirp).
 */
#include "dsp/fft.h"

#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "base/untouched.h"
#include "dsp/fft_passes.h"
#include "kernel/kernel.h"
#include "kernel/math.h"

#define PASSES_MOST 32u

bool ps_fft_is_fast(size_t size)
{
    static const size_t factors[] = {2, 3, 5, 7};

    if (size == 0)
        return false;
    for (size_t i = 0; i < sizeof factors / sizeof factors[0]; i++) {
        while (size % factors[i] == 0)
            size /= factors[i];
    }
    return size == 1;
}

size_t ps_fft_fast_size(size_t least)
{
    size_t best = 1;

    while (best < least)
        best *= 2;
    for (size_t odd = 3; odd <= 5; odd += 2) {
        size_t size = odd;

        while (size < least)
            size *= 2;
        best = size < best ? size : best;
    }
    return best;
}

static const ps_fft_loops *find_loops(const char *kernel_row)
{
    const ps_kernels *kernels = ps_kernels_find(kernel_row);

    if (!kernels)
        return NULL;
#if PS_HAVE_AVX2
    if (strcmp(kernels->name, "avx2") == 0)
        return &ps_fft_loops_avx2;
#endif
#if PS_HAVE_AVX512
    if (strcmp(kernels->name, "avx512") == 0)
        return &ps_fft_loops_avx512;
#endif
#if PS_HAVE_NEON
    if (strcmp(kernels->name, "neon") == 0)
        return &ps_fft_loops_neon;
#endif
#if PS_HAVE_SIMD128
    if (strcmp(kernels->name, "simd128") == 0)
        return &ps_fft_loops_simd128;
#endif
    return &ps_fft_loops_c;
}

/* Two arrays that together are complex numbers. */
typedef struct planar {
    double *re, *im;
} planar;

struct ps_fft {
    const ps_allocator *allocator;
    const ps_fft_loops *loops;
    ps_fft_kind kind;
    size_t size;   /* of the signal */
    size_t points; /* of the complex transform that does it: size, or half of an even real size */
    size_t inner;  /* of the passes: points, or of the convolution that stands for them */
    uint32_t pass_count;
    ps_fft_pass passes[PASSES_MOST];
    double *tables; /* owned; all that follow point into it */
    planar turn;    /* even real sizes: exp(-2 pi i k / size), k <= points / 2 */
    planar chirp;   /* exp(-pi i j^2 / points), if points is no fast size */
    planar bank;    /* transform of the chirp's conjugate, / inner */
};

/* exp(-2 pi i part / whole). */
static void set_turn(planar to, size_t at, uint64_t part, size_t whole)
{
    const double cycles = (double)(part % whole) / (double)whole;

    to.re[at] = ps_cos_cycles(cycles);
    to.im[at] = -ps_sin_cycles(cycles);
}

/* The next 2 * count numbers of the tables. */
static planar take(double **rest, size_t count)
{
    const planar taken = {*rest, *rest + count};

    *rest += 2 * count;
    return taken;
}

/* Radices in order: a wide first pass makes neighbours for the loops of the others. */
static void choose_passes(ps_fft *fft)
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
        ps_fft_pass *pass = &fft->passes[fft->pass_count++];

        left /= radix;
        pass->radix = radix;
        pass->m = left;
        pass->stride = stride;
        stride *= radix;
    }
}

static size_t table_numbers(const ps_fft *fft)
{
    size_t complex_numbers = fft->points / 2 + 1;

    for (uint32_t i = 0; i < fft->pass_count; i++)
        complex_numbers += (fft->passes[i].radix - 1) * fft->passes[i].m;
    if (fft->inner != fft->points)
        complex_numbers += fft->points + fft->inner;
    return 2 * complex_numbers;
}

static void fill_passes(ps_fft *fft, double **rest)
{
    for (uint32_t i = 0; i < fft->pass_count; i++) {
        ps_fft_pass *pass = &fft->passes[i];
        const planar to = take(rest, (pass->radix - 1) * pass->m);

        for (size_t k = 1; k < pass->radix; k++) {
            for (size_t p = 0; p < pass->m; p++)
                set_turn(to, (k - 1) * pass->m + p, (uint64_t)p * k, pass->radix * pass->m);
        }
        pass->turn_re = to.re;
        pass->turn_im = to.im;
    }
}

static planar swapped(planar a)
{
    return (planar){a.im, a.re};
}

static planar halves(double *numbers, size_t count)
{
    return (planar){numbers, numbers + count};
}

static void copy(planar to, planar from, size_t count)
{
    memcpy(to.re, from.re, count * sizeof(double));
    memcpy(to.im, from.im, count * sizeof(double));
}

/* The passes, to and fro between two buffers so that the last one ends in y. x is y if their count
   is even, else it is other. */
static void run_passes(const ps_fft *fft, planar x, planar y, planar other)
{
    for (uint32_t i = 0; i < fft->pass_count; i++) {
        const planar to = (fft->pass_count - i) % 2 == 1 ? y : other;

        fft->loops->pass(&fft->passes[i], x.re, x.im, to.re, to.im);
        x = to;
    }
}

/* to = a b for complex numbers; to may be a. */
static void multiply(planar to, planar a, planar b, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const double re = a.re[i] * b.re[i] - a.im[i] * b.im[i];
        const double im = a.re[i] * b.im[i] + a.im[i] * b.re[i];

        to.re[i] = re;
        to.im[i] = im;
    }
}

static void clear(planar a, size_t from, size_t to)
{
    memset(a.re + from, 0, (to - from) * sizeof(double));
    memset(a.im + from, 0, (to - from) * sizeof(double));
}

/* y in place, where points is no fast size: j k = (j^2 + k^2 - (k - j)^2) / 2 makes the transform a
   convolution with a chirp. scratch: 4 inner numbers. */
static void run_chirp(const ps_fft *fft, planar y, double *scratch)
{
    const planar work = halves(scratch, fft->inner);
    const planar other = halves(scratch + 2 * fft->inner, fft->inner);
    const planar start = fft->pass_count % 2 ? other : work;

    multiply(start, y, fft->chirp, fft->points);
    clear(start, fft->points, fft->inner);
    run_passes(fft, start, work, other);
    multiply(start, work, fft->bank, fft->inner);
    run_passes(fft, swapped(start), swapped(work), swapped(other));
    multiply(y, work, fft->chirp, fft->points);
}

static void fill_chirp(ps_fft *fft, double **rest, double *scratch)
{
    const size_t n = fft->points, inner = fft->inner;
    const double scale = (1.0 / (double)inner);
    const planar other = halves(scratch, inner);
    planar start;

    fft->chirp = take(rest, n);
    fft->bank = take(rest, inner);
    start = fft->pass_count % 2 ? other : fft->bank;
    for (uint64_t j = 0; j < n; j++)
        set_turn(fft->chirp, j, j * j, 2 * n);
    clear(start, 0, inner);
    for (size_t j = 0; j < n; j++) {
        const size_t mirror = j ? inner - j : 0;

        start.re[j] = start.re[mirror] = scale * fft->chirp.re[j];
        start.im[j] = start.im[mirror] = -scale * fft->chirp.im[j];
    }
    run_passes(fft, start, fft->bank, other);
}

/* Where run_points wants its input, given where it shall leave its output. */
static planar start_of(const ps_fft *fft, planar y, planar other)
{
    return fft->inner == fft->points && fft->pass_count % 2 ? other : y;
}

/* The complex transform of points numbers. x: as start_of says; other: 2 points numbers, or, where
   that is no fast size, 4 inner numbers from other.re on. */
static void run_points(const ps_fft *fft, planar x, planar y, planar other)
{
    if (fft->inner == fft->points)
        run_passes(fft, x, y, other);
    else
        run_chirp(fft, y, other.re < other.im ? other.re : other.im); /* swapped or not */
}

static ps_status fill(ps_fft *fft)
{
    const size_t numbers = table_numbers(fft);
    double *rest;

    fft->tables = ps_alloc_untouched(fft->allocator, numbers, sizeof(double));
    if (!fft->tables)
        return PS_NO_MEMORY;
    rest = fft->tables;
    fill_passes(fft, &rest);
    fft->turn = take(&rest, fft->points / 2 + 1);
    if (fft->points != fft->size)
        for (size_t k = 0; k <= fft->points / 2; k++)
            set_turn(fft->turn, k, k, fft->size);
    if (fft->inner != fft->points) {
        double *scratch = ps_alloc_untouched(fft->allocator, 2 * fft->inner, sizeof(double));

        if (!scratch)
            return PS_NO_MEMORY;
        fill_chirp(fft, &rest, scratch);
        ps_free(fft->allocator, scratch);
    }
    return PS_OK;
}

ps_status ps_fft_create(ps_fft **out, ps_fft_kind kind, size_t size, const char *kernel_row,
                        const ps_allocator *allocator, ps_error *err)
{
    const ps_fft_loops *loops = find_loops(kernel_row);
    ps_fft *fft;

    if (size == 0 || size > PS_FFT_SIZE_MOST)
        return ps_fail(err, PS_BAD_ARGUMENT, "no Fourier transform of %zu points", size);
    if (!loops)
        return ps_fail(err, PS_NOT_FOUND, "no kernel row \"%s\" on this processor", kernel_row);
    fft = ps_alloc(allocator, 1, sizeof *fft);
    if (!fft)
        return ps_fail(err, PS_NO_MEMORY, "no memory for a Fourier transform");
    fft->allocator = allocator;
    fft->loops = loops;
    fft->kind = kind;
    fft->size = size;
    fft->points = kind == PS_FFT_REAL && size % 2 == 0 ? size / 2 : size;
    fft->inner = ps_fft_is_fast(fft->points) ? fft->points : ps_fft_fast_size(2 * fft->points - 1);
    choose_passes(fft);
    if (fill(fft) != PS_OK) {
        ps_fft_destroy(fft);
        return ps_fail(err, PS_NO_MEMORY, "no memory for a Fourier transform of %zu points", size);
    }
    *out = fft;
    return PS_OK;
}

void ps_fft_destroy(ps_fft *fft)
{
    if (!fft)
        return;
    ps_free(fft->allocator, fft->tables);
    ps_free(fft->allocator, fft);
}

size_t ps_fft_scratch(const ps_fft *fft)
{
    const size_t other = fft->inner == fft->points ? 2 * fft->points : 4 * fft->inner;

    return (fft->kind == PS_FFT_REAL ? 2 * fft->points : 0) + other;
}

static void in_place(const ps_fft *fft, planar y, planar other)
{
    const planar x = start_of(fft, y, other);

    assert(fft->kind == PS_FFT_COMPLEX);
    if (x.re != y.re)
        copy(x, y, fft->points);
    run_points(fft, x, y, other);
}

void ps_fft_forward(const ps_fft *fft, double *re, double *im, double *scratch)
{
    in_place(fft, (planar){re, im}, halves(scratch, fft->points));
}

/* The inverse is the forward transform with real and imaginary parts exchanged. */
void ps_fft_inverse(const ps_fft *fft, double *re, double *im, double *scratch)
{
    const planar other = halves(scratch, fft->points);

    in_place(fft, (planar){im, re}, swapped(other));
}

/* Odd sizes: a complex transform whose imaginary parts are zero. */
static void odd_forward(const ps_fft *fft, const double *samples, planar bins, double *scratch)
{
    const planar y = halves(scratch, fft->size);
    const planar other = halves(scratch + 2 * fft->size, fft->size);
    const planar x = start_of(fft, y, other);

    memcpy(x.re, samples, fft->size * sizeof *samples);
    memset(x.im, 0, fft->size * sizeof *samples);
    run_points(fft, x, y, other);
    copy(bins, y, fft->size / 2 + 1);
    bins.im[0] = 0.0;
}

static void odd_inverse(const ps_fft *fft, const double *re, const double *im, double *samples,
                        double *scratch)
{
    const planar y = swapped(halves(scratch, fft->size));
    const planar other = swapped(halves(scratch + 2 * fft->size, fft->size));
    const planar x = start_of(fft, y, other);

    x.re[0] = 0.0;
    x.im[0] = re[0];
    for (size_t k = 1; k <= fft->size / 2; k++) {
        x.im[k] = x.im[fft->size - k] = re[k];
        x.re[k] = im[k];
        x.re[fft->size - k] = -im[k];
    }
    run_points(fft, x, y, other);
    memcpy(samples, y.im, fft->size * sizeof *samples);
}

void ps_fft_real_forward(const ps_fft *fft, const double *samples, double *re, double *im,
                         double *scratch)
{
    const planar y = {re, im}, other = halves(scratch, fft->points);
    const planar x = start_of(fft, y, other);

    assert(fft->kind == PS_FFT_REAL);
    if (fft->points == fft->size) {
        odd_forward(fft, samples, y, scratch);
        return;
    }
    fft->loops->split(x.re, x.im, samples, fft->points);
    run_points(fft, x, y, other);
    fft->loops->untangle(re, im, fft->turn.re, fft->turn.im, fft->points);
}

void ps_fft_real_inverse(const ps_fft *fft, const double *re, const double *im, double *samples,
                         double *scratch)
{
    const planar y = swapped(halves(scratch, fft->points));
    const planar other = swapped(halves(scratch + 2 * fft->points, fft->points));
    const planar x = start_of(fft, y, other);

    assert(fft->kind == PS_FFT_REAL);
    if (fft->points == fft->size) {
        odd_inverse(fft, re, im, samples, scratch);
        return;
    }
    fft->loops->tangle(x.im, x.re, re, im, fft->turn.re, fft->turn.im, fft->points);
    run_points(fft, x, y, other);
    fft->loops->join(samples, y.im, y.re, fft->points);
}
