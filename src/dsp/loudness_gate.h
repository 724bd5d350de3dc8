/*
 * What becomes of the loudness of many blocks in the end: their gated mean (ITU-R BS.1770-4, 5.1)
 * and the range they cover (EBU Tech 3342). Both gates are known only then, so instead of all
 * blocks we keep histograms by hundredths of a LU, whatever the length.
 */
#ifndef PLAINSONG_DSP_LOUDNESS_GATE_H
#define PLAINSONG_DSP_LOUDNESS_GATE_H

#include <stdint.h>

#define PS_GATE_BINS_PER_LU  100
#define PS_GATE_LOWEST_LUFS  (-70) /* the absolute gate */
#define PS_GATE_HIGHEST_LUFS 30    /* what is louder goes to the last bin */
#define PS_GATE_BINS         ((PS_GATE_HIGHEST_LUFS - PS_GATE_LOWEST_LUFS) * PS_GATE_BINS_PER_LU)

/* Each bin has the sum of its blocks, so that a mean over bins is exact. Only the bin that the
   relative gate falls into is taken or left as a whole, by its own mean. Zeroed when new. */
typedef struct ps_loudness_gate {
    double sums[PS_GATE_BINS]; /* of mean squares */
    uint32_t counts[PS_GATE_BINS];
} ps_loudness_gate;

/* Bins are taken for their middles, so the range is right within 0.01 LU. Zeroed when new. */
typedef struct ps_loudness_spread {
    uint32_t counts[PS_GATE_BINS];
    double sum; /* of the mean squares of all of them */
    uint64_t count;
} ps_loudness_spread;

/* Loudness of a mean square summed over both channels; -INFINITY for silence. */
double ps_lufs(double mean_square);

/* A block of 400 ms. */
void ps_loudness_gate_add(ps_loudness_gate *gate, double mean_square);

/* The mean of all blocks from 10 LU below the mean of all on; 0 when there are none. */
double ps_loudness_gate_mean(const ps_loudness_gate *gate);

/* A block of 3 s. */
void ps_loudness_spread_add(ps_loudness_spread *spread, double mean_square);

/* In LU, of the blocks from 20 LU below the mean of all on: from the tenth to the ninety-fifth
   hundredth of them. 0 when there are none. */
double ps_loudness_spread_range(const ps_loudness_spread *spread);

#endif
