/*
 * Parameters on their way: straight lines over alpha, in whatever unit a loop wants them, held
 * while alpha stands still.
 */
#ifndef PLAINSONG_VOICE_LINES_H
#define PLAINSONG_VOICE_LINES_H

#include "voice/blocks.h"

#define PS_SETTING_LIMIT 1e9 /* larger numbers of a document mean nothing and would overflow */

/* from + by * alpha. */
typedef struct ps_line {
    double from, by;
} ps_line;

static inline double ps_limited(double x, double limit)
{
    return x < -limit ? -limit : x > limit ? limit : x;
}

/* A setting times a unit, from its start to its end. */
static inline ps_line ps_line_of(const ps_setting *setting, double unit)
{
    const double start = ps_limited(setting->start, PS_SETTING_LIMIT);
    const double end = ps_limited(setting->end, PS_SETTING_LIMIT);

    return (ps_line){start * unit, (end - start) * unit};
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
 * alpha of the voice's next run. NULL: it is the same in all frames, *at (0 for a static voice);
 * else `alpha`, which has been filled.
 */
static inline const double *ps_alpha_of(const ps_voice *voice, double *alpha, uint32_t frames,
                                        double *at)
{
    *at = 0.0;
    if (!voice->setup->transition)
        return NULL;
    const bool stands = ps_ramp_fill(&voice->setup->ramp, alpha, voice->frame, frames);
    *at = alpha[0];
    return stands ? NULL : alpha;
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

#endif
