/* The meter: peaks, mean square and loudness, each when it is asked for. */
#include "plainsong/level.h"

#include <math.h>
#include <string.h>

#include "dsp/loudness.h"
#include "dsp/true_peak.h"
#include "kernel/math.h"

#define RUN  PS_LEVEL_RUN
#define MOST 0x1p60f /* what is larger, finite or not, would stay in the filters as poison */

struct ps_meter {
    const ps_allocator *allocator;
    const ps_level_row *row;
    double rate_hz;
    uint32_t measures;
    ps_loudness *loudness; /* NULL when it is not measured */

    uint64_t frames, samples; /* samples: of all channels */
    uint64_t not_finite;
    float peak, true_peak;
    double square[2]; /* of left and right, when there is no loudness to sum it by the way */
    ps_true_peak between[2];
};

ps_status ps_meter_create(ps_meter **out, ps_engine *engine, double rate_hz, uint32_t measures,
                          ps_error *err)
{
    const ps_allocator *allocator = ps_engine_allocator(engine);
    ps_meter *meter;

    if (!(rate_hz >= PS_RATE_MIN_HZ && rate_hz <= PS_RATE_MAX_HZ))
        return ps_fail(err, PS_BAD_ARGUMENT, "meter: no sample rate of %g Hz", rate_hz);
    meter = ps_alloc(allocator, 1, sizeof *meter);
    if (!meter)
        return ps_fail(err, PS_NO_MEMORY, "no memory for a meter");
    meter->allocator = allocator;
    meter->row = ps_level_row_find(ps_engine_kernel_row(engine));
    meter->rate_hz = rate_hz;
    meter->measures = measures;
    for (uint32_t c = 0; c < 2; c++)
        ps_true_peak_init(&meter->between[c], ps_engine_kernel_row(engine));
    if (measures & PS_MEASURE_LOUDNESS) {
        meter->loudness = ps_alloc(allocator, 1, sizeof *meter->loudness);
        if (!meter->loudness) {
            ps_meter_destroy(meter);
            return ps_fail(err, PS_NO_MEMORY, "no memory for a meter");
        }
    }
    ps_meter_reset(meter);
    *out = meter;
    return PS_OK;
}

void ps_meter_destroy(ps_meter *meter)
{
    if (!meter)
        return;
    ps_free(meter->allocator, meter->loudness);
    ps_free(meter->allocator, meter);
}

void ps_meter_reset(ps_meter *meter)
{
    meter->frames = meter->samples = meter->not_finite = 0;
    meter->peak = meter->true_peak = 0.0f;
    meter->square[0] = meter->square[1] = 0.0;
    for (uint32_t c = 0; c < 2; c++)
        ps_true_peak_reset(&meter->between[c]);
    if (meter->loudness)
        ps_loudness_init(meter->loudness, meter->rate_hz, meter->row);
}

/* What cannot be measured becomes silence, and is counted. */
static void clean(ps_meter *meter, float *restrict out, const float *restrict in, uint32_t frames)
{
    for (uint32_t i = 0; i < frames; i++) {
        const bool good = fabsf(in[i]) <= MOST;

        out[i] = good ? in[i] : 0.0f;
        meter->not_finite += !good;
    }
}

/* One channel of a run. Returns the samples to go on with: `in`, or a clean copy in `room`. */
static const float *take_side(ps_meter *meter, uint32_t side, const float *in, uint32_t frames,
                              float *room, float *loudest)
{
    float peak = ps_float_of_bits(meter->row->peak(in, frames));

    if (!(peak <= MOST)) {
        clean(meter, room, in, frames);
        in = room;
        peak = ps_float_of_bits(meter->row->peak(in, frames));
    }
    *loudest = peak > *loudest ? peak : *loudest;
    if (meter->measures & PS_MEASURE_TRUE_PEAK)
        meter->true_peak = ps_true_peak_most(&meter->between[side], in, frames, meter->true_peak);
    return in;
}

/* At most RUN frames, and no more than the loudness has room for. right: NULL when mono. */
static void add_run(ps_meter *meter, const float *left, const float *right, uint32_t frames)
{
    static const float nothing[RUN];
    float room[2][RUN], peak = 0.0f;

    left = take_side(meter, 0, left, frames, room[0], &peak);
    right = right ? take_side(meter, 1, right, frames, room[1], &peak) : nothing;
    meter->peak = peak > meter->peak ? peak : meter->peak;
    if (meter->loudness)
        ps_loudness_add(meter->loudness, left, right, frames, peak == 0.0f);
    else if (meter->measures & PS_MEASURE_RMS)
        meter->row->square(meter->square, left, right, frames);
}

void ps_meter_add(ps_meter *meter, ps_block block)
{
    for (uint32_t at = 0, frames; at < block.frames; at += frames) {
        const uint32_t room = meter->loudness ? ps_loudness_room(meter->loudness) : RUN;

        frames = block.frames - at < room ? block.frames - at : room;
        add_run(meter, block.left + at, block.right ? block.right + at : NULL, frames);
    }
    meter->frames += block.frames;
    meter->samples += block.frames * (block.right ? UINT64_C(2) : UINT64_C(1));
}

void ps_meter_end(ps_meter *meter)
{
    static const float silence[2 * PS_TRUE_PEAK_LATE];

    if (!(meter->measures & PS_MEASURE_TRUE_PEAK))
        return;
    for (uint32_t c = 0; c < 2; c++) {
        meter->true_peak =
            ps_true_peak_most(&meter->between[c], silence, 2 * PS_TRUE_PEAK_LATE, meter->true_peak);
        ps_true_peak_reset(&meter->between[c]);
    }
}

void ps_meter_read(const ps_meter *meter, ps_levels *levels)
{
    const double not_measured = (double)NAN;
    const ps_loudness *loudness = meter->loudness;
    const double *square = loudness ? loudness->filter.square : meter->square;

    *levels = (ps_levels){
        .frames = meter->frames,
        .not_finite = meter->not_finite,
        .peak = (double)meter->peak,
        .true_peak = not_measured,
        .rms = not_measured,
        .integrated_lufs = not_measured,
        .max_momentary_lufs = not_measured,
        .max_short_term_lufs = not_measured,
        .loudness_range_lu = not_measured,
    };
    if (meter->measures & PS_MEASURE_TRUE_PEAK)
        levels->true_peak = fmax((double)meter->true_peak, levels->peak);
    if (meter->measures & PS_MEASURE_RMS)
        levels->rms =
            meter->samples > 0 ? sqrt((square[0] + square[1]) / (double)meter->samples) : 0.0;
    if (!loudness)
        return;
    levels->integrated_lufs = ps_lufs(ps_loudness_gate_mean(&loudness->gate));
    levels->max_momentary_lufs = ps_lufs(loudness->momentary_most);
    levels->max_short_term_lufs = ps_lufs(loudness->short_term_most);
    levels->loudness_range_lu = ps_loudness_spread_range(&loudness->spread);
}

void ps_meter_now(const ps_meter *meter, ps_loudness_now *now)
{
    const ps_loudness *loudness = meter->loudness;

    now->momentary_lufs = now->short_term_lufs = (double)NAN;
    if (!loudness)
        return;
    now->momentary_lufs = ps_lufs(ps_loudness_last(loudness, PS_LOUDNESS_MOMENTARY_HOPS));
    now->short_term_lufs = ps_lufs(ps_loudness_last(loudness, PS_LOUDNESS_SHORT_TERM_HOPS));
}
