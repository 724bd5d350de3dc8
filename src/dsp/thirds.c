/* Third-octave spectra; frames count by their power, so that silence between pieces does not. */
#include "dsp/thirds.h"

#include <math.h>
#include <string.h>

#include "dsp/fft.h"

#define FRAME_SEC 0.18 /* 40 Hz and its neighbours are apart */
#define QUIET     1e-5 /* of the loudest frame's power */
#define PI        3.14159265358979323846

struct ps_thirds {
    const ps_allocator *allocator;
    double rate_hz;
    ps_fft_float *fft;
    uint32_t size;  /* of a frame */
    uint32_t count; /* samples of the next frame that are there */
    float *samples; /* 2 x size */
    float *window, *windowed, *re, *im, *scratch;
    uint32_t edges[PS_THIRDS + 1]; /* first bin of a band, and of the one after */
    double sums[PS_THIRDS];
    double loudest;
    uint64_t frames;
};

double ps_thirds_hz(uint32_t band)
{
    return 1000.0 * exp2(((double)band - 14.0) / 3.0);
}

static void set_edges(ps_thirds *t)
{
    for (uint32_t band = 0; band <= PS_THIRDS; band++) {
        const double hz = fmin(ps_thirds_hz(band) * exp2(-1.0 / 6.0), 0.45 * t->rate_hz);

        t->edges[band] = (uint32_t)ceil(hz / t->rate_hz * t->size);
    }
}

static ps_status take_memory(ps_thirds *t, ps_error *err)
{
    const size_t bins = t->size / 2 + 1;

    t->samples = ps_alloc(t->allocator, 2 * (size_t)t->size, sizeof(float));
    t->window = ps_alloc(t->allocator, t->size, sizeof(float));
    t->windowed = ps_alloc(t->allocator, t->size, sizeof(float));
    t->re = ps_alloc(t->allocator, bins, sizeof(float));
    t->im = ps_alloc(t->allocator, bins, sizeof(float));
    t->scratch = ps_alloc(t->allocator, ps_fft_scratch_float(t->fft) + 1, sizeof(float));
    if (!t->samples || !t->window || !t->windowed || !t->re || !t->im || !t->scratch)
        return ps_fail(err, PS_NO_MEMORY, "no memory for a spectrum");
    for (uint32_t i = 0; i < t->size; i++)
        t->window[i] = (float)(0.5 - 0.5 * cos(2.0 * PI * i / t->size));
    return PS_OK;
}

ps_status ps_thirds_create(ps_thirds **out, double rate_hz, const char *kernel_row,
                           const ps_allocator *allocator, ps_error *err)
{
    ps_thirds *t = ps_alloc(allocator, 1, sizeof *t);
    ps_status status;

    if (!t)
        return ps_fail(err, PS_NO_MEMORY, "no memory for a spectrum");
    t->allocator = allocator;
    t->rate_hz = rate_hz;
    for (t->size = 1024; t->size < FRAME_SEC * rate_hz;)
        t->size *= 2;
    set_edges(t);
    status = ps_fft_create_float(&t->fft, PS_FFT_REAL, t->size, kernel_row, allocator, err);
    if (status == PS_OK)
        status = take_memory(t, err);
    if (status == PS_OK)
        *out = t;
    else
        ps_thirds_destroy(t);
    return status;
}

void ps_thirds_destroy(ps_thirds *t)
{
    if (!t)
        return;
    ps_fft_destroy_float(t->fft);
    ps_free(t->allocator, t->samples);
    ps_free(t->allocator, t->window);
    ps_free(t->allocator, t->windowed);
    ps_free(t->allocator, t->re);
    ps_free(t->allocator, t->im);
    ps_free(t->allocator, t->scratch);
    ps_free(t->allocator, t);
}

/* Adds one channel's frame to the powers of the bands. */
static void add_powers(ps_thirds *t, const float *samples, double powers[PS_THIRDS])
{
    /* A sine of amplitude 1 has 3/8 size^2 / 4 over the bins of its line. */
    const double scale = 0.5 / (0.09375 * (double)t->size * (double)t->size);

    for (uint32_t i = 0; i < t->size; i++)
        t->windowed[i] = samples[i] * t->window[i];
    ps_fft_real_forward_float(t->fft, t->windowed, t->re, t->im, t->scratch);
    for (uint32_t band = 0; band < PS_THIRDS; band++) {
        double sum = 0.0;

        for (uint32_t bin = t->edges[band]; bin < t->edges[band + 1]; bin++)
            sum +=
                (double)t->re[bin] * (double)t->re[bin] + (double)t->im[bin] * (double)t->im[bin];
        powers[band] += sum * scale;
    }
}

static void add_frame(ps_thirds *t)
{
    double powers[PS_THIRDS] = {0.0}, all = 0.0;

    add_powers(t, t->samples, powers);
    add_powers(t, t->samples + t->size, powers);
    for (uint32_t band = 0; band < PS_THIRDS; band++)
        all += powers[band];
    if (!(all > QUIET * t->loudest))
        return;
    t->loudest = fmax(t->loudest, all);
    for (uint32_t band = 0; band < PS_THIRDS; band++)
        t->sums[band] += powers[band];
    t->frames++;
}

void ps_thirds_add(ps_thirds *t, ps_block block)
{
    const uint32_t hop = t->size / 2;

    for (uint32_t done = 0; done < block.frames;) {
        const uint32_t room = t->size - t->count, left = block.frames - done;
        const uint32_t count = left < room ? left : room;

        memcpy(t->samples + t->count, block.left + done, count * sizeof(float));
        memcpy(t->samples + t->size + t->count, block.right + done, count * sizeof(float));
        t->count += count;
        done += count;
        if (t->count < t->size)
            continue;
        add_frame(t);
        for (uint32_t side = 0; side < 2; side++) {
            float *samples = t->samples + side * (size_t)t->size;

            memmove(samples, samples + hop, hop * sizeof(float));
        }
        t->count = hop;
    }
}

void ps_thirds_read(const ps_thirds *t, double power[PS_THIRDS])
{
    for (uint32_t band = 0; band < PS_THIRDS; band++)
        power[band] = t->frames > 0 ? t->sums[band] / (double)t->frames : 0.0;
}
