/* The monaural beat of the specification, for the two voices that are made of it. */
#ifndef TESTS_NAIVE_MONAURAL_H
#define TESTS_NAIVE_MONAURAL_H

#include "naive_voice.h"

/* Static, start and end name of what the voices call differently. */
typedef struct naive_monaural_names {
    const char *lower, *upper; /* start phases in a transition */
    const char *swing_hz[3], *swing[3], *depth[3], *hz[3], *offset[3];
} naive_monaural_names;

static inline double *naive_named(naive *n, const char *const names[3])
{
    return naive_chain(n, names[0], names[1], names[2], 0.0);
}

/* Phase of a tone with increments before each sample, moved to a side by the swing. */
static inline double *naive_tone(naive *n, double phase_rad, const double *hz, double side,
                                 const double *swing_hz, const double *swing)
{
    double *x = naive_array(n);
    long double cycles = 0.0L;

    for (uint64_t i = 0; i < n->frames; i++) {
        const double t = (double)i * n->dt;
        const double move = swing[i] / 2.0 * sin(2.0 * PI * swing_hz[i] * t);

        cycles += (long double)(fmax(hz[i], 0.0) * n->dt);
        x[i] = sin(phase_rad + 2.0 * PI * (double)(cycles - floorl(cycles)) + side * move);
    }
    return x;
}

static inline double *naive_gain(naive *n, const char *name)
{
    char start[64], end[64];

    snprintf(start, sizeof start, "start_%s", name);
    snprintf(end, sizeof end, "end_%s", name);
    return naive_chain(n, name, start, end, 0.5);
}

static inline double naive_start_phase(naive *n, const char *fixed, const char *moving)
{
    const double phase = naive_number(n, fixed, 0.0);

    return n->transition ? naive_number(n, moving, phase) : phase;
}

static inline void naive_monaural(naive *n, const naive_monaural_names *names, double *left,
                                  double *right)
{
    const double *base = naive_chain(n, "baseFreq", "startBaseFreq", "endBaseFreq", 200.0);
    const double *beat = naive_chain(n, "beatFreq", "startBeatFreq", "endBeatFreq", 4.0);
    const double *swing_hz = naive_named(n, names->swing_hz), *swing = naive_named(n, names->swing);
    const double *depth = naive_named(n, names->depth), *hz = naive_named(n, names->hz);
    const double *offset = naive_named(n, names->offset);
    const double *a = naive_gain(n, "amp_lower_L"), *b = naive_gain(n, "amp_upper_L");
    const double *c = naive_gain(n, "amp_lower_R"), *d = naive_gain(n, "amp_upper_R");
    double *below = naive_array(n), *above = naive_array(n);

    for (uint64_t i = 0; i < n->frames; i++) {
        below[i] = base[i] - beat[i] / 2.0;
        above[i] = base[i] + beat[i] / 2.0;
    }
    const double *low = naive_tone(n, naive_start_phase(n, "startPhaseL", names->lower), below,
                                   -1.0, swing_hz, swing);
    const double *high = naive_tone(n, naive_start_phase(n, "startPhaseR", names->upper), above,
                                    1.0, swing_hz, swing);
    for (uint64_t i = 0; i < n->frames; i++) {
        const double t = (double)i * n->dt, D = fmin(fmax(depth[i], 0.0), 2.0);
        const bool on = D != 0.0 && hz[i] != 0.0;
        const double m =
            on ? (1.0 - D / 2.0) + D / 2.0 * sin(2.0 * PI * hz[i] * t + offset[i]) : 1.0;

        left[i] = fmin(fmax((low[i] * a[i] + high[i] * b[i]) * m, -1.0), 1.0);
        right[i] = fmin(fmax((low[i] * c[i] + high[i] * d[i]) * m, -1.0), 1.0);
    }
}

#endif
