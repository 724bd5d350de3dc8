/*
 * Kaiser-windowed sincs (J. F. Kaiser 1974) at a row of positions between two input frames; between
 * two of those the outputs are interpolated (J. O. Smith, "Digital audio resampling", 2002).
 */
#include "dsp/convert.h"

#include <math.h>
#include <stdbool.h>

#include "base/untouched.h"
#include "kernel/math.h"

#define LANES  8u
#define LOBES  64.0  /* of the sinc to either side */
#define PHASES 512.0 /* positions in one lobe: the straight line between two is 107 dB right */
#define CUTOFF 0.95  /* of the lower Nyquist frequency: half a transition below it */
#define BETA   10.06 /* 100 dB */
#define PI     3.14159265358979323846

typedef struct filter {
    float *rows;     /* phases + 1 of `taps` */
    float *edge;     /* `taps` input frames where some lie outside */
    uint32_t taps;   /* a multiple of LANES */
    uint32_t phases; /* between two input frames */
    double cutoff;   /* of the input's Nyquist frequency */
} filter;

uint64_t ps_converted_frames(uint64_t frames, double from_hz, double to_hz)
{
    return (uint64_t)ceil((double)frames * to_hz / from_hz);
}

/* Modified Bessel function of order 0, of the root of a number. */
static double bessel_i0_of_root(double square)
{
    double term = 1.0, sum = 1.0;

    for (double k = 1.0; term > 1e-17 * sum; k += 1.0) {
        term *= square / (4.0 * k * k);
        sum += term;
    }
    return sum;
}

/* The taps for an output that lies `offset` (0..1) behind the middle input frame. */
static void fill_row(float *row, const filter *f, double offset)
{
    const double half = f->taps / 2.0;
    double sum = 0.0;

    for (uint32_t k = 0; k < f->taps; k++) {
        const double from = (double)k - (half - 1.0) - offset, x = from / half;
        const double at = from * f->cutoff;
        const bool middle = at > -1e-9 && at < 1e-9;
        const double sinc = middle ? 1.0 : ps_sin_cycles(at / 2.0) / (PI * at);
        const double inside = 1.0 - x * x;
        const double tap = sinc * bessel_i0_of_root(BETA * BETA * (inside > 0.0 ? inside : 0.0));

        row[k] = (float)tap;
        sum += tap;
    }
    for (uint32_t k = 0; k < f->taps; k++)
        row[k] = (float)((double)row[k] / sum);
}

/* step: input frames per output frame. */
static ps_status make_filter(filter *f, double step, const ps_allocator *allocator)
{
    const double narrow = step > 1.0 ? step : 1.0;

    f->taps = (uint32_t)ceil(2.0 * LOBES * narrow / LANES) * LANES;
    f->phases = (uint32_t)ceil(PHASES / narrow);
    f->cutoff = CUTOFF / narrow;
    f->rows = ps_alloc_untouched(allocator, (size_t)(f->phases + 1) * f->taps, sizeof *f->rows);
    f->edge = ps_alloc_untouched(allocator, f->taps, sizeof *f->edge);
    if (!f->rows || !f->edge)
        return PS_NO_MEMORY;
    for (uint32_t i = 0; i <= f->phases; i++)
        fill_row(f->rows + (size_t)i * f->taps, f, (double)i / f->phases);
    return PS_OK;
}

/* In lanes, so that it vectorizes without being reordered. */
static float convolve(const float *restrict row, const float *restrict in, uint32_t taps)
{
    float lanes[LANES] = {0.0f};
    float sum = 0.0f;

    for (const float *end = row + taps; row < end; row += LANES, in += LANES) {
        for (size_t lane = 0; lane < LANES; lane++)
            lanes[lane] += row[lane] * in[lane];
    }
    for (uint32_t lane = 0; lane < LANES; lane++)
        sum += lanes[lane];
    return sum;
}

/* The input frames from `first` on, which may lie before it or reach beyond its end. */
static const float *window(const filter *f, const float *in, uint64_t frames, int64_t first)
{
    if (first >= 0 && (uint64_t)first + f->taps <= frames)
        return in + first;
    for (uint32_t k = 0; k < f->taps; k++) {
        const int64_t at = first + (int64_t)k;

        f->edge[k] = at >= 0 && (uint64_t)at < frames ? in[at] : 0.0f;
    }
    return f->edge;
}

ps_status ps_convert_rate(float *out, const float *in, uint64_t frames, double from_hz,
                          double to_hz, const ps_allocator *allocator, ps_error *err)
{
    filter f = {0};

    if (!(from_hz > 0.0 && to_hz > 0.0 && from_hz <= PS_CONVERT_MOST * to_hz &&
          to_hz <= PS_CONVERT_MOST * from_hz))
        return ps_fail(err, PS_UNSUPPORTED, "cannot change a rate of %g Hz to %g Hz", from_hz,
                       to_hz);
    const double step = from_hz / to_hz;
    const ps_status status = make_filter(&f, step, allocator);
    const uint64_t count = status == PS_OK ? ps_converted_frames(frames, from_hz, to_hz) : 0;

    for (uint64_t i = 0; i < count; i++) {
        const double at = (double)i * step, whole = floor(at);
        const double place = (at - whole) * f.phases;
        const uint32_t phase = (uint32_t)place;
        const float *row = f.rows + (size_t)phase * f.taps;
        const float *from = window(&f, in, frames, (int64_t)whole - (int64_t)(f.taps / 2 - 1));
        const float here = convolve(row, from, f.taps);
        const float there = phase < f.phases ? convolve(row + f.taps, from, f.taps) : here;

        out[i] = here + (float)(place - phase) * (there - here);
    }
    ps_free(allocator, f.rows);
    ps_free(allocator, f.edge);
    return status == PS_OK ? PS_OK : ps_fail(err, status, "no memory to change a sample rate");
}
