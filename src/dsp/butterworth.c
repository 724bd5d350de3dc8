/*
 * The analog prototype has its poles evenly on the left half of the unit circle, at the angles
 * pi (2k + 5) / 8; s = (1 - z^-1) / (1 + z^-1) takes them to the digital filter, and the tangent
 * takes the cutoff to where the transform puts it.
 */
#include "dsp/butterworth.h"

#include <math.h>
#include <stdbool.h>

#include "kernel/math.h"

/* cos and sin of the prototype's angles pi 5/8 and pi 7/8; the other two poles mirror them. */
static const double prototype[PS_BUTTERWORTH_SECTIONS][2] = {
    {-0.38268343236508977173, 0.92387953251128675613},
    {-0.92387953251128675613, 0.38268343236508977173},
};

/* tan(pi cutoff / rate) */
static double warped(double cutoff_hz, double rate_hz)
{
    const double cycles = 0.5 * cutoff_hz / rate_hz;

    return ps_sin_cycles(cycles) / ps_cos_cycles(cycles);
}

/* Poles of one section; the zeros come later. Returns 1 / a0. */
static double section_poles(ps_section *section, double edge, uint32_t index)
{
    const double damping = -2.0 * prototype[index][0] * edge;
    const double scale = 1.0 / (1.0 + damping + edge * edge);

    section->a1 = 2.0 * (edge * edge - 1.0) * scale;
    section->a2 = (1.0 - damping + edge * edge) * scale;
    return scale;
}

void ps_butterworth_lowpass(ps_butterworth *filter, double cutoff_hz, double rate_hz)
{
    const double edge = warped(cutoff_hz, rate_hz);

    for (uint32_t i = 0; i < PS_BUTTERWORTH_SECTIONS; i++) {
        ps_section *s = &filter->sections[i];

        s->b0 = s->b2 = section_poles(s, edge, i) * edge * edge;
        s->b1 = 2.0 * s->b0;
    }
    filter->steady_gain = 1.0;
}

void ps_butterworth_highpass(ps_butterworth *filter, double cutoff_hz, double rate_hz)
{
    const double edge = warped(cutoff_hz, rate_hz);

    for (uint32_t i = 0; i < PS_BUTTERWORTH_SECTIONS; i++) {
        ps_section *s = &filter->sections[i];

        s->b0 = s->b2 = section_poles(s, edge, i);
        s->b1 = -2.0 * s->b0;
    }
    filter->steady_gain = 0.0;
}

/* ---- Forwards and backwards ---- */

typedef struct number {
    double re, im;
} number;

static number times(number a, number b)
{
    return (number){a.re * b.re - a.im * b.im, a.re * b.im + a.im * b.re};
}

static number over(number a, number b)
{
    const double scale = 1.0 / (b.re * b.re + b.im * b.im);

    return (number){(a.re * b.re + a.im * b.im) * scale, (a.im * b.re - a.re * b.im) * scale};
}

/* (1 + s) / (1 - s) of s = edge * prototype pole. */
static number digital_pole(double edge, uint32_t index)
{
    const double re = edge * prototype[index][0], im = edge * prototype[index][1];

    return over((number){1.0 + re, im}, (number){1.0 - re, -im});
}

/* 1 - a / b, without first making 1 of what nearly cancels. */
static number one_less(number a, number b)
{
    return over((number){b.re - a.re, b.im - a.im}, b);
}

/*
 * The filter is H(z) = g (1 + 1/z)^4 / prod (1 - p_i / z). The share of the pole p in the
 * partial fractions of H(z) H(1/z) is that product at z = p without the factor (1 - p/z).
 */
static number share_of(uint32_t index, const number poles[4], double g, bool with_zeros)
{
    const number one = {1.0, 0.0};
    const number p = poles[index];
    const number inverse = over(one, p);
    number share = one;

    if (with_zeros) {
        const number up = {1.0 + inverse.re, inverse.im}, down = {1.0 + p.re, p.im};
        const number zeros = times(up, down);

        share = times(times(zeros, zeros), times(zeros, zeros));
    }
    for (uint32_t i = 0; i < 4; i++) {
        share = over(share, one_less(poles[i], inverse)); /* 1 - p_i p */
        if (i != index)
            share = over(share, one_less(poles[i], p));
    }
    return (number){share.re * g * g, share.im * g * g};
}

static void two_sided(ps_two_sided *answer, double cutoff_hz, double rate_hz, bool with_zeros)
{
    const double edge = warped(cutoff_hz, rate_hz);
    double gain = 1.0, product = 1.0;
    number poles[4];

    for (uint32_t i = 0; i < PS_BUTTERWORTH_SECTIONS; i++) {
        ps_section section;

        gain *= section_poles(&section, edge, i) * edge * edge;
        product *= section.a2;
        poles[i] = digital_pole(edge, i);
        poles[i + 2] = (number){poles[i].re, -poles[i].im};
    }
    answer->radius = 0.0;
    for (uint32_t i = 0; i < PS_BUTTERWORTH_SECTIONS; i++) {
        const number share = share_of(i, poles, gain, with_zeros);
        const double radius = sqrt(poles[i].re * poles[i].re + poles[i].im * poles[i].im);

        answer->pole[i].re = poles[i].re;
        answer->pole[i].im = poles[i].im;
        answer->share[i].re = share.re;
        answer->share[i].im = share.im;
        answer->radius = radius > answer->radius ? radius : answer->radius;
    }
    /* H(z) at infinity times H(1/z) there; without its zeros, there is nothing. */
    answer->direct = with_zeros ? gain * gain / product : 0.0;
}

void ps_two_sided_lowpass(ps_two_sided *answer, double cutoff_hz, double rate_hz)
{
    two_sided(answer, cutoff_hz, rate_hz, true);
}

void ps_two_sided_poles(ps_two_sided *answer, double cutoff_hz, double rate_hz)
{
    two_sided(answer, cutoff_hz, rate_hz, false);
}

void ps_two_sided_fill(const ps_two_sided *answer, float *out, uint32_t count)
{
    number terms[PS_BUTTERWORTH_SECTIONS];

    for (uint32_t i = 0; i < PS_BUTTERWORTH_SECTIONS; i++)
        terms[i] = (number){2.0 * answer->share[i].re, 2.0 * answer->share[i].im};
    for (uint32_t n = 0; n < count; n++) {
        double sum = n == 0 ? answer->direct : 0.0;

        for (uint32_t i = 0; i < PS_BUTTERWORTH_SECTIONS; i++) {
            sum += terms[i].re;
            terms[i] = times(terms[i], (number){answer->pole[i].re, answer->pole[i].im});
        }
        out[n] = (float)sum;
    }
}
