/* Bursts of weighted noise. The noise is drawn as a spectrum, which for white noise is as good as
   drawing samples and saves a transform. */
#include "voice/glitch.h"

#include <math.h>

#include "base/random.h"
#include "dsp/fft.h"
#include "kernel/math.h"
#include "voice/blocks.h"

struct ps_glitch {
    ps_glitch_settings settings;
    const ps_allocator *allocator;
    double rate_hz;
    uint64_t key, frames; /* of the step */
    uint64_t last;        /* burst that might begin in the step */
    size_t length, bins;  /* of a burst in frames, of its spectrum */
    uint32_t slots;       /* bursts that can sound at once: burst k lies in slot k % slots */
    uint64_t *held;       /* which one does; 0: none */
    float *samples;       /* slots * length */
    ps_fft *fft;
    double *weight, *re, *im, *noise, *scratch;
};

/* The frame in which burst k begins. */
static uint64_t first_frame(const ps_glitch *g, uint64_t k)
{
    const double start_sec = (double)k * g->settings.interval_sec - g->settings.burst_sec;

    return start_sec > 0.0 ? (uint64_t)(start_sec * g->rate_hz) : 0;
}

static double weight_at(const ps_glitch_settings *s, double hz)
{
    if (s->width_hz == 0.0)
        return 1.0;
    const double away = fabs((hz - s->center_hz) / s->width_hz);
    return ps_exp2(-0.5 / 0.69314718055994530942 * ps_exp2(s->exponent * ps_log2(away)));
}

/* Memory and plan for bursts of g->length frames. */
static ps_status prepare(ps_glitch *g, ps_error *err)
{
    const size_t size = ps_fft_fast_size(g->length > 2 ? g->length : 2);
    const ps_status status =
        ps_fft_create(&g->fft, PS_FFT_REAL, size, PS_ROW_TEXT, g->allocator, err);

    if (status != PS_OK)
        return status;
    g->bins = size / 2 + 1;
    g->held = ps_alloc(g->allocator, g->slots, sizeof *g->held);
    g->samples = ps_alloc(g->allocator, g->slots * g->length, sizeof *g->samples);
    g->weight = ps_alloc(g->allocator, g->bins, sizeof *g->weight);
    g->re = ps_alloc(g->allocator, g->bins, sizeof *g->re);
    g->im = ps_alloc(g->allocator, g->bins, sizeof *g->im);
    g->noise = ps_alloc(g->allocator, size, sizeof *g->noise);
    g->scratch = ps_alloc(g->allocator, ps_fft_scratch(g->fft) + 1, sizeof *g->scratch);
    if (!g->held || !g->samples || !g->weight || !g->re || !g->im || !g->noise || !g->scratch)
        return ps_fail(err, PS_NO_MEMORY, "no memory for glitches");
    for (size_t m = 0; m < g->bins; m++)
        g->weight[m] = weight_at(&g->settings, (double)m * g->rate_hz / (double)size);
    return PS_OK;
}

ps_status PS_ROW(ps_glitch_create)(ps_glitch **out, const ps_glitch_settings *settings,
                                   const ps_voice_setup *setup, ps_error *err)
{
    const double length = settings->burst_sec * setup->rate_hz;
    /* Bursts that would begin before the step begin with it, while as many others come. */
    const double overlap = 2.0 * settings->burst_sec / settings->interval_sec + 2.0;

    *out = NULL;
    if (!(settings->interval_sec > 0.0 && settings->level > 0.0 && length >= 1.0) ||
        length > (double)setup->frames || settings->interval_sec > setup->duration_sec)
        return PS_OK;
    if (length > (double)PS_GLITCH_FRAMES_MAX)
        return ps_fail(err, PS_UNSUPPORTED, "glitches of %g s are too long", settings->burst_sec);
    if (overlap > PS_GLITCH_OVERLAP_MAX)
        return ps_fail(err, PS_UNSUPPORTED, "more than %u glitches sound at once",
                       PS_GLITCH_OVERLAP_MAX);
    ps_glitch *g = ps_alloc(setup->allocator, 1, sizeof *g);
    if (!g)
        return ps_fail(err, PS_NO_MEMORY, "no memory for glitches");
    g->settings = *settings;
    g->allocator = setup->allocator;
    g->rate_hz = setup->rate_hz;
    g->key = ps_random_key(setup->seed, setup->stream);
    g->frames = setup->frames;
    g->last = (uint64_t)(setup->duration_sec / settings->interval_sec);
    g->length = (size_t)length;
    g->slots = (uint32_t)overlap + 1;
    const ps_status status = prepare(g, err);
    if (status != PS_OK) {
        PS_ROW(ps_glitch_destroy)(g);
        return status;
    }
    *out = g;
    return PS_OK;
}

void PS_ROW(ps_glitch_destroy)(ps_glitch *g)
{
    if (!g)
        return;
    ps_fft_destroy(g->fft);
    ps_free(g->allocator, g->held);
    ps_free(g->allocator, g->samples);
    ps_free(g->allocator, g->weight);
    ps_free(g->allocator, g->re);
    ps_free(g->allocator, g->im);
    ps_free(g->allocator, g->noise);
    ps_free(g->allocator, g->scratch);
    ps_free(g->allocator, g);
}

/* Fills re and im with the spectrum of burst k. */
static void draw_spectrum(ps_glitch *g, uint64_t k)
{
    const uint64_t key = ps_random_key(g->key, k);

    for (size_t m = 0; m < g->bins; m++) {
        /* Two normal numbers by the method of Box and Muller (1958). */
        const double u = 1.0 - ps_fraction(ps_random_bits(key, 2 * m)); /* above 0 */
        const double angle = ps_fraction(ps_random_bits(key, 2 * m + 1));
        const double radius = sqrt(-2.0 * 0.69314718055994530942 * ps_log2(u)) * g->weight[m];

        g->re[m] = radius * ps_cos_cycles(angle);
        g->im[m] = radius * ps_sin_cycles(angle);
    }
    /* The two bins without an imaginary part have all their power in the real one. */
    g->re[0] *= 1.41421356237309504880;
    g->re[g->bins - 1] *= 1.41421356237309504880;
}

/* Makes burst k in its slot. */
static const float *burst(ps_glitch *g, uint64_t k)
{
    const size_t slot = (size_t)(k % g->slots), n = g->length;
    float *samples = g->samples + slot * n;
    double peak = 0.0;

    if (g->held[slot] == k)
        return samples;
    g->held[slot] = k;
    draw_spectrum(g, k);
    ps_fft_real_inverse(g->fft, g->re, g->im, g->noise, g->scratch);
    for (size_t i = 0; i < n; i++)
        peak = fabs(g->noise[i]) > peak ? fabs(g->noise[i]) : peak;
    const double scale = peak < 1e-16 || n < 2 ? 0.0 : g->settings.level / peak / (double)(n - 1);
    for (size_t i = 0; i < n; i++)
        samples[i] = (float)(g->noise[i] * scale * (double)i);
    return samples;
}

/* Adds what of a burst lies in the frames. */
static void add_burst(const float *samples, uint64_t begin, size_t length, float *restrict left,
                      float *restrict right, uint64_t first, uint32_t frames)
{
    const uint64_t from = begin > first ? begin : first, end = begin + length;
    const uint64_t to = end < first + frames ? end : first + frames;

    for (uint64_t f = from; f < to; f++) {
        left[f - first] += samples[f - begin];
        right[f - first] += samples[f - begin];
    }
}

void PS_ROW(ps_glitch_add)(ps_glitch *g, float *left, float *right, uint64_t first, uint32_t frames)
{
    /* The bursts that have not ended before `first` are those from k on, or a few more. */
    const double ended_sec = ((double)first - (double)g->length) / g->rate_hz;
    const double k_real = (ended_sec + g->settings.burst_sec) / g->settings.interval_sec - 2.0;
    uint64_t k = k_real > 1.0 ? (uint64_t)k_real : 1;

    while (k <= g->last && first_frame(g, k) + g->length <= first)
        k++;
    for (; k <= g->last; k++) {
        const uint64_t begin = first_frame(g, k);

        if (begin >= first + frames || begin + g->length > g->frames)
            return;
        add_burst(burst(g, k), begin, g->length, left, right, first, frames);
    }
}

double PS_ROW(ps_glitch_bound)(const ps_glitch *g)
{
    return g->settings.level * (double)g->slots * (1.0 + 1e-5);
}
