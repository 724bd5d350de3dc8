/*
 * Parameters on their way: straight lines over alpha, in whatever unit a loop wants them, held
 * while alpha stands still.
 */
#ifndef PLAINSONG_VOICE_LINES_H
#define PLAINSONG_VOICE_LINES_H

#include "voice/blocks.h"

/* Larger numbers of a document mean nothing and would overflow. Two gains on the way to each other
   (PS_CURVE_LIMIT) make 2^64 at most when multiplied. */
#define PS_SETTING_LIMIT 1e9
#define PS_GAIN_LIMIT    1e6

/* from + by * alpha. */
typedef struct ps_line {
    double from, by;
} ps_line;

static inline double ps_limited(double x, double limit)
{
    return x < -limit ? -limit : x > limit ? limit : x;
}

/* A setting times a unit, from its start to its end, neither beyond a limit. */
static inline ps_line ps_line_within(const ps_setting *setting, double unit, double limit)
{
    const double start = ps_limited(setting->start, limit);
    const double end = ps_limited(setting->end, limit);

    return (ps_line){start * unit, (end - start) * unit};
}

static inline ps_line ps_line_of(const ps_setting *setting, double unit)
{
    return ps_line_within(setting, unit, PS_SETTING_LIMIT);
}

/* Of a gain, or a depth of one. */
static inline ps_line ps_gain_line(const ps_setting *setting, double unit)
{
    return ps_line_within(setting, unit, PS_GAIN_LIMIT);
}

static inline double ps_line_at(ps_line line, double alpha)
{
    return line.from + line.by * alpha;
}

/* out = the line at each alpha; alpha NULL where the line does not move. */
static inline void ps_line_fill(double *restrict out, ps_line line, const double *restrict alpha,
                                uint32_t count)
{
    if (line.by == 0.0)
        for (uint32_t i = 0; i < count; i++)
            out[i] = line.from;
    else
        for (uint32_t i = 0; i < count; i++)
            out[i] = PS_MADD_DOUBLE(line.by, alpha[i], line.from);
}

/* The same, to float. */
static inline void ps_line_fill_floats(float *restrict out, ps_line line,
                                       const float *restrict alpha, uint32_t count)
{
    const float from = (float)line.from, by = (float)line.by;

    if (line.by == 0.0)
        for (uint32_t i = 0; i < count; i++)
            out[i] = from;
    else
        for (uint32_t i = 0; i < count; i++)
            out[i] = PS_MADD(by, alpha[i], from);
}

/* Lines that stay where they are at one alpha. */
static inline void ps_lines_hold(ps_line *restrict held, const ps_line *restrict lines,
                                 uint32_t count, double alpha)
{
    for (uint32_t i = 0; i < count; i++)
        held[i] = (ps_line){ps_line_at(lines[i], alpha), 0.0};
}

/* It is `value` wherever alpha is. */
static inline bool ps_line_stays(ps_line line, double value)
{
    return line.from == value && line.by == 0.0;
}

/*
 * alpha of the frames from `first` on. NULL: it is the same in all of them, *at (0 for a static
 * voice); else `alpha`, which has been filled.
 */
static inline const double *ps_alpha_of(const ps_voice_setup *setup, double *alpha, uint64_t first,
                                        uint32_t frames, double *at)
{
    *at = 0.0;
    if (!setup->transition)
        return NULL;
    const bool stands = ps_ramp_fill(&setup->ramp, alpha, first, frames);
    *at = alpha[0];
    return stands ? NULL : alpha;
}

/* Moves something on by one run with its alpha, or (alpha NULL) by any number of runs in which
   alpha is `at`. */
typedef void ps_skip_run(void *user, const double *alpha, double at, uint64_t frames);

/* Moves something on from the run at `first` to the one at `frame`, in as few goes as can be. */
static inline void ps_skip_runs(const ps_voice_setup *setup, uint64_t first, uint64_t frame,
                                ps_skip_run *skip, void *user)
{
    while (first < frame) {
        const uint64_t left = frame - first;
        const uint64_t still = setup->transition ? ps_ramp_still(&setup->ramp, first) : left;
        const uint64_t most = still < left ? still : left;
        const uint64_t runs = most / PS_VOICE_FRAMES;
        const uint64_t count = (runs > 0 ? runs : 1) * PS_VOICE_FRAMES;
        double alpha[PS_VOICE_FRAMES], at;
        const double *moving = ps_alpha_of(setup, alpha, first, PS_VOICE_FRAMES, &at);

        skip(user, moving, at, count);
        first += count;
    }
}

/* The range of alpha in the whole step. */
static inline void ps_alpha_range(const ps_voice_setup *setup, double *low, double *high)
{
    *low = *high = 0.0;
    if (setup->transition)
        ps_ramp_range(&setup->ramp, low, high);
}

/* The largest magnitude for alpha between low and high. */
static inline double ps_line_largest(ps_line line, double low, double high)
{
    const double a = ps_line_at(line, low), b = ps_line_at(line, high);
    const double x = a < 0.0 ? -a : a, y = b < 0.0 ? -b : b;

    return x > y ? x : y;
}

/* The mean of what is above 0 of a line, over the frames of the step. */
static inline double ps_line_mean_above(ps_line line, const ps_voice_setup *setup)
{
    const uint64_t frames = setup->frames, terms = frames < 65536 ? frames : 65536;
    double low, high, sum = 0.0;

    ps_alpha_range(setup, &low, &high);
    const double a = ps_line_at(line, low), b = ps_line_at(line, high);
    if (line.by == 0.0 || (a <= 0.0 && b <= 0.0))
        return a > 0.0 ? a : 0.0;
    if (a >= 0.0 && b >= 0.0)
        return ps_line_at(line, ps_ramp_mean(&setup->ramp, frames));
    for (uint64_t i = 0; i < terms; i++) {
        const double share = ((double)i + 0.5) / (double)terms;
        double alpha;

        ps_ramp_fill(&setup->ramp, &alpha, (uint64_t)(share * (double)frames), 1);
        const double x = ps_line_at(line, alpha);
        sum += x > 0.0 ? x : 0.0;
    }
    return sum / (double)terms;
}

#endif
