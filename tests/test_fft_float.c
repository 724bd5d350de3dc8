#include "support.h"

#include <math.h>

#include "dsp/fft.h"
#include "fft_walk.h"
#include "plainsong/engine.h"

/* The reference of the walk is itself no more than the definition. */
static void the_reference_agrees_with_the_definition(void **state)
{
    (void)state;
    for (size_t n = 1; n <= 100; n += 3) {
        walk_number in[100], right[100], got[100];

        for (size_t i = 0; i < n; i++)
            in[i] = (walk_number){(double)walk_sample(1, i), (double)walk_sample(2, i)};
        for (int sign = -1; sign <= 1; sign += 2) {
            walk_naive(sign, n, in, 1, right);
            walk_transform(sign, n, in, 1, got);
            for (size_t k = 0; k < n; k++)
                assert_true(hypot(got[k].re - right[k].re, got[k].im - right[k].im) < 1e-12);
        }
    }
}

static void every_row_and_size_agrees_with_the_definition(void **state)
{
    (void)state;
    assert_int_equal(walk_sizes((size_t)1 << 17), 0);
}

static float *floats(size_t count)
{
    float *p = ps_alloc(NULL, count, sizeof *p);

    assert_non_null(p);
    return p;
}

/*
 * Against our transform in double, which is checked against the definition by its own test: too
 * long for the walk. Of the float input, so that what differs is the transform's own error.
 */
static double error_of_long(size_t n)
{
    ps_fft_float *fft = walk_plan(PS_FFT_COMPLEX, n, NULL);
    float *x = floats(2 * n), *scratch = floats(ps_fft_scratch_float(fft));
    double *re, *im, *more, wrong = 0.0, whole = 0.0;
    ps_fft *in_double = NULL;

    assert_int_equal(ps_fft_create(&in_double, PS_FFT_COMPLEX, n, NULL, NULL, NULL), PS_OK);
    re = malloc(n * sizeof *re);
    im = malloc(n * sizeof *im);
    more = malloc(ps_fft_scratch(in_double) * sizeof *more);
    for (size_t i = 0; i < n; i++) {
        re[i] = (double)(x[2 * i] = walk_sample(n, 2 * i));
        im[i] = (double)(x[2 * i + 1] = walk_sample(n, 2 * i + 1));
    }
    ps_fft_forward(in_double, re, im, more);
    ps_fft_forward_float(fft, x, x, scratch);
    for (size_t i = 0; i < n; i++) {
        const double a = (double)x[2 * i] - re[i], b = (double)x[2 * i + 1] - im[i];

        wrong += a * a + b * b;
        whole += re[i] * re[i] + im[i] * im[i];
    }
    free(re);
    free(im);
    free(more);
    ps_free(NULL, x);
    ps_free(NULL, scratch);
    ps_fft_destroy(in_double);
    ps_fft_destroy_float(fft);
    return sqrt(wrong / whole);
}

static void long_transforms_are_as_good(void **state)
{
    static const size_t sizes[] = {(size_t)1 << 20, (size_t)3 << 18, (size_t)1 << 22};

    (void)state;
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        const double error = error_of_long(sizes[i]);

        printf("%8zu  %.1e\n", sizes[i], error);
        assert_true(error <= WALK_ERROR);
    }
}

static double energy(const float *x, size_t count)
{
    double sum = 0.0;

    for (size_t i = 0; i < count; i++)
        sum += (double)x[i] * (double)x[i];
    return sum;
}

static void energy_is_kept_and_the_way_back_leads_home(void **state)
{
    (void)state;
    for (size_t n = 2; n <= 65536; n *= 2) {
        ps_fft_float *fft = walk_plan(PS_FFT_COMPLEX, n, NULL);
        float *x = floats(2 * n), *y = floats(2 * n), *scratch = floats(ps_fft_scratch_float(fft));
        double wrong = 0.0;

        for (size_t i = 0; i < 2 * n; i++)
            x[i] = walk_sample(3, i);
        ps_fft_forward_float(fft, x, y, scratch);
        assert_true(fabs(energy(y, 2 * n) / ((double)n * energy(x, 2 * n)) - 1.0) < 1e-6);
        ps_fft_inverse_float(fft, y, y, scratch);
        for (size_t i = 0; i < 2 * n; i++)
            wrong += pow((double)y[i] / (double)n - (double)x[i], 2.0);
        assert_true(sqrt(wrong / energy(x, 2 * n)) < 1e-6);
        ps_free(NULL, x);
        ps_free(NULL, y);
        ps_free(NULL, scratch);
        ps_fft_destroy_float(fft);
    }
}

static void transforms_are_linear(void **state)
{
    enum { N = 768 };
    ps_fft_float *fft = walk_plan(PS_FFT_COMPLEX, N, NULL);
    float *x = floats(2 * N), *y = floats(2 * N), *z = floats(2 * N);
    float *scratch = floats(ps_fft_scratch_float(fft));
    double wrong = 0.0;

    (void)state;
    for (size_t i = 0; i < 2 * N; i++) {
        x[i] = walk_sample(4, i);
        y[i] = walk_sample(5, i);
        z[i] = 0.75f * x[i] - 2.0f * y[i];
    }
    ps_fft_forward_float(fft, x, x, scratch);
    ps_fft_forward_float(fft, y, y, scratch);
    ps_fft_forward_float(fft, z, z, scratch);
    for (size_t i = 0; i < 2 * N; i++)
        wrong += pow(0.75 * (double)x[i] - 2.0 * (double)y[i] - (double)z[i], 2.0);
    assert_true(sqrt(wrong / energy(z, 2 * N)) < 1e-6);
    ps_free(NULL, x);
    ps_free(NULL, y);
    ps_free(NULL, z);
    ps_free(NULL, scratch);
    ps_fft_destroy_float(fft);
}

/* Three products added to something, of a complex or a real plan, on one row. */
static void check_products(ps_fft_kind kind, size_t n, const char *row)
{
    enum { COUNT = 7 };
    ps_fft_float *fft = walk_plan(kind, n, row);
    const size_t bins = ps_fft_bins_float(fft);
    float *all = floats(bins * (4 * COUNT + 2) + 1);
    ps_fft_product products[COUNT];
    float *re = all + 4 * COUNT * bins, *im = re + bins;

    assert_int_equal(bins, kind == PS_FFT_REAL ? n / 2 + 1 : n);
    for (size_t count = 0; count <= COUNT; count++) {
        for (size_t i = 0; i <= bins * (4 * COUNT + 2); i++)
            all[i] = walk_sample(n, i);
        for (size_t i = 0; i < count; i++) {
            const float *at = all + 4 * i * bins;

            products[i] = (ps_fft_product){at, at + bins, at + 2 * bins, at + 3 * bins};
        }
        ps_fft_add_products(fft, re, im, products, count);
        for (size_t k = 0; k < bins; k++) {
            walk_number sum = {(double)walk_sample(n, (size_t)(re - all) + k),
                               (double)walk_sample(n, (size_t)(im - all) + k)};

            for (size_t i = 0; i < count; i++) {
                const ps_fft_product *p = &products[i];
                const walk_number a = {(double)p->a_re[k], (double)p->a_im[k]};
                const walk_number b = {(double)p->b_re[k], (double)p->b_im[k]};
                const walk_number product = walk_times(a, b);

                sum.re += product.re;
                sum.im += product.im;
            }
            assert_true(hypot((double)re[k] - sum.re, (double)im[k] - sum.im) < 2e-6);
        }
        assert_true(im[bins] == walk_sample(n, bins * (4 * COUNT + 2))); /* and nothing after it */
    }
    ps_free(NULL, all);
    ps_fft_destroy_float(fft);
}

static void products_are_added_bin_by_bin(void **state)
{
    (void)state;
    for (uint32_t r = 0; ps_kernel_row_name(r); r++) {
        for (size_t n = 2; n <= 512; n *= 2) {
            check_products(PS_FFT_COMPLEX, n, ps_kernel_row_name(r));
            check_products(PS_FFT_REAL, n, ps_kernel_row_name(r));
        }
        check_products(PS_FFT_COMPLEX, 45, ps_kernel_row_name(r));
        check_products(PS_FFT_REAL, 90, ps_kernel_row_name(r));
    }
}

/* left + i right through one real response, as the header says of stereo blocks. */
static void a_stereo_block_is_convolved_with_one_product(void **state)
{
    enum { N = 256, LENGTH = 100 };
    ps_fft_float *fft = walk_plan(PS_FFT_COMPLEX, N, NULL);
    float *x = floats(6 * N), *scratch = floats(ps_fft_scratch_float(fft));
    float *h = x + 2 * N, *y = x + 4 * N;
    float left[LENGTH], right[LENGTH], response[LENGTH];
    const ps_fft_product product = {x, x + N, h, h + N};

    (void)state;
    for (size_t i = 0; i < LENGTH; i++) {
        x[i] = left[i] = walk_sample(6, i);
        x[N + i] = right[i] = walk_sample(7, i);
        h[i] = response[i] = walk_sample(8, i);
    }
    ps_fft_planar_forward_float(fft, x, x + N, x, x + N, scratch);
    ps_fft_planar_forward_float(fft, h, h + N, h, h + N, scratch);
    ps_fft_add_products(fft, y, y + N, &product, 1);
    ps_fft_planar_inverse_float(fft, y, y + N, y, y + N, scratch);
    for (size_t i = 0; i < 2 * LENGTH - 1; i++) {
        double l = 0.0, r = 0.0;

        for (size_t j = i < LENGTH ? 0 : i - LENGTH + 1; j <= i && j < LENGTH; j++) {
            l += (double)response[j] * (double)left[i - j];
            r += (double)response[j] * (double)right[i - j];
        }
        assert_true(fabs((double)y[i] / N - l) < 1e-5 && fabs((double)y[N + i] / N - r) < 1e-5);
    }
    ps_free(NULL, x);
    ps_free(NULL, scratch);
    ps_fft_destroy_float(fft);
}

static void sizes_that_cannot_be_are_refused(void **state)
{
    static const size_t sizes[] = {0, 11, PS_FFT_SIZE_MOST + 1, PS_FFT_SIZE_MOST * 2};
    ps_fft_float *fft = NULL;
    ps_error err;

    (void)state;
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
        assert_int_equal(ps_fft_create_float(&fft, PS_FFT_COMPLEX, sizes[i], NULL, NULL, &err),
                         PS_BAD_ARGUMENT);
    assert_int_equal(ps_fft_create_float(&fft, PS_FFT_REAL, 15, NULL, NULL, &err), PS_BAD_ARGUMENT);
    assert_int_equal(ps_fft_create_float(&fft, PS_FFT_REAL, 16, "abacus", NULL, &err),
                     PS_NOT_FOUND);
    assert_null(fft);
    ps_fft_destroy_float(NULL);
}

static void create_gives_back_everything_when_memory_runs_out(void **state)
{
    ps_status status = PS_NO_MEMORY;

    (void)state;
    for (long allowed = 0; status != PS_OK; allowed++) {
        failing_allocator f;
        ps_fft_float *fft = NULL;
        ps_error err;

        failing_init(&f, allowed);
        status = ps_fft_create_float(&fft, PS_FFT_REAL, 1024, NULL, &f.base, &err);
        assert_true(status == PS_OK || status == PS_NO_MEMORY);
        assert_true((status == PS_OK) == (fft != NULL));
        ps_fft_destroy_float(fft);
        assert_int_equal(f.live, 0);
        assert_true(allowed < 10);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_reference_agrees_with_the_definition),
        cmocka_unit_test(every_row_and_size_agrees_with_the_definition),
        cmocka_unit_test(long_transforms_are_as_good),
        cmocka_unit_test(energy_is_kept_and_the_way_back_leads_home),
        cmocka_unit_test(transforms_are_linear),
        cmocka_unit_test(products_are_added_bin_by_bin),
        cmocka_unit_test(a_stereo_block_is_convolved_with_one_product),
        cmocka_unit_test(sizes_that_cannot_be_are_refused),
        cmocka_unit_test(create_gives_back_everything_when_memory_runs_out),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
