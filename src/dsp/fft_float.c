/* Plans of Fourier transforms in single precision, and what calls their loops (fft_float_plan.h).
 */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "base/untouched.h"
#include "dsp/fft.h"
#include "dsp/fft_float_plan.h"
#include "kernel/kernel.h"
#include "kernel/math.h"

/* ---- Which loops ---- */

static const ps_fft_float_loops *loops_of_row(const char *name)
{
#if PS_HAVE_AVX2
    if (strcmp(name, "avx2") == 0)
        return ps_fft_float_loops_avx2;
#endif
#if PS_HAVE_AVX512
    if (strcmp(name, "avx512") == 0)
        return ps_fft_float_loops_avx512;
#endif
#if PS_HAVE_NEON
    if (strcmp(name, "neon") == 0)
        return ps_fft_float_loops_neon;
#endif
#if PS_HAVE_SIMD128
    if (strcmp(name, "simd128") == 0)
        return ps_fft_float_loops_simd128;
#endif
    (void)name;
    return ps_fft_float_loops_c;
}

/* The widest that fit: rows are transposed in squares. One lane, in plain C, fits every size. */
static const ps_fft_float_loops *choose_loops(const char *row, size_t points)
{
    const ps_fft_float_loops *loops = loops_of_row(row);

    while (loops->lanes != 0 && points % ((size_t)loops->lanes * loops->lanes) != 0)
        loops++;
    return loops->lanes != 0 ? loops : choose_loops("c", points);
}

/* ---- Plans ---- */

/* Fours until eights do the rest of the powers of two, then the other factors. */
static uint32_t next_radix(size_t left)
{
    uint32_t twos = 0;

    while ((left >> twos) % 2 == 0)
        twos++;
    if (twos > 0)
        return twos == 1 ? 2 : twos % 3 == 0 ? 8 : 4;
    return left % 3 == 0 ? 3 : left % 5 == 0 ? 5 : left % 7 == 0 ? 7 : 1;
}

/* Powers of two come first, for then whole W of neighbouring k lie at the same places from one
   another wherever they begin (`within`). */
static void choose_levels(ps_fft_float *fft)
{
    size_t left = fft->cells;

    do {
        ps_fft_level *level = &fft->levels[fft->level_count++];

        level->radix = next_radix(left);
        left /= level->radix;
        level->m = left;
    } while (left > 1);
    if (fft->loops->lanes >= 8 && (fft->cells == 16 || fft->cells == 32))
        fft->short_radix = fft->cells / 4;
}

static size_t place_of(const ps_fft_float *fft, size_t k)
{
    size_t place = 0;

    for (uint32_t i = 0; i < fft->level_count; i++) {
        place += k % fft->levels[i].radix * fft->levels[i].m;
        k /= fft->levels[i].radix;
    }
    return place;
}

static bool fill_places(ps_fft_float *fft)
{
    const size_t lanes = fft->loops->lanes, count = fft->cells / lanes;

    fft->places = ps_alloc_untouched(fft->allocator, count, sizeof *fft->places);
    if (!fft->places)
        return false;
    for (size_t i = 0; i < count; i++)
        fft->places[i] = (uint32_t)place_of(fft, i * lanes);
    for (size_t i = 0; i < lanes; i++)
        fft->within[i] = 2 * lanes * place_of(fft, i);
    return true;
}

/* exp(-2 pi i part / whole). */
static void set_turn(float *re, float *im, uint64_t part, size_t whole)
{
    const double cycles = (double)(part % whole) / (double)whole;

    *re = (float)ps_cos_cycles(cycles);
    *im = (float)-ps_sin_cycles(cycles);
}

static size_t level_numbers(const ps_fft_level *level)
{
    return 2 * (level->radix - 1) * level->m;
}

static void fill_level(const ps_fft_level *level, float *to)
{
    for (size_t j = 0; j < level->m; j++) {
        for (size_t k = 1; k < level->radix; k++, to += 2)
            set_turn(to, to + 1, (uint64_t)j * k, level->radix * level->m);
    }
}

/* Cells k = first ... first + count - 1 of exp(-2 pi i (l % period) k / whole), lanes l. */
static void fill_cells(float *to, size_t lanes, size_t period, size_t first, size_t count,
                       size_t whole)
{
    for (size_t k = first; k < first + count; k++, to += 2 * lanes) {
        for (size_t l = 0; l < lanes; l++)
            set_turn(to + l, to + lanes + l, (uint64_t)(l % period) * k, whole);
    }
}

/* Every table begins aligned. */
static size_t rounded(size_t numbers)
{
    return (numbers + 15) / 16 * 16;
}

static size_t turn_numbers(const ps_fft_float *fft)
{
    return rounded(fft->points / 2 + 1);
}

static size_t table_numbers(const ps_fft_float *fft)
{
    const size_t lanes = fft->loops->lanes;
    size_t numbers = 1; /* there is always something to allocate */

    for (uint32_t i = 0; i < fft->level_count; i++)
        numbers += rounded(level_numbers(&fft->levels[i]));
    if (lanes > 1)
        numbers += 2 * fft->points + 2 * lanes * (lanes / 4);
    if (fft->kind == PS_FFT_REAL)
        numbers += 2 * turn_numbers(fft);
    return numbers;
}

static bool fill_tables(ps_fft_float *fft)
{
    const size_t lanes = fft->loops->lanes;
    float *to = ps_alloc(fft->allocator, table_numbers(fft), sizeof *to);

    if (!to)
        return false;
    fft->tables = to;
    for (uint32_t i = 0; i < fft->level_count; i++) {
        fill_level(&fft->levels[i], to);
        fft->levels[i].turns = to;
        to += rounded(level_numbers(&fft->levels[i]));
    }
    if (lanes > 1) {
        fill_cells(to, lanes, lanes, 0, fft->cells, fft->points);
        fft->row_turns = to;
        to += 2 * fft->points;
        fill_cells(to, lanes, 4, 1, lanes / 4 - 1, lanes);
        fft->mid_turns = to;
        to += 2 * lanes * (lanes / 4);
    }
    if (fft->kind == PS_FFT_REAL) {
        float *re = to, *im = to + turn_numbers(fft);

        for (size_t k = 0; k <= fft->points / 2; k++)
            set_turn(re + k, im + k, k, fft->size);
        fft->turn_re = re;
        fft->turn_im = im;
    }
    return true;
}

ps_status ps_fft_create_float(ps_fft_float **out, ps_fft_kind kind, size_t size,
                              const char *kernel_row, const ps_allocator *allocator, ps_error *err)
{
    const ps_kernels *row = ps_kernels_find(kernel_row);
    ps_fft_float *fft;

    if (size > PS_FFT_SIZE_MOST || !ps_fft_is_fast(size) || (kind == PS_FFT_REAL && size % 2 != 0))
        return ps_fail(err, PS_BAD_ARGUMENT, "no Fourier transform of %zu points in float", size);
    if (!row)
        return ps_fail(err, PS_NOT_FOUND, "no kernel row \"%s\" on this processor", kernel_row);
    fft = ps_alloc(allocator, 1, sizeof *fft);
    if (!fft)
        return ps_fail(err, PS_NO_MEMORY, "no memory for a Fourier transform");
    fft->allocator = allocator;
    fft->kind = kind;
    fft->size = size;
    fft->points = kind == PS_FFT_REAL ? size / 2 : size;
    fft->loops = choose_loops(row->name, fft->points);
    fft->cells = fft->points / fft->loops->lanes;
    choose_levels(fft);
    if (!fill_places(fft) || !fill_tables(fft)) {
        ps_fft_destroy_float(fft);
        return ps_fail(err, PS_NO_MEMORY, "no memory for a Fourier transform of %zu points", size);
    }
    *out = fft;
    return PS_OK;
}

void ps_fft_destroy_float(ps_fft_float *fft)
{
    if (!fft)
        return;
    ps_free(fft->allocator, fft->places);
    ps_free(fft->allocator, fft->tables);
    ps_free(fft->allocator, fft);
}

size_t ps_fft_scratch_float(const ps_fft_float *fft)
{
    return 2 * fft->points;
}

size_t ps_fft_bins_float(const ps_fft_float *fft)
{
    return fft->kind == PS_FFT_REAL ? fft->points + 1 : fft->points;
}

/* ---- Transforms ---- */

static void check(const ps_fft_float *fft, ps_fft_kind kind, const float *scratch)
{
    assert(fft->kind == kind && (uintptr_t)scratch % PS_ALIGN_BYTES == 0);
    (void)fft;
    (void)kind;
    (void)scratch;
}

void ps_fft_forward_float(const ps_fft_float *fft, const float *in, float *out, float *scratch)
{
    check(fft, PS_FFT_COMPLEX, scratch);
    fft->loops->pairs(fft, in, out, scratch);
}

/* The inverse is the forward transform with real and imaginary parts exchanged on both sides. */
void ps_fft_inverse_float(const ps_fft_float *fft, const float *in, float *out, float *scratch)
{
    check(fft, PS_FFT_COMPLEX, scratch);
    fft->loops->swapped(fft, in, out, scratch);
}

void ps_fft_planar_forward_float(const ps_fft_float *fft, const float *in_re, const float *in_im,
                                 float *re, float *im, float *scratch)
{
    check(fft, PS_FFT_COMPLEX, scratch);
    fft->loops->planar(fft, in_re, in_im, re, im, scratch);
}

void ps_fft_planar_inverse_float(const ps_fft_float *fft, const float *in_re, const float *in_im,
                                 float *re, float *im, float *scratch)
{
    check(fft, PS_FFT_COMPLEX, scratch);
    fft->loops->planar(fft, in_im, in_re, im, re, scratch);
}

void ps_fft_real_forward_float(const ps_fft_float *fft, const float *samples, float *re, float *im,
                               float *scratch)
{
    check(fft, PS_FFT_REAL, scratch);
    fft->loops->split(fft, samples, re, im, scratch);
    fft->loops->untangle(fft, re, im);
}

void ps_fft_real_inverse_float(const ps_fft_float *fft, const float *re, const float *im,
                               float *samples, float *scratch)
{
    float *even = samples, *odd = samples + fft->points; /* spectra of those samples, for now */

    check(fft, PS_FFT_REAL, scratch);
    fft->loops->tangle(fft, re, im, even, odd);
    fft->loops->joined(fft, odd, even, samples, scratch);
}

void ps_fft_add_products(const ps_fft_float *fft, float *re, float *im,
                         const ps_fft_product *products, size_t count)
{
    fft->loops->add_products(re, im, products, count, ps_fft_bins_float(fft));
}
