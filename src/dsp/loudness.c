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
#define HOPS         4u   /* of 100 ms in a block */
#define STRETCH      128u /* frames filtered at a time */

/* y = (b0 + b1 z^-1 + b2 z^-2) / (1 + a1 z^-1 + a2 z^-2) x */
typedef struct biquad {
    double b0, b1, b2, a1, a2;
} biquad;

/* The last frames and the sums of the hop being filled, of left and right. */
typedef struct memory {
    double x1[2], x2[2];         /* as they came */
    double h1[2], h2[2];         /* by the head */
    double y1[2], y2[2];         /* by the ear */
    double energy[2], square[2]; /* of y, of x */
} memory;

struct ps_meter {
    const ps_allocator *allocator;
    biquad head, ear;
    memory memory;
    uint32_t hop_frames;
    uint32_t filled_frames;  /* of the hop being filled */
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

/* Poison would stay in the filters. Returns the largest magnitude; lanes let the loop vectorize
   without being reordered. */
static float clean(float *restrict out, const float *restrict in)
{
    float lanes[8] = {0.0f};
    float peak = 0.0f;

    for (uint32_t i = 0; i < STRETCH; i++)
        out[i] = fabsf(in[i]) <= 0x1p60f ? in[i] : 0.0f;
    for (uint32_t i = 0; i < STRETCH; i += 8) {
        for (uint32_t lane = 0; lane < 8; lane++) {
            const float magnitude = fabsf(out[i + lane]);

            lanes[lane] = magnitude > lanes[lane] ? magnitude : lanes[lane];
        }
    }
    for (uint32_t lane = 0; lane < 8; lane++)
        peak = lanes[lane] > peak ? lanes[lane] : peak;
    return peak;
}

/* One channel of a stretch, cleaned; what is missing of it counts as silence. */
static float take_side(float out[STRETCH], const float *in, uint32_t frames)
{
    if (frames < STRETCH) {
        float whole[STRETCH] = {0.0f};

        memcpy(whole, in, frames * sizeof *whole);
        return clean(out, whole);
    }
    return clean(out, in);
}

/* Whether silence that comes in comes out as silence. */
static bool rests(const memory *m)
{
    for (uint32_t c = 0; c < 2; c++) {
        if (m->x1[c] != 0.0 || m->x2[c] != 0.0 || m->h1[c] != 0.0 || m->h2[c] != 0.0 ||
            m->y1[c] != 0.0 || m->y2[c] != 0.0)
            return false;
    }
    return true;
}

/*
 * Both channels side by side through both filters. The filters are in direct form, and their sums
 * ordered so that only one product and one difference wait for the frame before. All is summed
 * frame by frame, so that blocks may be cut anywhere.
 */
static void weigh(ps_meter *meter, float (*restrict frames)[2], uint32_t count)
{
    const biquad head = meter->head, ear = meter->ear;
    memory m = meter->memory;

    for (uint32_t i = 0; i < count; i++) {
        for (uint32_t c = 0; c < 2; c++) {
            const double x = (double)frames[i][c];
            const double heard = head.b0 * x + head.b1 * m.x1[c] + head.b2 * m.x2[c];
            const double h = (heard - head.a2 * m.h2[c]) - head.a1 * m.h1[c];
            const double passed = h - 2.0 * m.h1[c] + m.h2[c];
            const double y = (passed - ear.a2 * m.y2[c]) - ear.a1 * m.y1[c];

            m.energy[c] += y * y;
            m.square[c] += x * x;
            m.x2[c] = m.x1[c];
            m.x1[c] = x;
            m.h2[c] = m.h1[c];
            m.h1[c] = h;
            m.y2[c] = m.y1[c];
            m.y1[c] = y;
        }
    }
    meter->memory = m;
}

/* Frames of one hop. */
static void add_frames(ps_meter *meter, ps_block block)
{
    float left[STRETCH], right[STRETCH], both[STRETCH][2];

    for (uint32_t at = 0; at < block.frames; at += STRETCH) {
        const uint32_t rest = block.frames - at, frames = rest < STRETCH ? rest : STRETCH;

        const float left_peak = take_side(left, block.left + at, frames);
        const float right_peak = take_side(right, block.right + at, frames);
        const float peak = left_peak > right_peak ? left_peak : right_peak;

        if (peak == 0.0f && rests(&meter->memory))
            continue;
        meter->peak = peak > meter->peak ? peak : meter->peak;
        for (uint32_t i = 0; i < STRETCH; i++) {
            both[i][0] = left[i];
            both[i][1] = right[i];
        }
        weigh(meter, both, frames);
    }
    meter->filled_frames += block.frames;
    meter->frames += block.frames;
}

static double at_rest(double x)
{
    return fabs(x) < 1e-100 ? 0.0 : x;
}

/* Silence decays into slow denormals otherwise. */
static void let_rest(memory *m)
{
    for (uint32_t c = 0; c < 2; c++) {
        m->h1[c] = at_rest(m->h1[c]);
        m->h2[c] = at_rest(m->h2[c]);
        m->y1[c] = at_rest(m->y1[c]);
        m->y2[c] = at_rest(m->y2[c]);
    }
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
    memory *m = &meter->memory;

    meter->energies[meter->hops % HOPS] = m->energy[0] + m->energy[1];
    meter->square += m->square[0] + m->square[1];
    m->energy[0] = m->energy[1] = m->square[0] = m->square[1] = 0.0;
    meter->filled_frames = 0;
    meter->hops++;
    if (meter->hops >= HOPS)
        end_block(meter);
    let_rest(m);
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
    const double square = meter->square + meter->memory.square[0] + meter->memory.square[1];

    levels->frames = meter->frames;
    levels->peak = (double)meter->peak;
    levels->rms = meter->frames > 0 ? sqrt(square / (2.0 * (double)meter->frames)) : 0.0;
    levels->integrated_lufs = lufs_of(mean_from(meter, gate));
    levels->max_momentary_lufs = lufs_of(meter->momentary_energy);
}
