/*
 * Kaiser-windowed sincs (J. F. Kaiser 1974). At steps up to 1 the cutoff is the source's Nyquist
 * frequency; above, it is the output's.
 */
#include "kernel/sinc.h"

#include "kernel/kernel.h"
#include "kernel/math.h"

#include <stdbool.h>

#define STEPS_PER_OCTAVE 6u
#define STEPS            (5u * STEPS_PER_OCTAVE + 1u)
#define PI               3.14159265358979323846

struct ps_sinc_set {
    const ps_allocator *allocator;
    uint32_t taps;
    uint64_t limit[STEPS]; /* the steepest step each table is for; the last one takes all beyond */
    float *tables;         /* STEPS tables */
};

/* Modified Bessel function of order 0. */
static double bessel_i0(double x)
{
    double term = 1.0, sum = 1.0;

    for (uint32_t k = 1; k < 50; k++) {
        term *= x * x / (4.0 * k * k);
        sum += term;
    }
    return sum;
}

static double root(double x)
{
    return x <= 0.0 ? 0.0 : ps_exp2(0.5 * ps_log2(x));
}

/* A phase's weights are straight lines through the filter at two nodes: the zeros of the second
   Legendre polynomial on 0..1, so that the lines fit best by least squares where the filter is a
   parabola. The first phase has a node at 0 instead, and at 3/4 the one that then fits best: whole
   positions pass exactly. */
static double node(uint32_t phase, uint32_t n)
{
    if (phase == 0)
        return n == 0 ? 0.0 : 0.75;
    return n == 0 ? 0.5 - 0.28867513459481288 : 0.5 + 0.28867513459481288;
}

/* Of tap k from the output frame, in source frames. */
static double distance(uint32_t taps, uint32_t phase, uint32_t n, uint32_t k)
{
    return (double)k - (taps / 2.0 - 1.0) - (phase + node(phase, n)) / PS_SINC_PHASES;
}

static size_t table_floats(uint32_t taps)
{
    return (size_t)PS_SINC_PHASES * 2 * taps;
}

/* The window is the same for all tables, and each tap's distance from the output frame too. */
static void fill_window(float *window, uint32_t taps)
{
    const double beta = taps == 8 ? 5.0 : 9.0; /* side lobes near -50 and -90 dB */
    const double scale = 1.0 / bessel_i0(beta);

    for (uint32_t i = 0; i < 2 * PS_SINC_PHASES; i++) {
        for (uint32_t k = 0; k < taps; k++) {
            const double x = distance(taps, i / 2, i % 2, k) / (taps / 2.0);

            window[i * taps + k] = (float)(scale * bessel_i0(beta * root(1.0 - x * x)));
        }
    }
}

/* The filter at node n of a phase; its weights add up to 1. */
static void fill_row(double row[32], const float *window, uint32_t taps, uint32_t phase, uint32_t n,
                     double cutoff)
{
    double sum = 0.0;

    for (uint32_t k = 0; k < taps; k++) {
        const double at = distance(taps, phase, n, k) * cutoff;
        const bool middle = at > -1e-9 && at < 1e-9;

        row[k] = (double)window[k] * (middle ? 1.0 : ps_sin_cycles(at / 2.0) / (PI * at));
        sum += row[k];
    }
    for (uint32_t k = 0; k < taps; k++)
        row[k] /= sum;
}

/* cutoff: 1 is the source's Nyquist frequency. */
static void fill(float *table, const float *window, uint32_t taps, double cutoff)
{
    for (uint32_t phase = 0; phase < PS_SINC_PHASES; phase++) {
        const double first = node(phase, 0), second = node(phase, 1);
        float *weight = table + (size_t)phase * 2 * taps, *slope = weight + taps;
        double rows[2][32];

        fill_row(rows[0], window + (size_t)phase * 2 * taps, taps, phase, 0, cutoff);
        fill_row(rows[1], window + ((size_t)phase * 2 + 1) * taps, taps, phase, 1, cutoff);
        for (uint32_t k = 0; k < taps; k++) {
            const double rise = (rows[1][k] - rows[0][k]) / (second - first);

            weight[k] = (float)(rows[0][k] - first * rise);
            slope[k] = (float)rise;
        }
    }
}

ps_status ps_sinc_set_create(ps_sinc_set **out, uint32_t taps, const ps_allocator *allocator,
                             ps_error *err)
{
    ps_sinc_set *set = ps_alloc(allocator, 1, sizeof *set);
    float *window = ps_alloc(allocator, table_floats(taps), sizeof *window);

    if (set) {
        set->allocator = allocator;
        set->tables = ps_alloc(allocator, STEPS * table_floats(taps), sizeof *set->tables);
    }
    if (!set || !set->tables || !window) {
        ps_free(allocator, window);
        ps_sinc_set_destroy(set);
        return ps_fail(err, PS_NO_MEMORY, "no memory for sinc tables");
    }
    set->taps = taps;
    fill_window(window, taps);
    for (uint32_t i = 0; i < STEPS; i++) {
        const double step = ps_exp2((double)i / STEPS_PER_OCTAVE);

        set->limit[i] = (uint64_t)(step * 4294967296.0 * (1.0 + 1e-6));
        fill(set->tables + i * table_floats(taps), window, taps, 1.0 / step);
    }
    ps_free(allocator, window);
    *out = set;
    return PS_OK;
}

void ps_sinc_set_destroy(ps_sinc_set *set)
{
    if (!set)
        return;
    ps_free(set->allocator, set->tables);
    ps_free(set->allocator, set);
}

const float *ps_sinc_table(const ps_sinc_set *set, uint64_t step)
{
    uint32_t low = 0, high = STEPS - 1;

    while (low < high) {
        const uint32_t middle = (low + high) / 2;

        if (set->limit[middle] < step)
            low = middle + 1;
        else
            high = middle;
    }
    return set->tables + low * table_floats(set->taps);
}
