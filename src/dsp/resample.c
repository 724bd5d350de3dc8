/*
 * Spectral resampling: transform, keep the bins that both lengths have, transform back. As the old
 * renderer's, bin for bin (track assembly 4.1).
 */
#include "dsp/resample.h"

#include <string.h>

#include "base/untouched.h"
#include "dsp/fft.h"

uint64_t ps_resample_frames(uint64_t frames, double from_hz, double to_hz)
{
    const double exact = (double)frames * to_hz / from_hz;

    return exact < 0x1p63 ? (uint64_t)exact : UINT64_C(1) << 63;
}

/* What one conversion holds. */
typedef struct work {
    const ps_allocator *allocator;
    ps_fft *fft;     /* of the length at hand */
    double *samples; /* of the longer side */
    double *re, *im; /* its bins */
    double *scratch;
} work;

static void give_back(work *w)
{
    ps_fft_destroy(w->fft);
    ps_free(w->allocator, w->scratch);
    ps_free(w->allocator, w->samples);
    w->fft = NULL;
    w->scratch = w->samples = NULL;
}

/* The transform of the next length, in place of the last one. */
static ps_status plan(work *w, size_t size, const char *kernel_row, ps_error *err)
{
    ps_fft_destroy(w->fft);
    ps_free(w->allocator, w->scratch);
    w->fft = NULL;
    w->scratch = NULL;
    const ps_status status =
        ps_fft_create(&w->fft, PS_FFT_REAL, size, kernel_row, w->allocator, err);
    if (status != PS_OK)
        return status;
    w->scratch = ps_alloc_untouched(w->allocator, ps_fft_scratch(w->fft), sizeof *w->scratch);
    if (!w->scratch)
        return ps_fail(err, PS_NO_MEMORY, "no memory to resample %zu frames", size);
    return PS_OK;
}

/* Bins from one length to another. A bin at half a rate stands for both its signs. */
static void fit_bins(work *w, size_t from, size_t to)
{
    const size_t shorter = from < to ? from : to;
    const size_t kept = shorter / 2 + 1, wanted = to / 2 + 1;

    if (shorter % 2 == 0 && from != to) {
        const double share = to < from ? 2.0 : 0.5;

        w->re[shorter / 2] *= share;
        w->im[shorter / 2] *= share;
    }
    if (wanted > kept) {
        memset(w->re + kept, 0, (wanted - kept) * sizeof *w->re);
        memset(w->im + kept, 0, (wanted - kept) * sizeof *w->im);
    }
}

static ps_status convert(work *w, float *out, size_t to, const float *in, size_t from,
                         uint32_t stride, const char *kernel_row, ps_error *err)
{
    const double scale = 1.0 / (double)from;
    ps_status status = plan(w, from, kernel_row, err);

    if (status != PS_OK)
        return status;
    for (size_t i = 0; i < from; i++)
        w->samples[i] = (double)in[i * stride];
    ps_fft_real_forward(w->fft, w->samples, w->re, w->im, w->scratch);
    fit_bins(w, from, to);
    status = plan(w, to, kernel_row, err);
    if (status != PS_OK)
        return status;
    ps_fft_real_inverse(w->fft, w->re, w->im, w->samples, w->scratch);
    for (size_t i = 0; i < to; i++)
        out[i] = (float)(w->samples[i] * scale);
    return PS_OK;
}

ps_status ps_resample_whole(float *out, uint64_t out_frames, const float *in, uint64_t in_frames,
                            uint32_t stride, const char *kernel_row, const ps_allocator *allocator,
                            ps_error *err)
{
    const uint64_t longer = in_frames > out_frames ? in_frames : out_frames;
    work w = {.allocator = allocator};

    if (longer > PS_FFT_SIZE_MOST)
        return ps_fail(err, PS_BAD_ARGUMENT, "%llu frames are too many to resample as a whole",
                       (unsigned long long)longer);
    if (in_frames == 0 || out_frames == 0) {
        memset(out, 0, (size_t)out_frames * sizeof *out);
        return PS_OK;
    }
    const size_t bins = (size_t)longer / 2 + 1;
    w.samples = ps_alloc_untouched(allocator, (size_t)longer + 2 * bins, sizeof *w.samples);
    if (!w.samples)
        return ps_fail(err, PS_NO_MEMORY, "no memory to resample %llu frames",
                       (unsigned long long)longer);
    w.re = w.samples + longer;
    w.im = w.re + bins;
    const ps_status status =
        convert(&w, out, (size_t)out_frames, in, (size_t)in_frames, stride, kernel_row, err);
    give_back(&w);
    return status;
}
