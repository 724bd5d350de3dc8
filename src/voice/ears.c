#include "voice/ears.h"

#include <math.h>
#include <string.h>

#include "dsp/fft.h"
#include "kernel/math.h"

#define DIRECTIONS PS_KEMAR_DIRECTIONS
#define SIDE       24.0 /* zero crossings of the interpolating sinc on either side */

struct ps_ears {
    const ps_allocator *allocator;
    double rate_hz;
    uint32_t stretch, taps;
    double most;
    ps_fft_float *fft;
    size_t size, bins;                /* of the transform */
    float *response_re, *response_im; /* of each direction, over the size: for the inverse */
    float *sound_re, *sound_im;       /* of the stretch that was taken */
    float *product_re, *product_im;
    float *samples, *scratch;
};

/* ---- Making them ---- */

/* A band-limited interpolation: the ideal low-pass of both rates, under a Hann window. `across` is
   in taps of the data, `band` the share of their band that is kept. */
static double sinc_at(double across, double band)
{
    const double x = across * band;

    if (x >= SIDE || x <= -SIDE)
        return 0.0;
    if (x > -1e-9 && x < 1e-9)
        return band;
    return band * ps_sin_cycles(0.5 * x) / (3.14159265358979323846 * x) *
           (0.5 + 0.5 * ps_cos_cycles(0.5 * x / SIDE));
}

/* One frame of every direction's impulse response at the rate of the session; they are `taps` apart
   in out. */
static void resample(const ps_ears *ears, uint32_t frame, float *out)
{
    const double step = PS_KEMAR_RATE_HZ / ears->rate_hz;
    const double band = step > 1.0 ? 1.0 / step : 1.0;
    const double at = frame * step, reach = SIDE / band;
    const uint32_t low = at > reach ? (uint32_t)(at - reach) : 0;
    const double high = at + reach < PS_KEMAR_TAPS ? at + reach + 1.0 : PS_KEMAR_TAPS;
    double weights[PS_KEMAR_TAPS];

    for (uint32_t k = low; k < (uint32_t)high; k++)
        weights[k] = sinc_at(at - k, band) * step * (1.0 / 32768.0);
    for (uint32_t direction = 0; direction < DIRECTIONS; direction++) {
        double sum = 0.0;

        for (uint32_t k = low; k < (uint32_t)high; k++)
            sum += weights[k] * ps_kemar_left[direction][k];
        out[(size_t)direction * ears->taps] = (float)sum;
    }
}

static void take_response(ps_ears *ears, uint32_t direction, const float *response)
{
    const float scale = 1.0f / (float)ears->size;
    float *re = ears->response_re + direction * ears->bins;
    float *im = ears->response_im + direction * ears->bins;
    double sum = 0.0;

    for (uint32_t i = 0; i < ears->taps; i++)
        sum += fabs((double)response[i]);
    ears->most = sum > ears->most ? sum : ears->most;
    memset(ears->samples, 0, ears->size * sizeof *ears->samples);
    memcpy(ears->samples, response, ears->taps * sizeof *response);
    ps_fft_real_forward_float(ears->fft, ears->samples, re, im, ears->scratch);
    for (size_t i = 0; i < ears->bins; i++) {
        re[i] *= scale;
        im[i] *= scale;
    }
}

static bool take_responses(ps_ears *ears)
{
    float *responses = ps_alloc(ears->allocator, DIRECTIONS * (size_t)ears->taps, sizeof(float));

    if (!responses)
        return false;
    for (uint32_t frame = 0; frame < ears->taps; frame++)
        resample(ears, frame, responses + frame);
    for (uint32_t direction = 0; direction < DIRECTIONS; direction++)
        take_response(ears, direction, responses + (size_t)direction * ears->taps);
    ps_free(ears->allocator, responses);
    return true;
}

static bool take_memory(ps_ears *ears)
{
    const ps_allocator *allocator = ears->allocator;
    const size_t bins = ears->bins;

    ears->response_re = ps_alloc(allocator, DIRECTIONS * bins, sizeof(float));
    ears->response_im = ps_alloc(allocator, DIRECTIONS * bins, sizeof(float));
    ears->sound_re = ps_alloc(allocator, bins, sizeof(float));
    ears->sound_im = ps_alloc(allocator, bins, sizeof(float));
    ears->product_re = ps_alloc(allocator, bins, sizeof(float));
    ears->product_im = ps_alloc(allocator, bins, sizeof(float));
    ears->samples = ps_alloc(allocator, ears->size, sizeof(float));
    ears->scratch = ps_alloc(allocator, ps_fft_scratch_float(ears->fft) + 1, sizeof(float));
    return ears->response_re && ears->response_im && ears->sound_re && ears->sound_im &&
           ears->product_re && ears->product_im && ears->samples && ears->scratch;
}

ps_status ps_ears_create(ps_ears **out, double rate_hz, uint32_t stretch, const char *kernel_row,
                         const ps_allocator *allocator, ps_error *err)
{
    ps_ears *ears = ps_alloc(allocator, 1, sizeof *ears);

    if (!ears)
        return ps_fail(err, PS_NO_MEMORY, "no memory for ears");
    ears->allocator = allocator;
    ears->rate_hz = rate_hz;
    ears->stretch = stretch;
    ears->taps = (uint32_t)ceil(PS_KEMAR_TAPS * rate_hz / PS_KEMAR_RATE_HZ);
    ears->size = ps_fft_fast_size(ps_ears_frames(ears));
    ears->bins = ears->size / 2 + 1;
    ps_status status =
        ps_fft_create_float(&ears->fft, PS_FFT_REAL, ears->size, kernel_row, allocator, err);
    if (status == PS_OK && (!take_memory(ears) || !take_responses(ears)))
        status = ps_fail(err, PS_NO_MEMORY, "no memory for ears");
    if (status != PS_OK) {
        ps_ears_destroy(ears);
        return status;
    }
    *out = ears;
    return PS_OK;
}

void ps_ears_destroy(ps_ears *ears)
{
    if (!ears)
        return;
    ps_fft_destroy_float(ears->fft);
    ps_free(ears->allocator, ears->response_re);
    ps_free(ears->allocator, ears->response_im);
    ps_free(ears->allocator, ears->sound_re);
    ps_free(ears->allocator, ears->sound_im);
    ps_free(ears->allocator, ears->product_re);
    ps_free(ears->allocator, ears->product_im);
    ps_free(ears->allocator, ears->samples);
    ps_free(ears->allocator, ears->scratch);
    ps_free(ears->allocator, ears);
}

/* ---- Hearing ---- */

uint32_t ps_ears_frames(const ps_ears *ears)
{
    return ears->stretch + ears->taps - 1;
}

void ps_ears_take(ps_ears *ears, const float *sound)
{
    memcpy(ears->samples, sound, ears->stretch * sizeof *sound);
    memset(ears->samples + ears->stretch, 0, (ears->size - ears->stretch) * sizeof *sound);
    ps_fft_real_forward_float(ears->fft, ears->samples, ears->sound_re, ears->sound_im,
                              ears->scratch);
}

void ps_ears_hear(ps_ears *ears, uint32_t direction, float *heard)
{
    const float *restrict a_re = ears->sound_re, *restrict a_im = ears->sound_im;
    const float *restrict b_re = ears->response_re + direction * ears->bins;
    const float *restrict b_im = ears->response_im + direction * ears->bins;
    float *restrict re = ears->product_re, *restrict im = ears->product_im;

    for (size_t i = 0; i < ears->bins; i++) {
        re[i] = a_re[i] * b_re[i] - a_im[i] * b_im[i];
        im[i] = a_re[i] * b_im[i] + a_im[i] * b_re[i];
    }
    ps_fft_real_inverse_float(ears->fft, re, im, ears->samples, ears->scratch);
    memcpy(heard, ears->samples, ps_ears_frames(ears) * sizeof *heard);
}

void ps_ears_response(const ps_ears *ears, uint32_t direction, double hz, double response[2])
{
    const double most = (double)(ears->bins - 2);
    const double at = hz * (double)ears->size / ears->rate_hz;
    const double bin = at < most ? at : most;
    const size_t low = (size_t)bin;
    const double share = bin - (double)low, scale = (double)ears->size;
    const float *re = ears->response_re + direction * ears->bins + low;
    const float *im = ears->response_im + direction * ears->bins + low;

    response[0] = scale * ((double)re[0] + share * ((double)re[1] - (double)re[0]));
    response[1] = scale * ((double)im[0] + share * ((double)im[1] - (double)im[0]));
}

double ps_ears_most(const ps_ears *ears)
{
    return ears->most;
}
