/*
 * Loudness by ITU-R BS.1770-4: a filter for the head and one for the ear, mean squares of blocks of
 * 400 ms that overlap by three quarters, and of these the mean of all that pass two gates.
 *
 * The second gate is known only at the end. Instead of all blocks we keep a histogram of their
 * loudness; each bin has the sum of its blocks, so that the mean over bins is exact. Only the bin
 * the gate falls into is taken or left as a whole, by its own mean.
 */
#include "plainsong/level.h"

#include <math.h>
#include <string.h>

#include "kernel/math.h"

#define BINS_PER_LU  100
#define LOWEST_LUFS  (-70) /* the absolute gate */
#define HIGHEST_LUFS 30
#define BINS         ((HIGHEST_LUFS - LOWEST_LUFS) * BINS_PER_LU)
#define HOPS         4u /* of 100 ms in a block */

/* y = (b0 + b1 z^-1 + b2 z^-2) / (1 + a1 z^-1 + a2 z^-2) x */
typedef struct biquad {
    double b0, b1, b2, a1, a2;
} biquad;

/* The memory of one channel's two filters, transposed direct form II. */
typedef struct memory {
    double head[2], ear[2];
} memory;

struct ps_meter {
    const ps_allocator *allocator;
    biquad head, ear;
    memory left, right;
    uint32_t hop_frames;
    uint32_t filled_frames;  /* of the hop being filled */
    double hop_energy;       /* of it, filtered, both channels */
    double hop_square;       /* of it, as it came */
    double energies[HOPS];   /* of the last hops, a ring */
    uint64_t hops;           /* completed */
    double square;           /* of all completed hops, as they came */
    double momentary_energy; /* largest mean square of a block */
    uint64_t frames;
    float peak;
    double sums[BINS]; /* of the mean squares of the blocks in a bin */
    uint32_t counts[BINS];
};

/*
 * BS.1770 gives coefficients for 48 kHz only. These are the analogue filters they come from, by the
 * bilinear transform with the frequency kept in place (De Man, "Evaluation of implementations of
 * the EBU R128 loudness measurement", AES 145, 2018): a shelf of +4 dB at 1682 Hz for the head, a
 * high-pass at 38 Hz for the ear.
 */
static double warped(double hz, double rate_hz)
{
    return ps_sin_cycles(0.5 * hz / rate_hz) / ps_cos_cycles(0.5 * hz / rate_hz);
}

static biquad head_filter(double rate_hz)
{
    const double k = warped(1681.974450955533, rate_hz);
    const double q = 0.7071752369554196;
    const double high = 1.584864701130855; /* 10^(3.99984385397 / 20) */
    const double band = 1.258720930232562; /* high^0.49966677415 */
    const double a0 = 1.0 + k / q + k * k;
    const biquad f = {
        .b0 = (high + band * k / q + k * k) / a0,
        .b1 = 2.0 * (k * k - high) / a0,
        .b2 = (high - band * k / q + k * k) / a0,
        .a1 = 2.0 * (k * k - 1.0) / a0,
        .a2 = (1.0 - k / q + k * k) / a0,
    };

    return f;
}

/* The standard leaves its numerator 1, -2, 1 as it is. */
static biquad ear_filter(double rate_hz)
{
    const double k = warped(38.13547087602444, rate_hz);
    const double q = 0.5003270373238773;
    const double a0 = 1.0 + k / q + k * k;
    const biquad f = {
        .b0 = 1.0,
        .b1 = -2.0,
        .b2 = 1.0,
        .a1 = 2.0 * (k * k - 1.0) / a0,
        .a2 = (1.0 - k / q + k * k) / a0,
    };

    return f;
}

/* Poison would stay in the filters. */
static double sane(float x)
{
    return x >= -0x1p60f && x <= 0x1p60f ? (double)x : 0.0;
}

static inline double weigh(const biquad *head, const biquad *ear, memory *m, double x)
{
    const double h = head->b0 * x + m->head[0];
    const double y = h + m->ear[0];

    m->head[0] = head->b1 * x - head->a1 * h + m->head[1];
    m->head[1] = head->b2 * x - head->a2 * h;
    m->ear[0] = m->ear[1] - 2.0 * h - ear->a1 * y;
    m->ear[1] = h - ear->a2 * y;
    return y;
}

/* Silence decays into slow denormals otherwise. */
static void let_rest(memory *m)
{
    for (uint32_t i = 0; i < 2; i++) {
        m->head[i] = fabs(m->head[i]) < 1e-100 ? 0.0 : m->head[i];
        m->ear[i] = fabs(m->ear[i]) < 1e-100 ? 0.0 : m->ear[i];
    }
}

/* Frames of one hop. All is summed frame by frame, so that blocks may be cut anywhere. */
static void add_frames(ps_meter *meter, ps_block block)
{
    const biquad head = meter->head, ear = meter->ear;
    memory left = meter->left, right = meter->right;
    double energy = meter->hop_energy, square = meter->hop_square;
    double peak = (double)meter->peak;

    for (uint32_t i = 0; i < block.frames; i++) {
        const double l = sane(block.left[i]), r = sane(block.right[i]);
        const double wl = weigh(&head, &ear, &left, l), wr = weigh(&head, &ear, &right, r);

        energy += wl * wl + wr * wr;
        square += l * l + r * r;
        peak = fabs(l) > peak ? fabs(l) : peak;
        peak = fabs(r) > peak ? fabs(r) : peak;
    }
    meter->left = left;
    meter->right = right;
    meter->hop_energy = energy;
    meter->hop_square = square;
    meter->peak = (float)peak;
    meter->filled_frames += block.frames;
    meter->frames += block.frames;
}

/* A block of 400 ms ends with every hop from the fourth on. */
static void end_block(ps_meter *meter)
{
    const double log10_of_2 = 0.30102999566398120;
    double energy = 0.0, lufs;

    for (uint32_t i = 0; i < HOPS; i++)
        energy += meter->energies[i];
    energy /= (double)meter->hop_frames * HOPS;
    if (energy > meter->momentary_energy)
        meter->momentary_energy = energy;
    lufs = -0.691 + 10.0 * log10_of_2 * ps_log2(energy);
    if (lufs >= LOWEST_LUFS) {
        const double place = (lufs - LOWEST_LUFS) * BINS_PER_LU;
        const uint32_t bin = place < BINS - 1 ? (uint32_t)place : BINS - 1;

        meter->sums[bin] += energy;
        meter->counts[bin]++;
    }
}

static void end_hop(ps_meter *meter)
{
    meter->energies[meter->hops % HOPS] = meter->hop_energy;
    meter->square += meter->hop_square;
    meter->hop_energy = 0.0;
    meter->hop_square = 0.0;
    meter->filled_frames = 0;
    meter->hops++;
    if (meter->hops >= HOPS)
        end_block(meter);
    let_rest(&meter->left);
    let_rest(&meter->right);
}

ps_status ps_meter_create(ps_meter **out, ps_engine *engine, double rate_hz, ps_error *err)
{
    const ps_allocator *allocator = ps_engine_allocator(engine);
    ps_meter *meter;

    if (!(rate_hz >= PS_RATE_MIN_HZ && rate_hz <= PS_RATE_MAX_HZ))
        return ps_fail(err, PS_BAD_ARGUMENT, "meter: no sample rate of %g Hz", rate_hz);
    meter = ps_alloc(allocator, 1, sizeof *meter);
    if (!meter)
        return ps_fail(err, PS_NO_MEMORY, "no memory for a meter");
    meter->allocator = allocator;
    meter->head = head_filter(rate_hz);
    meter->ear = ear_filter(rate_hz);
    meter->hop_frames = (uint32_t)(rate_hz / 10.0 + 0.5);
    *out = meter;
    return PS_OK;
}

void ps_meter_destroy(ps_meter *meter)
{
    if (meter)
        ps_free(meter->allocator, meter);
}

void ps_meter_add(ps_meter *meter, ps_block block)
{
    uint32_t at = 0;

    while (at < block.frames) {
        const uint32_t left = block.frames - at;
        const uint32_t wanted = meter->hop_frames - meter->filled_frames;
        const uint32_t frames = left < wanted ? left : wanted;

        add_frames(meter, ps_block_part(block, at, frames));
        if (meter->filled_frames == meter->hop_frames)
            end_hop(meter);
        at += frames;
    }
}

/* Mean square of all blocks in bins whose own mean is at least this; 0 when there are none. */
static double mean_from(const ps_meter *meter, double least)
{
    double sum = 0.0, count = 0.0;

    for (uint32_t bin = 0; bin < BINS; bin++) {
        if (meter->counts[bin] > 0 && meter->sums[bin] >= least * meter->counts[bin]) {
            sum += meter->sums[bin];
            count += meter->counts[bin];
        }
    }
    return count > 0.0 ? sum / count : 0.0;
}

static double lufs_of(double mean_square)
{
    return mean_square > 0.0 ? -0.691 + 10.0 * log10(mean_square) : -(double)INFINITY;
}

void ps_meter_read(const ps_meter *meter, ps_levels *levels)
{
    const double gate = 0.1 * mean_from(meter, 0.0); /* 10 LU below */

    levels->frames = meter->frames;
    levels->peak = (double)meter->peak;
    levels->rms = meter->frames > 0
                      ? sqrt((meter->square + meter->hop_square) / (2.0 * (double)meter->frames))
                      : 0.0;
    levels->integrated_lufs = lufs_of(mean_from(meter, gate));
    levels->max_momentary_lufs = lufs_of(meter->momentary_energy);
}
