#include "support.h"

#include <complex.h>
#include <math.h>

#include "dsp/notch.h"
#include "plainsong/engine.h"
#include "voice/noise.h"

#define BLOCK PS_NOTCH_BLOCK
#define HOP   PS_NOTCH_HOP
#define RATE  44100.0

void ps_notch_run_c(const ps_notch_job *job);
void ps_notch_run_avx2(const ps_notch_job *job);
void ps_notch_run_avx512(const ps_notch_job *job);
void ps_notch_run_neon(const ps_notch_job *job);

typedef struct bench {
    float window[BLOCK], scale[HOP], *in, *out;
    ps_notch notches[PS_NOTCH_SWEEPS * 40];
    ps_notch_hop hops[80];
    ps_notch_block blocks[40];
    uint32_t count, sweeps;
} bench;

static float noise(uint32_t *state)
{
    *state = *state * 1664525u + 1013904223u;
    return (float)(((double)*state / 4294967296.0 - 0.5) * 0.8);
}

static bench *bench_make(uint32_t count, uint32_t sweeps)
{
    bench *b = calloc(1, sizeof *b);
    uint32_t seed = 7;

    assert_non_null(b);
    b->count = count;
    b->sweeps = sweeps;
    b->in = malloc((size_t)count * BLOCK * sizeof(float));
    b->out = malloc((size_t)count * BLOCK * sizeof(float));
    assert_true(b->in && b->out);
    ps_notch_window(b->window);
    for (size_t i = 0; i < (size_t)count * BLOCK; i++)
        b->in[i] = noise(&seed);
    for (uint32_t i = 0; i < HOP; i++)
        b->scale[i] = (float)(1.0 / ((double)b->window[i] + (double)b->window[i + HOP]));
    for (uint32_t i = 0; i < count; i++) {
        for (uint32_t half = 0; half < 2; half++) {
            b->hops[2 * i + half].samples = b->out + (size_t)i * BLOCK + half * HOP;
            b->blocks[i].in[half] = b->in + (size_t)i * BLOCK + half * HOP;
            b->blocks[i].out[half] = &b->hops[2 * i + half];
        }
        b->blocks[i].notches = b->notches + (size_t)i * sweeps;
    }
    return b;
}

static void bench_free(bench *b)
{
    free(b->in);
    free(b->out);
    free(b);
}

static ps_notch_job job_of(const bench *b)
{
    return (ps_notch_job){b->blocks, b->count, b->sweeps, RATE, b->window, b->scale};
}

/* The difference equation as it is written down, in double. */
static void naive(double *y, const float *in, const ps_notch *notches, uint32_t sweeps)
{
    const double pi = acos(-1.0);

    for (uint32_t i = 0; i < BLOCK; i++)
        y[i] = (double)in[i] * (0.5 - 0.5 * cos(2.0 * pi * (double)i / (BLOCK - 1)));
    for (uint32_t k = 0; k < sweeps; k++) {
        const double w0 = 2.0 * pi * notches[k].frequency_hz / RATE;
        const double beta = tan(w0 / (2.0 * notches[k].q)), g = 1.0 / (1.0 + beta);

        if (!(notches[k].frequency_hz > 0.0 && notches[k].frequency_hz < 0.49 * RATE))
            continue;
        for (uint32_t c = 0; c < notches[k].cascade; c++) {
            double z0 = 0.0, z1 = 0.0;

            for (uint32_t i = 0; i < BLOCK; i++) {
                const double out = g * y[i] + z0;

                z0 = -2.0 * g * cos(w0) * (y[i] - out) + z1;
                z1 = g * y[i] - (2.0 * g - 1.0) * out;
                y[i] = out;
            }
        }
    }
}

static double worst_difference(const bench *b)
{
    double *right = malloc(BLOCK * sizeof *right), worst = 0.0;

    assert_non_null(right);
    for (uint32_t i = 0; i < b->count; i++) {
        const float *out = b->out + (size_t)i * BLOCK;

        naive(right, b->blocks[i].in[0], b->blocks[i].notches, b->sweeps);
        for (uint32_t n = 0; n < BLOCK; n++)
            worst = fmax(worst, isfinite(out[n]) ? fabs((double)out[n] - right[n]) : 1e9);
    }
    free(right);
    return worst;
}

static void (*run_of(const char *name))(const ps_notch_job *)
{
#if defined(__x86_64__)
    if (strcmp(name, "avx2") == 0)
        return ps_notch_run_avx2;
    if (strcmp(name, "avx512") == 0)
        return ps_notch_run_avx512;
#elif defined(__aarch64__)
    if (strcmp(name, "neon") == 0)
        return ps_notch_run_neon;
#endif
    return strcmp(name, "c") == 0 ? ps_notch_run_c : NULL;
}

static void every_row_agrees_with_the_difference_equation(void **state)
{
    static const double ranges_hz[][2] = {{20.0, 100.0}, {100.0, 1000.0}, {1000.0, 21600.0}};
    static const double limits[] = {1e-5, 3e-6, 3e-6};

    (void)state;
    for (uint32_t r = 0; ps_kernel_row_name(r); r++) {
        for (uint32_t range = 0; range < 3; range++) {
            bench *b = bench_make(16, 3);
            uint32_t seed = 3 + range;
            const ps_notch_job job = job_of(b);

            for (uint32_t i = 0; i < 48; i++) {
                const double at = (double)noise(&seed) / 0.8 + 0.5;

                b->notches[i].frequency_hz =
                    ranges_hz[range][0] * pow(ranges_hz[range][1] / ranges_hz[range][0], at);
                b->notches[i].q = 1.0 + 80.0 * ((double)noise(&seed) + 0.4);
                b->notches[i].cascade = (uint32_t)(16.0 * ((double)noise(&seed) / 0.8 + 0.5));
            }
            run_of(ps_kernel_row_name(r))(&job);
            if (worst_difference(b) >= limits[range])
                fail_msg("%s, %g Hz up: %g", ps_kernel_row_name(r), ranges_hz[range][0],
                         worst_difference(b));
            bench_free(b);
        }
    }
}

static void company_is_not_audible(void **state)
{
    (void)state;
    for (uint32_t r = 0; ps_kernel_row_name(r); r++) {
        bench *b = bench_make(23, 2);
        float *alone = malloc(BLOCK * sizeof *alone);
        ps_notch_job job = job_of(b);

        for (uint32_t i = 0; i < 46; i++)
            b->notches[i] = (ps_notch){300.0 + 400.0 * i, 10.0 + i, i % 13};
        run_of(ps_kernel_row_name(r))(&job);
        for (uint32_t i = 0; i < 23; i++) {
            ps_notch_hop halves[2] = {{alone, 0}, {alone + HOP, 0}};
            ps_notch_block one = b->blocks[i];

            one.out[0] = &halves[0];
            one.out[1] = &halves[1];
            job.blocks = &one;
            job.count = 1;
            run_of(ps_kernel_row_name(r))(&job);
            assert_memory_equal(alone, b->out + (size_t)i * BLOCK, BLOCK * sizeof *alone);
        }
        free(alone);
        bench_free(b);
    }
}

/* 23 blocks, some filtered side by side and some not, whose hops are those of the blocks after and
   before them; that before the first is there already. */
static void halves_that_share_a_hop_are_added_and_scaled(void **state)
{
    enum { COUNT = 23 };
    static float shared[COUNT + 1][HOP];

    (void)state;
    for (uint32_t r = 0; ps_kernel_row_name(r); r++) {
        bench *b = bench_make(COUNT, 1);
        ps_notch_hop hops[COUNT + 1];
        ps_notch_job job = job_of(b);

        for (uint32_t i = 0; i < COUNT; i++)
            b->notches[i] = (ps_notch){300.0 + 400.0 * i, 10.0 + i, 1 + i % 7};
        run_of(ps_kernel_row_name(r))(&job);
        for (uint32_t i = 0; i <= COUNT; i++)
            hops[i] = (ps_notch_hop){shared[i], i == 0};
        for (uint32_t n = 0; n < HOP; n++)
            shared[0][n] = (float)n * 1e-4f;
        for (uint32_t i = 0; i < COUNT; i++) {
            b->blocks[i].out[0] = &hops[i];
            b->blocks[i].out[1] = &hops[i + 1];
        }
        run_of(ps_kernel_row_name(r))(&job);
        for (uint32_t i = 0; i <= COUNT; i++) {
            assert_int_equal(hops[i].halves, i < COUNT ? 2 : 1);
            for (uint32_t n = 0; n < HOP; n++) {
                const float head = i < COUNT ? b->out[i * BLOCK + n] : 0.0f;
                const float tail = i > 0 ? b->out[(i - 1) * BLOCK + HOP + n] : (float)n * 1e-4f;
                const float right = i < COUNT ? (head + tail) * b->scale[n] : tail;

                assert_true(shared[i][n] == right);
            }
        }
        bench_free(b);
    }
}

static void notches_out_of_range_do_nothing(void **state)
{
    static const double none[] = {0.0, -5.0, 0.49 * RATE, 1e300, -INFINITY, INFINITY, NAN};

    (void)state;
    for (uint32_t r = 0; ps_kernel_row_name(r); r++) {
        bench *b = bench_make(7, 1);
        const ps_notch_job job = job_of(b);

        for (uint32_t i = 0; i < 7; i++)
            b->notches[i] = (ps_notch){none[i], 30.0, 10};
        run_of(ps_kernel_row_name(r))(&job);
        for (size_t i = 0; i < (size_t)7 * BLOCK; i++)
            assert_true(b->out[i] == b->in[i] * b->window[i % BLOCK]);
        bench_free(b);
    }
}

static void absurd_notches_stay_finite(void **state)
{
    static const ps_notch absurd[] = {
        {100.0, 0.0, 32},   {100.0, -3.0, 5},    {100.0, 1e-300, 32}, {100.0, 1e300, 32},
        {1e-300, 30.0, 32}, {21608.0, 1e-3, 32}, {5.0, 1e6, 4000000}, {1000.0, NAN, 3},
    };

    (void)state;
    for (uint32_t r = 0; ps_kernel_row_name(r); r++) {
        bench *b = bench_make(8, 1);
        const ps_notch_job job = job_of(b);

        memcpy(b->notches, absurd, sizeof absurd);
        run_of(ps_kernel_row_name(r))(&job);
        for (size_t i = 0; i < (size_t)8 * BLOCK; i++)
            assert_true(isfinite(b->out[i]) && fabsf(b->out[i]) < 10.0f);
        bench_free(b);
    }
}

/* The response by its formula against that of the difference equation's coefficients, at as many
   frequencies as do not fit anywhere. */
static void responses_are_those_of_the_filter(void **state)
{
    enum { COUNT = 131 };
    const ps_notch notch = {1500.0, 2.0, 3}, none = {30000.0, 2.0, 3};
    const double w0 = 2.0 * acos(-1.0) * 1500.0 / RATE, g = 1.0 / (1.0 + tan(w0 / 4.0));

    (void)state;
    for (uint32_t r = 0; ps_kernel_row_name(r); r++) {
        const ps_noise_row *row = ps_noise_row_find(ps_kernel_row_name(r));
        double tangent[COUNT], re[COUNT], im[COUNT];

        for (uint32_t i = 0; i < COUNT; i++) {
            tangent[i] = tan(acos(-1.0) * (200.0 + 150.0 * i) / RATE);
            re[i] = 0.3;
            im[i] = 0.4;
        }
        row->respond(&notch, RATE, tangent, re, im, COUNT);
        row->respond(&none, RATE, tangent, re, im, COUNT);
        for (uint32_t i = 0; i < COUNT; i++) {
            const double complex z = cexp(-I * 2.0 * atan(tangent[i]));
            const double complex once = g * (1.0 - 2.0 * cos(w0) * z + z * z) /
                                        (1.0 - 2.0 * g * cos(w0) * z + (2.0 * g - 1.0) * z * z);
            const double complex right = (0.3 + 0.4 * I) * once * once * once;

            assert_true(cabs(re[i] + I * im[i] - right) < 1e-12);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_agrees_with_the_difference_equation),
        cmocka_unit_test(company_is_not_audible),
        cmocka_unit_test(halves_that_share_a_hop_are_added_and_scaled),
        cmocka_unit_test(notches_out_of_range_do_nothing),
        cmocka_unit_test(absurd_notches_stay_finite),
        cmocka_unit_test(responses_are_those_of_the_filter),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
