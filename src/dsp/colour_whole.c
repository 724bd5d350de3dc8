/* Coloured noise as whole clips, step by step as the old renderer makes it. */
#include <math.h>
#include <string.h>

#include "base/random.h"
#include "base/untouched.h"
#include "dsp/colour_shape.h"
#include "dsp/fft.h"
#include "dsp/notch_shape.h"
#include "kernel/math.h"

/* b0 + b1 z^-1 + b2 z^-2 over 1 + a1 z^-1 + a2 z^-2 */
typedef struct section {
    double b0, b1, b2, a1, a2;
} section;

/* Of a first- or second-order section of the streaming chain. */
static section section_of_second(const ps_colour_second *s)
{
    const double g = s->g, k = s->k, share = 1.0 / (1.0 + g * (g + k));
    const double a1 = 2.0 * (g * g - 1.0) * share, a2 = (1.0 - g * k + g * g) * share;
    const double band = g * share, low = g * g * share;

    return (section){
        s->mix[0] + s->mix[1] * band + s->mix[2] * low,
        s->mix[0] * a1 + s->mix[2] * 2.0 * low,
        s->mix[0] * a2 - s->mix[1] * band + s->mix[2] * low,
        a1,
        a2,
    };
}

/* ---- Raw noise ---- */

/* f^(-beta / 2) on the spectrum, nothing at 0. */
static ps_status power_law(double *x, size_t frames, double beta, const char *row,
                           const ps_allocator *allocator, ps_error *err)
{
    const size_t bins = frames / 2 + 1;
    double *numbers = NULL;
    ps_fft *fft = NULL;
    ps_status status = ps_fft_create(&fft, PS_FFT_REAL, frames, row, allocator, err);

    if (status != PS_OK)
        return status;
    numbers = ps_alloc_untouched(allocator, 2 * bins + ps_fft_scratch(fft), sizeof *numbers);
    if (!numbers) {
        ps_fft_destroy(fft);
        return ps_fail(err, PS_NO_MEMORY, "no memory for %zu frames of noise", frames);
    }
    double *re = numbers, *im = re + bins, *scratch = im + bins;
    ps_fft_real_forward(fft, x, re, im, scratch);
    re[0] = im[0] = 0.0;
    for (size_t k = 1; k < bins; k++) {
        const double gain = ps_exp2(-0.5 * beta * ps_log2((double)k));

        re[k] *= gain;
        im[k] *= gain;
    }
    ps_fft_real_inverse(fft, re, im, x, scratch);
    ps_free(allocator, numbers);
    ps_fft_destroy(fft);
    return PS_OK;
}

static void pink(double *x, size_t frames)
{
    double b[PS_COLOUR_BANK] = {0.0};

    for (size_t n = 0; n < frames; n++) {
        double sum = 0.0;

        for (uint32_t j = 0; j < PS_COLOUR_BANK; j++) {
            b[j] = ps_colour_bank_pole[j] * b[j] + ps_colour_bank_gain[j] * x[n];
            sum += b[j];
        }
        x[n] = sum;
    }
}

static void brown(double *x, size_t frames)
{
    double sum = 0.0;

    for (size_t n = 0; n < frames; n++)
        x[n] = sum += x[n];
}

/* Forward from rest. */
static void run(double *x, size_t frames, const section *s)
{
    double z0 = 0.0, z1 = 0.0;

    for (size_t n = 0; n < frames; n++) {
        const double y = s->b0 * x[n] + z0;

        z0 = s->b1 * x[n] - s->a1 * y + z1;
        z1 = s->b2 * x[n] - s->a2 * y;
        x[n] = y;
    }
}

static ps_status colour(double *x, size_t frames, const ps_colour_plan *plan, const char *row,
                        ps_error *err)
{
    ps_status status = PS_OK;

    switch (plan->kind) {
    case PS_COLOUR_WHITE:
        break;
    case PS_COLOUR_PINK:
        pink(x, frames);
        break;
    case PS_COLOUR_BROWN:
        brown(x, frames);
        break;
    case PS_COLOUR_DEEP_BROWN:
        return power_law(x, frames, 3.0, row, plan->allocator, err);
    case PS_COLOUR_BLUE:
        return power_law(x, frames, -1.0, row, plan->allocator, err);
    case PS_COLOUR_PURPLE:
        return power_law(x, frames, -2.0, row, plan->allocator, err);
    case PS_COLOUR_GREEN:
        status = power_law(x, frames, 1.0, row, plan->allocator, err);
        for (uint32_t i = 0; i < 4 && status == PS_OK; i++) {
            ps_colour_shape shape;

            ps_colour_shape_make(&shape, plan); /* the band-pass comes first */
            const section s = section_of_second(&shape.second[i]);
            run(x, frames, &s);
        }
        break;
    }
    return status;
}

/* To float, a level that float holds well. */
static void level(float *to, const double *x, size_t frames)
{
    double peak = 0.0;

    for (size_t n = 0; n < frames; n++)
        peak = fabs(x[n]) > peak ? fabs(x[n]) : peak;
    for (size_t n = 0; n < frames; n++)
        to[n] = (float)(peak > 1e-9 ? x[n] / peak : x[n]);
}

ps_status ps_colour_whole(float *samples, uint64_t frames, const ps_colour_plan *plan,
                          const ps_colour_row *row, ps_error *err)
{
    const uint64_t key = ps_random_key(plan->seed, plan->stream);
    const size_t count = (size_t)frames;

    if (frames > PS_FFT_SIZE_MOST)
        return ps_fail(err, PS_BAD_ARGUMENT, "%llu frames of noise are too many to make as a whole",
                       (unsigned long long)frames);
    if (frames == 0)
        return PS_OK;
    double *x = ps_alloc_untouched(plan->allocator, count, sizeof *x);
    if (!x)
        return ps_fail(err, PS_NO_MEMORY, "no memory for %zu frames of noise", count);
    row->normal(samples, key, 0, (uint32_t)frames);
    for (size_t n = 0; n < count; n++)
        x[n] = (double)samples[n];
    const ps_status status = colour(x, count, plan, row->name, err);
    if (status == PS_OK)
        level(samples, x, count);
    ps_free(plan->allocator, x);
    return status;
}

/* ---- What is done to any clip ---- */

/*
 * Forwards and backwards. The signal goes on at both ends turned around its last value, and each
 * pass begins as if its first value had always been there. x: `frames` numbers with room for
 * `extra` in front and behind.
 */
static void zero_phase(double *x, size_t frames, size_t extra, const section *s)
{
    const double steady = (s->b0 + s->b1 + s->b2) / (1.0 + s->a1 + s->a2);
    double *first = x - extra, *last = x + frames - 1 + extra;

    for (size_t i = 1; i <= extra; i++) {
        *(x - i) = 2.0 * x[0] - x[i];
        x[frames - 1 + i] = 2.0 * x[frames - 1] - x[frames - 1 - i];
    }
    for (int way = 0; way < 2; way++) {
        double *at = way == 0 ? first : last;
        double z1 = (s->b2 - s->a2 * steady) * *at;
        double z0 = (s->b1 - s->a1 * steady) * *at + z1;

        for (size_t n = 0; n < frames + 2 * extra; n++, at += way == 0 ? 1 : -1) {
            const double y = s->b0 * *at + z0;

            z0 = s->b1 * *at - s->a1 * y + z1;
            z1 = s->b2 * *at - s->a2 * y;
            *at = y;
        }
    }
}

#define EXTRA_FIRST  6u /* three for every coefficient */
#define EXTRA_SECOND 9u

static void condition(double *x, size_t frames, const ps_colour_plan *plan)
{
    const uint32_t colours = plan->kind == PS_COLOUR_GREEN ? 4 : 0;
    ps_colour_shape shape;

    ps_colour_shape_make(&shape, plan);
    const ps_colour_second second = ps_colour_highpass(&shape);
    const section highpass = section_of_second(&second);
    const double pole = shape.lowpass.pole, share = 0.5 * (1.0 - pole);
    const section lowpass = {share, share, 0.0, -pole, 0.0};
    zero_phase(x, frames, EXTRA_FIRST, &lowpass);
    zero_phase(x, frames, EXTRA_SECOND, &highpass);
    for (uint32_t i = colours; i < shape.second_count; i += 2) { /* each stands there twice */
        const section notch = section_of_second(&shape.second[i]);

        zero_phase(x, frames, EXTRA_SECOND, &notch);
    }
}

ps_status ps_colour_condition(float *samples, uint64_t frames, const ps_colour_plan *plan,
                              double *rms, ps_error *err)
{
    double peak = 0.0, sum = 0.0;

    if (plan->rate_hz <= 2.0 * PS_COLOUR_LOWPASS_HZ)
        return ps_fail(err, PS_UNSUPPORTED, "noise needs a sample rate above %g Hz",
                       2.0 * PS_COLOUR_LOWPASS_HZ);
    if (frames <= EXTRA_SECOND)
        return ps_fail(err, PS_UNSUPPORTED, "noise needs more than %u frames", EXTRA_SECOND);
    if (frames > SIZE_MAX / sizeof(double) - 2 * EXTRA_SECOND)
        return ps_fail(err, PS_NO_MEMORY, "no memory for noise");
    const size_t count = (size_t)frames;
    double *memory = ps_alloc_untouched(plan->allocator, count + 2 * EXTRA_SECOND, sizeof *memory);
    if (!memory)
        return ps_fail(err, PS_NO_MEMORY, "no memory for %zu frames of noise", count);
    double *x = memory + EXTRA_SECOND;
    for (size_t n = 0; n < count; n++)
        x[n] = (double)samples[n];
    condition(x, count, plan);
    for (size_t n = 0; n < count; n++)
        peak = fabs(x[n]) > peak ? fabs(x[n]) : peak;
    const double scale = 0.8 / (peak + 1e-8);
    for (size_t n = 0; n < count; n++) {
        samples[n] = (float)(x[n] * scale);
        sum += (double)samples[n] * (double)samples[n];
    }
    ps_free(plan->allocator, memory);
    *rms = sqrt(sum / (double)count);
    return PS_OK;
}
