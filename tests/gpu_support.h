/* What tests of the GPU share: a device to test on, which may be a processor with PoCL. */
#ifndef TESTS_GPU_SUPPORT_H
#define TESTS_GPU_SUPPORT_H

#include "edge_support.h"

#include <math.h>

#include "plainsong/gpu.h"

/* PoCL and its compiler keep some of what they take, VkFFT forgets a list of devices after an
 * error; that is not ours to find. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
    return "leak:libpocl\nleak:libLLVM\nleak:libclang\nleak:initializeVkFFT\n";
}

/* Skips the test when no OpenCL device can be found on this machine. */
static inline void needs_a_device(void)
{
    const ps_gpu_options options = {.mode = PS_GPU_ON};
    ps_gpu_device_info info;
    bool found = false;
    char state[256];
    ps_gpu *gpu;

    assert_int_equal(ps_gpu_create(&gpu, &options, NULL), PS_OK);
    for (uint32_t i = 0; ps_gpu_device(gpu, i, &info); i++)
        found = found || info.used;
    ps_gpu_state(gpu, state, sizeof state);
    ps_gpu_destroy(gpu);
    if (!found) {
        print_message("%s\n", state);
        skip();
    }
}

/* Keeps what it builds in the test's folder. */
static inline ps_gpu *make_gpu(ps_gpu_options options)
{
    ps_gpu *gpu = NULL;

    if (!options.cache_folder)
        options.cache_folder = ".";
    if (options.mode == PS_GPU_AUTO)
        options.mode = PS_GPU_ON;
    assert_int_equal(ps_gpu_create(&gpu, &options, NULL), PS_OK);
    return gpu;
}

/* -1 .. 1 */
static inline float noise_at(uint32_t seed, uint64_t index)
{
    uint64_t x = (index + 1) * 0x9e3779b97f4a7c15u + (uint64_t)seed * 0xd1342543de82ef95u;

    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
    return (float)(int32_t)(x >> 32) * 0x1p-31f;
}

/* ---- Convolutions ---------------------------------------------------------------------------- */

#define SOUNDS_MOST 17u

/* A job with sound of its own. */
typedef struct sounds {
    ps_convolution job;
    const float *in[SOUNDS_MOST], *response[SOUNDS_MOST];
    float *out[SOUNDS_MOST];
} sounds;

static inline float *make_noise(uint32_t seed, uint64_t frames, uint64_t every, double gain)
{
    float *sound = calloc(frames > 0 ? frames : 1, sizeof *sound);

    assert_non_null(sound);
    for (uint64_t i = 0; i < frames; i += every)
        sound[i] = (float)gain * noise_at(seed, i);
    return sound;
}

/*
 * Noise through noise. Of a long response only some samples are not 0, so that the direct sum stays
 * cheap; its first and its last one are among them.
 */
static inline sounds *make_sounds(uint32_t seed, uint32_t channels, uint32_t responses,
                                  uint64_t in_frames, uint64_t response_frames, uint64_t out_frames)
{
    const uint64_t every = response_frames > 600 ? response_frames / 300 : 1;
    const double energy = (double)(response_frames / every + 1);
    sounds *s = calloc(1, sizeof *s);

    assert_non_null(s);
    assert_true(channels <= SOUNDS_MOST && responses <= SOUNDS_MOST);
    s->job = (ps_convolution){.in = s->in,
                              .out = s->out,
                              .response = s->response,
                              .in_frames = in_frames,
                              .out_frames = out_frames,
                              .response_frames = response_frames,
                              .channels = channels,
                              .responses = responses};
    for (uint32_t c = 0; c < channels; c++) {
        s->in[c] = make_noise(seed + c, in_frames, 1, 1.0);
        s->out[c] = calloc(out_frames + 1, sizeof(float));
        for (uint64_t i = 0; i <= out_frames; i++)
            s->out[c][i] = 99.0f; /* something that is seen when it stays */
    }
    for (uint32_t r = 0; r < responses; r++) {
        float *response = make_noise(seed + 100 + r, response_frames, every, 1.0 / sqrt(energy));

        if (response_frames > 0)
            response[response_frames - 1] = 0.25f;
        s->response[r] = response;
    }
    return s;
}

static inline void free_sounds(sounds *s)
{
    for (uint32_t i = 0; i < SOUNDS_MOST; i++) {
        free((void *)(uintptr_t)s->in[i]);
        free((void *)(uintptr_t)s->response[i]);
        free(s->out[i]);
    }
    free(s);
}

static inline float number(float x)
{
    return isfinite(x) ? x : 0.0f;
}

static inline void add_direct(double *sum, const ps_convolution *job, uint32_t from,
                              uint32_t through)
{
    for (uint64_t j = 0; j < job->response_frames && j < job->out_frames; j++) {
        const double gain = (double)number(job->response[through][j]);
        const uint64_t most = job->out_frames - j;
        const uint64_t end = most < job->in_frames ? most : job->in_frames;

        for (uint64_t i = 0; gain != 0.0 && i < end; i++)
            sum[i + j] += gain * (double)number(job->in[from][i]);
    }
}

/* What a channel is to hold, in double. */
static inline double *direct_sum(const ps_convolution *job, uint32_t channel)
{
    double *sum = calloc(job->out_frames + 1, sizeof *sum);

    assert_non_null(sum);
    if (job->channels == 2 && job->responses == 4) {
        add_direct(sum, job, 0, channel);
        add_direct(sum, job, 1, 2 + channel);
    } else {
        add_direct(sum, job, channel, job->responses == 1 ? 0 : channel);
    }
    return sum;
}

/* The largest difference in the frames that are said to be done, of full scale. */
static inline double worst_of(const ps_convolution *job)
{
    double worst = 0.0;

    for (uint32_t c = 0; c < job->channels; c++) {
        double *exact = direct_sum(job, c), full = 1.0, difference = 0.0;

        for (uint64_t i = 0; i < job->out_frames; i++)
            full = fabs(exact[i]) > full ? fabs(exact[i]) : full;
        for (uint64_t i = 0; i < job->done_frames; i++) {
            const double d = fabs((double)job->out[c][i] - exact[i]);

            difference = d > difference || isnan(d) ? d : difference;
        }
        worst = fmax(worst, difference / full);
        worst = isnan(difference) ? difference : worst;
        if (job->out[c][job->out_frames] != 99.0f)
            worst = 1e9; /* it has written behind its end */
        free(exact);
    }
    return worst;
}

#define AGREE 1e-5

static inline void agrees(const sounds *s)
{
    const double worst = worst_of(&s->job);

    if (!(worst <= AGREE))
        fail_msg("%u channels of %llu through %u responses of %llu: %g off", s->job.channels,
                 (unsigned long long)s->job.in_frames, s->job.responses,
                 (unsigned long long)s->job.response_frames, worst);
}

static inline void is_done(const sounds *s)
{
    assert_int_equal(s->job.done_frames, s->job.out_frames);
    agrees(s);
}

#endif
