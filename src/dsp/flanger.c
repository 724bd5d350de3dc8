/* The flanger's settings: what follows from them once and for all, and its memory. */
#include "dsp/flanger.h"

#include <math.h>

#include "dsp/flanger_state.h"
#include "kernel/math.h"

#define LOG2_E 1.4426950408889634074
#define TWO_PI 6.28318530717958647693

/* Rounding drifts by at most half a last place per (1 - pole), the pole being at most 0.999999. */
#define SETTLE_FRAMES 2000000u

void ps_flanger_defaults(ps_flanger_settings *settings)
{
    *settings = (ps_flanger_settings){
        .delay_ms = 1.2,
        .depth_ms = 0.6,
        .rate_hz = 0.12,
        .feedback = 0.5,
        .mix = 0.3,
        .loop_lpf_hz = 7000.0,
        .min_delay_ms = 0.25,
        .max_delay_ms = 8.0,
        .smooth_delay_ms = 30.0,
        .smooth_depth_ms = 30.0,
        .match_loudness = true,
        .loudness_ms = 80.0,
        .loudness_min_gain = 0.5,
        .loudness_max_gain = 2.0,
    };
}

static double clamp(double x, double low, double high)
{
    return x < low ? low : x > high ? high : x;
}

/* exp(-x) for x >= 0. */
static double decay(double x)
{
    return ps_exp2(-x * LOG2_E);
}

/* The pole of a one-pole smoother. */
static double pole(double ms, double rate_hz)
{
    return ms <= 0.0 ? 0.0 : clamp(decay(1.0 / (ms * 0.001 * rate_hz)), 0.0, 0.999999);
}

static double high_pass_pole(double hz, double rate_hz)
{
    if (hz <= 0.0)
        return 0.0;
    return hz >= 0.5 * rate_hz ? 1.0 : decay(TWO_PI * hz / rate_hz);
}

static double low_pass_pole(double hz, double rate_hz)
{
    if (hz <= 0.0)
        return 1.0;
    return hz >= 0.5 * rate_hz ? 0.0 : decay(TWO_PI * hz / rate_hz);
}

/* Keeps delay - depth and delay + depth between the limits. */
static void limit_delay(ps_flanger *f)
{
    f->delay_ms = clamp(f->delay_ms, f->low_ms, f->high_ms);
    f->depth_ms = f->depth_ms > 0.0 ? f->depth_ms : 0.0;
    if (f->delay_ms - f->depth_ms < f->low_ms)
        f->depth_ms = f->delay_ms > f->low_ms ? f->delay_ms - f->low_ms : 0.0;
    if (f->delay_ms + f->depth_ms > f->high_ms)
        f->depth_ms = f->high_ms > f->delay_ms ? f->high_ms - f->delay_ms : 0.0;
}

/*
 * The reference smooths parameters that never change, towards where they already are. Rounding
 * moves them by some last places all the same, always in one direction until they stand: rounded
 * multiplication and addition never turn an order around. It is heard where a delay is a whole
 * number of frames, on either side of which the interpolation reads other samples.
 */
static void settle_delay(ps_flanger *f, const ps_flanger_settings *s)
{
    const double delay_a = pole(s->smooth_delay_ms, f->rate_hz);
    const double depth_a = pole(s->smooth_depth_ms, f->rate_hz);
    double delay, depth;
    uint32_t left = SETTLE_FRAMES;

    f->delay_ms = s->delay_ms;
    f->depth_ms = s->depth_ms;
    limit_delay(f);
    do {
        delay = f->delay_ms;
        depth = f->depth_ms;
        f->delay_ms = delay_a * delay + (1.0 - delay_a) * s->delay_ms;
        f->depth_ms = depth_a * depth + (1.0 - depth_a) * s->depth_ms;
        limit_delay(f);
    } while ((f->delay_ms != delay || f->depth_ms != depth) && --left > 0);
}

static void set_delay(ps_flanger *f, const ps_flanger_settings *s)
{
    const double cycles = s->rate_hz / f->rate_hz;

    /* Whole cycles change nothing; from 2^52 on there is nothing else. */
    f->cycles_per_frame = fabs(cycles) < 0x1p51 ? cycles - floor(cycles + 0.5) : 0.0;
    for (uint32_t i = 0; i < PS_FLANGER_RUN; i++) {
        f->sine[i] = ps_sin_cycles(i * f->cycles_per_frame);
        f->cosine[i] = ps_cos_cycles(i * f->cycles_per_frame);
    }
    f->low_ms = s->min_delay_ms > 0.05 ? s->min_delay_ms : 0.05;
    f->high_ms = s->max_delay_ms > f->low_ms ? s->max_delay_ms : f->low_ms + 0.01;
    settle_delay(f, s);
}

/* What is fed back has passed the high-pass, whose gain is its pole, and the low-pass. */
static void set_loop(ps_flanger *f, const ps_flanger_settings *s)
{
    f->feedback = clamp(s->feedback, -PS_FLANGER_LIMIT_GAIN, PS_FLANGER_LIMIT_GAIN);
    f->high_a = high_pass_pole(s->loop_hpf_hz, f->rate_hz);
    f->low_a = low_pass_pole(s->loop_lpf_hz, f->rate_hz);
    f->feeds_back = f->feedback != 0.0 && f->high_a > 0.0 && f->low_a < 1.0;
}

static void set_loudness(ps_flanger *f, const ps_flanger_settings *s)
{
    f->match_loudness = s->match_loudness;
    f->loudness_a = pole(s->loudness_ms, f->rate_hz);
    f->min_gain = clamp(s->loudness_min_gain, -PS_FLANGER_LIMIT_GAIN, PS_FLANGER_LIMIT_GAIN);
    f->max_gain = clamp(s->loudness_max_gain, -PS_FLANGER_LIMIT_GAIN, PS_FLANGER_LIMIT_GAIN);
    for (uint32_t c = 0; c < 2; c++)
        f->channel[c].makeup = 1.0;
}

/* Lines as long as a run after what a read may reach back to. They are moved back to their start
   when they are full, so they are made longer than that, or moving would cost more than reading. */
static ps_status take_lines(ps_flanger *f)
{
    f->ring = ceil((f->high_ms + 0.5) * f->rate_hz / 1000.0) + 8.0;
    f->ring = f->ring > 16.0 ? f->ring : 16.0;
    f->past = (uint32_t)f->ring + PS_TAPS_PAST;
    f->capacity = f->past + (f->past > 8 * PS_FLANGER_RUN ? f->past : 8 * PS_FLANGER_RUN);
    f->samples = ps_alloc(f->allocator, (size_t)f->capacity * f->channels, sizeof *f->samples);
    if (!f->samples)
        return PS_NO_MEMORY;
    f->at = f->past;
    for (uint32_t c = 0; c < f->channels; c++)
        f->channel[c].line = f->samples + (size_t)c * f->capacity;
    return PS_OK;
}

ps_status ps_flanger_create(ps_flanger **out, const ps_flanger_settings *settings, double rate_hz,
                            const ps_allocator *allocator, ps_error *err)
{
    ps_flanger *f;

    if (settings->max_delay_ms > PS_FLANGER_DELAY_MAX_MS ||
        settings->min_delay_ms > PS_FLANGER_DELAY_MAX_MS)
        return ps_fail(err, PS_UNSUPPORTED, "flanger: a delay of %g ms; %g is the most",
                       fmax(settings->min_delay_ms, settings->max_delay_ms),
                       PS_FLANGER_DELAY_MAX_MS);
    f = ps_alloc(allocator, 1, sizeof *f);
    if (!f)
        return ps_fail(err, PS_NO_MEMORY, "no memory for a flanger");
    f->allocator = allocator;
    f->rate_hz = rate_hz;
    f->stereo = settings->stereo;
    f->law = settings->law;
    f->triangle = settings->triangle;
    f->four_taps = settings->four_taps;
    f->channels = f->stereo == PS_FLANGER_LEFT_RIGHT ? 2 : 1;
    f->wet = clamp(settings->mix, -PS_FLANGER_LIMIT_GAIN, PS_FLANGER_LIMIT_GAIN);
    set_delay(f, settings);
    set_loop(f, settings);
    set_loudness(f, settings);
    if (take_lines(f) != PS_OK) {
        ps_flanger_destroy(f);
        return ps_fail(err, PS_NO_MEMORY, "no memory for a flanger");
    }
    *out = f;
    return PS_OK;
}

void ps_flanger_destroy(ps_flanger *flanger)
{
    if (!flanger)
        return;
    ps_free(flanger->allocator, flanger->samples);
    ps_free(flanger->allocator, flanger);
}

double ps_flanger_bound(const ps_flanger *flanger, double peak)
{
    /* The magnitudes of the four weights sum to less than 0.512 at any fraction, those of two to
       1. The high-pass's impulse response sums to twice its pole, the low-pass's to 1. */
    const double taps = flanger->four_taps ? 0.512 : 1.0;
    const double loop =
        flanger->feeds_back ? fabs(flanger->feedback) * 2.0 * flanger->high_a * taps : 0.0;
    double gain = 1.0 + fabs(flanger->wet) * taps / (1.0 - loop);

    if (!(loop < 1.0))
        return (double)INFINITY;
    if (flanger->match_loudness)
        gain *= fmax(fabs(fmin(flanger->min_gain, flanger->max_gain)), fabs(flanger->max_gain));
    /* |mid| and |side| are up to sqrt 2 times the peak, and each side is their sum over that. */
    if (flanger->stereo != PS_FLANGER_LEFT_RIGHT)
        gain += 1.0;
    return gain * peak * (1.0 + 1e-6); /* rounding to float */
}
