/* Gated mean and range of loudness, by histograms. */
#include "dsp/loudness_gate.h"

#include <math.h>

#include "kernel/math.h"

#define LOG10_OF_2 0.30102999566398120
#define OFFSET_LU  (-0.691) /* BS.1770: what the weighting gains at 997 Hz */

double ps_lufs(double mean_square)
{
    return mean_square > 0.0 ? OFFSET_LU + 10.0 * log10(mean_square) : -(double)INFINITY;
}

/* BINS when it is under the absolute gate. */
static uint32_t bin_of(double mean_square)
{
    const double lufs = OFFSET_LU + 10.0 * LOG10_OF_2 * ps_log2(mean_square);
    const double place = (lufs - PS_GATE_LOWEST_LUFS) * PS_GATE_BINS_PER_LU;

    if (!(mean_square > 0.0 && place >= 0.0))
        return PS_GATE_BINS;
    return place < PS_GATE_BINS - 1 ? (uint32_t)place : PS_GATE_BINS - 1;
}

/* ---- The mean ------------------------------------------------------------------------------- */

void ps_loudness_gate_add(ps_loudness_gate *gate, double mean_square)
{
    const uint32_t bin = bin_of(mean_square);

    if (bin == PS_GATE_BINS)
        return;
    gate->sums[bin] += mean_square;
    gate->counts[bin]++;
}

/* Of all blocks in bins whose own mean is at least this. */
static double mean_from(const ps_loudness_gate *gate, double least)
{
    double sum = 0.0, count = 0.0;

    for (uint32_t bin = 0; bin < PS_GATE_BINS; bin++) {
        if (gate->counts[bin] > 0 && gate->sums[bin] >= least * gate->counts[bin]) {
            sum += gate->sums[bin];
            count += gate->counts[bin];
        }
    }
    return count > 0.0 ? sum / count : 0.0;
}

double ps_loudness_gate_mean(const ps_loudness_gate *gate)
{
    return mean_from(gate, 0.1 * mean_from(gate, 0.0));
}

/* ---- The range ------------------------------------------------------------------------------ */

void ps_loudness_spread_add(ps_loudness_spread *spread, double mean_square)
{
    const uint32_t bin = bin_of(mean_square);

    if (bin == PS_GATE_BINS)
        return;
    spread->counts[bin]++;
    spread->sum += mean_square;
    spread->count++;
}

/* The bin of the block that `rank` quieter ones precede, counted from bin `from`. */
static uint32_t bin_of_rank(const ps_loudness_spread *spread, uint32_t from, uint64_t rank)
{
    uint32_t bin = from;

    for (uint64_t before = 0; bin < PS_GATE_BINS - 1; bin++) {
        before += spread->counts[bin];
        if (before > rank)
            break;
    }
    return bin;
}

/* Percentiles are those blocks of the sorted ones that are nearest, as in Tech 3342. */
double ps_loudness_spread_range(const ps_loudness_spread *spread)
{
    uint64_t count = 0;
    uint32_t from, low, high;

    if (spread->count == 0)
        return 0.0;
    from = bin_of(0.01 * spread->sum / (double)spread->count);
    from = from == PS_GATE_BINS ? 0 : from; /* under the absolute gate */
    for (uint32_t bin = from; bin < PS_GATE_BINS; bin++)
        count += spread->counts[bin];
    if (count == 0)
        return 0.0;
    low = bin_of_rank(spread, from, (uint64_t)(0.10 * (double)(count - 1) + 0.5));
    high = bin_of_rank(spread, from, (uint64_t)(0.95 * (double)(count - 1) + 0.5));
    return (double)(high - low) / PS_GATE_BINS_PER_LU;
}
