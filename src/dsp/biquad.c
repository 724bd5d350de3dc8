/*
 * Passes, notches and shelves are those of R. Bristow-Johnson's "Cookbook formulae for audio
 * equalizer biquad filter coefficients", left in terms of s.
 *
 * A peak designed so is squeezed near half the rate, where the bilinear transform puts what an
 * analog filter has at infinity. S. J. Orfanidis ("Digital parametric equalizer design with
 * prescribed Nyquist-frequency gain", J. Audio Eng. Soc. 45, 1997) gives it the analog filter's
 * gain there instead. Of his five conditions (the gains at 0 Hz, at half the rate, at the centre,
 * no slope there, and the width at half the gain in dB) the last is replaced here: the width of a
 * wide band would reach beyond half the rate, so the filter is met where its lower flank has half
 * the gain. With t = tan^2(pi f / rate) the squared magnitude is P(t) / D(t),
 *
 *      P = n2^2 t^2 + p1 t + d0,    D = t^2 + d1 t + d0,    d0 = g^4,
 *
 * and because P - G^2 D has a double zero at the centre t0, it is (n2^2 - G^2) (t - t0)^2. Its
 * value at t = 0 gives d0, the flank's gain gives d1, the coefficient of t gives p1.
 */
#include "dsp/biquad.h"

#include <math.h>

#include "kernel/math.h"

/* tan(pi freq / rate) */
static double tangent(double freq_hz, double rate_hz)
{
    const double highest = PS_BIQUAD_HIGHEST * rate_hz;
    const double cycles = 0.5 * (freq_hz < highest ? freq_hz : highest) / rate_hz;

    return ps_sin_cycles(cycles) / ps_cos_cycles(cycles);
}

/* 10^(db / 20) */
static double linear(double db)
{
    return ps_exp2(db * 0.16609640474436811739);
}

/* The filter that undoes another: numerator and denominator change places, and s is scaled so that
   the new denominator begins and ends with 1. */
static void invert(ps_biquad *filter)
{
    const ps_biquad f = *filter;
    const double scale = sqrt(f.n0 / f.n2);

    filter->g = f.g * scale;
    filter->k = f.n1 * scale / f.n0;
    filter->n2 = scale * scale / f.n0;
    filter->n1 = f.k * scale / f.n0;
    filter->n0 = 1.0 / f.n0;
}

/* gain > 1 */
static void make_boost(ps_biquad *filter, double freq_hz, double gain, double q, double rate_hz)
{
    const double highest = PS_BIQUAD_HIGHEST * rate_hz;
    const double centre_hz = freq_hz < highest ? freq_hz : highest;
    const double flank = sqrt(1.0 + 0.25 / (q * q)) - 0.5 / q; /* as a share of the centre */
    const double centre = tangent(centre_hz, rate_hz), low = tangent(flank * centre_hz, rate_hz);
    const double t0 = centre * centre, t1 = low * low;
    /* The analog filter's squared gain at half the rate is (x + y gain^2) / (x + y). */
    const double ratio = 0.5 * rate_hz / centre_hz;
    const double x = (1.0 - ratio * ratio) * (1.0 - ratio * ratio);
    const double y = ratio * ratio / (gain * q * q);
    const double share = x / (x + y);
    const double n2 = sqrt(gain * gain + share * (1.0 - gain * gain));
    const double root = t0 * sqrt(share); /* g^2 */
    const double at_flank = (1.0 + 1.0 / gain) * share * (t1 - t0) * (t1 - t0);
    const double d1 = (at_flank - t1 * t1 - root * root) / t1;
    const double p1 = gain * gain * d1 + 2.0 * t0 * share * (gain * gain - 1.0);

    filter->g = sqrt(root);
    filter->k = sqrt(d1 / root + 2.0);
    filter->n2 = n2;
    filter->n1 = sqrt(p1 / root + 2.0 * n2);
    filter->n0 = 1.0;
}

static void make_peak(ps_biquad *filter, double freq_hz, double gain, double q, double rate_hz)
{
    if (gain > 1.0) {
        make_boost(filter, freq_hz, gain, q, rate_hz);
    } else if (gain < 1.0) {
        make_boost(filter, freq_hz, 1.0 / gain, q, rate_hz);
        invert(filter);
    } else {
        *filter = (ps_biquad){.g = tangent(freq_hz, rate_hz), .k = 1.0 / q};
        ps_biquad_open(filter);
    }
}

void ps_biquad_make(ps_biquad *filter, ps_biquad_type type, double freq_hz, double gain_db,
                    double q, double rate_hz)
{
    const double root = linear(0.5 * gain_db), k = 1.0 / q;
    ps_biquad f = {.g = tangent(freq_hz, rate_hz), .k = k};

    switch (type) {
    case PS_BIQUAD_LOWSHELF:
        f.g /= sqrt(root);
        f.n2 = 1.0, f.n1 = root * k, f.n0 = root * root;
        break;
    case PS_BIQUAD_HIGHSHELF:
        f.g *= sqrt(root);
        f.n2 = root * root, f.n1 = root * k, f.n0 = 1.0;
        break;
    case PS_BIQUAD_LOWPASS:
        f.n0 = 1.0;
        break;
    case PS_BIQUAD_HIGHPASS:
        f.n2 = 1.0;
        break;
    case PS_BIQUAD_BANDPASS:
        f.n1 = k;
        break;
    case PS_BIQUAD_NOTCH:
        f.n2 = f.n0 = 1.0;
        break;
    case PS_BIQUAD_ALLPASS:
        f.n2 = f.n0 = 1.0, f.n1 = -k;
        break;
    default:
        make_peak(&f, freq_hz, root * root, q, rate_hz);
    }
    *filter = f;
}

void ps_biquad_open(ps_biquad *filter)
{
    filter->n2 = filter->n0 = 1.0;
    filter->n1 = filter->k;
}

bool ps_biquad_is_open(const ps_biquad *filter)
{
    return filter->n2 == 1.0 && filter->n0 == 1.0 && filter->n1 == filter->k;
}

void ps_biquad_response(const ps_biquad *f, double freq_hz, double rate_hz, double *re, double *im)
{
    /* Numerator and denominator times cos^2, which is 0 at half the rate where tan is not. */
    const double sine = ps_sin_cycles(0.5 * freq_hz / rate_hz);
    const double cosine = f->g * ps_cos_cycles(0.5 * freq_hz / rate_hz);
    const double ss = sine * sine, cc = cosine * cosine, sc = sine * cosine;
    const double up_re = f->n0 * cc - f->n2 * ss, up_im = f->n1 * sc;
    const double down_re = cc - ss, down_im = f->k * sc;
    const double scale = 1.0 / (down_re * down_re + down_im * down_im);

    *re = (up_re * down_re + up_im * down_im) * scale;
    *im = (up_im * down_re - up_re * down_im) * scale;
}

/* The slower pole: s = -k/2 -+ sqrt(k^2/4 - 1), and z = (1 + g s) / (1 - g s). */
uint64_t ps_biquad_tail(const ps_biquad *f)
{
    const double g = f->g, k = f->k, down_100_db = 16.609640474436811739; /* octaves */
    double squared; /* of the pole's magnitude */

    if (k <= 2.0) {
        squared = (1.0 + g * g - g * k) / (1.0 + g * g + g * k);
    } else {
        const double root = sqrt(0.25 * k * k - 1.0), slow = 1.0 / (0.5 * k + root);
        const double fast = 0.5 * k + root; /* with g > 1 it rings longer than the slow one */
        const double a = (1.0 - g * slow) / (1.0 + g * slow);
        const double b = (1.0 - g * fast) / (1.0 + g * fast);

        squared = a * a > b * b ? a * a : b * b;
    }
    return (uint64_t)(down_100_db / (-0.5 * ps_log2(squared))) + 2;
}
