/* The power of a colour's spectrum: the squared magnitude of its chain, frequency beside frequency.
 */
#include "dsp/colour_shape.h"
#include "kernel/math.h"

#define TOGETHER 64u

/* sin^2 of half the angle, times 4; tan of half the angle. */
typedef struct places {
    double cosine[TOGETHER], sine[TOGETHER], square[TOGETHER], tangent[TOGETHER];
} places;

static void fill_places(places *p, const double *restrict cycles, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        const double half_sine = ps_sin_cycles(0.5 * cycles[i]);

        p->cosine[i] = ps_cos_cycles(cycles[i]);
        p->sine[i] = ps_sin_cycles(cycles[i]);
        p->square[i] = 4.0 * half_sine * half_sine;
        p->tangent[i] = half_sine / ps_cos_cycles(0.5 * cycles[i]);
    }
}

/* Times |sum of gain / (1 - pole z^-1)|^2. */
static void times_bank(double *restrict power, const places *restrict p, uint32_t count)
{
    double re[TOGETHER] = {0.0}, im[TOGETHER] = {0.0};

    for (uint32_t j = 0; j < PS_COLOUR_BANK; j++) {
        const double pole = ps_colour_bank_pole[j], gain = ps_colour_bank_gain[j];

        for (uint32_t i = 0; i < count; i++) {
            const double bottom_re = 1.0 - pole * p->cosine[i], bottom_im = pole * p->sine[i];
            const double share = gain / (bottom_re * bottom_re + bottom_im * bottom_im);

            re[i] += share * bottom_re;
            im[i] -= share * bottom_im;
        }
    }
    for (uint32_t i = 0; i < count; i++)
        power[i] *= re[i] * re[i] + im[i] * im[i];
}

static void times_first(double *restrict power, const ps_colour_first *s, const places *restrict p,
                        uint32_t count)
{
    const double zero = (1.0 - s->zero) * (1.0 - s->zero);
    const double pole = (1.0 - s->pole) * (1.0 - s->pole);

    for (uint32_t i = 0; i < count; i++)
        power[i] *= (zero + s->zero * p->square[i]) / (pole + s->pole * p->square[i]);
}

static void times_second(double *restrict power, const ps_colour_second *s,
                         const places *restrict p, uint32_t count)
{
    const double g = s->g;

    for (uint32_t i = 0; i < count; i++) {
        const double o = p->tangent[i], even = g * g - o * o, odd = s->k * g * o;
        const double re = s->mix[0] * even + s->mix[2] * g * g;
        const double im = s->mix[0] * odd + s->mix[1] * g * o;

        power[i] *= (re * re + im * im) / (even * even + odd * odd);
    }
}

static void fill(double *restrict power, const ps_colour_shape *shape, const double *cycles,
                 uint32_t count)
{
    const ps_colour_second highpass = ps_colour_highpass(shape);
    places p;

    fill_places(&p, cycles, count);
    for (uint32_t i = 0; i < count; i++)
        power[i] = shape->gain * shape->gain;
    if (shape->bank)
        times_bank(power, &p, count);
    for (uint32_t k = 0; k < shape->first_count; k++)
        times_first(power, &shape->first[k], &p, count);
    for (uint32_t k = 0; k < shape->second_count; k++)
        times_second(power, &shape->second[k], &p, count);
    for (uint32_t twice = 0; twice < 2; twice++)
        times_first(power, &shape->lowpass, &p, count);
    for (uint32_t twice = 0; twice < 2; twice++)
        times_second(power, &highpass, &p, count);
}

void PS_ROW(ps_colour_power)(const ps_colour_shape *shape, const double *cycles, double *power,
                             uint32_t count)
{
    for (uint32_t at = 0; at < count; at += TOGETHER)
        fill(power + at, shape, cycles + at, count - at < TOGETHER ? count - at : TOGETHER);
}
