/* A pan that moves. */
#include "voice/pan.h"

#define LEAST 1e-8 /* what is smaller everywhere counts as no pan */

void PS_ROW(ps_pan_start)(ps_pan *pan, const ps_pan_settings *s, const ps_voice_setup *setup)
{
    double first, last, largest = 0.0;

    *pan = (ps_pan){.type = s->type, .step_sec = 1.0 / setup->rate_hz};
    pan->lines[PS_PAN_LOW] = (ps_line){s->low[0], s->low[1] - s->low[0]};
    pan->lines[PS_PAN_HIGH] = (ps_line){s->high[0], s->high[1] - s->high[0]};
    pan->lines[PS_PAN_HZ] = ps_line_of(s->freq_hz, 1.0);
    pan->lines[PS_PAN_CYCLES] = ps_line_of(s->phase_rad, PS_TURN);
    ps_alpha_range(setup, &first, &last);
    for (uint32_t i = PS_PAN_LOW; i <= PS_PAN_HZ; i++) {
        const double size = ps_line_largest(pan->lines[i], first, last);

        largest = size > largest ? size : largest;
    }
    pan->active = largest > LEAST;
    pan->sweeps = ps_line_at(pan->lines[PS_PAN_HZ], first) > 0.0 ||
                  ps_line_at(pan->lines[PS_PAN_HZ], last) > 0.0;
}

static double magnitude(double x)
{
    return x < 0.0 ? -x : x;
}

/* Half cycles per frame, of a steady sweep. */
static uint64_t steady_step(const ps_pan *pan, ps_line hz)
{
    return ps_phase64(0.5 * magnitude(hz.from) * pan->step_sec);
}

static void fill_steps(double *restrict step, const ps_pan *pan, const double *alpha,
                       uint32_t count)
{
    ps_line_fill(step, pan->lines[PS_PAN_HZ], alpha, count);
    for (uint32_t i = 0; i < count; i++)
        step[i] = 0.5 * magnitude(step[i]) * pan->step_sec;
}

/* Where in its two cycles the sweep is. */
static void sweep_phases(uint32_t *restrict phase, ps_pan *pan, const ps_line *line,
                         const double *alpha, uint32_t count)
{
    const ps_line cycles = line[PS_PAN_CYCLES];

    if (line[PS_PAN_HZ].by == 0.0) {
        const uint64_t step = steady_step(pan, line[PS_PAN_HZ]);

        ps_steady(phase, pan->sum, step, count);
        pan->sum += count * step;
    } else {
        double step[PS_VOICE_FRAMES];

        fill_steps(step, pan, alpha, count);
        ps_integrate(phase, &pan->sum, step, count, false);
    }
    const uint32_t offset = ps_phase32(0.5 * cycles.from);
    for (uint32_t i = 0; i < count; i++)
        phase[i] += offset;
    if (cycles.by != 0.0)
        for (uint32_t i = 0; i < count; i++)
            phase[i] += ps_phase32(0.5 * cycles.by * alpha[i]);
}

/* position = the sweep between low and high. */
static void sweep(float *restrict position, const uint32_t *restrict phase,
                  const float *restrict low, const float *restrict high, ps_pan_type type,
                  uint32_t count)
{
    if (type == PS_PAN_LINEAR) {
        for (uint32_t i = 0; i < count; i++)
            position[i] =
                0.5f * (high[i] + low[i]) + 0.5f * (high[i] - low[i]) * ps_sine32(phase[i] << 1);
        return;
    }
    const float inward = type == PS_PAN_INWARD ? 1.0f : 0.0f, rise = 1.0f - 2.0f * inward;
    for (uint32_t i = 0; i < count; i++) {
        const float share = (float)(int32_t)(phase[i] & UINT32_C(0x7fffffff)) * 0x1p-31f;

        position[i] = ((int32_t)phase[i] < 0 ? low[i] : high[i]) * (inward + rise * share);
    }
}

/* Turns the ears down; positions are clamped. */
static void turn(float *restrict left, float *restrict right, const float *restrict position,
                 uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        const float p = position[i] > -1.0f ? position[i] : -1.0f;
        const float quarter = ((p < 1.0f ? p : 1.0f) + 1.0f) * 0.125f; /* of a cycle */

        left[i] *= ps_quarter_sine(0.25f - quarter);
        right[i] *= ps_quarter_sine(quarter);
    }
}

void PS_ROW(ps_pan_apply)(ps_pan *pan, float *left, float *right, const double *alpha, double at,
                          uint32_t count)
{
    float low[PS_VOICE_FRAMES], high[PS_VOICE_FRAMES], position[PS_VOICE_FRAMES];
    double limit[PS_VOICE_FRAMES], other[PS_VOICE_FRAMES];
    uint32_t phase[PS_VOICE_FRAMES];
    ps_line held[PS_PAN_LINES];
    const ps_line *line = pan->lines;

    if (!pan->active)
        return;
    if (!alpha) {
        ps_lines_hold(held, pan->lines, PS_PAN_LINES, at);
        line = held;
    }
    ps_line_fill(limit, line[PS_PAN_LOW], alpha, count);
    ps_line_fill(other, line[PS_PAN_HIGH], alpha, count);
    for (uint32_t i = 0; i < count; i++) {
        low[i] = (float)(limit[i] < other[i] ? limit[i] : other[i]);
        high[i] = (float)(limit[i] < other[i] ? other[i] : limit[i]);
    }
    if (pan->sweeps) {
        sweep_phases(phase, pan, line, alpha, count);
        sweep(position, phase, low, high, pan->type, count);
    } else
        for (uint32_t i = 0; i < count; i++)
            position[i] = 0.5f * (low[i] + high[i]);
    turn(left, right, position, count);
}

void PS_ROW(ps_pan_skip)(void *user, const double *alpha, double at, uint64_t frames)
{
    ps_pan *pan = user;
    double step[PS_VOICE_FRAMES];

    if (!pan->sweeps)
        return;
    if (!alpha || pan->lines[PS_PAN_HZ].by == 0.0) {
        const ps_line hz = {ps_line_at(pan->lines[PS_PAN_HZ], alpha ? 0.0 : at), 0.0};

        pan->sum += frames * steady_step(pan, hz);
        return;
    }
    fill_steps(step, pan, alpha, PS_VOICE_FRAMES);
    ps_integrate_only(&pan->sum, step, PS_VOICE_FRAMES);
}
