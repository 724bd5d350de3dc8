/*
 * Kaiser-windowed sincs (J. F. Kaiser 1974). At steps up to 1 the cutoff is the source's Nyquist
 * frequency; above, it is the output's.
 */
#include "kernel/sinc.h"

#include "kernel/kernel.h"
#include "kernel/math.h"

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

/* cutoff: 1 is the source's Nyquist frequency. */
static double windowed(double distance, double cutoff, double half_taps, double beta)
{
    const double x = distance / half_taps, at = distance * cutoff;
    const double window =
        x <= -1.0 || x >= 1.0 ? 0.0 : bessel_i0(beta * root(1.0 - x * x)) / bessel_i0(beta);

    if (at > -1e-9 && at < 1e-9)
        return cutoff * window;
    return cutoff * window * ps_sin_cycles(at / 2.0) / (PI * at);
}

static void fill(float *table, uint32_t taps, double cutoff)
{
    const double beta = taps == 8 ? 5.0 : 9.0; /* side lobes near -50 and -90 dB */

    for (uint32_t phase = 0; phase <= PS_SINC_PHASES; phase++) {
        double row[32], sum = 0.0;

        for (uint32_t k = 0; k < taps; k++) {
            const double distance = (double)k - (taps / 2.0 - 1.0) - (double)phase / PS_SINC_PHASES;

            row[k] = windowed(distance, cutoff, taps / 2.0, beta);
            sum += row[k];
        }
        for (uint32_t k = 0; k < taps; k++)
            table[phase * taps + k] = (float)(row[k] / sum);
    }
}

static size_t table_floats(uint32_t taps)
{
    return (size_t)(PS_SINC_PHASES + 1u) * taps;
}

ps_status ps_sinc_set_create(ps_sinc_set **out, uint32_t taps, const ps_allocator *allocator,
                             ps_error *err)
{
    ps_sinc_set *set = ps_alloc(allocator, 1, sizeof *set);

    if (set)
        set->tables = ps_alloc(allocator, STEPS * table_floats(taps), sizeof *set->tables);
    if (!set || !set->tables) {
        ps_free(allocator, set);
        return ps_fail(err, PS_NO_MEMORY, "no memory for sinc tables");
    }
    set->allocator = allocator;
    set->taps = taps;
    for (uint32_t i = 0; i < STEPS; i++) {
        const double step = ps_exp2((double)i / STEPS_PER_OCTAVE);

        set->limit[i] = (uint64_t)(step * 4294967296.0 * (1.0 + 1e-6));
        fill(set->tables + i * table_floats(taps), taps, 1.0 / step);
    }
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
