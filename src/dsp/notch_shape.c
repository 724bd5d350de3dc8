/*
 * A notch at w0 = 2 pi f / fs with quality q:
 *
 *      H(z) = G (1 - 2 cos w0 z^-1 + z^-2) / (1 - 2 G cos w0 z^-1 + (2 G - 1) z^-2)
 *      G = 1 / (1 + tan(w0 / 2 q))
 *
 * In O = tan(w / 2) that is (C^2 - O^2) / ((C^2 - O^2) + i B O) with
 * C = tan(w0 / 2), B = tan(w0 / 2 q) (1 + C^2).
 */
#include "dsp/notch_shape.h"

#include "kernel/math.h"

#define LEAST      1e-9   /* cycles per frame: a float still tells it from 0 */
#define WIDTH_MOST 0.2499 /* cycles per frame, of half the bandwidth: all there is */

static double limited(double x, double low, double high)
{
    return x < low ? low : x > high ? high : x;
}

static double tangent(double cycles)
{
    return ps_sin_cycles(cycles) / ps_cos_cycles(cycles);
}

void ps_notch_window(float window[PS_NOTCH_BLOCK])
{
    for (uint32_t i = 0; i < PS_NOTCH_BLOCK; i++) {
        const uint32_t from_end = PS_NOTCH_BLOCK - 1 - i;
        const uint32_t near = i < from_end ? i : from_end; /* sin^2 stays exact near 0 */
        const double sine = ps_sin_cycles(0.5 * (double)near / (PS_NOTCH_BLOCK - 1));

        window[i] = (float)(sine * sine);
    }
}

bool ps_notch_shape_of(ps_notch_shape *shape, const ps_notch *notch, double rate_hz)
{
    const double cycles = notch->frequency_hz / rate_hz;

    if (!(cycles > 0.0 && cycles < 0.49) || notch->cascade == 0)
        return false;
    /* A quality that is none counts as one that lets nothing through. */
    const double width = notch->q > 0.0 ? 0.5 * cycles / notch->q : WIDTH_MOST;
    shape->centre = tangent(0.5 * limited(cycles, LEAST, 0.5));
    shape->width =
        tangent(limited(width, LEAST, WIDTH_MOST)) * (1.0 + shape->centre * shape->centre);
    return true;
}
