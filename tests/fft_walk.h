/*
 * Transforms in float of every kernel row, measured against the definition in double. It needs
 * nothing but libc, so that it also runs where there is no cmocka (qemu, Node).
 */
#ifndef TESTS_FFT_WALK_H
#define TESTS_FFT_WALK_H

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "dsp/fft.h"
#include "kernel/kernel.h"

#define WALK_PI    3.14159265358979323846
#define WALK_ERROR 1e-6 /* allowed, relative to the root mean square of what is right */
#define WALK_WRONG 1e300
#define WALK_ROWS  8u

typedef struct walk_number {
    double re, im;
} walk_number;

static inline walk_number walk_times(walk_number a, walk_number b)
{
    return (walk_number){a.re * b.re - a.im * b.im, a.re * b.im + a.im * b.re};
}

/* exp(2 pi i part / whole) */
static inline walk_number walk_turn(double part, double whole)
{
    const double angle = 2.0 * WALK_PI * fmod(part, whole) / whole;

    return (walk_number){cos(angle), sin(angle)};
}

/* The definition, every step-th number of `in`. sign: -1 forward, 1 inverse. */
static void walk_naive(int sign, size_t n, const walk_number *in, size_t step, walk_number *out)
{
    for (size_t k = 0; k < n; k++) {
        walk_number sum = {0.0, 0.0};

        for (size_t j = 0; j < n; j++) {
            const walk_number turn = walk_turn((double)sign * (double)(j * k % n), (double)n);
            const walk_number term = walk_times(in[j * step], turn);

            sum.re += term.re;
            sum.im += term.im;
        }
        out[k] = sum;
    }
}

/* The same for longer signals: the textbook's recursion into halves down to odd sizes. */
static void walk_transform(int sign, size_t n, const walk_number *in, size_t step, walk_number *out)
{
    if (n % 2 != 0 || n < 8) {
        walk_naive(sign, n, in, step, out);
        return;
    }
    walk_transform(sign, n / 2, in, 2 * step, out);
    walk_transform(sign, n / 2, in + step, 2 * step, out + n / 2);
    for (size_t k = 0; k < n / 2; k++) {
        const walk_number turn = walk_turn((double)sign * (double)k, (double)n);
        const walk_number even = out[k], odd = walk_times(out[k + n / 2], turn);

        out[k] = (walk_number){even.re + odd.re, even.im + odd.im};
        out[k + n / 2] = (walk_number){even.re - odd.re, even.im - odd.im};
    }
}

/* -1 up to 1, as many bits as a float has */
static inline float walk_sample(uint64_t seed, uint64_t i)
{
    return (float)((int32_t)(ps_random_bits(seed, i) >> 40) - (1 << 23)) * 0x1p-23f;
}

/* Root mean square of the differences, relative to that of what is right. */
static double walk_difference(const walk_number *right, const float *re, const float *im,
                              size_t apart, size_t count)
{
    double wrong = 0.0, whole = 0.0;

    for (size_t i = 0; i < count; i++) {
        const double x = (double)re[i * apart] - right[i].re,
                     y = (double)im[i * apart] - right[i].im;

        wrong += x * x + y * y;
        whole += right[i].re * right[i].re + right[i].im * right[i].im;
    }
    return isfinite(wrong) && whole > 0.0 ? sqrt(wrong / whole) : WALK_WRONG;
}

/* Memory for one size: signals of n complex numbers, unaligned by one float, but for scratch. */
typedef struct walk_memory {
    walk_number *signal, *right;
    float *scratch, *in, *out;
} walk_memory;

static inline float *walk_floats(size_t count)
{
    float *floats = ps_alloc(NULL, count + 1, sizeof *floats);

    if (!floats)
        abort();
    return floats;
}

static inline walk_memory walk_memory_take(size_t n)
{
    walk_memory w = {malloc(n * sizeof *w.signal), malloc(n * sizeof *w.right),
                     walk_floats(2 * n + 2), walk_floats(2 * n + 2), walk_floats(2 * n + 4)};

    if (!w.signal || !w.right)
        abort();
    w.in++;
    w.out++;
    return w;
}

static inline void walk_memory_give(walk_memory *w)
{
    free(w->signal);
    free(w->right);
    ps_free(NULL, w->scratch);
    ps_free(NULL, w->in - 1);
    ps_free(NULL, w->out - 1);
}

static inline ps_fft_float *walk_plan(ps_fft_kind kind, size_t n, const char *row)
{
    ps_fft_float *fft = NULL;

    if (ps_fft_create_float(&fft, kind, n, row, NULL, NULL) != PS_OK)
        abort();
    return fft;
}

/* The worse of two errors. */
static inline double walk_worse(double a, double b)
{
    return a > b ? a : b;
}

static inline double walk_same(const float *a, const float *b, size_t count)
{
    return memcmp(a, b, count * sizeof *a) == 0 ? 0.0 : WALK_WRONG;
}

/* Pairs, to another place and in place. `right` is the transform of `signal`. */
static double walk_pairs(const ps_fft_float *fft, int sign, size_t n, walk_memory *w)
{
    double error;

    for (size_t i = 0; i < n; i++) {
        w->in[2 * i] = (float)w->signal[i].re;
        w->in[2 * i + 1] = (float)w->signal[i].im;
    }
    (sign < 0 ? ps_fft_forward_float : ps_fft_inverse_float)(fft, w->in, w->out, w->scratch);
    error = walk_difference(w->right, w->out, w->out + 1, 2, n);
    (sign < 0 ? ps_fft_forward_float : ps_fft_inverse_float)(fft, w->in, w->in, w->scratch);
    return walk_worse(error, walk_same(w->in, w->out, 2 * n));
}

static double walk_planar(const ps_fft_float *fft, int sign, size_t n, walk_memory *w)
{
    float *re = w->in, *im = w->in + n;
    double error;

    for (size_t i = 0; i < n; i++) {
        re[i] = (float)w->signal[i].re;
        im[i] = (float)w->signal[i].im;
    }
    (sign < 0 ? ps_fft_planar_forward_float : ps_fft_planar_inverse_float)(fft, re, im, w->out,
                                                                           w->out + n, w->scratch);
    error = walk_difference(w->right, w->out, w->out + n, 1, n);
    (sign < 0 ? ps_fft_planar_forward_float : ps_fft_planar_inverse_float)(fft, re, im, re, im,
                                                                           w->scratch);
    return walk_worse(error, walk_same(w->in, w->out, 2 * n));
}

/* errors: of every row, at least those found */
static void walk_complex(size_t n, walk_memory *w, double errors[WALK_ROWS])
{
    for (size_t i = 0; i < n; i++)
        w->signal[i] =
            (walk_number){(double)walk_sample(n, 2 * i), (double)walk_sample(n, 2 * i + 1)};
    for (int sign = -1; sign <= 1; sign += 2) {
        walk_transform(sign, n, w->signal, 1, w->right);
        for (uint32_t i = 0; ps_kernels_row(i); i++) {
            ps_fft_float *fft = walk_plan(PS_FFT_COMPLEX, n, ps_kernels_row(i)->name);

            errors[i] = walk_worse(errors[i], walk_pairs(fft, sign, n, w));
            errors[i] = walk_worse(errors[i], walk_planar(fft, sign, n, w));
            ps_fft_destroy_float(fft);
        }
    }
}

static double walk_real_forward(const ps_fft_float *fft, size_t n, walk_memory *w)
{
    const size_t bins = n / 2 + 1;

    for (size_t i = 0; i < n; i++)
        w->in[i] = (float)w->signal[i].re;
    ps_fft_real_forward_float(fft, w->in, w->out, w->out + bins, w->scratch);
    if (w->out[bins] != 0.0f || w->out[2 * bins - 1] != 0.0f)
        return WALK_WRONG;
    return walk_difference(w->right, w->out, w->out + bins, 1, bins);
}

/* The way back, from the right spectrum in float, with rubbish where nothing may be read. */
static double walk_real_inverse(const ps_fft_float *fft, size_t n, walk_memory *w)
{
    const size_t bins = n / 2 + 1;
    float *re = w->in, *im = w->in + bins;

    for (size_t k = 0; k < bins; k++) {
        re[k] = (float)(w->right[k].re / (double)n);
        im[k] = (float)(w->right[k].im / (double)n);
    }
    im[0] = im[n / 2] = 1e9f;
    ps_fft_real_inverse_float(fft, re, im, w->out, w->scratch);
    memset(w->in, 0, n * sizeof *w->in);
    return walk_difference(w->signal, w->out, w->in, 1, n);
}

static void walk_real(size_t n, walk_memory *w, double errors[WALK_ROWS])
{
    for (size_t i = 0; i < n; i++)
        w->signal[i] = (walk_number){(double)walk_sample(n + 1, i), 0.0};
    walk_transform(-1, n, w->signal, 1, w->right);
    for (uint32_t i = 0; ps_kernels_row(i); i++) {
        ps_fft_float *fft = walk_plan(PS_FFT_REAL, n, ps_kernels_row(i)->name);

        errors[i] = walk_real_forward(fft, n, w);
        errors[i] = walk_worse(errors[i], walk_real_inverse(fft, n, w));
        ps_fft_destroy_float(fft);
    }
}

/* A size as all rows do it, a line of figures; the number of rows that are not good enough. */
static int walk_size(size_t n)
{
    double complex_errors[WALK_ROWS] = {0.0}, real_errors[WALK_ROWS] = {0.0};
    walk_memory w = walk_memory_take(n);
    int bad = 0;

    walk_complex(n, &w, complex_errors);
    if (n % 2 == 0)
        walk_real(n, &w, real_errors);
    walk_memory_give(&w);
    printf("%8zu", n);
    for (uint32_t i = 0; ps_kernels_row(i); i++) {
        printf("  %s %.1e %.1e", ps_kernels_row(i)->name, complex_errors[i], real_errors[i]);
        bad += !(complex_errors[i] <= WALK_ERROR && real_errors[i] <= WALK_ERROR);
    }
    printf("\n");
    return bad;
}

/* 2^a, 3 * 2^a and 5 * 2^a up to a size, and some with other factors. */
static int walk_sizes(size_t most)
{
    static const size_t others[] = {7,  9,  14, 15,  21,  25,  27,  35,
                                    45, 49, 75, 112, 225, 448, 720, 1008};
    int bad = 0;

    printf("relative error, complex and real\n");
    for (size_t odd = 1; odd <= 5; odd += 2) {
        for (size_t n = odd; n <= most; n *= 2)
            bad += walk_size(n);
    }
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        bad += walk_size(others[i]);
    return bad;
}

#endif
