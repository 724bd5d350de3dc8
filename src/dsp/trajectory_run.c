#include "dsp/trajectory.h"

#include "kernel/math.h"

/* Cycles stay below 2^51, where their fraction is lost. */
static double cycles_at(double seconds, double cycles_per_second)
{
    const double cycles = seconds * cycles_per_second;

    return cycles < 0x1p50 ? cycles : 0x1p50;
}

static double within(double deg)
{
    const double least = deg > -1e12 ? deg : -1e12;

    return least < 1e12 ? least : 1e12;
}

/* Frames of one piece; `from` counts from its start. */
static void fill_piece(const ps_trajectory_piece *p, double *restrict deg, double *restrict m,
                       uint64_t from, uint32_t count)
{
    const double base = (double)from, step = p->seconds_per_frame, slope = p->change_m / p->seconds;
    const double start = p->base_deg, speed = p->speed_deg_per_s, rate = p->cycles_per_second;

    for (uint32_t i = 0; i < count; i++)
        m[i] = p->from_m + slope * ((base + (double)(int32_t)i) * step);
    if (p->mode == PS_TRAJECTORY_OSCILLATE) {
        for (uint32_t i = 0; i < count; i++) {
            const double t = (base + (double)(int32_t)i) * step;

            deg[i] = start + p->extent_deg * ps_sin_cycles(cycles_at(t, rate));
        }
    } else if (p->mode == PS_TRAJECTORY_ROTATING_ARC) {
        for (uint32_t i = 0; i < count; i++) {
            const double t = (base + (double)(int32_t)i) * step;
            const double share = 0.5 * (1.0 - ps_cos_cycles(cycles_at(t, rate)));

            deg[i] = start + speed * t + share * p->extent_deg;
        }
    } else {
        for (uint32_t i = 0; i < count; i++)
            deg[i] = start + speed * ((base + (double)(int32_t)i) * step);
    }
    if (p->ease_sine) {
        /* Every mode begins at its base angle. */
        for (uint32_t i = 0; i < count; i++) {
            const double t = (base + (double)(int32_t)i) * step;
            const double eased = 0.5 - 0.5 * ps_cos_cycles(cycles_at(t, 0.5 / p->seconds));

            deg[i] = start + (deg[i] - start) * eased;
        }
    }
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
        const uint32_t part = p->end - first < count ? (uint32_t)(p->end - first) : count;

        fill_piece(p, deg, m, first - p->first, part);
        deg += part;
        m += part;
        first += part;
        count -= part;
    }
}
