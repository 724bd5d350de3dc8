/* Source curves: linear, concave, convex, switch; unipolar or bipolar; either direction. */
#include "synth/curves.h"

#include "kernel/math.h"

#define DIRECTION 0x100u
#define POLARITY  0x200u

void ps_curves_init(ps_curves *curves)
{
    /* 20/96 log10(v^2 / 127^2): SF2 9.5.1; 40/96 log10(2) = 0.12542... */
    const double scale = 40.0 / 96.0 * 0.30102999566398120;

    for (uint32_t i = 0; i < 127; i++) {
        const double value = -scale * ps_log2((127.0 - i) / 127.0);

        curves->concave[i] = value > 1.0 ? 1.0 : value;
    }
    curves->concave[127] = 1.0;
}

static double concave(const ps_curves *curves, double value)
{
    const double at = value <= 0.0 ? 0.0 : value >= 127.0 ? 127.0 : value;
    const uint32_t i = (uint32_t)at;
    const double t = at - (double)i;

    if (i == 127)
        return 1.0;
    return curves->concave[i] + t * (curves->concave[i + 1] - curves->concave[i]);
}

/* value 0..127 (with a fraction for 14-bit sources). */
static double unipolar(const ps_curves *curves, uint32_t type, double value)
{
    switch (type) {
    case 1:
        return concave(curves, value);
    case 2:
        return 1.0 - concave(curves, 127.0 - value);
    case 3:
        return value >= 64.0 ? 1.0 : 0.0;
    default:
        return value / 128.0;
    }
}

static double bipolar(const ps_curves *curves, uint32_t type, double value)
{
    const double linear = value >= 127.0 ? 1.0 : (value - 64.0) / 64.0;
    const double size = linear < 0.0 ? -linear : linear;
    double curved;

    if (type == 0)
        return linear;
    if (type == 3)
        return value >= 64.0 ? 1.0 : -1.0;
    curved = unipolar(curves, type, size * 127.0);
    return linear < 0.0 ? -curved : curved;
}

double ps_curve(const ps_curves *curves, uint16_t source, uint32_t value, uint32_t bits)
{
    const uint32_t type = (uint32_t)source >> 10;
    double at = (double)value;

    if (bits == 14) {
        /* Halves apart, so that both 0 and 16383 are full deflections about 8192. */
        at = value >= 8192 ? 64.0 + (at - 8192.0) * (63.0 / 8191.0) : at / 128.0;
        if (source & POLARITY && type == 0) {
            const double deflection = value >= 8192 ? ((double)value - 8192.0) / 8191.0
                                                    : ((double)value - 8192.0) / 8192.0;

            return source & DIRECTION ? -deflection : deflection;
        }
    }
    if (source & POLARITY) {
        const double forward = bipolar(curves, type, at);

        return source & DIRECTION ? -forward : forward;
    }
    return unipolar(curves, type, source & DIRECTION ? 127.0 - at : at);
}
