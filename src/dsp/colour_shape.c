/*
 * From a colour to its sections.
 *
 * Powers of f that are no multiple of 6 dB are made of poles and zeros in turn, two per section,
 * least squares over 15 Hz .. 0.97 of half the rate at 192 kHz in decibels (largest error 0.03 dB).
 * They are given in O = tan(w / 2), so that one table does for all rates.
 */
#include "dsp/colour_shape.h"

#include <math.h>
#include <string.h>

#include "dsp/notch_shape.h"
#include "kernel/math.h"

#define LEAST_POLE_HZ 6.0 /* what lies lower is behind the high-pass */
#define ROOT_TWO      1.41421356237309504880

const double ps_colour_bank_pole[PS_COLOUR_BANK] = {0.99886, 0.99332, 0.96900,
                                                    0.86650, 0.55000, -0.7616};
const double ps_colour_bank_gain[PS_COLOUR_BANK] = {0.0555179, 0.0750759, 0.1538520,
                                                    0.3104856, 0.5329522, -0.0168980};

/* |H| = f^(-1/2) */
static const double half_order[][2] = {
    {0.00017877196, 0.00043665107}, {0.00088541585, 0.0017184543}, {0.0032952598, 0.0062970761},
    {0.012021435, 0.022943441},     {0.043787747, 0.083578200},    {0.15953973, 0.30419826},
    {0.57402723, 0.97974496},       {3.4134856, 3.8163145},
};

/* |H| = (w / 2) / sin(w / 2): from differences to derivatives */
static const double derivative[][2] = {
    {1.6134153, 1.2058143},
    {5.5150012, 4.8166662},
};

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

bool ps_colour_find(ps_colour_kind *kind, const char *name)
{
    static const struct {
        const char *name;
        ps_colour_kind kind;
    } names[] = {
        {"white", PS_COLOUR_WHITE}, {"pink", PS_COLOUR_PINK},
        {"brown", PS_COLOUR_BROWN}, {"red", PS_COLOUR_BROWN},
        {"blue", PS_COLOUR_BLUE},   {"purple", PS_COLOUR_PURPLE},
        {"green", PS_COLOUR_GREEN}, {"deep brown", PS_COLOUR_DEEP_BROWN},
    };

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const char *a = names[i].name, *b = name;

        while (*a && lower(*b) == *a)
            a++, b++;
        if (*a == '\0' && *b == '\0') {
            *kind = names[i].kind;
            return true;
        }
    }
    return false;
}

static double tangent(double cycles)
{
    return ps_sin_cycles(cycles) / ps_cos_cycles(cycles);
}

static void add_first(ps_colour_shape *shape, double zero, double pole)
{
    shape->first[shape->first_count++] = (ps_colour_first){zero, pole};
}

/* Sections of a table; upside down: its inverse. */
static void add_table(ps_colour_shape *shape, const double table[][2], size_t count,
                      bool upside_down, double rate_hz)
{
    const double least = tangent(0.5 * LEAST_POLE_HZ / rate_hz);

    for (size_t i = 0; i < count; i++) {
        const double pole = (1.0 - table[i][0]) / (1.0 + table[i][0]);
        const double zero = (1.0 - table[i][1]) / (1.0 + table[i][1]);

        if (table[i][0] < least)
            continue;
        add_first(shape, upside_down ? pole : zero, upside_down ? zero : pole);
    }
}

static void add_second(ps_colour_shape *shape, double g, double k, double input, double band,
                       double low)
{
    shape->second[shape->second_count++] = (ps_colour_second){g, k, {input, band, low}};
}

/*
 * Butterworth band-pass from 100 to 1000 Hz with 8 poles. With S = O1 O2, W = O2 - O1, a conjugate
 * pair of the low-pass (damping 2 sin a) becomes
 *
 *      (s^2 + S)^2 + 2 sin a W s (s^2 + S) + W^2 s^2 = (s^2 + k g1 s + g1^2) (s^2 + k g2 s + g2^2)
 *
 * where g1 g2 = S, and u = g1 + g2 solves u^4 - (4 S + W^2) u^2 + 4 sin^2 a W^2 S = 0, k = 2 sin a
 * W / u.
 */
static void add_green_band(ps_colour_shape *shape, double rate_hz)
{
    const double low = tangent(0.5 * 100.0 / rate_hz), high = tangent(0.5 * 1000.0 / rate_hz);
    const double square = low * high, width = high - low, sum = 4.0 * square + width * width;

    for (uint32_t i = 0; i < 2; i++) {
        const double damping = 2.0 * ps_sin_cycles((2.0 * i + 1.0) / 16.0) * width;
        const double u = sqrt(0.5 * (sum + sqrt(sum * sum - 4.0 * damping * damping * square)));
        const double g = 0.5 * (u + sqrt(u * u - 4.0 * square));

        add_second(shape, g, damping / u, 0.0, width / g, 0.0);
        add_second(shape, square / g, damping / u, 0.0, width * g / square, 0.0);
    }
}

static void add_colour(ps_colour_shape *shape, ps_colour_kind kind, double rate_hz)
{
    const size_t halves = sizeof half_order / sizeof half_order[0];
    const size_t derivatives = sizeof derivative / sizeof derivative[0];

    switch (kind) {
    case PS_COLOUR_WHITE:
        break;
    case PS_COLOUR_PINK:
        shape->bank = true;
        break;
    case PS_COLOUR_BROWN: /* a running sum; the high-pass keeps it from running away */
        add_first(shape, 0.0, 1.0);
        break;
    case PS_COLOUR_DEEP_BROWN:
        add_first(shape, 0.0, 1.0);
        add_table(shape, half_order, halves, false, rate_hz);
        add_table(shape, derivative, derivatives, true, rate_hz);
        break;
    case PS_COLOUR_BLUE:
        add_table(shape, half_order, halves, true, rate_hz);
        break;
    case PS_COLOUR_PURPLE:
        add_first(shape, 1.0, 0.0);
        add_table(shape, derivative, derivatives, false, rate_hz);
        break;
    case PS_COLOUR_GREEN:
        add_table(shape, half_order, halves, false, rate_hz);
        add_green_band(shape, rate_hz);
        break;
    }
}

/* What zero-phase filtering does to the spectrum, one filter twice does too. */
static void add_conditioning(ps_colour_shape *shape, const ps_colour_plan *plan)
{
    uint32_t room = PS_COLOUR_STAGES;

    for (uint32_t i = 0; i < plan->notch_count; i++) {
        ps_notch_shape notch;

        if (!ps_notch_shape_of(&notch, &plan->notches[i], plan->rate_hz))
            continue;
        for (uint32_t k = 0; k < 2 * plan->notches[i].cascade && room > 0; k++, room--)
            add_second(shape, notch.centre, notch.width / notch.centre, 1.0,
                       -notch.width / notch.centre, 0.0);
    }
    if (plan->rate_hz > 2.0 * PS_COLOUR_LOWPASS_HZ) {
        const double k = tangent(0.5 * PS_COLOUR_LOWPASS_HZ / plan->rate_hz);

        shape->lowpass = (ps_colour_first){-1.0, (1.0 - k) / (1.0 + k)};
    }
    shape->highpass = tangent(0.5 * PS_COLOUR_HIGHPASS_HZ / plan->rate_hz);
}

ps_colour_second ps_colour_highpass(const ps_colour_shape *shape)
{
    return (ps_colour_second){shape->highpass, ROOT_TWO, {1.0, -ROOT_TWO, -1.0}};
}

void ps_colour_shape_make(ps_colour_shape *shape, const ps_colour_plan *plan)
{
    memset(shape, 0, sizeof *shape);
    add_colour(shape, plan->kind, plan->rate_hz);
    add_conditioning(shape, plan);
    shape->gain = 1.0;
}
