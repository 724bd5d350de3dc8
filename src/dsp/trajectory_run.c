#include "dsp/trajectory.h"

#include "kernel/math.h"

#define RUN 256u

/* In a loop of its own, so that those with a sine become vectors. Below 2^51 cycles, where their
   fraction is lost. */
static void fill_cycles(double *restrict cycles, const double *restrict sec, double rate,
                        uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        const double c = sec[i] * rate;

        cycles[i] = c < 0x1p50 ? c : 0x1p50;
    }
}

static double within(double deg)
{
    const double least = deg > -1e12 ? deg : -1e12;

    return least < 1e12 ? least : 1e12;
}

static void fill_oscillation(const ps_trajectory_piece *p, double *restrict deg,
                             const double *restrict sec, uint32_t count)
{
    const double start = p->base_deg, extent = p->extent_deg;
    double cycles[RUN];

    fill_cycles(cycles, sec, p->cycles_per_second, count);
    for (uint32_t i = 0; i < count; i++)
        deg[i] = start + extent * ps_sin_cycles(cycles[i]);
}

static void fill_arc(const ps_trajectory_piece *p, double *restrict deg, const double *restrict sec,
                     uint32_t count)
{
    const double start = p->base_deg, extent = p->extent_deg, speed = p->speed_deg_per_s;
    double cycles[RUN];

    fill_cycles(cycles, sec, p->cycles_per_second, count);
    for (uint32_t i = 0; i < count; i++)
        deg[i] = start + speed * sec[i] + 0.5 * (1.0 - ps_cos_cycles(cycles[i])) * extent;
}

static void fill_rotation(const ps_trajectory_piece *p, double *restrict deg,
                          const double *restrict sec, uint32_t count)
{
    const double start = p->base_deg, speed = p->speed_deg_per_s;

    for (uint32_t i = 0; i < count; i++)
        deg[i] = start + speed * sec[i];
}

/* From the base angle, where every mode begins, slowly at first and slowly at last. */
static void ease(const ps_trajectory_piece *p, double *restrict deg, const double *restrict sec,
                 uint32_t count)
{
    const double start = p->base_deg;
    double cycles[RUN];

    fill_cycles(cycles, sec, 0.5 / p->seconds, count);
    for (uint32_t i = 0; i < count; i++) {
        const double share = 0.5 - 0.5 * ps_cos_cycles(cycles[i]);

        deg[i] = start + (deg[i] - start) * share;
    }
}

/* At most RUN frames of one piece; `from` counts from its start. */
static void fill_piece(const ps_trajectory_piece *p, double *restrict deg, double *restrict m,
                       uint64_t from, uint32_t count)
{
    const double base = (double)from, step = p->seconds_per_frame;
    const double near = p->from_m, slope = p->change_m / p->seconds;
    double sec[RUN];

    for (uint32_t i = 0; i < count; i++) {
        sec[i] = (base + (double)(int32_t)i) * step;
        m[i] = near + slope * sec[i];
    }
    if (p->mode == PS_TRAJECTORY_OSCILLATE)
        fill_oscillation(p, deg, sec, count);
    else if (p->mode == PS_TRAJECTORY_ROTATING_ARC)
        fill_arc(p, deg, sec, count);
    else
        fill_rotation(p, deg, sec, count);
    if (p->ease_sine)
        ease(p, deg, sec, count);
    for (uint32_t i = 0; i < count; i++)
        deg[i] = within(deg[i]);
}

/* The piece that holds a frame, which lies before the end of the last one. */
static uint32_t find_piece(const ps_trajectory *trajectory, uint64_t frame)
{
    uint32_t low = 0, high = trajectory->count - 1;

    while (low < high) {
        const uint32_t middle = low + (high - low) / 2;

        if (frame < trajectory->pieces[middle].end)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

/* What the last frame of all pieces has. */
static void fill_rest(const ps_trajectory *trajectory, double *restrict deg, double *restrict m,
                      uint32_t count)
{
    double last_deg = 0.0, last_m = 1.0;

    if (trajectory->count > 0) {
        const ps_trajectory_piece *p = &trajectory->pieces[trajectory->count - 1];

        fill_piece(p, &last_deg, &last_m, p->end - p->first - 1, 1);
    }
    for (uint32_t i = 0; i < count; i++) {
        deg[i] = last_deg;
        m[i] = last_m;
    }
}

void PS_ROW(ps_trajectory_fill)(const ps_trajectory *trajectory, double *deg, double *m,
                                uint64_t first, uint32_t count)
{
    const uint64_t end = trajectory->count ? trajectory->pieces[trajectory->count - 1].end : 0;

    while (count > 0) {
        if (first >= end) {
            fill_rest(trajectory, deg, m, count);
            return;
        }
        const ps_trajectory_piece *p = &trajectory->pieces[find_piece(trajectory, first)];
        const uint32_t most = count < RUN ? count : RUN;
        const uint32_t part = p->end - first < most ? (uint32_t)(p->end - first) : most;

        fill_piece(p, deg, m, first - p->first, part);
        deg += part;
        m += part;
        first += part;
        count -= part;
    }
}
