/* Responses of chains, measured by the DFT of what they answer to an impulse, in double. */
#ifndef TESTS_FILTER_SUPPORT_H
#define TESTS_FILTER_SUPPORT_H

#include "effect_support.h"

#include "dsp/biquad.h"

#define FX_POINTS 200u

/* 200 frequencies from 5 Hz to half the rate, evenly in octaves. */
static inline double point_hz(uint32_t i)
{
    return 5.0 * pow(0.5 * FX_RATE_HZ / 5.0, (double)i / (FX_POINTS - 1));
}

static inline void dft_at(const float *x, uint32_t frames, double hz, double *re, double *im)
{
    const double w = 2.0 * 3.14159265358979323846 * hz / FX_RATE_HZ, c = cos(w), s = sin(w);
    double turn_re = 1.0, turn_im = 0.0;

    *re = *im = 0.0;
    for (uint32_t i = 0; i < frames; i++) {
        const double next = turn_re * c - turn_im * s;

        *re += (double)x[i] * turn_re;
        *im -= (double)x[i] * turn_im;
        turn_im = turn_re * s + turn_im * c;
        turn_re = next;
    }
}

/* A chain's answer to 1 on the left and -1/2 on the right, as long as it rings. */
static inline fx_audio answer_of(const char *text)
{
    ps_engine *engine = fx_engine(NULL);
    ps_rack *rack = fx_rack(engine, text);
    fx_audio a = fx_impulse((uint32_t)ps_rack_tail(rack) + 64, 0, -0.5f);

    fx_run(rack, &a, 512);
    for (uint32_t i = 0; i < a.frames; i++)
        assert_true(fabsf(a.right[i] + 0.5f * a.left[i]) < 1e-6f);
    ps_rack_destroy(rack);
    ps_engine_destroy(engine);
    return a;
}

/* Asks whether a chain answers as filters in a row do. Its answer is rounded to float and ends
   100 dB down. */
static inline void answers_as(const char *text, const ps_biquad *filters, uint32_t count)
{
    fx_audio a = answer_of(text);

    for (uint32_t i = 0; i < FX_POINTS; i++) {
        double wanted_re = 1.0, wanted_im = 0.0, re, im;

        for (uint32_t k = 0; k < count; k++) {
            const double before = wanted_re;

            ps_biquad_response(&filters[k], point_hz(i), FX_RATE_HZ, &re, &im);
            wanted_re = before * re - wanted_im * im;
            wanted_im = before * im + wanted_im * re;
        }
        dft_at(a.left, a.frames, point_hz(i), &re, &im);
        const double size = hypot(wanted_re, wanted_im);
        if (!(hypot(re - wanted_re, im - wanted_im) < 2e-5 * fmax(size, 1.0)))
            fail_msg("%s: %g Hz: (%g, %g), not (%g, %g)", text, point_hz(i), re, im, wanted_re,
                     wanted_im);
    }
    fx_free(&a);
}

#endif
