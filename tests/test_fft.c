#include "support.h"

#include <math.h>

#include "dsp/fft.h"
#include "plainsong/engine.h"

#define PI 3.14159265358979323846264338327950288L

/* -1..1, the same every time. */
static double noise(uint32_t *state)
{
    *state = *state * 1664525u + 1013904223u;
    return (double)*state / 2147483648.0 - 1.0;
}

/* The definition, with turns from a table made in long double. sign: -1 forward, 1 inverse. */
static void naive(size_t n, int sign, const double *re, const double *im, double *to_re,
                  double *to_im)
{
    long double *turn = malloc(2 * n * sizeof *turn);

    assert_non_null(turn);
    for (size_t i = 0; i < n; i++) {
        turn[2 * i] = cosl(2.0L * PI * (long double)i / (long double)n);
        turn[2 * i + 1] = (long double)sign * sinl(2.0L * PI * (long double)i / (long double)n);
    }
    for (size_t k = 0; k < n; k++) {
        long double sum_re = 0.0L, sum_im = 0.0L;

        for (size_t j = 0, at = 0; j < n; j++, at = (at + k) % n) {
            sum_re += (long double)re[j] * turn[2 * at] - (long double)im[j] * turn[2 * at + 1];
            sum_im += (long double)re[j] * turn[2 * at + 1] + (long double)im[j] * turn[2 * at];
        }
        to_re[k] = (double)sum_re;
        to_im[k] = (double)sum_im;
    }
    free(turn);
}

typedef struct arrays {
    size_t n;
    double *re, *im, *right_re, *right_im, *got_re, *got_im;
} arrays;

static arrays arrays_make(size_t n, uint32_t seed)
{
    double *all = calloc(6 * (n + 1), sizeof *all);
    arrays a = {n,
                all,
                all + n + 1,
                all + 2 * (n + 1),
                all + 3 * (n + 1),
                all + 4 * (n + 1),
                all + 5 * (n + 1)};

    assert_non_null(all);
    for (size_t i = 0; i < n; i++) {
        a.re[i] = noise(&seed);
        a.im[i] = noise(&seed);
    }
    return a;
}

/* Root mean square of the difference, relative to that of what is right; 1e300 when a NaN is in. */
static double difference(const arrays *a, size_t count)
{
    double wrong = 0.0, right = 0.0;

    for (size_t i = 0; i < count; i++) {
        const double re = a->got_re[i] - a->right_re[i], im = a->got_im[i] - a->right_im[i];

        wrong += re * re + im * im;
        right += a->right_re[i] * a->right_re[i] + a->right_im[i] * a->right_im[i];
    }
    return isfinite(wrong) ? sqrt(wrong / right) : 1e300;
}

static double double_limit(size_t n)
{
    return 2e-15 + 3e-16 * log2((double)n) * (ps_fft_is_fast(n) ? 1.0 : 4.0);
}

static void check_complex(size_t n, const char *row)
{
    arrays a = arrays_make(n, (uint32_t)n);
    ps_fft *fft;
    double *scratch;

    assert_int_equal(ps_fft_create(&fft, PS_FFT_COMPLEX, n, row, NULL, NULL), PS_OK);
    scratch = malloc(ps_fft_scratch(fft) * sizeof *scratch);
    for (int sign = -1; sign <= 1; sign += 2) {
        naive(n, sign, a.re, a.im, a.right_re, a.right_im);
        memcpy(a.got_re, a.re, n * sizeof *a.re);
        memcpy(a.got_im, a.im, n * sizeof *a.im);
        (sign < 0 ? ps_fft_forward : ps_fft_inverse)(fft, a.got_re, a.got_im, scratch);
        assert_true(difference(&a, n) < double_limit(n));
    }
    free(scratch);
    ps_fft_destroy(fft);
    free(a.re);
}

static void check_real(size_t n, const char *row)
{
    arrays a = arrays_make(n, (uint32_t)n + 77);
    const size_t bins = n / 2 + 1;
    ps_fft *fft;
    double *scratch;

    memset(a.im, 0, n * sizeof *a.im);
    naive(n, -1, a.re, a.im, a.right_re, a.right_im);
    assert_int_equal(ps_fft_create(&fft, PS_FFT_REAL, n, row, NULL, NULL), PS_OK);
    scratch = malloc(ps_fft_scratch(fft) * sizeof *scratch);
    ps_fft_real_forward(fft, a.re, a.got_re, a.got_im, scratch);
    assert_true(difference(&a, bins) < double_limit(n));
    assert_true(a.got_im[0] == 0.0 && (n % 2 == 1 || a.got_im[n / 2] == 0.0));

    /* Back: n times the signal, from the right spectrum, with rubbish where nothing is read. */
    memcpy(a.right_im + bins, a.im, (n + 1 - bins) * sizeof *a.im);
    a.right_im[0] = 1e9;
    if (n % 2 == 0)
        a.right_im[n / 2] = 1e9;
    ps_fft_real_inverse(fft, a.right_re, a.right_im, a.got_re, scratch);
    for (size_t i = 0; i < n; i++) {
        a.right_re[i] = (double)n * a.re[i];
        a.right_im[i] = a.got_im[i] = 0.0;
    }
    assert_true(difference(&a, n) < double_limit(n));
    free(scratch);
    ps_fft_destroy(fft);
    free(a.re);
}

static const size_t fast_sizes[] = {1,   2,   3,   4,   5,   6,   8,   9,   10,  12,  15,   16,  20,
                                    24,  25,  27,  30,  32,  40,  45,  48,  60,  64,  75,   80,  96,
                                    128, 160, 192, 225, 256, 320, 384, 512, 640, 768, 1024, 1280};

static void every_row_and_fast_size_agrees_with_the_definition(void **state)
{
    (void)state;
    for (uint32_t r = 0; ps_kernel_row_name(r); r++) {
        for (size_t i = 0; i < sizeof fast_sizes / sizeof fast_sizes[0]; i++) {
            check_complex(fast_sizes[i], ps_kernel_row_name(r));
            check_real(fast_sizes[i], ps_kernel_row_name(r));
        }
    }
    check_complex(2048, NULL);
}

static void every_size_agrees_with_the_definition_in_double(void **state)
{
    (void)state;
    for (size_t n = 1; n <= 150; n++) {
        check_complex(n, NULL);
        check_real(n, NULL);
    }
    for (uint32_t r = 0; ps_kernel_row_name(r); r++) {
        check_complex(1009, ps_kernel_row_name(r));
        check_real(2 * 331, ps_kernel_row_name(r));
        check_real(7 * 11 * 13, ps_kernel_row_name(r));
    }
}

/* A few bins of a long transform against the definition, its energy, and the way back. */
static void check_long(size_t n)
{
    arrays a = arrays_make(n, (uint32_t)n);
    double time = 0.0, frequency = 0.0;
    ps_fft *fft;
    double *scratch;

    assert_int_equal(ps_fft_create(&fft, PS_FFT_COMPLEX, n, NULL, NULL, NULL), PS_OK);
    scratch = malloc(ps_fft_scratch(fft) * sizeof *scratch);
    memcpy(a.got_re, a.re, n * sizeof *a.re);
    memcpy(a.got_im, a.im, n * sizeof *a.im);
    ps_fft_forward(fft, a.got_re, a.got_im, scratch);
    for (size_t k = 1; k < n; k = 3 * k + 1) {
        long double re = 0.0L, im = 0.0L;

        for (size_t j = 0; j < n; j++) {
            const long double angle =
                -2.0L * PI * (long double)((uint64_t)j * k % n) / (long double)n;

            re += (long double)a.re[j] * cosl(angle) - (long double)a.im[j] * sinl(angle);
            im += (long double)a.re[j] * sinl(angle) + (long double)a.im[j] * cosl(angle);
        }
        assert_true(hypot(a.got_re[k] - (double)re, a.got_im[k] - (double)im) <
                    double_limit(n) * sqrt((double)n));
    }
    for (size_t i = 0; i < n; i++) {
        time += a.re[i] * a.re[i] + a.im[i] * a.im[i];
        frequency += a.got_re[i] * a.got_re[i] + a.got_im[i] * a.got_im[i];
    }
    assert_true(fabs(frequency / ((double)n * time) - 1.0) < 1e-13);
    ps_fft_inverse(fft, a.got_re, a.got_im, scratch);
    for (size_t i = 0; i < n; i++) {
        a.right_re[i] = (double)n * a.re[i];
        a.right_im[i] = (double)n * a.im[i];
    }
    assert_true(difference(&a, n) < 2.0 * double_limit(n));
    free(scratch);
    ps_fft_destroy(fft);
    free(a.re);
}

static void long_transforms_are_as_good(void **state)
{
    (void)state;
    check_long((size_t)1 << 15);
    check_long((size_t)3 << 13);
    check_long((size_t)5 << 13);
    check_long(30011); /* a prime */
    check_long((size_t)1 << 17);
}

static void sizes_that_cannot_be_are_refused(void **state)
{
    ps_fft *fft = NULL;
    ps_error err;

    (void)state;
    assert_int_equal(ps_fft_create(&fft, PS_FFT_REAL, 0, NULL, NULL, &err), PS_BAD_ARGUMENT);
    assert_int_equal(ps_fft_create(&fft, PS_FFT_REAL, PS_FFT_SIZE_MOST + 1, NULL, NULL, &err),
                     PS_BAD_ARGUMENT);
    assert_int_equal(ps_fft_create(&fft, PS_FFT_REAL, 8, "abacus", NULL, &err), PS_NOT_FOUND);
    assert_null(fft);
    ps_fft_destroy(NULL);
}

static void fast_sizes_are_the_next_ones(void **state)
{
    (void)state;
    assert_int_equal(ps_fft_fast_size(1), 1);
    assert_int_equal(ps_fft_fast_size(7), 8);
    assert_int_equal(ps_fft_fast_size(9), 10);
    assert_int_equal(ps_fft_fast_size(11), 12);
    assert_int_equal(ps_fft_fast_size(1025), 1280);
    assert_true(ps_fft_is_fast(3 * 3 * 5 * 5 * 16) && ps_fft_is_fast(44100) &&
                !ps_fft_is_fast(22) && !ps_fft_is_fast(0));
}

static void create_gives_back_everything_when_memory_runs_out(void **state)
{
    static const size_t sizes[] = {64, 97};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        ps_status status = PS_NO_MEMORY;

        for (long allowed = 0; status != PS_OK; allowed++) {
            failing_allocator f;
            ps_fft *fft = NULL;
            ps_error err;

            failing_init(&f, allowed);
            status = ps_fft_create(&fft, PS_FFT_REAL, sizes[i], NULL, &f.base, &err);
            assert_true(status == PS_OK || status == PS_NO_MEMORY);
            assert_true((status == PS_OK) == (fft != NULL));
            ps_fft_destroy(fft);
            assert_int_equal(f.live, 0);
            assert_true(allowed < 10);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_and_fast_size_agrees_with_the_definition),
        cmocka_unit_test(every_size_agrees_with_the_definition_in_double),
        cmocka_unit_test(long_transforms_are_as_good),
        cmocka_unit_test(sizes_that_cannot_be_are_refused),
        cmocka_unit_test(fast_sizes_are_the_next_ones),
        cmocka_unit_test(create_gives_back_everything_when_memory_runs_out),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
