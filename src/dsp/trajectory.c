/* Makes pieces of segments: lengths in frames, periods in cycles, all numbers within bounds. */
#include "dsp/trajectory.h"

#include <math.h>

#define LONGEST_FRAMES 0x1p53

static double clamp(double x, double low, double high)
{
    return x < low ? low : x > high ? high : x;
}

/* Angles and speeds far beyond sense are cut, so that nothing overflows. */
static double within(double x)
{
    return clamp(x, -1e9, 1e9);
}

static void set_motion(ps_trajectory_piece *p, const ps_trajectory_segment *s)
{
    const double period = s->period_s > 0.0 ? s->period_s : s->seconds;
    const double sweep =
        isnan(s->speed_deg_per_s) ? s->extent_deg / fmax(1e-9, s->seconds) : s->speed_deg_per_s;

    p->base_deg = within(s->mode == PS_TRAJECTORY_OSCILLATE ? s->center_deg : s->start_deg);
    p->extent_deg = s->mode == PS_TRAJECTORY_ROTATE ? 0.0 : within(s->extent_deg);
    p->cycles_per_second = clamp(1.0 / period, 0.0, 1e9);
    if (s->mode == PS_TRAJECTORY_ROTATE)
        p->speed_deg_per_s = within(sweep);
    if (s->mode == PS_TRAJECTORY_ROTATING_ARC)
        p->speed_deg_per_s = within(360.0 * s->turns_hz);
}

ps_status ps_trajectory_init(ps_trajectory *trajectory, const ps_trajectory_segment *segments,
                             uint32_t count, double rate_hz, const ps_allocator *allocator)
{
    uint64_t at = 0;

    *trajectory = (ps_trajectory){0};
    if (count == 0)
        return PS_OK;
    trajectory->pieces = ps_alloc(allocator, count, sizeof *trajectory->pieces);
    if (!trajectory->pieces)
        return PS_NO_MEMORY;
    for (uint32_t i = 0; i < count && at < (uint64_t)LONGEST_FRAMES; i++) {
        const ps_trajectory_segment *s = &segments[i];
        const double frames = rint(s->seconds * rate_hz);
        ps_trajectory_piece *p = &trajectory->pieces[trajectory->count];

        if (!(frames >= 1.0))
            continue;
        p->mode = s->mode;
        p->ease_sine = s->ease_sine;
        p->first = at;
        at += (uint64_t)clamp(frames, 1.0, LONGEST_FRAMES);
        p->end = at;
        p->seconds = s->seconds;
        p->seconds_per_frame = s->seconds / frames;
        p->from_m = within(s->from_m);
        p->change_m = within(s->to_m) - p->from_m;
        set_motion(p, s);
        trajectory->count++;
    }
    return PS_OK;
}

void ps_trajectory_free(ps_trajectory *trajectory, const ps_allocator *allocator)
{
    ps_free(allocator, trajectory->pieces);
    *trajectory = (ps_trajectory){0};
}

void ps_trajectory_range(const ps_trajectory *trajectory, double *near_m, double *far_m)
{
    *near_m = *far_m = 1.0;
    for (uint32_t i = 0; i < trajectory->count; i++) {
        const ps_trajectory_piece *p = &trajectory->pieces[i];
        const double low = fmin(p->from_m, p->from_m + p->change_m);
        const double high = fmax(p->from_m, p->from_m + p->change_m);

        *near_m = i == 0 ? low : fmin(*near_m, low);
        *far_m = i == 0 ? high : fmax(*far_m, high);
    }
}
